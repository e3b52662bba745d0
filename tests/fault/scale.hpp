// How much a fault test does: a little in every test run, all of it when STEMMA_FAULT_LONG is set (./run fault).
#pragma once

#include <cstdlib>

namespace stemma::test {

inline int short_or_long(int in_short, int in_long) { return std::getenv("STEMMA_FAULT_LONG") != nullptr ? in_long : in_short; }

}  // namespace stemma::test
