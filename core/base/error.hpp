// The one error shape of Stemma, from a YAML line to an HTTP problem document.
// A verdict (a number that does not check, an event a rule refuses) is not an error; see core/domain/verdict.hpp.
// An Error says what broke, where, and what to do about it; it never carries a stack or a library's type.
#pragma once

#include <expected>
#include <string>
#include <utility>

namespace stemma {

/// What kind of failure it is. The HTTP status and the exit code derive from it (adapters/http/problem, core/cli).
enum class Errc : unsigned char {
    invalid_input,    ///< the caller's data cannot be accepted as it is
    not_found,        ///< the thing asked for does not exist
    conflict,         ///< it clashes with what is stored (idempotency key, version)
    unavailable,      ///< a part is down, paused or busy: try again later
    busy,             ///< too much is waiting already, and nothing was done: try again in a moment
    config,           ///< a configuration file is wrong
    plugin,           ///< a plugin failed or cannot be loaded
    storage,          ///< the database failed or its content is damaged
    too_large,        ///< a named limit was exceeded
    unauthenticated,  ///< who asks is not known: no token, a wrong one, a wrong password
    forbidden,        ///< who asks is known, and may not
    internal,         ///< a bug of ours
};

/// Stable lower-case name, as it stands in logs and problem documents: "invalid_input", "not_found", ...
[[nodiscard]] const char* to_string(Errc code) noexcept;

struct Error {
    Errc code{Errc::internal};
    std::string message;  ///< one sentence for a person; no trailing newline
    std::string where;    ///< "stemma.yaml:12:5", "/events/3/eventTime", "sql:ledger.append", "plugin:org.stemma.vin"; may be empty
    std::string hint;     ///< what to do about it; may be empty

    /// "where: message (hint)" on one line, for a terminal.
    [[nodiscard]] std::string text() const;
};

template <class T>
using Result = std::expected<T, Error>;

/// Shorthand to return a failure: `return fail(Errc::config, "unknown key 'prot'", "stemma.yaml:3:1", "did you mean 'port'?");`
[[nodiscard]] inline std::unexpected<Error> fail(Errc code, std::string message, std::string where = {}, std::string hint = {}) {
    return std::unexpected(Error{code, std::move(message), std::move(where), std::move(hint)});
}

/// Passes a failure on unchanged: `if (!r) return fail(std::move(r));`
template <class T>
[[nodiscard]] std::unexpected<Error> fail(Result<T>&& failed) {
    return std::unexpected(std::move(failed).error());
}

}  // namespace stemma
