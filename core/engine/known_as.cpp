#include "core/engine/known_as.hpp"

#include <algorithm>
#include <set>

#include "core/engine/meeting_fold.hpp"

namespace stemma::engine {

Result<std::vector<std::string>> KnownAs::all(const std::string& id) {
    std::vector<std::string> group{id};
    for (const bool products : {true, false}) {
        if (any_) break;
        const auto list = snapshot_.subject(std::string{all_meetings(products)});
        if (!list) return std::unexpected(list.error());
        if (*list || !products) any_ = list->has_value();
    }
    if (!*any_) return group;
    std::set<std::string> joined;  // those that a pair names second
    for (std::size_t at = 0; at < group.size(); ++at) {
        const auto sequences = snapshot_.subject_entries_from(meetings_of(group[at]), 0, as_of_);
        if (!sequences) return std::unexpected(sequences.error());
        if (sequences->empty()) continue;
        const auto rows = snapshot_.entries_at(*sequences);
        if (!rows) return std::unexpected(rows.error());
        FoldedPairs pairs;
        if (auto folded = fold_meetings(*rows, pairs); !folded) return std::unexpected(folded.error());
        for (const auto& [pair, told] : pairs) {
            if (told.state.meeting.apart) continue;
            joined.insert(pair.second);
            for (const std::string* other : {&pair.first, &pair.second})
                if (std::ranges::find(group, *other) == group.end()) group.push_back(*other);
        }
    }
    const auto first = std::ranges::find_if(group, [&](const std::string& one) { return !joined.contains(one); });
    if (first != group.end()) std::rotate(group.begin(), first, first + 1);
    return group;
}

Result<std::string> KnownAs::first(const std::string& id) {
    auto group = all(id);
    if (!group) return std::unexpected(group.error());
    return std::move(group->front());
}

}  // namespace stemma::engine
