// A correct plugin with rules, an assessment and a workflow, small enough to know every answer. What an item is called decides what the
// rules make of it: "urn:bee:stings" is refused, "urn:bee:unknown" needs a fact that never comes, the rest is fine.
#include <stdexcept>

#include "stemma/plugin/sdk.hpp"

namespace {

namespace sdk = stemma::sdk;

constexpr std::string_view kSchema = R"({
  "type": "object",
  "additionalProperties": false,
  "properties": {"greeting": {"type": "string", "maxLength": 40, "description": "Said when a case is opened"}}
})";

std::string item_in(const sdk::Input& input, std::string_view table) { return std::string(input.table(table).at(0, "item").as_text()); }

class Beehive final : public sdk::Rules, public sdk::Assessment, public sdk::Workflow {
public:
    explicit Beehive(const sdk::Config& config) : greeting_{config.text("greeting", "welcome")} {
        for (const sdk::DataFile& file : config.files()) greeting_ += " " + std::string(sdk::Json::parse(file.content).at("word").text());
        config.log(STM_LOG_DEBUG, "the hive is open");
    }

    std::vector<sdk::Rule> rules() const override {
        return {{"bee.sting", "What stings must not be shipped", "Hive code, article 1", sdk::Severity::refuse, 0, 86'400'000'000}};
    }
    std::vector<sdk::FactRequest> facts_to_judge(const sdk::Input& input) const override {
        const std::string item = item_in(input, "event.items");
        if (item == "urn:bee:endless") return {{"bee.mood", {item, std::to_string(input.round())}}};
        if (item == "urn:bee:curious") return {{"bee.secret", {item}}};
        if (input.find_fact("bee.mood", {item})) return {};
        return {{"bee.mood", {item}}};
    }
    sdk::Judgement judge(const sdk::Input& input) const override {
        const std::string item = item_in(input, "event.items");
        const auto mood = input.find_fact("bee.mood", {item});
        if (!mood) return {false, {}};
        if (item == "urn:bee:confused")
            return {true, {{sdk::Severity::finding, "bee.other", "bee.other", "of a rule it does not have", item}}};
        if (item != "urn:bee:stings") return {};
        const bool calm = mood->rows() > 0 && mood->at(0, "calm").as_flag();
        if (calm) return {};
        return {true, {{sdk::Severity::refuse, "bee.sting", "bee.sting", "it stings", item}}};
    }
    std::variant<std::string, sdk::Refused> explain(std::string_view rule) const override {
        if (rule != "bee.sting") return sdk::Refused{"no such rule"};
        return "An item that stings and is not calm may not be shipped.";
    }

    sdk::AssessmentKind assessment_kind() const override {
        return {"honey",
                "How much honey an item gave",
                {{"amount", sdk::Type::quantity},
                 {"as_of", sdk::Type::time_us},
                 {"count", sdk::Type::int64},
                 {"ripe", sdk::Type::boolean},
                 {"note", sdk::Type::text}},
                {combs({})}};
    }
    std::vector<sdk::FactRequest> facts_to_assess(const sdk::Input&) const override { return {}; }
    sdk::Assessed assess(const sdk::Input& input) const override {
        sdk::Assessed out;
        if (item_in(input, "item") == "urn:bee:unknown") return {false, {}, {{"bee.unknown", "nobody knows this bee"}}};
        if (item_in(input, "item") == "urn:bee:babbles") return {true, {{"secret", sdk::Value::text("x")}}, {}};
        out.answers = {{"amount", sdk::Value::quantity(1'500'000, "KGM")},
                       {"as_of", sdk::Value::time_us(input.as_of_us())},
                       {"count", sdk::Value::integer(-3)},
                       {"ripe", sdk::Value::flag(true)},
                       {"note", sdk::Value::null(sdk::Type::text)}};
        out.reasons = {{"bee.weighed", "it was weighed"}};
        out.tables = {
            combs({{sdk::Value::text("upper"), sdk::Value::integer(7)}, {sdk::Value::text("lower"), sdk::Value::null(sdk::Type::int64)}})};
        if (item_in(input, "item") == "urn:bee:renames") out.tables.front().name = "wax";
        if (item_in(input, "item") == "urn:bee:retypes") out.tables.front().columns.back().name = "wax";
        if (item_in(input, "item") == "urn:bee:repeats") out.tables.push_back(out.tables.front());
        return out;
    }
    static sdk::AnswerTable combs(std::vector<std::vector<sdk::Value>> rows) {
        return {"combs", {{"comb", sdk::Type::text, true}, {"cells", sdk::Type::int64}}, std::move(rows)};
    }

    sdk::WorkflowKind workflow_kind() const override {
        return {"swarm",
                "A swarm that is caught and housed",
                {"flying", "housed"},
                {{"open", "A swarm was seen", {{"where", sdk::Type::text, false}}}, {"house", "It is in a box", {}}},
                {{"", "open", "flying"}, {"flying", "house", "housed"}}};
    }
    std::vector<sdk::FactRequest> facts_to_act(const sdk::Input&) const override { return {}; }
    sdk::Acted act(const sdk::Input& input) const override {
        const std::string state(input.table("case").at(0, "state").text_or(""));
        const std::string command(input.table("command").at(0, "name").as_text());
        if (command == "explode") throw std::runtime_error("boom");
        if (command == "dither") return {};
        if (state.empty() && command == "open") return {{{"seen", {{"greeting", greeting_}}}}, {}};
        if (state == "flying" && command == "house") return {{{"housed", {}}, {"labelled", {{"label", "H1"}}}}, {}};
        return {{}, {{sdk::Severity::refuse, command, "swarm.state", "'" + command + "' is not possible in '" + state + "'", ""}}};
    }
    sdk::CaseState apply(const sdk::CaseState& before, const sdk::CaseEvent& event) const override {
        sdk::CaseState after = before;
        if (event.type == "seen") after.name = "flying";
        if (event.type == "housed") after.name = "housed";
        if (event.type == "vanished") after.name = "nowhere";
        for (const auto& [name, value] : event.fields) after.fields[name] = value;
        return after;
    }

private:
    std::string greeting_;
};

}  // namespace

STEMMA_PLUGIN(Beehive, {.id = "org.stemma.zoo.beehive",
                        .version = "1.0.0",
                        .summary = "Rules, an assessment and a workflow",
                        .options_schema = kSchema,
                        .facts = {"bee.mood"},
                        .data_kinds = {"words"}});
