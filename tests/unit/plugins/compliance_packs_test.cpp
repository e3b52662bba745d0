// The shipped packs as texts: they fit their schema, say what they do not promise, and name what is missing from a record, field by field.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "core/config/schema.hpp"
#include "core/config/tree.hpp"
#include "plugins/compliance/rule_pack.hpp"

namespace stemma {
namespace {

using compliance::Rule;
using compliance::Standing;
using compliance::Value;

std::filesystem::path source(const std::string& path) { return std::filesystem::path(STEMMA_SOURCE_DIR) / path; }

std::string text_of(const std::filesystem::path& path) {
    std::ostringstream out;
    out << std::ifstream(path).rdbuf();
    return out.str();
}

std::vector<std::filesystem::path> packs() {
    std::vector<std::filesystem::path> out;
    for (const auto& file : std::filesystem::directory_iterator(source("config/rules"))) out.push_back(file.path());
    return out;
}

std::map<std::string, Rule> rules_of(const std::filesystem::path& path) {
    std::map<std::string, Rule> out;
    const auto tree = config::read_yaml_file(path);
    if (!tree) throw std::runtime_error(tree.error().text());
    for (Rule& rule : compliance::read_rule_pack(path.filename().string(), config::to_json(tree->root()))) {
        std::string id = rule.id;
        out.emplace(std::move(id), std::move(rule));
    }
    return out;
}

TEST(RulePackSchema, fits_every_pack_that_is_shipped) {
    const auto schema = config::Schema::compile(text_of(source("schemas/rules/rule-pack.schema.json")), "rule-pack.schema.json");
    ASSERT_TRUE(schema) << schema.error().text();
    EXPECT_GE(packs().size(), 13U);
    for (const auto& pack : packs()) {
        const auto tree = config::read_yaml_file(pack);
        ASSERT_TRUE(tree) << tree.error().text();
        for (const Error& error : schema->check(tree->root())) ADD_FAILURE() << error.text();
    }
}

TEST(RulePackSchema, refuses_a_key_and_a_severity_that_do_not_exist) {
    const auto schema = config::Schema::compile(text_of(source("schemas/rules/rule-pack.schema.json")), "rule-pack.schema.json");
    ASSERT_TRUE(schema);
    const std::string whole = text_of(source("config/rules/food.yaml"));
    const auto refused = [&](const std::string& from, const std::string& to) {
        std::string text = whole;
        text.replace(text.find(from), from.size(), to);
        const auto tree = config::read_yaml_text(text, "food.yaml");
        return !schema->check(tree->root()).empty();
    };
    EXPECT_FALSE(refused("food", "food"));
    EXPECT_TRUE(refused("severity: refuse", "severity: block"));
    EXPECT_TRUE(refused("severity: refuse", "severity: refuse\n    gravity: 3"));
    EXPECT_TRUE(refused("equals: shipping", "like: shipping"));
}

/// Each key below "properties" is a description's place.
void expect_described(const sdk::Json& json) {
    if (json.type() == sdk::Json::Type::array)
        for (const sdk::Json& item : json.items()) expect_described(item);
    if (json.type() != sdk::Json::Type::object) return;
    for (const sdk::Json::Member& member : json.members()) {
        if (member.key == "properties") {
            for (const sdk::Json::Member& key : member.value.members())
                EXPECT_NE(key.value.find("description"), nullptr) << key.value.path();
        }
        expect_described(member.value);
    }
}

TEST(RulePackSchema, describes_every_key) { expect_described(sdk::Json::parse(text_of(source("schemas/rules/rule-pack.schema.json")))); }

TEST(RulePacks, say_once_that_they_are_no_legal_advice) {
    for (const auto& pack : packs()) {
        const std::string text = text_of(pack);
        const std::string head = text.substr(0, text.find("\npack:"));
        std::string joined;  // the comment's lines as one text
        std::istringstream lines(head);
        for (std::string line; std::getline(lines, line);) joined += " " + line.substr(std::min<std::size_t>(2, line.size()));
        EXPECT_NE(joined.find("Not legal advice"), std::string::npos) << pack;
    }
}

TEST(RulePacks, that_call_a_rule_unverified_say_so_in_its_words) {
    int unverified = 0;
    for (const auto& pack : packs())
        for (const auto& [id, rule] : rules_of(pack)) {
            if (rule.unverified.empty()) continue;
            ++unverified;
            EXPECT_NE(in_words(rule).find("Unverified: " + rule.unverified), std::string::npos) << id;
        }
    EXPECT_GE(unverified, 10);
    // Vectors' own remark: 1.1325 and 1.1350 were not checked.
    const auto fsma = rules_of(source("config/rules/fsma204.yaml"));
    for (const char* id : {"fsma204.harvesting", "fsma204.cooling", "fsma204.transformation.input", "fsma204.transformation.output"})
        EXPECT_FALSE(fsma.at(id).unverified.empty()) << id;
}

TEST(RulePacks, show_each_example_and_how_it_came_out) {
    for (const auto& pack : packs())
        for (const auto& [id, rule] : rules_of(pack)) {
            const std::string shown = examples_in_words(rule);
            for (const compliance::Example& example : rule.examples) EXPECT_NE(shown.find(example.name), std::string::npos) << id;
            EXPECT_EQ(shown.find("FAILS"), std::string::npos) << shown;
        }
}

/// An event whose fields all stand at the first of their places, but those left out. What else the rule looks at is as its first good
/// example says.
class Record final : public compliance::Scene {
public:
    explicit Record(const Rule& rule) : rule_{&rule} {}
    std::set<std::string> left_out;

    [[nodiscard]] std::optional<std::vector<Value>> values(const compliance::Reference& what) const override {
        for (const compliance::RequiredField& field : rule_->fields)
            if (field.places.front() == what) return left_out.contains(field.name) ? std::vector<Value>{} : std::vector<Value>{"known"};
        const compliance::Example& model = rule_->examples.front();
        const auto cell = [](const compliance::Example::Row& row, const std::string& column) {
            const auto it = row.find(column);
            return it == row.end() ? std::vector<Value>{} : std::vector<Value>{it->second};
        };
        if (what.source == compliance::Source::event) return cell(model.event, what.column);
        if (what.source == compliance::Source::item) return cell(model.item, what.column);
        if (what.fact == "item.attributes") return std::vector<Value>{};
        std::vector<Value> out;
        if (const auto fact = model.facts.find(what.fact); fact != model.facts.end())
            for (const auto& row : fact->second)
                if (what.key.empty() || row.at(std::string(what.form->key_column)) == Value{what.key})
                    for (const Value& value : cell(row, what.column)) out.push_back(value);
        return out;
    }

private:
    const Rule* rule_;
};

/// Each required KDE of each critical tracking event in the file, left out in turn.
std::size_t expect_each_field_is_noticed(const std::filesystem::path& vectors) {
    const auto rules = rules_of(source("config/rules/fsma204.yaml"));
    const sdk::Json json = sdk::Json::parse(text_of(vectors));
    std::size_t tried = 0;
    for (const sdk::Json::Member& cte : json.at("cte").members())
        for (const auto& [list, suffix] : {std::pair{"required", ""}, {"input_required", ".input"}, {"output_required", ".output"}}) {
            const sdk::Json* required = cte.value.find(list);
            if (required == nullptr) continue;
            const auto found = rules.find("fsma204." + cte.key + suffix);
            if (found == rules.end()) {
                ADD_FAILURE() << "no rule for " << cte.key << suffix;
                continue;
            }
            const Rule& rule = found->second;
            EXPECT_EQ(required->items().size(), rule.fields.size()) << rule.id;
            EXPECT_EQ(to_text(rule.valid_from.value_or(compliance::Day{})), "2028-07-20") << rule.id;
            Record record(rule);
            EXPECT_EQ(judge(rule, record), Standing::kept) << rule.id << ", a complete record";
            for (const sdk::Json& field : required->items()) {
                record.left_out = {std::string(field.text())};
                EXPECT_EQ(judge(rule, record), Standing::broken) << rule.id << " without " << field.text();
                EXPECT_EQ(missing_fields(rule, record), std::vector<std::string>{std::string(field.text())}) << rule.id;
                ++tried;
            }
        }
    return tried;
}

TEST(Fsma204, notices_each_key_data_element_that_is_left_out) {
    EXPECT_EQ(expect_each_field_is_noticed(source("tests/unit/plugins/data/fsma204_kde.json")), 10U + 10U + 12U);
}

TEST(Fsma204, notices_each_key_data_element_of_the_vector_file) {
    const std::filesystem::path vectors = source("../shared/vectors/rules/fsma204_kde.json");
    if (!std::filesystem::exists(vectors)) GTEST_SKIP() << "../shared/vectors/rules/fsma204_kde.json is not here";
    // 8 + 9 + 16 + 8 + 10 + 10 + 10 + 9 + (4 + 8) elements of ten lists.
    EXPECT_EQ(expect_each_field_is_noticed(vectors), 92U);
}

TEST(FirearmsCalendar, counts_the_business_days_of_a_year) {
    // 2026 has 365 days from Thursday, 1 January: 52 Saturdays and 52 Sundays, and 11 federal holidays, all on weekdays as observed.
    const auto rules = rules_of(source("config/rules/firearms.yaml"));
    const auto& calendar = *rules.at("firearms.dealer-acquisition-in-time").require.comparison.by->calendar;
    int open = 0;
    for (compliance::Day day = *compliance::day_from("2026-01-01"); day <= *compliance::day_from("2026-12-31"); ++day.count)
        open += calendar.open_on(day) ? 1 : 0;
    EXPECT_EQ(open, 365 - 52 - 52 - 11);
}

}  // namespace
}  // namespace stemma
