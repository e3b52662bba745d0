// Where a change time comes from and which index would find it; SQLite's own plans. Plans of servers are in tests/integration.
#include "adapters/erp/explain.hpp"

#include <gtest/gtest.h>

#include "tests/support/temp_folder.hpp"
#include "tests/unit/erp/support.hpp"

namespace stemma::erp {
namespace {

ChangeTime change_time(const std::string& select) {
    const auto mapping = test::toy(test::toy_with("SELECT id, kind, day, lot, quantity, unit, partner, note, changed FROM move", select));
    return change_time_of(*mapping, *mapping->find("moves"));
}

constexpr const char* kFront = "SELECT m.id, m.kind, m.day, m.lot, m.quantity, m.unit, m.partner, m.note, ";

TEST(ChangeTime, of_a_plain_column_is_that_column) {
    const ChangeTime changed = change_time("SELECT id, kind, day, lot, quantity, unit, partner, note, changed FROM move");
    EXPECT_EQ(changed.tables, std::set<std::string>{"move"});
    EXPECT_EQ(changed.column, "changed");
}

TEST(ChangeTime, of_two_columns_is_an_expression_without_the_alias) {
    const ChangeTime changed = change_time(std::string{kFront} + "COALESCE(m.changed, m.day) AS changed FROM move m");
    EXPECT_EQ(changed.tables, std::set<std::string>{"move"});
    EXPECT_EQ(changed.column, "");
    EXPECT_EQ(changed.expression, R"(COALESCE("changed", "day"))");
}

TEST(ChangeTime, of_several_tables_names_them_all) {
    const ChangeTime changed =
        change_time(std::string{kFront} + "GREATEST(m.changed, l.made) AS changed FROM move m JOIN lot l ON l.id = m.lot");
    EXPECT_EQ(changed.tables, (std::set<std::string>{"lot", "move"}));
}

TEST(ChangeTime, that_does_not_show_is_not_known) {
    EXPECT_FALSE(change_time(std::string{kFront} + "m.changed FROM move m UNION ALL " + kFront + "m.changed FROM move m").known());
    EXPECT_FALSE(change_time(std::string{kFront} + "upper(m.changed) AS changed FROM move m").known());
    EXPECT_FALSE(change_time(std::string{kFront} + "d.expires AS changed FROM move m JOIN dates d ON d.lot_id = m.lot").known());
}

TEST(HelpfulIndex, is_written_as_each_engine_takes_it) {
    std::string why;
    ChangeTime one{{"move"}, "changed", "\"changed\""};
    EXPECT_EQ(helpful_index(one, "move", sql::Engine::postgresql, why), R"(CREATE INDEX "stemma_move_changed" ON "move" ("changed");)");
    EXPECT_EQ(helpful_index(one, "move", sql::Engine::mariadb, why), "CREATE INDEX `stemma_move_changed` ON `move` (`changed`);");
    EXPECT_EQ(helpful_index(one, "move", sql::Engine::sqlite, why), "");
    EXPECT_NE(why, "");
    ChangeTime two{{"move"}, "", R"(COALESCE("a", "b"))"};
    EXPECT_EQ(helpful_index(two, "move", sql::Engine::postgresql, why),
              R"(CREATE INDEX "stemma_move_changed" ON "move" ((COALESCE("a", "b")));)");
    why.clear();
    EXPECT_EQ(helpful_index(two, "move", sql::Engine::mariadb, why), "");
    EXPECT_NE(why, "");
    two.tables.insert("lot");
    EXPECT_EQ(helpful_index(two, "move", sql::Engine::postgresql, why), "");
}

TEST(Aliases, lead_back_to_their_tables_and_parts_do_not) {
    const auto mapping = test::toy();
    const MappedQuery& lots = *mapping->find("lots");
    EXPECT_EQ(tables_called("l", *mapping, lots), std::set<std::string>{"lot"});
    EXPECT_EQ(tables_called("lot", *mapping, lots), std::set<std::string>{"lot"});  // in the part, where it has no alias
    EXPECT_EQ(tables_called("d", *mapping, lots), std::set<std::string>{});
    EXPECT_EQ(joined_by("lot", *mapping, lots), std::set<std::string>{"id"});
}

TEST(PlanOfSqlite, names_what_is_read_whole_and_what_an_index_begins_with) {
    const stemma::test::TempFolder folder;
    auto session = sql::Session::open({.engine = sql::Engine::sqlite, .target = folder.file("plan.db")});
    ASSERT_TRUE(session);
    ASSERT_TRUE(session->execute_as_is({"test", "CREATE TABLE m (id INTEGER PRIMARY KEY, lot INTEGER, day TEXT)"}));
    ASSERT_TRUE(session->execute_as_is({"test", "CREATE INDEX by_lot ON m (lot, day)"}));
    const auto whole = plan_of(*session, "SELECT x.day FROM m x WHERE x.day > '2026'");
    ASSERT_TRUE(whole) << whole.error().text();
    EXPECT_EQ(whole->whole, std::set<std::string>{"x"});
    EXPECT_FALSE(whole->cost);
    const auto found = plan_of(*session, "SELECT day FROM m WHERE lot = 7");
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->whole.empty());
    EXPECT_EQ(*indexed_columns(*session), (std::map<std::string, std::set<std::string>>{{"m", {"lot"}}}));
    EXPECT_FALSE(plan_of(*session, "SELECT nothing FROM m"));
}

}  // namespace
}  // namespace stemma::erp
