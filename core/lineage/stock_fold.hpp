// The fold behind stock_of(), with room that is used again: what answers over a million items take, one item after the other.
#pragma once

#include <optional>
#include <unordered_map>
#include <vector>

#include "core/lineage/containment.hpp"
#include "core/lineage/stock.hpp"

namespace stemma::lineage {

/// One thread. The movements outlive it.
class StockFold {
public:
    explicit StockFold(CountedMovements& counted) : counted_{counted}, view_{counted.view()} {}
    /// As stock_of(). Valid until the next call.
    [[nodiscard]] const ItemStock& of(Node item);
    [[nodiscard]] ItemStock take(Node item);  ///< to keep; the fold is as new afterwards

private:
    /// A change at a place or with a party; summed after sorting, so that many parties cost no more than many movements.
    struct Change {
        UnitNo unit;
        bool party;
        std::uint32_t where;
        std::int64_t micros;
    };

    void begin(Node item);
    UnitStock& unit_of(UnitNo unit);
    void count(const Movement& movement);
    void sum_changes();
    void give_to_last_customer();
    std::vector<PlaceAmount>& list_of(UnitStock& unit, PlaceNo place);
    [[nodiscard]] Status status_of_most() const;
    [[nodiscard]] Status status_of_one() const;

    CountedMovements& counted_;
    const View& view_;
    ItemStock stock_;
    std::size_t units_{0};  // of stock_.units in use; the first one stays to be used again
    std::vector<Change> changes_;
    std::size_t movements_{0};
    std::size_t receipts_{0};
    std::optional<Movement> last_in_;
    std::optional<Movement> last_out_;
    std::unordered_map<ProductNo, std::optional<UnitNo>> product_units_;
    std::unordered_map<PlaceNo, PlaceKind> place_kinds_;
};

}  // namespace stemma::lineage
