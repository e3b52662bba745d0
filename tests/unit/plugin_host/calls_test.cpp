// Calls through the border: what a plugin gives arrives as the domain's values, and what cannot be right is never believed.
#include "core/plugin_host/c_input.hpp"
#include "tests/unit/plugin_host/fixture.hpp"

namespace stemma {
namespace {

class Calls : public PluginFolder {
protected:
    std::shared_ptr<const Generation> load(const std::string& animal) {
        put(animal);
        auto host = start({want(animal)});
        EXPECT_TRUE(host) << host.error().text();
        return host ? (*host)->current_generation() : nullptr;
    }
    static Result<NumberCheck> check(const PluginSet& set, std::string_view number) {
        auto checked = set.schemes().front()->check({&number, 1});
        if (!checked) return fail(std::move(checked));
        return checked->front();
    }
    static DecisionInput event_of(const std::string& item) {
        return {Instant{1'000}, {{"event.items", {}, {{"item", ColumnType::text}}, {{Value{item}}}}}, {}, 0};
    }
    static FactTable mood(const std::string& item, bool calm) {
        return {"bee.mood", {item}, {{"calm", ColumnType::boolean}}, {{Value{calm}}}};
    }
};

TEST_F(Calls, numbers_come_back_with_reason_and_place) {
    const auto set = load("healthy");
    ASSERT_TRUE(set);
    EXPECT_EQ(check(*set, "A5")->outcome, NumberCheck::Outcome::valid);
    EXPECT_EQ(check(*set, "A5")->code, "");
    const auto bad = check(*set, "B55");
    ASSERT_TRUE(bad);
    EXPECT_EQ(bad->outcome, NumberCheck::Outcome::invalid);
    EXPECT_EQ(bad->code, "ticket.form");
    EXPECT_EQ(bad->message, "not an A and a digit");
    EXPECT_EQ(bad->offset, 0U);
    EXPECT_EQ(bad->length, 3U);
    const NumberScheme& scheme = *set->schemes().front();
    EXPECT_EQ(scheme.normalise("A5").value(), "A5");
    EXPECT_EQ(scheme.format({}, 9, Instant{0}).value(), "A9");
    const auto sections = scheme.decode("A5");
    ASSERT_TRUE(sections);
    ASSERT_EQ(sections->size(), 1U);
    EXPECT_EQ(sections->front().name, "digit");
    EXPECT_EQ(sections->front().value, "5");
    EXPECT_EQ(sections->front().offset, 1U);
}

TEST_F(Calls, a_refused_question_is_the_callers_mistake) {
    const auto set = load("healthy");
    const auto past = set->schemes().front()->format({}, 10, Instant{0});
    ASSERT_FALSE(past);
    EXPECT_EQ(past.error().code, Errc::invalid_input);
    EXPECT_EQ(past.error().message, "there are only ten tickets");
    EXPECT_EQ(set->schemes().front()->normalise("\xff").error().code, Errc::invalid_input);
    EXPECT_EQ(set->counts().front().failed, 0U);
}

TEST_F(Calls, the_sample_takes_a_number_as_it_was_typed_and_counts_places_in_that_text) {
    put("../plugin_sample/sample", "sample");
    auto host = start({want("sample")});
    ASSERT_TRUE(host) << host.error().text();
    const auto set = (*host)->current_generation();
    for (const char* typed : {"T-0042", "t-0042", "t-00 42", " T - 0042 "})
        EXPECT_EQ(check(*set, typed)->outcome, NumberCheck::Outcome::valid) << typed;
    for (const char* wrong : {"", "T-", "T-004", "T-00420", "T0042", "X-0042", "T-0042\t"})
        EXPECT_EQ(check(*set, wrong)->code, "ticket.form") << wrong;
    const auto bad = check(*set, "t-0 x42");
    EXPECT_EQ(bad->code, "ticket.digit");
    EXPECT_EQ(bad->offset, 4U);
    EXPECT_EQ(bad->length, 1U);
    const auto sections = set->schemes().front()->decode(" t-00 42");
    ASSERT_TRUE(sections) << sections.error().text();
    ASSERT_EQ(sections->size(), 2U);
    EXPECT_EQ((*sections)[0].value, "T");
    EXPECT_EQ((*sections)[0].offset, 1U);
    EXPECT_EQ((*sections)[0].length, 1U);
    EXPECT_EQ((*sections)[1].value, "0042");
    EXPECT_EQ((*sections)[1].offset, 3U);
    EXPECT_EQ((*sections)[1].length, 5U);
}

TEST_F(Calls, empty_batch_is_a_batch) {
    const auto set = load("healthy");
    EXPECT_TRUE(set->schemes().front()->check({}).value().empty());
}

TEST_F(Calls, impossible_answers_of_a_scheme_are_plugin_errors) {
    const auto set = load("liar");
    ASSERT_TRUE(set);
    const struct {
        const char* number;
        const char* id;
        const char* why;
    } checks[] = {{"r", "PLUGIN_CALL_GARBAGE", "reason 1, but the scheme has 1"},
                  {"p", "PLUGIN_CALL_GARBAGE", "a place outside the number of 1 bytes"},
                  {"v", "PLUGIN_CALL_GARBAGE", "number 0 got no verdict"},
                  {"t", "PLUGIN_CALL_GARBAGE", "it gave a text where none was asked for"},
                  {"f", "PLUGIN_CALL_FAILED", "failed in check: I would rather not"},
                  {"s", "PLUGIN_CALL_FAILED", "failed in check: it gives no reason"}};
    for (const auto& one : checks) {
        const auto result = check(*set, one.number);
        ASSERT_FALSE(result) << one.number;
        EXPECT_EQ(result.error().code, Errc::plugin);
        EXPECT_EQ(result.error().where, "plugin:org.stemma.zoo.liar");
        expect_message(result.error(), one.id, one.why);
    }
    const NumberScheme& scheme = *set->schemes().front();
    expect_message(scheme.normalise("u").error(), "PLUGIN_CALL_GARBAGE", "the text is not UTF-8");
    expect_message(scheme.normalise("n").error(), "PLUGIN_CALL_GARBAGE", "the text is a null text of 4 bytes");
    expect_message(scheme.normalise("2").error(), "PLUGIN_CALL_GARBAGE", "2 texts instead of one");
    expect_message(scheme.normalise("0").error(), "PLUGIN_CALL_GARBAGE", "0 texts instead of one");
    EXPECT_EQ(scheme.normalise("g").value(), "g");
    expect_message(scheme.decode("o").error(), "PLUGIN_CALL_GARBAGE", "section 'all' lies outside the number");
    expect_message(scheme.decode("c").error(), "PLUGIN_CALL_GARBAGE", "stm_section says it has 8 bytes, 48 are needed");
    EXPECT_EQ(set->counts().front().failed, 12U);
    EXPECT_TRUE(check(*set, "good")) << "a plugin that failed is asked again";
}

TEST_F(Calls, text_at_the_limit_is_taken_and_one_byte_more_is_not) {
    const auto set = load("liar");
    const NumberScheme& scheme = *set->schemes().front();
    EXPECT_TRUE(scheme.normalise(std::string(limits::plugin_text_bytes_max, 'g')));
    expect_message(scheme.normalise(std::string(limits::plugin_text_bytes_max + 1, 'g')).error(), "PLUGIN_CALL_GARBAGE",
                   "the text has 65537 bytes, at most 65536 are taken");
}

TEST_F(Calls, slow_calls_are_counted) {
    put("healthy");
    HostSettings strict = settings();
    strict.call_ms_slow = std::chrono::milliseconds(0);
    const auto host = PluginHost::start(strict, {want("healthy")});
    ASSERT_TRUE(host);
    const auto set = (*host)->current_generation();
    const CallCounts before = set->counts().front();
    EXPECT_TRUE(check(*set, "A1"));
    EXPECT_EQ(set->counts().front().calls, before.calls + 1);
    EXPECT_EQ(set->counts().front().slow, before.slow + 1);
}

TEST_F(Calls, rules_plan_then_judge) {
    const auto set = load("beehive");
    ASSERT_TRUE(set);
    const Rules& rules = *set->rules().front();
    ASSERT_EQ(rules.rules().size(), 1U);
    EXPECT_EQ(rules.rules().front().citation, "Hive code, article 1");
    EXPECT_EQ(rules.rules().front().valid_from, "1970-01-01");
    EXPECT_EQ(rules.rules().front().valid_to, "1970-01-02");
    std::vector<DecisionInput> inputs{event_of("urn:bee:stings"), event_of("urn:bee:fine")};
    const auto plans = rules.plan(inputs);
    ASSERT_TRUE(plans) << plans.error().text();
    EXPECT_EQ(*plans, (std::vector<std::vector<FactRequest>>{{{"bee.mood", {"urn:bee:stings"}}}, {{"bee.mood", {"urn:bee:fine"}}}}));
    inputs[0].facts.push_back(mood("urn:bee:stings", false));
    inputs[1].facts.push_back(mood("urn:bee:fine", false));
    EXPECT_EQ(rules.plan(inputs).value(), (std::vector<std::vector<FactRequest>>{{}, {}}));
    const auto verdicts = rules.judge(inputs);
    ASSERT_TRUE(verdicts) << verdicts.error().text();
    EXPECT_EQ(
        (*verdicts)[0],
        (Verdict{Outcome::refused, {{"bee.sting", Severity::refuse, "it stings", "urn:bee:stings", "bee.sting", "Hive code, article 1"}}}));
    EXPECT_EQ((*verdicts)[1], Verdict{});
    inputs[0].facts = {mood("urn:bee:stings", true)};
    EXPECT_EQ(rules.judge(inputs).value()[0], Verdict{});
}

TEST_F(Calls, a_missing_fact_leaves_its_own_input_undecided) {
    const auto set = load("beehive");
    std::vector<DecisionInput> inputs{event_of("urn:bee:fine"), event_of("urn:bee:stings")};
    inputs[0].facts.push_back(mood("urn:bee:fine", true));
    const auto verdicts = set->rules().front()->judge(inputs);
    ASSERT_TRUE(verdicts);
    EXPECT_EQ((*verdicts)[0].outcome, Outcome::accepted);
    EXPECT_EQ((*verdicts)[1].outcome, Outcome::undecided);
}

TEST_F(Calls, undeclared_facts_rules_and_answers_are_refused) {
    const auto set = load("beehive");
    const Rules& rules = *set->rules().front();
    DecisionInput curious = event_of("urn:bee:curious");
    expect_message(rules.plan({&curious, 1}).error(), "PLUGIN_CALL_GARBAGE",
                   "it asks for the fact 'bee.secret', which its info does not list");
    DecisionInput confused = event_of("urn:bee:confused");
    confused.facts.push_back(mood("urn:bee:confused", true));
    expect_message(rules.judge({&confused, 1}).error(), "PLUGIN_CALL_GARBAGE", "a finding of rule 'bee.other', which it does not have");
    EXPECT_EQ(rules.explain("bee.other").error().code, Errc::not_found);
    EXPECT_EQ(rules.explain("bee.sting").value(), "An item that stings and is not calm may not be shipped.");
    const DecisionInput babbles{Instant{0}, {{"item", {}, {{"item", ColumnType::text}}, {{Value{std::string("urn:bee:babbles")}}}}}, {}, 0};
    expect_message(set->assessments().front()->assess(babbles).error(), "PLUGIN_CALL_GARBAGE",
                   "an answer 'secret', which it does not declare");
}

TEST_F(Calls, what_a_plugin_throws_is_a_failure_with_its_text) {
    const auto set = load("beehive");
    const DecisionInput no_tables{Instant{0}, {}, {}, 0};
    expect_message(set->rules().front()->plan({&no_tables, 1}).error(), "PLUGIN_CALL_FAILED", "the input has no table 'event.items'");
    DecisionInput wrong_type = event_of("x");
    wrong_type.tables.front().columns.front().type = ColumnType::int64;
    wrong_type.tables.front().rows.front().front() = std::int64_t{5};
    expect_message(set->rules().front()->plan({&wrong_type, 1}).error(), "PLUGIN_CALL_FAILED",
                   "a cell has another type than the plugin reads");
}

TEST_F(Calls, assessments_answer_every_type) {
    const auto set = load("beehive");
    const Assessment& honey = *set->assessments().front();
    EXPECT_EQ(honey.kind(), "honey");
    DecisionInput input{Instant{77}, {{"item", {}, {{"item", ColumnType::text}}, {{Value{std::string("urn:bee:1")}}}}}, {}, 0};
    const auto answer = honey.assess(input);
    ASSERT_TRUE(answer) << answer.error().text();
    EXPECT_TRUE(answer->decided);
    const std::vector<std::pair<std::string, Value>> expected{{"amount", Quantity{1'500'000, "KGM"}},
                                                              {"as_of", Instant{77}},
                                                              {"count", std::int64_t{-3}},
                                                              {"ripe", true},
                                                              {"note", std::monostate{}}};
    EXPECT_EQ(answer->values, expected);
    EXPECT_EQ(answer->reasons, std::vector<std::string>{"it was weighed"});
    const std::vector<FactTable> tables{{"combs",
                                         {},
                                         {{"comb", ColumnType::text}, {"cells", ColumnType::int64}},
                                         {{Value{std::string("upper")}, Value{std::int64_t{7}}}, {Value{std::string("lower")}, Value{}}}}};
    EXPECT_EQ(answer->tables, tables);
    input.tables.front().rows.front().front() = std::string("urn:bee:unknown");
    EXPECT_FALSE(honey.assess(input).value().decided);
}

TEST_F(Calls, a_table_that_an_assessment_does_not_declare_is_not_believed) {
    const auto set = load("beehive");
    const auto ask = [&](const std::string& item) {
        return set->assessments().front()->assess({Instant{0}, {{"item", {}, {{"item", ColumnType::text}}, {{Value{item}}}}}, {}, 0});
    };
    EXPECT_TRUE(ask("urn:bee:1"));
    expect_message(ask("urn:bee:renames").error(), "PLUGIN_CALL_GARBAGE", "a table 'wax' with columns that it does not declare");
    expect_message(ask("urn:bee:retypes").error(), "PLUGIN_CALL_GARBAGE", "a table 'combs' with columns that it does not declare");
    expect_message(ask("urn:bee:repeats").error(), "PLUGIN_CALL_GARBAGE", "the table 'combs' twice");
}

TEST_F(Calls, workflows_act_and_fold) {
    const auto set = load("beehive");
    const Workflow& swarm = *set->workflows().front();
    const auto act = [&](const std::string& state, const std::string& command) {
        return swarm.act({Instant{0},
                          {{"case", {}, {{"state", ColumnType::text}}, {{Value{state}}}},
                           {"command", {}, {{"name", ColumnType::text}}, {{Value{command}}}}},
                          {},
                          0});
    };
    EXPECT_EQ(swarm.states(), (std::vector<std::string>{"flying", "housed"}));
    EXPECT_EQ(swarm.commands(), (std::vector<std::string>{"open", "house"}));
    const auto housed = act("flying", "house");
    ASSERT_TRUE(housed) << housed.error().text();
    WorkflowState state{"flying", {{"greeting", "welcome"}}};
    for (const WorkflowStep& step : std::get<std::vector<WorkflowStep>>(*housed)) state = swarm.apply(state, step).value();
    EXPECT_EQ(state.state, "housed");
    EXPECT_EQ(state.fields, (Attributes{{"greeting", "welcome"}, {"label", "H1"}}));
    const auto refused = act("housed", "house");
    ASSERT_TRUE(refused);
    EXPECT_EQ(std::get<std::vector<Finding>>(*refused).front().code, "swarm.state");
    expect_message(act("flying", "explode").error(), "PLUGIN_CALL_FAILED", "failed in act: boom");
    expect_message(act("flying", "dither").error(), "PLUGIN_CALL_GARBAGE", "neither a step nor a refusal");
    expect_message(swarm.apply(state, {"vanished", {}}).error(), "PLUGIN_CALL_GARBAGE", "the state 'nowhere', which it does not declare");
}

TEST(CInputs, refuses_tables_that_do_not_fit_their_columns) {
    const DecisionInput short_row{Instant{0}, {{"t", {}, {{"a", ColumnType::text}, {"b", ColumnType::text}}, {{Value{}}}}}, {}, 0};
    EXPECT_EQ(CInputs::from({&short_row, 1}).error().code, Errc::internal);
    const DecisionInput wrong_type{Instant{0}, {{"t", {}, {{"a", ColumnType::text}}, {{Value{true}}}}}, {}, 0};
    EXPECT_EQ(CInputs::from({&wrong_type, 1}).error().code, Errc::internal);
    const DecisionInput nulls{Instant{0}, {{"t", {}, {{"a", ColumnType::text}}, {{Value{}}}}}, {}, 0};
    const auto in = CInputs::from({&nulls, 1});
    ASSERT_TRUE(in);
    EXPECT_EQ(in->data()[0]->tables[0]->cells[0].is_null, 1);
}

}  // namespace
}  // namespace stemma
