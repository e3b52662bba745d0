#include "core/plugin_host/plugin_host.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <exception>
#include <system_error>
#include <utility>

#include "core/base/digest.hpp"
#include "core/base/log.hpp"
#include "core/base/text.hpp"
#include "core/plugin_host/files.hpp"
#include "core/plugin_host/generation.hpp"
#include "core/plugin_host/messages.hpp"

namespace stemma {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
namespace msg = plugin_msg;

constexpr std::string_view kKeptFolder = "by-sha256";

std::string data_to_json(const std::vector<WantedData>& data) {
    json::array files;
    for (const WantedData& one : data)
        files.push_back(json::object{{"kind", one.kind}, {"name", one.name}, {"sha256", one.sha256_hex}, {"content", one.content}});
    return json::serialize(files);
}

Result<std::vector<WantedData>> data_from_json(const std::string& text) {
    try {
        std::vector<WantedData> out;
        const json::value parsed = json::parse(text);
        for (const json::value& one : parsed.as_array()) {
            const auto member = [&](std::string_view key) { return std::string(one.as_object().at(key).as_string()); };
            out.push_back({member("kind"), member("name"), member("sha256"), member("content")});
        }
        return out;
    } catch (const std::exception& error) {
        return fail(Errc::storage, fmt::format("kept plugin data cannot be read: {}", error.what()));
    }
}

}  // namespace

Result<std::unique_ptr<PluginHost>> PluginHost::start(HostSettings settings, const std::vector<WantedPlugin>& wanted) {
    std::unique_ptr<PluginHost> host{new PluginHost(std::move(settings))};
    remove_generation_folders(host->settings_.state_directory);
    auto set = host->load_aside(wanted);
    if (!set) return fail(std::move(set));
    host->put_in_force(std::move(*set));
    return host;
}

PluginHost::PluginHost(HostSettings settings) : settings_{std::move(settings)}, preflights_{std::make_unique<Preflights>()} {}

PluginHost::~PluginHost() = default;

std::shared_ptr<const PluginSet> PluginHost::current() const { return current_generation(); }

std::shared_ptr<const Generation> PluginHost::current_generation() const {
    const std::scoped_lock lock(swapping_);
    return current_;
}

Result<void> PluginHost::reload(const std::vector<WantedPlugin>& wanted) {
    auto set = load_aside(wanted);
    if (!set) {
        log::error(msg::reload_refused, fmt::format("the new plugin set is refused, generation {} stays in force: {}",
                                                    current_generation()->generation(), set.error().text()));
        return fail(std::move(set));
    }
    put_in_force(std::move(*set));
    return {};
}

void PluginHost::put_in_force(std::shared_ptr<const Generation> set) {
    log::info(msg::set_in_force, fmt::format("generation {} with {} plugins", set->generation(), set->plugins().size()));
    const std::scoped_lock lock(swapping_);
    current_.swap(set);  // the old one dies, if nobody holds it, after the lock is released
}

Result<std::shared_ptr<const Generation>> PluginHost::load_aside(const std::vector<WantedPlugin>& wanted) {
    const std::scoped_lock lock(loading_);
    const ReadPlugin read = [&](const WantedPlugin& one) { return read_plugin(settings_.directory, one); };
    auto set = Generation::load(settings_, wanted, read, *preflights_);
    if (!set) return set;
    if (auto kept = keep(**set, wanted); !kept) return fail(std::move(kept));
    return set;
}

fs::path PluginHost::kept_file(const std::string& sha256_hex, std::string_view extension) const {
    return settings_.state_directory / kKeptFolder / (sha256_hex + std::string(extension));
}

Result<void> PluginHost::keep(const Generation& set, const std::vector<WantedPlugin>& wanted) const {
    std::error_code failed;
    fs::create_directories(settings_.state_directory / kKeptFolder, failed);
    for (const auto& [digest, copy] : set.copies()) {
        auto bytes = read_whole_file(copy);
        if (!bytes) return fail(std::move(bytes));
        if (auto kept = keep_file(kept_file(digest, ".so"), *bytes); !kept) return kept;
    }
    for (const WantedPlugin& one : wanted) {
        const std::string options_digest = to_hex(sha256(one.options_json));
        if (auto kept = keep_file(kept_file(options_digest, ".options.json"), one.options_json); !kept) return kept;
        if (one.data.empty()) continue;
        if (auto kept = keep_file(kept_file(data_digest(one.data), ".data.json"), data_to_json(one.data)); !kept) return kept;
    }
    return {};
}

Result<std::shared_ptr<const PluginSet>> PluginHost::load_kept(const KeptPlugin& kept) {
    const std::scoped_lock lock(loading_);
    const ArchivedKey key{kept.binary_sha256, kept.options_sha256, kept.data_sha256};
    if (const auto known = archived_.find(key); known != archived_.end()) return known->second;
    auto set = read_kept(kept);
    if (!set) return fail(std::move(set));
    return archived_.emplace(key, *std::move(set)).first->second;
}

Result<std::shared_ptr<const PluginSet>> PluginHost::read_kept(const KeptPlugin& kept) {
    for (const std::string* digest : {&kept.binary_sha256, &kept.options_sha256, &kept.data_sha256})
        if (!digest->empty() && !digest_from_hex(*digest)) return fail(Errc::not_found, fmt::format("'{}' is no digest", clip(*digest)));
    auto options = read_whole_file(kept_file(kept.options_sha256, ".options.json"));
    if (!options) return fail(std::move(options));
    WantedPlugin wanted{kept.name, std::move(*options), {}, kept.binary_sha256, "plugin:" + kept.name, [](std::string_view) {
                            return std::vector<Error>{};  // the options were checked when the verdict was made
                        }};
    if (!kept.data_sha256.empty()) {
        auto text = read_whole_file(kept_file(kept.data_sha256, ".data.json"));
        auto data = text ? data_from_json(*text) : Result<std::vector<WantedData>>(fail(std::move(text)));
        if (!data) return fail(std::move(data));
        wanted.data = std::move(*data);
    }
    const ReadPlugin read = [&](const WantedPlugin& one) -> Result<PluginFile> {
        auto file = read_plugin_file(kept_file(kept.binary_sha256, ".so"));
        if (!file) return fail(Errc::not_found, fmt::format("the code of plugin '{}' ({}) is not kept here", one.name, kept.binary_sha256));
        if (file->sha256_hex != kept.binary_sha256)
            return msg::refuse(msg::digest_mismatch, one.place, fmt::format("the kept code of plugin '{}' was changed", one.name));
        file->name = one.name;
        return file;
    };
    auto set = Generation::load(settings_, {wanted}, read, *preflights_);
    if (!set) return fail(std::move(set));
    return std::shared_ptr<const PluginSet>(std::move(*set));
}

}  // namespace stemma
