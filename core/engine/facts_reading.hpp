// For the files that answer facts: cells, and dates as sources write them.
#pragma once

#include <optional>
#include <string_view>

#include "core/engine/facts.hpp"

namespace stemma::engine {

/// A date attribute, or none where it is absent or not a date.
[[nodiscard]] std::optional<Instant> date_of(const Attributes& attributes, const char* name);

/// A cell; empty where there is no value.
template <class T>
[[nodiscard]] Value cell(const std::optional<T>& value) {
    return value ? Value{*value} : Value{};
}
[[nodiscard]] inline Value cell(std::string_view text) { return Value{std::in_place_type<std::string>, text}; }

}  // namespace stemma::engine
