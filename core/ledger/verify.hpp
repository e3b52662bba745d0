// Verifies a whole ledger against its signed checkpoints, offline and without trust in the database: rows may hold anything.
// What is wrong becomes a finding in plain words; the first bad entry is named by its number.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/ledger/note.hpp"
#include "core/ports/store.hpp"

namespace stemma {

struct VerifyFinding {
    std::optional<Sequence> entry;  ///< the bad entry, or the first of the bad ones; none when no entry can be named
    std::string text;               ///< "entry 17 was changed: its bytes do not give its leaf hash"
};

struct VerifyReport {
    std::uint64_t entries{0};             ///< as many as the ledger says it has
    std::uint64_t verified{0};            ///< entries [0, verified) are as they were signed, but for findings that name one of them
    std::string root;                     ///< hex, over the verified entries: the head's root when all is well
    std::vector<VerifyFinding> findings;  ///< those that name an entry first, by number; at most kVerifyFindingsMax
    std::vector<std::string> notes{};     ///< what could not be checked although nothing is wrong: said, but no finding

    [[nodiscard]] bool ok() const noexcept { return findings.empty(); }
    [[nodiscard]] std::optional<Sequence> first_bad_entry() const { return ok() ? std::nullopt : findings.front().entry; }
};

inline constexpr std::size_t kVerifyFindingsMax = 100;  ///< findings that are kept; more say nothing new

/// Called after each batch with the entries done and their number.
using VerifyProgress = std::function<void(std::uint64_t done, std::uint64_t total)>;

struct VerifyInput {
    NoteKey key;                                    ///< whose signature counts; its name is the ledger's origin
    std::optional<std::string> outside_checkpoint;  ///< the note kept outside the database
    std::vector<std::string> integrity;             ///< what Store::check_integrity said; reported last
    VerifyProgress progress;                        ///< may be empty
    std::string outside_path{};                     ///< where outside_checkpoint belongs: its absence is a finding. "" for a copy
};

/// Checks the number, bytes, leaf hash, chain hash and form of every entry, every checkpoint's signature and root, that the newest
/// checkpoint covers all entries, and that the outside checkpoint is there and of this ledger's history. Ends at the first entry whose
/// hashes are wrong. A checkpoint that is gone is not noticed when a later one signs its entries. Memory: one batch of rows.
[[nodiscard]] VerifyReport verify(ReadSnapshot& ledger, const VerifyInput& input);

}  // namespace stemma
