#include "plugins/expiry/stock_list.hpp"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

namespace stemma::expiry {
namespace {

void sort_lines(std::vector<StockLine>& lines) {
    std::ranges::sort(lines, {},
                      [](const StockLine& line) { return std::tie(line.sku, line.product, line.end_us, line.number, line.item); });
}

bool same_product(const StockLine& a, const StockLine& b) { return a.sku == b.sku && a.product == b.product; }

}  // namespace

bool is_on_hand(std::string_view status) noexcept {
    static constexpr std::array<std::string_view, 4> kOnHand{"received", "in_stock", "returned", "in_transit"};
    return std::ranges::find(kOnHand, status) != kOnHand.end();
}

std::vector<Ranked> first_out(std::vector<StockLine> lines) {
    sort_lines(lines);
    std::vector<Ranked> out;
    out.reserve(lines.size());
    for (StockLine& line : lines) {
        std::int64_t rank = 1;
        if (!out.empty() && same_product(out.back().line, line)) rank = out.back().rank + (out.back().line.end_us == line.end_us ? 0 : 1);
        out.push_back({rank, std::move(line)});
    }
    return out;
}

std::vector<ProductCount> by_product(std::vector<StockLine> lines) {
    sort_lines(lines);
    std::vector<ProductCount> out;
    for (const StockLine& line : lines) {
        if (out.empty() || out.back().sku != line.sku || out.back().product != line.product)
            out.push_back({line.product, line.sku, line.name, 0, 0, 0, line.end_us});
        ProductCount& count = out.back();
        if (line.status == Status::expired) ++count.expired;
        if (line.status == Status::close_to_expiring) ++count.close;
        if (line.status == Status::fresh) ++count.fresh;
    }
    return out;
}

}  // namespace stemma::expiry
