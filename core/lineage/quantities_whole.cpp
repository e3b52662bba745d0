// One item's movements in two orders: what comes in first, for what is missing from stock; what leaves first, for what comes back.
#include "core/lineage/quantities_whole.hpp"

#include <algorithm>
#include <unordered_map>

#include "core/lineage/containment.hpp"

namespace stemma::lineage {
namespace {

void add(std::int64_t& sum, std::int64_t micros) { sum = add_clamped(sum, micros); }

/// Takes up to `micros` off `sum`. How much that was.
std::int64_t take(std::int64_t& sum, std::int64_t micros) {
    const std::int64_t taken = std::clamp<std::int64_t>(micros, 0, sum);
    sum -= taken;
    return taken;
}

bool comes_in_or_leaves(MovementKind kind) noexcept { return is_inflow(kind) || is_outflow(kind); }

Instant last_moment(const Movement& movement) noexcept { return {movement.time.us + (movement.date_only ? kMicrosPerDay - 1 : 0)}; }

/// What left and can come back. To be fed in order, what leaves before what comes in.
class Gone {
public:
    /// What was delivered, sent back or written off.
    void leave(const Movement& movement) {
        const std::int64_t micros = movement.amount.micros;
        add(all_, micros);
        if (movement.kind == MovementKind::written_off) return;
        add(with_[movement.party].any, micros);
        if (movement.kind != MovementKind::shipped) return;
        add(with_[movement.party].delivered, micros);
        add(delivered_, micros);
    }

    /// A customer's return. How much of it was never delivered to it; to anybody, where it does not say who brought it.
    std::int64_t come_back(const Movement& movement) {
        const std::int64_t micros = movement.amount.micros;
        const bool named = movement.party != PartyNo::none;
        std::int64_t explained = std::min(micros, delivered_);
        if (named) {
            Party& party = with_[movement.party];
            explained = take(party.delivered, explained);
            (void)take(party.any, explained);
        }
        (void)take(delivered_, explained);
        (void)take(all_, explained);
        return micros - explained;
    }

    /// A receipt: how much of it was never sent to that party.
    std::int64_t receive(const Movement& movement) {
        const std::int64_t micros = movement.amount.micros;
        return micros - take(all_, take(with_[movement.party].any, std::min(micros, all_)));
    }

    /// How much of what was found cannot be what had gone.
    std::int64_t find(std::int64_t micros) { return micros - take(all_, micros); }

private:
    struct Party {
        std::int64_t delivered{0};
        std::int64_t any{0};  ///< sent back to it as well
    };
    std::int64_t all_{0};
    std::int64_t delivered_{0};
    std::unordered_map<PartyNo, Party> with_;
};

}  // namespace

Whole WholeReader::of(Node item) {
    Whole whole;
    read(item, whole);
    if (whole.told != Whole::Told::one_unit) return whole;
    sort(true);
    Gone gone;
    std::int64_t came_in = 0;
    std::int64_t came_in_new = 0;
    std::int64_t never_delivered = 0;
    for (const Turn& turn : order_) {
        const Movement& movement = movements_[turn.movement];
        const std::int64_t micros = movement.amount.micros;
        switch (movement.kind) {
            case MovementKind::shipped:
            case MovementKind::returned_to_supplier:
            case MovementKind::written_off: gone.leave(movement); break;
            case MovementKind::returned_by_customer: add(never_delivered, gone.come_back(movement)); break;
            case MovementKind::received:
                add(came_in, micros);
                add(came_in_new, gone.receive(movement));
                break;
            case MovementKind::found:
                add(came_in, micros);
                add(came_in_new, gone.find(micros));
                break;
            case MovementKind::produced:
            case MovementKind::wasted:
                add(came_in, micros);
                add(came_in_new, micros);
                break;
            case MovementKind::consumed:
            case MovementKind::moved: break;
        }
    }
    whole.fewest = std::max(came_in_new, used_or_largest());
    whole.most = add_clamped(add_clamped(came_in, never_delivered), missing_from_stock());
    return whole;
}

/// The movements in the item's unit: that of the first that came in or left, else that of the first move.
void WholeReader::read(Node item, Whole& whole) {
    movements_.clear();
    counted_.for_each(item, [&](const Movement& movement) { movements_.push_back(movement); });
    if (movements_.empty()) return;
    const auto first = std::ranges::find_if(movements_, comes_in_or_leaves, &Movement::kind);
    whole.unit = (first == movements_.end() ? movements_.front() : *first).amount.unit;
    const auto in_another = [&](const Movement& movement) { return movement.amount.unit != whole.unit; };
    const bool several = std::ranges::any_of(
        movements_, [&](const Movement& movement) { return in_another(movement) && comes_in_or_leaves(movement.kind); });
    whole.told = several ? Whole::Told::several_units : Whole::Told::one_unit;
    std::erase_if(movements_, in_another);
}

/// What is to be first counts from its first moment, what is to be last from its last. Moves come between, and so does a production that
/// takes in the item and puts it out in one event: what it took in was there before.
void WholeReader::sort(bool leaving_first) {
    std::vector<EventNo> taking_in;
    for (const Movement& movement : movements_)
        if (movement.kind == MovementKind::consumed) taking_in.push_back(movement.event);
    std::ranges::sort(taking_in);
    std::vector<EventNo> both;
    for (const Movement& movement : movements_)
        if (movement.kind == MovementKind::produced && std::ranges::binary_search(taking_in, movement.event))
            both.push_back(movement.event);
    std::ranges::sort(both);

    order_.clear();
    for (std::size_t i = 0; i < movements_.size(); ++i) {
        const Movement& movement = movements_[i];
        const bool between = movement.kind == MovementKind::moved || std::ranges::binary_search(both, movement.event);
        const bool last = !between && is_outflow(movement.kind) != leaving_first;
        const int rank = between ? 1 : last ? 2 : 0;
        order_.push_back({rank == 0 ? movement.time : last_moment(movement), rank, movement.sequence, is_inflow(movement.kind), i});
    }
    std::ranges::sort(order_);
}

std::int64_t WholeReader::used_or_largest() const {
    std::int64_t used = 0;
    std::int64_t largest = 0;
    for (const Movement& movement : movements_) {
        largest = std::max(largest, movement.amount.micros);
        if (movement.kind == MovementKind::consumed || movement.kind == MovementKind::wasted) add(used, movement.amount.micros);
    }
    return std::max(used, largest);
}

std::int64_t WholeReader::missing_from_stock() {
    sort(false);
    std::int64_t there = 0;
    std::int64_t gone = 0;  // and can be moved still
    std::int64_t missing = 0;
    for (const Turn& turn : order_) {
        const Movement& movement = movements_[turn.movement];
        const std::int64_t micros = movement.amount.micros;
        if (movement.kind == MovementKind::wasted) continue;
        if (movement.kind == MovementKind::moved) {
            const std::int64_t lacking = std::max<std::int64_t>(0, subtract_clamped(micros, add_clamped(there, gone)));
            add(missing, lacking);
            add(there, lacking);
        } else if (is_inflow(movement.kind)) {
            add(there, micros);
            if (movement.kind == MovementKind::returned_by_customer) (void)take(gone, micros);
        } else {
            add(missing, subtract_clamped(micros, take(there, micros)));
            if (movement.kind != MovementKind::consumed) add(gone, micros);
        }
    }
    return missing;
}

}  // namespace stemma::lineage
