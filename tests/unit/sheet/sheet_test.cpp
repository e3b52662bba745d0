// A table as CSV and XLSX: what comes out is read by another program's eyes (RFC 4180 by hand, Python's zip and XML readers).
#include "adapters/sheet/sheet.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <memory>

#include "core/base/file.hpp"

namespace stemma::sheet {
namespace {

FactTable one_column(ColumnType type, const std::vector<Value>& values) {
    FactTable table{"t", {}, {{"c", type}}, {}};
    for (const Value& value : values) table.rows.push_back({value});
    return table;
}

std::string text_cell(const std::string& text) {
    const std::string csv = csv_of(one_column(ColumnType::text, {Value{text}}));
    return csv.substr(3, csv.size() - 5);  // without "c\r\n" and the line's end
}

TEST(ReportCsv, writes_titles_rows_and_both_columns_of_an_amount) {
    const FactTable table{"t",
                          {},
                          {{"name", ColumnType::text},
                           {"count", ColumnType::int64},
                           {"ok", ColumnType::boolean},
                           {"at", ColumnType::time},
                           {"weight", ColumnType::quantity}},
                          {{Value{std::string{"tea, green"}}, Value{std::int64_t{-5}}, Value{true}, Value{Instant{86'400'000'000}},
                            Value{Quantity{1'500'000, "KGM"}}},
                           {Value{}, Value{}, Value{}, Value{}, Value{}}}};
    EXPECT_EQ(csv_of(table),
              "name,count,ok,at,weight,weight_unit\r\n"
              "\"tea, green\",-5,true,1970-01-02T00:00:00Z,1.5,KGM\r\n"
              ",,,,,\r\n");
}

TEST(ReportCsv, never_lets_a_text_become_a_formula) {
    for (const char* dangerous : {"=1+1", "+49 30", "-2+3", "@SUM(A1)",
                                  "\xEF\xBC\x9D"
                                  "1"})
        EXPECT_EQ(text_cell(dangerous), fmt::format("'{}", dangerous));
    EXPECT_EQ(text_cell("=HYPERLINK(\"x\",1)"), "\"'=HYPERLINK(\"\"x\"\",1)\"");
    EXPECT_EQ(text_cell("\tx"), "\"'\tx\"");
    EXPECT_EQ(text_cell("a=1"), "a=1");
}

TEST(ReportCsv, keeps_leading_zeros_and_blanks) {
    EXPECT_EQ(text_cell("00123"), "00123");
    EXPECT_EQ(text_cell(" x"), "\" x\"");
}

class Workbook : public ::testing::Test {
protected:
    /// "sheet|cell|type|content" lines.
    static std::string read(const std::string& bytes) {
        const auto folder = ScratchFolder::make("stemma-sheet-test");
        const std::string file = folder->path() / "t.xlsx";
        std::ofstream(file, std::ios::binary) << bytes;
        const std::string command = fmt::format("python3 {}/tests/unit/sheet/read_xlsx.py {} 2>&1", STEMMA_SOURCE_DIR, file);
        const std::unique_ptr<FILE, int (*)(FILE*)> pipe{popen(command.c_str(), "r"), pclose};
        std::string out;
        for (int c = std::fgetc(pipe.get()); c != EOF; c = std::fgetc(pipe.get())) out += static_cast<char>(c);
        return out;
    }
    static std::string cells(const FactTable& table) {
        const auto book = xlsx_of(table, {"Title", Instant{0}, {{"position", "7"}}});
        return book ? read(*book) : book.error().text();
    }
    static void expect_line(const std::string& all, const std::string& line) {
        EXPECT_NE(("\n" + all).find("\n" + line + "\n"), std::string::npos) << line << " is not in\n" << all;
    }
};

TEST_F(Workbook, holds_each_value_by_its_type) {
    const FactTable table{"t",
                          {},
                          {{"name", ColumnType::text},
                           {"count", ColumnType::int64},
                           {"ok", ColumnType::boolean},
                           {"day", ColumnType::time},
                           {"at", ColumnType::time},
                           {"weight", ColumnType::quantity}},
                          {{Value{std::string{"00123"}}, Value{std::int64_t{999'999'999'999'999}}, Value{true},
                            Value{Instant{1'772'323'200 * kMicrosPerSecond}}, Value{Instant{1'772'366'400 * kMicrosPerSecond}},
                            Value{Quantity{1'500'000, "KGM"}}},
                           {Value{std::string{"=1+1"}}, Value{std::int64_t{1'000'000'000'000'000}}, Value{}, Value{}, Value{}, Value{}}}};
    const std::string all = cells(table);
    expect_line(all, "Report|A1|text|name");
    expect_line(all, "Report|F1|text|weight");
    expect_line(all, "Report|G1|text|weight_unit");
    expect_line(all, "Report|A2|text|00123");
    expect_line(all, "Report|B2|n|999999999999999");
    expect_line(all, "Report|C2|b|1");
    expect_line(all, "Report|D2|yyyy-mm-dd|46082");  // 2026-03-01: 46,082 days after 1899-12-30
    expect_line(all, "Report|E2|yyyy-mm-dd hh:mm:ss|46082.5");
    expect_line(all, "Report|F2|n|1.5");
    expect_line(all, "Report|G2|text|KGM");
    expect_line(all, "Report|A3|text|=1+1");
    expect_line(all, "Report|B3|text|1000000000000000");
    EXPECT_EQ(all.find("FORMULA"), std::string::npos);
    EXPECT_EQ(all.find("|C3|"), std::string::npos) << "what is not known is an empty cell";
    expect_line(all, "About|A1|text|title");
    expect_line(all, "About|B1|text|Title");
    expect_line(all, "About|A2|text|position");
    expect_line(all, "About|B2|text|7");
}

TEST_F(Workbook, writes_days_before_march_1900_as_texts) {
    const std::string all = cells(one_column(
        ColumnType::time, {Value{Instant{-2'203'891'200 * kMicrosPerSecond}}, Value{Instant{-2'203'891'201 * kMicrosPerSecond}}}));
    expect_line(all, "Report|A2|yyyy-mm-dd hh:mm:ss|61");  // 1900-03-01 is day 61 in every spreadsheet
    expect_line(all, "Report|A3|text|1900-02-28T23:59:59Z");
}

TEST_F(Workbook, is_the_same_bytes_for_the_same_table) {
    const FactTable table = one_column(ColumnType::text, {Value{std::string{"x"}}});
    EXPECT_EQ(*xlsx_of(table, {"T", Instant{0}, {}}), *xlsx_of(table, {"T", Instant{0}, {}}));
    EXPECT_NE(*xlsx_of(table, {"T", Instant{0}, {}}), *xlsx_of(table, {"T", Instant{kMicrosPerDay}, {}}));
}

TEST_F(Workbook, refuses_a_cell_that_is_longer_than_spreadsheets_have_it_and_names_it) {
    std::string umlauts;
    for (std::size_t i = 0; i < kXlsxCellMax; ++i) umlauts += "\xC3\xA4";
    EXPECT_TRUE(xlsx_of(one_column(ColumnType::text, {Value{umlauts}}), {})) << "characters count, not bytes";
    const auto longer = xlsx_of(one_column(ColumnType::text, {Value{std::string{"a"}}, Value{umlauts + "x"}}), {});
    ASSERT_FALSE(longer);
    EXPECT_EQ(longer.error().code, Errc::too_large);
    EXPECT_EQ(longer.error().message, "row 2, column 'c' has 32768 characters, a cell of XLSX holds 32767");
}

TEST_F(Workbook, holds_as_many_rows_as_spreadsheets_do_and_no_more) {
    FactTable table = one_column(ColumnType::boolean, {});
    table.rows.assign(kXlsxRowsMax, {Value{}});
    EXPECT_TRUE(xlsx_of(table, {}));
    table.rows.push_back({Value{}});
    EXPECT_EQ(xlsx_of(table, {}).error().code, Errc::too_large);
}

}  // namespace
}  // namespace stemma::sheet
