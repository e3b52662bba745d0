// Reads places, values and conditions of a rule pack. Strict: whatever is not in the vocabulary is an error that names its place.
#pragma once

#include <array>
#include <initializer_list>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plugins/compliance/rule.hpp"
#include "stemma/plugin/json.hpp"

namespace stemma::compliance {

inline constexpr std::size_t kConditionDepthMax = 8;  ///< levels of all, any, none in one condition
inline constexpr std::size_t kSetValuesMax = 10'000;  ///< values of one list or set
inline constexpr std::int64_t kDurationMax = 36'600;  ///< of any period: a hundred years of days
inline constexpr std::int64_t kFactDepthMax = 1'000;  ///< levels or days of the facts that take such an argument

/// What a pack names once and its rules use.
struct PackNames {
    std::map<std::string, std::vector<std::string>, std::less<>> sets;
    std::map<std::string, std::shared_ptr<const Calendar>, std::less<>> calendars;
    std::map<std::string, std::vector<Reference>, std::less<>> fields;
};

/// Throws sdk::BadOption when the object has another key.
void want_keys(const sdk::Json& object, std::span<const std::string_view> allowed);
void want_keys(const sdk::Json& object, std::initializer_list<std::string_view> allowed);

[[nodiscard]] Day read_day(const sdk::Json& json);

/// `{event: COLUMN}`, `{item: COLUMN}` or `{fact: FACT.COLUMN, where: ..., as: ..., of: ..., depth: ...}`; other keys are the caller's to
/// check.
[[nodiscard]] Reference read_place(const sdk::Json& json);
inline constexpr std::array<std::string_view, 7> kPlaceKeys{"event", "item", "fact", "where", "as", "of", "depth"};

/// A place by its name alone, as the examples have it.
[[nodiscard]] Reference event_place(const sdk::Json& json, std::string_view column);
[[nodiscard]] Reference item_place(const sdk::Json& json, std::string_view column);
[[nodiscard]] Reference fact_place(const sdk::Json& json, std::string_view text);

[[nodiscard]] Value read_value(const sdk::Json& json, ValueType type);

[[nodiscard]] Condition read_condition(const sdk::Json& json, const PackNames& names, std::size_t depth = 1);

}  // namespace stemma::compliance
