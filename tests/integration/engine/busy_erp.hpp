// An ERP whose users go on working: a seeded writer changes a database at random, on a thread of its own, while somebody else syncs it.
// Most changes are committed at once; some belong to transactions that stay open over many others and end late, or are taken back.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "adapters/erp/source.hpp"
#include "adapters/sql/session.hpp"
#include "tests/integration/engine/engine_rig.hpp"

namespace stemma::test {

class Dice {
public:
    explicit Dice(std::uint32_t seed) : random_{seed} {}
    [[nodiscard]] int below(int limit) { return static_cast<int>(random_() % static_cast<std::uint32_t>(limit)); }
    template <class T>
    [[nodiscard]] const T& one_of(const std::vector<T>& list) {
        return list[static_cast<std::size_t>(below(static_cast<int>(list.size())))];
    }

private:
    std::mt19937 random_;
};

/// One thing that a user does: statements that belong together. `step` counts from 1.
using Deed = std::function<std::vector<std::string>(Dice& dice, int step)>;

struct BusyErp {
    sql::Connection connection;          ///< of a user who may do everything
    std::vector<std::string> greetings;  ///< said at the beginning of each session: no waiting for locks, the zone
    std::vector<std::string> opening;    ///< said behind each BEGIN
    Deed deed;
};

inline constexpr int kBusySteps = 120;
inline constexpr std::uint32_t kBusySeedsMax = 10'000;

/// Syncs `source` into a ledger while the users of `erp` are at work, and once more, keys included, when they have gone home. The lineage
/// must be that of a sync from nothing.
void expect_followed(const BusyErp& erp, ErpSource& source, std::uint32_t seed);

/// 1 to the number in the environment variable STEMMA_BUSY_SEEDS, else to `few`.
/// A word that is no such number, or more than kBusySeedsMax, ends the program.
[[nodiscard]] std::vector<std::uint32_t> busy_seeds(std::uint32_t few);

}  // namespace stemma::test
