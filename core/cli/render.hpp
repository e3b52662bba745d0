// The larger answers as text for people. Pure: JSON of the API in, text out.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/cli/screen.hpp"
#include "core/cli/table.hpp"
#include "core/cli/view.hpp"

namespace stemma::cli {

/// `limit` lines of each list are shown, all with 0; how many are not is said.
[[nodiscard]] std::string render_recall(const Json& recall, const Look& look, std::uint64_t limit);
[[nodiscard]] std::string render_attribution(const Json& attribution, const Look& look);
[[nodiscard]] std::string render_gaps(const Json& gaps, const Look& look);  ///< a page of them, or their counts
[[nodiscard]] std::string render_amounts(const Json& amounts, const Look& look, std::uint64_t limit);
[[nodiscard]] std::string render_trace(const Json& trace, const Look& look, std::uint64_t limit);
/// The counts of a trace or recall. `seeds`: what was asked about, in the caller's words.
[[nodiscard]] std::string render_trace_count(const Json& counts, const std::string& seeds, const Look& look);
/// The roll-ups of a trace or recall.
/// The counts of an audit, of pages put together, and the findings that are shown: {"byKind", "findings", "count", "nodes", "asOf"}.
[[nodiscard]] std::string render_audit(const Json& audit, const Look& look);
[[nodiscard]] std::string render_roll_up(const Json& answer, const Look& look, std::uint64_t limit);
[[nodiscard]] std::string render_item(const Json& item, const Look& look);
[[nodiscard]] std::string render_assessment(const Json& assessment, const Look& look);
/// The options that a JSON Schema (draft 7) allows, a line each: name, type, default, what it means. Options inside others follow them,
/// "schemes[].name"; one of a map whose names are free is "codes.*".
[[nodiscard]] std::string render_options(const Json& schema, const Look& look);
[[nodiscard]] std::string render_hits(const Json& hits, const Look& look);
/// One ledger entry that holds an event.
[[nodiscard]] std::string render_event(const Json& entry, const Look& look);
/// One ledger entry of any kind.
[[nodiscard]] std::string render_entry(const Json& entry, const Look& look);

// --- pieces that several answers share ------------------------------------------------------------------------------------------------

/// Of a trace: "Forward from S4-L17, as of ledger position 1565: 55 items and 20 productions, itself included".
[[nodiscard]] std::string trace_title(const Json& trace, const std::string& seeds);
[[nodiscard]] std::string seeds_text(const Json& trace);  ///< their labels
/// What a walk was told to leave out: ", certain links only, by time"; "" for one that leaves nothing out.
[[nodiscard]] std::string walked_text(const Json& answer);
/// The line in place of the possible set where it is empty: that nothing is in it, or that it was not asked for.
[[nodiscard]] std::string no_possible_text(const Json& answer);
/// That an answer was cut at a limit; "" when it was not.
[[nodiscard]] std::string cut_text(const Json& trace, const Look& look);
/// The tables of one set of a roll-up or recall, and the line of its counts.
[[nodiscard]] std::string roll_up_text(const Json& roll_up, const Look& look, std::uint64_t limit);
[[nodiscard]] std::string roll_up_counts(const Json& roll_up);

/// A heading on a line of its own.
[[nodiscard]] std::string heading(const Look& look, std::string_view text);
/// Names and values, aligned; a value that is empty is left out.
class Facts {
public:
    Facts& add(std::string name, std::string value, Tone tone = Tone::plain);
    [[nodiscard]] std::string text(const Look& look, std::size_t indent = 2) const { return table_.text(look, indent); }

private:
    Table table_{{Column{""}, Column{""}}};
};

/// Counts the lines of a list up to a limit.
class Cap {
public:
    explicit Cap(std::uint64_t limit) : limit_{limit} {}
    /// Whether one more line is shown.
    [[nodiscard]] bool take() noexcept;
    /// "  ... 12 more lines, --limit 0 shows all"; "" when all were shown.
    [[nodiscard]] std::string note() const;

private:
    std::uint64_t limit_;
    std::uint64_t taken_{0};
    std::uint64_t left_out_{0};
};

/// A check's line: doctor, erp check.
struct Remark {
    std::string level;  ///< "ok", "note", "warning", "error"
    std::string place;
    std::string message;
    std::string hint;
};
[[nodiscard]] std::string render_remarks(const std::vector<Remark>& remarks, const Look& look);

/// "CELL Heat cell", or the one that is there.
[[nodiscard]] std::string sku_and_name(const std::string& sku, const std::string& name);
/// That of a lineage node, {"sku", "product"}, or of a product, {"sku", "name"}.
[[nodiscard]] std::string product_text(const Json& node);
/// Warnings for sources whose state may be behind; "" when there is none.
[[nodiscard]] std::string stale_text(const Json& answer, const Look& look);
/// Where an item's stock is: "Main warehouse 3 pcs, with Alpine Sports 1 pcs".
[[nodiscard]] std::string whereabouts(const Json& stock_owner);
/// The findings and the outcome of a verdict, a line each. `names`: an object of what people call the subjects, by id; null for none.
[[nodiscard]] std::string render_verdict(const Json& verdict, const Look& look, const Json& names = {});
/// Findings of a mass balance under its closing line.
[[nodiscard]] std::string render_balance(const Json& balance, const Look& look, std::size_t indent);

}  // namespace stemma::cli
