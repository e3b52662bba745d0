// A message authentication code for files of gigabytes: GMAC with AES-256 (NIST SP 800-38D) by OpenSSL. Only who holds the key can make
// one that is right, which a checksum does not give; on processors with carry-less multiplication it is as fast as a checksum.
#pragma once

#include <array>
#include <memory>
#include <string_view>

#include "core/base/digest.hpp"

namespace stemma {

using MacKey = Digest;                           ///< 32 bytes
using MacNonce = std::array<unsigned char, 12>;  ///< never twice with the same key
using MacTag = std::array<unsigned char, 16>;

[[nodiscard]] MacNonce random_nonce();

/// Over what is given piece by piece. One thread; of no use after finish().
class Mac {
public:
    Mac(const MacKey& key, const MacNonce& nonce);
    ~Mac();
    Mac(const Mac&) = delete;
    Mac& operator=(const Mac&) = delete;
    void add(std::string_view part);
    [[nodiscard]] MacTag finish();

private:
    struct Context;
    std::unique_ptr<Context> context_;
};

/// Whether two tags are equal, in a time that does not tell where they differ.
[[nodiscard]] bool equal(const MacTag& one, const MacTag& other) noexcept;

}  // namespace stemma
