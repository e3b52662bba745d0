#include "core/base/phrase_hash.hpp"

#include <sodium.h>

#include <array>
#include <cstdlib>

namespace stemma {
namespace {

void be_ready() {
    static const bool ready = sodium_init() >= 0;
    if (!ready) std::abort();  // no source of randomness for a salt
}

}  // namespace

Result<std::string> hash_phrase(std::string_view phrase, const HashCost& cost) {
    be_ready();
    std::array<char, crypto_pwhash_STRBYTES> out{};
    if (crypto_pwhash_str_alg(out.data(), phrase.data(), phrase.size(), cost.passes, cost.memory_bytes, crypto_pwhash_ALG_ARGON2ID13) != 0)
        return fail(Errc::unavailable, "there is not enough memory to hash a password now", {},
                    "access.hash_bytes in stemma.yaml sets how much");
    return std::string{out.data()};
}

bool fits_phrase(std::string_view phrase, const std::string& hash) {
    be_ready();
    return crypto_pwhash_str_verify(hash.c_str(), phrase.data(), phrase.size()) == 0;
}

bool is_of_other_cost(const std::string& hash, const HashCost& cost) {
    return crypto_pwhash_str_needs_rehash(hash.c_str(), cost.passes, cost.memory_bytes) != 0;
}

}  // namespace stemma
