// /trace, /recalls/simulate: where it came from, where it went, and who has it now. Every answer names the ledger position it is true for.
#include <fmt/format.h>

#include "adapters/http/api_lineage.hpp"
#include "core/base/text.hpp"

namespace stemma::http {
namespace {

constexpr std::size_t kSeedsMax = 1000;  ///< items that one trace or recall may start from

struct Seeds {
    std::vector<engine::ItemHit> hits;
    std::vector<lineage::Node> nodes;
};

/// The items that texts mean, and their nodes. An item without any event has no node and contributes nothing but itself.
Result<Seeds> find_seeds(engine::Queries& queries, const lineage::View& view, const std::vector<std::string>& texts) {
    if (texts.empty()) return fail(Errc::invalid_input, "name at least one item", "?item", "give an id or any identifier: ?item=S4-L17");
    if (texts.size() > kSeedsMax)
        return fail(Errc::too_large, fmt::format("{} items to start from, {} are allowed", texts.size(), kSeedsMax));
    Seeds seeds;
    for (const std::string& text : texts) {
        auto hit = queries.resolve(text);
        if (!hit) return std::unexpected(hit.error());
        const lineage::Node node = view.find(hit->item.id);
        if (node != lineage::Node::none) seeds.nodes.push_back(node);
        seeds.hits.push_back(*std::move(hit));
    }
    return seeds;
}

void write_seeds(json::Writer& out, const Seeds& seeds) {
    out.key("seeds");
    out.begin_array();
    for (const engine::ItemHit& hit : seeds.hits) {
        out.begin_object();
        write_item(out, hit.item, hit.product);
        out.end_object();
    }
    out.end_array();
}

/// Documents of a transformation: the production order a user knows it by.
void write_transformation(json::Writer& out, const LineageText& text, lineage::EventNo event) {
    const std::vector<lineage::DocumentNo> documents = text.view.documents_of(event);
    out.list("documents", documents, [&](lineage::DocumentNo document) {
        out.begin_object();
        write_document(out, text, document);
        out.end_object();
    });
}

void write_reached(json::Writer& out, const LineageText& text, const lineage::Trace& trace, std::size_t place) {
    const lineage::Reached& reached = trace.nodes[place];
    out.begin_object();
    write_node(out, text, reached.node);
    out.number("depth", reached.depth);
    write_flag(out, "certain", reached.certain);
    if (reached.previous != lineage::kNone) {
        const lineage::Edge edge = text.view.edge(reached.edge);
        out.key("via");
        out.begin_object();
        out.number("node", reached.previous);
        out.field("kind", to_string(edge.kind));
        out.key("quantity");
        out.raw(format_micros(edge.amount.micros));
        out.field("uom", text.view.unit(edge.amount.unit));
        out.number("sequence", edge.sequence);
        out.end_object();
        if (text.view.is_transformation(reached.node)) write_transformation(out, text, edge.event);
    }
    out.end_object();
}

void write_trace_frame(json::Writer& out, const lineage::Trace& trace) {
    out.field("direction", to_string(trace.direction));
    out.number("asOf", trace.as_of);
    out.number("items", trace.items);
    out.number("transformations", trace.transformations);
    out.number("certainNodes", trace.certain);
    write_flag(out, "truncated", trace.truncated);
    if (trace.truncated) out.number("seen", trace.seen);
}

lineage::TraceOptions options_of(Api& api, bool inferred) {
    lineage::TraceOptions options;
    options.nodes_max = api.engine.limits().trace_items_max * 2;  // items and the transformations between them
    options.include_inferred = inferred;
    return options;
}

Result<std::string> trace(Api& api, const Request& request) {
    const std::string& way = request.argument("direction");
    if (way != "back" && way != "forward")
        return fail(Errc::not_found, fmt::format("'{}' is not a direction", clip(way)), {},
                    "trace/back: where it came from; trace/forward: where it went");
    const auto as_of = number_of(request, "as_of", lineage::kLatest, 0, UINT64_MAX);
    if (!as_of) return std::unexpected(as_of.error());
    const auto inferred = flag_of(request, "inferred", true);
    if (!inferred) return std::unexpected(inferred.error());
    const auto snapshot = api.engine.read();
    if (!snapshot) return std::unexpected(snapshot.error());
    engine::Queries queries{**snapshot, api.engine.limits()};
    const lineage::View view = api.engine.index().view(*as_of);
    const auto item = request.parameter("item");
    const auto seeds = find_seeds(queries, view, item ? std::vector{*item} : std::vector<std::string>{});
    if (!seeds) return std::unexpected(seeds.error());
    const auto direction = way == "back" ? lineage::Direction::back : lineage::Direction::forward;
    lineage::Trace found = lineage::trace(view, seeds->nodes, direction, options_of(api, *inferred));
    found.as_of = view.as_of();

    PartyNames names{queries};
    const LineageText text{view, names};
    json::Writer out;
    out.begin_object();
    write_trace_frame(out, found);
    write_stale(out, api.engine);
    write_seeds(out, *seeds);
    out.key("nodes");
    out.begin_array();
    for (std::size_t i = 0; i < found.nodes.size(); ++i) write_reached(out, text, found, i);
    out.end_array();
    out.list("untracked", found.untracked, [&](const lineage::UntrackedMet& met) {
        out.begin_object();
        out.field("transformation", view.id(met.transformation));
        out.field("label", view.label(met.transformation));
        out.key("product");
        out.begin_object();
        write_node(out, text, met.product);
        out.end_object();
        write_flag(out, "certain", met.certain);
        out.end_object();
    });
    out.end_object();
    return out.take();
}

void write_tally(json::Writer& out, const LineageText& text, const lineage::Tally& tally) {
    out.number("items", tally.items);
    out.number("endItems", tally.end_items);
    write_amounts(out, "amounts", text, tally.amounts);
}

void write_roll_up(json::Writer& out, std::string_view name, const LineageText& text, const lineage::RollUp& roll_up) {
    out.key(name);
    out.begin_object();
    write_tally(out, text, roll_up.all);
    out.list("byStatus", roll_up.by_status, [&](const lineage::StatusTally& line) {
        out.begin_object();
        out.field("status", to_string(line.status));
        write_tally(out, text, line.tally);
        out.end_object();
    });
    out.list("byPlace", roll_up.by_place, [&](const lineage::PlaceTally& line) {
        const lineage::PlaceInfo place = text.view.place(line.place);
        out.begin_object();
        out.field("place", place.id);
        out.field("code", place.code);
        out.field("name", place.name);
        write_flag(out, "transit", line.transit);
        write_tally(out, text, line.tally);
        out.end_object();
    });
    out.list("byCustomer", roll_up.by_customer, [&](const lineage::PartyTally& line) {
        out.begin_object();
        if (line.party != lineage::PartyNo::none) {
            out.field("party", text.view.party(line.party).id);
            out.field("code", text.view.party(line.party).code);
        }
        out.field("name", text.names.of(text.view, line.party));
        write_tally(out, text, line.tally);
        out.end_object();
    });
    out.list("byProduct", roll_up.by_product, [&](const lineage::ProductTally& line) {
        out.begin_object();
        if (line.product != lineage::ProductNo::none) {
            const lineage::ProductInfo product = text.view.product(line.product);
            out.field("product", product.id);
            out.field("sku", product.sku);
            out.field("name", product.name);
        }
        write_tally(out, text, line.tally);
        out.end_object();
    });
    out.end_object();
}

void write_affected(json::Writer& out, const LineageText& text, const lineage::AffectedItem& item) {
    out.begin_object();
    write_node(out, text, item.node);
    out.number("depth", item.depth);
    write_flag(out, "certain", item.certain);
    write_flag(out, "end", item.end);
    out.field("status", to_string(item.stock.status));
    out.list("stock", item.stock.units, [&](const lineage::UnitStock& stock) {
        out.begin_object();
        write_unit_stock(out, text, stock);
        out.end_object();
    });
    out.end_object();
}

void write_recall(json::Writer& out, const LineageText& text, const lineage::RecallReport& report, bool with_items) {
    write_roll_up(out, "certain", text, report.certain);
    write_roll_up(out, "possible", text, report.possible);
    out.list("documents", report.documents, [&](const lineage::DocumentLine& line) {
        out.begin_object();
        write_document(out, text, line.document);
        out.field("movement", to_string(line.kind));
        write_flag(out, "certain", line.certain);
        out.number("items", line.items);
        write_amounts(out, "amounts", text, line.amounts);
        out.end_object();
    });
    out.list("massBalances", report.seeds, [&](const lineage::MassBalance& balance) {
        out.begin_object();
        write_node(out, text, balance.stock.item);
        out.list("stock", balance.stock.units, [&](const lineage::UnitStock& stock) {
            out.begin_object();
            write_unit_stock(out, text, stock);
            out.end_object();
        });
        out.key("balance");
        write_balance(out, text, balance);
        out.end_object();
    });
    if (!with_items) return;
    out.key("items");
    out.begin_array();
    for (const lineage::AffectedItem& item : report.items) write_affected(out, text, item);
    out.end_array();
}

struct RecallCommand {
    std::vector<std::string> items;
    std::uint64_t as_of{lineage::kLatest};
    bool inferred{true};
    bool list_items{true};
};

Result<RecallCommand> read_recall(const Request& request) {
    RecallCommand command;
    auto read = read_object(request, [&](json::Reading&, json::Fields& fields) {
        fields.require("items");
        fields.read("items", command.items);
        fields.read("asOf", command.as_of);
        fields.read("inferred", command.inferred);
        fields.read("listItems", command.list_items);
    });
    if (!read) return std::unexpected(read.error());
    if (command.items.empty()) return fail(Errc::invalid_input, "name at least one item to recall", "/items");
    return command;
}

Result<std::string> simulate(Api& api, const Request& request) {
    const auto command = read_recall(request);
    if (!command) return std::unexpected(command.error());
    const auto snapshot = api.engine.read();
    if (!snapshot) return std::unexpected(snapshot.error());
    engine::Queries queries{**snapshot, api.engine.limits()};
    const lineage::View view = api.engine.index().view(command->as_of);
    const auto seeds = find_seeds(queries, view, command->items);
    if (!seeds) return std::unexpected(seeds.error());
    const lineage::RecallReport report = lineage::recall(view, seeds->nodes, options_of(api, command->inferred));

    PartyNames names{queries};
    const LineageText text{view, names};
    json::Writer out;
    out.begin_object();
    out.number("asOf", view.as_of());
    write_flag(out, "truncated", report.trace.truncated);
    write_stale(out, api.engine);
    write_seeds(out, *seeds);
    write_recall(out, text, report, command->list_items);
    out.end_object();
    return out.take();
}

}  // namespace

void add_trace_routes(Router& router, Api& api) {
    router.add(
        {"GET", "/api/v1/trace/{direction}", {"item", "as_of", "inferred"}, json_handler([&](const Request& r) { return trace(api, r); })});
    router.add({"POST", "/api/v1/recalls/simulate", {}, json_handler([&](const Request& r) { return simulate(api, r); })});
}

}  // namespace stemma::http
