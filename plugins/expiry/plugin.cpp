// Assessment "expiry": asks for an item's dates and says how close it is to expiring. Reports "fefo" and "expiry-by-product": the same of
// everything in stock. The arithmetic is shelf_life.cpp's, the lists are stock_list.cpp's.
#include "plugins/expiry/shelf_life.hpp"
#include "plugins/expiry/stock_list.hpp"
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
constexpr const char* kStatusFact = "item.status";
constexpr const char* kProductFact = "item.product";
constexpr const char* kIdentityFact = "item.identity";
constexpr std::ptrdiff_t kRankColumn = 2;  // of "fefo"
enum ReportIndex : std::uint8_t { fefo, expiry_by_product };

std::string item_of(const sdk::Input& input) { return std::string(input.table("item").at(0, "item").as_text()); }

std::optional<std::int64_t> time_of(const sdk::Table& table, std::string_view column) {
    const sdk::Cell cell = table.at(0, column);
    return cell.is_null() ? std::nullopt : std::optional(cell.as_time_us());
}

expiry::Dates dates_of(const sdk::Table& fact) {
    if (fact.rows() == 0) return {};
    return {time_of(fact, "made_at"), time_of(fact, "expiry"), time_of(fact, "best_before")};
}

/// The first cell of a fact's column; "" where there is none.
std::string first_of(const std::optional<sdk::Table>& fact, std::string_view column) {
    return fact && fact->rows() > 0 ? std::string(fact->at(0, column).text_or("")) : std::string{};
}

sdk::Value text_or_none(const std::string& text) { return text.empty() ? sdk::Value::null(sdk::Type::text) : sdk::Value::text(text); }

/// What collect gives for both reports: a StockLine, cell by cell.
std::vector<sdk::Column> line_columns() {
    using enum sdk::Type;
    return {
        {"sku", text},          {"name", text},        {"number", text, true}, {"last_day", time_us, true}, {"remaining_days", int64, true},
        {"status", text, true}, {"basis", text, true}, {"stock", text, true},  {"item", text, true},        {"product", text}};
}

sdk::Row row_of(const expiry::StockLine& line) {
    return {text_or_none(line.sku),
            text_or_none(line.name),
            sdk::Value::text(line.number),
            sdk::Value::time_us(line.end_us),
            sdk::Value::integer(line.remaining_days),
            sdk::Value::text(to_string(line.status)),
            sdk::Value::text(line.basis),
            sdk::Value::text(line.stock),
            sdk::Value::text(line.item),
            text_or_none(line.product)};
}

expiry::Status status_named(std::string_view name) {
    for (const auto status : {expiry::Status::fresh, expiry::Status::close_to_expiring, expiry::Status::expired})
        if (to_string(status) == name) return status;
    return expiry::Status::unknown;
}

std::vector<expiry::StockLine> lines_of(const sdk::Table& rows) {
    std::vector<expiry::StockLine> lines;
    lines.reserve(rows.rows());
    for (std::size_t row = 0; row < rows.rows(); ++row) {
        const auto text = [&](std::string_view column) { return std::string(rows.at(row, column).text_or("")); };
        lines.push_back({text("product"), text("sku"), text("name"), text("item"), text("number"), text("stock"),
                         rows.at(row, "last_day").as_time_us(), text("basis"), rows.at(row, "remaining_days").as_integer(),
                         status_named(text("status"))});
    }
    return lines;
}

struct Expiry final : sdk::Assessment, sdk::Report {
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
        const expiry::Answer answer = expiry::assess(dates_of(*fact), policy_, input.as_of_us());
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

    [[nodiscard]] std::vector<sdk::ReportKind> reports() const override {
        using enum sdk::Type;
        std::vector<sdk::Column> ranked = line_columns();
        ranked.insert(ranked.begin() + kRankColumn, {"rank", int64, true});
        return {{"fefo",
                 "What expires first",
                 "Items in stock by product and last day: rank 1 leaves first (first expired, first out)",
                 sdk::Subject::item,
                 std::move(ranked),
                 line_columns(),
                 {{"days", "only what expires within so many days; without it everything that has a date", int64, false, ""},
                  {"expired", "also what has expired and still lies there", boolean, false, "true"}},
                 {}},
                {"expiry-by-product",
                 "Expired, close and fresh by product",
                 "Of each product in stock how many items are expired, close to expiring or fresh, and which day comes first",
                 sdk::Subject::item,
                 {{"sku", text},
                  {"name", text},
                  {"expired", int64, true},
                  {"close_to_expiring", int64, true},
                  {"fresh", int64, true},
                  {"first_last_day", time_us, true},
                  {"product", text}},
                 line_columns(),
                 {},
                 {}}};
    }

    /// First the dates, which most items do not have; then whether it is in stock; then what it is called.
    [[nodiscard]] std::vector<sdk::FactRequest> facts_to_collect(std::size_t, const sdk::Input& input) const override {
        const std::string item = subject_of(input);
        const auto dates = input.find_fact(kDatesFact, {item});
        if (!dates) return {{kDatesFact, {item}}};
        if (!answer_of(*dates, input).end_us) return {};
        const auto status = input.find_fact(kStatusFact, {item});
        if (!status) return {{kStatusFact, {item}}};
        if (!expiry::is_on_hand(first_of(status, "status")) || input.find_fact(kProductFact, {item})) return {};
        return {{kProductFact, {item}}, {kIdentityFact, {item}}};
    }

    [[nodiscard]] std::vector<sdk::Row> collect(std::size_t report, const sdk::Input& input) const override {
        const std::string item = subject_of(input);
        const auto dates = input.find_fact(kDatesFact, {item});
        const std::string stock = first_of(input.find_fact(kStatusFact, {item}), "status");
        if (!dates || !expiry::is_on_hand(stock)) return {};
        const expiry::Answer answer = answer_of(*dates, input);
        if (!answer.end_us || !answer.remaining_days || (report == fefo && !is_wanted(*answer.remaining_days, input))) return {};
        const auto product = input.find_fact(kProductFact, {item});
        const std::string number = first_of(input.find_fact(kIdentityFact, {item}), "value");
        return {row_of({first_of(product, "product"), first_of(product, "sku"), first_of(product, "name"), item,
                        number.empty() ? item : number, stock, *answer.end_us, answer.basis, *answer.remaining_days, answer.status})};
    }

    [[nodiscard]] std::vector<sdk::Row> compose(std::size_t report, const sdk::Input& input) const override {
        std::vector<sdk::Row> rows;
        if (report == fefo) {
            for (const expiry::Ranked& one : expiry::first_out(lines_of(input.table("rows")))) {
                sdk::Row row = row_of(one.line);
                row.insert(row.begin() + kRankColumn, sdk::Value::integer(one.rank));
                rows.push_back(std::move(row));
            }
            return rows;
        }
        for (const expiry::ProductCount& one : expiry::by_product(lines_of(input.table("rows"))))
            rows.push_back({text_or_none(one.sku), text_or_none(one.name), sdk::Value::integer(one.expired), sdk::Value::integer(one.close),
                            sdk::Value::integer(one.fresh), sdk::Value::time_us(one.first_end_us), text_or_none(one.product)});
        return rows;
    }

private:
    static std::string subject_of(const sdk::Input& input) { return std::string(input.table("subject").at(0, "item").as_text()); }

    [[nodiscard]] expiry::Answer answer_of(const sdk::Table& dates, const sdk::Input& input) const {
        return expiry::assess(dates_of(dates), policy_, input.as_of_us());
    }

    static bool is_wanted(std::int64_t remaining, const sdk::Input& input) {
        const sdk::Table parameters = input.table("parameters");
        const sdk::Cell days = parameters.at(0, "days");
        const sdk::Cell expired = parameters.at(0, "expired");
        if (!days.is_null() && remaining > days.as_integer()) return false;
        return remaining >= 0 || expired.is_null() || expired.as_flag();
    }

    expiry::Policy policy_;
};

}  // namespace

STEMMA_PLUGIN(Expiry, {.id = "org.stemma.expiry",
                       .version = "0.2.0",
                       .summary = "Close to expiring, by share of shelf life or by days",
                       .options_schema = kSchema,
                       .facts = {kDatesFact, kStatusFact, kProductFact, kIdentityFact}});
