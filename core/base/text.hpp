// Small text tools: UTF-8 check, nearest name for "did you mean".
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace stemma {

/// Well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms) without NUL.
[[nodiscard]] bool is_clean_utf8(std::string_view text) noexcept;

/// The text without the byte order mark that some editors put before UTF-8 (RFC 3629 section 6).
[[nodiscard]] std::string_view without_byte_order_mark(std::string_view text) noexcept;

/// The candidate closest to `name` by edit distance (a swap of neighbours counts one), or "" when none is near:
/// at most 1 edit for names up to 4 characters, 2 up to 8, 3 beyond.
[[nodiscard]] std::string nearest_name(std::string_view name, std::span<const std::string> candidates);

/// "did you mean 'x'?" or "": the hint of an error.
[[nodiscard]] std::string did_you_mean(std::string_view name, std::span<const std::string> candidates);

/// First `bytes_max` bytes, cut on a character's border, with "..." where something was cut. For echoing input in messages.
[[nodiscard]] std::string clip(std::string_view text, std::size_t bytes_max = 64);

}  // namespace stemma
