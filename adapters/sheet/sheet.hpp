// A typed table as a file for spreadsheets. What a cell holds comes from ERP users and may be anything: a text never becomes a formula and
// keeps its leading zeros. An amount takes two columns, NAME and NAME_unit, so that it can be reckoned with.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "core/domain/fact.hpp"

namespace stemma::sheet {

inline constexpr std::size_t kXlsxRowsMax = 1'048'575;  ///< rows of a sheet below its titles, as spreadsheets have it
inline constexpr std::size_t kXlsxCellMax = 32'767;     ///< characters of one cell

/// RFC 4180, UTF-8, a title line first, CRLF. Times by RFC 3339 in UTC. A text that a spreadsheet would take for a formula gets a ' in
/// front (core/base/csv.hpp).
[[nodiscard]] std::string csv_of(const FactTable& table);

/// What a workbook says of itself.
struct About {
    std::string title;
    Instant made_at;                                         ///< the file's own time: the same table gives the same bytes
    std::vector<std::pair<std::string, std::string>> facts;  ///< name, value: the sheet "About"
};

/// A workbook of two sheets: the table, with titles that stay in view and filters; and "About". Numbers up to 15 digits are numbers, longer
/// ones texts; times are dates in UTC, those before March 1900 texts. Errors: Errc::too_large where a sheet or cell cannot hold it,
/// Errc::storage where its temporary file cannot be written.
[[nodiscard]] Result<std::string> xlsx_of(const FactTable& table, const About& about);

}  // namespace stemma::sheet
