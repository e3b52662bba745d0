// /recalls/attribute: some items failed; what is behind them? The numbers are core/lineage's; here they get names and plain words.
#include <fmt/format.h>

#include <cmath>
#include <numbers>

#include "adapters/http/api_recall.hpp"
#include "core/base/text.hpp"
#include "core/engine/conditions.hpp"
#include "core/lineage/attribution.hpp"

namespace stemma::http {
namespace {

using lineage::Attribution;
using lineage::Cause;
using lineage::CauseKind;
using lineage::Hypothesis;

constexpr std::size_t kFailedItemsMax = 1000;        ///< failed items in one question
constexpr std::size_t kPopulationItemsMax = 10'000;  ///< items that a population may be listed by
constexpr std::size_t kPopulationProductsMax = 50;
constexpr std::size_t kConditionItemsMax = 10'000;  ///< items whose attributes are read for one answer

struct Command {
    std::vector<std::string> failed;
    std::vector<std::string> products;
    std::optional<std::vector<std::string>> items;
    std::optional<Instant> from;
    std::optional<Instant> before;
    std::string from_text;
    std::string to_text;
    std::uint64_t as_of{lineage::kLatest};
    bool conditions{true};
    lineage::AttributionOptions options;
};

void read_date(json::Reading& reading, json::Fields& fields, std::string_view name, std::string& text, std::optional<Instant>& out) {
    fields.with(name, [&](const json::Node& node) {
        text = reading.string(node);
        if (reading.refused()) return;
        const auto time = parse_time(text);
        if (!time) return reading.refuse(time.error());
        if (!time->date_only) return reading.refuse("a date without a time of day is expected", "write it as 2026-03-01; dates are UTC");
        out = time->instant;
    });
}

void read_number(json::Reading& reading, json::Fields& fields, std::string_view name, std::size_t most, std::size_t& out) {
    fields.with(name, [&](const json::Node& node) {
        const std::uint64_t value = reading.count(node);
        if (reading.refused()) return;
        if (value < 1 || value > most) return reading.refuse(fmt::format("{} is not from 1 to {}", value, most));
        out = static_cast<std::size_t>(value);
    });
}

void read_population(json::Reading& reading, const json::Node& node, Command& command) {
    json::Fields fields{reading, node};
    // A list of nobody is no list of everybody.
    const auto read_list = [&](std::string_view name, std::string_view instead, std::vector<std::string>& list) {
        fields.with(name, [&](const json::Node& texts) {
            list = reading.strings(texts);
            if (!reading.refused() && list.empty())
                reading.refuse("the list is empty: there is nothing to compare with", std::string{instead});
        });
    };
    read_list("products", "leave it out to compare with the failed ones' products", command.products);
    std::vector<std::string> items;
    read_list("items", "list at least one item, or leave it out to compare with the failed ones' products", items);
    if (!items.empty()) command.items = std::move(items);
    read_date(reading, fields, "from", command.from_text, command.from);
    read_date(reading, fields, "to", command.to_text, command.before);
    fields.done();
    if (command.before) command.before->us += kMicrosPerDay;
    if (!reading.refused() && command.from && command.before && *command.from >= *command.before)
        reading.refuse(fmt::format("from {} lies after to {}", command.from_text, command.to_text), "from is the earlier day", "from");
    const bool narrowed = command.from || command.before || !command.products.empty();
    if (!reading.refused() && narrowed && command.items)
        reading.refuse("a list of items is the population as it is: without products, from and to", {}, "items");
}

Result<Command> read_command(Api& api, const Request& request) {
    Command command;
    auto read = read_object(request, [&](json::Reading& reading, json::Fields& fields) {
        fields.require("failed");
        fields.read("failed", command.failed);
        fields.with("population", [&](const json::Node& node) { read_population(reading, node, command); });
        fields.with("asOf", [&](const json::Node& node) { read_as_of(api, reading, node, command.as_of); });
        fields.with("alpha", [&](const json::Node& node) {
            const std::int64_t micros = reading.micros(node);
            if (!reading.refused() && (micros < 1 || micros > kQuantityScale / 2))
                return reading.refuse("alpha is not from 0.000001 to 0.5");
            command.options.alpha = static_cast<double>(micros) / static_cast<double>(kQuantityScale);
        });
        read_number(reading, fields, "failedMin", lineage::kFailedMinMax, command.options.failed_min);
        read_number(reading, fields, "limit", lineage::kListedMax, command.options.listed_max);
        fields.read("inferred", command.options.include_inferred);
        fields.read("conditions", command.conditions);
    });
    if (!read) return std::unexpected(read.error());
    const auto too_many = [](const auto& list, std::size_t most, const char* what, const char* where) -> Result<void> {
        if (list.size() <= most) return {};
        return fail(Errc::too_large, fmt::format("{} {}, {} are allowed", list.size(), what, most), where);
    };
    if (command.failed.empty()) return fail(Errc::invalid_input, "name at least one item that failed", "/failed");
    if (auto ok = too_many(command.failed, kFailedItemsMax, "failed items", "/failed"); !ok) return std::unexpected(ok.error());
    if (command.items)
        if (auto ok = too_many(*command.items, kPopulationItemsMax, "items", "/population/items"); !ok) return std::unexpected(ok.error());
    if (auto ok = too_many(command.products, kPopulationProductsMax, "products", "/population/products"); !ok)
        return std::unexpected(ok.error());
    return command;
}

Result<std::vector<ItemId>> resolve_all(engine::Queries& queries, const std::vector<std::string>& texts) {
    std::vector<ItemId> ids;
    for (const std::string& text : texts) {
        auto hit = queries.resolve(text);
        if (!hit) return std::unexpected(hit.error());
        ids.push_back(std::move(hit->item.id));
    }
    return ids;
}

Result<std::vector<Product>> resolve_products(engine::Queries& queries, const std::vector<std::string>& texts) {
    std::vector<Product> products;
    for (const std::string& text : texts) {
        auto product = queries.product(text);
        if (!product) return std::unexpected(product.error());
        products.push_back(*std::move(product));
    }
    return products;
}

// --- texts ------------------------------------------------------------------------------------------------------------------------------

/// What an answer's causes are called, copied under one view.
struct CauseText {
    NodeText node;                        ///< of an item or production
    std::vector<DocumentText> documents;  ///< of a production
};

CauseText copy_cause(const lineage::View& view, const Cause& cause) {
    CauseText text;
    if (cause.kind != CauseKind::item && cause.kind != CauseKind::production) return text;
    const lineage::Node node{cause.number};
    text.node = copy_node(view, node);
    if (cause.kind == CauseKind::item) return text;
    bool seen = false;
    view.for_each_edge(node, lineage::Direction::forward, [&](lineage::EdgeNo edge, lineage::Node) {
        if (seen) return;
        seen = true;
        for (const lineage::DocumentNo document : view.documents_of(view.edge(edge).event))
            text.documents.push_back(copy_document(view, document));
    });
    return text;
}

/// A cause with all its names.
struct CauseShown {
    std::string kind;
    std::string id;
    std::string label;
    std::string step;
    std::string sku;
    std::string product;
    std::vector<DocumentText> documents;
};

CauseShown shown(const Cause& cause, CauseText text, const Attribution& found, LineageText& names) {
    CauseShown out;
    out.kind = to_string(cause.kind);
    out.documents = std::move(text.documents);
    if (cause.product != lineage::ProductNo::none) {
        out.sku = names.product(cause.product).code;
        out.product = names.product(cause.product).name;
    }
    const auto named = [&](const LineageText::Named& who) {
        out.id = who.id;
        out.label = who.name.empty() ? who.code : who.name;
        if (out.label.empty()) out.label = who.id;
    };
    switch (cause.kind) {
        case CauseKind::item:
        case CauseKind::production:
            if (cause.kind == CauseKind::item) out.kind = to_string(text.node.kind);
            out.id = text.node.id;
            out.label = out.documents.empty() || out.documents.front().number.empty() ? text.node.label : out.documents.front().number;
            out.sku = text.node.sku;
            out.product = text.node.product;
            break;
        case CauseKind::product: {
            const LineageText::Named& product = names.product(cause.product);
            out.id = product.id;
            out.label = product.code.empty() ? product.name : product.code;
            break;
        }
        case CauseKind::supplier: named(names.party(lineage::PartyNo{cause.number})); break;
        case CauseKind::place:
            named(names.place(lineage::PlaceNo{cause.number}));
            out.step = to_string(cause.step);
            break;
        case CauseKind::day:
            out.id = out.label = format_date({static_cast<std::int64_t>(static_cast<std::int32_t>(cause.number)) * kMicrosPerDay});
            out.step = to_string(cause.step);
            break;
        case CauseKind::revision:
        case CauseKind::condition: {
            const lineage::Condition& condition = found.conditions[cause.number];
            out.id = condition.name;
            out.label = cause.kind == CauseKind::revision ? condition.value : fmt::format("{} {}", condition.name, condition.value);
            break;
        }
    }
    return out;
}

/// "lot S4-L17", "supplier S4 of HEATER", "JACKET produced on 2026-03-16": for a sentence.
std::string words(const CauseShown& cause) {
    const std::string of = cause.sku.empty() ? cause.product : cause.sku;
    if (cause.step.empty()) {
        const bool of_product = cause.kind == "supplier" || cause.kind == "revision" || cause.kind == "condition";
        return fmt::format("{} {}{}", cause.kind, cause.label, of_product && !of.empty() ? " of " + of : "");
    }
    return fmt::format("{} {} {} {}", of.empty() ? "what was" : of, cause.step, cause.kind == "day" ? "on" : "at", cause.label);
}

// --- reasons ----------------------------------------------------------------------------------------------------------------------------

std::string p_text(double p) { return p < 1e-300 ? "below 1e-300" : fmt::format("{:.2g}", p); }

std::string counts_text(const Table2x2& table) {
    const double expected = static_cast<double>(table.failed()) * static_cast<double>(table.exposed()) /
                            static_cast<double>(std::max<std::uint64_t>(table.total(), 1));
    return fmt::format("{} of {} failed items have it, by chance it would be {:.1f}", table.a, table.failed(), expected);
}

/// Why it is named, or is not.
std::string reason_of(const Attribution& found, const Hypothesis& hypothesis, const std::vector<CauseShown>& leads,
                      const lineage::AttributionOptions& options) {
    const Table2x2& table = hypothesis.table;
    if (hypothesis.named) {
        const bool alone = std::ranges::count_if(found.hypotheses, [](const Hypothesis& other) { return other.named; }) == 1;
        return fmt::format(
            "{} (q = {}){}", counts_text(table), p_text(hypothesis.q),
            alone ? "" : fmt::format("; and beyond what the other named ones explain (p = {})", p_text(hypothesis.p_beside)));
    }
    if (table.exposed() == table.total()) return "every item of the population has it, so it tells nothing";
    if (hypothesis.explained_by != lineage::kNotExplained) {
        const Table2x2& rest = hypothesis.rest;
        const std::string left = rest.failed() == 0 ? std::string{"no failed item is left without what is named"}
                                                    : fmt::format("among the items without what is named {}", counts_text(rest));
        return fmt::format("explained by {}: {} (p beside what is named = {})", words(leads[hypothesis.explained_by]), left,
                           p_text(hypothesis.p_beside));
    }
    if (table.a < options.failed_min) return fmt::format("only {} failed items have it, {} are asked for", table.a, options.failed_min);
    if (hypothesis.q <= options.alpha) return fmt::format("{}, but not beside what is named", counts_text(table));
    return fmt::format("no more than chance among {} hypotheses: {} (q = {})", found.tests, counts_text(table), p_text(hypothesis.q));
}

// --- JSON -------------------------------------------------------------------------------------------------------------------------------

/// Left out where there is no finite number.
void write_real(json::Writer& out, std::string_view name, double value) {
    if (!std::isfinite(value)) return;
    out.key(name);
    out.raw(fmt::format("{:.6g}", value));
}

void write_cause(json::Writer& out, const CauseShown& cause) {
    out.field("kind", cause.kind);
    out.field("id", cause.id);
    out.field("label", cause.label);
    out.field("step", cause.step);
    out.field("sku", cause.sku);
    out.field("product", cause.product);
    out.list("documents", cause.documents, [&](const DocumentText& document) {
        out.begin_object();
        write_document(out, document);
        out.end_object();
    });
}

void write_hypothesis(json::Writer& out, const Attribution& found, std::size_t i, const std::vector<CauseShown>& leads,
                      const std::vector<CauseShown>& same, const lineage::AttributionOptions& options) {
    const Hypothesis& hypothesis = found.hypotheses[i];
    out.begin_object();
    write_cause(out, leads[i]);
    write_flag(out, "named", hypothesis.named);
    out.field("reason", reason_of(found, hypothesis, leads, options));
    if (hypothesis.explained_by != lineage::kNotExplained) out.number("explainedBy", hypothesis.explained_by);
    out.key("table");
    out.begin_object();
    out.number("failedExposed", hypothesis.table.a);
    out.number("soundExposed", hypothesis.table.b);
    out.number("failedUnexposed", hypothesis.table.c);
    out.number("soundUnexposed", hypothesis.table.d);
    out.end_object();
    write_real(out, "riskRatio", hypothesis.risk.ratio);
    write_real(out, "riskRatioLow", hypothesis.risk.low);
    write_real(out, "riskRatioHigh", hypothesis.risk.high);
    write_real(out, "p", hypothesis.p);
    write_real(out, "log10P", hypothesis.log_p / std::numbers::ln10);
    write_real(out, "q", hypothesis.q);
    if (hypothesis.recall) {
        out.key("recall");
        out.begin_object();
        out.number("items", hypothesis.recall->items);
        out.number("ofProducts", hypothesis.recall->of_products);
        out.end_object();
    }
    out.list("same", same, [&](const CauseShown& cause) {
        out.begin_object();
        write_cause(out, cause);
        out.end_object();
    });
    out.end_object();
}

void write_method(json::Writer& out, const lineage::AttributionOptions& options) {
    out.key("method");
    out.begin_object();
    out.field("test", "Fisher's exact test, one-sided");
    out.field("correction", "Benjamini-Hochberg");
    out.field("interval", "Katz, 95 %");
    write_real(out, "alpha", options.alpha);
    out.number("failedMin", options.failed_min);
    write_flag(out, "inferred", options.include_inferred);
    out.end_object();
}

/// `without_items`: products that were asked for and have none.
void write_population(json::Writer& out, const Command& command, const Attribution& found, const std::vector<Product>& without_items,
                      LineageText& names) {
    out.key("population");
    out.begin_object();
    out.field("definition", command.items ? "the items listed and the failed ones" : "items of the products that came into being");
    out.number("items", found.population);
    out.number("failed", found.failed);
    out.list("products", found.products, [&](lineage::ProductNo product) {
        const LineageText::Named& named = names.product(product);
        out.begin_object();
        out.field("id", named.id);
        out.field("sku", named.code);
        out.field("name", named.name);
        out.end_object();
    });
    out.list("productsWithoutItems", without_items, [&](const Product& product) {
        out.begin_object();
        out.field("id", product.id.str());
        out.field("sku", product.sku);
        out.field("name", product.name);
        out.end_object();
    });
    out.field("from", command.from_text);
    out.field("to", command.to_text);
    if (!found.left_out.empty()) {
        out.key("leftOut");
        out.begin_array();
        const auto copy = [](const lineage::View& view, lineage::Node node) { return copy_node(view, node); };
        in_slices(names, found.left_out, copy, [&](lineage::Node, const NodeText& node) {
            out.begin_object();
            write_node(out, node);
            out.end_object();
        });
        out.end_array();
    }
    out.end_object();
}

void write_hypotheses(json::Writer& out, const Attribution& found, LineageText& names, const lineage::AttributionOptions& options) {
    std::vector<Cause> causes;  // the leads, then those that cannot be told apart from them, in the same order
    causes.reserve(found.hypotheses.size());
    for (const Hypothesis& hypothesis : found.hypotheses) causes.push_back(hypothesis.cause);
    for (const Hypothesis& hypothesis : found.hypotheses) causes.insert(causes.end(), hypothesis.same.begin(), hypothesis.same.end());
    std::vector<CauseShown> all;
    const auto copy = [](const lineage::View& view, const Cause& cause) { return copy_cause(view, cause); };
    in_slices(names, causes, copy, [&](const Cause& cause, const CauseText& text) { all.push_back(shown(cause, text, found, names)); });
    if (names.cancelled()) return;
    auto next = all.begin() + static_cast<std::ptrdiff_t>(found.hypotheses.size());
    const std::vector<CauseShown> leads(all.begin(), next);
    out.key("hypotheses");
    out.begin_array();
    for (std::size_t i = 0; i < leads.size(); ++i) {
        const auto end = next + static_cast<std::ptrdiff_t>(found.hypotheses[i].same.size());
        write_hypothesis(out, found, i, leads, {next, end}, options);
        next = end;
    }
    out.end_array();
}

// --- the question -----------------------------------------------------------------------------------------------------------------------

Error late() {
    return {Errc::unavailable,
            "the answer was not ready within limits.request_seconds_max",
            {},
            "ask about a smaller population (population.from, population.to), or raise the limit in stemma.yaml"};
}

/// Under one view, which is put into `seen`: numbers mean something under it alone. Products without items are put into `without_items`.
Result<Attribution> investigate(Api& api, const Request& request, const Command& command, ReadSnapshot& snapshot, engine::Queries& queries,
                                std::optional<lineage::View>& seen, std::vector<Product>& without_items) {
    const auto failed = resolve_all(queries, command.failed);
    if (!failed) return std::unexpected(failed.error());
    const auto items = resolve_all(queries, command.items.value_or(std::vector<std::string>{}));
    if (!items) return std::unexpected(items.error());
    const auto products = resolve_products(queries, command.products);
    if (!products) return std::unexpected(products.error());
    std::vector<lineage::AskedItem> asked;
    auto investigation = [&]() -> Result<lineage::Investigation> {
        const lineage::View& view = seen.emplace(api.engine.index().view(command.as_of));
        std::vector<lineage::Node> nodes;
        nodes.reserve(failed->size());
        for (const ItemId& id : *failed) nodes.push_back(view.find(id));
        lineage::Population population{{}, {}, command.from, command.before};
        if (command.items) population.items.emplace();
        for (const ItemId& id : *items) population.items->push_back(view.find(id));
        for (const Product& product : *products) {
            const std::vector<lineage::Node> first = view.items_of(product.id, 1);
            if (first.empty())
                without_items.push_back(product);
            else
                population.products.push_back(view.product(first.front()));
        }
        if (!products->empty() && population.products.empty())
            return fail(Errc::invalid_input, "none of these products has items", "/population/products");
        auto opened = lineage::Investigation::open(view, nodes, population, command.options);
        if (opened && command.conditions) asked = opened->asked(view, kConditionItemsMax);
        return opened;
    }();
    if (!investigation) return std::unexpected(investigation.error());
    auto conditions = engine::read_conditions(snapshot, asked, investigation->as_of(), request.cancel);
    if (!conditions) return std::unexpected(conditions.error());
    investigation->add(*std::move(conditions));
    return investigation->finish(*seen);
}

Result<std::string> attribute(Api& api, const Request& request) {
    auto command = read_command(api, request);
    if (!command) return std::unexpected(command.error());
    command->options.items_max = api.engine.limits().trace_items_max;
    command->options.cancel = request.cancel;
    const auto snapshot = api.engine.read();
    if (!snapshot) return std::unexpected(snapshot.error());
    engine::Queries queries{**snapshot, api.engine.index(), api.engine.limits()};
    const auto lease = lease_for(api, api.engine.index().view(command->as_of).node_count());
    if (!lease) return std::unexpected(lease.error());
    std::optional<lineage::View> seen;
    std::vector<Product> without_items;
    const auto found = investigate(api, request, *command, **snapshot, queries, seen, without_items);
    if (request.cancelled()) return std::unexpected(late());
    if (!found) return std::unexpected(found.error());

    DisplayNames display{**snapshot, api.engine.index(), api.engine.limits()};
    LineageText names{*seen, display, request.cancel};
    json::Writer out;
    out.begin_object();
    out.number("asOf", found->as_of);
    write_stale(out, api.engine);
    write_method(out, command->options);
    write_population(out, *command, *found, without_items, names);
    out.number("tests", found->tests);
    out.number("candidates", found->candidates);
    out.number("notCounted", found->not_counted);
    out.number("conditionsLeftOut", found->conditions_left_out);
    write_hypotheses(out, *found, names, command->options);
    out.end_object();
    if (request.cancelled()) return std::unexpected(late());
    return out.take();
}

}  // namespace

void add_attribution_routes(Router& router, Api& api) {
    router.add({"POST", "/api/v1/recalls/attribute", {}, json_handler([&](const Request& r) { return attribute(api, r); })});
}

}  // namespace stemma::http
