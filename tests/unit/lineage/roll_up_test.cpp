// Roll-ups against sums made item by item in plain maps, over random ledgers with movements, documents and parties; and against the recall
// over the same items.
#include "core/lineage/roll_up.hpp"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <set>

#include "core/lineage/containment.hpp"
#include "core/lineage/reach.hpp"
#include "core/lineage/recall.hpp"
#include "core/lineage/timed.hpp"
#include "tests/unit/lineage/random_ledger.hpp"

namespace stemma::lineage {
namespace {

constexpr std::uint32_t kLedgers = 400;
constexpr RollUpKeys kAll{.status = true, .place = true, .customer = true, .product = true, .party = true, .document = true};

/// What an item counts under: the name of its product, or none for a logistic unit.
using Sort = std::optional<std::string>;

/// A line of a roll-up, by the names of what it counts.
struct Line {
    std::set<std::string> items;
    std::set<std::string> ends;
    std::map<Sort, std::map<std::string, std::int64_t>> parts;  // by unit
    void add(const std::string& item, bool end, const Sort& sort, const std::string& unit, std::int64_t micros) {
        name(item, end, sort);
        parts[sort][unit] += micros;
    }
    void name(const std::string& item, bool end, const Sort& sort) {
        items.insert(item);
        if (end) ends.insert(item);
        parts[sort];
    }
    /// Of goods, where they are of one product; of logistic units, where these are alone and wanted.
    [[nodiscard]] std::map<std::string, std::int64_t> amounts(bool of_units) const {
        const std::size_t products = parts.size() - parts.count(std::nullopt);
        if (products == 1) return parts.rbegin()->second;
        return products == 0 && of_units ? parts.begin()->second : std::map<std::string, std::int64_t>{};
    }
};
using Lines = std::map<std::string, Line>;

struct Sums {
    Line all;
    std::map<std::string, Lines> by;
};

/// What recall.hpp and stock.hpp say that a line is, one item after the other.
class Oracle {
public:
    explicit Oracle(const View& view) : view_{view} {}
    Sums sums;

    void take(Node node, Instant since) {
        ItemStock stock = stock_of(view_, node);
        const bool end = !is_consumed_entirely(stock);
        if (since != kAlways) stock = stock_since(view_, stock, since);
        const std::string id{view_.id(node)};
        sort_ = sort_of(node, stock.kind);
        sums.all.name(id, end, sort_);
        take_product(stock, id, end);
        take_places(stock, id, end);
        take_status(stock, id, end);
        CountedMovements counted{view_};
        counted.for_each(node, [&](const Movement& movement) { take_movement(movement, id, since); });
    }

private:
    std::string unit(UnitNo number) const { return std::string{view_.unit(number)}; }
    std::string party(PartyNo number) const { return number == PartyNo::none ? "-" : std::string{view_.party(number).id}; }

    Sort sort_of(Node node, NodeKind kind) const {
        if (kind == NodeKind::logistic_unit) return std::nullopt;
        const ProductNo number = view_.product(node);
        return number == ProductNo::none ? "-" : std::string{view_.product(number).id};
    }

    void take_product(const ItemStock& stock, const std::string& id, bool end) {
        Line& line = sums.by["product"][sort_.value_or("logistic units")];
        line.name(id, end, sort_);
        const auto made = [](const UnitStock& part) { return part.received + part.produced + part.found; };
        if (stock.kind == NodeKind::serial || stock.kind == NodeKind::logistic_unit) {  // it came into being once
            if (std::ranges::any_of(stock.units, [&](const UnitStock& part) { return made(part) > 0; }))
                line.add(id, end, sort_, unit(stock.units.front().unit), kOne);
            return;
        }
        for (const UnitStock& part : stock.units)
            if (made(part) > 0) line.add(id, end, sort_, unit(part.unit), made(part));
    }

    void take_places(const ItemStock& stock, const std::string& id, bool end) {
        for (const UnitStock& part : stock.units) {
            for (const PlaceAmount& at : part.on_hand)
                if (at.micros > 0)
                    sums.by["place"]["on " + std::string{view_.place(at.place).id}].add(id, end, sort_, unit(part.unit), at.micros);
            for (const PlaceAmount& at : part.in_transit)
                if (at.micros > 0)
                    sums.by["place"]["in " + std::string{view_.place(at.place).id}].add(id, end, sort_, unit(part.unit), at.micros);
            for (const PartyAmount& with : part.with_customer)
                sums.by["customer"][(with.micros < 0 ? "over " : "") + party(with.party)].add(id, end, sort_, unit(part.unit), with.micros);
        }
    }

    void take_status(const ItemStock& stock, const std::string& id, bool end) {
        Lines& lines = sums.by["status"];
        if (stock.kind == NodeKind::serial || stock.kind == NodeKind::logistic_unit)
            return lines[std::string{to_string(stock.status)}].add(id, end, sort_, unit(stock.units.front().unit), kOne);
        bool anywhere = false;
        for (const UnitStock& part : stock.units) {
            std::int64_t on_hand = 0;
            std::int64_t in_transit = 0;
            std::int64_t with = 0;
            for (const PlaceAmount& at : part.on_hand) on_hand += at.micros;
            for (const PlaceAmount& at : part.in_transit) in_transit += at.micros;
            for (const PartyAmount& at : part.with_customer) with += at.micros;
            for (const auto& [status, micros] : {std::pair{stock.on_hand_status, on_hand},
                                                 {Status::in_transit, in_transit},
                                                 {Status::shipped, with},
                                                 {Status::consumed, part.consumed},
                                                 {Status::returned_to_supplier, part.returned_to_supplier},
                                                 {Status::written_off, part.written_off + part.wasted}}) {
                if (status == Status::shipped ? micros == 0 : micros <= 0) continue;
                lines[std::string{to_string(status)}].add(id, end, sort_, unit(part.unit), micros);
                anywhere = true;
            }
        }
        if (!anywhere) lines["unknown"].name(id, end, sort_);
    }

    void take_movement(const Movement& movement, const std::string& id, Instant since) {
        if (movement.kind == MovementKind::moved || span_of(view_, movement.event).last < since) return;
        const std::string kind = fmt::format(" {}", to_string(movement.kind));
        for (const DocumentNo document : view_.documents_of(movement.event))
            sums.by["document"][std::string{view_.document(document).id} + kind].add(id, false, sort_, unit(movement.amount.unit),
                                                                                     movement.amount.micros);
        if (movement.party != PartyNo::none)
            sums.by["party"][party(movement.party) + kind].add(id, false, sort_, unit(movement.amount.unit), movement.amount.micros);
    }

    const View& view_;
    Sort sort_;  // of the item
};

void expect_amounts(const View& view, const std::vector<Amount>& amounts, const std::map<std::string, std::int64_t>& expected,
                    const std::string& what) {
    ASSERT_EQ(amounts.size(), expected.size()) << what;
    for (const Amount& amount : amounts) ASSERT_EQ(amount.micros, expected.at(std::string{view.unit(amount.unit)})) << what;
}

void expect_line(const View& view, const Tally& tally, const Lines& lines, const std::string& key, bool of_units = true) {
    ASSERT_TRUE(lines.contains(key)) << key;
    ASSERT_EQ(tally.items, lines.at(key).items.size()) << key;
    ASSERT_EQ(tally.end_items, lines.at(key).ends.size()) << key;
    expect_amounts(view, tally.amounts, lines.at(key).amounts(of_units), key);
}

/// The parts of a line are amounts of one product each.
template <class Found>
void expect_parts(const View& view, const Found& found, const Lines& lines, const std::string& key) {
    expect_line(view, found.tally, lines, key);
    ASSERT_EQ(found.by_product.size(), lines.at(key).parts.size()) << key;
    for (const ProductTally& part : found.by_product) {
        const Sort known = part.product == ProductNo::none ? "-" : std::string{view.product(part.product).id};
        expect_amounts(view, part.tally.amounts, lines.at(key).parts.at(part.logistic_units ? Sort{} : known), key);
    }
}

void expect_set(const View& view, const SetRollUp& found, Sums sums) {
    ASSERT_EQ(found.counts.all.items, sums.all.items.size());
    ASSERT_EQ(found.counts.all.end_items, sums.all.ends.size());
    ASSERT_EQ(found.counts.by_status.size(), sums.by["status"].size());
    for (const StatusTally& line : found.counts.by_status) expect_parts(view, line, sums.by["status"], std::string{to_string(line.status)});
    ASSERT_EQ(found.counts.by_place.size(), sums.by["place"].size());
    for (const PlaceTally& line : found.counts.by_place)
        expect_parts(view, line, sums.by["place"], (line.transit ? "in " : "on ") + std::string{view.place(line.place).id});
    ASSERT_EQ(found.counts.by_customer.size(), sums.by["customer"].size());
    for (const PartyTally& line : found.counts.by_customer)
        expect_parts(view, line, sums.by["customer"],
                     (line.over_returned ? "over " : "") + (line.party == PartyNo::none ? "-" : std::string{view.party(line.party).id}));
    ASSERT_EQ(found.counts.by_product.size(), sums.by["product"].size());
    for (const ProductTally& line : found.counts.by_product)
        expect_line(view, line.tally, sums.by["product"],
                    line.logistic_units               ? "logistic units"
                    : line.product == ProductNo::none ? "-"
                                                      : std::string{view.product(line.product).id});
    ASSERT_EQ(found.documents.size(), sums.by["document"].size());
    for (const DocumentLine& line : found.documents)
        expect_line(view, {line.items, 0, line.amounts}, sums.by["document"],
                    fmt::format("{} {}", view.document(line.document).id, to_string(line.kind)), false);
    ASSERT_EQ(found.parties.size(), sums.by["party"].size());
    for (const PartyLine& line : found.parties)
        expect_line(view, {line.items, 0, line.amounts}, sums.by["party"],
                    fmt::format("{} {}", view.party(line.party).id, to_string(line.kind)), false);
}

/// A random ledger with receipts, deliveries, returns and moves of its items on top.
class RandomPlant : public RandomLedger {
public:
    explicit RandomPlant(std::uint32_t seed) : RandomLedger{seed} {
        fed.add_master(place("urn:place:0", PlaceKind::stock));
        fed.add_master(place("urn:place:1", PlaceKind::stock));
        fed.add_master(place("urn:place:2", PlaceKind::transit));
        for (int i = 0; i < 30; ++i) fed.add(with_id(with_paper(at_hour(movement(), dice().below(9))), fmt::format("urn:m:{}", i)));
    }

private:
    std::string any_place() { return fmt::format("urn:place:{}", dice().below(4)); }
    std::string any_party() { return fmt::format("urn:party:{}", dice().below(3)); }
    Event with_paper(Event event) {
        if (dice().one_in(3)) return event;
        return with_document(std::move(event), "desadv", fmt::format("urn:d:{}", dice().below(5)));
    }
    Event movement() {
        const std::vector<ItemQuantity> items{some(any_item(), 1 + dice().below(5), dice().one_in(4) ? "KGM" : "C62"),
                                              some(any_item(), 1 + dice().below(5))};
        switch (dice().below(5)) {
            case 0: return received(items, any_party(), any_place());
            case 1: return shipped(items, any_place(), any_party());
            case 2: return returned(items, any_party(), any_place());
            case 3: return moved(items, any_place(), any_place());
            default: return with_places(object("destroying", items), any_place(), "");
        }
    }
};

TEST(RollUp, is_the_sum_over_its_items_on_random_ledgers) {
    for (std::uint32_t seed = 1; seed <= kLedgers && !testing::Test::HasFatalFailure(); ++seed) {
        SCOPED_TRACE(seed);
        RandomPlant plant{seed};
        const View view = plant.fed.index.view(seed % 3 == 0 ? plant.fed.entries.size() / 2 : kLatest);
        const std::vector<Node> seeds{node_of(view, plant.any_item()), node_of(view, plant.any_item())};
        for (const Direction way : {Direction::forward, Direction::back}) {
            const Reach found = reach(view, seeds, way);
            Oracle sure{view};
            Oracle perhaps{view};
            for (std::size_t i = 0; i < found.nodes().size(); ++i)
                if (!view.is_transformation(found.nodes()[i])) (i < found.certain() ? sure : perhaps).take(found.nodes()[i], kAlways);
            const RollUps counted = roll_up(view, found.nodes(), found.certain(), {kAll, {}, nullptr});
            ASSERT_FALSE(counted.cancelled);
            expect_set(view, counted.certain, sure.sums);
            expect_set(view, counted.possible, perhaps.sums);
        }
    }
}

TEST(RollUp, by_time_counts_what_came_in_since) {
    for (std::uint32_t seed = 1; seed <= kLedgers && !testing::Test::HasFatalFailure(); ++seed) {
        SCOPED_TRACE(seed);
        RandomPlant plant{seed};
        const View view = plant.fed.index.view();
        const std::vector<Node> seeds{node_of(view, plant.any_item())};
        const TimedTrace found = timed_trace(view, seeds, Direction::forward);
        std::vector<Node> nodes;
        Oracle sure{view};
        Oracle perhaps{view};
        for (std::size_t i = 0; i < found.trace.nodes.size(); ++i) {
            nodes.push_back(found.trace.nodes[i].node);
            if (!view.is_transformation(nodes.back())) (found.trace.nodes[i].certain ? sure : perhaps).take(nodes.back(), found.times[i]);
        }
        const RollUps counted = roll_up(view, nodes, found.trace.certain, {kAll, found.times, nullptr});
        expect_set(view, counted.certain, sure.sums);
        expect_set(view, counted.possible, perhaps.sums);
    }
}

TEST(Containment, gives_the_same_stock_whatever_was_asked_for_before) {
    for (std::uint32_t seed = 1; seed <= kLedgers; ++seed) {
        const RandomPlant plant{seed};
        const View view = plant.fed.index.view();
        CountedMovements upwards{view};
        CountedMovements downwards{view};
        for (std::uint32_t i = 0; i < view.node_count(); ++i)
            for (auto& [counted, node] :
                 {std::pair{&upwards, Node{i}}, {&downwards, Node{static_cast<std::uint32_t>(view.node_count()) - 1 - i}}}) {
                if (view.is_transformation(node)) continue;
                ASSERT_EQ(stock_of(*counted, node).units, stock_of(view, node).units) << seed << ": " << view.id(node);
            }
    }
}

TEST(RollUp, is_that_of_the_recall_over_the_same_items) {
    for (std::uint32_t seed = 1; seed <= kLedgers / 4; ++seed) {
        RandomPlant plant{seed};
        const View view = plant.fed.index.view();
        const std::vector<Node> seeds{node_of(view, plant.any_item())};
        const RecallReport report = recall(view, seeds);
        const Reach found = reach(view, seeds, Direction::forward);
        const RollUps counted = roll_up(view, found.nodes(), found.certain(), {kAll, {}, nullptr});
        ASSERT_EQ(counted.certain.counts.all, report.certain.all);
        ASSERT_EQ(counted.possible.counts.all, report.possible.all);
        ASSERT_EQ(counted.certain.counts.by_status.size(), report.certain.by_status.size());
        for (std::size_t i = 0; i < report.certain.by_status.size(); ++i)
            ASSERT_EQ(counted.certain.counts.by_status[i].tally, report.certain.by_status[i].tally);
    }
}

TEST(RollUp, counts_a_serial_that_was_repaired_once) {
    Fed fed;
    fed.add_master(product("p", Tracking::serial));
    fed.add_master(item("s", ItemKind::serial, "p"));
    fed.add(transformation("made", {}, {instance("s")}));
    fed.add(at_hour(transformation("repair", {instance("s")}, {instance("s")}), 1));
    const View view = fed.index.view();
    const std::vector<Node> seeds{node_of(view, "s")};
    const Reach found = reach(view, seeds, Direction::forward);
    const RollUps counted = roll_up(view, found.nodes(), found.certain(), {kAll, {}, nullptr});
    ASSERT_EQ(counted.certain.counts.by_product.size(), 1U);
    EXPECT_EQ(counted.certain.counts.by_product[0].tally, (Tally{1, 1, {{UnitNo::piece, kOne}}}));
}

TEST(RollUp, leaves_out_what_is_not_asked_for_and_ends_when_it_is_cancelled) {
    RandomPlant plant{7};
    const View view = plant.fed.index.view();
    const std::vector<Node> seeds{node_of(view, "urn:i:0")};
    const Reach found = reach(view, seeds, Direction::forward);
    const RollUps counted = roll_up(view, found.nodes(), found.certain(), {RollUpKeys{.product = true}, {}, nullptr});
    EXPECT_FALSE(counted.certain.counts.by_product.empty());
    EXPECT_TRUE(counted.certain.counts.by_status.empty());
    EXPECT_TRUE(counted.certain.counts.by_place.empty());
    EXPECT_TRUE(counted.certain.counts.by_customer.empty());
    EXPECT_TRUE(counted.certain.documents.empty());
    EXPECT_TRUE(counted.certain.parties.empty());
    const std::atomic<bool> over{true};
    const RollUps ended = roll_up(view, found.nodes(), found.certain(), {kAll, {}, &over});
    EXPECT_TRUE(ended.cancelled);
    EXPECT_EQ(ended.certain.counts.all.items, 0U);
}

}  // namespace
}  // namespace stemma::lineage
