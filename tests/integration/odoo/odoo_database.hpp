// Odoo databases for tests, each of the test's own on the program's only PostgreSQL server: the one beside the project that Odoo 18 made
// (shared/erp/odoo), or tables of ours in the shape of a version, which hold the columns that its mapping reads and no others.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/erp/source.hpp"
#include "adapters/sql/session.hpp"

namespace stemma::erp::test {

/// A mapping that is shipped: "odoo-18".
[[nodiscard]] std::shared_ptr<const Mapping> odoo_mapping(const std::string& name);

/// ".../shared/erp/odoo/NAME"
[[nodiscard]] std::string odoo_path(std::string_view name);
/// What a packed file holds. "" when it is not there.
[[nodiscard]] std::string odoo_unpacked(std::string_view name);

/// tests/integration/odoo/shapes/NAME.sql
[[nodiscard]] std::string odoo_shape(const std::string& name);
/// The story of shapes/story.sql in the tables of Odoo `version`, 13 to 18.
[[nodiscard]] std::string odoo_story(int version);

class OdooDatabase {
public:
    /// Odoo 18's own. When something that it needs is not there, missing() says what and nothing else may be called.
    OdooDatabase();
    /// An empty one, filled by these statements.
    explicit OdooDatabase(const std::string& statements);
    OdooDatabase(const OdooDatabase&) = delete;
    OdooDatabase& operator=(const OdooDatabase&) = delete;
    ~OdooDatabase();  ///< drops it

    [[nodiscard]] const std::string& missing() const noexcept { return missing_; }
    /// Read by a login that has what `stemma erp grants` prints for this database and nothing else; a new one each time.
    [[nodiscard]] std::unique_ptr<ErpSource> source(std::shared_ptr<const Mapping> mapping, SourceSettings settings = {}) const;
    /// Of a user who may do everything.
    [[nodiscard]] const sql::Connection& connection() const noexcept { return connection_; }

    /// Writes, as the ERP would: several statements at once.
    void run(const std::string& sql) const;
    /// Rows of a SELECT of the test's own, NULL as "".
    [[nodiscard]] std::vector<std::vector<std::string>> rows(const std::string& sql) const;
    [[nodiscard]] std::set<std::string> column(const std::string& sql) const;  ///< the first one of each row
    /// A digest over all rows of all tables.
    [[nodiscard]] std::string content() const;

private:
    void create();
    std::string missing_;
    std::string name_;
    mutable std::vector<std::string> logins_;
    sql::Connection connection_;
};

}  // namespace stemma::erp::test
