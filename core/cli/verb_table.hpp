// What every verb does, in words: the text of --help. The option tree (options.cpp) must have the same verbs; a test compares them.
#pragma once

#include <span>
#include <string_view>

namespace stemma::cli {

struct NounText {
    std::string_view name;     ///< "item"
    std::string_view summary;  ///< one line
};

struct VerbText {
    std::string_view path;         ///< "item show"
    std::string_view summary;      ///< one line without a full stop
    std::string_view description;  ///< a few sentences
    std::string_view examples;     ///< a command a line
};

/// In the order in which help lists them.
[[nodiscard]] std::span<const VerbText> verb_texts() noexcept;
/// Nouns that have verbs under them.
[[nodiscard]] std::span<const NounText> noun_texts() noexcept;
/// The lines on exit codes and the environment that end `stemma --help`.
[[nodiscard]] std::string_view closing_text() noexcept;

}  // namespace stemma::cli
