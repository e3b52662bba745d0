// Report "identifiers": every number that an item is known by, with what it is and its dates. The list that a UDI audit or an exchange of
// serial numbers asks for.
#include "stemma/plugin/sdk.hpp"

namespace {

namespace sdk = stemma::sdk;

constexpr const char* kIdentityFact = "item.identity";
constexpr const char* kProductFact = "item.product";
constexpr const char* kDatesFact = "item.dates";

std::string subject_of(const sdk::Input& input) { return std::string(input.table("subject").at(0, "item").as_text()); }

/// A cell of a fact's first row, of that type; empty where there is no row.
sdk::Value first_of(const std::optional<sdk::Table>& fact, std::string_view column, sdk::Type type) {
    return fact && fact->rows() > 0 ? fact->at(0, column).value() : sdk::Value::null(type);
}

struct Identifiers final : sdk::Report {
    explicit Identifiers(const sdk::Config&) {}

    [[nodiscard]] std::vector<sdk::ReportKind> reports() const override {
        using enum sdk::Type;
        return {{"identifiers",
                 "Identifiers of all items",
                 "Every identifier of every item, with its product and dates: the list of all UDIs, serials or lot numbers",
                 sdk::Subject::item,
                 {{"scheme", text, true},
                  {"identifier", text, true},
                  {"first", boolean, true},
                  {"kind", text},
                  {"item", text, true},
                  {"product", text},
                  {"sku", text},
                  {"name", text},
                  {"made_at", time_us},
                  {"expiry", time_us},
                  {"best_before", time_us}},
                 {},
                 {{"scheme", "identifiers of this scheme alone: serial, lot, udi; without it all", text, false, ""}},
                 {"scheme", "identifier", "item"}}};
    }

    [[nodiscard]] std::vector<sdk::FactRequest> facts_to_collect(std::size_t, const sdk::Input& input) const override {
        const std::string item = subject_of(input);
        const auto identity = input.find_fact(kIdentityFact, {item});
        if (!identity) return {{kIdentityFact, {item}}};
        if (rows_of(*identity, input).empty() || input.find_fact(kProductFact, {item})) return {};
        return {{kProductFact, {item}}, {kDatesFact, {item}}};
    }

    [[nodiscard]] std::vector<sdk::Row> collect(std::size_t, const sdk::Input& input) const override {
        using enum sdk::Type;
        const std::string item = subject_of(input);
        const auto identity = input.find_fact(kIdentityFact, {item});
        const auto product = input.find_fact(kProductFact, {item});
        const auto dates = input.find_fact(kDatesFact, {item});
        if (!identity) return {};
        std::vector<sdk::Row> rows;
        for (const std::size_t at : rows_of(*identity, input))
            rows.push_back({identity->at(at, "scheme").value(), identity->at(at, "value").value(), sdk::Value::flag(at == 0),
                            input.table("subject").at(0, "kind").value(), sdk::Value::text(item), first_of(product, "product", text),
                            first_of(product, "sku", text), first_of(product, "name", text), first_of(dates, "made_at", time_us),
                            first_of(dates, "expiry", time_us), first_of(dates, "best_before", time_us)});
        return rows;
    }

private:
    /// The rows of the fact that the parameter "scheme" leaves.
    static std::vector<std::size_t> rows_of(const sdk::Table& identity, const sdk::Input& input) {
        const std::string_view scheme = input.table("parameters").at(0, "scheme").text_or("");
        std::vector<std::size_t> rows;
        for (std::size_t row = 0; row < identity.rows(); ++row)
            if (scheme.empty() || identity.at(row, "scheme").text_or("") == scheme) rows.push_back(row);
        return rows;
    }
};

}  // namespace

STEMMA_PLUGIN(Identifiers, {.id = "org.stemma.identifiers",
                            .version = "0.1.0",
                            .summary = "The list of all identifiers: UDIs, serials, lot numbers",
                            .facts = {kIdentityFact, kProductFact, kDatesFact}});
