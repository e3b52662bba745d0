// The doctor on a MariaDB that really follows another one: two servers, the second replaying what the first one writes. Caught up, held
// back, stopped; and what a login sees that may only SELECT.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <thread>

#include "adapters/erp/source.hpp"
#include "core/config/tree.hpp"
#include "tests/support/mariadb.hpp"

namespace stemma::erp {
namespace {

using stemma::test::Mariadb;

constexpr std::string_view kBook = R"(mapping: book-1
erp: Book
version: "1"
fingerprint:
  tables: {book: [id]}
units: {pc: C62}
queries:
  - name: lots
    table: book
    key: id
    cursor: {changed: changed, id: id}
    tables: {book: [id, changed]}
    columns: {id: int, changed: "time?"}
    sql: SELECT id, changed FROM book
    record:
      item:
        id: "lot:{id}"
        kind: lot
        product: "product:1"
        identifiers: [{scheme: lot, value: "{id}"}]
)";

class MariadbReplica : public ::testing::Test {
protected:
    void SetUp() override {
        if (!Mariadb::installed()) GTEST_SKIP() << Mariadb::kMissing;
        auto started = Mariadb::start({"server-id=1", "log-bin=first", "binlog-format=ROW"});
        ASSERT_TRUE(started) << started.error().text();
        first_ = std::move(*started);
        auto following = Mariadb::start({"server-id=2"});
        ASSERT_TRUE(following) << following.error().text();
        replica_ = std::move(*following);
        first(
            "CREATE USER 'follower'@'%'; GRANT REPLICATION SLAVE ON *.* TO 'follower'@'%'; CREATE DATABASE erp; USE erp; "
            "CREATE TABLE book (id INTEGER PRIMARY KEY, changed DATETIME); CREATE USER 'looker'@'%'; GRANT SELECT ON erp.book TO "
            "'looker'@'%'; "
            "GRANT SELECT ON erp.book TO 'watcher'@'%' IDENTIFIED BY ''; GRANT SLAVE MONITOR ON *.* TO 'watcher'@'%'");
        follow(0);
    }

    void first(const std::string& sql) const {
        const auto done = first_->run(sql);
        ASSERT_TRUE(done) << done.error().text();
    }
    void replica(const std::string& sql) const {
        const auto done = replica_->run(sql);
        ASSERT_TRUE(done) << done.error().text();
    }
    /// Replays what the first server wrote so many seconds ago, from its first statement on.
    void follow(int delay) const {
        replica(
            fmt::format("STOP SLAVE; CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT={}, MASTER_USER='follower', "
                        "MASTER_USE_GTID=slave_pos, MASTER_DELAY={}, MASTER_CONNECT_RETRY=1; START SLAVE",
                        first_->port(), delay));
    }
    [[nodiscard]] Result<SourceReport> report(const char* login) const {
        const auto tree = config::read_yaml_text(std::string{kBook}, "book.yaml");
        auto mapping = read_mapping(tree->root());
        EXPECT_TRUE(mapping) << mapping.error().front().text();
        SourceSettings settings;
        settings.name = "book";
        settings.connection = *sql::parse_connection(replica_->connection("erp", login));
        return (*make_source(settings, std::make_shared<const Mapping>(std::move(*mapping))))->check();
    }
    /// Whether the doctor comes to say so within ten seconds; what it says last is kept.
    bool comes_to_say(const std::function<bool(const SourceReport&)>& good) {
        for (int i = 0; i < 200; ++i) {
            const auto made = report("watcher");
            if (made) said_ = *made;
            if (made && good(*made)) return true;
            std::this_thread::sleep_for(std::chrono::milliseconds{50});
        }
        return false;
    }
    static SourceFinding finding(const SourceReport& report) {
        for (const SourceFinding& finding : report.about_server)
            if (finding.subject == "replica") return finding;
        return {};
    }
    static bool has_book(const SourceReport& report, std::uint64_t rows) {
        return report.row_counts == std::vector<std::pair<std::string, std::uint64_t>>{{"book", rows}};
    }

    std::unique_ptr<Mariadb> first_;
    std::unique_ptr<Mariadb> replica_;
    SourceReport said_;
};

TEST_F(MariadbReplica, tells_how_far_it_is_behind_while_it_follows_is_held_back_and_is_stopped) {
    first("INSERT INTO erp.book VALUES (1, NOW())");
    ASSERT_TRUE(comes_to_say([](const SourceReport& report) { return has_book(report, 1) && report.replica.lag_us == 0; }))
        << finding(said_).message;
    EXPECT_EQ(said_.replica.is_one, std::optional{true});
    EXPECT_EQ(finding(said_).level, SourceFinding::Level::ok);
    EXPECT_EQ(finding(said_).message, "the server is a replica, 0.0 s behind");

    // Written two minutes ago by the first server's account, and not to be replayed before an hour has gone.
    follow(3600);
    first("SET timestamp = UNIX_TIMESTAMP() - 120; INSERT INTO erp.book VALUES (2, NOW())");
    EXPECT_TRUE(comes_to_say([](const SourceReport& report) { return report.replica.lag_us.value_or(0) >= 120'000'000; }))
        << finding(said_).message;
    EXPECT_LT(said_.replica.lag_us.value_or(0), 600'000'000);
    EXPECT_EQ(finding(said_).level, SourceFinding::Level::warning);
    EXPECT_TRUE(finding(said_).hint.contains("what is read is as old as that")) << finding(said_).hint;
    EXPECT_TRUE(has_book(said_, 1)) << "and so it is";

    follow(0);
    EXPECT_TRUE(comes_to_say([](const SourceReport& report) { return has_book(report, 2) && report.replica.lag_us == 0; }))
        << finding(said_).message;

    replica("STOP SLAVE");
    first("INSERT INTO erp.book VALUES (3, NOW())");
    EXPECT_TRUE(comes_to_say([](const SourceReport& report) { return !report.replica.lag_us; }));
    EXPECT_EQ(said_.replica.is_one, std::optional{true});
    EXPECT_EQ(finding(said_).level, SourceFinding::Level::warning);
    EXPECT_EQ(finding(said_).message, "the server is a replica that does not follow at the moment");
    EXPECT_TRUE(has_book(said_, 2));
}

TEST_F(MariadbReplica, tells_a_login_that_may_only_select_that_it_follows_and_which_right_tells_more) {
    ASSERT_TRUE(comes_to_say([](const SourceReport& report) { return has_book(report, 0) && report.replica.lag_us == 0; }));
    const auto looked = report("looker");
    ASSERT_TRUE(looked) << looked.error().text();
    EXPECT_EQ(looked->replica.is_one, std::optional{true});
    EXPECT_FALSE(looked->replica.lag_us);
    EXPECT_EQ(finding(*looked).level, SourceFinding::Level::note);
    EXPECT_TRUE(finding(*looked).message.contains("the server follows another one")) << finding(*looked).message;
    EXPECT_TRUE(finding(*looked).message.contains("SLAVE MONITOR")) << finding(*looked).message;
}

}  // namespace
}  // namespace stemma::erp
