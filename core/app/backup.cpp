// Making a backup. Order matters: the database first, then the kept plugins, so that each verdict in the copy finds its plugin beside it.
#include "core/app/backup.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <system_error>

#include "adapters/store/sqlite/sqlite_copy.hpp"
#include "adapters/store/sqlite/sqlite_store.hpp"
#include "core/app/app.hpp"
#include "core/app/backup_files.hpp"
#include "core/app/parts.hpp"
#include "core/base/digest.hpp"
#include "core/engine/store_copy.hpp"

namespace stemma::app {
namespace {

namespace fs = std::filesystem;
using Role = BackupFile::Role;

constexpr mode_t kOwnerAlone = S_IRUSR | S_IWUSR;
constexpr mode_t kModeBits = 07777;
constexpr std::size_t kDigestChars = 64;

Instant now() {
    return {std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count()};
}

/// "<SHA-256>.so", ".options.json", ".data.json": nothing else in that folder is kept for good.
bool is_kept_file(const fs::path& path) {
    const std::string name = path.filename();
    if (name.size() <= kDigestChars || !digest_from_hex(name.substr(0, kDigestChars))) return false;
    const std::string rest = name.substr(kDigestChars);
    return rest == ".so" || rest == ".options.json" || rest == ".data.json";
}

class Maker {
public:
    Maker(const config::Settings& settings, const BackupOptions& options, const BackupProgress& progress, fs::path folder)
        : settings_{settings}, options_{options}, progress_{progress}, folder_{std::move(folder)} {}

    Result<Manifest> run() {
        const auto key = read_public_key(settings_);
        if (!key) return std::unexpected(key.error());
        describe(*key);
        if (auto done = copy_ledger(*key); !done) return std::unexpected(done.error());
        if (auto done = copy_kept_plugins(); !done) return std::unexpected(done.error());
        if (auto done = copy_settings(); !done) return std::unexpected(done.error());
        if (auto done = copy_what_settings_name(); !done) return std::unexpected(done.error());
        if (manifest_.files.size() > kBackupFilesMax)
            return fail(Errc::too_large,
                        fmt::format("a backup holds at most {} files, this one would have {}", kBackupFilesMax, manifest_.files.size()));
        manifest_.made_at = now();
        const std::string text = manifest_text(manifest_);
        if (auto done = write_durable(folder_ / kManifestFile, text, kOwnerAlone); !done) return std::unexpected(done.error());
        if (auto done = write_durable(folder_ / kSumsFile, sums_text(manifest_, text), kOwnerAlone); !done)
            return std::unexpected(done.error());
        return std::move(manifest_);
    }

private:
    void describe(const NoteKey& key) {
        manifest_.version = kVersion;
        manifest_.origin = key.name;
        manifest_.public_key = key_text(key);
        manifest_.settings_file = plain_path(settings_.file);
        manifest_.state_folder = plain_path(settings_.state.folder);
        manifest_.plugin_folder = plain_path(settings_.plugins.directory);
        for (const fs::path& folder : settings_.erp.mappings) manifest_.mapping_folders.push_back(plain_path(folder));
    }

    /// Takes a file that is in the backup's folder into the manifest.
    Result<void> enter(Role role, const std::string& path, const fs::path& place, mode_t mode) {
        if (!stays_inside(path)) return fail(Errc::invalid_input, "a backup cannot hold a file of this name", place, "rename it");
        const auto digest = sha256_file(folder_ / path);
        if (!digest) return std::unexpected(digest.error());
        std::error_code error;
        const auto bytes = fs::file_size(folder_ / path, error);
        if (error) return fail(Errc::storage, error.message(), folder_ / path);
        manifest_.files.push_back({role, path, plain_path(place), mode & kModeBits, bytes, to_hex(*digest)});
        return {};
    }

    Result<void> take(Role role, const fs::path& from, const std::string& path) {
        struct stat found {};
        const mode_t mode = ::stat(from.c_str(), &found) == 0 ? found.st_mode : kOwnerAlone;
        if (auto copied = copy_durable(from, folder_ / path, kOwnerAlone); !copied) return copied;
        return enter(role, path, from, mode);
    }

    /// As take(); a file that is not there is told in the manifest: the ledger's backup does not fail for a rule pack.
    Result<void> take_if_there(Role role, const fs::path& from, const std::string& path) {
        auto taken = take(role, from, path);
        if (taken || taken.error().code != Errc::not_found) return taken;
        manifest_.missing.push_back(plain_path(from));
        return {};
    }

    Result<void> copy_ledger(const NoteKey& key) {
        const fs::path copy = folder_ / kBackupStore;
        std::error_code error;
        fs::create_directory(copy.parent_path(), error);
        if (error) return fail(Errc::storage, error.message(), copy.parent_path());
        fs::permissions(copy.parent_path(), fs::perms::owner_all, error);
        const auto pages = [&](std::uint64_t done, std::uint64_t total) {
            if (progress_) progress_("pages copied", done, total);
        };
        const auto timeout = static_cast<std::uint32_t>(settings_.store.busy_timeout_ms);
        const bool on_file = settings_.store.engine == config::StoreEngine::sqlite;
        const fs::path making = on_file ? settings_.store.file : folder_ / "making.db";
        if (!on_file)
            if (auto copied = copy_to_file(making); !copied) return copied;
        if (auto copied = store::copy_sqlite(making, copy, timeout, pages); !copied) return copied;
        if (!on_file)
            for (const char* end : {"", "-wal", "-shm"}) fs::remove(making.string() + end, error);
        if (auto checked = check_head(copy, key); !checked) return checked;
        if (auto entered = enter(Role::store, kBackupStore, settings_.store.file, kOwnerAlone); !entered) return entered;
        if (manifest_.size > 0) {
            if (auto written = write_durable(folder_ / kBackupCheckpoint, manifest_.checkpoint, kOwnerAlone); !written) return written;
            if (auto entered = enter(Role::checkpoint, kBackupCheckpoint, settings_.ledger.checkpoint_file, 0644); !entered) return entered;
        }
        if (auto taken = take(Role::public_key, public_key_file(settings_), kBackupPublicKey); !taken) return taken;
        return options_.with_key ? take_key(key) : Result<void>{};
    }

    /// Through the port: a backup is a SQLite file whatever the engine, so that it can be verified with nothing but the backup.
    Result<void> copy_to_file(const fs::path& file) {
        const auto from = open_store(settings_, true);
        if (!from) return std::unexpected(from.error());
        const auto snapshot = (*from)->read();
        if (!snapshot) return std::unexpected(snapshot.error());
        const auto to = store::open_sqlite({.path = file});
        if (!to) return std::unexpected(to.error());
        const auto entries = [&](std::uint64_t done, std::uint64_t total) {
            if (progress_) progress_("entries copied", done, total);
        };
        const auto copied = engine::copy_store(**snapshot, **to, {.progress = entries, .before_end = {}});
        return copied ? Result<void>{} : std::unexpected(copied.error());
    }

    /// A backup of a ledger that its own head does not sign would be refused by the daemon when it is needed.
    Result<void> check_head(const fs::path& copy, const NoteKey& key) {
        const auto head = head_of_file(copy);
        if (!head) return std::unexpected(head.error());
        manifest_.size = head->size;
        manifest_.root = to_hex(head->root);
        if (head->size == 0 && head->checkpoint.empty()) return {};
        const auto newest = open_checkpoint(head->checkpoint, key);
        if (!newest || newest->size != head->size || newest->root != head->root)
            return fail(Errc::storage, "the newest signed checkpoint is not one over exactly the entries that are there",
                        settings_.store.file, "run: stemma ledger verify");
        manifest_.checkpoint = head->checkpoint;
        return {};
    }

    Result<void> take_key(const NoteKey& key) {
        const auto signing = SigningKey::load(key_file(settings_));
        if (!signing) return std::unexpected(signing.error());
        if (signing->public_key() != key.key)
            return fail(Errc::config, "is not the private half of ledger.pub", key_file(settings_),
                        "put back the key that the ledger began with");
        return take(Role::signing_key, key_file(settings_), kBackupKey);
    }

    Result<void> copy_kept_plugins() {
        const fs::path folder = settings_.state.folder / "plugins" / "by-sha256";
        std::error_code error;
        std::vector<fs::path> kept;
        for (fs::directory_iterator at{folder, error}, end; !error && at != end; at.increment(error))
            if (is_kept_file(at->path())) kept.push_back(at->path());
        if (error && error != std::errc::no_such_file_or_directory) return fail(Errc::storage, error.message(), folder);
        std::ranges::sort(kept);
        for (const fs::path& file : kept)
            if (auto taken = take(Role::kept_plugin, file, "state/plugins/by-sha256/" + file.filename().string()); !taken) return taken;
        return {};
    }

    Result<void> copy_settings() {
        for (const fs::path& file : settings_.files) {
            const std::string folder = file == settings_.file ? "config/" : "config/conf.d/";
            if (auto taken = take(Role::settings, file, folder + file.filename().string()); !taken) return taken;
        }
        return {};
    }

    Result<void> copy_what_settings_name() {
        for (const config::ErpSourceSettings& source : settings_.erp.sources) {
            const std::string path = fmt::format("mappings/{}.yaml", source.mapping);
            if (std::ranges::find(manifest_.files, path, &BackupFile::path) != manifest_.files.end()) continue;
            const auto file = find_mapping(settings_, source);
            if (!file) {
                manifest_.missing.push_back(source.mapping + ".yaml");
                continue;
            }
            if (auto taken = take_if_there(Role::mapping, *file, path); !taken) return taken;
        }
        for (const config::PluginSettings& plugin : settings_.plugins.enabled)
            if (auto taken = take_plugin_data(plugin); !taken) return taken;
        return {};
    }

    /// The code itself is not taken from the plugin folder: what ran is among the kept plugins. Its digest says which that was.
    Result<void> take_plugin_data(const config::PluginSettings& plugin) {
        BackupPlugin entry{plugin.name, plugin.enabled, {}, {}};
        const auto code = sha256_file(settings_.plugins.directory / (plugin.name + ".so"));
        if (code) entry.sha256 = to_hex(*code);
        for (const fs::path& data : plugin.data) {
            const std::string place = plain_path(data);
            entry.data.push_back(place);
            const auto known = [&](const BackupFile& file) { return file.role == Role::data && file.place == place; };
            if (std::ranges::any_of(manifest_.files, known)) continue;
            // The name is part of what a verdict remembers of its data, so two files of one name go into two folders.
            const std::string path =
                fmt::format("data/{}/{}", 1 + std::ranges::count(manifest_.files, Role::data, &BackupFile::role), data.filename().string());
            if (auto taken = take_if_there(Role::data, data, path); !taken) return taken;
        }
        manifest_.plugins.push_back(std::move(entry));
        return {};
    }

    const config::Settings& settings_;
    const BackupOptions& options_;
    const BackupProgress& progress_;
    fs::path folder_;
    Manifest manifest_;
};

}  // namespace

Result<BackupReport> make_backup(const config::Settings& settings, const BackupOptions& options, const BackupProgress& progress) {
    const fs::path place = plain_path(options.to);
    std::error_code error;
    if (fs::exists(fs::symlink_status(place, error)))
        return fail(Errc::conflict, "is there already, and a backup replaces nothing", place, "name a folder that is not there yet");
    auto staged = StagedFolder::make(place, "partial");
    if (!staged) return std::unexpected(staged.error());
    auto manifest = Maker{settings, options, progress, staged->path()}.run();
    if (!manifest) return std::unexpected(manifest.error());
    if (auto placed = staged->put_in_place(); !placed) return std::unexpected(placed.error());
    BackupReport report{place, *std::move(manifest), 0};
    for (const BackupFile& file : report.manifest.files) report.bytes += file.bytes;
    return report;
}

}  // namespace stemma::app
