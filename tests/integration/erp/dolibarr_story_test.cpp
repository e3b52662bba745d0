// Each trap of Dolibarr's tables as a small story on tables of Dolibarr's own: what the rows mean is worked out by hand. Whatever was read
// bit by bit must come to the same as one reading from nothing.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/base/quantity.hpp"
#include "core/lineage/trace.hpp"
#include "tests/integration/engine/engine_rig.hpp"
#include "tests/integration/erp/mariadb_database.hpp"

namespace stemma {
namespace {

using erp::test::kDolibarr;
using erp::test::MariadbDatabase;
using lineage::Node;
using Lines = std::vector<std::string>;
using Histories = std::map<std::string, Lines>;

constexpr const char* kCompany =
    "INSERT INTO llx_c_units (rowid, code, unit_type) VALUES (2, 'KG', 'weight');"
    "INSERT INTO llx_product (rowid, ref, label, tobatch, fk_unit) VALUES (1, 'CELL', 'Cell', 1, NULL), (2, 'BMS', 'Board', 1, NULL),"
    " (3, 'PACK', 'Pack', 2, NULL), (4, 'SCREW', 'Screw', 0, NULL), (5, 'GLUE', 'Glue', 1, 2);"
    "INSERT INTO llx_entrepot (rowid, ref) VALUES (1, 'Main'), (2, 'Floor'), (3, 'Scrap');"
    "INSERT INTO llx_societe (rowid, nom, code_fournisseur, code_client) VALUES (1, 'Supplier', 'SU1', ''), (2, 'Customer', NULL, 'CU2');"
    "INSERT INTO llx_reception (rowid, ref, fk_soc, fk_statut) VALUES (1, 'RC1', 1, 1);"
    "INSERT INTO llx_commande (rowid, ref, fk_soc) VALUES (9, 'CO9', 2);"
    "INSERT INTO llx_commandedet (rowid, fk_commande, fk_product) VALUES (90, 9, 3);";

/// One row of stock_mouvement. Unless said otherwise it was booked on 1 March at noon, by hand.
struct Move {
    int id;
    int product;
    const char* batch;
    int place;
    const char* value;
    const char* origin{""};
    int origin_id{0};
    const char* code{""};
    int type{3};
    const char* label{""};
    const char* at{"2026-03-01 12:00:00"};
    const char* tms{"2026-03-01 12:00:00"};
};

class Dolibarr : public ::testing::Test {
protected:
    void SetUp() override {
        if (!erp.missing().empty()) GTEST_SKIP() << erp.missing();
        erp.run(kCompany);
    }

    void add(const std::vector<Move>& moves) const {
        for (const Move& move : moves)
            erp.run(fmt::format(
                "INSERT INTO llx_stock_mouvement (rowid, fk_product, batch, fk_entrepot, value, origintype, fk_origin, "
                "inventorycode, type_mouvement, label, datem, tms) VALUES ({}, {}, {}, {}, {}, '{}', {}, '{}', {}, '{}', '{}', '{}')",
                move.id, move.product, *move.batch == '\0' ? "NULL" : fmt::format("'{}'", move.batch), move.place, move.value, move.origin,
                move.origin_id, move.code, move.type, move.label, move.at, move.tms));
    }
    void add_lot(int id, int product, const char* batch, const char* more = "NULL") const {
        erp.run(fmt::format(
            "INSERT INTO llx_product_lot (rowid, fk_product, batch, eatby, tms) VALUES ({}, {}, '{}', {}, '2026-03-01 12:00:00')", id,
            product, batch, more));
    }
    void add_receipt(int product, const char* batch) const {
        erp.run(fmt::format("INSERT INTO llx_receptiondet_batch (fk_reception, fk_product, batch, qty) VALUES (1, {}, '{}', 1)", product,
                            batch));
    }
    void add_shipment(int id, int statut, int product, const char* batch) const {
        erp.run(fmt::format(
            "INSERT INTO llx_expedition (rowid, ref, fk_soc, fk_statut, tms) VALUES ({0}, 'SH{0}', 2, {1}, '2026-03-01 12:00:00');"
            "INSERT INTO llx_expeditiondet (rowid, fk_expedition, fk_product, fk_elementdet, element_type) "
            "VALUES ({0}0, {0}, {2}, 90, 'commande');"
            "INSERT INTO llx_expeditiondet_batch (fk_expeditiondet, batch, qty) VALUES ({0}0, '{3}', 1)",
            id, statut, product, batch));
    }
    void produce(int order, int move, const char* role) const {
        erp.run(fmt::format("INSERT INTO llx_mrp_production (fk_mo, role, fk_product, qty, fk_stock_movement) VALUES ({}, '{}', 1, 1, {})",
                            order, role, move));
    }

    engine::SyncReport sync(bool full = false) {
        engine::SyncReport report = rig.sync(*erp.source(), full);
        EXPECT_EQ(report.sum.rejected, 0U);
        return report;
    }

    static std::string number(std::string_view id) { return id.empty() ? "" : std::string{id.substr(id.rfind(':') + 1)}; }

    /// "kind quantity from>to party document" of each movement that stands, per item: in the order of their times.
    static Histories histories_of(test::EngineRig& of) {
        const lineage::View view = of.index().view();
        Histories all;
        for (std::size_t i = 0; i < view.node_count(); ++i) {
            const Node node{static_cast<std::uint32_t>(i)};
            if (view.is_transformation(node)) continue;
            std::multimap<std::int64_t, std::string> lines;
            view.for_each_movement(node, [&](const lineage::Movement& m) {
                lines.emplace(m.time.us, fmt::format("{} {} {}>{} {} {}", to_string(m.kind), format_micros(m.amount.micros),
                                                     m.from == lineage::PlaceNo::none ? "" : number(view.place(m.from).id),
                                                     m.to == lineage::PlaceNo::none ? "" : number(view.place(m.to).id),
                                                     m.party == lineage::PartyNo::none ? "-" : number(view.party(m.party).id),
                                                     m.document == lineage::DocumentNo::none ? "-" : view.document(m.document).number));
            });
            if (lines.empty()) continue;
            Lines& told = all[number(view.id(node))];
            for (auto& [time, line] : lines) told.push_back(std::move(line));
        }
        return all;
    }
    Lines history(const std::string& item) { return histories_of(rig)[item]; }
    /// What was read so far is what one reading from nothing comes to.
    void equals_a_fresh_reading() {
        test::TempFolder other;
        test::EngineRig fresh{other.path()};
        fresh.sync(*erp.source());
        EXPECT_EQ(histories_of(rig), histories_of(fresh));
    }
    std::set<std::string> reached(const std::string& item, lineage::Direction direction) {
        const lineage::View view = rig.index().view();
        std::set<std::string> ids;
        const Node seed = view.find(ItemId{"urn:stemma:doli:lot:" + item});
        EXPECT_NE(seed, Node::none) << item;
        if (seed == Node::none) return ids;
        for (const lineage::Reached& one : lineage::trace(view, std::vector{seed}, direction).nodes)
            if (!view.is_transformation(one.node) && one.node != seed) ids.insert(number(view.id(one.node)));
        return ids;
    }

    MariadbDatabase erp{kDolibarr, MariadbDatabase::Rows::none};
    test::TempFolder folder;
    test::EngineRig rig{folder.path()};
};

TEST_F(Dolibarr, the_same_number_on_two_products_is_two_lots) {
    add_lot(1, 1, "A");
    add_lot(2, 2, "A");
    add_receipt(1, "A");
    add_receipt(2, "A");
    erp.run("INSERT INTO llx_mrp_mo (rowid, ref) VALUES (5, 'MO5')");
    add({{.id = 1, .product = 1, .batch = "A", .place = 1, .value = "10", .origin = "reception", .origin_id = 1},
         {.id = 2, .product = 2, .batch = "A", .place = 1, .value = "5", .origin = "reception", .origin_id = 1},
         {.id = 3, .product = 1, .batch = "A", .place = 1, .value = "-6", .origin = "mo", .origin_id = 5, .at = "2026-03-02 12:00:00"},
         {.id = 4, .product = 3, .batch = "P1", .place = 1, .value = "1", .origin = "mo", .origin_id = 5, .at = "2026-03-02 12:00:00"}});
    add_lot(3, 3, "P1");
    produce(5, 3, "consumed");
    produce(5, 4, "produced");
    sync();
    EXPECT_EQ(history("1-A"), (Lines{"received 10 >1 1 RC1", "consumed 6 1> - MO5"}));
    EXPECT_EQ(history("2-A"), Lines{"received 5 >1 1 RC1"});
    EXPECT_EQ(reached("1-A", lineage::Direction::forward), std::set<std::string>{"3-P1"});
    EXPECT_TRUE(reached("2-A", lineage::Direction::forward).empty());
}

TEST_F(Dolibarr, a_cancelled_shipment_delivered_nothing_though_its_head_stays_validated) {
    add_lot(1, 3, "P1");
    add_shipment(7, 1, 3, "P1");
    add({{.id = 1, .product = 3, .batch = "P1", .place = 1, .value = "1", .code = "START"},
         {.id = 2,
          .product = 3,
          .batch = "P1",
          .place = 1,
          .value = "-1",
          .origin = "shipping",
          .origin_id = 7,
          .at = "2026-03-02 12:00:00"}});
    sync();
    EXPECT_EQ(history("3-P1"), (Lines{"found 1 >1 - -", "shipped 1 1> 2 SH7"}));
    // What Dolibarr does: the lines are deleted, the goods come back without a document, and the head is left as it was.
    erp.run("DELETE FROM llx_expeditiondet_batch; DELETE FROM llx_expeditiondet");
    add({{.id = 3,
          .product = 3,
          .batch = "P1",
          .place = 1,
          .value = "1",
          .label = "Expédition SH7 annulée",
          .at = "2026-03-05 12:00:00",
          .tms = "2026-03-05 12:00:00"}});
    EXPECT_EQ(sync().sum.changed, 1U) << "the delivery itself was not touched, and is corrected all the same";
    EXPECT_EQ(history("3-P1"), Lines{"found 1 >1 - -"});
    equals_a_fresh_reading();
}

TEST_F(Dolibarr, a_draft_and_a_deleted_document_move_nothing) {
    add_lot(1, 3, "P1");
    add_lot(2, 1, "A");
    add_shipment(7, 0, 3, "P1");
    add({{.id = 1, .product = 3, .batch = "P1", .place = 1, .value = "1", .code = "START"},
         {.id = 2, .product = 3, .batch = "P1", .place = 1, .value = "-1", .origin = "shipping", .origin_id = 7},
         {.id = 3,
          .product = 3,
          .batch = "P1",
          .place = 1,
          .value = "1",
          .origin = "shipping",
          .origin_id = 7,
          .label = "SH7 back to draft"},
         {.id = 4, .product = 1, .batch = "A", .place = 1, .value = "8", .origin = "reception", .origin_id = 77},
         {.id = 5, .product = 1, .batch = "A", .place = 1, .value = "-8", .type = 2, .label = "RC77 deleted"}});
    sync();
    EXPECT_EQ(history("3-P1"), Lines{"found 1 >1 - -"});
    EXPECT_TRUE(history("1-A").empty());
    // Validated again, it counts.
    erp.run("UPDATE llx_expedition SET fk_statut = 1, tms = '2026-03-06 12:00:00'");
    add({{.id = 6,
          .product = 3,
          .batch = "P1",
          .place = 1,
          .value = "-1",
          .origin = "shipping",
          .origin_id = 7,
          .at = "2026-03-06 12:00:00",
          .tms = "2026-03-06 12:00:00"}});
    sync();
    const Lines told = history("3-P1");
    EXPECT_EQ(std::ranges::count(told, "shipped 1 1> 2 SH7"), 2);
    EXPECT_EQ(std::ranges::count(told, "returned_by_customer 1 >1 2 SH7"), 1);
    equals_a_fresh_reading();
}

TEST_F(Dolibarr, the_two_rows_of_a_transfer_are_one_also_when_its_code_is_used_again) {
    add_lot(1, 3, "P1");
    add_lot(2, 1, "A");
    add({{.id = 1, .product = 3, .batch = "P1", .place = 1, .value = "1", .code = "START"},
         {.id = 2, .product = 3, .batch = "P1", .place = 1, .value = "-1", .code = "TRF", .type = 1, .at = "2026-03-02 12:00:00"},
         {.id = 3, .product = 3, .batch = "P1", .place = 2, .value = "1", .code = "TRF", .type = 0, .at = "2026-03-02 12:00:00"},
         {.id = 4, .product = 3, .batch = "P1", .place = 2, .value = "-1", .code = "TRF", .type = 2, .at = "2026-03-03 12:00:00"},
         {.id = 5, .product = 3, .batch = "P1", .place = 3, .value = "1", .code = "TRF", .type = 3, .at = "2026-03-03 12:00:00"},
         // Two corrections under one code are no transfer: other amounts; and another lot.
         {.id = 6, .product = 1, .batch = "A", .place = 1, .value = "-2", .code = "INV"},
         {.id = 7, .product = 1, .batch = "A", .place = 2, .value = "3", .code = "INV", .at = "2026-03-02 12:00:00"},
         {.id = 8, .product = 2, .batch = "A", .place = 2, .value = "2", .code = "INV"}});
    sync();
    EXPECT_EQ(history("3-P1"), (Lines{"found 1 >1 - -", "moved 1 1>2 - -", "moved 1 2>3 - -"}));
    EXPECT_EQ(history("1-A"), (Lines{"written_off 2 1> - -", "found 3 >2 - -"}));
    EXPECT_EQ(history("2-A"), Lines{"found 2 >2 - -"}) << "a lot that the list of lots does not have";
    equals_a_fresh_reading();
}

TEST_F(Dolibarr, the_sign_of_the_value_counts_not_its_type) {
    add_lot(1, 1, "A");
    add({{.id = 1, .product = 1, .batch = "A", .place = 1, .value = "5", .code = "C1", .type = 1},
         {.id = 2, .product = 1, .batch = "A", .place = 1, .value = "-2", .code = "C2", .type = 0, .at = "2026-03-02 12:00:00"},
         {.id = 3, .product = 1, .batch = "A", .place = 1, .value = "0", .code = "C3"}});
    sync();
    EXPECT_EQ(history("1-A"), (Lines{"found 5 >1 - -", "written_off 2 1> - -"}));
}

TEST_F(Dolibarr, plans_are_no_facts_and_a_cancelled_order_made_nothing) {
    add_lot(1, 1, "A");
    add_lot(2, 3, "P1");
    erp.run("INSERT INTO llx_mrp_mo (rowid, ref, status) VALUES (5, 'MO5', 3), (6, 'MO6', 2)");
    erp.run(
        "INSERT INTO llx_mrp_production (fk_mo, role, fk_product, qty, batch) VALUES (5, 'toconsume', 2, 4, NULL), (5, 'toproduce', 3, 1, "
        "NULL)");
    const Move used{
        .id = 2, .product = 1, .batch = "A", .place = 1, .value = "-6", .origin = "mo", .origin_id = 6, .at = "2026-03-02 12:00:00"};
    const Move made{
        .id = 3, .product = 3, .batch = "P1", .place = 1, .value = "1", .origin = "mo", .origin_id = 6, .at = "2026-03-02 12:00:00"};
    add({{.id = 1, .product = 1, .batch = "A", .place = 1, .value = "20", .code = "START"}, used, made});
    produce(6, 2, "consumed");
    produce(6, 3, "produced");
    sync();
    EXPECT_EQ(reached("3-P1", lineage::Direction::back), std::set<std::string>{"1-A"});
    EXPECT_FALSE(histories_of(rig).contains("2")) << "the board was only planned";
    // Cancelled with all it did: the lines go, and movements the other way name the order.
    erp.run("DELETE FROM llx_mrp_production WHERE fk_mo = 6; UPDATE llx_mrp_mo SET status = 9 WHERE rowid = 6");
    add({{.id = 4, .product = 1, .batch = "A", .place = 1, .value = "6", .origin = "mo", .origin_id = 6, .tms = "2026-03-04 12:00:00"},
         {.id = 5, .product = 3, .batch = "P1", .place = 1, .value = "-1", .origin = "mo", .origin_id = 6, .tms = "2026-03-04 12:00:00"}});
    EXPECT_EQ(sync().sum.changed, 2U);
    EXPECT_EQ(history("1-A"), Lines{"found 20 >1 - -"});
    EXPECT_TRUE(history("3-P1").empty());
    equals_a_fresh_reading();
}

TEST_F(Dolibarr, a_repair_with_the_same_serial_on_both_sides_ends) {
    for (int i = 1; i <= 3; ++i) add_lot(i, 3, fmt::format("P{}", i).c_str());
    erp.run("INSERT INTO llx_mrp_mo (rowid, ref, mrptype) VALUES (5, 'MO5', 1)");
    add({{.id = 1, .product = 3, .batch = "P1", .place = 1, .value = "-1", .origin = "mo", .origin_id = 5},
         {.id = 2, .product = 3, .batch = "P2", .place = 1, .value = "-1", .origin = "mo", .origin_id = 5},
         {.id = 3, .product = 3, .batch = "P3", .place = 1, .value = "1", .origin = "mo", .origin_id = 5},
         {.id = 4, .product = 3, .batch = "P1", .place = 1, .value = "1", .origin = "mo", .origin_id = 5}});
    for (int i = 1; i <= 4; ++i) produce(5, i, i <= 2 ? "consumed" : "produced");
    sync();
    EXPECT_EQ(reached("3-P1", lineage::Direction::back), (std::set<std::string>{"3-P2"}));
    EXPECT_EQ(reached("3-P2", lineage::Direction::forward), (std::set<std::string>{"3-P1", "3-P3"}));
}

TEST_F(Dolibarr, an_order_with_several_outputs_shows_each_input_in_all_of_them) {
    for (int i = 1; i <= 2; ++i) add_lot(i, 3, fmt::format("P{}", i).c_str());
    add_lot(3, 1, "A");
    add_lot(4, 1, "B");
    erp.run("INSERT INTO llx_mrp_mo (rowid, ref) VALUES (5, 'MO5')");
    add({{.id = 1, .product = 1, .batch = "A", .place = 1, .value = "-6", .origin = "mo", .origin_id = 5},
         {.id = 2, .product = 1, .batch = "B", .place = 1, .value = "-6", .origin = "mo", .origin_id = 5},
         {.id = 3, .product = 3, .batch = "P1", .place = 1, .value = "1", .origin = "mo", .origin_id = 5},
         {.id = 4, .product = 3, .batch = "P2", .place = 1, .value = "1", .origin = "mo", .origin_id = 5}});
    for (int i = 1; i <= 4; ++i) produce(5, i, i <= 2 ? "consumed" : "produced");
    sync();
    EXPECT_EQ(reached("1-A", lineage::Direction::forward), (std::set<std::string>{"3-P1", "3-P2"}));
    EXPECT_EQ(reached("3-P2", lineage::Direction::back), (std::set<std::string>{"1-A", "1-B"}));
}

TEST_F(Dolibarr, a_renamed_lot_keeps_its_history_under_the_number_of_its_movements) {
    add_lot(1, 1, "OLD");
    add_receipt(1, "OLD");
    add({{.id = 1, .product = 1, .batch = "OLD", .place = 1, .value = "10", .origin = "reception", .origin_id = 1}});
    sync();
    erp.run("UPDATE llx_product_lot SET batch = 'NEW', tms = '2026-03-07 12:00:00'");
    sync();
    EXPECT_EQ(history("1-OLD"), Lines{"received 10 >1 1 RC1"});
    EXPECT_TRUE(history("1-NEW").empty());
    sync(true);
    equals_a_fresh_reading();
    EXPECT_EQ(history("1-OLD"), Lines{"received 10 >1 1 RC1"});
    test::TempFolder other;
    test::EngineRig fresh{other.path()};
    fresh.sync(*erp.source());
    const lineage::View view = fresh.index().view();
    const Node old = view.find(ItemId{"urn:stemma:doli:lot:1-OLD"});
    ASSERT_NE(old, Node::none);
    EXPECT_EQ(view.label(old), "OLD") << "found by its number though no list of lots has it any more";
}

TEST_F(Dolibarr, numbers_that_differ_by_case_or_trailing_blanks_are_one_lot) {
    add_lot(1, 1, "Lot É");
    add({{.id = 1, .product = 1, .batch = "LOT é", .place = 1, .value = "4", .code = "C1"},
         {.id = 2, .product = 1, .batch = "lot e  ", .place = 1, .value = "-1", .code = "C2", .at = "2026-03-02 12:00:00"}});
    sync();
    EXPECT_EQ(histories_of(rig), (Histories{{"1-Lot%20%C3%89", {"found 4 >1 - -", "written_off 1 1> - -"}}}));
}

TEST_F(Dolibarr, amounts_are_sums_of_floats_and_stay_exact_in_their_unit) {
    add_lot(1, 5, "G");
    add({{.id = 1, .product = 5, .batch = "G", .place = 1, .value = "0.1e0 + 0.2e0", .code = "C1"},
         {.id = 2, .product = 5, .batch = "G", .place = 1, .value = "-1e-6", .code = "C2", .at = "2026-03-02 12:00:00"}});
    sync();
    EXPECT_EQ(history("5-G"), (Lines{"found 0.3 >1 - -", "written_off 0.000001 1> - -"}));
    const lineage::View view = rig.index().view();
    std::string unit;
    view.for_each_movement(view.find(ItemId{"urn:stemma:doli:lot:5-G"}),
                           [&](const lineage::Movement& movement) { unit = view.unit(movement.amount.unit); });
    EXPECT_EQ(unit, "KGM");
}

TEST_F(Dolibarr, a_back_dated_movement_lands_at_the_time_it_tells_and_is_found_by_when_it_was_written) {
    add_lot(1, 1, "A");
    add({{.id = 1,
          .product = 1,
          .batch = "A",
          .place = 1,
          .value = "5",
          .code = "C1",
          .at = "2026-06-01 12:00:00",
          .tms = "2026-06-01 12:00:00"}});
    sync();
    add({{.id = 2,
          .product = 1,
          .batch = "A",
          .place = 2,
          .value = "7",
          .code = "C2",
          .at = "2026-01-01 12:00:00",
          .tms = "2026-06-02 12:00:00"}});
    EXPECT_EQ(sync().sum.added, 1U);
    EXPECT_EQ(history("1-A"), (Lines{"found 7 >2 - -", "found 5 >1 - -"}));
    equals_a_fresh_reading();
}

TEST_F(Dolibarr, a_zero_date_is_no_date) {
    add_lot(1, 1, "A", "'0000-00-00'");
    add_lot(2, 1, "B", "'2027-01-31'");
    sync();
    std::map<std::string, std::string> expires;
    for (const SourceBatch& batch : [&] {
             std::vector<SourceBatch> all;
             const auto source = erp.source();
             const auto reading = source->read({});
             EXPECT_TRUE(reading);
             while (true) {
                 auto next = (*reading)->next();
                 if (!next || !*next) return all;
                 all.push_back(std::move(**next));
             }
         }())
        for (const SourceRecord& record : batch.records)
            if (const auto* master = std::get_if<Master>(&record.record))
                if (const auto* item = std::get_if<Item>(master))
                    for (const auto& [name, value] : item->attributes) expires[item->id.str()] = fmt::format("{} {}", name, value);
    EXPECT_EQ(expires, (std::map<std::string, std::string>{{"urn:stemma:doli:lot:1-B", "itemExpirationDate 2027-01-31"}}));
}

TEST_F(Dolibarr, a_line_from_before_22_names_its_product_by_the_order) {
    add_lot(1, 3, "P1");
    add_shipment(7, 2, 3, "P1");
    erp.run("UPDATE llx_expeditiondet SET fk_product = NULL");
    add({{.id = 1, .product = 3, .batch = "P1", .place = 1, .value = "-1", .origin = "shipping", .origin_id = 7}});
    sync();
    EXPECT_EQ(history("3-P1"), Lines{"shipped 1 1> 2 SH7"});
}

TEST_F(Dolibarr, goods_that_a_customer_gives_back_come_back) {
    add_lot(1, 3, "P1");
    add_shipment(7, 1, 3, "P1");
    add({{.id = 1, .product = 3, .batch = "P1", .place = 1, .value = "-1", .origin = "shipping", .origin_id = 7},
         {.id = 2,
          .product = 3,
          .batch = "P1",
          .place = 2,
          .value = "1",
          .origin = "shipping",
          .origin_id = 7,
          .code = "RMA-1",
          .at = "2026-03-09 12:00:00"}});
    sync();
    EXPECT_EQ(history("3-P1"), (Lines{"shipped 1 1> 2 SH7", "returned_by_customer 1 >2 2 SH7"}));
}

TEST_F(Dolibarr, where_stock_moves_on_the_invoice_the_product_is_told_of) {
    erp.run("INSERT INTO llx_facture (rowid, ref, fk_soc) VALUES (3, 'FA3', 2)");
    add({{.id = 1, .product = 4, .batch = "", .place = 1, .value = "-25", .origin = "facture", .origin_id = 3}});
    sync();
    EXPECT_EQ(history("4"), Lines{"shipped 25 1> 2 FA3"});
}

TEST_F(Dolibarr, movements_of_every_company_are_read) {
    erp.run(
        "INSERT INTO llx_entrepot (rowid, ref, entity) VALUES (20, 'Other company', 2);"
        "INSERT INTO llx_product (rowid, ref, label, entity, tobatch) VALUES (30, 'CELL', 'Cell', 2, 1)");
    add_lot(1, 30, "A");
    add({{.id = 1, .product = 30, .batch = "A", .place = 20, .value = "5", .code = "C1"}});
    sync();
    EXPECT_EQ(history("30-A"), Lines{"found 5 >20 - -"});
}

TEST_F(Dolibarr, a_movement_that_was_deleted_is_found_by_reading_in_full) {
    add_lot(1, 1, "A");
    add({{.id = 1, .product = 1, .batch = "A", .place = 1, .value = "5", .code = "C1"},
         {.id = 2, .product = 1, .batch = "A", .place = 1, .value = "7", .code = "C2"}});
    sync();
    erp.run("DELETE FROM llx_stock_mouvement WHERE rowid = 2");
    EXPECT_EQ(sync().sum.vanished, 0U);
    EXPECT_EQ(sync(true).sum.vanished, 1U);
    EXPECT_EQ(history("1-A"), Lines{"found 5 >1 - -"});
    equals_a_fresh_reading();
}

/// Settings decide at which document stock moves: the supplier's order or bill, the customer's order.
TEST_F(Dolibarr, stock_that_moves_on_orders_and_bills_has_their_parties) {
    add_lot(1, 1, "A");
    erp.run(
        "INSERT INTO llx_commande_fournisseur (rowid, ref, fk_soc) VALUES (4, 'PO4', 1);"
        "INSERT INTO llx_facture_fourn (rowid, ref, fk_soc) VALUES (6, 'SI6', 1)");
    add({{.id = 1, .product = 1, .batch = "A", .place = 1, .value = "9", .origin = "order_supplier", .origin_id = 4},
         {.id = 2,
          .product = 1,
          .batch = "A",
          .place = 1,
          .value = "7",
          .origin = "invoice_supplier",
          .origin_id = 6,
          .at = "2026-03-02 12:00:00"},
         {.id = 3,
          .product = 1,
          .batch = "A",
          .place = 1,
          .value = "-2",
          .origin = "invoice_supplier",
          .origin_id = 6,
          .at = "2026-03-03 12:00:00"},
         {.id = 4, .product = 3, .batch = "", .place = 1, .value = "-5", .origin = "commande", .origin_id = 9}});
    sync();
    EXPECT_EQ(history("1-A"), (Lines{"received 9 >1 1 PO4", "received 7 >1 1 SI6", "returned_to_supplier 2 1> 1 SI6"}));
    EXPECT_EQ(history("3"), Lines{"shipped 5 1> 2 CO9"});
}

}  // namespace
}  // namespace stemma
