// Reading the API's JSON without a shape of our own: what is absent is empty, since the API leaves empty things out.
// Numbers keep the digits that a double can tell apart; ids and identifiers are texts in the API and stay so.
#pragma once

#include <boost/json/value.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/base/error.hpp"

namespace stemma::cli {

using Json = boost::json::value;

/// Reads an answer. Errors: Errc::internal when it is no JSON.
[[nodiscard]] Result<Json> parse_json(std::string_view text);

/// The value under `name`; null when there is none or `from` is no object.
[[nodiscard]] const Json& at(const Json& from, std::string_view name) noexcept;
/// A text as it is; a number or truth as it is written; "" for all else.
[[nodiscard]] std::string text_at(const Json& from, std::string_view name);
[[nodiscard]] std::string text_of(const Json& value);
[[nodiscard]] std::uint64_t count_at(const Json& from, std::string_view name) noexcept;  ///< 0 when absent or no whole number
[[nodiscard]] bool flag_at(const Json& from, std::string_view name) noexcept;
/// The elements of an array; none when absent.
[[nodiscard]] std::span<const Json> list_at(const Json& from, std::string_view name) noexcept;
/// The elements of an array of texts, joined.
[[nodiscard]] std::string joined_at(const Json& from, std::string_view name, std::string_view separator = ", ");

}  // namespace stemma::cli
