// The time of day, as a value that comes from outside: tests set it, plugins never see it.
#pragma once

#include "core/base/time.hpp"

namespace stemma {

class Clock {
public:
    virtual ~Clock() = default;
    /// UTC now. Any thread. May step backwards; the ledger's own order never does.
    [[nodiscard]] virtual Instant now() const = 0;
};

}  // namespace stemma
