// Stock, balances and recalls of packed goods against the oracle of packed_oracle.hpp, on random plants as of random positions.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "core/lineage/containment.hpp"
#include "core/lineage/recall.hpp"
#include "tests/unit/lineage/packed_oracle.hpp"

namespace stemma::lineage {
namespace {

using packed::Kind;
using packed::Moved;

constexpr std::uint32_t kPlants = 8000;

bool comes_in(Kind kind) { return kind == Kind::received || kind == Kind::found || kind == Kind::produced || kind == Kind::returned; }
bool goes_out(Kind kind) { return kind == Kind::shipped || kind == Kind::sent_back || kind == Kind::written_off || kind == Kind::consumed; }

/// What the movements of an item add up to.
struct Plain {
    std::map<int, int> at;
    std::map<int, int> with;
    std::map<Kind, int> totals;

    [[nodiscard]] int on_hand() const {
        return sum([](int place) { return place < 3; });
    }
    [[nodiscard]] int in_transit() const {
        return sum([](int place) { return place == 3; });
    }
    [[nodiscard]] int with_customers() const {
        int all = 0;
        for (const auto& [party, pieces] : with) all += pieces;
        return all;
    }
    [[nodiscard]] int total(Kind kind) const { return totals.contains(kind) ? totals.at(kind) : 0; }

private:
    template <class Counts>
    [[nodiscard]] int sum(const Counts& counts) const {
        int all = 0;
        for (const auto& [place, pieces] : at)
            if (counts(place)) all += pieces;
        return all;
    }
};

Plain add_up(const std::vector<Moved>& moves) {
    Plain plain;
    for (const Moved& one : moves) {
        plain.totals[one.kind] += one.pieces;
        const bool half = one.kind == Kind::moved && (one.from == packed::kNobody || one.to == packed::kNobody);
        if (half) continue;
        if ((goes_out(one.kind) || one.kind == Kind::moved) && one.from != packed::kNobody) plain.at[one.from] -= one.pieces;
        if ((comes_in(one.kind) || one.kind == Kind::moved) && one.to != packed::kNobody) plain.at[one.to] += one.pieces;
        if (one.kind == Kind::shipped) plain.with[one.party] += one.pieces;
        if (one.kind == Kind::returned) plain.with[one.party] -= one.pieces;
    }
    std::erase_if(plain.at, [](const auto& one) { return one.second == 0; });
    std::erase_if(plain.with, [](const auto& one) { return one.second == 0; });
    return plain;
}

Status status_of(Kind out) {
    if (out == Kind::consumed) return Status::consumed;
    if (out == Kind::shipped) return Status::shipped;
    return out == Kind::sent_back ? Status::returned_to_supplier : Status::written_off;
}

Status on_hand_status(int item, const std::vector<Moved>& moves) {
    Status status = Status::in_stock;
    if (std::ranges::all_of(moves, [](const Moved& one) { return one.kind == Kind::received; })) status = Status::received;
    const Moved* last_in = nullptr;
    for (const Moved& one : moves)
        if (comes_in(one.kind) && (last_in == nullptr || std::pair(one.hour, one.sequence) >= std::pair(last_in->hour, last_in->sequence)))
            last_in = &one;
    return !packed::is_lot(item) && last_in != nullptr && last_in->kind == Kind::returned ? Status::returned : status;
}

Status status_of(int item, const std::vector<Moved>& moves, const Plain& plain) {
    if (moves.empty()) return Status::unknown;
    const Status here = on_hand_status(item, moves);
    if (packed::is_lot(item)) {
        if (std::ranges::all_of(moves, [](const Moved& one) { return one.kind == Kind::moved; })) return Status::unknown;
        const std::vector<std::pair<int, Status>> parts{{plain.on_hand(), here},
                                                        {plain.in_transit(), Status::in_transit},
                                                        {plain.with_customers(), Status::shipped},
                                                        {plain.total(Kind::consumed), Status::consumed},
                                                        {plain.total(Kind::sent_back), Status::returned_to_supplier},
                                                        {plain.total(Kind::written_off), Status::written_off}};
        const auto most = std::ranges::max_element(parts, {}, &std::pair<int, Status>::first);
        return most->first > 0 ? most->second : Status::unknown;
    }
    const auto when = [](const Moved& one) { return std::pair(one.hour, one.sequence); };
    const Moved* out = nullptr;
    const Moved* in = nullptr;
    for (const Moved& one : moves) {
        if (goes_out(one.kind) && (out == nullptr || when(one) >= when(*out))) out = &one;
        if (comes_in(one.kind) && (in == nullptr || when(one) >= when(*in))) in = &one;
    }
    if (out != nullptr && out->from == packed::kNobody && (in == nullptr || when(*out) >= when(*in))) return status_of(out->kind);
    if (plain.on_hand() > 0) return here;
    if (plain.in_transit() > 0) return Status::in_transit;
    if (out != nullptr && in != nullptr && in->kind == Kind::returned && when(*out) < when(*in)) return Status::returned;
    return out != nullptr ? status_of(out->kind) : Status::unknown;
}

/// One thing is with whom it was delivered to last, as long as its status says that it is with a customer.
std::map<int, int> with_whom(int item, const std::vector<Moved>& moves, const Plain& plain) {
    if (packed::is_lot(item)) return plain.with;
    if (status_of(item, moves, plain) != Status::shipped) return {};
    const auto when = [](const Moved& one) { return std::pair(one.hour, one.sequence); };
    const Moved* last = nullptr;
    for (const Moved& one : moves)
        if (goes_out(one.kind) && (last == nullptr || when(one) >= when(*last))) last = &one;
    return {{last->party, 1}};
}

std::map<int, int> places_of(const View& view, const UnitStock& unit) {
    std::map<int, int> places;
    for (const auto* list : {&unit.on_hand, &unit.in_transit, &unit.outside})
        for (const PlaceAmount& one : *list)
            for (int i = 0; i < packed::kPlaces; ++i)
                if (view.place(one.place).id == packed::place_id(i)) places[i] = static_cast<int>(one.micros / kOne);
    return places;
}

std::map<int, int> customers_of(const View& view, const UnitStock& unit) {
    std::map<int, int> customers;
    for (const PartyAmount& one : unit.with_customer) {
        int party = packed::kNobody;
        for (int i = 0; i < packed::kCustomers; ++i)
            if (one.party != PartyNo::none && view.party(one.party).id == packed::party_id(i)) party = i;
        customers[party] = static_cast<int>(one.micros / kOne);
    }
    return customers;
}

void compare(const View& view, const ItemStock& stock, int item, const std::vector<Moved>& moves) {
    const Plain plain = add_up(moves);
    ASSERT_EQ(stock.units.size(), 1U);
    const UnitStock& unit = stock.units.front();
    EXPECT_EQ(places_of(view, unit), plain.at);
    EXPECT_EQ(customers_of(view, unit), with_whom(item, moves, plain));
    EXPECT_EQ(unit.received, plain.total(Kind::received) * kOne);
    EXPECT_EQ(unit.found, plain.total(Kind::found) * kOne);
    EXPECT_EQ(unit.produced, plain.total(Kind::produced) * kOne);
    EXPECT_EQ(unit.shipped, plain.total(Kind::shipped) * kOne);
    EXPECT_EQ(unit.returned_by_customer, plain.total(Kind::returned) * kOne);
    EXPECT_EQ(unit.returned_to_supplier, plain.total(Kind::sent_back) * kOne);
    EXPECT_EQ(unit.written_off, plain.total(Kind::written_off) * kOne);
    EXPECT_EQ(unit.consumed, plain.total(Kind::consumed) * kOne);
    EXPECT_EQ(to_string(stock.status), to_string(status_of(item, moves, plain)));
}

std::size_t inherited(const View& view, Node node) {
    std::size_t count = 0;
    CountedMovements counted{view};
    counted.for_each(node,
                     [&](const Movement& movement) { count += movement.through != Node::none && movement.through != node ? 1U : 0U; });
    return count;
}

TEST(RandomPacking, gives_each_item_the_stock_that_a_replay_piece_by_piece_gives) {
    std::size_t along = 0;
    for (std::uint32_t seed = 0; seed < kPlants; ++seed) {
        SCOPED_TRACE(seed);
        packed::Plant plant{seed};
        const auto facts = static_cast<int>(plant.fed.index.position() - plant.first);
        for (const Sequence as_of : {plant.fed.index.position(), plant.first + static_cast<Sequence>(plant.below(facts + 1))}) {
            SCOPED_TRACE(as_of);
            const View view = plant.fed.index.view(as_of);
            const auto counted = plant.counted(as_of);
            CountedMovements one_after_the_other{view};
            for (int item = 0; item < packed::kItems; ++item) {
                SCOPED_TRACE(packed::item_id(item));
                const Node node = node_of(view, packed::item_id(item));
                compare(view, stock_of(view, node), item, counted[static_cast<std::size_t>(item)]);
                compare(view, stock_of(one_after_the_other, node), item, counted[static_cast<std::size_t>(item)]);
                EXPECT_EQ(balance_closes(view, stock_of(view, node)), balance_of(view, node).closes());
                along += inherited(view, node);
            }
        }
        if (HasFailure()) return;
    }
    EXPECT_GT(along, 20'000U);  // the plants are not trivial
}

/// Pieces of goods, logistic units left out, by what they are counted under.
struct Totals {
    std::map<std::string, int> places;
    std::map<std::string, int> customers;
    std::map<std::string, int> statuses;  // of lots; serials as one each

    friend bool operator==(const Totals&, const Totals&) = default;
};

Totals totals_of(const std::vector<std::vector<Moved>>& counted) {
    Totals totals;
    for (int item = 5; item < packed::kItems; ++item) {
        const std::vector<Moved>& moves = counted[static_cast<std::size_t>(item)];
        const Plain plain = add_up(moves);
        for (const auto& [place, pieces] : plain.at)
            if (pieces > 0 && place < 4) totals.places[packed::place_id(place)] += pieces;
        for (const auto& [party, pieces] : with_whom(item, moves, plain))
            totals.customers[(pieces < 0 ? "over " : "") + (party == packed::kNobody ? std::string{} : packed::party_id(party))] += pieces;
        const auto part = [&](Status status, int pieces) {
            if (pieces > 0 || (pieces < 0 && status == Status::shipped)) totals.statuses[std::string{to_string(status)}] += pieces;
        };
        if (!packed::is_lot(item)) {
            part(status_of(item, moves, plain), 1);
            continue;
        }
        part(on_hand_status(item, moves), plain.on_hand());
        part(Status::in_transit, plain.in_transit());
        part(Status::shipped, plain.with_customers());
        part(Status::consumed, plain.total(Kind::consumed));
        part(Status::returned_to_supplier, plain.total(Kind::sent_back));
        part(Status::written_off, plain.total(Kind::written_off));
    }
    for (auto* map : {&totals.customers, &totals.statuses}) std::erase_if(*map, [](const auto& one) { return one.second == 0; });
    return totals;
}

int pieces_of_goods(const std::vector<ProductTally>& products) {
    int pieces = 0;
    for (const ProductTally& one : products)
        for (const Amount& amount : one.tally.amounts)
            if (!one.logistic_units) pieces += static_cast<int>(amount.micros / kOne);
    return pieces;
}

Totals totals_of(const View& view, const RollUp& counts) {
    Totals totals;
    for (const PlaceTally& line : counts.by_place) totals.places[std::string{view.place(line.place).id}] = pieces_of_goods(line.by_product);
    for (const PartyTally& line : counts.by_customer)
        totals
            .customers[(line.over_returned ? "over " : "") + (line.party == PartyNo::none ? "" : std::string{view.party(line.party).id})] =
            pieces_of_goods(line.by_product);
    for (const StatusTally& line : counts.by_status)
        totals.statuses[std::string{to_string(line.status)}] = pieces_of_goods(line.by_product);
    for (auto* map : {&totals.places, &totals.customers, &totals.statuses})
        std::erase_if(*map, [](const auto& one) { return one.second == 0; });
    return totals;
}

TEST(RandomPacking, recalls_what_a_replay_piece_by_piece_adds_up_to) {
    for (std::uint32_t seed = 0; seed < kPlants / 2; ++seed) {
        SCOPED_TRACE(seed);
        packed::Plant plant{kPlants + seed};
        const auto facts = static_cast<int>(plant.fed.index.position() - plant.first);
        for (const Sequence as_of : {plant.fed.index.position(), plant.first + static_cast<Sequence>(plant.below(facts + 1))}) {
            const View view = plant.fed.index.view(as_of);
            std::vector<Node> all;
            all.reserve(packed::kItems);
            for (int item = 0; item < packed::kItems; ++item) all.push_back(node_of(view, packed::item_id(item)));
            const RecallReport report = recall(view, all);
            const Totals found = totals_of(view, report.certain);
            const Totals expected = totals_of(plant.counted(as_of));
            EXPECT_EQ(found.places, expected.places);
            EXPECT_EQ(found.customers, expected.customers);
            EXPECT_EQ(found.statuses, expected.statuses);
            EXPECT_EQ(report.possible.all.items, 0U);
        }
        if (HasFailure()) return;
    }
}

}  // namespace
}  // namespace stemma::lineage
