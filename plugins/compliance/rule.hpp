// A compliance rule as data, and what it comes to for one item of one event. Pure: values come from a Scene, nothing else is known.
// The vocabulary is closed. A value that has not been read yet makes a condition unknown, never true or false: that is how the
// facts to ask for are found, and why a rule is never judged on half of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace stemma::compliance {

/// A UTC day, counted from 1970-01-01. Times are compared by their day.
struct Day {
    std::int64_t count{0};
    friend auto operator<=>(const Day&, const Day&) = default;
};

using Value = std::variant<std::string, Day>;

enum class Source : unsigned char { event, item, fact };

/// Where a value stands: a column of the event or of the item, or of a fact about the item.
struct Reference {
    Source source{Source::event};
    std::string fact;    ///< "item.dates"; empty for event and item
    std::string column;  ///< "expiry", "biz_step"
    std::string key;     ///< of a fact that lists names and values: the name; else empty
    bool time{false};    ///< its values are Days
    friend bool operator==(const Reference&, const Reference&) = default;
};

/// What a rule sees of an event and one of its items.
class Scene {
public:
    virtual ~Scene() = default;
    /// All values at the place: none where the cell or row is empty, several where a fact lists some. Nothing: a fact not read yet.
    [[nodiscard]] virtual std::optional<std::vector<Value>> values(const Reference& reference) const = 0;
};

enum class Truth : unsigned char { no, unknown, yes };

enum class Operator : unsigned char { equals, in, less_than, at_most, more_than, at_least, present };

/// True when any value at the reference compares; an absent value compares with nothing but `present: false`.
struct Comparison {
    Reference what;
    Operator op{Operator::equals};
    std::vector<Value> values;  ///< one; for `in` one or more; for `present` none
    bool present{true};         ///< of `present`
};

struct Condition {
    enum class Kind : unsigned char { all, any, none, comparison };
    Kind kind{Kind::all};
    std::vector<Condition> parts;  ///< of all, any, none
    Comparison comparison;         ///< of comparison
};

enum class Severity : unsigned char { finding, hold, refuse };

/// A case that the rule is tried on when it is loaded.
struct Example {
    std::string name;
    bool good{true};                                  ///< true: the rule has no remark; false: it has one
    std::vector<std::pair<Reference, Value>> values;  ///< all else is absent
};

struct Rule {
    std::string id;
    std::string title;
    std::string citation;
    Severity severity{Severity::finding};
    std::string message;  ///< with {item} and {product}
    std::optional<Day> valid_from;
    std::optional<Day> valid_to;  ///< the last day
    Condition when;
    Condition require;
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

/// The message with the item's and product's names in it.
[[nodiscard]] std::string message_for(const Rule& rule, std::string_view item, std::string_view product);

/// Runs the rule's own examples; nothing when all come out as they say, else a sentence that names the first that does not.
[[nodiscard]] std::optional<std::string> failing_example(const Rule& rule);

/// The rule in plain words, several lines.
[[nodiscard]] std::string in_words(const Rule& rule);

[[nodiscard]] std::string_view to_string(Severity severity) noexcept;

/// "2026-03-01" and back; nothing when it is no date of the years 1 to 9999.
[[nodiscard]] std::string to_text(Day day);
[[nodiscard]] std::optional<Day> day_from(std::string_view text) noexcept;
[[nodiscard]] Day day_of(std::int64_t us) noexcept;  ///< microseconds UTC

}  // namespace stemma::compliance
