#include "adapters/erp/check_server.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "adapters/erp/cursor.hpp"
#include "adapters/erp/explain.hpp"
#include "adapters/erp/sql_text.hpp"
#include "adapters/erp/touched.hpp"
#include "core/base/text.hpp"

namespace stemma::erp {
namespace {

using Level = SourceFinding::Level;

constexpr std::int64_t kClockApartMax = 5 * kMicrosPerSecond;   ///< from here on a clock that differs is worth a warning
constexpr std::int64_t kReplicaLagMax = 60 * kMicrosPerSecond;  ///< from here on a replica that is behind is

Instant this_computer() {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return {std::chrono::duration_cast<std::chrono::microseconds>(since).count()};
}

std::string seconds(std::int64_t us) {
    return fmt::format("{:.1f} s", static_cast<double>(us < 0 ? -us : us) / static_cast<double>(kMicrosPerSecond));
}

constexpr sql::Query kPostgresReplica{
    "erp.replica",
    "SELECT pg_catalog.pg_is_in_recovery(), "
    "COALESCE(pg_catalog.pg_last_wal_receive_lsn() = pg_catalog.pg_last_wal_replay_lsn(), false), "
    "CAST(EXTRACT(EPOCH FROM pg_catalog.clock_timestamp() - pg_catalog.pg_last_xact_replay_timestamp()) * 1000000 AS bigint), "
    "(SELECT count(*) FROM pg_catalog.pg_stat_wal_receiver)"};  // others see that there is one, and no more of it
constexpr sql::Query kMariadbReplica{"erp.replica", "SHOW ALL SLAVES STATUS"};
constexpr sql::Query kMysqlReplica{"erp.replica", "SHOW REPLICA STATUS"};
constexpr sql::Query kMariadbRunning{"erp.replica.running", "SHOW GLOBAL STATUS LIKE 'Slave_running'"};
constexpr sql::Query kMariadbVersion{"erp.version", "SELECT VERSION()"};

class ServerCheck {
public:
    ServerCheck(const SourceSettings& settings, const Mapping& mapping, Opened& opened, SourceReport& report)
        : settings_{settings}, mapping_{mapping}, opened_{opened}, session_{*opened.session}, report_{report} {}

    void run() {
        clock();
        switch (session_.engine()) {
            case sql::Engine::sqlite: say(Level::note, "replica", "a file: whether it is a copy of another one cannot be seen"); break;
            case sql::Engine::postgresql: postgresql_replica(); break;
            case sql::Engine::mariadb: mariadb_replica(); break;
        }
        if (!report_.fits) return say(Level::note, "costs", "not looked at: they need a mapping that fits");
        if (session_.engine() == sql::Engine::sqlite)
            say(Level::note, "costs", "SQLite tells none: which tables are read whole is all that can be seen");
        if (auto indexed = indexed_columns(session_); indexed) indexed_ = std::move(*indexed);
        if (auto horizon = settings_.horizon ? read_horizon(session_) : std::nullopt; horizon)
            horizon_ = std::move(*horizon);
        else
            session_.roll_back();
        for (const MappedQuery& query : mapping_.queries) costs(query);
    }

private:
    void say(Level level, std::string subject, std::string message, std::string hint = {}) {
        report_.about_server.push_back({level, std::move(subject), std::move(message), std::move(hint)});
    }

    // --- clock ------------------------------------------------------------------------------------------------------------------------

    void clock() {
        if (session_.engine() == sql::Engine::sqlite)
            return say(Level::note, "clock", "the file has none: change times are held against this computer's");
        const Instant before = this_computer();
        const auto server = read_clock(session_);
        const Instant after = this_computer();
        if (!server) return say(Level::note, "clock", "cannot be seen: " + server.error().message);
        const std::int64_t way = (after.us - before.us) / 2;
        const std::int64_t ahead = server->us - (before.us + way);
        report_.clock_ahead_us = ahead;
        const std::string told = ahead >= 0 ? seconds(ahead) + " ahead of this computer's" : seconds(ahead) + " behind this computer's";
        if (std::abs(ahead) <= kClockApartMax + way) return say(Level::ok, "clock", "the server's is " + told);
        say(Level::warning, "clock", "the server's is " + told,
            "nothing is missed by it, since change times are held against the server's own clock; but times of day on documents and in "
            "the ledger differ by as much: set both clocks by the same time server");
    }

    // --- replica ----------------------------------------------------------------------------------------------------------------------

    void replica_is(std::int64_t lag) {
        report_.replica.lag_us = lag;
        const std::string told = fmt::format("the server is a replica, {} behind", seconds(lag));
        if (lag <= kReplicaLagMax) return say(Level::ok, "replica", told);
        say(Level::warning, "replica", told, "what is read is as old as that; see the replica's own log, or read the first server");
    }

    void postgresql_replica() {
        struct Told {
            bool is_one, caught_up;
            std::optional<std::int64_t> lag;
            bool receives;
        };
        const auto told = session_.first(kPostgresReplica, {}, [](const sql::Row& row) {
            return Told{row.text(0) == "t", row.text(1) == "t", row.maybe_integer(2), row.integer(3) > 0};
        });
        if (!told || !*told)
            return say(Level::note, "replica", "cannot be seen: " + (told ? std::string{"no answer"} : told.error().message));
        report_.replica.is_one = (*told)->is_one;
        if (!(*told)->is_one) return say(Level::ok, "replica", "the server is no replica");
        if (!(*told)->receives) {
            report_.replica.lag_us = (*told)->lag;
            return say(Level::warning, "replica",
                       (*told)->lag
                           ? fmt::format("the server is a replica that receives nothing at the moment; its newest change is {} old",
                                         seconds(*(*told)->lag))
                           : "the server is a replica that receives nothing at the moment; how old its state is cannot be seen",
                       "it may follow an archive; else see its log");
        }
        if ((*told)->caught_up) {
            report_.replica.lag_us = 0;
            return say(Level::ok, "replica", "the server is a replica and has replayed all that it received");
        }
        if ((*told)->lag) return replica_is(*(*told)->lag);
        say(Level::warning, "replica", "the server is a replica; how far it is behind cannot be seen: it has replayed no change yet");
    }

    /// The status that tells the lag needs a right of its own; whether it is a replica, none.
    void mariadb_replica() {
        const auto version = session_.first(kMariadbVersion, {}, [](const sql::Row& row) { return std::string{row.text(0)}; });
        const bool mariadb = version && version->value_or("").contains("MariaDB");
        const sql::Query& status = mariadb ? kMariadbReplica : kMysqlReplica;
        const auto names = session_.columns(status);
        if (!names) return mariadb_without_right(mariadb);
        const auto found = std::ranges::find_if(
            *names, [](const std::string& name) { return name == "Seconds_Behind_Master" || name == "Seconds_Behind_Source"; });
        const auto column = static_cast<std::size_t>(found - names->begin());
        if (column == names->size()) return say(Level::note, "replica", "how far it is behind cannot be seen: the server does not tell");
        const auto lag = session_.first(status, {}, [&](const sql::Row& row) { return row.maybe_integer(column); });
        if (!lag) return mariadb_without_right(mariadb);
        report_.replica.is_one = lag->has_value();
        if (!*lag) return say(Level::ok, "replica", "the server is no replica");
        if (**lag) return replica_is(***lag * kMicrosPerSecond);
        say(Level::warning, "replica", "the server is a replica that does not follow at the moment", "see SHOW REPLICA STATUS there");
    }

    void mariadb_without_right(bool mariadb) {
        const auto running = session_.first(kMariadbRunning, {}, [](const sql::Row& row) { return row.text(1) == "ON"; });
        const std::string right = mariadb ? "SLAVE MONITOR" : "REPLICATION CLIENT";
        const std::string hint = fmt::format("only where you want it told: GRANT {} ON *.* to the login", right);
        if (!running || !*running)
            return say(Level::note, "replica", fmt::format("whether it is one cannot be seen: the login has no right {}", right), hint);
        if (**running) {
            report_.replica.is_one = true;
            return say(Level::note, "replica",
                       fmt::format("the server follows another one; how far it is behind cannot be seen: no right {}", right), hint);
        }
        say(Level::note, "replica",
            fmt::format("the server follows no other one at the moment; more cannot be seen: the login has no right {}", right), hint);
    }

    // --- costs ------------------------------------------------------------------------------------------------------------------------

    [[nodiscard]] std::uint64_t rows_of(const std::string& table) const {
        const auto found = std::ranges::find(report_.row_counts, table, &std::pair<std::string, std::uint64_t>::first);
        return found == report_.row_counts.end() ? 0 : found->second;
    }

    /// What a later reading asks for: by change times, or where the mapping says what touches its rows, the keys that follow from these.
    [[nodiscard]] std::string later_statement(const MappedQuery& query) const {
        const Cursor now{opened_.now, {}};
        if (follows(query, horizon_)) {
            const ReadMark mark{now, horizon_ ? std::optional{horizon_->mark} : std::nullopt, false, query.revision};
            if (std::string text = touched_statement(opened_, mapping_, query, mark, horizon_, settings_.overlap); !text.empty())
                return text;
        }
        return statement(query, quoted_text(since_text(now, settings_.overlap)));
    }

    [[nodiscard]] std::string statement(const MappedQuery& query, const std::optional<std::string>& since) const {
        return compose(mapping_, query, opened_.fit.absent, {.since = since, .ordered = true, .rows = {}, .engine = session_.engine()});
    }

    /// The plan with what it calls its tables made into tables. None, and told, where the database gives no plan.
    [[nodiscard]] std::optional<QueryEstimate> plan(const MappedQuery& query, const std::string& text, bool later) {
        const auto made = plan_of(session_, text);
        if (!made) {
            say(Level::note, "cost of " + query.name, "cannot be seen: " + made.error().message);
            session_.roll_back();  // PostgreSQL refuses whatever follows an error in its transaction
            return std::nullopt;
        }
        QueryEstimate cost{query.name, later, made->cost, made->rows, {}};
        std::set<std::string> whole;
        for (const std::string& name : made->whole)
            if (session_.engine() == sql::Engine::postgresql)
                whole.insert(name);
            else
                whole.merge(tables_called(name, mapping_, query));
        cost.whole.assign(whole.begin(), whole.end());
        return cost;
    }

    [[nodiscard]] std::string in_words(const QueryEstimate& cost) const {
        std::string text;
        if (cost.cost) text = fmt::format("cost {:.0f}", *cost.cost);
        if (cost.rows)
            text += fmt::format("{}about {} rows {}", text.empty() ? "" : ", ", *cost.rows,
                                session_.engine() == sql::Engine::mariadb ? "looked at" : "given");
        if (!cost.whole.empty())
            text += fmt::format("{}{} read whole", text.empty() ? "" : ", ",
                                cost.whole.size() == 1 ? cost.whole.front() : fmt::format("{} tables", cost.whole.size()));
        return text.empty() ? "nothing read whole" : text;
    }

    void costs(const MappedQuery& query) {
        const std::string subject = "cost of " + query.name;
        auto first = plan(query, statement(query, std::nullopt), false);
        if (!first) return;
        if (!query.cursor) {
            say(Level::ok, subject, "each reading: " + in_words(*first));
            report_.costs.push_back(std::move(*first));
            return big_without_cursor(query);
        }
        auto later = plan(query, later_statement(query), true);
        if (!later) return;
        say(Level::ok, subject, fmt::format("first reading: {}; later ones: {}", in_words(*first), in_words(*later)));
        for (const std::string& table : later->whole)
            if (rows_of(table) >= kBigTableRows) read_whole(query, table);
        report_.costs.push_back(std::move(*first));
        report_.costs.push_back(std::move(*later));
    }

    void big_without_cursor(const MappedQuery& query) {
        const std::uint64_t rows = rows_of(query.table);
        if (rows >= kBigTableRows)
            say(Level::note, "table " + query.table,
                fmt::format("its {} rows are read each time by query {}: it has no change time that the mapping could ask for", rows,
                            query.name));
    }

    /// A big table is read from end to end although only what changed is wanted: the index that helps, or why none does.
    void read_whole(const MappedQuery& query, const std::string& table) {
        const std::string subject = "table " + table;
        const std::string read = fmt::format("query {} reads all {} rows each time", query.name, rows_of(table));
        const ChangeTime changed = change_time_of(mapping_, query);
        const auto has_index = [&](const std::string& column) {
            const auto found = indexed_.find(table);
            return found != indexed_.end() && found->second.contains(column);
        };
        std::string why;
        const std::string index = helpful_index(changed, table, session_.engine(), why);
        if (!index.empty() && !(changed.tables.contains(table) && has_index(changed.column)))
            return say(Level::warning, subject, read + ", since it has no index on its change time", for_the_dba(index));
        if (session_.engine() != sql::Engine::sqlite && !changed.tables.contains(table))
            for (const std::string& column : joined_by(table, mapping_, query))
                if (!has_index(column)) return say(Level::warning, subject, read + ", to join it", for_the_dba(join_index(table, column)));
        if (!index.empty()) why = fmt::format("there is an index that begins with '{}', and the database does not take it", changed.column);
        say(Level::note, subject, fmt::format("{}: {}", read, why));
    }

    [[nodiscard]] std::string join_index(const std::string& table, const std::string& column) const {
        if (session_.engine() == sql::Engine::mariadb) return fmt::format("CREATE INDEX `stemma_{0}_{1}` ON `{0}` (`{1}`);", table, column);
        return fmt::format("CREATE INDEX {} ON {} ({});", quoted_name(fmt::format("stemma_{}_{}", table, column)), quoted_name(table),
                           quoted_name(column));
    }

    static std::string for_the_dba(const std::string& index) {
        return "Stemma creates nothing in the ERP; its database administrator may: " + index;
    }

    const SourceSettings& settings_;
    const Mapping& mapping_;
    Opened& opened_;
    sql::Session& session_;
    SourceReport& report_;
    std::map<std::string, std::set<std::string>> indexed_;
    std::optional<Horizon> horizon_;
};

}  // namespace

void look_at_server(const SourceSettings& settings, const Mapping& mapping, Opened& opened, SourceReport& report) {
    ServerCheck{settings, mapping, opened, report}.run();
}

}  // namespace stemma::erp
