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

/// By ?format, else by Accept: the first type in it that is known; JSON where none is. Errors: Errc::invalid_input.
[[nodiscard]] Result<RowForm> row_form_of(const Request& request);
[[nodiscard]] const char* content_type_of(RowForm form) noexcept;

/// Members of a trace's node. In rows they stand in this order.
enum class RowField : unsigned char { id, label, kind, sku, product, depth, certain, via, documents };

class RowFields {
public:
    /// Of "id,kind"; all but via and documents for an empty text. Errors: Errc::invalid_input with where "?fields".
    [[nodiscard]] static Result<RowFields> read(std::string_view names);
    [[nodiscard]] bool has(RowField field) const noexcept { return (bits_ >> static_cast<unsigned>(field) & 1U) != 0; }
    [[nodiscard]] bool only_id() const noexcept { return bits_ == 1U; }

private:
    unsigned bits_{0};
};

/// Appends rows of a trace, each with its line's end.
class TraceRows {
public:
    TraceRows(RowForm form, RowFields fields) : form_{form}, fields_{fields} {}
    /// The row of names; nothing for NDJSON.
    void begin(std::string& out) const;
    void add(std::string& out, const lineage::View& view, const lineage::Reached& reached) const;

private:
    void add_json(std::string& out, const lineage::View& view, const lineage::Reached& reached) const;
    void add_csv(std::string& out, const lineage::View& view, const lineage::Reached& reached) const;

    RowForm form_;
    RowFields fields_;
};

/// Appends rows of a recall: the affected items, each with its line's end. A row of NDJSON is the item of the JSON answer. CSV has the sums
/// of the item's own unit, and who has it as "name quantity; ...".
class RecallRows {
public:
    RecallRows(RowForm form) : form_{form} {}
    void begin(std::string& out) const;
    void add(std::string& out, LineageText& text, const lineage::AffectedItem& item, const NodeText& node) const;

private:
    RowForm form_;
};

/// The last line of an answer in rows. `complete` is its last member.
void append_end(std::string& out, RowForm form, Sequence as_of, const WalkedNodes& nodes);

}  // namespace stemma::http
