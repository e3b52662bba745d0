// Transactions that end after later ones were read. Odoo's change times are those of a transaction's beginning: whoever reads by them
// alone, and goes back an overlap, misses a transaction that ran for longer.
#include <gtest/gtest.h>

#include "tests/integration/engine/lineage_picture.hpp"
#include "tests/integration/erp/tryton_database.hpp"
#include "tests/integration/odoo/odoo_database.hpp"

namespace stemma::erp {
namespace {

using test::OdooDatabase;

/// A transaction of a user's own, open until it is told to end.
class Open {
public:
    explicit Open(const OdooDatabase& erp) : session_{*sql::Session::open(erp.connection())} { run("BEGIN"); }
    void run(const std::string& sql) {
        const auto done = session_.execute_as_is({"test", sql.c_str()});
        ASSERT_TRUE(done) << done.error().text();
    }

private:
    sql::Session session_;
};

class LateCommits : public ::testing::Test {
protected:
    LateCommits() : erp_{test::odoo_story(18)} {}
    void SetUp() override {
        if (!erp_.missing().empty()) GTEST_SKIP() << erp_.missing();
    }

    std::unique_ptr<ErpSource> source(bool horizon) {
        SourceSettings settings;
        settings.overlap = std::chrono::minutes{10};
        settings.horizon = horizon;
        return erp_.source(test::odoo_mapping("odoo-18"), std::move(settings));
    }

    /// A user's transaction of hours: a receipt is put right, a delivery added, one of a transfer's partner changed. Others go on.
    void change_over(ErpSource& source, stemma::test::EngineRig& rig, std::uint64_t& before, std::uint64_t& after) {
        rig.sync(source);
        Open late{erp_};
        late.run("UPDATE stock_move_line SET quantity = 7, quantity_product_uom = 7, write_date = '2026-10-02 08:00:00' WHERE id = 1");
        late.run("UPDATE stock_picking SET partner_id = CASE partner_id WHEN 3 THEN 4 ELSE 3 END, write_date = '2026-10-02 08:00:00'");
        late.run("INSERT INTO stock_move (id, state, write_date) VALUES (900, 'done', '2026-10-02 08:00:00')");
        late.run(
            "INSERT INTO stock_move_line (id, move_id, date, product_id, lot_id, quantity, quantity_product_uom, location_id, "
            "location_dest_id, state, create_date, write_date) VALUES (900, 900, '2026-02-01', 1, 1, 1, 1, 8, 5, 'done', "
            "'2026-10-02 08:00:00', '2026-10-02 08:00:00')");
        erp_.run("UPDATE stock_move_line SET date = date + interval '5 hours', write_date = '2026-10-02 12:00:00' WHERE id = 10");
        const auto moves = [&] {
            for (const auto& [query, counts] : rig.sync(source).queries)
                if (query == "moves") return counts.changed + counts.added;
            return std::uint64_t{0};
        };
        before = moves();
        late.run("COMMIT");
        after = moves();
    }

    OdooDatabase erp_;
    stemma::test::TempFolder folder_, fresh_folder_;
    stemma::test::EngineRig rig_{folder_.path()}, fresh_{fresh_folder_.path()};
};

TEST_F(LateCommits, are_found_by_the_next_reading) {
    const auto reader = source(true);
    std::uint64_t before = 0;
    std::uint64_t after = 0;
    change_over(*reader, rig_, before, after);
    EXPECT_EQ(before, 1U) << "line 10";
    EXPECT_GE(after, 3U) << "lines 1 and 900, and those of the transfers";
    fresh_.sync(*reader);
    stemma::test::expect_same_lineage(rig_, fresh_);
}

/// The red control: what the horizon is for.
TEST_F(LateCommits, are_lost_until_all_is_read_again_where_only_change_times_are_looked_at) {
    const auto reader = source(false);
    std::uint64_t before = 0;
    std::uint64_t after = 0;
    change_over(*reader, rig_, before, after);
    EXPECT_EQ(before, 1U);
    EXPECT_EQ(after, 0U);
    rig_.sync(*reader, true);
    fresh_.sync(*reader);
    stemma::test::expect_same_lineage(rig_, fresh_);
}

TEST_F(LateCommits, are_found_when_several_readings_went_by) {
    const auto reader = source(true);
    rig_.sync(*reader);
    Open late{erp_};
    late.run("UPDATE stock_move_line SET lot_id = 2, write_date = '2026-03-01 08:00:00' WHERE id = 10");
    for (int i = 0; i < 3; ++i) {
        erp_.run("UPDATE stock_move_line SET date = date + interval '1 hour', write_date = now() WHERE id = 20");
        EXPECT_EQ(rig_.sync(*reader).sum.changed, 1U);
    }
    late.run("COMMIT");
    EXPECT_EQ(rig_.sync(*reader).sum.changed, 1U);
    EXPECT_EQ(rig_.sync(*reader).sum.rows, rig_.sync(*reader).sum.rows) << "and then no more";
}

TEST_F(LateCommits, of_rows_without_a_new_change_time_are_found) {
    const auto reader = source(true);
    rig_.sync(*reader);
    erp_.run("UPDATE stock_move_line SET lot_id = 3 - lot_id WHERE id = 20");
    erp_.run("DELETE FROM stock_move_line_consume_rel WHERE consume_line_id = 22 AND produce_line_id = 20");
    erp_.run("INSERT INTO stock_move_line_consume_rel VALUES (23, 20)");
    EXPECT_GE(rig_.sync(*reader).sum.changed, 1U);
    fresh_.sync(*reader);
    stemma::test::expect_same_lineage(rig_, fresh_);
}

/// A copy of the database counts its transactions by itself: a mark of the one says nothing in the other.
TEST_F(LateCommits, a_mark_of_another_database_reads_everything) {
    const auto reader = source(true);
    std::map<std::string, std::string> cursors;
    for (const SourceBatch& batch : test::read_all(*reader)) cursors[batch.query] = batch.cursor;
    ASSERT_TRUE(cursors.at("moves").starts_with("xmin=")) << cursors.at("moves");
    for (const SourceBatch& batch : test::read_all(*reader, cursors)) EXPECT_EQ(batch.full, batch.query == "places") << batch.query;
    std::string& mark = cursors.at("moves");
    mark.replace(mark.find('/'), mark.find(' ') - mark.find('/'), "/1");
    for (const SourceBatch& batch : test::read_all(*reader, cursors))
        EXPECT_EQ(batch.full, batch.query == "places" || batch.query == "moves") << batch.query;
}

/// A database that was set back counts transactions again that a mark is ahead of.
TEST_F(LateCommits, a_mark_ahead_of_the_database_reads_everything) {
    const auto reader = source(true);
    std::map<std::string, std::string> cursors;
    for (const SourceBatch& batch : test::read_all(*reader)) cursors[batch.query] = batch.cursor;
    std::string& mark = cursors.at("moves");
    mark.insert(mark.find('/'), "0000");
    for (const SourceBatch& batch : test::read_all(*reader, cursors))
        EXPECT_EQ(batch.full, batch.query == "places" || batch.query == "moves") << batch.query;
}

}  // namespace
}  // namespace stemma::erp
