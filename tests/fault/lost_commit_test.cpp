// R8: the answers to COMMITs are lost, connections are reset and refused, every packet is late, and what was acknowledged is there once all
// the same. The red control, a client that sends again without its key, must be found by the same oracle, which reads the rows past the
// relay and knows nothing of keys.
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "adapters/memory/clock.hpp"
#include "adapters/sql/pool.hpp"
#include "adapters/sql/session.hpp"
#include "adapters/store/postgres/postgres_store.hpp"
#include "adapters/store/postgres/writer_seat.hpp"
#include "core/engine/capture.hpp"
#include "core/engine/follower.hpp"
#include "core/engine/stored.hpp"
#include "core/ledger/verify.hpp"
#include "tests/fault/scale.hpp"
#include "tests/support/faults/tcp_proxy.hpp"
#include "tests/support/postgres.hpp"
#include "tests/support/temp_folder.hpp"
#include "tests/unit/engine/fake_plugins.hpp"

namespace stemma::engine {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using std::chrono::steady_clock;

constexpr const char* kOrigin = "test.example/ledger";
constexpr int kClients = 4;
constexpr auto kProgressMax = 120s;  ///< without an acknowledgement the test has hung

/// One server for the program.
test::Postgres* the_server() {
    static const std::unique_ptr<test::Postgres> server = [] {
        auto started = test::Postgres::start({"fsync=on", "full_page_writes=on", "synchronous_commit=on"});
        EXPECT_TRUE(started) << started.error().text();
        return started ? std::move(*started) : nullptr;
    }();
    return server.get();
}

std::string connection_at(int port) { return "host=127.0.0.1 user=stemma dbname=postgres port=" + std::to_string(port); }

/// An engine's write path on PostgreSQL, as the daemon wires it.
class Daemon {
public:
    Daemon(int port, const std::string& schema, std::chrono::milliseconds patience, SigningKey key = SigningKey::generate()) {
        auto opened = store::open_postgres({.connection = connection_at(port),
                                            .schema = schema,
                                            .busy_timeout_ms = 2'000,
                                            .ledger = kOrigin,
                                            .name = "stemmad under test",
                                            .statement_timeout_ms = 3'000});
        EXPECT_TRUE(opened) << opened.error().text();
        store = std::move(*opened);
        appender =
            std::make_unique<Appender>(*store, index, clock, Seal{kOrigin, std::move(key), CheckpointFile{folder.file("checkpoint")}});
        appender->wait_for_store(patience, {.first = 10ms, .longest = 200ms});
        const auto loaded = appender->load();
        EXPECT_TRUE(loaded) << loaded.error().text();
        EXPECT_TRUE(appender->follow());
        capturing = std::make_unique<Capturing>(*appender, plugins, limits, UndecidedPolicy{});
        follower = std::make_unique<Follower>(*appender, 50ms);
        follower->start();
    }

    test::TempFolder folder;
    memory::SetClock clock{Instant{1'795'219'200 * kMicrosPerSecond}};
    std::unique_ptr<Store> store;
    lineage::Index index;
    test::FakeSet plugins;
    Limits limits;
    std::unique_ptr<Appender> appender;
    std::unique_ptr<Capturing> capturing;
    std::unique_ptr<Follower> follower;
};

Capture command_of(int number, const std::string& id, const std::string& key) {
    Event event;
    event.id = EventId{id};
    event.biz_step = "shipping";
    event.time.instant = Instant{1'790'000'000 * kMicrosPerSecond};
    event.items = {{ItemId{"urn:i:" + std::to_string(number)}, Quantity{kQuantityScale, "C62"}}};
    return {"user:test", "", key, {event}};
}

enum class Client : unsigned char { honest, without_key };

/// Clients that record commands one after another; each is sent again until it is acknowledged.
class Clients {
public:
    Clients(Daemon& daemon, Client kind) : daemon_{daemon}, kind_{kind} {
        for (int i = 0; i < kClients; ++i) threads_.emplace_back([this] { run(); });
    }
    ~Clients() { end(); }
    Clients(const Clients&) = delete;
    Clients& operator=(const Clients&) = delete;

    void end() {
        ending_ = true;
        for (std::thread& thread : threads_)
            if (thread.joinable()) thread.join();
    }
    void wait_for(std::size_t acks) const {
        const std::size_t wanted = acknowledged() + acks;
        const auto deadline = steady_clock::now() + kProgressMax;
        while (acknowledged() < wanted && steady_clock::now() < deadline) std::this_thread::sleep_for(1ms);
        ASSERT_GE(acknowledged(), wanted) << "the clients hang";
    }
    [[nodiscard]] std::size_t acknowledged() const {
        const std::lock_guard lock{mutex_};
        return acknowledged_.size();
    }
    [[nodiscard]] std::set<int> numbers() const {
        const std::lock_guard lock{mutex_};
        return acknowledged_;
    }
    [[nodiscard]] int resent() const { return resent_; }

private:
    void run() {
        while (!ending_) {
            const int number = next_++;
            for (int attempt = 0;; ++attempt) {
                const bool honest = kind_ == Client::honest;
                const std::string id = "urn:command:" + std::to_string(number) + ":" + std::to_string(honest ? 0 : attempt);
                const auto done = daemon_.capturing->capture(command_of(number, id, honest ? "key-" + std::to_string(number) : ""));
                if (done) break;
                EXPECT_EQ(done.error().code, Errc::unavailable) << done.error().text();
                ++resent_;
                std::this_thread::sleep_for(5ms);
            }
            const std::lock_guard lock{mutex_};
            acknowledged_.insert(number);
        }
    }

    Daemon& daemon_;
    Client kind_;
    std::atomic<bool> ending_{false};
    std::atomic<int> next_{0};
    std::atomic<int> resent_{0};
    mutable std::mutex mutex_;
    std::set<int> acknowledged_;
    std::vector<std::thread> threads_;
};

struct Found {
    std::size_t lost{0};
    std::size_t twice{0};
    std::size_t there{0};
};

/// What the rows say, past the relay.
Found look(const std::string& schema, const std::set<int>& acknowledged) {
    auto where = sql::parse_connection("postgresql:" + connection_at(the_server()->port()));
    auto session = sql::Session::open(*where);
    EXPECT_TRUE(session) << session.error().text();
    std::map<int, int> counts;
    const std::string text = "SELECT convert_from(bytes, 'UTF8') FROM " + schema + ".ledger_entry";
    const auto read = session->each({"oracle", text.c_str()}, {}, [&](const sql::Row& row) {
        const std::string bytes{row.text(0)};
        const std::size_t at = bytes.find("urn:command:");
        if (at != std::string::npos) ++counts[std::atoi(bytes.c_str() + at + 12)];
    });
    EXPECT_TRUE(read) << read.error().text();
    Found found;
    for (const int number : acknowledged) found.lost += counts.contains(number) ? 0U : 1U;
    for (const auto& [number, count] : counts) {
        ++found.there;
        found.twice += count > 1 ? 1U : 0U;
    }
    return found;
}

void expect_sound(Daemon& daemon) {
    const auto snapshot = daemon.store->read();
    ASSERT_TRUE(snapshot) << snapshot.error().text();
    const VerifyReport report =
        verify(**snapshot, {.key = daemon.appender->note_key(), .outside_checkpoint = {}, .integrity = {}, .progress = {}});
    EXPECT_TRUE(report.ok()) << (report.findings.empty() ? "" : report.findings.front().text);
    EXPECT_EQ(daemon.index.position(), report.entries) << "the lineage has taken in every entry once";
}

class LostCommit : public ::testing::Test {
protected:
    void SetUp() override {
        if (!test::Postgres::installed()) GTEST_SKIP() << test::Postgres::kMissing;
        ASSERT_NE(the_server(), nullptr);
        auto started = test::TcpProxy::start(the_server()->port());
        ASSERT_TRUE(started) << started.error().text();
        proxy = std::move(*started);
        schema = ::testing::UnitTest::GetInstance()->current_test_info()->name();
    }
    std::unique_ptr<test::TcpProxy> proxy;
    std::string schema;
};

TEST_F(LostCommit, twenty_lost_answers_resets_refusals_and_late_packets_lose_and_repeat_nothing) {
    Daemon daemon{proxy->port(), schema, 10s};
    Clients clients{daemon, Client::honest};
    for (int round = 0; round < test::short_or_long(1, 50); ++round) {
        clients.wait_for(20);
        const auto before = proxy->lost_commit_answers();
        proxy->lose_commit_answers(20);
        clients.wait_for(5);
        while (proxy->lost_commit_answers() < before + 20) clients.wait_for(1);
        for (int i = 0; i < 5; ++i) {
            proxy->reset();
            clients.wait_for(3);
        }
        proxy->refuse();
        std::this_thread::sleep_for(300ms);
        proxy->pass();
        clients.wait_for(20);
        proxy->delay(120ms);
        clients.wait_for(4);
        proxy->pass();
    }
    clients.end();
    const Found found = look(schema, clients.numbers());
    EXPECT_EQ(found.lost, 0U);
    EXPECT_EQ(found.twice, 0U);
    EXPECT_GE(proxy->lost_commit_answers(), 20U);
    expect_sound(daemon);
    std::printf("%zu acknowledged, %zu there, %d sent again, %llu answers to COMMIT lost\n", clients.acknowledged(), found.there,
                clients.resent(), static_cast<unsigned long long>(proxy->lost_commit_answers()));
}

TEST_F(LostCommit, a_lost_answer_is_found_out_before_the_caller_hears_of_it) {
    Daemon daemon{proxy->port(), schema, 10s};
    proxy->lose_commit_answers(1);
    const auto receipt = daemon.capturing->capture(command_of(1, "urn:command:1:0", ""));
    ASSERT_TRUE(receipt) << receipt.error().text();
    EXPECT_EQ(proxy->lost_commit_answers(), 1U);
    EXPECT_EQ(receipt->first, 0U);
    EXPECT_EQ(look(schema, {1}).lost, 0U);
    EXPECT_EQ(daemon.appender->trouble().store, "");
}

TEST_F(LostCommit, a_commit_that_never_arrived_is_told_as_not_recorded) {
    Daemon daemon{proxy->port(), schema, 2s};
    ASSERT_TRUE(daemon.capturing->capture(command_of(1, "urn:command:1:0", "")));
    proxy->blackhole();  // after its begin the group meets silence
    const auto receipt = daemon.capturing->capture(command_of(2, "urn:command:2:0", "key-2"));
    ASSERT_FALSE(receipt);
    EXPECT_EQ(receipt.error().code, Errc::unavailable) << receipt.error().text();
    proxy->pass();
    const auto deadline = steady_clock::now() + kProgressMax;
    auto again = daemon.capturing->capture(command_of(2, "urn:command:2:0", "key-2"));
    while (!again && steady_clock::now() < deadline) {
        std::this_thread::sleep_for(20ms);
        again = daemon.capturing->capture(command_of(2, "urn:command:2:0", "key-2"));
    }
    ASSERT_TRUE(again) << again.error().text();
    EXPECT_EQ(look(schema, {1, 2}).twice, 0U);
    expect_sound(daemon);
}

TEST_F(LostCommit, of_two_daemons_one_writes_and_the_other_follows_and_takes_over) {
    const test::TempFolder keys;
    ASSERT_TRUE(SigningKey::generate().save(keys.file("ledger.key")));
    const auto key = [&] { return *SigningKey::load(keys.file("ledger.key")); };
    const auto wait_until = [](const auto& holds) {
        for (const auto until = steady_clock::now() + kProgressMax; !holds() && steady_clock::now() < until;)
            std::this_thread::sleep_for(2ms);
        return holds();
    };
    auto first = std::make_unique<Daemon>(the_server()->port(), schema, 5s, key());
    Daemon second{the_server()->port(), schema, 5s, key()};
    ASSERT_TRUE(first->capturing->capture(command_of(1, "urn:command:1:0", "key-1")));
    EXPECT_TRUE(first->appender->role().writes);
    const WriterRole follows = second.appender->role();
    EXPECT_FALSE(follows.writes);
    EXPECT_NE(follows.holder.find("stemmad under test"), std::string::npos) << follows.holder;
    const auto refused = second.capturing->capture(command_of(2, "urn:command:2:0", "key-2"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::unavailable);
    EXPECT_NE(refused.error().message.find("this daemon is a standby"), std::string::npos) << refused.error().message;
    EXPECT_TRUE(wait_until([&] { return second.index.position() == 1; })) << "it follows";
    EXPECT_FALSE(second.store->begin()) << "and cannot write without the seat";
    first.reset();
    EXPECT_TRUE(wait_until([&] { return second.appender->role().writes; })) << "it takes over";
    ASSERT_TRUE(second.capturing->capture(command_of(2, "urn:command:2:0", "key-2")));
    EXPECT_EQ(look(schema, {1, 2}).lost, 0U);
    expect_sound(second);
}

TEST_F(LostCommit, a_reader_whose_connections_died_meanwhile_asks_once_more_over_a_new_one) {
    const auto store = store::open_postgres({.connection = connection_at(proxy->port()), .schema = schema});
    ASSERT_TRUE(store) << store.error().text();
    for (int i = 0; i < 3; ++i) {
        {
            const auto first = (*store)->read();
            const auto second = (*store)->read();
            ASSERT_TRUE(first && second);
        }
        proxy->reset();  // as a server does that is started again
        const auto read = (*store)->read();
        ASSERT_TRUE(read) << read.error().text();
        const auto size = (*read)->size();
        EXPECT_TRUE(size) << size.error().text();
    }
}

TEST_F(LostCommit, readers_of_a_database_that_is_away_do_not_storm_it) {
    sql::Connection where = *sql::parse_connection("postgresql:" + connection_at(proxy->port()));
    sql::Pool pool{where, {.pause = BackoffSpan{1h, 1h}}};
    proxy->refuse();
    const auto first = pool.lease();
    ASSERT_FALSE(first);
    proxy->pass();
    for (int i = 0; i < 100; ++i) {
        const auto paused = pool.lease();
        ASSERT_FALSE(paused) << "within the pause";
        EXPECT_EQ(paused.error().message, first.error().message);
    }
    EXPECT_EQ(proxy->connections(), 0U);
    pool.end_pause();
    EXPECT_TRUE(pool.lease());
    EXPECT_EQ(pool.open_sessions(), 1U);
    EXPECT_EQ(proxy->connections(), 1U);
}

TEST_F(LostCommit, what_was_asked_as_of_a_time_keeps_its_answer_when_a_commit_from_before_is_found) {
    Daemon daemon{proxy->port(), schema, 10s};
    daemon.follower->stop();
    ASSERT_TRUE(daemon.capturing->capture(command_of(1, "urn:command:1:0", "")));
    proxy->lose_commit_answers(1);
    std::thread writes{[&] {
        const auto receipt = daemon.capturing->capture(command_of(2, "urn:command:2:0", ""));
        EXPECT_TRUE(receipt) << receipt.error().text();
    }};
    while (proxy->lost_commit_answers() < 1) std::this_thread::sleep_for(1ms);
    proxy->refuse();  // so that the writer rests, and who asks as of now is answered
    std::this_thread::sleep_for(500ms);
    const Instant later{daemon.clock.now().us + 60 * kMicrosPerSecond};
    daemon.clock.set(later);
    daemon.appender->settle(later);
    daemon.clock.set(Instant{later.us - 30 * kMicrosPerSecond});  // and then the clock is set back
    EXPECT_GT(daemon.appender->entry_time().us, later.us);
    proxy->pass();
    writes.join();
    EXPECT_GT(daemon.appender->entry_time().us, later.us);
}

/// Behind a pooler in transaction mode one session of ours is served by several of the server's.
TEST_F(LostCommit, a_unit_that_another_process_of_the_server_runs_than_the_one_with_the_seat_is_refused) {
    const auto where = sql::parse_connection("postgresql:" + connection_at(the_server()->port()));
    auto locked = sql::Session::open(*where);
    auto pooled = sql::Session::open(*where);
    ASSERT_TRUE(locked && pooled);
    const auto process_of = [](sql::Session& session) {
        return **session.first({"test.process", "SELECT pg_backend_pid()"}, {}, [](const sql::Row& row) { return row.integer(0); });
    };
    store::postgres::WriterSeat seat{kOrigin, schema, "under test"};
    EXPECT_TRUE(seat.must_be_of(process_of(*pooled))) << "without a seat there is nothing to hold it against";
    const auto taken = seat.take(*locked);
    ASSERT_TRUE(taken && taken->held) << taken.error().text();
    EXPECT_TRUE(seat.must_be_of(process_of(*locked)));
    const auto refused = seat.must_be_of(process_of(*pooled));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::storage);
    EXPECT_NE(refused.error().message.find("a pooler in transaction mode"), std::string::npos) << refused.error().message;
    EXPECT_EQ(refused.error().where, "store.connection");
}

TEST_F(LostCommit, red_control_who_sends_again_without_a_key_records_twice) {
    Daemon daemon{proxy->port(), schema, 0s};  // and a daemon that does not find out
    Clients clients{daemon, Client::without_key};
    clients.wait_for(10);
    proxy->lose_commit_answers(20);
    while (proxy->lost_commit_answers() < 20) clients.wait_for(1);
    clients.wait_for(10);
    clients.end();
    EXPECT_GT(look(schema, clients.numbers()).twice, 0U) << "the oracle finds nothing where something is";
}

}  // namespace
}  // namespace stemma::engine
