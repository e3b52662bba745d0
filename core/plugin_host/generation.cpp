#include "core/plugin_host/generation.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <system_error>
#include <utility>

#include "core/base/log.hpp"
#include "core/plugin_host/child.hpp"
#include "core/plugin_host/exports.hpp"
#include "core/plugin_host/messages.hpp"

namespace stemma {
namespace {

namespace fs = std::filesystem;
namespace msg = plugin_msg;

std::string preflight_key(const PluginFile& file, const WantedPlugin& wanted) {
    return fmt::format("{} {} {}", file.sha256_hex, to_hex(sha256(wanted.options_json)), data_digest(wanted.data));
}

/// One error for all refusals of a set: the first, and where the others are. The first is the caller's to say, so that it is said once.
std::unexpected<Error> sum_up(std::vector<Error> refusals) {
    for (std::size_t i = 1; i < refusals.size(); ++i) log::error(msg::load_refused, refusals[i].text());
    Error first = std::move(refusals.front());
    if (refusals.size() > 1) {
        if (!first.hint.empty()) first.hint += "; ";
        first.hint += fmt::format("{} more in this set, see {} in the log", refusals.size() - 1, msg::load_refused);
    }
    return std::unexpected(std::move(first));
}

}  // namespace

bool Preflights::passed(const std::string& key) const {
    const std::scoped_lock lock(mutex_);
    return passed_.contains(key);
}

void Preflights::add(std::string key) {
    const std::scoped_lock lock(mutex_);
    passed_.insert(std::move(key));
}

Result<std::shared_ptr<const Generation>> Generation::load(const HostSettings& settings, const std::vector<WantedPlugin>& wanted,
                                                           const ReadPlugin& read, Preflights& preflights) {
    if (wanted.size() > limits::plugins_max)
        return msg::refuse(msg::too_many, {},
                           fmt::format("{} plugins are wanted, at most {} are loaded", wanted.size(), limits::plugins_max), {},
                           Errc::too_large);
    auto folder = make_generation_folder(settings.state_directory);
    if (!folder) return fail(std::move(folder));
    std::shared_ptr<Generation> set{new Generation};
    set->number_ = folder->number;
    set->folder_ = folder->path;
    std::vector<Error> refusals;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        // Numbered, because a list may name a plugin twice; the answer to that is PLUGIN_ID_DUPLICATE, not a clash of files.
        auto member = set->load_one(settings, wanted[i], read, preflights, folder->path / fmt::format("{}.so", i));
        if (member) {
            set->members_.push_back(std::move(*member));
        } else {
            refusals.push_back(std::move(member).error());
        }
    }
    if (refusals.empty())
        if (auto unique = set->check_unique(); !unique) refusals.push_back(std::move(unique).error());
    if (!refusals.empty()) return sum_up(std::move(refusals));
    set->publish();
    return std::shared_ptr<const Generation>(std::move(set));
}

Generation::~Generation() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
}

Result<Generation::Member> Generation::load_one(const HostSettings& settings, const WantedPlugin& wanted, const ReadPlugin& read,
                                                Preflights& preflights, const fs::path& copy) {
    auto file = read(wanted);
    if (!file) return fail(std::move(file));
    if (auto pure = check_exports(file->bytes, wanted.name, wanted.place); !pure) return fail(std::move(pure));
    if (auto written = write_new_file(copy, file->bytes, wanted.place); !written) return fail(std::move(written));
    const std::string key = preflight_key(*file, wanted);
    if (!preflights.passed(key)) {
        if (auto survived = run_checker(CheckMode::preflight, settings, *file, copy, wanted); !survived) return fail(std::move(survived));
        preflights.add(key);
    }
    auto plugin = LoadedPlugin::open(*file, copy, settings, wanted.place);
    if (!plugin) return fail(std::move(plugin));
    // Checked before the child's create as well; this is the schema of the code that is in force.
    if (auto fits = check_options(wanted, (*plugin)->options_schema()); !fits) return fail(std::move(fits));
    if (auto created = (*plugin)->create(wanted); !created) return fail(std::move(created));
    auto offers = describe(**plugin);
    if (!offers) return fail(std::move(offers));
    (*plugin)->info().offers = offers->names();
    copies_.emplace(file->sha256_hex, copy);
    return Member{std::move(*plugin), std::move(*offers)};
}

Result<void> Generation::check_unique() const {
    std::map<std::string, const LoadedPlugin*> ids;
    std::map<std::string, const LoadedPlugin*> offers;
    for (const Member& member : members_) {
        const LoadedPlugin& plugin = *member.plugin;
        if (const auto [other, fresh] = ids.emplace(plugin.info().id, &plugin); !fresh)
            return msg::refuse(
                msg::id_duplicate, plugin.place(),
                fmt::format("plugins '{}' and '{}' have the same id {}", other->second->info().name, plugin.info().name, plugin.info().id),
                "take one of them out of the list", Errc::config);
        for (const std::string& offer : plugin.info().offers)
            if (const auto [other, fresh] = offers.emplace(offer, &plugin); !fresh)
                return msg::refuse(
                    msg::offer_duplicate, plugin.place(),
                    fmt::format("plugins '{}' and '{}' both offer {}", other->second->info().name, plugin.info().name, offer),
                    "give one of them another name in its options, or take it out", Errc::config);
    }
    return {};
}

void Generation::publish() {
    for (const Member& member : members_) {
        const PluginInfo& info = infos_.emplace_back(member.plugin->info());
        for (const auto& scheme : member.offers.schemes) schemes_.push_back(scheme.get());
        if (member.offers.rules) rules_.push_back(member.offers.rules.get());
        if (member.offers.assessment) assessments_.push_back(member.offers.assessment.get());
        if (member.offers.workflow) workflows_.push_back(member.offers.workflow.get());
        for (const auto& report : member.offers.reports) reports_.push_back(report.get());
        log::info(msg::loaded, fmt::format("{} {} ({}.so, SHA-256 {}) offers {}", info.id, info.version, info.name, info.binary_sha256,
                                           fmt::join(info.offers, ", ")));
    }
}

std::vector<CallCounts> Generation::counts() const {
    std::vector<CallCounts> out;
    out.reserve(members_.size());
    for (const Member& member : members_) out.push_back(member.plugin->counts());
    return out;
}

}  // namespace stemma
