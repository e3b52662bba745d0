#include "core/cli/table.hpp"

#include <gtest/gtest.h>

namespace stemma::cli {
namespace {

const Look kPipe{};

Table two_columns() { return Table{{{"place"}, {"items", Align::right}}}; }

TEST(Table, aligns_texts_left_and_numbers_right) {
    Table table = two_columns();
    table.add({"Transit", "3"});
    table.add({"Main", "1,842"});
    EXPECT_EQ(table.text(kPipe, 2),
              "  place    items\n"
              "  Transit      3\n"
              "  Main     1,842\n");
}

TEST(Table, counts_code_points_not_bytes) {
    Table table = two_columns();
    table.add({"Łódź", "1"});  // four letters in seven bytes
    table.add({"Main", "2"});
    EXPECT_EQ(table.text(kPipe, 0),
              "place  items\n"
              "Łódź       1\n"
              "Main       2\n");
}

TEST(Table, leaves_out_a_column_that_holds_nothing) {
    Table table{{{"item"}, {"code"}, {"items", Align::right}}};
    table.add({"A", "", "1"});
    EXPECT_EQ(table.text(kPipe, 0), "item  items\nA         1\n");
}

TEST(Table, ends_no_line_with_blanks) {
    Table table{{{"a"}, {"b"}, {"c", Align::right}}};
    table.add({"1", "", ""});
    table.add({"1", "2", ""});
    table.add({"", "", "3"});
    EXPECT_EQ(table.text(kPipe, 0), "a  b  c\n1\n1  2\n      3\n");
}

TEST(Table, without_rows_is_no_text) { EXPECT_EQ(two_columns().text(kPipe), ""); }

TEST(Table, without_titles_has_no_title_line) {
    Table table{{{""}, {""}}};
    table.add({"id", "17"});
    EXPECT_EQ(table.text(kPipe, 1), " id  17\n");
}

TEST(Table, never_cuts_a_cell_in_a_pipe) {
    const std::string longest(5000, 'x');
    Table table = two_columns();
    table.add({longest, "1"});
    EXPECT_NE(table.text(kPipe).find(longest), std::string::npos);
}

TEST(Table, cuts_the_widest_text_so_that_a_row_fits_the_terminal) {
    Table table{{{"a"}, {"b"}}};
    table.add({"0123456789", "0123456789abcdef"});
    // 10 + 2 + 16 = 28 columns; at 25 the wider column gives three.
    EXPECT_EQ(table.text({false, 28}, 0), "a           b\n0123456789  0123456789abcdef\n");
    EXPECT_EQ(table.text({false, 25}, 0), "a           b\n0123456789  0123456789ab…\n");
}

TEST(Table, keeps_numbers_whole_and_a_few_letters_of_each_text) {
    Table table = two_columns();
    table.add({"0123456789", "123,456,789"});
    EXPECT_EQ(table.text({false, 5}, 0), "place           items\n0123456…  123,456,789\n");
}

// Bidi_Control of the Unicode Character Database (PropList.txt): 061C, 200E..200F, 202A..202E, 2066..2069; and the separators 2028, 2029.
TEST(Printable, replaces_what_shows_a_text_in_another_order) {
    for (const char* c : {"\u061C", "\u200E", "\u200F", "\u2028", "\u2029", "\u202A", "\u202B", "\u202C", "\u202D", "\u202E", "\u2066",
                          "\u2067", "\u2068", "\u2069"})
        EXPECT_EQ(printable(std::string{"LOT"} + c + "71"), "LOT?71") << static_cast<int>(c[2]);
    for (const char* c :
         {"\u061B", "\u061D", "\u200D", "\u2010", "\u2027", "\u202F", "\u2065", "\u206A", "\u20AC", "\u00A0", "\u00C2", "\u2266"})
        EXPECT_EQ(printable(std::string{"LOT"} + c + "71"), std::string{"LOT"} + c + "71");
}

TEST(Printable, replaces_c0_del_and_c1) {
    for (int c = 1; c < 0x20; ++c)
        if (c != '\t' && c != '\n' && c != '\r') {
            EXPECT_EQ(printable(std::string{"a"} + static_cast<char>(c)), "a?") << c;
        }
    EXPECT_EQ(printable("a\x7F"), "a?");
    for (int c = 0x80; c < 0xA0; ++c) EXPECT_EQ(printable(std::string{"a\xC2"} + static_cast<char>(c) + "b"), "a?b") << c;
    EXPECT_EQ(printable("cut \xE2\x80"), "cut \xE2\x80");  // half a character at the end is passed on
}

TEST(Table, lets_no_control_character_of_the_data_reach_a_terminal) {
    Table table{{{"name"}}};
    table.add(
        {"a\x1b[31mb\nc\xc2\x9b"
         "d"});
    EXPECT_EQ(table.text(kPipe, 0), "name\na?[31mb c?d\n");
}

TEST(Table, paints_only_where_colours_are_on) {
    Table table{{{""}}};
    table.add({Cell{"ok", Tone::good}});
    EXPECT_EQ(table.text(kPipe, 0), "ok\n");
    EXPECT_EQ(table.text({true, 0}, 0), "\x1b[32mok\x1b[0m\n");
}

TEST(CutTo, keeps_what_fits_and_marks_what_does_not) {
    EXPECT_EQ(cut_to("Łódź", 4), "Łódź");
    EXPECT_EQ(cut_to("Łódź", 3), "Łó…");
    EXPECT_EQ(cut_to("Łódź", 1), "…");
    EXPECT_EQ(cut_to("Łódź", 0), "");
}

}  // namespace
}  // namespace stemma::cli
