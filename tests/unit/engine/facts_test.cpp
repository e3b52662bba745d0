// Each fact of the catalogue by hand, as of positions before and after what changes it.
#include "tests/unit/engine/facts_rig.hpp"

namespace stemma::engine {
namespace {

class Facts : public FactRig, public testing::Test {};

const std::string kUnit = "urn:i:unit";

TEST_F(Facts, of_the_history_tell_each_role_in_order_of_time_and_leave_out_what_was_wrong) {
    Event sale = with_document(shipped("urn:e:2", 9, {one(kUnit)}, "urn:c:1"), "po", "urn:d:so");
    sale.sources = {{"owning_party", "urn:c:us"}, {"location", "urn:l:dock"}};
    record(sale);
    record(made("urn:e:1", 5, "urn:t:1", {some("urn:i:part", 2)}, {one(kUnit)}));
    record(event("urn:e:3", 7, "inspecting", {one(kUnit)}));
    EXPECT_EQ(told("item.history", {kUnit}),
              (Lines{"urn:e:1 | 1 | 2020-01-06 | false | TransformationEvent |  | commissioning |  | output |  |  |  |  |  |  |  |  |  | ",
                     "urn:e:3 | 2 | 2020-01-08 | false | ObjectEvent | OBSERVE | inspecting |  | object |  |  |  |  |  |  |  |  |  | ",
                     "urn:e:2 | 0 | 2020-01-10 | false | ObjectEvent | OBSERVE | shipping | in_transit | object |  |  | urn:l:dock | "
                     "urn:c:us |  |  | urn:c:1 | po | urn:d:so | "}));
    wrong(event("urn:e:3", 7, "inspecting", {one(kUnit)}));
    EXPECT_EQ(told("item.history", {kUnit}).size(), 2U);
    EXPECT_EQ(told("item.history", {kUnit}, 3).size(), 3U) << "as it was known then";
    EXPECT_EQ(told("item.history", {"urn:i:part"}).front(),
              "urn:e:1 | 1 | 2020-01-06 | false | TransformationEvent |  | commissioning |  | input | 2 C62 |  |  |  |  |  |  |  |  | ");
    EXPECT_TRUE(told("item.history", {"urn:i:none"}).empty());
}

TEST_F(Facts, of_milestones_follow_a_unit_from_its_making_to_its_resale) {
    record(Master{Party{PartyId{"urn:c:1"}, "C1", "", {{"country", "AT"}}}});
    record(Master{Place{PlaceId{"urn:l:shop"}, "S", "Shop", PlaceKind::stock, {}, {{"country", "DE"}}}});
    Event making = made("urn:e:1", 10, "urn:t:1", {}, {one(kUnit)});
    making.ilmd = {{"productionDate", "2020-01-09"}};
    record(making);
    record(with_document(shipped("urn:e:2", 20, {one(kUnit)}, "urn:c:1"), "inv", "urn:d:inv"));
    Event back = event("urn:e:3", 30, "receiving", {one(kUnit)});
    back.disposition = "returned";
    back.sources = {{"possessing_party", "urn:c:1"}};
    record(back);
    Event resale = event("urn:e:4", 40, "retail_selling", {one(kUnit)});
    resale.biz_location = PlaceId{"urn:l:shop"};
    record(resale);
    for (const auto& [id, step] :
         {std::pair{"urn:e:5", "stemma:installing"}, {"urn:e:6", "stemma:registering"}, {"urn:e:7", "stemma:first_use"}})
        record(event(id, 50, step, {one(kUnit)}));
    EXPECT_EQ(told("item.milestones", {kUnit}),
              (Lines{"made | 2020-01-09 | true | urn:e:1 |  |  | ", "shipped | 2020-01-21 | false | urn:e:2 | urn:c:1 | AT | urn:d:inv",
                     "sold | 2020-01-21 | false | urn:e:2 | urn:c:1 | AT | urn:d:inv",
                     "invoiced | 2020-01-21 | false | urn:e:2 | urn:c:1 | AT | urn:d:inv",
                     "returned | 2020-01-31 | false | urn:e:3 | urn:c:1 | AT | ", "sold | 2020-02-10 | false | urn:e:4 |  | DE | ",
                     "installed | 2020-02-20 | false | urn:e:5 |  |  | ", "registered | 2020-02-20 | false | urn:e:6 |  |  | ",
                     "first_use | 2020-02-20 | false | urn:e:7 |  |  | "}));
    EXPECT_EQ(told("item.sold_at", {kUnit}),
              (Lines{"2020-01-21 | urn:c:1 | AT | urn:d:inv | urn:l:dock", "2020-02-10 |  | DE |  | urn:l:shop"}));
    wrong(resale);
    EXPECT_EQ(told("item.sold_at", {kUnit}).size(), 1U);
    EXPECT_EQ(told("item.sold_at", {kUnit}, size() - 1).size(), 2U);
}

TEST_F(Facts, of_milestones_know_loss_theft_scrap_and_what_goes_back_to_the_supplier) {
    Event stolen = event("urn:e:1", 1, "other", {one(kUnit)});
    stolen.disposition = "stolen";
    Event counted = event("urn:e:2", 2, "stock_taking", {one(kUnit)});
    counted.action = Action::remove;
    Event seen = event("urn:e:3", 3, "cycle_counting", {one(kUnit)});
    seen.action = Action::add;
    Event back = shipped("urn:e:4", 4, {one(kUnit)}, "urn:c:supplier");
    back.disposition = "returned";
    Event waste = made("urn:e:6", 6, "urn:t:1", {}, {one(kUnit)});
    waste.disposition = "disposed";
    for (const Event& one : {stolen, counted, seen, back, event("urn:e:5", 5, "destroying", {one(kUnit)}), waste}) record(one);
    Lines kinds;
    for (const std::string& line : told("item.milestones", {kUnit})) kinds.push_back(line.substr(0, line.find(' ')));
    EXPECT_EQ(kinds, (Lines{"stolen", "lost", "found", "sent_back", "scrapped", "scrapped"}));
    EXPECT_TRUE(told("item.sold_at", {kUnit}).empty());
}

TEST_F(Facts, of_what_is_built_in_change_with_a_repair_and_name_what_was_replaced) {
    record(product("urn:p:pack", "PACK"));
    for (const char* pack : {"urn:i:pack1", "urn:i:pack2"}) record(item(pack, ItemKind::serial, "urn:p:pack"));
    record(product("urn:p:screw", "SCREW", Tracking::none));
    record(made("urn:e:1", 1, "urn:t:1", {one("urn:i:pack1")}, {}));
    record(made("urn:e:2", 1, "urn:t:1", {some("urn:p:screw", 4)}, {}));
    record(made("urn:e:3", 2, "urn:t:1", {}, {one(kUnit)}));
    const Lines built{"urn:i:pack1 | urn:p:pack | PACK |  | urn:e:1 | 2020-01-02",
                      "urn:p:screw | urn:p:screw | SCREW | 4 C62 | urn:e:2 | 2020-01-02"};
    EXPECT_EQ(told("item.as_built", {kUnit}), built);
    EXPECT_EQ(told("item.installed_in", {"urn:i:pack1"}), (Lines{"urn:i:unit | 2020-01-02 | urn:e:1"}));
    const Sequence before = size();
    const auto in_repair = [](Event event) { return with_document(std::move(event), "repair", "urn:d:repair"); };
    record(in_repair(made("urn:e:4", 9, "urn:t:r", {one(kUnit)}, {one(kUnit)}, "repairing")));
    record(in_repair(made("urn:e:5", 9, "urn:t:r", {one("urn:i:pack2")}, {}, "repairing")));
    Event removed = in_repair(joined("urn:e:6", 9, Action::remove, kUnit, {one("urn:i:pack1")}));
    removed.biz_step = "removing";
    record(removed);
    EXPECT_EQ(told("item.as_maintained", {kUnit}), (Lines{"urn:p:screw | urn:p:screw | SCREW | 4 C62 | 2020-01-02 | urn:e:2 | ",
                                                          "urn:i:pack2 | urn:p:pack | PACK |  | 2020-01-10 | urn:e:5 | urn:i:pack1"}));
    EXPECT_EQ(told("item.as_built", {kUnit}), built) << "what it was built of stays";
    EXPECT_EQ(told("item.as_maintained", {kUnit}, before).size(), 2U);
    EXPECT_TRUE(told("item.installed_in", {"urn:i:pack1"}).empty()) << "the part is free again";
    EXPECT_EQ(told("item.installed_in", {"urn:i:pack2"}), (Lines{"urn:i:unit | 2020-01-10 | urn:e:5"}));
    EXPECT_EQ(told("item.repairs", {kUnit}), (Lines{"2020-01-10 | 2020-01-10 |  |  | urn:d:repair"}));
    EXPECT_TRUE(told("item.repairs", {"urn:i:pack2"}).empty()) << "it was used in a repair, not repaired";
    EXPECT_TRUE(told("item.as_maintained", {"urn:i:pack2"}).empty());
}

TEST_F(Facts, of_what_is_built_in_count_amounts_and_know_a_unit_that_was_taken_apart) {
    record(made("urn:e:1", 1, "urn:t:1", {some("urn:p:screw", 4), one("urn:i:board")}, {one(kUnit)}));
    record(joined("urn:e:2", 2, Action::add, kUnit, {some("urn:p:screw", 3)}));
    record(joined("urn:e:3", 3, Action::remove, kUnit, {some("urn:p:screw", 5)}));
    EXPECT_EQ(told("item.as_maintained", {kUnit}),
              (Lines{"urn:i:board |  |  |  | 2020-01-02 | urn:e:1 | ", "urn:p:screw |  |  | 2 C62 | 2020-01-02 | urn:e:1 | "}));
    record(joined("urn:e:4", 4, Action::add, kUnit, {one("urn:i:tag")}));
    record(joined("urn:e:5", 5, Action::remove, kUnit, {}));
    EXPECT_EQ(told("item.as_maintained", {kUnit}).size(), 2U) << "an empty DELETE takes out what was joined";
    record(made("urn:e:6", 6, "urn:t:2", {one(kUnit)}, {one("urn:i:board")}, "disassembling"));
    EXPECT_TRUE(told("item.as_maintained", {kUnit}).empty());
    EXPECT_TRUE(told("item.as_built", {"urn:i:board"}).empty()) << "what comes out of a unit was not built of it";
}

TEST_F(Facts, of_repairs_span_from_start_to_end_and_stay_open) {
    step("rma-1", kUnit, 1, "opened", "requested");
    clock_.set(on_day(4000));
    step("rma-1", kUnit, 2, "repair_started", "repair", {{"place", "urn:l:bench"}});
    clock_.set(on_day(4010));
    const Sequence open = size();
    step("rma-1", kUnit, 3, "repair_ended", "repaired", {{"place", "urn:l:bench"}});
    record(event("urn:e:1", 4020, "stemma:starting_repair", {one(kUnit)}));
    EXPECT_EQ(told("item.repairs", {kUnit}, open), (Lines{day_text(4000) + " |  | rma-1 | urn:l:bench | "}));
    EXPECT_EQ(told("item.repairs", {kUnit}),
              (Lines{day_text(4000) + " | " + day_text(4010) + " | rma-1 | urn:l:bench | ", day_text(4020) + " |  |  |  | "}));
    record(event("urn:e:2", 4030, "repairing", {one(kUnit)}));
    EXPECT_EQ(told("item.repairs", {kUnit}).back(), day_text(4030) + " | " + day_text(4030) + " |  |  | ");
}

TEST_F(Facts, of_cases_stand_as_of_the_position) {
    clock_.set(on_day(4000));
    step("rma-1", kUnit, 1, "opened", "requested", {{"customer", "C17"}});
    clock_.set(on_day(4001));
    step("rma-2", kUnit, 1, "opened", "requested", {{"hold", "yes"}, {"reason", "smells"}});
    clock_.set(on_day(4002));
    step("rma-2", kUnit, 2, "moved", "quarantine", {{"hold", "yes"}, {"reason", "smells"}});
    step("rma-1", kUnit, 2, "closed", "closed", {{"customer", "C17"}, {"outcome", "credited"}});
    const std::string d0 = day_text(4000), d1 = day_text(4001), d2 = day_text(4002);
    EXPECT_EQ(told("item.cases", {kUnit}), (Lines{"rma-1 | rma | closed | 2 | " + d0 + " | " + d2 + " | true",
                                                  "rma-2 | rma | quarantine | 2 | " + d1 + " | " + d2 + " | false"}));
    EXPECT_EQ(told("item.cases", {kUnit}, 2), (Lines{"rma-1 | rma | requested | 1 | " + d0 + " | " + d0 + " | false",
                                                     "rma-2 | rma | requested | 1 | " + d1 + " | " + d1 + " | false"}));
    EXPECT_EQ(told("case.open", {kUnit}), (Lines{"rma-2 | rma | quarantine | 2 | " + d1 + " | " + d2 + " | false"}));
    EXPECT_EQ(told("item.holds", {kUnit}), (Lines{"rma-2 | rma | " + d1 + " | smells | quarantine"}));
    EXPECT_EQ(told("case.fields", {"rma-1"}), (Lines{"customer | C17", "outcome | credited"}));
    EXPECT_EQ(told("case.fields", {"rma-1"}, 3), (Lines{"customer | C17"}));
    EXPECT_TRUE(told("case.fields", {kUnit}).empty());
    step("rma-2", kUnit, 3, "released", "released", {{"hold", "no"}});
    EXPECT_TRUE(told("item.holds", {kUnit}).empty());
}

TEST_F(Facts, of_replacements_are_seen_from_both_sides) {
    clock_.set(on_day(4000));
    step("rma-1", kUnit, 1, "opened", "requested");
    step("rma-1", kUnit, 2, "replaced", "replaced", {{"replacement", "urn:i:new"}});
    step("rma-1", kUnit, 3, "closed", "closed", {{"replacement", "urn:i:new"}});
    const std::string day = day_text(4000);
    EXPECT_EQ(told("item.replacements", {kUnit}), (Lines{"replaced_by | urn:i:new | rma-1 | " + day}));
    EXPECT_EQ(told("item.replacements", {"urn:i:new"}), (Lines{"replaces | urn:i:unit | rma-1 | " + day}));
    EXPECT_TRUE(told("item.cases", {"urn:i:new"}).empty()) << "the case is about the other one";
    Event swap =
        with_document(joined("urn:e:1", 4001, Action::add, kUnit, {one("urn:i:third")}, EventType::transaction), "rma", "urn:d:rma");
    swap.biz_step = "replacing";
    record(swap);
    EXPECT_EQ(told("item.replacements", {"urn:i:third"}), (Lines{"replaces | urn:i:unit | urn:d:rma | " + day_text(4001)}));
    EXPECT_EQ(told("item.replacements", {kUnit}).size(), 2U);
}

TEST_F(Facts, of_lots_tell_how_the_item_is_related) {
    record(product("urn:p:bulk", "BULK", Tracking::lot));
    record(item("urn:i:lot", ItemKind::lot, "urn:p:bulk", {{"itemExpirationDate", "2021-05-01"}, {"productionDate", "2020-02-29"}}));
    record(item("urn:i:bottle", ItemKind::serial, "urn:p:bulk"));
    record(item("urn:i:box", ItemKind::serial, "urn:p:box"));
    record(made("urn:e:1", 5, "urn:t:1", {some("urn:i:lot", 5)}, {one("urn:i:bottle")}));
    record(made("urn:e:2", 6, "urn:t:2", {some("urn:i:lot", 5)}, {one("urn:i:box")}));
    EXPECT_EQ(told("item.lots", {"urn:i:lot"}), (Lines{"urn:i:lot | is"}));
    EXPECT_EQ(told("item.lots", {"urn:i:bottle"}), (Lines{"urn:i:lot | part_of"}));
    EXPECT_EQ(told("item.lots", {"urn:i:box"}), (Lines{"urn:i:lot | inside"}));
    EXPECT_EQ(told("lot.expiry", {"urn:i:lot"}), (Lines{"2021-05-01 |  | 2020-02-29"}));
    EXPECT_TRUE(told("lot.expiry", {"urn:i:none"}).empty());
}

TEST_F(Facts, of_lineage_are_as_deep_as_asked_and_tell_what_is_only_possible) {
    record(product("urn:p:glue", "GLUE", Tracking::none));
    record(item("urn:i:cell", ItemKind::lot, "urn:p:cell"));
    record(made("urn:e:1", 1, "urn:t:1", {some("urn:i:cell", 5)}, {one("urn:i:pack")}));
    record(made("urn:e:2", 2, "urn:t:2", {one("urn:i:pack"), some("urn:p:glue", 1)}, {one(kUnit)}));
    record(made("urn:e:3", 1, "urn:t:3", {one("urn:i:resin")}, {some("urn:p:glue", 9)}));
    const Sequence before = size();
    record(joined("urn:e:4", 3, Action::add, "urn:i:carton", {one(kUnit)}, EventType::aggregation));
    EXPECT_EQ(told("lineage.ancestors", {kUnit, "1"}),
              (Lines{"urn:i:pack |  | 1 | true | unknown", "urn:p:glue | urn:p:glue | 1 | false | untracked"}));
    EXPECT_EQ(told("lineage.ancestors", {kUnit, "2"}),
              (Lines{"urn:i:pack |  | 1 | true | unknown", "urn:i:cell | urn:p:cell | 2 | true | lot",
                     "urn:p:glue | urn:p:glue | 1 | false | untracked", "urn:i:resin |  | 2 | false | unknown"}));
    EXPECT_EQ(told("lineage.descendants", {"urn:i:cell", "9"}),
              (Lines{"urn:i:pack |  | 1 | true | unknown", "urn:i:unit |  | 2 | true | unknown", "urn:i:carton |  | 3 | true | unknown"}));
    EXPECT_EQ(told("lineage.descendants", {"urn:i:cell", "9"}, before).size(), 2U);
    for (const char* depth : {"0", "-1", "101", "two", "", "1 "})
        EXPECT_EQ(fact("lineage.ancestors", {kUnit, depth}).error().code, Errc::plugin) << depth;
    EXPECT_TRUE(fact("lineage.ancestors", {kUnit, "100"}));
}

TEST_F(Facts, of_parties_and_places_tell_what_the_ledger_may_keep) {
    record(Master{Party{PartyId{"urn:c:1"}, "C1", std::string(64, 'a'), {{"country", "AT"}}}});
    record(Master{Place{PlaceId{"urn:l:1"}, "B", "Bench", PlaceKind::stock, PlaceId{"urn:l:0"}, {{"country", "DE"}}}});
    EXPECT_EQ(told("party.attributes", {"urn:c:1"}), (Lines{"code | C1", "country | AT"}));
    EXPECT_EQ(told("place.attributes", {"urn:l:1"}),
              (Lines{"code | B", "name | Bench", "parent | urn:l:0", "country | DE", "kind | stock"}));
    EXPECT_TRUE(told("party.attributes", {"urn:l:1"}).empty());
    const auto refused = capture({Master{Party{PartyId{"urn:c:2"}, "C2", "", {{"street", "Elm 5"}}}}});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().where, "/0/attributes/street");
    EXPECT_TRUE(capture({Master{Party{PartyId{"urn:c:2"}, "C2", "", {{"market", "EU"}}}}}));
}

TEST_F(Facts, of_a_products_stock_and_sales_are_for_people_not_for_verdicts) {
    record(product("urn:p:tea", "TEA", Tracking::lot));
    record(item("urn:i:1", ItemKind::lot, "urn:p:tea", {{"itemExpirationDate", "2021-01-01"}}));
    record(item("urn:i:2", ItemKind::lot, "urn:p:tea"));
    Event in = event("urn:e:1", 1, "receiving", {some("urn:i:1", 9), some("urn:i:2", 4)});
    in.sources = {{"possessing_party", "urn:c:s"}};
    in.destinations = {{"location", "urn:l:1"}};
    record(in);
    clock_.set(on_day(4010));
    Event out = shipped("urn:e:2", 4009, {some("urn:i:1", 2)}, "urn:c:1");
    out.sources = {{"location", "urn:l:1"}};
    record(out);
    Event out2 = shipped("urn:e:3", 4009, {some("urn:i:2", 4)}, "urn:c:1");
    out2.sources = {{"location", "urn:l:1"}};
    record(out2);
    record(shipped("urn:e:4", 4000, {some("urn:i:2", 1)}, "urn:c:1"));
    EXPECT_EQ(fact("product.stock", {"urn:p:tea"}).error().code, Errc::plugin);
    const Lines stock = told("product.stock", {"urn:p:tea"}, {}, true);
    ASSERT_GE(stock.size(), 1U);
    EXPECT_EQ(stock.front(), "urn:i:1 | urn:i:1 | urn:l:1 | in_stock | 7 C62 | 2021-01-01 | ");
    EXPECT_EQ(told("product.sales", {"urn:p:tea", "10"}, {}, true), (Lines{day_text(4009) + " | 6 C62 | 2"}));
    EXPECT_EQ(told("product.sales", {"urn:p:tea", "11"}, {}, true).size(), 2U);
    for (const char* days : {"0", "36601", "x"}) EXPECT_EQ(fact("product.sales", {"urn:p:tea", days}, {}, true).error().code, Errc::plugin);
}

TEST_F(Facts, of_ids_that_are_one_tell_what_all_of_them_know) {
    record(event("urn:e:1", 1, "commissioning", {one(kUnit)}));
    record(shipped("urn:e:2", 2, {one("urn:i:other")}, "urn:c:1"));
    step("rma-1", "urn:i:other", 1, "opened", "requested");
    record(made("urn:e:3", 1, "urn:t:1", {one("urn:i:part")}, {one("urn:i:other")}));
    const Sequence apart = size();
    record(Meeting{false, kUnit, "urn:i:other", MeetingRule::declared, {}, false, ""});
    for (const std::string& id : {kUnit, std::string{"urn:i:other"}}) {
        EXPECT_EQ(told("item.milestones", {id}).size(), 4U) << "made twice, shipped, sold";
        EXPECT_EQ(told("item.history", {id}).size(), 3U);
        EXPECT_EQ(told("item.cases", {id}).size(), 1U);
        EXPECT_EQ(told("item.as_built", {id}).size(), 1U);
        EXPECT_EQ(told("lineage.ancestors", {id, "3"}).size(), 1U);
    }
    EXPECT_EQ(told("item.installed_in", {"urn:i:part"}).front().substr(0, kUnit.size()), kUnit);
    EXPECT_EQ(told("lineage.descendants", {"urn:i:part", "3"}), (Lines{kUnit + " |  | 1 | true | unknown"}));
    EXPECT_EQ(told("item.milestones", {kUnit}, apart).size(), 1U);
    EXPECT_TRUE(told("lineage.ancestors", {kUnit, "3"}, apart).empty());
}

TEST_F(Facts, fail_one_past_each_limit_and_are_never_cut) {
    for (int i = 0; i < 5; ++i) record(event(fmt::format("urn:e:{}", i), i + 1, "inspecting", {one(kUnit)}));
    step("rma-1", kUnit, 1, "opened", "requested");
    for (const char* name : {"item.history", "item.milestones", "item.cases", "item.as_built", "item.status", "item.repairs"}) {
        limits_.history_entries_max = 6;
        EXPECT_TRUE(fact(name, {kUnit})) << name;
        limits_.history_entries_max = 5;
        const auto past = fact(name, {kUnit});
        ASSERT_FALSE(past) << name;
        EXPECT_EQ(past.error().code, Errc::too_large);
        EXPECT_TRUE(fact(name, {kUnit}, 5)) << "as of a position at which there were as many";
    }
    limits_ = {};
    limits_.fact_rows_max = 5;
    EXPECT_EQ(told("item.history", {kUnit}).size(), 5U);
    limits_.fact_rows_max = 4;
    EXPECT_EQ(fact("item.history", {kUnit}).error().code, Errc::too_large);
    limits_ = {};
    record(made("urn:e:t", 9, "urn:t:1", {one("urn:i:a"), one("urn:i:b"), one("urn:i:c")}, {one(kUnit)}));
    limits_.fact_items_max = 3;
    EXPECT_EQ(told("lineage.ancestors", {kUnit, "1"}).size(), 3U);
    limits_.fact_items_max = 2;
    EXPECT_EQ(fact("lineage.ancestors", {kUnit, "1"}).error().code, Errc::too_large);
}

TEST_F(Facts, that_the_writer_keeps_are_those_that_anybody_reads_anew) {
    std::vector<FactTable> seen;
    const std::vector<FactRequest> wanted{{"item.milestones", {kUnit}}, {"item.cases", {kUnit}}, {"item.sold_at", {kUnit}}};
    plugins_.rule_plugin.on_plan = [&](const DecisionInput& input) -> Result<std::vector<FactRequest>> {
        return input.round == 0 ? wanted : std::vector<FactRequest>{};
    };
    plugins_.rule_plugin.on_judge = [&](const DecisionInput& input) -> Result<Verdict> {
        for (const FactTable& told : input.facts) seen.push_back(told);
        return Verdict{};
    };
    std::vector<Sequence> positions;
    for (int i = 0; i < 6; ++i) {
        positions.push_back(size());
        ASSERT_TRUE(capture({shipped(fmt::format("urn:e:{}", i), 30 - i, {one(kUnit)}, "urn:c:1")}));
        if (i == 2) step("rma-1", kUnit, 1, "opened", "requested");
        if (i == 3) {
            Event bad = shipped("urn:e:bad", 1, {one(kUnit)}, "urn:c:1");
            bad.items[0].quantity = Quantity{-1, "C62"};
            positions.push_back(size());
            ASSERT_FALSE(capture({shipped("urn:e:good", 1, {one(kUnit)}, "urn:c:1"), bad}));
        }
    }
    ASSERT_EQ(seen.size(), positions.size() * wanted.size());
    for (std::size_t i = 0; i < positions.size(); ++i)
        for (std::size_t k = 0; k < wanted.size(); ++k)
            EXPECT_EQ(*fact(wanted[k].name, wanted[k].arguments, positions[i]), seen[i * wanted.size() + k]) << positions[i];
}

TEST_F(Facts, take_stemmas_own_steps_and_no_others) {
    EXPECT_TRUE(capture({event("urn:e:1", 1, "stemma:first_use", {one(kUnit)})}));
    const auto refused = capture({event("urn:e:2", 1, "stemma:first_uses", {one(kUnit)})});
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().hint.find("stemma:first_use"), std::string::npos);
}

}  // namespace
}  // namespace stemma::engine
