#include <fmt/format.h>
#include <xlsxwriter.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <optional>
#include <string_view>

#include "adapters/sheet/sheet.hpp"
#include "core/base/file.hpp"

namespace stemma::sheet {
namespace {

constexpr std::int64_t kExactMax = 999'999'999'999'999;  ///< 15 digits: what a spreadsheet's number holds exactly
constexpr double kEpochSerial = 25'569;                  ///< 1970-01-01 as a spreadsheet counts days
constexpr std::int64_t kFirstSecond = -2'203'891'200;    ///< 1900-03-01: before it spreadsheets disagree on the day
constexpr double kColumnWidth = 18;
constexpr double kAboutWidth = 40;

/// UTF-8 characters.
std::size_t characters(std::string_view text) noexcept {
    return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

Result<void> check_size(const FactTable& table) {
    if (table.rows.size() > kXlsxRowsMax)
        return fail(Errc::too_large, fmt::format("{} rows, a sheet of XLSX holds {}", table.rows.size(), kXlsxRowsMax), {}, "take csv");
    for (std::size_t row = 0; row < table.rows.size(); ++row)
        for (std::size_t i = 0; i < table.columns.size(); ++i)
            if (const auto* text = std::get_if<std::string>(&table.rows[row][i]); text != nullptr && text->size() > kXlsxCellMax)
                if (const std::size_t n = characters(*text); n > kXlsxCellMax)
                    return fail(Errc::too_large,
                                fmt::format("row {}, column '{}' has {} characters, a cell of XLSX holds {}", row + 1,
                                            table.columns[i].name, n, kXlsxCellMax),
                                {}, "take csv");
    return {};
}

/// Every time of the column is the beginning of a day.
bool dates_alone(const FactTable& table, std::size_t column) {
    return std::ranges::all_of(table.rows, [&](const auto& row) {
        const Instant* const time = std::get_if<Instant>(&row[column]);
        return time == nullptr || time->us % kMicrosPerDay == 0;
    });
}

struct Formats {
    lxw_format* title;
    lxw_format* date;
    lxw_format* time;
};

Formats formats_of(lxw_workbook* book) {
    const Formats out{workbook_add_format(book), workbook_add_format(book), workbook_add_format(book)};
    format_set_bold(out.title);
    format_set_num_format(out.date, "yyyy-mm-dd");
    format_set_num_format(out.time, "yyyy-mm-dd hh:mm:ss");
    return out;
}

/// The table's sheet, filled row by row: memory holds one row at a time.
class Filling {
public:
    Filling(lxw_worksheet* sheet, const FactTable& table, const Formats& formats) : sheet_{sheet}, table_{table} {
        for (std::size_t i = 0; i < table.columns.size(); ++i) {
            const bool is_time = table.columns[i].type == ColumnType::time;
            times_.push_back(!is_time ? nullptr : dates_alone(table, i) ? formats.date : formats.time);
        }
    }

    /// The last column.
    lxw_col_t titles(lxw_format* format) {
        lxw_col_t at = 0;
        for (const Column& column : table_.columns) {
            note(worksheet_write_string(sheet_, 0, at++, column.name.c_str(), format));
            if (column.type == ColumnType::quantity) note(worksheet_write_string(sheet_, 0, at++, (column.name + "_unit").c_str(), format));
        }
        return at == 0 ? at : static_cast<lxw_col_t>(at - 1);
    }

    void rows() {
        for (std::size_t row = 0; row < table_.rows.size(); ++row) {
            lxw_col_t at = 0;
            for (std::size_t i = 0; i < table_.columns.size(); ++i) cell(static_cast<lxw_row_t>(row + 1), at, table_.rows[row][i], i);
        }
    }

    [[nodiscard]] lxw_error error() const noexcept { return error_; }

private:
    void note(lxw_error error) noexcept {
        if (error_ == LXW_NO_ERROR) error_ = error;
    }
    void text(lxw_row_t row, lxw_col_t at, const std::string& value) {
        if (!value.empty()) note(worksheet_write_string(sheet_, row, at, value.c_str(), nullptr));
    }
    void number(lxw_row_t row, lxw_col_t at, double value, lxw_format* format) {
        note(worksheet_write_number(sheet_, row, at, value, format));
    }

    /// Writes a value's one or two cells and moves `at` on.
    void cell(lxw_row_t row, lxw_col_t& at, const Value& value, std::size_t column) {
        if (const auto* amount = std::get_if<Quantity>(&value)) {
            if (amount->micros >= -kExactMax && amount->micros <= kExactMax)
                number(row, at, static_cast<double>(amount->micros) / static_cast<double>(kQuantityScale), nullptr);
            else
                text(row, at, format_micros(amount->micros));
            text(row, static_cast<lxw_col_t>(at + 1), amount->unit);
        } else if (const auto* time = std::get_if<Instant>(&value); time != nullptr && time->us >= kFirstSecond * kMicrosPerSecond) {
            number(row, at, static_cast<double>(time->us) / static_cast<double>(kMicrosPerDay) + kEpochSerial, times_[column]);
        } else if (const auto* flag = std::get_if<bool>(&value)) {
            note(worksheet_write_boolean(sheet_, row, at, *flag ? 1 : 0, nullptr));
        } else if (const auto* whole = std::get_if<std::int64_t>(&value); whole != nullptr && *whole >= -kExactMax && *whole <= kExactMax) {
            number(row, at, static_cast<double>(*whole), nullptr);
        } else {
            text(row, at, to_text(value));
        }
        at = static_cast<lxw_col_t>(at + (table_.columns[column].type == ColumnType::quantity ? 2 : 1));
    }

    lxw_worksheet* sheet_;
    const FactTable& table_;
    std::vector<lxw_format*> times_;  ///< by column; null where it has no times
    lxw_error error_{LXW_NO_ERROR};
};

lxw_error fill_about(lxw_worksheet* sheet, const About& about, lxw_format* title) {
    lxw_error error = worksheet_set_column(sheet, 0, 1, kAboutWidth, nullptr);
    lxw_row_t row = 0;
    const auto line = [&](const std::string& name, const std::string& value) {
        if (error == LXW_NO_ERROR) error = worksheet_write_string(sheet, row, 0, name.c_str(), title);
        if (error == LXW_NO_ERROR && !value.empty()) error = worksheet_write_string(sheet, row, 1, value.c_str(), nullptr);
        ++row;
    };
    line("title", about.title);
    for (const auto& [name, value] : about.facts) line(name, value);
    return error;
}

/// Fills and closes the workbook; LXW_NO_ERROR when the file is whole.
lxw_error write_book(lxw_workbook* book, const FactTable& table, const About& about) {
    std::string title = about.title;
    lxw_doc_properties properties{};
    properties.title = title.data();
    properties.created = static_cast<time_t>(about.made_at.us / kMicrosPerSecond);
    lxw_error error = workbook_set_properties(book, &properties);
    const Formats formats = formats_of(book);
    lxw_worksheet* const sheet = workbook_add_worksheet(book, "Report");
    lxw_worksheet* const notes = workbook_add_worksheet(book, "About");
    if (sheet == nullptr || notes == nullptr) {
        (void)workbook_close(book);
        return LXW_ERROR_MEMORY_MALLOC_FAILED;
    }
    Filling filling{sheet, table, formats};
    const lxw_col_t last = filling.titles(formats.title);
    worksheet_freeze_panes(sheet, 1, 0);
    if (error == LXW_NO_ERROR) error = worksheet_set_column(sheet, 0, last, kColumnWidth, nullptr);
    if (error == LXW_NO_ERROR) error = worksheet_autofilter(sheet, 0, 0, static_cast<lxw_row_t>(table.rows.size()), last);
    filling.rows();
    if (error == LXW_NO_ERROR) error = filling.error();
    if (error == LXW_NO_ERROR) error = fill_about(notes, about, formats.title);
    const lxw_error closed = workbook_close(book);  // frees the book, whatever comes of it
    return error == LXW_NO_ERROR ? closed : error;
}

}  // namespace

Result<std::string> xlsx_of(const FactTable& table, const About& about) {
    if (auto fits = check_size(table); !fits) return std::unexpected(fits.error());
    const auto folder = ScratchFolder::make("stemma-sheet");
    if (!folder) return std::unexpected(folder.error());
    const std::string file = folder->path() / "report.xlsx";
    std::string scratch = folder->path();
    lxw_workbook_options options{};
    options.constant_memory = LXW_TRUE;
    options.tmpdir = scratch.data();
    options.use_zip64 = LXW_FALSE;
    lxw_workbook* const book = workbook_new_opt(file.c_str(), &options);
    if (book == nullptr) return fail(Errc::storage, "a workbook cannot be made: there is no memory");
    if (const lxw_error error = write_book(book, table, about); error != LXW_NO_ERROR)
        return fail(Errc::storage, fmt::format("the workbook cannot be written: {}", lxw_strerror(error)), scratch);
    std::ifstream in(file, std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    if (!in || bytes.empty()) return fail(Errc::storage, "the workbook cannot be read back", file);
    return bytes;
}

}  // namespace stemma::sheet
