// Enabling and disabling a plugin in conf.d/50-plugins.yaml beside the main file. The edit is one of text: comments, order and every line
// that has nothing to do with it stay byte for byte. An edit whose result would not read back as exactly what was asked for is refused.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.hpp"
#include "core/config/settings.hpp"
#include "core/config/tree.hpp"

namespace stemma::config {

/// What is to become of a plugin.
struct PluginEdit {
    std::string name;  ///< as in plugins.enabled[].name
    bool enabled{true};
    std::optional<Node> options;    ///< a map; written when the file's entry has none, the administrator's own is never replaced
    std::vector<std::string> data;  ///< paths of data files to be added, taken literally; those that are known stay, and stay first
};

/// An edit that was thought through and not yet made.
struct PlannedEdit {
    std::filesystem::path file;
    std::optional<std::string> before;  ///< what the file holds now; nothing when it does not exist
    std::string after;                  ///< what it will hold; equal to `before` when there is nothing to do
    Settings settings;                  ///< the whole configuration as it will be: valid
};

/// The new text of a 50-plugins.yaml. Pure. `file_name` names places in errors.
/// Errors: Errc::config for a text that cannot be edited safely; Errc::conflict when options are given and the entry has others.
[[nodiscard]] Result<std::string> edit_plugins_text(std::string_view text, std::string_view file_name, const PluginEdit& edit);

/// Works out the edit, its data files after those in force from whatever file, and checks the whole configuration with it, as a dry run
/// shows it. Writes nothing.
[[nodiscard]] Checked<PlannedEdit> plan_plugin_edit(const std::filesystem::path& main_file, const PluginEdit& edit);

/// Makes a planned edit, atomically and durably. Errors: Errc::conflict when the file changed since it was planned; Errc::storage.
[[nodiscard]] Result<void> carry_out(const PlannedEdit& edit);

}  // namespace stemma::config
