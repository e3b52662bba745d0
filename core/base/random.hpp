// Random bytes from the operating system, by libsodium: salts, keys, tokens. Not for tests that must repeat.
#pragma once

#include <cstddef>
#include <string>

namespace stemma {

/// `count` raw bytes. Any thread.
[[nodiscard]] std::string random_bytes(std::size_t count);

}  // namespace stemma
