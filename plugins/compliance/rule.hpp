// A compliance rule as data, and what it comes to for one item of one event. Pure: values come from a Scene, nothing else is known.
// The vocabulary is closed. A value that has not been read yet makes a condition unknown, never true or false: that is how the
// facts to ask for are found, and why a rule is never judged on half of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plugins/compliance/pattern.hpp"
#include "plugins/compliance/value.hpp"
#include "plugins/compliance/vocabulary.hpp"

namespace stemma::compliance {

enum class Source : unsigned char { event, item, fact };

/// Only rows of the fact whose column holds one of the values.
struct Filter {
    std::string column;
    std::size_t column_id{0};  ///< its place in the fact's form
    std::vector<Value> values;
    friend bool operator==(const Filter&, const Filter&) = default;
};

/// Where a value stands: a column of the event or of the item, or of a fact.
struct Reference {
    Source source{Source::event};
    std::string fact;                 ///< "item.dates"; empty for event and item
    std::string column;               ///< "expiry", "biz_step"
    std::string key;                  ///< of a fact that lists names and values: the name; else empty
    ValueType type{ValueType::text};  ///< of the column
    std::size_t column_id{0};         ///< its place in kEventColumns, kItemColumns or the form
    const FactForm* form{nullptr};    ///< of a fact
    bool from{false};                 ///< of a fact about a place or party: the one the goods came from
    std::string second;               ///< second argument of the facts that take one: levels or days
    std::vector<Filter> where;        ///< of a fact
    std::optional<ValueType> as;      ///< a text that is to be read as another type; where it cannot be, the value is absent
    friend bool operator==(const Reference&, const Reference&) = default;

    [[nodiscard]] ValueType value_type() const noexcept { return as ? *as : type; }
};

/// What a rule sees of an event and one of its items.
class Scene {
public:
    virtual ~Scene() = default;
    /// All values at the place: none where the cell or row is empty, several where a fact lists some. Nothing: a fact not read yet.
    [[nodiscard]] virtual std::optional<std::vector<Value>> values(const Reference& reference) const = 0;
};

enum class Truth : unsigned char { no, unknown, yes };

enum class Operator : unsigned char { equals, in, less_than, at_most, more_than, at_least, present, matches, within };

enum class Period : unsigned char { days, months, years, business_days };

/// So far from another date.
struct Duration {
    Period period{Period::days};
    std::int64_t count{0};  ///< negative: before
    MonthEnd month_end{MonthEnd::clamp};
    std::shared_ptr<const Calendar> calendar;  ///< of business days
};

/// The day so far from another one, `sign` being 1 or -1; nothing where the calendar ends before it.
[[nodiscard]] std::optional<Day> shifted(Day day, const Duration& by, int sign) noexcept;

/// On which side of the other date a value must lie to be within the duration.
enum class Side : unsigned char { after, before, either };

/// True when any value at the reference compares; an absent value compares with nothing but `present: false`.
struct Comparison {
    Reference what;
    Operator op{Operator::equals};
    std::vector<Value> values;         ///< one; for `in` one or more; for `present` none, nor where `other` is set
    bool present{true};                ///< of `present`
    std::optional<Reference> other{};  ///< compare with what stands there instead
    std::optional<Duration> by{};      ///< from the other date; always set for `within`
    Side side{Side::after};            ///< of `within`
    std::shared_ptr<const Pattern> pattern{};
    std::string set{};  ///< of `in`: the name of the pack's set the values come from
};

struct Condition {
    enum class Kind : unsigned char { all, any, none, comparison };
    Kind kind{Kind::all};
    std::vector<Condition> parts;  ///< of all, any, none
    Comparison comparison;         ///< of comparison
};

enum class Severity : unsigned char { finding, hold, refuse };

/// A case that the rule is tried on when it is loaded. What is not named is absent.
struct Example {
    using Row = std::map<std::string, Value, std::less<>>;  ///< column -> value
    std::string name;
    bool good{true};  ///< true: the rule has no remark; false: it has one
    Row event;
    Row item;
    std::map<std::string, std::vector<Row>, std::less<>> facts;
    std::string missing;  ///< of a bad one: the fields that the rule is to call missing, as the message lists them; empty: any
};

/// A field that a record must have, and the places where it may stand.
struct RequiredField {
    std::string name;
    std::vector<Reference> places;
};

struct Rule {
    std::string id;
    std::string title;
    std::string citation;
    std::string unverified;  ///< what of its text was not checked against the law
    Severity severity{Severity::finding};
    std::string message;  ///< with {item}, {product}, {missing}, {because}
    std::optional<Day> valid_from;
    std::optional<Day> valid_to;  ///< the last day
    Condition when;
    Condition require;                  ///< made of `fields` where there are some
    std::vector<RequiredField> fields;  ///< in the pack's order
    std::vector<Example> examples;
};

[[nodiscard]] Truth evaluate(const Condition& condition, const Scene& scene);

enum class Standing : unsigned char {
    not_applicable,  ///< `when` is false
    kept,
    broken,
    unknown,  ///< a fact has not been read yet
};
[[nodiscard]] Standing judge(const Rule& rule, const Scene& scene);

/// The facts that must be read before judge can answer: those of `when` first, those of `require` only once `when` is true.
[[nodiscard]] std::vector<Reference> unread(const Rule& rule, const Scene& scene);

/// Whether the rule is in force on the event's day; both borders are days on which it is.
[[nodiscard]] bool in_force(const Rule& rule, Day day) noexcept;

/// The names of the required fields that are nowhere, in the rule's order.
[[nodiscard]] std::vector<std::string> missing_fields(const Rule& rule, const Scene& scene);

/// What the rule looked at and saw, in words: "the event's biz_step is 'shipping'; item.dates.expiry is not known".
[[nodiscard]] std::string because(const Rule& rule, const Scene& scene);

/// The message with the item's and product's names, the missing fields and the facts used in it.
[[nodiscard]] std::string message_for(const Rule& rule, std::string_view item, std::string_view product, std::string_view missing = {},
                                      std::string_view because = {});

/// Runs the rule's own examples; nothing when all come out as they say, else a sentence that names the first that does not.
[[nodiscard]] std::optional<std::string> failing_example(const Rule& rule);

/// How each example came out, a line each.
[[nodiscard]] std::string examples_in_words(const Rule& rule);

/// The rule in plain words, several lines.
[[nodiscard]] std::string in_words(const Rule& rule);

[[nodiscard]] std::string_view to_string(Severity severity) noexcept;

/// "tlc, ship_date".
[[nodiscard]] std::string listed(const std::vector<std::string>& names);

}  // namespace stemma::compliance
