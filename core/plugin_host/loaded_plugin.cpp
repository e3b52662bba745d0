#include "core/plugin_host/loaded_plugin.hpp"

#include <boost/dll/shared_library.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <bit>
#include <exception>
#include <mutex>
#include <utility>

#include "core/base/log.hpp"
#include "core/base/text.hpp"
#include "core/plugin_host/c_input.hpp"
#include "core/plugin_host/messages.hpp"

namespace stemma {
namespace {

namespace msg = plugin_msg;

constexpr const char* kEntrySymbol = "stm_plugin_entry_v1";
constexpr std::size_t kLogLineBytesMax = 4096;  // bytes of one line a plugin logs
constexpr std::size_t kSchemaBytesMax = 256UL * 1024;
constexpr std::array<std::string_view, 5> kKnownCapabilities{STM_NUMBERING_ID, STM_RULES_ID, STM_ASSESSMENT_ID, STM_WORKFLOW_ID,
                                                             STM_REPORT_ID};

/// Keeps every library of this process mapped to its end (Unload::never): Boost.DLL has no other way to say so.
void keep_mapped(const boost::dll::shared_library& library) {
    static std::mutex mutex;
    static auto& kept = *new std::vector<boost::dll::shared_library>;  // never destroyed: code may run until the process ends
    const std::scoped_lock lock(mutex);
    kept.push_back(library);
}

void log_line(void* ctx, std::int32_t level, stm_text line) noexcept {
    try {
        const std::string_view bytes{line.size == 0 ? "" : line.data, line.size};
        const std::string text = is_clean_utf8(bytes) ? clip(bytes, kLogLineBytesMax) : std::string("(a line that is not UTF-8)");
        const auto severity = level <= STM_LOG_DEBUG  ? log::Level::debug
                              : level == STM_LOG_INFO ? log::Level::info
                              : level == STM_LOG_WARN ? log::Level::warn
                                                      : log::Level::error;
        log::write(severity, msg::says, fmt::format("{}: {}", *static_cast<const std::string*>(ctx), text));
    } catch (const std::exception&) {
        return;  // a log line that cannot be written must not end the plugin's call
    }
}

const void* no_service(void*, const char*) noexcept { return nullptr; }

/// A text of the plugin's info, copied; nothing when it is not clean UTF-8 of a sensible size.
bool copy_text(stm_text from, std::string& to, std::size_t bytes_max) {
    if (from.size == 0) return true;
    if (from.data == nullptr || from.size > bytes_max || !is_clean_utf8({from.data, from.size})) return false;
    to.assign(from.data, from.size);
    return true;
}

bool copy_names(const stm_text* from, std::size_t n, std::vector<std::string>& to) {
    if (n > limits::plugin_list_max || (n > 0 && from == nullptr)) return false;
    for (std::size_t i = 0; i < n; ++i)
        if (!copy_text(from[i], to.emplace_back(), 256) || to.back().empty()) return false;
    return true;
}

/// "org.stemma.serial": at least two labels of lower-case letters, digits and '-'.
bool is_plugin_id(std::string_view id) {
    const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.'; };
    return id.size() <= 128 && id.find('.') != std::string_view::npos && id.find("..") == std::string_view::npos && id.front() != '.' &&
           id.back() != '.' && std::ranges::all_of(id, fits);
}

bool is_whole(const stm_numbering& t) { return t.n_schemes && t.describe && t.check && t.normalise && t.decode && t.format; }
bool is_whole(const stm_rules& t) { return t.describe && t.plan && t.judge && t.explain; }
bool is_whole(const stm_assessment& t) { return t.describe && t.plan && t.assess; }
bool is_whole(const stm_workflow& t) { return t.describe && t.plan && t.act && t.apply; }
bool is_whole(const stm_report& t) { return t.n_reports && t.describe && t.plan && t.collect && t.compose; }

}  // namespace

struct LoadedPlugin::Library {
    boost::dll::shared_library handle;
};

struct LoadedPlugin::HostSide {
    std::string name;  // the log's context
    stm_host c{};
};

std::string data_digest(const std::vector<WantedData>& data) {
    if (data.empty()) return {};
    std::string canonical;
    for (const WantedData& file : data)
        for (const std::string* text : {&file.kind, &file.name, &file.sha256_hex}) canonical += fmt::format("{}:{}", text->size(), *text);
    return to_hex(sha256(canonical));
}

LoadedPlugin::LoadedPlugin(const PluginFile& file, const HostSettings& settings, std::string place)
    : library_{std::make_unique<Library>()},
      place_{std::move(place)},
      call_ms_slow_{settings.call_ms_slow},
      host_{std::make_unique<HostSide>()} {
    info_.name = file.name;
    info_.binary_sha256 = file.sha256_hex;
    host_->name = file.name;
    host_->c = {sizeof(stm_host), STM_ABI_MAJOR, STM_ABI_MINOR, &host_->name, log_line, no_service};
}

LoadedPlugin::~LoadedPlugin() {
    if (instance_ != nullptr) entry_->destroy(instance_);
}

Result<std::unique_ptr<LoadedPlugin>> LoadedPlugin::open(const PluginFile& file, const std::filesystem::path& copy,
                                                         const HostSettings& settings, std::string place) {
    std::unique_ptr<LoadedPlugin> plugin{new LoadedPlugin(file, settings, std::move(place))};
    try {
        // The throwing overload: only its text carries dlerror's.
        plugin->library_->handle.load(copy, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
        if (settings.unload == Unload::never) keep_mapped(plugin->library_->handle);
        plugin->entry_ = plugin->library_->handle.get<const stm_entry*()>(kEntrySymbol)();
    } catch (const std::exception& error) {
        return msg::refuse(msg::open_failed, plugin->place_, fmt::format("'{}' cannot be opened: {}", file.name, clip(error.what(), 500)));
    }
    if (auto read = plugin->read_entry(); !read) return fail(std::move(read));
    return plugin;
}

Result<void> LoadedPlugin::read_entry() {
    const auto corrupt = [&](std::string_view why) {
        return msg::refuse(msg::entry_corrupt, place_, fmt::format("the entry of '{}' is damaged: {}", info_.name, why));
    };
    if (entry_ == nullptr) return corrupt("it is null");
    if (entry_->major != STM_ABI_MAJOR)
        return msg::refuse(msg::abi_major, place_,
                           fmt::format("'{}' was built for plugin ABI {}.{}, this Stemma speaks {}.{}: the major must be equal", info_.name,
                                       entry_->major, entry_->minor, STM_ABI_MAJOR, STM_ABI_MINOR),
                           "build it against this Stemma's SDK");
    if (entry_->minor > STM_ABI_MINOR)
        return msg::refuse(msg::abi_minor, place_,
                           fmt::format("'{}' needs plugin ABI {}.{} or newer, this Stemma speaks {}.{}", info_.name, entry_->major,
                                       entry_->minor, STM_ABI_MAJOR, STM_ABI_MINOR),
                           "update Stemma, or build the plugin against an older SDK");
    if (entry_->size < sizeof(stm_entry))
        return corrupt(fmt::format("it says it has {} bytes, {} are needed", entry_->size, sizeof(stm_entry)));
    if (entry_->create == nullptr || entry_->destroy == nullptr || entry_->capability == nullptr || entry_->self_check == nullptr)
        return corrupt("one of its functions is null");
    if (entry_->info == nullptr || entry_->info->size < sizeof(stm_info)) return corrupt("its info is missing or too short");
    return read_info(entry_->info);
}

Result<void> LoadedPlugin::read_info(const stm_info* info) {
    const auto invalid = [&](std::string_view why) {
        return msg::refuse(msg::info_invalid, place_, fmt::format("what '{}' says of itself cannot be right: {}", info_.name, why));
    };
    if (!copy_text(info->id, info_.id, 128) || info_.id.empty() || !is_plugin_id(info_.id))
        return invalid(fmt::format("its id '{}' is no reversed domain such as org.example.serial", clip(info_.id)));
    if (!copy_text(info->version, info_.version, 64) || info_.version.empty()) return invalid("it has no version");
    if (!copy_text(info->summary, info_.summary, 512)) return invalid("its summary is not UTF-8 or too long");
    std::string schema;
    if (!copy_text(info->options_schema, schema, kSchemaBytesMax) || schema.empty()) return invalid("it has no schema for its options");
    boost::system::error_code no_json;
    const boost::json::value parsed = boost::json::parse(schema, no_json);
    if (no_json || !parsed.is_object()) return invalid("the schema for its options is no JSON object");
    info_.options_schema = boost::json::serialize(parsed);
    if (!copy_names(info->capabilities, info->n_capabilities, info_.capabilities) || info_.capabilities.empty())
        return invalid("it names no capability");
    if (!copy_names(info->facts, info->n_facts, facts_)) return invalid("its list of facts is damaged");
    if (!copy_names(info->data_kinds, info->n_data_kinds, info_.data_kinds)) return invalid("its list of data kinds is damaged");
    for (const std::string& id : info_.capabilities)
        if (std::ranges::find(kKnownCapabilities, id) == kKnownCapabilities.end())
            return msg::refuse(msg::capability_unknown, place_,
                               fmt::format("{} offers '{}', which this Stemma does not know", info_.id, clip(id)),
                               fmt::format("it knows {}", fmt::join(kKnownCapabilities, ", ")));
    return {};
}

Result<std::vector<const stm_data_file*>> LoadedPlugin::to_c_files(const std::vector<WantedData>& data,
                                                                   std::vector<stm_data_file>& storage) const {
    std::size_t bytes = 0;
    for (const WantedData& file : data) {
        const std::string* kind = &file.kind;
        if (kind->empty() && info_.data_kinds.size() == 1) kind = &info_.data_kinds.front();
        if (std::ranges::find(info_.data_kinds, *kind) == info_.data_kinds.end())
            return msg::refuse(
                msg::data_unwanted, place_, fmt::format("{} takes no data of kind '{}' (file {})", info_.id, clip(*kind), clip(file.name)),
                info_.data_kinds.empty() ? "it takes no data files" : fmt::format("it takes {}", fmt::join(info_.data_kinds, ", ")),
                Errc::config);
        bytes += file.content.size();
        storage.push_back({sizeof(stm_data_file), 0, to_c(*kind), to_c(file.name), to_c(file.sha256_hex), to_c(file.content)});
    }
    if (bytes > limits::plugin_data_bytes_max)
        return msg::refuse(msg::data_unwanted, place_,
                           fmt::format("the data files of {} have {} bytes together, at most {} are accepted", info_.id, bytes,
                                       limits::plugin_data_bytes_max),
                           {}, Errc::too_large);
    std::vector<const stm_data_file*> pointers;
    pointers.reserve(storage.size());
    for (const stm_data_file& file : storage) pointers.push_back(&file);
    return pointers;
}

Result<void> LoadedPlugin::create(const WantedPlugin& wanted) {
    std::vector<stm_data_file> storage;
    auto files = to_c_files(wanted.data, storage);
    if (!files) return fail(std::move(files));
    info_.options_sha256 = to_hex(sha256(wanted.options_json));
    info_.data_sha256 = data_digest(wanted.data);
    Sink sink{gives::nothing};
    const stm_status status = entry_->create(&host_->c, to_c(wanted.options_json), files->data(), files->size(), sink.c(), &instance_);
    if (status != STM_OK || instance_ == nullptr) {
        std::string why = sink.given().error.empty() ? "it gives no reason" : sink.given().error;
        return msg::refuse(msg::create_failed, place_, fmt::format("{} does not start with these options: {}", info_.id, why));
    }
    return read_capabilities();
}

template <class Table>
Result<void> LoadedPlugin::read_capability(const char* id, const Table*& slot) {
    if (std::ranges::find(info_.capabilities, id) == info_.capabilities.end()) return {};
    const auto* table = static_cast<const Table*>(entry_->capability(instance_, id));
    if (table == nullptr)
        return msg::refuse(msg::capability_missing, place_, fmt::format("{} says it offers {}, but does not", info_.id, id));
    if (table->size < sizeof(Table))
        return msg::refuse(msg::capability_corrupt, place_,
                           fmt::format("the {} table of {} says it has {} bytes, {} are needed", id, info_.id, table->size, sizeof(Table)));
    if (!is_whole(*table))
        return msg::refuse(msg::capability_corrupt, place_, fmt::format("the {} table of {} has a null function", id, info_.id));
    slot = table;
    return {};
}

Result<void> LoadedPlugin::read_capabilities() {
    if (auto read = read_capability(STM_NUMBERING_ID, numbering_); !read) return read;
    if (auto read = read_capability(STM_RULES_ID, rules_); !read) return read;
    if (auto read = read_capability(STM_ASSESSMENT_ID, assessment_); !read) return read;
    if (auto read = read_capability(STM_WORKFLOW_ID, workflow_); !read) return read;
    return read_capability(STM_REPORT_ID, report_);
}

Result<void> LoadedPlugin::self_check() const {
    Sink sink{gives::nothing};
    const stm_status status = entry_->self_check(instance_, sink.c());
    if (status == STM_OK && sink.garbage().empty()) return {};
    const std::string& why = sink.given().error.empty() ? sink.garbage() : sink.given().error;
    return msg::refuse(msg::self_check_failed, place_,
                       fmt::format("{} fails its own check: {}", info_.id, why.empty() ? "it gives no reason" : why));
}

CallCounts LoadedPlugin::counts() const noexcept {
    return {calls_.load(std::memory_order_relaxed), failed_.load(std::memory_order_relaxed), slow_.load(std::memory_order_relaxed)};
}

bool LoadedPlugin::may_ask(std::string_view fact) const noexcept { return std::ranges::find(facts_, fact) != facts_.end(); }

std::unexpected<Error> LoadedPlugin::garbage(std::string_view what, std::string_view why) const {
    const std::uint64_t count = failed_.fetch_add(1, std::memory_order_relaxed) + 1;
    auto failure = msg::refuse(msg::call_garbage, "plugin:" + info_.id,
                               fmt::format("{} gave an answer to {} that cannot be right: {}", info_.id, what, why),
                               "report it to the plugin's author; until then its verdict is undecided");
    if (std::has_single_bit(count)) log::error(msg::call_garbage, failure.error().text());
    return failure;
}

Result<void> LoadedPlugin::judge_call(std::string_view what, stm_status status, Sink& sink, std::chrono::nanoseconds took) const {
    calls_.fetch_add(1, std::memory_order_relaxed);
    if (took > call_ms_slow_) {
        // The 1st, 2nd, 4th, 8th ... is logged: a plugin that is slow on every event must not fill the disk too.
        const std::uint64_t count = slow_.fetch_add(1, std::memory_order_relaxed) + 1;
        if (std::has_single_bit(count))
            log::warn(msg::call_slow, fmt::format("{} took {} ms for {} ({} slow calls so far)", info_.id,
                                                  std::chrono::duration_cast<std::chrono::milliseconds>(took).count(), what, count));
    }
    if (!sink.garbage().empty()) return garbage(what, sink.garbage());
    if (status == STM_OK) return {};
    const std::string why = sink.given().error.empty() ? std::string("it gives no reason") : sink.given().error;
    if (status == STM_REFUSED) return fail(Errc::invalid_input, why, "plugin:" + info_.id);
    const std::uint64_t count = failed_.fetch_add(1, std::memory_order_relaxed) + 1;
    auto failure = msg::refuse(msg::call_failed, "plugin:" + info_.id, fmt::format("{} failed in {}: {}", info_.id, what, why));
    if (std::has_single_bit(count)) log::error(msg::call_failed, failure.error().text());
    return failure;
}

}  // namespace stemma
