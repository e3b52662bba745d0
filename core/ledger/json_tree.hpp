// A JSON text as a tree that keeps what Boost.JSON's own value would lose: the order of fields, and each number as it was written
// (quantities are exact decimals).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.hpp"
#include "core/ledger/entry_codec.hpp"

namespace stemma::json {

struct Node {
    enum class Kind : unsigned char { null, boolean, number, string, array, object };

    Kind kind{Kind::null};
    bool flag{false};            ///< of a boolean
    std::string key;             ///< in an object; no two fields of one object share it
    std::string text;            ///< of a string, clean UTF-8; of a number, as it was written
    std::vector<Node> children;  ///< of an array or object, in the order of the text
};

/// "a string", "a number": for messages.
[[nodiscard]] std::string_view name_of(Node::Kind kind) noexcept;

/// Adds one step to a JSON pointer (RFC 6901).
void add_step(std::string& pointer, std::string_view key);
void add_step(std::string& pointer, std::size_t index);

/// Reads one JSON text (RFC 8259, nothing around it but white space). Errors: Errc::invalid_input with the byte and, as `where`, the
/// JSON pointer of the value that is being read; Errc::too_large when it passes a limit.
[[nodiscard]] Result<Node> parse(std::string_view text, const JsonLimits& limits);

}  // namespace stemma::json
