#include "tests/integration/audit/audit_rig.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <ostream>

namespace stemma::test {
namespace {

Told told_of(const lineage::View& view, const engine::AuditFinding& finding) {
    const lineage::AuditFault& fault = finding.fault;
    Told told{std::string{to_string(fault.kind)}, std::string{view.label(fault.item)}, fault.amount.micros, {}, {}, {}, fault.more_events};
    for (const lineage::Node other : fault.others) told.item += fmt::format(" {}", view.label(other));
    if (fault.place != lineage::PlaceNo::none) told.place = view.place(fault.place).name;
    if (fault.since != lineage::EventNo::none) told.since = format_date(view.time_of(fault.since));
    const auto add = [&](const std::optional<SourceRow>& row) {
        if (row) told.rows.insert(row->query + ' ' + row->key);
    };
    for (const engine::AuditRow& row : finding.rows) add(row.source);
    for (const engine::AuditRecord& record : finding.records) add(record.source);
    return told;
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Told& told) {
    return out << fmt::format("{} {} {} at '{}' since {}: {}", told.kind, told.item, told.micros, told.place, told.since,
                              fmt::join(told.rows, ", "));
}

std::vector<Told> audit_of(EngineRig& rig, const std::string& source, std::size_t page, std::size_t nodes) {
    std::vector<Told> all;
    const auto snapshot = rig.store().read();
    EXPECT_TRUE(snapshot);
    const lineage::View view = rig.index().view();
    engine::AuditQuestion question;
    question.source = source;
    question.limit = page;
    question.nodes_max = nodes;
    do {
        const auto found = engine::audit(**snapshot, view, question);
        EXPECT_TRUE(found) << found.error().text();
        if (!found) return all;
        EXPECT_LE(found->findings.size(), page);
        for (const engine::AuditFinding& finding : found->findings) all.push_back(told_of(view, finding));
        question.after = found->next;
    } while (question.after != 0);
    return all;
}

std::multiset<std::string> names_of(const std::vector<Told>& all) {
    std::multiset<std::string> names;
    for (const Told& told : all) names.insert(told.kind + ' ' + told.item);
    return names;
}

std::multiset<std::string> items_of(const std::vector<Told>& all, const std::string& kind, bool with_place) {
    std::multiset<std::string> items;
    for (const Told& told : all)
        if (told.kind == kind) items.insert(with_place ? fmt::format("{} at {}", told.item, told.place) : told.item);
    return items;
}

std::map<std::string, std::size_t> counts_of(const std::vector<Told>& all) {
    std::map<std::string, std::size_t> counts;
    for (const Told& told : all) ++counts[told.kind];
    return counts;
}

std::multiset<std::string> added(const std::vector<Told>& before, const std::vector<Told>& after) {
    const std::multiset<std::string> had = names_of(before);
    const std::multiset<std::string> has = names_of(after);
    std::multiset<std::string> more;
    std::ranges::set_difference(has, had, std::inserter(more, more.end()));
    return more;
}

}  // namespace stemma::test
