// ERPNext 14: serial numbers as lines of a text. What the rows mean is worked out by hand; that a number that holds a comma is two is
// ERPNext's own rule, which parts its lists at commas too and writes every number in capital letters.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "core/base/quantity.hpp"
#include "core/lineage/stock.hpp"
#include "tests/integration/engine/engine_rig.hpp"
#include "tests/integration/erp/lot_answer.hpp"
#include "tests/integration/erp/mariadb_database.hpp"

namespace stemma {
namespace {

using erp::test::MariadbDatabase;
using lineage::Node;
using Lines = std::vector<std::string>;
using Texts = std::set<std::string>;

std::string last_part(std::string_view id) { return std::string{id.substr(id.rfind(':') + 1)}; }

/// A row of the ledger; on 1 March at noon unless said otherwise.
struct Row {
    const char* name;
    const char* item;
    const char* place;
    int quantity;
    const char* type;
    const char* voucher;
    const char* line;
    std::string serials{};  // NOLINT(readability-redundant-member-init): a designated initialiser may leave it out
    const char* batch{""};
    int cancelled{0};
    int docstatus{1};
    const char* at{"2026-03-01"};
    const char* modified{"2026-03-01 12:00:00"};
};

class Erpnext14 : public ::testing::Test {
protected:
    void SetUp() override {
        if (!database.missing().empty()) GTEST_SKIP() << database.missing();
        database.run(
            "INSERT INTO tabItem (name, item_name, stock_uom, has_serial_no, has_batch_no, modified) VALUES ('CPU', 'CPU', 'Nos', 1, 0, "
            "NOW()), ('PACK', 'Pack', 'Nos', 1, 1, NOW()), ('CELL', 'Cell', 'Nos', 0, 1, NOW()), ('GLUE', 'Glue', 'Gram', 0, 1, NOW());"
            "INSERT INTO tabWarehouse (name, warehouse_name) VALUES ('S', 'Stores'), ('W', 'Work');"
            "INSERT INTO tabSupplier (name, supplier_name) VALUES ('Sup', 'Sup'); INSERT INTO tabCustomer (name, customer_name) VALUES "
            "('Cus', 'Cus');"
            "INSERT INTO tabBatch (name, item) VALUES ('B1', 'CELL'), ('P1', 'PACK'), ('G1', 'GLUE');"
            "INSERT INTO \"tabPurchase Receipt\" (name, supplier) VALUES ('PR1', 'Sup');"
            "INSERT INTO \"tabSubcontracting Receipt\" (name, supplier) VALUES ('SCR1', 'Sup');"
            "INSERT INTO \"tabDelivery Note\" (name, customer) VALUES ('DN1', 'Cus')");
    }
    void add(const std::vector<Row>& rows) const {
        for (const Row& row : rows)
            database.run(fmt::format(
                "INSERT INTO \"tabStock Ledger Entry\" (name, item_code, warehouse, actual_qty, voucher_type, voucher_no, "
                "voucher_detail_no, posting_date, posting_time, modified, docstatus, stock_uom, serial_no, batch_no, "
                "is_cancelled) VALUES ('{}', '{}', '{}', {}, '{}', '{}', '{}', '{}', '12:00:00', '{}', {}, 'Nos', '{}', '{}', {})",
                row.name, row.item, row.place, row.quantity, row.type, row.voucher, row.line, row.at, row.modified, row.docstatus,
                row.serials, row.batch, row.cancelled));
    }
    void know_serials(const char* item, const std::vector<const char*>& serials) const {
        for (const char* serial : serials)
            database.run(fmt::format("INSERT INTO \"tabSerial No\" (name, item_code) VALUES ('{}', '{}')", serial, item));
    }
    engine::SyncReport sync(bool full = false) {
        engine::SyncReport report = rig.sync(*database.source(), full);
        EXPECT_EQ(report.sum.rejected, 0U);
        return report;
    }
    /// "kind quantity from>to" of each movement that stands, by time; of all items that moved.
    static std::map<std::string, Lines> histories_of(test::EngineRig& of) {
        const lineage::View view = of.index().view();
        std::map<std::string, Lines> all;
        for (std::size_t i = 0; i < view.node_count(); ++i) {
            const Node node{static_cast<std::uint32_t>(i)};
            if (view.is_transformation(node)) continue;
            std::multimap<std::int64_t, std::string> lines;
            view.for_each_movement(node, [&](const lineage::Movement& m) {
                lines.emplace(m.time.us, fmt::format("{} {} {}>{}", to_string(m.kind), format_micros(m.amount.micros),
                                                     m.from == lineage::PlaceNo::none ? "" : last_part(view.place(m.from).id),
                                                     m.to == lineage::PlaceNo::none ? "" : last_part(view.place(m.to).id)));
            });
            for (auto& [time, line] : lines) all[last_part(view.id(node))].push_back(std::move(line));
        }
        return all;
    }
    std::map<std::string, Lines> histories() { return histories_of(rig); }
    void equals_a_fresh_reading() {
        test::TempFolder other;
        test::EngineRig fresh{other.path()};
        fresh.sync(*database.source());
        EXPECT_EQ(histories(), histories_of(fresh));
    }

    MariadbDatabase database{erp::test::kErpnext14, MariadbDatabase::Rows::none};
    test::TempFolder folder;
    test::EngineRig rig{folder.path()};
};

TEST_F(Erpnext14, each_part_of_a_product_bundle_leaves) {
    add({{.name = "r1", .item = "CELL", .place = "S", .quantity = 9, .type = "Purchase Receipt", .voucher = "PR1", .line = "d1"},
         {.name = "r2", .item = "CPU", .place = "S", .quantity = 8, .type = "Purchase Receipt", .voucher = "PR1", .line = "d2"},
         {.name = "r3",
          .item = "CELL",
          .place = "S",
          .quantity = -2,
          .type = "Delivery Note",
          .voucher = "DN1",
          .line = "d3",
          .at = "2026-03-02"},
         {.name = "r4",
          .item = "CPU",
          .place = "S",
          .quantity = -1,
          .type = "Delivery Note",
          .voucher = "DN1",
          .line = "d3",
          .at = "2026-03-02"}});
    sync();
    for (const bool full : {false, true}) {
        EXPECT_EQ(histories()["CELL"], (Lines{"received 9 >S", "shipped 2 S>"}));
        EXPECT_EQ(histories()["CPU"], (Lines{"received 8 >S", "shipped 1 S>"}));
        const engine::SyncReport again = sync(full);
        EXPECT_EQ(again.sum.added + again.sum.changed + again.sum.vanished, 0U);
    }
}

TEST_F(Erpnext14, lines_blanks_and_line_ends_of_other_systems_are_no_part_of_a_serial_number) {
    know_serials("CPU", {"C1", "C2", "C3"});
    add({{.name = "r1",
          .item = "CPU",
          .place = "S",
          .quantity = 3,
          .type = "Purchase Receipt",
          .voucher = "PR1",
          .line = "d1",
          .serials = "\n  C1\r\n\n\tC2 \n \nC3\n\n"}});
    sync();
    const Lines received{"received 1 >S"};
    EXPECT_EQ(histories(), (std::map<std::string, Lines>{{"C1", received}, {"C2", received}, {"C3", received}}));
}

TEST_F(Erpnext14, a_repeated_number_counts_once_whatever_its_letters) {
    know_serials("CPU", {"C1", "C2"});
    add({{.name = "r1",
          .item = "CPU",
          .place = "S",
          .quantity = 2,
          .type = "Purchase Receipt",
          .voucher = "PR1",
          .line = "d1",
          .serials = "C1\nc2\nC1\nC2"}});
    EXPECT_EQ(sync().sum.added, sync(true).sum.unchanged) << "each row has an id of its own";
    const Lines received{"received 1 >S"};
    EXPECT_EQ(histories(), (std::map<std::string, Lines>{{"C1", received}, {"C2", received}}));
}

TEST_F(Erpnext14, a_comma_parts_numbers_as_it_does_in_erpnext) {
    know_serials("CPU", {"C1", "C2", "C3"});
    add({{.name = "r1",
          .item = "CPU",
          .place = "S",
          .quantity = 3,
          .type = "Purchase Receipt",
          .voucher = "PR1",
          .line = "d1",
          .serials = "C1, C2\nC3,"}});
    sync();
    EXPECT_EQ(histories().size(), 3U);
    EXPECT_EQ(histories()["C2"], Lines{"received 1 >S"});
}

TEST_F(Erpnext14, a_number_that_the_list_of_serial_numbers_does_not_have_is_told_as_the_row_writes_it) {
    add({{.name = "r1",
          .item = "CPU",
          .place = "S",
          .quantity = 1,
          .type = "Purchase Receipt",
          .voucher = "PR1",
          .line = "d1",
          .serials = "Zz/9 é"}});
    sync();
    EXPECT_EQ(histories(), (std::map<std::string, Lines>{{"Zz/9%20%C3%A9", {"received 1 >S"}}}));
}

/// Nothing but separators is no list: the row tells its batch, or else its item, and its quantity.
TEST_F(Erpnext14, an_empty_list_is_none) {
    add({{.name = "r1", .item = "CPU", .place = "S", .quantity = 4, .type = "Purchase Receipt", .voucher = "PR1", .line = "d1"},
         {.name = "r2",
          .item = "CPU",
          .place = "S",
          .quantity = 5,
          .type = "Purchase Receipt",
          .voucher = "PR1",
          .line = "d2",
          .serials = " \n,\r\n "},
         {.name = "r3",
          .item = "CELL",
          .place = "S",
          .quantity = 6,
          .type = "Purchase Receipt",
          .voucher = "PR1",
          .line = "d3",
          .serials = "\n",
          .batch = "B1"}});
    database.run("UPDATE \"tabStock Ledger Entry\" SET serial_no = NULL, batch_no = NULL WHERE name = 'r1'");
    sync();
    EXPECT_EQ(histories(), (std::map<std::string, Lines>{{"CPU", {"received 4 >S", "received 5 >S"}}, {"B1", {"received 6 >S"}}}));
}

TEST_F(Erpnext14, two_thousand_numbers_in_one_row_are_two_thousand_serials) {
    std::string list;
    for (int i = 1; i <= 2000; ++i) list += fmt::format("{}L{:05}", list.empty() ? "" : "\n", i);
    add({{.name = "r1",
          .item = "CPU",
          .place = "S",
          .quantity = 2000,
          .type = "Purchase Receipt",
          .voucher = "PR1",
          .line = "d1",
          .serials = list}});
    sync();
    const auto all = histories();
    EXPECT_EQ(all.size(), 2000U);
    for (const char* serial : {"L00001", "L01000", "L01001", "L02000"}) EXPECT_EQ(all.at(serial), Lines{"received 1 >S"}) << serial;
}

TEST_F(Erpnext14, a_serial_number_of_a_batch_is_found_by_the_batch) {
    database.run("INSERT INTO \"tabSerial No\" (name, item_code, batch_no) VALUES ('P-1', 'PACK', 'P1'), ('P-2', 'PACK', 'P1')");
    add({{.name = "r1",
          .item = "PACK",
          .place = "S",
          .quantity = 2,
          .type = "Purchase Receipt",
          .voucher = "PR1",
          .line = "d1",
          .serials = "P-1\nP-2",
          .batch = "P1"}});
    sync();
    EXPECT_EQ(histories(), (std::map<std::string, Lines>{{"P-1", {"received 1 >S"}}, {"P-2", {"received 1 >S"}}}));
    std::size_t with_batch = 0;
    for (const Entry& entry : rig.entries())
        if (const auto* master = std::get_if<Master>(&entry.body))
            if (const auto* item = std::get_if<Item>(master))
                for (const Identifier& identifier : item->identifiers) with_batch += identifier.scheme == "lot" && identifier.value == "P1";
    EXPECT_EQ(with_batch, 2U) << "the two serial numbers; the batch itself is no item beside them";
}

/// What 14 does: it marks the rows, and adds one the other way for each, marked as well.
TEST_F(Erpnext14, what_was_cancelled_moved_nothing) {
    const Row received{.name = "r1",
                       .item = "CPU",
                       .place = "S",
                       .quantity = 2,
                       .type = "Purchase Receipt",
                       .voucher = "PR1",
                       .line = "d1",
                       .serials = "C1\nC2"};
    const Row delivered{.name = "r2",
                        .item = "CPU",
                        .place = "S",
                        .quantity = -1,
                        .type = "Delivery Note",
                        .voucher = "DN1",
                        .line = "d2",
                        .serials = "C1",
                        .at = "2026-03-02"};
    add({received, delivered});
    sync();
    EXPECT_EQ(histories()["C1"], (Lines{"received 1 >S", "shipped 1 S>"}));
    database.run("UPDATE \"tabStock Ledger Entry\" SET is_cancelled = 1, modified = '2026-03-03 12:00:00' WHERE name = 'r2'");
    Row back = delivered;
    back.name = "r3";
    back.quantity = 1;
    back.cancelled = 1;
    back.modified = "2026-03-03 12:00:00";
    add({back});
    EXPECT_EQ(sync().sum.changed, 1U);
    EXPECT_EQ(histories()["C1"], Lines{"received 1 >S"});
    equals_a_fresh_reading();
}

TEST_F(Erpnext14, rows_of_a_document_that_was_cancelled_with_them_move_nothing) {
    Row received{.name = "r1",
                 .item = "CPU",
                 .place = "S",
                 .quantity = 1,
                 .type = "Purchase Receipt",
                 .voucher = "PR1",
                 .line = "d1",
                 .serials = "C1"};
    add({received});
    sync();
    EXPECT_EQ(histories()["C1"], Lines{"received 1 >S"});
    database.run("UPDATE \"tabStock Ledger Entry\" SET docstatus = 2, modified = '2026-03-03 12:00:00'");
    EXPECT_EQ(sync().sum.changed, 1U) << "found without reading in full";
    EXPECT_TRUE(histories().empty());
    equals_a_fresh_reading();
}

/// A count takes all numbers out and puts the counted ones in; cancelled, it is there twice, row by row the other way.
TEST_F(Erpnext14, a_count_leaves_what_was_counted_and_a_cancelled_count_nothing) {
    const char* count = "Stock Reconciliation";
    add({{.name = "r1",
          .item = "CPU",
          .place = "S",
          .quantity = 3,
          .type = "Purchase Receipt",
          .voucher = "PR1",
          .line = "d1",
          .serials = "C1\nC2\nC3"},
         {.name = "r2",
          .item = "CELL",
          .place = "S",
          .quantity = 100,
          .type = "Purchase Receipt",
          .voucher = "PR1",
          .line = "d2",
          .batch = "B1"}});
    const std::vector<Row> counted{{.name = "r3",
                                    .item = "CPU",
                                    .place = "S",
                                    .quantity = -3,
                                    .type = count,
                                    .voucher = "RE1",
                                    .line = "e1",
                                    .serials = "C1\nC2\nC3",
                                    .at = "2026-03-02"},
                                   {.name = "r4",
                                    .item = "CPU",
                                    .place = "S",
                                    .quantity = 2,
                                    .type = count,
                                    .voucher = "RE1",
                                    .line = "e1",
                                    .serials = "C1\nC3",
                                    .at = "2026-03-02"},
                                   {.name = "r5",
                                    .item = "CELL",
                                    .place = "S",
                                    .quantity = -100,
                                    .type = count,
                                    .voucher = "RE1",
                                    .line = "e2",
                                    .batch = "B1",
                                    .at = "2026-03-02"},
                                   {.name = "r6",
                                    .item = "CELL",
                                    .place = "S",
                                    .quantity = 97,
                                    .type = count,
                                    .voucher = "RE1",
                                    .line = "e2",
                                    .batch = "B1",
                                    .at = "2026-03-02"}};
    add(counted);
    sync();
    const auto on_hand = [&](const std::string& id) {
        const lineage::View view = rig.index().view();
        const lineage::ItemStock stock = lineage::stock_of(view, view.find(ItemId{"urn:stemma:erpnext:" + id}));
        return stock.units.front().on_hand_total() / kQuantityScale;
    };
    EXPECT_EQ(on_hand("serial:C1"), 1);
    EXPECT_EQ(on_hand("serial:C2"), 0);
    EXPECT_EQ(on_hand("serial:C3"), 1);
    EXPECT_EQ(on_hand("batch:B1"), 97);
    for (const char* id : {"serial:C1", "serial:C2", "batch:B1"}) {
        const lineage::View view = rig.index().view();
        const Node node = view.find(ItemId{fmt::format("urn:stemma:erpnext:{}", id)});
        EXPECT_TRUE(lineage::balance_closes(view, lineage::stock_of(view, node))) << id << " is never there twice";
    }
    database.run("UPDATE \"tabStock Ledger Entry\" SET is_cancelled = 1, modified = '2026-03-03 12:00:00' WHERE voucher_no = 'RE1'");
    const std::vector<const char*> names{"m3", "m4", "m5", "m6"};
    for (std::size_t i = 0; i < counted.size(); ++i) {
        Row mirror = counted[i];
        mirror.name = names[i];
        mirror.quantity = -mirror.quantity;
        mirror.cancelled = 1;
        mirror.modified = "2026-03-03 12:00:00";
        add({mirror});
    }
    sync();
    EXPECT_EQ(histories()["C2"], Lines{"received 1 >S"});
    EXPECT_EQ(histories()["B1"], Lines{"received 100 >S"});
    const engine::SyncReport again = sync(true);
    EXPECT_EQ(again.sum.added + again.sum.changed + again.sum.vanished, 0U) << "rows the other way must not take turns";
    equals_a_fresh_reading();
}

TEST_F(Erpnext14, what_a_subcontractor_made_comes_from_what_was_sent_to_him) {
    add({{.name = "r1",
          .item = "CELL",
          .place = "W",
          .quantity = -6,
          .type = "Subcontracting Receipt",
          .voucher = "SCR1",
          .line = "d1",
          .batch = "B1"},
         {.name = "r2",
          .item = "PACK",
          .place = "S",
          .quantity = 1,
          .type = "Subcontracting Receipt",
          .voucher = "SCR1",
          .line = "d2",
          .serials = "P-1",
          .batch = "P1"}});
    sync();
    EXPECT_EQ(erp::test::ask(rig, "urn:stemma:erpnext:serial:P-1", lineage::Direction::back).items, Texts{"urn:stemma:erpnext:batch:B1"});
}

TEST_F(Erpnext14, a_transfer_is_told_once_and_consumption_apart_belongs_to_its_work_order) {
    database.run(
        "INSERT INTO \"tabStock Entry\" (name, purpose, work_order, docstatus) VALUES ('T1', 'Material Transfer for Manufacture', 'WO1', "
        "1), ('C1', 'Material Consumption for Manufacture', 'WO1', 1), ('M1', 'Manufacture', 'WO1', 1);"
        "INSERT INTO \"tabStock Entry Detail\" (name, parent, s_warehouse, t_warehouse) VALUES ('t1', 'T1', 'S', 'W'), ('c1', 'C1', 'W', "
        "NULL), ('m1', 'M1', NULL, 'S')");
    const char* entry = "Stock Entry";
    add({{.name = "r1", .item = "CELL", .place = "S", .quantity = -6, .type = entry, .voucher = "T1", .line = "t1", .batch = "B1"},
         {.name = "r2", .item = "CELL", .place = "W", .quantity = 6, .type = entry, .voucher = "T1", .line = "t1", .batch = "B1"},
         {.name = "r3",
          .item = "CELL",
          .place = "W",
          .quantity = -6,
          .type = entry,
          .voucher = "C1",
          .line = "c1",
          .batch = "B1",
          .at = "2026-03-02"},
         {.name = "r4",
          .item = "PACK",
          .place = "S",
          .quantity = 1,
          .type = entry,
          .voucher = "M1",
          .line = "m1",
          .serials = "P-1",
          .batch = "P1",
          .at = "2026-03-02"}});
    sync();
    EXPECT_EQ(histories()["B1"], (Lines{"moved 6 S>W", "consumed 6 W>"}));
    EXPECT_EQ(erp::test::ask(rig, "urn:stemma:erpnext:batch:B1", lineage::Direction::forward).items,
              Texts{"urn:stemma:erpnext:serial:P-1"});
}

TEST_F(Erpnext14, the_ledgers_own_name_may_change) {
    add({{.name = "hash",
          .item = "CPU",
          .place = "S",
          .quantity = 2,
          .type = "Purchase Receipt",
          .voucher = "PR1",
          .line = "d1",
          .serials = "C1\nC2"}});
    sync();
    database.run("UPDATE \"tabStock Ledger Entry\" SET name = 'MAT-SLE-2026-00001', modified = '2026-03-02 13:00:00'");
    const engine::SyncReport again = sync(true);
    EXPECT_EQ(again.sum.added + again.sum.changed + again.sum.vanished, 0U);
}

/// Each mapping refuses the tables of the other version by name, and says which mapping is for them.
TEST_F(Erpnext14, the_other_versions_mapping_refuses_these_tables) {
    const MariadbDatabase fifteen{erp::test::kErpnext, MariadbDatabase::Rows::none};
    erp::SourceSettings settings;
    settings.connection = *sql::parse_connection(fifteen.connection());
    const auto reading = database.source(settings)->read({});
    ASSERT_FALSE(reading);
    EXPECT_NE(reading.error().message.find("15 or later, for which there is the mapping erpnext-15"), std::string::npos)
        << reading.error().message;
    settings.connection = *sql::parse_connection(database.connection());
    const auto other = fifteen.source(settings)->read({});
    ASSERT_FALSE(other);
    EXPECT_NE(other.error().message.find("tabSerial and Batch"), std::string::npos) << other.error().message;
}

/// Subcontracting receipts came with 14: without their table it is an earlier one, which nobody has looked at.
TEST_F(Erpnext14, an_earlier_version_is_refused) {
    database.run("DROP TABLE \"tabSubcontracting Receipt\"");
    const auto reading = database.source()->read({});
    ASSERT_FALSE(reading);
    EXPECT_NE(reading.error().message.find("tabSubcontracting Receipt"), std::string::npos) << reading.error().message;
}

}  // namespace
}  // namespace stemma
