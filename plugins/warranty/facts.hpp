// What a warranty is reckoned from: the facts of an item, of what it replaced, and of its parts, in the words of the fact catalogue.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace stemma::warranty {

struct Moment {
    std::int64_t us{0};     ///< UTC
    bool date_only{false};  ///< the day is known, the time of day is not
};

struct Milestone {
    std::string kind;  ///< "sold", "delivered", ...
    Moment at;
    std::string party;
    std::string market;
};

struct Repair {
    Moment started;
    std::optional<Moment> ended;  ///< none: it is not back yet
    std::string case_id;
};

/// "This item replaces that one" or the other way round.
struct Swap {
    bool replaces{false};
    std::string item;
    Moment at;
};

struct Unit {
    std::string item;
    std::vector<Milestone> milestones;
    std::vector<Repair> repairs;
    std::vector<Swap> swaps;
    std::map<std::string, std::string, std::less<>> attributes;
};

struct Component {
    std::string item;
    std::string product;
    std::string sku;
    std::optional<Moment> installed;
    std::string replaced;  ///< the part it took the place of; "" for an original one
};

struct Facts {
    std::string product;
    std::string sku;
    std::string category;
    std::vector<Unit> chain;  ///< never empty: the item, then what it replaces, then what that one replaced
    std::vector<Component> components;
    std::map<std::string, std::string, std::less<>> buyer_kinds;  ///< by party
    std::int64_t open_cases{0};
    bool open_recall{false};
    std::int64_t as_of_us{0};
};

/// Units of a chain of replacements that are asked for, one in each round of facts.
inline constexpr std::size_t kChainMax = 3;

}  // namespace stemma::warranty
