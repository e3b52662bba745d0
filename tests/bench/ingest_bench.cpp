// Durable ingest in transactions of 10,000 events: our writer with all it does (bytes, hashes, tree, read models, signature, lineage)
// beside raw libraries that write the very same rows, made beforehand. And single events: 64 callers against one commit per event.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <thread>

#include "tests/bench/bench.hpp"
#include "tests/bench/feed.hpp"
#include "tests/bench/ledger.hpp"
#include "tests/bench/postgres.hpp"
#include "tests/support/postgres.hpp"

namespace stemma::bench {
namespace {

constexpr std::size_t kBatch = 10'000;
constexpr std::uint64_t kEventsMax = 500'000;  // of a run: more tells nothing new
constexpr std::size_t kCallers = 64;
constexpr std::size_t kSinglesPerCaller = 10;
constexpr const char* kRawSqlite = "raw SQLite C API";
constexpr const char* kRawPostgres = "libpq unnest, PostgreSQL";
constexpr const char* kOursPostgres = "stemma on PostgreSQL";
constexpr const char* kCapture = "stemma, captured";
constexpr const char* kOneByOne = "raw SQLite, one commit per event";

void must(const Result<void>& done) {
    if (!done) throw std::runtime_error(done.error().text());
}

struct Slice {
    std::size_t first;
    std::size_t count;  // a multiple of kBatch
};

/// Appends prepared entries; the first half of the pipeline has been done by others.
class OurWriter {
public:
    template <class... Place>
    OurWriter(const StepTape& tape, const Place&... place) : tape_{tape}, ledger_{place...} {}
    void prepare(Slice slice) {
        entries_.clear();
        for (std::size_t i = 0; i < slice.count; ++i) entries_.push_back(entry_of(tape_[slice.first + i]));
    }
    void write() {
        for (std::size_t first = 0; first < entries_.size(); first += kBatch)
            must(ledger_.appender().run([&](engine::Appending& tx) -> Result<void> {
                for (std::size_t i = first; i < std::min(first + kBatch, entries_.size()); ++i)
                    if (auto added = tx.add(std::move(entries_[i])); !added) return std::unexpected(added.error());
                return {};
            }));
    }
    [[nodiscard]] std::uint64_t entries() { return ledger_.index().position(); }

private:
    const StepTape& tape_;
    LedgerUnderTest ledger_;
    std::vector<Entry> entries_;
};

/// The whole pipeline as one command after the other: validated, judged (no plugin), appended.
class OurCapture {
public:
    OurCapture(const StepTape& tape, const std::string& folder) : tape_{tape}, ledger_{folder} {}
    void prepare(Slice slice) {
        commands_.clear();
        for (std::size_t first = 0; first < slice.count; first += kBatch) {
            engine::Capture command{"user:bench", "", "", {}};
            for (std::size_t i = first; i < first + kBatch; ++i) command.records.emplace_back(event_of(tape_[slice.first + i]));
            commands_.push_back(std::move(command));
        }
    }
    void write() {
        for (const engine::Capture& command : commands_) {
            const auto receipt = ledger_.capturing().capture(command);
            if (!receipt) throw std::runtime_error(receipt.error().text());
            if (!receipt->recorded) throw std::runtime_error("a batch was refused");
        }
    }
    [[nodiscard]] std::uint64_t entries() { return ledger_.index().position(); }

private:
    const StepTape& tape_;
    LedgerUnderTest ledger_;
    std::vector<engine::Capture> commands_;
};

class TheirWriter {
public:
    TheirWriter(const StepTape& tape, std::unique_ptr<RawWriter> writer) : tape_{tape}, writer_{std::move(writer)} {}
    void prepare(Slice slice, std::size_t batch) {
        rows_.clear();
        for (std::size_t first = 0; first < slice.count; first += batch) rows_.push_back(maker_.make(tape_, slice.first + first, batch));
    }
    void write() {
        for (const RawRows& rows : rows_) writer_->write(rows);
    }
    [[nodiscard]] std::vector<pid_t> servers() const { return writer_->servers(); }
    [[nodiscard]] std::uint64_t entries() { return writer_->entries(); }

private:
    const StepTape& tape_;
    std::unique_ptr<RawWriter> writer_;
    RowMaker maker_;
    std::vector<RawRows> rows_;
};

std::unique_ptr<test::Postgres> durable_server(const RunOptions& options) {
    if (!options.postgres || !test::Postgres::installed()) return nullptr;
    auto started = test::Postgres::start(peer_settings(true));
    if (!started) throw std::runtime_error(started.error().text());
    return *std::move(started);
}

/// The server's processes that work for our store: all that no raw contender has opened.
std::vector<pid_t> our_servers(const std::string& connection, const std::vector<pid_t>& theirs) {
    PgSession looking{connection};
    const PgResult rows = looking.run("SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()");
    std::vector<pid_t> ours;
    for (int row = 0; row < PQntuples(rows.get()); ++row)
        if (const pid_t pid = std::stoi(PQgetvalue(rows.get(), row, 0)); std::ranges::find(theirs, pid) == theirs.end())
            ours.push_back(pid);
    return ours;
}

Goal goal_of(const Case& measured, const std::string& id, const std::string& text, const std::string& our, const std::string& other,
             double limit) {
    const Sampled& ours = find(measured, our);
    const Sampled& theirs = find(measured, other);
    return {id,
            text,
            theirs.cpu().median / ours.cpu().median,
            limit,
            true,
            rate(ours.cpu().median),
            rate(theirs.cpu().median),
            fmt::format("by CPU time; by the clock {} against {}", rate(ours.wall().median), rate(theirs.wall().median))};
}

/// All contenders hold as many entries, or the run is broken.
void must_be_equal(const std::string& name, std::uint64_t entries, std::uint64_t expected) {
    if (entries != expected) throw std::runtime_error(fmt::format("{} holds {} entries, {} were written", name, entries, expected));
}

}  // namespace

void bench_ingest(const RunOptions& options, Report& report) {
    const StepTape tape{options.chain, kEventsMax};
    const std::size_t per_round = tape.size() / options.rounds / kBatch * kBatch;
    if (per_round == 0) return report.skip("G7", "ingest", "needs at least 10,000 events a round: take more --edges or fewer --rounds");
    const auto slice = [&](std::size_t round) { return Slice{round * per_round, per_round}; };
    OurWriter ours{tape, options.scratch + "/ingest-ours"};
    OurCapture capture{tape, options.scratch + "/ingest-capture"};
    TheirWriter sqlite{tape, raw_sqlite(options.scratch + "/ingest-raw.db")};
    const auto server = durable_server(options);
    std::unique_ptr<TheirWriter> postgres;
    std::unique_ptr<OurWriter> on_postgres;
    std::vector<pid_t> for_us;
    if (server) {
        const std::string connection = libpq_form(server->connection());
        postgres = std::make_unique<TheirWriter>(tape, raw_postgres(connection));
        on_postgres = std::make_unique<OurWriter>(tape, options.scratch + "/ingest-postgres", PostgresPlace{connection});
        for_us = our_servers(connection, postgres->servers());
    }

    const auto events = static_cast<double>(per_round);
    std::vector<Contender> contenders{
        {kOurs, [&](std::size_t) { ours.write(); }, {}, events, [&](std::size_t round) { ours.prepare(slice(round)); }},
        {kCapture, [&](std::size_t) { capture.write(); }, {}, events, [&](std::size_t round) { capture.prepare(slice(round)); }},
        {kRawSqlite, [&](std::size_t) { sqlite.write(); }, {}, events, [&](std::size_t round) { sqlite.prepare(slice(round), kBatch); }}};
    if (server) {
        contenders.push_back({kRawPostgres, [&](std::size_t) { postgres->write(); }, postgres->servers(), events,
                              [&](std::size_t round) { postgres->prepare(slice(round), kBatch); }});
        contenders.push_back({kOursPostgres, [&](std::size_t) { on_postgres->write(); }, for_us, events,
                              [&](std::size_t round) { on_postgres->prepare(slice(round)); }});
    }
    Rounds how{options.rounds, false};
    how.contender_ns = 1e18;  // each writes all slices: their ledgers stay of one size
    Case measured{"ingest", fmt::format("{} events in transactions of {}, durable", number(per_round * options.rounds), number(kBatch)),
                  "event", interleave(contenders, how)};
    const std::uint64_t expected = per_round * options.rounds;
    must_be_equal(kOurs, ours.entries(), expected);
    must_be_equal(kCapture, capture.entries(), expected);
    must_be_equal(kRawSqlite, sqlite.entries(), expected);
    report.add(goal_of(measured, "G7", "ingest through the writer: at least 0.5 × the raw SQLite C API", kOurs, kRawSqlite, 0.5));
    if (server) {
        must_be_equal(kRawPostgres, postgres->entries(), expected);
        must_be_equal(kOursPostgres, on_postgres->entries(), expected);
        report.add(goal_of(measured, "G9", "ingest on PostgreSQL: at least 0.8 × libpq with unnest", kOursPostgres, kRawPostgres, 0.8));
    } else {
        report.skip("G9", "ingest on PostgreSQL", test::Postgres::kMissing);
    }
    report.add(std::move(measured));
}

void bench_single(const RunOptions& options, Report& report) {
    const std::size_t per_round = kCallers * kSinglesPerCaller;
    const StepTape tape{options.chain, per_round * options.rounds};
    if (tape.size() < per_round * options.rounds)
        return report.skip("G8", "single events", "the graph has too few events: take more --edges");
    LedgerUnderTest ours{options.scratch + "/single-ours"};
    TheirWriter sqlite{tape, raw_sqlite(options.scratch + "/single-raw.db")};
    std::vector<engine::Capture> commands;
    const auto prepare = [&](std::size_t round) {
        commands.clear();
        for (std::size_t i = 0; i < per_round; ++i) commands.push_back({"user:bench", "", "", {event_of(tape[round * per_round + i])}});
    };
    const auto call = [&](std::size_t) {
        std::atomic<std::size_t> refused{0};
        std::vector<std::jthread> callers;
        for (std::size_t caller = 0; caller < kCallers; ++caller)
            callers.emplace_back([&, caller] {
                for (std::size_t i = caller; i < commands.size(); i += kCallers) {
                    const auto receipt = ours.capturing().capture(commands[i]);
                    if (!receipt || !receipt->recorded) ++refused;
                }
            });
        callers.clear();
        if (refused != 0) throw std::runtime_error(fmt::format("{} single events were refused", refused.load()));
    };
    const auto events = static_cast<double>(per_round);
    const std::vector<Contender> contenders{{kOurs, call, {}, events, prepare},
                                            {kOneByOne,
                                             [&](std::size_t) { sqlite.write(); },
                                             {},
                                             events,
                                             [&](std::size_t round) {
                                                 sqlite.prepare({round * per_round, per_round}, 1);
                                             }}};
    Case measured{"single", fmt::format("{} callers, an event at a time, durable", kCallers), "event",
                  interleave(contenders, Rounds{options.rounds, false})};
    must_be_equal(kOurs, ours.index().position(), per_round * find(measured, kOurs).rounds.size());
    must_be_equal(kOneByOne, sqlite.entries(), per_round * find(measured, kOneByOne).rounds.size());
    const Sampled& mine = find(measured, kOurs);
    const Sampled& theirs = find(measured, kOneByOne);
    report.add(Goal{"G8", "single events of 64 callers: at least 10 × one commit per event", theirs.wall().median / mine.wall().median, 10,
                    true, rate(mine.wall().median), rate(theirs.wall().median), "by the clock: the disk's own time is what counts here"});
    report.add(std::move(measured));
}

}  // namespace stemma::bench
