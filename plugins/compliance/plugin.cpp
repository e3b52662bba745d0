// Rules from rule packs behind the SDK: each rule is judged for each item of an event. Facts are asked for in steps: those that say
// whether a rule applies, those that say whether it is kept, and, for what is broken, the names that people know item and product by.
#include <algorithm>
#include <array>
#include <set>
#include <stdexcept>

#include "plugins/compliance/rule_pack.hpp"
#include "plugins/compliance/rule_set.hpp"
#include "plugins/compliance/tables.hpp"
#include "stemma/plugin/sdk.hpp"

namespace {

namespace sdk = stemma::sdk;
namespace compliance = stemma::compliance;
using compliance::EventTables;
using compliance::Reference;
using compliance::RowAccess;
using compliance::RowScene;
using compliance::Rule;
using compliance::RuleSet;
using compliance::Standing;

constexpr std::string_view kSchema = R"json({
"$schema": "http://json-schema.org/draft-07/schema#",
"description": "The rules come from data files of the kind rule_pack; there is nothing else to set.",
"type": "object",
"additionalProperties": false
})json";

constexpr const char* kPackKind = "rule_pack";

constexpr std::int64_t kMicrosPerDay = 86'400'000'000;

constexpr std::array<const char*, 2> kNaming{"item.identity", "item.product"};  // the facts that name item and product in a message

using Requests = std::set<std::vector<std::string>>;  // fact, arguments

struct Compliance final : sdk::Rules {
    explicit Compliance(const sdk::Config& config) {
        std::vector<Rule> rules;
        for (const sdk::DataFile& file : config.files()) {
            for (Rule& rule : compliance::read_rule_pack(file.name, file.content)) {
                const auto same = [&](const Rule& other) { return other.id == rule.id; };
                if (std::ranges::any_of(rules, same))
                    throw sdk::BadOption(file.name + ": rule '" + rule.id + "' stands in another pack too");
                rules.push_back(std::move(rule));
            }
        }
        if (rules.empty()) config.log(STM_LOG_WARN, "no rule pack is configured: nothing will be judged");
        rules_ = RuleSet{std::move(rules)};
    }

    void self_check() const {
        for (const auto& compiled : rules_.all())
            if (const auto failing = compliance::failing_example(compiled.rule)) throw std::runtime_error(*failing);
    }

    [[nodiscard]] std::vector<sdk::Rule> rules() const override {
        std::vector<sdk::Rule> out;
        for (const auto& [rule, guard] : rules_.all()) {
            sdk::Rule described{rule.id, rule.title, rule.citation, severity_of(rule)};
            if (rule.valid_from) described.valid_from_us = rule.valid_from->count * kMicrosPerDay;
            if (rule.valid_to) described.valid_to_us = (rule.valid_to->count + 1) * kMicrosPerDay;
            out.push_back(std::move(described));
        }
        return out;
    }

    [[nodiscard]] std::vector<sdk::FactRequest> facts_to_judge(const sdk::Input& input) const override {
        Requests wanted;
        Requests names;
        const EventTables tables(input);
        for_each_case(input, tables, [&](const Rule& rule, const RowAccess& row) {
            const Standing standing = compliance::judge_with(rule, row);
            if (standing == Standing::unknown) add_unread(rule, row, wanted);
            if (standing != Standing::broken) return;
            const std::string_view item = row.item_text(compliance::kItem);
            for (const char* fact : kNaming)
                if (!item.empty() && tables.facts.find(fact, item) == nullptr) names.insert({fact, std::string(item)});
        });
        if (wanted.empty()) wanted = std::move(names);
        std::vector<sdk::FactRequest> requests;
        requests.reserve(wanted.size());
        for (const auto& words : wanted) requests.push_back({words.front(), {words.begin() + 1, words.end()}});
        return requests;
    }

    [[nodiscard]] sdk::Judgement judge(const sdk::Input& input) const override {
        sdk::Judgement out;
        std::set<std::pair<std::string_view, std::string_view>> seen;  // an item may stand in an event twice, as input and as output
        const EventTables tables(input);
        for_each_case(input, tables, [&](const Rule& rule, const RowAccess& row) {
            const Standing standing = compliance::judge_with(rule, row);
            if (standing == Standing::unknown) out.decided = false;
            const std::string_view item = row.item_text(compliance::kItem);
            if (standing != Standing::broken || !seen.emplace(rule.id, item).second) return;
            out.findings.push_back({severity_of(rule), rule.id, rule.id, message_for(rule, row), std::string(item)});
        });
        return out;
    }

    [[nodiscard]] std::variant<std::string, sdk::Refused> explain(std::string_view id) const override {
        if (const Rule* rule = rules_.find(id))
            return compliance::in_words(*rule) + "Examples, run when the pack was loaded:\n" + compliance::examples_in_words(*rule);
        return sdk::Refused{"there is no rule '" + std::string(id) + "'"};
    }

private:
    static sdk::Severity severity_of(const Rule& rule) noexcept {
        if (rule.severity == compliance::Severity::refuse) return sdk::Severity::refuse;
        return rule.severity == compliance::Severity::hold ? sdk::Severity::hold : sdk::Severity::finding;
    }

    static void add_unread(const Rule& rule, const RowAccess& row, Requests& out) {
        for (const Reference& what : compliance::unread(rule, RowScene{row})) {
            std::vector<std::string> words{what.fact, std::string(row.argument(what))};
            if (!what.second.empty()) words.push_back(what.second);
            out.insert(std::move(words));
        }
    }

    static std::string message_for(const Rule& rule, const RowAccess& row) {
        const RowScene scene{row};
        const std::string_view label = row.name_in("item.identity", "value");
        const std::string_view product = row.name_in("item.product", "name");
        return compliance::message_for(rule, label.empty() ? row.item_text(compliance::kItem) : label,
                                       product.empty() ? row.item_text(compliance::kProduct) : product,
                                       compliance::listed(compliance::missing_fields(rule, scene)), compliance::because(rule, scene));
    }

    /// Calls `visit` for each rule in force at the event's time and each item of the event that the event does not rule out. An event
    /// without a time is judged by the rules in force now.
    template <class Visit>
    void for_each_case(const sdk::Input& input, const EventTables& tables, Visit visit) const {
        const auto time = tables.event.value(0, compliance::kEventTime);
        const compliance::Day day = time ? compliance::Day{time->count} : compliance::day_of(input.as_of_us());
        const std::size_t items = tables.items.table().rows();
        const RowAccess event{tables, items};
        for (const std::uint32_t index : rules_.about(tables.event.text(0, compliance::kBizStep))) {
            const auto& [rule, guard] = rules_.all()[index];
            if (!compliance::in_force(rule, day) || compliance::evaluate_with(guard, event) == compliance::Truth::no) continue;
            for (std::size_t row = 0; row < items; ++row) visit(rule, RowAccess{tables, row});
        }
    }

    RuleSet rules_;
};

}  // namespace

STEMMA_PLUGIN(Compliance, {.id = "org.stemma.compliance",
                           .version = "0.2.0",
                           .summary = "Compliance rules from rule packs",
                           .options_schema = kSchema,
                           .facts = {"item.identity",       "item.dates",        "item.product",      "item.status",  "item.attributes",
                                     "product.attributes",  "item.history",      "item.milestones",   "item.sold_at", "item.as_built",
                                     "item.as_maintained",  "item.installed_in", "item.replacements", "item.repairs", "item.lots",
                                     "lot.expiry",          "item.holds",        "item.cases",        "case.open",    "lineage.ancestors",
                                     "lineage.descendants", "party.attributes",  "place.attributes"},
                           .data_kinds = {kPackKind}});
