// Tryton databases for tests: the committed demo and, where the folder beside the project is there, the larger trace data set; each on
// SQLite and on PostgreSQL, in a place of the test's own.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/erp/source.hpp"
#include "adapters/sql/session.hpp"
#include "tests/support/postgres.hpp"
#include "tests/support/temp_folder.hpp"

namespace stemma::erp::test {

enum class Data : unsigned char { demo, trace };

struct Which {
    Data data;
    sql::Engine engine;
};
[[nodiscard]] std::string name_of(const Which& which);
void PrintTo(const Which& which, std::ostream* out);

/// The mapping that is shipped for a version: "6.0", "7.0".
[[nodiscard]] std::shared_ptr<const Mapping> tryton(const std::string& version = "6.0");
/// Statements that put the tables of 6.0 into the shape of 7.0, of what the mapping reads.
inline constexpr const char* kToTryton7 =
    "ALTER TABLE stock_move RENAME COLUMN uom TO unit; ALTER TABLE stock_lot ADD COLUMN active boolean DEFAULT TRUE;";

/// What a file of the project or of the folder beside it holds, unpacked. "" when it is not there.
[[nodiscard]] std::string unpacked(const std::string& path);
[[nodiscard]] std::string ground_truth_path(Data data);
[[nodiscard]] std::string shared_path(std::string_view name);  ///< ".../shared/erp/tryton/NAME"

/// A database of its own; on PostgreSQL one of the program's only server.
class TrytonDatabase {
public:
    /// Loads it. When something that it needs is not there, connection() is empty and missing() says what.
    explicit TrytonDatabase(Which which);

    [[nodiscard]] const std::string& missing() const noexcept { return missing_; }
    [[nodiscard]] const sql::Connection& connection() const noexcept { return connection_; }
    [[nodiscard]] std::unique_ptr<ErpSource> source(std::size_t batch_rows = 500) const;
    [[nodiscard]] std::unique_ptr<ErpSource> source(SourceSettings settings, std::shared_ptr<const Mapping> mapping = tryton()) const;

    /// Writes, as the ERP would: several statements at once.
    void run(const std::string& sql) const;
    /// Rows of a SELECT of the test's own, NULL as "".
    [[nodiscard]] std::vector<std::vector<std::string>> rows(const std::string& sql) const;
    [[nodiscard]] std::int64_t number(const std::string& sql) const;
    /// The same for the same content: SQLite the file's SHA-256, PostgreSQL a digest over all rows of all tables.
    [[nodiscard]] std::string content() const;

private:
    void load_sqlite(const std::string& sql_or_file, bool is_file);
    void load_postgres(const std::string& packed);

    Which which_;
    std::string missing_;
    sql::Connection connection_;
    stemma::test::TempFolder folder_;
};

/// All batches of one reading; failures are reported and end it.
[[nodiscard]] std::vector<SourceBatch> read_all(ErpSource& source, const std::map<std::string, std::string>& cursors = {});

}  // namespace stemma::erp::test
