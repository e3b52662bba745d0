// The two expiry reports over what is in stock: what leaves first, product by product (FEFO: first expired, first out), and how many items
// of each product are expired, close or fresh. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/expiry/shelf_life.hpp"

namespace stemma::expiry {

/// One item in stock whose last day is known.
struct StockLine {
    std::string product;  ///< id; empty: not known
    std::string sku;
    std::string name;
    std::string item;    ///< id
    std::string number;  ///< what people call it; the id where it has none
    std::string stock;   ///< its status: "in_stock", "received" ...
    std::int64_t end_us{0};
    std::string basis;  ///< "expiry" or "best_before"
    std::int64_t remaining_days{0};
    Status status{Status::unknown};

    friend bool operator==(const StockLine&, const StockLine&) = default;
};

/// Whether an item of that status lies with us: received, in stock, returned to us, or on the way between our places.
[[nodiscard]] bool is_on_hand(std::string_view status) noexcept;

struct Ranked {
    std::int64_t rank{0};  ///< within its product, 1 = out first; what expires on one day has one rank
    StockLine line;
};

/// By SKU, then product, then last day, then number, then id.
[[nodiscard]] std::vector<Ranked> first_out(std::vector<StockLine> lines);

struct ProductCount {
    std::string product;
    std::string sku;
    std::string name;
    std::int64_t expired{0};  ///< items
    std::int64_t close{0};
    std::int64_t fresh{0};
    std::int64_t first_end_us{0};  ///< the earliest last day of them all
};

/// By SKU, then product.
[[nodiscard]] std::vector<ProductCount> by_product(std::vector<StockLine> lines);

}  // namespace stemma::expiry
