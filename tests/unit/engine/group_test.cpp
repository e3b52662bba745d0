// Group commit: commands that share a transaction share nothing else. On both stores.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <latch>
#include <set>
#include <stdexcept>
#include <thread>

#include "adapters/memory/memory_store.hpp"
#include "adapters/store/postgres/postgres_store.hpp"
#include "adapters/store/sqlite/sqlite_store.hpp"
#include "core/engine/query.hpp"
#include "core/engine/rebuild.hpp"
#include "core/engine/replay.hpp"
#include "core/ledger/verify.hpp"
#include "tests/support/postgres_schema.hpp"
#include "tests/unit/engine/pipeline_rig.hpp"

namespace stemma::engine {
namespace {

using test::FakeSet;

class Group : public PipelineRig, public ::testing::TestWithParam<const char*> {
protected:
    Group() : PipelineRig{make_store} {}

    static std::unique_ptr<Store> make_store(const test::TempFolder& folder) {
        const std::string engine = GetParam();
        if (engine == "memory" || (engine == "postgresql" && !test::Postgres::installed())) return memory::make_store();
        if (engine == "sqlite") return *store::open_sqlite({.path = folder.file("stemma.db")});
        schema_ = std::make_unique<test::PostgresSchema>();
        return *store::open_postgres({.connection = schema_->connection(), .schema = schema_->name()});
    }
    static void TearDownTestSuite() { schema_.reset(); }
    static std::unique_ptr<test::PostgresSchema> schema_;  ///< outlives the store on it
    void SetUp() override {
        if (std::string{GetParam()} == "postgresql" && !test::Postgres::installed()) GTEST_SKIP() << test::Postgres::kMissing;
    }

    /// Runs all of these in one group, in this order: the writer is held up until they wait, and `meanwhile` was done.
    void together(
        const std::vector<std::function<void()>>& commands, const std::function<void()>& meanwhile = [] {}) {
        std::latch held{1};
        std::latch go{1};
        std::jthread first{[&] {
            EXPECT_TRUE(appender_.run([&](Appending&) -> Result<void> {
                held.count_down();
                go.wait();
                return {};
            }));
        }};
        held.wait();
        std::vector<std::jthread> callers;
        for (const auto& command : commands) {
            const std::uint64_t before = appender_.writer().waiting;
            callers.emplace_back(command);
            while (appender_.writer().waiting == before) std::this_thread::yield();
        }
        meanwhile();
        const std::uint64_t groups = appender_.writer().groups;
        go.count_down();
        callers.clear();
        EXPECT_EQ(appender_.writer().groups, groups + 2) << "the one that held the writer, and one with all the others";
    }

    std::vector<Entry> entries() {
        std::vector<Entry> all;
        const auto snapshot = store_->read();
        const auto rows = (*snapshot)->entries(0, 1'000'000);
        for (const StoredEntry& row : *rows) all.push_back(*decode_stored(row));
        return all;
    }
    void expect_sound() {
        appender_.flush();
        const auto snapshot = store_->read();
        const VerifyReport report =
            verify(**snapshot, {appender_.note_key(), *CheckpointFile{folder_.file("ledger.checkpoint")}.read(), {}, {}});
        EXPECT_TRUE(report.ok()) << report.findings.front().text;
        EXPECT_EQ(report.verified, *(*snapshot)->size());
        EXPECT_EQ(index_.position(), report.verified);
    }
};

std::unique_ptr<test::PostgresSchema> Group::schema_;

INSTANTIATE_TEST_SUITE_P(Store, Group, ::testing::Values("sqlite", "memory", "postgresql"),
                         [](const auto& tested) { return std::string{tested.param}; });

TEST_P(Group, is_signed_once_and_answers_each_command_by_itself) {
    std::vector<Result<Receipt>> answers(3, fail(Errc::internal, "not run"));
    together({[&] { answers[0] = capture({shipment("urn:e:1")}); },
              [&] {
                  answers[1] = capture({shipment("urn:e:2"), shipment("urn:e:3")});
              },
              [&] { answers[2] = capture({shipment("urn:e:4")}); }});
    for (const auto& answer : answers) ASSERT_TRUE(answer) << answer.error().text();
    EXPECT_EQ(answers[0]->first, 0U);
    EXPECT_EQ(answers[1]->first, 1U);
    EXPECT_EQ(answers[1]->count, 2U);
    EXPECT_EQ(answers[1]->ids, (std::vector<std::string>{"urn:e:2", "urn:e:3"}));
    EXPECT_EQ(answers[2]->first, 3U);
    EXPECT_EQ((*store_->read())->checkpoints(0, 10)->size(), 1U);
    expect_sound();
}

TEST_P(Group, keeps_the_others_when_one_command_is_bad_after_it_wrote) {
    Event bad = shipment("urn:e:5");
    bad.items[0].quantity->micros = -1;
    std::vector<Result<Receipt>> answers(3, fail(Errc::internal, "not run"));
    together({[&] { answers[0] = capture({shipment("urn:e:1")}); },
              [&] {
                  answers[1] = capture({shipment("urn:e:2", "urn:i:gone"), shipment("urn:e:3", "urn:i:gone"), bad}, "key-1");
              },
              [&] { answers[2] = capture({shipment("urn:e:2", "urn:i:2")}); }});
    EXPECT_TRUE(answers[0]);
    ASSERT_FALSE(answers[1]);
    EXPECT_EQ(answers[1].error().where, "/2/quantityList/0/quantity");
    ASSERT_TRUE(answers[2]) << "the id was given back: " << answers[2].error().text();
    EXPECT_EQ(answers[2]->first, 1U);
    const auto snapshot = store_->read();
    EXPECT_FALSE(*(*snapshot)->subject("urn:i:gone"));
    EXPECT_FALSE(*(*snapshot)->command("key-1"));
    expect_sound();
}

TEST_P(Group, keeps_the_others_when_the_first_command_is_refused_by_a_rule) {
    plugins_.rule_plugin.on_judge = [](const DecisionInput& input) -> Result<Verdict> {
        const bool bad = std::get<std::string>(input.tables[1].rows[0][0]) == "urn:i:bad";
        return bad ? Verdict{Outcome::refused, {{"test.no", Severity::refuse, "no", "urn:i:bad", "", ""}}} : Verdict{};
    };
    std::vector<Result<Receipt>> answers(2, fail(Errc::internal, "not run"));
    together({[&] {
                  answers[0] = capture({shipment("urn:e:1"), shipment("urn:e:2", "urn:i:bad")});
              },
              [&] { answers[1] = capture({shipment("urn:e:1")}); }});
    ASSERT_TRUE(answers[0] && answers[1]);
    EXPECT_FALSE(answers[0]->recorded);
    EXPECT_TRUE(answers[0]->ids.empty());
    EXPECT_EQ(answers[0]->verdict.findings.size(), 1U);
    EXPECT_TRUE(answers[1]->recorded);
    EXPECT_EQ(size(), 1U);
    expect_sound();
}

TEST_P(Group, shows_a_later_command_what_an_earlier_one_wrote) {
    std::vector<Result<Receipt>> answers(4, fail(Errc::internal, "not run"));
    together({[&] { answers[0] = capture({shipment("urn:e:1")}, "key-1"); }, [&] { answers[1] = capture({shipment("urn:e:1")}, "key-1"); },
              [&] { answers[2] = capture({shipment("urn:e:2")}, "key-1"); }, [&] { answers[3] = capture({shipment("urn:e:1")}); }});
    ASSERT_TRUE(answers[0] && answers[1]);
    EXPECT_FALSE(answers[0]->replayed);
    EXPECT_TRUE(answers[1]->replayed);
    EXPECT_EQ(answers[1]->ids, std::vector<std::string>{"urn:e:1"});
    EXPECT_EQ(answers[2].error().code, Errc::conflict) << "the key is taken by other content";
    EXPECT_EQ(answers[3].error().code, Errc::conflict) << "the event is there";
    EXPECT_EQ(size(), 1U);
}

TEST_P(Group, gives_an_exception_to_its_own_caller) {
    std::vector<Result<Receipt>> answers(2, fail(Errc::internal, "not run"));
    bool thrown = false;
    together({[&] { answers[0] = capture({shipment("urn:e:1")}); },
              [&] {
                  try {
                      static_cast<void>(appender_.run([&](Appending& tx) -> Result<void> {
                          Entry entry;
                          entry.actor = "user:test";
                          entry.body = shipment("urn:e:2");
                          EXPECT_TRUE(tx.add(std::move(entry)));
                          throw std::runtime_error{"out of cheese"};
                      }));
                  } catch (const std::runtime_error&) {
                      thrown = true;
                  }
              },
              [&] { answers[1] = capture({shipment("urn:e:3")}); }});
    EXPECT_TRUE(thrown);
    EXPECT_TRUE(answers[0] && answers[1]);
    EXPECT_EQ(size(), 2U);
    expect_sound();
}

TEST_P(Group, never_lets_record_times_run_backwards_although_a_command_came_in_earlier) {
    std::latch held{1};
    std::latch go{1};
    std::jthread early{[&] {
        const Demand demand{.records = 1, .entered_at = clock_.now()};
        EXPECT_TRUE(appender_.run(
            [&](Appending& tx) -> Result<void> {
                held.count_down();
                go.wait();
                Entry entry;
                entry.actor = "user:test";
                entry.body = shipment("urn:e:1");
                clock_.advance(5 * kMicrosPerSecond);
                return tx.add(std::move(entry)) ? Result<void>{} : fail(Errc::internal, "");
            },
            demand));
    }};
    held.wait();
    std::jthread later{[&] { EXPECT_TRUE(capture({shipment("urn:e:2")})); }};
    while (appender_.writer().waiting == 0) std::this_thread::yield();
    go.count_down();
    early.join();
    later.join();
    clock_.advance(-3600 * kMicrosPerSecond);
    EXPECT_TRUE(capture({shipment("urn:e:3")}));
    const auto all = entries();
    EXPECT_TRUE(std::ranges::is_sorted(all, {}, &Entry::recorded_at));
    expect_sound();
}

TEST_P(Group, answers_as_of_a_time_as_it_will_for_ever) {
    ASSERT_TRUE(capture({shipment("urn:e:1")}));
    const Limits limits;
    Instant asked;
    Sequence then = 0;
    const auto position = [&] {
        const auto snapshot = store_->read();
        return *Queries{**snapshot, index_, limits}.position_at(asked);
    };
    std::jthread asks;
    together({[&] { EXPECT_TRUE(capture({shipment("urn:e:2")})); }}, [&] {
        clock_.advance(kMicrosPerSecond);  // the command that waits came before
        asked = clock_.now();
        asks = std::jthread{[&] {
            appender_.settle(asked);
            then = position();
        }};
    });
    asks.join();
    EXPECT_TRUE(capture({shipment("urn:e:3")}));
    EXPECT_EQ(position(), then);
}

TEST_P(Group, records_after_a_settled_time_what_came_before_it) {
    const Instant came = clock_.now();
    clock_.advance(10);
    appender_.settle({clock_.now().us + kMicrosPerDay});  // what lies ahead cannot be settled
    const auto add = [](Appending& tx) -> Result<void> {
        Entry entry;
        entry.actor = "user:test";
        entry.body = shipment("urn:e:1");
        return tx.add(std::move(entry)) ? Result<void>{} : fail(Errc::internal, "");
    };
    EXPECT_TRUE(appender_.run(add, {.records = 1, .entered_at = came}));
    EXPECT_EQ(entries().front().recorded_at, (Instant{clock_.now().us + 1}));
    expect_sound();
}

TEST_P(Group, turns_a_command_away_when_too_many_wait_and_records_nothing_of_it) {
    Limits limits;
    limits.writer_queue_max = 2;
    appender_.set_limits(limits);
    std::vector<Result<Receipt>> answers(3, fail(Errc::internal, "not run"));
    together({[&] { answers[0] = capture({shipment("urn:e:1")}); }, [&] { answers[1] = capture({shipment("urn:e:2")}); }},
             [&] { answers[2] = capture({shipment("urn:e:3")}, "key-3"); });
    EXPECT_TRUE(answers[0] && answers[1]);
    ASSERT_FALSE(answers[2]);
    EXPECT_EQ(answers[2].error().code, Errc::busy);
    EXPECT_EQ(size(), 2U);
    EXPECT_FALSE(capture({shipment("urn:e:3")}, "key-3")->replayed) << "it is new when it comes again";
    EXPECT_TRUE(capture({shipment("urn:e:4")}));
    expect_sound();
}

TEST_P(Group, records_everything_once_for_64_callers_and_can_be_verified_rebuilt_and_replayed) {
    constexpr std::size_t kCallers = 64;
    constexpr std::size_t kEach = 10;
    plugins_.rule_plugin.on_plan = [](const DecisionInput& input) -> Result<std::vector<FactRequest>> {
        if (!input.facts.empty()) return std::vector<FactRequest>{};
        return std::vector<FactRequest>{{"item.dates", {std::get<std::string>(input.tables[1].rows[0][0])}}};
    };
    std::atomic<std::size_t> good{0};
    std::atomic<std::size_t> bad{0};
    {
        std::vector<std::jthread> callers;
        for (std::size_t caller = 0; caller < kCallers; ++caller)
            callers.emplace_back([&, caller] {
                for (std::size_t i = 0; i < kEach; ++i) {
                    clock_.advance(caller % 2 == 0 ? 7 : -5);
                    const std::string id = fmt::format("urn:e:{}:{}", caller, i);
                    const std::string item = fmt::format("urn:i:{}", i);
                    // Every third command repeats an id that it has just used itself.
                    auto records = std::vector<std::variant<Event, Master>>{shipment(id, item)};
                    if (i % 3 == 2) records.emplace_back(shipment(id, item));
                    ++(capture(std::move(records), id) ? good : bad);
                }
            });
    }
    EXPECT_EQ(bad, kCallers * 3);
    EXPECT_EQ(good, kCallers * 7);
    const auto all = entries();
    ASSERT_EQ(all.size(), kCallers * 7);
    EXPECT_TRUE(std::ranges::is_sorted(all, {}, &Entry::recorded_at));
    std::set<std::string> ids;
    for (const Entry& entry : all) ids.insert(std::get<Event>(entry.body).id.str());
    EXPECT_EQ(ids.size(), all.size());
    const WriterStats stats = appender_.writer();
    EXPECT_EQ(stats.commands, kCallers * kEach);
    EXPECT_EQ(stats.entries, all.size());
    EXPECT_LE(stats.groups, stats.commands);
    EXPECT_EQ(stats.waiting, 0U);
    expect_sound();
    {
        const auto snapshot = store_->read();
        const PluginArchive none = [](const Judgement&) { return std::shared_ptr<const PluginSet>{}; };
        for (const Sequence sequence : {Sequence{0}, all.size() / 2, all.size() - 1}) {
            const auto replayed = replay({**snapshot, plugins_, none, limits_}, sequence);
            ASSERT_TRUE(replayed);
            ASSERT_EQ(replayed->size(), 1U);
            EXPECT_TRUE(replayed->front().facts_equal && replayed->front().verdict_equal) << sequence << replayed->front().note();
        }
    }
    const auto rebuilt = rebuild(*store_, [](std::uint64_t) {});
    ASSERT_TRUE(rebuilt);
    EXPECT_EQ(rebuilt->digest_before, rebuilt->digest_after);
}

}  // namespace
}  // namespace stemma::engine
