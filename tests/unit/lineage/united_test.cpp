// Ids that the ledger says are one. The oracle is a replay: at every position the entries below it with the ids of a group replaced by its
// root, in an index that never heard of meetings and is itself held to a brute-force oracle (trace_random_test, stock_random_test).
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <stdexcept>

#include "core/lineage/stock.hpp"
#include "core/lineage/trace.hpp"
#include "tests/support/temp_folder.hpp"
#include "tests/unit/lineage/builders.hpp"
#include "tests/unit/lineage/random_ledger.hpp"

namespace stemma::lineage {
namespace {

Meeting met(const std::string& first, const std::string& second, bool apart = false, bool products = false) {
    return {products, first, second, MeetingRule::identifier, {}, apart, {}};
}

/// An index that can read its ledger again.
struct Ledger : Fed {
    explicit Ledger(const IndexSettings& settings = {}) : Fed{settings} {
        index.read_ledger_by([this](Sequence end, const std::function<void(Sequence, const Entry&)>& take) {
            ++readings;
            if (broken) throw std::runtime_error{"no ledger today"};
            for (Sequence i = 0; i < end; ++i) take(i, entries[i]);
        });
    }
    Sequence meet(const std::string& first, const std::string& second, bool apart = false) {
        return add(EntryBody{met(first, second, apart)});
    }
    int readings{0};
    bool broken{false};
};

// --- the oracle ------------------------------------------------------------------------------------------------------

/// id -> what it is known as, after the entries [0, as_of).
std::map<std::string, std::string> roots(const std::vector<Entry>& entries, Sequence as_of) {
    std::vector<Meeting> together;
    for (Sequence i = 0; i < as_of; ++i) {
        const auto* meeting = std::get_if<Meeting>(&entries[i].body);
        if (meeting == nullptr) continue;
        const auto same = [&](const Meeting& one) { return one.first == meeting->first && one.second == meeting->second; };
        if (meeting->apart)
            std::erase_if(together, same);
        else if (std::ranges::none_of(together, same))
            together.push_back(*meeting);
    }
    std::map<std::string, std::string> root;
    const auto of = [&](const std::string& id) { return root.contains(id) ? root[id] : id; };
    for (const Meeting& meeting : together) {
        const std::string to = of(meeting.first);
        const std::string from = of(meeting.second);
        root.try_emplace(from, from);
        for (auto& [id, known] : root)
            if (known == from) known = to;
    }
    return root;
}

Entry replaced(Entry entry, const std::map<std::string, std::string>& root) {
    const auto name = [&](auto& id) {
        if (const auto known = root.find(id.str()); known != root.end()) id.assign(known->second);
    };
    if (auto* event = std::get_if<Event>(&entry.body)) {
        for (auto* list : {&event->items, &event->inputs, &event->outputs})
            for (ItemQuantity& item : *list) name(item.item);
        name(event->parent);
    } else if (auto* master = std::get_if<Master>(&entry.body)) {
        const auto known = root.find(id_of(*master));
        if (known != root.end() && known->second != known->first) entry.body = SystemChange{};
        if (auto* item = std::get_if<Item>(master)) name(item->product);
    } else {
        entry.body = SystemChange{};
    }
    return entry;
}

/// All that a trace says, in its order; and what became of each item.
std::string told(const View& view, const std::string& seed, Direction direction) {
    const Trace found = trace(view, std::vector{node_of(view, seed)}, direction);
    std::string text;
    for (const Reached& reached : found.nodes) {
        text += fmt::format("{} {} {} '{}' {}", view.id(reached.node), reached.depth, reached.certain, view.label(reached.node),
                            static_cast<int>(view.kind(reached.node)));
        if (!view.is_transformation(reached.node)) {
            const ItemStock stock = stock_of(view, reached.node);
            text += fmt::format(" {}", to_string(stock.status));
            for (const UnitStock& unit : stock.units)
                text += fmt::format(" {}:{}-{}={}+{}", view.unit(unit.unit), unit.inflow(), unit.outflow(), unit.on_hand_total(),
                                    unit.with_customer_total());
        }
        text += '\n';
    }
    return text;
}

// --- one by one ------------------------------------------------------------------------------------------------------

TEST(United, an_id_that_was_never_named_is_known_as_the_first_without_reading_the_ledger_again) {
    Ledger ledger;
    ledger.add_master(item("urn:a:1", ItemKind::serial, "urn:p", "SN-1"));
    ledger.add(received({instance("urn:a:1")}, "urn:party:s", "urn:place:1"));
    ledger.meet("urn:a:1", "urn:b:1");
    ledger.add_master(item("urn:b:1", ItemKind::serial, "urn:p", "sn-1"));
    ledger.add(shipped({instance("urn:b:1")}, "urn:place:1", "urn:party:c"));
    const View view = ledger.index.view();
    EXPECT_EQ(ledger.readings, 0);
    EXPECT_EQ(node_of(view, "urn:a:1"), node_of(view, "urn:b:1"));
    EXPECT_EQ(view.id(node_of(view, "urn:b:1")), "urn:a:1");
    EXPECT_EQ(view.label(node_of(view, "urn:b:1")), "SN-1");
    EXPECT_EQ(stock_of(view, node_of(view, "urn:b:1")).status, Status::shipped);
    EXPECT_EQ(ledger.index.counts().items, 1U);
    EXPECT_EQ(node_of(ledger.index.view(2), "urn:b:1"), Node::none);  // nothing named it before
}

TEST(United, ids_that_were_named_before_are_one_from_the_meeting_on_and_two_before_it) {
    Ledger ledger;
    ledger.add(transformation("urn:t:1", {instance("urn:lot")}, {instance("urn:a:1")}));
    ledger.add(transformation("urn:t:2", {instance("urn:b:1")}, {instance("urn:end")}));
    const Sequence before = ledger.entries.size();
    ledger.meet("urn:a:1", "urn:b:1");
    EXPECT_EQ(ledger.readings, 1);
    const auto reaches_end = [&](Sequence as_of) {
        const View view = ledger.index.view(as_of);
        const Trace found = trace(view, std::vector{node_of(view, "urn:lot")}, Direction::forward);
        return std::ranges::any_of(found.nodes, [&](const Reached& reached) { return view.id(reached.node) == "urn:end"; });
    };
    EXPECT_TRUE(reaches_end(kLatest));
    EXPECT_TRUE(reaches_end(before + 1));
    EXPECT_FALSE(reaches_end(before));
}

TEST(United, a_meeting_that_is_undone_leaves_two_and_stands_for_the_time_between) {
    Ledger ledger;
    ledger.add(received({instance("urn:a:1")}, "urn:party:s", "urn:place:1"));
    ledger.meet("urn:a:1", "urn:b:1");
    ledger.add(shipped({instance("urn:b:1")}, "urn:place:1", "urn:party:c"));
    ledger.meet("urn:a:1", "urn:b:1", true);
    const auto status = [&](const std::string& id, Sequence as_of) {
        const View view = ledger.index.view(as_of);
        return stock_of(view, node_of(view, id)).status;
    };
    EXPECT_EQ(status("urn:a:1", kLatest), Status::received);
    EXPECT_EQ(status("urn:b:1", kLatest), Status::shipped);
    EXPECT_NE(node_of(ledger.index.view(), "urn:a:1"), node_of(ledger.index.view(), "urn:b:1"));
    EXPECT_EQ(status("urn:a:1", 3), Status::shipped);
    EXPECT_EQ(status("urn:b:1", 3), Status::shipped);
}

TEST(United, a_view_made_before_a_meeting_goes_on_as_it_was) {
    Ledger ledger;
    ledger.add(received({instance("urn:a:1")}, "urn:party:s", "urn:place:1"));
    ledger.add(shipped({instance("urn:b:1")}, "urn:place:1", "urn:party:c"));
    const View view = ledger.index.view();
    const Node first = node_of(view, "urn:a:1");
    ledger.meet("urn:a:1", "urn:b:1");
    ledger.add(received({instance("urn:c:1")}, "urn:party:s", "urn:place:1"));
    EXPECT_EQ(stock_of(view, first).status, Status::received);
    EXPECT_NE(node_of(view, "urn:b:1"), first);
    EXPECT_EQ(stock_of(ledger.index.view(), node_of(ledger.index.view(), "urn:a:1")).status, Status::shipped);
}

TEST(United, many_meetings_at_once_read_the_ledger_once) {
    Ledger ledger;
    for (int i = 0; i < 20; ++i)
        ledger.add(received({instance(fmt::format("urn:a:{}", i)), instance(fmt::format("urn:b:{}", i))}, "urn:party:s", "urn:place:1"));
    ledger.index.hold(true);
    for (int i = 0; i < 20; ++i) ledger.meet(fmt::format("urn:a:{}", i), fmt::format("urn:b:{}", i));
    EXPECT_EQ(ledger.index.position(), 20U);
    ledger.index.hold(false);
    EXPECT_EQ(ledger.readings, 1);
    EXPECT_EQ(ledger.index.position(), 40U);
    EXPECT_EQ(ledger.index.counts().items, 20U);
}

TEST(United, a_ledger_that_cannot_be_read_is_told_and_read_again_later) {
    Ledger ledger;
    ledger.add(received({instance("urn:a:1"), instance("urn:b:1")}, "urn:party:s", "urn:place:1"));
    ledger.broken = true;
    EXPECT_THROW(ledger.meet("urn:a:1", "urn:b:1"), std::runtime_error);
    EXPECT_EQ(ledger.index.position(), 1U);  // nothing of it is to be seen
    ledger.broken = false;
    ledger.index.hold(false);
    EXPECT_EQ(ledger.index.position(), 2U);
    EXPECT_EQ(ledger.index.counts().items, 1U);
}

TEST(United, products_of_two_sources_share_their_goods_without_lots_and_their_items) {
    Ledger ledger;
    ledger.add_master(product("urn:a:p", Tracking::none));
    ledger.add(EntryBody{met("urn:a:p", "urn:b:p", false, true)});
    ledger.add_master(product("urn:b:p", Tracking::none));
    ledger.add(received({some("urn:b:p", 5)}, "urn:party:s", "urn:place:1"));
    ledger.add_master(item("urn:b:1", ItemKind::lot, "urn:b:p"));
    const View view = ledger.index.view();
    EXPECT_EQ(ledger.readings, 0);
    EXPECT_EQ(view.kind(node_of(view, "urn:a:p")), NodeKind::untracked);
    EXPECT_EQ(view.id(node_of(view, "urn:b:p")), "urn:a:p");
    EXPECT_EQ(view.product(view.product(node_of(view, "urn:b:1"))).sku, "SKU-urn:a:p");
    EXPECT_EQ(view.items_of(ProductId{"urn:b:p"}, 5).size(), 1U);
}

// --- at random -------------------------------------------------------------------------------------------------------

/// The entries of a random ledger with meetings and their ends between them.
std::vector<EntryBody> with_meetings(RandomLedger& random) {
    std::vector<EntryBody> bodies;
    for (const Entry& entry : random.fed.entries) bodies.push_back(entry.body);
    const int count = 1 + random.dice().below(5);
    for (int i = 0; i < count; ++i) {
        const bool products = random.dice().one_in(4);
        const int most = products ? 3 : 12;
        const int first = random.dice().below(most);
        const int second = (first + 1 + random.dice().below(most - 1)) % most;
        const char* const kind = products ? "p" : "i";
        const EntryBody body = met(fmt::format("urn:{}:{}", kind, first), fmt::format("urn:{}:{}", kind, second), false, products);
        const int at = random.dice().below(static_cast<int>(bodies.size()) + 1);
        bodies.insert(bodies.begin() + at, body);
        if (!random.dice().one_in(3)) continue;
        EntryBody end = body;
        std::get<Meeting>(end).apart = true;
        bodies.insert(bodies.begin() + at + 1 + random.dice().below(static_cast<int>(bodies.size()) - at), end);
    }
    return bodies;
}

TEST(United, random_ledgers_answer_at_every_position_as_a_replay_with_the_ids_replaced) {
    int remade = 0;
    int apart = 0;
    for (std::uint32_t seed = 0; seed < 3000; ++seed) {
        SCOPED_TRACE(seed);
        RandomLedger random{seed};
        Dice& dice = random.dice();
        Ledger ledger{small_segments(seed % 4 * 8)};
        for (const EntryBody& body : with_meetings(random)) {
            if (dice.one_in(10)) ledger.index.hold(true);
            ledger.add(body);
            if (dice.one_in(4)) ledger.index.hold(false);
            if (dice.one_in(6)) ledger.index.merge();
        }
        ledger.index.hold(false);
        remade += ledger.readings;
        const int size = static_cast<int>(ledger.entries.size());
        for (const int at : {size, dice.below(size + 1), dice.below(size + 1)}) {
            const auto as_of = static_cast<Sequence>(at);
            const auto root = roots(ledger.entries, as_of);
            Index plain;
            for (Sequence i = 0; i < as_of; ++i) plain.apply(i, replaced(ledger.entries[i], root));
            for (int ask = 0; ask < 3; ++ask) {
                const std::string id = random.any_item();
                const std::string known = root.contains(id) ? root.at(id) : id;
                if (known != id) ++apart;
                for (const Direction direction : {Direction::forward, Direction::back})
                    ASSERT_EQ(told(ledger.index.view(as_of), id, direction), told(plain.view(), known, direction)) << id << " @" << as_of;
            }
        }
    }
    EXPECT_GT(remade, 1000);
    EXPECT_GT(apart, 500);
}

TEST(United, a_snapshot_keeps_which_ids_are_one) {
    const test::TempFolder folder;
    const MacKey key{};
    for (std::uint32_t seed = 0; seed < 100; ++seed) {
        SCOPED_TRACE(seed);
        RandomLedger random{seed};
        const std::vector<EntryBody> bodies = with_meetings(random);
        Ledger whole;
        Ledger half;
        for (std::size_t i = 0; i < bodies.size(); ++i) {
            whole.add(bodies[i]);
            if (i < bodies.size() / 2) half.add(bodies[i]);
        }
        ASSERT_TRUE(half.index.save(folder.file("snapshot"), "ledger", key));
        Ledger loaded;
        ASSERT_TRUE(loaded.index.load(folder.file("snapshot"), key));
        loaded.entries = half.entries;
        for (std::size_t i = bodies.size() / 2; i < bodies.size(); ++i) loaded.add(bodies[i]);
        for (int at = 0; at < 3; ++at) {
            const auto as_of = static_cast<Sequence>(random.dice().below(static_cast<int>(bodies.size()) + 1));
            const std::string id = random.any_item();
            ASSERT_EQ(told(loaded.index.view(as_of), id, Direction::forward), told(whole.index.view(as_of), id, Direction::forward));
        }
    }
}

}  // namespace
}  // namespace stemma::lineage
