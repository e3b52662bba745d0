#include "adapters/store/postgres/writer_session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "adapters/store/postgres/batch_names.hpp"
#include "adapters/store/postgres/batch_queries.hpp"

namespace stemma::store::postgres {
namespace {

constexpr std::int64_t kNamesPerLookUp = 32;  ///< names are read about that much faster than one is looked up: 2 µs against 80
constexpr std::int64_t kNamesPerStep = 10'000;

constexpr sql::Query kServer{"store.server", "SELECT current_setting('server_encoding'), CASE WHEN pg_is_in_recovery() THEN 1 ELSE 0 END"};

struct Server {
    std::string encoding;
    bool is_standby{false};
};

/// The row of writer_turn, and who answered in the server.
struct TurnHeld {
    std::int64_t units{0};
    std::int64_t next_subject{1};
    std::int64_t backend{0};
};

}  // namespace

Result<sql::Connection> connection_of(const PostgresOptions& options, bool read_only) {
    const bool names_engine = options.connection.starts_with("postgresql:");
    auto connection = sql::parse_connection(names_engine ? options.connection : "postgresql:" + options.connection);
    if (!connection) return connection;
    connection->search_path = options.schema;
    connection->read_only = read_only;
    connection->busy_timeout_ms = std::max(options.busy_timeout_ms, 1U);  // 0 would be no limit at all
    connection->statement_timeout_ms = options.statement_timeout_ms;
    return connection;
}

Result<void> WriterSession::connect() {
    if (session_ && session_->usable()) return {};
    session_.reset();
    if (seat_) seat_->lose();
    forget();
    units_ = -1;
    auto connection = connection_of(options_, false);
    if (!connection) return fail(std::move(connection));
    auto opened = sql::Session::open(*connection);
    if (!opened) return fail(std::move(opened));
    session_.emplace(std::move(*opened));
    auto checked = check_after_connect();
    if (checked && seat_) checked = seat_->introduce(*session_);
    if (!checked) session_.reset();
    return checked;
}

Result<void> WriterSession::check_after_connect() {
    auto server = session_->first(kServer, {}, [](const sql::Row& row) { return Server{std::string{row.text(0)}, row.integer(1) != 0}; });
    if (!server) return fail(std::move(server));
    if (!*server) return fail(Errc::storage, "the server did not say what it is", "sql:store.server");
    if ((*server)->is_standby)
        return fail(Errc::unavailable, "the server is a standby, which takes no writes", "sql:store.server",
                    "name the primary in store.connection, or several hosts with target_session_attrs=read-write");
    if ((*server)->encoding != "UTF8")
        return fail(Errc::config, fmt::format("the database keeps its texts in {}", (*server)->encoding), "store.connection",
                    "make it anew with ENCODING 'UTF8' TEMPLATE template0");
    return {};
}

Result<Seat> WriterSession::take_seat() {
    if (session_ && session_->usable() && seat_->held() && session_->ping()) return seat_->ours();
    if (auto connected = connect(); !connected) return fail(std::move(connected));
    return seat_->take(*session_);
}

void WriterSession::leave_seat() {
    session_.reset();
    if (seat_) seat_->lose();
}

Result<sql::Transaction> WriterSession::begin_unit() {
    if (seat_ && !(session_ && session_->usable() && seat_->held()))
        return fail(Errc::unavailable, "the writer's connection was lost, and its seat with it", "sql:transaction.begin", "try again");
    if (auto connected = connect(); !connected) return fail(std::move(connected));
    auto transaction = sql::Transaction::begin(*session_, sql::Transaction::Mode::write);
    if (!transaction) {
        session_.reset();  // lost, or at a server that became a standby: the next unit looks anew
        return transaction;
    }
    auto held = session_->first(q::turn_take, {}, [](const sql::Row& row) {
        return TurnHeld{row.integer(0), row.integer(1), row.integer(2)};
    });
    if (!held) return fail(std::move(held));
    if (!*held) return fail(Errc::storage, "the table writer_turn is empty", "sql:writer.turn");
    if (seat_)
        if (auto same = seat_->must_be_of((*held)->backend); !same) return fail(std::move(same));
    if (const std::int64_t seen = (*held)->units; std::exchange(units_, seen) != seen) forget();
    next_subject = (*held)->next_subject;
    return transaction;
}

Result<void> WriterSession::commit_unit(sql::Transaction& transaction) {
    const std::array values{sql::BinaryParameter::integer(next_subject), sql::BinaryParameter::integer(units_)};
    auto counted = session_->execute_binary(q::turn_end, values);
    if (!counted) return fail(std::move(counted));
    if (*counted != 1) return fail(Errc::storage, "the turn to write was lost", "sql:writer.end");
    if (auto done = transaction.commit(); !done) return done;
    ++units_;
    return {};
}

void WriterSession::forget() {
    subjects.clear();
    filter_.clear();
    filter_complete_ = false;
}

void WriterSession::dropped() {
    forget();
    filter_complete_ = true;
}

Result<bool> WriterSession::count_look_up() {
    if (filter_complete_ || ++look_ups_ * kNamesPerLookUp < next_subject) return false;
    look_ups_ = 0;
    if (auto read = read_names(); !read) return fail(std::move(read));
    return true;
}

Result<void> WriterSession::read_names() {
    for (std::int64_t after = 0, seen = kNamesPerStep; seen == kNamesPerStep;) {
        seen = 0;
        const std::array step{sql::BinaryParameter::integer(after), sql::BinaryParameter::integer(kNamesPerStep)};
        auto read = session_->each_binary(q::names_after, step, [&](const sql::BinaryRow& row) {
            ++seen;
            after = row.integer(0);
            filter_.add(BatchNames::hash_of(row.bytes(1)));
        });
        if (!read) return read;
    }
    filter_complete_ = true;
    return {};
}

}  // namespace stemma::store::postgres
