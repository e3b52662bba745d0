// Sync: exactly once in effect, over changes, disappearances, restarts, and an ERP whose schema moved.
#include <boost/json.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>

#include "core/engine/sync_runner.hpp"
#include "core/lineage/recall.hpp"
#include "tests/integration/engine/lineage_picture.hpp"
#include "tests/integration/erp/tryton_database.hpp"

namespace stemma {
namespace {

using erp::SourceSettings;
using erp::test::Data;
using erp::test::TrytonDatabase;
using erp::test::Which;
using test::EngineRig;
using test::standing_events;

constexpr Which kDemo{Data::demo, sql::Engine::sqlite};

std::set<std::string> forward_of(EngineRig& rig, const std::string& item) {
    const lineage::View view = rig.index().view();
    std::set<std::string> found;
    for (const lineage::Reached& reached : lineage::trace(view, std::vector{view.find(ItemId{item})}, lineage::Direction::forward).nodes)
        found.emplace(view.id(reached.node));
    return found;
}

std::string lot_id(const TrytonDatabase& erp, const std::string& number) {
    return "urn:stemma:tryton:lot:" + erp.rows("SELECT id FROM stock_lot WHERE number = '" + number + "'")[0][0];
}

TEST(Sync, done_again_adds_nothing_whether_from_the_cursor_or_from_the_beginning) {
    const TrytonDatabase erp{kDemo};
    test::TempFolder folder;
    EngineRig rig{folder.path()};
    const auto source = erp.source();
    const auto first = rig.sync(*source);
    EXPECT_EQ(first.sum.added, first.sum.rows);
    EXPECT_EQ(first.sum.rejected, 0U);
    const std::size_t entries = rig.entries().size();
    for (const bool full : {false, true}) {
        const auto again = rig.sync(*source, full);
        EXPECT_EQ(again.sum.added + again.sum.changed + again.sum.vanished, 0U) << full;
        EXPECT_EQ(again.sum.unchanged, again.sum.rows);
    }
    EXPECT_EQ(rig.entries().size(), entries);
}

TEST(Sync, leaves_the_erp_file_byte_for_byte_as_it_was) {
    const TrytonDatabase erp{kDemo};
    const std::string before = erp.content();
    test::TempFolder folder;
    EngineRig rig{folder.path()};
    rig.sync(*erp.source(50));
    EXPECT_EQ(erp.content(), before);
}

TEST(Sync, gives_the_same_ledger_in_batches_of_any_size) {
    const TrytonDatabase erp{kDemo};
    test::TempFolder a;
    test::TempFolder b;
    EngineRig small{a.path()};
    EngineRig large{b.path()};
    small.sync(*erp.source(7));
    large.sync(*erp.source(5000));
    EXPECT_EQ(standing_events(small), standing_events(large));
    EXPECT_EQ(small.entries().size(), large.entries().size());
}

TEST(Sync, answers_a_changed_row_with_a_declared_error_and_a_corrective_event) {
    const TrytonDatabase erp{kDemo};
    test::TempFolder folder;
    EngineRig rig{folder.path()};
    const auto source = erp.source();
    rig.sync(*source);
    const std::size_t before = rig.entries().size();
    // The lot of a consumed move was typed wrong: it was the other lot of the same product. Tryton's API accepts that change.
    const auto move = erp.rows(
        "SELECT MIN(m.id), m.lot FROM stock_move m JOIN stock_lot l ON l.id = m.lot"
        " WHERE l.number = 'S4-L17' AND m.production_input IS NOT NULL AND m.state = 'done'")[0];
    const std::string other = erp.rows("SELECT id FROM stock_lot WHERE number = 'S2-L06'")[0][0];
    erp.run("UPDATE stock_move SET lot = " + other + ", write_date = '2026-11-20 23:59:59' WHERE id = " + move[0]);

    const std::set<std::string> believed = forward_of(rig, "urn:stemma:tryton:lot:" + move[1]);
    const auto report = rig.sync(*source);
    EXPECT_EQ(report.sum.changed, 1U);
    EXPECT_EQ(report.sum.added, 0U);
    const auto entries = rig.entries();
    ASSERT_EQ(entries.size(), before + 2);
    const Event& declared = std::get<Event>(entries[before].body);
    const Event& corrective = std::get<Event>(entries[before + 1].body);
    EXPECT_EQ(declared.id.str(), "urn:stemma:tryton:move:" + move[0]);
    ASSERT_TRUE(declared.error);
    EXPECT_EQ(declared.error->reason, "incorrect_data");
    EXPECT_EQ(declared.error->corrective_events, std::vector{corrective.id});
    EXPECT_EQ(corrective.id.str(), "urn:stemma:tryton:move:" + move[0] + "/2");
    EXPECT_EQ(corrective.inputs[0].item.str(), "urn:stemma:tryton:lot:" + other);

    // The trace is right now, and as of before it still shows what was believed.
    EXPECT_NE(forward_of(rig, "urn:stemma:tryton:lot:" + move[1]), believed);
    {
        const lineage::View then = rig.index().view(before);
        std::set<std::string> as_of_before;
        const auto seed = then.find(ItemId{"urn:stemma:tryton:lot:" + move[1]});
        for (const auto& reached : lineage::trace(then, std::vector{seed}, lineage::Direction::forward).nodes)
            as_of_before.emplace(then.id(reached.node));
        EXPECT_EQ(as_of_before, believed);
    }  // a sync waits for ever on a view of its own thread
    EXPECT_EQ(rig.sync(*source).sum.changed, 0U);
}

TEST(Sync, declares_a_vanished_row_wrong_on_a_full_reading_and_takes_it_back_when_it_returns) {
    const TrytonDatabase erp{kDemo};
    test::TempFolder folder;
    EngineRig rig{folder.path()};
    const auto source = erp.source();
    rig.sync(*source);
    const std::multiset<std::string> before = standing_events(rig);
    const std::string move = erp.rows("SELECT MAX(id) FROM stock_move WHERE state = 'done'")[0][0];
    erp.run("UPDATE stock_move SET state = 'cancelled' WHERE id = " + move);
    EXPECT_EQ(rig.sync(*source).sum.vanished, 0U) << "a reading from the cursor cannot notice it";
    EXPECT_EQ(rig.sync(*source, true).sum.vanished, 1U);
    EXPECT_EQ(rig.sync(*source, true).sum.vanished, 0U);
    EXPECT_EQ(standing_events(rig).size(), before.size() - 1);
    erp.run("UPDATE stock_move SET state = 'done' WHERE id = " + move);
    EXPECT_EQ(rig.sync(*source, true).sum.added, 1U);
    EXPECT_EQ(standing_events(rig), before);
}

TEST(Sync, finds_by_the_keys_alone_what_vanished_and_what_no_reading_met) {
    const TrytonDatabase erp{kDemo};
    test::TempFolder folder;
    EngineRig rig{folder.path()};
    SourceSettings settings;
    settings.overlap = std::chrono::minutes{1};
    const auto source = erp.source(settings);
    rig.sync(*source);
    const auto all = static_cast<std::uint64_t>(erp.number("SELECT COUNT(*) FROM stock_move WHERE state = 'done' AND quantity > 0"));
    // One is gone, one was committed late with an old change time, one has a unit that nobody knows.
    erp.run("DELETE FROM stock_move WHERE id = (SELECT MAX(id) FROM stock_move WHERE state = 'done')");
    erp.run(
        "CREATE TEMP TABLE late AS SELECT * FROM stock_move WHERE id = (SELECT MIN(id) FROM stock_move WHERE state = 'done');"
        "UPDATE late SET id = 90001, write_date = '2026-01-01 00:00:00', create_date = '2026-01-01 00:00:00';"
        "INSERT INTO stock_move SELECT * FROM late");
    EXPECT_EQ(rig.sync(*source).sum.added + rig.sync(*source).sum.vanished, 0U) << "change times tell of neither";
    const auto report = rig.sync(*source, engine::SyncReach::keys);
    EXPECT_TRUE(report.complete && report.keys && !report.full);
    EXPECT_EQ(report.sum.vanished, 1U);
    EXPECT_EQ(report.sum.added, 1U);
    ASSERT_EQ(report.queries.back().first, "moves");
    EXPECT_EQ(report.queries.back().second.keys, all);
    EXPECT_LT(report.queries.back().second.rows, 10U) << "columns are read of the row that was missed alone";
    const auto again = rig.sync(*source, engine::SyncReach::keys);
    EXPECT_EQ(again.sum.vanished + again.sum.added + again.sum.changed, 0U);
    test::TempFolder fresh_folder;
    EngineRig fresh{fresh_folder.path()};
    fresh.sync(*source);
    test::expect_same_lineage(rig, fresh);
}

TEST(Sync, keeps_a_rejected_row_through_a_sweep_of_the_keys) {
    const TrytonDatabase erp{kDemo};
    test::TempFolder folder;
    EngineRig rig{folder.path()};
    const auto source = erp.source();
    rig.sync(*source);
    erp.run("UPDATE product_uom SET symbol = 'box' WHERE symbol = 'u'");
    const auto rejected = rig.sync(*source, true).sum.rejected;
    ASSERT_GT(rejected, 0U);
    const auto report = rig.sync(*source, engine::SyncReach::keys);
    EXPECT_EQ(report.sum.vanished, 0U);
    EXPECT_EQ((*rig.store().read())->rejects("tryton", 10'000)->size(), rejected);
    erp.run("DELETE FROM stock_move WHERE id = (SELECT MAX(id) FROM stock_move WHERE state = 'done')");
    EXPECT_EQ(rig.sync(*source, engine::SyncReach::keys).sum.vanished, 1U);
    EXPECT_LT((*rig.store().read())->rejects("tryton", 10'000)->size(), rejected);
}

TEST(Sync, after_a_day_of_trytons_own_changes_equals_a_fresh_sync_of_the_changed_database) {
    const Which which{Data::trace, sql::Engine::sqlite};
    const TrytonDatabase erp{which};
    if (!erp.missing().empty()) GTEST_SKIP() << erp.missing();
    const std::string delta = erp::test::unpacked(erp::test::shared_path("delta.sql"));
    if (delta.empty()) GTEST_SKIP() << "needs " << erp::test::shared_path("delta.sql");
    test::TempFolder a;
    test::TempFolder b;
    EngineRig incremental{a.path()};
    incremental.sync(*erp.source());
    erp.run(delta);
    incremental.sync(*erp.source());
    incremental.sync(*erp.source(), true);  // changes without a change time, and disappearances
    EngineRig fresh{b.path()};
    fresh.sync(*erp.source());
    EXPECT_EQ(standing_events(incremental), standing_events(fresh));
}

TEST(Sync, pauses_a_mapping_that_no_longer_fits_by_table_and_column_and_serves_what_it_has) {
    const TrytonDatabase erp{kDemo};
    test::TempFolder folder;
    EngineRig rig{folder.path()};
    const auto source = erp.source();
    rig.sync(*source);
    const std::size_t before = rig.entries().size();
    const std::set<std::string> answer = forward_of(rig, lot_id(erp, "S4-L17"));
    erp.run("ALTER TABLE stock_move RENAME COLUMN effective_date TO done_date");
    const auto report = rig.sync(*source);
    EXPECT_NE(report.paused.find("stock_move.effective_date"), std::string::npos) << report.paused;
    EXPECT_EQ(report.sum.rows, 0U);
    EXPECT_EQ(rig.entries().size(), before);
    EXPECT_EQ(forward_of(rig, lot_id(erp, "S4-L17")), answer);
    erp.run("ALTER TABLE stock_move RENAME COLUMN done_date TO effective_date");
    EXPECT_EQ(rig.sync(*source).paused, "");
}

TEST(Sync, of_a_renamed_lot_keeps_its_history_and_a_back_dated_move_lands_at_its_business_time) {
    const TrytonDatabase erp{kDemo};
    test::TempFolder folder;
    EngineRig rig{folder.path()};
    const auto source = erp.source();
    rig.sync(*source);
    const std::string lot = lot_id(erp, "S4-L17");
    const std::set<std::string> before = forward_of(rig, lot);
    erp.run("UPDATE stock_lot SET number = 'S4-L17-B', write_date = '2026-11-20 23:00:00' WHERE number = 'S4-L17'");
    const std::string receipt = erp.rows(
        "SELECT MIN(m.id) FROM stock_move m JOIN stock_lot l ON l.id = m.lot JOIN stock_location f ON f.id = m.from_location"
        " WHERE l.number = 'S4-L17-B' AND f.type = 'supplier' AND m.state = 'done'")[0][0];
    erp.run("UPDATE stock_move SET effective_date = '2025-12-24', write_date = '2026-11-20 23:00:00' WHERE id = " + receipt);
    EXPECT_EQ(rig.sync(*source).sum.changed, 2U);
    EXPECT_EQ(forward_of(rig, lot), before);
    const lineage::View view = rig.index().view();
    const lineage::Node node = view.find(ItemId{lot});
    EXPECT_EQ(view.label(node), "S4-L17-B");
    std::set<std::string> received;
    view.for_each_movement(node, [&](const lineage::Movement& movement) {
        if (movement.kind == lineage::MovementKind::received) received.insert(format_date(movement.time));
    });
    std::set<std::string> in_the_erp;
    for (const auto& row : erp.rows("SELECT DISTINCT m.effective_date FROM stock_move m JOIN stock_lot l ON l.id = m.lot"
                                    " JOIN stock_location f ON f.id = m.from_location"
                                    " WHERE l.number = 'S4-L17-B' AND f.type = 'supplier' AND m.state = 'done'"))
        in_the_erp.insert(row[0]);
    EXPECT_TRUE(in_the_erp.contains("2025-12-24"));
    EXPECT_EQ(received, in_the_erp);
}

/// Two sources, one of which is upgraded to a shape that nothing knows; and mended.
TEST(Sync, of_one_source_is_paused_while_the_other_goes_on_and_resumes_where_it_was) {
    const TrytonDatabase sound{kDemo};
    const TrytonDatabase upgraded{kDemo};
    test::TempFolder folder;
    EngineRig rig{folder.path()};
    SourceSettings other;
    other.name = "other";
    const auto first = sound.source();
    const auto second = upgraded.source(other);
    engine::Syncing syncing{rig.store(), rig.appender(), rig.plugins(), rig.clock(), rig.limits()};
    engine::SyncRunner runner{syncing, rig.clock(), {{first.get(), {}, "", {}}, {second.get(), {}, "", {}}}};
    runner.start(false);
    const auto sync = [&](const std::string& source, engine::SyncReach reach = engine::SyncReach::changes) {
        const auto run = runner.request(source, reach);
        EXPECT_TRUE(run);
        while (true)
            for (const engine::SourceStatus& status : runner.status())
                if (status.source == source && status.runs >= run.value_or(0)) return status;
    };
    const auto move_in_both = [&](int id, const char* time) {
        for (const TrytonDatabase* erp : {&sound, &upgraded})
            erp->run(fmt::format("UPDATE stock_move SET quantity = quantity + 1, write_date = '{}' WHERE id = {}", time, id));
    };
    sync("tryton");
    sync("other");
    upgraded.run("ALTER TABLE stock_move RENAME COLUMN effective_date TO done_date");
    move_in_both(1, "2026-11-20 12:00:00");
    EXPECT_EQ(sync("tryton").last->sum.changed, 1U);
    const engine::SourceStatus paused = sync("other");
    EXPECT_NE(paused.paused.find("stock_move.effective_date"), std::string::npos) << paused.paused;
    EXPECT_TRUE(paused.stale());
    EXPECT_TRUE(paused.good_at == runner.status()[1].good_at);
    move_in_both(2, "2026-11-20 13:00:00");
    EXPECT_EQ(sync("tryton").last->sum.changed, 1U) << "the other goes on";
    EXPECT_FALSE(sync("other").paused.empty());
    upgraded.run("ALTER TABLE stock_move RENAME COLUMN done_date TO effective_date");
    const engine::SourceStatus resumed = sync("other");
    EXPECT_EQ(resumed.paused, "");
    EXPECT_FALSE(resumed.stale());
    EXPECT_EQ(resumed.last->sum.changed, 2U) << "what was missed while it was paused";
    runner.stop();
}

TEST(Sync, keeps_names_out_of_the_ledger_and_proves_them_by_a_salted_digest) {
    const TrytonDatabase erp{kDemo};
    test::TempFolder folder;
    EngineRig rig{folder.path()};
    rig.sync(*erp.source());
    const auto named = erp.rows("SELECT id, name FROM party_party WHERE code = 'C01'")[0];
    const auto snapshot = rig.store().read();
    const auto rows = (*snapshot)->entries(0, 1'000'000);
    for (const StoredEntry& row : *rows) EXPECT_EQ(row.bytes.find(named[1]), std::string::npos) << row.sequence;
    const auto person = (*snapshot)->person(PartyId{"urn:stemma:tryton:party:" + named[0]});
    ASSERT_TRUE(person && *person);
    EXPECT_EQ((*person)->name, named[1]);
    const std::string digest = to_hex(sha256({(*person)->salt, "\n", (*person)->name, "\n", (*person)->contact}));
    bool proven = false;
    for (const Entry& entry : rig.entries())
        if (const Master* master = std::get_if<Master>(&entry.body); master != nullptr && std::holds_alternative<Party>(*master))
            proven = proven || std::get<Party>(*master).contact_digest == digest;
    EXPECT_TRUE(proven);
}

TEST(Ledger, read_again_after_a_restart_gives_the_same_lineage) {
    const TrytonDatabase erp{kDemo};
    test::TempFolder folder;
    std::set<std::string> before;
    lineage::Counts counts;
    {
        EngineRig rig{folder.path()};
        rig.sync(*erp.source());
        before = forward_of(rig, lot_id(erp, "S4-L17"));
        counts = rig.index().counts();
    }
    EngineRig again{folder.path()};
    EXPECT_EQ(forward_of(again, lot_id(erp, "S4-L17")), before);
    EXPECT_EQ(again.index().counts().edges, counts.edges);
    EXPECT_EQ(again.index().counts().movements, counts.movements);
    EXPECT_EQ(again.sync(*erp.source()).sum.added, 0U);
}

TEST(Ledger, rebuild_gives_read_models_of_the_same_digest) {
    const TrytonDatabase erp{kDemo};
    test::TempFolder folder;
    EngineRig rig{folder.path()};
    const auto source = erp.source();
    rig.sync(*source);
    erp.run("UPDATE stock_lot SET number = number || '-X' WHERE number LIKE 'PK-26%'");
    erp.run("UPDATE stock_move SET state = 'cancelled' WHERE id = (SELECT MAX(id) FROM stock_move WHERE state = 'done')");
    rig.sync(*source, true);
    const std::string digest = rig.read_model_digest();
    const auto report = engine::rebuild(rig.store(), [](std::uint64_t) {});
    ASSERT_TRUE(report) << report.error().text();
    EXPECT_EQ(report->digest_before, digest);
    EXPECT_EQ(report->digest_after, digest);
    EXPECT_EQ(report->entries, rig.entries().size());
    EXPECT_EQ(rig.sync(*source).sum.added, 0U);
}

}  // namespace
}  // namespace stemma
