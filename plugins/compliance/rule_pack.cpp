#include "plugins/compliance/rule_pack.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace stemma::compliance {
namespace {

using sdk::BadOption;
using sdk::Json;

constexpr std::array<std::string_view, 7> kWeekdays{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};

void want_at_most(const Json& list, std::size_t most, const char* what) {
    if (list.items().size() > most) throw BadOption(list.path() + " has more than " + std::to_string(most) + " " + what);
}

std::vector<std::string> read_set(const Json& json) {
    std::vector<std::string> out;
    want_at_most(json, kSetValuesMax, "values");
    for (const Json& value : json.items()) out.emplace_back(value.text());
    if (out.empty()) throw BadOption(json.path() + " is an empty list, which nothing is in");
    return out;
}

std::shared_ptr<const Calendar> read_calendar(const Json& json, std::string_view name) {
    want_keys(json, {"first", "last", "weekend", "holidays", "source"});
    auto out = std::make_shared<Calendar>();
    out->name = name;
    out->first = read_day(json.at("first"));
    out->last = read_day(json.at("last"));
    if (out->last < out->first) throw BadOption(json.path() + ": last lies before first");
    for (const Json& day : json.at("weekend").items()) {
        const auto* it = std::ranges::find(kWeekdays, day.text());
        if (it == kWeekdays.end()) throw BadOption(day.path() + ": '" + std::string(day.text()) + "' is no weekday such as sunday");
        out->weekend |= 1U << static_cast<unsigned>(it - kWeekdays.begin());
    }
    if (out->weekend == 0x7FU) throw BadOption(json.path() + ": a week needs an open day");
    want_at_most(json.at("holidays"), kSetValuesMax, "days");
    for (const Json& day : json.at("holidays").items()) out->holidays.push_back(read_day(day));
    std::ranges::sort(out->holidays);
    return out;
}

std::vector<Reference> read_places(const Json& json) {
    std::vector<Reference> out;
    for (const Json& place : json.items()) {
        want_keys(place, kPlaceKeys);
        out.push_back(read_place(place));
    }
    if (out.empty()) throw BadOption(json.path() + " names no place where the field may stand");
    return out;
}

PackNames read_names(const Json& pack) {
    PackNames out;
    if (const Json* sets = pack.find("sets"))
        for (const Json::Member& set : sets->members()) out.sets.emplace(set.key, read_set(set.value));
    if (const Json* calendars = pack.find("calendars"))
        for (const Json::Member& calendar : calendars->members())
            out.calendars.emplace(calendar.key, read_calendar(calendar.value, calendar.key));
    if (const Json* fields = pack.find("fields"))
        for (const Json::Member& field : fields->members()) out.fields.emplace(field.key, read_places(field.value));
    return out;
}

std::vector<RequiredField> read_fields(const Json& json, const PackNames& names) {
    std::vector<RequiredField> out;
    want_at_most(json, kFieldsPerRuleMax, "fields");
    for (const Json& field : json.items()) {
        const auto it = names.fields.find(field.text());
        if (it == names.fields.end()) throw BadOption(field.path() + ": the pack has no field '" + std::string(field.text()) + "'");
        out.push_back({it->first, it->second});
    }
    if (out.empty()) throw BadOption(json.path() + " names no field");
    return out;
}

/// Each field known at one of its places.
Condition known(const std::vector<RequiredField>& fields) {
    Condition out{Condition::Kind::all, {}, {}};
    for (const RequiredField& field : fields) {
        Condition any{Condition::Kind::any, {}, {}};
        for (const Reference& place : field.places) {
            Comparison present;
            present.what = place;
            present.op = Operator::present;
            any.parts.push_back({Condition::Kind::comparison, {}, std::move(present)});
        }
        out.parts.push_back(std::move(any));
    }
    return out;
}

/// "item.product.category": food puts a cell into the fact's one row, or a row into a fact that lists names and values.
void add_fact_value(const Json& json, const std::string& key, Example& out) {
    const Reference place = fact_place(json, key);
    std::vector<Example::Row>& rows = out.facts[place.fact];
    if (place.key.empty()) {
        if (rows.empty()) rows.emplace_back();
        rows.front().insert_or_assign(place.column, read_value(json, place.type));
        return;
    }
    const std::string key_column(place.form->key_column);
    const auto add = [&](const Json& value) {
        rows.push_back({{key_column, Value{place.key}}, {place.column, read_value(value, place.type)}});
    };
    if (json.type() != Json::Type::array) return add(json);
    for (const Json& value : json.items()) add(value);
}

/// "item.milestones": [{kind: sold, time: 2026-03-01}]: the fact's rows.
void add_fact_rows(const Json& json, const FactForm& form, Example& out) {
    for (const Json& row : json.items()) {
        Example::Row cells;
        for (const Json::Member& cell : row.members()) {
            const auto column = std::ranges::find(form.columns, cell.key, &ColumnForm::name);
            if (column == form.columns.end())
                throw BadOption(cell.value.path() + ": the fact " + std::string(form.name) + " has no '" + cell.key + "'");
            cells.emplace(cell.key, read_value(cell.value, column->type));
        }
        out.facts[std::string(form.name)].push_back(std::move(cells));
    }
}

Example read_example(const Json& json, bool good) {
    if (good) {
        want_keys(json, {"name", "event", "item", "facts"});
    } else {
        want_keys(json, {"name", "event", "item", "facts", "missing"});
    }
    Example example{std::string(json.at("name").text()), good, {}, {}, {}, {}};
    if (const Json* event = json.find("event"))
        for (const Json::Member& member : event->members()) {
            const Reference place = event_place(member.value, member.key);
            example.event.emplace(member.key, read_value(member.value, place.type));
        }
    if (const Json* item = json.find("item"))
        for (const Json::Member& member : item->members()) {
            const Reference place = item_place(member.value, member.key);
            example.item.emplace(member.key, read_value(member.value, place.type));
        }
    if (const auto quantity = example.item.find("quantity"); quantity != example.item.end())
        if (const auto* amount = std::get_if<Amount>(&quantity->second); !amount->unit.empty()) example.item.emplace("unit", amount->unit);
    if (const Json* facts = json.find("facts"))
        for (const Json::Member& member : facts->members()) {
            if (const FactForm* form = fact_form(member.key)) {
                add_fact_rows(member.value, *form, example);
            } else {
                add_fact_value(member.value, member.key, example);
            }
        }
    if (const Json* missing = json.find("missing")) {
        std::vector<std::string> names;
        for (const Json& name : missing->items()) names.emplace_back(name.text());
        example.missing = listed(names);
    }
    return example;
}

std::vector<Example> read_examples(const Json& json) {
    want_keys(json, {"good", "bad"});
    std::vector<Example> examples;
    for (const bool good : {true, false}) {
        const Json& list = json.at(good ? "good" : "bad");
        if (list.items().empty()) throw BadOption(list.path() + " must have at least one example");
        want_at_most(list, kExamplesPerRuleMax, "examples");
        for (const Json& item : list.items()) examples.push_back(read_example(item, good));
    }
    return examples;
}

std::optional<Day> read_day_of(const Json& rule, std::string_view key) {
    const Json* found = rule.find(key);
    return found == nullptr ? std::nullopt : std::optional{read_day(*found)};
}

Severity read_severity(const Json& json) {
    for (const Severity severity : {Severity::finding, Severity::hold, Severity::refuse})
        if (json.text() == to_string(severity)) return severity;
    throw BadOption(json.path() + ": '" + std::string(json.text()) + "' is no severity; there are finding, hold, refuse");
}

/// {item}, {product}, {missing} and {because} are the only names that may stand in braces.
void check_message(const Json& json, bool has_fields) {
    const std::string_view text = json.text();
    for (std::size_t at = text.find('{'); at != std::string_view::npos; at = text.find('{', at + 1)) {
        const std::string_view name = text.substr(at, text.find('}', at) - at + 1);
        if (name != "{item}" && name != "{product}" && name != "{because}" && (name != "{missing}" || !has_fields))
            throw BadOption(json.path() + ": a message may name {item} and {product}, not '" + std::string(name) +
                            "'; also {because}, and {missing} where the rule has fields");
    }
}

Rule read_rule(const Json& json, const PackNames& names) {
    want_keys(json, {"id", "title", "citation", "unverified", "severity", "message", "valid_from", "valid_to", "when", "require", "fields",
                     "examples"});
    Rule rule;
    rule.id = json.at("id").text();
    rule.title = json.at("title").text();
    if (const Json* citation = json.find("citation")) rule.citation = citation->text();
    if (const Json* unverified = json.find("unverified")) rule.unverified = unverified->text();
    rule.severity = read_severity(json.at("severity"));
    const Json* fields = json.find("fields");
    if ((fields != nullptr) == (json.find("require") != nullptr)) throw BadOption(json.path() + " needs either require or fields");
    check_message(json.at("message"), fields != nullptr);
    rule.message = json.at("message").text();
    rule.valid_from = read_day_of(json, "valid_from");
    rule.valid_to = read_day_of(json, "valid_to");
    if (rule.id.empty() || rule.title.empty() || rule.message.empty())
        throw BadOption(json.path() + ": id, title and message must not be empty");
    if (rule.valid_from && rule.valid_to && *rule.valid_to < *rule.valid_from)
        throw BadOption(json.path() + ": valid_to lies before valid_from");
    rule.when = read_condition(json.at("when"), names);
    if (fields != nullptr) rule.fields = read_fields(*fields, names);
    rule.require = fields != nullptr ? known(rule.fields) : read_condition(json.at("require"), names);
    rule.examples = read_examples(json.at("examples"));
    return rule;
}

}  // namespace

std::vector<Rule> read_rule_pack(std::string_view file, std::string_view text) {
    try {
        const Json json = Json::parse(text);
        want_keys(json, {"pack", "title", "notice", "sets", "calendars", "fields", "rules"});
        (void)json.at("pack").text();
        const PackNames names = read_names(json);
        std::vector<Rule> rules;
        want_at_most(json.at("rules"), kRulesPerPackMax, "rules");
        for (const Json& item : json.at("rules").items()) {
            Rule rule = read_rule(item, names);
            const auto same = [&](const Rule& other) { return other.id == rule.id; };
            if (std::ranges::any_of(rules, same)) throw BadOption(item.path() + ": rule '" + rule.id + "' stands twice");
            rules.push_back(std::move(rule));
        }
        return rules;
    } catch (const BadOption& bad) {
        throw BadOption(std::string(file) + ": " + bad.what());
    }
}

}  // namespace stemma::compliance
