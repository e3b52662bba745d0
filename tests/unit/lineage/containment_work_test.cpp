// What the folds of packed goods cost, in steps and not in time: twice as much of the same takes about twice the steps. Beside it what they
// give, which follows from how each story is told.
#include <gtest/gtest.h>

#include <map>

#include "core/lineage/containment.hpp"
#include "core/lineage/recall.hpp"
#include "tests/unit/lineage/builders.hpp"

namespace stemma::lineage {
namespace {

constexpr int kFew = 300;

Event at_place(Event event, const std::string& place) {
    event.biz_location = PlaceId{place};
    return event;
}

/// One event an hour.
struct Story : Fed {
    Story() {
        add_master(product("urn:p:seat", Tracking::lot));
        add_master(product("urn:p:chair", Tracking::serial));
        for (const char* id : {"MAIN", "SHOP"}) add_master(place(id, PlaceKind::stock));
        add_lot("LOT");
    }
    void add_lot(const std::string& id) { add_master(item(id, ItemKind::lot, "urn:p:seat")); }
    void add_serial(const std::string& id) { add_master(item(id, ItemKind::serial, "urn:p:chair")); }
    void add_unit(const std::string& id) { add_master(item(id, ItemKind::logistic_unit, "")); }
    void tell(const Event& event) { add(at_hour(event, hour_++)); }
    void pack(const std::string& unit, const ItemQuantity& goods) { tell(at_place(packing(Action::add, unit, {goods}), "MAIN")); }
    void deliver(const ItemQuantity& goods, const std::string& from = "MAIN") { tell(shipped({goods}, from, "CUSTOMER")); }
    /// Filled, delivered, emptied and sent back.
    void go_round(const std::string& tote, const ItemQuantity& goods) {
        pack(tote, goods);
        deliver(instance(tote));
        tell(packing(Action::remove, tote, {goods}));
        tell(returned({instance(tote)}, "CUSTOMER", "MAIN"));
    }

private:
    int hour_{0};
};

std::string carton(int number) { return fmt::format("CARTON-{}", number); }

/// A lot, one piece in each carton.
struct Cartons : Story {
    explicit Cartons(int count) {
        tell(received({some("LOT", count)}, "SUPPLIER", "MAIN"));
        for (int i = 0; i < count; ++i) {
            add_unit(carton(i));
            pack(carton(i), some("LOT", 1));
        }
    }
};

struct Fold {
    MassBalance balance;
    std::size_t steps{0};

    [[nodiscard]] const UnitStock& stock() const { return balance.stock.units.front(); }
};

Fold fold(const Story& story, const std::string& id) {
    const View view = story.index.view();
    CountedMovements counted{view};
    Fold fold{balance_of(counted, node_of(view, id)), 0};
    fold.steps = counted.steps();
    return fold;
}

/// About twice as much: searches in sorted lists are no steps.
void expect_twice(std::size_t once, std::size_t twice) {
    EXPECT_GT(once, static_cast<std::size_t>(kFew));
    EXPECT_LE(twice, once * 21 / 10);
}

TEST(PackedWork, of_a_lot_whose_cartons_and_then_the_same_pieces_are_delivered_grows_with_their_number) {
    const auto tell = [](int count) {
        Cartons story{count};
        for (int i = 0; i < count; ++i) story.deliver(instance(carton(i)));
        for (int i = 0; i < count; ++i) story.deliver(some("LOT", 1));
        return fold(story, "LOT");
    };
    const Fold few = tell(kFew);
    EXPECT_EQ(few.stock().shipped, kFew * kOne);  // each once: the deliveries of the lot say which way it went
    EXPECT_EQ(few.stock().with_customer_total(), kFew * kOne);
    EXPECT_TRUE(few.balance.closes());
    expect_twice(few.steps, tell(2 * kFew).steps);
}

TEST(PackedWork, of_a_lot_that_is_delivered_out_of_its_cartons_grows_with_their_number) {
    for (const char* from : {"MAIN", ""}) {  // without a place: from wherever it is
        const auto tell = [&](int count) {
            Cartons story{count};
            for (int i = 0; i < count; ++i) story.deliver(some("LOT", 1), from);
            return fold(story, "LOT");
        };
        const Fold few = tell(kFew);
        EXPECT_EQ(few.stock().with_customer_total(), kFew * kOne);
        expect_twice(few.steps, tell(2 * kFew).steps);
    }
}

TEST(PackedWork, of_a_lot_that_is_delivered_to_many_and_packed_in_turn_grows_with_their_number) {
    const auto tell = [](int count) {
        Story story;
        story.tell(received({some("LOT", std::int64_t{2} * count)}, "SUPPLIER", "MAIN"));
        for (int i = 0; i < count; ++i) {
            story.add_unit(carton(i));
            story.tell(shipped({some("LOT", 1)}, "MAIN", fmt::format("CUSTOMER-{}", i)));
            story.pack(carton(i), some("LOT", 1));
        }
        return fold(story, "LOT");
    };
    const Fold few = tell(kFew);
    EXPECT_EQ(few.stock().on_hand_total(), kFew * kOne);
    EXPECT_EQ(few.stock().with_customer.size(), static_cast<std::size_t>(kFew));
    expect_twice(few.steps, tell(2 * kFew).steps);
}

TEST(PackedWork, of_a_part_grows_with_the_movements_of_its_machine) {
    const auto tell = [](int count) {
        Story story;
        for (const char* id : {"PART", "MACHINE"}) story.add_serial(id);
        story.tell(received({instance("PART"), instance("MACHINE")}, "SUPPLIER", "MAIN"));
        story.tell(installing(Action::add, "MACHINE", {instance("PART")}));
        for (int i = 0; i < count; ++i) {
            story.deliver(instance("MACHINE"));
            story.tell(returned({instance("MACHINE")}, "CUSTOMER", "MAIN"));
        }
        return fold(story, "PART");
    };
    const Fold few = tell(kFew);
    EXPECT_EQ(few.stock().shipped, kFew * kOne);
    EXPECT_EQ(to_string(few.balance.stock.status), "returned");
    expect_twice(few.steps, tell(2 * kFew).steps);
}

TEST(PackedWork, of_all_that_went_in_one_tote_grows_with_its_rounds) {
    for (const bool lots : {false, true}) {
        const auto tell = [&](int rounds) {
            Story story;
            story.add_unit("TOTE");
            story.tell(received({some("LOT", rounds)}, "SUPPLIER", "MAIN"));
            for (int i = 0; i < rounds; ++i) {
                const std::string id = fmt::format("CHAIR-{}", i);
                lots ? story.add_lot(id) : story.add_serial(id);
                const ItemQuantity goods = lots ? some(id, 1) : instance(id);
                story.tell(with_places(transformation("T-" + id, {some("LOT", 1)}, {goods}), "MAIN", "MAIN"));
                story.go_round("TOTE", goods);
            }
            const View view = story.index.view();
            CountedMovements counted{view};
            for (int i = 0; i < rounds; ++i) {
                const ItemStock stock = stock_of(counted, node_of(view, fmt::format("CHAIR-{}", i)));
                EXPECT_EQ(stock.units.front().with_customer_total(), kOne);  // one delivery, and no return
                EXPECT_EQ(stock.units.front().shipped, kOne);
                EXPECT_EQ(stock.units.front().returned_by_customer, 0);
            }
            return counted.steps();
        };
        expect_twice(tell(kFew), tell(2 * kFew));
    }
}

TEST(PackedWork, of_one_lot_in_one_tote_grows_with_its_rounds) {
    const auto tell = [](int rounds) {
        Story story;
        story.add_unit("TOTE");
        story.tell(received({some("LOT", rounds)}, "SUPPLIER", "MAIN"));
        for (int i = 0; i < rounds; ++i) story.go_round("TOTE", some("LOT", 1));
        return fold(story, "LOT");
    };
    const Fold few = tell(kFew);
    EXPECT_EQ(few.stock().with_customer_total(), kFew * kOne);
    expect_twice(few.steps, tell(2 * kFew).steps);
}

TEST(Tote, takes_along_what_is_in_it_again_after_it_was_empty) {
    Story story;
    story.add_unit("TOTE");
    story.add_serial("CHAIR");
    story.tell(received({instance("CHAIR")}, "SUPPLIER", "MAIN"));
    story.go_round("TOTE", instance("CHAIR"));
    story.deliver(instance("TOTE"));  // empty
    story.tell(returned({instance("TOTE")}, "CUSTOMER", "MAIN"));
    story.tell(returned({instance("CHAIR")}, "CUSTOMER", "MAIN"));
    story.pack("TOTE", instance("CHAIR"));
    story.tell(moved({instance("TOTE")}, "MAIN", "SHOP"));
    const Fold found = fold(story, "CHAIR");
    EXPECT_EQ(found.stock().shipped, kOne);
    EXPECT_EQ(found.stock().returned_by_customer, kOne);
    const View view = story.index.view();
    ASSERT_EQ(found.stock().on_hand.size(), 1U);
    EXPECT_EQ(view.place(found.stock().on_hand.front().place).id, "SHOP");
    EXPECT_TRUE(found.balance.closes());
}

TEST(CancelledFold, ends_early_and_says_so) {
    Cartons story{kFew};
    const View view = story.index.view();
    std::atomic<bool> cancel{false};
    CountedMovements whole{view, &cancel};
    (void)balance_of(whole, node_of(view, "LOT"));
    EXPECT_FALSE(whole.cancelled());
    cancel = true;
    for (const char* id : {"LOT", "CARTON-0"}) {
        CountedMovements ended{view, &cancel};
        (void)balance_of(ended, node_of(view, id));
        EXPECT_TRUE(ended.cancelled());
        EXPECT_LT(ended.steps(), whole.steps());
    }
}

TEST(CancelledFold, is_no_recall) {
    Cartons story{kFew};
    const View view = story.index.view();
    std::atomic<bool> cancel{true};
    RecallOptions options;
    options.walk.cancel = &cancel;
    const std::vector<Node> seeds{node_of(view, "LOT")};
    const RecallReport report = recall(view, seeds, options);
    EXPECT_TRUE(report.trace.cancelled);
    EXPECT_TRUE(report.seeds.empty());
    EXPECT_TRUE(report.items.empty());
}

}  // namespace
}  // namespace stemma::lineage
