// The audit of Dolibarr's and ERPNext's sample companies: nothing is found in the data as it is, and SQL of the test's own finds nothing
// either; of twelve planted faults exactly these are found.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/integration/audit/audit_rig.hpp"
#include "tests/integration/erp/mariadb_database.hpp"

namespace stemma::erp::test {
namespace {

using stemma::test::Told;
using Texts = std::multiset<std::string>;

std::vector<Told> audited(const MariadbDatabase& database, const char* name) {
    const stemma::test::TempFolder folder;
    stemma::test::EngineRig rig{folder.path()};
    const auto source = database.source();
    EXPECT_EQ(rig.sync(*source).sum.rejected, 0U);
    return audit_of(rig, name);
}

Texts texts(const MariadbDatabase& database, const std::string& sql) {
    Texts all;
    for (const auto& row : database.rows(sql)) all.insert(row.at(0));
    return all;
}

/// What is found after the faults were planted, and must not be there before.
void expect_planted(const MariadbDatabase& database, const char* name, const std::string& planted, const Texts& expected) {
    const std::vector<Told> before = audited(database, name);
    database.run(planted);
    const std::string content = database.content();
    const std::vector<Told> after = audited(database, name);
    EXPECT_EQ(added(before, after), expected);
    EXPECT_EQ(added(after, before), Texts{});
    EXPECT_EQ(database.content(), content) << "the ERP's tables were changed";
}

// --- Dolibarr --------------------------------------------------------------------------------------------------------------

class DolibarrAudit : public ::testing::Test {
protected:
    void SetUp() override {
        if (!database.missing().empty()) GTEST_SKIP() << database.missing();
    }
    MariadbDatabase database{kDolibarr, MariadbDatabase::Rows::all};
};

TEST_F(DolibarrAudit, finds_nothing_where_the_rows_have_nothing) {
    EXPECT_EQ(stemma::test::counts_of(audited(database, "doli")), (std::map<std::string, std::size_t>{}));
    EXPECT_EQ(
        texts(database,
              "SELECT DISTINCT batch FROM (SELECT batch, SUM(value) OVER (PARTITION BY fk_product, batch, fk_entrepot ORDER BY datem, "
              "value < 0, rowid) AS q FROM llx_stock_mouvement WHERE batch <> '') x WHERE q < 0"),
        Texts{})
        << "no lot is or was below zero in any warehouse";
    EXPECT_EQ(texts(database,
                    "SELECT m.batch FROM llx_stock_mouvement m JOIN llx_product p ON p.rowid = m.fk_product AND p.tobatch = 2 GROUP BY "
                    "m.fk_product, m.batch HAVING SUM(m.value) NOT IN (0, 1) OR MAX(ABS(m.value)) <> 1"),
              Texts{})
        << "every serial is there once or not at all, and moves piece by piece";
    EXPECT_EQ(
        texts(database,
              "SELECT fk_mo FROM llx_mrp_production WHERE role IN ('consumed', 'produced') GROUP BY fk_mo HAVING COUNT(DISTINCT role) < 2"),
        Texts{})
        << "every order took in and put out";
    EXPECT_EQ(
        texts(database,
              "SELECT LOWER(REPLACE(REPLACE(batch, ' ', ''), '-', '')) FROM llx_product_lot GROUP BY fk_product, 1 HAVING COUNT(*) > 1"),
        Texts{});
}

/// A row of stock_mouvement. Of Customer orders 1 to 5, each of another customer, and order 1 to a supplier.
std::string doli_move(int id, int product, const char* batch, int value, const char* when, int warehouse, const char* origin,
                      int origin_id) {
    return fmt::format(
        "INSERT INTO llx_stock_mouvement (rowid, datem, fk_product, batch, value, fk_entrepot, origintype, fk_origin, type_mouvement, "
        "inventorycode, label) VALUES ({}, '{} 10:00:00', {}, '{}', {}, {}, '{}', {}, {}, '', '');",
        id, when, product, batch, value, warehouse, origin, origin_id, value < 0 ? 2 : 3);
}
std::string doli_lot(int id, int product, const char* batch) {
    return fmt::format("INSERT INTO llx_product_lot (rowid, entity, fk_product, batch) VALUES ({}, 1, {}, '{}');", id, product, batch);
}

TEST_F(DolibarrAudit, finds_twelve_planted_faults_and_nothing_else) {
    constexpr int kCpu = 5;
    constexpr int kPack = 3;
    constexpr int kLaptop = 9;
    const std::string planted =
        doli_move(90001, kCpu, "CPU00381", 1, "2026-07-01", 2, "order_supplier", 1) +         // 1: received again in another house
        "UPDATE llx_stock_mouvement SET value = -600 WHERE rowid = 827;" +                    // 2: 6 cells are used
        doli_move(90003, kCpu, "CPU00001", -1, "2026-07-01", 1, "commande", 1) +              // 3: it is built in
        "UPDATE llx_stock_mouvement SET datem = '2026-05-05 11:45:00' WHERE rowid = 892;" +   // 4: LP26-000006, delivered on 18 April
        doli_lot(90005, kPack, "pk 1") +                                                      // 5: PK000001
        "UPDATE llx_mrp_production SET role = 'toproduce' WHERE fk_stock_movement = 1463;" +  // 6: the only product of order 174
        doli_lot(90007, kLaptop, "PL-07") + doli_move(90007, kLaptop, "PL-07", -1, "2026-07-01", 1, "commande", 1) +  // 7: out of nowhere
        "UPDATE llx_stock_mouvement SET value = 2 WHERE rowid = 397;" +                                               // 8: CPU00382
        doli_move(90009, kLaptop, "LP26-000009", -1, "2026-07-01", 1, "commande", 1) +       // 9: shipment 3 delivered it
        doli_move(90010, kLaptop, "LP26-000010", 1, "2026-07-01", 3, "commande", 1) +        // 10: shipment 3 was for another customer
        "UPDATE llx_product_lot SET eatby = '2026-03-01' WHERE rowid = 3;" +                 // 11: LH/26-03 №7 came on 8 March
        "UPDATE llx_stock_mouvement SET datem = '2062-04-18 03:00:00' WHERE rowid = 5087;";  // 12: LP26-000007
    expect_planted(database, "doli", planted,
                   {"two_places CPU00381", "negative_stock B1-2603-01", "consumed_yet_available CPU00001", "out_before_in LP26-000006",
                    "same_number PK000001 pk 1", "no_outputs B2-2603-01", "never_came_in PL-07", "not_one_piece CPU00382",
                    "delivered_twice LP26-000009", "returned_by_another LP26-000010", "expired_before_received LH/26-03 №7",
                    "in_the_future LP26-000007"});
}

// --- ERPNext ---------------------------------------------------------------------------------------------------------------

class ErpnextAudit : public ::testing::Test {
protected:
    void SetUp() override {
        if (!database.missing().empty()) GTEST_SKIP() << database.missing();
    }
    MariadbDatabase database{kErpnext, MariadbDatabase::Rows::all};
};

TEST_F(ErpnextAudit, finds_nothing_where_the_rows_have_nothing) {
    EXPECT_EQ(stemma::test::counts_of(audited(database, "erpnext")), (std::map<std::string, std::size_t>{}));
    // Of bundles, and of rows that name their serials (a line each) or their batch themselves.
    const std::string changes =
        "(SELECT s.item_code, s.warehouse, s.posting_datetime AS at, s.name, COALESCE(NULLIF(e.serial_no, ''), e.batch_no) AS number, "
        "e.qty FROM "
        "`tabStock Ledger Entry` s JOIN `tabSerial and Batch Entry` e ON e.parent = s.serial_and_batch_bundle WHERE s.is_cancelled = 0 "
        "UNION ALL SELECT s.item_code, s.warehouse, s.posting_datetime, s.name, n.name, SIGN(s.actual_qty) FROM `tabStock Ledger Entry` s "
        "JOIN "
        "`tabSerial No` n ON n.item_code = s.item_code AND FIND_IN_SET(n.name, REPLACE(s.serial_no, CHAR(10 USING utf8mb4), ',')) > 0 "
        "WHERE s.is_cancelled "
        "= 0 "
        "AND COALESCE(s.serial_and_batch_bundle, '') = '' "
        "UNION ALL SELECT s.item_code, s.warehouse, s.posting_datetime, s.name, s.batch_no, s.actual_qty FROM `tabStock Ledger Entry` s "
        "WHERE "
        "s.is_cancelled = 0 AND COALESCE(s.serial_and_batch_bundle, '') = '' AND s.batch_no <> '' AND COALESCE(s.serial_no, '') = '') c";
    EXPECT_EQ(texts(database, fmt::format("SELECT number FROM {} JOIN tabItem i ON i.name = c.item_code AND i.has_serial_no = 1 GROUP BY "
                                          "c.item_code, number HAVING SUM(qty) < 0 OR SUM(qty) > 1 OR MAX(ABS(qty)) > 1",
                                          changes)),
              Texts{});
    EXPECT_EQ(texts(database,
                    "SELECT s.voucher_no FROM `tabStock Ledger Entry` s JOIN `tabStock Entry` e ON e.name = s.voucher_no AND e.purpose IN "
                    "('Manufacture', 'Repack') WHERE s.is_cancelled = 0 GROUP BY s.voucher_no HAVING MAX(s.actual_qty) < 0 OR "
                    "MIN(s.actual_qty) > 0"),
              Texts{})
        << "every production took in and put out";
}

/// A row of the stock ledger, which names its serial or batch itself, as ERPNext still reads it.
std::string posted(const char* name, const char* item, const char* voucher_type, const char* voucher, int qty, const char* day,
                   const char* warehouse, const char* serial, const char* batch = "") {
    return fmt::format(
        "CREATE TEMPORARY TABLE one SELECT * FROM `tabStock Ledger Entry` WHERE name = 'MAT-SLE-2026-03903';"
        "UPDATE one SET name = '{0}', voucher_detail_no = '{0}', item_code = '{1}', voucher_type = '{2}', voucher_no = '{3}', actual_qty = "
        "{4}, "
        "posting_date = '{5}', posting_datetime = '{5} 10:00:00', warehouse = '{6}', serial_no = '{7}', batch_no = '{8}', "
        "serial_and_batch_bundle = '';"
        "INSERT INTO `tabStock Ledger Entry` SELECT * FROM one; DROP TEMPORARY TABLE one;",
        name, item, voucher_type, voucher, qty, day, warehouse, serial, batch);
}
std::string serial(const char* name, const char* item) {
    return fmt::format(
        "CREATE TEMPORARY TABLE one SELECT * FROM `tabSerial No` WHERE name = 'CPU00001'; UPDATE one SET name = '{0}', serial_no = '{0}', "
        "item_code = '{1}', modified = '2026-11-21';"
        "INSERT INTO `tabSerial No` SELECT * FROM one; DROP TEMPORARY TABLE one;",
        name, item);
}

TEST_F(ErpnextAudit, finds_twelve_planted_faults_and_what_follows_from_one) {
    constexpr const char* kReceipt = "Purchase Receipt";
    constexpr const char* kFrom = "MAT-PRE-2026-00003";
    constexpr const char* kDelivery = "Delivery Note";
    constexpr const char* kStores = "Stores - LW";
    constexpr const char* kFinished = "Finished Goods - LW";
    const std::string planted =
        // 1: received at two places.
        serial("PL-01", "CPU-X7") + posted("PL-1a", "CPU-X7", kReceipt, kFrom, 1, "2026-06-01", kStores, "PL-01") +
        posted("PL-1b", "CPU-X7", kReceipt, kFrom, 1, "2026-06-02", kFinished, "PL-01") +
        // 2: 30 cells are used.
        "UPDATE `tabSerial and Batch Entry` SET qty = -600 WHERE name = 'iq9lvfowot';" +
        // 3: CPU00001 is built in.
        posted("PL-3", "CPU-X7", kDelivery, "MAT-DN-2026-00001", -1, "2026-06-01", kStores, "CPU00001") +
        // 4: LP26-000008 is made after its delivery on 19 April.
        "UPDATE `tabStock Ledger Entry` SET posting_date = '2026-05-14', posting_datetime = '2026-05-14 15:30:00' WHERE name = "
        "'MAT-SLE-2026-01266';" +
        // 5: CPU00002 is entered again.
        serial("cpu 2", "CPU-X7") +
        // 6: the only product of an entry is cancelled, its inputs are not.
        "UPDATE `tabStock Ledger Entry` SET is_cancelled = 1 WHERE name = 'MAT-SLE-2026-03764';" +
        // 7: out of nowhere.
        serial("PL-07", "LAP-14P") + posted("PL-7", "LAP-14P", kDelivery, "MAT-DN-2026-00001", -1, "2026-06-01", kStores, "PL-07") +
        // 8: delivered from a warehouse a day before it came there; the other warehouse had some.
        "CREATE TEMPORARY TABLE one SELECT * FROM tabBatch WHERE name = 'B1-2603-01'; UPDATE one SET name = 'PL-08', batch_id = 'PL-08'; "
        "INSERT "
        "INTO tabBatch SELECT * FROM one; DROP TEMPORARY TABLE one;" +
        posted("PL-8a", "CELL-21700", kReceipt, kFrom, 10, "2026-06-01", kStores, "", "PL-08") +
        posted("PL-8b", "CELL-21700", kDelivery, "MAT-DN-2026-00001", -4, "2026-06-02", kFinished, "", "PL-08") +
        posted("PL-8c", "CELL-21700", kReceipt, kFrom, 10, "2026-06-03", kFinished, "", "PL-08") +
        // 9: delivered to Customer 03, and Customer 02 has it.
        posted("PL-9", "LAP-14P", kDelivery, "MAT-DN-2026-00003", -1, "2026-06-01", kStores, "LP26-000009") +
        // 10: Customer 04 brings back what Customer 03 has.
        posted("PL-10", "LAP-14P", kDelivery, "MAT-DN-2026-00004", 1, "2026-06-01", "Returns - LW", "LP26-000016") +
        // 11: it came on 8 March. That it was made after it expired follows.
        "UPDATE tabBatch SET expiry_date = '2026-03-01' WHERE name = 'LH/26-03 №7';" +
        // 12: a year mistyped.
        serial("PL-12", "CPU-X7") + posted("PL-12a", "CPU-X7", kReceipt, kFrom, 1, "2026-06-01", kStores, "PL-12") +
        posted("PL-12b", "CPU-X7", kDelivery, "MAT-DN-2026-00001", -1, "2062-06-01", kStores, "PL-12");
    const std::string first_input = database
                                        .rows(
                                            "SELECT COALESCE(NULLIF(e.serial_no, ''), e.batch_no) FROM `tabStock Ledger Entry` s JOIN "
                                            "`tabSerial and Batch Entry` e ON e.parent = "
                                            "s.serial_and_batch_bundle WHERE s.voucher_no = 'MAT-STE-2026-00778' AND s.actual_qty < 0 "
                                            "ORDER BY s.voucher_detail_no LIMIT 1")
                                        .at(0)
                                        .at(0);
    expect_planted(database, "erpnext", planted,
                   {"two_places PL-01", "negative_stock B1-2603-01", "consumed_yet_available CPU00001", "out_before_in LP26-000008",
                    "same_number CPU00002 cpu 2", "no_outputs " + first_input, "never_came_in PL-07", "negative_for_a_time PL-08",
                    "delivered_twice LP26-000009", "returned_by_another LP26-000016", "expired_before_received LH/26-03 №7",
                    "expires_before_made LH/26-03 №7", "in_the_future PL-12"});
}

}  // namespace
}  // namespace stemma::erp::test
