#include "core/lineage/recall.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

namespace stemma::lineage {
namespace {

void add(std::vector<Amount>& amounts, const Amount& amount) {
    auto at = std::ranges::lower_bound(amounts, amount.unit, {}, &Amount::unit);
    if (at == amounts.end() || at->unit != amount.unit) at = amounts.insert(at, {amount.unit, 0});
    at->micros = add_clamped(at->micros, amount.micros);
}

/// Tallies by key; items come one after the other, so an item is counted once per key by its place in the list.
template <class Key>
class Tallies {
public:
    void count(const Key& key, const AffectedItem& item, const std::optional<Amount>& amount) {
        Line& line = lines_[key];
        if (line.last != item.node) {
            ++line.tally.items;
            if (item.end) ++line.tally.end_items;
            line.last = item.node;
        }
        if (amount) add(line.tally.amounts, *amount);
    }

    template <class Make>
    [[nodiscard]] auto lines(const Make& make) const {
        std::vector<decltype(make(std::declval<Key>(), Tally{}))> out;
        out.reserve(lines_.size());
        for (const auto& [key, line] : lines_) out.push_back(make(key, line.tally));
        return out;
    }

private:
    struct Line {
        Tally tally;
        Node last{Node::none};
    };
    std::map<Key, Line> lines_;
};

class RollUpMaker {
public:
    explicit RollUpMaker(const View& view) : view_{view} {}

    void count(const AffectedItem& item) {
        ++roll_up_.all.items;
        if (item.end) ++roll_up_.all.end_items;
        const ProductNo product = view_.product(item.node);
        by_product_.count(product, item, std::nullopt);
        for (const UnitStock& unit : item.stock.units) {
            const auto amount = [&](std::int64_t micros) { return Amount{unit.unit, micros}; };
            if (const std::int64_t made = subtract_clamped(unit.inflow(), unit.returned_by_customer); made > 0)
                by_product_.count(product, item, amount(made));
            for (const PlaceAmount& place : unit.on_hand)
                if (place.micros > 0) by_place_.count({false, place.place}, item, amount(place.micros));
            for (const PlaceAmount& place : unit.in_transit)
                if (place.micros > 0) by_place_.count({true, place.place}, item, amount(place.micros));
            for (const PartyAmount& party : unit.with_customer)
                if (party.micros > 0) by_customer_.count(party.party, item, amount(party.micros));
        }
        count_status(item);
    }

    RollUp finish() {
        roll_up_.by_status = by_status_.lines([](Status key, const Tally& tally) { return StatusTally{key, tally}; });
        roll_up_.by_place = by_place_.lines([](const auto& key, const Tally& tally) { return PlaceTally{key.second, key.first, tally}; });
        roll_up_.by_customer = by_customer_.lines([](PartyNo key, const Tally& tally) { return PartyTally{key, tally}; });
        roll_up_.by_product = by_product_.lines([](ProductNo key, const Tally& tally) { return ProductTally{key, tally}; });
        return std::move(roll_up_);
    }

private:
    void count_status(const AffectedItem& item) {
        const ItemStock& stock = item.stock;
        if (stock.kind == NodeKind::serial || stock.kind == NodeKind::logistic_unit) {
            by_status_.count(stock.status, item, Amount{stock.units.front().unit, kQuantityScale});
            return;
        }
        bool anywhere = false;
        for (const UnitStock& unit : stock.units) {
            const auto part = [&](Status status, std::int64_t micros) {
                if (micros <= 0) return;
                by_status_.count(status, item, Amount{unit.unit, micros});
                anywhere = true;
            };
            part(stock.on_hand_status, unit.on_hand_total());
            part(Status::in_transit, unit.in_transit_total());
            part(Status::shipped, unit.with_customer_total());
            part(Status::consumed, unit.consumed);
            part(Status::returned_to_supplier, unit.returned_to_supplier);
            part(Status::written_off, add_clamped(unit.written_off, unit.wasted));
        }
        if (!anywhere) by_status_.count(Status::unknown, item, std::nullopt);
    }

    const View& view_;
    RollUp roll_up_;
    Tallies<Status> by_status_;
    Tallies<std::pair<bool, PlaceNo>> by_place_;
    Tallies<PartyNo> by_customer_;
    Tallies<ProductNo> by_product_;
};

/// One item's movement under one document; lines are what is left after sorting and joining.
struct Mention {
    DocumentNo document;
    MovementKind kind;
    std::uint32_t item;  // place in the list of affected items
    Amount amount;
};

std::vector<Mention> mentions_of(const View& view, const std::vector<AffectedItem>& items) {
    std::vector<Mention> mentions;
    for (std::size_t i = 0; i < items.size(); ++i)
        view.for_each_movement(items[i].node, [&](const Movement& movement) {
            if (movement.kind == MovementKind::moved) return;
            for (const DocumentNo document : view.documents_of(movement.event))
                mentions.push_back({document, movement.kind, static_cast<std::uint32_t>(i), movement.amount});
        });
    std::ranges::sort(mentions, {}, [](const Mention& mention) { return std::tuple(mention.document, mention.kind, mention.item); });
    return mentions;
}

std::vector<DocumentLine> documents_of(const View& view, const std::vector<AffectedItem>& items) {
    std::vector<DocumentLine> lines;
    std::uint32_t last_item = kNone;
    for (const Mention& mention : mentions_of(view, items)) {
        if (lines.empty() || lines.back().document != mention.document || lines.back().kind != mention.kind) {
            lines.push_back({mention.document, mention.kind, false, 0, {}});
            last_item = kNone;
        }
        DocumentLine& line = lines.back();
        if (mention.item != last_item) ++line.items;
        last_item = mention.item;
        line.certain = line.certain || items[mention.item].certain;
        add(line.amounts, mention.amount);
    }
    std::ranges::sort(lines, {}, [](const DocumentLine& line) { return std::tuple(!line.certain, line.kind, line.document); });
    return lines;
}

}  // namespace

RecallReport recall(const View& view, std::span<const Node> seeds, const TraceOptions& options) {
    RecallReport report;
    report.as_of = view.as_of();
    report.trace = trace(view, seeds, Direction::forward, options);
    RollUpMaker certain{view};
    RollUpMaker possible{view};
    for (const Reached& reached : report.trace.nodes) {
        if (options.cancel != nullptr && options.cancel->load(std::memory_order_relaxed)) {
            report.trace.cancelled = true;
            break;
        }
        if (view.is_transformation(reached.node)) continue;
        AffectedItem item{reached.node, reached.depth, reached.certain, true, stock_of(view, reached.node)};
        item.end = !is_consumed_entirely(item.stock);
        (item.certain ? certain : possible).count(item);
        if (reached.depth == 0) report.seeds.push_back(balance_of(view, reached.node));
        report.items.push_back(std::move(item));
    }
    report.certain = certain.finish();
    report.possible = possible.finish();
    if (!report.trace.cancelled) report.documents = documents_of(view, report.items);
    return report;
}

}  // namespace stemma::lineage
