// Checks a YAML tree against a JSON Schema (draft 7) and says every mistake in plain sentences with file, line and column.
// The validator is valijson; its words never reach a reader, and its headers stay in schema.cpp.
// Not followed: references to other files. `pattern` is ECMAScript; a text longer than kPatternTextBytesMax is refused where one stands.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.hpp"
#include "core/config/tree.hpp"

namespace stemma::config {

inline constexpr std::size_t kSchemaBytesMax = 1'048'576;  ///< bytes of one schema
inline constexpr std::size_t kPatternTextBytesMax = 1024;  ///< bytes of a text that a `pattern` is tried on
inline constexpr std::size_t kSchemaErrorsMax = 100;       ///< mistakes listed for one document

/// A compiled schema: immutable, cheap to copy, any thread.
class Schema {
public:
    /// `name` is what errors of the schema itself are named after ("plugin org.stemma.lot"). Errors: Errc::config.
    [[nodiscard]] static Result<Schema> compile(std::string_view json_text, std::string_view name);

    /// Every mistake of `node`, in the order of the document; empty when it fits. `label` is the path of `node` in its document and is
    /// put before every key named in a message: "plugins.enabled[0].options"; "" for a whole document.
    [[nodiscard]] std::vector<Error> check(const Node& node, std::string_view label = {}) const;

private:
    struct Compiled;
    explicit Schema(std::shared_ptr<const Compiled> compiled) : compiled_{std::move(compiled)} {}
    std::shared_ptr<const Compiled> compiled_;
};

}  // namespace stemma::config
