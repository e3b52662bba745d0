// What a warranty policy says, as it was read from YAML: whom it covers, when it begins, how long it runs, what stops or prolongs it.
// Values only. The same policies and facts give the same answer in any year.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/warranty/calendar.hpp"

namespace stemma::warranty {

enum class Kind : unsigned char {
    statutory,   ///< what the law gives the buyer at least
    commercial,  ///< what the maker or seller promises the buyer
    component,   ///< of a part that is built in
    supplier     ///< what we may claim from whom we bought it
};
[[nodiscard]] std::string_view to_string(Kind kind) noexcept;

/// What a period may begin with; each is a kind of milestone.
enum class Basis : unsigned char { ship, sale, delivery, invoice, installation, registration, first_use, manufacture, receipt };
inline constexpr std::size_t kBases = 9;
[[nodiscard]] std::string_view to_string(Basis basis) noexcept;     ///< as in YAML: "delivery"
[[nodiscard]] std::string_view milestone_of(Basis basis) noexcept;  ///< the fact's word: "delivered"
[[nodiscard]] std::optional<Basis> basis_of(std::string_view name) noexcept;
[[nodiscard]] std::optional<Basis> basis_of_milestone(std::string_view kind) noexcept;

enum class Tolling : unsigned char {
    none,
    full_days,   ///< the day it comes back counts again
    days_begun,  ///< each day on which it was in repair, the first and the last too, does not count
};

enum class Condition : unsigned char { any, only_new, only_used };  ///< used: it was sold, came back and is sold again

/// Empty lists and absent values do not restrict.
struct Applies {
    std::vector<std::string> products;
    std::vector<std::string> skus;
    std::vector<std::string> categories;
    std::vector<std::string> markets;     ///< ISO 3166 alpha-2
    std::vector<std::string> buyers;      ///< values of the buyer's attribute `kind`
    std::vector<std::string> suppliers;   ///< parties that it was received from
    std::vector<std::string> components;  ///< products or SKUs of parts; of Kind::component alone
    Condition condition{Condition::any};
    std::optional<Day> sold_from;  ///< first and last day of the sale (of the receipt for a supplier), both included
    std::optional<Day> sold_to;
};

/// More time, or a time of its own, after something happened.
struct Extension {
    enum class After : unsigned char { repair, milestone, attribute };

    std::string id;
    std::string title;
    std::string citation;
    After after{After::repair};
    Basis milestone{Basis::registration};
    std::string attribute;  ///< of the item; `equals` empty: any value
    std::string equals;
    std::optional<Day> event_from;  ///< the repair's end or the milestone, both days included
    std::optional<Day> event_to;
    std::optional<Day> sold_from;    ///< the sale
    std::optional<int> within_days;  ///< of the start
    Period period;
    bool own_term{false};  ///< true: runs from the event's day by itself; false: is added to the term
    int times_max{1};      ///< how many such events count
};

struct Replacement {
    bool new_term{false};  ///< false: the replacement unit has what was left of the first one's term
    Period at_least;       ///< but not less than this from the replacement on; no time: no minimum
};

struct Cap {
    Basis basis{Basis::manufacture};
    Period period;
};

struct Policy {
    std::string id;
    std::string title;
    std::string citation;
    Kind kind{Kind::commercial};
    Applies applies;
    std::vector<Basis> start;  ///< the first that is known counts
    Period manufacture_grace;  ///< added to the day of manufacture where that is the start
    Period period;
    Calendar calendar;
    Tolling tolling{Tolling::none};
    std::vector<Extension> extensions;
    bool transfer_ends{false};
    bool resale_continues{false};  ///< true: a second sale does not begin a term of its own
    Replacement replacement;
    Period presumption;                  ///< a defect found in it is presumed to have been there at the start; no time: no presumption
    std::optional<Cap> cap;              ///< never longer than this
    bool swapped_part_continues{false};  ///< a part that was swapped: has what was left of the first one's term, not a term of its own
};

}  // namespace stemma::warranty
