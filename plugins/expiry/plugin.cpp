// Assessment "expiry": asks for an item's dates and says how close it is to expiring. The arithmetic is shelf_life.cpp's.
#include "plugins/expiry/shelf_life.hpp"
#include "stemma/plugin/sdk.hpp"

namespace {

namespace sdk = stemma::sdk;
namespace expiry = stemma::expiry;

constexpr std::string_view kSchema = R"json({
"$schema": "http://json-schema.org/draft-07/schema#",
"type": "object",
"additionalProperties": false,
"properties": {
 "share_percent": {"description": "Close to expiring when at most this share of the shelf life remains, in percent.",
  "type": "integer", "minimum": 0, "maximum": 100, "default": 20},
 "days": {"description": "Close to expiring when at most this many days remain. The earlier of the two counts.",
  "type": "integer", "minimum": 0, "maximum": 3650, "default": 14}
}
})json";

constexpr const char* kDatesFact = "item.dates";

std::string item_of(const sdk::Input& input) { return std::string(input.table("item").at(0, "item").as_text()); }

std::optional<std::int64_t> time_of(const sdk::Table& table, std::string_view column) {
    const sdk::Cell cell = table.at(0, column);
    return cell.is_null() ? std::nullopt : std::optional(cell.as_time_us());
}

struct Expiry final : sdk::Assessment {
    explicit Expiry(const sdk::Config& config)
        : policy_{static_cast<int>(config.integer("share_percent", expiry::Policy{}.share_percent)),
                  static_cast<int>(config.integer("days", expiry::Policy{}.days))} {}

    [[nodiscard]] sdk::AssessmentKind assessment_kind() const override {
        return {"expiry",
                "How close an item is to expiring: fresh, close_to_expiring, expired or unknown",
                {{"status", sdk::Type::text, true},
                 {"basis", sdk::Type::text, false},
                 {"expiry", sdk::Type::time_us, false},
                 {"close_from", sdk::Type::time_us, false},
                 {"remaining_days", sdk::Type::int64, false}}};
    }

    [[nodiscard]] std::vector<sdk::FactRequest> facts_to_assess(const sdk::Input& input) const override {
        const std::string item = item_of(input);
        if (input.find_fact(kDatesFact, {item})) return {};
        return {{kDatesFact, {item}}};
    }

    [[nodiscard]] sdk::Assessed assess(const sdk::Input& input) const override {
        const auto fact = input.find_fact(kDatesFact, {item_of(input)});
        if (!fact) return {false, {}, {{"expiry.no_fact", "the item's dates were not told"}}};
        expiry::Dates dates;
        if (fact->rows() > 0) dates = {time_of(*fact, "made_at"), time_of(*fact, "expiry"), time_of(*fact, "best_before")};
        const expiry::Answer answer = expiry::assess(dates, policy_, input.as_of_us());
        sdk::Assessed out;
        out.answers.push_back({"status", sdk::Value::text(to_string(answer.status))});
        if (answer.end_us && answer.close_from_us && answer.remaining_days) {
            out.answers.push_back({"basis", sdk::Value::text(answer.basis)});
            out.answers.push_back({"expiry", sdk::Value::time_us(*answer.end_us)});
            out.answers.push_back({"close_from", sdk::Value::time_us(*answer.close_from_us)});
            out.answers.push_back({"remaining_days", sdk::Value::integer(*answer.remaining_days)});
        }
        for (const expiry::Reason& reason : answer.reasons) out.reasons.push_back({reason.code, reason.text});
        return out;
    }

private:
    expiry::Policy policy_;
};

}  // namespace

STEMMA_PLUGIN(Expiry, {.id = "org.stemma.expiry",
                       .version = "0.1.0",
                       .summary = "Close to expiring, by share of shelf life or by days",
                       .options_schema = kSchema,
                       .facts = {kDatesFact}});
