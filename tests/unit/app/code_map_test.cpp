// Code maps: what a row says, and that a wrong one is named with its line and column.
#include "core/app/code_map.hpp"

#include <gtest/gtest.h>

namespace stemma::app {
namespace {

const std::vector<std::string> kSources{"factory", "sales"};

std::vector<std::string> mistakes_in(std::string_view text) {
    std::vector<std::string> where;
    const auto rows = read_code_map(text, "codes.csv", kSources);
    if (rows) return where;
    for (const Error& error : rows.error()) where.push_back(error.where);
    return where;
}

TEST(CodeMap, reads_rows_with_and_without_heading_quotes_and_line_ends_of_both_kinds) {
    for (const std::string_view text : {std::string_view{"source,sku,source,sku\nfactory,\"A,1\",sales,\"say \"\"B\"\"\"\n"},
                                        std::string_view{"\xEF\xBB\xBF"
                                                         "factory,\"A,1\",sales,\"say \"\"B\"\"\"\r\n\r\n"},
                                        std::string_view{"\nfactory,\"A,1\",sales,\"say \"\"B\"\"\""}}) {
        const auto rows = read_code_map(text, "codes.csv", kSources);
        ASSERT_TRUE(rows) << rows.error().front().text();
        ASSERT_EQ(rows->size(), 1U);
        EXPECT_EQ(rows->front().source, "factory");
        EXPECT_EQ(rows->front().sku, "A,1");
        EXPECT_EQ(rows->front().other_source, "sales");
        EXPECT_EQ(rows->front().other_sku, "say \"B\"");
        EXPECT_EQ(rows->front().rule, MeetingRule::code_map);
    }
    EXPECT_EQ(read_code_map("source,sku,source,sku\nfactory,A,sales,B\n", "codes.csv", kSources)->front().where, "codes.csv:2");
    EXPECT_TRUE(read_code_map("", "codes.csv", kSources)->empty());
}

TEST(CodeMap, names_every_wrong_row_with_its_line_and_column) {
    EXPECT_EQ(mistakes_in("factory,A,sales,B\nfactory,A,sale,B\n"), (std::vector<std::string>{"codes.csv:2:11"}));
    EXPECT_EQ(mistakes_in("fabrik,A,sales,B\nfactory,,sales,B\n"), (std::vector<std::string>{"codes.csv:1:1", "codes.csv:2:9"}));
    EXPECT_EQ(mistakes_in("factory,A,sales\n"), (std::vector<std::string>{"codes.csv:1:11"}));
    EXPECT_EQ(mistakes_in("factory,A,sales,B,C\n"), (std::vector<std::string>{"codes.csv:1:19"}));
    EXPECT_EQ(mistakes_in("factory,A,factory,B\n"), (std::vector<std::string>{"codes.csv:1:11"}));
    EXPECT_EQ(mistakes_in("factory,\"A,sales,B\n"), (std::vector<std::string>{"codes.csv:1:9"}));
    EXPECT_EQ(mistakes_in("factory,\"A\"x,sales,B\n"), (std::vector<std::string>{"codes.csv:1:12"}));
    EXPECT_EQ(mistakes_in("factory,\xFF,sales,B\n"), (std::vector<std::string>{"codes.csv"}));
}

}  // namespace
}  // namespace stemma::app
