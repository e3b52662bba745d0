// Aligned columns of text. Widths are counted in UTF-8 code points; a column that holds nothing is left out.
#pragma once

#include <string>
#include <vector>

#include "core/cli/screen.hpp"

namespace stemma::cli {

enum class Align : unsigned char { left, right };

struct Column {
    std::string title;
    Align align{Align::left};
};

struct Cell {
    Cell(std::string t) : text{std::move(t)} {}  // NOLINT(google-explicit-constructor): a text is a cell
    Cell(const char* t) : text{t} {}             // NOLINT(google-explicit-constructor): a text is a cell
    Cell(std::string t, Tone in) : text{std::move(t)}, tone{in} {}
    std::string text;
    Tone tone{Tone::plain};
};

class Table {
public:
    explicit Table(std::vector<Column> columns) : columns_{std::move(columns)} {}
    /// One cell per column. Cells pass printable(); blanks in front of a text stay, so that a cell can be indented.
    void add(std::vector<Cell> cells);
    [[nodiscard]] bool empty() const noexcept { return rows_.empty(); }
    /// Titles and rows, each line indented and ended. On a terminal left-aligned cells are cut so that a row fits its width;
    /// columns are never made narrower than kColumnMin. No rows give no text.
    [[nodiscard]] std::string text(const Look& look, std::size_t indent = 2) const;

private:
    [[nodiscard]] std::vector<std::size_t> widths(const Look& look, std::size_t indent) const;
    void add_line(std::string& out, const Look& look, const std::vector<Cell>& cells, const std::vector<std::size_t>& widths,
                  std::size_t indent) const;

    std::vector<Column> columns_;
    std::vector<std::vector<Cell>> rows_;
};

inline constexpr std::size_t kColumnMin = 8;  ///< columns of text that a cut cell keeps

}  // namespace stemma::cli
