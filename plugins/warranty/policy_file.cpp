#include "plugins/warranty/policy_file.hpp"

#include <algorithm>
#include <initializer_list>
#include <span>

namespace stemma::warranty {
namespace {

using sdk::BadOption;
using sdk::Json;

/// Words that may stand at a place; made from a list in braces.
struct Words {
    Words(std::initializer_list<std::string_view> words) : all{words} {}
    std::vector<std::string_view> all;
};

const Words& policy_keys() {
    static const Words kKeys{"id",      "title",      "citation", "kind",   "applies",     "start",       "period", "calendar",
                             "tolling", "extensions", "transfer", "resale", "replacement", "presumption", "cap",    "swapped_part"};
    return kKeys;
}

[[noreturn]] void bad(const Json& at, const std::string& what) {
    throw BadOption((at.path().empty() ? "the file" : at.path()) + ": " + what);
}

std::string joined(std::span<const std::string_view> words) {
    std::string out;
    for (const std::string_view word : words) out += (out.empty() ? "" : ", ") + std::string(word);
    return out;
}

/// How many letters have to be changed, added or left out.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t corner = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t above = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, corner + (a[i - 1] == b[j - 1] ? 0U : 1U)});
            corner = above;
        }
    }
    return row[b.size()];
}

/// "; did you mean 'period'?", or the words that there are.
std::string hint(std::string_view word, std::span<const std::string_view> words) {
    if (word.size() <= 40)
        for (const std::string_view candidate : words)
            if (distance(word, candidate) <= 2) return "; did you mean '" + std::string(candidate) + "'?";
    return "; there may be " + joined(words);
}

void want_keys(const Json& object, const Words& allowed) {
    for (const Json::Member& member : object.members())
        if (std::ranges::find(allowed.all, member.key) == allowed.all.end())
            bad(member.value, "unknown key" + hint(member.key, allowed.all));
}

/// The index of the word among those allowed.
std::size_t word_of(const Json& json, const Words& words) {
    const auto found = std::ranges::find(words.all, json.text());
    if (found == words.all.end()) bad(json, "'" + std::string(json.text()) + "' is not known here" + hint(json.text(), words.all));
    return static_cast<std::size_t>(found - words.all.begin());
}

int number_of(const Json& json, int least, int most) {
    const std::int64_t value = json.integer();
    if (value < least || value > most)
        bad(json, std::to_string(value) + " is outside " + std::to_string(least) + " to " + std::to_string(most));
    return static_cast<int>(value);
}

std::string filled(const Json& json) {
    if (json.text().empty()) bad(json, "must not be empty");
    return std::string(json.text());
}

std::optional<Day> day_at(const Json& object, std::string_view key) {
    const Json* found = object.find(key);
    if (found == nullptr) return std::nullopt;
    const auto day = day_from(found->text());
    if (!day) bad(*found, "'" + std::string(found->text()) + "' is no date such as 2026-07-31");
    return day;
}

Period read_period(const Json& json) {
    want_keys(json, {"years", "months", "days"});
    const auto part = [&](const char* key, int most) {
        const Json* found = json.find(key);
        return found == nullptr ? 0 : number_of(*found, 0, most);
    };
    const Period period{part("years", kMonthsMax / 12) * 12 + part("months", kMonthsMax), part("days", kDaysMax)};
    if (period.empty()) bad(json, "a period needs years, months or days, such as {months: 24}");
    if (period.months > kMonthsMax) bad(json, "a period has at most " + std::to_string(kMonthsMax) + " months");
    return period;
}

std::vector<std::string> read_texts(const Json& object, std::string_view key) {
    const Json* found = object.find(key);
    if (found == nullptr) return {};
    std::vector<std::string> out;
    if (found->items().empty() || found->items().size() > kListMax)
        bad(*found, "a list of 1 to " + std::to_string(kListMax) + " values is wanted; leave the key out where it is not to restrict");
    for (const Json& item : found->items()) {
        if (item.type() != Json::Type::text) bad(item, R"(must be a text; write it in quotes, as in ["NO", "4711"])");
        out.push_back(filled(item));
    }
    return out;
}

Basis read_basis(const Json& json) {
    (void)word_of(json, {"ship", "sale", "delivery", "invoice", "installation", "registration", "first_use", "manufacture", "receipt"});
    return *basis_of(json.text());
}

Applies read_applies(const Json& json, Kind kind) {
    want_keys(json,
              {"products", "skus", "categories", "markets", "buyers", "suppliers", "components", "condition", "sold_from", "sold_to"});
    Applies out;
    out.products = read_texts(json, "products");
    out.skus = read_texts(json, "skus");
    out.categories = read_texts(json, "categories");
    out.markets = read_texts(json, "markets");
    for (std::size_t i = 0; i < out.markets.size(); ++i)
        if (out.markets[i].size() != 2 || !std::ranges::all_of(out.markets[i], [](char c) { return c >= 'A' && c <= 'Z'; }))
            bad(json.at("markets").items()[i], "'" + out.markets[i] + "' is no country of ISO 3166 such as DE, in capital letters");
    out.buyers = read_texts(json, "buyers");
    out.suppliers = read_texts(json, "suppliers");
    out.components = read_texts(json, "components");
    if (const Json* condition = json.find("condition")) out.condition = static_cast<Condition>(word_of(*condition, {"any", "new", "used"}));
    out.sold_from = day_at(json, "sold_from");
    out.sold_to = day_at(json, "sold_to");
    if (out.sold_from && out.sold_to && *out.sold_to < *out.sold_from) bad(json.at("sold_to"), "lies before sold_from");
    if (kind != Kind::supplier && !out.suppliers.empty()) bad(json.at("suppliers"), "only a policy of the kind supplier names suppliers");
    if ((kind == Kind::component) == out.components.empty())
        bad(json, kind == Kind::component ? "a policy of the kind component names its components, by product or SKU"
                                          : "only a policy of the kind component names components");
    return out;
}

Calendar read_calendar(const Json& json) {
    want_keys(json, {"first_day", "month_end", "utc_offset"});
    Calendar out;
    if (const Json* first = json.find("first_day")) out.first_day_counts = word_of(*first, {"excluded", "included"}) == 1;
    if (const Json* end = json.find("month_end")) out.month_end = static_cast<MonthEnd>(word_of(*end, {"last_day", "next_month"}));
    if (const Json* offset = json.find("utc_offset")) {
        const std::string_view text = offset->text();
        const auto digit = [&](std::size_t at) { return text[at] >= '0' && text[at] <= '9' ? text[at] - '0' : 100; };
        const bool form = text.size() == 6 && (text[0] == '+' || text[0] == '-') && text[3] == ':';
        const int minutes = form ? (digit(1) * 10 + digit(2)) * 60 + digit(4) * 10 + digit(5) : 10'000;
        if (minutes > 14 * 60 || digit(4) > 5) bad(*offset, "'" + std::string(text) + "' is no offset from UTC such as \"+01:00\"");
        out.utc_offset_minutes = text[0] == '-' ? -minutes : minutes;
    }
    return out;
}

void read_trigger(const Json& json, Extension& out) {
    const Json& after = json.at("after");
    const std::size_t word = word_of(after, {"repair", "attribute", "sale", "delivery", "installation", "registration", "first_use"});
    out.after = word == 0 ? Extension::After::repair : word == 1 ? Extension::After::attribute : Extension::After::milestone;
    if (out.after == Extension::After::milestone) out.milestone = *basis_of(after.text());
    if ((out.after == Extension::After::attribute) != (json.find("attribute") != nullptr))
        bad(json, "`after: attribute` and the key attribute go together");
    if (const Json* attribute = json.find("attribute")) out.attribute = filled(*attribute);
    if (const Json* equals = json.find("equals")) {
        if (out.attribute.empty()) bad(*equals, "only an attribute has a value to compare");
        out.equals = filled(*equals);
    }
    if (out.after != Extension::After::attribute) return;
    for (const char* key : {"event_from", "event_to", "within_days", "times_max"})
        if (const Json* found = json.find(key)) bad(*found, "an attribute has no day and counts once");
}

Extension read_extension(const Json& json) {
    want_keys(json, {"id", "title", "citation", "after", "attribute", "equals", "event_from", "event_to", "sold_from", "within_days", "add",
                     "run", "times_max"});
    Extension out;
    out.id = filled(json.at("id"));
    out.title = filled(json.at("title"));
    if (const Json* citation = json.find("citation")) out.citation = citation->text();
    read_trigger(json, out);
    out.event_from = day_at(json, "event_from");
    out.event_to = day_at(json, "event_to");
    out.sold_from = day_at(json, "sold_from");
    if (const Json* within = json.find("within_days")) out.within_days = number_of(*within, 0, kDaysMax);
    if (const Json* times = json.find("times_max")) out.times_max = number_of(*times, 1, kTimesMax);
    const Json* add = json.find("add");
    const Json* run = json.find("run");
    if ((add == nullptr) == (run == nullptr)) bad(json, "needs either add (to the term) or run (a time of its own from the event on)");
    out.own_term = run != nullptr;
    out.period = read_period(out.own_term ? *run : *add);
    return out;
}

std::vector<Extension> read_extensions(const Json& json) {
    if (json.items().size() > kExtensionsMax) bad(json, "has more than " + std::to_string(kExtensionsMax) + " extensions");
    std::vector<Extension> out;
    for (const Json& item : json.items()) {
        out.push_back(read_extension(item));
        if (std::ranges::count(out, out.back().id, &Extension::id) > 1) bad(item, "extension '" + out.back().id + "' stands twice");
    }
    return out;
}

void read_start(const Json& json, Policy& policy) {
    want_keys(json, {"basis", "manufacture_grace"});
    const Json& list = json.at("basis");
    for (const Json& item : list.items()) {
        policy.start.push_back(read_basis(item));
        if (std::ranges::count(policy.start, policy.start.back()) > 1) bad(item, "stands twice");
    }
    if (policy.start.empty()) bad(list, "names what the period begins with, the first that is known counts; such as [delivery, sale]");
    if (const Json* grace = json.find("manufacture_grace")) {
        if (std::ranges::find(policy.start, Basis::manufacture) == policy.start.end())
            bad(*grace, "makes sense only where manufacture is a basis");
        policy.manufacture_grace = read_period(*grace);
    }
}

void read_after_sale(const Json& json, Policy& policy) {
    if (const Json* transfer = json.find("transfer")) policy.transfer_ends = word_of(*transfer, {"follows", "ends"}) == 1;
    if (const Json* resale = json.find("resale")) policy.resale_continues = word_of(*resale, {"new_term", "continues"}) == 1;
    if (const Json* swapped = json.find("swapped_part")) {
        if (policy.kind != Kind::component) bad(*swapped, "only a policy of the kind component has it");
        policy.swapped_part_continues = word_of(*swapped, {"new_term", "continues"}) == 1;
    }
    if (const Json* replacement = json.find("replacement")) {
        want_keys(*replacement, {"term", "at_least"});
        policy.replacement.new_term = word_of(replacement->at("term"), {"remaining", "new"}) == 1;
        if (const Json* least = replacement->find("at_least")) policy.replacement.at_least = read_period(*least);
        if (policy.replacement.new_term && !policy.replacement.at_least.empty())
            bad(replacement->at("at_least"), "a new term needs no minimum");
    }
}

Policy read_policy(const Json& json) {
    want_keys(json, policy_keys());
    Policy policy;
    policy.id = filled(json.at("id"));
    policy.title = filled(json.at("title"));
    policy.citation = filled(json.at("citation"));
    policy.kind = static_cast<Kind>(word_of(json.at("kind"), {"statutory", "commercial", "component", "supplier"}));
    const Json* applies = json.find("applies");
    if (applies != nullptr) policy.applies = read_applies(*applies, policy.kind);
    if (applies == nullptr && policy.kind == Kind::component) bad(json, "a policy of the kind component names its components in applies");
    read_start(json.at("start"), policy);
    policy.period = read_period(json.at("period"));
    policy.calendar = read_calendar(json.at("calendar"));
    if (const Json* tolling = json.find("tolling"))
        policy.tolling = static_cast<Tolling>(word_of(*tolling, {"none", "full_days", "days_begun"}));
    if (const Json* extensions = json.find("extensions")) policy.extensions = read_extensions(*extensions);
    read_after_sale(json, policy);
    if (const Json* presumption = json.find("presumption")) policy.presumption = read_period(*presumption);
    if (const Json* cap = json.find("cap")) {
        want_keys(*cap, {"basis", "period"});
        policy.cap = Cap{read_basis(cap->at("basis")), read_period(cap->at("period"))};
    }
    return policy;
}

}  // namespace

void read_policies(std::string_view file, std::string_view text, std::vector<Policy>& policies) {
    try {
        const Json json = Json::parse(text);
        want_keys(json, {"pack", "title", "policies"});
        (void)filled(json.at("pack"));
        for (const Json& item : json.at("policies").items()) {
            Policy policy = read_policy(item);
            if (std::ranges::find(policies, policy.id, &Policy::id) != policies.end())
                bad(item, "policy '" + policy.id + "' stands twice; ids are unique over all files");
            if (policies.size() == kPoliciesMax) bad(item, "there are more than " + std::to_string(kPoliciesMax) + " policies");
            policies.push_back(std::move(policy));
        }
    } catch (const BadOption& error) {
        throw BadOption(std::string(file) + ": " + error.what());
    }
}

}  // namespace stemma::warranty
