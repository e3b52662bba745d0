// A ledger entry: one fact with its actor, record time and reason. Everything but the sequence number is in its bytes.
// Entries are never changed; a mistake is answered by a later entry.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/domain/case.hpp"
#include "core/domain/electronic_signature.hpp"
#include "core/domain/event.hpp"
#include "core/domain/master.hpp"
#include "core/domain/meeting.hpp"
#include "core/domain/verdict.hpp"

namespace stemma {

/// Dense number of an entry in its ledger: the leaf index of RFC 6962, from 0.
using Sequence = std::uint64_t;

/// Where an observed entry came from: one row of one query of one source.
struct SourceRow {
    std::string source;  ///< "tryton", as in stemma.yaml
    std::string query;   ///< "moves", as in the mapping
    std::string key;     ///< the row's key, as text
    std::string digest;  ///< hex SHA-256 of the mapped record without master-data columns; "" = the row has vanished
    friend bool operator==(const SourceRow&, const SourceRow&) = default;
};

/// A change of what Stemma runs on: plugin set, configuration, rules.
struct SystemChange {
    std::string subject;  ///< "plugins", "settings", "ledger", "access"
    std::string action;   ///< "loaded", "enabled", "disabled", "reloaded", "restored", "user_added"
    Attributes details;
    friend bool operator==(const SystemChange&, const SystemChange&) = default;
};

inline constexpr std::string_view kAccess = "access";  ///< subject of a change of who may act

using EntryBody = std::variant<Event, Master, CaseEvent, SystemChange, Meeting>;

struct Entry {
    Instant recorded_at;                            ///< when Stemma took it in: never before the entry in front of it
    std::string actor;                              ///< "erp:tryton", "user:service-desk", "system"
    std::string reason;                             ///< why, where a person gave one
    std::string command;                            ///< idempotency key of the command it came with; may be empty
    std::string command_digest;                     ///< hex SHA-256 of the command's content, beside `command`
    std::optional<SourceRow> source;                ///< for observed entries
    std::vector<ElectronicSignature> signatures{};  ///< where the command asked for them; a second person's last
    EntryBody body;
    std::vector<Judgement> judgements;  ///< verdicts at the moment of appending
    friend bool operator==(const Entry&, const Entry&) = default;
};

/// "event", "product", "item", "place", "party", "case", "system", "meeting": what an entry is about.
[[nodiscard]] std::string_view kind_of(const EntryBody& body);

/// The ids an entry touches, each once: its items, products, places, parties, documents, case; of a
/// meeting both ids, and its own look-ups. What `subject` look-ups go by.
struct Subject {
    enum class Kind : unsigned char { item, product, place, party, document, transformation, case_, event, meeting };
    Kind kind;
    std::string id;
    friend auto operator<=>(const Subject&, const Subject&) = default;
};
[[nodiscard]] std::vector<Subject> subjects_of(const EntryBody& body);
[[nodiscard]] std::string_view to_string(Subject::Kind kind) noexcept;

}  // namespace stemma
