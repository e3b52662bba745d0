// The smallest useful plugin: ticket numbers "T-0001" .. "T-9999". Read this first when writing one's own.
// The SDK's tests load it through the real loader.
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "stemma/plugin/sdk.hpp"

namespace {

namespace sdk = stemma::sdk;

constexpr std::string_view kOptionsSchema = R"({
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "prefix": {"type": "string", "pattern": "^[A-Z]{1,3}$", "description": "Letters before the dash"}
  }
})";

constexpr std::size_t kDigits = 4;
constexpr std::size_t kLongest = 8;  // characters of "TKT-0042"
enum Reason : std::uint8_t { no_ticket, bad_digit };

/// The normal form of a text: upper case, without spaces. places: where each of its first characters stands in the text.
struct Plain {
    std::string text;
    std::array<std::size_t, kLongest> places{};
};

Plain read(std::string_view text) {
    Plain plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == ' ') continue;
        if (plain.text.size() < kLongest) plain.places[plain.text.size()] = i;
        plain.text += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return plain;
}

class Ticket final : public sdk::Numbering {
public:
    explicit Ticket(const sdk::Config& config) : prefix_{config.text("prefix", "T") + "-"} {}

    [[nodiscard]] std::vector<sdk::Scheme> schemes() const override {
        return {{.name = "ticket",
                 .summary = "Prefix, dash, four digits",
                 .example = prefix_ + "0042",
                 .reasons = {{"ticket.form", "not a prefix, a dash and four digits"}, {"ticket.digit", "a digit was expected"}},
                 .fields = {},
                 .has_counter = true,
                 .counter_max = 9999}};
    }

    /// The text is as somebody typed it: "t-00 42" is valid, and a mistake's offset is its place in that text.
    [[nodiscard]] sdk::CheckResult check(std::size_t, std::string_view text) const override {
        const Plain plain = read(text);
        if (!plain.text.starts_with(prefix_) || plain.text.size() != prefix_.size() + kDigits)
            return sdk::CheckResult::invalid(no_ticket, 0, static_cast<std::uint32_t>(text.size()));
        for (std::size_t i = prefix_.size(); i < plain.text.size(); ++i)
            if (plain.text[i] < '0' || plain.text[i] > '9')
                return sdk::CheckResult::invalid(bad_digit, static_cast<std::uint32_t>(plain.places[i]), 1);
        return sdk::CheckResult::valid();
    }

    [[nodiscard]] std::string normalise(std::size_t, std::string_view text) const override { return read(text).text; }

    [[nodiscard]] std::vector<sdk::Section> decode(std::size_t scheme, std::string_view text) const override {
        if (check(scheme, text).verdict == STM_INVALID) return {};
        const Plain plain = read(text);
        const auto section = [&](std::string name, std::size_t first, std::size_t last) {
            const std::size_t offset = plain.places[first];
            return sdk::Section{std::move(name), plain.text.substr(first, last + 1 - first), offset, plain.places[last] + 1 - offset};
        };
        return {section("prefix", 0, prefix_.size() - 2), section("sequence", prefix_.size(), plain.text.size() - 1)};
    }

    [[nodiscard]] std::variant<std::string, sdk::Refused> format(std::size_t, const sdk::FormatRequest& request) const override {
        if (request.counter > 9999) return sdk::Refused{"the counter " + std::to_string(request.counter) + " has more than four digits"};
        const std::string digits = std::to_string(request.counter);
        return prefix_ + std::string(kDigits - digits.size(), '0') + digits;
    }

private:
    std::string prefix_;
};

}  // namespace

STEMMA_PLUGIN(Ticket,
              {.id = "org.stemma.sample.ticket", .version = "1.0.0", .summary = "Ticket numbers", .options_schema = kOptionsSchema});
