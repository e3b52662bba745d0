// The doctor's account of Tryton databases that fit, that do not, and of logins that may too little or too much.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>

#include "adapters/erp/catalogue.hpp"
#include "adapters/erp/sql_text.hpp"
#include "tests/integration/erp/tryton_database.hpp"

namespace stemma::erp {
namespace {

using test::Data;
using test::TrytonDatabase;
using test::Which;

const SourceFinding* find(const SourceReport& report, std::string_view subject) {
    for (const SourceFinding& finding : report.findings)
        if (finding.subject == subject) return &finding;
    return nullptr;
}

std::size_t events_in(ErpSource& source) {
    std::size_t events = 0;
    for (const SourceBatch& batch : test::read_all(source))
        if (batch.query == "moves") events += batch.records.size();
    return events;
}

class TrytonCheck : public ::testing::TestWithParam<sql::Engine> {
protected:
    void SetUp() override {
        if (!database.missing().empty()) GTEST_SKIP() << database.missing();
    }
    TrytonDatabase database{Which{Data::demo, GetParam()}};
};

TEST_P(TrytonCheck, a_database_that_fits_is_told_with_version_tables_and_rows) {
    const auto report = database.source()->check();
    ASSERT_TRUE(report) << report.error().text();
    EXPECT_TRUE(report->fits);
    EXPECT_EQ(report->erp, "Tryton");
    EXPECT_EQ(report->version, "6.0");
    EXPECT_EQ(report->mapping, "tryton-6.0");
    EXPECT_EQ(report->row_counts.size(), tables_read(*test::tryton()).size() - 1);  // all but stock_configuration_location
    for (const auto& [table, rows] : report->row_counts)
        EXPECT_EQ(rows, static_cast<std::uint64_t>(database.number(fmt::format("SELECT count(*) FROM \"{}\"", table)))) << table;
    for (const SourceFinding& finding : report->findings)
        EXPECT_NE(finding.level, SourceFinding::Level::error) << finding.subject << finding.message;
    ASSERT_NE(find(*report, "part transit_setting"), nullptr);
    EXPECT_EQ(find(*report, "part transit_setting")->level, SourceFinding::Level::note);
    EXPECT_EQ(report->reads.size(), 5U);
}

TEST_P(TrytonCheck, a_fit_says_the_same_and_counts_nothing) {
    const auto source = database.source();
    const auto fit = source->fit();
    ASSERT_TRUE(fit) << fit.error().text();
    EXPECT_TRUE(fit->fits);
    EXPECT_EQ(fit->version, "6.0");
    EXPECT_TRUE(fit->row_counts.empty());
    const auto check = source->check();
    ASSERT_TRUE(check) << check.error().text();
    EXPECT_EQ(fit->reads, check->reads);
    ASSERT_EQ(fit->findings.size(), check->findings.size());
    for (std::size_t i = 0; i < fit->findings.size(); ++i) EXPECT_EQ(fit->findings[i].subject, check->findings[i].subject);
    database.run("ALTER TABLE stock_move RENAME COLUMN effective_date TO effective_day");
    EXPECT_FALSE(source->fit()->fits);
}

/// The clock is the database's own, here held against what it says of itself.
TEST_P(TrytonCheck, a_lot_dated_2099_hides_no_lot_changed_later) {
    SourceSettings settings;
    settings.horizon = false;
    const auto source = database.source(settings);
    const auto lots = [&](const std::map<std::string, std::string>& cursors) {
        std::pair<std::set<std::string>, std::string> found;
        for (const SourceBatch& batch : test::read_all(*source, cursors)) {
            if (batch.query != "lots") continue;
            for (const SourceRecord& record : batch.records) found.first.insert(record.key);
            found.second = batch.cursor;
        }
        return found;
    };
    const std::string first = database.rows("SELECT min(id) FROM stock_lot").at(0).at(0);
    const std::string last = database.rows("SELECT max(id) FROM stock_lot").at(0).at(0);
    const std::string cursor = lots({}).second;
    database.run("UPDATE stock_lot SET write_date = '2099-01-01 00:00:00' WHERE id = " + first);
    const auto ahead = lots({{"lots", cursor}});
    EXPECT_TRUE(ahead.first.contains(first));
    EXPECT_EQ(ahead.second, cursor);
    database.run("UPDATE stock_lot SET write_date = CURRENT_TIMESTAMP WHERE id = " + last);
    const auto later = lots({{"lots", ahead.second}});
    EXPECT_TRUE(later.first.contains(first));
    EXPECT_TRUE(later.first.contains(last));
    EXPECT_TRUE(later.second.ends_with("|" + last)) << later.second;
}

/// Where transactions tell what changed, such a lot is read once, and moves no cursor either.
TEST_P(TrytonCheck, a_lot_dated_2099_is_read_once_where_the_database_has_a_horizon) {
    if (GetParam() != sql::Engine::postgresql) GTEST_SKIP() << "SQLite has none";
    const auto source = database.source();
    std::map<std::string, std::string> cursors;
    const auto lots = [&] {
        std::set<std::string> found;
        for (const SourceBatch& batch : test::read_all(*source, cursors)) {
            cursors[batch.query] = batch.cursor;
            for (const SourceRecord& record : batch.records)
                if (batch.query == "lots") found.insert(record.key);
        }
        return found;
    };
    EXPECT_GT(lots().size(), 10U);
    const std::string first = database.rows("SELECT min(id) FROM stock_lot").at(0).at(0);
    const std::string last = database.rows("SELECT max(id) FROM stock_lot").at(0).at(0);
    database.run("UPDATE stock_lot SET write_date = '2099-01-01 00:00:00' WHERE id = " + first);
    EXPECT_EQ(lots(), std::set{first});
    database.run("UPDATE stock_lot SET write_date = CURRENT_TIMESTAMP WHERE id = " + last);
    EXPECT_EQ(lots(), std::set{last});
    EXPECT_EQ(lots(), std::set<std::string>{});
}

TEST_P(TrytonCheck, each_renamed_column_is_named_and_nothing_is_read) {
    for (const auto& [table, column, other] :
         {std::tuple{"stock_move", "effective_date", "effective_day"}, std::tuple{"stock_move", "production_input", "production_inputs"},
          std::tuple{"stock_lot", "unit_quantity", "unit_quantities"}, std::tuple{"sale_complaint", "number", "numbers"},
          std::tuple{"stock_shipment_in", "supplier", "suppliers"}}) {
        database.run(fmt::format("ALTER TABLE {} RENAME COLUMN {} TO {}", table, column, other));
        const auto report = database.source()->check();
        ASSERT_TRUE(report) << report.error().text();
        EXPECT_FALSE(report->fits);
        const SourceFinding* finding = find(*report, fmt::format("column {}.{}", table, column));
        ASSERT_NE(finding, nullptr) << column;
        EXPECT_EQ(finding->message, fmt::format("missing; there is '{}'", other));
        const auto reading = database.source()->read({});
        ASSERT_FALSE(reading);
        EXPECT_EQ(reading.error().code, Errc::config);
        EXPECT_TRUE(reading.error().message.contains(fmt::format("column {}.{}: missing", table, column))) << reading.error().message;
        database.run(fmt::format("ALTER TABLE {} RENAME COLUMN {} TO {}", table, other, column));
    }
    EXPECT_TRUE(database.source()->check()->fits);
}

TEST_P(TrytonCheck, modules_that_are_not_installed_are_notes) {
    const std::size_t events = events_in(*database.source());
    database.run("DROP TABLE sale_complaint");
    database.run("DROP TABLE product_category");
    database.run("DROP TABLE \"product_template-product_category\"");
    database.run("ALTER TABLE stock_lot DROP COLUMN expiration_date");
    database.run("ALTER TABLE stock_lot DROP COLUMN shelf_life_expiration_date");
    const auto report = database.source()->check();
    ASSERT_TRUE(report);
    EXPECT_TRUE(report->fits);
    for (const char* part : {"complaints", "categories", "lot_dates"})
        EXPECT_EQ(find(*report, fmt::format("part {}", part))->level, SourceFinding::Level::note) << part;
    EXPECT_EQ(events_in(*database.source()), events);
}

TEST_P(TrytonCheck, without_production_sales_and_purchases_the_rest_is_still_read) {
    for (const char* table : {"production", "sale_sale", "sale_line", "purchase_purchase", "purchase_line", "sale_complaint"})
        database.run(fmt::format("DROP TABLE {}", table));
    database.run("ALTER TABLE stock_move DROP COLUMN production_input");
    database.run("ALTER TABLE stock_move DROP COLUMN production_output");
    const auto report = database.source()->check();
    ASSERT_TRUE(report);
    EXPECT_TRUE(report->fits);
    const auto moves = static_cast<std::size_t>(database.number("SELECT count(*) FROM stock_move WHERE state = 'done' AND quantity > 0"));
    EXPECT_EQ(events_in(*database.source()), moves);
}

TEST_P(TrytonCheck, tryton_7_is_told_apart) {
    database.run("ALTER TABLE stock_move RENAME COLUMN uom TO unit");
    const auto report = database.source()->check();
    ASSERT_TRUE(report);
    EXPECT_FALSE(report->fits);
    EXPECT_EQ(report->version, "");
    EXPECT_TRUE(find(*report, "Tryton 6.0")->message.contains("stock_move.unit is there: 7.0 or later"));
    ASSERT_NE(find(*report, "column stock_move.uom"), nullptr);
}

TEST_P(TrytonCheck, transit_is_what_the_stock_settings_name_where_they_do) {
    const auto kind_of_place = [&](const std::string& name) {
        for (const SourceBatch& batch : test::read_all(*database.source()))
            for (const SourceRecord& record : batch.records)
                if (const auto* master = std::get_if<Master>(&record.record))
                    if (const auto* place = std::get_if<Place>(master); place != nullptr && place->name == name) return place->kind;
        return PlaceKind::outside;
    };
    EXPECT_EQ(kind_of_place("Transit"), PlaceKind::transit);
    EXPECT_EQ(kind_of_place("Quarantine"), PlaceKind::stock);
    database.run("CREATE TABLE stock_configuration_location (id INTEGER, shipment_internal_transit INTEGER)");
    EXPECT_EQ(kind_of_place("Transit"), PlaceKind::transit);  // the settings are there, but say nothing
    database.run("INSERT INTO stock_configuration_location SELECT 1, id FROM stock_location WHERE name = 'Quarantine'");
    EXPECT_EQ(kind_of_place("Transit"), PlaceKind::stock);
    EXPECT_EQ(kind_of_place("Quarantine"), PlaceKind::transit);
}

TEST_P(TrytonCheck, goods_that_leave_for_transit_are_in_transit) {
    const auto departed = database.rows(
        "SELECT m.id FROM stock_move m JOIN stock_location d ON d.id = m.to_location "
        "WHERE d.name = 'Transit' AND m.state = 'done' AND m.quantity > 0");
    std::set<std::string> expected;
    for (const auto& row : departed) expected.insert(row[0]);
    std::set<std::string> found;
    for (const SourceBatch& batch : test::read_all(*database.source()))
        for (const SourceRecord& record : batch.records)
            if (const auto* event = std::get_if<Event>(&record.record);
                event != nullptr && event->disposition == "in_transit" && event->biz_step == "transporting")
                found.insert(record.key);
    EXPECT_EQ(found, expected);
    EXPECT_FALSE(expected.empty());
}

INSTANTIATE_TEST_SUITE_P(Tryton, TrytonCheck, ::testing::Values(sql::Engine::sqlite, sql::Engine::postgresql),
                         [](const auto& given) { return given.param == sql::Engine::sqlite ? "sqlite" : "postgresql"; });

/// A login with no more than the columns that the mapping declares can read everything: the list for the administrator is complete.
TEST(TrytonRights, the_declared_columns_are_enough_and_a_missing_right_is_named) {
    const TrytonDatabase database{Which{Data::demo, sql::Engine::postgresql}};
    if (!database.missing().empty()) GTEST_SKIP() << database.missing();
    SourceSettings settings;
    settings.connection = database.connection();
    settings.connection.target.replace(settings.connection.target.find("user=stemma"), 11, "user=reader");
    database.run("CREATE ROLE reader LOGIN");
    for (const auto& [table, columns] : tables_read(*test::tryton()))
        if (table != "stock_configuration_location")
            database.run(fmt::format("GRANT SELECT (\"{}\") ON \"{}\" TO reader", fmt::join(columns, "\", \""), table));
    const auto source = database.source(settings);
    const auto report = source->check();
    ASSERT_TRUE(report) << report.error().text();
    EXPECT_TRUE(report->fits);
    EXPECT_EQ(find(*report, "rights")->level, SourceFinding::Level::ok);
    EXPECT_EQ(events_in(*source), events_in(*database.source()));

    database.run("REVOKE SELECT (supplier) ON stock_shipment_in FROM reader");
    const auto less = source->check();
    ASSERT_TRUE(less) << less.error().text();
    EXPECT_FALSE(less->fits);
    ASSERT_NE(find(*less, "column stock_shipment_in.supplier"), nullptr);
    EXPECT_EQ(find(*less, "column stock_shipment_in.supplier")->message, "the login may not read it");
    EXPECT_TRUE(find(*less, "column stock_shipment_in.supplier")->hint.starts_with("GRANT SELECT ON \"stock_shipment_in\" TO \"reader\""));

    database.run("GRANT SELECT (supplier), UPDATE (number) ON stock_shipment_in TO reader");
    const auto more = source->check();
    ASSERT_TRUE(more);
    EXPECT_TRUE(more->fits);
    EXPECT_EQ(find(*more, "rights")->level, SourceFinding::Level::warning);
    EXPECT_TRUE(find(*more, "rights")->message.contains("stock_shipment_in")) << find(*more, "rights")->message;
    database.run("DROP OWNED BY reader");
    database.run("DROP ROLE reader");
}

int note_read(void* seen, int action, const char* table, const char* column, const char*, const char*) {
    if (action == SQLITE_READ && column != nullptr && *column != '\0')
        (*static_cast<std::map<std::string, std::set<std::string>>*>(seen))[table].insert(column);
    return SQLITE_OK;
}

/// SQLite tells which columns a statement reads: exactly those that the mapping declares, query by query.
TEST(TrytonRights, the_sql_reads_what_is_declared_and_nothing_else) {
    const TrytonDatabase database{Which{Data::demo, sql::Engine::sqlite}};
    if (!database.missing().empty()) GTEST_SKIP() << database.missing();
    database.run("CREATE TABLE stock_configuration_location (id INTEGER, shipment_internal_transit INTEGER)");
    const auto mapping = test::tryton();
    sqlite3* file = nullptr;
    ASSERT_EQ(sqlite3_open(database.connection().target.c_str(), &file), SQLITE_OK);
    for (const MappedQuery& query : mapping->queries) {
        std::map<std::string, std::set<std::string>> declared;
        const auto declare = [&](const Tables& tables) {
            for (const auto& [table, columns] : tables) declared[table].insert(columns.begin(), columns.end());
        };
        declare(query.tables);
        for (const std::size_t part : query.uses) declare(mapping->parts[part].tables);
        std::map<std::string, std::set<std::string>> seen;
        sqlite3_set_authorizer(file, note_read, &seen);
        sqlite3_stmt* statement = nullptr;
        const std::string sql = compose(*mapping, query, {}, {.since = "'2026-01-01'", .ordered = true, .rows = {}});
        EXPECT_EQ(sqlite3_prepare_v2(file, sql.c_str(), -1, &statement, nullptr), SQLITE_OK) << sqlite3_errmsg(file);
        sqlite3_finalize(statement);
        std::erase_if(seen, [&](const auto& entry) {
            return std::ranges::any_of(mapping->parts, [&](const Part& part) { return part.name == entry.first; }) || entry.first == "q";
        });
        EXPECT_EQ(seen, declared) << query.name;
    }
    sqlite3_close(file);
}

}  // namespace
}  // namespace stemma::erp
