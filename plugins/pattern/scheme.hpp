// What serial, lot and SKU numbers have in common: a scheme checks, normalises, takes apart and makes numbers of one form.
// A scheme is an immutable value and pure: the date comes in with the question, the counter from the series.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stemma::pattern {

inline constexpr std::size_t kNumberBytesMax = 255;  ///< longest number, in bytes, before and after normalising

/// A value or one sentence that says why there is none.
template <class T>
using Outcome = std::expected<T, std::string>;

/// Why a number may be refused. The code is stable: "lot.too_long".
struct Reason {
    std::string code;
    std::string text;
};

/// A refusal: which reason, and the bytes [offset, offset + length) of the text as it was given. Length 0: that point in the text.
struct Remark {
    std::size_t reason{0};  ///< index into Scheme::reasons()
    std::size_t offset{0};
    std::size_t length{0};
};

/// A part of a number with its meaning; the place is counted in the text as it was given.
struct Part {
    std::string name;
    std::string value;  ///< the attribute's value for a code, the counter for a sequence, "2026" for "26" ...
    std::size_t offset{0};
    std::size_t length{0};
};

/// Named values given to format.
using Fields = std::map<std::string, std::string, std::less<>>;

/// What format wants besides the counter, with a value that works.
struct Wanted {
    std::string name;
    std::string example;
};

struct FormatRequest {
    std::uint64_t counter{0};
    Fields fields;
    std::int64_t as_of_us{0};  ///< microseconds UTC; date parts are those of this instant's UTC day
};

/// How a written number becomes its canonical form. Bytes in `strip` are dropped anywhere, then blanks at both ends, then ASCII
/// letters are folded. Leading zeros are always kept.
struct Normalisation {
    enum class Case : unsigned char { keep, upper, lower };
    Case letters{Case::keep};
    std::string strip;
    bool trim{true};

    [[nodiscard]] std::string apply(std::string_view text) const;
    /// Where byte `index` of apply(text) stands in `text`; text.size() for the end.
    [[nodiscard]] std::size_t origin(std::string_view text, std::size_t index) const;
    /// "upper case, without ' ' and '-', without blanks at the ends, leading zeros kept"
    [[nodiscard]] std::string in_words() const;
};

class Scheme {
public:
    virtual ~Scheme() = default;
    Scheme(const Scheme&) = delete;
    Scheme& operator=(const Scheme&) = delete;

    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] const std::string& summary() const noexcept { return summary_; }
    [[nodiscard]] const std::string& example() const noexcept { return example_; }  ///< passes check
    [[nodiscard]] const std::vector<Reason>& reasons() const noexcept { return reasons_; }
    [[nodiscard]] const std::vector<Wanted>& wanted() const noexcept { return wanted_; }
    [[nodiscard]] std::optional<std::uint64_t> counter_max() const noexcept { return counter_max_; }  ///< nothing: no counter is used

    /// The first thing wrong with the number, from left to right, or nothing.
    [[nodiscard]] virtual std::optional<Remark> check(std::string_view raw) const = 0;
    /// The canonical form; of a text that is no such number, the same folding. Idempotent.
    [[nodiscard]] virtual std::string normalise(std::string_view raw) const { return normalisation_.apply(raw); }
    /// The parts of a valid number in the text's order; none of an invalid one.
    [[nodiscard]] virtual std::vector<Part> decode(std::string_view raw) const = 0;
    /// A number that passes check and is canonical; or why it cannot be made.
    [[nodiscard]] virtual Outcome<std::string> format(const FormatRequest& request) const = 0;

protected:
    Scheme() = default;

    std::string name_;
    std::string summary_;
    std::string example_;
    Normalisation normalisation_;
    std::vector<Reason> reasons_;
    std::vector<Wanted> wanted_;
    std::optional<std::uint64_t> counter_max_;
};

using SchemePtr = std::unique_ptr<const Scheme>;

/// Refuses a given field that is not wanted: "'plnt' is not a field of this scheme; it takes plant, line".
[[nodiscard]] Outcome<void> check_names(const Fields& given, const std::vector<Wanted>& wanted);

/// The value given under `name`, or null.
[[nodiscard]] const std::string* find_given(const Fields& given, std::string_view name) noexcept;

/// "a, b, c"; past `most` entries the rest is counted: "a, b and 7 more".
[[nodiscard]] std::string listed(const std::vector<std::string>& words, std::size_t most = 12);

}  // namespace stemma::pattern
