#include "adapters/http/trace_stream.hpp"

#include <algorithm>

#include "adapters/http/lineage_source.hpp"
#include "core/lineage/containment.hpp"

namespace stemma::http {
namespace {

constexpr std::size_t kRowsAtOnce = 256;  ///< rows between two looks at how full a piece is, and at the cancel flag

class TraceSource : public LineageSource {
public:
    TraceSource(Api& api, TraceQuestion question, Admitted admitted, const TraceRows& rows, RowForm form)
        : LineageSource{api, std::move(question), std::move(admitted), form}, rows_{rows} {}

private:
    [[nodiscard]] bool is_done() const noexcept override { return at_ >= nodes().size(); }
    void begin_rows(std::string& piece) override { rows_.begin(piece); }

    Result<void> add_rows(std::string& piece) override {
        constexpr std::size_t kRowBytes = 128;  // of most rows
        piece.reserve(std::min(kPieceBytes + kPieceBytes / 4, piece.size() + kRowBytes * (nodes().size() - at_ + 2)));
        std::size_t rows = 0;
        while (at_ < nodes().size() && piece.size() < kPieceBytes && !cancelled()) {
            const std::size_t end = std::min(at_ + kRowsAtOnce, nodes().size());
            rows += rows_.add(piece, view(), nodes(), at_, end);
            at_ = end;
        }
        count_rows(rows);
        return {};
    }

    TraceRows rows_;
    std::size_t at_{0};  ///< the next node
};

class RecallSource : public LineageSource {
public:
    RecallSource(Api& api, TraceQuestion question, Admitted admitted, const RecallRows& rows, RowForm form)
        : LineageSource{api, std::move(question), std::move(admitted), form}, rows_{rows} {}

private:
    [[nodiscard]] bool is_done() const noexcept override { return at_ >= nodes().size(); }
    void begin_rows(std::string& piece) override { rows_.begin(piece); }

    Result<void> add_rows(std::string& piece) override {
        const auto snapshot = api().engine.read();
        if (!snapshot) return std::unexpected(snapshot.error());
        DisplayNames names{**snapshot, api().engine.index(), api().engine.limits()};
        LineageText text{view(), names, question().cancel};
        while (at_ < nodes().size() && piece.size() < kPieceBytes && !cancelled())
            for (const std::size_t end = std::min(at_ + kRowsAtOnce, nodes().size()); at_ < end; ++at_) add_row(piece, text);
        return {};
    }

    void add_row(std::string& piece, LineageText& text) {
        const lineage::Reached reached = nodes().at(at_);
        if (view().is_transformation(reached.node)) return;
        lineage::AffectedItem item{reached.node, reached.depth, reached.certain, true, {}};
        item.stock = stock_of(counted_, reached.node);
        item.end = !is_consumed_entirely(item.stock);
        if (!nodes().times().empty() && nodes().times()[at_] != lineage::kAlways)
            item.stock = stock_since(counted_, std::move(item.stock), nodes().times()[at_]);
        count_rows(rows_.add(piece, text, item, copy_node(view(), reached.node)));
    }

    RecallRows rows_;
    lineage::CountedMovements counted_{view(), question().cancel};
    std::size_t at_{0};  ///< the next node
};

}  // namespace

Response stream_trace(Api& api, TraceQuestion question, Admitted admitted, const TraceRows& rows, RowForm form) {
    return answer_with(std::make_unique<TraceSource>(api, std::move(question), std::move(admitted), rows, form), form);
}

Response stream_recall(Api& api, TraceQuestion question, Admitted admitted, RowFields fields, RowForm form) {
    if (!fields.need_stock()) return stream_trace(api, std::move(question), std::move(admitted), {form, fields, RowsOf::items}, form);
    return answer_with(std::make_unique<RecallSource>(api, std::move(question), std::move(admitted), RecallRows{form, fields}, form), form);
}

}  // namespace stemma::http
