// A schema of a test's own, for a store, on the PostgreSQL server that the test program shares. Dropped with the object.
#pragma once

#include <string>

#include "tests/support/postgres.hpp"

namespace stemma::test {

/// The program's one server, started when it is first asked for. Null, with a failure recorded, where it does not start.
[[nodiscard]] Postgres* shared_postgres();

class PostgresSchema {
public:
    PostgresSchema();
    PostgresSchema(const PostgresSchema&) = delete;
    PostgresSchema& operator=(const PostgresSchema&) = delete;
    ~PostgresSchema();

    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] const std::string& connection() const noexcept { return connection_; }  ///< "postgresql:host=..."
    /// One statement, with the schema's tables in reach. Records a failure where it fails.
    void run(const std::string& sql) const;

private:
    std::string name_;
    std::string connection_;
};

}  // namespace stemma::test
