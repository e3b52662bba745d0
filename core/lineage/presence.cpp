#include "core/lineage/presence.hpp"

#include <algorithm>
#include <tuple>
#include <utility>
#include <vector>

#include "core/lineage/timed.hpp"

namespace stemma::lineage {
namespace {

/// UN/CEFACT Recommendation 20: one, piece, each. In other units (a cheese by its weight) a serial is not counted.
bool counts_pieces(const View& view, UnitNo unit) { return unit == UnitNo::piece || view.unit(unit) == "H87" || view.unit(unit) == "EA"; }

/// One thing's comings and goings in order of time: how often it is there at once. Where dates leave the order open, the one that fits
/// best: it went as early and came as late as it can have. What a transformation takes in and puts out again was never there twice.
class Presence {
public:
    Presence(CountedMovements& counted, Node item) : view_{counted.view()} {
        counted.for_each(item, [&](const Movement& movement) { add(movement); });
        std::ranges::sort(consumed_by_);
        std::ranges::sort(produced_by_);
        std::erase_if(steps_, [&](const Step& step) {
            return step.transformation != Node::none && std::ranges::binary_search(consumed_by_, step.transformation) &&
                   std::ranges::binary_search(produced_by_, step.transformation);
        });
        std::ranges::sort(steps_, {}, [](const Step& step) { return std::tuple(step.time, step.micros > 0, step.sequence); });
    }

    std::optional<Discrepancy> twice() && {
        std::int64_t there = 0;
        const Step* came = nullptr;
        for (const Step& step : steps_) {
            there = add_clamped(there, step.micros);
            if (step.micros <= 0) continue;
            if (there > kQuantityScale) {
                tell(step.unit, there, step.event, step.sequence);
                if (came != nullptr) cite(came->event);
            }
            came = &step;
        }
        return std::move(found_);
    }

private:
    struct Step {
        Instant time;
        std::int64_t micros;  // below zero: went
        UnitNo unit;
        EventNo event;
        Sequence sequence;
        Node transformation;
    };

    void add(const Movement& movement) {
        const auto [unit, micros] = movement.amount;
        if (!counts_pieces(view_, unit)) return;
        if (micros != kQuantityScale) tell(unit, micros, movement.event, movement.sequence);
        if (movement.kind == MovementKind::consumed) consumed_by_.push_back(movement.transformation);
        if (movement.kind == MovementKind::produced) produced_by_.push_back(movement.transformation);
        const auto [first, last] = span_of(view_, movement.event);
        const bool in = is_inflow(movement.kind);
        if (in == is_outflow(movement.kind)) return;  // waste, or a move
        steps_.push_back({in ? last : first, in ? micros : subtract_clamped(0, micros), unit, movement.event, movement.sequence,
                          movement.transformation});
    }

    void tell(UnitNo unit, std::int64_t micros, EventNo event, Sequence sequence) {
        if (!found_) found_ = Discrepancy{Discrepancy::Kind::serial_twice, {unit, micros}, PlaceNo::none, sequence, {}, 0};
        found_->amount.micros = std::max(found_->amount.micros, micros);
        found_->sequence = std::min(found_->sequence, sequence);
        cite(event);
    }

    void cite(EventNo event) {
        for (const DocumentNo document : view_.documents_of(event)) found_->documents.push_back(document);
    }

    const View& view_;
    std::vector<Step> steps_;
    std::vector<Node> consumed_by_;
    std::vector<Node> produced_by_;
    std::optional<Discrepancy> found_;
};

}  // namespace

std::optional<Discrepancy> serial_twice(CountedMovements& counted, Node item) { return Presence{counted, item}.twice(); }

}  // namespace stemma::lineage
