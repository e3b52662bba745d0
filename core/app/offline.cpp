// init, verify, rebuild, plugin check: see doctor.cpp for the doctor.
#include "core/app/offline.hpp"

#include <fmt/format.h>
#include <sys/types.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "adapters/store/sqlite/sqlite_store.hpp"
#include "core/app/code_map.hpp"
#include "core/app/parts.hpp"
#include "core/app/state_lock.hpp"
#include "core/base/digest.hpp"
#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "core/config/tree.hpp"
#include "core/plugin_host/plugin_check.hpp"
#include "embedded/app.hpp"

namespace stemma::app {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kKeyHashBytes = 4;  ///< of a signed note's key hash

/// Writes a new file, whole or not at all; an existing one is kept, also one that comes in between.
Result<bool> write_new(const fs::path& path, std::string_view text, mode_t mode) {
    std::error_code ignored;
    if (fs::exists(path, ignored)) return false;
    if (make_file(path, text, mode)) return true;
    if (errno == EEXIST) return false;
    return fail(Errc::storage, fmt::format("cannot make the file: {}", std::strerror(errno)), path);
}

Result<void> make_folder(const fs::path& folder, InitReport& report) {
    std::error_code error;
    if (fs::is_directory(folder, error)) {
        report.kept.push_back(folder);
        return {};
    }
    if (!fs::create_directories(folder, error) && error) return fail(Errc::storage, "cannot make the folder: " + error.message(), folder);
    fs::permissions(folder, fs::perms::owner_all | fs::perms::group_read | fs::perms::group_exec, error);
    report.made.push_back(folder);
    return {};
}

Result<void> make_key(const config::Settings& settings, InitReport& report) {
    const fs::path path = key_file(settings);
    auto key = SigningKey::load(path);
    if (!key && key.error().code != Errc::not_found) return std::unexpected(key.error());
    if (key) {
        report.kept.push_back(path);
    } else {
        std::error_code ignored;
        if (fs::exists(public_key_file(settings), ignored))
            return fail(Errc::conflict, "this ledger's key is gone, and no other can sign for it", path, kOldKeyBack);
        key = SigningKey::generate();
        if (auto saved = key->save(path); !saved) return saved;
        report.made.push_back(path);
    }
    report.public_key = key_text({settings.ledger.origin, key->public_key()});
    const auto written = write_new(public_key_file(settings), report.public_key + "\n", 0644);
    if (!written) return std::unexpected(written.error());
    (*written ? report.made : report.kept).push_back(public_key_file(settings));
    return {};
}

/// A database that is none any more is an answer, not a failure: this ledger does not verify. See error_of in adapters/sql.
Result<VerifyReport> damaged_or(const Error& error) {
    if (!error.message.starts_with("file damaged: ")) return std::unexpected(error);
    VerifyReport damaged;
    damaged.findings.push_back({std::nullopt, error.message});
    return damaged;
}

Result<std::unique_ptr<Store>> open_for_verify(const config::Settings& settings, const std::optional<fs::path>& database) {
    if (!database) return open_store(settings, true);
    store::SqliteOptions options;
    options.path = *database;
    options.read_only = true;
    return store::open_sqlite(options);
}

/// "name+key hash" of who signed a note, from its last line "— name base64(key hash ‖ signature)"; "" when that is none.
std::string signer_of(std::string_view note) {
    while (note.ends_with('\n')) note.remove_suffix(1);
    const std::string_view line = note.substr(note.rfind('\n') + 1);
    const std::size_t name = line.find(' ');
    const std::size_t blob = line.rfind(' ');
    if (name == std::string_view::npos || blob == name) return {};
    const auto bytes = from_base64(line.substr(blob + 1));
    if (!bytes || bytes->size() < kKeyHashBytes) return {};
    std::string hash;
    for (const char byte : bytes->substr(0, kKeyHashBytes)) hash += fmt::format("{:02x}", static_cast<unsigned char>(byte));
    return fmt::format("{}+{}", line.substr(name + 1, blob - name - 1), hash);
}

/// A ledger of another key says so once, and not for each of its checkpoints.
void say_other_signer(VerifyReport& report, ReadSnapshot& ledger, const std::string& key) {
    const auto newest = ledger.latest_checkpoint();
    if (!newest || !*newest) return;
    const std::string signer = signer_of((*newest)->note);
    const std::string given = key.substr(0, key.find('+') + 1 + 2 * kKeyHashBytes);
    if (signer.empty() || signer == given) return;
    std::erase_if(report.findings,
                  [](const VerifyFinding& finding) { return !finding.entry && finding.text.starts_with("the checkpoint "); });
    report.findings.push_back({std::nullopt, fmt::format("signed by {}, not by the key you gave ({})", clip(signer), given)});
}

}  // namespace

Result<InitReport> init(const fs::path& file) {
    InitReport report;
    const auto written = write_new(file, embedded::app::stemma_yaml(), 0644);
    if (!written) return std::unexpected(written.error());
    (*written ? report.made : report.kept).push_back(file);
    // The passwords of the ERPs may come later: nothing is opened here.
    const auto settings = config::load_settings(file, nullptr, config::Unresolved::keep);
    if (!settings) return std::unexpected(first_of(settings.error()));
    if (auto made = make_folder(settings->state.folder, report); !made) return std::unexpected(made.error());
    if (auto made = make_key(*settings, report); !made) return std::unexpected(made.error());
    return report;
}

PartsCheck check_parts(const config::Settings& settings) {
    PartsCheck check;
    for (const config::PluginSettings& plugin : settings.plugins.enabled) {
        std::error_code error;
        if (plugin.enabled && !fs::exists(settings.plugins.directory / (plugin.name + ".so"), error))
            check.errors.push_back({Errc::config,
                                    fmt::format("there is no plugin '{}' in {}", plugin.name, settings.plugins.directory.string()),
                                    plugin.mark.text(), "stemma plugin list shows what there is"});
        for (const fs::path& data : plugin.data)
            if (plugin.enabled && !fs::exists(data, error))
                check.errors.push_back({Errc::config, fmt::format("the data file {} is not there", data.string()), plugin.mark.text(), {}});
    }
    for (const config::ErpSourceSettings& source : settings.erp.sources) {
        if (!source.enabled) continue;
        if (auto made = make_erp_source(settings, source); !made) check.errors.push_back(made.error());
    }
    if (const auto meetings = meeting_settings(settings); !meetings)
        check.errors.insert(check.errors.end(), meetings.error().begin(), meetings.error().end());
    const std::string& address = settings.daemon.address;
    if (!address.starts_with("127.") && address != "::1")
        check.warnings.push_back(
            fmt::format("daemon.address is {}: the API asks nobody who they are, and whoever reaches it reads and writes "
                        "all; 127.0.0.1 is this machine alone",
                        address));
    return check;
}

Result<VerifyReport> verify_ledger(const config::Settings& settings, const std::optional<fs::path>& database,
                                   const std::optional<std::string>& public_key, const VerifyProgress& progress) {
    auto key = public_key ? key_from_text(*public_key) : read_public_key(settings);
    if (!key) return std::unexpected(key.error());
    const auto store = open_for_verify(settings, database);
    if (!store) return damaged_or(store.error());
    VerifyInput input{.key = *key, .outside_checkpoint = {}, .integrity = {}, .progress = progress};
    // The copy outside belongs to the database it was written for, not to a backup of some earlier day.
    if (!database) {
        const auto outside = CheckpointFile{settings.ledger.checkpoint_file}.read();
        if (!outside) return std::unexpected(outside.error());
        input.outside_checkpoint = *outside;
        input.outside_path = settings.ledger.checkpoint_file;
    }
    const auto integrity = (*store)->check_integrity();
    if (!integrity) return damaged_or(integrity.error());
    input.integrity = *integrity;
    const auto snapshot = (*store)->read();
    if (!snapshot) return damaged_or(snapshot.error());
    VerifyReport report = verify(**snapshot, input);
    if (public_key && !report.ok()) say_other_signer(report, **snapshot, key_text(*key));
    return report;
}

Result<engine::RebuildReport> rebuild_ledger(const config::Settings& settings, const std::function<void(std::uint64_t)>& progress) {
    const auto lock = StateLock::take(settings.state.folder);
    if (!lock) return std::unexpected(lock.error());
    const auto store = open_store(settings, false);
    if (!store) return std::unexpected(store.error());
    return engine::rebuild(**store, progress);
}

Result<PluginCheck> check_plugin(const config::Settings& settings, const fs::path& file, const std::string& options_yaml) {
    WantedPlugin options;
    config::Node given = config::Node::map({}, {}, {});
    if (!options_yaml.empty()) {
        auto tree = config::read_yaml_text(options_yaml, "options");
        if (!tree) return fail(Errc::invalid_input, tree.error().message, tree.error().where, tree.error().hint);
        if (!tree->root().is_map()) return fail(Errc::invalid_input, "a plugin's options are a map of names and values", "options");
        given = tree->root();
        options.options_json = config::to_json(given);
    }
    options.check_options = [&](std::string_view schema_json) { return check_options(given, file.stem(), "options", schema_json); };
    // Without a state folder: the check makes a folder of its own and keeps nothing.
    const auto report = stemma::check_plugin(file, std::move(options), host_settings(settings, {}));
    if (!report) return std::unexpected(report.error());
    PluginCheck check{report->passed(), {}};
    check.lines.push_back(fmt::format("{} {} ({})", report->plugin.id, report->plugin.version, report->plugin.summary));
    for (const PropertyResult& property : report->properties)
        check.lines.push_back(fmt::format("{:7} {}: {}{}", to_string(property.outcome), property.subject, property.property,
                                          property.detail.empty() ? "" : " (" + property.detail + ")"));
    return check;
}

}  // namespace stemma::app
