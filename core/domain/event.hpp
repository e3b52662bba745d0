// Events in the model of EPCIS 2.0 (GS1, ratified June 2022): what, when, where, why, how. Pure values.
// Two views of EPCIS are one list here: an item without a quantity is an instance (epcList), one with a quantity stands for
// that much of a class or lot (quantityList). bizStep and disposition are CBV 2.0 short names ("receiving", "in_transit").
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/quantity.hpp"
#include "core/base/time.hpp"
#include "core/domain/ids.hpp"
#include "core/domain/master.hpp"

namespace stemma {

enum class EventType : unsigned char { object, aggregation, transformation, transaction, association };
enum class Action : unsigned char { add, observe, remove };  ///< EPCIS ADD, OBSERVE, DELETE

/// An item, or so much of it. `item` names a product (class level) when the goods are not tracked.
struct ItemQuantity {
    ItemId item;
    std::optional<Quantity> quantity;  ///< absent = this one instance
    friend bool operator==(const ItemQuantity&, const ItemQuantity&) = default;
};

/// EPCIS bizTransaction. `type` is a CBV 2.0 short name: po, desadv, recadv, prodorder, rma, inv ...
struct BizTransaction {
    std::string type;
    DocumentId id;
    std::string number;  ///< what people call it: "WO-17"; extension stemma:number
    friend bool operator==(const BizTransaction&, const BizTransaction&) = default;
};

/// EPCIS source or destination. `type` is owning_party, possessing_party or location; `id` a party or a place accordingly.
struct SourceDest {
    std::string type;
    std::string id;
    friend bool operator==(const SourceDest&, const SourceDest&) = default;
};

/// One value of an EPCIS sensorReport.
struct SensorReport {
    std::string type;               ///< "Temperature", "RelativeHumidity" ... (CBV 2.0)
    std::optional<Quantity> value;  ///< with its uom
    std::string string_value;       ///< where the value is no number
    std::optional<Instant> time;
    std::string device;  ///< URI or empty
    friend bool operator==(const SensorReport&, const SensorReport&) = default;
};

/// EPCIS errorDeclaration: this event says that the one with the same event id was wrong.
struct ErrorDeclaration {
    Instant declared_at;
    std::string reason;  ///< "incorrect_data", "did_not_occur" (CBV 2.0)
    std::vector<EventId> corrective_events;
    friend bool operator==(const ErrorDeclaration&, const ErrorDeclaration&) = default;
};

struct Event {
    EventType type{EventType::object};
    EventId id;
    Action action{Action::observe};  ///< has no meaning for a transformation
    WrittenTime time;                ///< when it happened, as the source knows it; date_only where there is no time of day
    std::string biz_step;
    std::string disposition;
    PlaceId read_point;
    PlaceId biz_location;               ///< where the items are afterwards
    std::vector<ItemQuantity> items;    ///< object, transaction; children of an aggregation or association
    ItemId parent;                      ///< aggregation, association, transaction
    std::vector<ItemQuantity> inputs;   ///< transformation
    std::vector<ItemQuantity> outputs;  ///< transformation
    TransformationId transformation;    ///< joins events that describe one order; required when inputs or outputs are empty
    std::vector<BizTransaction> documents;
    std::vector<SourceDest> sources;
    std::vector<SourceDest> destinations;
    std::vector<SensorReport> sensors;
    Attributes ilmd;  ///< lot or instance master data, for commissioning and transformation outputs
    std::optional<ErrorDeclaration> error;

    friend bool operator==(const Event&, const Event&) = default;
};

[[nodiscard]] std::string_view to_string(EventType type) noexcept;  ///< "ObjectEvent" ...: EPCIS spelling
[[nodiscard]] std::string_view to_string(Action action) noexcept;   ///< "ADD", "OBSERVE", "DELETE"
[[nodiscard]] Result<EventType> event_type_from(std::string_view text);
[[nodiscard]] Result<Action> action_from(std::string_view text);

/// CBV 2.0 section 7.1 (bizStep) and 7.2 (disposition): whether a short name is in the standard vocabulary.
[[nodiscard]] bool is_biz_step(std::string_view name) noexcept;
[[nodiscard]] bool is_disposition(std::string_view name) noexcept;
/// Stemma's own steps, for what the standard has none for; they begin with "stemma:". core/docs/facts.md says what they mean.
[[nodiscard]] bool is_own_biz_step(std::string_view name) noexcept;
[[nodiscard]] const std::vector<std::string>& own_biz_steps();
/// All names, for "did you mean".
[[nodiscard]] const std::vector<std::string>& biz_steps();
[[nodiscard]] const std::vector<std::string>& dispositions();

/// The id under `type` in a source or destination list, or "" (first match).
[[nodiscard]] std::string_view find_source_dest(const std::vector<SourceDest>& list, std::string_view type) noexcept;

/// Every item an event speaks of, in the order items, inputs, outputs, parent. Pointers live as long as the event.
struct ItemRole {
    enum class Role : unsigned char { object, input, output, parent, child };
    const ItemId* item;
    Role role;
    const Quantity* quantity;  ///< null for an instance
};
[[nodiscard]] std::vector<ItemRole> items_of(const Event& event);
[[nodiscard]] std::string_view to_string(ItemRole::Role role) noexcept;

/// For events that an ERP already holds: its clock and its users' dates are its own.
inline constexpr std::int64_t kNoFutureLimit = std::numeric_limits<std::int64_t>::max();

/// Named limits of an event, checked by check_event; configuration may lower or raise them.
struct EventLimits {
    std::size_t items_per_event_max{10'000};
    std::size_t text_bytes_max{1024};                    ///< any single text value
    std::int64_t future_us_max{300 * kMicrosPerSecond};  ///< how far an event's time may lie after its record time; kNoFutureLimit: any
};

/// What EPCIS 2.0 and Stemma ask of an event's form: ids are URIs, quantities are positive with a Rec 20 unit, vocabulary is known,
/// the lists fit the type and name each instance once, nothing is its own parent, the time is not in the future. Errors:
/// Errc::invalid_input; `where` is a JSON pointer into the event's EPCIS JSON form ("/quantityList/0/quantity").
[[nodiscard]] Result<void> check_event(const Event& event, Instant recorded_at, const EventLimits& limits);

}  // namespace stemma
