// A made-up but realistic plant, as a stream of what happens in it: supplier lot -> component lot -> component serial -> sub-assembly ->
// finished serial -> carton -> pallet -> shipment -> customer. Lot sizes are Pareto, each line eats its lots first in, first out, and
// screws and labels come from lots that the whole plant shares, so that one of them can reach a large part of all units.
// Same options, same stream, on every machine: it has its own random numbers. Keeps a few kilobytes, however long the stream.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace stemma::test {

/// An item in a step. Items are numbered from 0 in order of first appearance.
struct Part {
    std::uint32_t item{0};
    std::int64_t micros{0};  ///< quantity x 1e6, in pieces; 0 = this one instance, without a quantity
};

/// One event of the plant. The spans are valid during the call.
struct Step {
    enum class Kind : unsigned char {
        received,     ///< outputs came from a supplier; no link
        transformed,  ///< inputs were used up for outputs; one of the two lists has one part, so that links = inputs x outputs = their sum
                      ///< - 1
        packed,       ///< inputs are now in outputs[0]: carton, pallet, shipment, or at a customer's
    };
    Kind kind{Kind::received};
    std::uint64_t number{0};   ///< dense from 0
    std::int64_t time_us{0};   ///< since the Unix epoch, never before the step in front of it
    std::uint32_t partner{0};  ///< received: number of the supplier; packed at a customer's: number of the customer
    std::span<const Part> inputs;
    std::span<const Part> outputs;
};

struct SupplyChainOptions {
    std::uint64_t links{1'000'000};  ///< item to item; the stream ends with the first step at or past it, at most 2^32 - 1
    std::uint64_t seed{1};
};

/// Totals of a stream.
struct SupplyChainTotals {
    std::uint64_t steps{0};
    std::uint64_t links{0};
    std::uint64_t items{0};
    std::uint64_t transformations{0};  ///< steps of kind transformed
};

/// Calls `take` for each step, in order of time.
SupplyChainTotals run_supply_chain(const SupplyChainOptions& options, const std::function<void(const Step&)>& take);

/// The item's name: 27 characters and a URI, unique, ascending with the number ("urn:sn:ST-2026-000000000017").
[[nodiscard]] std::string item_name(std::uint32_t item);
inline constexpr std::size_t kItemNameBytes = 27;

/// The number in a name made by item_name.
[[nodiscard]] std::uint32_t item_number(std::string_view name);

}  // namespace stemma::test
