// Backup, its verification, and restore. A backup is a folder with a manifest: what an empty machine with Stemma installed needs to go on
// with this ledger. It is made while the daemon writes; it is there under its name whole or not at all; restore destroys nothing.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/app/backup_manifest.hpp"
#include "core/base/error.hpp"
#include "core/config/settings.hpp"
#include "core/domain/entry.hpp"
#include "core/ledger/verify.hpp"

namespace stemma::app {

/// What is being done ("copied", "verified"), how far, and its unit ("pages", "entries").
using BackupProgress = std::function<void(std::string_view what, std::uint64_t done, std::uint64_t total)>;

struct BackupOptions {
    std::filesystem::path to;  ///< the backup's folder: must not exist, its parent must
    bool with_key{false};      ///< also the key that signs: who has it can write another history
};

struct BackupReport {
    std::filesystem::path folder;
    Manifest manifest;
    std::uint64_t bytes{0};  ///< of all files
};

/// Makes a backup of the Stemma of these settings, whether or not a daemon uses it; writers wait for nothing. Durable when it returns.
/// The head of the copied ledger is checked against its signed checkpoint; the entries are not verified, verify_backup does.
/// Errors: Errc::conflict when `to` exists; Errc::storage, also when the newest checkpoint does not sign what is there; those of the parts.
[[nodiscard]] Result<BackupReport> make_backup(const config::Settings& settings, const BackupOptions& options,
                                               const BackupProgress& progress);

struct BackupCheck {
    std::filesystem::path backup;
    std::optional<std::string> key;                   ///< the public key to trust, as text; else the one in the backup
    std::optional<std::filesystem::path> checkpoint;  ///< a file with a checkpoint that was kept elsewhere
};

struct BackupVerdict {
    std::optional<Manifest> manifest;             ///< none when it cannot be read
    std::optional<VerifyReport> ledger;           ///< none when the ledger was not looked at, since the files are not what they were
    std::vector<std::string> findings;            ///< what is wrong, by the name of the file; the ledger's findings among them
    std::vector<std::string> notes;               ///< what is worth knowing although nothing is wrong
    std::vector<std::string> mappings_missing{};  ///< files of the backup; a finding each
    [[nodiscard]] bool ok() const noexcept { return findings.empty(); }
    /// Nothing is wrong but that mappings are missing, which come with the installed version as well: the ledger is whole.
    [[nodiscard]] bool can_be_restored() const noexcept { return findings.size() == mappings_missing.size(); }
};

/// Every file against its digest, every entry of the ledger against the signed checkpoints, the head against the manifest. Reads only.
/// Errors: Errc::not_found when there is no backup; Errc::invalid_input for a key or checkpoint that is none.
[[nodiscard]] Result<BackupVerdict> verify_backup(const BackupCheck& check, const BackupProgress& progress);

struct RestoreOptions {
    BackupCheck from;
    std::optional<std::filesystem::path> to;  ///< a folder that becomes all of it, settings included; else the places where it was
    bool force{false};                        ///< what is in the way is moved aside, never removed
    bool accept_loss{false};                  ///< go on although a checkpoint shows that later entries were signed
    bool dry_run{false};                      ///< say what would be done
    std::string actor;                        ///< of an accepted loss, for the ledger
    std::string reason;
};

struct RestoreReport {
    BackupVerdict verdict;
    std::vector<std::string> refusals;  ///< why nothing was done: the backup does not verify, or entries would be lost
    std::filesystem::path settings_file;
    std::filesystem::path state_folder;
    std::vector<std::string> made;   ///< a file or folder a line
    std::vector<std::string> kept;   ///< was there already, the same
    std::vector<std::string> aside;  ///< "old -> new": what was in the way
    std::vector<std::string> notes;  ///< what is left to do before stemmad is started
    [[nodiscard]] bool done() const noexcept { return refusals.empty(); }
};

/// Verifies, then puts everything in place: the state folder by one rename, as the last step. On an error nothing is changed but what the
/// error names. Errors: Errc::invalid_input for a loss accepted without a reason; Errc::conflict when something is in the way;
/// Errc::unavailable while a process uses the state folder; Errc::storage.
[[nodiscard]] Result<RestoreReport> restore_backup(const RestoreOptions& options, const BackupProgress& progress);

/// Writes a change of the system into the ledger.
using RecordLoss = std::function<Result<void>(const SystemChange&, const std::string& actor)>;

/// Records a loss that a restore accepted, as the first entry on top of the backup, once, whatever ends the process in between.
/// `size`: entries of the ledger as it was opened. Does nothing where nothing is left to be recorded.
[[nodiscard]] Result<void> record_accepted_loss(const std::filesystem::path& state_folder, std::uint64_t size, const RecordLoss& record);

}  // namespace stemma::app
