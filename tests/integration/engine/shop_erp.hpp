// A made-up ERP of a company that sells what another makes: a SQLite file of three tables and the mapping that reads it.
#pragma once

#include <memory>
#include <string>

#include "adapters/erp/source.hpp"
#include "tests/support/temp_folder.hpp"

namespace stemma::test {

class ShopErp {
public:
    /// Empty, with its tables. `name`: of the source.
    explicit ShopErp(std::string name = "shop");
    /// Writes, as the ERP would.
    void run(const std::string& sql) const;
    [[nodiscard]] std::unique_ptr<ErpSource> source(std::size_t batch_rows = 500) const;

    // Rows of the tables. `changed` is a time the cursor goes by.
    void product(int id, const std::string& sku, const std::string& gtin, const std::string& tracking = "serial",
                 const std::string& unit = "pc") const;
    void lot(int id, int product, const std::string& number, const std::string& kind = "serial", const std::string& expires = "") const;
    void move(int id, const std::string& kind, int lot, const std::string& day, const std::string& partner, int quantity = 1) const;

private:
    std::string name_;
    TempFolder folder_;
};

}  // namespace stemma::test
