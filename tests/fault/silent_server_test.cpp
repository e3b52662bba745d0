// R15: a database server that accepts and never answers frees its reader within the deadline; R15's red control: without our deadline the
// same wait does not end. Connections cut anywhere in a result fail as unavailable, and the next reading has every row once.
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <random>
#include <set>

#include "adapters/sql/pool.hpp"
#include "adapters/sql/session.hpp"
#include "tests/fault/scale.hpp"
#include "tests/support/faults/tcp_proxy.hpp"
#include "tests/support/mariadb.hpp"
#include "tests/support/postgres.hpp"

namespace stemma::sql {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using test::TcpProxy;

constexpr int kRows = 5'000;
constexpr milliseconds kDeadline{1'500};  ///< of the readers under test: half a second for a statement and a second more
constexpr milliseconds kConnect{3'000};   ///< the default of a connection
constexpr milliseconds kSlack{3'000};     ///< for a busy machine
constexpr milliseconds kControl{6'000};   ///< how long the red control is watched: four times the deadline

/// One server of each engine for the whole program, behind a relay.
template <class Server>
struct Behind {
    static Behind* get() {
        static std::unique_ptr<Behind> one = [] {
            auto made = std::make_unique<Behind>();
            auto started = Server::start();
            EXPECT_TRUE(started) << started.error().text();
            if (!started) return std::unique_ptr<Behind>{};
            made->server = std::move(*started);
            auto relay = TcpProxy::start(made->server->port());
            EXPECT_TRUE(relay) << relay.error().text();
            if (!relay) return std::unique_ptr<Behind>{};
            made->proxy = std::move(*relay);
            return made;
        }();
        return one.get();
    }
    std::unique_ptr<Server> server;
    std::unique_ptr<TcpProxy> proxy;
};

struct PostgresqlSide {
    using Server = test::Postgres;
    static constexpr Engine kEngine = Engine::postgresql;
    static std::string target(int port) { return "host=127.0.0.1 user=stemma dbname=postgres port=" + std::to_string(port); }
    static constexpr const char* kFill =
        "CREATE TABLE IF NOT EXISTS numbers AS SELECT n, repeat('x', (n % 97)::int) AS body FROM generate_series(1, 5000) AS g(n)";
};

struct MariadbSide {
    using Server = test::Mariadb;
    static constexpr Engine kEngine = Engine::mariadb;
    static std::string target(int port) { return "host=127.0.0.1 user=root db=test port=" + std::to_string(port); }
    static constexpr const char* kFill =
        "CREATE TABLE IF NOT EXISTS numbers AS SELECT seq AS n, repeat('x', seq % 97) AS body FROM seq_1_to_5000";
};

template <class Side>
class SilentServer : public ::testing::Test {
protected:
    using Server = typename Side::Server;

    void SetUp() override {
        if (!Server::installed()) GTEST_SKIP() << Server::kMissing;
        behind = Behind<Server>::get();
        ASSERT_NE(behind, nullptr);
        behind->proxy->pass();
        if constexpr (Side::kEngine == Engine::mariadb) {
            ASSERT_TRUE(behind->server->run("CREATE DATABASE IF NOT EXISTS test"));
        }
        Connection writing = where();
        writing.read_only = false;
        auto filling = Session::open(writing);
        ASSERT_TRUE(filling) << filling.error().text();
        const auto filled = filling->execute_as_is({"fill", Side::kFill});
        ASSERT_TRUE(filled) << filled.error().text();
    }

    [[nodiscard]] Connection where() const {
        return {.engine = Side::kEngine,
                .target = Side::target(behind->proxy->port()),
                .read_only = true,
                .statement_timeout_ms = 500,
                .answer_slack_ms = 1'000};
    }
    [[nodiscard]] static milliseconds since(steady_clock::time_point began) {
        return std::chrono::duration_cast<milliseconds>(steady_clock::now() - began);
    }
    /// All numbers, read over a new connection; the error of the first step that fails.
    [[nodiscard]] Result<std::multiset<std::int64_t>> read_all() const {
        auto session = Session::open(where());
        if (!session) return std::unexpected(session.error());
        auto numbers =
            session->all({"numbers", "SELECT n, body FROM numbers ORDER BY n"}, {}, [](const Row& row) { return row.integer(0); });
        if (!numbers) return std::unexpected(numbers.error());
        return std::multiset<std::int64_t>{numbers->begin(), numbers->end()};
    }

    Behind<Server>* behind{nullptr};
};

using Sides = ::testing::Types<PostgresqlSide, MariadbSide>;
TYPED_TEST_SUITE(SilentServer, Sides);

TYPED_TEST(SilentServer, frees_a_newcomer_within_the_time_for_connecting) {
    this->behind->proxy->blackhole();
    const auto began = steady_clock::now();
    const auto session = Session::open(this->where());
    ASSERT_FALSE(session);
    EXPECT_EQ(session.error().code, Errc::unavailable) << session.error().text();
    EXPECT_LT(this->since(began), kConnect + kSlack);
}

TYPED_TEST(SilentServer, frees_a_reader_within_its_deadline) {
    auto session = Session::open(this->where());
    ASSERT_TRUE(session) << session.error().text();
    this->behind->proxy->blackhole();
    const auto began = steady_clock::now();
    const auto answer = session->execute({"probe", "SELECT count(*) FROM numbers"});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, Errc::unavailable) << answer.error().text();
    EXPECT_GE(this->since(began), kDeadline - milliseconds{10}) << "an answer may come until then";
    EXPECT_LT(this->since(began), kDeadline + kSlack);
    EXPECT_FALSE(session->usable());
}

TYPED_TEST(SilentServer, red_control_without_a_deadline_the_reader_does_not_come_back) {
    Connection patient = this->where();
    patient.statement_timeout_ms = 0;  // then the deadline is an hour
    auto session = Session::open(patient);
    ASSERT_TRUE(session) << session.error().text();
    this->behind->proxy->blackhole();
    auto answer = std::async(std::launch::async, [&] { return session->execute({"probe", "SELECT count(*) FROM numbers"}); });
    EXPECT_EQ(answer.wait_for(kControl), std::future_status::timeout);
    this->behind->proxy->refuse();  // resets it, which every wait notices
    EXPECT_FALSE(answer.get());
}

TYPED_TEST(SilentServer, frees_who_asks_a_pool_of_idle_sessions_after_one_of_them) {
    Pool pool{this->where(), {.sessions_max = 4, .wait = milliseconds{1'000}, .ping_after_idle = milliseconds{1}}};
    {
        std::vector<Lease> all;
        for (int i = 0; i < 4; ++i) {
            auto one = pool.lease();
            ASSERT_TRUE(one) << one.error().text();
            all.push_back(std::move(*one));
        }
    }
    std::this_thread::sleep_for(milliseconds{20});
    this->behind->proxy->blackhole();
    const auto began = steady_clock::now();
    EXPECT_FALSE(pool.lease());
    EXPECT_LT(this->since(began), kDeadline + kConnect + kSlack);
    EXPECT_EQ(pool.open_sessions(), 0U) << "none of the others is asked";
}

TYPED_TEST(SilentServer, an_answer_that_comes_in_time_is_taken) {
    auto session = Session::open(this->where());
    ASSERT_TRUE(session) << session.error().text();
    this->behind->proxy->delay(milliseconds{120});
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(session->ping());
    EXPECT_TRUE(session->usable());
}

TYPED_TEST(SilentServer, a_result_cut_anywhere_fails_and_the_next_reading_has_every_row_once) {
    const auto before = this->behind->proxy->bytes_from_server();
    const auto whole = this->read_all();
    ASSERT_TRUE(whole) << whole.error().text();
    ASSERT_EQ(whole->size(), static_cast<std::size_t>(kRows));
    const std::uint64_t bytes = this->behind->proxy->bytes_from_server() - before;
    std::mt19937_64 random{20'261'122};
    std::uniform_int_distribution<std::uint64_t> cut{1, bytes - 1};
    const int cuts = test::short_or_long(50, 500);
    for (int i = 0; i < cuts; ++i) {
        const std::uint64_t at = cut(random);
        this->behind->proxy->reset_after(at);
        const auto broken = this->read_all();
        // The farewell of a session is not its result's business.
        if (broken) {
            EXPECT_EQ(*broken, *whole) << "cut after " << at << " of " << bytes;
            EXPECT_GT(at, bytes * 9 / 10);
        } else {
            EXPECT_EQ(broken.error().code, Errc::unavailable) << "cut after " << at << ": " << broken.error().text();
        }
        this->behind->proxy->pass();
        const auto again = this->read_all();
        ASSERT_TRUE(again) << again.error().text();
        ASSERT_EQ(*again, *whole) << "cut after " << at;
    }
}

}  // namespace
}  // namespace stemma::sql
