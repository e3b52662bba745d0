// SHA-256 (FIPS 180-4) by OpenSSL, and hexadecimal text.
#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/error.hpp"

namespace stemma {

using Digest = std::array<unsigned char, 32>;

/// SHA-256 over the parts, as if they were one text. Any thread.
[[nodiscard]] Digest sha256(std::initializer_list<std::string_view> parts);
[[nodiscard]] inline Digest sha256(std::string_view text) { return sha256({text}); }

/// SHA-256 over what is given piece by piece. One thread; of no use after finish().
class Sha256 {
public:
    Sha256();
    ~Sha256();
    Sha256(const Sha256&) = delete;
    Sha256& operator=(const Sha256&) = delete;
    void add(std::string_view part);
    [[nodiscard]] Digest finish();

private:
    struct Context;
    std::unique_ptr<Context> context_;
};

[[nodiscard]] inline std::string_view as_view(const Digest& digest) noexcept {
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

/// Lower-case hexadecimal.
[[nodiscard]] std::string to_hex(std::string_view bytes);
[[nodiscard]] inline std::string to_hex(const Digest& digest) { return to_hex(as_view(digest)); }

/// Exactly 64 hexadecimal digits, lower case as to_hex writes them. Errors: Errc::invalid_input.
[[nodiscard]] Result<Digest> digest_from_hex(std::string_view hex);

/// RFC 4648 base64 with padding.
[[nodiscard]] std::string to_base64(std::string_view bytes);
[[nodiscard]] Result<std::string> from_base64(std::string_view text);

/// SHA-256 of a whole file. Errors: Errc::not_found / Errc::storage with the path.
[[nodiscard]] Result<Digest> sha256_file(const std::string& path);

}  // namespace stemma
