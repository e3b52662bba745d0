// What a backup says of itself: manifest.json, and SHA256SUMS beside it, which sha256sum -c reads. Read strictly: a backup may come from
// anywhere, and no path in it may lead out of its folder. The digests show damage; what cannot be forged in a backup is the signed ledger.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/time.hpp"

namespace stemma::app {

inline constexpr std::uint64_t kBackupFormat = 1;                        ///< counts up when an older program could misread it
inline constexpr std::size_t kManifestBytesMax = std::size_t{16} << 20;  ///< bytes of manifest.json
inline constexpr std::size_t kBackupFilesMax = 20'000;                   ///< files in a backup
inline constexpr const char* kManifestFile = "manifest.json";
inline constexpr const char* kSumsFile = "SHA256SUMS";

// Where the files of the state folder lie in a backup.
inline constexpr const char* kBackupStore = "state/stemma.db";
inline constexpr const char* kBackupCheckpoint = "state/ledger.checkpoint";
inline constexpr const char* kBackupPublicKey = "state/ledger.pub";
inline constexpr const char* kBackupKey = "state/ledger.key";

struct BackupFile {
    enum class Role : unsigned char {
        store,        ///< the database
        checkpoint,   ///< the newest signed checkpoint of that database
        public_key,   ///< of the ledger
        signing_key,  ///< of the ledger; only where it was asked for
        kept_plugin,  ///< code, options or data that a verdict names
        settings,     ///< the main settings file, or one of conf.d
        mapping,      ///< of an ERP source
        data,         ///< handed to a plugin, such as a rule pack
    };
    Role role{Role::store};
    std::string path;   ///< in the backup, relative, never leading out of it
    std::string place;  ///< absolute: where it was
    mode_t mode{0600};  ///< permission bits it had there
    std::uint64_t bytes{0};
    std::string sha256;  ///< hex
    friend bool operator==(const BackupFile&, const BackupFile&) = default;
};

/// A plugin that the settings name.
struct BackupPlugin {
    std::string name;
    bool enabled{true};
    std::string sha256;             ///< hex, of its file in plugins.directory; "" when it was not there
    std::vector<std::string> data;  ///< places of its data files, in order
    friend bool operator==(const BackupPlugin&, const BackupPlugin&) = default;
};

struct Manifest {
    std::string version;  ///< of the program that made it
    Instant made_at;
    // The ledger's head in the backup.
    std::string origin;
    std::string public_key;  ///< verifier text
    std::uint64_t size{0};
    std::string root;        ///< hex
    std::string checkpoint;  ///< the signed note over exactly `size` entries; "" for an empty ledger
    // The settings that the files come from; all places absolute.
    std::string settings_file;
    std::string state_folder;
    std::string plugin_folder;
    std::vector<std::string> mapping_folders;
    std::vector<BackupPlugin> plugins;
    std::vector<std::string> missing;  ///< places that the settings name and that were not there
    std::vector<BackupFile> files;
    friend bool operator==(const Manifest&, const Manifest&) = default;

    /// The first of that role, or null.
    [[nodiscard]] const BackupFile* find(BackupFile::Role role) const {
        for (const BackupFile& file : files)
            if (file.role == role) return &file;
        return nullptr;
    }
};

[[nodiscard]] std::string_view to_string(BackupFile::Role role) noexcept;

/// The text of manifest.json. read_manifest(manifest_text(m)) == m.
[[nodiscard]] std::string manifest_text(const Manifest& manifest);
/// Errors: Errc::invalid_input naming the place in the text; Errc::config for the format of a newer program.
[[nodiscard]] Result<Manifest> read_manifest(std::string_view text);

/// The text of SHA256SUMS: manifest.json first, then every file of the manifest.
[[nodiscard]] std::string sums_text(const Manifest& manifest, std::string_view manifest_text);

/// Whether a path in a backup stays in it: relative, plain, without "." and "..", nor what SHA256SUMS could not name (a line end, '\\').
[[nodiscard]] bool stays_inside(std::string_view path);

}  // namespace stemma::app
