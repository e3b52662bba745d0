// Logging, the house's thin door to spdlog: a message id (AREA_EVENT_STATE, documented in core/docs/messages.md), a line, fields.
// Safe from any thread. Text or JSON lines on standard error, by configuration.
#pragma once

#include <string>
#include <string_view>

namespace stemma::log {

enum class Level : unsigned char { debug, info, warn, error };
enum class Format : unsigned char { text, json };

/// Called once by main before the first thread starts.
void start(Level least, Format format);

/// Writes one line. `id` is a stable upper-case message id such as "PLUGIN_LOAD_REFUSED".
void write(Level level, std::string_view id, std::string_view message);

inline void debug(std::string_view id, std::string_view message) { write(Level::debug, id, message); }
inline void info(std::string_view id, std::string_view message) { write(Level::info, id, message); }
inline void warn(std::string_view id, std::string_view message) { write(Level::warn, id, message); }
inline void error(std::string_view id, std::string_view message) { write(Level::error, id, message); }

}  // namespace stemma::log
