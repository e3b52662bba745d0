// Cells of CSV files. What a cell holds comes from ERP users and may be anything.
#pragma once

#include <string>
#include <string_view>

namespace stemma {

/// One cell of a CSV file by RFC 4180: in quotes where it holds a separator (also ';' and TAB, which other countries' spreadsheets part
/// at), a quote or a line's end. A spreadsheet takes a cell for a formula that begins with = + - @, TAB, CR, LF, or a full-width = + - @:
/// such a text gets a ' in front, and so does one that begins like the last row ("#end"). Not for numbers.
void append_cell(std::string& out, std::string_view text);

}  // namespace stemma
