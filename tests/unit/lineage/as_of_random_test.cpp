// Invariant 13: an as-of view is a prefix of the ledger. Over random ledgers everything that a view says of an item at any older position
// is held to what an index says that was fed with the entries of then alone: they share the code that reads, but nothing that later
// entries left behind.
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "core/lineage/audit.hpp"
#include "core/lineage/broken_links.hpp"
#include "core/lineage/containment.hpp"
#include "core/lineage/packed_inside.hpp"
#include "core/lineage/packing_dates.hpp"
#include "core/lineage/quantities.hpp"
#include "core/lineage/recall.hpp"
#include "core/lineage/stock.hpp"
#include "tests/unit/lineage/random_ledger.hpp"

namespace stemma::lineage {
namespace {

constexpr std::uint32_t kLedgers = 300;

class AsOf {
public:
    explicit AsOf(const View& view) : view_{view}, counted_{view}, packing_{view}, audit_{view} {}

    std::string of(Node node) {
        std::string told = fmt::format("{} {}", view_.id(node), to_string(view_.kind(node)));
        for (const Direction direction : {Direction::forward, Direction::back}) {
            tell_edges(told, node, direction);
            tell_trace(told, node, direction, false);
            tell_trace(told, node, direction, true);
        }
        if (!view_.is_transformation(node)) {
            tell_stock(told, stock_of(counted_, node));
            tell_movements(told, node);
            tell_insides(told, node);
            tell_balance(told, node);
            tell_recall(told, node);
        }
        for (const AuditFault& fault : audit_.of(node))
            told += fmt::format("\naudit {} {} {}", to_string(fault.kind), fault.amount.micros, fault.events.size());
        for (const Gap& gap : gaps_of(counted_, packing_, node, nullptr))
            told += fmt::format("\ngap {} {} {}", to_string(gap.kind), gap.amount.micros, gap.events.size());
        return told;
    }

private:
    std::string text(const Amount& amount) { return fmt::format("{} {}", amount.micros, view_.unit(amount.unit)); }

    void tell_edges(std::string& told, Node node, Direction direction) {
        view_.for_each_edge(node, direction, [&](EdgeNo number, Node other) {
            const Edge edge = view_.edge(number);
            told += fmt::format("\nedge {} {} {} {} {}", to_string(direction), to_string(edge.kind), view_.id(other), text(edge.amount),
                                edge.sequence);
        });
    }

    void tell_trace(std::string& told, Node node, Direction direction, bool timed) {
        TraceOptions options;
        options.timed = timed;
        const Trace found = trace(view_, std::vector{node}, direction, options);
        for (const Reached& reached : found.nodes)
            told +=
                fmt::format("\ntrace {} {} {} {} {}", to_string(direction), timed, view_.id(reached.node), reached.depth, reached.certain);
        if (direction == Direction::back) return;
        for (const Content& content : contents_of(view_, found).items)
            told += fmt::format("\nholds {} {} {} {} {} {}", timed, content.in_trace, content.comparable, content.certain, content.possible,
                                content.at_most);
    }

    template <class Amounts, class Id>
    void tell_amounts(std::string& told, std::string_view name, const Amounts& amounts, const Id& id) {
        for (const auto& amount : amounts) told += fmt::format("\n{} {} {}", name, id(amount), amount.micros);
    }

    void tell_stock(std::string& told, const ItemStock& stock) {
        told += fmt::format("\nstatus {} {}", to_string(stock.status), to_string(stock.on_hand_status));
        const auto place = [&](const PlaceAmount& amount) { return view_.place(amount.place).id; };
        const auto party = [&](const PartyAmount& amount) {
            return amount.party == PartyNo::none ? std::string_view{} : view_.party(amount.party).id;
        };
        for (const UnitStock& unit : stock.units) {
            told += fmt::format("\nin {}: {} {} {} {} {} {} {} {} {}", view_.unit(unit.unit), unit.received, unit.produced, unit.found,
                                unit.returned_by_customer, unit.consumed, unit.shipped, unit.returned_to_supplier, unit.written_off,
                                unit.wasted);
            tell_amounts(told, "on hand", unit.on_hand, place);
            tell_amounts(told, "in transit", unit.in_transit, place);
            tell_amounts(told, "outside", unit.outside, place);
            tell_amounts(told, "with customer", unit.with_customer, party);
        }
    }

    void tell_movements(std::string& told, Node node) {
        counted_.for_each(node, [&](const Movement& one) {
            told += fmt::format("\nmovement {} {} {} by {}", to_string(one.kind), text(one.amount), one.sequence,
                                one.through == Node::none ? std::string_view{"itself"} : view_.id(one.through));
        });
    }

    void tell_insides(std::string& told, Node node) {
        const UnitBond held = PackedIn{}.of(view_, node);
        if (held.unit != Node::none) told += fmt::format("\nis in {}", view_.id(held.unit));
        const PackedInside inside = packed_inside(view_, node, 100);
        for (const Node one : inside.items) told += fmt::format("\nhas in it {}", view_.id(one));
        told += fmt::format("\nlots {}, taken out {}", inside.lots, inside.taken_out);
    }

    void tell_balance(std::string& told, Node node) {
        const MassBalance balance = balance_of(counted_, node);
        for (const Discrepancy& one : balance.discrepancies)
            told += fmt::format("\nremark {} {} {}", to_string(one.kind), text(one.amount), one.documents.size());
    }

    void tell_recall(std::string& told, Node node) {
        const RecallReport report = recall(view_, std::vector{node});
        told += fmt::format("\nrecall {}", to_hex(report.digest));
        for (const AffectedItem& item : report.items) {
            told += fmt::format("\naffects {} {}", view_.id(item.node), item.end);
            tell_stock(told, item.stock);
        }
    }

    const View& view_;
    CountedMovements counted_;
    PackingDates packing_;
    Audit audit_;
};

std::vector<std::string> told_of_all(const View& view) {
    std::vector<std::string> told;
    told.reserve(view.node_count());
    AsOf as_of{view};
    for (std::uint32_t node = 0; node < view.node_count(); ++node) told.push_back(as_of.of(Node{node}));
    return told;
}

/// The ledger with master data of any kind in between.
std::vector<EntryBody> with_master_data(RandomLedger& ledger) {
    Dice& dice = ledger.dice();
    const std::array places{PlaceKind::stock, PlaceKind::transit, PlaceKind::outside};
    const std::array kinds{ItemKind::serial, ItemKind::lot, ItemKind::logistic_unit};
    const auto any_of = [&](const auto& all) { return all[static_cast<std::size_t>(dice.below(3))]; };
    const auto any_product = [&] { return fmt::format("urn:p:{}", dice.below(3)); };
    std::vector<EntryBody> bodies;
    for (const Entry& entry : ledger.fed.entries) {
        bodies.push_back(entry.body);
        const int what = dice.below(12);
        if (what == 0) bodies.emplace_back(Master{place(fmt::format("urn:place:{}", dice.below(3)), any_of(places))});
        if (what == 1) bodies.emplace_back(Master{product(any_product(), Tracking::lot, dice.one_in(2) ? "KGM" : "C62")});
        if (what == 2) bodies.emplace_back(Master{item(ledger.any_item(), any_of(kinds), dice.one_in(2) ? any_product() : "", "label")});
    }
    return bodies;
}

TEST(RandomAsOf, says_of_every_node_what_an_index_fed_with_the_entries_of_then_says) {
    for (std::uint32_t seed = 0; seed < kLedgers; ++seed) {
        RandomLedger ledger{seed};
        Fed whole{small_segments(std::size_t{seed} % 4 * 8)};
        for (const EntryBody& body : with_master_data(ledger)) {
            whole.add(body);
            if (ledger.dice().one_in(5)) whole.index.merge();
        }
        Index prefix;
        for (Sequence as_of = 0; as_of <= whole.entries.size(); ++as_of) {
            SCOPED_TRACE(fmt::format("ledger {} as of {}", seed, as_of));
            if (as_of > 0) prefix.apply(as_of - 1, whole.entries[as_of - 1]);
            const std::vector<std::string> expected = told_of_all(prefix.view());
            const std::vector<std::string> told = told_of_all(whole.index.view(as_of));
            ASSERT_EQ(told.size(), expected.size());
            for (std::size_t i = 0; i < told.size(); ++i) ASSERT_EQ(told[i], expected[i]);
        }
    }
}

}  // namespace
}  // namespace stemma::lineage
