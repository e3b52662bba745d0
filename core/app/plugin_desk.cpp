#include "core/app/plugin_desk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "core/app/parts.hpp"
#include "core/config/conf_d.hpp"
#include "core/plugin_host/generation.hpp"

namespace stemma::app {
namespace {

std::vector<std::string> offers_of(const PluginSet& set) {
    std::vector<std::string> offers;
    for (const PluginInfo& plugin : set.plugins()) {
        offers.push_back(fmt::format("plugin {} {} ({})", plugin.name, plugin.version, plugin.id));
        for (const std::string& offer : plugin.offers) offers.push_back(offer);
    }
    return offers;
}

std::vector<std::string> without(const std::vector<std::string>& all, const std::vector<std::string>& taken) {
    std::vector<std::string> rest;
    for (const std::string& one : all)
        if (std::ranges::find(taken, one) == taken.end()) rest.push_back(one);
    return rest;
}

void fill_difference(PluginChange& change, const PluginSet& before, const PluginSet& after) {
    const std::vector<std::string> old_offers = offers_of(before);
    const std::vector<std::string> new_offers = offers_of(after);
    change.added = without(new_offers, old_offers);
    change.removed = without(old_offers, new_offers);
    for (const PluginInfo& now : after.plugins()) {
        const auto was = std::ranges::find(before.plugins(), now.name, &PluginInfo::name);
        if (was == before.plugins().end()) continue;
        if (was->binary_sha256 != now.binary_sha256) change.changed.push_back("code of " + now.name);
        if (was->options_sha256 != now.options_sha256) change.changed.push_back("options of " + now.name);
        if (was->data_sha256 != now.data_sha256) change.changed.push_back("data of " + now.name);
    }
}

std::vector<std::string> data_files_of(const config::Settings& settings, const config::PluginEdit& edit) {
    const auto plugin = std::ranges::find(settings.plugins.enabled, edit.name, &config::PluginSettings::name);
    if (!edit.enabled || plugin == settings.plugins.enabled.end()) return {};
    return {plugin->data.begin(), plugin->data.end()};
}

SystemChange record_of(const std::string& action, const std::string& name, const PluginSet& set) {
    SystemChange record{"plugins", action, {}};
    if (!name.empty()) record.details["name"] = name;
    for (const PluginInfo& plugin : set.plugins())
        record.details["plugin:" + plugin.id] =
            fmt::format("{} binary={} options={} data={}", plugin.version, plugin.binary_sha256, plugin.options_sha256, plugin.data_sha256);
    return record;
}

/// The daemon often may not write the settings: the administrator can.
Error with_way_out(Error error, const config::PluginEdit& edit) {
    if (error.code == Errc::storage && error.hint.empty())
        error.hint = fmt::format(
            "stemmad's user must be allowed to write the folder; or put there what `stemma plugin {} {} --dry-run` prints, then `stemma "
            "plugin "
            "reload`",
            edit.enabled ? "enable" : "disable", edit.name);
    return error;
}

}  // namespace

struct PluginDesk::Edit {
    config::PluginEdit edit;
    const char* action;  ///< "enabled", "disabled"
};

PluginDesk::PluginDesk(config::Settings settings, PluginHost& host, RecordChange record, bool to_mend)
    : settings_{std::move(settings)}, host_{host}, record_{std::move(record)}, to_mend_{to_mend} {}

Result<std::vector<std::string>> PluginDesk::available() {
    std::vector<std::string> names;
    std::error_code error;
    for (const auto& file : std::filesystem::directory_iterator{settings_.plugins.directory, error})
        if (file.path().extension() == ".so") names.push_back(file.path().stem());
    if (error) return fail(Errc::config, "the plugin folder cannot be read: " + error.message(), settings_.plugins.directory);
    std::ranges::sort(names);
    return names;
}

Result<PluginChange> PluginDesk::enable(const std::string& name, const PluginWish& wish, bool dry_run, const std::string& actor) {
    Edit edit{{name, true, std::nullopt, wish.data}, "enabled"};
    if (!wish.options_yaml.empty()) {
        auto tree = config::read_yaml_text(wish.options_yaml, "options");
        if (!tree) return std::unexpected(tree.error());
        if (!tree->root().is_map()) return fail(Errc::invalid_input, "a plugin's options are a map of names and values", "options");
        edit.edit.options = tree->root();
    }
    return change(edit, dry_run, actor);
}

Result<PluginChange> PluginDesk::disable(const std::string& name, bool dry_run, const std::string& actor) {
    const auto& configured = settings_.plugins.enabled;  // by the settings: the file of a plugin may be gone
    if (std::ranges::none_of(configured, [&](const config::PluginSettings& plugin) { return plugin.enabled && plugin.name == name; }))
        return fail(Errc::not_found, fmt::format("no enabled plugin is called '{}'", name), {}, "stemma plugin list shows all");
    return change({{name, false, std::nullopt, {}}, "disabled"}, dry_run, actor);
}

Result<PluginChange> PluginDesk::change(const Edit& edit, bool dry_run, const std::string& actor) {
    const std::lock_guard lock{mutex_};
    const auto planned = config::plan_plugin_edit(settings_.file, edit.edit);
    if (!planned) return std::unexpected(first_of(planned.error()));
    const auto wanted = wanted_plugins(planned->settings);
    const auto aside = wanted ? host_.load_aside(*wanted) : std::unexpected(wanted.error());
    const bool still_refused = !aside && to_mend_ && !edit.edit.enabled;
    if (!aside && !still_refused) return std::unexpected(aside.error());
    PluginChange result;
    if (aside) fill_difference(result, *host_.current(), **aside);
    result.data_files = data_files_of(planned->settings, edit.edit);
    result.file = planned->file;
    result.text = planned->after;
    result.generation = host_.current()->generation();
    if (dry_run) return result;
    if (auto written = config::carry_out(*planned); !written) return std::unexpected(with_way_out(written.error(), edit.edit));
    if (still_refused) {
        settings_ = planned->settings;
        const auto recorded = record_(record_of(edit.action, edit.edit.name, *host_.current()), actor);
        return recorded ? Result<PluginChange>{std::move(result)} : std::unexpected(recorded.error());
    }
    return put_in_force(planned->settings, *aside, std::move(result), record_of(edit.action, edit.edit.name, **aside), actor);
}

Result<PluginChange> PluginDesk::reload(const std::string& actor) {
    const std::lock_guard lock{mutex_};
    const auto settings = config::load_settings(settings_.file);
    if (!settings) return std::unexpected(first_of(settings.error()));
    PluginChange result;
    const auto before = host_.current();
    const auto wanted = wanted_plugins(*settings);
    if (!wanted) return std::unexpected(wanted.error());
    const auto aside = host_.load_aside(*wanted);
    if (!aside) return std::unexpected(aside.error());
    fill_difference(result, *before, **aside);
    return put_in_force(*settings, *aside, std::move(result), record_of("reloaded", "", **aside), actor);
}

Result<PluginChange> PluginDesk::put_in_force(const config::Settings& settings, std::shared_ptr<const Generation> set, PluginChange change,
                                              const SystemChange& record, const std::string& actor) {
    change.generation = set->generation();
    host_.put_in_force(std::move(set));
    settings_ = settings;
    if (auto recorded = record_(record, actor); !recorded) return std::unexpected(recorded.error());
    return change;
}

std::shared_ptr<const PluginSet> PluginDesk::archived(const Judgement& judgement) {
    auto kept = host_.load_kept({judgement.plugin, judgement.binary_sha256, judgement.options_sha256, judgement.data_sha256});
    return kept ? *kept : nullptr;
}

}  // namespace stemma::app
