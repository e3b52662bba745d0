// Broken links by hand: one ledger per gap, each found once and nothing else with it; pages, counts, limits.
#include "core/lineage/broken_links.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/unit/lineage/builders.hpp"

namespace stemma::lineage {
namespace {

/// Places, a product with lots, and lots of it; what is received stands in the store.
struct Shop : Fed {
    Shop() {
        add_master(place("store", PlaceKind::stock));
        add_master(place("sea", PlaceKind::outside));
        add_master(product("p", Tracking::lot));
        for (const char* id : {"a", "b", "c"}) add_master(item(id, ItemKind::lot, "p"));
    }
    void receive(const std::string& id, int hour = 0) { add(at_hour(received({some(id, 10)}, "sup", "store"), hour)); }
};

struct Found {
    std::string kind;
    std::string item;
    std::int64_t pieces;
    std::vector<std::string> documents;
    friend bool operator==(const Found&, const Found&) = default;
};
std::ostream& operator<<(std::ostream& out, const Found& found) {
    return out << found.kind << ' ' << found.item << ' ' << found.pieces << ' ' << fmt::format("{}", fmt::join(found.documents, ","));
}

Found read(const View& view, const Gap& gap) {
    Found found{std::string{to_string(gap.kind)}, std::string{view.id(gap.item)}, gap.amount.micros / kOne, {}};
    for (const DocumentNo document : gap.documents) found.documents.emplace_back(view.document(document).id);
    return found;
}

std::vector<Found> gaps_of(const Fed& fed, const GapOptions& options = {}) {
    const View view = fed.index.view();
    std::vector<Found> all;
    for (const Gap& gap : find_gaps(view, options).gaps) all.push_back(read(view, gap));
    return all;
}

Event made(const std::string& id, std::vector<ItemQuantity> inputs, std::vector<ItemQuantity> outputs) {
    return with_places(transformation(id, std::move(inputs), std::move(outputs)), "store", "store");
}

TEST(BrokenLinks, has_none_where_everything_came_in_and_went_on) {
    Shop shop;
    shop.receive("a");
    shop.add(made("t", {some("a", 10)}, {some("b", 5)}));
    shop.add(shipped({some("b", 5)}, "store", "customer"));
    shop.add(returned({some("b", 1)}, "customer", "store"));
    EXPECT_EQ(gaps_of(shop), std::vector<Found>{});
}

TEST(BrokenLinks, finds_what_was_used_or_shipped_and_never_came_in_once_with_all_its_documents) {
    Shop shop;
    shop.add(with_document(made("t", {some("a", 2)}, {some("b", 2)}), "prodorder", "order"));
    shop.add(with_document(shipped({some("a", 3)}, "store", "customer"), "desadv", "delivery"));
    EXPECT_EQ(gaps_of(shop), (std::vector<Found>{{"never_came_in", "a", 5, {"order", "delivery"}}}));
}

TEST(BrokenLinks, finds_shipped_goods_that_a_count_brought_in) {
    Shop shop;
    Event count = with_places(object("stock_taking", {some("a", 10)}), "", "store");
    count.action = Action::add;
    shop.add(count);
    EXPECT_EQ(gaps_of(shop), std::vector<Found>{});  // counted, and still there
    shop.add(with_document(shipped({some("a", 3)}, "store", "customer"), "desadv", "delivery"));
    EXPECT_EQ(gaps_of(shop), (std::vector<Found>{{"no_origin", "a", 3, {"delivery"}}}));
}

TEST(BrokenLinks, finds_what_went_out_before_it_came_in_by_time_and_not_by_order_of_recording) {
    Shop shop;
    shop.add(with_document(at_hour(shipped({some("a", 4)}, "store", "customer"), 1), "desadv", "delivery"));
    shop.receive("a", 2);
    EXPECT_EQ(gaps_of(shop), (std::vector<Found>{{"out_before_in", "a", -4, {"delivery"}}}));
    Shop backdated;
    backdated.add(at_hour(shipped({some("a", 4)}, "store", "customer"), 2));
    backdated.receive("a", 1);
    EXPECT_EQ(gaps_of(backdated), std::vector<Found>{});
}

TEST(BrokenLinks, takes_equal_times_and_dates_for_no_gap) {
    Shop shop;
    shop.add(at_hour(shipped({some("a", 4)}, "store", "customer"), 1));
    shop.receive("a", 1);
    EXPECT_EQ(gaps_of(shop), std::vector<Found>{});
    Shop dates;
    Event out = shipped({some("b", 4)}, "store", "customer");
    out.time.instant.us -= out.time.instant.us % kMicrosPerDay;
    out.time.date_only = true;
    dates.add(out);
    Event in = received({some("b", 4)}, "sup", "store");
    in.time.instant.us = out.time.instant.us + kMicrosPerDay - 1;
    dates.add(in);
    EXPECT_EQ(gaps_of(dates), std::vector<Found>{});
    Shop next_day;
    next_day.add(out);
    in.time.instant.us += 1;
    next_day.add(in);
    EXPECT_EQ(gaps_of(next_day), (std::vector<Found>{{"out_before_in", "b", -4, {}}}));
}

TEST(BrokenLinks, finds_a_place_that_gave_more_than_it_had) {
    Shop shop;
    shop.receive("a");
    shop.add(with_document(shipped({some("a", 13)}, "store", "customer"), "desadv", "delivery"));
    EXPECT_EQ(gaps_of(shop), (std::vector<Found>{{"negative_stock", "a", -3, {"delivery"}}}));
}

TEST(BrokenLinks, finds_more_returned_than_shipped) {
    Shop shop;
    shop.receive("a");
    shop.add(shipped({some("a", 2)}, "store", "customer"));
    shop.add(with_document(returned({some("a", 5)}, "customer", "store"), "rma", "return"));
    EXPECT_EQ(gaps_of(shop), (std::vector<Found>{{"returned_never_shipped", "a", 3, {"return"}}}));
}

TEST(BrokenLinks, finds_a_return_by_another_than_the_buyer_once_with_its_documents) {
    Shop shop;
    shop.receive("a");
    shop.add(with_document(shipped({some("a", 6)}, "store", "buyer"), "desadv", "delivery"));
    shop.add(with_document(returned({some("a", 2)}, "buyer", "store"), "rma", "theirs"));
    EXPECT_EQ(gaps_of(shop), std::vector<Found>{});
    shop.add(with_document(returned({some("a", 3)}, "other", "store"), "rma", "return"));
    EXPECT_EQ(gaps_of(shop), (std::vector<Found>{{"returned_by_another", "a", 3, {"return"}}}));
    shop.add(with_document(returned({some("a", 2)}, "other", "store"), "rma", "more"));  // 7 of 6: that nobody shipped is the gap
    EXPECT_EQ(gaps_of(shop), (std::vector<Found>{{"returned_never_shipped", "a", 1, {"theirs", "return", "more"}}}));
}

/// A serial besides the lots.
struct SerialShop : Shop {
    SerialShop() {
        add_master(place("shelf", PlaceKind::stock));
        add_master(product("phone", Tracking::serial));
        add_master(item("sn", ItemKind::serial, "phone"));
        add_master(item("box", ItemKind::logistic_unit, ""));
    }
    void took(const char* step, const Event& event, int hour) { add(with_document(at_hour(event, hour), "recadv", step)); }
};

TEST(BrokenLinks, finds_a_serial_that_is_received_twice_with_both_documents) {
    SerialShop shop;
    shop.took("first", received({instance("sn")}, "sup", "store"), 1);
    shop.took("second", received({instance("sn")}, "sup", "shelf"), 3);
    EXPECT_EQ(gaps_of(shop), (std::vector<Found>{{"serial_twice", "sn", 2, {"first", "second"}}}));
    shop.took("one", shipped({instance("sn")}, "store", "c1"), 4);
    shop.took("two", shipped({instance("sn")}, "shelf", "c2"), 5);  // the sums agree again
    EXPECT_EQ(gaps_of(shop), (std::vector<Found>{{"serial_twice", "sn", 2, {"first", "second"}}}));
}

TEST(BrokenLinks, takes_a_serial_that_went_and_came_in_again_for_no_gap) {
    SerialShop shop;
    shop.took("first", received({instance("sn")}, "sup", "store"), 1);
    shop.took("out", shipped({instance("sn")}, "store", "c1"), 2);
    shop.took("back", returned({instance("sn")}, "c1", "store"), 3);
    shop.took("repair", made("t", {instance("sn")}, {}), 5);
    shop.took("repaired", made("t", {}, {instance("sn")}), 4);  // posted before what went in
    EXPECT_EQ(gaps_of(shop), std::vector<Found>{});
}

TEST(BrokenLinks, finds_a_serial_that_two_orders_made_and_one_in_two_pieces) {
    SerialShop shop;
    shop.receive("a", 1);
    shop.took("o1", made("t1", {some("a", 1)}, {instance("sn")}), 2);
    shop.took("o2", made("t2", {some("a", 1)}, {instance("sn")}), 3);
    EXPECT_EQ(gaps_of(shop), (std::vector<Found>{{"serial_twice", "sn", 2, {"o1", "o2"}}}));
    SerialShop pair;
    pair.took("two", received({some("sn", 2)}, "sup", "store"), 1);
    EXPECT_EQ(gaps_of(pair), (std::vector<Found>{{"serial_twice", "sn", 2, {"two"}}}));
    const View view = pair.index.view();
    EXPECT_FALSE(balance_of(view, node_of(view, "sn")).closes());
    EXPECT_FALSE(balance_closes(view, stock_of(view, node_of(view, "sn"))));
}

TEST(BrokenLinks, counts_no_serial_by_its_weight) {
    Shop shop;
    shop.add_master(product("cheese", Tracking::serial, "KGM"));
    shop.add_master(item("wheel", ItemKind::serial, "cheese"));
    shop.add(received({some("wheel", 7, "KGM")}, "sup", "store"));
    EXPECT_EQ(gaps_of(shop), std::vector<Found>{});
}

TEST(BrokenLinks, finds_amounts_that_are_too_large_to_be_added_up_and_their_documents) {
    Shop shop;
    Event event = received({}, "sup", "store");
    event.items.push_back({ItemId{"a"}, Quantity{std::numeric_limits<std::int64_t>::max() / 2 + 1, "C62"}});
    shop.add(with_document(event, "recadv", "first"));
    EXPECT_EQ(gaps_of(shop), std::vector<Found>{});
    shop.add(with_document(event, "recadv", "second"));
    shop.add(with_document(shipped({some("a", 5)}, "store", "c1"), "desadv", "out"));
    const std::vector<Found> gaps = gaps_of(shop);
    ASSERT_EQ(gaps.size(), 1U);
    EXPECT_EQ(gaps[0].kind, "too_large");
    EXPECT_EQ(gaps[0].documents, (std::vector<std::string>{"first", "second", "out"}));
    const View view = shop.index.view();
    EXPECT_FALSE(balance_of(view, node_of(view, "a")).closes());
    EXPECT_FALSE(balance_closes(view, stock_of(view, node_of(view, "a"))));
}

Event at_date(Event event, int day) {
    event.time.instant.us += day * kMicrosPerDay - event.time.instant.us % kMicrosPerDay;
    event.time.date_only = true;
    return event;
}

TEST(BrokenLinks, finds_goods_that_were_packed_before_they_came_in_and_were_left_behind) {
    SerialShop shop;
    shop.took("packed", packing(Action::add, "box", {some("a", 4)}), 1);
    shop.took("receipt", received({some("a", 10)}, "sup", "store"), 2);
    EXPECT_EQ(gaps_of(shop), (std::vector<Found>{{"packed_before_in", "a", 4, {"packed", "receipt"}}}));
    SerialShop one;
    one.took("packed", packing(Action::add, "box", {instance("sn")}), 1);
    one.took("receipt", received({instance("sn")}, "sup", "store"), 3);
    EXPECT_EQ(gaps_of(one), std::vector<Found>{});  // it came packed, and is in the box now
    one.took("out", shipped({instance("box")}, "store", "c1"), 2);
    EXPECT_EQ(gaps_of(one), (std::vector<Found>{{"packed_before_in", "sn", 1, {"packed", "receipt"}}}));
}

TEST(BrokenLinks, finds_goods_that_were_packed_in_another_unit_than_they_came_in) {
    SerialShop shop;
    shop.took("receipt", received({some("a", 10)}, "sup", "store"), 0);
    shop.took("weighed", packing(Action::add, "box", {some("a", 2, "KGM")}), 1);
    EXPECT_EQ(gaps_of(shop), (std::vector<Found>{{"unit_mismatch", "a", 0, {"weighed"}}}));
}

TEST(BrokenLinks, finds_packing_and_deliveries_of_one_day_of_which_one_has_no_time) {
    SerialShop shop;
    shop.took("receipt", received({instance("sn")}, "sup", "store"), 0);
    shop.took("packed", packing(Action::add, "box", {instance("sn")}), 30);
    shop.add(with_document(at_date(shipped({instance("box")}, "store", "c1"), 1), "desadv", "out"));
    EXPECT_EQ(gaps_of(shop), (std::vector<Found>{{"order_unclear", "sn", 0, {"packed", "out"}}}));
    SerialShop natural;  // packed on that date, delivered at a time of it
    natural.took("receipt", received({instance("sn")}, "sup", "store"), 0);
    natural.add(at_date(packing(Action::add, "box", {instance("sn")}), 1));
    natural.took("out", shipped({instance("box")}, "store", "c1"), 30);
    EXPECT_EQ(gaps_of(natural), std::vector<Found>{});
    SerialShop undone;
    undone.took("receipt", received({instance("sn")}, "sup", "store"), 0);
    undone.took("packed", packing(Action::add, "box", {instance("sn")}), 30);
    undone.add(with_document(at_date(packing(Action::remove, "box", {instance("sn")}), 1), "desadv", "unpacked"));
    EXPECT_EQ(gaps_of(undone), (std::vector<Found>{{"order_unclear", "sn", 0, {"packed", "unpacked"}}}));
}

TEST(BrokenLinks, finds_movements_without_a_place_outside_and_in_another_unit) {
    Shop shop;
    shop.receive("a");
    shop.add(with_document(object("destroying", {some("a", 2)}), "inv", "loss"));
    shop.receive("b");
    shop.add(with_document(moved({some("b", 4)}, "store", "sea"), "desadv", "away"));
    shop.receive("c");
    shop.add(with_document(received({some("c", 7, "KGM")}, "sup", "store"), "recadv", "weighed"));
    EXPECT_EQ(
        gaps_of(shop),
        (std::vector<Found>{{"missing_place", "a", 2, {"loss"}}, {"outside", "b", 4, {"away"}}, {"unit_mismatch", "c", 7, {"weighed"}}}));
}

TEST(BrokenLinks, finds_productions_without_inputs_and_without_outputs) {
    Shop shop;
    shop.receive("a");
    shop.add(with_document(made("out of nothing", {}, {some("b", 2)}), "prodorder", "o1"));
    shop.add(with_document(made("into nothing", {some("a", 3)}, {}), "prodorder", "o2"));
    EXPECT_EQ(gaps_of(shop), (std::vector<Found>{{"no_inputs", "b", 2, {"o1"}}, {"no_outputs", "a", 3, {"o2"}}}));
}

TEST(BrokenLinks, joins_the_halves_of_a_production_before_it_judges) {
    Shop shop;
    shop.receive("a");
    shop.add(made("t", {some("a", 3)}, {}));
    shop.add(made("t", {}, {some("b", 2)}));
    EXPECT_EQ(gaps_of(shop), std::vector<Found>{});
}

TEST(BrokenLinks, leaves_out_what_was_declared_wrong) {
    Shop shop;
    const Event wrong = with_id(made("t", {}, {some("b", 2)}), "e");
    shop.add(wrong);
    EXPECT_EQ(gaps_of(shop).size(), 1U);
    shop.add(declared_wrong(wrong));
    EXPECT_EQ(gaps_of(shop), std::vector<Found>{});
}

TEST(BrokenLinks, finds_goods_without_lots_that_are_made_and_used) {
    Shop shop;
    shop.add_master(product("paste", Tracking::none));
    shop.receive("a");
    shop.add(with_document(made("mix", {some("a", 1)}, {some("paste", 5)}), "prodorder", "o1"));
    EXPECT_EQ(gaps_of(shop), std::vector<Found>{});  // made, not used
    shop.add(with_document(made("paint", {some("paste", 5)}, {some("b", 1)}), "prodorder", "o2"));
    EXPECT_EQ(gaps_of(shop), (std::vector<Found>{{"untracked_intermediate", "paste", 5, {"o1", "o2"}}}));
}

TEST(BrokenLinks, finds_items_without_master_data) {
    Shop shop;
    shop.add(with_document(received({some("x", 1)}, "sup", "store"), "recadv", "receipt"));
    EXPECT_EQ(gaps_of(shop), (std::vector<Found>{{"unknown_item", "x", 0, {"receipt"}}}));
    shop.add(packing(Action::add, "crate", {instance("x")}));
    EXPECT_EQ(gaps_of(shop), (std::vector<Found>{{"unknown_item", "x", 0, {"receipt"}}, {"unknown_item", "crate", 0, {}}}));
}

TEST(BrokenLinks, names_place_and_entry) {
    Shop shop;
    shop.receive("a");
    const Sequence taken = shop.add(shipped({some("a", 13)}, "store", "customer"));
    const View view = shop.index.view();
    const GapPage page = find_gaps(view, {});
    ASSERT_EQ(page.gaps.size(), 1U);
    EXPECT_EQ(view.place(page.gaps[0].place).id, "store");
    EXPECT_EQ(page.gaps[0].sequence, taken);
}

TEST(BrokenLinks, as_of_a_position_shows_the_gaps_of_then) {
    Shop shop;
    const Sequence use = shop.add(shipped({some("a", 2)}, "store", "customer"));
    shop.receive("a");
    const View then = shop.index.view(use + 1);
    EXPECT_EQ(count_gaps(then, {}).by_kind[std::to_underlying(GapKind::never_came_in)], 1U);
}

TEST(BrokenLinks, names_at_most_so_many_documents_and_says_that_there_are_more) {
    for (const std::size_t documents : {kGapDocumentsMax, kGapDocumentsMax + 1}) {
        Shop shop;
        for (std::size_t i = 0; i < documents; ++i)
            shop.add(with_document(shipped({some("a", 1)}, "store", "customer"), "desadv", fmt::format("d{}", i)));
        const View view = shop.index.view();
        const GapPage page = find_gaps(view, {});
        ASSERT_EQ(page.gaps.size(), 1U);
        EXPECT_EQ(page.gaps[0].documents.size(), kGapDocumentsMax);
        EXPECT_EQ(page.gaps[0].more_documents, documents - kGapDocumentsMax);
    }
}

/// Two gaps at one item, one at another, one at a production.
struct Broken : Shop {
    Broken() {
        add(object("destroying", {some("x", 2)}));
        add(shipped({some("a", 2)}, "store", "customer"));
        add(made("t", {}, {some("b", 2)}));
    }
};

TEST(BrokenLinks, end_at_whatever_item_they_are_when_the_time_is_over) {
    const Broken broken;
    const View view = broken.index.view();
    const std::atomic<bool> over{true};
    for (std::uint64_t node = 0; node < view.node_count(); ++node)
        EXPECT_TRUE(find_gaps(view, {.after = node << 20U, .cancel = &over}).cancelled) << node;
}

TEST(BrokenLinks, page_by_page_are_the_whole_each_once) {
    const Broken broken;
    const std::vector<Found> whole = gaps_of(broken);
    ASSERT_EQ(whole.size(), 5U);  // x: unknown, never came in, no place; a: never came in; t: no inputs
    for (std::size_t limit = 1; limit <= 6; ++limit) {
        const View view = broken.index.view();
        std::vector<Found> pages;
        GapOptions options;
        options.limit = limit;
        do {
            const GapPage page = find_gaps(view, options);
            ASSERT_LE(page.gaps.size(), limit);
            for (const Gap& gap : page.gaps) pages.push_back(read(view, gap));
            options.after = page.next;
        } while (options.after != 0);
        EXPECT_EQ(pages, whole) << limit;
    }
}

TEST(BrokenLinks, count_as_the_pages_do_and_by_kind) {
    const Broken broken;
    const View view = broken.index.view();
    const GapCounts counts = count_gaps(view, {});
    EXPECT_EQ(counts.gaps, 5U);
    EXPECT_EQ(counts.nodes, view.node_count());
    EXPECT_EQ(counts.by_kind[std::to_underlying(GapKind::never_came_in)], 2U);
    EXPECT_EQ(counts.by_kind[std::to_underlying(GapKind::no_inputs)], 1U);
    GapOptions some_kinds;
    some_kinds.kinds = 1U << std::to_underlying(GapKind::no_inputs);
    EXPECT_EQ(count_gaps(view, some_kinds).gaps, 1U);
    EXPECT_EQ(find_gaps(view, some_kinds).gaps.size(), 1U);
}

TEST(BrokenLinks, among_some_nodes_are_those_of_these_alone) {
    const Broken broken;
    const View view = broken.index.view();
    const std::vector<Node> among{node_of(view, "a")};
    GapOptions options;
    options.among = &among;
    EXPECT_EQ(count_gaps(view, options).gaps, 1U);
    EXPECT_EQ(count_gaps(view, options).nodes, 1U);
}

TEST(BrokenLinks, end_early_when_called_off) {
    const Broken broken;
    const View view = broken.index.view();
    const std::atomic<bool> cancel{true};
    GapOptions options;
    options.cancel = &cancel;
    EXPECT_TRUE(find_gaps(view, options).cancelled);
    EXPECT_TRUE(count_gaps(view, options).cancelled);
}

TEST(BrokenLinks, each_kind_has_a_name_and_says_what_would_mend_it) {
    std::set<std::string_view> names;
    for (std::size_t kind = 0; kind < kGapKinds; ++kind) {
        EXPECT_FALSE(mend_of(static_cast<GapKind>(kind)).empty());
        EXPECT_TRUE(names.insert(to_string(static_cast<GapKind>(kind))).second);
    }
}

}  // namespace
}  // namespace stemma::lineage
