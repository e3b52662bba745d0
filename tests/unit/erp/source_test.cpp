// The source over a small SQLite file: batches, cursors, rejects, what is missing. Tests over Tryton's databases are in tests/integration.
#include "adapters/erp/source.hpp"

#include <gtest/gtest.h>

#include <chrono>

#include "adapters/erp/catalogue.hpp"
#include "adapters/erp/opened.hpp"
#include "adapters/sql/session.hpp"
#include "core/base/digest.hpp"
#include "tests/support/temp_folder.hpp"
#include "tests/unit/erp/support.hpp"

namespace stemma::erp {
namespace {

class Source : public ::testing::Test {
protected:
    void SetUp() override {
        settings.name = "erp";
        settings.connection.target = folder.file("toy.db");
        settings.batch_rows = 2;
        settings.overlap = std::chrono::seconds{0};
        run("CREATE TABLE lot (id INTEGER PRIMARY KEY, number TEXT, expires DATE, made DATE)");
        run("CREATE TABLE move (id INTEGER PRIMARY KEY, kind TEXT, day DATE, lot INTEGER, quantity FLOAT, unit TEXT, partner TEXT, note "
            "TEXT, "
            "changed TIMESTAMP)");
        run("INSERT INTO lot VALUES (1, 'A', '2027-01-31', NULL), (2, 'B', NULL, NULL), (3, 'C', NULL, '2026-01-01')");
        run("INSERT INTO move VALUES "
            "(1, 'in', '2026-03-01', 1, 5.0, 'pc', 'S1', NULL, '2026-03-01 10:00:00'), "
            "(2, 'in', '2026-03-01', 2, 0.005, 'kg', 'S2', NULL, '2026-03-01 10:00:01.500000'), "
            "(3, 'in', '2026-03-02', 3, -1, 'pc', 'S2', NULL, '2026-03-02 10:00:00'), "
            "(4, 'use', '2026-03-03', 1, 1.0, 'pc', NULL, 'W-1', NULL), "
            "(5, 'in', '2026-03-03', 3, 1.0, 'pc', 'S2', NULL, '2026-03-02 10:00:00')");
    }

    void run(const std::string& text) {
        sql::Connection connection = settings.connection;
        connection.read_only = false;
        auto session = sql::Session::open(connection);
        ASSERT_TRUE(session) << session.error().text();
        const auto done = session->execute_as_is({"test", text.c_str()});
        ASSERT_TRUE(done) << done.error().text();
    }

    std::unique_ptr<ErpSource> source(std::string_view text = test::kToy) {
        auto made = make_source(settings, test::toy(text));
        EXPECT_TRUE(made);
        return std::move(*made);
    }

    static std::vector<SourceBatch> read_all(ErpSource& from, const std::map<std::string, std::string>& cursors = {}) {
        std::vector<SourceBatch> batches;
        auto reading = from.read(cursors);
        if (!reading) {
            ADD_FAILURE() << reading.error().text();
            return batches;
        }
        while (true) {
            auto batch = (*reading)->next();
            if (!batch) {
                ADD_FAILURE() << batch.error().text();
                return batches;
            }
            if (!*batch) return batches;
            batches.push_back(std::move(**batch));
        }
    }

    static std::vector<std::string> keys(const std::vector<SourceBatch>& batches, std::string_view query) {
        std::vector<std::string> found;
        for (const SourceBatch& batch : batches)
            if (batch.query == query)
                for (const SourceRecord& record : batch.records) found.push_back(record.key);
        return found;
    }

    stemma::test::TempFolder folder;
    SourceSettings settings;
};

TEST_F(Source, reads_query_after_query_in_batches_and_ends) {
    const auto from = source();
    EXPECT_EQ(from->name(), "erp");
    EXPECT_EQ(from->queries(), (std::vector<std::string>{"lots", "moves"}));
    const auto batches = read_all(*from);
    ASSERT_EQ(batches.size(), 5U);
    EXPECT_EQ(batches[0].query, "lots");
    EXPECT_EQ(batches[0].rows, 2U);
    EXPECT_FALSE(batches[0].last_of_query);
    EXPECT_EQ(batches[1].rows, 1U);
    EXPECT_TRUE(batches[1].last_of_query);
    EXPECT_EQ(batches[1].cursor, "");
    EXPECT_EQ(batches[2].query, "moves");
    EXPECT_TRUE(batches[4].last_of_query);
    EXPECT_TRUE(batches[4].full);
    EXPECT_EQ(batches[4].cursor, "2026-03-02T10:00:00Z|5");
    EXPECT_EQ(keys(batches, "moves"), (std::vector<std::string>{"4", "1", "2", "5"}));
}

TEST_F(Source, a_batch_that_ends_with_its_query_is_the_last_one) {
    settings.batch_rows = 3;
    EXPECT_EQ(read_all(*source())[0].last_of_query, true);
    settings.batch_rows = 1;
    EXPECT_EQ(read_all(*source()).size(), 8U);
}

TEST_F(Source, a_row_that_cannot_be_mapped_stops_no_other) {
    std::vector<SourceReject> rejects;
    for (const SourceBatch& batch : read_all(*source())) rejects.insert(rejects.end(), batch.rejects.begin(), batch.rejects.end());
    ASSERT_EQ(rejects.size(), 1U);
    EXPECT_EQ(rejects[0].key, "3");
    EXPECT_EQ(rejects[0].table, "move");
    EXPECT_EQ(rejects[0].reason, "column 'quantity' is '-1': a quantity must be positive");
}

TEST_F(Source, a_cursor_reads_what_changed_since_and_what_has_no_change_time) {
    const auto batches = read_all(*source(), {{"moves", "2026-03-01T10:00:01.500Z|2"}});
    EXPECT_EQ(keys(batches, "moves"), (std::vector<std::string>{"4", "2", "5"}));
    EXPECT_EQ(keys(batches, "lots").size(), 3U);  // without a cursor: in full
    EXPECT_FALSE(batches.back().full);
    EXPECT_TRUE(batches.front().full);
}

TEST_F(Source, a_cursor_with_touched_tables_reads_what_follows_from_a_changed_row_of_one_of_them) {
    const std::string text =
        test::toy_with("cursor: {changed: changed, id: id}",
                       "cursor: {changed: changed, id: id, touched: {tables: {move: [changed]}, keys: [SELECT m.id FROM "
                       "touched_move t JOIN move m ON m.lot = t.lot]}}");
    const auto from = source(text);
    const auto first = read_all(*from);
    EXPECT_TRUE(first[2].cursor.starts_with("partly ")) << first[2].cursor;
    EXPECT_EQ(first.back().cursor, "2026-03-02T10:00:00Z|5") << "read to its end";
    run("UPDATE move SET changed = '2026-03-05 10:00:00' WHERE id = 2");
    run("UPDATE move SET changed = '2026-02-01 00:00:00' WHERE id = 4");
    const auto second = read_all(*from, {{"moves", "2026-03-03T10:00:00Z|9"}});
    EXPECT_EQ(keys(second, "moves"), std::vector<std::string>{"2"});
    run("UPDATE move SET lot = 1 WHERE id = 2");
    EXPECT_EQ(keys(read_all(*from, {{"moves", "2026-03-03T10:00:00Z|9"}}), "moves"), (std::vector<std::string>{"4", "1", "2"}));
    EXPECT_TRUE(keys(read_all(*from, {{"moves", "2026-03-06T10:00:00Z|9"}}), "moves").empty());
    EXPECT_EQ(keys(read_all(*from, {{"moves", "partly 2026-03-02T10:00:00Z|5"}}), "moves"), (std::vector<std::string>{"4", "1", "5", "2"}))
        << "a first reading that was cut short goes by the change times of all rows as well";
}

TEST_F(Source, a_cursor_at_a_whole_second_finds_the_row_of_that_second) {
    EXPECT_EQ(keys(read_all(*source(), {{"moves", "2026-03-01T10:00:00Z|1"}}), "moves").size(), 4U);
}

TEST_F(Source, the_overlap_reads_earlier_rows_again) {
    settings.overlap = std::chrono::hours{24};
    EXPECT_EQ(keys(read_all(*source(), {{"moves", "2026-03-02T10:00:00Z|5"}}), "moves"), (std::vector<std::string>{"4", "1", "2", "5"}));
}

TEST_F(Source, a_cursor_stays_where_nothing_is_new) {
    run("UPDATE move SET changed = '2026-03-01 10:00:00'");
    const auto batches = read_all(*source(), {{"moves", "2026-03-09T10:00:00Z|5"}});
    EXPECT_EQ(batches.back().query, "moves");
    EXPECT_EQ(batches.back().rows, 0U);
    EXPECT_TRUE(batches.back().last_of_query);
    EXPECT_EQ(batches.back().cursor, "2026-03-09T10:00:00Z|5");
}

TEST_F(Source, a_change_time_in_the_far_future_hides_no_row_written_later) {
    run("UPDATE move SET changed = '2099-01-01 00:00:00' WHERE id = 1");
    const auto from = source();
    const auto first = read_all(*from);
    EXPECT_EQ(keys(first, "moves"), (std::vector<std::string>{"4", "2", "5", "1"}));
    EXPECT_EQ(first.back().cursor, "2026-03-02T10:00:00Z|5");
    run("INSERT INTO move VALUES (6, 'in', '2026-03-04', 1, 1.0, 'pc', 'S1', NULL, '2026-03-04 10:00:00')");
    const auto second = read_all(*from, {{"moves", first.back().cursor}});
    EXPECT_EQ(keys(second, "moves"), (std::vector<std::string>{"4", "5", "6", "1"}));
    EXPECT_EQ(second.back().cursor, "2026-03-04T10:00:00Z|6");
}

TEST_F(Source, a_query_whose_rows_are_all_ahead_is_read_from_its_beginning_again) {
    run("UPDATE move SET changed = '2099-01-01 00:00:00'");
    EXPECT_EQ(read_all(*source()).back().cursor, "");
}

TEST_F(Source, a_cursor_ahead_of_the_clock_is_taken_as_empty) {
    const auto batches = read_all(*source(), {{"moves", "2099-01-01T00:00:00Z|1"}});
    EXPECT_EQ(keys(batches, "moves"), (std::vector<std::string>{"4", "1", "2", "5"}));
    EXPECT_TRUE(batches.back().full);
    EXPECT_EQ(batches.back().cursor, "2026-03-02T10:00:00Z|5");
}

TEST_F(Source, a_change_time_more_than_a_day_ahead_is_told_once) {
    const auto told = [&](ErpSource& from) {
        testing::internal::CaptureStderr();
        read_all(from);
        return testing::internal::GetCapturedStderr();
    };
    run("UPDATE move SET changed = datetime('now', '+23 hours') WHERE id = 1");
    const auto from = source();
    EXPECT_FALSE(told(*from).contains("ERP_CHANGE_TIME_IN_FUTURE"));
    run("UPDATE move SET changed = datetime('now', '+25 hours') WHERE id = 1");
    run("UPDATE move SET changed = '2099-01-01 00:00:00' WHERE id = 2");
    const std::string first = told(*from);
    EXPECT_TRUE(first.contains("ERP_CHANGE_TIME_IN_FUTURE")) << first;
    EXPECT_TRUE(first.contains("erp: 2 rows of moves")) << first;
    EXPECT_TRUE(first.contains("2 at 2099-01-01T00:00:00Z")) << first;
    EXPECT_EQ(told(*from), "") << "said before";
    run("UPDATE move SET changed = '2026-03-01 10:00:00' WHERE id = 1");
    EXPECT_TRUE(told(*from).contains("1 row of moves"));
    run("UPDATE move SET changed = '2026-03-01 10:00:00' WHERE id = 2");
    EXPECT_EQ(told(*from), "");
    run("UPDATE move SET changed = '2099-01-01 00:00:00' WHERE id = 2");
    EXPECT_TRUE(told(*from).contains("1 row of moves")) << "it is news again";
}

TEST_F(Source, a_query_last_read_by_another_revision_of_its_keys_is_read_from_its_beginning) {
    const auto from = source(test::toy_with("  - name: moves\n", "  - name: moves\n    revision: 2\n"));
    const auto batches = read_all(*from, {{"moves", "2026-03-01T10:00:01.500Z|2"}});
    EXPECT_EQ(keys(batches, "moves").size(), 4U);
    EXPECT_TRUE(batches.back().full && batches.back().rekeyed);
    ASSERT_EQ(batches[2].query, "moves");
    EXPECT_EQ(batches[2].cursor, "2026-03-01T10:00:01.500Z|2") << "cut short here, it is to begin again";
    EXPECT_EQ(batches.back().cursor, "rev=2 2026-03-02T10:00:00Z|5");
    const auto next = read_all(*from, {{"moves", batches.back().cursor}});
    EXPECT_FALSE(next.back().full || next.back().rekeyed);
    EXPECT_EQ(keys(next, "moves"), (std::vector<std::string>{"4", "5"}));
}

TEST_F(Source, a_cursor_that_is_none_is_refused) {
    const auto reading = source()->read({{"moves", "tomorrow"}});
    ASSERT_FALSE(reading);
    EXPECT_EQ(reading.error().code, Errc::invalid_input);
}

TEST_F(Source, reading_the_same_rows_gives_the_same_digests) {
    const auto first = read_all(*source());
    const auto second = read_all(*source());
    ASSERT_EQ(first.size(), second.size());
    for (std::size_t i = 0; i < first.size(); ++i) {
        ASSERT_EQ(first[i].records.size(), second[i].records.size());
        for (std::size_t j = 0; j < first[i].records.size(); ++j) EXPECT_EQ(first[i].records[j].digest, second[i].records[j].digest);
    }
}

/// Every batch of a plan, or the error that ended it.
Result<std::vector<SourceBatch>> batches_of(ErpSource& from, const ReadPlan& plan) {
    auto reading = from.read(plan);
    if (!reading) return std::unexpected(reading.error());
    std::vector<SourceBatch> batches;
    while (true) {
        auto batch = (*reading)->next();
        if (!batch) return std::unexpected(batch.error());
        if (!*batch) return batches;
        batches.push_back(std::move(**batch));
    }
}

TEST_F(Source, swept_keys_are_written_as_the_keys_of_records_are) {
    run("DROP TABLE move");
    run("CREATE TABLE move (id TEXT, kind TEXT, day DATE, lot INTEGER, quantity FLOAT, unit TEXT, partner TEXT, note TEXT, changed "
        "TIMESTAMP)");
    run("INSERT INTO move VALUES ('007', 'in', '2026-03-01', 1, 5.0, 'pc', 'S1', NULL, '2026-03-01 10:00:00')");
    const auto from = source();
    EXPECT_EQ(keys(read_all(*from), "moves"), std::vector<std::string>{"7"});
    ReadPlan plan{{{"moves", "2026-03-01T10:00:00Z|7"}}};
    plan.sweep = true;
    const auto swept = batches_of(*from, plan);
    ASSERT_TRUE(swept) << swept.error().text();
    EXPECT_TRUE(swept->back().sweep);
    EXPECT_EQ(swept->back().keys, std::vector<std::string>{"7"});
}

TEST_F(Source, puts_nothing_into_sql_as_a_key_that_is_none) {
    const auto from = source();
    ReadPlan plan{{{"moves", "2026-03-01T10:00:00Z|7"}}};
    plan.rows["moves"] = {"0) OR (kind = 'use'"};
    const auto read = batches_of(*from, plan);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, Errc::config);
    EXPECT_NE(read.error().message.find("not a whole number"), std::string::npos) << read.error().text();
}

TEST_F(Source, of_touched_keys_it_puts_none_into_sql_that_is_no_key) {
    const auto from = source(test::toy_with("cursor: {changed: changed, id: id}",
                                            "cursor: {changed: changed, id: id, touched: {tables: {move: [changed]}, keys: [SELECT "
                                            "t.note FROM touched_move t]}}"));
    run(R"(UPDATE move SET note = '0) OR (kind = ''use''' WHERE id = 5)");
    const auto read = batches_of(*from, {{"moves", "2026-03-02T10:00:00Z|9"}});
    ASSERT_FALSE(read);
    EXPECT_NE(read.error().message.find("not a whole number"), std::string::npos) << read.error().text();
}

TEST_F(Source, a_check_names_a_key_that_two_rows_have) {
    run("DROP TABLE move");
    run("CREATE TABLE move (id INTEGER, kind TEXT, day DATE, lot INTEGER, quantity FLOAT, unit TEXT, partner TEXT, note TEXT, changed "
        "TIMESTAMP)");
    run("INSERT INTO move (id, kind) VALUES (1, 'in'), (2, 'in'), (2, 'use'), (3, 'in')");
    const auto report = source()->check();
    ASSERT_TRUE(report);
    EXPECT_TRUE(report->fits);
    std::vector<std::string> warnings;
    for (const SourceFinding& finding : report->findings)
        if (finding.level == SourceFinding::Level::warning) warnings.push_back(finding.subject + ": " + finding.message);
    EXPECT_EQ(warnings, std::vector<std::string>{"query moves: 2 rows have the key '2'"});
}

/// A full disk, a damaged page: the mapping fits as it did, and is not to be paused.
TEST_F(Source, a_failure_of_the_database_is_not_taken_for_a_mapping_that_does_not_fit) {
    const auto mapping = test::toy();
    const Error full = explain({Errc::storage, "no space left", {}, {}}, settings.connection, *mapping, *mapping->find("moves"));
    EXPECT_EQ(full.code, Errc::storage);
    EXPECT_EQ(full.message, "query 'moves' on table move fails: no space left");
    run("ALTER TABLE move RENAME COLUMN partner TO partners");
    EXPECT_EQ(explain({Errc::storage, "no such column", {}, {}}, settings.connection, *mapping, *mapping->find("moves")).code, Errc::config)
        << "it does not fit any more";
}

/// A change time that no index helps with, so that asking for it by itself reads all moves; what touched them is asked for instead.
TEST_F(Source, the_doctor_plans_what_a_later_reading_asks_for) {
    run("CREATE INDEX move_changed ON move (changed)");
    const auto later_of = [&](const std::string& cursor) {
        std::string text = test::toy_with("note, changed FROM move", "note, COALESCE(changed, day) AS changed FROM move");
        const std::string plain = "cursor: {changed: changed, id: id}";
        text.replace(text.find(plain), plain.size(), cursor);
        const auto report = source(text)->check();
        EXPECT_TRUE(report);
        for (const QueryEstimate& cost : report->costs)
            if (cost.query == "moves" && cost.later) return cost.whole;
        ADD_FAILURE() << "no plan";
        return std::vector<std::string>{};
    };
    EXPECT_EQ(later_of("cursor: {changed: changed, id: id}"), std::vector<std::string>{"move"});
    EXPECT_TRUE(
        later_of("cursor: {changed: changed, id: id, touched: {tables: {move: [changed]}, keys: [SELECT id FROM touched_move]}}").empty());
}

TEST_F(Source, keeps_to_its_rows_per_second) {
    settings.rows_per_second_max = 100;  // the last row comes after 7 others: 70 ms
    const auto began = std::chrono::steady_clock::now();
    read_all(*source());
    EXPECT_GE(std::chrono::steady_clock::now() - began, std::chrono::milliseconds{70});
}

/// Between two batches a sync asks whether it is to stop: however slow the rate, that is never far away.
TEST_F(Source, waits_for_its_rate_at_most_a_second_at_a_time) {
    run("WITH RECURSIVE n(i) AS (SELECT 4 UNION ALL SELECT i + 1 FROM n WHERE i < 60) INSERT INTO lot SELECT i, 'L' || i, NULL, NULL FROM "
        "n");
    settings.batch_rows = 500;
    settings.rows_per_second_max = 20;  // 60 lots: three seconds
    const auto from = source();
    auto reading = from->read({});
    ASSERT_TRUE(reading);
    for (int i = 0; i < 2; ++i) {
        const auto began = std::chrono::steady_clock::now();
        const auto batch = (*reading)->next();
        ASSERT_TRUE(batch && *batch);
        EXPECT_EQ((*batch)->rows, 20U);
        EXPECT_FALSE((*batch)->last_of_query);
        EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::milliseconds{1'900});
    }
}

TEST_F(Source, reads_one_snapshot_whatever_is_written_meanwhile) {
    run("PRAGMA journal_mode=WAL");
    auto reading = source()->read({});
    ASSERT_TRUE(reading);
    ASSERT_TRUE((*reading)->next());
    run("INSERT INTO move VALUES (6, 'in', '2026-03-04', 1, 1.0, 'pc', 'S1', NULL, '2026-03-04 10:00:00')");
    std::size_t moves = 0;
    for (auto batch = (*reading)->next(); batch && *batch; batch = (*reading)->next())
        if ((*batch)->query == "moves") moves += (*batch)->rows;
    EXPECT_EQ(moves, 5U);
}

TEST_F(Source, does_not_touch_the_file) {
    const auto before = *sha256_file(settings.connection.target);
    const auto from = source();
    read_all(*from);
    ASSERT_TRUE(from->fit());
    ASSERT_TRUE(from->check());
    ASSERT_TRUE(from->preview("moves", 2));
    EXPECT_EQ(*sha256_file(settings.connection.target), before);
}

TEST_F(Source, shows_the_first_rows_raw_and_mapped) {
    const auto preview = source()->preview("moves", 3);
    ASSERT_TRUE(preview);
    EXPECT_EQ(preview->columns.size(), 9U);
    ASSERT_EQ(preview->rows.size(), 3U);
    EXPECT_EQ(preview->rows[1], (std::vector<std::string>{"1", "in", "2026-03-01", "1", "5.0", "pc", "S1", "", "2026-03-01 10:00:00"}));
    EXPECT_EQ(preview->records.size(), 3U);
    const auto unknown = source()->preview("move", 3);
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().code, Errc::not_found);
    EXPECT_EQ(unknown.error().hint, "did you mean 'moves'?");
}

const SourceFinding* find(const SourceReport& report, std::string_view subject) {
    for (const SourceFinding& finding : report.findings)
        if (finding.subject == subject) return &finding;
    return nullptr;
}

TEST_F(Source, a_check_names_what_is_there_and_what_will_be_read) {
    const auto report = source()->check();
    ASSERT_TRUE(report);
    EXPECT_TRUE(report->fits);
    EXPECT_EQ(report->version, "1");
    EXPECT_EQ(report->erp, "Toy");
    EXPECT_EQ(report->row_counts, (std::vector<std::pair<std::string, std::uint64_t>>{{"lot", 3}, {"move", 5}}));
    EXPECT_EQ(report->reads, (std::vector<std::pair<std::string, std::string>>{{"lots", "items"}, {"moves", "events: receiving"}}));
    ASSERT_NE(find(*report, "table move"), nullptr);
    EXPECT_EQ(find(*report, "table move")->message, "9 columns, 5 rows");
    EXPECT_EQ(find(*report, "rights")->level, SourceFinding::Level::note);
    EXPECT_EQ(find(*report, "query moves")->level, SourceFinding::Level::ok);
}

TEST_F(Source, a_fit_says_the_same_without_counting) {
    const auto fit = source()->fit();
    const auto check = source()->check();
    ASSERT_TRUE(fit);
    ASSERT_TRUE(check);
    EXPECT_TRUE(fit->fits);
    EXPECT_EQ(fit->version, "1");
    EXPECT_TRUE(fit->row_counts.empty());
    EXPECT_EQ(fit->reads, check->reads);
    ASSERT_EQ(fit->findings.size(), check->findings.size());
    for (std::size_t i = 0; i < fit->findings.size(); ++i) EXPECT_EQ(fit->findings[i].subject, check->findings[i].subject);
    EXPECT_EQ(find(*fit, "table move")->message, "9 columns");
}

/// A view whose every row fails (the smallest integer has no absolute value) tells whether a row is read.
TEST_F(Source, a_fit_reads_no_row) {
    run("ALTER TABLE lot RENAME TO all_lots");
    run("CREATE VIEW lot AS SELECT id, number, expires, made FROM all_lots WHERE abs(-9223372036854775807 - (id > 0)) > 0");
    const auto report = source()->fit();
    ASSERT_TRUE(report) << report.error().text();
    EXPECT_TRUE(report->fits);
    const auto check = source()->check();
    ASSERT_TRUE(check) << "a table that cannot be counted does not end the check";
    EXPECT_EQ(find(*check, "table lot")->level, SourceFinding::Level::error);
    EXPECT_EQ(find(*check, "table move")->level, SourceFinding::Level::ok);
}

TEST_F(Source, a_renamed_column_is_named_by_fit_check_and_reading) {
    run("ALTER TABLE move RENAME COLUMN partner TO partners");
    const auto fit = source()->fit();
    ASSERT_TRUE(fit);
    EXPECT_FALSE(fit->fits);
    ASSERT_NE(find(*fit, "column move.partner"), nullptr);
    const auto report = source()->check();
    ASSERT_TRUE(report);
    EXPECT_FALSE(report->fits);
    const SourceFinding* finding = find(*report, "column move.partner");
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(finding->level, SourceFinding::Level::error);
    EXPECT_EQ(finding->message, "missing; there is 'partners'");
    EXPECT_EQ(find(*report, "query lots")->level, SourceFinding::Level::ok);
    EXPECT_EQ(find(*report, "query moves"), nullptr);
    const auto reading = source()->read({});
    ASSERT_FALSE(reading);
    EXPECT_EQ(reading.error().code, Errc::config);
    EXPECT_TRUE(reading.error().message.contains("column move.partner: missing; there is 'partners'")) << reading.error().text();
}

TEST_F(Source, a_missing_table_is_named_once) {
    run("ALTER TABLE lot RENAME TO lots");
    const auto report = source()->check();
    ASSERT_TRUE(report);
    ASSERT_NE(find(*report, "table lot"), nullptr);
    EXPECT_EQ(find(*report, "table lot")->message, "missing; there is 'lots'");
}

TEST_F(Source, a_column_that_another_version_has_is_told) {
    run("ALTER TABLE move ADD COLUMN quantity_unit TEXT");
    const auto report = source()->check();
    ASSERT_TRUE(report);
    EXPECT_FALSE(report->fits);
    EXPECT_EQ(report->version, "");
    EXPECT_EQ(find(*report, "Toy 1")->message, "another version: move.quantity_unit is there: 2 or later");
    EXPECT_FALSE(source()->read({}));
}

/// Versions that name a column differently are read by optional parts; without any of the names these would be empty.
TEST_F(Source, of_names_that_versions_differ_in_one_must_be_there) {
    const std::string text = test::toy_with("  absent:\n", "  one_of:\n    - [lot.expires, lot.expiry]\n  absent:\n");
    EXPECT_TRUE(source(text)->check()->fits);
    run("ALTER TABLE lot DROP COLUMN made");
    run("ALTER TABLE lot RENAME COLUMN expires TO expiry2");
    EXPECT_TRUE(source()->check()->fits);  // the part is empty
    const auto report = source(text)->check();
    ASSERT_TRUE(report);
    EXPECT_FALSE(report->fits);
    EXPECT_EQ(report->version, "");
    ASSERT_NE(find(*report, "column lot.expiry"), nullptr);
    EXPECT_EQ(find(*report, "column lot.expiry")->message, "missing; there is 'expiry2'");
    EXPECT_NE(find(*report, "column lot.expires"), nullptr);
    EXPECT_FALSE(source(text)->read({}));
}

TEST_F(Source, a_module_that_is_not_installed_is_a_note) {
    run("ALTER TABLE lot DROP COLUMN expires");
    run("ALTER TABLE lot DROP COLUMN made");
    const auto report = source()->check();
    ASSERT_TRUE(report);
    EXPECT_TRUE(report->fits);
    ASSERT_NE(find(*report, "part dates"), nullptr);
    EXPECT_EQ(find(*report, "part dates")->level, SourceFinding::Level::note);
    EXPECT_EQ(find(*report, "part dates")->message, "lots have no dates");
    EXPECT_EQ(keys(read_all(*source()), "lots").size(), 3U);
}

TEST_F(Source, half_a_module_is_an_error_not_a_module_that_is_not_there) {
    run("ALTER TABLE lot RENAME COLUMN expires TO expiry");
    const auto report = source()->check();
    ASSERT_TRUE(report);
    EXPECT_FALSE(report->fits);
    ASSERT_NE(find(*report, "column lot.expires"), nullptr);
    EXPECT_EQ(find(*report, "column lot.expires")->message, "missing; there is 'expiry'");
}

TEST_F(Source, a_select_that_gives_other_columns_than_declared_is_found_by_check) {
    const auto report = source(test::toy_with("SELECT l.id, l.number, d.expires FROM", "SELECT l.id, d.expires, l.number FROM"))->check();
    ASSERT_TRUE(report);
    EXPECT_FALSE(report->fits);
    EXPECT_EQ(find(*report, "query lots")->message, "gives the columns id, expires, number; declared are id, number, expires");
}

TEST_F(Source, a_query_that_fails_names_itself_its_table_and_its_place) {
    const auto from = source(
        test::toy_with("quantity, unit, partner, note, changed FROM move", "no_such(quantity), unit, partner, note, changed FROM move"));
    const auto report = from->check();
    ASSERT_TRUE(report);
    EXPECT_FALSE(report->fits);
    EXPECT_EQ(find(*report, "query moves")->level, SourceFinding::Level::error);
    auto reading = from->read({});
    ASSERT_TRUE(reading);
    Result<std::optional<SourceBatch>> batch = (*reading)->next();
    while (batch && *batch) batch = (*reading)->next();
    ASSERT_FALSE(batch);
    EXPECT_EQ(batch.error().code, Errc::config);
    EXPECT_TRUE(batch.error().message.starts_with("query 'moves' on table move fails: ")) << batch.error().text();
    EXPECT_TRUE(batch.error().where.starts_with("toy.yaml:38:5")) << batch.error().where;
}

TEST_F(Source, a_database_that_is_not_there_is_unavailable) {
    settings.connection.target = folder.file("nowhere.db");
    EXPECT_EQ(source()->fit().error().code, Errc::unavailable);
    EXPECT_EQ(source()->check().error().code, Errc::unavailable);
    EXPECT_EQ(source()->read({}).error().code, Errc::unavailable);
}

TEST(SourceSettings, has_limits) {
    const auto mapping = test::toy();
    SourceSettings settings;
    EXPECT_FALSE(make_source(settings, mapping));
    settings.name = "erp";
    for (const auto& [rows, good] :
         {std::pair<std::size_t, bool>{0, false}, {1, true}, {kBatchRowsMax, true}, {kBatchRowsMax + 1, false}}) {
        settings.batch_rows = rows;
        EXPECT_EQ(make_source(settings, mapping).has_value(), good) << rows;
    }
}

}  // namespace
}  // namespace stemma::erp
