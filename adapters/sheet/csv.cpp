#include "core/base/csv.hpp"

#include "adapters/sheet/sheet.hpp"

namespace stemma::sheet {
namespace {

constexpr std::string_view kLineEnd = "\r\n";

void append_value(std::string& out, const Value& value, ColumnType type) {
    if (type == ColumnType::quantity) {
        const Quantity* const amount = std::get_if<Quantity>(&value);
        if (amount != nullptr) out += format_micros(amount->micros);
        out += ',';
        if (amount != nullptr) append_cell(out, amount->unit);
    } else if (const std::string* text = std::get_if<std::string>(&value)) {
        append_cell(out, *text);
    } else {
        out += to_text(value);  // digits, a date, true, false: nothing that needs care
    }
}

}  // namespace

std::string csv_of(const FactTable& table) {
    std::string out;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        if (i > 0) out += ',';
        append_cell(out, table.columns[i].name);
        if (table.columns[i].type != ColumnType::quantity) continue;
        out += ',';
        append_cell(out, table.columns[i].name + "_unit");
    }
    out += kLineEnd;
    for (const auto& row : table.rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (i > 0) out += ',';
            append_value(out, row[i], table.columns[i].type);
        }
        out += kLineEnd;
    }
    return out;
}

}  // namespace stemma::sheet
