// Facts: what a rule, workflow or assessment asks the host for. A fact is a named table of typed columns; a scalar is 1 x 1.
// Pure values, comparable and digestible, so that a verdict can be replayed from the same facts years later.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/digest.hpp"
#include "core/base/quantity.hpp"
#include "core/base/time.hpp"

namespace stemma {

enum class ColumnType : unsigned char { int64, boolean, text, time, quantity };

/// monostate = no value.
using Value = std::variant<std::monostate, std::int64_t, bool, std::string, Instant, Quantity>;

struct Column {
    std::string name;
    ColumnType type{ColumnType::text};
    friend bool operator==(const Column&, const Column&) = default;
};

struct FactTable {
    std::string name;
    std::vector<std::string> arguments;  ///< of the request it answers; empty for an input table
    std::vector<Column> columns;
    std::vector<std::vector<Value>> rows;  ///< each row has one value per column, of the column's type or none
    friend bool operator==(const FactTable&, const FactTable&) = default;

    /// Value at (row, column name), or none where either does not exist.
    [[nodiscard]] const Value& at(std::size_t row, std::string_view column) const;
};

/// What a plugin's plan asks for: `item.dates("urn:stemma:tryton:lot:17")`.
struct FactRequest {
    std::string name;
    std::vector<std::string> arguments;
    friend auto operator<=>(const FactRequest&, const FactRequest&) = default;
};

/// A value as text, for people and for digests: "12", "true", "2026-03-01T10:00:00Z", "0.005 KGM"; none = "".
[[nodiscard]] std::string to_text(const Value& value);
/// The value that a person or a program wrote for a column of that type: "12", "true", "2026-03-01"; a quantity is not read. Errors:
/// Errc::invalid_input.
[[nodiscard]] Result<Value> read_value(ColumnType type, std::string_view text);
[[nodiscard]] std::string_view to_string(ColumnType type) noexcept;  ///< "int64", "bool", "text", "time", "quantity"

/// Digest over names, arguments, columns, types and values in order; length-prefixed, so that no two tables share one.
[[nodiscard]] Digest digest_of(const std::vector<FactTable>& facts);

}  // namespace stemma
