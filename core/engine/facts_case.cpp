// Facts of cases: those about an item, those that hold it, and what a case knows. Folded from the cases' steps in the ledger; what a field
// or a state means to the host is said in milestones.hpp.
#include "core/engine/facts_reading.hpp"
#include "core/engine/stored.hpp"

namespace stemma::engine {

Result<void> FactReader::item_cases(const Arguments& arguments, FactTable& table) {
    const auto cases = cases_of(arguments.front());
    if (!cases) return std::unexpected(cases.error());
    for (const auto& [name, about] : *cases)
        table.rows.push_back({name, about->workflow, about->state, static_cast<std::int64_t>(about->version), about->opened, about->changed,
                              is_closed(about->state)});
    return {};
}

Result<void> FactReader::case_open(const Arguments& arguments, FactTable& table) {
    if (auto all = item_cases(arguments, table); !all) return all;
    std::erase_if(table.rows, [](const std::vector<Value>& row) { return std::get<bool>(row.back()); });
    return {};
}

Result<void> FactReader::item_holds(const Arguments& arguments, FactTable& table) {
    const auto cases = cases_of(arguments.front());
    if (!cases) return std::unexpected(cases.error());
    for (const auto& [name, about] : *cases)
        if (about->held_since) table.rows.push_back({name, about->workflow, *about->held_since, about->hold_reason, about->hold_stage});
    return {};
}

Result<void> FactReader::case_fields(const Arguments& arguments, FactTable& table) {
    const auto newest = snapshot_.subject_entries(arguments.front(), position_, 1);
    if (!newest) return std::unexpected(newest.error());
    Result<void> read = visit_stored(snapshot_, *newest, [&](Sequence, const Entry& entry) {
        const auto* step = std::get_if<CaseEvent>(&entry.body);
        if (step == nullptr || step->case_id.str() != arguments.front()) return;
        for (const auto& [name, value] : step->fields) table.rows.push_back({name, value});
    });
    return read;
}

}  // namespace stemma::engine
