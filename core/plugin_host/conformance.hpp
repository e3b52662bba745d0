// What `stemma plugin check` tries on a loaded plugin: properties that must hold for every plugin of a capability, whatever it is about.
// Runs in the checker's process: a property may crash it or never end, and the parent then names the property.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/plugin_host/loaded_plugin.hpp"
#include "core/plugin_host/offers.hpp"

namespace stemma {

struct PropertyResult {
    enum class Outcome : unsigned char { passed, failed, skipped };
    std::string subject;   ///< "scheme ticket", "rules", "assessment expiry", "workflow rma", "report fefo"
    std::string property;  ///< "formatted numbers are valid"
    Outcome outcome{Outcome::passed};
    std::string detail;  ///< what failed, with the input; why it was skipped; a measured time
};

/// What the check of a plugin came to. schemas/plugin/check-report.json describes its JSON.
struct CheckReport {
    PluginInfo plugin;
    std::vector<PropertyResult> properties;

    [[nodiscard]] bool passed() const noexcept;
    [[nodiscard]] std::string to_json() const;
    [[nodiscard]] static Result<CheckReport> from_json(std::string_view text);
};

[[nodiscard]] std::string_view to_string(PropertyResult::Outcome outcome) noexcept;

/// Tries all properties. `on_property` is told each one's name before it is tried.
[[nodiscard]] CheckReport check_conformance(const LoadedPlugin& plugin, const Offers& offers,
                                            const std::function<void(std::string_view)>& on_property);

}  // namespace stemma
