// A session that was opened for reading, in one read transaction, with the catalogue as the transaction sees it.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "adapters/erp/catalogue.hpp"
#include "adapters/erp/mapping.hpp"
#include "adapters/sql/connection.hpp"
#include "adapters/sql/session.hpp"
#include "adapters/sql/transaction.hpp"
#include "core/base/time.hpp"
#include "core/ports/erp_source.hpp"

namespace stemma::erp {

/// Parts are destroyed in reverse: first the transaction ends, then the session closes.
struct Opened {
    std::unique_ptr<sql::Session> session;  ///< on the heap, so that the transaction's pointer to it stays true
    std::unique_ptr<sql::Transaction> transaction;
    SourceCost cost;  ///< of the statements so far
    Instant now;      ///< the database's own clock, read after the snapshot was taken
    Catalogue catalogue;
    Fit fit;
};

/// Counts one statement and the time until it goes.
class CountedStatement {
public:
    explicit CountedStatement(SourceCost& cost) : cost_{cost} {}
    CountedStatement(const CountedStatement&) = delete;
    CountedStatement& operator=(const CountedStatement&) = delete;
    ~CountedStatement();

private:
    SourceCost& cost_;
    std::chrono::steady_clock::time_point began_{std::chrono::steady_clock::now()};
};

/// Errors: Errc::unavailable when the database cannot be reached.
[[nodiscard]] Result<Opened> open_for_reading(const sql::Connection& connection, const Mapping& mapping);

/// The database's own clock. Errors: what the database says.
[[nodiscard]] Result<Instant> read_clock(sql::Session& session);

/// `error` of a query that failed on the way. Where the cause is that a table or column is gone, the error says so by name: the database
/// is looked at again over a new session. Any other failure keeps its code: the mapping fits, and the reading may be tried again.
[[nodiscard]] Error explain(Error error, const sql::Connection& connection, const Mapping& mapping, const MappedQuery& query);

}  // namespace stemma::erp
