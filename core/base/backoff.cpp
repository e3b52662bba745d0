#include "core/base/backoff.hpp"

#include <algorithm>

namespace stemma {

std::chrono::microseconds Backoff::next() {
    std::chrono::microseconds whole = span_.first;
    for (unsigned i = 0; i < failures_ && whole < span_.longest; ++i) whole *= 2;
    whole = std::min(whole, span_.longest);
    ++failures_;
    std::uniform_int_distribution<std::int64_t> pick{whole.count() - whole.count() / 2, whole.count()};
    return std::chrono::microseconds{pick(random_)};
}

}  // namespace stemma
