// The reading half of the port on PostgreSQL: what the engines share, and the ledger's rows in binary.
#pragma once

#include "adapters/store/postgres/ledger_tables.hpp"
#include "adapters/store/tables/reading.hpp"

namespace stemma::store::postgres {

template <class Port>
class Reading : public store::Reading<Port, LedgerTables> {
public:
    using store::Reading<Port, LedgerTables>::Reading;

    Result<void> visit_masters(std::span<const std::string* const> ids, const PlacedEntryVisitor& visit) override {
        return this->ledger_.visit_masters(ids, visit);
    }
};

}  // namespace stemma::store::postgres
