#include "core/app/parts.hpp"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "adapters/erp/source.hpp"
#include "adapters/sql/connection.hpp"
#include "adapters/store/postgres/postgres_store.hpp"
#include "adapters/store/sqlite/sqlite_store.hpp"
#include "core/base/digest.hpp"
#include "core/config/schema.hpp"
#include "core/config/tree.hpp"

namespace stemma::app {
namespace {

namespace fs = std::filesystem;

Result<std::string> read_text(const fs::path& path) {
    std::ifstream file{path, std::ios::binary};
    if (!file) return fail(Errc::not_found, "the file cannot be read", path);
    return std::string{std::istreambuf_iterator<char>{file}, {}};
}

/// YAML data is handed to plugins as JSON, so that no plugin needs a YAML reader; everything else as it is.
Result<WantedData> read_data(const fs::path& path, const std::string& place) {
    auto content = read_text(path);
    if (!content)
        return fail(Errc::config, fmt::format("the data file {} cannot be read", path.string()), place,
                    "it must be there, and readable for the user that stemmad runs as");
    WantedData data{"", path.filename(), to_hex(sha256(*content)), {}};
    if (path.extension() == ".yaml" || path.extension() == ".yml") {
        const auto tree = config::read_yaml_file(path);
        if (!tree) return std::unexpected(tree.error());
        data.content = config::to_json(tree->root());
    } else {
        data.content = *std::move(content);
    }
    return data;
}

OptionsCheck options_check(const config::PluginSettings& plugin) {
    return [options = plugin.options, name = plugin.name](std::string_view schema_json) {
        return check_options(options, name, fmt::format("plugins.enabled[{}].options", name), schema_json);
    };
}

}  // namespace

std::vector<Error> check_options(const config::Node& options, const std::string& plugin, const std::string& label,
                                 std::string_view schema_json) {
    const auto schema = config::Schema::compile(schema_json, "plugin " + plugin);
    if (!schema) return {schema.error()};
    return schema->check(options, label);
}

Error first_of(const std::vector<Error>& errors) {
    Error first = errors.empty() ? Error{} : errors.front();
    if (errors.size() > 1) first.message += fmt::format(" (and {} more)", errors.size() - 1);
    return first;
}

engine::Limits limits_of(const config::Settings& settings) {
    const config::LimitSettings& given = settings.limits;
    engine::Limits limits;
    limits.event.items_per_event_max = static_cast<std::size_t>(given.items_per_event_max);
    limits.event.future_us_max = given.future_event_seconds_max * kMicrosPerSecond;
    limits.event_bytes_max = static_cast<std::size_t>(given.event_bytes_max);
    limits.batch_events_max = static_cast<std::size_t>(given.batch_events_max);
    limits.writer_queue_max = static_cast<std::size_t>(given.writer_queue_max);
    limits.writer_queue_bytes_max = static_cast<std::size_t>(given.writer_queue_bytes_max);
    limits.identifier_bytes_max = static_cast<std::size_t>(given.identifier_bytes_max);
    limits.trace_items_max = static_cast<std::size_t>(given.trace_items_max);
    limits.large_trace_items = static_cast<std::size_t>(given.large_trace_items);
    limits.large_traces_max = static_cast<std::size_t>(given.large_traces_max);
    limits.search_results_max = static_cast<std::size_t>(given.search_results_max);
    limits.history_entries_max = static_cast<std::size_t>(given.fact_entries_max);
    limits.fact_items_max = static_cast<std::size_t>(given.fact_items_max);
    limits.fact_rows_max = static_cast<std::size_t>(given.fact_rows_max);
    limits.report_subjects_max = static_cast<std::size_t>(given.report_subjects_max);
    limits.report_rows_max = static_cast<std::size_t>(given.report_rows_max);
    limits.report_bytes_max = static_cast<std::size_t>(given.report_bytes_max);
    return limits;
}

namespace {

Result<store::PostgresOptions> postgres_options(const config::Settings& settings) {
    // A client may go on without a password that it has no right to read; who opens the store may not.
    if (!settings.unresolved.empty() && settings.store.connection.contains("${")) return std::unexpected(settings.unresolved.front());
    store::PostgresOptions options;
    options.connection = settings.store.connection;
    options.schema = settings.store.schema;
    options.busy_timeout_ms = static_cast<std::uint32_t>(settings.store.busy_timeout_ms);
    options.readers_max = static_cast<std::size_t>(settings.store.readers);
    options.statement_timeout_ms = static_cast<std::uint32_t>(settings.store.statement_timeout_ms);
    return options;
}

Result<std::unique_ptr<Store>> open_postgresql_store(const config::Settings& settings, bool read_only) {
    auto options = postgres_options(settings);
    if (!options) return std::unexpected(options.error());
    options->read_only = read_only;
    return store::open_postgres(*options);
}

/// "stemmad 2311 on plant-1, http://10.0.0.7:7430": what others are told of a writer.
std::string name_of_daemon(const config::Settings& settings) {
    std::array<char, 65> host{};
    if (gethostname(host.data(), host.size() - 1) != 0) host[0] = '?';
    const std::string at = settings.daemon.port == 0 ? "" : fmt::format(", http://{}:{}", settings.daemon.address, settings.daemon.port);
    return fmt::format("stemmad {} on {}{}", getpid(), host.data(), at);
}

}  // namespace

std::string store_place(const config::Settings& settings) {
    if (settings.store.engine == config::StoreEngine::sqlite) return settings.store.file;
    return fmt::format("schema {} of {}", settings.store.schema, config::redact_connection(settings.store.connection));
}

engine::AccessLimits access_limits(const config::Settings& settings) {
    const config::AccessSettings& given = settings.access;
    const auto amount = [](std::int64_t value) { return static_cast<std::uint64_t>(value); };
    engine::AccessLimits limits;
    limits.cost = {amount(given.hash_passes), amount(given.hash_bytes)};
    limits.hashes_at_once = amount(given.hashes_at_once);
    limits.phrase_bytes_min = amount(given.phrase_bytes_min);
    limits.session = std::chrono::duration_cast<std::chrono::seconds>(given.session);
    limits.tries_per_minute = amount(given.tries_per_minute);
    limits.records_max = amount(given.records_max);
    limits.refusals = std::chrono::duration_cast<std::chrono::milliseconds>(given.refusals_every);
    return limits;
}

std::vector<engine::SigningRule> signing_rules(const config::Settings& settings) {
    std::vector<engine::SigningRule> rules;
    for (const config::SignSettings& sign : settings.access.sign) {
        const Result<Act> act = act_from(sign.command);
        if (!act) continue;  // the schema names those that there are
        engine::SigningRule rule{*act, sign.workflow, sign.step, sign.meanings, sign.second_person, {}};
        if (rule.meanings.empty()) rule.meanings = {"approval", "review", "responsibility", "authorship"};
        rule.within = std::chrono::duration_cast<std::chrono::seconds>(sign.within);
        rules.push_back(std::move(rule));
    }
    return rules;
}

std::string local_actor() {
    passwd found{};
    passwd* entry = nullptr;
    std::array<char, 4096> texts{};
    const uid_t user = geteuid();
    if (getpwuid_r(user, &found, texts.data(), texts.size(), &entry) == 0 && entry != nullptr)
        return fmt::format("local:{}", found.pw_name);
    return fmt::format("local:{}", user);
}

engine::StoreProfile profile_of(const config::Settings& settings) {
    return settings.store.profile == config::StoreProfile::team ? engine::StoreProfile::team : engine::StoreProfile::single;
}

Result<std::unique_ptr<Store>> open_store(const config::Settings& settings, bool read_only) {
    if (settings.store.engine == config::StoreEngine::postgresql) return open_postgresql_store(settings, read_only);
    store::SqliteOptions options;
    options.path = settings.store.file;
    options.read_only = read_only;
    options.busy_timeout_ms = static_cast<std::uint32_t>(settings.store.busy_timeout_ms);
    options.readers_max = static_cast<std::size_t>(settings.store.readers);
    return store::open_sqlite(options);
}

Result<std::unique_ptr<Store>> open_store_to_serve(const config::Settings& settings) {
    if (settings.store.engine == config::StoreEngine::sqlite) return open_store(settings, false);
    auto options = postgres_options(settings);
    if (!options) return std::unexpected(options.error());
    options->ledger = settings.ledger.origin;
    options->name = name_of_daemon(settings);
    return store::open_postgres(*options);
}

fs::path key_file(const config::Settings& settings) { return settings.state.folder / "ledger.key"; }
fs::path public_key_file(const config::Settings& settings) { return settings.state.folder / "ledger.pub"; }

Result<engine::Seal> open_seal(const config::Settings& settings) {
    auto key = SigningKey::load(key_file(settings));
    if (!key) {
        std::error_code ignored;
        if (key.error().code == Errc::not_found)
            key.error().hint = fs::exists(public_key_file(settings), ignored) ? kOldKeyBack : "make it with: stemma init";
        return std::unexpected(key.error());
    }
    // A ledger keeps the name it began with: its checkpoints are signed under it.
    const auto known = read_public_key(settings);
    if (known && known->name != settings.ledger.origin)
        return fail(Errc::config, fmt::format("ledger.origin is '{}', but this ledger began as '{}'", settings.ledger.origin, known->name),
                    "ledger.origin", "set it back: a ledger's origin is chosen before its first start and kept");
    return engine::Seal{settings.ledger.origin, *std::move(key), CheckpointFile{settings.ledger.checkpoint_file}};
}

Result<NoteKey> read_public_key(const config::Settings& settings) {
    auto text = read_text(public_key_file(settings));
    if (!text) return fail(Errc::not_found, "the ledger's public key is missing", public_key_file(settings), "make it with: stemma init");
    while (!text->empty() && text->back() == '\n') text->pop_back();
    return key_from_text(*text);
}

Result<std::vector<WantedPlugin>> wanted_plugins(const config::Settings& settings) {
    std::vector<WantedPlugin> wanted;
    for (const config::PluginSettings& plugin : settings.plugins.enabled) {
        if (!plugin.enabled) continue;
        WantedPlugin one;
        one.name = plugin.name;
        one.place = plugin.mark.text();
        one.options_json = plugin.options.is_null() ? "{}" : config::to_json(plugin.options);
        one.check_options = options_check(plugin);
        if (plugin.sha256) one.sha256_pin = to_hex(*plugin.sha256);
        for (const fs::path& path : plugin.data) {
            auto data = read_data(path, one.place);
            if (!data) return std::unexpected(data.error());
            one.data.push_back(*std::move(data));
        }
        wanted.push_back(std::move(one));
    }
    return wanted;
}

fs::path checker_program() {
    std::error_code error;
    const fs::path here = fs::read_symlink("/proc/self/exe", error).parent_path();
    const fs::path beside = here / "stemma-plugin-check";
    return fs::exists(beside, error) ? beside : here.parent_path() / "libexec" / "stemma" / "stemma-plugin-check";
}

HostSettings host_settings(const config::Settings& settings, const fs::path& state_directory) {
    HostSettings host;
    host.directory = settings.plugins.directory;
    host.state_directory = state_directory;
    host.checker = checker_program();
    return host;
}

Result<fs::path> find_mapping(const config::Settings& settings, const config::ErpSourceSettings& source) {
    for (const fs::path& folder : settings.erp.mappings) {
        fs::path file = folder / (source.mapping + ".yaml");
        std::error_code error;
        if (fs::exists(file, error)) return file;
    }
    const std::vector<std::string> folders{settings.erp.mappings.begin(), settings.erp.mappings.end()};
    return fail(Errc::config, fmt::format("there is no mapping '{}'", source.mapping), source.mark.text(),
                fmt::format("looked for {}.yaml in {} (erp.mappings)", source.mapping, fmt::join(folders, ", ")));
}

/// All mappings in the folders that can be read; of two with one name the first. Those that cannot are told when a source names them.
std::vector<std::shared_ptr<const erp::Mapping>> all_mappings(const std::vector<fs::path>& folders) {
    std::map<std::string, std::shared_ptr<const erp::Mapping>> known;
    for (const fs::path& folder : folders) {
        std::error_code error;
        for (const auto& entry : fs::directory_iterator{folder, error}) {
            if (entry.path().extension() != ".yaml") continue;
            if (auto mapping = erp::read_mapping_file(entry.path()))
                known.try_emplace(entry.path().stem().string(), std::make_shared<const erp::Mapping>(*std::move(mapping)));
        }
    }
    std::vector<std::shared_ptr<const erp::Mapping>> all;
    all.reserve(known.size());
    for (auto& [name, mapping] : known) all.push_back(std::move(mapping));
    return all;
}

Result<std::unique_ptr<ErpSource>> make_erp_source(const config::Settings& settings, const config::ErpSourceSettings& source) {
    const auto file = find_mapping(settings, source);
    if (!file) return std::unexpected(file.error());
    auto mapping = erp::read_mapping_file(*file);
    if (!mapping) return std::unexpected(first_of(mapping.error()));
    auto connection = sql::parse_connection(source.connection);
    if (!connection) {
        if (connection.error().where.empty()) connection.error().where = source.mark.text();
        return std::unexpected(connection.error());
    }
    connection->statement_timeout_ms = static_cast<std::uint32_t>(source.statement_timeout.count() / 1000);
    erp::SourceSettings given;
    given.name = source.name;
    given.connection = *std::move(connection);
    given.batch_rows = static_cast<std::size_t>(source.batch_rows);
    given.rows_per_second_max = static_cast<std::uint64_t>(source.rows_per_second_max);
    given.overlap = source.overlap;
    given.others = [folders = settings.erp.mappings] { return all_mappings(folders); };
    return erp::make_source(std::move(given), std::make_shared<const erp::Mapping>(*std::move(mapping)));
}

}  // namespace stemma::app
