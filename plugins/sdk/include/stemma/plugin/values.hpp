// Values and tables as a C++ author sees them: owned ones to give (Value, Field), borrowed views to read (Cell, Table, Input).
// A view is valid until the call it was passed to returns; nothing here may be stored in the instance.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "stemma/plugin/abi.h"

namespace stemma::sdk {

[[nodiscard]] constexpr std::string_view view(stm_text text) noexcept {
    return text.size == 0 ? std::string_view{} : std::string_view{text.data, text.size};
}
[[nodiscard]] constexpr stm_text c_text(std::string_view text) noexcept { return {text.data(), text.size()}; }

// NOLINTNEXTLINE(performance-enum-size): as wide as stm_type, so that it crosses the border as it is
enum class Type : std::int32_t { int64 = STM_INT64, boolean = STM_BOOL, text = STM_TEXT, time_us = STM_TIME_US, quantity = STM_QUANTITY };

/// A typed value that the plugin owns; made by one of the named functions.
class Value {
public:
    [[nodiscard]] static Value integer(std::int64_t value) { return {Type::int64, false, value, {}}; }
    [[nodiscard]] static Value flag(bool value) { return {Type::boolean, false, value ? 1 : 0, {}}; }
    [[nodiscard]] static Value text(std::string_view value) { return {Type::text, false, 0, std::string(value)}; }
    /// Microseconds since the Unix epoch, UTC.
    [[nodiscard]] static Value time_us(std::int64_t value) { return {Type::time_us, false, value, {}}; }
    /// Millionths of `unit` (UN/CEFACT Recommendation 20: "KGM", "C62").
    [[nodiscard]] static Value quantity(std::int64_t micros, std::string_view unit) {
        return {Type::quantity, false, micros, std::string(unit)};
    }
    [[nodiscard]] static Value null(Type type) { return {type, true, 0, {}}; }

    [[nodiscard]] Type type() const noexcept { return type_; }
    [[nodiscard]] bool is_null() const noexcept { return null_; }
    [[nodiscard]] std::int64_t as_integer() const { return number(Type::int64); }
    [[nodiscard]] bool as_flag() const { return number(Type::boolean) != 0; }
    [[nodiscard]] std::int64_t as_time_us() const { return number(Type::time_us); }
    [[nodiscard]] std::int64_t micros() const { return number(Type::quantity); }
    [[nodiscard]] const std::string& unit() const { return words(Type::quantity); }
    [[nodiscard]] const std::string& as_text() const { return words(Type::text); }

    /// Borrowed from this value.
    [[nodiscard]] stm_cell c_cell() const noexcept { return {static_cast<std::uint8_t>(null_ ? 1 : 0), {}, number_, c_text(text_)}; }
    [[nodiscard]] static Value from_c(stm_type type, const stm_cell& cell) {
        return {static_cast<Type>(type), cell.is_null != 0, cell.i, std::string(view(cell.t))};
    }

    friend bool operator==(const Value&, const Value&) = default;

private:
    Value(Type type, bool null, std::int64_t number, std::string text)
        : type_{type}, null_{null}, number_{number}, text_{std::move(text)} {}

    void want(Type type) const {
        if (type_ != type || null_) throw std::invalid_argument("a value has another type than the plugin reads, or is null");
    }
    [[nodiscard]] std::int64_t number(Type type) const {
        want(type);
        return number_;
    }
    [[nodiscard]] const std::string& words(Type type) const {
        want(type);
        return text_;
    }

    Type type_;
    bool null_;
    std::int64_t number_;
    std::string text_;
};

/// Named texts: the fields of a case, of a command or of a number to be made.
using Attributes = std::map<std::string, std::string, std::less<>>;

/// The value of that name, or the fallback where there is none.
[[nodiscard]] inline std::string_view text_of(const Attributes& attributes, std::string_view name,
                                              std::string_view fallback = {}) noexcept {
    const auto found = attributes.find(name);
    return found == attributes.end() ? fallback : std::string_view(found->second);
}

/// A named, typed value: an answer.
struct Field {
    std::string name;
    Value value;

    friend bool operator==(const Field&, const Field&) = default;
};

/// A column that a plugin declares: an answer's key, a command's field.
struct Column {
    std::string name;
    Type type{Type::text};
    bool required{false};
};

/// One cell of a table. Reading it as another type than its column's, or a null as a value, throws (the call then counts as failed).
class Cell {
public:
    Cell(const stm_cell& cell, stm_type type) : cell_{&cell}, type_{static_cast<Type>(type)} {}

    [[nodiscard]] Type type() const noexcept { return type_; }
    [[nodiscard]] bool is_null() const noexcept { return cell_->is_null != 0; }
    [[nodiscard]] std::int64_t as_integer() const { return want(Type::int64).i; }
    [[nodiscard]] bool as_flag() const { return want(Type::boolean).i != 0; }
    [[nodiscard]] std::string_view as_text() const { return view(want(Type::text).t); }
    [[nodiscard]] std::int64_t as_time_us() const { return want(Type::time_us).i; }
    [[nodiscard]] std::int64_t micros() const { return want(Type::quantity).i; }
    [[nodiscard]] std::string_view unit() const { return view(want(Type::quantity).t); }
    [[nodiscard]] std::string_view text_or(std::string_view fallback) const { return is_null() ? fallback : as_text(); }
    [[nodiscard]] Value value() const { return Value::from_c(static_cast<stm_type>(type_), *cell_); }

private:
    [[nodiscard]] const stm_cell& want(Type type) const {
        if (type_ != type) throw std::invalid_argument("a cell has another type than the plugin reads");
        if (is_null()) throw std::invalid_argument("a cell that the plugin needs is null");
        return *cell_;
    }

    const stm_cell* cell_;
    Type type_;
};

/// A borrowed table.
class Table {
public:
    explicit Table(const stm_table& table) : table_{&table} {}

    [[nodiscard]] std::string_view name() const noexcept { return view(table_->name); }
    [[nodiscard]] std::size_t rows() const noexcept { return static_cast<std::size_t>(table_->n_rows); }
    [[nodiscard]] std::size_t columns() const noexcept { return table_->n_columns; }
    [[nodiscard]] std::string_view column_name(std::size_t column) const noexcept { return view(table_->columns[column].name); }
    [[nodiscard]] std::optional<std::size_t> find_column(std::string_view name) const noexcept {
        for (std::size_t i = 0; i < columns(); ++i)
            if (column_name(i) == name) return i;
        return std::nullopt;
    }
    /// A fact: the arguments it was asked with. An input table has none.
    [[nodiscard]] std::size_t args() const noexcept { return table_->n_args; }
    [[nodiscard]] std::string_view arg(std::size_t index) const {
        if (index >= args()) throw std::out_of_range("fact '" + std::string(name()) + "' has no such argument");
        return view(table_->args[index]);
    }
    [[nodiscard]] bool has_args(std::span<const std::string_view> wanted) const noexcept {
        if (wanted.size() != args()) return false;
        for (std::size_t i = 0; i < args(); ++i)
            if (view(table_->args[i]) != wanted[i]) return false;
        return true;
    }
    /// Throws std::out_of_range past the edge.
    [[nodiscard]] Cell at(std::size_t row, std::size_t column) const {
        if (row >= rows() || column >= columns()) throw std::out_of_range("table '" + std::string(name()) + "' has no such cell");
        return {table_->cells[row * columns() + column], table_->columns[column].type};
    }
    /// Throws std::out_of_range when the table has no such column.
    [[nodiscard]] Cell at(std::size_t row, std::string_view column) const {
        const auto index = find_column(column);
        if (!index) throw std::out_of_range("table '" + std::string(name()) + "' has no column '" + std::string(column) + "'");
        return at(row, *index);
    }

private:
    const stm_table* table_;
};

/// One thing to be judged, assessed or acted on, with the facts answered so far.
class Input {
public:
    explicit Input(const stm_input& input) : input_{&input} {}

    /// "Now" for this question, in microseconds UTC; the only clock there is.
    [[nodiscard]] std::int64_t as_of_us() const noexcept { return input_->as_of_us; }
    [[nodiscard]] std::uint32_t round() const noexcept { return input_->round; }
    [[nodiscard]] std::optional<Table> find_table(std::string_view name) const noexcept {
        for (std::size_t i = 0; i < input_->n_tables; ++i)
            if (view(input_->tables[i]->name) == name) return Table{*input_->tables[i]};
        return std::nullopt;
    }
    /// Throws std::out_of_range when the input has no such table.
    [[nodiscard]] Table table(std::string_view name) const {
        if (const auto found = find_table(name)) return *found;
        throw std::out_of_range("the input has no table '" + std::string(name) + "'");
    }
    [[nodiscard]] std::size_t facts() const noexcept { return input_->n_facts; }
    [[nodiscard]] Table fact(std::size_t index) const {
        if (index >= facts()) throw std::out_of_range("the input has no such fact");
        return Table{*input_->facts[index]};
    }
    /// The fact asked for with exactly these arguments; none = not asked yet. `find_fact("item.dates", {item})`.
    [[nodiscard]] std::optional<Table> find_fact(std::string_view name, std::initializer_list<std::string_view> args = {}) const noexcept {
        for (std::size_t i = 0; i < facts(); ++i)
            if (const Table candidate{*input_->facts[i]}; candidate.name() == name && candidate.has_args({args.begin(), args.size()}))
                return candidate;
        return std::nullopt;
    }

private:
    const stm_input* input_;
};

/// What plan gives: "I need this fact with these arguments before I can answer."
struct FactRequest {
    std::string fact;  ///< one of Info::facts
    std::vector<std::string> args;
};

}  // namespace stemma::sdk
