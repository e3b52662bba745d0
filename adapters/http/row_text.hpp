// Text of rows that leave by the million: appended to a buffer that is used again, with a fast path for what needs no care. What a cell
// or a string holds comes from ERP users and may be anything.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace stemma::http {

/// A JSON string with its quotes. Malformed UTF-8 and NUL become U+FFFD, as json::Writer has it.
void append_json(std::string& out, std::string_view text);
/// For each text the row {"id":text} and a line's end: the ones that leave by the million.
void append_id_rows(std::string& out, std::span<const std::string_view> texts);
void append_number(std::string& out, std::uint64_t value);

/// One cell of a CSV file by RFC 4180: in quotes where it holds a separator (also ';' and TAB, which other countries' spreadsheets part
/// at), a quote or a line's end. A spreadsheet takes a cell for a formula that begins with = + - @, TAB, CR, LF, or a full-width = + - @:
/// such a text gets a ' in front, and so does one that begins like the last row ("#end"). Numbers are for append_number.
void append_cell(std::string& out, std::string_view text);

}  // namespace stemma::http
