#include "plugins/compliance/rule_pack.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

namespace stemma::compliance {
namespace {

using sdk::BadOption;
using sdk::Json;

struct FactForm {
    std::string_view name;
    std::string_view argument;
    std::string_view key_column;  // the fact lists rows of (key column, value)
    std::array<std::string_view, 5> columns;
    bool time;
};

constexpr std::array<FactForm, 6> kFacts{{
    {"item.identity", "item", "scheme", {}, false},
    {"item.dates", "item", "", {"made_at", "expiry", "best_before", "received_at"}, true},
    {"item.product", "item", "", {"product", "sku", "name", "category", "tracking"}, false},
    {"item.status", "item", "", {"status"}, false},
    {"item.attributes", "item", "name", {}, false},
    {"product.attributes", "product", "name", {}, false},
}};

constexpr std::array<std::string_view, 11> kEventColumns{"event_id",   "type",  "action",     "biz_step", "disposition", "event_time",
                                                         "from_place", "place", "from_party", "party",    "document"};
constexpr std::array<std::string_view, 4> kItemColumns{"item", "product", "kind", "role"};

constexpr std::array<std::pair<std::string_view, Operator>, 7> kOperators{{
    {"equals", Operator::equals},
    {"in", Operator::in},
    {"less_than", Operator::less_than},
    {"at_most", Operator::at_most},
    {"more_than", Operator::more_than},
    {"at_least", Operator::at_least},
    {"present", Operator::present},
}};

template <class List>
bool contains(const List& list, std::string_view text) {
    return !text.empty() && std::find(list.begin(), list.end(), text) != list.end();
}

template <class List>
std::string joined(const List& list) {
    std::string out;
    for (const std::string_view word : list)
        if (!word.empty()) out += (out.empty() ? "" : ", ") + std::string(word);
    return out;
}

const FactForm* fact_form(std::string_view name) noexcept {
    const auto* it = std::ranges::find_if(kFacts, [&](const FactForm& f) { return f.name == name; });
    return it == kFacts.end() ? nullptr : it;
}

void want_keys(const Json& object, std::initializer_list<std::string_view> allowed) {
    for (const Json::Member& member : object.members())
        if (std::ranges::find(allowed, member.key) == allowed.end())
            throw BadOption(member.value.path() + ": unknown key; there may be " + joined(allowed));
}

Reference event_place(const Json& json, std::string_view column) {
    if (!contains(kEventColumns, column))
        throw BadOption(json.path() + ": an event has no '" + std::string(column) + "', but " + joined(kEventColumns));
    return {Source::event, "", std::string(column), "", column == "event_time"};
}

Reference item_place(const Json& json, std::string_view column) {
    if (!contains(kItemColumns, column))
        throw BadOption(json.path() + ": an item has no '" + std::string(column) + "', but " + joined(kItemColumns));
    return {Source::item, "", std::string(column), "", false};
}

/// "item.dates.expiry": the fact's name and its column, or the name of one of the rows it lists.
Reference fact_place(const Json& json, std::string_view text) {
    const std::size_t dot = text.find('.', text.find('.') == std::string_view::npos ? 0 : text.find('.') + 1);
    const FactForm* form = fact_form(text.substr(0, dot));
    if (form == nullptr || dot == std::string_view::npos || dot + 1 == text.size()) {
        std::vector<std::string_view> names;
        names.reserve(kFacts.size());
        for (const FactForm& f : kFacts) names.push_back(f.name);
        throw BadOption(json.path() + ": '" + std::string(text) + "' is no fact and column; the facts are " + joined(names));
    }
    const std::string column(text.substr(dot + 1));
    if (!form->key_column.empty()) return {Source::fact, std::string(form->name), "value", column, false};
    if (!contains(form->columns, column))
        throw BadOption(json.path() + ": the fact " + std::string(form->name) + " has no '" + column + "', but " + joined(form->columns));
    return {Source::fact, std::string(form->name), column, "", form->time};
}

Value read_value(const Json& json, const Reference& place) {
    const std::string_view text = json.text();
    if (!place.time) return std::string(text);
    const auto day = day_from(text);
    if (!day) throw BadOption(json.path() + ": '" + std::string(text) + "' is no date such as 2026-03-01");
    return *day;
}

Comparison read_comparison(const Json& json) {
    want_keys(json, {"event", "item", "fact", "equals", "in", "less_than", "at_most", "more_than", "at_least", "present"});
    Comparison comparison;
    const Json* event = json.find("event");
    const Json* item = json.find("item");
    const Json* fact = json.find("fact");
    if ((event != nullptr) + (item != nullptr) + (fact != nullptr) != 1)
        throw BadOption(json.path() + " needs exactly one of all, any, none, event, item, fact");
    if (event != nullptr) comparison.what = event_place(*event, event->text());
    if (item != nullptr) comparison.what = item_place(*item, item->text());
    if (fact != nullptr) comparison.what = fact_place(*fact, fact->text());
    const Json* operand = nullptr;
    for (const auto& [name, op] : kOperators) {
        const Json* found = json.find(name);
        if (found == nullptr) continue;
        if (operand != nullptr) throw BadOption(json.path() + " has more than one operator");
        operand = found;
        comparison.op = op;
    }
    if (operand == nullptr) throw BadOption(json.path() + " needs one of equals, in, less_than, at_most, more_than, at_least, present");
    if (comparison.op == Operator::present) {
        comparison.present = operand->flag();
    } else if (comparison.op == Operator::in) {
        for (const Json& value : operand->items()) comparison.values.push_back(read_value(value, comparison.what));
        if (comparison.values.empty()) throw BadOption(operand->path() + " is an empty list, which nothing is in");
    } else {
        comparison.values.push_back(read_value(*operand, comparison.what));
    }
    const bool ordered = comparison.op != Operator::present && comparison.op != Operator::in && comparison.op != Operator::equals;
    if (ordered && !comparison.what.time) throw BadOption(operand->path() + ": only times can be ordered");
    return comparison;
}

Condition read_condition(const Json& json, std::size_t depth) {
    if (depth > kConditionDepthMax)
        throw BadOption(json.path() + " is nested deeper than " + std::to_string(kConditionDepthMax) + " levels");
    for (const auto& [name, kind] :
         {std::pair{"all", Condition::Kind::all}, {"any", Condition::Kind::any}, {"none", Condition::Kind::none}}) {
        const Json* parts = json.find(name);
        if (parts == nullptr) continue;
        want_keys(json, {name});
        Condition condition{kind, {}, {}};
        for (const Json& part : parts->items()) condition.parts.push_back(read_condition(part, depth + 1));
        if (condition.parts.empty()) throw BadOption(parts->path() + " has no conditions");
        return condition;
    }
    return {Condition::Kind::comparison, {}, read_comparison(json)};
}

Example read_example(const Json& json, bool good) {
    want_keys(json, {"name", "event", "item", "facts"});
    Example example{std::string(json.at("name").text()), good, {}};
    const auto read_all = [&](const char* key, auto place_of) {
        const Json* object = json.find(key);
        if (object == nullptr) return;
        for (const Json::Member& member : object->members()) {
            Reference place = place_of(member.value, member.key);
            Value value = read_value(member.value, place);
            example.values.emplace_back(std::move(place), std::move(value));
        }
    };
    read_all("event", event_place);
    read_all("item", item_place);
    read_all("facts", fact_place);
    return example;
}

std::vector<Example> read_examples(const Json& json) {
    want_keys(json, {"good", "bad"});
    std::vector<Example> examples;
    for (const bool good : {true, false}) {
        const Json& list = json.at(good ? "good" : "bad");
        if (list.items().empty()) throw BadOption(list.path() + " must have at least one example");
        for (const Json& item : list.items()) examples.push_back(read_example(item, good));
    }
    return examples;
}

std::optional<Day> read_day(const Json& rule, std::string_view key) {
    const Json* found = rule.find(key);
    if (found == nullptr) return std::nullopt;
    const auto day = day_from(found->text());
    if (!day) throw BadOption(found->path() + ": '" + std::string(found->text()) + "' is no date such as 2026-03-01");
    return day;
}

Severity read_severity(const Json& json) {
    for (const Severity severity : {Severity::finding, Severity::hold, Severity::refuse})
        if (json.text() == to_string(severity)) return severity;
    throw BadOption(json.path() + ": '" + std::string(json.text()) + "' is no severity; there are finding, hold, refuse");
}

/// {item} and {product} are the only names that may stand in braces.
void check_message(const Json& json) {
    const std::string_view text = json.text();
    for (std::size_t at = text.find('{'); at != std::string_view::npos; at = text.find('{', at + 1)) {
        const std::string_view name = text.substr(at, text.find('}', at) - at + 1);
        if (name != "{item}" && name != "{product}")
            throw BadOption(json.path() + ": a message may name {item} and {product}, not '" + std::string(name) + "'");
    }
}

Rule read_rule(const Json& json) {
    want_keys(json, {"id", "title", "citation", "severity", "message", "valid_from", "valid_to", "when", "require", "examples"});
    Rule rule;
    rule.id = json.at("id").text();
    rule.title = json.at("title").text();
    if (const Json* citation = json.find("citation")) rule.citation = citation->text();
    rule.severity = read_severity(json.at("severity"));
    check_message(json.at("message"));
    rule.message = json.at("message").text();
    rule.valid_from = read_day(json, "valid_from");
    rule.valid_to = read_day(json, "valid_to");
    if (rule.id.empty() || rule.title.empty() || rule.message.empty())
        throw BadOption(json.path() + ": id, title and message must not be empty");
    if (rule.valid_from && rule.valid_to && *rule.valid_to < *rule.valid_from)
        throw BadOption(json.path() + ": valid_to lies before valid_from");
    rule.when = read_condition(json.at("when"), 1);
    rule.require = read_condition(json.at("require"), 1);
    rule.examples = read_examples(json.at("examples"));
    return rule;
}

}  // namespace

std::vector<Rule> read_rule_pack(std::string_view file, std::string_view text) {
    try {
        const Json json = Json::parse(text);
        want_keys(json, {"pack", "title", "rules"});
        (void)json.at("pack").text();
        std::vector<Rule> rules;
        for (const Json& item : json.at("rules").items()) {
            Rule rule = read_rule(item);
            const auto same = [&](const Rule& other) { return other.id == rule.id; };
            if (std::ranges::any_of(rules, same)) throw BadOption(item.path() + ": rule '" + rule.id + "' stands twice");
            rules.push_back(std::move(rule));
        }
        return rules;
    } catch (const BadOption& bad) {
        throw BadOption(std::string(file) + ": " + bad.what());
    }
}

std::string_view argument_of(std::string_view fact) noexcept {
    const FactForm* form = fact_form(fact);
    return form == nullptr ? std::string_view{} : form->argument;
}

std::string_view key_column_of(std::string_view fact) noexcept {
    const FactForm* form = fact_form(fact);
    return form == nullptr ? std::string_view{} : form->key_column;
}

}  // namespace stemma::compliance
