// Random entries of every kind, normalised as the codec gives them back, and their comparison field by field.
#pragma once

#include <random>

#include "core/domain/entry.hpp"

namespace stemma::test {

using Random = std::mt19937_64;

[[nodiscard]] Event random_event(Random& random);
[[nodiscard]] Entry random_entry(Random& random);

[[nodiscard]] bool same(const Event& a, const Event& b);
[[nodiscard]] bool same(const Entry& a, const Entry& b);

}  // namespace stemma::test
