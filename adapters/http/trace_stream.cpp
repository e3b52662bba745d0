#include "adapters/http/trace_stream.hpp"

#include <algorithm>

#include "core/base/log.hpp"
#include "core/lineage/containment.hpp"

namespace stemma::http {
namespace {

constexpr std::size_t kRowsAtOnce = 512;  ///< rows between two looks at how full a piece is, and at the cancel flag

/// The frame around the rows: the walk, the first line, the last one, and the count of what became of it.
class LineageSource : public BodySource {
public:
    LineageSource(Api& api, TraceQuestion question, Admitted admitted, RowForm form)
        : api_{api}, question_{std::move(question)}, form_{form}, view_{std::move(admitted.view)}, lease_{std::move(admitted.lease)} {
        if (admitted.found) take(*std::move(admitted.found));
        api_.large_traces.streams_running.fetch_add(1, std::memory_order_relaxed);
    }
    ~LineageSource() override {
        LargeTraces& counts = api_.large_traces;
        counts.streams_running.fetch_sub(1, std::memory_order_relaxed);
        (stage_ == Stage::done ? counts.streams_whole : counts.streams_cut).fetch_add(1, std::memory_order_relaxed);
        if (stage_ != Stage::done) log::info("HTTP_STREAM_LEFT", "an answer in rows was not sent to its end");
    }
    LineageSource(const LineageSource&) = delete;
    LineageSource& operator=(const LineageSource&) = delete;

    Result<bool> next(std::string& piece) final {
        if (stage_ == Stage::begin) {
            begin(piece);
            stage_ = Stage::rows;
            if (!walked_ || nodes_.size() > kWholeNodes) return true;  // who asked sees the first line before a long walk is done
        }
        if (!walked_) take(walk(api_, view_, question_));
        if (auto added = add_rows(piece); !added) return std::unexpected(added.error());
        if (cancelled()) return std::unexpected(not_in_time());
        if (at_ < nodes_.size()) return true;
        append_end(piece, form_, view_.as_of(), nodes_);
        stage_ = Stage::done;
        return false;
    }

    [[nodiscard]] bool is_short() const noexcept { return walked_ && nodes_.size() <= kWholeNodes; }

protected:
    /// Rows from place() on until the piece is full, none is left or the time is over.
    virtual Result<void> add_rows(std::string& piece) = 0;
    virtual void begin_rows(std::string& piece) = 0;

    [[nodiscard]] bool cancelled() const noexcept {
        return nodes_.counts().cancelled || (question_.cancel != nullptr && question_.cancel->load(std::memory_order_relaxed));
    }
    [[nodiscard]] Api& api() const noexcept { return api_; }
    [[nodiscard]] const TraceQuestion& question() const noexcept { return question_; }
    [[nodiscard]] const lineage::View& view() const noexcept { return view_; }
    [[nodiscard]] const WalkedNodes& nodes() const noexcept { return nodes_; }
    [[nodiscard]] std::size_t& place() noexcept { return at_; }

private:
    enum class Stage : unsigned char { begin, rows, done };

    void take(lineage::Trace trace) {
        nodes_ = WalkedNodes{std::move(trace)};
        walked_ = true;
    }

    void begin(std::string& piece) {
        if (form_ == RowForm::csv) return begin_rows(piece);
        json::Writer header;
        header.begin_object();
        header.field("direction", to_string(question_.direction));
        header.number("asOf", view_.as_of());
        write_stale(header, api_.engine);
        header.list("seeds", question_.seeds, [&](const NodeText& seed) {
            header.begin_object();
            write_node(header, seed);
            header.end_object();
        });
        header.end_object();
        piece += header.take();
        piece += '\n';
    }

    Api& api_;
    TraceQuestion question_;
    RowForm form_;
    lineage::View view_;  ///< one for the whole answer: edges are numbered by it
    LargeTraces::Lease lease_;
    WalkedNodes nodes_;
    bool walked_{false};
    std::size_t at_{0};  ///< the next node
    Stage stage_{Stage::begin};
};

class TraceSource : public LineageSource {
public:
    TraceSource(Api& api, TraceQuestion question, Admitted admitted, const TraceRows& rows, RowForm form)
        : LineageSource{api, std::move(question), std::move(admitted), form}, rows_{rows} {}

private:
    void begin_rows(std::string& piece) override { rows_.begin(piece); }

    Result<void> add_rows(std::string& piece) override {
        constexpr std::size_t kRowBytes = 128;  // of most rows
        piece.reserve(std::min(kPieceBytes + kPieceBytes / 4, piece.size() + kRowBytes * (nodes().size() - place() + 2)));
        for (std::size_t& at = place(); at < nodes().size() && piece.size() < kPieceBytes && !cancelled();)
            for (const std::size_t end = std::min(at + kRowsAtOnce, nodes().size()); at < end && piece.size() < kPieceBytes; ++at)
                rows_.add(piece, view(), nodes().at(at));
        return {};
    }

    TraceRows rows_;
};

class RecallSource : public LineageSource {
public:
    RecallSource(Api& api, TraceQuestion question, Admitted admitted, RowForm form)
        : LineageSource{api, std::move(question), std::move(admitted), form}, rows_{form} {}

private:
    void begin_rows(std::string& piece) override { rows_.begin(piece); }

    Result<void> add_rows(std::string& piece) override {
        const auto snapshot = api().engine.read();
        if (!snapshot) return std::unexpected(snapshot.error());
        DisplayNames names{**snapshot, api().engine.index(), api().engine.limits()};
        LineageText text{view(), names, question().cancel};
        while (place() < nodes().size() && piece.size() < kPieceBytes && !cancelled()) {
            copy_some();
            for (std::size_t i = 0; i < items_.size(); ++i) rows_.add(piece, text, items_[i], texts_[i]);
        }
        return {};
    }

    /// The items among the next nodes, and what they are called.
    void copy_some() {
        items_.clear();
        texts_.clear();
        for (const std::size_t end = std::min(place() + kRowsAtOnce / 8, nodes().size()); place() < end; ++place()) {
            const lineage::Reached& reached = nodes().at(place());
            if (view().is_transformation(reached.node)) continue;
            lineage::AffectedItem item{reached.node, reached.depth, reached.certain, true, stock_of(counted_, reached.node)};
            item.end = !is_consumed_entirely(item.stock);
            items_.push_back(std::move(item));
            texts_.push_back(copy_node(view(), reached.node));
        }
    }

    RecallRows rows_;
    lineage::CountedMovements counted_{view()};
    std::vector<lineage::AffectedItem> items_;
    std::vector<NodeText> texts_;
};

/// A short answer as a whole: it takes one hop and one write.
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

}  // namespace

Response stream_trace(Api& api, TraceQuestion question, Admitted admitted, const TraceRows& rows, RowForm form) {
    return answer_with(std::make_unique<TraceSource>(api, std::move(question), std::move(admitted), rows, form), form);
}

Response stream_recall(Api& api, TraceQuestion question, Admitted admitted, RowForm form) {
    return answer_with(std::make_unique<RecallSource>(api, std::move(question), std::move(admitted), form), form);
}

}  // namespace stemma::http
