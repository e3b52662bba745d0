// Hashes of passwords: Argon2id (RFC 9106) by libsodium, in its own text form, which holds algorithm, work factor and salt. Slow by
// design: never on a thread that others wait for, and few at a time. Knows no users.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/error.hpp"

namespace stemma {

/// How much work one hash is.
struct HashCost {
    std::uint64_t passes{2};               ///< at least 1
    std::uint64_t memory_bytes{67108864};  ///< at least 8192; taken while a hash is made
};

/// "$argon2id$v=19$m=65536,t=2,p=1$...$...". Errors: Errc::unavailable where the memory is not to be had.
[[nodiscard]] Result<std::string> hash_phrase(std::string_view phrase, const HashCost& cost);

/// Whether the hash was made of this phrase. Takes as long for a wrong one as for the right one.
[[nodiscard]] bool fits_phrase(std::string_view phrase, const std::string& hash);

/// Whether the hash was made with another cost than this one, so that it should be made anew when the phrase is at hand.
[[nodiscard]] bool is_of_other_cost(const std::string& hash, const HashCost& cost);

}  // namespace stemma
