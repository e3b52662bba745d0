// Checkpoints (C2SP tlog-checkpoint): the signed statement that a ledger's first `size` entries have this Merkle root, and the copy of the
// newest one outside the database, by which entries that were cut off are noticed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/digest.hpp"
#include "core/ledger/note.hpp"

namespace stemma {

struct Checkpoint {
    std::string origin;  ///< names the ledger: "example.org/stemma/main"; also its key's name
    std::uint64_t size{0};
    Digest root{};
    friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

/// The note: origin, size, root in base64, an empty line, the signature line. The origin must pass check_key_name.
[[nodiscard]] std::string sign_checkpoint(const Checkpoint& checkpoint, const SigningKey& key);

/// Reads strictly and verifies: the key's signature, its name as origin, nothing beyond the three lines. Errors: Errc::invalid_input.
[[nodiscard]] Result<Checkpoint> open_checkpoint(std::string_view note, const NoteKey& key);

/// The copy outside the database. One writer; readers in any process see the old or the new note, never a part of one.
class CheckpointFile {
public:
    explicit CheckpointFile(std::string path) : path_{std::move(path)} {}

    /// Replaces the file; durable when it returns. Errors: Errc::storage.
    [[nodiscard]] Result<void> write(std::string_view note) const;
    /// The note as it stands there, not verified; nothing when there is no file yet. Errors: Errc::storage; Errc::too_large.
    [[nodiscard]] Result<std::optional<std::string>> read() const;

    [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
    std::string path_;
};

}  // namespace stemma
