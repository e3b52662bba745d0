// What --help prints, from the option tree and the table of verbs. Sees CLI11, as options.cpp does, and nothing else may.
#pragma once

#include <CLI/CLI.hpp>

#include <memory>
#include <string>

namespace stemma::cli {

/// Heading of the options that may stand before the noun or after the verb; an option is one of them by being in this group of CLI11's.
inline constexpr const char* kCommonGroup = "Options of every verb";

/// The words that lead to it: "erp sync"; "" for the program itself.
[[nodiscard]] std::string path_of(const CLI::App& app);
/// "erp sync SOURCE"
[[nodiscard]] std::string usage_of(const CLI::App& app);
/// Of the program or of a noun: the verbs under it.
[[nodiscard]] std::string list_help(const CLI::App& app);
/// For CLI::App::formatter().
[[nodiscard]] std::shared_ptr<CLI::FormatterBase> help_writer();

}  // namespace stemma::cli
