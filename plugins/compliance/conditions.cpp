#include "plugins/compliance/conditions.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <stdexcept>

namespace stemma::compliance {
namespace {

using sdk::BadOption;
using sdk::Json;

constexpr std::array<std::pair<std::string_view, Operator>, 9> kOperators{{
    {"equals", Operator::equals},
    {"in", Operator::in},
    {"less_than", Operator::less_than},
    {"at_most", Operator::at_most},
    {"more_than", Operator::more_than},
    {"at_least", Operator::at_least},
    {"present", Operator::present},
    {"matches", Operator::matches},
    {"within", Operator::within},
}};

constexpr std::array<std::pair<std::string_view, Period>, 4> kPeriods{
    {{"days", Period::days}, {"months", Period::months}, {"years", Period::years}, {"business_days", Period::business_days}}};

std::string names_of(std::span<const ColumnForm> columns) {
    std::string out;
    for (const ColumnForm& column : columns) out += (out.empty() ? "" : ", ") + std::string(column.name);
    return out;
}

std::optional<std::size_t> index_of(std::span<const ColumnForm> columns, std::string_view name) {
    for (std::size_t i = 0; i < columns.size(); ++i)
        if (columns[i].name == name) return i;
    return std::nullopt;
}

Reference own_place(const Json& json, Source source, std::span<const ColumnForm> columns, std::string_view column) {
    const auto index = index_of(columns, column);
    if (!index)
        throw BadOption(json.path() + (source == Source::event ? ": an event" : ": an item") + " has no '" + std::string(column) +
                        "', but " + names_of(columns));
    Reference out;
    out.source = source;
    out.column = column;
    out.column_id = *index;
    out.type = columns[*index].type;
    return out;
}

/// `where`: a column of the fact, and the value or the list of values it must have.
void read_filters(const Json& json, Reference& what) {
    for (const Json::Member& member : json.members()) {
        const auto index = index_of(what.form->columns, member.key);
        if (!index)
            throw BadOption(member.value.path() + ": the fact " + what.fact + " has no '" + member.key + "', but " +
                            names_of(what.form->columns));
        Filter filter{member.key, *index, {}};
        const ValueType type = what.form->columns[*index].type;
        if (member.value.type() == Json::Type::array) {
            for (const Json& value : member.value.items()) filter.values.push_back(read_value(value, type));
        } else {
            filter.values.push_back(read_value(member.value, type));
        }
        if (filter.values.empty()) throw BadOption(member.value.path() + " is an empty list, which nothing is in");
        what.where.push_back(std::move(filter));
    }
}

void read_of(const Json& json, Reference& what) {
    const std::string_view own = argument_of(what.fact);
    const std::string_view text = json.text();
    const bool two = what.form->argument == Argument::place || what.form->argument == Argument::party;
    if (text == own) return;
    if (!two || text != "from_" + std::string(own))
        throw BadOption(json.path() + ": the fact " + what.fact + " may be of " + std::string(own) +
                        (two ? " or from_" + std::string(own) : "") + ", not of '" + std::string(text) + "'");
    what.from = true;
}

void read_fact_keys(const Json& json, Reference& what) {
    if (const Json* where = json.find("where")) read_filters(*where, what);
    if (const Json* of = json.find("of")) read_of(*of, what);
    const Json* depth = json.find("depth");
    if (!what.form->depth && depth != nullptr) throw BadOption(depth->path() + ": the fact " + what.fact + " takes no depth");
    if (!what.form->depth) return;
    const std::int64_t count = json.at("depth").integer();
    what.second = std::to_string(count);
    if (count < 1 || count > kFactDepthMax)
        throw BadOption(depth->path() + ": a depth is 1 to " + std::to_string(kFactDepthMax) + " levels or days");
}

ValueType read_as_type(const Json& json) {
    if (json.text() == "date") return ValueType::day;
    if (json.text() == "number") return ValueType::number;
    throw BadOption(json.path() + ": a text may be read as date or number, not as '" + std::string(json.text()) + "'");
}

std::string_view calendar_names(const PackNames& names, std::string& out) {
    for (const auto& [name, calendar] : names.calendars) out += (out.empty() ? "" : ", ") + name;
    return out.empty() ? std::string_view{"none"} : std::string_view{out};
}

/// The period that stands in the object, if one does: exactly one of days, months, years, business_days.
std::optional<Duration> read_duration(const Json& json, const PackNames& names) {
    std::optional<Duration> out;
    for (const auto& [name, period] : kPeriods) {
        const Json* found = json.find(name);
        if (found == nullptr) continue;
        if (out) throw BadOption(json.path() + " has more than one of days, months, years, business_days");
        const std::int64_t count = found->integer();
        if (count < 0 || count > kDurationMax) throw BadOption(found->path() + ": a duration is 0 to " + std::to_string(kDurationMax));
        out = Duration{period, count, MonthEnd::clamp, nullptr};
        const bool months = period == Period::months || period == Period::years;
        if (months && count > kDurationMax / 30) throw BadOption(found->path() + ": a duration is 0 to 1220 months or years");
        if (const Json* policy = json.find("month_end"); months || policy != nullptr) {
            if (!months) throw BadOption(policy->path() + ": days have no month end");
            if (policy == nullptr)
                throw BadOption(json.path() + " needs month_end: clamp (the month's last day) or next (the first after it)");
            if (policy->text() != "clamp" && policy->text() != "next")
                throw BadOption(policy->path() + ": '" + std::string(policy->text()) + "' is no month_end; there are clamp, next");
            out->month_end = policy->text() == "next" ? MonthEnd::next : MonthEnd::clamp;
        }
        if (period != Period::business_days) continue;
        const Json& calendar = json.at("calendar");
        const auto it = names.calendars.find(calendar.text());
        std::string known;
        if (it == names.calendars.end())
            throw BadOption(calendar.path() + ": the pack has no calendar '" + std::string(calendar.text()) + "', but " +
                            std::string(calendar_names(names, known)));
        out->calendar = it->second;
    }
    if (out && out->period != Period::business_days && json.find("calendar") != nullptr)
        throw BadOption(json.at("calendar").path() + ": only business_days have a calendar");
    return out;
}

constexpr std::array<std::string_view, 6> kDurationKeys{"days", "months", "years", "business_days", "month_end", "calendar"};

void want_days(const Json& json, const Reference& what) {
    if (what.value_type() != ValueType::day)
        throw BadOption(json.path() + ": durations are between dates; say `as: date` of a text that is one");
}

/// {fact: ..., plus: {days: 7}}: another place, and so far from it.
void read_other(const Json& json, const PackNames& names, Comparison& out) {
    want_keys(json, {"event", "item", "fact", "where", "as", "of", "depth", "plus", "minus"});
    out.other = read_place(json);
    if (out.other->value_type() != out.what.value_type())
        throw BadOption(json.path() + ": what stands there is of another type than what it is compared with; see `as`");
    const Json* plus = json.find("plus");
    const Json* minus = json.find("minus");
    if (plus != nullptr && minus != nullptr) throw BadOption(json.path() + " has both plus and minus");
    const Json* shift = plus != nullptr ? plus : minus;
    if (shift == nullptr) return;
    want_keys(*shift, kDurationKeys);
    want_days(*shift, *out.other);
    out.by = read_duration(*shift, names);
    if (!out.by) throw BadOption(shift->path() + " needs one of days, months, years, business_days");
    if (minus != nullptr) out.by->count = -out.by->count;
}

/// within: {days: 7, after: {...}}
void read_within(const Json& json, const PackNames& names, Comparison& out) {
    want_keys(json, {"days", "months", "years", "business_days", "month_end", "calendar", "after", "before", "of"});
    want_days(json, out.what);
    for (const auto& [name, side] : {std::pair{"after", Side::after}, {"before", Side::before}, {"of", Side::either}}) {
        const Json* other = json.find(name);
        if (other == nullptr) continue;
        if (out.other) throw BadOption(json.path() + " has more than one of after, before, of");
        want_keys(*other, kPlaceKeys);
        out.other = read_place(*other);
        out.side = side;
        want_days(*other, *out.other);
    }
    out.by = read_duration(json, names);
    if (!out.other || !out.by)
        throw BadOption(json.path() + " needs one of days, months, years, business_days and one of after, before, of");
}

void read_in(const Json& json, const PackNames& names, Comparison& out) {
    if (json.type() == Json::Type::object) {
        want_keys(json, {"set"});
        out.set = json.at("set").text();
        const auto set = names.sets.find(out.set);
        if (set == names.sets.end()) throw BadOption(json.path() + ": the pack has no set '" + out.set + "'");
        if (out.what.value_type() != ValueType::text) throw BadOption(json.path() + ": a set holds texts");
        for (const std::string& value : set->second) out.values.emplace_back(value);
        return;
    }
    for (const Json& value : json.items()) out.values.push_back(read_value(value, out.what.value_type()));
    if (out.values.empty()) throw BadOption(json.path() + " is an empty list, which nothing is in");
    if (out.values.size() > kSetValuesMax) throw BadOption(json.path() + " has more than " + std::to_string(kSetValuesMax) + " values");
}

void read_pattern(const Json& json, Comparison& out) {
    if (out.what.value_type() != ValueType::text) throw BadOption(json.path() + ": only texts match a pattern");
    try {
        out.pattern = std::make_shared<const Pattern>(json.text());
    } catch (const std::invalid_argument& bad) {
        throw BadOption(json.path() + ": " + bad.what());
    }
}

Comparison read_comparison(const Json& json, const PackNames& names) {
    want_keys(json, {"event", "item", "fact", "where", "as", "of", "depth", "equals", "in", "less_than", "at_most", "more_than", "at_least",
                     "present", "matches", "within"});
    Comparison out;
    out.what = read_place(json);
    const Json* operand = nullptr;
    for (const auto& [name, op] : kOperators) {
        const Json* found = json.find(name);
        if (found == nullptr) continue;
        if (operand != nullptr) throw BadOption(json.path() + " has more than one operator");
        operand = found;
        out.op = op;
    }
    if (operand == nullptr)
        throw BadOption(json.path() + " needs one of equals, in, less_than, at_most, more_than, at_least, present, matches, within");
    const bool ordered =
        out.op == Operator::less_than || out.op == Operator::at_most || out.op == Operator::more_than || out.op == Operator::at_least;
    if (ordered && out.what.value_type() == ValueType::text)
        throw BadOption(operand->path() + ": only times can be ordered, and numbers and quantities");
    switch (out.op) {
        case Operator::present: out.present = operand->flag(); break;
        case Operator::in: read_in(*operand, names, out); break;
        case Operator::matches: read_pattern(*operand, out); break;
        case Operator::within: read_within(*operand, names, out); break;
        default:
            if (operand->type() == Json::Type::object) {
                read_other(*operand, names, out);
            } else {
                out.values.push_back(read_value(*operand, out.what.value_type()));
            }
    }
    return out;
}

}  // namespace

void want_keys(const Json& object, std::span<const std::string_view> allowed) {
    std::string list;
    for (const std::string_view word : allowed) list += (list.empty() ? "" : ", ") + std::string(word);
    for (const Json::Member& member : object.members())
        if (std::ranges::find(allowed, member.key) == allowed.end())
            throw BadOption(member.value.path() + ": unknown key; there may be " + list);
}

void want_keys(const Json& object, std::initializer_list<std::string_view> allowed) {
    want_keys(object, std::span{allowed.begin(), allowed.size()});
}

Day read_day(const Json& json) {
    const auto day = day_from(json.text());
    if (!day) throw BadOption(json.path() + ": '" + std::string(json.text()) + "' is no date such as 2026-03-01");
    return *day;
}

Reference event_place(const Json& json, std::string_view column) { return own_place(json, Source::event, kEventColumns, column); }

Reference item_place(const Json& json, std::string_view column) { return own_place(json, Source::item, kItemColumns, column); }

/// "item.dates.expiry": the fact's name and its column, or the name of one of the rows it lists.
Reference fact_place(const Json& json, std::string_view text) {
    const std::size_t dot = text.find('.', text.find('.') == std::string_view::npos ? 0 : text.find('.') + 1);
    const FactForm* form = fact_form(text.substr(0, dot));
    if (form == nullptr || dot == std::string_view::npos || dot + 1 == text.size()) {
        std::string names;
        for (const FactForm& f : fact_forms()) names += (names.empty() ? "" : ", ") + std::string(f.name);
        throw BadOption(json.path() + ": '" + std::string(text) + "' is no fact and column; the facts are " + names);
    }
    Reference out;
    out.source = Source::fact;
    out.fact = form->name;
    out.form = form;
    out.column = text.substr(dot + 1);
    if (!form->key_column.empty()) {
        out.key = out.column;
        out.column = "value";
        out.column_id = 1;  // after the key column
        out.where.push_back({std::string(form->key_column), 0, {Value{out.key}}});
        return out;
    }
    const auto index = index_of(form->columns, out.column);
    if (!index) throw BadOption(json.path() + ": the fact " + out.fact + " has no '" + out.column + "', but " + names_of(form->columns));
    out.column_id = *index;
    out.type = form->columns[*index].type;
    return out;
}

Reference read_place(const Json& json) {
    const Json* event = json.find("event");
    const Json* item = json.find("item");
    const Json* fact = json.find("fact");
    if ((event != nullptr) + (item != nullptr) + (fact != nullptr) != 1)
        throw BadOption(json.path() + " needs exactly one of all, any, none, event, item, fact");
    Reference out = event != nullptr  ? event_place(*event, event->text())
                    : item != nullptr ? item_place(*item, item->text())
                                      : fact_place(*fact, fact->text());
    if (fact != nullptr) {
        read_fact_keys(json, out);
    } else {
        for (const char* key : {"where", "of", "depth"})
            if (const Json* found = json.find(key)) throw BadOption(found->path() + ": only a fact may have this");
    }
    if (const Json* as = json.find("as")) {
        if (out.type != ValueType::text) throw BadOption(as->path() + ": only a text can be read as something else");
        out.as = read_as_type(*as);
    }
    return out;
}

Value read_value(const Json& json, ValueType type) {
    if (type == ValueType::day) return read_day(json);
    if (type == ValueType::text) {
        if (json.type() == Json::Type::boolean) return std::string(json.flag() ? "true" : "false");
        return std::string(json.text());
    }
    const std::string_view text = json.type() == Json::Type::number ? json.number() : json.text();
    if (type == ValueType::number) {
        if (const auto number = number_from(text)) return *number;
        throw BadOption(json.path() + ": '" + std::string(text) + "' is no number with at most six decimals");
    }
    if (auto amount = amount_from(text)) return *std::move(amount);
    throw BadOption(json.path() + ": '" + std::string(text) + "' is no amount such as 5 KGM");
}

Condition read_condition(const Json& json, const PackNames& names, std::size_t depth) {
    if (depth > kConditionDepthMax)
        throw BadOption(json.path() + " is nested deeper than " + std::to_string(kConditionDepthMax) + " levels");
    for (const auto& [name, kind] :
         {std::pair{"all", Condition::Kind::all}, {"any", Condition::Kind::any}, {"none", Condition::Kind::none}}) {
        const Json* parts = json.find(name);
        if (parts == nullptr) continue;
        want_keys(json, {name});
        Condition condition{kind, {}, {}};
        for (const Json& part : parts->items()) condition.parts.push_back(read_condition(part, names, depth + 1));
        if (condition.parts.empty()) throw BadOption(parts->path() + " has no conditions");
        return condition;
    }
    return {Condition::Kind::comparison, {}, read_comparison(json, names)};
}

}  // namespace stemma::compliance
