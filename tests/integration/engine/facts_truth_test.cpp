// Facts over Tryton's data against Tryton's own rows: what each lot was built of, and each of its sales. The SQL below is the test's own.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>

#include "core/engine/facts.hpp"
#include "tests/integration/engine/engine_rig.hpp"
#include "tests/integration/erp/tryton_database.hpp"

namespace stemma {
namespace {

using erp::test::Data;
using erp::test::TrytonDatabase;
using erp::test::Which;
using Rows = std::multiset<std::string>;

std::string lot_id(const std::string& key) { return "urn:stemma:tryton:lot:" + key; }

class FactsOfTryton : public ::testing::TestWithParam<Which> {
protected:
    void SetUp() override {
        if (!erp_.missing().empty()) GTEST_SKIP() << erp_.missing();
        source_ = erp_.source();
        ASSERT_EQ(rig_.sync(*source_).sum.rejected, 0U);
    }

    Rows told(const std::string& name, std::vector<std::string> arguments, const std::vector<std::string>& columns) {
        const auto snapshot = rig_.store().read();
        engine::FactReader reader{**snapshot, *(*snapshot)->size(), rig_.limits()};
        const auto table = reader.answer({name, std::move(arguments)});
        EXPECT_TRUE(table) << table.error().text();
        Rows rows;
        for (std::size_t row = 0; table && row < table->rows.size(); ++row) {
            std::string line;
            for (const std::string& column : columns) line += (line.empty() ? "" : " ") + to_text(table->at(row, column));
            rows.insert(line);
        }
        return rows;
    }

    std::vector<std::string> lots() {
        std::vector<std::string> all;
        for (const auto& row : erp_.rows("SELECT id FROM stock_lot ORDER BY id")) all.push_back(row[0]);
        return all;
    }

    TrytonDatabase erp_{GetParam()};
    test::TempFolder folder_;
    test::EngineRig rig_{folder_.path()};
    std::unique_ptr<ErpSource> source_;
};

/// The two sides of a lot's orders: moves with production_input and production_output.
TEST_P(FactsOfTryton, as_built_is_what_the_lots_orders_took_in) {
    std::size_t parts = 0;
    for (const std::string& lot : lots()) {
        Rows theirs;
        for (const auto& row : erp_.rows(fmt::format(
                 "SELECT i.lot, i.product FROM stock_move i JOIN stock_location d ON d.id = i.to_location WHERE i.state = 'done' AND "
                 "i.quantity > 0 "
                 "AND d.type = 'production' AND (i.lot IS NULL OR i.lot <> {0}) AND i.production_input IN (SELECT o.production_output FROM "
                 "stock_move o JOIN stock_location t ON t.id = o.to_location WHERE o.state = 'done' AND o.quantity > 0 AND o.lot = {0} AND "
                 "t.type = 'storage')",
                 lot)))
            theirs.insert(row[0].empty() ? "urn:stemma:tryton:product:" + row[1] : lot_id(row[0]));
        EXPECT_EQ(told("item.as_built", {lot_id(lot)}, {"component"}), theirs) << lot;
        parts += theirs.size();
    }
    EXPECT_GT(parts, 100U);
}

TEST_P(FactsOfTryton, sold_at_is_every_delivery_of_the_lot_to_a_customer) {
    std::size_t sales = 0;
    for (const std::string& lot : lots()) {
        Rows theirs;
        for (const auto& row : erp_.rows(fmt::format(
                 "SELECT m.effective_date FROM stock_move m JOIN stock_location f ON f.id = m.from_location JOIN stock_location d ON d.id "
                 "= "
                 "m.to_location WHERE m.state = 'done' AND m.quantity > 0 AND f.type = 'storage' AND d.type = 'customer' AND m.lot = {}",
                 lot)))
            theirs.insert(row[0].substr(0, 10) + "T00:00:00Z");
        EXPECT_EQ(told("item.sold_at", {lot_id(lot)}, {"time"}), theirs) << lot;
        sales += theirs.size();
    }
    EXPECT_GT(sales, 20U);
}

INSTANTIATE_TEST_SUITE_P(Tryton, FactsOfTryton,
                         ::testing::Values(Which{Data::demo, sql::Engine::sqlite}, Which{Data::trace, sql::Engine::sqlite}),
                         [](const auto& which) { return erp::test::name_of(which.param); });

}  // namespace
}  // namespace stemma
