#include "core/app/backup_place.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ranges>
#include <system_error>

#include "core/base/digest.hpp"
#include "core/base/file.hpp"

namespace stemma::app {
namespace {

namespace fs = std::filesystem;

/// Gives `from` the name `to`, which nothing may have.
Result<void> rename_to_free(const fs::path& from, const fs::path& to) {
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) != 0) {
        const int reason = errno;
        return fail(reason == EEXIST ? Errc::conflict : Errc::storage, fmt::format("cannot be put in place: {}", std::strerror(reason)),
                    to);
    }
    if (!sync_folder_of(to)) return fail(Errc::storage, fmt::format("cannot be made durable: {}", std::strerror(errno)), to);
    return {};
}

}  // namespace

Result<Placement> Placement::begin(const fs::path& root) {
    auto folder = StagedFolder::make(root, "restoring");
    if (!folder) return std::unexpected(folder.error());
    return Placement{root, *std::move(folder)};
}

Placement::~Placement() {
    std::error_code ignored;
    for (const auto& [staged, place] : files_) fs::remove(staged, ignored);
}

fs::path Placement::staged(const fs::path& to) {
    const fs::path inside = to.lexically_relative(root_);
    if (!inside.empty() && *inside.begin() != "..") return folder_.path() / inside;
    const auto known = std::ranges::find(files_, to, &Names::second);
    if (known != files_.end()) return known->first;
    return files_.emplace_back(beside(to, "restoring"), to).first;
}

Result<void> Placement::add_copy(const fs::path& from, const fs::path& to, mode_t mode, const std::string& sha256) {
    const fs::path there = staged(to);
    if (auto copied = copy_durable(from, there, mode); !copied) return copied;
    const auto digest = sha256_file(there);
    if (!digest) return std::unexpected(digest.error());
    if (to_hex(*digest) != sha256) return fail(Errc::storage, "the copy is not what was verified", there, "verify the backup again");
    return {};
}

Result<void> Placement::add_text(const fs::path& to, std::string_view text, mode_t mode) { return write_durable(staged(to), text, mode); }

void Placement::move_aside(fs::path path, fs::path aside) { aside_.emplace_back(std::move(path), std::move(aside)); }

Result<void> Placement::rename_all(std::vector<Names>& done) {
    const auto move = [&](const Names& names) {
        auto moved = rename_to_free(names.first, names.second);
        if (moved) done.push_back(names);
        return moved;
    };
    for (const Names& names : aside_)
        if (auto moved = move(names); !moved) return moved;
    for (const Names& names : files_)
        if (auto moved = move(names); !moved) return moved;
    std::error_code error;
    fs::permissions(folder_.path(), fs::perms::owner_all | fs::perms::group_read | fs::perms::group_exec, error);
    if (error) return fail(Errc::storage, error.message(), folder_.path());
    return folder_.put_in_place();
}

Result<void> Placement::put_in_place() {
    std::vector<Names> done;
    auto placed = rename_all(done);
    if (placed) {
        files_.clear();
        return {};
    }
    for (const auto& [from, to] : std::views::reverse(done)) {
        if (auto back = rename_to_free(to, from); !back) {
            placed.error().message += fmt::format("; {} could not be taken back to {}", to.string(), from.string());
            break;
        }
    }
    return placed;
}

}  // namespace stemma::app
