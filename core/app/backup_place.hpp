// Putting a restored Stemma in place: one folder by one rename, and files that belong elsewhere. All of it lies complete and durable
// beside its place before the first name changes; what is in the way is renamed, never removed; what fails is taken back.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/app/backup_files.hpp"
#include "core/base/error.hpp"

namespace stemma::app {

class Placement {
public:
    /// `root` is the folder that gets its name at the end. Errors: those of StagedFolder::make.
    [[nodiscard]] static Result<Placement> begin(const std::filesystem::path& root);
    Placement(Placement&&) noexcept = default;
    Placement& operator=(Placement&&) = delete;
    Placement(const Placement&) = delete;
    Placement& operator=(const Placement&) = delete;
    ~Placement();

    /// Copies `from` for the place `to`, and holds the copy against `sha256` (hex). Errors: Errc::storage, also for another content.
    [[nodiscard]] Result<void> add_copy(const std::filesystem::path& from, const std::filesystem::path& to, mode_t mode,
                                        const std::string& sha256);
    /// Writes a file for the place `to`. Errors: Errc::storage.
    [[nodiscard]] Result<void> add_text(const std::filesystem::path& to, std::string_view text, mode_t mode);
    /// Where a file for the place `to` lies until the end.
    [[nodiscard]] std::filesystem::path staged(const std::filesystem::path& to);
    /// What lies at `path`, a file or the root itself, is renamed to `aside` before anything is put there.
    void move_aside(std::filesystem::path path, std::filesystem::path aside);

    /// Errors: Errc::conflict when something came into a place meanwhile; Errc::storage. Then every name is what it was before.
    [[nodiscard]] Result<void> put_in_place();

private:
    using Names = std::pair<std::filesystem::path, std::filesystem::path>;  ///< from, to
    Placement(std::filesystem::path root, StagedFolder folder) : root_{std::move(root)}, folder_{std::move(folder)} {}
    [[nodiscard]] Result<void> rename_all(std::vector<Names>& done);

    std::filesystem::path root_;
    StagedFolder folder_;
    std::vector<Names> files_;  ///< staged, place: of files outside the root
    std::vector<Names> aside_;
};

}  // namespace stemma::app
