// The pipeline over the store in memory: capture, idempotency, verdicts, facts, cases, replay, search.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "adapters/memory/memory_store.hpp"
#include "core/engine/cases.hpp"
#include "core/engine/idempotency.hpp"
#include "core/engine/judge.hpp"
#include "core/engine/project.hpp"
#include "core/engine/query.hpp"
#include "core/engine/replay.hpp"
#include "tests/unit/engine/pipeline_rig.hpp"

namespace stemma::engine {
namespace {

class Pipeline : public PipelineRig, public ::testing::Test {
protected:
    Pipeline() : PipelineRig{[](const test::TempFolder& /*folder*/) { return memory::make_store(); }} {}

    static Item lot(const std::string& id, const std::string& number, Attributes attributes = {}) {
        return {ItemId{id}, ItemKind::lot, ProductId{"urn:p:1"}, {{"lot", number}}, std::move(attributes)};
    }
};

TEST(SearchForm, ignores_what_people_type_differently_and_keeps_what_makes_a_number) {
    EXPECT_EQ(search_form("S4-L17"), "s4l17");
    EXPECT_EQ(search_form("s4 l17"), "s4l17");
    EXPECT_EQ(search_form("00:1A.2b_3/c"), "001a2b3c");
    EXPECT_NE(search_form("000173"), search_form("173"));
    EXPECT_EQ(search_form("Ø-ŁÓD"), "ØŁÓd");
}

TEST_F(Pipeline, records_everything_of_a_command_in_one_go_and_signs_it) {
    const auto receipt = capture({Master{lot("urn:i:1", "L-1")}, shipment("urn:e:1")});
    ASSERT_TRUE(receipt) << receipt.error().text();
    EXPECT_TRUE(receipt->recorded);
    EXPECT_EQ(receipt->count, 2U);
    ASSERT_TRUE(appender_.checkpoint());
    EXPECT_EQ(appender_.checkpoint()->size, 2U);
    EXPECT_TRUE(open_checkpoint(appender_.checkpoint()->note, appender_.note_key()));
    appender_.flush();
    EXPECT_EQ(*CheckpointFile{folder_.file("ledger.checkpoint")}.read(), appender_.checkpoint()->note);
    EXPECT_EQ(index_.position(), 2U);
}

TEST_F(Pipeline, stores_nothing_of_a_command_whose_third_record_is_bad_and_names_it) {
    Event bad = shipment("urn:e:2");
    bad.items[0].quantity->micros = -1;
    const auto receipt = capture({Master{lot("urn:i:1", "L-1")}, shipment("urn:e:1"), bad});
    ASSERT_FALSE(receipt);
    EXPECT_EQ(receipt.error().where, "/2/quantityList/0/quantity");
    EXPECT_EQ(size(), 0U);
    EXPECT_FALSE(appender_.checkpoint());
    EXPECT_TRUE(capture({shipment("urn:e:1")}));  // and the head is as it was
    EXPECT_EQ(size(), 1U);
}

TEST_F(Pipeline, answers_a_repeated_command_from_memory_and_a_changed_one_with_a_conflict) {
    const auto first = capture({shipment("urn:e:1")}, "key-1");
    const auto again = capture({shipment("urn:e:1")}, "key-1");
    ASSERT_TRUE(again) << again.error().text();
    EXPECT_TRUE(again->replayed);
    EXPECT_EQ(again->first, first->first);
    EXPECT_EQ(size(), 1U);
    const auto other = capture({shipment("urn:e:2")}, "key-1");
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().code, Errc::conflict);
    EXPECT_EQ(size(), 1U);
}

TEST_F(Pipeline, answers_a_repeated_command_with_the_verdict_of_then) {
    plugins_.rule_plugin.on_judge = [](const DecisionInput&) -> Result<Verdict> {
        return Verdict{Outcome::accepted_with_findings, {{"food.expiry", Severity::finding, "soon", "urn:i:1", "food", "law"}}};
    };
    ASSERT_TRUE(capture({shipment("urn:e:1"), shipment("urn:e:2")}, "key-1"));
    plugins_.rule_plugin.on_judge = [](const DecisionInput&) -> Result<Verdict> { return Verdict{}; };
    const auto again = capture({shipment("urn:e:1"), shipment("urn:e:2")}, "key-1");
    ASSERT_TRUE(again && again->replayed);
    EXPECT_EQ(again->verdict.outcome, Outcome::accepted_with_findings);
    ASSERT_EQ(again->verdict.findings.size(), 2U);
    EXPECT_EQ(again->verdict.findings[1].code, "food.expiry");
}

TEST_F(Pipeline, never_changes_an_event_but_takes_a_declared_error_and_a_new_one) {
    ASSERT_TRUE(capture({shipment("urn:e:1")}));
    EXPECT_EQ(capture({shipment("urn:e:1")}).error().code, Errc::conflict);
    Event wrong = shipment("urn:e:1");
    wrong.error = ErrorDeclaration{clock_.now(), "incorrect_data", {EventId{"urn:e:1b"}}};
    ASSERT_TRUE(capture({wrong, shipment("urn:e:1b", "urn:i:2")}));
    EXPECT_EQ(capture({wrong}).error().code, Errc::conflict) << "wrong twice";
    Event unknown = wrong;
    unknown.id = EventId{"urn:e:none"};
    EXPECT_EQ(capture({unknown}).error().code, Errc::not_found);
    const auto snapshot = store_->read();
    EXPECT_EQ((*snapshot)->event(EventId{"urn:e:1"})->value().voided_by, 1U);
}

TEST_F(Pipeline, takes_an_event_back_only_as_it_was_recorded) {
    ASSERT_TRUE(capture({shipment("urn:e:1")}));
    Event wrong = shipment("urn:e:1", "urn:i:2");
    wrong.error = ErrorDeclaration{clock_.now(), "incorrect_data", {}};
    const auto other = capture({wrong});
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().code, Errc::conflict);
    EXPECT_EQ(other.error().where, "/0/eventID");
    wrong.items = shipment("urn:e:1").items;
    EXPECT_TRUE(capture({wrong}));
}

TEST_F(Pipeline, lets_no_rule_keep_a_wrong_event_from_being_taken_back) {
    ASSERT_TRUE(capture({shipment("urn:e:1")}));
    plugins_.rule_plugin.on_judge = [](const DecisionInput&) -> Result<Verdict> {
        return Verdict{Outcome::refused, {{"food.expiry", Severity::refuse, "no expiry", "urn:i:1", "food", "law"}}};
    };
    Event wrong = shipment("urn:e:1");
    wrong.error = ErrorDeclaration{clock_.now(), "incorrect_data", {}};
    const auto receipt = capture({wrong});
    ASSERT_TRUE(receipt) << receipt.error().text();
    EXPECT_TRUE(receipt->recorded);
    EXPECT_TRUE(entry(1).judgements.empty());
}

TEST_F(Pipeline, leaves_ids_of_stemma_s_own_form_to_syncs) {
    const auto taken = capture({shipment("urn:stemma:tryton:move:9")});
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().code, Errc::invalid_input);
    EXPECT_EQ(taken.error().where, "/0/eventID");
    Event named = shipment("");
    named.id = content_id(named);
    EXPECT_TRUE(capture({named})) << "the id that it would have been given";
    EXPECT_EQ(capture({shipment("")}).error().code, Errc::conflict) << "and so it is the same event";
}

TEST_F(Pipeline, gives_the_same_event_without_an_id_the_same_id) {
    Event event = shipment("");
    ASSERT_TRUE(capture({event}));
    EXPECT_EQ(capture({event}).error().code, Errc::conflict);
    event.items[0].quantity->micros += 1;
    EXPECT_TRUE(capture({event}));
}

TEST_F(Pipeline, holds_batch_identifier_and_event_size_to_their_limits) {
    limits_.batch_events_max = 2;
    EXPECT_TRUE(capture({shipment("urn:e:1"), shipment("urn:e:2")}));
    EXPECT_EQ(capture({shipment("urn:e:3"), shipment("urn:e:4"), shipment("urn:e:5")}).error().code, Errc::too_large);
    EXPECT_TRUE(capture({Master{lot("urn:i:1", std::string(limits_.identifier_bytes_max, '1'))}}));
    const auto too_long = capture({Master{lot("urn:i:2", std::string(limits_.identifier_bytes_max + 1, '1'))}});
    ASSERT_FALSE(too_long);
    EXPECT_EQ(too_long.error().where, "/0/identifiers/0/value");
    limits_.event_bytes_max = 100;
    EXPECT_EQ(capture({shipment("urn:e:6")}).error().code, Errc::too_large);
}

TEST_F(Pipeline, keeps_record_times_in_order_when_the_clock_steps_back) {
    ASSERT_TRUE(capture({shipment("urn:e:1")}));
    clock_.advance(-7200 * kMicrosPerSecond);
    ASSERT_TRUE(capture({shipment("urn:e:2")}));
    EXPECT_EQ(entry(1).recorded_at, entry(0).recorded_at);
}

TEST_F(Pipeline, refuses_a_command_that_a_rule_refuses_and_records_nothing) {
    plugins_.rule_plugin.on_judge = [](const DecisionInput&) -> Result<Verdict> {
        return Verdict{Outcome::refused, {{"food.expiry", Severity::refuse, "no expiry", "urn:i:1", "food", "law"}}};
    };
    const auto receipt = capture({shipment("urn:e:1")});
    ASSERT_TRUE(receipt) << receipt.error().text();
    EXPECT_FALSE(receipt->recorded);
    EXPECT_EQ(receipt->verdict.outcome, Outcome::refused);
    EXPECT_EQ(receipt->verdict.findings[0].code, "food.expiry");
    EXPECT_EQ(size(), 0U);
}

TEST_F(Pipeline, never_takes_a_failed_plugin_for_an_acceptance) {
    plugins_.rule_plugin.on_judge = [](const DecisionInput&) -> Result<Verdict> { return fail(Errc::plugin, "out of cheese"); };
    const auto strict = capture({shipment("urn:e:1")});
    ASSERT_TRUE(strict);
    EXPECT_FALSE(strict->recorded);
    EXPECT_EQ(strict->verdict.outcome, Outcome::undecided);
    Capturing lenient{appender_, plugins_, limits_, {true}};
    const auto receipt = lenient.capture({"user:test", "", "", {shipment("urn:e:1")}});
    ASSERT_TRUE(receipt && receipt->recorded);
    EXPECT_EQ(entry(0).judgements[0].verdict.outcome, Outcome::undecided);
}

TEST_F(Pipeline, refuses_an_item_whose_number_does_not_check) {
    Item item{ItemId{"urn:i:1"}, ItemKind::serial, ProductId{"urn:p:1"}, {{"serial", "X1"}}, {}};
    EXPECT_FALSE(capture({Master{item}})->recorded);
    item.identifiers[0].value = "A1";
    EXPECT_TRUE(capture({Master{item}})->recorded);
    item.identifiers[0] = {"imei", "X1"};
    item.id = ItemId{"urn:i:2"};
    EXPECT_TRUE(capture({Master{item}})->recorded) << "no plugin knows the scheme";
}

TEST_F(Pipeline, asks_for_facts_in_rounds_and_reads_them_at_the_position_of_the_event) {
    ASSERT_TRUE(capture({Master{Product{ProductId{"urn:p:1"}, "TEA", "Tea", Tracking::lot, "KGM", "food", {}}},
                         Master{lot("urn:i:1", "L-1", {{"itemExpirationDate", "2027-01-31"}})}}));
    plugins_.rule_plugin.on_plan = [](const DecisionInput& input) -> Result<std::vector<FactRequest>> {
        if (input.round == 0) return std::vector{FactRequest{"item.product", {"urn:i:1"}}};
        if (input.round == 1) return std::vector{FactRequest{"item.dates", {"urn:i:1"}}};
        return std::vector<FactRequest>{};
    };
    DecisionInput seen;
    plugins_.rule_plugin.on_judge = [&](const DecisionInput& input) -> Result<Verdict> {
        seen = input;
        return Verdict{};
    };
    ASSERT_TRUE(capture({shipment("urn:e:1")}));
    ASSERT_EQ(seen.facts.size(), 2U);
    EXPECT_EQ(to_text(seen.facts[0].at(0, "category")), "food");
    EXPECT_EQ(to_text(seen.facts[1].at(0, "expiry")), "2027-01-31T00:00:00Z");
    EXPECT_EQ(to_text(seen.tables[1].at(0, "kind")), "lot");
    const Judgement judgement = entry(2).judgements.at(0);
    EXPECT_EQ(judgement.position, 2U);
    EXPECT_EQ(judgement.facts_sha256, to_hex(digest_of(judgement.facts)));
}

TEST_F(Pipeline, shows_a_rule_each_of_many_items_as_it_is_known_at_the_position) {
    // Every third item has a master record when the event comes, every fifth gets a new one afterwards.
    constexpr int kItems = 40;
    const auto id = [](int i) { return "urn:i:" + std::to_string(i); };
    std::vector<std::variant<Event, Master>> known;
    for (int i = 0; i < kItems; i += 3) known.emplace_back(Master{lot(id(i), "L-" + std::to_string(i))});
    ASSERT_TRUE(capture(known));
    Event event = shipment("urn:e:1", id(0));
    event.items.clear();
    for (int i = 0; i < kItems; ++i) event.items.push_back({ItemId{id(i)}, std::nullopt});
    FactTable seen;
    plugins_.rule_plugin.on_judge = [&](const DecisionInput& input) -> Result<Verdict> {
        seen = input.tables.at(1);
        return Verdict{};
    };
    ASSERT_TRUE(capture({event}));
    const auto holds = [&](const FactTable& items) {
        ASSERT_EQ(items.rows.size(), static_cast<std::size_t>(kItems));
        for (std::size_t i = 0; i < items.rows.size(); ++i) {
            const std::string item = id(static_cast<int>(i));
            EXPECT_EQ(to_text(items.at(i, "item")), item);
            EXPECT_EQ(to_text(items.at(i, "product")), i % 3 == 0 ? "urn:p:1" : item) << item;
            EXPECT_EQ(to_text(items.at(i, "kind")), i % 3 == 0 ? "lot" : "untracked") << item;
            EXPECT_EQ(to_text(items.at(i, "role")), "object");
            EXPECT_EQ(to_text(items.at(i, "quantity")), "");
        }
    };
    holds(seen);
    const Sequence position = size() - 1;
    std::vector<std::variant<Event, Master>> later;
    for (int i = 0; i < kItems; i += 5) {
        Item changed = lot(id(i), "N-" + std::to_string(i));
        changed.product = ProductId{"urn:p:other"};
        later.emplace_back(Master{changed});
    }
    ASSERT_TRUE(capture(later));
    const auto snapshot = store_->read();
    FactReader then{**snapshot, position, limits_};
    const auto tables = tables_of(event, then);
    ASSERT_TRUE(tables) << tables.error().text();
    holds(tables->at(1));
    FactReader now{**snapshot, size(), limits_};
    EXPECT_EQ(to_text(tables_of(event, now)->at(1).at(5, "product")), "urn:p:other");
}

TEST_F(Pipeline, cuts_off_a_plugin_that_asks_for_ever_or_for_what_there_is_not) {
    int round = 0;
    plugins_.rule_plugin.on_plan = [&](const DecisionInput&) -> Result<std::vector<FactRequest>> {
        return std::vector{FactRequest{"item.dates", {"urn:i:" + std::to_string(++round)}}};
    };
    EXPECT_EQ(capture({shipment("urn:e:1")})->verdict.outcome, Outcome::undecided);
    EXPECT_LE(round, 4);
    plugins_.rule_plugin.on_plan = [](const DecisionInput&) -> Result<std::vector<FactRequest>> {
        return std::vector{FactRequest{"weather", {"x"}}};
    };
    const auto receipt = capture({shipment("urn:e:1")});
    EXPECT_EQ(receipt->verdict.outcome, Outcome::undecided);
    EXPECT_NE(receipt->verdict.findings[0].message.find("there is no fact 'weather'"), std::string::npos);
}

TEST_F(Pipeline, replays_a_verdict_from_the_facts_of_then_even_after_they_changed) {
    ASSERT_TRUE(capture({Master{lot("urn:i:1", "L-1")}}));
    plugins_.rule_plugin.on_plan = [](const DecisionInput& input) -> Result<std::vector<FactRequest>> {
        return input.round == 0 ? std::vector{FactRequest{"item.dates", {"urn:i:1"}}} : std::vector<FactRequest>{};
    };
    const auto judge = [](const DecisionInput& input) -> Result<Verdict> {
        if (!to_text(input.facts.at(0).at(0, "expiry")).empty()) return Verdict{};
        return Verdict{Outcome::accepted_with_findings, {{"food.expiry", Severity::finding, "no expiry", "urn:i:1", "food", ""}}};
    };
    plugins_.rule_plugin.on_judge = judge;
    ASSERT_TRUE(capture({shipment("urn:e:1")}));
    ASSERT_TRUE(capture({Master{lot("urn:i:1", "L-1", {{"itemExpirationDate", "2027-01-31"}})}}));
    const PluginArchive none = [](const Judgement&) -> std::shared_ptr<const PluginSet> { return nullptr; };
    const auto snapshot = store_->read();
    const auto replayed = replay({**snapshot, plugins_, none, limits_}, 1);
    ASSERT_TRUE(replayed) << replayed.error().text();
    ASSERT_EQ(replayed->size(), 1U);
    EXPECT_TRUE(replayed->front().facts_equal);
    EXPECT_TRUE(replayed->front().verdict_equal);
    EXPECT_EQ(replayed->front().note(), "");
    // A rule that has become laxer comes to another verdict, and the replay says so.
    plugins_.rule_plugin.on_judge = [](const DecisionInput&) -> Result<Verdict> { return Verdict{}; };
    EXPECT_FALSE(replay({**snapshot, plugins_, none, limits_}, 1)->front().verdict_equal);
}

/// The one row of item.dates: made_at, expiry, best_before, received_at.
class Dates : public Pipeline {
protected:
    static Event dated(const std::string& id, const std::string& step, std::int64_t day) {
        Event event = shipment(id);
        event.biz_step = step;
        event.time.instant = on(day);
        return event;
    }
    static Instant on(std::int64_t day) { return {day * 86'400 * kMicrosPerSecond}; }
    std::vector<Value> dates(Sequence position) {
        const auto snapshot = store_->read();
        FactReader reader{**snapshot, position, limits_};
        const auto table = reader.answer({"item.dates", {"urn:i:1"}});
        EXPECT_TRUE(table) << table.error().text();
        return table->rows.empty() ? std::vector<Value>{} : table->rows.front();
    }
};

TEST_F(Dates, take_a_lot_that_is_consumed_for_made_nowhere) {
    Event consumed = dated("urn:e:2", "commissioning", 20'010);
    consumed.type = EventType::transformation;
    consumed.items.clear();
    consumed.inputs = {{ItemId{"urn:i:1"}, Quantity{kQuantityScale, "C62"}}};
    consumed.outputs = {{ItemId{"urn:i:9"}, Quantity{kQuantityScale, "C62"}}};
    consumed.transformation = TransformationId{"urn:t:1"};
    consumed.disposition.clear();
    const auto captured = capture({dated("urn:e:1", "receiving", 20'000), consumed});
    ASSERT_TRUE(captured) << captured.error().text();
    EXPECT_EQ(dates(2)[0], Value{});
    EXPECT_EQ(dates(2)[3], Value{on(20'000)});
    Event produced = consumed;
    produced.id = EventId{"urn:e:3"};
    produced.time.instant = on(20'005);
    std::swap(produced.inputs, produced.outputs);
    ASSERT_TRUE(capture({produced}));
    EXPECT_EQ(dates(3)[0], Value{on(20'005)});
}

TEST_F(Dates, do_not_count_events_that_were_declared_wrong) {
    const Event first = dated("urn:e:1", "commissioning", 20'000);
    Event wrong = first;
    wrong.error = ErrorDeclaration{clock_.now(), "incorrect_data", {}};
    ASSERT_TRUE(capture({first}));
    ASSERT_TRUE(capture({wrong, dated("urn:e:2", "commissioning", 20'100)}));
    EXPECT_EQ(dates(1)[0], Value{on(20'000)}) << "as it was known then";
    EXPECT_EQ(dates(2)[0], Value{});
    EXPECT_EQ(dates(3)[0], Value{on(20'100)});
    EXPECT_TRUE(dates(0).empty());
}

TEST_F(Dates, that_the_writer_keeps_are_those_that_anybody_reads_anew_also_after_a_rollback) {
    std::vector<std::vector<Value>> told;
    plugins_.rule_plugin.on_plan = [](const DecisionInput& input) -> Result<std::vector<FactRequest>> {
        if (!input.facts.empty() && input.facts.back().name == "item.dates") return std::vector<FactRequest>{};
        return std::vector<FactRequest>{{"item.dates", {"urn:i:1"}}};
    };
    plugins_.rule_plugin.on_judge = [&](const DecisionInput& input) -> Result<Verdict> {
        told.push_back(input.facts.back().rows.empty() ? std::vector<Value>{} : input.facts.back().rows.front());
        return Verdict{};
    };
    ASSERT_TRUE(capture({dated("urn:e:1", "receiving", 20'050)}));
    // The third record of this command is bad: what the first one said never happened.
    Event bad = dated("urn:e:4", "shipping", 20'060);
    bad.items[0].quantity->micros = -1;
    ASSERT_FALSE(capture({dated("urn:e:2", "receiving", 20'001), dated("urn:e:3", "shipping", 20'002), bad}));
    ASSERT_TRUE(
        capture({dated("urn:e:5", "shipping", 20'070), dated("urn:e:6", "receiving", 20'040), dated("urn:e:7", "shipping", 20'080)}));
    ASSERT_EQ(told.size(), 6U);
    EXPECT_TRUE(told[0].empty());
    EXPECT_EQ(told[2][3], Value{on(20'001)}) << "within the unit its own entries count";
    EXPECT_EQ(told[3][3], Value{on(20'050)});
    EXPECT_EQ(told[5][3], Value{on(20'040)});
    for (const Sequence position : {Sequence{1}, Sequence{3}}) EXPECT_EQ(dates(position), told[position + 2]) << position;
}

TEST_F(Pipeline, keeps_an_observed_event_that_a_rule_refuses_and_says_so) {
    plugins_.rule_plugin.on_judge = [](const DecisionInput&) -> Result<Verdict> {
        return Verdict{Outcome::refused, {{"food.expiry", Severity::refuse, "no expiry", "urn:i:1", "food", "law"}}};
    };
    const auto snapshot = store_->read();
    FactReader reader{**snapshot, 0, limits_};
    const auto judged = judge_event(plugins_, shipment("urn:e:1"), Standing::observed, clock_.now(), reader);
    ASSERT_TRUE(judged && judged->size() == 1);
    EXPECT_EQ(judged->front().verdict.outcome, Outcome::accepted_with_findings);
    EXPECT_EQ(judged->front().verdict.findings[0].severity, Severity::refuse);
}

TEST_F(Pipeline, leads_a_case_through_its_states_and_refuses_the_rest) {
    ASSERT_TRUE(capture({Master{lot("urn:i:1", "L-1")}}));
    CaseDesk desk{appender_, plugins_, limits_};
    const auto opened = desk.act({CaseId{}, "rma", "open", ItemId{"urn:i:1"}, 0, {{"why", "noise"}}}, "user:test", "customer call");
    ASSERT_TRUE(opened) << opened.error().text();
    EXPECT_EQ(opened->state.state, "requested");
    EXPECT_EQ(opened->state.version, 1U);
    EXPECT_EQ(opened->state.fields.at("why"), "noise");
    const CaseId id = opened->state.case_id;
    EXPECT_EQ(desk.act({id, "", "close", ItemId{}, 7, {}}, "user:test", "").error().code, Errc::conflict);
    const auto closed = desk.act({id, "", "close", ItemId{}, 1, {}}, "user:test", "");
    ASSERT_TRUE(closed);
    EXPECT_EQ(closed->state.state, "closed");
    const Sequence before = size();
    const auto refused = desk.act({id, "", "close", ItemId{}, 0, {}}, "user:test", "");
    ASSERT_TRUE(refused);
    EXPECT_TRUE(refused->steps.empty());
    EXPECT_EQ(refused->verdict.outcome, Outcome::refused);
    EXPECT_EQ(size(), before);
    EXPECT_EQ(desk.act({CaseId{"rma-none"}, "", "close", ItemId{}, 0, {}}, "user:test", "").error().code, Errc::not_found);
    EXPECT_EQ(desk.act({CaseId{}, "claim", "open", ItemId{"urn:i:1"}, 0, {}}, "user:test", "").error().code, Errc::not_found);
    EXPECT_EQ(desk.act({CaseId{}, "rma", "open", ItemId{"urn:i:none"}, 0, {}}, "user:test", "").error().code, Errc::not_found);
    EXPECT_EQ(std::get<CaseEvent>(entry(1).body).state, "requested");
}

TEST_F(Pipeline, carries_out_a_case_command_with_a_key_once) {
    ASSERT_TRUE(capture({Master{lot("urn:i:1", "L-1")}}));
    CaseDesk desk{appender_, plugins_, limits_};
    const CaseCommand open{CaseId{}, "rma", "open", ItemId{"urn:i:1"}, 0, {{"why", "noise"}}, "call-7"};
    const auto first = desk.act(open, "user:test", "customer call");
    ASSERT_TRUE(first) << first.error().text();
    EXPECT_FALSE(first->replayed);
    const CaseId id = first->state.case_id;
    ASSERT_TRUE(desk.act({id, "", "close", ItemId{}, 1, {}, "call-8"}, "user:test", ""));
    const Sequence before = size();
    const auto again = desk.act(open, "user:test", "customer call");
    ASSERT_TRUE(again) << again.error().text();
    EXPECT_TRUE(again->replayed);
    EXPECT_EQ(again->state, first->state) << "the answer of then, not the case of now";
    EXPECT_EQ(again->steps, first->steps);
    EXPECT_TRUE(desk.act({id, "", "close", ItemId{}, 1, {}, "call-8"}, "user:test", "")->replayed) << "a version that is past by now";
    EXPECT_EQ(size(), before);
    CaseCommand other = open;
    other.fields["why"] = "smoke";
    EXPECT_EQ(desk.act(other, "user:test", "customer call").error().code, Errc::conflict);
    EXPECT_EQ(desk.act(open, "user:other", "customer call").error().code, Errc::conflict);
    EXPECT_EQ(capture({shipment("urn:e:1")}, "call-7").error().code, Errc::conflict) << "one space of keys for all commands";
    other.key.assign(kCommandKeyBytesMax + 1, 'k');
    EXPECT_EQ(desk.act(other, "user:test", "").error().code, Errc::invalid_input);
    EXPECT_EQ(size(), before);
}

TEST_F(Pipeline, names_the_entry_that_is_not_there_and_acts_a_case_s_step_again) {
    ASSERT_TRUE(capture({Master{lot("urn:i:1", "L-1")}}));
    CaseDesk desk{appender_, plugins_, limits_};
    ASSERT_TRUE(desk.act({CaseId{}, "rma", "open", ItemId{"urn:i:1"}, 0, {}}, "user:test", ""));
    const PluginArchive none = [](const Judgement&) { return nullptr; };
    const auto snapshot = store_->read();
    const auto step = replay({**snapshot, plugins_, none, limits_}, 1);
    ASSERT_TRUE(step && step->size() == 1);
    EXPECT_TRUE(step->front().replayed);
    EXPECT_TRUE(step->front().equal(ReplayBy::then)) << step->front().note();
    const auto missing = replay({**snapshot, plugins_, none, limits_}, 2);
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, Errc::not_found);
    EXPECT_EQ(missing.error().message, "there is no entry 2");
}

TEST_F(Pipeline, looks_for_a_rare_step_page_by_page_in_bounded_time) {
    std::vector<std::variant<Event, Master>> many;
    for (int i = 0; i < 9'000; ++i) many.emplace_back(shipment(fmt::format("urn:e:{}", i)));
    for (int batch = 0; batch < 3; ++batch) {
        for (auto& record : many) std::get<Event>(record).id = EventId{std::get<Event>(record).id.str() + "x"};
        if (batch == 2) std::get<Event>(many.back()).biz_step = "destroying";
        ASSERT_TRUE(capture(many));
    }
    const auto snapshot = store_->read();
    Queries queries{**snapshot, index_, limits_};
    const auto first = queries.events(0, 10, "destroying");
    ASSERT_TRUE(first);
    EXPECT_TRUE(first->rows.empty());
    EXPECT_EQ(first->next, 20'000U);
    const auto second = queries.events(first->next, 10, "destroying");
    ASSERT_TRUE(second && second->rows.size() == 1);
    EXPECT_EQ(second->rows.front().sequence, 26'999U);
    EXPECT_EQ(second->next, 0U);
    EXPECT_EQ(queries.events(UINT64_MAX, 10, "destroying")->next, 0U);
}

TEST_F(Pipeline, finds_items_by_any_identifier_and_names_the_candidates_when_several_match) {
    ASSERT_TRUE(capture({Master{lot("urn:i:1", "S4-L17")}, Master{lot("urn:i:2", "B-100")}, Master{lot("urn:i:3", "B-100")},
                         Master{lot("urn:i:4", "B-1001")}}));
    const auto snapshot = store_->read();
    Queries queries{**snapshot, index_, limits_};
    EXPECT_EQ(queries.resolve("s4l17")->item.id.str(), "urn:i:1");
    EXPECT_EQ(queries.resolve("urn:i:4")->item.id.str(), "urn:i:4");
    EXPECT_EQ(queries.resolve("B-1001")->item.id.str(), "urn:i:4");
    const auto several = queries.resolve("B-100");
    ASSERT_FALSE(several);
    EXPECT_EQ(several.error().code, Errc::conflict);
    EXPECT_NE(several.error().message.find("urn:i:3"), std::string::npos);
    EXPECT_EQ(queries.resolve("B-10").error().code, Errc::not_found);
    EXPECT_EQ(queries.search("B-10", 10)->size(), 3U);
    EXPECT_EQ(queries.search("none", 10)->size(), 0U);
}

}  // namespace
}  // namespace stemma::engine
