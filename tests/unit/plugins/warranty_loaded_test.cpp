// The plugin as it is shipped: through the real loader with the shipped policies, asked in rounds as the host asks, facts from the
// catalogue's tables. WARRANTY_BATCH=1000000 prints assessments per second of CPU time.
#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <map>

#include "core/plugin_host/plugin_check.hpp"
#include "plugins/warranty/timeline.hpp"
#include "tests/unit/plugin_host/fixture.hpp"
#include "tests/unit/plugins/warranty_support.hpp"

namespace stemma {
namespace {

using enum ColumnType;
constexpr std::int64_t kDay = 86'400'000'000;

Instant on(std::string_view day) { return Instant{warranty::test::moment(day).us}; }

/// A ledger's answers, by fact and argument; what is not there has no rows, as the catalogue has it.
class Told {
public:
    void row(const std::string& fact, const std::string& arg, std::vector<Value> values) {
        rows_[{fact, arg}].push_back(std::move(values));
    }
    void milestone(const std::string& item, const std::string& kind, std::string_view day, const std::string& party = "",
                   const std::string& market = "") {
        row("item.milestones", item, {kind, on(day), true, std::string("urn:event"), party, market, std::string()});
    }
    [[nodiscard]] FactTable answer(const FactRequest& request) const {
        const auto columns = columns_.find(request.name);
        EXPECT_NE(columns, columns_.end()) << request.name << " is not in the catalogue";
        FactTable table{request.name, request.arguments, columns->second, {}};
        if (const auto found = rows_.find({request.name, request.arguments.at(0)}); found != rows_.end()) table.rows = found->second;
        return table;
    }

private:
    std::map<std::string, std::vector<Column>> columns_{
        {"item.product", {{"product", text}, {"sku", text}, {"name", text}, {"category", text}, {"tracking", text}}},
        {"item.attributes", {{"name", text}, {"value", text}}},
        {"party.attributes", {{"name", text}, {"value", text}}},
        {"item.milestones",
         {{"kind", text}, {"time", time}, {"date_only", boolean}, {"event", text}, {"party", text}, {"market", text}, {"document", text}}},
        {"item.repairs", {{"started", time}, {"ended", time}, {"case", text}, {"place", text}}},
        {"item.replacements", {{"direction", text}, {"item", text}, {"case", text}, {"time", time}}},
        {"item.as_maintained",
         {{"component", text},
          {"product", text},
          {"sku", text},
          {"quantity", quantity},
          {"installed_at", time},
          {"event", text},
          {"replaced", text}}},
        {"case.open",
         {{"case", text},
          {"workflow", text},
          {"state", text},
          {"version", int64},
          {"opened", time},
          {"changed", time},
          {"closed", boolean}}},
    };
    std::map<std::pair<std::string, std::string>, std::vector<std::vector<Value>>> rows_;
};

class LoadedWarranty : public PluginFolder {
protected:
    static WantedData data(const std::string& name, const std::string& json) { return {"", name, std::string(64, '0'), json}; }

    Result<std::unique_ptr<PluginHost>> start_with(std::vector<WantedData> files) {
        put("../plugins/warranty", "warranty");
        WantedPlugin wanted = want("warranty");
        wanted.data = std::move(files);
        return start({wanted});
    }
    void load() {
        std::vector<WantedData> files;
        for (const char* name : {"eu-statutory.yaml", "markets.yaml", "commercial.yaml"})
            files.push_back(data(name, warranty::test::json_of(fs::path(STEMMA_SOURCE_DIR) / "config/warranty" / name)));
        auto host = start_with(std::move(files));
        ASSERT_TRUE(host) << host.error().text();
        host_ = *std::move(host);
        set_ = host_->current_generation();
        ASSERT_EQ(set_->assessments().size(), 1U);
    }

    static DecisionInput input_of(const std::string& item, std::string_view as_of) {
        return {Instant{on(as_of).us + kDay / 2},
                {{"item",
                  {},
                  {{"item", text}, {"product", text}, {"kind", text}},
                  {{Value{item}, Value{std::string("urn:p")}, Value{std::string("serial")}}}}},
                {},
                0};
    }
    /// The host's rounds.
    [[nodiscard]] std::size_t gather(DecisionInput& input, const Told& told) const {
        const Assessment& warranty = *set_->assessments().front();
        for (input.round = 0; input.round < kFactRoundsMax; ++input.round) {
            const auto plans = warranty.plan({&input, 1});
            EXPECT_TRUE(plans) << plans.error().text();
            if (!plans || plans->front().empty()) return input.round;
            for (const FactRequest& request : plans->front()) input.facts.push_back(told.answer(request));
        }
        const auto plans = warranty.plan({&input, 1});
        EXPECT_TRUE(plans && plans->front().empty()) << "it asks in a fourth round";
        return kFactRoundsMax;
    }
    [[nodiscard]] Answer ask(const Told& told, std::string_view as_of, const std::string& item = "urn:u1") const {
        DecisionInput input = input_of(item, as_of);
        (void)gather(input, told);
        auto answer = set_->assessments().front()->assess(input);
        EXPECT_TRUE(answer) << answer.error().text();
        return answer ? *std::move(answer) : Answer{};
    }
    static std::string text_of(const Answer& answer, std::string_view name) {
        for (const auto& [key, value] : answer.values)
            if (key == name) return to_text(value);
        return "";
    }

    std::unique_ptr<PluginHost> host_;
    std::shared_ptr<const Generation> set_;
};

TEST_F(LoadedWarranty, answers_with_verdict_timeline_and_reasons) {
    load();
    Told told;
    told.milestone("urn:u1", "sold", "2025-05-28", "urn:buyer", "AT");
    told.milestone("urn:u1", "delivered", "2025-06-01", "urn:buyer", "AT");
    told.row("party.attributes", "urn:buyer", {std::string("kind"), std::string("consumer")});
    told.milestone("urn:u1", "repair_started", "2026-08-10");
    told.milestone("urn:u1", "repair_ended", "2026-08-20");
    told.row("item.repairs", "urn:u1", {on("2026-08-10"), on("2026-08-20"), std::string("RMA-1"), std::string()});
    told.row(
        "case.open", "urn:u1",
        {std::string("R-9"), std::string("recall"), std::string("notified"), std::int64_t{3}, on("2027-01-01"), on("2027-01-02"), false});
    const Answer answer = ask(told, "2027-07-01");
    EXPECT_TRUE(answer.decided);
    EXPECT_EQ(text_of(answer, "status"), "in_warranty");
    EXPECT_EQ(text_of(answer, "until"), "2028-06-01");
    EXPECT_EQ(text_of(answer, "remaining_days"), "336");  // 30 of July, 31 August, 30, 31, 30, 31, 31, 29, 31, 30, 31, 1 of June 2028
    EXPECT_EQ(text_of(answer, "policy"), "eu-2019-771");
    EXPECT_EQ(text_of(answer, "basis"), "delivery");
    EXPECT_EQ(text_of(answer, "start"), "2025-06-01");
    EXPECT_EQ(text_of(answer, "presumed_at_delivery"), "false");
    EXPECT_EQ(text_of(answer, "presumed_until"), "2026-06-01");
    EXPECT_EQ(text_of(answer, "repairs"), "1");
    EXPECT_EQ(text_of(answer, "open_cases"), "1");
    EXPECT_EQ(text_of(answer, "open_recall"), "true");
    EXPECT_EQ(text_of(answer, "supplier_until"), "2027-05-28");  // 24 months from our sale; no receipt to cap it
    EXPECT_EQ(text_of(answer, "supplier_claim"), "out");
    ASSERT_EQ(answer.tables.size(), 1U);
    const FactTable& timeline = answer.tables.front();
    EXPECT_EQ(timeline.name, "timeline");
    ASSERT_EQ(timeline.rows.size(), 6U) << "three of the customer's side, three of the supplier's";
    EXPECT_EQ(to_text(timeline.at(1, "from")), "2025-06-01");
    EXPECT_EQ(to_text(timeline.at(1, "last_day")), "2028-06-01");
    EXPECT_EQ(to_text(timeline.at(1, "citation")), "Directive (EU) 2019/771 art. 10(1), art. 11(1)");
    EXPECT_TRUE(std::ranges::any_of(answer.reasons, [](const std::string& r) { return r.find("12 months more") != std::string::npos; }));
    EXPECT_TRUE(std::ranges::none_of(answer.reasons, [](const std::string& r) { return r.find("taken as") != std::string::npos; }));
}

TEST_F(LoadedWarranty, follows_a_chain_of_replacements_in_three_rounds) {
    load();
    Told told;
    told.milestone("urn:u1", "delivered", "2024-03-10", "urn:buyer", "US");
    told.row("item.replacements", "urn:u2", {std::string("replaces"), std::string("urn:u1"), std::string("RMA-1"), on("2024-12-01")});
    told.milestone("urn:u2", "replaces", "2024-12-01");
    told.row("item.replacements", "urn:u3", {std::string("replaces"), std::string("urn:u2"), std::string("RMA-2"), on("2025-02-20")});
    told.milestone("urn:u3", "replaces", "2025-02-20");
    DecisionInput input = input_of("urn:u3", "2025-05-21");
    EXPECT_EQ(gather(input, told), kFactRoundsMax);
    const Answer answer = ask(told, "2025-05-21", "urn:u3");
    EXPECT_EQ(text_of(answer, "status"), "in_warranty");
    EXPECT_EQ(text_of(answer, "until"), "2025-05-21");  // worked out in warranty_truth.csv, replaced_twice
    EXPECT_EQ(text_of(answer, "basis"), "replacement");
}

TEST_F(LoadedWarranty, is_undecided_and_not_out_where_nothing_is_known) {
    load();
    const Answer answer = ask({}, "2025-05-21");
    EXPECT_FALSE(answer.decided);
    EXPECT_EQ(text_of(answer, "status"), "undecided");
    EXPECT_FALSE(answer.reasons.empty());
    const auto unasked = set_->assessments().front()->assess(input_of("urn:u1", "2025-05-21"));
    ASSERT_TRUE(unasked) << unasked.error().text();
    EXPECT_FALSE(unasked->decided);
}

TEST_F(LoadedWarranty, without_policies_says_so_and_decides_nothing) {
    auto host = start_with({});
    ASSERT_TRUE(host) << host.error().text();
    set_ = (*host)->current_generation();
    Told told;
    told.milestone("urn:u1", "delivered", "2024-03-10", "urn:buyer", "US");
    const Answer answer = ask(told, "2024-05-21");
    EXPECT_FALSE(answer.decided);
    EXPECT_EQ(answer.reasons, std::vector<std::string>{"no policies were given to the plugin warranty"});
}

TEST_F(LoadedWarranty, refuses_a_wrong_policy_with_its_file_and_place) {
    auto host =
        start_with({data("own.yaml", R"({"pack": "own", "policies": [{"id": "p", "title": "P", "citation": "c", "kind": "legal"}]})")});
    ASSERT_FALSE(host);
    EXPECT_NE(host.error().text().find("own.yaml: /policies/0/kind: 'legal' is not known here; there may be statutory"), std::string::npos)
        << host.error().text();
}

TEST_F(LoadedWarranty, passes_the_conformance_kit) {
    WantedPlugin wanted = want("warranty");
    wanted.data = {data("commercial.yaml", warranty::test::json_of(fs::path(STEMMA_SOURCE_DIR) / "config/warranty/commercial.yaml"))};
    const auto report = check_plugin(put("../plugins/warranty", "warranty"), wanted, settings());
    ASSERT_TRUE(report) << report.error().text();
    EXPECT_EQ(report->plugin.offers, std::vector<std::string>{"assessment warranty"});
    for (const PropertyResult& one : report->properties) EXPECT_NE(one.outcome, PropertyResult::Outcome::failed) << one.property;
    EXPECT_TRUE(report->passed());
}

TEST_F(LoadedWarranty, does_a_batch_as_one_by_one) {
    const char* wanted = std::getenv("WARRANTY_BATCH");
    const std::int64_t count = wanted == nullptr ? 200 : std::atoll(wanted);
    load();
    Told told;
    told.milestone("urn:u1", "made", "2025-01-10");
    told.milestone("urn:u1", "sold", "2025-05-28", "urn:buyer", "AT");
    told.milestone("urn:u1", "delivered", "2025-06-01", "urn:buyer", "AT");
    told.row("item.repairs", "urn:u1", {on("2026-08-10"), on("2026-08-20"), std::string("RMA-1"), std::string()});
    DecisionInput input = input_of("urn:u1", "2026-01-01");
    (void)gather(input, told);
    const Assessment& assessment = *set_->assessments().front();
    const warranty::Facts facts =
        warranty::test::facts("made=2025-01-10 sold=2025-05-28 delivered=2025-06-01 market=AT repair=2026-08-10/2026-08-20", "2026-01-01");
    const auto& policies = warranty::test::shipped();
    std::int64_t in = 0;
    const auto timed = [&](const char* name, auto&& one) {
        const std::clock_t begin = std::clock();
        in = 0;
        for (std::int64_t i = 0; i < count; ++i) in += one(i) ? 1 : 0;
        const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
        if (wanted != nullptr)
            std::cout << name << ": " << count << " in " << seconds << " CPU seconds, " << static_cast<double>(count) / seconds
                      << " a second\n";
        return in;
    };
    // Asked about days from 2025-06-01 on, 36 months of which are covered.
    const auto day = [&](std::int64_t i) { return on("2025-06-01").us + (i % 2'000) * kDay + kDay / 2; };
    const std::int64_t pure = timed("pure function", [&](std::int64_t i) {
        warranty::Facts at = facts;
        at.as_of_us = day(i);
        return warranty::assess(policies, at).verdict.state == warranty::State::in_warranty;
    });
    const std::int64_t planned = timed("plan through the border", [&](std::int64_t) {
        return assessment.plan({&input, 1})->front().empty();
    });
    EXPECT_EQ(planned, count);
    const std::int64_t across = timed("assess through the border", [&](std::int64_t i) {
        input.as_of = Instant{day(i)};
        return text_of(assessment.assess(input).value(), "status") == "in_warranty";
    });
    EXPECT_EQ(pure, across);
}

}  // namespace
}  // namespace stemma
