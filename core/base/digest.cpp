#include "core/base/digest.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <cstdlib>
#include <fstream>
#include <memory>
#include <vector>

namespace stemma {
namespace {

struct ContextFree {
    void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MD_CTX, ContextFree>;

/// A fetched algorithm: EVP_sha256() makes OpenSSL 3 look it up again on each init, which costs more than the hash itself.
const EVP_MD* sha256_algorithm() {
    static EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    return algorithm;
}

/// One context per thread, made on first use and reused: a fresh one costs more than hashing a ledger entry.
EVP_MD_CTX* thread_context() {
    thread_local const Context context{EVP_MD_CTX_new()};
    return context.get();
}

[[noreturn]] void hash_failed() { std::abort(); }  // out of memory, or an OpenSSL without SHA-256: nothing sane can go on

int hex_value(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

}  // namespace

Digest sha256(std::initializer_list<std::string_view> parts) {
    EVP_MD_CTX* const context = thread_context();
    if (EVP_DigestInit_ex2(context, sha256_algorithm(), nullptr) != 1) hash_failed();
    for (const std::string_view part : parts)
        if (EVP_DigestUpdate(context, part.data(), part.size()) != 1) hash_failed();
    Digest digest{};
    if (EVP_DigestFinal_ex(context, digest.data(), nullptr) != 1) hash_failed();
    return digest;
}

struct Sha256::Context {
    stemma::Context evp{EVP_MD_CTX_new()};
};

Sha256::Sha256() : context_{std::make_unique<Context>()} {
    if (EVP_DigestInit_ex2(context_->evp.get(), sha256_algorithm(), nullptr) != 1) hash_failed();
}

Sha256::~Sha256() = default;

void Sha256::add(std::string_view part) {
    if (EVP_DigestUpdate(context_->evp.get(), part.data(), part.size()) != 1) hash_failed();
}

Digest Sha256::finish() {
    Digest digest{};
    if (EVP_DigestFinal_ex(context_->evp.get(), digest.data(), nullptr) != 1) hash_failed();
    return digest;
}

std::string to_hex(std::string_view bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string out(bytes.size() * 2, '\0');
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const auto byte = static_cast<unsigned char>(bytes[i]);
        out[2 * i] = kDigits[byte >> 4U];
        out[2 * i + 1] = kDigits[byte & 15U];
    }
    return out;
}

Result<Digest> digest_from_hex(std::string_view hex) {
    Digest digest{};
    if (hex.size() != digest.size() * 2)
        return fail(Errc::invalid_input, fmt::format("a SHA-256 digest has 64 hexadecimal digits, this one has {}", hex.size()));
    for (std::size_t i = 0; i < digest.size(); ++i) {
        const int high = hex_value(hex[2 * i]);
        const int low = hex_value(hex[2 * i + 1]);
        if (high < 0 || low < 0) return fail(Errc::invalid_input, "a SHA-256 digest is written with the digits 0-9 and a-f");
        digest[i] = static_cast<unsigned char>(high * 16 + low);
    }
    return digest;
}

std::string to_base64(std::string_view bytes) {
    std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
    const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), reinterpret_cast<const unsigned char*>(bytes.data()),
                                     static_cast<int>(bytes.size()));
    out.resize(static_cast<std::size_t>(size));
    return out;
}

Result<std::string> from_base64(std::string_view text) {
    if (text.size() % 4 != 0) return fail(Errc::invalid_input, "base64 text comes in groups of four characters");
    std::string out(text.size() / 4 * 3 + 1, '\0');
    const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()), reinterpret_cast<const unsigned char*>(text.data()),
                                     static_cast<int>(text.size()));
    if (size < 0) return fail(Errc::invalid_input, "not base64 text");
    std::size_t padding = 0;
    while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
    out.resize(static_cast<std::size_t>(size) - padding);
    if (to_base64(out) != text)
        return fail(Errc::invalid_input, "not canonical base64 text");  // OpenSSL tolerates white space and stray bits
    return out;
}

Result<Digest> sha256_file(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    if (!file) return fail(Errc::not_found, "cannot read the file", path);
    const Context context{EVP_MD_CTX_new()};
    if (EVP_DigestInit_ex2(context.get(), sha256_algorithm(), nullptr) != 1) hash_failed();
    std::vector<char> buffer(std::size_t{1} << 16U);
    while (file.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) || file.gcount() > 0)
        if (EVP_DigestUpdate(context.get(), buffer.data(), static_cast<std::size_t>(file.gcount())) != 1) hash_failed();
    if (file.bad()) return fail(Errc::storage, "reading the file failed", path);
    Digest digest{};
    if (EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) != 1) hash_failed();
    return digest;
}

}  // namespace stemma
