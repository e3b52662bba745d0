// The findings of an audit: a table of their counts, then each with the ERP's rows behind it.
#include <fmt/format.h>

#include "core/cli/render.hpp"
#include "core/cli/words.hpp"

namespace stemma::cli {
namespace {

/// "moves 264", what people look up in the ERP's table; "" for what a user recorded.
std::string row_text(const Json& row) {
    const std::string query = text_at(row, "query");
    return query.empty() ? std::string{} : fmt::format("{} {}", query, text_at(row, "key"));
}

std::string rows_table(const Json& finding, const Look& look) {
    Table table{{{"when"}, {"what"}, {"item"}, {"quantity", Align::right}, {"from"}, {"to"}, {"with"}, {"row"}, {"entry", Align::right}}};
    const std::string label = text_at(at(finding, "item"), "label");
    for (const Json& row : list_at(finding, "rows")) {
        const std::string item = text_at(row, "item");
        const std::string movement = text_at(row, "movement");
        table.add({short_time(text_at(row, "time")), movement.empty() ? "packed or unpacked" : words(movement), item == label ? "" : item,
                   quantity_text(row), text_at(row, "from"), text_at(row, "to"), text_at(row, "party"), row_text(row),
                   text_at(row, "sequence")});
    }
    std::string out = table.text(look, 4);
    if (const std::uint64_t more = count_at(finding, "moreRows"); more > 0) out += fmt::format("    and {} more\n", grouped(more));
    return out;
}

/// "RAM-K1 (lots 12)".
std::string labelled(const std::string& label, const Json& records, std::size_t place) {
    const auto list = records.is_array() ? std::span<const Json>{records.as_array()} : std::span<const Json>{};
    const std::string row = place < list.size() ? row_text(list[place]) : std::string{};
    return row.empty() ? label : fmt::format("{} ({})", label, row);
}

std::string finding_text(const Json& finding, const Look& look) {
    const Json& item = at(finding, "item");
    const Json& records = at(finding, "records");
    std::string who = labelled(text_at(item, "label"), records, 0);
    std::size_t place = 0;
    for (const Json& other : list_at(finding, "others")) who += ", " + labelled(text_at(other, "label"), records, ++place);
    if (const std::uint64_t more = count_at(finding, "moreOthers"); more > 0) who += fmt::format(", and {} more", grouped(more));
    const std::string product = product_text(item);
    std::string line = fmt::format("{}{}{}", who, product.empty() ? "" : ", ", product);
    if (const std::string amount = quantity_text(finding); !amount.empty()) line += ": " + amount;
    if (!at(finding, "place").is_null()) line += " at " + name_with_code(finding);
    if (const std::string since = text_at(finding, "since"); !since.empty()) line += ", since " + short_time(since);
    std::string out = "  " + paint(look, Tone::strong, printable(line)) + '\n' + rows_table(finding, look);
    if (const std::string documents = documents_text(finding, "documents", "id", "number"); !documents.empty())
        out += fmt::format("    documents: {}{}\n", printable(documents), more_documents_text(finding));
    return out;
}

}  // namespace

std::string render_audit(const Json& audit, const Look& look) {
    const std::string source = text_at(audit, "source");
    std::string out = heading(look, fmt::format("{}{}, as of ledger position {}: {} among {}", source.empty() ? "Audit" : "Audit of ",
                                                source, text_at(audit, "asOf"), counted(count_at(audit, "count"), "finding"),
                                                counted(count_at(audit, "nodes"), "item and production", "items and productions"))) +
                      stale_text(audit, look);
    if (text_at(audit, "asOf") == "0") return out + "  Nothing had been recorded by then: it is the time of recording that counts.\n";
    Table counts{{{"kind"}, {"count", Align::right}, {"what it means"}}};
    for (const Json& kind : list_at(audit, "byKind"))
        counts.add({words(text_at(kind, "kind")), grouped(count_at(kind, "count")), text_at(kind, "meaning")});
    out += counts.text(look);
    std::size_t shown = 0;
    for (const Json& kind : list_at(audit, "byKind")) {
        const std::string name = text_at(kind, "kind");
        std::string findings;
        for (const Json& finding : list_at(audit, "findings")) {
            if (text_at(finding, "kind") != name) continue;
            findings += finding_text(finding, look);
            ++shown;
        }
        if (!findings.empty())
            out += '\n' + heading(look, words(name)) + fmt::format("  look for: {}\n", text_at(kind, "lookFor")) + findings;
    }
    const std::uint64_t all = count_at(audit, "count");
    if (!at(audit, "findings").is_null() && shown < all)
        out += fmt::format("\n  ... {} not shown, --limit 0 shows all\n", counted(all - shown, "more finding"));
    return out;
}

}  // namespace stemma::cli
