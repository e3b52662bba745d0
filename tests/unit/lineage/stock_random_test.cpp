// Stock against a naive replay of random movement sequences: the generator decides what each movement is, writes an event that says
// so, and the replay adds it up in plain maps, going by the generator's own word and not by the movement rule.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "core/lineage/stock.hpp"
#include "tests/unit/lineage/builders.hpp"

namespace stemma::lineage {
namespace {

constexpr std::uint32_t kSequences = 2000;

struct Fact {
    std::string kind;
    std::int64_t pieces;
    std::string from;
    std::string to;
    std::string party;
    Event event;
    bool voided{false};
};

struct Plain {
    std::map<std::string, std::int64_t> at_place;  // pieces
    std::map<std::string, std::int64_t> with_party;
    std::map<std::string, std::int64_t> totals;
    std::int64_t in{0};
    std::int64_t out{0};
};

Plain replay(const std::vector<const Fact*>& facts) {
    Plain plain;
    for (const Fact* fact : facts) {
        plain.totals[fact->kind] += fact->pieces;
        const bool in = fact->kind == "received" || fact->kind == "produced" || fact->kind == "found" || fact->kind == "returned";
        const bool out = fact->kind == "consumed" || fact->kind == "shipped" || fact->kind == "sent_back" || fact->kind == "written_off";
        if (in) plain.at_place[fact->to] += fact->pieces;
        if (out) plain.at_place[fact->from] -= fact->pieces;
        if (fact->kind == "moved") plain.at_place[fact->to] += fact->pieces;
        if (fact->kind == "moved") plain.at_place[fact->from] -= fact->pieces;
        if (fact->kind == "shipped") plain.with_party[fact->party] += fact->pieces;
        if (fact->kind == "returned") plain.with_party[fact->party] -= fact->pieces;
        if (in || fact->kind == "wasted") plain.in += fact->pieces;
        if (out || fact->kind == "wasted") plain.out += fact->pieces;
    }
    return plain;
}

Event write(const Fact& fact, int number) {
    const std::vector<ItemQuantity> items{some("urn:lot", fact.pieces)};
    Event event;
    if (fact.kind == "received") event = received(items, fact.party, fact.to);
    if (fact.kind == "returned") event = returned(items, fact.party, fact.to);
    if (fact.kind == "shipped") event = shipped(items, fact.from, fact.party);
    if (fact.kind == "sent_back") event = shipped(items, fact.from, fact.party);
    if (fact.kind == "sent_back") event.disposition = "returned";
    if (fact.kind == "moved") event = moved(items, fact.from, fact.to);
    if (fact.kind == "found") event = with_places(object("stock_taking", items), "", fact.to);
    if (fact.kind == "found") event.action = Action::add;
    if (fact.kind == "written_off") event = with_places(object("decommissioning", items), fact.from, "");
    const std::string order = fmt::format("urn:t:{}", number % 3);
    if (fact.kind == "consumed") event = with_places(transformation(order, items, {}), fact.from, "");
    if (fact.kind == "produced") event = with_places(transformation(order, {}, items), "", fact.to);
    if (fact.kind == "wasted") event = with_places(transformation(order, {}, items), "", "urn:out:0");
    if (fact.kind == "wasted") event.disposition = "destroyed";
    return with_id(at_hour(event, number % 7), fmt::format("urn:e:{}", number));
}

class RandomStock {
public:
    explicit RandomStock(std::uint32_t seed) : engine_{seed} {
        const std::vector<std::string> kinds{"received", "returned",    "shipped",  "sent_back", "moved",
                                             "found",    "written_off", "consumed", "produced",  "wasted"};
        const int count = 1 + below(40);
        for (int i = 0; i < count; ++i) {
            Fact fact{
                kinds[static_cast<std::size_t>(below(10))], 1 + below(9), any_place(), any_place(), fmt::format("urn:c:{}", below(3)), {}};
            fact.event = write(fact, i);
            facts.push_back(std::move(fact));
        }
    }
    int below(int n) { return static_cast<int>(engine_() % static_cast<std::uint32_t>(n)); }
    std::mt19937& engine() { return engine_; }

    std::vector<Fact> facts;

private:
    std::string any_place() {
        return fmt::format("urn:{}:{}", std::vector<std::string>{"stock", "stock", "way", "out"}[static_cast<std::size_t>(below(4))],
                           below(2));
    }
    std::mt19937 engine_;
};

void feed_places(Fed& fed) {
    for (int i = 0; i < 2; ++i) {
        fed.add_master(place(fmt::format("urn:stock:{}", i), PlaceKind::stock));
        fed.add_master(place(fmt::format("urn:way:{}", i), PlaceKind::transit));
        fed.add_master(place(fmt::format("urn:out:{}", i), PlaceKind::outside));
    }
    fed.add_master(item("urn:lot", ItemKind::lot, ""));
}

template <class Amounts, class Id>
std::map<std::string, std::int64_t> named(const Amounts& amounts, const Id& id) {
    std::map<std::string, std::int64_t> out;
    for (const auto& amount : amounts) out[std::string{id(amount)}] = amount.micros / kOne;
    return out;
}

std::map<std::string, std::int64_t> part(const std::map<std::string, std::int64_t>& all, const std::string& prefix) {
    std::map<std::string, std::int64_t> out;
    for (const auto& [id, pieces] : all)
        if (id.starts_with(prefix) && pieces != 0) out.emplace(id, pieces);
    return out;
}

std::int64_t total(const std::map<std::string, std::int64_t>& amounts) {
    std::int64_t sum = 0;
    for (const auto& [id, pieces] : amounts) sum += pieces;
    return sum;
}

void compare(const View& view, const MassBalance& balance, const Plain& plain) {
    const UnitStock& unit = balance.stock.units.at(0);
    const auto place_id = [&](const PlaceAmount& amount) { return view.place(amount.place).id; };
    const auto party_id = [&](const PartyAmount& amount) { return view.party(amount.party).id; };
    EXPECT_EQ(named(unit.on_hand, place_id), part(plain.at_place, "urn:stock"));
    EXPECT_EQ(named(unit.in_transit, place_id), part(plain.at_place, "urn:way"));
    EXPECT_EQ(named(unit.outside, place_id), part(plain.at_place, "urn:out"));
    EXPECT_EQ(named(unit.with_customer, party_id), part(plain.with_party, "urn:c"));
    const auto pieces = [&](const std::string& kind) { return plain.totals.contains(kind) ? plain.totals.at(kind) * kOne : 0; };
    EXPECT_EQ(unit.received, pieces("received"));
    EXPECT_EQ(unit.produced, pieces("produced") + pieces("wasted"));
    EXPECT_EQ(unit.found, pieces("found"));
    EXPECT_EQ(unit.returned_by_customer, pieces("returned"));
    EXPECT_EQ(unit.consumed, pieces("consumed"));
    EXPECT_EQ(unit.shipped, pieces("shipped"));
    EXPECT_EQ(unit.returned_to_supplier, pieces("sent_back"));
    EXPECT_EQ(unit.written_off, pieces("written_off"));
    EXPECT_EQ(unit.wasted, pieces("wasted"));

    const UnitBalance& line = balance.units.at(0);
    EXPECT_EQ(line.inflow, plain.in * kOne);
    EXPECT_EQ(line.outflow, plain.out * kOne);
    // All goods have places here, so what is neither on hand nor in transit is outside.
    EXPECT_EQ(line.difference, total(part(plain.at_place, "urn:out")) * kOne);
    std::int64_t negative = 0;
    for (const auto& [id, amount] : plain.at_place)
        if (!id.starts_with("urn:out") && amount < 0) ++negative;
    EXPECT_EQ(std::ranges::count(balance.discrepancies, Discrepancy::Kind::negative_stock, &Discrepancy::kind), negative);
}

TEST(RandomStock, equals_a_naive_replay_as_of_any_position_and_with_voided_events) {
    for (std::uint32_t seed = 0; seed < kSequences; ++seed) {
        SCOPED_TRACE(seed);
        RandomStock random{seed};
        Fed fed;
        feed_places(fed);
        std::vector<std::pair<Sequence, const Fact*>> recorded;
        std::map<const Fact*, Sequence> voided;
        for (const Fact& fact : random.facts) {
            recorded.emplace_back(fed.add(fact.event), &fact);
            if (random.below(6) != 0) continue;
            const Fact* victim = recorded[static_cast<std::size_t>(random.below(static_cast<int>(recorded.size())))].second;
            const Sequence at = fed.add(declared_wrong(victim->event));
            voided.emplace(victim, at);  // a second declaration changes nothing
        }
        for (const Sequence as_of :
             {fed.index.position(), 7 + static_cast<Sequence>(random.below(static_cast<int>(fed.index.position()) - 6))}) {
            std::vector<const Fact*> standing;
            for (const auto& [sequence, fact] : recorded)
                if (sequence < as_of && !(voided.contains(fact) && voided.at(fact) < as_of)) standing.push_back(fact);
            const View view = fed.index.view(as_of);
            compare(view, balance_of(view, node_of(view, "urn:lot")), replay(standing));
        }
        if (HasFailure()) return;
    }
}

TEST(RandomStock, does_not_depend_on_the_order_of_recording) {
    for (std::uint32_t seed = 0; seed < 300; ++seed) {
        SCOPED_TRACE(seed);
        RandomStock random{seed};
        std::vector<const Fact*> facts;
        facts.reserve(random.facts.size());
        for (const Fact& fact : random.facts) facts.push_back(&fact);
        const Plain plain = replay(facts);
        for (int round = 0; round < 3; ++round) {
            std::ranges::shuffle(facts, random.engine());
            Fed fed;
            feed_places(fed);
            for (const Fact* fact : facts) fed.add(fact->event);
            const View view = fed.index.view();
            compare(view, balance_of(view, node_of(view, "urn:lot")), plain);
        }
        if (HasFailure()) return;
    }
}

}  // namespace
}  // namespace stemma::lineage
