// The rows of a trace that is sent as NDJSON or CSV: which form, which fields, and their text. A row of NDJSON with every field is the
// node of the JSON answer. CSV is RFC 4180 with a row of names in front; its last row, "#end ...", says that the file is whole, since CSV
// has no other place for that and a spreadsheet shows it as a row like any other.
#pragma once

#include <optional>
#include <string>

#include "adapters/http/api_lineage.hpp"
#include "adapters/http/trace_question.hpp"

namespace stemma::http {

enum class RowForm : unsigned char { json, ndjson, csv };  ///< json: one document, no rows

/// By ?format, else by the weights of Accept (RFC 9110, 12.5.1); JSON where nothing that there is is accepted. Errors: Errc::invalid_input.
[[nodiscard]] Result<RowForm> row_form_of(const Request& request);
[[nodiscard]] const char* content_type_of(RowForm form) noexcept;

/// Members of a trace's node or a recall's item. In rows they stand in this order.
enum class RowField : unsigned char { id, label, kind, sku, product, depth, certain, via, documents, end, status, stock };

class RowFields {
public:
    enum class Of : unsigned char { trace, recall };
    /// Of "id,kind". For an empty text: of a trace all but via and documents, of a recall all. Errors: Errc::invalid_input with where
    /// "?fields".
    [[nodiscard]] static Result<RowFields> read(std::string_view names, Of of);
    [[nodiscard]] static RowFields all() noexcept;  ///< of a trace
    [[nodiscard]] bool has(RowField field) const noexcept { return (bits_ >> static_cast<unsigned>(field) & 1U) != 0; }
    [[nodiscard]] bool only_id() const noexcept { return bits_ == 1U; }
    /// They say by what a node was reached.
    [[nodiscard]] bool need_paths() const noexcept { return has(RowField::via) || has(RowField::documents); }
    [[nodiscard]] bool need_stock() const noexcept { return has(RowField::end) || has(RowField::status) || has(RowField::stock); }

private:
    unsigned bits_{0};
};

/// Which nodes have rows.
enum class RowsOf : unsigned char { nodes, items };

/// Appends rows of a trace, each with its line's end; of items alone those of a recall whose fields need no stock.
class TraceRows {
public:
    TraceRows(RowForm form, RowFields fields, RowsOf of = RowsOf::nodes) : form_{form}, fields_{fields}, of_{of} {}
    /// The row of names; nothing for NDJSON.
    void begin(std::string& out) const;
    /// Rows of the nodes from `from` up to `to`: how many.
    std::size_t add(std::string& out, const lineage::View& view, const WalkedNodes& nodes, std::size_t from, std::size_t to) const;

private:
    std::size_t add_ids(std::string& out, const lineage::View& view, const WalkedNodes& nodes, std::size_t from, std::size_t to) const;
    void add_json(std::string& out, const lineage::View& view, const lineage::Reached& reached) const;
    void add_csv(std::string& out, const lineage::View& view, const lineage::Reached& reached) const;

    RowForm form_;
    RowFields fields_;
    RowsOf of_;
};

/// A sum as a cell of CSV: a number, or "too large" where it is none.
[[nodiscard]] std::string sum_text(std::int64_t micros);

/// Appends rows of a recall: the affected items, each with its line's end. A row of NDJSON with every field is the item of the JSON answer.
/// CSV has a row for each unit of measure that any of the item's goods stand in, in the item's own unit first, and one for an item of
/// which nothing stands anywhere; with the stock as sums, and who has it as "name quantity; ...".
class RecallRows {
public:
    RecallRows(RowForm form, RowFields fields) : form_{form}, fields_{fields} {}
    void begin(std::string& out) const;
    /// How many rows that were.
    std::size_t add(std::string& out, LineageText& text, const lineage::AffectedItem& item, const NodeText& node) const;

private:
    void add_json(std::string& out, LineageText& text, const lineage::AffectedItem& item, const NodeText& node) const;
    void add_csv(std::string& out, LineageText& text, const lineage::AffectedItem& item, const NodeText& node,
                 const lineage::UnitStock& stock) const;

    RowForm form_;
    RowFields fields_;
};

/// The cells of one row of CSV.
class Cells {
public:
    explicit Cells(std::string& out) : out_{out} {}
    void text(std::string_view text);
    void number(std::uint64_t value);
    void raw(std::string_view text);  ///< a number, or a word of ours
    void end();                       ///< the line's

private:
    void separate();
    std::string& out_;
    bool first_{true};
};

/// The last line of an answer in rows. `complete` is its last member. `stale`: names of sources, for CSV, which has no first line that
/// could say so; what parts words or cells stands in them as '_'.
void append_end(std::string& out, RowForm form, const Walked& walked, const WalkedNodes& nodes, const std::vector<std::string>& stale);

}  // namespace stemma::http
