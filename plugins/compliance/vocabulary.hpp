// What a rule may look at: the columns of an event, of one of its items, and of the facts in core/docs/facts.md, with their types.
// One table; the reader, the words, the examples and the judging go by it.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "plugins/compliance/value.hpp"

namespace stemma::compliance {

struct ColumnForm {
    std::string_view name;
    ValueType type{ValueType::text};
};

/// The column of the event or the item whose value a fact is asked with. `place` may be changed to `from_place`, `party` to `from_party`.
enum class Argument : unsigned char { item, product, place, party };

struct FactForm {
    std::string_view name;
    Argument argument{Argument::item};
    std::string_view key_column;  ///< the fact lists rows of (key column, value); else empty
    std::span<const ColumnForm> columns;
    bool depth{false};  ///< takes a second argument: a number of levels or days
};

inline constexpr std::array<ColumnForm, 11> kEventColumns{{{"event_id", {}},
                                                           {"type", {}},
                                                           {"action", {}},
                                                           {"biz_step", {}},
                                                           {"disposition", {}},
                                                           {"event_time", ValueType::day},
                                                           {"from_place", {}},
                                                           {"place", {}},
                                                           {"from_party", {}},
                                                           {"party", {}},
                                                           {"document", {}}}};
inline constexpr std::size_t kBizStep = 3;
inline constexpr std::size_t kEventTime = 5;
inline constexpr std::size_t kFromPlace = 6;
inline constexpr std::size_t kPlace = 7;
inline constexpr std::size_t kFromParty = 8;
inline constexpr std::size_t kParty = 9;

/// `unit` is the unit of the quantity.
inline constexpr std::array<ColumnForm, 6> kItemColumns{
    {{"item", {}}, {"product", {}}, {"kind", {}}, {"role", {}}, {"quantity", ValueType::amount}, {"unit", {}}}};
inline constexpr std::size_t kItem = 0;
inline constexpr std::size_t kProduct = 1;
inline constexpr std::size_t kQuantity = 4;
inline constexpr std::size_t kUnit = 5;

[[nodiscard]] std::span<const FactForm> fact_forms() noexcept;
/// Nothing when there is no such fact.
[[nodiscard]] const FactForm* fact_form(std::string_view name) noexcept;

/// "item", "product", "place" or "party": the column whose value the fact is asked with.
[[nodiscard]] std::string_view argument_of(std::string_view fact) noexcept;

/// The column that names a row of a fact that lists names and values; empty for the others.
[[nodiscard]] std::string_view key_column_of(std::string_view fact) noexcept;

}  // namespace stemma::compliance
