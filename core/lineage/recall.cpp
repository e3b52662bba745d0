#include "core/lineage/recall.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <unordered_map>

#include "core/lineage/containment.hpp"
#include "core/lineage/recall_digest.hpp"
#include "core/lineage/timed.hpp"

namespace stemma::lineage {
namespace {

void add(std::vector<Amount>& amounts, const Amount& amount) {
    auto at = std::ranges::lower_bound(amounts, amount.unit, {}, &Amount::unit);
    if (at == amounts.end() || at->unit != amount.unit) at = amounts.insert(at, {amount.unit, 0});
    at->micros = add_clamped(at->micros, amount.micros);
}

/// What an item counts under: its product, or logistic units, which stand behind the products.
struct Sort {
    bool logistic_units{false};
    ProductNo product{ProductNo::none};
    friend auto operator<=>(const Sort&, const Sort&) = default;
};

/// Tallies by key, as a whole and by product; items come one after the other, so an item is counted once per key by its place in the list.
template <class Key>
class Tallies {
public:
    void count(const Key& key, const Sort& sort, const AffectedItem& item, const std::optional<Amount>& amount) {
        Line& line = lines_[key];
        line.whole.count(item);
        Count& part = line.parts[sort];
        part.count(item);
        if (amount) add(part.tally.amounts, *amount);
    }

    /// Calls make(key, tally, by_product) for each line.
    template <class Make>
    [[nodiscard]] auto lines(const Make& make) const {
        std::vector<decltype(make(std::declval<Key>(), Tally{}, std::vector<ProductTally>{}))> out;
        out.reserve(lines_.size());
        for (const auto& [key, line] : lines_) {
            Tally whole = line.whole.tally;
            std::vector<ProductTally> parts;
            parts.reserve(line.parts.size());
            for (const auto& [sort, part] : line.parts) parts.push_back({sort.product, sort.logistic_units, part.tally});
            const bool one = parts.size() == 1 || (parts.size() == 2 && parts.back().logistic_units);
            if (one) whole.amounts = parts.front().tally.amounts;
            out.push_back(make(key, std::move(whole), std::move(parts)));
        }
        return out;
    }

private:
    struct Count {
        Tally tally;
        Node last{Node::none};

        void count(const AffectedItem& item) {
            if (last == item.node) return;
            ++tally.items;
            if (item.end) ++tally.end_items;
            last = item.node;
        }
    };
    struct Line {
        Count whole;
        std::map<Sort, Count> parts;
    };
    std::map<Key, Line> lines_;
};

class RollUpMaker {
public:
    explicit RollUpMaker(const View& view) : view_{view} {}

    void count(const AffectedItem& item) {
        ++roll_up_.all.items;
        if (item.end) ++roll_up_.all.end_items;
        const Sort sort{item.stock.kind == NodeKind::logistic_unit, view_.product(item.node)};
        by_product_.count(sort, sort, item, std::nullopt);
        for (const UnitStock& unit : item.stock.units) {
            const auto amount = [&](std::int64_t micros) { return Amount{unit.unit, micros}; };
            if (const std::int64_t made = subtract_clamped(unit.inflow(), unit.returned_by_customer); made > 0)
                by_product_.count(sort, sort, item, amount(made));
            for (const PlaceAmount& place : unit.on_hand)
                if (place.micros > 0) by_place_.count({false, place.place}, sort, item, amount(place.micros));
            for (const PlaceAmount& place : unit.in_transit)
                if (place.micros > 0) by_place_.count({true, place.place}, sort, item, amount(place.micros));
            for (const PartyAmount& party : unit.with_customer)
                if (party.micros > 0) by_customer_.count(party.party, sort, item, amount(party.micros));
        }
        count_status(item, sort);
    }

    RollUp finish() {
        using Parts = std::vector<ProductTally>;
        roll_up_.by_status = by_status_.lines([](Status key, Tally tally, Parts parts) { return StatusTally{key, tally, parts}; });
        roll_up_.by_place = by_place_.lines([](const auto& key, Tally tally, Parts parts) {
            return PlaceTally{key.second, key.first, tally, parts};
        });
        roll_up_.by_customer = by_customer_.lines([](PartyNo key, Tally tally, Parts parts) { return PartyTally{key, tally, parts}; });
        roll_up_.by_product = by_product_.lines([](const Sort& key, Tally tally, const Parts&) {
            return ProductTally{key.product, key.logistic_units, tally};
        });
        return std::move(roll_up_);
    }

private:
    void count_status(const AffectedItem& item, const Sort& sort) {
        const ItemStock& stock = item.stock;
        if (stock.kind == NodeKind::serial || stock.kind == NodeKind::logistic_unit) {
            by_status_.count(stock.status, sort, item, Amount{stock.units.front().unit, kQuantityScale});
            return;
        }
        bool anywhere = false;
        for (const UnitStock& unit : stock.units) {
            const auto part = [&](Status status, std::int64_t micros) {
                if (micros <= 0) return;
                by_status_.count(status, sort, item, Amount{unit.unit, micros});
                anywhere = true;
            };
            part(stock.on_hand_status, unit.on_hand_total());
            part(Status::in_transit, unit.in_transit_total());
            part(Status::shipped, unit.with_customer_total());
            part(Status::consumed, unit.consumed);
            part(Status::returned_to_supplier, unit.returned_to_supplier);
            part(Status::written_off, add_clamped(unit.written_off, unit.wasted));
        }
        if (!anywhere) by_status_.count(Status::unknown, sort, item, std::nullopt);
    }

    const View& view_;
    RollUp roll_up_;
    Tallies<Status> by_status_;
    Tallies<std::pair<bool, PlaceNo>> by_place_;
    Tallies<PartyNo> by_customer_;
    Tallies<Sort> by_product_;
};

/// Documents and parties of the movements of items that come one after the other.
class Mentions {
public:
    void count(CountedMovements& counted, Node item, bool certain, Instant since) {
        const View& view = counted.view();
        const std::optional<ProductNo> product =
            view.kind(item) == NodeKind::logistic_unit ? std::nullopt : std::optional{view.product(item)};
        counted.for_each(item, [&](const Movement& movement) {
            if (movement.kind == MovementKind::moved || span_of(view, movement.event).last < since) return;
            for (const DocumentNo document : view.documents_of(movement.event))
                count(documents_[key(document, movement.kind)], item, certain, product, movement.amount);
            if (movement.party != PartyNo::none)
                count(parties_[key(movement.party, movement.kind)], item, certain, product, movement.amount);
        });
    }

    /// Each once: the sums are given away.
    [[nodiscard]] std::vector<DocumentLine> documents() { return lines<DocumentLine, &DocumentLine::document>(std::move(documents_)); }
    [[nodiscard]] std::vector<PartyLine> parties() { return lines<PartyLine, &PartyLine::party>(std::move(parties_)); }

private:
    struct Sum {
        Node last{Node::none};
        bool certain{false};
        std::size_t items{0};
        std::optional<ProductNo> product;  // of the goods so far
        bool several{false};               // of different products
        std::vector<Amount> amounts;
    };
    using Sums = std::unordered_map<std::uint64_t, Sum>;

    template <class Number>
    static std::uint64_t key(Number number, MovementKind kind) {
        return (std::uint64_t{std::to_underlying(number)} << 8U) | std::to_underlying(kind);
    }

    /// `product`: none for a logistic unit, which is no goods.
    static void count(Sum& sum, Node item, bool certain, std::optional<ProductNo> product, const Amount& amount) {
        if (sum.last != item) ++sum.items;
        sum.last = item;
        sum.certain = sum.certain || certain;
        if (!product) return;
        sum.several = sum.several || (sum.product && sum.product != product);
        sum.product = product;
        if (!sum.several) add(sum.amounts, amount);
    }

    template <class Line, auto Member>
    static std::vector<Line> lines(Sums sums) {
        std::vector<Line> out;
        out.reserve(sums.size());
        for (auto& [key, sum] : sums) {
            Line& line = out.emplace_back();
            using Number = std::remove_reference_t<decltype(line.*Member)>;
            line.*Member = Number{static_cast<std::uint32_t>(key >> 8U)};
            line.kind = MovementKind{static_cast<unsigned char>(key & 0xFFU)};
            line.certain = sum.certain;
            line.items = sum.items;
            if (!sum.several) line.amounts = std::move(sum.amounts);
        }
        std::ranges::sort(out, {}, [](const Line& line) { return std::tuple(!line.certain, line.kind, line.*Member); });
        return out;
    }

    Sums documents_;
    Sums parties_;
};

/// One recall: the trace first, then its items one by one in order of their ids, as the digest wants them.
class Recall {
public:
    Recall(const View& view, const RecallOptions& options) : view_{view}, options_{options}, digest_{view} {}

    RecallReport run(std::span<const Node> seeds) {
        report_.as_of = view_.as_of();
        follow(seeds);
        digest_.begin(report_.trace, options_.walk.include_inferred, options_.walk.timed);
        const std::vector<Place> places = by_id();
        if (options_.list_items) report_.items.resize(places.size());
        for (const Place& place : places) {
            if (cancelled()) break;
            take(place);
        }
        std::erase_if(report_.items, [](const AffectedItem& item) { return item.node == Node::none; });  // not looked at in time
        for (const Reached& reached : report_.trace.nodes)
            if (reached.depth == 0 && !view_.is_transformation(reached.node) && !report_.trace.cancelled)
                report_.seeds.push_back(balance_of(view_, reached.node));
        return finish();
    }

private:
    /// An item of the trace: where it stands there, and how many items stand before it.
    struct Place {
        std::string_view id;
        std::uint32_t in_trace;
        std::uint32_t in_items;
    };

    void follow(std::span<const Node> seeds) {
        if (!options_.walk.timed) {
            report_.trace = trace(view_, seeds, Direction::forward, options_.walk);
            return;
        }
        TimedTrace timed = timed_trace(view_, seeds, Direction::forward, options_.walk);
        report_.trace = std::move(timed.trace);
        since_ = std::move(timed.times);
    }

    [[nodiscard]] std::vector<Place> by_id() const {
        const std::vector<Reached>& nodes = report_.trace.nodes;
        std::vector<Place> places;
        places.reserve(report_.trace.items);
        for (std::uint32_t i = 0; i < nodes.size(); ++i)
            if (!view_.is_transformation(nodes[i].node))
                places.push_back({view_.id(nodes[i].node), i, static_cast<std::uint32_t>(places.size())});
        std::ranges::sort(places, {}, &Place::id);
        return places;
    }

    bool cancelled() {
        const std::atomic<bool>* cancel = options_.walk.cancel;
        if (cancel != nullptr && cancel->load(std::memory_order_relaxed)) report_.trace.cancelled = true;
        return report_.trace.cancelled;
    }

    void take(const Place& place) {
        const Reached& reached = report_.trace.nodes[place.in_trace];
        const Instant since = since_.empty() ? kAlways : since_[place.in_trace];
        AffectedItem item{reached.node, reached.depth, reached.certain, true, stock_of(counted_, reached.node)};
        item.end = !is_consumed_entirely(item.stock);
        if (!balance_closes(counted_, item.stock)) {
            ++report_.unbalanced_items;
            digest_.add_unbalanced(place.id);
            if (reached.depth > 0 && report_.unbalanced.size() < kUnbalancedMax)
                report_.unbalanced.push_back(balance_of(counted_, item.stock));
        }
        if (since != kAlways) item.stock = stock_since(counted_, std::move(item.stock), since);
        (item.certain ? certain_ : possible_).count(item);
        mentions_.count(counted_, item.node, item.certain, since);
        digest_.add(place.id, item);
        if (options_.list_items) report_.items[place.in_items] = std::move(item);
    }

    RecallReport finish() {
        report_.certain = certain_.finish();
        report_.possible = possible_.finish();
        if (report_.trace.cancelled) return std::move(report_);
        report_.documents = mentions_.documents();
        report_.parties = mentions_.parties();
        report_.digest = digest_.finish(report_);
        return std::move(report_);
    }

    const View& view_;
    const RecallOptions& options_;
    RecallReport report_;
    std::vector<Instant> since_;  // beside the trace's nodes; none without times
    CountedMovements counted_{view_};
    RollUpMaker certain_{view_};
    RollUpMaker possible_{view_};
    Mentions mentions_;
    RecallDigest digest_;
};

}  // namespace

RecallReport recall(const View& view, std::span<const Node> seeds, const RecallOptions& options) {
    return Recall{view, options}.run(seeds);
}

}  // namespace stemma::lineage
