#include "core/base/log.hpp"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <memory>

#include "core/base/time.hpp"

namespace stemma::log {
namespace {

Format& format_in_use() {
    static Format format = Format::text;
    return format;
}

spdlog::level::level_enum to_spdlog(Level level) {
    switch (level) {
        case Level::debug: return spdlog::level::debug;
        case Level::info: return spdlog::level::info;
        case Level::warn: return spdlog::level::warn;
        case Level::error: return spdlog::level::err;
    }
    return spdlog::level::err;
}

const char* name_of(Level level) {
    switch (level) {
        case Level::debug: return "debug";
        case Level::info: return "info";
        case Level::warn: return "warn";
        case Level::error: return "error";
    }
    return "error";
}

/// The line's own bytes come from ERP rows and clients: control characters are escaped so that no line can be forged.
std::string escape(std::string_view text, bool json) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '\n')
            out += "\\n";
        else if (byte < 0x20 || byte == 0x7F)
            out += fmt::format("\\u{:04x}", byte);
        else if (json && (c == '"' || c == '\\'))
            (out += '\\') += c;
        else
            out += c;
    }
    return out;
}

const std::shared_ptr<spdlog::logger>& logger() {
    static const std::shared_ptr<spdlog::logger> instance = [] {
        auto made = std::make_shared<spdlog::logger>("stemma", std::make_shared<spdlog::sinks::stderr_sink_mt>());
        made->set_pattern("%v");
        made->set_level(spdlog::level::info);
        return made;
    }();
    return instance;
}

}  // namespace

void start(Level least, Format format) {
    format_in_use() = format;
    logger()->set_level(to_spdlog(least));
}

void write(Level level, std::string_view id, std::string_view message) {
    const auto spd_level = to_spdlog(level);
    if (!logger()->should_log(spd_level)) return;
    const auto now = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch());
    const std::string time = format_instant(Instant{now.count() / 1000 * 1000});
    if (format_in_use() == Format::json)
        logger()->log(spd_level, R"({{"time":"{}","level":"{}","id":"{}","message":"{}"}})", time, name_of(level), id,
                      escape(message, true));
    else
        logger()->log(spd_level, "{} {:5} {} {}", time, name_of(level), id, escape(message, false));
}

}  // namespace stemma::log
