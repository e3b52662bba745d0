#include "core/engine/item_life.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "core/base/text.hpp"
#include "core/engine/stored.hpp"

namespace stemma::engine {
namespace {

std::string field(const Attributes& fields, const char* name) {
    const auto found = fields.find(name);
    return found == fields.end() ? std::string{} : found->second;
}

/// The first amount that the event tells of the item; none where it speaks of the one instance.
std::optional<Quantity> amount_of(const Event& event, std::string_view item) {
    for (const auto* list : {&event.items, &event.inputs, &event.outputs})
        for (const ItemQuantity& one : *list)
            if (one.item.str() == item) return one.quantity;
    return std::nullopt;
}

Happening happening(Sequence sequence, const Event& event, EventPart part, Milestone kind, std::string_view item) {
    Happening made;
    made.sequence = sequence;
    made.kind = kind;
    made.part = part;
    made.time = event.time.instant;
    made.date_only = event.time.date_only;
    made.event = event.id.str();
    made.party = party_of(event, kind);
    made.place = place_of(event);
    made.document = document_of(event, kind);
    made.errand = errand_of(event);
    made.much = amount_of(event, item);
    made.whole = event.biz_step == "repairing";
    const auto stated = event.ilmd.find("productionDate");
    if (kind != Milestone::made || stated == event.ilmd.end()) return made;
    if (const Result<WrittenTime> written = parse_time(stated->second)) {
        made.time = written->instant;
        made.date_only = written->date_only;
    }
    return made;
}

}  // namespace

Result<void> ItemLife::advance(ReadSnapshot& snapshot, const std::string& item, Sequence position, std::size_t entries_max) {
    const auto sequences = snapshot.subject_entries_from(item, position_, position);
    if (!sequences) return std::unexpected(sequences.error());
    if (entries_ + sequences->size() > entries_max)
        return fail(
            Errc::too_large,
            fmt::format("{} entries speak of {}, a fact folds at most {}", entries_ + sequences->size(), clip(item, 128), entries_max), {},
            "limits.fact_entries_max in stemma.yaml sets how many");
    const auto read = visit_stored(snapshot, *sequences, [&](Sequence sequence, const Entry& entry) {
        if (const Event* event = std::get_if<Event>(&entry.body)) apply(sequence, *event, item);
        if (const CaseEvent* step = std::get_if<CaseEvent>(&entry.body)) apply(sequence, entry.recorded_at, *step, item);
        ++entries_;
        position_ = sequence + 1;
    });
    if (!read) return read;
    position_ = position;
    return {};
}

void ItemLife::keep(Happening happening) {
    const auto place = std::ranges::upper_bound(happenings_, happening, happens_before);
    happenings_.insert(place, std::move(happening));
}

void ItemLife::apply(Sequence sequence, const Event& event, const std::string& item) {
    if (event.error) {
        std::erase_if(happenings_, [&](const Happening& told) { return told.event == event.id.str(); });
        return;
    }
    for (const EventPart part : parts_of(event, item)) {
        for (const Milestone kind : milestones_of(event, part)) {
            Happening made = happening(sequence, event, part, kind, item);
            if (kind == Milestone::replaces) made.other = event.parent.str();
            if (kind != Milestone::replaced_by || event.items.empty()) {
                keep(std::move(made));
                continue;
            }
            for (const ItemQuantity& given : event.items) {
                made.other = given.item.str();
                keep(made);
            }
        }
        // What goes into a repair in one event and comes out in another: its halves, joined where they are read.
        if (is_repair(event) && !event.transformation.empty() && (part == EventPart::input || part == EventPart::output))
            keep(happening(sequence, event, part, part == EventPart::input ? Milestone::repair_started : Milestone::repair_ended, item));
    }
}

void ItemLife::apply(Sequence sequence, Instant recorded_at, const CaseEvent& step, const std::string& item) {
    const bool about = step.item.str() == item;
    const std::string replacement = field(step.fields, "replacement");
    if (std::optional<Milestone> kind = milestone_of_step(step.type); kind && (about || *kind == Milestone::replaced_by)) {
        if (!about) kind = Milestone::replaces;
        Happening made;
        made.sequence = sequence;
        made.kind = *kind;
        made.time = recorded_at;
        made.errand = made.case_id = step.case_id.str();
        made.party = field(step.fields, "party");
        made.place = field(step.fields, "place");
        if (*kind == Milestone::replaced_by) made.other = replacement;
        if (*kind == Milestone::replaces) made.other = step.item.str();
        keep(std::move(made));
    }
    if (!about) return;
    CaseLife& life = cases_[step.case_id.str()];
    if (life.version == 0) {
        life.first = sequence;
        life.opened = recorded_at;
    }
    life.workflow = step.workflow;
    life.state = step.state;
    life.version = step.version;
    life.changed = recorded_at;
    if (!is_holding(step)) {
        life.held_since.reset();
        return;
    }
    if (!life.held_since) life.held_since = recorded_at;
    const std::string reason = field(step.fields, "hold_reason");
    const std::string stage = field(step.fields, "hold_stage");
    life.hold_reason = reason.empty() ? field(step.fields, "reason") : reason;
    life.hold_stage = stage.empty() ? step.state : stage;
}

bool happens_before(const Happening& a, const Happening& b) noexcept {
    return std::tuple{a.time, a.sequence, a.kind} < std::tuple{b.time, b.sequence, b.kind};
}

}  // namespace stemma::engine
