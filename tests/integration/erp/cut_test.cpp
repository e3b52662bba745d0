// The line to the ERP is cut in mid-row, at a byte drawn at random, fifty times for each engine: the sync fails, the next one goes on from
// its cursors by itself, and the lineage is that of a sync from nothing, every row once. The red control, a source whose cursor is ahead of
// what was recorded, must be found by the same comparison.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <random>
#include <string>
#include <utility>

#include "tests/integration/engine/lineage_picture.hpp"
#include "tests/integration/erp/mariadb_database.hpp"
#include "tests/integration/erp/tryton_database.hpp"
#include "tests/support/faults/tcp_proxy.hpp"

namespace stemma::erp {
namespace {

using engine::SyncReach;
using stemma::test::EngineRig;
using stemma::test::TcpProxy;
using stemma::test::TempFolder;

constexpr int kCuts = 50;
constexpr int kCutsPerLedger = 12;  ///< then a new one, so that first readings are cut, too
constexpr double kLeastBytes = 100;

/// An ERP on a real server, and a relay before it.
struct CutErp {
    std::function<std::unique_ptr<ErpSource>(const sql::Connection&)> source;
    sql::Connection direct;
    std::function<void(int step)> change;  ///< what users do between two syncs

    [[nodiscard]] std::unique_ptr<ErpSource> at(int port) const {
        sql::Connection behind = direct;
        const auto [begin, size] = place_of_port();
        behind.target.replace(begin, size, std::to_string(port));
        return source(behind);
    }
    [[nodiscard]] int server_port() const {
        const auto [begin, size] = place_of_port();
        return std::stoi(direct.target.substr(begin, size));
    }

private:
    [[nodiscard]] std::pair<std::size_t, std::size_t> place_of_port() const {
        const std::size_t begin = direct.target.find("port=") + 5;
        return {begin, direct.target.find_first_not_of("0123456789", begin) - begin};
    }
};

/// The source of another, with something done about each reading.
class Around final : public ErpSource {
public:
    using Read = std::function<Result<std::unique_ptr<SourceReading>>(const ReadPlan&)>;
    Around(ErpSource& source, Read read) : source_{source}, read_{std::move(read)} {}
    [[nodiscard]] const std::string& name() const override { return source_.name(); }
    [[nodiscard]] std::vector<std::string> queries() const override { return source_.queries(); }
    Result<SourceReport> fit() override { return source_.fit(); }
    Result<SourceReport> check() override { return source_.check(); }
    Result<std::unique_ptr<SourceReading>> read(const ReadPlan& plan) override { return read_(plan); }
    Result<SourcePreview> preview(const std::string& query, std::uint64_t rows_max) override { return source_.preview(query, rows_max); }

private:
    ErpSource& source_;
    Read read_;
};

class Cutter {
public:
    explicit Cutter(const CutErp& erp) {
        auto started = TcpProxy::start(erp.server_port());
        EXPECT_TRUE(started) << started.error().text();
        proxy_ = std::move(*started);
        source_ = erp.at(proxy_->port());
        TempFolder folder;
        EngineRig whole{folder.path()};
        std::uint64_t before = 0;
        Around counted{*source_, [&](const ReadPlan& plan) {
                           before = proxy_->bytes_from_server();
                           return source_->read(plan);
                       }};
        whole.sync(counted);
        bytes_ = proxy_->bytes_from_server() - before;
    }

    [[nodiscard]] ErpSource& source() { return *source_; }
    [[nodiscard]] int cuts() const noexcept { return cuts_; }
    [[nodiscard]] std::uint64_t bytes_of_a_whole_sync() const noexcept { return bytes_; }

    /// A sync whose reading is cut once the server has sent so many bytes, drawn at random below those of a whole one; whether it ended
    /// before.
    bool sync_cut(EngineRig& rig, ErpSource& source, SyncReach reach) {
        const auto most = static_cast<double>(bytes_);
        std::uniform_real_distribution<double> anywhere{kLeastBytes, most};
        std::uniform_real_distribution<double> near_the_beginning{std::log(kLeastBytes), std::log(most)};  // what is new may be little
        const auto at = static_cast<std::uint64_t>(random_() % 2 == 0 ? anywhere(random_) : std::exp(near_the_beginning(random_)));
        Around cut{source, [&](const ReadPlan& plan) {
                       proxy_->reset_after(at);  // not the look at the catalogue before it
                       return source.read(plan);
                   }};
        const auto report = sync(rig, cut, reach);
        proxy_->pass();
        if (report) return true;
        ++cuts_;
        EXPECT_EQ(report.error().code, Errc::unavailable) << "cut after " << at << ": " << report.error().text();
        return false;
    }
    bool sync_cut(EngineRig& rig, SyncReach reach) { return sync_cut(rig, *source_, reach); }

    static Result<engine::SyncReport> sync(EngineRig& rig, ErpSource& source, SyncReach reach) {
        engine::Syncing syncing{rig.store(), rig.appender(), rig.plugins(), rig.clock(), rig.limits()};
        return syncing.run(
            source, reach, [](const auto&, const auto&) {}, [] { return false; });
    }

private:
    std::unique_ptr<TcpProxy> proxy_;
    std::unique_ptr<ErpSource> source_;
    std::uint64_t bytes_{0};
    int cuts_{0};
    std::mt19937_64 random_{20'261'122};
};

/// First readings, each cut again and again; nobody changes anything meanwhile, so that there is one entry for each row.
void expect_first_readings_whole(const CutErp& erp) {
    Cutter cutter{erp};
    TempFolder fresh_folder;
    EngineRig fresh{fresh_folder.path()};
    fresh.sync(*erp.source(erp.direct));
    int ledgers = 0;
    int half_filled = 0;
    for (; cutter.cuts() < kCuts; ++ledgers) {
        TempFolder folder;
        EngineRig rig{folder.path()};
        const int before = cutter.cuts();
        while (cutter.cuts() < before + kCutsPerLedger && cutter.cuts() < kCuts)
            if (cutter.sync_cut(rig, SyncReach::changes)) break;
        half_filled += rig.index().position() > 0 && rig.index().position() < fresh.index().position() ? 1 : 0;
        rig.sync(cutter.source());
        ASSERT_EQ(rig.index().position(), fresh.index().position()) << "an entry for each row";
        stemma::test::expect_same_lineage(rig, fresh);
    }
    EXPECT_GT(half_filled, 0) << "no cut left a ledger half filled";
    std::printf(
        "%d cuts in the first readings of %d ledgers of %.0f kB, %d of them half filled at the last cut: %llu entries, none lost, "
        "none twice\n",
        cutter.cuts(), ledgers, static_cast<double>(cutter.bytes_of_a_whole_sync()) / 1000, half_filled,
        static_cast<unsigned long long>(fresh.index().position()));
}

/// One ledger; users change the ERP between the cuts.
void expect_changes_followed(const CutErp& erp) {
    Cutter cutter{erp};
    TempFolder folder;
    EngineRig rig{folder.path()};
    constexpr std::array reaches{SyncReach::changes, SyncReach::all, SyncReach::keys};
    int syncs = 0;
    for (; cutter.cuts() < kCuts; ++syncs) {
        ASSERT_LT(syncs, 20 * kCuts) << "no cut strikes any more";
        erp.change(syncs);
        cutter.sync_cut(rig, reaches[static_cast<std::size_t>(syncs) % reaches.size()]);
    }
    rig.sync(cutter.source(), SyncReach::keys);
    TempFolder fresh_folder;
    EngineRig fresh{fresh_folder.path()};
    fresh.sync(*erp.source(erp.direct));
    stemma::test::expect_same_lineage(rig, fresh);
    std::printf("%d cuts in %d syncs of changes: the lineage is that of %llu entries from nothing\n", cutter.cuts(), syncs,
                static_cast<unsigned long long>(fresh.index().position()));
}

/// Gives each batch with the cursor of the next one: it moves before the rows are recorded.
class AheadReading final : public SourceReading {
public:
    explicit AheadReading(std::unique_ptr<SourceReading> reading) : reading_{std::move(reading)} {}
    Result<std::optional<SourceBatch>> next() override {
        if (!begun_) {
            auto first = reading_->next();
            if (!first) return first;
            held_ = std::move(*first);
            begun_ = true;
        }
        if (!held_) return std::nullopt;
        auto following = reading_->next();
        if (!following) return following;
        std::optional<SourceBatch> given = std::exchange(held_, std::move(*following));
        if (held_ && held_->query == given->query && !held_->sweep) given->cursor = held_->cursor;
        return given;
    }

private:
    std::unique_ptr<SourceReading> reading_;
    std::optional<SourceBatch> held_;
    bool begun_{false};
};

void expect_control_found(const CutErp& erp) {
    Cutter cutter{erp};
    TempFolder folder;
    TempFolder fresh_folder;
    EngineRig rig{folder.path()};
    EngineRig fresh{fresh_folder.path()};
    Around ahead{cutter.source(), [&](const ReadPlan& plan) -> Result<std::unique_ptr<SourceReading>> {
                     auto reading = cutter.source().read(plan);
                     if (!reading) return reading;
                     return std::make_unique<AheadReading>(std::move(*reading));
                 }};
    fresh.sync(cutter.source());
    for (int i = 0; i < kCutsPerLedger; ++i)
        if (cutter.sync_cut(rig, ahead, SyncReach::changes)) break;
    rig.sync(ahead);
    EXPECT_GT(cutter.cuts(), 0);
    const auto there = stemma::test::standing_events(rig).size();
    const auto wanted = stemma::test::standing_events(fresh).size();
    EXPECT_LT(there, wanted) << "rows behind a cursor that moved too early were not missed";
    std::printf("red control, a cursor ahead of what is recorded: found, %zu of %zu events are there\n", there, wanted);
}

// --- PostgreSQL: Tryton ---------------------------------------------------------------------------------------------------------

class CutTryton : public ::testing::Test {
protected:
    void SetUp() override {
        if (!database.missing().empty()) GTEST_SKIP() << database.missing();
        erp.direct = database.connection();
        erp.source = [this](const sql::Connection& where) {
            SourceSettings settings;
            settings.connection = where;
            settings.batch_rows = 40;
            settings.overlap = std::chrono::seconds{0};  // transactions alone tell
            return database.source(settings);
        };
        erp.change = [this](int step) {
            const std::string move =
                fmt::format("(SELECT id FROM stock_move WHERE state = 'done' ORDER BY id LIMIT 1 OFFSET {})", step * 7);
            const char* const what = step % 3 == 0   ? "UPDATE stock_move SET quantity = quantity + 1, {} WHERE id = {}"
                                     : step % 3 == 1 ? "UPDATE stock_move SET effective_date = effective_date - 3, {} WHERE id = {}"
                                                     : "UPDATE stock_move SET state = 'cancelled', {} WHERE id = {}";
            database.run(fmt::format(fmt::runtime(what), "write_date = CAST(now() AT TIME ZONE 'UTC' AS TIMESTAMP)", move));
        };
    }
    test::TrytonDatabase database{{test::Data::demo, sql::Engine::postgresql}};
    CutErp erp;
};

TEST_F(CutTryton, first_readings_on_postgresql_cut_in_mid_row_are_whole_in_the_end) { expect_first_readings_whole(erp); }
TEST_F(CutTryton, changes_on_postgresql_are_followed_through_cuts_in_mid_row) { expect_changes_followed(erp); }
TEST_F(CutTryton, red_control_a_cursor_that_moves_before_the_commit_loses_rows) { expect_control_found(erp); }

// --- MariaDB: Dolibarr ----------------------------------------------------------------------------------------------------------

class CutDolibarr : public ::testing::Test {
protected:
    void SetUp() override {
        if (!database.missing().empty()) GTEST_SKIP() << database.missing();
        erp.direct = *sql::parse_connection(database.connection("reader"));
        erp.source = [this](const sql::Connection& where) {
            SourceSettings settings;
            settings.connection = where;
            settings.batch_rows = 20;
            return database.source(settings);
        };
        erp.change = [this](int step) {
            const std::string move = fmt::format(
                "(SELECT rowid FROM (SELECT rowid FROM llx_stock_mouvement WHERE origintype IN ('reception', 'shipping', 'mo') ORDER BY "
                "rowid LIMIT 1 OFFSET {}) x)",
                step % 100);
            const char* const what = step % 2 == 0 ? "UPDATE llx_stock_mouvement SET value = value * 2 WHERE rowid = {}"
                                                   : "UPDATE llx_stock_mouvement SET datem = datem - INTERVAL 5 HOUR WHERE rowid = {}";
            database.run(fmt::format(fmt::runtime(what), move));
        };
    }
    test::MariadbDatabase database{test::kDolibarr, test::MariadbDatabase::Rows::all};
    CutErp erp;
};

TEST_F(CutDolibarr, first_readings_on_mariadb_cut_in_mid_row_are_whole_in_the_end) { expect_first_readings_whole(erp); }
TEST_F(CutDolibarr, changes_on_mariadb_are_followed_through_cuts_in_mid_row) { expect_changes_followed(erp); }

}  // namespace
}  // namespace stemma::erp
