// stm.report/0 through the real loader: rows arrive as typed values, and no row that cannot be right is ever believed.
#include "tests/unit/plugin_host/fixture.hpp"

namespace stemma {
namespace {

class Reports : public PluginFolder {
protected:
    std::shared_ptr<const Generation> load(const std::string& animal) {
        put(animal);
        auto host = start({want(animal)});
        EXPECT_TRUE(host) << host.error().text();
        return host ? (*host)->current_generation() : nullptr;
    }
    static DecisionInput about(const std::string& item) {
        return {Instant{86'400'000'000},
                {{"subject", {}, {{"item", ColumnType::text}}, {{Value{item}}}},
                 {"parameters",
                  {},
                  {{"share", ColumnType::int64}, {"word", ColumnType::text}},
                  {{Value{std::int64_t{50}}, Value{std::string{"x"}}}}}},
                {},
                0};
    }
    static Result<std::vector<ReportRow>> collect(const Report& report, const std::vector<std::string>& items) {
        std::vector<DecisionInput> inputs;
        for (const std::string& item : items) inputs.push_back(about(item));
        return report.collect(inputs);
    }
};

TEST_F(Reports, are_described_with_columns_parameters_and_order) {
    const auto set = load("clerk");
    ASSERT_TRUE(set);
    ASSERT_EQ(set->reports().size(), 2U);
    const ReportInfo& list = set->reports()[0]->about();
    EXPECT_EQ(list.name, "list");
    EXPECT_EQ(list.title, "The list");
    EXPECT_EQ(list.subject, ReportSubject::item);
    ASSERT_EQ(list.columns.size(), 5U);
    EXPECT_EQ(list.columns[2].name, "seen");
    EXPECT_EQ(list.columns[2].type, ColumnType::time);
    EXPECT_TRUE(list.columns[2].required);
    EXPECT_FALSE(list.columns[1].required);
    EXPECT_EQ(list.order, (std::vector<std::size_t>{3, 0}));
    ASSERT_EQ(list.parameters.size(), 2U);
    EXPECT_EQ(list.parameters[0].fallback, "50");
    EXPECT_TRUE(list.parameters[1].required);
    EXPECT_EQ(set->plugins().front().offers, (std::vector<std::string>{"report list", "report sum"}));
    EXPECT_EQ(set->plugins().front().capabilities, std::vector<std::string>{"stm.report/0"});
}

TEST_F(Reports, plan_facts_for_each_subject_of_a_batch) {
    const auto set = load("clerk");
    std::vector<DecisionInput> inputs{about("urn:a"), about("urn:b")};
    inputs[1].facts.push_back({"clerk.mood", {"urn:b"}, {{"calm", ColumnType::boolean}}, {{Value{true}}}});
    const auto plans = set->reports()[0]->plan(inputs);
    ASSERT_TRUE(plans) << plans.error().text();
    EXPECT_EQ((*plans)[0], (std::vector<FactRequest>{{"clerk.mood", {"urn:a"}}}));
    EXPECT_TRUE((*plans)[1].empty());
    const std::vector curious{about("urn:curious")};
    expect_message(set->reports()[0]->plan(curious).error(), "PLUGIN_CALL_GARBAGE", "'clerk.secret', which its info does not list");
}

TEST_F(Reports, give_typed_rows_in_the_order_of_their_subjects) {
    const auto set = load("clerk");
    const auto rows = collect(*set->reports()[0], {"urn:b", "urn:nobody", "urn:twice", "urn:a"});
    ASSERT_TRUE(rows) << rows.error().text();
    ASSERT_EQ(rows->size(), 4U);
    const ReportRow expected{Value{std::string{"urn:b"}}, Value{}, Value{Instant{86'400'000'000}}, Value{std::int64_t{50}},
                             Value{Quantity{1'500'000, "KGM"}}};
    EXPECT_EQ((*rows)[0], expected);
    EXPECT_EQ((*rows)[1], (*rows)[2]);
    EXPECT_EQ((*rows)[3][0], Value{std::string{"urn:a"}});
}

TEST_F(Reports, are_composed_of_what_was_gathered) {
    const auto set = load("clerk");
    const Report& sum = *set->reports()[1];
    const auto gathered = collect(sum, {"urn:a", "urn:b"});
    ASSERT_TRUE(gathered);
    const auto rows = sum.compose({Instant{0}, {{"rows", {}, {{"item", ColumnType::text}}, *gathered}}, {}, 0});
    ASSERT_TRUE(rows) << rows.error().text();
    EXPECT_EQ(*rows, (std::vector<ReportRow>{{Value{std::int64_t{2}}}}));
}

TEST_F(Reports, fail_whole_where_the_author_s_code_throws_or_breaks_its_own_columns) {
    const auto set = load("clerk");
    const Report& list = *set->reports()[0];
    for (const auto& [item, why] : {std::pair{"urn:throws", "the pen broke"},
                                    {"urn:short", "a row has 4 cells for 5 columns"},
                                    {"urn:wrong", "the column 'share' got a value of another type"}}) {
        const auto rows = collect(list, {"urn:a", item});
        ASSERT_FALSE(rows) << item;
        EXPECT_EQ(rows.error().code, Errc::plugin);
        expect_message(rows.error(), "PLUGIN_CALL_FAILED", why);
    }
    EXPECT_TRUE(collect(list, {"urn:a"})) << "a plugin that failed is asked again";
}

TEST_F(Reports, of_a_forger_are_never_believed) {
    const auto set = load("forger");
    ASSERT_TRUE(set);
    const Report& forged = *set->reports().front();
    ASSERT_TRUE(collect(forged, {"urn:good"}));
    for (const auto& [item, why] : {std::pair{"urn:few", "a row has 2 cells for 3 columns"},
                                    {"urn:many", "a row has 4 cells for 3 columns"},
                                    {"urn:text", "column 'count' is int64, its cell has a text"},
                                    {"urn:number", "column 'name' is text, its cell has a number"},
                                    {"urn:required", "column 'name' is never empty, its cell is"},
                                    {"urn:kind", "a cell's null mark is neither 0 nor 1"},
                                    {"urn:unit", "'' is no unit"},
                                    {"urn:latin", "is not UTF-8"},
                                    {"urn:index", "it speaks of input 1, but there are 1"},
                                    {"urn:short", "stm_row says it has 8 bytes"},
                                    {"urn:cells", "a row's cells is a null list of 3 elements"},
                                    {"urn:xtra", "it gave a text where none was asked for"}}) {
        const auto rows = collect(forged, {item});
        ASSERT_FALSE(rows) << item;
        expect_message(rows.error(), "PLUGIN_CALL_GARBAGE", why);
    }
    const auto broken = collect(forged, {"urn:breaks"});
    ASSERT_FALSE(broken) << "a row that came before the failure does not count";
    expect_message(broken.error(), "PLUGIN_CALL_FAILED", "the ink is gone");
}

TEST_F(Reports, have_as_many_rows_and_bytes_in_a_call_as_the_limits_say_and_no_more) {
    const auto set = load("forger");
    const Report& forged = *set->reports().front();
    const auto most = collect(forged, {"urn:1"});
    ASSERT_TRUE(most) << most.error().text();
    EXPECT_EQ(most->size(), limits::plugin_rows_max);
    expect_message(collect(forged, {"urn:2"}).error(), "PLUGIN_CALL_GARBAGE", "it gave more than 1000000 rows in one call");
    const auto longest = collect(forged, {"urn:3"});
    ASSERT_TRUE(longest) << "1024 texts of 64 KiB are 64 MiB";
    EXPECT_EQ(longest->size(), 1024U);
    expect_message(collect(forged, {"urn:4"}).error(), "PLUGIN_CALL_GARBAGE", "the texts of its rows have more than 67108864 bytes");
}

TEST_F(Reports, with_a_description_that_cannot_be_right_are_not_taken_into_service) {
    put("clerk");
    for (const auto& [flaw, why] : {std::pair{"name", "the report's name 'The List' is not written in a-z, 0-9 and '-'"},
                                    {"no columns", "report 'list' has no columns"},
                                    {"twice", "it describes report 'list' twice"},
                                    {"column twice", "report 'list' has two columns 'item'"},
                                    {"order", "it is sorted by 'height', which is no column"},
                                    {"parameter", "the parameter 'format' is the host's own"},
                                    {"quantity", "the parameter 'share' is a quantity"},
                                    {"fallback", "the parameter 'share' is int64, its fallback 'half' is not"},
                                    {"none", "it has no report"}})
        expect_message(refusal({want("clerk", std::string("{flaw: ") + flaw + "}")}), "PLUGIN_DESCRIBE_WRONG", why);
}

}  // namespace
}  // namespace stemma
