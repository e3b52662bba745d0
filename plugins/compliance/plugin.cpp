// Rules from rule packs behind the SDK: each rule is judged for each item of an event. Facts are asked for in steps: those that say
// whether a rule applies, those that say whether it is kept, and, for what is broken, the names that people know item and product by.
#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>

#include "plugins/compliance/rule.hpp"
#include "plugins/compliance/rule_pack.hpp"
#include "stemma/plugin/sdk.hpp"

namespace {

namespace sdk = stemma::sdk;
namespace compliance = stemma::compliance;
using compliance::Reference;
using compliance::Rule;
using compliance::Source;
using compliance::Standing;
using compliance::Value;

constexpr std::string_view kSchema = R"json({
"$schema": "http://json-schema.org/draft-07/schema#",
"description": "The rules come from data files of the kind rule_pack; there is nothing else to set.",
"type": "object",
"additionalProperties": false
})json";

constexpr const char* kPackKind = "rule_pack";

constexpr std::int64_t kMicrosPerDay = 86'400'000'000;

/// The facts of one input, found by name and argument; an event may have thousands of items.
class FactIndex {
public:
    explicit FactIndex(const sdk::Input& input) {
        for (std::size_t i = 0; i < input.facts(); ++i)
            if (const sdk::Table fact = input.fact(i); fact.args() == 1) facts_.emplace(std::pair{fact.name(), fact.arg(0)}, fact);
    }
    [[nodiscard]] const sdk::Table* find(std::string_view name, std::string_view argument) const {
        const auto it = facts_.find({name, argument});
        return it == facts_.end() ? nullptr : &it->second;
    }

private:
    std::map<std::pair<std::string_view, std::string_view>, sdk::Table> facts_;
};

void add_value(const sdk::Cell& cell, std::vector<Value>& out) {
    if (cell.is_null()) return;
    if (cell.type() == sdk::Type::time_us) {
        out.emplace_back(compliance::day_of(cell.as_time_us()));
    } else {
        out.emplace_back(std::string(cell.as_text()));
    }
}

/// An event and one row of its items.
class EventScene final : public compliance::Scene {
public:
    EventScene(const sdk::Table& event, const sdk::Table& items, std::size_t row, const FactIndex& facts)
        : event_{event}, items_{items}, row_{row}, facts_{&facts} {}

    [[nodiscard]] std::optional<std::vector<Value>> values(const Reference& what) const override {
        std::vector<Value> out;
        if (what.source == Source::event) add_value(event_.at(0, what.column), out);
        if (what.source == Source::item) add_value(items_.at(row_, what.column), out);
        if (what.source != Source::fact) return out;
        const std::string_view argument = item_text(compliance::argument_of(what.fact));
        if (argument.empty()) return out;  // an item without a product has no facts about it
        const sdk::Table* fact = facts_->find(what.fact, argument);
        if (fact == nullptr) return std::nullopt;
        for (std::size_t row = 0; row < fact->rows(); ++row)
            if (what.key.empty() || fact->at(row, compliance::key_column_of(what.fact)).text_or("") == what.key)
                add_value(fact->at(row, what.column), out);
        return out;
    }

    [[nodiscard]] std::string_view item_text(std::string_view column) const { return items_.at(row_, column).text_or(""); }

    /// The text in the fact's first row, where there is one.
    [[nodiscard]] std::string_view name_in(std::string_view fact, std::string_view column) const {
        const sdk::Table* table = facts_->find(fact, item_text("item"));
        return table == nullptr || table->rows() == 0 ? std::string_view{} : table->at(0, column).text_or("");
    }

private:
    sdk::Table event_;
    sdk::Table items_;
    std::size_t row_;
    const FactIndex* facts_;
};

struct Compliance final : sdk::Rules {
    explicit Compliance(const sdk::Config& config) {
        for (const sdk::DataFile& file : config.files()) {
            for (Rule& rule : compliance::read_rule_pack(file.name, file.content)) {
                const auto same = [&](const Rule& other) { return other.id == rule.id; };
                if (std::ranges::any_of(rules_, same))
                    throw sdk::BadOption(file.name + ": rule '" + rule.id + "' stands in another pack too");
                rules_.push_back(std::move(rule));
            }
        }
        if (rules_.empty()) config.log(STM_LOG_WARN, "no rule pack is configured: nothing will be judged");
    }

    void self_check() const {
        for (const Rule& rule : rules_)
            if (const auto failing = compliance::failing_example(rule)) throw std::runtime_error(*failing);
    }

    [[nodiscard]] std::vector<sdk::Rule> rules() const override {
        std::vector<sdk::Rule> out;
        for (const Rule& rule : rules_) {
            sdk::Rule described{rule.id, rule.title, rule.citation, severity_of(rule)};
            if (rule.valid_from) described.valid_from_us = rule.valid_from->count * kMicrosPerDay;
            if (rule.valid_to) described.valid_to_us = (rule.valid_to->count + 1) * kMicrosPerDay;
            out.push_back(std::move(described));
        }
        return out;
    }

    [[nodiscard]] std::vector<sdk::FactRequest> facts_to_judge(const sdk::Input& input) const override {
        std::set<std::pair<std::string, std::string>> wanted;
        std::set<std::pair<std::string, std::string>> names;
        const FactIndex facts(input);
        for_each_case(input, facts, [&](const Rule& rule, const EventScene& scene) {
            for (const Reference& what : compliance::unread(rule, scene))
                wanted.emplace(what.fact, scene.item_text(compliance::argument_of(what.fact)));
            if (compliance::judge(rule, scene) != Standing::broken) return;
            for (const char* fact : {"item.identity", "item.product"})
                if (const std::string_view item = scene.item_text("item"); facts.find(fact, item) == nullptr) names.emplace(fact, item);
        });
        if (wanted.empty()) wanted = std::move(names);
        std::vector<sdk::FactRequest> requests;
        requests.reserve(wanted.size());
        for (const auto& [fact, argument] : wanted) requests.push_back({fact, {argument}});
        return requests;
    }

    [[nodiscard]] sdk::Judgement judge(const sdk::Input& input) const override {
        sdk::Judgement out;
        std::set<std::pair<std::string_view, std::string_view>> seen;  // an item may stand in an event twice, as input and as output
        const FactIndex facts(input);
        for_each_case(input, facts, [&](const Rule& rule, const EventScene& scene) {
            const Standing standing = compliance::judge(rule, scene);
            if (standing == Standing::unknown) out.decided = false;
            const std::string_view item = scene.item_text("item");
            if (standing != Standing::broken || !seen.emplace(rule.id, item).second) return;
            const std::string_view label = scene.name_in("item.identity", "value");
            const std::string_view product = scene.name_in("item.product", "name");
            const std::string message =
                compliance::message_for(rule, label.empty() ? item : label, product.empty() ? scene.item_text("product") : product);
            out.findings.push_back({severity_of(rule), rule.id, rule.id, message, std::string(item)});
        });
        return out;
    }

    [[nodiscard]] std::variant<std::string, sdk::Refused> explain(std::string_view id) const override {
        for (const Rule& rule : rules_)
            if (rule.id == id) return compliance::in_words(rule);
        return sdk::Refused{"there is no rule '" + std::string(id) + "'"};
    }

private:
    static sdk::Severity severity_of(const Rule& rule) noexcept {
        if (rule.severity == compliance::Severity::refuse) return sdk::Severity::refuse;
        return rule.severity == compliance::Severity::hold ? sdk::Severity::hold : sdk::Severity::finding;
    }

    /// Calls `visit` for each rule in force at the event's time and each item of the event.
    template <class Visit>
    void for_each_case(const sdk::Input& input, const FactIndex& facts, Visit visit) const {
        const sdk::Table event = input.table("event");
        const sdk::Table items = input.table("event.items");
        const compliance::Day day = compliance::day_of(event.at(0, "event_time").as_time_us());
        for (const Rule& rule : rules_) {
            if (!compliance::in_force(rule, day)) continue;
            for (std::size_t row = 0; row < items.rows(); ++row) visit(rule, EventScene(event, items, row, facts));
        }
    }

    std::vector<Rule> rules_;
};

}  // namespace

STEMMA_PLUGIN(Compliance, {.id = "org.stemma.compliance",
                           .version = "0.1.0",
                           .summary = "Compliance rules from rule packs",
                           .options_schema = kSchema,
                           .facts = {"item.identity", "item.dates", "item.product", "item.status", "item.attributes", "product.attributes"},
                           .data_kinds = {kPackKind}});
