// The files of a backup on their way: copied whole and durable, in a folder beside its final place that gets its name at the end.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/app/backup_manifest.hpp"
#include "core/base/error.hpp"
#include "core/ledger/checkpoint.hpp"

namespace stemma::app {

/// Absolute, without ".", ".." and a slash at its end; symbolic links stay as they are.
[[nodiscard]] std::filesystem::path plain_path(const std::filesystem::path& path);

/// Copies a regular file to a new one of this mode, durable; makes the folders above it. Errors: Errc::not_found
/// when `from` is not there; Errc::storage.
[[nodiscard]] Result<void> copy_durable(const std::filesystem::path& from, const std::filesystem::path& to, mode_t mode);

/// Writes a new file of this mode, durable; makes the folders above it. Errors: Errc::storage.
[[nodiscard]] Result<void> write_durable(const std::filesystem::path& to, std::string_view text, mode_t mode);

/// A whole file of at most `bytes_max` bytes. Errors: Errc::not_found; Errc::too_large; Errc::storage, also when it is no regular file.
[[nodiscard]] Result<std::string> read_small(const std::filesystem::path& path, std::size_t bytes_max);

/// A name beside `path` that nobody has: "path.WORD-1a2b3c4d".
[[nodiscard]] std::filesystem::path beside(const std::filesystem::path& path, std::string_view word);

/// A folder that is filled beside its final place; removed with all it holds unless put_in_place() succeeded.
class StagedFolder {
public:
    /// Errors: Errc::not_found when the folder above is not there; Errc::storage.
    [[nodiscard]] static Result<StagedFolder> make(const std::filesystem::path& place, std::string_view word);
    StagedFolder(StagedFolder&& other) noexcept : place_{std::move(other.place_)}, path_{std::exchange(other.path_, {})} {}
    StagedFolder& operator=(StagedFolder&&) = delete;
    StagedFolder(const StagedFolder&) = delete;
    StagedFolder& operator=(const StagedFolder&) = delete;
    ~StagedFolder();

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
    /// Gives the folder its name, durable when it returns. Errors: Errc::conflict when something other than an empty folder has it.
    [[nodiscard]] Result<void> put_in_place();

private:
    StagedFolder(std::filesystem::path place, std::filesystem::path path) : place_{std::move(place)}, path_{std::move(path)} {}
    std::filesystem::path place_;
    std::filesystem::path path_;
};

/// The head of the ledger in a database file that nobody writes. A head without entries has size 0.
struct FileHead {
    std::uint64_t size{0};
    Digest root{};
    std::string checkpoint;  ///< the newest note, as stored; "" when there is none
};
/// Errors: those of the store.
[[nodiscard]] Result<FileHead> head_of_file(const std::filesystem::path& database);

/// The newest checkpoint in a database file, which may be damaged or none at all: nothing when there is none to be had.
[[nodiscard]] std::optional<std::string> newest_note(const std::filesystem::path& database);

/// How a checkpoint from elsewhere stands to the ledger in a database file.
struct CheckpointFit {
    enum class Kind : unsigned char {
        fits,     ///< it signs the ledger's first `size` entries
        ahead,    ///< it signs more entries than there are
        differs,  ///< it signs other entries: another history
        foreign,  ///< the ledger's key did not sign it
    };
    Kind kind{Kind::fits};
    Checkpoint checkpoint;
    std::string why;  ///< of `foreign`
};
/// Errors: those of the store.
[[nodiscard]] Result<CheckpointFit> fit_of(std::string_view note, const NoteKey& key, const std::filesystem::path& database);

}  // namespace stemma::app
