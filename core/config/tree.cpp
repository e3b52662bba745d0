#include "core/config/tree.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

#include "core/base/text.hpp"
#include "core/config/wording.hpp"

namespace stemma::config {
namespace {

constexpr std::int64_t kDurationDaysMax = 100'000;

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// JSON's own spelling of a whole number, "-0" left out.
bool is_json_integer(std::string_view text) noexcept {
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    if (text.empty() || (text.front() == '0' && (negative || text.size() > 1))) return false;
    for (const char c : text)
        if (!is_digit(c)) return false;
    return true;
}

/// JSON's spelling of a number with a fraction, an exponent, or both.
bool is_json_fraction(std::string_view text) noexcept {
    std::size_t at = text.starts_with('-') ? 1 : 0;
    const auto digits = [&] {
        const std::size_t from = at;
        while (at < text.size() && is_digit(text[at])) ++at;
        return at - from;
    };
    const std::size_t whole_from = at;
    const std::size_t whole = digits();
    if (whole == 0 || (whole > 1 && text[whole_from] == '0')) return false;
    bool more = false;
    if (at < text.size() && text[at] == '.') {
        ++at;
        if (digits() == 0) return false;
        more = true;
    }
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        ++at;
        if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
        if (digits() == 0) return false;
        more = true;
    }
    return more && at == text.size();
}

std::optional<std::int64_t> to_int64(std::string_view text) noexcept {
    std::int64_t value = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<double> to_double(std::string_view text) noexcept {
    double value = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (ec != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
    return value;
}

/// Microseconds of one unit, 0 for an unknown one.
std::int64_t micros_of_unit(std::string_view unit) noexcept {
    if (unit == "ms") return 1'000;
    if (unit == "s") return 1'000'000;
    if (unit == "m") return 60 * std::int64_t{1'000'000};
    if (unit == "h") return 3'600 * std::int64_t{1'000'000};
    if (unit == "d") return 86'400 * std::int64_t{1'000'000};
    return 0;
}

/// One step of a JSON pointer, unescaped ("~1" is "/", "~0" is "~").
std::string unescape(std::string_view token) {
    std::string out;
    for (std::size_t i = 0; i < token.size(); ++i) {
        const bool escaped = token[i] == '~' && i + 1 < token.size();
        out += escaped && token[i + 1] == '1' ? '/' : token[i];
        if (escaped) ++i;
    }
    return out;
}

const Node* child(const Node& node, const std::string& token) {
    if (node.is_map()) return node.find(token);
    if (!node.is_sequence() || !is_json_integer(token)) return nullptr;
    const auto index = to_int64(token);
    if (!index || *index < 0 || static_cast<std::size_t>(*index) >= node.items().size()) return nullptr;
    return &node.items()[static_cast<std::size_t>(*index)];
}

/// The deepest node on the pointer's way, and whether the way was walked to its end.
std::pair<const Node*, bool> walk(const Node& root, std::string_view pointer) {
    const Node* at = &root;
    while (!pointer.empty()) {
        if (pointer.front() != '/') return {at, false};
        pointer.remove_prefix(1);
        const std::size_t end = std::min(pointer.find('/'), pointer.size());
        const Node* next = child(*at, unescape(pointer.substr(0, end)));
        if (next == nullptr) return {at, false};
        at = next;
        pointer.remove_prefix(end);
    }
    return {at, true};
}

std::unexpected<Error> wrong(const Node& node, Wanted wanted) { return std::unexpected(type_error(node, node.name(), std::array{wanted})); }

}  // namespace

std::string Mark::text() const { return file ? fmt::format("{}:{}:{}", *file, line, column) : std::string{}; }

Node Node::null(Mark mark, std::string name) {
    Node node;
    node.mark_ = std::move(mark);
    node.name_ = std::move(name);
    return node;
}

Node Node::scalar(Mark mark, std::string name, std::string text, bool quoted, std::string written) {
    Node node = null(std::move(mark), std::move(name));
    node.kind_ = Kind::scalar;
    node.text_ = std::move(text);
    node.quoted_ = quoted;
    node.written_ = std::move(written);
    return node;
}

Node Node::sequence(Mark mark, std::string name, std::vector<Node> items) {
    Node node = null(std::move(mark), std::move(name));
    node.kind_ = Kind::sequence;
    node.items_ = std::move(items);
    return node;
}

Node Node::map(Mark mark, std::string name, std::vector<Entry> entries) {
    Node node = null(std::move(mark), std::move(name));
    node.kind_ = Kind::map;
    node.entries_ = std::move(entries);
    return node;
}

ScalarType Node::scalar_type() const noexcept {
    if (kind_ != Kind::scalar || quoted_) return ScalarType::text;
    if (text_ == "true" || text_ == "false") return ScalarType::boolean;
    if (is_json_integer(text_)) return to_int64(text_) ? ScalarType::integer : ScalarType::text;
    if (is_json_fraction(text_) && to_double(text_)) return ScalarType::number;
    return ScalarType::text;
}

std::span<const Node::Entry> Node::entries() const noexcept { return entries_; }

const Node* Node::find(std::string_view key) const noexcept {
    for (const Entry& entry : entries_)
        if (entry.key == key) return &entry.value;
    return nullptr;
}

Result<const Node*> Node::get(std::string_view key) const {
    if (kind_ != Kind::map) return wrong(*this, Wanted::map);
    if (const Node* value = find(key)) return value;
    return fail(Errc::config, fmt::format("{} lacks the key '{}'", quoted_label(name_), key), mark_.text());
}

Result<std::string> Node::text() const {
    if (kind_ != Kind::scalar || scalar_type() != ScalarType::text) return wrong(*this, Wanted::text);
    return text_;
}

Result<std::int64_t> Node::integer() const {
    const auto value = scalar_type() == ScalarType::integer ? to_int64(text_) : std::nullopt;
    if (!value) return wrong(*this, Wanted::integer);
    return *value;
}

Result<double> Node::number() const {
    const ScalarType type = scalar_type();
    const auto value = type == ScalarType::integer || type == ScalarType::number ? to_double(text_) : std::nullopt;
    if (!value) return wrong(*this, Wanted::number);
    return *value;
}

Result<bool> Node::boolean() const {
    if (scalar_type() != ScalarType::boolean) return wrong(*this, Wanted::boolean);
    return text_ == "true";
}

Result<std::chrono::microseconds> Node::duration() const {
    const auto refuse = [&](std::string_view what) {
        return fail(Errc::config, fmt::format("{} must be {}, there is {}", quoted_label(name_), what, describe(*this)), mark_.text(),
                    "a whole number and one of ms, s, m, h, d, such as 30s");
    };
    if (kind_ != Kind::scalar) return refuse("a duration");
    const std::size_t digits = std::min(text_.find_first_not_of("0123456789"), text_.size());
    const std::int64_t unit = micros_of_unit(std::string_view{text_}.substr(digits));
    if (digits == 0 || unit == 0) return refuse("a duration");
    const auto count = to_int64(std::string_view{text_}.substr(0, digits));
    if (!count || *count > kDurationDaysMax * micros_of_unit("d") / unit) return refuse("a duration of at most 100000d");
    return std::chrono::microseconds{*count * unit};
}

Result<std::span<const Node>> Node::list() const {
    if (kind_ != Kind::sequence) return wrong(*this, Wanted::list);
    return items();
}

Result<std::span<const Node::Entry>> Node::map_entries() const {
    if (kind_ != Kind::map) return wrong(*this, Wanted::map);
    return entries();
}

const Node* node_at(const Node& root, std::string_view pointer) {
    const auto [node, whole] = walk(root, pointer);
    return whole ? node : nullptr;
}

Mark mark_at(const Node& root, std::string_view pointer) { return walk(root, pointer).first->mark(); }

}  // namespace stemma::config
