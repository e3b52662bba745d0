// The frame around an answer in rows: its walk, the first line, the last one, and the count of what became of it. Between two pieces the
// numbers of the nodes are held and the one view they came from; no snapshot of the store, for a slow reader may take hours.
#pragma once

#include <memory>

#include "adapters/http/trace_rows.hpp"

namespace stemma::http {

inline constexpr std::size_t kWholeNodes = 1000;  ///< an answer over so many nodes at most is sent in one piece, with its length

class LineageSource : public BodySource {
public:
    LineageSource(Api& api, TraceQuestion question, Admitted admitted, RowForm form);
    ~LineageSource() override;
    LineageSource(const LineageSource&) = delete;
    LineageSource& operator=(const LineageSource&) = delete;

    Result<bool> next(std::string& piece) final;
    [[nodiscard]] bool is_short() const noexcept { return walked_ && nodes_.size() <= kWholeNodes; }

protected:
    /// Rows until the piece is full, none is left or the time is over.
    virtual Result<void> add_rows(std::string& piece) = 0;
    /// Whether add_rows() has added its last one.
    [[nodiscard]] virtual bool is_done() const noexcept = 0;
    /// The row of names of CSV.
    virtual void begin_rows(std::string& piece) = 0;

    [[nodiscard]] bool cancelled() const noexcept;
    [[nodiscard]] Api& api() const noexcept { return api_; }
    [[nodiscard]] const TraceQuestion& question() const noexcept { return question_; }
    [[nodiscard]] const lineage::View& view() const noexcept { return view_; }
    [[nodiscard]] const WalkedNodes& nodes() const noexcept { return nodes_; }
    [[nodiscard]] RowForm form() const noexcept { return form_; }
    void count_rows(std::size_t rows) noexcept { rows_ += rows; }  ///< for the daemon's figures

private:
    enum class Stage : unsigned char { begin, rows, done };
    void take(WalkedNodes nodes);
    void begin(std::string& piece);

    Api& api_;
    TraceQuestion question_;
    RowForm form_;
    lineage::View view_;  ///< one for the whole answer: edges are numbered by it
    LargeTraces::Lease lease_;
    WalkedNodes nodes_;
    bool walked_{false};
    std::size_t rows_{0};
    Stage stage_{Stage::begin};
};

/// A short answer as a whole: it takes one hop and one write.
[[nodiscard]] Response answer_with(std::unique_ptr<LineageSource> source, RowForm form);

}  // namespace stemma::http
