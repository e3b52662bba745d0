// From "this place breaks this keyword" to a sentence an administrator can act on, by looking the keyword up in the schema itself.
// Knows JSON Schema's keywords and our tree; knows nothing of the validator.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.hpp"
#include "core/config/tree.hpp"

namespace stemma::config {

/// Which keyword was broken. `other` covers combinations (anyOf, not, dependencies ...) that have no sentence of their own.
enum class Broken : unsigned char {
    type,
    enumeration,
    unknown_key,
    missing_key,
    minimum,
    maximum,
    multiple_of,
    text_length,
    list_length,
    map_size,
    pattern,
    unique,
    other,
};

/// One broken keyword at one place of the document.
struct Breach {
    Broken kind{Broken::other};
    std::vector<std::string> path;  ///< keys and list indices from the checked node
    std::string key;                ///< the key of unknown_key and missing_key
};

/// The sub-schemas that speak of the value at `path`: references followed, every branch of allOf, anyOf, oneOf, if/then/else taken.
[[nodiscard]] std::vector<const boost::json::object*> schemas_at(const boost::json::value& schema, std::span<const std::string> path);

/// Whether one of the schemas names the node's own type.
[[nodiscard]] bool fits_a_type(const Node& node, std::span<const boost::json::object* const> schemas);

/// The sentences of one breach: one, for unknown keys one for each, none for allowed values of another type than the node's.
/// `label` as in Schema::check.
[[nodiscard]] std::vector<Error> explain(const boost::json::value& schema, const Node& root, const Breach& breach, std::string_view label);

/// "daemon.port", "enabled[2].name".
[[nodiscard]] std::string path_label(const Node& root, std::span<const std::string> path, std::string_view label);
/// The node at `path`, or the deepest that exists.
[[nodiscard]] const Node& node_on_path(const Node& root, std::span<const std::string> path);

}  // namespace stemma::config
