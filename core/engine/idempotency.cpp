#include "core/engine/idempotency.hpp"

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/engine/stored.hpp"

namespace stemma::engine {

Result<void> check_key_and_reason(const std::string& key, const std::string& reason, const EventLimits& limits) {
    if (key.size() > kCommandKeyBytesMax || !is_clean_utf8(key))
        return fail(Errc::invalid_input, fmt::format("an idempotency key has at most {} bytes of clean text", kCommandKeyBytesMax),
                    "Idempotency-Key");
    if (reason.size() > limits.text_bytes_max || !is_clean_utf8(reason))
        return fail(Errc::invalid_input, fmt::format("a reason has at most {} bytes of clean text", limits.text_bytes_max), "reason");
    return {};
}

Result<std::optional<CommandRow>> find_command(UnitOfWork& unit, const std::string& key, const std::string& digest) {
    if (key.empty()) return std::nullopt;
    auto known = unit.command(key);
    if (known && *known && (*known)->digest != digest)
        return fail(Errc::conflict, "this idempotency key was used for another command", "Idempotency-Key",
                    "take a new key for each command; repeat a command with its own key unchanged");
    return known;
}

Result<std::vector<Entry>> entries_of(UnitOfWork& unit, const CommandRow& command) {
    const auto rows = unit.entries(command.first, command.count);
    if (!rows) return std::unexpected(rows.error());
    std::vector<Entry> entries;
    entries.reserve(rows->size());
    for (const StoredEntry& row : *rows) {
        Result<Entry> entry = decode_stored(row);
        if (!entry) return std::unexpected(entry.error());
        entries.push_back(*std::move(entry));
    }
    return entries;
}

}  // namespace stemma::engine
