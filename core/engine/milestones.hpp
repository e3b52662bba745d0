// Milestones: what an event or a case's step means for the life of an item. One table says which bizStep, disposition, document and role
// give which kind; nothing else in the facts decides it. Where goods move it says what lineage/movement.hpp says.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/domain/case.hpp"
#include "core/domain/event.hpp"

namespace stemma::engine {

/// In the order in which those of one moment are told.
enum class Milestone : unsigned char {
    made,
    received,
    stored,
    shipped,
    sold,
    delivered,
    invoiced,
    installed,
    registered,
    first_use,
    transferred,
    returned,
    sent_back,  ///< to the supplier
    repair_started,
    repair_ended,
    replaced_by,
    replaces,
    scrapped,
    lost,
    stolen,
    found,
};
[[nodiscard]] std::string_view to_string(Milestone kind) noexcept;

/// As what an event speaks of the item.
enum class EventPart : unsigned char {
    object,    ///< of an ObjectEvent; with OBSERVE, any part of an aggregation, association or transaction
    output,    ///< of a transformation that did not take it in
    through,   ///< in and out of one transformation
    input,     ///< of a transformation that did not put it out
    child,     ///< of an AssociationEvent with ADD or DELETE
    given,     ///< listed by a TransactionEvent with ADD
    replaced,  ///< parent of a TransactionEvent with ADD
};
[[nodiscard]] std::string_view to_string(EventPart part) noexcept;

/// A line of the table. An event that fits several lines gives several milestones, each kind once.
struct MilestoneRule {
    Milestone kind{Milestone::made};
    EventPart part{EventPart::object};
    std::string_view steps;         ///< "" = any; "a|b" = one of these; "-a|b" = none of these
    std::string_view dispositions;  ///< the same
    std::optional<Action> action{};
    bool to_party{false};         ///< a destination party is named
    std::string_view document{};  ///< a document of this type is named
};
[[nodiscard]] std::span<const MilestoneRule> milestone_rules() noexcept;

/// A case's step of this type gives this milestone of the case's item.
struct CaseMilestone {
    std::string_view step;
    Milestone kind{Milestone::made};
};
[[nodiscard]] std::span<const CaseMilestone> case_milestones() noexcept;
[[nodiscard]] std::optional<Milestone> milestone_of_step(std::string_view type) noexcept;

/// The kinds that the event gives for the item in that part, in the order of the kinds. Does not look at `event.error`.
[[nodiscard]] std::vector<Milestone> milestones_of(const Event& event, EventPart part);

/// The parts that the item has in the event, each once.
[[nodiscard]] std::vector<EventPart> parts_of(const Event& event, std::string_view item);

/// Of what kind something is: CBV 2.0 names of steps after which the parts of a thing are others, not the thing.
[[nodiscard]] bool is_production(const Event& event) noexcept;    ///< a transformation that makes its outputs; waste included
[[nodiscard]] bool is_repair(const Event& event) noexcept;        ///< a transformation that repairs what goes through it
[[nodiscard]] bool is_taking_apart(const Event& event) noexcept;  ///< a transformation that takes its inputs apart
[[nodiscard]] bool is_waste(const Event& event) noexcept;         ///< its outputs are gone at once

/// Who has the item after that kind of milestone; of what came in, who brought it. "" where the event does not say.
[[nodiscard]] std::string_view party_of(const Event& event, Milestone kind) noexcept;
/// Where it happened: destination of type location, else bizLocation, else readPoint.
[[nodiscard]] std::string_view place_of(const Event& event) noexcept;
/// The document behind it: of an invoice and of a repair its own, else the first.
[[nodiscard]] std::string_view document_of(const Event& event, Milestone kind) noexcept;
/// What joins the events of one repair or exchange: the document of type repair or rma, the transformation, the first document; else the
/// event itself.
[[nodiscard]] std::string_view errand_of(const Event& event) noexcept;

// Conventions that a case's fields and states follow, so that the host can tell of it without its workflow.
/// A case in one of these states is over: "closed", "cancelled", "rejected".
[[nodiscard]] bool is_closed(std::string_view state) noexcept;
/// The case holds its item: the field `hold` is neither empty nor "no", and it is not over.
[[nodiscard]] bool is_holding(const CaseEvent& step);

}  // namespace stemma::engine
