#include "core/lineage/united.hpp"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

namespace stemma::lineage {

std::string_view United::root_of(std::string_view id) const {
    if (empty()) return id;
    const std::uint32_t number = ids_.find(id);
    return number == kNone ? id : ids_.text(known(number).root);
}

std::optional<std::string_view> United::root_of(std::string_view id, Sequence as_of) const {
    if (empty()) return id;
    const std::uint32_t number = ids_.find(id);
    if (number == kNone) return id;
    const Known found = known(number);
    if (found.root != number && found.since >= as_of) return std::nullopt;
    return ids_.text(found.root);
}

std::uint32_t United::number(std::string_view id, bool& fresh) {
    const std::size_t before = ids_.size();
    // The root is there before the name is: a reader that finds the name reads a root.
    roots_.reach(before);
    set(static_cast<std::uint32_t>(before), {static_cast<std::uint32_t>(before), 0});
    const std::uint32_t number = ids_.intern(id);
    fresh = ids_.size() != before;
    return number;
}

United::Effect United::add(const Meeting& meeting, std::uint32_t sequence, bool is_named) {
    bool first_fresh = false;
    bool second_fresh = false;
    const std::uint32_t first = number(meeting.first, first_fresh);
    const std::uint32_t second = number(meeting.second, second_fresh);
    rows_.push_back({first, second, sequence, meeting.apart ? 1U : 0U});
    if (sequence < known_below_) return Effect::none;
    const bool together = known(first).root == known(second).root;
    if (meeting.apart) return together ? Effect::reshaped : Effect::none;
    if (together) return Effect::none;
    if (is_named || !second_fresh) return Effect::reshaped;
    set(second, {known(first).root, sequence});
    return Effect::named;
}

void United::know(const United& all, Sequence as_of) {
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> standing;  // of a pair: the row that brought it together
    for (std::uint32_t i = 0; i < all.rows_.size() && all.rows_[i].sequence < as_of; ++i) {
        const std::pair pair{all.rows_[i].first, all.rows_[i].second};
        if (all.rows_[i].apart != 0)
            standing.erase(pair);
        else
            standing.try_emplace(pair, i);
    }
    std::vector<std::uint32_t> together;
    together.reserve(standing.size());
    for (const auto& [pair, row] : standing) together.push_back(row);
    std::ranges::sort(together);
    bool fresh = false;
    std::map<std::uint32_t, std::vector<std::uint32_t>> members;  // of a root, itself included
    for (const std::uint32_t at : together) {
        const Row row = all.rows_[at];
        const std::uint32_t first = number(all.ids_.text(row.first), fresh);
        const std::uint32_t second = number(all.ids_.text(row.second), fresh);
        const std::uint32_t root = known(first).root;
        const std::uint32_t joining = known(second).root;
        if (root == joining) continue;
        auto& group = members.try_emplace(root, std::vector{root}).first->second;
        auto moving = members.extract(joining);
        const std::vector<std::uint32_t> moved = moving ? std::move(moving.mapped()) : std::vector{joining};
        for (const std::uint32_t id : moved) {
            set(id, {root, row.sequence});
            group.push_back(id);
        }
    }
    known_below_ = as_of;
}

void United::save(SnapshotWriter& out) const {
    out.value(known_below_);
    ids_.save(out);
    out.column(roots_);
    out.column(rows_);
}

void United::load(SnapshotReader& in) {
    in.value(known_below_);
    ids_.load(in);
    in.column(roots_);
    in.column(rows_);
}

}  // namespace stemma::lineage
