// The audit of Odoo's own database: each finding on the data as it is follows from the rows by SQL of its own, and of twelve planted faults
// exactly these twelve are found.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <tuple>

#include "tests/integration/audit/audit_rig.hpp"
#include "tests/integration/odoo/odoo_database.hpp"

namespace stemma::erp::test {
namespace {

using stemma::test::Told;
using Texts = std::multiset<std::string>;

/// Each done line of a lot or serial as a change of a place of ours, and each serial's deliveries and returns.
constexpr const char* kChanges =
    "WITH m AS (SELECT ml.* FROM stock_move_line ml WHERE ml.state = 'done' AND ml.lot_id IS NOT NULL AND ml.quantity_product_uom > 0), "
    "c AS (SELECT m.id, m.lot_id, m.location_dest_id AS place, m.date, m.quantity_product_uom AS q FROM m JOIN stock_location l ON l.id = "
    "m.location_dest_id AND l.usage IN ('internal', 'transit') UNION ALL SELECT m.id, m.lot_id, m.location_id, m.date, "
    "-m.quantity_product_uom FROM m JOIN stock_location l ON l.id = m.location_id AND l.usage IN ('internal', 'transit')) ";

/// A row again, with what is different: the JSON names columns.
std::string copy_of(const char* table, int id, const std::string& changes) {
    return fmt::format("INSERT INTO {0} SELECT (jsonb_populate_record(t, '{{{2}}}')).* FROM {0} t WHERE id = {1};", table, id, changes);
}

// Rows of the dump that the faults are planted in.
constexpr int kReceiptOfCpu301 = 2101, kReceiptOfCpu302 = 2102;  // serials that nothing else happened to
constexpr int kPickingOf58 = 48, kPickingOf59 = 49;              // deliveries to Customer 01 and to the next one
constexpr int kDelivery277 = 8073, kDelivery132 = 8074, kDelivery55 = 8075;
constexpr int kReturn163 = 8547;     // by Customer 06
constexpr int kMade47 = 4337;        // production of LP26-000047
constexpr int kMade10 = 3740;        // production of LP26-000010, which nothing else happened to
constexpr int kCells = 65;           // receipt of 167 cells of lot B1-2603-01
constexpr int kUseOfModules = 3512;  // 2 modules of MOD-0001 go into order 52

std::string planted() {
    // 1: received again, at another place.
    return copy_of("stock_move_line", kReceiptOfCpu301, R"("id": 900001, "location_dest_id": 18)") +
           // 2: 500 more modules are used than were.
           fmt::format("UPDATE stock_move_line SET quantity = 502, quantity_product_uom = 502 WHERE id = {};", kUseOfModules) +
           // 3: CPU00001 was built in, and is delivered.
           copy_of("stock_move_line", kDelivery277, R"("id": 900003, "lot_id": 24, "product_id": 68, "date": "2026-09-01 10:00:00")") +
           // 4: the production of LP26-000047 is dated after its delivery.
           fmt::format("UPDATE stock_move_line SET date = '2026-09-01 10:00:00' WHERE id = {};", kMade47) +
           // 5: a serial is entered again, without its dash.
           copy_of("stock_lot", 1788, R"("id": 900005, "name": "lp26 10")") +
           // 6: an order's product is never posted.
           fmt::format("UPDATE stock_move_line SET state = 'cancel' WHERE id = {};", kMade10) +
           // 7: delivered, and nobody made it.
           copy_of("stock_lot", 1788, R"("id": 900007, "name": "PL-07")") +
           copy_of("stock_move_line", kDelivery277, R"("id": 900007, "lot_id": 900007)") +
           // 8: two pieces of one serial.
           fmt::format("UPDATE stock_move_line SET quantity = 2, quantity_product_uom = 2 WHERE id = {};", kReceiptOfCpu302) +
           // 9: delivered to the next customer as well.
           copy_of("stock_move_line", kDelivery277,
                   fmt::format(R"("id": 900009, "picking_id": {}, "date": "2026-09-01 10:00:00")", kPickingOf59)) +
           // 10: Customer 06 brings back what Customer 01 has.
           copy_of("stock_move_line", kReturn163, R"("id": 900010, "lot_id": 2174)") +
           // 11: cells that had expired before they came.
           "UPDATE stock_lot SET expiration_date = '2026-03-03 08:00:00' WHERE id = 15;" +
           // 12: a year mistyped.
           fmt::format("UPDATE stock_move_line SET date = '2062-07-15 19:10:00' WHERE id = {};", kDelivery55);
}

const Texts kMustBeFound{"two_places CPU00301",
                         "negative_stock MOD-0001",
                         "consumed_yet_available CPU00001",
                         "out_before_in LP26-000047",
                         "same_number LP26-000010 lp26 10",
                         "never_came_in PL-07",
                         "not_one_piece CPU00302",
                         "delivered_twice LP26-000277",
                         "returned_by_another LP26-000132",
                         "expired_before_received B1-2603-01",
                         "in_the_future LP26-000055"};  // and no_outputs, whose item is what was taken in first

class OdooAudit : public ::testing::Test {
protected:
    void SetUp() override {
        if (!database.missing().empty()) GTEST_SKIP() << database.missing();
    }
    [[nodiscard]] std::vector<Told> audited() const {
        const stemma::test::TempFolder folder;
        stemma::test::EngineRig rig{folder.path()};
        const auto source = database.source(odoo_mapping("odoo-18"));
        EXPECT_EQ(rig.sync(*source).sum.rejected, 0U);
        return audit_of(rig, "odoo");
    }
    [[nodiscard]] Texts texts(const std::string& sql) const {
        Texts all;
        for (const auto& row : database.rows(sql)) all.insert(row.at(0));
        return all;
    }
    [[nodiscard]] std::string text(const std::string& sql) const { return database.rows(sql).at(0).at(0); }

    OdooDatabase database;
};

TEST_F(OdooAudit, every_finding_on_the_data_as_it_is_follows_from_its_rows) {
    const std::vector<Told> all = audited();
    const char* const below =
        "SELECT DISTINCT l.name FROM (SELECT lot_id, place, SUM(q) OVER (PARTITION BY lot_id, place ORDER BY date, CASE WHEN q < 0 THEN 1 "
        "ELSE "
        "0 END, id) AS q FROM c) s JOIN stock_lot l ON l.id = s.lot_id WHERE s.q < 0";
    EXPECT_EQ(texts(std::string{kChanges} + below), Texts{}) << "no lot is or was below zero at any place";
    EXPECT_EQ(texts("SELECT lower(replace(replace(name, ' ', ''), '-', '')) FROM stock_lot GROUP BY product_id, 1 HAVING count(*) > 1"),
              Texts{});
    // Orders with a product and nothing taken in.
    std::set<std::string> rows;
    for (const Told& told : all)
        if (told.kind == "no_inputs") rows.insert(told.rows.begin(), told.rows.end());
    std::erase_if(rows, [](const std::string& row) { return !row.starts_with("moves "); });
    const Texts made = texts(
        "SELECT 'moves ' || ml.id FROM stock_move_line ml JOIN stock_move m ON m.id = ml.move_id WHERE ml.state = 'done' AND "
        "m.production_id IS "
        "NOT NULL AND NOT EXISTS (SELECT 1 FROM stock_move_line i JOIN stock_move im ON im.id = i.move_id WHERE i.state = 'done' AND "
        "im.raw_material_production_id = m.production_id)");
    EXPECT_EQ(rows, (std::set<std::string>{made.begin(), made.end()}));
    // Lots that were used or delivered and came from counts alone.
    EXPECT_EQ(
        items_of(all, "no_origin"),
        texts(
            "SELECT l.name FROM stock_lot l WHERE EXISTS (SELECT 1 FROM stock_move_line o JOIN stock_location d ON d.id = "
            "o.location_dest_id WHERE o.lot_id = l.id AND o.state = 'done' AND d.usage IN ('customer', 'production')) AND EXISTS (SELECT 1 "
            "FROM stock_move_line i JOIN stock_location s ON s.id = i.location_id WHERE i.lot_id = l.id AND i.state = 'done' AND s.usage = "
            "'inventory') AND NOT EXISTS (SELECT 1 FROM stock_move_line i JOIN stock_location s ON s.id = i.location_id WHERE i.lot_id = "
            "l.id AND i.state = 'done' AND s.usage IN ('supplier', 'production'))"));
    EXPECT_EQ(counts_of(all), (std::map<std::string, std::size_t>{{"no_inputs", 2}, {"no_origin", 2}})) << "and there is no other";
}

TEST_F(OdooAudit, finds_twelve_planted_faults_and_nothing_else) {
    const std::vector<Told> before = audited();
    ASSERT_EQ(text(fmt::format("SELECT l.name FROM stock_move_line ml JOIN stock_lot l ON l.id = ml.lot_id WHERE ml.id = {}", kMade47)),
              "LP26-000047");
    ASSERT_EQ(text(fmt::format("SELECT l.name FROM stock_move_line ml JOIN stock_lot l ON l.id = ml.lot_id WHERE ml.id = {}", kCells)),
              "B1-2603-01");
    database.run(planted());
    const std::string content = database.content();
    const std::vector<Told> after = audited();
    Texts expected = kMustBeFound;
    for (const Told& told : after)
        if (told.kind == "no_outputs") {
            EXPECT_EQ(
                texts(fmt::format("SELECT m.raw_material_production_id FROM stock_move_line ml JOIN stock_move m ON m.id = ml.move_id "
                                  "WHERE 'moves ' || ml.id IN ('{}')",
                                  fmt::join(told.rows, "','")))
                    .count("60"),
                told.rows.size() - 1)
                << "the order of LP26-000010, and the record of its first input: " << told;
            expected.insert("no_outputs " + told.item);
        }
    EXPECT_EQ(added(before, after), expected);
    EXPECT_EQ(added(after, before), Texts{});
    EXPECT_EQ(after.size(), before.size() + 12);
    EXPECT_EQ(database.content(), content) << "the ERP's tables were changed";
}

}  // namespace
}  // namespace stemma::erp::test
