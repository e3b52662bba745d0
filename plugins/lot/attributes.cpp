#include "plugins/lot/attributes.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <utility>

namespace stemma::lot {
namespace {

using pattern::Outcome;

constexpr std::size_t kTextBytesMax = 255;   // bytes of one attribute's value
constexpr std::size_t kWholeDigitsMax = 12;  // digits before the point: the millionths must fit 64 bits
constexpr std::size_t kPlacesMax = 6;        // digits after the point

bool all_digits(std::string_view text) noexcept { return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos; }

bool is_integer(std::string_view text) noexcept {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size();
}

bool is_number(std::string_view text) noexcept {
    if (text.substr(0, 1) == "-") text.remove_prefix(1);
    const std::size_t point = text.find('.');
    const std::string_view whole = text.substr(0, point);
    if (!all_digits(whole) || whole.size() > kWholeDigitsMax) return false;
    if (point == std::string_view::npos) return true;
    const std::string_view places = text.substr(point + 1);
    return all_digits(places) && places.size() <= kPlacesMax;
}

bool is_date(std::string_view text) noexcept {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
    const auto part = [&](std::size_t from, std::size_t length) {
        unsigned value = 0;
        for (const char c : text.substr(from, length)) value = value * 10 + static_cast<unsigned>(c - '0');
        return value;
    };
    if (!all_digits(text.substr(0, 4)) || !all_digits(text.substr(5, 2)) || !all_digits(text.substr(8, 2))) return false;
    const std::chrono::year_month_day day{std::chrono::year{static_cast<int>(part(0, 4))}, std::chrono::month{part(5, 2)},
                                          std::chrono::day{part(8, 2)}};
    return part(0, 4) >= 1 && day.ok();
}

bool is_quantity(std::string_view text, std::string_view unit) noexcept {
    const std::size_t gap = text.find(' ');
    return gap != std::string_view::npos && is_number(text.substr(0, gap)) && text.substr(gap + 1) == unit;
}

bool is_text(std::string_view text, const std::vector<std::string>& values) {
    if (!values.empty()) return std::ranges::find(values, text) != values.end();
    return !text.empty() && text.size() <= kTextBytesMax;
}

bool fits(const Attribute& attribute, std::string_view value) {
    switch (attribute.type) {
        case AttributeType::text: return is_text(value, attribute.values);
        case AttributeType::integer: return is_integer(value);
        case AttributeType::number: return is_number(value);
        case AttributeType::boolean: return value == "true" || value == "false";
        case AttributeType::date: return is_date(value);
        case AttributeType::quantity: return is_quantity(value, attribute.unit);
    }
    return false;
}

std::string in_words(const Attribute& attribute) {
    switch (attribute.type) {
        case AttributeType::text:
            return attribute.values.empty() ? "a text of 1 to " + std::to_string(kTextBytesMax) + " bytes"
                                            : "one of " + pattern::listed(attribute.values);
        case AttributeType::integer: return "a whole number";
        case AttributeType::number: return "a decimal number with at most " + std::to_string(kPlacesMax) + " places, such as 12.5";
        case AttributeType::boolean: return "true or false";
        case AttributeType::date: return "a date such as 2026-03-01";
        case AttributeType::quantity: return "a number and its unit, such as 12.5 " + attribute.unit;
    }
    return {};
}

class LotScheme final : public pattern::Scheme {
public:
    LotScheme(pattern::SchemePtr inner, std::vector<Attribute> attributes) : inner_{std::move(inner)}, attributes_{std::move(attributes)} {
        name_ = inner_->name();
        example_ = inner_->example();
        summary_ = inner_->summary();
        reasons_ = inner_->reasons();
        counter_max_ = inner_->counter_max();
        wanted_ = inner_->wanted();
        for (const Attribute& attribute : attributes_) wanted_.push_back({attribute.name, example_of(attribute)});
    }

    [[nodiscard]] std::optional<pattern::Remark> check(std::string_view raw) const override { return inner_->check(raw); }
    [[nodiscard]] std::string normalise(std::string_view raw) const override { return inner_->normalise(raw); }
    [[nodiscard]] std::vector<pattern::Part> decode(std::string_view raw) const override { return inner_->decode(raw); }

    [[nodiscard]] Outcome<std::string> format(const pattern::FormatRequest& request) const override {
        if (auto ok = pattern::check_names(request.fields, wanted_); !ok) return std::unexpected(ok.error());
        pattern::FormatRequest rest{request.counter, {}, request.as_of_us};
        for (const auto& [name, value] : request.fields)
            if (find(name) == nullptr) rest.fields.emplace(name, value);
        for (const Attribute& attribute : attributes_) {
            const std::string* value = pattern::find_given(request.fields, attribute.name);
            if (value == nullptr && attribute.required)
                return std::unexpected("attribute '" + attribute.name + "' is required: it takes " + in_words(attribute));
            if (value == nullptr) continue;
            if (auto ok = check_value(attribute, *value); !ok) return std::unexpected(ok.error());
        }
        return inner_->format(rest);
    }

private:
    [[nodiscard]] const Attribute* find(std::string_view name) const noexcept {
        const auto it = std::ranges::find_if(attributes_, [&](const Attribute& a) { return a.name == name; });
        return it == attributes_.end() ? nullptr : &*it;
    }

    pattern::SchemePtr inner_;
    std::vector<Attribute> attributes_;
};

}  // namespace

Outcome<void> check_value(const Attribute& attribute, std::string_view value) {
    if (fits(attribute, value)) return {};
    return std::unexpected("attribute '" + attribute.name + "' cannot be '" + std::string(value.substr(0, 64)) + "': it takes " +
                           in_words(attribute));
}

std::string example_of(const Attribute& attribute) {
    switch (attribute.type) {
        case AttributeType::text: return attribute.values.empty() ? "A" : attribute.values.front();
        case AttributeType::integer: return "1";
        case AttributeType::number: return "12.5";
        case AttributeType::boolean: return "true";
        case AttributeType::date: return "2026-03-01";
        case AttributeType::quantity: return "12.5 " + attribute.unit;
    }
    return {};
}

Outcome<pattern::SchemePtr> with_attributes(pattern::SchemePtr inner, std::vector<Attribute> attributes) {
    std::vector<std::string> names;
    for (const pattern::Wanted& wanted : inner->wanted()) names.push_back(wanted.name);
    for (const Attribute& attribute : attributes) {
        if (std::ranges::find(names, attribute.name) != names.end())
            return std::unexpected("scheme '" + inner->name() + "': attribute '" + attribute.name +
                                   "' stands twice or has a section's name");
        names.push_back(attribute.name);
    }
    return std::make_unique<const LotScheme>(std::move(inner), std::move(attributes));
}

}  // namespace stemma::lot
