#include "adapters/erp/horizon.hpp"

#include <fmt/format.h>

#include <charconv>

namespace stemma::erp {
namespace {

// In every version from 9.4 on; pg_current_snapshot() came with 13. 64 bits: transactions of earlier rounds are counted.
constexpr sql::Query kHorizon{"erp.horizon",
                              "SELECT CAST(pg_catalog.txid_snapshot_xmin(s) AS TEXT), CAST(pg_catalog.txid_snapshot_xmax(s) AS TEXT), "
                              "(SELECT CAST(oid AS TEXT) FROM pg_catalog.pg_database WHERE datname = current_database()), "
                              "current_setting('server_version_num') "
                              "FROM (SELECT pg_catalog.txid_current_snapshot() AS s) AS now"};

// A copy of a database has its number as well, and one that was set back counts its transactions anew: the cluster's own number tells
// the first, its timeline the second. Both are told to every login unless the administrator took the right away.
constexpr sql::Query kMayTell{"erp.horizon_cluster_right",
                              "SELECT pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE') AND "
                              "pg_catalog.has_function_privilege('pg_catalog.pg_control_checkpoint()', 'EXECUTE')"};
constexpr sql::Query kCluster{"erp.horizon_cluster",
                              "SELECT CAST(s.system_identifier AS TEXT), CAST(c.timeline_id AS TEXT) "
                              "FROM pg_catalog.pg_control_system() AS s, pg_catalog.pg_control_checkpoint() AS c"};

// A login with rights to single columns may lack the right to xmin or ctid, which are columns like any other.
constexpr sql::Query kTables{"erp.horizon_tables",
                             "SELECT c.relname, pg_catalog.has_column_privilege(c.oid, 'ctid', 'SELECT') FROM pg_catalog.pg_class c WHERE "
                             "pg_catalog.pg_table_is_visible(c.oid) "
                             "AND CASE WHEN c.relkind IN ('r', 'p', 'm') THEN pg_catalog.has_column_privilege(c.oid, 'xmin', 'SELECT') "
                             "ELSE false END"};

std::uint64_t number(std::string_view text) noexcept {
    std::uint64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

}  // namespace

Result<std::optional<Horizon>> read_horizon(sql::Session& session) {
    if (session.engine() != sql::Engine::postgresql) return std::nullopt;
    auto read = session.first(kHorizon, {}, [](const sql::Row& row) {
        return Horizon{{number(row.text(0)), std::string{row.text(2)}}, number(row.text(1)), number(row.text(3)) >= 120'000, {}, {}};
    });
    if (!read) return fail(std::move(read));
    if (!*read) return std::nullopt;
    Horizon horizon = std::move(**read);
    const auto told = session.first(kMayTell, {}, [](const sql::Row& row) { return row.text(0) == "t"; });
    if (!told) return std::unexpected(told.error());
    if (told->value_or(false)) {
        const auto cluster =
            session.first(kCluster, {}, [](const sql::Row& row) { return fmt::format("/{}/{}", row.text(0), row.text(1)); });
        if (!cluster) return std::unexpected(cluster.error());
        horizon.mark.database += cluster->value_or("");
    }
    auto tables = session.all(kTables, {}, [&](const sql::Row& row) {
        if (row.text(1) == "t") horizon.placed.emplace(row.text(0));
        return horizon.tables.emplace(row.text(0)).second;
    });
    if (!tables) return fail(std::move(tables));
    return horizon;
}

bool reaches_back_to(const Horizon& horizon, const HorizonMark& mark) noexcept {
    return mark.database == horizon.mark.database && mark.transaction <= horizon.next && horizon.next - mark.transaction < kTransactionsMax;
}

std::string written_since(const std::string& table, const HorizonMark& mark) {
    // age() counts back from the next transaction, modulo 2^32.
    return fmt::format("pg_catalog.age({}.xmin) <= (SELECT pg_catalog.age(CAST('{}' AS xid)))", table,
                       static_cast<std::uint32_t>(mark.transaction));
}

}  // namespace stemma::erp
