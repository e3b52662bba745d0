// Text of rows that leave by the million: appended to a buffer that is used again, with a fast path for what needs no care. What a cell
// or a string holds comes from ERP users and may be anything.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/base/csv.hpp"

namespace stemma::http {

/// A JSON string with its quotes. Malformed UTF-8 and NUL become U+FFFD, as json::Writer has it.
void append_json(std::string& out, std::string_view text);
/// For each text the row {"id":text} and a line's end: the ones that leave by the million.
void append_id_rows(std::string& out, std::span<const std::string_view> texts);
void append_number(std::string& out, std::uint64_t value);

using stemma::append_cell;  // numbers are for append_number

}  // namespace stemma::http
