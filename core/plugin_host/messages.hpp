// The message ids of the plugin host, one home. Each has its paragraph in core/docs/plugin-messages.md; a test holds the two together.
// A refusal's message ends with its id in brackets, so that an operator can look it up from any face of Stemma.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

#include "core/base/error.hpp"

namespace stemma::plugin_msg {

// --- before any code of the plugin runs
inline constexpr std::string_view name_invalid = "PLUGIN_NAME_INVALID";
inline constexpr std::string_view directory_missing = "PLUGIN_DIRECTORY_MISSING";
inline constexpr std::string_view file_missing = "PLUGIN_FILE_MISSING";
inline constexpr std::string_view path_outside = "PLUGIN_PATH_OUTSIDE";
inline constexpr std::string_view file_irregular = "PLUGIN_FILE_IRREGULAR";
inline constexpr std::string_view permission = "PLUGIN_PERMISSION";
inline constexpr std::string_view file_too_large = "PLUGIN_FILE_TOO_LARGE";
inline constexpr std::string_view digest_mismatch = "PLUGIN_DIGEST_MISMATCH";
inline constexpr std::string_view format_wrong = "PLUGIN_FORMAT_WRONG";
inline constexpr std::string_view entry_missing = "PLUGIN_ENTRY_MISSING";
inline constexpr std::string_view export_extra = "PLUGIN_EXPORT_EXTRA";
inline constexpr std::string_view too_many = "PLUGIN_TOO_MANY";

// --- the handshake
inline constexpr std::string_view open_failed = "PLUGIN_OPEN_FAILED";
inline constexpr std::string_view abi_major = "PLUGIN_ABI_MAJOR";
inline constexpr std::string_view abi_minor = "PLUGIN_ABI_MINOR";
inline constexpr std::string_view entry_corrupt = "PLUGIN_ENTRY_CORRUPT";
inline constexpr std::string_view info_invalid = "PLUGIN_INFO_INVALID";
inline constexpr std::string_view options_invalid = "PLUGIN_OPTIONS_INVALID";
inline constexpr std::string_view data_unwanted = "PLUGIN_DATA_UNWANTED";
inline constexpr std::string_view create_failed = "PLUGIN_CREATE_FAILED";
inline constexpr std::string_view capability_missing = "PLUGIN_CAPABILITY_MISSING";
inline constexpr std::string_view capability_unknown = "PLUGIN_CAPABILITY_UNKNOWN";
inline constexpr std::string_view capability_corrupt = "PLUGIN_CAPABILITY_CORRUPT";
inline constexpr std::string_view describe_wrong = "PLUGIN_DESCRIBE_WRONG";
inline constexpr std::string_view self_check_failed = "PLUGIN_SELF_CHECK_FAILED";
inline constexpr std::string_view id_duplicate = "PLUGIN_ID_DUPLICATE";
inline constexpr std::string_view offer_duplicate = "PLUGIN_OFFER_DUPLICATE";

// --- the process the handshake is tried in
inline constexpr std::string_view checker_failed = "PLUGIN_CHECKER_FAILED";
inline constexpr std::string_view killed = "PLUGIN_KILLED";
inline constexpr std::string_view quit = "PLUGIN_QUIT";
inline constexpr std::string_view too_slow = "PLUGIN_TOO_SLOW";
inline constexpr std::string_view state_failed = "PLUGIN_STATE_FAILED";

// --- in service
inline constexpr std::string_view loaded = "PLUGIN_LOADED";
inline constexpr std::string_view load_refused = "PLUGIN_LOAD_REFUSED";
inline constexpr std::string_view set_in_force = "PLUGIN_SET_IN_FORCE";
inline constexpr std::string_view reload_refused = "PLUGIN_RELOAD_REFUSED";
inline constexpr std::string_view call_failed = "PLUGIN_CALL_FAILED";
inline constexpr std::string_view call_garbage = "PLUGIN_CALL_GARBAGE";
inline constexpr std::string_view call_slow = "PLUGIN_CALL_SLOW";
inline constexpr std::string_view says = "PLUGIN_SAYS";

/// A failure whose message ends with its id: `return refuse(plugin_msg::permission, place, "...", "chmod go-w ...")`.
[[nodiscard]] inline std::unexpected<Error> refuse(std::string_view id, std::string where, std::string_view message, std::string hint = {},
                                                   Errc code = Errc::plugin) {
    return fail(code, fmt::format("{} [{}]", message, id), std::move(where), std::move(hint));
}

}  // namespace stemma::plugin_msg
