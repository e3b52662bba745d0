// Measured values as conditions: a value of its own each would be a hypothesis each, so many numbers become four quarters.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/lineage/attribution_suspects.hpp"

namespace stemma::lineage {
namespace {

std::optional<double> number_in(const std::string& text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
    return value;
}

struct Measured {
    double value{0};
    std::string* text{nullptr};
};

}  // namespace

void put_in_quarters(std::span<std::string* const> values) {
    std::vector<Measured> measured;
    for (std::string* text : values) {
        const auto value = number_in(*text);
        if (!value) return;
        measured.push_back({*value, text});
    }
    std::ranges::sort(measured, {}, &Measured::value);
    std::size_t different = measured.empty() ? 0 : 1;
    for (std::size_t i = 1; i < measured.size(); ++i) different += measured[i].value != measured[i - 1].value ? 1U : 0U;
    if (different <= kValuesMax) return;

    // The greatest value of each quarter but the last, as written; equal ones are one border.
    std::vector<std::pair<double, std::string>> borders;
    for (std::size_t quarter = 1; quarter < 4; ++quarter) {
        const Measured& at = measured[(measured.size() * quarter + 3) / 4 - 1];
        const bool fresh = borders.empty() || borders.back().first != at.value;
        if (fresh && at.value != measured.back().value) borders.emplace_back(at.value, *at.text);
    }
    for (const Measured& one : measured) {
        const auto above = std::ranges::lower_bound(borders, one.value, {}, [](const auto& border) { return border.first; });
        std::string label = above == borders.begin() ? "" : fmt::format("above {}", (above - 1)->second);
        if (above != borders.end()) label += fmt::format("{}up to {}", label.empty() ? "" : " ", above->second);
        *one.text = std::move(label);
    }
}

}  // namespace stemma::lineage
