// The store on PostgreSQL under the engine: the same data gives the same ledger, and a ledger goes from one engine to the other and back.
#include "adapters/store/postgres/postgres_store.hpp"

#include <gtest/gtest.h>

#include <set>

#include "adapters/store/sqlite/sqlite_store.hpp"
#include "core/engine/store_copy.hpp"
#include "core/lineage/recall.hpp"
#include "tests/integration/engine/engine_rig.hpp"
#include "tests/integration/erp/tryton_database.hpp"
#include "tests/support/postgres_schema.hpp"

namespace stemma {
namespace {

using erp::test::Data;
using erp::test::TrytonDatabase;
using erp::test::Which;
using test::EngineRig;

std::unique_ptr<Store> open(const test::PostgresSchema& schema) {
    auto opened = store::open_postgres({.connection = schema.connection(), .schema = schema.name()});
    EXPECT_TRUE(opened) << opened.error().text();
    return opened ? std::move(*opened) : nullptr;
}

std::unique_ptr<Store> open(const std::string& file) {
    auto opened = store::open_sqlite({.path = file});
    EXPECT_TRUE(opened) << opened.error().text();
    return opened ? std::move(*opened) : nullptr;
}

/// All entries, checkpoints and what is not in the ledger, as one text.
std::string content(Store& store) {
    const auto snapshot = *store.read();
    std::string all;
    const auto entries = *snapshot->entries(0, 1'000'000);
    for (const StoredEntry& row : entries) all += row.bytes + row.leaf_hash + row.chain_hash + '\n';
    const auto checkpoints = *snapshot->checkpoints(0, 1'000'000);
    for (const StoredCheckpoint& checkpoint : checkpoints) all += std::to_string(checkpoint.size) + checkpoint.note;
    const auto persons = *snapshot->persons("", 1'000'000);
    for (const Person& person : persons) all += person.party.str() + person.name + person.contact + person.salt + '\n';
    const auto states = *snapshot->source_states();
    for (const SourceState& state : states) all += state.source + state.query + state.cursor + std::to_string(state.read_at.us) + '\n';
    const auto rejects = *snapshot->rejects("", 1'000'000);
    for (const RejectRow& reject : rejects) all += reject.source + reject.key + reject.reason + '\n';
    return all;
}

std::uint64_t size_of(EngineRig& rig) { return rig.index().position(); }
Digest root_of(EngineRig& rig) { return *rig.appender().root(size_of(rig)); }

std::set<std::string> traced(EngineRig& rig, const std::string& item, lineage::Direction direction) {
    const lineage::View view = rig.index().view();
    std::set<std::string> found;
    for (const lineage::Reached& reached : lineage::trace(view, std::vector{view.find(ItemId{item})}, direction).nodes)
        found.emplace(view.id(reached.node));
    return found;
}

class PostgresLedger : public ::testing::Test {
protected:
    void SetUp() override {
        if (!test::Postgres::installed()) GTEST_SKIP() << test::Postgres::kMissing;
    }
    test::TempFolder folder_;
};

TEST_F(PostgresLedger, is_the_one_that_sqlite_has_after_a_sync_of_the_demo_data) {
    const TrytonDatabase erp{Which{Data::demo, sql::Engine::sqlite}};
    const test::PostgresSchema schema;
    EngineRig on_sqlite{folder_.path()};
    test::TempFolder other;
    EngineRig on_postgres{other.path(), open(schema)};
    const auto first = on_sqlite.sync(*erp.source());
    const auto second = on_postgres.sync(*erp.source());
    EXPECT_GT(first.sum.added, 1000U);
    EXPECT_EQ(second.sum.added, first.sum.added);
    EXPECT_EQ(size_of(on_postgres), size_of(on_sqlite));
    // The roots differ: what the ledger says of a party is salted at random. Everything that is projected from it is the same.
    EXPECT_EQ(on_postgres.read_model_digest(), on_sqlite.read_model_digest());
    for (const auto& row : erp.rows("SELECT id FROM stock_lot ORDER BY id")) {
        const std::string lot = "urn:stemma:tryton:lot:" + row[0];
        for (const auto direction : {lineage::Direction::forward, lineage::Direction::back})
            ASSERT_EQ(traced(on_postgres, lot, direction), traced(on_sqlite, lot, direction)) << lot;
    }
    // Again from the beginning: nothing new.
    const auto again = on_postgres.sync(*erp.source(), true);
    EXPECT_EQ(again.sum.added + again.sum.changed + again.sum.vanished, 0U);
}

TEST_F(PostgresLedger, is_opened_again_and_rebuilt_to_the_same_read_models) {
    const TrytonDatabase erp{Which{Data::demo, sql::Engine::sqlite}};
    const test::PostgresSchema schema;
    std::string digest;
    {
        EngineRig rig{folder_.path(), open(schema)};
        rig.sync(*erp.source());
        digest = rig.read_model_digest();
    }
    EngineRig rig{folder_.path(), open(schema)};
    EXPECT_EQ(rig.sync(*erp.source()).sum.added, 0U);
    const auto rebuilt = engine::rebuild(rig.store(), [](std::uint64_t) {});
    ASSERT_TRUE(rebuilt) << rebuilt.error().text();
    EXPECT_EQ(rebuilt->digest_before, rebuilt->digest_after);
    EXPECT_EQ(rig.read_model_digest(), digest);
}

TEST_F(PostgresLedger, goes_to_the_other_engine_and_back_unchanged) {
    const TrytonDatabase erp{Which{Data::demo, sql::Engine::sqlite}};
    const test::PostgresSchema schema;
    const auto back = open(folder_.file("back.db"));
    const auto middle = open(schema);
    EngineRig rig{folder_.path()};
    rig.sync(*erp.source());
    const Digest root = root_of(rig);
    const auto there = engine::copy_store(**rig.store().read(), *middle, {});
    ASSERT_TRUE(there) << there.error().text();
    EXPECT_EQ(there->root, to_hex(root));
    EXPECT_TRUE(there->read_models_equal);
    const auto home = engine::copy_store(**middle->read(), *back, {});
    ASSERT_TRUE(home) << home.error().text();
    EXPECT_EQ(home->root, there->root);
    EXPECT_TRUE(home->read_models_equal);
    EXPECT_EQ(content(*middle), content(rig.store()));
    EXPECT_EQ(content(*back), content(rig.store()));
    // The copy is a ledger: the writer goes on with it.
    EngineRig on_copy{folder_.path(), open(schema)};
    EXPECT_EQ(on_copy.sync(*erp.source()).sum.added, 0U);
}

TEST_F(PostgresLedger, is_copied_on_from_where_an_earlier_copy_was_broken_off) {
    struct Killed {};
    const TrytonDatabase erp{Which{Data::demo, sql::Engine::sqlite}};
    EngineRig rig{folder_.path()};
    rig.sync(*erp.source());
    const auto from = *rig.store().read();
    for (const std::uint64_t steps : {1U, 2U}) {
        const test::PostgresSchema schema;
        const auto target = open(schema);
        std::uint64_t done = 0;
        const auto break_off = [&](std::uint64_t, std::uint64_t) {
            if (++done == steps) throw Killed{};
        };
        EXPECT_THROW((void)engine::copy_store(*from, *target, {.progress = break_off, .before_end = {}}), Killed);
        // It shows, and no writer takes it for a ledger.
        EXPECT_EQ((*(*target->read())->rejects("", 9)).front().key, "unfinished");
        lineage::Index index;
        memory::SetClock clock{Instant{1}};
        engine::Appender appender{
            *target, index, clock, {"test.example/ledger", SigningKey::generate(), CheckpointFile{folder_.file("other.checkpoint")}}};
        EXPECT_FALSE(appender.load());
        const auto resumed = engine::copy_store(*from, *target, {});
        ASSERT_TRUE(resumed) << resumed.error().text();
        EXPECT_EQ(resumed->resumed_at, std::min<std::uint64_t>(steps * 1000, *from->size()));
        EXPECT_EQ(content(*target), content(rig.store()));
    }
}

TEST_F(PostgresLedger, is_not_copied_over_another_one) {
    const TrytonDatabase erp{Which{Data::demo, sql::Engine::sqlite}};
    EngineRig rig{folder_.path()};
    rig.sync(*erp.source());
    const auto from = *rig.store().read();
    const test::PostgresSchema schema;
    const auto target = open(schema);
    ASSERT_TRUE(engine::copy_store(*from, *target, {}));
    const std::string before = content(*target);
    const auto twice = engine::copy_store(*from, *target, {});
    ASSERT_FALSE(twice);
    EXPECT_EQ(twice.error().code, Errc::conflict);
    EXPECT_EQ(content(*target), before);
}

}  // namespace
}  // namespace stemma
