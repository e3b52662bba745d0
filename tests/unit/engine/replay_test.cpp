// Replay: by the facts of then and by those read again, by the plugin of then and of now, of an entry and of a range.
#include "core/engine/replay.hpp"

#include "adapters/memory/memory_store.hpp"
#include "core/engine/cases.hpp"
#include "core/engine/judge.hpp"
#include "tests/unit/engine/pipeline_rig.hpp"

namespace stemma::engine {
namespace {

/// A rule that asks for the dates of an event's first item and remarks on those without an expiry date.
class Replaying : public PipelineRig, public ::testing::Test {
protected:
    Replaying() : PipelineRig([](const test::TempFolder&) { return memory::make_store(); }) {
        plugins_.rule_plugin.on_plan = [](const DecisionInput& input) -> Result<std::vector<FactRequest>> {
            return input.round == 0 ? std::vector{FactRequest{"item.dates", {item_of(input)}}} : std::vector<FactRequest>{};
        };
        plugins_.rule_plugin.on_judge = judge_by_expiry;
    }

    static std::string item_of(const DecisionInput& input) { return to_text(input.tables[1].at(0, "item")); }
    static Result<Verdict> judge_by_expiry(const DecisionInput& input) {
        if (!to_text(input.facts.at(0).at(0, "expiry")).empty()) return Verdict{};
        return Verdict{Outcome::accepted_with_findings, {{"food.expiry", Severity::finding, "no expiry", item_of(input), "food", ""}}};
    }
    static Result<Verdict> accept(const DecisionInput&) { return Verdict{}; }

    void record_lot(const std::string& id, Attributes attributes = {}) {
        ASSERT_TRUE(capture({Master{Item{ItemId{id}, ItemKind::lot, ProductId{"urn:p:1"}, {}, std::move(attributes)}}}));
    }
    /// Entries 0 and 1: lots "urn:i:dated" and "urn:i:bare"; then shipments of them in turn.
    void record_shipments(int count) {
        record_lot("urn:i:dated", {{"itemExpirationDate", "2027-01-31"}});
        record_lot("urn:i:bare");
        for (int i = 0; i < count; ++i)
            ASSERT_TRUE(capture({shipment("urn:e:" + std::to_string(i), i % 2 == 0 ? "urn:i:dated" : "urn:i:bare")}));
    }
    ReplayedJudgement again(Sequence sequence, const ReplayOptions& options = {}) {
        const auto snapshot = store_->read();
        auto replayed = replay({**snapshot, plugins_, archive_, limits_}, sequence, options);
        EXPECT_TRUE(replayed && replayed->size() == 1) << sequence;
        return replayed && !replayed->empty() ? replayed->front() : ReplayedJudgement{};
    }
    ReplayPart part(Sequence from, Sequence to, const ReplayOptions& options = {}, const std::atomic<bool>* cancel = nullptr) {
        const auto snapshot = store_->read();
        auto done = replay_part({**snapshot, plugins_, archive_, limits_}, from, to, options, cancel);
        EXPECT_TRUE(done) << done.error().text();
        return done ? *std::move(done) : ReplayPart{};
    }

    PluginArchive archive_ = [](const Judgement&) -> std::shared_ptr<const PluginSet> { return nullptr; };
};

TEST_F(Replaying, compares_both_the_stored_facts_and_those_read_again) {
    record_shipments(2);
    const ReplayedJudgement one = again(3);
    EXPECT_TRUE(one.plugin_equal && one.stored_equal && one.facts_equal && one.verdict_equal) << one.note();
    EXPECT_EQ(one.verdict_by_stored.findings.at(0).code, "food.expiry");
    EXPECT_EQ(one.facts_sha256, one.stored.facts_sha256);
    EXPECT_TRUE(one.equal(ReplayBy::then));
    EXPECT_EQ(one.note(), "");
}

TEST_F(Replaying, by_stored_facts_alone_reads_none) {
    record_shipments(1);
    limits_.history_entries_max = 0;  // every fact that reads a history fails now
    EXPECT_TRUE(again(2, {ReplayBy::then, false}).equal(ReplayBy::then));
    EXPECT_EQ(again(2, {ReplayBy::then, false}).facts_sha256, "");
}

TEST_F(Replaying, tells_a_plugin_that_judges_otherwise_on_the_same_facts) {
    record_shipments(2);
    plugins_.rule_plugin.on_judge = accept;
    const ReplayedJudgement one = again(3);
    EXPECT_FALSE(one.stored_equal || one.verdict_equal);
    EXPECT_TRUE(one.facts_equal && one.plugin_equal);
    EXPECT_EQ(one.note(), "the facts told then lead to accepted, then to accepted_with_findings food.expiry");
}

TEST_F(Replaying, tells_a_plugin_that_asks_for_other_facts) {
    record_shipments(1);
    plugins_.rule_plugin.on_plan = [](const DecisionInput& input) -> Result<std::vector<FactRequest>> {
        return input.round == 0 ? std::vector{FactRequest{"item.product", {item_of(input)}}} : std::vector<FactRequest>{};
    };
    const ReplayedJudgement one = again(2);
    EXPECT_FALSE(one.equal(ReplayBy::then));
    EXPECT_NE(one.note().find("it asks now for item.product(urn:i:dated), which it was not told then"), std::string::npos) << one.note();
}

TEST_F(Replaying, tells_that_the_plugin_of_then_is_no_longer_kept_and_what_changed) {
    record_shipments(1);
    plugins_.rule_plugin.info.data_sha256 = std::string(64, 'd');
    plugins_.describe_anew();
    const ReplayedJudgement one = again(2);
    EXPECT_EQ(one.note(), "judged by the plugin as it is now: other data files; that of then is no longer kept");
    EXPECT_FALSE(one.equal(ReplayBy::then));
    EXPECT_TRUE(one.equal(ReplayBy::now));
    test::FakeSet of_then;
    of_then.rule_plugin.on_plan = plugins_.rule_plugin.on_plan;
    of_then.rule_plugin.on_judge = judge_by_expiry;
    archive_ = [&](const Judgement&) { return of_then.current(); };
    EXPECT_TRUE(again(2).equal(ReplayBy::then));
    EXPECT_EQ(again(2).note(), "");
}

TEST_F(Replaying, by_the_plugin_of_now_asks_what_today_s_rules_would_say_and_nothing_else) {
    record_shipments(2);
    plugins_.rule_plugin.on_plan = [](const DecisionInput& input) -> Result<std::vector<FactRequest>> {
        if (input.round == 0)
            return std::vector{FactRequest{"item.dates", {item_of(input)}}, FactRequest{"item.attributes", {item_of(input)}}};
        return std::vector<FactRequest>{};
    };
    EXPECT_FALSE(again(2).equal(ReplayBy::then)) << "it asks for more than then";
    EXPECT_TRUE(again(2, {ReplayBy::now, true}).equal(ReplayBy::now)) << "and says the same";
    EXPECT_EQ(again(2, {ReplayBy::now, true}).note(), "");
    plugins_.rule_plugin.on_judge = accept;
    EXPECT_TRUE(again(2, {ReplayBy::now, true}).equal(ReplayBy::now));
    const ReplayedJudgement changed = again(3, {ReplayBy::now, true});
    EXPECT_FALSE(changed.equal(ReplayBy::now));
    EXPECT_NE(changed.note().find("lead to accepted, then to accepted_with_findings food.expiry"), std::string::npos) << changed.note();
}

TEST_F(Replaying, acts_a_case_s_steps_again_each_from_where_its_command_began) {
    record_lot("urn:i:1");
    CaseDesk desk{appender_, plugins_, limits_};
    const auto opened = desk.act({CaseId{}, "rma", "open", ItemId{"urn:i:1"}, 0, {{"why", "broken"}}}, "user:test", "");
    ASSERT_TRUE(opened) << opened.error().text();
    const auto hurried = desk.act({opened->state.case_id, "", "hurry", {}, 1, {{"why", "mended"}}}, "user:test", "");
    ASSERT_TRUE(hurried && hurried->steps.size() == 2);
    const CaseEvent noted = std::get<CaseEvent>(entry(2).body);
    EXPECT_EQ(noted.command, "hurry");
    EXPECT_EQ(noted.given, (Attributes{{"why", "mended"}}));
    for (const Sequence step : {1U, 2U, 3U})
        EXPECT_TRUE(again(step).replayed && again(step).equal(ReplayBy::then)) << step << again(step).note();
    plugins_.workflow.closed_name = "done";
    EXPECT_TRUE(again(2).equal(ReplayBy::then)) << "the step before the changed one";
    const ReplayedJudgement last = again(3);
    EXPECT_FALSE(last.equal(ReplayBy::then));
    EXPECT_EQ(last.verdict.findings.at(0).message, "the case is 'done' after it, not 'closed'");
}

TEST_F(Replaying, leaves_out_a_case_s_step_whose_command_was_not_kept) {
    Entry old;
    old.actor = "user:test";
    old.body = CaseEvent{CaseId{"rma-000001"}, "rma", 1, "opened", ItemId{"urn:i:1"}, {}, "requested"};
    old.judgements = {judgement_frame(plugins_.workflow.info, 0, {}, {})};
    ASSERT_TRUE(appender_.run([&](Appending& tx) -> Result<void> {
        const auto added = tx.add(std::move(old));
        return added ? Result<void>{} : std::unexpected(added.error());
    }));
    EXPECT_FALSE(again(0).replayed);
    const ReplayPart all = part(0, 1);
    EXPECT_EQ(all.not_replayed, 1U);
    EXPECT_EQ(all.differing, 0U);
    EXPECT_EQ(all.told.size(), 1U);
}

TEST_F(Replaying, counts_a_range_and_tells_exactly_what_differs) {
    record_shipments(6);
    const ReplayPart same = part(0, 8);
    EXPECT_EQ(same.entries, 8U);
    EXPECT_EQ(same.judgements, 6U);
    EXPECT_EQ(same.equal, 6U);
    EXPECT_EQ(same.next, 8U);
    EXPECT_TRUE(same.told.empty());
    plugins_.rule_plugin.on_judge = accept;
    const ReplayPart changed = part(3, 8);
    EXPECT_EQ(changed.judgements, 5U);
    EXPECT_EQ(changed.differing, 3U);
    std::vector<Sequence> told;
    for (const auto& [sequence, one] : changed.told) told.push_back(sequence);
    EXPECT_EQ(told, (std::vector<Sequence>{3, 5, 7})) << "those without an expiry date";
}

TEST_F(Replaying, ends_a_part_at_its_limit_and_says_where_to_go_on) {
    record_shipments(static_cast<int>(kReplayJudgementsAtOnce) + 1);
    plugins_.rule_plugin.on_judge = accept;
    const ReplayPart first = part(0, kReplayJudgementsAtOnce + 3);
    EXPECT_EQ(first.judgements, kReplayJudgementsAtOnce);
    EXPECT_EQ(first.next, kReplayJudgementsAtOnce + 2);
    EXPECT_EQ(first.differing, kReplayJudgementsAtOnce / 2);
    EXPECT_EQ(first.told.size(), kReplayDifferencesMax) << "all are counted, so many are told";
    const ReplayPart second = part(first.next, kReplayJudgementsAtOnce + 3);
    EXPECT_EQ(second.judgements, 1U);
    EXPECT_EQ(second.next, kReplayJudgementsAtOnce + 3);
    const std::atomic<bool> over{true};
    EXPECT_EQ(part(0, 3, {}, &over).entries, 0U);
}

}  // namespace
}  // namespace stemma::engine
