// Several ERPs, one lineage: what meets and by which rule, that it does not matter who is read first, that it can be undone, and what is
// listed as a conflict. The factory of the first story is Tryton's demo data: expected items come from Tryton's own answer.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "core/engine/facts.hpp"
#include "core/engine/meetings.hpp"
#include "core/engine/query.hpp"
#include "core/lineage/recall.hpp"
#include "core/lineage/stock.hpp"
#include "core/lineage/trace.hpp"
#include "tests/integration/engine/engine_rig.hpp"
#include "tests/integration/engine/shop_erp.hpp"
#include "tests/integration/erp/tryton_database.hpp"

namespace stemma {
namespace {

using engine::Conflict;
using test::EngineRig;
using test::ShopErp;

// Their check digits by hand, weights 1 and 3 from the left of twelve digits (GS1 General Specifications 7.9):
constexpr const char* kJacket = "4006381333931";  // 4+0+0+18+3+24+1+9+3+9+9+9 = 89, to 90: 1
constexpr const char* kSoup = "6291041500213";    // 6+6+9+3+0+12+1+15+0+0+2+3 = 57, to 60: 3

engine::MeetingSettings sources(std::vector<std::string> names, std::vector<engine::SameProduct> same = {}) {
    return {std::move(names), std::move(same)};
}

/// A ledger with its meetings.
struct Rig {
    explicit Rig(engine::MeetingSettings settings) : ledger{folder.path()}, desk{std::move(settings)} {}

    engine::SyncReport sync(const std::unique_ptr<ErpSource>& source, bool full = true) {
        engine::Syncing syncing{ledger.store(), ledger.appender(), ledger.plugins(), ledger.clock(), ledger.limits()};
        syncing.meet_by(desk);
        const auto report = syncing.run(
            *source, full ? engine::SyncReach::all : engine::SyncReach::changes, [](const auto&, const auto&) {}, [] { return false; });
        EXPECT_TRUE(report) << report.error().text();
        return report ? *report : engine::SyncReport{};
    }
    std::set<std::string> trace(const std::string& id, lineage::Direction direction, Sequence as_of = lineage::kLatest) {
        const lineage::View view = ledger.index().view(as_of);
        std::set<std::string> labels;
        for (const lineage::Reached& reached : lineage::trace(view, std::vector{view.find(ItemId{id})}, direction).nodes)
            if (reached.certain && !view.is_transformation(reached.node)) labels.emplace(view.label(reached.node));
        return labels;
    }
    bool are_one(const std::string& a, const std::string& b, Sequence as_of = lineage::kLatest) {
        const lineage::View view = ledger.index().view(as_of);
        const lineage::Node node = view.find(ItemId{a});
        return node != lineage::Node::none && node == view.find(ItemId{b});
    }
    std::multiset<Conflict::Kind> conflicts() {
        const auto snapshot = ledger.store().read();
        const auto found = desk.conflicts(**snapshot, [] { return false; });
        EXPECT_TRUE(found) << found.error().text();
        std::multiset<Conflict::Kind> kinds;
        for (const Conflict& conflict : found->conflicts) kinds.insert(conflict.kind);
        return kinds;
    }
    /// Everything that can be asked, with each group of ids under the least of its names: equal for equal answers.
    std::string digest() {
        const lineage::View view = ledger.index().view();
        const auto snapshot = ledger.store().read();
        std::map<std::string, std::string> least;
        const auto name = [&](lineage::Node node) {
            const std::string id{view.id(node)};
            if (const auto known = least.find(id); known != least.end()) return known->second;
            auto group = engine::KnownAs{**snapshot, lineage::kLatest}.all(id);
            EXPECT_TRUE(group);
            return least.emplace(id, std::ranges::min(*group)).first->second;
        };
        std::set<std::string> lines;
        for (std::uint32_t i = 0; i < view.node_count(); ++i) {
            const lineage::Node node{i};
            const auto count = [&](lineage::Direction direction) {
                return lineage::trace(view, std::vector{node}, direction).nodes.size();
            };
            bool moved = false;
            if (!view.is_transformation(node)) view.for_each_movement(node, [&](const lineage::Movement&) { moved = true; });
            if (!moved && count(lineage::Direction::forward) + count(lineage::Direction::back) == 2)
                continue;  // nothing is known of it, or all of its events were declared wrong
            std::string line = name(node);
            if (!view.is_transformation(node)) {
                const lineage::ItemStock stock = lineage::stock_of(view, node);
                line += fmt::format(" {}", to_string(stock.status));
                for (const lineage::UnitStock& unit : stock.units)
                    line += fmt::format(" {} in {} out {} here {} there {}", view.unit(unit.unit), unit.inflow(), unit.outflow(),
                                        unit.on_hand_total(), unit.with_customer_total());
            }
            for (const auto direction : {lineage::Direction::forward, lineage::Direction::back}) {
                std::multiset<std::string> reached;
                for (const lineage::Reached& one : lineage::trace(view, std::vector{node}, direction).nodes)
                    reached.insert(fmt::format("{} {} {}", name(one.node), one.depth, one.certain));
                line += fmt::format(" | {}", fmt::join(reached, ", "));
            }
            lines.insert(std::move(line));
        }
        return fmt::format("{}", fmt::join(lines, "\n"));
    }

    test::TempFolder folder;
    EngineRig ledger;
    engine::MeetingDesk desk;
};

// --- a factory and the company that sells what it makes --------------------------------------------------------------

/// The jackets that Tryton says the factory delivered to C01; the shop is C01.
struct FactoryAndShop {
    FactoryAndShop() {
        int id = 0;
        shop.product(1, "4711", "");
        shop.product(2, "4712", "");
        shop.product(3, "4713", "");
        for (const auto& row : factory.rows(
                 "SELECT l.number, p.code FROM stock_move m JOIN stock_location t ON t.id = m.to_location JOIN stock_lot l ON l.id = m.lot"
                 " JOIN product_product p ON p.id = m.product JOIN stock_shipment_out o ON m.shipment = 'stock.shipment.out,' || o.id"
                 " JOIN party_party c ON c.id = o.customer WHERE t.type = 'customer' AND m.state = 'done' AND c.code = 'C01'"
                 " ORDER BY l.number")) {
            ++id;
            shop.lot(id, row[1] == "HJ-M" ? 1 : row[1] == "HJ-L" ? 2 : 3, row[0]);
            shop.move(id, "in", id, "2026-07-01", "factory", 0);
            shop_lot[row[0]] = fmt::format("urn:stemma:shop:lot:{}", id);
        }
        sell("HJ26-00119", "anna");
        sell("HJ26-00122", "ben");
        sell("HJ26-00030", "carla");
    }
    void sell(const std::string& number, const std::string& customer) {
        const std::string id = shop_lot.at(number).substr(std::string_view{"urn:stemma:shop:lot:"}.size());
        shop.move(100 + std::stoi(id), "out", std::stoi(id), "2026-07-02", customer, 0);
    }
    [[nodiscard]] std::string factory_lot(const std::string& number) const {
        return "urn:stemma:tryton:lot:" + factory.rows("SELECT id FROM stock_lot WHERE number = '" + number + "'")[0][0];
    }
    static engine::MeetingSettings settings() {
        return sources({"tryton", "shop"}, {{"tryton", "HJ-M", "shop", "4711", MeetingRule::alias, "stemma.yaml:9:7"},
                                            {"tryton", "HJ-L", "shop", "4712", MeetingRule::alias, "stemma.yaml:10:7"},
                                            {"shop", "4713", "tryton", "HJP", MeetingRule::code_map, "codes.csv:2"}});
    }

    erp::test::TrytonDatabase factory{{erp::test::Data::demo, sql::Engine::sqlite}};
    ShopErp shop;
    std::map<std::string, std::string> shop_lot;  // number -> id
};

TEST(SeveralErps, a_trace_goes_over_the_border_from_the_factorys_supplier_to_the_shops_customer_and_back) {
    FactoryAndShop world;
    Rig rig{FactoryAndShop::settings()};
    rig.sync(world.factory.source());
    const std::size_t items_before = rig.ledger.index().counts().items;
    const std::set<std::string> before = rig.trace(world.factory_lot("S4-L17"), lineage::Direction::forward);
    rig.sync(world.shop.source());
    ASSERT_EQ(world.shop_lot.size(), 16U);
    // Tryton's ground truth: S4-L17 went into 50 lots, seven of them delivered to C01.
    EXPECT_EQ(before.size(), 50U);
    EXPECT_EQ(rig.trace(world.factory_lot("S4-L17"), lineage::Direction::forward), before);
    EXPECT_EQ(rig.ledger.index().counts().items, items_before);  // the shop has no item of its own
    for (const auto& [number, id] : world.shop_lot) {
        EXPECT_TRUE(rig.are_one(world.factory_lot(number), id)) << number;
        const std::set<std::string> c01{"HJ26-00119", "HJ26-00122", "HJ26-00127", "HJ26-00134", "HJ26-00149", "HJ26-00156", "HP26-0001"};
        EXPECT_EQ(rig.trace(id, lineage::Direction::back).contains("S4-L17"), c01.contains(number)) << number;
    }
    const lineage::View view = rig.ledger.index().view();
    const auto with = [&](const std::string& number) {
        const lineage::ItemStock stock = lineage::stock_of(view, view.find(ItemId{world.shop_lot.at(number)}));
        const auto& with_customer = stock.units.front().with_customer;
        return with_customer.empty() ? std::string{to_string(stock.status)} : std::string{view.party(with_customer.front().party).id};
    };
    EXPECT_EQ(with("HJ26-00119"), "urn:stemma:shop:party:anna");
    EXPECT_EQ(with("HJ26-00122"), "urn:stemma:shop:party:ben");
    EXPECT_EQ(with("HJ26-00149"), "in_stock");  // at the shop, not sold yet
    EXPECT_EQ(with("HJ26-00127"), "returned");  // Tryton's move 1166 of 14 September brought it back to the factory
    EXPECT_TRUE(rig.conflicts().empty());
}

TEST(SeveralErps, give_the_same_answers_whoever_is_read_first_and_however_often) {
    FactoryAndShop world;
    Rig factory_first{FactoryAndShop::settings()};
    factory_first.sync(world.factory.source());
    factory_first.sync(world.shop.source());
    Rig shop_first{FactoryAndShop::settings()};
    shop_first.sync(world.shop.source(3));
    shop_first.sync(world.factory.source(50));
    Rig bit_by_bit{FactoryAndShop::settings()};
    world.shop.run("CREATE TABLE kept AS SELECT * FROM move; DELETE FROM move WHERE id > 100 OR id % 2 = 0");
    bit_by_bit.sync(world.shop.source());
    bit_by_bit.sync(world.factory.source(7));
    world.shop.run("DELETE FROM move; INSERT INTO move SELECT * FROM kept");
    bit_by_bit.sync(world.shop.source());
    bit_by_bit.sync(world.factory.source());
    const std::string expected = factory_first.digest();
    EXPECT_EQ(shop_first.digest(), expected);
    EXPECT_EQ(bit_by_bit.digest(), expected);
    const std::size_t entries = bit_by_bit.ledger.entries().size();
    bit_by_bit.sync(world.shop.source());
    EXPECT_EQ(bit_by_bit.ledger.entries().size(), entries);
}

TEST(SeveralErps, meet_when_the_alias_comes_later_and_were_two_before) {
    FactoryAndShop world;
    Rig rig{sources({"tryton", "shop"})};
    rig.sync(world.factory.source());
    rig.sync(world.shop.source());
    const std::string here = world.factory_lot("HJ26-00119");
    const std::string there = world.shop_lot.at("HJ26-00119");
    EXPECT_FALSE(rig.are_one(here, there));
    const Sequence before = rig.ledger.entries().size();
    rig.desk.~MeetingDesk();
    new (&rig.desk) engine::MeetingDesk{FactoryAndShop::settings()};
    rig.sync(world.shop.source(), false);
    EXPECT_TRUE(rig.are_one(here, there));
    EXPECT_FALSE(rig.are_one(here, there, before));
    EXPECT_TRUE(rig.trace(there, lineage::Direction::back).contains("S4-L17"));
    EXPECT_EQ(rig.trace(there, lineage::Direction::back, before), std::set<std::string>{"HJ26-00119"});
    Rig from_the_start{FactoryAndShop::settings()};
    from_the_start.sync(world.factory.source());
    from_the_start.sync(world.shop.source());
    EXPECT_EQ(rig.digest(), from_the_start.digest());
}

TEST(SeveralErps, show_one_item_with_the_entries_and_numbers_of_both) {
    FactoryAndShop world;
    Rig rig{FactoryAndShop::settings()};
    rig.sync(world.factory.source());
    rig.sync(world.shop.source());
    const std::string here = world.factory_lot("HJ26-00119");
    const std::string there = world.shop_lot.at("HJ26-00119");
    const auto snapshot = rig.ledger.store().read();
    engine::Queries queries{**snapshot, rig.ledger.index(), rig.ledger.limits()};
    const auto hits = queries.search("HJ26-00119", 10);
    ASSERT_TRUE(hits);
    ASSERT_EQ(hits->size(), 1U);
    for (const std::string& text : {std::string{"HJ26-00119"}, here, there}) {
        const auto hit = queries.resolve(text);
        ASSERT_TRUE(hit) << hit.error().text();
        EXPECT_EQ(hit->item.id.str(), here);
        EXPECT_EQ(hit->known_as, (std::vector<std::string>{here, there}));
        EXPECT_EQ(hit->product->sku, "HJ-M");
    }
    const auto history = queries.history(here, lineage::kLatest, 1000);
    ASSERT_TRUE(history);
    std::set<std::string> actors;
    int meetings = 0;
    for (const engine::EntryLine& line : *history) {
        actors.insert(line.entry.actor);
        if (const Meeting* meeting = std::get_if<Meeting>(&line.entry.body)) {
            ++meetings;
            EXPECT_EQ(meeting->rule, MeetingRule::identifier);
            EXPECT_EQ(meeting->agreed, (Attributes{{"serial", "hj26-00119"}}));
        }
    }
    EXPECT_EQ(actors, (std::set<std::string>{"erp:tryton", "erp:shop"}));
    EXPECT_EQ(meetings, 1);
    EXPECT_EQ(queries.history_size(there, lineage::kLatest), history->size());
    engine::FactReader reader{**snapshot, rig.ledger.entries().size(), rig.ledger.limits()};
    for (const std::string& id : {here, there}) {
        const auto status = reader.answer({"item.status", {id}});
        ASSERT_TRUE(status);
        EXPECT_EQ(std::get<std::string>(status->rows.at(0).at(0)), "shipped");
        const auto product = reader.answer({"item.product", {id}});
        EXPECT_EQ(std::get<std::string>(product->rows.at(0).at(1)), "HJ-M");
    }
}

TEST(SeveralErps, are_parted_by_a_person_for_good_and_joined_again_by_one) {
    FactoryAndShop world;
    Rig rig{FactoryAndShop::settings()};
    rig.sync(world.factory.source());
    rig.sync(world.shop.source());
    const std::string here = world.factory_lot("HJ26-00119");
    const std::string there = world.shop_lot.at("HJ26-00119");
    const auto declare = [&](bool apart, const std::string& reason) {
        return rig.ledger.appender().run([&](engine::Appending& tx) -> Result<void> {
            const auto done = rig.desk.declare(tx, "user:ada", reason, there, here, apart);
            return done ? Result<void>{} : std::unexpected(done.error());
        });
    };
    const Sequence before = rig.ledger.entries().size();
    EXPECT_EQ(declare(true, "").error().code, Errc::invalid_input);
    EXPECT_EQ(declare(false, "again").error().code, Errc::conflict);
    ASSERT_TRUE(declare(true, "two jackets, one label"));
    EXPECT_FALSE(rig.are_one(here, there));
    EXPECT_TRUE(rig.are_one(here, there, before));
    rig.sync(world.shop.source());
    rig.sync(world.factory.source());
    EXPECT_FALSE(rig.are_one(here, there));
    EXPECT_TRUE(rig.are_one(world.factory_lot("HJ26-00122"), world.shop_lot.at("HJ26-00122")));
    ASSERT_TRUE(declare(false, "it was one after all"));
    EXPECT_TRUE(rig.are_one(here, there));
    EXPECT_FALSE(rig.are_one(here, there, before + 1));
}

// --- by GTIN ---------------------------------------------------------------------------------------------------------

/// Two shops that know the same product.
struct TwoShops {
    ShopErp a{"a"};
    ShopErp b{"b"};
    static std::string a_lot(int id) { return fmt::format("urn:stemma:a:lot:{}", id); }
    static std::string b_lot(int id) { return fmt::format("urn:stemma:b:lot:{}", id); }
};

TEST(SeveralErps, know_one_product_by_its_gtin_however_many_digits_it_is_written_with) {
    TwoShops shops;
    shops.a.product(1, "X", kJacket);
    shops.b.product(7, "Y", std::string{"0"} + kJacket);
    shops.a.lot(1, 1, "N-1");
    shops.b.lot(1, 7, " n-1 ");
    shops.b.lot(2, 7, "N1");  // nearly the same
    Rig rig{sources({"a", "b"})};
    rig.sync(shops.a.source());
    rig.sync(shops.b.source());
    EXPECT_TRUE(rig.are_one(TwoShops::a_lot(1), TwoShops::b_lot(1)));
    EXPECT_FALSE(rig.are_one(TwoShops::a_lot(1), TwoShops::b_lot(2)));
    EXPECT_EQ(rig.conflicts(), (std::multiset{Conflict::Kind::nearly_same}));
}

TEST(SeveralErps, never_meet_by_name_nor_across_products) {
    TwoShops shops;
    shops.a.product(1, "X", kJacket);
    shops.b.product(1, "X", "");
    shops.b.product(2, "Z", kSoup);
    shops.a.lot(1, 1, "N-1");
    shops.b.lot(1, 1, "N-1");
    shops.b.lot(2, 2, "N-1");
    Rig rig{sources({"a", "b"})};
    rig.sync(shops.a.source());
    rig.sync(shops.b.source());
    EXPECT_FALSE(rig.are_one(TwoShops::a_lot(1), TwoShops::b_lot(1)));
    EXPECT_FALSE(rig.are_one(TwoShops::a_lot(1), TwoShops::b_lot(2)));
    EXPECT_TRUE(rig.conflicts().empty());
}

TEST(SeveralErps, part_again_when_their_ground_is_gone_and_meet_when_it_comes) {
    TwoShops shops;
    shops.a.product(1, "X", kJacket);
    shops.b.product(1, "Y", "");
    shops.a.lot(1, 1, "N-1");
    shops.b.lot(1, 1, "N-1");
    Rig rig{sources({"a", "b"})};
    rig.sync(shops.a.source());
    rig.sync(shops.b.source());
    EXPECT_FALSE(rig.are_one(TwoShops::a_lot(1), TwoShops::b_lot(1)));
    shops.b.product(1, "Y", kJacket);
    rig.sync(shops.b.source());
    EXPECT_TRUE(rig.are_one(TwoShops::a_lot(1), TwoShops::b_lot(1)));
    shops.a.lot(1, 1, "N-2");
    rig.sync(shops.a.source());
    EXPECT_FALSE(rig.are_one(TwoShops::a_lot(1), TwoShops::b_lot(1)));
    shops.a.lot(1, 1, "N-1");
    rig.sync(shops.a.source());
    EXPECT_TRUE(rig.are_one(TwoShops::a_lot(1), TwoShops::b_lot(1)));
    shops.b.product(1, "Y", kSoup);
    rig.sync(shops.b.source());
    EXPECT_FALSE(rig.are_one(TwoShops::a_lot(1), TwoShops::b_lot(1)));
}

TEST(SeveralErps, count_a_lot_of_three_companies_once) {
    TwoShops shops;
    ShopErp c{"c"};
    int product = 3;
    for (const ShopErp* shop : {&shops.a, &shops.b, &c}) {
        shop->product(product, "P", kSoup, "lot");
        shop->lot(1, product--, "L-9", "lot");
    }
    shops.a.move(1, "make", 1, "2026-05-01", "7", 100);
    shops.a.move(2, "out", 1, "2026-05-02", "b", 100);
    shops.b.move(1, "in", 1, "2026-05-03", "a", 100);
    shops.b.move(2, "out", 1, "2026-05-04", "c", 40);
    c.move(1, "in", 1, "2026-05-05", "b", 40);
    c.move(2, "out", 1, "2026-05-06", "eve", 15);
    Rig rig{sources({"a", "b", "c"})};
    for (const ShopErp* shop : {&c, &shops.a, &shops.b}) rig.sync(shop->source());
    EXPECT_TRUE(rig.are_one(TwoShops::a_lot(1), TwoShops::b_lot(1)));
    EXPECT_TRUE(rig.are_one(TwoShops::a_lot(1), "urn:stemma:c:lot:1"));
    EXPECT_EQ(rig.ledger.index().counts().items, 1U);
    const lineage::View view = rig.ledger.index().view();
    const lineage::ItemStock stock = lineage::stock_of(view, view.find(ItemId{TwoShops::b_lot(1)}));
    EXPECT_EQ(stock.units.front().on_hand_total(), 85 * kQuantityScale);  // 60 with b, 25 with c
}

// --- conflicts -------------------------------------------------------------------------------------------------------

/// What b has beside a's product X (serial, pc, kJacket) with the lot N-1, and the one conflict it makes.
void expect_conflict(Conflict::Kind kind, bool are_one, const std::function<void(const ShopErp& a, const ShopErp& b)>& plant) {
    for (const bool a_first : {true, false}) {
        SCOPED_TRACE(fmt::format("{} {}", to_string(kind), a_first ? "a first" : "b first"));
        TwoShops shops;
        shops.a.product(1, "X", kJacket);
        shops.a.lot(1, 1, "N-1");
        plant(shops.a, shops.b);
        Rig rig{sources({"a", "b"}, {})};
        rig.sync(a_first ? shops.a.source() : shops.b.source());
        rig.sync(a_first ? shops.b.source() : shops.a.source());
        EXPECT_EQ(rig.conflicts(), (std::multiset{kind}));
        EXPECT_EQ(rig.are_one(TwoShops::a_lot(1), TwoShops::b_lot(1)), are_one);
    }
}

TEST(Conflicts, one_gtin_on_two_products_of_one_erp) {
    expect_conflict(Conflict::Kind::gtin_twice, false, [](const ShopErp&, const ShopErp& b) {
        b.product(1, "Y", kJacket);
        b.product(2, "Y2", kJacket);
        b.lot(1, 1, "N-1");
    });
}
TEST(Conflicts, one_number_that_fits_two_items_of_the_other) {
    expect_conflict(Conflict::Kind::identifier_twice, false, [](const ShopErp&, const ShopErp& b) {
        b.product(1, "Y", kJacket);
        b.lot(1, 1, "N-1");
        b.lot(2, 1, "n-1");
    });
}
TEST(Conflicts, units_differ) {
    expect_conflict(Conflict::Kind::differs, false, [](const ShopErp&, const ShopErp& b) {
        b.product(1, "Y", kJacket, "serial", "kg");
        b.lot(1, 1, "N-1");
    });
}
TEST(Conflicts, tracking_differs) {
    expect_conflict(Conflict::Kind::differs, false, [](const ShopErp&, const ShopErp& b) {
        b.product(1, "Y", kJacket, "lot");
        b.lot(1, 1, "N-1", "lot");
    });
}
TEST(Conflicts, a_lot_here_and_a_serial_there) {
    expect_conflict(Conflict::Kind::kind_differs, false, [](const ShopErp&, const ShopErp& b) {
        b.product(1, "Y", kJacket);
        b.lot(1, 1, "N-1", "lot");
    });
}
TEST(Conflicts, dates_of_expiry_differ_between_what_is_one) {
    expect_conflict(Conflict::Kind::expiry_differs, true, [](const ShopErp& a, const ShopErp& b) {
        a.lot(1, 1, "N-1", "serial", "2027-01-31");
        b.product(1, "Y", kJacket);
        b.lot(1, 1, "N-1", "serial", "2027-02-28");
    });
}
TEST(Conflicts, a_gtin_with_a_wrong_check_digit_on_both_sides) {
    expect_conflict(Conflict::Kind::bad_gtin, false, [](const ShopErp& a, const ShopErp& b) {
        a.product(1, "X", "4006381333932");
        b.product(1, "Y", "4006381333932");
        b.lot(1, 1, "N-1");
    });
}

TEST(Conflicts, an_alias_that_names_no_sku_or_one_that_two_products_have) {
    TwoShops shops;
    shops.a.product(1, "X", "");
    shops.b.product(1, "Y", "");
    shops.b.product(2, "Y", "");
    Rig rig{sources({"a", "b"}, {{"a", "X", "b", "Y", MeetingRule::alias, "stemma.yaml:3:7"},
                                 {"a", "XX", "b", "Y", MeetingRule::code_map, "codes.csv:3"}})};
    rig.sync(shops.a.source());
    rig.sync(shops.b.source());
    EXPECT_EQ(rig.conflicts(), (std::multiset{Conflict::Kind::alias_unknown, Conflict::Kind::alias_twice}));
}

TEST(Conflicts, aliases_and_gtins_that_would_make_two_products_of_one_erp_one) {
    TwoShops shops;
    shops.a.product(1, "X", kJacket);
    shops.a.product(2, "X2", "");
    shops.b.product(1, "Y", kJacket);
    Rig rig{sources({"a", "b"}, {{"a", "X2", "b", "Y", MeetingRule::alias, "stemma.yaml:3:7"}})};
    rig.sync(shops.a.source());
    rig.sync(shops.b.source());
    EXPECT_EQ(rig.conflicts(), (std::multiset{Conflict::Kind::two_of_one}));
}

TEST(Conflicts, a_second_product_with_the_gtin_parts_those_that_had_met) {
    TwoShops shops;
    shops.a.product(1, "X", kJacket);
    shops.b.product(1, "Y", kJacket);
    shops.a.lot(1, 1, "N-1");
    shops.b.lot(1, 1, "N-1");
    Rig rig{sources({"a", "b"})};
    rig.sync(shops.a.source());
    rig.sync(shops.b.source());
    EXPECT_TRUE(rig.are_one(TwoShops::a_lot(1), TwoShops::b_lot(1)));
    shops.b.product(2, "Y2", kJacket);
    rig.sync(shops.b.source());
    EXPECT_FALSE(rig.are_one(TwoShops::a_lot(1), TwoShops::b_lot(1)));
    EXPECT_EQ(rig.conflicts(), (std::multiset{Conflict::Kind::gtin_twice}));
}

// --- at random -------------------------------------------------------------------------------------------------------

TEST(SeveralErps, random_worlds_read_in_any_order_with_edits_between_answer_as_a_fresh_ledger) {
    for (std::uint32_t seed = 0; seed < 12; ++seed) {
        SCOPED_TRACE(seed);
        std::mt19937 dice{seed};
        const auto below = [&](int n) { return static_cast<int>(dice() % static_cast<std::uint32_t>(n)); };
        const std::vector<std::string> gtins{kJacket, kSoup, "", "4006381333932"};
        std::vector<std::unique_ptr<ShopErp>> shops;
        for (const char* name : {"a", "b", "c"}) shops.push_back(std::make_unique<ShopErp>(name));
        const auto edit = [&](const ShopErp& shop, int month) {
            for (int i = 0; i < 2; ++i)
                shop.product(1 + below(3), fmt::format("S{}", below(4)), gtins[static_cast<std::size_t>(below(4))],
                             below(8) == 0 ? "lot" : "serial");
            for (int i = 0; i < 4; ++i) shop.lot(1 + below(6), 1 + below(3), fmt::format("N-{}", below(4)));
            for (int i = 0; i < 4; ++i) {
                constexpr std::array<const char*, 4> kKinds{"in", "out", "use", "make"};
                const int move = 1 + below(12);  // each on a day of its own: ties are told by who was read first
                shop.move(move, kKinds.at(static_cast<std::size_t>(below(4))), 1 + below(6),
                          fmt::format("2026-{:02}-{:02}", 1 + month, 1 + move), std::to_string(below(3)), 1);
            }
        };
        const engine::MeetingSettings settings =
            sources({"a", "b", "c"}, {{"a", "S1", "b", "S2", MeetingRule::alias, "1"}, {"b", "S3", "c", "S1", MeetingRule::alias, "2"}});
        Rig lived{settings};
        for (int round = 0; round < 5; ++round) {
            const int who = below(3);
            const ShopErp& shop = *shops[static_cast<std::size_t>(who)];
            edit(shop, who);
            lived.sync(shop.source(static_cast<std::size_t>(1 + below(5))));
        }
        for (const auto& shop : shops) lived.sync(shop->source());
        std::string expected;
        std::multiset<Conflict::Kind> conflicts;
        std::vector<std::size_t> order{0, 1, 2};
        do {
            Rig fresh{settings};
            for (const std::size_t i : order) fresh.sync(shops[i]->source());
            if (expected.empty()) {
                expected = fresh.digest();
                conflicts = fresh.conflicts();
            }
            ASSERT_EQ(fresh.digest(), expected);
            ASSERT_EQ(fresh.conflicts(), conflicts);
        } while (std::ranges::next_permutation(order).found);
        ASSERT_EQ(lived.conflicts(), conflicts);
        ASSERT_EQ(lived.digest(), expected);
    }
}

}  // namespace
}  // namespace stemma
