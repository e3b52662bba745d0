// Verifying a backup with nothing but the backup: first that each file is as it was written, then the ledger in it as any ledger.
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <system_error>

#include "adapters/store/sqlite/sqlite_store.hpp"
#include "core/app/backup.hpp"
#include "core/app/backup_files.hpp"
#include "core/base/digest.hpp"
#include "core/base/text.hpp"

namespace stemma::app {
namespace {

namespace fs = std::filesystem;
using Role = BackupFile::Role;

/// What stands in a text file that is read whole, without the line's end.
Result<std::string> read_line_of(const fs::path& path) {
    auto text = read_small(path, kNoteBytesMax);
    if (!text) return text;
    while (text->ends_with('\n')) text->pop_back();
    return text;
}

class Checker {
public:
    Checker(const BackupCheck& check, const BackupProgress& progress) : check_{check}, progress_{progress} {}

    Result<BackupVerdict> run() {
        if (auto given = read_given(); !given) return std::unexpected(given.error());
        if (!check_manifest()) return std::move(verdict_);
        check_files();
        check_strangers();
        check_ledger();
        return std::move(verdict_);
    }

private:
    void bad(std::string text) { verdict_.findings.push_back(std::move(text)); }

    Result<void> read_given() {
        struct stat found {};
        if (::stat(check_.backup.c_str(), &found) != 0) return fail(Errc::not_found, "there is no such backup", check_.backup);
        if (!S_ISDIR(found.st_mode)) return fail(Errc::invalid_input, "a backup of Stemma is a folder", check_.backup);
        if (check_.checkpoint) {
            auto note = read_small(*check_.checkpoint, kNoteBytesMax);
            if (!note) return std::unexpected(note.error());
            given_checkpoint_ = *std::move(note);
        }
        if (!check_.key) return {};
        const auto key = key_from_text(*check_.key);
        if (!key) return std::unexpected(key.error());
        given_key_ = *key;
        return {};
    }

    /// False when there is no manifest to go by.
    bool check_manifest() {
        const auto text = read_small(check_.backup / kManifestFile, kManifestBytesMax);
        if (!text) {
            bad(fmt::format("{}: {}", kManifestFile, text.error().message));
            return false;
        }
        auto manifest = read_manifest(*text);
        const auto sums = read_small(check_.backup / kSumsFile, kManifestBytesMax);
        const std::string line = fmt::format("{}  {}\n", to_hex(sha256(*text)), kManifestFile);
        if (!sums)
            bad(fmt::format("{}: {}", kSumsFile, sums.error().message));
        else if (!sums->starts_with(line))
            bad(fmt::format("{} has not the SHA-256 that {} gives: one of the two was changed", kManifestFile, kSumsFile));
        else if (manifest && *sums != sums_text(*manifest, *text))
            bad(fmt::format("{} was changed: it is not what {} says", kSumsFile, kManifestFile));
        if (!manifest) {
            bad(fmt::format("{}: {}", kManifestFile, manifest.error().text()));
            return false;
        }
        verdict_.manifest = *std::move(manifest);
        return true;
    }

    void check_files() {
        for (const BackupFile& file : verdict_.manifest->files) check_file(file);
    }

    void check_file(const BackupFile& file) {
        const fs::path path = check_.backup / file.path;
        std::error_code error;
        const fs::file_status status = fs::symlink_status(path, error);
        if (!fs::exists(status)) {
            if (file.role == Role::mapping) verdict_.mappings_missing.push_back(file.path);
            return bad(fmt::format("{} is missing", file.path));
        }
        if (!fs::is_regular_file(status)) return bad(fmt::format("{} is no regular file", file.path));
        const std::uintmax_t bytes = fs::file_size(path, error);
        if (error) return bad(fmt::format("{} cannot be read: {}", file.path, error.message()));
        if (bytes < file.bytes) return bad(fmt::format("{} was cut: {} of its {} bytes are there", file.path, bytes, file.bytes));
        if (bytes > file.bytes) return bad(fmt::format("{} has {} bytes, it had {}", file.path, bytes, file.bytes));
        const auto digest = sha256_file(path);
        if (!digest) return bad(fmt::format("{} cannot be read: {}", file.path, digest.error().message));
        if (to_hex(*digest) != file.sha256) bad(fmt::format("{} was changed: its SHA-256 is another", file.path));
    }

    /// A file that is not of the backup harms nothing, but beside the database the engine would take it for its own.
    void check_strangers() {
        std::error_code error;
        for (fs::recursive_directory_iterator at{check_.backup, error}, end; !error && at != end; at.increment(error)) {
            if (at->is_directory(error)) continue;
            const std::string path = at->path().lexically_relative(check_.backup);
            if (path == kManifestFile || path == kSumsFile) continue;
            if (std::ranges::find(verdict_.manifest->files, path, &BackupFile::path) != verdict_.manifest->files.end()) continue;
            if (path.starts_with(kBackupStore))
                bad(fmt::format("{} is not of this backup, and the database would be read with it", path));
            else
                verdict_.notes.push_back(fmt::format("{} is not of this backup and is left alone", path));
        }
        if (error) bad(fmt::format("the backup's folder cannot be read: {}", error.message()));
    }

    void check_ledger() {
        if (!verdict_.can_be_restored()) {
            verdict_.notes.push_back(
                fmt::format("the ledger was not looked at, since the backup is not as it was written; what can still be "
                            "had of it: stemma ledger verify --database {} --key TEXT",
                            (check_.backup / kBackupStore).string()));
            return;
        }
        const Manifest& manifest = *verdict_.manifest;
        const auto line = read_line_of(check_.backup / kBackupPublicKey);
        if (!line || *line != manifest.public_key)
            return bad(fmt::format("{} is not the key that {} names", kBackupPublicKey, kManifestFile));
        const auto own = key_from_text(*line);
        if (!own) return bad(fmt::format("{}: {}", kBackupPublicKey, own.error().message));
        if (given_key_ && !(*given_key_ == *own))
            return bad(fmt::format("signed by {}, not by the key you gave ({})", clip(*line), clip(*check_.key)));
        if (!given_key_) verdict_.notes.emplace_back("the public key is the backup's own; --key takes the one that you were given");
        if (auto done = verify_entries(*own); !done) bad(fmt::format("{}: {}", kBackupStore, done.error().text()));
    }

    Result<void> verify_entries(const NoteKey& key) {
        const Manifest& manifest = *verdict_.manifest;
        store::SqliteOptions options;
        options.path = check_.backup / kBackupStore;
        options.read_only = true;
        const auto store = store::open_sqlite(options);
        if (!store) return std::unexpected(store.error());
        VerifyInput input{.key = key, .outside_checkpoint = {}, .integrity = {}, .progress = {}};
        if (manifest.size > 0) {
            auto note = read_small(check_.backup / kBackupCheckpoint, kNoteBytesMax);
            if (!note) return std::unexpected(note.error());
            if (*note != manifest.checkpoint) bad(fmt::format("{} is not the one that {} names", kBackupCheckpoint, kManifestFile));
            input.outside_checkpoint = *std::move(note);
        } else {
            input.outside_path = check_.backup / kBackupCheckpoint;  // an empty ledger has none, and that is no finding
        }
        if (progress_) input.progress = [this](std::uint64_t done, std::uint64_t total) { progress_("entries verified", done, total); };
        const auto integrity = (*store)->check_integrity();
        if (!integrity) return std::unexpected(integrity.error());
        input.integrity = *integrity;
        const auto snapshot = (*store)->read();
        if (!snapshot) return std::unexpected(snapshot.error());
        verdict_.ledger = verify(**snapshot, input);
        for (const VerifyFinding& finding : verdict_.ledger->findings) bad(fmt::format("{}: {}", kBackupStore, finding.text));
        if (verdict_.ledger->entries != manifest.size || verdict_.ledger->root != manifest.root)
            bad(fmt::format("the ledger's head, {} entries with root {}, is not the one that {} names: {} entries with root {}",
                            verdict_.ledger->entries, verdict_.ledger->root, kManifestFile, manifest.size, manifest.root));
        return check_given_checkpoint(key);
    }

    /// A checkpoint that lay elsewhere is of this ledger's history, or this is another ledger under the same name.
    Result<void> check_given_checkpoint(const NoteKey& key) {
        if (!given_checkpoint_ || !verdict_.can_be_restored()) return {};
        const auto fit = fit_of(*given_checkpoint_, key, check_.backup / kBackupStore);
        if (!fit) return std::unexpected(fit.error());
        const std::uint64_t size = fit->checkpoint.size;
        switch (fit->kind) {
            case CheckpointFit::Kind::fits: break;
            case CheckpointFit::Kind::ahead:
                verdict_.notes.push_back(fmt::format("the checkpoint you gave signs {} entries: this backup was made {} entries earlier",
                                                     size, size - verdict_.manifest->size));
                break;
            case CheckpointFit::Kind::differs:
                bad(fmt::format("the ledger's first {} entries are not those that the checkpoint you gave signs", size));
                break;
            case CheckpointFit::Kind::foreign:
                bad(fmt::format("the checkpoint you gave ({}) is not one of this ledger: {}", check_.checkpoint->string(), fit->why));
                break;
        }
        return {};
    }

    const BackupCheck& check_;
    const BackupProgress& progress_;
    std::optional<NoteKey> given_key_;
    std::optional<std::string> given_checkpoint_;
    BackupVerdict verdict_;
};

}  // namespace

Result<BackupVerdict> verify_backup(const BackupCheck& check, const BackupProgress& progress) { return Checker{check, progress}.run(); }

}  // namespace stemma::app
