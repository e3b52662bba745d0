#include "adapters/erp/decode.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>

#include "core/base/quantity.hpp"
#include "core/base/text.hpp"
#include "core/base/time.hpp"

namespace stemma::erp {
namespace {

std::optional<std::string> integer(std::string_view value) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc{} || end != value.data() + value.size()) return std::nullopt;
    return std::to_string(number);
}

std::optional<std::string> decimal(std::string_view value) {
    const Result<std::int64_t> micros = parse_micros(value);
    if (!micros) return std::nullopt;
    return format_micros(*micros);
}

std::optional<std::string> time_or_date(std::string_view value, bool date) {
    const Result<WrittenTime> time = parse_time(value);
    if (!time || time->date_only != date) return std::nullopt;
    return date ? format_date(time->instant) : format_instant(time->instant);
}

std::optional<std::string> boolean(std::string_view value) {
    if (value == "t" || value == "true" || value == "1") return "true";
    if (value == "f" || value == "false" || value == "0") return "false";
    return std::nullopt;
}

std::optional<std::string> canonical(ColumnType type, std::string_view value) {
    switch (type) {
        case ColumnType::integer: return integer(value);
        case ColumnType::decimal: return decimal(value);
        case ColumnType::text: return std::string{value};
        case ColumnType::date: return time_or_date(value, true);
        case ColumnType::time: return time_or_date(value, false);
        case ColumnType::boolean: return boolean(value);
    }
    return std::nullopt;
}

std::string_view in_words(ColumnType type) noexcept {
    switch (type) {
        case ColumnType::integer: return "a whole number";
        case ColumnType::decimal: return "a decimal number within the range of a quantity";
        case ColumnType::text: return "a text";
        case ColumnType::date: return "a date";
        case ColumnType::time: return "a date with a time of day";
        case ColumnType::boolean: return "true or false";
    }
    return "";
}

/// A value for a message: always well-formed, never long.
std::string shown(std::string_view value) {
    if (is_clean_utf8(value)) return clip(value);
    std::string escaped;
    for (const char c : value.substr(0, 32)) {
        const auto byte = static_cast<unsigned char>(c);
        escaped += byte >= 0x20 && byte < 0x7F ? std::string(1, c) : fmt::format("\\x{:02X}", byte);
    }
    return escaped;
}

}  // namespace

Result<std::optional<std::string>> decode(const Column& column, std::optional<std::string_view> value) {
    if (!value) {
        if (column.nullable) return std::nullopt;
        return fail(Errc::invalid_input, fmt::format("column '{}' is NULL", column.name));
    }
    if (!is_clean_utf8(*value))
        return fail(Errc::invalid_input,
                    fmt::format("column '{}' is '{}': not well-formed UTF-8, or with a NUL in it", column.name, shown(*value)));
    std::optional<std::string> text = canonical(column.type, *value);
    if (!text)
        return fail(Errc::invalid_input, fmt::format("column '{}' is '{}': not {}", column.name, shown(*value), in_words(column.type)));
    return text;
}

}  // namespace stemma::erp
