// What a database has: its tables and columns, and what the login may do with them. And whether a mapping fits that: a pure comparison.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "adapters/erp/mapping.hpp"
#include "adapters/sql/session.hpp"
#include "core/base/error.hpp"

namespace stemma::erp {

struct Catalogue {
    struct Table {
        std::map<std::string, bool> columns;  ///< name -> the login may read it
        bool writable{false};                 ///< the login may change rows (PostgreSQL, MariaDB)
        std::string schema;                   ///< PostgreSQL's, which its GRANT names; "" elsewhere
    };
    std::map<std::string, Table> tables;  ///< views included
    std::string login;                    ///< PostgreSQL's user, MariaDB's user@host; "" on SQLite
    std::string database;                 ///< its name, as GRANT has it; "" on SQLite
    bool hides_unreadable{false};         ///< MariaDB: what the login may not read is not in the catalogue at all

    [[nodiscard]] bool has(const CatalogueName& name) const;
};

/// Reads the catalogue, whatever the login may read: PostgreSQL's pg_catalog (tables on the search path), MariaDB's
/// information_schema (the tables that the login has a right to), SQLite's sqlite_master.
[[nodiscard]] Result<Catalogue> read_catalogue(sql::Session& session);

/// A name that the mapping reads and that is not there, or not readable.
struct Missing {
    CatalogueName name;
    std::string nearest;     ///< a name that is there and close to it; may be empty
    bool unreadable{false};  ///< it is there, but the login may not SELECT it
    bool unknown{false};     ///< it may be there: the database hides what the login may not SELECT
};

struct Fit {
    std::set<std::size_t> absent;         ///< indexes of optional parts of which nothing is there
    std::vector<Missing> missing;         ///< in the order of table and column
    std::optional<std::string> mistaken;  ///< "stock_move.unit is there: 7.0 or later": not the version that the mapping is for

    [[nodiscard]] bool ok() const noexcept { return missing.empty() && !mistaken; }
};

[[nodiscard]] Fit compare(const Mapping& mapping, const Catalogue& catalogue);

/// "column stock_move.effective_date: missing; there is 'effective_day'".
[[nodiscard]] std::string subject_of(const Missing& missing);
[[nodiscard]] std::string message_of(const Missing& missing);

/// The error that stops a reading when the mapping does not fit: Errc::config, all missing names.
[[nodiscard]] Error misfit(const Mapping& mapping, const Fit& fit);

}  // namespace stemma::erp
