// Facts over Odoo's own database against its rows: sales, and units that were repaired. The SQL below is the test's own.
#include "core/engine/facts.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/integration/engine/engine_rig.hpp"
#include "tests/integration/odoo/odoo_database.hpp"

namespace stemma {
namespace {

using erp::test::OdooDatabase;
using Texts = std::multiset<std::string>;

std::string lot_id(const std::string& key) { return "urn:stemma:odoo:lot:" + key; }

class FactsOfOdoo : public ::testing::Test {
protected:
    void SetUp() override {
        if (!erp_.missing().empty()) GTEST_SKIP() << erp_.missing();
        source_ = erp_.source(erp::test::odoo_mapping("odoo-18"));
        rig_.sync(*source_);
    }

    Texts told(const std::string& name, const std::string& lot, const std::string& column) {
        const auto snapshot = rig_.store().read();
        engine::FactReader reader{**snapshot, *(*snapshot)->size(), rig_.limits()};
        const auto table = reader.answer({name, {lot_id(lot)}});
        EXPECT_TRUE(table) << table.error().text();
        Texts rows;
        for (std::size_t row = 0; table && row < table->rows.size(); ++row) rows.insert(to_text(table->at(row, column)));
        return rows;
    }

    OdooDatabase erp_;
    test::TempFolder folder_;
    test::EngineRig rig_{folder_.path()};
    std::unique_ptr<ErpSource> source_;
};

TEST_F(FactsOfOdoo, sold_at_is_every_delivery_of_a_serial_or_lot_to_a_customer) {
    std::map<std::string, std::size_t> theirs;
    for (const auto& row :
         erp_.rows("SELECT l.lot_id FROM stock_move_line l JOIN stock_location f ON f.id = l.location_id JOIN stock_location d "
                   "ON d.id = l.location_dest_id WHERE l.state = 'done' AND l.quantity > 0 AND l.lot_id IS NOT NULL AND "
                   "f.usage <> 'customer' AND d.usage = 'customer' AND NOT EXISTS (SELECT 1 FROM stock_scrap s JOIN "
                   "stock_move m ON m.scrap_id = s.id WHERE m.id = l.move_id)"))
        ++theirs[row[0]];
    ASSERT_GT(theirs.size(), 50U);
    std::size_t resold = 0;
    for (const auto& [lot, sales] : theirs) {
        EXPECT_EQ(told("item.sold_at", lot, "time").size(), sales) << lot;
        resold += sales > 1 ? 1U : 0U;
    }
    EXPECT_GT(resold, 0U);
}

TEST_F(FactsOfOdoo, as_maintained_has_what_repairs_put_in_and_not_what_they_took_out) {
    std::map<std::string, std::map<std::string, bool>> units;  // unit -> part -> in it after the last repair that speaks of it
    for (const auto& row :
         erp_.rows("SELECT r.lot_id, l.lot_id, m.repair_line_type FROM repair_order r JOIN stock_move m ON m.repair_id = r.id "
                   "JOIN stock_move_line l ON l.move_id = m.id WHERE l.state = 'done' AND l.quantity > 0 AND r.lot_id IS NOT "
                   "NULL AND l.lot_id IS NOT NULL AND m.repair_line_type IN ('add', 'remove', 'recycle') ORDER BY l.date, "
                   "l.id"))
        units[row[0]][row[1]] = row[2] == "add";
    ASSERT_GT(units.size(), 3U);
    std::size_t replaced = 0;
    for (const auto& [unit, parts] : units) {
        const Texts now = told("item.as_maintained", unit, "component");
        const Texts built = told("item.as_built", unit, "component");
        for (const auto& [part, is_in] : parts) {
            EXPECT_EQ(now.contains(lot_id(part)), is_in) << unit << " " << part;
            EXPECT_TRUE(is_in || built.contains(lot_id(part))) << unit << " was built with " << part;
            EXPECT_EQ(told("item.installed_in", part, "parent").contains(lot_id(unit)), is_in) << part;
        }
        for (const std::string& old : told("item.as_maintained", unit, "replaced")) replaced += old.empty() ? 0U : 1U;
        EXPECT_GE(told("item.repairs", unit, "started").size(), 1U);
    }
    EXPECT_GT(replaced, 0U);
}

TEST_F(FactsOfOdoo, repairs_are_those_of_the_unit_that_was_on_the_bench) {
    std::map<std::string, std::size_t> theirs;
    for (const auto& row :
         erp_.rows("SELECT DISTINCT r.lot_id, r.id FROM repair_order r JOIN stock_move m ON m.repair_id = r.id JOIN stock_move_line "
                   "l ON l.move_id = m.id WHERE l.state = 'done' AND l.quantity > 0 AND m.repair_line_type IS NULL AND l.lot_id "
                   "= r.lot_id"))
        ++theirs[row[0]];
    ASSERT_GT(theirs.size(), 3U);
    for (const auto& [unit, repairs] : theirs) EXPECT_EQ(told("item.repairs", unit, "started").size(), repairs) << unit;
}

}  // namespace
}  // namespace stemma
