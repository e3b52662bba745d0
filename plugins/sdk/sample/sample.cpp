// The smallest useful plugin: ticket numbers "T-0001" .. "T-9999". Read this first when writing one's own.
// The SDK's tests load it through the real loader.
#include <charconv>
#include <string>
#include <string_view>
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
enum Reason : std::uint8_t { no_ticket, bad_digit };

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

    [[nodiscard]] sdk::CheckResult check(std::size_t, std::string_view text) const override {
        if (!text.starts_with(prefix_) || text.size() != prefix_.size() + kDigits)
            return sdk::CheckResult::invalid(no_ticket, 0, static_cast<std::uint32_t>(text.size()));
        for (std::size_t i = prefix_.size(); i < text.size(); ++i)
            if (text[i] < '0' || text[i] > '9') return sdk::CheckResult::invalid(bad_digit, static_cast<std::uint32_t>(i), 1);
        return sdk::CheckResult::valid();
    }

    [[nodiscard]] std::string normalise(std::size_t, std::string_view text) const override {
        std::string out;
        for (const char c : text)
            if (c != ' ') out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        return out;
    }

    [[nodiscard]] std::vector<sdk::Section> decode(std::size_t scheme, std::string_view text) const override {
        if (check(scheme, text).verdict == STM_INVALID) return {};
        return {{"prefix", std::string(text.substr(0, prefix_.size() - 1)), 0, prefix_.size() - 1},
                {"sequence", std::string(text.substr(prefix_.size())), prefix_.size(), kDigits}};
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
