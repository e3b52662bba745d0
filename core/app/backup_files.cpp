#include "core/app/backup_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>

#include "adapters/store/sqlite/sqlite_store.hpp"
#include "core/base/file.hpp"
#include "core/base/random.hpp"
#include "core/ledger/head.hpp"

namespace stemma::app {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kCopyBytes = std::size_t{1} << 20;            ///< read and written at once
constexpr std::string_view kDatabaseHead{"SQLite format 3\0", 16};  ///< the first bytes of every database file
constexpr mode_t kFolderMode = 0755;                                ///< less the umask: the folder that holds it all is closed
constexpr std::size_t kNameBytes = 4;                               ///< random bytes in a name

std::unexpected<Error> broken(std::string_view what, const fs::path& path, int reason = errno) {
    return fail(Errc::storage, fmt::format("{}: {}", what, std::strerror(reason)), path);
}

/// Makes the folders that are missing above `path`, each durable in the one above it.
Result<void> make_folders_above(const fs::path& path) {
    const fs::path folder = path.parent_path();
    std::error_code error;
    if (folder.empty() || fs::is_directory(folder, error)) return {};
    if (auto made = make_folders_above(folder); !made) return made;
    if (::mkdir(folder.c_str(), kFolderMode) != 0 && errno != EEXIST) return broken("cannot make the folder", folder);
    if (!sync_folder_of(folder)) return broken("cannot make the folder durable", folder);
    return {};
}

Result<void> copy_bytes(int from, int to, const fs::path& source, const fs::path& target) {
    std::string buffer(kCopyBytes, '\0');
    while (true) {
        const ssize_t got = ::read(from, buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return broken("cannot be read", source);
        if (got == 0) return {};
        if (!write_all(to, {buffer.data(), static_cast<std::size_t>(got)})) return broken("cannot be written", target);
    }
}

/// Mode, bytes and name of a new file on the disk. The mode last: who may read a file may do so when it is whole.
Result<void> finish(int file, const fs::path& path, mode_t mode) {
    if (::fchmod(file, mode) != 0 || ::fsync(file) != 0 || !sync_folder_of(path)) return broken("cannot be made durable", path);
    return {};
}

int make_new(const fs::path& path) { return ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR); }

/// A pipe or a device would block or never end.
int open_regular(const fs::path& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat found {};
    if (file >= 0 && ::fstat(file, &found) == 0 && S_ISREG(found.st_mode)) return file;
    const int reason = file < 0 ? errno : EINVAL;
    if (file >= 0) ::close(file);
    errno = reason;
    return -1;
}

std::unexpected<Error> cannot_read(const fs::path& path) {
    const int reason = errno;
    if (reason == ENOENT || reason == ENOTDIR) return fail(Errc::not_found, "there is no such file", path);
    if (reason == EINVAL) return fail(Errc::storage, "is no regular file", path);
    return broken("cannot be read", path, reason);
}

}  // namespace

fs::path plain_path(const fs::path& path) {
    fs::path plain = fs::absolute(path).lexically_normal();
    return plain.has_filename() ? plain : plain.parent_path();
}

Result<void> copy_durable(const fs::path& from, const fs::path& to, mode_t mode) {
    const Descriptor source{open_regular(from)};
    if (source.get() < 0) return cannot_read(from);
    if (auto made = make_folders_above(to); !made) return made;
    const Descriptor target{make_new(to)};
    if (target.get() < 0) return broken("cannot be made", to);
    if (auto copied = copy_bytes(source.get(), target.get(), from, to); !copied) return copied;
    return finish(target.get(), to, mode);
}

Result<void> write_durable(const fs::path& to, std::string_view text, mode_t mode) {
    if (auto made = make_folders_above(to); !made) return made;
    const Descriptor target{make_new(to)};
    if (target.get() < 0) return broken("cannot be made", to);
    if (!write_all(target.get(), text)) return broken("cannot be written", to);
    return finish(target.get(), to, mode);
}

Result<std::string> read_small(const fs::path& path, std::size_t bytes_max) {
    const Descriptor file{open_regular(path)};
    if (file.get() < 0) return cannot_read(path);
    auto text = read_up_to(file.get(), bytes_max + 1);
    if (!text) return broken("cannot be read", path);
    if (text->size() > bytes_max) return fail(Errc::too_large, fmt::format("has more than {} bytes", bytes_max), path);
    return *std::move(text);
}

fs::path beside(const fs::path& path, std::string_view word) {
    return fmt::format("{}.{}-{}", path.string(), word, to_hex(random_bytes(kNameBytes)));
}

Result<StagedFolder> StagedFolder::make(const fs::path& place, std::string_view word) {
    std::error_code error;
    if (!fs::is_directory(place.parent_path(), error))
        return fail(Errc::not_found, "the folder above it is not there", place,
                    fmt::format("make it: mkdir {}", place.parent_path().string()));
    fs::path path = beside(place, word);
    if (::mkdir(path.c_str(), S_IRWXU) != 0) return broken("cannot make the folder", path);
    return StagedFolder{place, std::move(path)};
}

StagedFolder::~StagedFolder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
}

Result<void> StagedFolder::put_in_place() {
    // rename(2) replaces an empty folder and nothing else.
    if (::rename(path_.c_str(), place_.c_str()) != 0) {
        const int reason = errno;
        if (reason == ENOTEMPTY || reason == EEXIST || reason == ENOTDIR) return fail(Errc::conflict, "is there already", place_);
        if (reason == EBUSY) return fail(Errc::storage, "is where a disk is mounted and cannot be replaced", place_, "name a folder in it");
        return broken("cannot be put in place", place_, reason);
    }
    path_.clear();
    if (!sync_folder_of(place_)) return broken("cannot be made durable", place_);
    return {};
}

namespace {

Result<std::unique_ptr<Store>> open_file(const fs::path& database) {
    store::SqliteOptions options;
    options.path = database;
    options.read_only = true;
    return store::open_sqlite(options);
}

}  // namespace

Result<FileHead> head_of_file(const fs::path& database) {
    const auto opened = open_file(database);
    if (!opened) return std::unexpected(opened.error());
    const auto snapshot = (*opened)->read();
    if (!snapshot) return std::unexpected(snapshot.error());
    const auto head = LedgerHead::load(**snapshot);
    if (!head) return std::unexpected(head.error());
    const auto newest = (*snapshot)->latest_checkpoint();
    if (!newest) return std::unexpected(newest.error());
    return FileHead{head->size(), head->root(), *newest ? (*newest)->note : std::string{}};
}

std::optional<std::string> newest_note(const fs::path& database) {
    // The engine may tidy up beside a file that is no database of its own. What is broken may be evidence: it is not opened.
    const Descriptor file{open_regular(database)};
    if (file.get() < 0 || read_up_to(file.get(), kDatabaseHead.size()) != kDatabaseHead) return std::nullopt;
    const auto opened = open_file(database);
    if (!opened) return std::nullopt;
    const auto snapshot = (*opened)->read();
    if (!snapshot) return std::nullopt;
    const auto newest = (*snapshot)->latest_checkpoint();
    return newest && *newest ? std::optional{(*newest)->note} : std::nullopt;
}

Result<CheckpointFit> fit_of(std::string_view note, const NoteKey& key, const fs::path& database) {
    using Kind = CheckpointFit::Kind;
    const auto given = open_checkpoint(note, key);
    if (!given) return CheckpointFit{Kind::foreign, {}, given.error().message};
    const auto opened = open_file(database);
    if (!opened) return std::unexpected(opened.error());
    const auto snapshot = (*opened)->read();
    if (!snapshot) return std::unexpected(snapshot.error());
    const auto head = LedgerHead::load(**snapshot);
    if (!head) return std::unexpected(head.error());
    if (given->size > head->size()) return CheckpointFit{Kind::ahead, *given, {}};
    const auto root = head->tree().root(given->size, leaves_of(**snapshot));
    if (!root) return std::unexpected(root.error());
    return CheckpointFit{*root == given->root ? Kind::fits : Kind::differs, *given, {}};
}

}  // namespace stemma::app
