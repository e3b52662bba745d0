// /trace, /recalls/simulate: where it came from, where it went, and who has it now. Every answer names the ledger position it is true for.
#include <fmt/format.h>

#include "adapters/http/api_lineage.hpp"
#include "adapters/http/api_recall.hpp"
#include "core/base/text.hpp"

namespace stemma::http {
namespace {

constexpr std::size_t kSeedsMax = 1000;  ///< items that one trace or recall may start from

/// The items that texts mean.
Result<std::vector<engine::ItemHit>> find_seeds(engine::Queries& queries, const std::vector<std::string>& texts) {
    if (texts.empty()) return fail(Errc::invalid_input, "name at least one item", "?item", "give an id or any identifier: ?item=S4-L17");
    if (texts.size() > kSeedsMax)
        return fail(Errc::too_large, fmt::format("{} items to start from, {} are allowed", texts.size(), kSeedsMax));
    std::vector<engine::ItemHit> seeds;
    for (const std::string& text : texts) {
        auto hit = queries.resolve(text);
        if (!hit) return std::unexpected(hit.error());
        seeds.push_back(*std::move(hit));
    }
    return seeds;
}

/// Their nodes. An item without any event has none and contributes nothing but itself.
std::vector<lineage::Node> nodes_of(const lineage::View& view, const std::vector<engine::ItemHit>& seeds) {
    std::vector<lineage::Node> nodes;
    for (const engine::ItemHit& seed : seeds)
        if (const lineage::Node node = view.find(seed.item.id); node != lineage::Node::none) nodes.push_back(node);
    return nodes;
}

void write_seeds(json::Writer& out, const std::vector<engine::ItemHit>& seeds) {
    out.key("seeds");
    out.begin_array();
    for (const engine::ItemHit& hit : seeds) {
        out.begin_object();
        write_item(out, hit);
        out.end_object();
    }
    out.end_array();
}

/// What a line of a trace needs of the view.
struct ReachedText {
    NodeText node;
    std::optional<lineage::Edge> edge;    ///< by which it was reached; none for a seed
    std::vector<DocumentText> documents;  ///< of a transformation: the production order a user knows it by
};

ReachedText copy_reached(const lineage::View& view, const lineage::Reached& reached) {
    ReachedText text{copy_node(view, reached.node), std::nullopt, {}};
    if (reached.previous == lineage::kNone) return text;
    text.edge = view.edge(reached.edge);
    if (view.is_transformation(reached.node))
        for (const lineage::DocumentNo document : view.documents_of(text.edge->event))
            text.documents.push_back(copy_document(view, document));
    return text;
}

void write_reached(json::Writer& out, LineageText& text, const lineage::Reached& reached, const ReachedText& shown) {
    out.begin_object();
    write_node(out, shown.node);
    out.number("depth", reached.depth);
    write_flag(out, "certain", reached.certain);
    if (shown.edge) {
        out.key("via");
        out.begin_object();
        out.number("node", reached.previous);
        out.field("kind", to_string(shown.edge->kind));
        out.key("quantity");
        out.raw(format_micros(shown.edge->amount.micros));
        out.field("uom", text.unit(shown.edge->amount.unit));
        out.number("sequence", shown.edge->sequence);
        out.end_object();
    }
    out.list("documents", shown.documents, [&](const DocumentText& document) {
        out.begin_object();
        write_document(out, document);
        out.end_object();
    });
    out.end_object();
}

void write_untracked(json::Writer& out, const LineageText& text, const std::vector<lineage::UntrackedMet>& untracked) {
    if (untracked.empty()) return;
    out.key("untracked");
    out.begin_array();
    const auto copy = [](const lineage::View& view, const lineage::UntrackedMet& met) {
        return std::pair{copy_node(view, met.transformation), copy_node(view, met.product)};
    };
    in_slices(text, untracked, copy, [&](const lineage::UntrackedMet& met, const auto& nodes) {
        out.begin_object();
        out.field("transformation", nodes.first.id);
        out.field("label", nodes.first.label);
        out.key("product");
        out.begin_object();
        write_node(out, nodes.second);
        out.end_object();
        write_flag(out, "certain", met.certain);
        out.end_object();
    });
    out.end_array();
}

/// By which setting an answer was cut.
void write_cut(json::Writer& out, const lineage::Trace& trace) {
    if (trace.truncated) out.field("cutBy", "limits.trace_items_max");
}

void write_trace_frame(json::Writer& out, const lineage::Trace& trace) {
    out.field("direction", to_string(trace.direction));
    out.number("asOf", trace.as_of);
    out.number("items", trace.items);
    out.number("transformations", trace.transformations);
    out.number("certainNodes", trace.certain);
    write_flag(out, "truncated", trace.truncated);
    if (trace.truncated) out.number("seen", trace.seen);
    write_cut(out, trace);
}

lineage::TraceOptions options_of(Api& api, const Request& request, bool inferred, bool timed) {
    lineage::TraceOptions options;
    options.timed = timed;
    options.items_max = api.engine.limits().trace_items_max;
    options.include_inferred = inferred;
    options.cancel = request.cancel;
    return options;
}

/// The answer that was written, unless the time was over before it was whole.
Result<std::string> in_time(const Request& request, const lineage::Trace& found, json::Writer& out) {
    if (found.cancelled || request.cancelled())
        return fail(Errc::unavailable, "the answer was not ready within limits.request_seconds_max", {},
                    "ask for less (one item, inferred=false, a smaller limits.trace_items_max), or raise the limit in stemma.yaml");
    return out.take();
}

Result<std::string> trace(Api& api, const Request& request) {
    const std::string& way = request.argument("direction");
    if (way != "back" && way != "forward")
        return fail(Errc::not_found, fmt::format("'{}' is not a direction", clip(way)), {},
                    "trace/back: where it came from; trace/forward: where it went");
    const auto as_of = as_of_of(api, request);
    if (!as_of) return std::unexpected(as_of.error());
    const auto inferred = flag_of(request, "inferred", true);
    if (!inferred) return std::unexpected(inferred.error());
    const auto timed = flag_of(request, "timed", false);
    if (!timed) return std::unexpected(timed.error());
    const auto snapshot = api.engine.read();
    if (!snapshot) return std::unexpected(snapshot.error());
    engine::Queries queries{**snapshot, api.engine.index(), api.engine.limits()};
    const auto item = request.parameter("item");
    const auto seeds = find_seeds(queries, item ? std::vector{*item} : std::vector<std::string>{});
    if (!seeds) return std::unexpected(seeds.error());
    const auto direction = way == "back" ? lineage::Direction::back : lineage::Direction::forward;
    const lineage::Trace found = [&] {
        const lineage::View view = api.engine.index().view(*as_of);
        return lineage::trace(view, nodes_of(view, *seeds), direction, options_of(api, request, *inferred, *timed));
    }();

    DisplayNames names{**snapshot, api.engine.index(), api.engine.limits()};
    LineageText text{api.engine.index(), found.as_of, names, request.cancel};
    json::Writer out;
    out.begin_object();
    write_trace_frame(out, found);
    write_stale(out, api.engine);
    write_seeds(out, *seeds);
    out.key("nodes");
    out.begin_array();
    in_slices(text, found.nodes, copy_reached,
              [&](const lineage::Reached& reached, const ReachedText& shown) { write_reached(out, text, reached, shown); });
    out.end_array();
    write_untracked(out, text, found.untracked);
    out.end_object();
    return in_time(request, found, out);
}

void write_tally(json::Writer& out, LineageText& text, const lineage::Tally& tally) {
    out.number("items", tally.items);
    out.number("endItems", tally.end_items);
    write_amounts(out, "amounts", text, tally.amounts);
}

void write_roll_up(json::Writer& out, std::string_view name, LineageText& text, const lineage::RollUp& roll_up) {
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
        const LineageText::Named& place = text.place(line.place);
        out.begin_object();
        out.field("place", place.id);
        out.field("code", place.code);
        out.field("name", place.name);
        write_flag(out, "transit", line.transit);
        write_tally(out, text, line.tally);
        out.end_object();
    });
    out.list("byCustomer", roll_up.by_customer, [&](const lineage::PartyTally& line) {
        const LineageText::Named& party = text.party(line.party);
        out.begin_object();
        out.field("party", party.id);
        out.field("code", party.code);
        out.field("name", party.name);
        write_tally(out, text, line.tally);
        out.end_object();
    });
    out.list("byProduct", roll_up.by_product, [&](const lineage::ProductTally& line) {
        out.begin_object();
        if (line.product != lineage::ProductNo::none) {
            const LineageText::Named& product = text.product(line.product);
            out.field("product", product.id);
            out.field("sku", product.code);
            out.field("name", product.name);
        }
        write_tally(out, text, line.tally);
        out.end_object();
    });
    out.end_object();
}

void write_affected(json::Writer& out, LineageText& text, const lineage::AffectedItem& item, const NodeText& node) {
    out.begin_object();
    write_node(out, node);
    out.number("depth", item.depth);
    write_flag(out, "certain", item.certain);
    write_flag(out, "end", item.end);
    out.field("status", to_string(item.stock.status));
    write_stock(out, text, item.stock);
    out.end_object();
}

void write_documents(json::Writer& out, LineageText& text, const std::vector<lineage::DocumentLine>& documents) {
    if (documents.empty()) return;
    out.key("documents");
    out.begin_array();
    const auto copy = [](const lineage::View& view, const lineage::DocumentLine& line) { return copy_document(view, line.document); };
    in_slices(text, documents, copy, [&](const lineage::DocumentLine& line, const DocumentText& document) {
        out.begin_object();
        write_document(out, document);
        out.field("movement", to_string(line.kind));
        write_flag(out, "certain", line.certain);
        out.number("items", line.items);
        write_amounts(out, "amounts", text, line.amounts);
        out.end_object();
    });
    out.end_array();
}

void write_mass_balances(json::Writer& out, LineageText& text, const std::vector<lineage::MassBalance>& balances) {
    if (balances.empty()) return;
    out.key("massBalances");
    out.begin_array();
    const auto copy = [](const lineage::View& view, const lineage::MassBalance& balance) { return copy_node(view, balance.stock.item); };
    in_slices(text, balances, copy, [&](const lineage::MassBalance& balance, const NodeText& node) {
        out.begin_object();
        write_node(out, node);
        write_stock(out, text, balance.stock);
        out.key("balance");
        write_balance(out, text, balance);
        out.end_object();
    });
    out.end_array();
}

void write_recall(json::Writer& out, LineageText& text, const lineage::RecallReport& report, bool with_items) {
    write_roll_up(out, "certain", text, report.certain);
    write_roll_up(out, "possible", text, report.possible);
    write_documents(out, text, report.documents);
    write_mass_balances(out, text, report.seeds);
    write_recall_parts(out, text, report);
    if (!with_items) return;
    out.key("items");
    out.begin_array();
    const auto copy = [](const lineage::View& view, const lineage::AffectedItem& item) { return copy_node(view, item.node); };
    in_slices(text, report.items, copy,
              [&](const lineage::AffectedItem& item, const NodeText& node) { write_affected(out, text, item, node); });
    out.end_array();
}

struct RecallCommand {
    std::vector<std::string> items;
    std::uint64_t as_of{lineage::kLatest};
    bool inferred{true};
    bool timed{false};
    bool list_items{true};
};

Result<RecallCommand> read_recall(Api& api, const Request& request) {
    RecallCommand command;
    auto read = read_object(request, [&](json::Reading& reading, json::Fields& fields) {
        fields.require("items");
        fields.read("items", command.items);
        fields.with("asOf", [&](const json::Node& node) { read_as_of(api, reading, node, command.as_of); });
        fields.read("inferred", command.inferred);
        fields.read("timed", command.timed);
        fields.read("listItems", command.list_items);
    });
    if (!read) return std::unexpected(read.error());
    if (command.items.empty()) return fail(Errc::invalid_input, "name at least one item to recall", "/items");
    return command;
}

Result<std::string> simulate(Api& api, const Request& request) {
    const auto command = read_recall(api, request);
    if (!command) return std::unexpected(command.error());
    const auto snapshot = api.engine.read();
    if (!snapshot) return std::unexpected(snapshot.error());
    engine::Queries queries{**snapshot, api.engine.index(), api.engine.limits()};
    const auto seeds = find_seeds(queries, command->items);
    if (!seeds) return std::unexpected(seeds.error());
    const lineage::RecallReport report = [&] {
        const lineage::View view = api.engine.index().view(command->as_of);
        return lineage::recall(view, nodes_of(view, *seeds),
                               {options_of(api, request, command->inferred, command->timed), command->list_items});
    }();

    DisplayNames names{**snapshot, api.engine.index(), api.engine.limits()};
    LineageText text{api.engine.index(), report.as_of, names, request.cancel};
    json::Writer out;
    out.begin_object();
    out.number("asOf", report.as_of);
    write_flag(out, "truncated", report.trace.truncated);
    write_cut(out, report.trace);
    write_stale(out, api.engine);
    write_seeds(out, *seeds);
    write_recall(out, text, report, command->list_items);
    out.end_object();
    return in_time(request, report.trace, out);
}

}  // namespace

void add_trace_routes(Router& router, Api& api) {
    router.add({"GET", "/api/v1/trace/{direction}", {"item", "as_of", "inferred", "timed"}, json_handler([&](const Request& r) {
                    return trace(api, r);
                })});
    router.add({"POST", "/api/v1/recalls/simulate", {}, json_handler([&](const Request& r) { return simulate(api, r); })});
}

}  // namespace stemma::http
