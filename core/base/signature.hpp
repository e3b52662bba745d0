// Ed25519 signatures (RFC 8032) by libsodium, and the file a private key lives in.
// A private key never leaves its SigningKey but into that file: mode 0600, written once, never replaced.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "core/base/digest.hpp"
#include "core/base/error.hpp"

namespace stemma {

/// Not an array alone, so that a digest is never taken for a key.
struct PublicKey {
    std::array<unsigned char, 32> bytes{};
    friend bool operator==(const PublicKey&, const PublicKey&) = default;
};
using Signature = std::array<unsigned char, 64>;

[[nodiscard]] inline std::string_view as_view(const PublicKey& key) noexcept {
    return {reinterpret_cast<const char*>(key.bytes.data()), key.bytes.size()};
}
[[nodiscard]] inline std::string_view as_view(const Signature& signature) noexcept {
    return {reinterpret_cast<const char*>(signature.data()), signature.size()};
}

/// A key pair. Copies are allowed; each wipes its memory when it dies. Const members may be called from any thread.
class SigningKey {
public:
    static constexpr std::size_t kSeedBytes = 32;

    /// A new key from the system's random source.
    [[nodiscard]] static SigningKey generate();
    /// The key of a 32-byte seed (RFC 8032's private key). Errors: Errc::invalid_input for another length.
    [[nodiscard]] static Result<SigningKey> from_seed(std::string_view seed);
    /// Reads a file that save() wrote. Errors: Errc::not_found; Errc::config when anyone but its owner may read or write it,
    /// or when it is no key file; Errc::storage when reading fails.
    [[nodiscard]] static Result<SigningKey> load(const std::string& path);

    SigningKey(const SigningKey&) = default;
    SigningKey& operator=(const SigningKey&) = default;
    ~SigningKey();

    /// Writes a new file of mode 0600, whole or not at all, durable when it returns.
    /// Errors: Errc::conflict when the file exists (what a lost key has signed can never be signed again); Errc::storage.
    [[nodiscard]] Result<void> save(const std::string& path) const;

    [[nodiscard]] const PublicKey& public_key() const noexcept { return public_; }
    [[nodiscard]] Signature sign(std::string_view message) const;
    /// A secret of its own for another purpose, always the same for the same key and purpose: HMAC-SHA-256 (RFC 2104) of the purpose
    /// under the seed. Tells nothing of the key.
    [[nodiscard]] Digest secret_for(std::string_view purpose) const;

private:
    SigningKey() = default;

    std::array<unsigned char, 64> secret_{};  // libsodium's form: seed ‖ public key
    PublicKey public_{};
};

/// Whether `signature` (raw bytes; any length but 64 is false) is the key's over `message`. Any thread.
[[nodiscard]] bool verify_signature(const PublicKey& key, std::string_view message, std::string_view signature) noexcept;

}  // namespace stemma
