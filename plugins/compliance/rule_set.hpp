// The rules of all packs, compiled for judging: by the business step they are about, each with the part of its `when` that the event
// alone decides. Most events meet few rules, and those few are told apart before an item is looked at.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "plugins/compliance/rule.hpp"

namespace stemma::compliance {

class RuleSet {
public:
    struct Compiled {
        Rule rule;
        Condition guard;  ///< `all` of what looks at the event alone; without parts where there is none
    };

    RuleSet() = default;
    explicit RuleSet(std::vector<Rule> rules);

    [[nodiscard]] const std::vector<Compiled>& all() const noexcept { return rules_; }
    /// Those that can apply to an event of this business step (empty: of none), in the packs' order.
    [[nodiscard]] const std::vector<std::uint32_t>& about(std::string_view biz_step) const;
    [[nodiscard]] const Rule* find(std::string_view id) const noexcept;

private:
    struct Hash : std::hash<std::string_view> {
        using is_transparent = void;
    };
    std::vector<Compiled> rules_;
    std::unordered_map<std::string, std::vector<std::uint32_t>, Hash, std::equal_to<>> by_step_;
    std::vector<std::uint32_t> any_step_;  ///< of a step that no rule names
};

}  // namespace stemma::compliance
