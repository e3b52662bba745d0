#include "core/lineage/bonds.hpp"

#include <algorithm>
#include <mutex>
#include <tuple>

#include "core/lineage/names.hpp"

namespace stemma::lineage {
namespace {

constexpr std::size_t kFirstSlots = 256;

/// A fact with what it is ordered by; `line` keeps the lines of one event in their order.
struct Dated {
    Instant time;
    EventNo event;
    std::size_t line;
    BondFact fact;
};

std::vector<Dated> in_order(const std::vector<BondFact>& facts, const EventTable& events) {
    std::vector<Dated> dated;
    dated.reserve(facts.size());
    for (const BondFact& fact : facts) dated.push_back({events.time(fact.event), fact.event, dated.size(), fact});
    std::ranges::sort(dated, {}, [](const Dated& one) { return std::tuple(one.time, one.event, one.line); });
    return dated;
}

}  // namespace

std::uint64_t hash_of(const Pair& pair) noexcept {
    std::uint64_t hash = (static_cast<std::uint64_t>(pair.child) << 32U) | static_cast<std::uint64_t>(pair.parent);
    hash = (hash ^ static_cast<std::uint64_t>(pair.kind)) * 0x9E3779B97F4A7C15ULL;
    hash ^= hash >> 29U;
    return hash * 0xBF58476D1CE4E5B9ULL;
}

void Bonds::record(const Pair& pair, const BondFact& fact) {
    const std::lock_guard lock{mutex_};
    facts_[pair].push_back(fact);
}

std::optional<Bonds::State> Bonds::fold(const std::vector<BondFact>& facts, const EventTable& events) {
    std::vector<Amount> inside;        // per unit; one unit nearly always
    std::optional<Amount> unmeasured;  // packed without an amount: all that was there
    EventNo last_add = EventNo::none;
    for (const auto& [time, event, line, fact] : in_order(facts, events)) {
        if (fact.adds) last_add = fact.event;
        if (fact.whole) {
            inside.clear();
            unmeasured = fact.adds ? std::optional{fact.amount} : std::nullopt;
            continue;
        }
        auto amount = std::ranges::find(inside, fact.amount.unit, &Amount::unit);
        if (amount == inside.end()) amount = inside.insert(amount, Amount{fact.amount.unit, 0});
        amount->micros = fact.adds ? add_clamped(amount->micros, fact.amount.micros)
                                   : std::max(subtract_clamped(amount->micros, fact.amount.micros), std::int64_t{0});
    }
    const auto held = std::ranges::find_if(inside, [](const Amount& amount) { return amount.micros > 0; });
    if (held != inside.end() && !unmeasured) return State{*held, last_add};
    return unmeasured ? std::optional{State{*unmeasured, last_add}} : std::nullopt;
}

bool Bonds::append_facts(const Pair& pair, const EventTable& events, const Cut& cut, std::vector<BondFact>& out) const {
    const std::shared_lock lock{mutex_};
    const auto found = facts_.find(pair);
    if (found == facts_.end()) return false;
    for (const BondFact& fact : found->second)
        if (events.stands(fact.event, cut)) out.push_back(fact);
    return true;
}

std::size_t Bonds::memory_bytes() const {
    const std::shared_lock lock{mutex_};
    std::size_t bytes = 0;
    for (const auto& [pair, facts] : facts_) bytes += kMapNodeBytes + sizeof(Pair) + bytes_of(facts);
    return bytes;
}

void Bonds::save(SnapshotWriter& out) const {
    out.value(std::uint64_t{facts_.size()});
    for (const auto& [pair, facts] : facts_) {
        out.value(pair);
        out.vector(facts);
    }
}

void Bonds::load(SnapshotReader& in) {
    const std::size_t count = in.count(sizeof(Pair));
    for (std::size_t i = 0; i < count && in.good(); ++i) {
        Pair pair;
        in.value(pair);
        in.vector(facts_[pair]);
    }
}

bool PairFilter::place(Array<std::uint32_t>& slots, std::uint32_t mark) const noexcept {
    auto i = static_cast<std::size_t>((static_cast<std::uint64_t>(mark) * slots.size()) >> 32U);
    while (slots[i] != 0 && slots[i] != mark) i = i + 1 == slots.size() ? 0 : i + 1;
    const bool there = slots[i] == mark;
    slots[i] = mark;
    return there;
}

bool PairFilter::met(const Pair& pair) {
    if ((used_ + 1) * 5 > slots_.size() * 4) {
        Array<std::uint32_t> grown{std::max(kFirstSlots, slots_.size() + slots_.size() / 2)};
        for (const std::uint32_t mark : slots_.all())
            if (mark != 0) place(grown, mark);
        slots_ = std::move(grown);
    }
    const auto mark = std::max(static_cast<std::uint32_t>(hash_of(pair) >> 32U), std::uint32_t{1});
    const bool there = place(slots_, mark);
    used_ += there ? 0 : 1;
    return there;
}

void PairFilter::save(SnapshotWriter& out) const {
    out.value(std::uint64_t{used_});
    out.array(slots_);
}

void PairFilter::load(SnapshotReader& in) {
    std::uint64_t used = 0;
    in.value(used);
    used_ = static_cast<std::size_t>(used);
    in.array(slots_);
}

}  // namespace stemma::lineage
