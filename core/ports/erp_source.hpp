// What the core needs from a foreign ERP database: records, in an order in which master data comes before the events that use it,
// and a plain account of whether the mapping fits. Read-only by construction; holds no traceability logic.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/domain/event.hpp"
#include "core/domain/master.hpp"

namespace stemma {

/// Name and contact that came with a party record; kept apart from the ledger.
struct SourceContact {
    std::string name;
    std::string contact;
};

/// One row, mapped.
struct SourceRecord {
    std::string query;  ///< "moves"
    std::string key;    ///< the row's key as text, unique within the query
    /// Hex SHA-256 over the mapped record; it stays in the ledger, so the contact is not part of it: whether a name changed is told from
    /// the contacts themselves. Names of master data are no part of an event.
    std::string digest;
    std::variant<Event, Master> record;  ///< an event's id is set
    std::optional<SourceContact> contact;
};

/// One row that could not be mapped.
struct SourceReject {
    std::string query;
    std::string key;
    std::string table;
    std::string reason;  ///< names the column and the value
};

struct SourceBatch {
    std::string query;  ///< the query all rows belong to
    std::vector<SourceRecord> records;
    std::vector<SourceReject> rejects;
    std::string cursor;     ///< where the next reading of this query starts once this batch is stored; never ahead of the source's clock
    std::uint64_t rows{0};  ///< rows read for this batch
    bool last_of_query{false};
    bool full{false};     ///< the query is being read from its beginning: keys not seen have vanished
    bool rekeyed{false};  ///< and its keys are made otherwise than before: those from before vanish
    /// Keys of rows that are there, of a key sweep: after the records of the query, in batches of their own. Keys not among all of these
    /// have vanished; a key never recorded is of a row that no reading has met.
    std::vector<std::string> keys;
    bool sweep{false};  ///< `keys` is meant
    Instant newest{};   ///< newest change time of the query's rows so far, as the ERP has it, never ahead of the source's clock; 0 = none
};

/// What a reading is to read.
struct ReadPlan {
    ReadPlan(std::map<std::string, std::string> from = {}) : cursors{std::move(from)} {}
    ReadPlan(std::initializer_list<std::pair<const std::string, std::string>> from) : cursors{from} {}

    /// query -> cursor; a missing or empty one reads from the beginning.
    std::map<std::string, std::string> cursors;
    bool sweep{false};  ///< and then, of each query that is not read from its beginning, the keys of all its rows
    /// query -> keys: reads these rows of these queries and nothing else; cursors stay as they are. Empty = not meant.
    std::map<std::string, std::vector<std::string>> rows;
};

/// What a reading cost the source so far.
struct SourceCost {
    std::uint64_t statements{0};
    std::int64_t longest_us{0};  ///< the longest wait for an answer to one of them, microseconds
    std::int64_t waited_us{0};   ///< for all of them
    std::uint64_t rows{0};       ///< that came over the line, keys included
    std::uint64_t bytes{0};      ///< of the values of these
};

/// A reading in progress: one consistent snapshot of the source. One thread.
class SourceReading {
public:
    virtual ~SourceReading() = default;
    /// Next batch, or none at the end. A source with a load limit waits here, at most a second each time.
    /// Errors: Errc::unavailable (connection), Errc::config (a query does not fit: names table and column), Errc::storage (any other
    /// failure of a query: names query and table).
    [[nodiscard]] virtual Result<std::optional<SourceBatch>> next() = 0;
    [[nodiscard]] virtual SourceCost cost() const { return {}; }
};

/// One line of the doctor's ERP report.
struct SourceFinding {
    enum class Level : unsigned char { ok, note, warning, error };
    Level level{Level::ok};
    std::string subject;  ///< "table stock_move", "column stock_move.effective_date", "rights"
    std::string message;
    std::string hint;
};

/// What the database says a query costs it. Estimates, of no meaning beside those of another engine.
struct QueryEstimate {
    std::string query;
    bool later{false};                  ///< a reading of what changed; else the first one, of everything
    std::optional<double> cost;         ///< in the engine's own measure; none where it tells none
    std::optional<std::uint64_t> rows;  ///< PostgreSQL: rows that come out; MariaDB: rows that are looked at
    std::vector<std::string> whole;     ///< tables that are read from end to end
};

/// Whether the database is a copy that follows another one. What the login cannot see is none.
struct SourceReplica {
    std::optional<bool> is_one;
    std::optional<std::int64_t> lag_us;  ///< how far it is behind
};

struct SourceReport {
    std::string source;
    std::string erp;       ///< "Tryton"
    std::string mapping;   ///< "tryton-6.0"
    std::string version;   ///< what the fingerprint says: "6.0"
    std::string database;  ///< engine and place, without secrets
    bool fits{false};      ///< every table and column that the mapping reads is there
    std::string nearest;   ///< where it does not: the mapping that does, or misses least, in a sentence; "" = none is known
    std::vector<SourceFinding> findings;
    std::vector<std::pair<std::string, std::uint64_t>> row_counts;  ///< per table read; empty after fit()
    std::vector<std::pair<std::string, std::string>> reads;  ///< per query: what it becomes ("moves" -> "events: receiving, shipping, ...")

    // Of the server; all empty after fit().
    std::vector<SourceFinding> about_server;     ///< clock, replica, costs and indexes in words; never an error
    std::vector<QueryEstimate> costs;            ///< two for a query that has a cursor
    std::optional<std::int64_t> clock_ahead_us;  ///< the server's clock against this computer's; negative: it is behind
    SourceReplica replica;
};

/// Rows of one query as they are and as they map, for `erp preview`.
struct SourcePreview {
    std::vector<std::string> columns;
    std::vector<std::vector<std::string>> rows;  ///< NULL as ""
    std::vector<SourceRecord> records;
    std::vector<SourceReject> rejects;
};

class ErpSource {
public:
    virtual ~ErpSource() = default;
    [[nodiscard]] virtual const std::string& name() const = 0;           ///< "tryton", as in stemma.yaml
    [[nodiscard]] virtual std::vector<std::string> queries() const = 0;  ///< in reading order
    /// Whether the mapping fits the database: fingerprint, catalogue, rights, the columns of each query. Reads no row of any table, so
    /// that it can be asked before every sync. Errors only when the database cannot be reached.
    [[nodiscard]] virtual Result<SourceReport> fit() = 0;
    /// The same, and the rows of each table counted, which may take long, and what the server says of itself and of the queries' cost: for
    /// people who ask. Errors as fit().
    [[nodiscard]] virtual Result<SourceReport> check() = 0;
    /// Starts a reading.
    [[nodiscard]] virtual Result<std::unique_ptr<SourceReading>> read(const ReadPlan& plan) = 0;
    [[nodiscard]] virtual Result<SourcePreview> preview(const std::string& query, std::uint64_t rows_max) = 0;
};

}  // namespace stemma
