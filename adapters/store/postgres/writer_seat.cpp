#include "adapters/store/postgres/writer_seat.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "core/base/digest.hpp"

namespace stemma::store::postgres {
namespace {

constexpr std::size_t kNameBytesMax = 63;  ///< of PostgreSQL's application_name

constexpr sql::Query kIntroduce{"seat.name", "SELECT set_config('application_name', :name, false)"};
/// Of this session alone. The last one is there from version 14 on: while a statement runs nobody reads from the connection.
constexpr sql::Query kNoticeLoss{
    "seat.keepalive",
    "SELECT set_config(name, CASE name WHEN 'tcp_keepalives_idle' THEN '5' WHEN 'tcp_keepalives_interval' THEN '2'"
    " WHEN 'tcp_keepalives_count' THEN '3' WHEN 'tcp_user_timeout' THEN '10000' ELSE '2000' END, false)"
    " FROM pg_settings WHERE name IN ('tcp_keepalives_idle', 'tcp_keepalives_interval', 'tcp_keepalives_count',"
    " 'tcp_user_timeout', 'client_connection_check_interval')"};
constexpr sql::Query kTake{"seat.take", "SELECT CASE WHEN pg_try_advisory_lock(:lock::bigint) THEN pg_backend_pid() ELSE 0 END"};
constexpr sql::Query kBackend{"seat.process", "SELECT pg_backend_pid()"};
constexpr sql::Query kHolder{"seat.holder",
                             "SELECT a.pid, a.application_name, coalesce(host(a.client_addr), 'this machine') FROM pg_locks l"
                             " JOIN pg_stat_activity a ON a.pid = l.pid WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1"
                             " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
                             " AND ((l.classid::bigint << 32) | l.objid::bigint) = :lock::bigint"};
constexpr sql::Query kEnd{"seat.end", "SELECT CASE WHEN pg_terminate_backend(:pid::int) THEN 1 ELSE 0 END"};

struct Holder {
    std::int64_t backend{0};
    std::string name;
    std::string address;
};

std::int64_t number_of(const Digest& digest) {
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < 8; ++i) number = number << 8 | static_cast<std::uint64_t>(static_cast<unsigned char>(as_view(digest)[i]));
    return static_cast<std::int64_t>(number);
}

}  // namespace

std::int64_t seat_lock(const std::string& ledger, const std::string& schema) {
    return number_of(sha256({"stemma writer\n", ledger, "\n", schema}));
}

std::int64_t making_lock(const std::string& schema) { return number_of(sha256({"stemma schema\n", schema})); }

WriterSeat::WriterSeat(const std::string& ledger, const std::string& schema, std::string name)
    : lock_{seat_lock(ledger, schema)}, name_{std::move(name)} {
    if (name_.size() > kNameBytesMax) name_.resize(kNameBytesMax);
}

Result<void> WriterSeat::introduce(sql::Session& session) const {
    if (auto named = session.execute(kIntroduce, {{"name", name_}}); !named) return fail(std::move(named));
    if (auto set = session.execute(kNoticeLoss); !set) return fail(std::move(set));
    return {};
}

Result<Seat> WriterSeat::take(sql::Session& session) {
    if (held_) return ours();
    const auto taken = session.first(kTake, {{"lock", lock_}}, [](const sql::Row& row) { return row.integer(0); });
    if (!taken) return std::unexpected(taken.error());
    if (taken->value_or(0) == 0) return who_has_it(session);
    held_ = true;
    last_backend_ = **taken;
    ++taken_;
    const auto backend = session.first(kBackend, {}, [](const sql::Row& row) { return row.integer(0); });
    if (!backend) return std::unexpected(backend.error());
    if (auto same = must_be_of(backend->value_or(0)); !same) return fail(std::move(same));
    return ours();
}

Result<void> WriterSeat::must_be_of(std::int64_t backend) const {
    if (!held_ || backend == last_backend_) return {};
    return fail(Errc::storage,
                fmt::format("the writer's seat is held by process {} of the server, and process {} answers: a pooler in transaction mode "
                            "stands in between, and would let two daemons write",
                            last_backend_, backend),
                "store.connection", "connect straight to PostgreSQL, or have the pooler keep one connection for each session");
}

Result<Seat> WriterSeat::who_has_it(sql::Session& session) const {
    const auto found = session.first(kHolder, {{"lock", lock_}}, [](const sql::Row& row) {
        return Holder{row.integer(0), std::string{row.text(1)}, std::string{row.text(2)}};
    });
    if (!found) return std::unexpected(found.error());
    if (!*found) return Seat{.held = false};
    const Holder& holder = **found;
    if (holder.backend == last_backend_ && holder.name == name_) {
        if (auto ended = session.execute(kEnd, {{"pid", holder.backend}}); !ended) return fail(std::move(ended));
        return fail(Errc::unavailable, "the connection before this one still has the writer's seat; it was told to end", "sql:seat.take",
                    "try again");
    }
    return Seat{.held = false,
                .holder = fmt::format("{} at {}", holder.name.empty() ? "a program without a name" : holder.name, holder.address)};
}

}  // namespace stemma::store::postgres
