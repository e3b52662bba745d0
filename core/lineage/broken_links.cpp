#include "core/lineage/broken_links.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

#include "core/domain/names.hpp"
#include "core/lineage/containment.hpp"
#include "core/lineage/packing_dates.hpp"
#include "core/lineage/stock.hpp"
#include "core/lineage/timed.hpp"

namespace stemma::lineage {
namespace {

constexpr unsigned kPlaceBits = 20;  // of a cursor: how many gaps of its node were given

constexpr NameTable<GapKind, kGapKinds> kGapKind{{{GapKind::unknown_item, "unknown_item"},
                                                  {GapKind::never_came_in, "never_came_in"},
                                                  {GapKind::no_origin, "no_origin"},
                                                  {GapKind::out_before_in, "out_before_in"},
                                                  {GapKind::negative_stock, "negative_stock"},
                                                  {GapKind::returned_never_shipped, "returned_never_shipped"},
                                                  {GapKind::missing_place, "missing_place"},
                                                  {GapKind::outside, "outside"},
                                                  {GapKind::unit_mismatch, "unit_mismatch"},
                                                  {GapKind::untracked_intermediate, "untracked_intermediate"},
                                                  {GapKind::no_inputs, "no_inputs"},
                                                  {GapKind::no_outputs, "no_outputs"},
                                                  {GapKind::returned_by_another, "returned_by_another"},
                                                  {GapKind::serial_twice, "serial_twice"},
                                                  {GapKind::packed_before_in, "packed_before_in"},
                                                  {GapKind::order_unclear, "order_unclear"},
                                                  {GapKind::too_large, "too_large"}}};

/// Sorts the events and keeps the first kGapDocumentsMax, each once. How many others there were.
std::size_t keep_first(std::vector<EventNo>& events) {
    std::ranges::sort(events);
    const auto twice = std::ranges::unique(events);
    events.erase(twice.begin(), twice.end());
    const std::size_t more = events.size() - std::min(events.size(), kGapDocumentsMax);
    events.resize(events.size() - more);
    return more;
}

/// The gaps of one item or transformation.
class Examination {
public:
    /// When `cancelled`, what it gives is not whole: an item may have a million movements, and they are gone through several times.
    Examination(CountedMovements& counted, PackingDates& packing, Node node, const std::atomic<bool>* cancelled)
        : counted_{counted}, packing_{packing}, view_{counted.view()}, node_{node}, cancelled_{cancelled} {}

    std::vector<Gap> run() {
        examine();
        for (Gap& gap : gaps_) {
            gap.more_documents += keep_first_documents(gap.documents);
            gap.more_events = keep_first(gap.events);
        }
        return std::move(gaps_);
    }

private:
    void examine() {
        if (view_.is_transformation(node_)) return examine_transformation();
        kind_ = view_.kind(node_);
        counted_.for_each(node_, [&](const Movement& movement) { movements_.push_back(movement); });
        if (kind_ == NodeKind::unknown) examine_unknown();
        if (!movements_.empty()) examine_item();
        if (kind_ == NodeKind::untracked) examine_untracked();
        examine_packing();
    }

    [[nodiscard]] bool cancelled() const { return cancelled_ != nullptr && cancelled_->load(std::memory_order_relaxed); }

    Gap& add(GapKind kind) {
        Gap& gap = gaps_.emplace_back();
        gap.kind = kind;
        gap.item = node_;
        return gap;
    }

    void cite(Gap& gap, EventNo event) const {
        gap.sequence = std::min(gap.sequence, view_.sequence_of(event));
        gap.events.push_back(event);
        for (const DocumentNo document : view_.documents_of(event)) gap.documents.push_back(document);
    }

    void cite(Gap& gap, const Movement& movement) const {
        cite(gap, movement.event);
        if (gap.place == PlaceNo::none && needs_from(movement.kind)) gap.place = movement.from;
        if (gap.amount.micros == 0) gap.amount.unit = movement.amount.unit;
        if (gap.amount.unit == movement.amount.unit) gap.amount.micros = add_clamped(gap.amount.micros, movement.amount.micros);
    }

    /// Cites the movements for which `holds`; nothing is added when there is none.
    template <class Holds>
    void add_movements(GapKind kind, Holds holds) {
        Gap* gap = nullptr;
        for (const Movement& movement : movements_) {
            if (!holds(movement)) continue;
            if (gap == nullptr) gap = &add(kind);
            cite(*gap, movement);
        }
    }

    void examine_unknown() {
        Gap& gap = add(GapKind::unknown_item);
        for (const Movement& movement : movements_) cite(gap, movement.event);
        if (!movements_.empty()) return;
        for (const Direction direction : {Direction::back, Direction::forward})
            view_.for_each_edge(node_, direction, [&](EdgeNo edge, Node) {
                if (const EventNo event = view_.edge(edge).event; event != EventNo::none) cite(gap, event);
            });
    }

    static bool came_in(const Movement& movement) {
        return is_inflow(movement.kind) && movement.kind != MovementKind::returned_by_customer;
    }

    void examine_item() {
        const bool arrived = std::ranges::any_of(movements_, came_in);
        if (!arrived)
            add_movements(GapKind::never_came_in,
                          [](const Movement& movement) { return is_outflow(movement.kind) || movement.kind == MovementKind::moved; });
        const bool only_found = std::ranges::all_of(movements_, [](const Movement& movement) {
            return !came_in(movement) || (movement.kind == MovementKind::found && movement.through == Node::none);
        });
        if (arrived && only_found && kind_ != NodeKind::untracked)
            add_movements(GapKind::no_origin, [](const Movement& movement) {
                return movement.kind == MovementKind::consumed || movement.kind == MovementKind::shipped;
            });
        if (cancelled()) return;
        const ItemStock stock = stock_of(counted_, node_);
        if (cancelled()) return;
        if (arrived) examine_order(stock.units.front().unit);
        examine_returns(stock);
        if (!cancelled() && !balance_closes(counted_, stock)) examine_balance(balance_of(counted_, stock), arrived);
    }

    /// Whether the stock of the whole item was ever below zero, though in the end it is not.
    void examine_order(UnitNo unit) {
        std::vector<std::tuple<Instant, bool, std::size_t>> order;  // at the same time what comes in is there first
        for (std::size_t i = 0; i < movements_.size(); ++i) {
            const Movement& movement = movements_[i];
            if (movement.amount.unit != unit || movement.kind == MovementKind::wasted) continue;
            const EventSpan when = span_of(view_, movement.event);
            if (is_inflow(movement.kind)) order.emplace_back(when.first, false, i);
            if (is_outflow(movement.kind)) order.emplace_back(when.last, true, i);
        }
        std::ranges::sort(order);
        std::int64_t total = 0;
        std::int64_t least = 0;
        std::optional<std::size_t> first;
        for (const auto& [time, out, i] : order) {
            const std::int64_t micros = movements_[i].amount.micros;
            total = out ? subtract_clamped(total, micros) : add_clamped(total, micros);
            if (total < 0 && !first) first = i;
            least = std::min(least, total);
        }
        if (!first || total < 0) return;
        Gap& gap = add(GapKind::out_before_in);
        cite(gap, movements_[*first]);
        for (const Movement& movement : movements_)
            if (came_in(movement)) cite(gap, movement.event);
        gap.amount = {unit, least};
        gap.sequence = movements_[*first].sequence;
    }

    void examine_returns(const ItemStock& stock) {
        for (const UnitStock& unit : stock.units) {
            if (unit.returned_by_customer <= unit.shipped) continue;
            Gap& gap = add(GapKind::returned_never_shipped);
            for (const Movement& movement : movements_)
                if (movement.kind == MovementKind::returned_by_customer && movement.amount.unit == unit.unit) cite(gap, movement.event);
            gap.amount = {unit.unit, subtract_clamped(unit.returned_by_customer, unit.shipped)};
        }
        examine_returners(stock);
    }

    /// Who brought back more than it was delivered, of units of measure of which no more came back than was shipped to all.
    void examine_returners(const ItemStock& stock) {
        std::map<std::pair<UnitNo, PartyNo>, std::int64_t> with;
        for (const Movement& movement : movements_) {
            std::int64_t& there = with[{movement.amount.unit, movement.party}];
            if (movement.kind == MovementKind::shipped) there = add_clamped(there, movement.amount.micros);
            if (movement.kind == MovementKind::returned_by_customer) there = subtract_clamped(there, movement.amount.micros);
        }
        for (const auto& [key, micros] : with) {
            const auto& [unit, party] = key;
            const auto of_unit = std::ranges::find(stock.units, unit, &UnitStock::unit);
            if (micros >= 0 || of_unit == stock.units.end() || of_unit->returned_by_customer > of_unit->shipped) continue;
            Gap& gap = add(GapKind::returned_by_another);
            for (const Movement& movement : movements_)
                if (movement.kind == MovementKind::returned_by_customer && movement.party == party && movement.amount.unit == unit)
                    cite(gap, movement.event);
            gap.amount = {unit, subtract_clamped(0, micros)};
        }
    }

    void examine_packing() {
        PackingDoubt doubt = packing_.of(node_, movements_);
        const auto tell = [&](GapKind kind, const std::vector<EventNo>& events, Amount amount) {
            if (events.empty()) return;
            Gap& gap = add(kind);
            for (const EventNo event : events) cite(gap, event);
            gap.amount = amount;
        };
        tell(GapKind::packed_before_in, doubt.before_in, doubt.missing);
        tell(GapKind::order_unclear, doubt.unclear, {});
        tell(GapKind::unit_mismatch, doubt.other_unit, {});
    }

    void examine_balance(const MassBalance& balance, bool arrived) {
        for (const Discrepancy& one : balance.discrepancies) {
            const std::optional<GapKind> kind = kind_of(one, balance.stock, arrived);
            if (!kind) continue;
            Gap& gap = add(*kind);
            gap.place = one.place;
            if (kind != GapKind::too_large) gap.amount = one.amount;
            gap.documents = one.documents;
            gap.more_documents = one.more_documents;
            gap.sequence = one.sequence;
            const bool below = kind == GapKind::negative_stock;
            for (const Movement& movement : movements_) {
                if (one.place != PlaceNo::none && (below ? movement.from : movement.to) == one.place)
                    gap.sequence = std::min(gap.sequence, movement.sequence);
                if (one.place == PlaceNo::none || movement.from == one.place || movement.to == one.place)
                    gap.events.push_back(movement.event);
            }
        }
        add_movements(GapKind::missing_place, [](const Movement& movement) {
            return movement.through == Node::none && (lacks_from(movement) || lacks_to(movement));
        });
        const UnitNo own = balance.stock.units.front().unit;
        add_movements(GapKind::unit_mismatch,
                      [&](const Movement& movement) { return movement.through == Node::none && movement.amount.unit != own; });
    }

    /// What a discrepancy is told as; nothing where it is told otherwise.
    [[nodiscard]] static std::optional<GapKind> kind_of(const Discrepancy& one, const ItemStock& stock, bool arrived) {
        const auto came_back_too_often = [](const UnitStock& unit) { return unit.returned_by_customer > unit.shipped; };
        switch (one.kind) {
            case Discrepancy::Kind::negative_stock: return arrived ? std::optional{GapKind::negative_stock} : std::nullopt;
            case Discrepancy::Kind::outside: return GapKind::outside;
            case Discrepancy::Kind::too_large: return GapKind::too_large;
            case Discrepancy::Kind::serial_twice:
                return std::ranges::any_of(stock.units, came_back_too_often) ? std::nullopt : std::optional{GapKind::serial_twice};
            default: return std::nullopt;  // by movement, below
        }
    }

    /// The first edge of one kind at the node, if there is one that holds.
    [[nodiscard]] std::optional<Edge> first_edge(Direction direction, EdgeKind kind) const {
        std::optional<Edge> first;
        view_.for_each_edge(node_, direction, [&](EdgeNo number, Node) {
            if (first) return;
            if (const Edge edge = view_.edge(number); edge.kind == kind) first = edge;
        });
        return first;
    }

    void examine_untracked() {
        const std::optional<Edge> made = first_edge(Direction::back, EdgeKind::produced);
        const std::optional<Edge> used = first_edge(Direction::forward, EdgeKind::consumed);
        if (!made || !used) return;
        Gap& gap = add(GapKind::untracked_intermediate);
        gap.transformation = made->from;
        for (const Movement& movement : movements_)
            if (movement.kind == MovementKind::produced || movement.kind == MovementKind::consumed) cite(gap, movement.event);
        gap.amount = made->amount;
        gap.sequence = std::min(made->sequence, used->sequence);
    }

    void examine_transformation() {
        const std::optional<Edge> in = first_edge(Direction::back, EdgeKind::consumed);
        const std::optional<Edge> out = first_edge(Direction::forward, EdgeKind::produced);
        if (in.has_value() == out.has_value()) return;
        Gap& gap = add(in ? GapKind::no_outputs : GapKind::no_inputs);
        const Edge& first = in ? *in : *out;
        gap.transformation = node_;
        gap.item = in ? first.from : first.to;
        gap.amount = first.amount;
        view_.for_each_edge(node_, in ? Direction::back : Direction::forward,
                            [&](EdgeNo edge, Node) { cite(gap, view_.edge(edge).event); });
    }

    CountedMovements& counted_;
    PackingDates& packing_;
    const View& view_;
    Node node_;
    const std::atomic<bool>* cancelled_;
    NodeKind kind_{NodeKind::unknown};
    std::vector<Movement> movements_;
    std::vector<Gap> gaps_;
};

/// Calls take(place in the nodes, gaps of the node) until it says no. False when it was called off.
template <class Take>
bool examine_each(const View& view, const GapOptions& options, std::size_t begin, const Take& take) {
    const std::size_t nodes = options.among == nullptr ? view.node_count() : options.among->size();
    const auto cancelled = [&] { return options.cancel != nullptr && options.cancel->load(std::memory_order_relaxed); };
    CountedMovements counted{view};
    PackingDates packing{view};
    for (std::size_t i = begin; i < nodes; ++i) {
        const Node node = options.among == nullptr ? Node{static_cast<std::uint32_t>(i)} : (*options.among)[i];
        std::vector<Gap> gaps = Examination{counted, packing, node, options.cancel}.run();
        if (cancelled()) return false;
        std::erase_if(gaps, [&](const Gap& gap) { return ((options.kinds >> std::to_underlying(gap.kind)) & 1U) == 0; });
        if (!take(i, std::move(gaps))) break;
    }
    return true;
}

}  // namespace

std::string_view to_string(GapKind kind) noexcept { return name_of(kGapKind, kind); }

std::string_view mend_of(GapKind kind) noexcept {
    switch (kind) {
        case GapKind::unknown_item: return "record master data for it: its product and whether it is a lot or a serial";
        case GapKind::never_came_in: return "record its receipt, its production or its opening stock, dated before the first use";
        case GapKind::no_origin: return "record the receipt or the production that the count stands for";
        case GapKind::out_before_in: return "check the dates: the receipt is dated after the use, or the use names the wrong lot";
        case GapKind::negative_stock: return "record what was put to that place, or correct the place or amount that was taken from it";
        case GapKind::returned_never_shipped: return "record the delivery, or correct which serial or lot came back";
        case GapKind::missing_place: return "correct the events so that they say from which place and to which";
        case GapKind::outside: return "record a delivery, a return to the supplier or a write-off instead of the move";
        case GapKind::unit_mismatch: return "correct the events to the item's unit";
        case GapKind::untracked_intermediate: return "give these goods lot numbers: traces through them are then certain";
        case GapKind::no_inputs: return "record what the production took in, or the receipt that it stands for";
        case GapKind::no_outputs: return "record what the production put out, or declare its events wrong";
        case GapKind::returned_by_another: return "correct who brought it back, or record how it came from the buyer to them";
        case GapKind::serial_twice: return "declare one of the records wrong, or correct which serial it names";
        case GapKind::packed_before_in: return "check the dates: the receipt or production is dated after the packing";
        case GapKind::order_unclear: return "record the time of day of both, or declare wrong what did not happen in this order";
        case GapKind::too_large: return "correct the amounts or the unit of measure: their sum passes 9.2e12";
    }
    return {};
}

GapPage find_gaps(const View& view, const GapOptions& options) {
    GapPage page;
    const auto begin = static_cast<std::size_t>(options.after >> kPlaceBits);
    const std::size_t given = options.after & ((std::uint64_t{1} << kPlaceBits) - 1);
    const bool whole = examine_each(view, options, begin, [&](std::size_t place, std::vector<Gap> gaps) {
        for (std::size_t i = place == begin ? given : 0; i < gaps.size(); ++i) {
            if (page.gaps.size() == options.limit) {
                page.next = (std::uint64_t{place} << kPlaceBits) | i;
                return false;
            }
            page.gaps.push_back(std::move(gaps[i]));
        }
        return true;
    });
    page.cancelled = !whole;
    return page;
}

std::vector<Gap> gaps_of(CountedMovements& counted, PackingDates& packing, Node node, const std::atomic<bool>* cancel) {
    return Examination{counted, packing, node, cancel}.run();
}

GapCounts count_gaps(const View& view, const GapOptions& options) {
    GapCounts counts;
    const bool whole = examine_each(view, options, 0, [&](std::size_t, const std::vector<Gap>& gaps) {
        ++counts.nodes;
        counts.gaps += gaps.size();
        for (const Gap& gap : gaps) ++counts.by_kind.at(std::to_underlying(gap.kind));
        return true;
    });
    counts.cancelled = !whole;
    return counts;
}

}  // namespace stemma::lineage
