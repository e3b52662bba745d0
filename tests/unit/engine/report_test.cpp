// Reports: who is asked about, with what, up to which limits. The plugin is a fake.
#include "core/engine/report.hpp"

#include "adapters/memory/memory_store.hpp"
#include "core/engine/cases.hpp"
#include "tests/unit/engine/pipeline_rig.hpp"

namespace stemma::engine {
namespace {

class Reporting : public PipelineRig, public ::testing::Test {
protected:
    Reporting() : PipelineRig([](const test::TempFolder&) { return memory::make_store(); }) {}

    void record_item(const std::string& id, const std::string& product = "urn:p:1") {
        ASSERT_TRUE(capture({Master{Item{ItemId{id}, ItemKind::lot, ProductId{product}, {{"lot", "L-" + id}}, {}}}}));
    }
    void record_product(const std::string& id, const std::string& sku) {
        Product product;
        product.id = ProductId{id};
        product.sku = sku;
        product.name = sku;
        ASSERT_TRUE(capture({Master{product}}));
    }
    Result<ReportTable> run(const ReportWish& wish = {}) {
        const auto snapshot = store_->read();
        return run_report(**snapshot, plugins_.report, wish, limits_);
    }
    static std::vector<std::string> firsts(const ReportTable& made) {
        std::vector<std::string> out;
        for (const ReportRow& row : made.table.rows) out.push_back(to_text(row.front()));
        return out;
    }
};

TEST_F(Reporting, asks_about_every_item_once_in_the_order_of_their_first_entries) {
    for (const char* id : {"urn:i:2", "urn:i:1", "urn:i:2", "urn:i:3"}) record_item(id);
    ASSERT_TRUE(capture({shipment("urn:e:1", "urn:i:known-from-an-event-alone")}));
    std::vector<std::string> kinds;
    plugins_.report.on_row = [&](const DecisionInput& input) {
        kinds.push_back(to_text(input.tables[0].at(0, "product")) + " " + to_text(input.tables[0].at(0, "kind")));
        return std::vector<ReportRow>{{input.tables[0].rows[0][0], Value{}}};
    };
    const auto made = run();
    ASSERT_TRUE(made) << made.error().text();
    EXPECT_EQ(firsts(*made), (std::vector<std::string>{"urn:i:2", "urn:i:1", "urn:i:3", "urn:i:known-from-an-event-alone"}));
    EXPECT_EQ(kinds, (std::vector<std::string>{"urn:p:1 lot", "urn:p:1 lot", "urn:p:1 lot", " "}));
    EXPECT_EQ(made->subjects, 4U);
    EXPECT_EQ(made->position, 5U);
}

TEST_F(Reporting, asks_about_items_of_one_product_where_that_is_wished) {
    record_item("urn:i:1", "urn:p:1");
    record_item("urn:i:2", "urn:p:2");
    EXPECT_EQ(firsts(*run({{}, ProductId{"urn:p:2"}, {}, nullptr})), std::vector<std::string>{"urn:i:2"});
}

TEST_F(Reporting, asks_about_products_and_cases_too) {
    record_product("urn:p:1", "A");
    record_item("urn:i:1");
    record_product("urn:p:2", "B");
    plugins_.report.kind.subject = ReportSubject::product;
    EXPECT_EQ(firsts(*run()), (std::vector<std::string>{"urn:p:1", "urn:p:2"}));
    EXPECT_EQ(firsts(*run({{}, ProductId{"urn:p:2"}, {}, nullptr})), std::vector<std::string>{"urn:p:2"});
    CaseDesk desk{appender_, plugins_, limits_};
    const auto opened = desk.act({CaseId{}, "rma", "open", ItemId{"urn:i:1"}, 0, {}}, "user:test", "broken");
    ASSERT_TRUE(opened) << opened.error().text();
    plugins_.report.kind.subject = ReportSubject::case_;
    std::string seen;
    plugins_.report.on_row = [&](const DecisionInput& input) {
        for (const Column& column : input.tables[0].columns) seen += column.name + "=" + to_text(input.tables[0].at(0, column.name)) + ";";
        return std::vector<ReportRow>{};
    };
    ASSERT_TRUE(run());
    EXPECT_EQ(seen, "case=rma-000003;workflow=rma;state=requested;version=1;item=urn:i:1;");
}

TEST_F(Reporting, gives_facts_in_rounds_and_cuts_off_a_plugin_that_asks_for_ever) {
    record_item("urn:i:1");
    plugins_.report.on_plan = [](const DecisionInput& input) {
        if (input.facts.empty()) return std::vector<FactRequest>{{"item.identity", {"urn:i:1"}}};
        if (input.facts.size() == 1) return std::vector<FactRequest>{{"item.attributes", {"urn:i:1"}}};
        return std::vector<FactRequest>{};
    };
    plugins_.report.on_row = [](const DecisionInput& input) {
        return std::vector<ReportRow>{{input.facts[0].at(0, "value"), Value{input.facts[1].name}}};
    };
    const auto made = run();
    ASSERT_TRUE(made) << made.error().text();
    EXPECT_EQ(made->table.rows.front(), (ReportRow{Value{std::string{"L-urn:i:1"}}, Value{std::string{"item.attributes"}}}));
    plugins_.report.on_plan = [](const DecisionInput& input) {
        return std::vector<FactRequest>{{"item.identity", {std::to_string(input.round)}}};
    };
    EXPECT_EQ(run().error().message, "it still asks for facts after 3 rounds");
    plugins_.report.on_plan = [](const DecisionInput&) { return std::vector<FactRequest>{{"item.secret", {"urn:i:1"}}}; };
    EXPECT_EQ(run().error().code, Errc::plugin);
}

TEST_F(Reporting, hands_over_parameters_by_their_types_with_fallbacks) {
    record_item("urn:i:1");
    plugins_.report.kind.parameters = {{"days", "how many", ColumnType::int64, false, "30"},
                                       {"from", "since when", ColumnType::time, false, ""},
                                       {"word", "a word", ColumnType::text, true, ""}};
    std::vector<Value> seen;
    plugins_.report.on_row = [&](const DecisionInput& input) {
        seen = input.tables[1].rows[0];
        return std::vector<ReportRow>{};
    };
    const auto made = run({{{"word", "x"}}, {}, {}, nullptr});
    ASSERT_TRUE(made) << made.error().text();
    EXPECT_EQ(seen, (std::vector<Value>{Value{std::int64_t{30}}, Value{}, Value{std::string{"x"}}}));
    EXPECT_EQ(made->parameters, (std::map<std::string, std::string>{{"days", "30"}, {"word", "x"}}));
    ASSERT_TRUE(run({{{"word", "x"}, {"days", "7"}, {"from", "1970-01-02"}}, {}, {}, nullptr}));
    EXPECT_EQ(seen[0], Value{std::int64_t{7}});
    EXPECT_EQ(seen[1], Value{Instant{kMicrosPerDay}});
    EXPECT_EQ(run().error().where, "?word");
    EXPECT_EQ(run({{{"word", "x"}, {"days", "many"}}, {}, {}, nullptr}).error().where, "?days");
    EXPECT_EQ(run({{{"word", "x"}, {"dys", "7"}}, {}, {}, nullptr}).error().where, "?dys");
}

TEST_F(Reporting, sorts_by_the_columns_that_the_report_names_empty_cells_last) {
    for (const char* id : {"urn:b", "urn:a", "urn:c", "urn:d"}) record_item(id);
    plugins_.report.kind.order = {1, 0};
    plugins_.report.on_row = [](const DecisionInput& input) {
        const std::string id = to_text(input.tables[0].at(0, "item"));
        return std::vector<ReportRow>{{Value{id}, id == "urn:a"   ? Value{}
                                                  : id == "urn:d" ? Value{std::string{"1"}}
                                                                  : Value{std::string{"2"}}}};
    };
    EXPECT_EQ(firsts(*run()), (std::vector<std::string>{"urn:d", "urn:b", "urn:c", "urn:a"}));
}

TEST_F(Reporting, lets_a_report_that_gathers_make_its_table_of_all_rows) {
    for (const char* id : {"urn:b", "urn:a"}) record_item(id);
    plugins_.report.kind.gathered = {{"id", ColumnType::text, true}};
    plugins_.report.on_row = [](const DecisionInput& input) { return std::vector<ReportRow>{{input.tables[0].rows[0][0]}}; };
    plugins_.report.on_compose = [](const DecisionInput& input) {
        return std::vector<ReportRow>{{Value{std::to_string(input.tables[0].rows.size())}, input.tables[0].rows[1][0]}};
    };
    EXPECT_EQ(run()->table.rows, (std::vector<ReportRow>{{Value{std::string{"2"}}, Value{std::string{"urn:a"}}}}));
}

TEST_F(Reporting, refuses_what_passes_a_limit_and_cuts_nothing) {
    for (const char* id : {"urn:a", "urn:b", "urn:c"}) record_item(id);
    limits_.report_subjects_max = 3;
    limits_.report_rows_max = 3;
    limits_.report_bytes_max = 15;  // three ids of five bytes
    EXPECT_TRUE(run());
    const auto expect_limit = [&](const char* name) {
        const auto made = run();
        ASSERT_FALSE(made) << name;
        EXPECT_EQ(made.error().code, Errc::too_large);
        EXPECT_NE(made.error().hint.find(name), std::string::npos) << made.error().hint;
    };
    limits_.report_subjects_max = 2;
    expect_limit("limits.report_subjects_max");
    limits_.report_subjects_max = 3;
    limits_.report_rows_max = 2;
    expect_limit("limits.report_rows_max");
    limits_.report_rows_max = 3;
    limits_.report_bytes_max = 14;
    expect_limit("limits.report_bytes_max");
}

TEST_F(Reporting, is_given_up_when_nobody_waits_for_it) {
    record_item("urn:a");
    const std::atomic<bool> left{true};
    EXPECT_EQ(run({{}, {}, {}, &left}).error().code, Errc::unavailable);
}

TEST_F(Reporting, names_the_reports_there_are) {
    EXPECT_TRUE(find_report(plugins_, "fake"));
    const auto unknown = find_report(plugins_, "quarterly");
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().code, Errc::not_found);
    EXPECT_EQ(unknown.error().hint, "there is fake");
}

}  // namespace
}  // namespace stemma::engine
