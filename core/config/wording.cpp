#include "core/config/wording.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.hpp"

namespace stemma::config {
namespace {

bool all_digits(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// Hint for a text where a number was wanted.
std::string number_hint(const Node& node) {
    const std::string& text = node.raw();
    if (node.quoted()) {
        const Node plain = Node::scalar(node.mark(), node.name(), text, false);
        const ScalarType type = plain.scalar_type();
        return type == ScalarType::integer || type == ScalarType::number ? "remove the quotes" : std::string{};
    }
    if (all_digits(text) && text.front() == '0') {
        const std::size_t first = std::min(text.find_first_not_of('0'), text.size() - 1);
        return fmt::format("write it without leading zeros: {}", clip(text.substr(first)));
    }
    if (all_digits(text)) return "it is larger than 9223372036854775807";
    if (text.starts_with("0x") || text.starts_with("0o") || text.starts_with("+")) return "write a plain decimal number";
    return {};
}

std::string boolean_hint(const Node& node) {
    if (node.quoted()) return node.raw() == "true" || node.raw() == "false" ? "remove the quotes" : std::string{};
    std::string lower = node.raw();
    std::ranges::transform(lower, lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    if (lower == "y" || lower == "yes" || lower == "on" || lower == "true") return "write true";
    if (lower == "n" || lower == "no" || lower == "off" || lower == "false") return "write false";
    return {};
}

}  // namespace

std::string describe(const Node& node) {
    switch (node.kind()) {
        case Node::Kind::null: return "no value";
        case Node::Kind::sequence: return "a list";
        case Node::Kind::map: return "a map of keys";
        case Node::Kind::scalar: break;
    }
    if (!node.written().empty()) return fmt::format("the value of '{}'", clip(node.written()));
    switch (node.scalar_type()) {
        case ScalarType::boolean: return node.raw();
        case ScalarType::integer:
        case ScalarType::number: return "the number " + clip(node.raw());
        case ScalarType::text: break;
    }
    return fmt::format("the text '{}'", clip(node.raw()));
}

std::string_view describe(Wanted wanted) noexcept {
    switch (wanted) {
        case Wanted::text: return "text";
        case Wanted::integer: return "a whole number";
        case Wanted::number: return "a number";
        case Wanted::boolean: return "true or false";
        case Wanted::list: return "a list";
        case Wanted::map: return "a map of keys";
        case Wanted::null: return "empty";
    }
    return "text";
}

std::string join_or(std::span<const std::string> words) {
    std::string out;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0) out += i + 1 == words.size() ? " or " : ", ";
        out += words[i];
    }
    return out;
}

std::string type_hint(const Node& node, std::span<const Wanted> wanted) {
    if (node.is_null()) return "give it a value or delete the line";
    if (!node.is_scalar() || !node.written().empty()) return {};
    const auto wants = [&](Wanted kind) { return std::ranges::find(wanted, kind) != wanted.end(); };
    if (node.scalar_type() == ScalarType::text) {
        if (wants(Wanted::boolean)) return boolean_hint(node);
        if (wants(Wanted::integer) || wants(Wanted::number)) return number_hint(node);
        return {};
    }
    return wants(Wanted::text) ? fmt::format("put it in quotes: '{}'", clip(node.raw())) : std::string{};
}

std::string quoted_label(std::string_view label) { return label.empty() ? std::string{"the file"} : fmt::format("'{}'", label); }

Error type_error(const Node& node, std::string_view label, std::span<const Wanted> wanted) {
    std::vector<std::string> words;
    words.reserve(wanted.size());
    for (const Wanted kind : wanted) words.emplace_back(describe(kind));
    return Error{Errc::config, fmt::format("{} must be {}, there is {}", quoted_label(label), join_or(words), describe(node)),
                 node.mark().text(), type_hint(node, wanted)};
}

}  // namespace stemma::config
