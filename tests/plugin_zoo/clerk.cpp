// A correct plugin with two reports, small enough to know every row, and one that goes wrong on the author's side of the SDK. Option
// `flaw` makes its description wrong.
#include <stdexcept>

#include "stemma/plugin/sdk.hpp"

namespace {

namespace sdk = stemma::sdk;

constexpr std::string_view kSchema = R"({
  "type": "object",
  "additionalProperties": false,
  "properties": {"flaw": {"type": "string", "description": "What is wrong with the description of report 0"}}
})";

class Clerk final : public sdk::Report {
public:
    explicit Clerk(const sdk::Config& config) : flaw_{config.text("flaw", "")} {}

    std::vector<sdk::ReportKind> reports() const override {
        using enum sdk::Type;
        std::vector<sdk::ReportKind> all{
            {"list",
             "The list",
             "Every item with its mood",
             sdk::Subject::item,
             {{"item", text, true}, {"calm", boolean}, {"seen", time_us, true}, {"share", int64}, {"weight", quantity}},
             {},
             {{"share", "a number", int64, false, "50"}, {"word", "a word", text, true, ""}},
             {"share", "item"}},
            {"sum", "The sum", "How many items", sdk::Subject::item, {{"items", int64, true}}, {{"item", text, true}}, {}, {}}};
        sdk::ReportKind& first = all.front();
        if (flaw_ == "name") first.name = "The List";
        if (flaw_ == "no columns") first.columns.clear(), first.order.clear();
        if (flaw_ == "twice") all[1].name = "list";
        if (flaw_ == "column twice") first.columns[1].name = "item";
        if (flaw_ == "order") first.order = {"height"};
        if (flaw_ == "parameter") first.parameters[0].name = "format";
        if (flaw_ == "quantity") first.parameters[0].type = quantity;
        if (flaw_ == "fallback") first.parameters[0].fallback = "half";
        if (flaw_ == "none") all.clear();
        return all;
    }
    std::vector<sdk::FactRequest> facts_to_collect(std::size_t, const sdk::Input& input) const override {
        const std::string item = item_of(input);
        if (item == "urn:endless") return {{"clerk.mood", {item, std::to_string(input.round())}}};
        if (item == "urn:curious") return {{"clerk.secret", {item}}};
        if (input.find_fact("clerk.mood", {item})) return {};
        return {{"clerk.mood", {item}}};
    }
    std::vector<sdk::Row> collect(std::size_t report, const sdk::Input& input) const override {
        const std::string item = item_of(input);
        if (item == "urn:throws") throw std::runtime_error("the pen broke");
        if (report == 1) return {{sdk::Value::text(item)}};
        if (item == "urn:nobody") return {};
        const auto mood = input.find_fact("clerk.mood", {item});
        const sdk::Value calm = mood && mood->rows() > 0 ? mood->at(0, "calm").value() : sdk::Value::null(sdk::Type::boolean);
        sdk::Row row{sdk::Value::text(item), calm, sdk::Value::time_us(input.as_of_us()), input.table("parameters").at(0, "share").value(),
                     sdk::Value::quantity(1'500'000, "KGM")};
        if (item == "urn:short") row.pop_back();
        if (item == "urn:wrong") row[3] = sdk::Value::text("fifty");
        if (item == "urn:twice") return {row, row};
        return {row};
    }
    std::vector<sdk::Row> compose(std::size_t, const sdk::Input& input) const override {
        return {{sdk::Value::integer(static_cast<std::int64_t>(input.table("rows").rows()))}};
    }

private:
    static std::string item_of(const sdk::Input& input) { return std::string(input.table("subject").at(0, "item").as_text()); }

    std::string flaw_;
};

}  // namespace

STEMMA_PLUGIN(
    Clerk,
    {.id = "org.stemma.zoo.clerk", .version = "1.0.0", .summary = "Two reports", .options_schema = kSchema, .facts = {"clerk.mood"}});
