// What the audit says of an ERP database that was read, in the words that tests compare.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/engine/audit.hpp"
#include "tests/integration/engine/engine_rig.hpp"

namespace stemma::test {

/// A finding: who, what, how much, where and since when, and the ERP's rows behind it.
struct Told {
    std::string kind;
    std::string item;  ///< its number; of same_number all of them, in the order of the ledger, with blanks between
    std::int64_t micros{0};
    std::string place;  ///< its name
    std::string since;  ///< "2026-03-12": the day
    std::set<std::string> rows;
    std::size_t more_rows{0};
};
std::ostream& operator<<(std::ostream& out, const Told& told);

/// Of a source, asked in pages of `page` findings that look at `nodes` nodes each. Failures are reported.
[[nodiscard]] std::vector<Told> audit_of(EngineRig& rig, const std::string& source, std::size_t page = 1000,
                                         std::size_t nodes = engine::kAuditNodesPage);

/// "kind item" of each.
[[nodiscard]] std::multiset<std::string> names_of(const std::vector<Told>& all);
/// "item" or "item at place" of those of a kind, for kinds that are of places.
[[nodiscard]] std::multiset<std::string> items_of(const std::vector<Told>& all, const std::string& kind, bool with_place = false);
[[nodiscard]] std::map<std::string, std::size_t> counts_of(const std::vector<Told>& all);
/// The findings of `after` that `before` has not.
[[nodiscard]] std::multiset<std::string> added(const std::vector<Told>& before, const std::vector<Told>& after);

}  // namespace stemma::test
