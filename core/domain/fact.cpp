#include "core/domain/fact.hpp"

#include <fmt/format.h>

#include <charconv>
#include <span>

#include "core/base/text.hpp"
#include "core/domain/names.hpp"

namespace stemma {
namespace {

constexpr NameTable<ColumnType, 5> kColumnType{{{ColumnType::int64, "int64"},
                                                {ColumnType::boolean, "bool"},
                                                {ColumnType::text, "text"},
                                                {ColumnType::time, "time"},
                                                {ColumnType::quantity, "quantity"}}};

void append(std::string& out, std::string_view text) { out += fmt::format("{}:{}", text.size(), text); }

void append(std::string& out, const std::vector<std::string>& texts) {
    append(out, fmt::format("{}", texts.size()));
    for (const std::string& text : texts) append(out, text);
}

}  // namespace

const Value& FactTable::at(std::size_t row, std::string_view column) const {
    static const Value kNone;
    if (row >= rows.size()) return kNone;
    for (std::size_t i = 0; i < columns.size() && i < rows[row].size(); ++i)
        if (columns[i].name == column) return rows[row][i];
    return kNone;
}

std::string to_text(const Value& value) {
    struct Visitor {
        std::string operator()(std::monostate) const { return {}; }
        std::string operator()(std::int64_t number) const { return fmt::format("{}", number); }
        std::string operator()(bool flag) const { return flag ? "true" : "false"; }
        std::string operator()(const std::string& text) const { return text; }
        std::string operator()(Instant instant) const { return format_instant(instant); }
        std::string operator()(const Quantity& quantity) const { return format_micros(quantity.micros) + " " + quantity.unit; }
    };
    return std::visit(Visitor{}, value);
}

Result<Value> read_value(ColumnType type, std::string_view text) {
    switch (type) {
        case ColumnType::text: return Value{std::string{text}};
        case ColumnType::boolean:
            if (text == "true" || text == "false") return Value{text == "true"};
            return fail(Errc::invalid_input, fmt::format("'{}' is neither true nor false", clip(text)));
        case ColumnType::int64: {
            std::int64_t number = 0;
            const std::span<const char> digits{text};
            const auto [rest, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
            if (error == std::errc{} && rest == digits.data() + digits.size()) return Value{number};
            return fail(Errc::invalid_input, fmt::format("'{}' is not a whole number", clip(text)));
        }
        case ColumnType::time: {
            const auto time = parse_time(text);
            if (!time) return std::unexpected(time.error());
            return Value{time->instant};
        }
        case ColumnType::quantity: break;
    }
    return fail(Errc::invalid_input, fmt::format("a {} cannot be written as a text", to_string(type)));
}

std::string_view to_string(ColumnType type) noexcept { return name_of(kColumnType, type); }

Digest digest_of(const std::vector<FactTable>& facts) {
    std::string canonical;
    for (const FactTable& fact : facts) {
        append(canonical, fact.name);
        append(canonical, fact.arguments);
        append(canonical, fmt::format("{}x{}", fact.rows.size(), fact.columns.size()));
        for (const Column& column : fact.columns) {
            append(canonical, column.name);
            append(canonical, to_string(column.type));
        }
        for (const auto& row : fact.rows) {
            for (const Value& value : row) {
                append(canonical, fmt::format("{}", value.index()));
                append(canonical, to_text(value));
            }
        }
    }
    return sha256(canonical);
}

}  // namespace stemma
