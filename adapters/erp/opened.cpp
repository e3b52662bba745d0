#include "adapters/erp/opened.hpp"

#include <fmt/format.h>

namespace stemma::erp {
namespace {

constexpr sql::Query kSqliteClock{"erp.clock", "SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')"};
constexpr sql::Query kPostgresClock{"erp.clock", "SELECT CAST(pg_catalog.clock_timestamp() AS TIMESTAMP)"};  // the session's zone is UTC
constexpr sql::Query kMariadbClock{"erp.clock", "SELECT UTC_TIMESTAMP(6)"};

sql::Query clock_of(sql::Engine engine) noexcept {
    switch (engine) {
        case sql::Engine::sqlite: return kSqliteClock;
        case sql::Engine::postgresql: return kPostgresClock;
        case sql::Engine::mariadb: break;
    }
    return kMariadbClock;
}

}  // namespace

Result<Instant> read_clock(sql::Session& session) {
    const auto text = session.first(clock_of(session.engine()), {}, [](const sql::Row& row) { return std::string{row.text(0)}; });
    if (!text) return std::unexpected(text.error());
    const auto now = parse_time(text->value_or(""));
    if (!now) return std::unexpected(now.error());
    return now->instant;
}

Result<Opened> open_for_reading(const sql::Connection& connection, const Mapping& mapping) {
    auto session = sql::Session::open(connection);
    if (!session) return fail(std::move(session));
    Opened opened;
    opened.session = std::make_unique<sql::Session>(std::move(*session));
    auto transaction = sql::Transaction::begin(*opened.session, sql::Transaction::Mode::read);
    if (!transaction) return fail(std::move(transaction));
    opened.transaction = std::make_unique<sql::Transaction>(std::move(*transaction));
    const auto now = read_clock(*opened.session);
    if (!now) return std::unexpected(now.error());
    opened.now = *now;
    auto catalogue = read_catalogue(*opened.session);
    if (!catalogue) return fail(std::move(catalogue));
    opened.catalogue = std::move(*catalogue);
    opened.fit = compare(mapping, opened.catalogue);
    return opened;
}

Error explain(Error error, const sql::Connection& connection, const Mapping& mapping, const MappedQuery& query) {
    if (error.code != Errc::config && error.code != Errc::storage) return error;
    if (const auto again = open_for_reading(connection, mapping); again && !again->fit.ok()) return misfit(mapping, again->fit);
    return {Errc::config, fmt::format("query '{}' on table {} fails: {}", query.name, query.table, error.message), query.where,
            error.hint.empty() ? "run 'stemma erp check'" : std::move(error.hint)};
}

}  // namespace stemma::erp
