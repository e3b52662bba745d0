// ERPNext 15 on MariaDB: the sample company both ways against its ground truth, where its serial numbers are, and traps of its tables.
// The same company in the tables of 14, which nobody has a database of: its answers must be the same.
#include <boost/json.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "core/base/quantity.hpp"
#include "core/lineage/recall.hpp"
#include "tests/integration/engine/engine_rig.hpp"
#include "tests/integration/erp/lot_answer.hpp"
#include "tests/integration/erp/mariadb_database.hpp"
#include "tests/integration/erp/tryton_database.hpp"

namespace stemma {
namespace {

namespace json = boost::json;
using erp::test::kErpnext;
using erp::test::MariadbDatabase;
using lineage::Node;
using Texts = std::set<std::string>;

std::string last_part(std::string_view id) { return std::string{id.substr(id.rfind(':') + 1)}; }

/// "kind quantity from>to": each movement that stands, by time.
std::vector<std::string> history_of(test::EngineRig& rig, const std::string& id) {
    const lineage::View view = rig.index().view();
    std::multimap<std::int64_t, std::string> lines;
    const Node node = view.find(ItemId{id});
    if (node == Node::none) return {"not there"};
    view.for_each_movement(node, [&](const lineage::Movement& m) {
        lines.emplace(m.time.us, fmt::format("{} {} {}>{}", to_string(m.kind), format_micros(m.amount.micros),
                                             m.from == lineage::PlaceNo::none ? "" : last_part(view.place(m.from).id),
                                             m.to == lineage::PlaceNo::none ? "" : last_part(view.place(m.to).id)));
    });
    std::vector<std::string> told;
    for (auto& [time, line] : lines) told.push_back(std::move(line));
    return told;
}

struct Version15 {
    static constexpr const erp::test::MariadbErp& erp = kErpnext;
};
struct Version14 {
    static constexpr const erp::test::MariadbErp& erp = erp::test::kErpnext14;
};

template <typename Version>
class ErpnextCompany : public ::testing::Test {
protected:
    static void SetUpTestSuite() {
        company = std::make_unique<MariadbDatabase>(Version::erp, MariadbDatabase::Rows::all);
        if (!company->missing().empty()) return;
        before = company->content();
        folder = std::make_unique<test::TempFolder>();
        rig = std::make_unique<test::EngineRig>(folder->path());
        first = rig->sync(*company->source());
        for (const auto& row :
             company->rows(R"(SELECT item_code, name, 'serial' FROM "tabSerial No" UNION ALL SELECT item, name, 'batch' FROM tabBatch)")) {
            const std::string id = make_urn("erpnext", row[2], row[1]);
            id_of[row[0] + "|" + row[1]] = id;
            name_of[id] = row[0] + "|" + row[1];
        }
    }
    static void TearDownTestSuite() {
        rig.reset();
        company.reset();
        folder.reset();
    }
    void SetUp() override {
        if (!company->missing().empty()) GTEST_SKIP() << company->missing();
    }
    static json::value truth() { return json::parse(erp::test::unpacked(erp::test::shared_erp_path("erpnext/ground-truth-sql.json.gz"))); }
    static Texts names(const std::set<std::string>& ids) {
        Texts all;
        for (const std::string& id : ids) all.insert(name_of.at(id));
        return all;
    }

    static inline std::unique_ptr<MariadbDatabase> company;
    static inline std::string before;
    static inline std::unique_ptr<test::TempFolder> folder;
    static inline std::unique_ptr<test::EngineRig> rig;
    static inline engine::SyncReport first;
    static inline std::map<std::string, std::string> id_of, name_of;
};
using Versions = ::testing::Types<Version15, Version14>;
TYPED_TEST_SUITE(ErpnextCompany, Versions);

TYPED_TEST(ErpnextCompany, is_read_whole_and_again_adds_nothing) {
    EXPECT_EQ(this->first.sum.rejected, 0U);
    EXPECT_TRUE(this->first.complete);
    EXPECT_GT(this->first.sum.added, 6000U);
    for (const bool full : {false, true}) {
        const engine::SyncReport again = this->rig->sync(*this->company->source(), full);
        EXPECT_EQ(again.sum.added + again.sum.changed + again.sum.vanished, 0U);
    }
    EXPECT_EQ(this->company->content(), this->before) << "the ERP's tables were changed";
}

TYPED_TEST(ErpnextCompany, every_forward_answer_equals_the_truth) {
    const json::value all = this->truth();
    for (const auto& [lot, forward] : all.at("forward").as_object()) {
        const erp::test::LotAnswer ours = erp::test::ask(*this->rig, this->id_of.at(std::string{lot}), lineage::Direction::forward);
        EXPECT_EQ(this->names(ours.items), erp::test::texts_of(forward.at("lots"))) << lot;
        Texts deliveries;
        const lineage::View view = this->rig->index().view();
        for (const auto& [party, document] : ours.shipped)
            for (const auto& row :
                 this->company->rows(fmt::format(R"(SELECT customer FROM "tabDelivery Note" WHERE name = '{}')", document)))
                deliveries.insert(row[0] + "|" + document);
        EXPECT_EQ(deliveries, erp::test::texts_of(forward.at("deliveries"))) << lot;
        EXPECT_EQ(deliveries.size(), ours.shipped.size());
    }
    EXPECT_EQ(all.at("forward").as_object().size(), 16U);
}

TYPED_TEST(ErpnextCompany, every_backward_answer_equals_the_truth) {
    const json::value all = this->truth();
    for (const auto& [lot, backward] : all.at("backward").as_object())
        EXPECT_EQ(this->names(erp::test::ask(*this->rig, this->id_of.at(std::string{lot}), lineage::Direction::back).items),
                  erp::test::texts_of(backward.at("lots")))
            << lot;
    EXPECT_EQ(all.at("backward").as_object().size(), 290U);
}

/// tabSerial No.warehouse is what ERPNext itself says; it is not read.
TYPED_TEST(ErpnextCompany, every_serial_number_is_where_erpnext_says) {
    std::map<std::string, std::string> ours;
    std::map<std::string, std::string> theirs;
    const lineage::View view = this->rig->index().view();
    for (const auto& row : this->company->rows(R"(SELECT name, COALESCE(warehouse, '') FROM "tabSerial No")")) {
        theirs[row[0]] = row[1].empty() ? "" : make_urn("erpnext", "place", row[1]) + " 1";
        std::string& mine = ours[row[0]];
        const Node node = view.find(ItemId{make_urn("erpnext", "serial", row[0])});
        if (node == Node::none) continue;
        for (const lineage::UnitStock& unit : lineage::stock_of(view, node).units)
            for (const lineage::PlaceAmount& amount : unit.on_hand)
                mine += fmt::format("{} {}", view.place(amount.place).id, format_micros(amount.micros));
    }
    EXPECT_EQ(ours, theirs);
    EXPECT_GT(theirs.size(), 1000U);
}

// --- traps ----------------------------------------------------------------------------------------------------------

class Erpnext : public ::testing::Test {
protected:
    void SetUp() override {
        if (!database.missing().empty()) GTEST_SKIP() << database.missing();
        database.run(
            "INSERT INTO tabItem (name, item_name, stock_uom, has_serial_no, has_batch_no, modified) VALUES ('CPU', 'CPU', 'Nos', 1, 0, "
            "NOW()),"
            " ('PACK', 'Pack', 'Nos', 1, 1, NOW()), ('CELL', 'Cell', 'Nos', 0, 1, NOW());"
            "INSERT INTO tabWarehouse (name, warehouse_name) VALUES ('S', 'Stores'), ('W', 'Work');"
            "INSERT INTO tabSupplier (name, supplier_name) VALUES ('Sup', 'Sup'); INSERT INTO tabCustomer (name, customer_name) VALUES "
            "('Cus', 'Cus');"
            "INSERT INTO tabBatch (name, item) VALUES ('B1', 'CELL'), ('P1', 'PACK');"
            "INSERT INTO \"tabPurchase Receipt\" (name, supplier) VALUES ('PR1', 'Sup');"
            "INSERT INTO \"tabDelivery Note\" (name, customer) VALUES ('DN1', 'Cus')");
    }
    /// A row of the ledger: `more` names columns and values beside those of every row.
    void row(const char* name, const char* item, const char* place, int quantity, const char* type, const char* voucher, const char* line,
             const std::string& columns = "", const std::string& values = "") const {
        database.run(
            fmt::format("INSERT INTO \"tabStock Ledger Entry\" (name, item_code, warehouse, actual_qty, voucher_type, voucher_no, "
                        "voucher_detail_no, posting_datetime, modified, docstatus, stock_uom{}) VALUES ('{}', '{}', '{}', {}, '{}', '{}', "
                        "'{}', '2026-03-0{} 12:00:00', '2026-03-01 12:00:00', 1, 'Nos'{})",
                        columns, name, item, place, quantity, type, voucher, line, ++day_, values));
    }
    void bundle(const char* name, const char* direction, const char* type, const char* voucher, const char* line,
                const std::vector<std::pair<const char*, const char*>>& lots, int each) const {
        database.run(fmt::format(
            "INSERT INTO \"tabSerial and Batch Bundle\" (name, item_code, warehouse, type_of_transaction, voucher_type, "
            "voucher_no, voucher_detail_no, posting_date, posting_time, modified) VALUES ('{}', 'PACK', 'S', '{}', '{}', '{}', '{}', "
            "'2026-03-01', '12:00:00', '2026-03-01 12:00:00')",
            name, direction, type, voucher, line));
        for (const auto& [serial, batch] : lots)
            database.run(
                fmt::format("INSERT INTO \"tabSerial and Batch Entry\" (name, parent, parenttype, serial_no, batch_no, qty) VALUES "
                            "('{0}{1}{2}', '{0}', 'Serial and Batch Bundle', '{1}', '{2}', {3})",
                            name, serial, batch, each));
    }
    engine::SyncReport sync(bool full = false) {
        engine::SyncReport report = rig.sync(*database.source(), full);
        EXPECT_EQ(report.sum.rejected, 0U);
        return report;
    }
    std::vector<std::string> history(const std::string& item) { return history_of(rig, "urn:stemma:erpnext:" + item); }
    using Lines = std::vector<std::string>;

    MariadbDatabase database{kErpnext, MariadbDatabase::Rows::none};
    test::TempFolder folder;
    test::EngineRig rig{folder.path()};
    mutable int day_{0};
};

TEST_F(Erpnext, a_list_of_serial_numbers_from_before_15_is_taken_apart) {
    database.run("INSERT INTO \"tabSerial No\" (name, item_code) VALUES ('C1', 'CPU'), ('C2', 'CPU'), ('C3', 'CPU')");
    row("r1", "CPU", "S", 3, "Purchase Receipt", "PR1", "d1", ", serial_no", ", 'C1\n c2\r\nC3,'");
    row("r2", "CELL", "S", 160, "Purchase Receipt", "PR1", "d2", ", batch_no", ", 'B1'");
    sync();
    for (const char* serial : {"C1", "C2", "C3"}) EXPECT_EQ(history(std::string{"serial:"} + serial), Lines{"received 1 >S"}) << serial;
    EXPECT_EQ(history("batch:B1"), Lines{"received 160 >S"});
}

/// ERPNext enters each part of a product bundle under the bundle's own line (selling_controller.get_item_list).
TEST_F(Erpnext, each_part_of_a_product_bundle_leaves) {
    row("r1", "CELL", "S", 9, "Purchase Receipt", "PR1", "d1");
    row("r2", "CPU", "S", 8, "Purchase Receipt", "PR1", "d2");
    sync();
    row("r3", "CELL", "S", -2, "Delivery Note", "DN1", "d3");
    row("r4", "CPU", "S", -1, "Delivery Note", "DN1", "d3");
    EXPECT_EQ(sync().sum.added, 2U);
    for (const bool full : {false, true}) {
        EXPECT_EQ(history("product:CELL"), (Lines{"received 9 >S", "shipped 2 S>"}));
        EXPECT_EQ(history("product:CPU"), (Lines{"received 8 >S", "shipped 1 S>"}));
        const engine::SyncReport again = sync(full);
        EXPECT_EQ(again.sum.added + again.sum.changed + again.sum.vanished, 0U);
    }
}

/// Keys of before left the item out. The first sync by the new ones reads the moves from their beginning, whatever it was asked for.
TEST_F(Erpnext, what_was_recorded_by_the_keys_of_before_is_not_doubled) {
    row("r1", "CELL", "S", 9, "Purchase Receipt", "PR1", "d1");
    row("r2", "CPU", "S", 8, "Purchase Receipt", "PR1", "d2");
    row("r3", "CELL", "S", -2, "Delivery Note", "DN1", "d3");
    row("r4", "CPU", "S", -1, "Delivery Note", "DN1", "d4");
    const auto before =
        database.source_of({{"    revision: 2  # 1 left the item out\n", ""}, {"m.line, '/', m.item, '/', ", "m.line, '/', "}});
    rig.sync(*before);
    rig.sync(*before);
    const Lines cells{"received 9 >S", "shipped 2 S>"};
    ASSERT_EQ(history("product:CELL"), cells);
    const engine::SyncReport first = sync();
    EXPECT_EQ(first.sum.added, 4U);
    EXPECT_EQ(first.sum.vanished, 4U);
    for (const bool full : {false, true, false}) {
        EXPECT_EQ(history("product:CELL"), cells);
        EXPECT_EQ(history("product:CPU"), (Lines{"received 8 >S", "shipped 1 S>"}));
        const engine::SyncReport again = sync(full);
        EXPECT_EQ(again.sum.added + again.sum.changed + again.sum.vanished, 0U);
    }
    std::size_t wrong = 0;
    for (const Entry& entry : rig.entries())
        if (const auto* event = std::get_if<Event>(&entry.body); event != nullptr && event->error) {
            EXPECT_EQ(event->error->reason, "did_not_occur");
            ++wrong;
        }
    EXPECT_EQ(wrong, 4U);
}

TEST_F(Erpnext, the_ledgers_own_name_may_change) {
    row("random-hash", "CELL", "S", 5, "Purchase Receipt", "PR1", "d1", ", batch_no", ", 'B1'");
    sync();
    database.run("UPDATE \"tabStock Ledger Entry\" SET name = 'MAT-SLE-2026-00001', modified = '2026-03-02 13:00:00'");
    const engine::SyncReport again = sync(true);
    EXPECT_EQ(again.sum.added + again.sum.changed + again.sum.vanished, 0U);
    EXPECT_EQ(history("batch:B1"), Lines{"received 5 >S"});
}

TEST_F(Erpnext, a_cancelled_delivery_delivered_nothing) {
    bundle("SABB1", "Outward", "Delivery Note", "DN1", "d1", {{"P-1", "P1"}, {"P-2", "P1"}}, -1);
    row("r1", "PACK", "S", -2, "Delivery Note", "DN1", "d1", ", serial_and_batch_bundle", ", 'SABB1'");
    sync();
    EXPECT_EQ(history("serial:P-1"), Lines{"shipped 1 S>"});
    // What ERPNext does: the row is marked and loses its bundle, a mirrored row is added, the bundle is marked.
    database.run(
        "UPDATE \"tabStock Ledger Entry\" SET is_cancelled = 1, serial_and_batch_bundle = NULL, modified = '2026-03-03 12:00:00';"
        "UPDATE \"tabSerial and Batch Bundle\" SET is_cancelled = 1, warehouse = 'S', modified = '2026-03-03 12:00:00'");
    row("r2", "PACK", "S", 2, "Delivery Note", "DN1", "d1", ", is_cancelled", ", 1");
    EXPECT_EQ(sync().sum.changed, 2U);
    EXPECT_TRUE(history("serial:P-1").empty());
    test::TempFolder other;
    test::EngineRig fresh{other.path()};
    fresh.sync(*database.source());
    EXPECT_TRUE(history_of(fresh, "urn:stemma:erpnext:serial:P-1").empty());
}

TEST_F(Erpnext, a_batch_of_serial_numbers_is_found_by_its_number) {
    database.run("INSERT INTO \"tabSerial No\" (name, item_code, batch_no) VALUES ('P-1', 'PACK', 'P1'), ('P-2', 'PACK', 'P1')");
    bundle("SABB1", "Inward", "Purchase Receipt", "PR1", "d1", {{"P-1", "P1"}, {"P-2", "P1"}}, 1);
    row("r1", "PACK", "S", 2, "Purchase Receipt", "PR1", "d1", ", serial_and_batch_bundle", ", 'SABB1'");
    sync();
    EXPECT_EQ(history("serial:P-2"), Lines{"received 1 >S"});
    std::size_t with_batch = 0;
    for (const Entry& entry : rig.entries())
        if (const auto* master = std::get_if<Master>(&entry.body))
            if (const auto* item = std::get_if<Item>(master))
                for (const Identifier& identifier : item->identifiers) with_batch += identifier.scheme == "lot" && identifier.value == "P1";
    EXPECT_EQ(with_batch, 2U);
}

TEST_F(Erpnext, a_transfer_is_told_once_and_consumption_apart_belongs_to_its_work_order) {
    database.run(
        "INSERT INTO \"tabStock Entry\" (name, purpose, work_order, docstatus) VALUES ('T1', 'Material Transfer for Manufacture', 'WO1', "
        "1),"
        " ('C1', 'Material Consumption for Manufacture', 'WO1', 1), ('M1', 'Manufacture', 'WO1', 1);"
        "INSERT INTO \"tabStock Entry Detail\" (name, parent, s_warehouse, t_warehouse) VALUES ('t1', 'T1', 'S', 'W'), ('c1', 'C1', 'W', "
        "NULL),"
        " ('m1', 'M1', NULL, 'S')");
    row("r1", "CELL", "S", -6, "Stock Entry", "T1", "t1", ", batch_no", ", 'B1'");
    row("r2", "CELL", "W", 6, "Stock Entry", "T1", "t1", ", batch_no", ", 'B1'");
    row("r3", "CELL", "W", -6, "Stock Entry", "C1", "c1", ", batch_no", ", 'B1'");
    bundle("SABB1", "Inward", "Stock Entry", "M1", "m1", {{"P-1", "P1"}}, 1);
    row("r4", "PACK", "S", 1, "Stock Entry", "M1", "m1", ", serial_and_batch_bundle", ", 'SABB1'");
    sync();
    EXPECT_EQ(history("batch:B1"), (Lines{"moved 6 S>W", "consumed 6 W>"}));
    EXPECT_EQ(erp::test::ask(rig, "urn:stemma:erpnext:batch:B1", lineage::Direction::forward).items,
              Texts{"urn:stemma:erpnext:serial:P-1"});
}

/// The serial numbers themselves are not written when their batch is.
TEST_F(Erpnext, a_new_expiry_date_of_a_batch_reaches_its_serial_numbers_with_the_next_sync) {
    database.run(
        "INSERT INTO tabBatch (name, item, batch_id, expiry_date, modified) VALUES ('B-O''1', 'PACK', 'B-O''1', '2027-01-31', '2026-03-01 "
        "12:00:00'), ('B2', 'PACK', 'B2', '2027-01-31', '2026-03-01 12:00:00');"
        "INSERT INTO \"tabSerial No\" (name, item_code, batch_no, modified) VALUES ('S-O''1', 'PACK', 'B-O''1', '2026-03-01 12:00:00'), "
        "('S2', 'PACK', 'B2', '2026-03-01 12:00:00'), ('S3', 'PACK', 'B2', '2026-03-05 12:00:00')");
    sync();
    EXPECT_EQ(sync().sum.changed, 0U);
    database.run("UPDATE tabBatch SET expiry_date = '2027-06-30', modified = '2026-03-09 12:00:00' WHERE name = 'B-O''1'");
    EXPECT_EQ(sync().sum.changed, 1U);
    std::string expires;
    for (const Entry& entry : rig.entries())
        if (const auto* master = std::get_if<Master>(&entry.body))
            if (const auto* item = std::get_if<Item>(master); item != nullptr && item->id.str() == "urn:stemma:erpnext:serial:S-O'1")
                expires = item->attributes.at("itemExpirationDate");
    EXPECT_EQ(expires, "2027-06-30");

    // More than are named one by one in the statement.
    database.run(
        "INSERT INTO \"tabSerial No\" (name, item_code, batch_no, modified) SELECT CONCAT('T', seq), 'PACK', 'B2', '2026-03-05 12:00:00' "
        "FROM seq_1_to_2001");
    EXPECT_EQ(sync(true).sum.added, 2001U);
    database.run("UPDATE tabBatch SET expiry_date = '2027-06-30', modified = '2026-03-10 12:00:00' WHERE name = 'B2'");
    EXPECT_EQ(sync().sum.changed, 2001U + 2U) << "S2 and S3 too";
}

/// A cancelled document is amended by another one, "DN1-1", that has rows of its own.
TEST_F(Erpnext, an_amended_delivery_counts_once) {
    database.run("INSERT INTO \"tabDelivery Note\" (name, customer) VALUES ('DN1-1', 'Cus')");
    bundle("SABB1", "Outward", "Delivery Note", "DN1", "d1", {{"P-1", "P1"}}, -1);
    row("r1", "PACK", "S", -1, "Delivery Note", "DN1", "d1", ", is_cancelled", ", 1");
    row("r2", "PACK", "S", 1, "Delivery Note", "DN1", "d1", ", is_cancelled", ", 1");
    database.run("UPDATE \"tabSerial and Batch Bundle\" SET is_cancelled = 1");
    bundle("SABB2", "Outward", "Delivery Note", "DN1-1", "d2", {{"P-1", "P1"}}, -1);
    row("r3", "PACK", "S", -1, "Delivery Note", "DN1-1", "d2", ", serial_and_batch_bundle", ", 'SABB2'");
    sync();
    EXPECT_EQ(history("serial:P-1"), Lines{"shipped 1 S>"});
}

/// Serial numbers typed into a line become a bundle, and the bundle a row of the ledger, only when the document is submitted.
TEST_F(Erpnext, a_draft_moves_nothing_though_its_lines_name_serial_numbers_and_its_bundle_is_there) {
    database.run(
        "INSERT INTO \"tabSerial No\" (name, item_code) VALUES ('P-1', 'PACK');"
        "INSERT INTO \"tabStock Entry\" (name, purpose, docstatus) VALUES ('D1', 'Material Issue', 0);"
        "INSERT INTO \"tabStock Entry Detail\" (name, parent, s_warehouse, serial_no, use_serial_batch_fields, docstatus) VALUES "
        "('e1', 'D1', 'S', 'P-1', 1, 0)");
    bundle("SABB1", "Outward", "Stock Entry", "D1", "e1", {{"P-1", "P1"}}, -1);
    sync();
    EXPECT_TRUE(history("serial:P-1").empty());
}

/// Reposting writes rates and balances of many rows anew, sometimes with a new change time.
TEST_F(Erpnext, a_reposted_row_is_no_news) {
    row("r1", "CELL", "S", 5, "Purchase Receipt", "PR1", "d1", ", batch_no", ", 'B1'");
    sync();
    database.run(
        "UPDATE \"tabStock Ledger Entry\" SET valuation_rate = 9, qty_after_transaction = 77, stock_value = 45, "
        "modified = '2026-03-05 12:00:00'");
    const engine::SyncReport again = sync();
    EXPECT_EQ(again.sum.added + again.sum.changed + again.sum.vanished, 0U);
}

/// Posting time, when it was written and when it was changed are three times: the first one is when it happened.
TEST_F(Erpnext, a_back_dated_document_lands_when_it_was_posted_for) {
    row("r1", "CELL", "S", 5, "Purchase Receipt", "PR1", "d1", ", batch_no", ", 'B1'");
    sync();
    row("r2", "CELL", "W", 7, "Purchase Receipt", "PR1", "d2", ", batch_no, posting_date, posting_time, creation",
        ", 'B1', '2026-01-31', '08:00:00', '2026-03-06 12:00:00'");
    database.run("UPDATE \"tabStock Ledger Entry\" SET posting_datetime = NULL, modified = '2026-03-06 12:00:00' WHERE name = 'r2'");
    EXPECT_EQ(sync().sum.added, 1U);
    EXPECT_EQ(history("batch:B1"), (Lines{"received 7 >W", "received 5 >S"}));
    const lineage::View view = rig.index().view();
    Texts times;
    view.for_each_movement(view.find(ItemId{"urn:stemma:erpnext:batch:B1"}),
                           [&](const lineage::Movement& movement) { times.insert(format_instant(movement.time)); });
    EXPECT_EQ(times, (Texts{"2026-01-31T08:00:00Z", "2026-03-01T12:00:00Z"}));
}

/// A count takes out all there was and puts in what was counted.
TEST_F(Erpnext, a_count_of_a_batch_leaves_what_was_counted) {
    row("r1", "CELL", "S", 100, "Purchase Receipt", "PR1", "d1", ", batch_no", ", 'B1'");
    row("r2", "CELL", "S", -100, "Stock Reconciliation", "RE1", "e1", ", batch_no", ", 'B1'");
    row("r3", "CELL", "S", 98, "Stock Reconciliation", "RE1", "e1", ", batch_no", ", 'B1'");
    sync();
    const lineage::View view = rig.index().view();
    EXPECT_EQ(lineage::stock_of(view, view.find(ItemId{"urn:stemma:erpnext:batch:B1"})).units.front().on_hand_total(), 98 * kQuantityScale);
}

TEST_F(Erpnext, two_thousand_numbers_of_a_row_from_before_15_are_two_thousand_serials) {
    std::string list;
    for (int i = 1; i <= 2000; ++i) list += fmt::format("L{:05}\n", i);
    row("r1", "CPU", "S", 2000, "Purchase Receipt", "PR1", "d1", ", serial_no", ", '" + list + "'");
    EXPECT_GE(sync().sum.added, 2000U);
    EXPECT_EQ(history("serial:L00001"), Lines{"received 1 >S"});
    EXPECT_EQ(history("serial:L02000"), Lines{"received 1 >S"});
}

TEST_F(Erpnext, version_16_is_told_apart) {
    database.run("ALTER TABLE \"tabSerial and Batch Entry\" ADD COLUMN voucher_no varchar(140)");
    const auto reading = database.source()->read({});
    ASSERT_FALSE(reading);
    EXPECT_NE(reading.error().message.find("16 or later"), std::string::npos) << reading.error().message;
}

}  // namespace
}  // namespace stemma
