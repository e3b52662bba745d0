// Restoring: verified first, refused where something is in the way or later entries were signed, then placed as one.
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <system_error>

#include "core/app/backup.hpp"
#include "core/app/backup_files.hpp"
#include "core/app/backup_loss.hpp"
#include "core/app/backup_place.hpp"
#include "core/app/parts.hpp"
#include "core/app/state_lock.hpp"
#include "core/base/digest.hpp"
#include "core/ledger/json_write.hpp"

namespace stemma::app {
namespace {

namespace fs = std::filesystem;
using Role = BackupFile::Role;

constexpr const char* kOverlay = "conf.d/zz-restored.yaml";
constexpr std::string_view kAside = "before-restore";
constexpr std::string_view kConfigFolder = "config/";
constexpr mode_t kOwnerAlone = S_IRUSR | S_IWUSR;
constexpr mode_t kEverybodyReads = kOwnerAlone | S_IRGRP | S_IROTH;
constexpr mode_t kGroupReads = kOwnerAlone | S_IRGRP;

bool is_there(const fs::path& path) {
    std::error_code ignored;
    return fs::exists(fs::symlink_status(path, ignored));
}

bool same_content(const fs::path& path, const std::string& sha256) {
    const auto digest = sha256_file(path);
    return digest && to_hex(*digest) == sha256;
}

bool is_empty_folder(const fs::path& path) {
    std::error_code error;
    return fs::is_directory(path, error) && fs::is_empty(path, error) && !error;
}

/// A path as a text of YAML in which no reference is looked for.
std::string yaml_text(std::string text) {
    for (std::size_t at = text.find("${"); at != std::string::npos; at = text.find("${", at + 3)) text.insert(at, "$");
    json::Writer out;
    out.string(text);
    return out.take();
}

class Restorer {
public:
    Restorer(const RestoreOptions& options, RestoreReport& report)
        : options_{options}, report_{report}, manifest_{*report.verdict.manifest} {
        if (options.to) {
            root_ = plain_path(*options.to);
            report.state_folder = root_ / "state";
            report.settings_file = root_ / fs::path{manifest_.settings_file}.filename();
        } else {
            root_ = manifest_.state_folder;
            report.state_folder = root_;
            report.settings_file = manifest_.settings_file;
        }
    }

    Result<void> run() {
        const fs::path lock_file = report_.state_folder / "lock";
        std::optional<StateLock> lock;
        if (is_there(lock_file)) {
            auto taken = StateLock::take(report_.state_folder);
            if (!taken) return std::unexpected(taken.error());
            lock.emplace(*std::move(taken));
        }
        if (auto checked = check_loss(); !checked || !report_.done()) return checked;
        if (auto planned = plan(); !planned) return planned;
        if (options_.dry_run) return {};
        auto placement = Placement::begin(root_);
        if (!placement) return std::unexpected(placement.error());
        if (auto filled = fill(*placement); !filled) return filled;
        if (auto checked = check_staged(*placement); !checked) return checked;
        for (const auto& [path, aside] : aside_) placement->move_aside(path, aside);
        if (auto placed = placement->put_in_place(); !placed) return placed;
        say_what_settings_lack();
        return {};
    }

private:
    [[nodiscard]] bool whole_in_one_folder() const { return options_.to.has_value(); }

    [[nodiscard]] fs::path place_of(const BackupFile& file) const {
        if (whole_in_one_folder())
            return root_ / (file.path.starts_with(kConfigFolder) ? file.path.substr(kConfigFolder.size()) : file.path);
        if (file.role == Role::public_key || file.role == Role::signing_key || file.role == Role::kept_plugin)
            return root_ / fs::path{file.path}.lexically_relative("state");
        return file.place;
    }

    [[nodiscard]] fs::path place_of(Role role) const {
        const BackupFile* file = manifest_.find(role);
        return file != nullptr ? place_of(*file) : fs::path{};
    }

    /// Where the daemon will look for a checkpoint, also when the backup has none to put there.
    [[nodiscard]] fs::path checkpoint_place() const {
        const fs::path place = place_of(Role::checkpoint);
        return place.empty() ? report_.state_folder / "ledger.checkpoint" : place;
    }

    /// A checkpoint that signs more than the backup has is the proof that entries will be lost. Nobody loses them by mistake.
    Result<void> check_loss() {
        const auto key = key_from_text(manifest_.public_key);
        if (!key) return std::unexpected(key.error());
        std::vector<std::pair<fs::path, std::string>> known;
        std::vector<fs::path> files{checkpoint_place()};
        if (options_.from.checkpoint) files.push_back(*options_.from.checkpoint);
        for (const fs::path& path : files) {
            auto note = read_small(path, kNoteBytesMax);
            if (note)
                known.emplace_back(path, *std::move(note));
            else if (note.error().code != Errc::not_found)
                return std::unexpected(note.error());
        }
        const fs::path old_store = place_of(Role::store);
        if (auto note = is_there(old_store) ? newest_note(old_store) : std::nullopt) known.emplace_back(old_store, *std::move(note));
        for (const auto& [path, note] : known) {
            const auto fit = fit_of(note, *key, options_.from.backup / kBackupStore);
            if (!fit) return std::unexpected(fit.error());
            judge(path, note, *fit);
        }
        if (loss_)
            report_.notes.push_back(
                fmt::format("{} lost: stemmad records that as the next entry when it starts", entries_beyond_backup(loss_->lost_size)));
        return {};
    }

    /// "entry 7 is", "entries 7 to 9 are": what a ledger of so many entries has and the backup has not.
    [[nodiscard]] std::string entries_beyond_backup(std::uint64_t size) const {
        return manifest_.size + 1 == size ? fmt::format("entry {} is", manifest_.size)
                                          : fmt::format("entries {} to {} are", manifest_.size, size - 1);
    }

    void judge(const fs::path& path, const std::string& note, const CheckpointFit& fit) {
        const auto refuse = [&](std::string why) { report_.refusals.push_back(fmt::format("{}: {}", path.string(), why)); };
        const std::uint64_t size = fit.checkpoint.size;
        switch (fit.kind) {
            case CheckpointFit::Kind::fits: return;
            case CheckpointFit::Kind::foreign:
                if (options_.force && is_in_root(path)) return;  // another ledger, which is moved aside as a whole
                return refuse(fmt::format("is no checkpoint of this ledger: {}", fit.why));
            case CheckpointFit::Kind::differs:
                return refuse(fmt::format("signs other entries than the first {} of this backup: it is of another history", size));
            case CheckpointFit::Kind::ahead: break;
        }
        if (!options_.accept_loss)
            return refuse(
                fmt::format("signs {} entries, the backup has {}: {} not in it and would be lost. Take a newer backup; if there is "
                            "none, give --accept-loss and --reason, and the loss is recorded in the ledger",
                            size, manifest_.size, entries_beyond_backup(size)));
        if (!loss_ || loss_->lost_size < size)
            loss_ =
                AcceptedLoss{manifest_.size, size, to_hex(fit.checkpoint.root), note, manifest_.made_at, options_.actor, options_.reason};
    }

    /// What goes where, and what is in the way.
    Result<void> plan() {
        if (is_there(root_) && !is_empty_folder(root_)) {
            if (auto done = in_the_way(root_, "is not empty"); !done) return done;
        }
        for (const BackupFile& file : manifest_.files)
            if (auto done = plan_file(file); !done) return done;
        if (auto done = check_conf_folder(); !done) return done;
        if (manifest_.find(Role::signing_key) == nullptr) plan_key();
        report_.made.push_back(root_);
        say_what_is_missing();
        return {};
    }

    Result<void> in_the_way(const fs::path& path, std::string_view what, fs::path aside = {}) {
        if (!options_.force) return fail(Errc::conflict, fmt::format("{}, and nothing is replaced", what), path, "--force moves it aside");
        if (aside.empty()) aside = beside(path, kAside);
        report_.aside.push_back(fmt::format("{} -> {}", path.string(), aside.string()));
        aside_.emplace_back(path, std::move(aside));
        return {};
    }

    [[nodiscard]] bool is_in_root(const fs::path& place) const {
        const fs::path inside = place.lexically_relative(root_);
        return !inside.empty() && *inside.begin() != "..";
    }

    Result<void> plan_file(const BackupFile& file) {
        const fs::path place = place_of(file);
        const std::vector<std::string>& missing = report_.verdict.mappings_missing;
        if (std::ranges::find(missing, file.path) != missing.end()) {
            report_.notes.push_back(
                is_there(file.place)
                    ? fmt::format("{} is missing in the backup: {} is there and stays", file.path, fs::path{file.place}.string())
                    : fmt::format("{} is missing in the backup and is not restored: put the mapping to {}, or its source is not read",
                                  file.path, place.string()));
            return {};
        }
        if (whole_in_one_folder() && place == root_ / kOverlay) return {};  // of an earlier restore: a new one takes its place
        const bool takes_part = is_in_root(place);
        if (!takes_part && is_there(place)) {
            if (same_content(place, file.sha256) && (file.role != Role::store || left_beside(place).empty())) {
                report_.kept.push_back(place);
                return {};
            }
            // These belong to the installed version or to somebody else's care: what is there stays.
            if (file.role == Role::mapping || file.role == Role::data) {
                report_.kept.push_back(place);
                report_.notes.push_back(fmt::format("{} is another than in the backup and stays; the backup's is {}", place.string(),
                                                    (options_.from.backup / file.path).string()));
                return {};
            }
            if (file.role == Role::checkpoint) {  // older, or its loss is accepted: kept beside all the same
                aside_.emplace_back(place, beside(place, kAside));
                report_.aside.push_back(fmt::format("{} -> {}", place.string(), aside_.back().second.string()));
            } else if (auto done = in_the_way(place, "is there with another content"); !done) {
                return done;
            }
        }
        if (file.role == Role::store && !takes_part)
            for (const auto& [left, ending] : left_beside(place))
                if (auto done = in_the_way(left, "is what another database left there", aside_of(place) + ending); !done) return done;
        if (!takes_part) report_.made.push_back(place);
        if (!whole_in_one_folder() && file.role == Role::settings && (file.mode & S_IROTH) == 0)
            report_.notes.push_back(
                fmt::format("{} is not for everybody, as it was, and belongs to whoever restores it: give it to the user "
                            "that stemmad runs as",
                            place.string()));
        copies_.push_back(&file);
        return {};
    }

    /// What an old database left beside itself, and how it ends: it would be taken for the restored one's.
    [[nodiscard]] static std::vector<std::pair<fs::path, std::string>> left_beside(const fs::path& store) {
        std::vector<std::pair<fs::path, std::string>> found;
        for (const char* ending : {"-wal", "-shm", "-journal"})
            if (const fs::path left = store.string() + ending; is_there(left)) found.emplace_back(left, ending);
        return found;
    }

    /// Where what lies at `path` goes, for what belongs to it to go there too.
    [[nodiscard]] std::string aside_of(const fs::path& path) const {
        const auto found = std::ranges::find(aside_, path, &std::pair<fs::path, fs::path>::first);
        return found == aside_.end() ? beside(path, kAside) : found->second;
    }

    /// A file of conf.d that the backup does not have would be laid over the restored settings.
    Result<void> check_conf_folder() {
        if (whole_in_one_folder()) return {};
        std::error_code error;
        for (fs::directory_iterator at{config::conf_folder(manifest_.settings_file), error}, end; !error && at != end;
             at.increment(error)) {
            if (at->path().extension() != ".yaml") continue;
            const auto is_it = [&](const BackupFile& file) { return file.role == Role::settings && file.place == at->path(); };
            if (std::ranges::any_of(manifest_.files, is_it)) continue;
            if (auto done = in_the_way(at->path(), "is not in the backup and would change its settings"); !done) return done;
        }
        return {};
    }

    /// The key may still lie in the state folder that makes way.
    void plan_key() {
        const fs::path old = report_.state_folder / "ledger.key";
        const auto key = is_there(old) ? SigningKey::load(old) : Result<SigningKey>{fail(Errc::not_found, "")};
        if (key && key_text({manifest_.origin, key->public_key()}) == manifest_.public_key) {
            old_key_ = old;
            return;
        }
        report_.notes.push_back(
            fmt::format("the key that signs is not in this backup: put ledger.key (mode 0600) into {} before stemmad is "
                        "started; to read and verify the ledger it is not needed",
                        report_.state_folder.string()));
    }

    void say_what_is_missing() {
        for (const BackupPlugin& plugin : manifest_.plugins) {
            if (!plugin.enabled) continue;
            const fs::path code = fs::path{manifest_.plugin_folder} / (plugin.name + ".so");
            const std::string kept =
                plugin.sha256.empty() ? "" : fmt::format("; what ran is kept as plugins/by-sha256/{}.so", plugin.sha256);
            if (!is_there(code))
                report_.notes.push_back(fmt::format("plugin {}: {} is not there{}", plugin.name, code.string(), kept));
            else if (!plugin.sha256.empty() && !same_content(code, plugin.sha256))
                report_.notes.push_back(
                    fmt::format("plugin {}: {} is another build than when the backup was made", plugin.name, code.string()));
        }
        for (const std::string& place : manifest_.missing)
            report_.notes.push_back(fmt::format("{} was not there when the backup was made", place));
    }

    Result<void> fill(Placement& placement) {
        for (const BackupFile* file : copies_) {
            const fs::path from = options_.from.backup / file->path;
            if (auto copied = placement.add_copy(from, place_of(*file), mode_of(*file), file->sha256); !copied) return copied;
        }
        if (old_key_)
            if (auto copied = copy_durable(*old_key_, placement.staged(report_.state_folder / "ledger.key"), kOwnerAlone); !copied)
                return copied;
        if (whole_in_one_folder())
            if (auto written = placement.add_text(root_ / kOverlay, overlay(), kEverybodyReads); !written) return written;
        if (!loss_) return {};
        const fs::path lost = report_.state_folder / fmt::format("ledger.checkpoint.lost-{}", loss_->lost_size);
        if (auto written = placement.add_text(lost, loss_->lost_checkpoint, kEverybodyReads); !written) return written;
        return placement.add_text(report_.state_folder / kAcceptedLossFile, loss_text(*loss_), kGroupReads);
    }

    /// The state folder's files as Stemma makes them; all others as they were.
    [[nodiscard]] static mode_t mode_of(const BackupFile& file) {
        switch (file.role) {
            case Role::store: return kGroupReads;
            case Role::checkpoint:
            case Role::public_key: return kEverybodyReads;
            case Role::signing_key:
            case Role::kept_plugin: return kOwnerAlone;
            case Role::settings:
            case Role::mapping:
            case Role::data: break;
        }
        return file.mode;
    }

    /// Leads every place of the settings into the restored folder.
    [[nodiscard]] std::string overlay() const {
        std::string out =
            "# Written by `stemma restore`: this folder holds all that the settings beside it name elsewhere. To move Stemma back to\n"
            "# those places, restore without --to. Its own port: the settings' one is that of the daemon that was backed up.\n"
            "daemon: {port: 0}\n"
            "state: {folder: ../state}\nstore: {file: stemma.db}\nledger: {checkpoint_file: ../state/ledger.checkpoint}\n";
        out += "erp:\n  mappings:\n    - ../mappings\n";
        for (const std::string& folder : manifest_.mapping_folders) out += fmt::format("    - {}\n", yaml_text(folder));
        out += fmt::format("plugins:\n  directory: {}\n", yaml_text(manifest_.plugin_folder));
        std::string plugins;
        for (const BackupPlugin& plugin : manifest_.plugins) {
            if (plugin.data.empty()) continue;
            plugins += fmt::format("    - name: {}\n      data:\n", yaml_text(plugin.name));
            for (const std::string& place : plugin.data) plugins += fmt::format("        - {}\n", yaml_text(data_in_folder(place)));
        }
        return out + (plugins.empty() ? "" : "  enabled:\n" + plugins);
    }

    [[nodiscard]] std::string data_in_folder(const std::string& place) const {
        const auto is_it = [&](const BackupFile& file) { return file.role == Role::data && file.place == place; };
        const auto file = std::ranges::find_if(manifest_.files, is_it);
        return file == manifest_.files.end() ? place : "../" + file->path;
    }

    /// The last look before any name changes: the head is the backup's, and settings in one folder stay in it.
    Result<void> check_staged(Placement& placement) {
        const bool kept = std::ranges::find(copies_, Role::store, &BackupFile::role) == copies_.end();  // it was in place already
        const fs::path store = kept ? place_of(Role::store) : placement.staged(place_of(Role::store));
        const auto head = head_of_file(store);
        if (!head) return std::unexpected(head.error());
        if (head->size != manifest_.size || to_hex(head->root) != manifest_.root || head->checkpoint != manifest_.checkpoint)
            return fail(Errc::storage, "the restored ledger's head is not the backup's", store);
        if (!whole_in_one_folder()) return {};
        const fs::path file = placement.staged(report_.settings_file);
        const auto settings = config::load_settings(file, nullptr, config::Unresolved::keep);
        if (!settings) return {};  // said at the end, by the file's final name
        if (plain_path(settings->state.folder) == placement.staged(report_.state_folder)) return {};
        return fail(Errc::config, fmt::format("the restored settings would use {} all the same", settings->state.folder.string()),
                    config::conf_folder(report_.settings_file), "a file in conf.d comes after zz-restored.yaml: restore without --to");
    }

    void say_what_settings_lack() {
        const auto settings = config::load_settings(report_.settings_file, nullptr, config::Unresolved::keep);
        const std::vector<Error>& errors = settings ? settings->unresolved : settings.error();
        for (const Error& error : errors) report_.notes.push_back(error.text());
        if (settings && settings->store.engine == config::StoreEngine::postgresql)
            report_.notes.push_back(
                fmt::format("the settings keep the ledger in PostgreSQL: bring the restored one there, into an empty schema, "
                            "with: stemma store copy sqlite:{} {}",
                            place_of(Role::store).string(), report_.settings_file.string()));
    }

    const RestoreOptions& options_;
    RestoreReport& report_;
    const Manifest& manifest_;
    fs::path root_;
    std::vector<const BackupFile*> copies_;
    std::vector<std::pair<fs::path, fs::path>> aside_;
    std::optional<fs::path> old_key_;
    std::optional<AcceptedLoss> loss_;
};

}  // namespace

Result<RestoreReport> restore_backup(const RestoreOptions& options, const BackupProgress& progress) {
    if (options.accept_loss && options.reason.empty())
        return fail(Errc::invalid_input, "a loss is accepted for a reason, which the ledger will say", "--reason",
                    "--reason 'disk lost, newest backup is of noon'");
    RestoreReport report;
    auto verdict = verify_backup(options.from, progress);
    if (!verdict) return std::unexpected(verdict.error());
    report.verdict = *std::move(verdict);
    if (!report.verdict.can_be_restored()) report.refusals = report.verdict.findings;
    if (!report.done()) return report;
    if (auto done = Restorer{options, report}.run(); !done) return std::unexpected(done.error());
    return report;
}

}  // namespace stemma::app
