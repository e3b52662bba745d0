// Idempotency keys: a caller that does not know whether its command arrived sends it again with the same key. The first one is
// carried out; every later one with the same content is answered from the ledger, with other content refused.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/domain/event.hpp"
#include "core/ports/store.hpp"

namespace stemma::engine {

inline constexpr std::size_t kCommandKeyBytesMax = 128;

/// Form of a command's key ("" = none) and reason. Errors: Errc::invalid_input.
[[nodiscard]] Result<void> check_key_and_reason(const std::string& key, const std::string& reason, const EventLimits& limits);

/// What was recorded under this key, if anything. Errors: Errc::conflict (the key was used with other content), Errc::storage.
[[nodiscard]] Result<std::optional<CommandRow>> find_command(UnitOfWork& unit, const std::string& key, const std::string& digest);

/// The entries that a recorded command led to, in order. Errors: Errc::storage.
[[nodiscard]] Result<std::vector<Entry>> entries_of(UnitOfWork& unit, const CommandRow& command);

}  // namespace stemma::engine
