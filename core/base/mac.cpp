#include "core/base/mac.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <sodium.h>

#include <algorithm>
#include <cstdlib>

#include "core/base/random.hpp"

namespace stemma {

struct Mac::Context {
    std::unique_ptr<EVP_MAC, decltype(&EVP_MAC_free)> kind{EVP_MAC_fetch(nullptr, "GMAC", nullptr), &EVP_MAC_free};
    std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)> state{EVP_MAC_CTX_new(kind.get()), &EVP_MAC_CTX_free};
};

MacNonce random_nonce() {
    MacNonce nonce{};
    const std::string bytes = random_bytes(nonce.size());
    std::ranges::copy(bytes, nonce.begin());
    return nonce;
}

Mac::Mac(const MacKey& key, const MacNonce& nonce) : context_{std::make_unique<Context>()} {
    std::string cipher = "AES-256-GCM";
    MacNonce own = nonce;
    const std::array<OSSL_PARAM, 3> how{OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, cipher.data(), 0),
                                        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_IV, own.data(), own.size()),
                                        OSSL_PARAM_construct_end()};
    // OpenSSL refuses only when it has no memory or lacks AES: nothing sane can go on.
    if (!context_->state || EVP_MAC_init(context_->state.get(), key.data(), key.size(), how.data()) != 1) std::abort();
}

Mac::~Mac() = default;

void Mac::add(std::string_view part) {
    if (EVP_MAC_update(context_->state.get(), reinterpret_cast<const unsigned char*>(part.data()), part.size()) != 1) std::abort();
}

MacTag Mac::finish() {
    MacTag tag{};
    std::size_t size = 0;
    if (EVP_MAC_final(context_->state.get(), tag.data(), &size, tag.size()) != 1 || size != tag.size()) std::abort();
    return tag;
}

bool equal(const MacTag& one, const MacTag& other) noexcept { return sodium_memcmp(one.data(), other.data(), one.size()) == 0; }

}  // namespace stemma
