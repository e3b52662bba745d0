// How `stemma` ends. The codes are part of its interface: scripts go by them; core/docs/cli.md and every --help name them.
#pragma once

#include <string_view>

#include "core/base/error.hpp"

namespace stemma::cli {

enum class ExitCode : unsigned char {
    done = 0,
    no = 1,           ///< the answer is "no": refused, not verified, invalid, a sync that failed or paused, an error found by doctor
    usage = 2,        ///< bad input of the caller: unknown verb or item, bad file, wrong configuration, a clash with what is stored
    unreachable = 3,  ///< Stemma cannot be reached, or its state folder is in use
    broken = 4,       ///< a failure inside: storage, a plugin, a bug
};

/// Of an error of this process. Errc::plugin is a plugin that was refused; one that fails in service comes as a problem document.
[[nodiscard]] ExitCode exit_code_of(Errc code) noexcept;
/// Of a problem document (RFC 9457): 422 is a refusal; else by its type ("/problems/not_found"), for an unknown
/// type by the HTTP status.
[[nodiscard]] ExitCode exit_code_of(std::string_view problem_type, int status) noexcept;

}  // namespace stemma::cli
