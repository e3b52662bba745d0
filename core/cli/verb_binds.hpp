// Binds what a verb takes on the command line to the Invocation that it becomes.
#pragma once

#include <CLI/CLI.hpp>

#include <string_view>

#include "core/cli/invocation.hpp"

namespace stemma::cli {

/// Adds the words and options of the verb `path` ("erp sync") to `app`; none for a verb that takes none. `to` outlives `app`.
void bind_verb(std::string_view path, CLI::App& app, Invocation& to);

/// Adds the options that every verb has.
void bind_common(CLI::App& app, Invocation& to);

}  // namespace stemma::cli
