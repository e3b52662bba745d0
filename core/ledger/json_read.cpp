#include "core/ledger/json_read.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/base/text.hpp"

namespace stemma::json {
namespace {

constexpr Instant kFirstInstant{-62'135'596'800 * kMicrosPerSecond};     // 0001-01-01T00:00:00Z
constexpr Instant kLastInstant{253'402'300'800 * kMicrosPerSecond - 1};  // 9999-12-31T23:59:59.999999Z
constexpr std::int64_t kDecimalPlaces = 6;                               // what a Quantity keeps

/// Whether a JSON number has no digit but zero after the sixth decimal place.
bool fits_six_places(std::string_view number) {
    const std::size_t e = number.find_first_of("eE");
    std::string_view mantissa = number.substr(0, e);
    std::int64_t exponent = 0;
    if (e != std::string_view::npos) {
        std::string_view digits = number.substr(e + 1);
        if (digits.starts_with('+')) digits.remove_prefix(1);
        if (std::from_chars(digits.data(), digits.data() + digits.size(), exponent).ec != std::errc{}) return false;
    }
    std::int64_t places = 0;
    if (const std::size_t point = mantissa.find('.'); point != std::string_view::npos)
        places = static_cast<std::int64_t>(mantissa.size() - point - 1);
    for (; !mantissa.empty() && (mantissa.back() == '0' || mantissa.back() == '.'); mantissa.remove_suffix(1))
        if (mantissa.back() == '0') --places;
    const bool zero = mantissa.find_first_of("123456789") == std::string_view::npos;
    return zero || places - kDecimalPlaces <= exponent;
}

template <class Integer>
bool read_integer(std::string_view text, Integer& out) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

void Reading::refuse(std::string message, std::string hint, std::string_view field) {
    if (error_) return;
    std::string where = where_;
    if (!field.empty()) add_step(where, field);
    error_ = Error{Errc::invalid_input, std::move(message), std::move(where), std::move(hint)};
}

void Reading::refuse(Error error) {
    if (error_) return;
    error.where = where_;
    error_ = std::move(error);
}

bool Reading::expect(const Node& node, Node::Kind kind) {
    if (refused()) return false;
    if (node.kind == kind) return true;
    refuse(fmt::format("expected {}, found {}", name_of(kind), name_of(node.kind)));
    return false;
}

std::string Reading::string(const Node& node) { return expect(node, Node::Kind::string) ? node.text : std::string{}; }

std::int64_t Reading::micros(const Node& node) {
    if (!expect(node, Node::Kind::number)) return 0;
    Result<std::int64_t> micros = parse_micros(node.text);
    if (!micros) {
        refuse(std::move(micros).error());
        return 0;
    }
    if (fits_six_places(node.text)) return *micros;
    refuse(fmt::format("the number {} has more than {} decimal places", clip(node.text), kDecimalPlaces),
           "use a smaller unit: 0.5 GRM, not 0.0005 KGM");
    return 0;
}

std::uint64_t Reading::count(const Node& node) {
    std::uint64_t value = 0;
    if (expect(node, Node::Kind::number) && !read_integer(node.text, value))
        refuse(fmt::format("expected a whole number from 0 to 18446744073709551615, found {}", clip(node.text)));
    return value;
}

std::int64_t Reading::integer(const Node& node) {
    std::int64_t value = 0;
    if (expect(node, Node::Kind::number) && !read_integer(node.text, value))
        refuse(fmt::format("expected a whole number of at most 64 bits, found {}", clip(node.text)));
    return value;
}

bool Reading::flag(const Node& node) { return expect(node, Node::Kind::boolean) && node.flag; }

WrittenTime Reading::time(const Node& node) {
    if (!expect(node, Node::Kind::string)) return {};
    Result<WrittenTime> time = parse_time(node.text);
    if (!time) {
        refuse(std::move(time).error());
        return {};
    }
    if (time->instant < kFirstInstant || time->instant > kLastInstant) {
        refuse(fmt::format("the time '{}' does not lie in the years 1 to 9999 of UTC", clip(node.text)));
        return {};
    }
    return *std::move(time);
}

std::vector<std::string> Reading::strings(const Node& array) {
    std::vector<std::string> out;
    each(array, [&](const Node& node) { out.push_back(string(node)); });
    return out;
}

Fields::Fields(Reading& reading, const Node& node) : reading_{reading}, node_{node} { reading.expect(node, Node::Kind::object); }

const Node* Fields::find(std::string_view name) const {
    const auto found = std::ranges::find(node_.children, name, &Node::key);
    return found == node_.children.end() ? nullptr : &*found;
}

void Fields::require(std::string_view name) {
    if (!reading_.refused() && !has(name)) reading_.refuse(fmt::format("the field '{}' is missing", name), {}, name);
}

void Fields::read(std::string_view name, std::string& out) {
    with(name, [&](const Node& node) { out = reading_.string(node); });
}

void Fields::read(std::string_view name, std::uint64_t& out) {
    with(name, [&](const Node& node) { out = reading_.count(node); });
}

void Fields::read(std::string_view name, bool& out) {
    with(name, [&](const Node& node) { out = reading_.flag(node); });
}

void Fields::read(std::string_view name, Instant& out) {
    with(name, [&](const Node& node) { out = reading_.time(node).instant; });
}

void Fields::read(std::string_view name, std::vector<std::string>& out) {
    with(name, [&](const Node& node) { out = reading_.strings(node); });
}

void Fields::done(const std::vector<std::string_view>& known_elsewhere) {
    if (reading_.refused()) return;
    for (const Node& child : node_.children) {
        const std::string_view name = child.key;
        if (std::ranges::find(asked_, name) != asked_.end()) continue;
        if (std::ranges::find(known_elsewhere, name) != known_elsewhere.end())
            return reading_.refuse(fmt::format("EPCIS has the field '{}', Stemma does not keep it", name), "leave it out", name);
        std::string hint = did_you_mean(name, std::vector<std::string>(asked_.begin(), asked_.end()));
        if (hint.empty() && name.contains(':'))
            return reading_.refuse(fmt::format("the extension field '{}' is not kept by Stemma", clip(name)),
                                   "leave it out; named values of the goods go into ilmd as strings", name);
        return reading_.refuse(fmt::format("unknown field '{}'", clip(name)), std::move(hint), name);
    }
}

}  // namespace stemma::json
