#include "core/cli/table.hpp"

#include <algorithm>
#include <numeric>

namespace stemma::cli {
namespace {

constexpr std::size_t kGap = 2;  ///< blanks between two columns

}  // namespace

void Table::add(std::vector<Cell> cells) {
    for (Cell& cell : cells) cell.text = printable(cell.text);
    cells.resize(columns_.size(), Cell{""});
    rows_.push_back(std::move(cells));
}

/// Natural widths, 0 for an empty column; on a terminal the widest left-aligned column gives way, column by column, until a row fits.
std::vector<std::size_t> Table::widths(const Look& look, std::size_t indent) const {
    std::vector<std::size_t> widths(columns_.size(), 0);
    for (const std::vector<Cell>& row : rows_)
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i].text));
    for (std::size_t i = 0; i < widths.size(); ++i)
        if (widths[i] > 0) widths[i] = std::max(widths[i], width_of(columns_[i].title));
    if (look.width == 0) return widths;
    const auto used = static_cast<std::size_t>(std::ranges::count_if(widths, [](std::size_t width) { return width > 0; }));
    std::size_t total = std::accumulate(widths.begin(), widths.end(), indent + (used > 0 ? (used - 1) * kGap : 0));
    while (total > look.width) {
        std::size_t widest = columns_.size();
        for (std::size_t i = 0; i < widths.size(); ++i)
            if (columns_[i].align == Align::left && widths[i] > kColumnMin && (widest == columns_.size() || widths[i] > widths[widest]))
                widest = i;
        if (widest == columns_.size()) break;
        --widths[widest];
        --total;
    }
    return widths;
}

void Table::add_line(std::string& out, const Look& look, const std::vector<Cell>& cells, const std::vector<std::size_t>& widths,
                     std::size_t indent) const {
    std::string line(indent, ' ');
    std::size_t owed = 0;  // blanks that only a later cell needs
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (widths[i] == 0) continue;
        const std::string text = cut_to(cells[i].text, widths[i]);
        const std::size_t rest = widths[i] - width_of(text);
        const bool right = columns_[i].align == Align::right;
        if (!text.empty()) line += std::string(owed + (right ? rest : 0), ' ') + paint(look, cells[i].tone, text);
        owed = (text.empty() ? owed + widths[i] : right ? 0 : rest) + kGap;
    }
    out += line + '\n';
}

std::string Table::text(const Look& look, std::size_t indent) const {
    if (rows_.empty()) return {};
    const std::vector<std::size_t> widths = this->widths(look, indent);
    std::vector<Cell> titles;
    titles.reserve(columns_.size());
    for (const Column& column : columns_) titles.emplace_back(column.title, Tone::strong);
    std::string out;
    const bool titled = std::ranges::any_of(columns_, [](const Column& column) { return !column.title.empty(); });
    if (titled) add_line(out, look, titles, widths, indent);
    for (const std::vector<Cell>& row : rows_) add_line(out, look, row, widths, indent);
    return out;
}

}  // namespace stemma::cli
