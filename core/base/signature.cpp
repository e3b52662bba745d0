#include "core/base/signature.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "core/base/file.hpp"

namespace stemma {
namespace {

constexpr std::string_view kFileHead = "stemma-ed25519-private-key ";  // then the seed in base64 and a newline
constexpr std::size_t kFileBytesMax = 256;

/// libsodium wants this before its first use; it may be called again and from any thread.
void start_sodium() {
    if (sodium_init() < 0) std::abort();  // no random source: nothing sane can go on
}

const unsigned char* bytes_of(std::string_view text) noexcept { return reinterpret_cast<const unsigned char*>(text.data()); }

std::unexpected<Error> system_failure(std::string_view what, const std::string& path, Errc code = Errc::storage) {
    const int reason = errno;
    return fail(code, fmt::format("{}: {}", what, std::strerror(reason)), path);
}

/// A text that is wiped when it dies: it holds a private key.
struct SecretText {
    std::string text;
    ~SecretText() { sodium_memzero(text.data(), text.size()); }
};

/// The rights of the very file that is read, not of a name that may be swapped in between.
Result<void> check_rights(int descriptor, const std::string& path) {
    struct stat status {};
    if (::fstat(descriptor, &status) != 0) return system_failure("cannot look at the private key", path);
    if (!S_ISREG(status.st_mode)) return fail(Errc::config, "the private key is not a plain file", path);
    if ((status.st_mode & 077U) != 0)
        return fail(Errc::config, fmt::format("others may read or write the private key (mode {:04o})", status.st_mode & 07777U), path,
                    fmt::format("chmod 600 {}; if someone has read it, make a new key", path));
    return {};
}

}  // namespace

SigningKey SigningKey::generate() {
    start_sodium();
    SigningKey key;
    crypto_sign_ed25519_keypair(key.public_.bytes.data(), key.secret_.data());
    return key;
}

Result<SigningKey> SigningKey::from_seed(std::string_view seed) {
    if (seed.size() != kSeedBytes)
        return fail(Errc::invalid_input, fmt::format("a private key has {} bytes, this one has {}", kSeedBytes, seed.size()));
    start_sodium();
    SigningKey key;
    crypto_sign_ed25519_seed_keypair(key.public_.bytes.data(), key.secret_.data(), bytes_of(seed));
    return key;
}

Result<SigningKey> SigningKey::load(const std::string& path) {
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    if (file.get() < 0) return system_failure("cannot read the private key", path, errno == ENOENT ? Errc::not_found : Errc::storage);
    if (auto ok = check_rights(file.get(), path); !ok) return fail(std::move(ok));
    SecretText content{std::string(kFileBytesMax, '\0')};
    const ssize_t size = ::read(file.get(), content.text.data(), content.text.size());
    if (size < 0) return system_failure("cannot read the private key", path);
    std::string_view rest{content.text.data(), static_cast<std::size_t>(size)};
    const auto no_key = [&] { return fail(Errc::config, "this is not a private key of Stemma", path); };
    if (!rest.starts_with(kFileHead) || !rest.ends_with('\n')) return no_key();
    rest.remove_prefix(kFileHead.size());
    rest.remove_suffix(1);
    Result<std::string> decoded = from_base64(rest);
    if (!decoded) return no_key();
    const SecretText seed{*std::move(decoded)};
    Result<SigningKey> key = from_seed(seed.text);
    if (!key) return no_key();
    return key;
}

SigningKey::~SigningKey() { sodium_memzero(secret_.data(), secret_.size()); }

Result<void> SigningKey::save(const std::string& path) const {
    const SecretText text{fmt::format("{}{}\n", kFileHead, to_base64({reinterpret_cast<const char*>(secret_.data()), kSeedBytes}))};
    if (make_file(path, text.text, 0600)) return {};
    if (errno == EEXIST)
        return fail(Errc::conflict, "the private key's file exists already", path, "a key in use is never replaced; move the file away");
    return system_failure("cannot write the private key", path);
}

Signature SigningKey::sign(std::string_view message) const {
    Signature signature{};
    crypto_sign_ed25519_detached(signature.data(), nullptr, bytes_of(message), message.size(), secret_.data());
    return signature;
}

Digest SigningKey::secret_for(std::string_view purpose) const {
    static_assert(crypto_auth_hmacsha256_KEYBYTES == kSeedBytes && crypto_auth_hmacsha256_BYTES == sizeof(Digest));
    Digest secret{};
    crypto_auth_hmacsha256(secret.data(), bytes_of(purpose), purpose.size(), secret_.data());
    return secret;
}

bool verify_signature(const PublicKey& key, std::string_view message, std::string_view signature) noexcept {
    if (signature.size() != Signature{}.size()) return false;
    start_sodium();
    return crypto_sign_ed25519_verify_detached(bytes_of(signature), bytes_of(message), message.size(), key.bytes.data()) == 0;
}

}  // namespace stemma
