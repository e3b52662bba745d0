// The words of this module's messages: what was wanted, what is there, what to do. One home, so that the typed readers of a node and
// the schema check say the same thing of the same mistake. Never shows a value that came from the environment or a secret file.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/config/tree.hpp"

namespace stemma::config {

/// What a place may ask for.
enum class Wanted : unsigned char { text, integer, number, boolean, list, map, null };

/// "the text 'abc'", "the number 5", "true", "a list", "no value".
[[nodiscard]] std::string describe(const Node& node);
/// "a whole number", "true or false", "text".
[[nodiscard]] std::string_view describe(Wanted wanted) noexcept;
/// "a, b or c".
[[nodiscard]] std::string join_or(std::span<const std::string> words);
/// What to change so that the node becomes one of `wanted`; "" when there is nothing better to say than the message.
[[nodiscard]] std::string type_hint(const Node& node, std::span<const Wanted> wanted);
/// "'port' must be a whole number, there is the text 'x'" with its place and hint. `label` names the node; "" stands for the whole file.
[[nodiscard]] Error type_error(const Node& node, std::string_view label, std::span<const Wanted> wanted);
/// "'port'", or "the file" for an empty label.
[[nodiscard]] std::string quoted_label(std::string_view label);

}  // namespace stemma::config
