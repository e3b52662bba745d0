#include "core/plugin_host/c_input.hpp"

#include <fmt/format.h>

#include <type_traits>
#include <utility>

namespace stemma {
namespace {

stm_type type_of(ColumnType type) {
    switch (type) {
        case ColumnType::int64: return STM_INT64;
        case ColumnType::boolean: return STM_BOOL;
        case ColumnType::text: return STM_TEXT;
        case ColumnType::time: return STM_TIME_US;
        case ColumnType::quantity: return STM_QUANTITY;
    }
    return STM_TEXT;
}

/// Fills the cell; false when the value is not of the column's type.
bool fill(stm_cell& cell, const Value& value, ColumnType type) {
    return std::visit(
        [&](const auto& held) {
            using Held = std::decay_t<decltype(held)>;
            if constexpr (std::is_same_v<Held, std::monostate>) {
                cell.is_null = 1;
                return true;
            } else if constexpr (std::is_same_v<Held, std::int64_t>) {
                cell.i = held;
                return type == ColumnType::int64;
            } else if constexpr (std::is_same_v<Held, bool>) {
                cell.i = held ? 1 : 0;
                return type == ColumnType::boolean;
            } else if constexpr (std::is_same_v<Held, std::string>) {
                cell.t = to_c(held);
                return type == ColumnType::text;
            } else if constexpr (std::is_same_v<Held, Instant>) {
                cell.i = held.us;
                return type == ColumnType::time;
            } else {
                cell.i = held.micros;
                cell.t = to_c(held.unit);
                return type == ColumnType::quantity;
            }
        },
        value);
}

}  // namespace

Result<CInputs> CInputs::from(std::span<const DecisionInput> inputs) {
    CInputs out;
    for (const DecisionInput& input : inputs)
        if (auto added = out.add(input); !added) return fail(std::move(added));
    return out;
}

Result<void> CInputs::add(const DecisionInput& input) {
    Input& slot = inputs_.emplace_back();
    for (const auto& [from, to] : {std::pair{&input.tables, &slot.tables}, std::pair{&input.facts, &slot.facts}}) {
        for (const FactTable& table : *from) {
            auto added = add(table);
            if (!added) return fail(std::move(added));
            to->push_back(*added);
        }
    }
    slot.c = {sizeof(stm_input), input.round, input.as_of.us, slot.tables.size(), slot.tables.data(), slot.facts.size(), slot.facts.data()};
    pointers_.push_back(&slot.c);
    return {};
}

Result<const stm_table*> CInputs::add(const FactTable& table) {
    Table& slot = tables_.emplace_back();
    for (const Column& column : table.columns) slot.columns.push_back({to_c(column.name), type_of(column.type), 0});
    slot.cells.reserve(table.rows.size() * table.columns.size());
    for (const auto& row : table.rows) {
        if (row.size() != table.columns.size())
            return fail(Errc::internal,
                        fmt::format("table '{}' has a row of {} values for {} columns", table.name, row.size(), table.columns.size()));
        for (std::size_t i = 0; i < row.size(); ++i) {
            slot.cells.emplace_back();
            if (!fill(slot.cells.back(), row[i], table.columns[i].type))
                return fail(Errc::internal, fmt::format("table '{}' has a value of another type in column '{}', which is {}", table.name,
                                                        table.columns[i].name, to_string(table.columns[i].type)));
        }
    }
    for (const std::string& argument : table.arguments) slot.args.push_back(to_c(argument));
    slot.c = {sizeof(stm_table), static_cast<std::uint32_t>(slot.columns.size()),
              to_c(table.name),  slot.columns.data(),
              table.rows.size(), slot.cells.data(),
              slot.args.data(),  slot.args.size()};
    return &slot.c;
}

CAttributes::CAttributes(const Attributes& attributes) {
    items_.reserve(attributes.size());
    for (const auto& [name, value] : attributes) items_.push_back({to_c(name), to_c(value)});
}

}  // namespace stemma
