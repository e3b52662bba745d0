// The bytes of a ledger entry: canonical JSON (compact, fixed order of fields, UTF-8 as it is, what is absent or empty left out, exact
// numbers), and the strict reading of what users post. The bytes are hashed once and kept for ever: the form never changes, a new field
// is added where it is absent from old entries. All functions are pure and may be called from any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/domain/entry.hpp"

namespace stemma {

/// How much of a JSON text is read. Passing one is Errc::too_large with the limit in the message.
struct JsonLimits {
    std::size_t bytes_max{std::size_t{4} * 1024 * 1024};
    std::size_t depth_max{32};        ///< arrays and objects inside each other
    std::size_t values_max{200'000};  ///< values of any kind: an event of 10,000 goods in quantityList has 40,000
};

/// What decode() reads; the engine keeps larger entries out.
inline constexpr JsonLimits kEntryLimits{std::size_t{32} * 1024 * 1024, 32, 1'000'000};

/// The event as its JSON gives it back: instances before quantities in each list of goods (EPCIS has two lists where Event has one), no
/// action for a transformation, "C62" for an empty unit. decode_event(encode_event(e)) == normalised(e) for every event that
/// check_event accepts; encode_event(e) == encode_event(normalised(e)) for all.
[[nodiscard]] Event normalised(Event event);

/// The entry's bytes. decode(encode(e)) == e for an entry with a normalised event, and encode(decode(b)) == b for bytes of encode.
[[nodiscard]] std::string encode(const Entry& entry);
/// Errors: as of decode_event; a `where` begins with the entry's field ("/event/quantityList/0/quantity").
[[nodiscard]] Result<Entry> decode(std::string_view bytes);

/// The same bytes for a body that is encoded already, by encode_event or encode_json.
[[nodiscard]] std::string encode(const Entry& entry, std::string_view body_json);

/// EPCIS 2.0 JSON of one event, without @context; extensions are "stemma:dateOnly" and "stemma:number".
[[nodiscard]] std::string encode_event(const Event& event);

/// One EPCIS 2.0 JSON event as a user posts it. Vocabulary may be a short name or one of CBV's URIs; @context and recordTime are passed
/// over; every other field that Stemma does not keep is refused, for a silent loss would be a lie. Whether the event makes sense is
/// check_event's business. Errors: Errc::invalid_input or Errc::too_large, `where` a JSON pointer ("/quantityList/0/quantity").
[[nodiscard]] Result<Event> decode_event(std::string_view json, const JsonLimits& limits);

/// Empty where every signature of the entry is over what it says it is; else whose is not, in words.
[[nodiscard]] std::string wrong_signature(const Entry& entry);

/// Hex SHA-256 of the event's canonical JSON: Entry::command_digest of a command that captures it. Equal for equal events.
[[nodiscard]] std::string command_digest(const Event& event);

/// The parts of an entry as canonical JSON, for faces that embed them.
[[nodiscard]] std::string encode_json(const Master& master);
[[nodiscard]] std::string encode_json(const CaseEvent& event);
[[nodiscard]] std::string encode_json(const SystemChange& change);
[[nodiscard]] std::string encode_json(const FactTable& table);
[[nodiscard]] std::string encode_json(const Verdict& verdict);
[[nodiscard]] std::string encode_json(const Judgement& judgement);

}  // namespace stemma
