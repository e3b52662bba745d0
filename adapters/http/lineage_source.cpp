#include "adapters/http/lineage_source.hpp"

#include "core/base/log.hpp"

namespace stemma::http {

LineageSource::LineageSource(Api& api, TraceQuestion question, Admitted admitted, RowForm form)
    : api_{api}, question_{std::move(question)}, form_{form}, view_{std::move(admitted.view)}, lease_{std::move(admitted.lease)} {
    if (admitted.found) take(*std::move(admitted.found));
    api_.large_traces.streams_running.fetch_add(1, std::memory_order_relaxed);
}

LineageSource::~LineageSource() {
    LargeTraces& counts = api_.large_traces;
    counts.streams_running.fetch_sub(1, std::memory_order_relaxed);
    counts.rows.fetch_add(rows_, std::memory_order_relaxed);
    (stage_ == Stage::done ? counts.streams_whole : counts.streams_cut).fetch_add(1, std::memory_order_relaxed);
    if (stage_ == Stage::done) return;
    counts.cancelled.fetch_add(1, std::memory_order_relaxed);
    log::info("HTTP_STREAM_LEFT", "an answer in rows was not sent to its end");
}

void LineageSource::take(WalkedNodes nodes) {
    nodes_ = std::move(nodes);
    walked_ = true;
}

bool LineageSource::cancelled() const noexcept {
    return nodes_.counts().cancelled || (question_.cancel != nullptr && question_.cancel->load(std::memory_order_relaxed));
}

Result<bool> LineageSource::next(std::string& piece) {
    if (stage_ == Stage::begin) {
        begin(piece);
        stage_ = Stage::rows;
        if (!walked_ || nodes_.size() > kWholeNodes) return true;  // who asked sees the first line before a long walk is done
    }
    if (!walked_) take(walk(api_, view_, question_));
    if (auto added = add_rows(piece); !added) return std::unexpected(added.error());
    if (cancelled()) return std::unexpected(not_in_time());
    if (!is_done()) return true;
    append_end(piece, form_, question_.walked, nodes_, form_ == RowForm::csv ? stale_sources(api_.engine) : std::vector<std::string>{});
    stage_ = Stage::done;
    return false;
}

void LineageSource::begin(std::string& piece) {
    if (form_ == RowForm::csv) return begin_rows(piece);
    json::Writer header;
    header.begin_object();
    header.field("direction", to_string(question_.direction));
    write_walked(header, question_.walked);
    write_stale(header, api_.engine);
    write_asked(header, question_);
    header.end_object();
    piece += header.take();
    piece += '\n';
}

Response answer_with(std::unique_ptr<LineageSource> source, RowForm form) {
    Response response{200, content_type_of(form), {}, {}};
    if (!source->is_short()) {
        response.source = std::move(source);
        return response;
    }
    std::string piece;
    for (bool more = true; more;) {
        piece.clear();
        const Result<bool> made = source->next(piece);
        if (!made) return problem(made.error());
        if (response.body.empty())
            response.body.swap(piece);
        else
            response.body += piece;
        more = *made;
    }
    return response;
}

}  // namespace stemma::http
