#include "core/base/random.hpp"

#include <sodium.h>

#include <cstdlib>

namespace stemma {

std::string random_bytes(std::size_t count) {
    static const bool ready = sodium_init() >= 0;
    if (!ready) std::abort();  // no source of randomness: nothing that needs a salt or a key may go on
    std::string bytes(count, '\0');
    randombytes_buf(bytes.data(), bytes.size());
    return bytes;
}

}  // namespace stemma
