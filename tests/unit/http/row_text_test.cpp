// Cells and strings whatever ERP users wrote into them.
#include "adapters/http/row_text.hpp"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <vector>

#include "adapters/http/http.hpp"
#include "core/ledger/json_write.hpp"

namespace stemma::http {
namespace {

std::string cell(std::string_view text) {
    std::string out;
    append_cell(out, text);
    return out;
}
std::string json_text(std::string_view text) {
    std::string out;
    append_json(out, text);
    return out;
}

TEST(CsvCell, stands_as_it_is_when_it_is_plain) {
    for (const char* text : {"", "S4-L17", "urn:stemma:tryton:lot:118", "a=b", "1-2", "Ø-ŁÓD/7", "it's", "#ending", "# end"})
        EXPECT_EQ(cell(text), std::string_view{text} == "#ending" ? "'#ending" : text);
}

// RFC 4180 section 2, rules 5 to 7.
TEST(CsvCell, is_quoted_where_it_holds_a_separator_a_quote_or_a_line_end) {
    EXPECT_EQ(cell("a,b"), R"("a,b")");
    EXPECT_EQ(cell("a;b"), R"("a;b")");
    EXPECT_EQ(cell("a\tb"), "\"a\tb\"");
    EXPECT_EQ(cell(R"(say "x")"), R"("say ""x""")");
    EXPECT_EQ(cell(R"(")"), R"("""")");
    EXPECT_EQ(cell("a\r\nb"), "\"a\r\nb\"");
    EXPECT_EQ(cell("a\nb"), "\"a\nb\"");
    EXPECT_EQ(cell(" a"), R"(" a")");
    EXPECT_EQ(cell("a "), R"("a ")");
}

// OWASP, "CSV Injection": = + - @ TAB CR LF and the full-width variants.
TEST(CsvCell, is_never_a_formula) {
    EXPECT_EQ(cell("=1+1"), "'=1+1");
    EXPECT_EQ(cell("+1"), "'+1");
    EXPECT_EQ(cell("-1"), "'-1");
    EXPECT_EQ(cell("@SUM(A1)"), "'@SUM(A1)");
    EXPECT_EQ(cell("\t=1"), "\"'\t=1\"");
    EXPECT_EQ(cell("\r=1"), "\"'\r=1\"");
    EXPECT_EQ(cell("\n=1"), "\"'\n=1\"");
    EXPECT_EQ(cell("\uFF1D1"), "'\uFF1D1");
    EXPECT_EQ(cell("\uFF0B1"), "'\uFF0B1");
    EXPECT_EQ(cell("\uFF0D1"), "'\uFF0D1");
    EXPECT_EQ(cell("\uFF201"), "'\uFF201");
    EXPECT_EQ(cell("=cmd|' /C calc'!A0"), "'=cmd|' /C calc'!A0");
    EXPECT_EQ(cell("=HYPERLINK(\"http://a.example\",\"x\")"), "\"'=HYPERLINK(\"\"http://a.example\"\",\"\"x\"\")\"");
    EXPECT_EQ(cell("x\";=1+1;\""), "\"x\"\";=1+1;\"\"\"");  // does not get out of its quotes
    EXPECT_EQ(cell("#end items=0 complete=true"), "'#end items=0 complete=true");
}

/// Reads one line of CSV by RFC 4180, written apart from the writer: the cells of it.
std::vector<std::string> read_line(std::string_view line) {
    std::vector<std::string> cells{""};
    bool in_quotes = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '"' && in_quotes && i + 1 < line.size() && line[i + 1] == '"') {
            cells.back() += '"';
            ++i;
        } else if (line[i] == '"') {
            in_quotes = !in_quotes;
        } else if (line[i] == ',' && !in_quotes) {
            cells.emplace_back();
        } else {
            cells.back() += line[i];
        }
    }
    return cells;
}

TEST(CsvCell, is_read_back_as_it_was_but_for_the_mark) {
    std::mt19937 random{7};  // NOLINT(bugprone-random-generator-seed): the same texts every time
    const std::string_view letters = "=+-@\t\r\n,;\" 'a1#end";
    for (int round = 0; round < 20'000; ++round) {
        std::string text(random() % 8, ' ');
        for (char& c : text) c = letters[random() % letters.size()];
        const auto cells = read_line(cell(text) + ",next");
        ASSERT_EQ(cells.size(), 2U) << text;
        EXPECT_EQ(cells[1], "next");
        const bool dangerous = !text.empty() && (std::string_view{"=+-@\t\r\n"}.contains(text.front()) || text.starts_with("#end"));
        EXPECT_EQ(cells[0], (dangerous ? "'" : "") + text);
    }
}

TEST(JsonText, is_what_the_ledgers_writer_makes_of_it) {
    std::mt19937 random{11};  // NOLINT(bugprone-random-generator-seed)
    const auto by_writer = [](std::string_view text) {
        json::Writer out;
        out.string(text);
        return out.take();
    };
    for (int byte = 0; byte < 256; ++byte)  // each byte at each place of a word and behind it
        for (std::size_t place = 0; place < 11; ++place) {
            std::string text(11, 'a');
            text[place] = static_cast<char>(byte);
            ASSERT_EQ(json_text(text), by_writer(text)) << byte << " at " << place;
        }
    for (int round = 0; round < 20'000; ++round) {
        std::string text(random() % 20, ' ');
        for (char& c : text) c = static_cast<char>(random() % (round % 2 == 0 ? 256 : 127));
        ASSERT_EQ(json_text(text), by_writer(text));
    }
    EXPECT_EQ(json_text(R"(a"b\c)"), R"("a\"b\\c")");
    EXPECT_EQ(json_text("Ø-ŁÓD"), "\"Ø-ŁÓD\"");
    EXPECT_EQ(json_text(""), R"("")");
}

TEST(IdRows, are_objects_of_one_text_each) {
    const std::array<std::string_view, 3> ids{"urn:example:1", R"(urn:"2)", "a"};
    std::string rows = "before\n";
    append_id_rows(rows, ids);
    EXPECT_EQ(rows, "before\n{\"id\":\"urn:example:1\"}\n{\"id\":\"urn:\\\"2\"}\n{\"id\":\"a\"}\n");
    append_id_rows(rows, {});
    EXPECT_TRUE(rows.ends_with("{\"id\":\"a\"}\n"));
}

TEST(IdRows, hold_each_text_as_the_ledgers_writer_has_it) {
    std::mt19937 random{13};  // NOLINT(bugprone-random-generator-seed)
    for (int round = 0; round < 2'000; ++round) {
        std::vector<std::string> texts(random() % 40);
        for (std::string& text : texts) {
            text.assign(random() % 40, ' ');
            const bool plain = random() % 4 != 0;
            for (char& c : text) c = static_cast<char>(plain ? 'a' + random() % 26 : random() % 256);
        }
        std::string expected;
        for (const std::string& text : texts) {
            json::Writer out;
            out.begin_object();
            out.key("id");
            out.string(text);
            out.end_object();
            expected += out.take() + '\n';
        }
        const std::vector<std::string_view> views{texts.begin(), texts.end()};
        std::string rows;
        append_id_rows(rows, views);
        ASSERT_EQ(rows, expected);
    }
}

}  // namespace
}  // namespace stemma::http
