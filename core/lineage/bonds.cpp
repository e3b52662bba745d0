#include "core/lineage/bonds.hpp"

#include <algorithm>
#include <tuple>

namespace stemma::lineage {
namespace {

std::uint32_t hash_of(Node child, Node parent, EdgeKind kind) noexcept {
    std::uint64_t hash = (static_cast<std::uint64_t>(child) << 32U) | static_cast<std::uint64_t>(parent);
    hash = (hash + static_cast<std::uint64_t>(kind)) * 0x9E3779B97F4A7C15ULL;
    return static_cast<std::uint32_t>(hash >> 32U);
}

std::uint64_t emptied_key(Node parent, EdgeKind kind) noexcept {
    return (static_cast<std::uint64_t>(parent) << 8U) | static_cast<std::uint64_t>(kind);
}

/// A fact with what it is ordered by; `line` keeps the lines of one event in their order.
struct Dated {
    Instant time;
    EventNo event;
    std::size_t line;
    BondFact fact;
};

}  // namespace

EventNo EventTable::add(Sequence sequence, const WrittenTime& time, const std::vector<DocumentNo>& documents) {
    const EventNo event{static_cast<std::uint32_t>(sequences_.size())};
    sequences_.push_back(sequence);
    times_.push_back(time.instant.us);
    flags_.push_back(time.date_only ? kDateOnly : 0);
    document_begins_.push_back(static_cast<std::uint32_t>(documents_.size()));
    documents_.insert(documents_.end(), documents.begin(), documents.end());
    return event;
}

void EventTable::declare_wrong(EventNo event, Sequence by) {
    flags_[slot(event)] |= kWrong;
    voided_.emplace(static_cast<std::uint32_t>(event), by);
}

Sequence EventTable::voided_at(EventNo event) const noexcept {
    if ((flags_[slot(event)] & kWrong) == 0) return kNever;
    const auto found = voided_.find(static_cast<std::uint32_t>(event));
    return found == voided_.end() ? kNever : found->second;
}

std::size_t EventTable::documents_end(std::size_t row) const noexcept {
    return row + 1 < document_begins_.size() ? document_begins_[row + 1] : documents_.size();
}

std::vector<DocumentNo> EventTable::documents(EventNo event) const {
    const std::size_t row = slot(event);
    return {documents_.begin() + document_begins_[row], documents_.begin() + static_cast<std::ptrdiff_t>(documents_end(row))};
}

DocumentNo EventTable::first_document(EventNo event) const noexcept {
    const std::size_t row = slot(event);
    return document_begins_[row] < documents_end(row) ? documents_[document_begins_[row]] : DocumentNo::none;
}

std::uint32_t EventTable::rows_below(Sequence as_of) const noexcept {
    return static_cast<std::uint32_t>(std::ranges::lower_bound(sequences_, as_of) - sequences_.begin());
}

std::size_t EventTable::memory_bytes() const noexcept {
    return bytes_of(sequences_) + bytes_of(times_) + bytes_of(flags_) + bytes_of(document_begins_) + bytes_of(documents_) +
           voided_.size() * kMapNodeBytes;
}

std::uint32_t Bonds::find(Node child, Node parent, EdgeKind kind) const noexcept {
    return slots_.find(hash_of(child, parent, kind), [&](std::uint32_t number) {
        const Bond& bond = bonds_[number];
        return bond.child == child && bond.parent == parent && bond.kind == kind;
    });
}

std::uint32_t Bonds::add(Node child, Node parent, EdgeKind kind) {
    const auto number = static_cast<std::uint32_t>(bonds_.size());
    slots_.insert(hash_of(child, parent, kind), number);
    bonds_.push_back({child, parent, kind, kNone, kNone});
    return number;
}

void Bonds::record(std::uint32_t bond, const BondFact& fact) {
    const auto row = static_cast<std::uint32_t>(rows_.size());
    rows_.push_back({fact, kNone});
    Bond& owner = bonds_[bond];
    (owner.first == kNone ? owner.first : rows_[owner.last].next) = row;
    owner.last = row;
}

void Bonds::record_emptied(Node parent, EdgeKind kind, EventNo event) { emptied_[emptied_key(parent, kind)].push_back(event); }

const std::vector<EventNo>* Bonds::emptied(Node parent, EdgeKind kind) const noexcept {
    if (emptied_.empty()) return nullptr;
    const auto found = emptied_.find(emptied_key(parent, kind));
    return found == emptied_.end() ? nullptr : &found->second;
}

std::optional<Bonds::State> Bonds::state(std::uint32_t bond, const EventTable& events, const Cut& cut) const {
    const Bond& owner = bonds_[bond];
    const std::vector<EventNo>* empty = emptied(owner.parent, owner.kind);
    if (owner.first == owner.last && empty == nullptr) {  // packed once and never touched again: nearly all
        const BondFact& only = rows_[owner.first].fact;
        if (!only.adds || only.amount.micros <= 0 || !events.stands(only.event, cut)) return std::nullopt;
        return State{only.amount, only.event};
    }

    std::vector<Dated> facts;
    const auto take = [&](const BondFact& fact) {
        if (events.stands(fact.event, cut)) facts.push_back({events.time(fact.event), fact.event, facts.size(), fact});
    };
    for (std::uint32_t row = owner.first; row != kNone; row = rows_[row].next) take(rows_[row].fact);
    if (empty != nullptr)
        for (const EventNo event : *empty) take({event, {}, false, true});
    std::ranges::sort(facts, {}, [](const Dated& dated) { return std::tuple(dated.time, dated.event, dated.line); });

    std::vector<Amount> inside;  // per unit; one unit nearly always
    EventNo last_add = EventNo::none;
    for (const auto& [time, event, line, fact] : facts) {
        if (!fact.adds && fact.whole) {
            inside.clear();
            continue;
        }
        auto amount = std::ranges::find(inside, fact.amount.unit, &Amount::unit);
        if (amount == inside.end()) amount = inside.insert(amount, Amount{fact.amount.unit, 0});
        amount->micros = fact.adds ? add_clamped(amount->micros, fact.amount.micros) : subtract_clamped(amount->micros, fact.amount.micros);
        if (fact.adds) last_add = fact.event;
    }
    const auto held = std::ranges::find_if(inside, [](const Amount& amount) { return amount.micros > 0; });
    if (held == inside.end()) return std::nullopt;
    return State{*held, last_add};
}

std::size_t Bonds::memory_bytes() const noexcept {
    std::size_t bytes = bytes_of(bonds_) + bytes_of(rows_) + slots_.memory_bytes();
    for (const auto& [key, list] : emptied_) bytes += kMapNodeBytes + bytes_of(list);
    return bytes;
}

}  // namespace stemma::lineage
