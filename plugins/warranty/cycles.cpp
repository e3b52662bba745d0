#include "plugins/warranty/cycles.hpp"

#include <algorithm>
#include <utility>

namespace stemma::warranty {
namespace {

bool is_of_all_cycles(Basis basis) noexcept { return basis == Basis::manufacture || basis == Basis::receipt; }

/// Which of the unit's cycles its going out as a replacement opened: the one that runs at that moment, else the next one.
Cycle& cycle_at(std::vector<Cycle>& cycles, Moment moment) {
    for (Cycle& cycle : cycles)
        if (cycle.ended == nullptr || cycle.ended->at.us >= moment.us) return cycle;
    return cycles.back();
}

class Splitter {
public:
    void take(const Milestone& milestone) {
        const auto basis = basis_of_milestone(milestone.kind);
        if (milestone.kind == "returned" && sold()) {
            returned_ = &milestone;
            repaired_ = false;
        } else if (milestone.kind == "repair_started" || milestone.kind == "repair_ended") {
            repaired_ = repaired_ || returned_ != nullptr;
        }
        if (basis && is_of_all_cycles(*basis)) {
            keep_first(common_, *basis, milestone);
            return;
        }
        if (returned_ != nullptr && basis && begins_anew(*basis, milestone.party)) open();
        cycles_.back().all.push_back(&milestone);
        if (!basis) return;
        const bool comes_back = returned_ != nullptr;  // from its repair, to the same owner
        if (!comes_back) keep_first(cycles_.back().first, *basis, milestone);
        if (comes_back && (*basis == Basis::ship || *basis == Basis::delivery)) returned_ = nullptr;
    }

    std::vector<Cycle> finish() {
        for (Cycle& cycle : cycles_)
            for (std::size_t i = 0; i < kBases; ++i)
                if (common_[i] != nullptr) cycle.first[i] = common_[i];
        return std::move(cycles_);
    }

private:
    static void keep_first(std::array<const Milestone*, kBases>& first, Basis basis, const Milestone& milestone) {
        auto& slot = first[static_cast<std::size_t>(basis)];
        if (slot == nullptr) slot = &milestone;
    }
    [[nodiscard]] bool sold() const { return cycles_.back().sale() != nullptr; }
    /// After a return, what goes out is a sale. After a repair it is the way home, which ERPs book as a delivery to the customer too: a
    /// sale only where another one gets it, or where a sale is recorded and one of the two buyers is not.
    [[nodiscard]] bool begins_anew(Basis basis, const std::string& party) const noexcept {
        const bool goes_out = basis == Basis::sale || basis == Basis::ship || basis == Basis::delivery || basis == Basis::invoice;
        if (!goes_out || !repaired_) return goes_out;
        const std::string& before = cycles_.back().sale()->party;
        return party.empty() || before.empty() ? basis == Basis::sale : party != before;
    }
    void open() {
        cycles_.back().ended = returned_;
        cycles_.emplace_back().used = true;
        returned_ = nullptr;
    }

    std::vector<Cycle> cycles_{1};
    std::array<const Milestone*, kBases> common_{};
    const Milestone* returned_{nullptr};
    bool repaired_{false};
};

}  // namespace

const Milestone* Cycle::sale() const noexcept {
    for (const Basis basis : {Basis::sale, Basis::invoice, Basis::ship, Basis::delivery})
        if (at(basis) != nullptr) return at(basis);
    return nullptr;
}

std::vector<Cycle> cycles_of(const Unit& unit) {
    std::vector<const Milestone*> order;
    order.reserve(unit.milestones.size());
    for (const Milestone& milestone : unit.milestones) order.push_back(&milestone);
    // Of one moment, as they were told.
    std::ranges::sort(order, [](const Milestone* a, const Milestone* b) { return std::pair(a->at.us, a) < std::pair(b->at.us, b); });
    Splitter splitter;
    for (const Milestone* milestone : order) splitter.take(*milestone);
    std::vector<Cycle> cycles = splitter.finish();
    for (const Swap& swap : unit.swaps) {
        if (!swap.replaces) continue;
        Cycle& cycle = cycle_at(cycles, swap.at);
        cycle.inherited = true;
        cycle.swapped = swap.at;
    }
    return cycles;
}

}  // namespace stemma::warranty
