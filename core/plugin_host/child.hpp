// Runs stemma-plugin-check on one plugin in a process of its own and follows it stage by stage, so that a plugin that
// aborts, hangs or calls exit() ends that process and gets a message, instead of ending the daemon.
// Talk over one socket, a line each way: "S stage", "I schema" (then waits for "go"), "E error", "D result".
#pragma once

#include <filesystem>
#include <string>

#include "core/plugin_host/path_policy.hpp"
#include "core/plugin_host/wanted.hpp"

namespace stemma {

enum class CheckMode : unsigned char {
    preflight,    ///< the handshake; the result is empty
    conformance,  ///< the handshake and the properties of conformance.hpp; the result is a CheckReport as JSON
};

/// What stemma-plugin-check reads from its request file.
struct CheckRequest {
    std::filesystem::path file;  ///< the fresh copy to open
    std::string name;
    std::string sha256_hex;
    std::string place;
    std::string options_json;
    std::vector<WantedData> data;

    [[nodiscard]] std::string to_json() const;
    [[nodiscard]] static Result<CheckRequest> from_json(std::string_view text);
};

/// One error as a line of JSON and back.
[[nodiscard]] std::string error_to_json(const Error& error);
[[nodiscard]] Result<Error> error_from_json(std::string_view text);

/// Runs the checker on `copy` and returns its result. Blocks; any thread; posix_spawn, so other threads may run.
/// Errors: the child's own refusal; PLUGIN_OPTIONS_INVALID, PLUGIN_KILLED, PLUGIN_QUIT, PLUGIN_TOO_SLOW, PLUGIN_CHECKER_FAILED.
[[nodiscard]] Result<std::string> run_checker(CheckMode mode, const HostSettings& settings, const PluginFile& file,
                                              const std::filesystem::path& copy, const WantedPlugin& wanted);

/// The first mistake in the options, as one refusal that says how many more there are.
[[nodiscard]] Result<void> check_options(const WantedPlugin& wanted, std::string_view schema_json);

}  // namespace stemma
