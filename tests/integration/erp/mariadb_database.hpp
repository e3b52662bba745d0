// Databases of ERPs on MariaDB for tests: real ones from the folder beside the project, and empty ones of the same tables for small
// stories. All on the program's only server; read by a login that may SELECT what the mapping names and nothing else.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "adapters/erp/source.hpp"
#include "tests/support/mariadb.hpp"

namespace stemma::erp::test {

/// A database dump and the mapping that reads it.
struct MariadbErp {
    const char* name;                   ///< of the source: stands in every id
    const char* mapping;                ///< file in config/erp
    const char* dump;                   ///< file in ../shared/erp
    std::array<const char*, 4> beside;  ///< tables that tests compare with and the mapping does not read; nullptr at the end
    const char* shape{nullptr};         ///< file in shapes/ that makes another version's tables of the dump's
};
inline constexpr MariadbErp kDolibarr{
    "doli", "dolibarr-22.yaml", "dolibarr/dolibarr-22.0.4-trace.sql.gz", {"llx_product_batch", "llx_product_stock"}};
inline constexpr MariadbErp kErpnext{"erpnext", "erpnext-15.yaml", "erpnext/erpnext-15-trace.sql.gz", {"tabSerial No", "tabBin"}};
/// What 14 would hold of the same rows: nobody has a database of it at hand.
inline constexpr MariadbErp kErpnext14{"erpnext",
                                       "erpnext-14.yaml",
                                       "erpnext/erpnext-15-trace.sql.gz",
                                       {"tabSerial and Batch Bundle", "tabSerial and Batch Entry"},
                                       "erpnext-to-14.sql"};

class MariadbDatabase {
public:
    enum class Rows : unsigned char { all, none };  ///< none: the tables that the mapping reads, without rows

    /// When something that it needs is not there, missing() says what, and nothing else may be called.
    MariadbDatabase(const MariadbErp& erp, Rows rows);
    MariadbDatabase(const MariadbDatabase&) = delete;
    MariadbDatabase& operator=(const MariadbDatabase&) = delete;
    ~MariadbDatabase();

    [[nodiscard]] const std::string& missing() const noexcept { return missing_; }
    [[nodiscard]] std::shared_ptr<const Mapping> mapping() const noexcept { return mapping_; }
    [[nodiscard]] std::unique_ptr<ErpSource> source(SourceSettings settings = {}) const;
    /// By the mapping with each first text replaced by the second one.
    [[nodiscard]] std::unique_ptr<ErpSource> source_of(const std::vector<std::pair<std::string, std::string>>& replaced) const;
    /// Connection text of a user who may do everything, or of the one who may only read.
    [[nodiscard]] std::string connection(const std::string& user = "root") const;

    /// Writes, as the ERP would: statements divided by semicolons.
    void run(const std::string& sql) const;
    /// Rows of a SELECT of the test's own, NULL as "".
    [[nodiscard]] std::vector<std::vector<std::string>> rows(const std::string& sql) const;
    /// The database that holds the dump as it is: for what the ERP itself says of its rows.
    [[nodiscard]] const std::string& dump_database() const noexcept { return dump_database_; }
    /// The server's own checksums of all tables.
    [[nodiscard]] std::string content() const;

private:
    const MariadbErp& erp_;
    std::string missing_;
    std::string dump_database_;
    std::string database_;
    std::string reader_;
    std::shared_ptr<const Mapping> mapping_;
};

[[nodiscard]] std::string shared_erp_path(const std::string& name);  ///< ".../shared/erp/NAME"

}  // namespace stemma::erp::test
