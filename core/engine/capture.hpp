// Steps "capture" and "validate": takes a command (entries to record, who, why, idempotency key) or one source record, holds it to its
// form, judges it where it stands and appends it. Observed facts are never refused by a rule; commands are.
#pragma once

#include <string>
#include <vector>

#include "core/engine/append.hpp"
#include "core/engine/limits.hpp"
#include "core/ports/plugin_catalog.hpp"

namespace stemma::engine {

/// What a user or a program asks to be recorded, all or nothing.
struct Capture {
    std::string actor;   ///< "user:...", "token:..."
    std::string reason;  ///< may be empty
    std::string key;     ///< idempotency key chosen by the caller, 1..128 bytes, or "" for none
    std::vector<std::variant<Event, Master>> records;
    std::vector<std::size_t> lines{};               ///< of each record, where its sender knows lines: messages name another record by it
    std::vector<ElectronicSignature> signatures{};  ///< of the whole command; each entry's own digest is filled in
};

/// What came of it.
struct Receipt {
    Sequence first{0};
    std::uint64_t count{0};
    bool replayed{false};          ///< the same command was answered before: nothing was recorded again
    bool recorded{false};          ///< false: refused, nothing was recorded
    bool judged{false};            ///< a plugin said something of it
    std::size_t worst{0};          ///< the first record whose verdict is the sum's outcome
    Verdict verdict;               ///< the sum over all records; of a replayed command the one given then
    std::vector<std::string> ids;  ///< of the recorded events and master records, in the order they were sent
};

/// Whether commands that no plugin could judge are accepted with a finding (true) or refused (false); `plugins.allow_undecided`.
struct UndecidedPolicy {
    bool allow{false};
};

class Capturing {
public:
    Capturing(Appender& appender, const PluginCatalog& plugins, const Limits& limits, UndecidedPolicy undecided);

    /// Errors: Errc::invalid_input with a JSON pointer ("/3/eventTime" for the fourth record), Errc::too_large,
    /// Errc::conflict (same key with other content; event id already recorded), Errc::busy (too much is waiting), Errc::storage.
    /// Checks, encodes and hashes on the caller's thread; what depends on the ledger is done at the command's turn. Any thread.
    [[nodiscard]] Result<Receipt> capture(Capture command);

private:
    struct Prepared;
    [[nodiscard]] Prepared prepare(Capture& command, Instant at) const;
    [[nodiscard]] Result<Draft> prepare_one(const Capture& command, std::variant<Event, Master> record, const std::string& digest,
                                            Instant at) const;
    [[nodiscard]] Result<void> record_all(Appending& tx, Prepared& prepared, Receipt& receipt) const;
    [[nodiscard]] Result<void> record_one(Appending& tx, const PluginSet& plugins, const Prepared& prepared, Draft draft,
                                          Receipt& receipt) const;

    Appender& appender_;
    const PluginCatalog& plugins_;
    const Limits& limits_;
    UndecidedPolicy undecided_;
};

/// An event without an id gets one from its content, so that the same event sent twice is one event.
[[nodiscard]] EventId content_id(const Event& event);

/// What is signed where a command has to be: hex SHA-256 of the record's body as it stands in its entry; of several, of their digests, a
/// line each.
[[nodiscard]] std::string signed_digest(const std::vector<std::variant<Event, Master>>& records);

/// Form of a master record: ids are URIs, texts are clean and within limits.
[[nodiscard]] Result<void> check_master(const Master& master, const Limits& limits);

}  // namespace stemma::engine
