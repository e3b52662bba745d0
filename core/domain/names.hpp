// One table of names per enumeration, read in both directions, so that a name is written down once.
#pragma once

#include <fmt/format.h>

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/text.hpp"

namespace stemma {

template <class Enum, std::size_t N>
using NameTable = std::array<std::pair<Enum, std::string_view>, N>;

template <class Enum, std::size_t N>
[[nodiscard]] constexpr std::string_view name_of(const NameTable<Enum, N>& table, Enum value) noexcept {
    for (const auto& [key, name] : table)
        if (key == value) return name;
    return {};
}

/// Errors: Errc::invalid_input "'recieved' is not a known <what>" with the nearest name or all names as hint.
template <class Enum, std::size_t N>
[[nodiscard]] Result<Enum> value_of(const NameTable<Enum, N>& table, std::string_view text, std::string_view what) {
    std::vector<std::string> names;
    for (const auto& [key, name] : table) {
        if (name == text) return key;
        names.emplace_back(name);
    }
    std::string hint = did_you_mean(text, names);
    if (hint.empty()) hint = fmt::format("it may be {}", fmt::join(names, ", "));
    return fail(Errc::invalid_input, fmt::format("'{}' is not a known {}", clip(text), what), {}, std::move(hint));
}

}  // namespace stemma
