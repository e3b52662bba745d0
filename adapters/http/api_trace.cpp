// /trace, /recalls/simulate: where it came from, where it went, and who has it now. Every answer names the ledger position it is true for.
#include <fmt/format.h>

#include <unordered_set>

#include "adapters/http/api_recall.hpp"
#include "adapters/http/api_roll_up.hpp"
#include "adapters/http/trace_stream.hpp"
#include "core/base/text.hpp"

namespace stemma::http {
namespace {

constexpr std::size_t kQuickItems = 500;  ///< of a trace that is walked on a network thread

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

/// The nodes are the rows of an answer in NDJSON, with every field.
std::string nodes_text(const lineage::View& view, const WalkedNodes& found, const Request& request) {
    const TraceRows rows{RowForm::ndjson, RowFields::all()};
    std::string text = "[";
    for (std::size_t i = 0; i < found.size(); ++i) {
        if (i % kSliceRows == 0 && request.cancelled()) break;
        rows.add(text, view, found, i, i + 1);
        text.back() = ',';  // in place of the line's end
    }
    if (text.size() > 1) text.pop_back();
    text += ']';
    return text;
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

Response trace_document(Api& api, const Request& request, const TraceQuestion& question, Admitted admitted) {
    const WalkedNodes found = found_or_walked(api, admitted, question);
    const auto snapshot = api.engine.read_names();
    DisplayNames names{*snapshot, api.engine.index(), api.engine.limits()};
    LineageText text{admitted.view, names, request.cancel};
    json::Writer out;
    out.begin_object();
    out.field("direction", to_string(question.direction));
    write_walked(out, question.walked);
    write_trace_counts(out, found.counts());
    write_stale(out, api.engine);
    write_seeds(out, question.items);
    out.key("nodes");
    out.raw(nodes_text(admitted.view, found, request));
    write_untracked(out, text, found.untracked());
    out.end_object();
    return in_time(api, request, found.counts().cancelled, out.take());
}

Response count_document(Api& api, const Request& request, const TraceQuestion& question, Admitted admitted) {
    const WalkedNodes nodes = found_or_walked(api, admitted, question);
    std::string counts = write_count(api, admitted.view, question, nodes);
    return in_time(api, request, nodes.counts().cancelled, std::move(counts));
}

/// What the query of a trace asks for besides the item.
struct TraceQuery {
    Walked walked;
    bool count{false};
    RowForm form{RowForm::json};
    RowFields fields;
    std::optional<lineage::RollUpKeys> by;
};

/// Rows have fields to choose where each is an item.
Result<RowFields> read_fields(const Request& request, RowForm form, bool items, RowFields::Of of) {
    if (request.parameter("fields") && (form == RowForm::json || !items))
        return fail(Errc::invalid_input, items ? "only rows have fields to choose" : "the lines of a roll-up have no fields to choose",
                    "?fields", items ? "add format=ndjson or format=csv" : "leave out fields, or what to count by");
    return RowFields::read(request.parameter("fields").value_or(""), of);
}

Error both_counts(std::string_view where) {
    return {Errc::invalid_input, "a roll-up has the counts as well", std::string{where}, "leave out count"};
}

Error counts_in_rows() {
    return {Errc::invalid_input, "counts are one JSON document, not rows", "?format",
            "leave out format, or ask for rows of counts with by"};
}

/// A format that was asked for by name; what is merely accepted gives way to the counts.
bool names_rows(const Request& request, RowForm form) { return form != RowForm::json && request.parameter("format").has_value(); }

Result<TraceQuery> read_trace(Api& api, const Request& request) {
    const auto as_of = as_of_of(api, request);
    if (!as_of) return std::unexpected(as_of.error());
    const auto inferred = flag_of(request, "inferred", true);
    if (!inferred) return std::unexpected(inferred.error());
    const auto timed = flag_of(request, "timed", false);
    if (!timed) return std::unexpected(timed.error());
    const auto count = flag_of(request, "count", false);
    if (!count) return std::unexpected(count.error());
    const auto form = row_form_of(request);
    if (!form) return std::unexpected(form.error());
    if (*count && names_rows(request, *form)) return std::unexpected(counts_in_rows());
    const auto by = request.parameter("by");
    const auto fields = read_fields(request, *form, !by, RowFields::Of::trace);
    if (!fields) return std::unexpected(fields.error());
    TraceQuery query{{*as_of, *inferred, *timed}, *count, *form, *fields, std::nullopt};
    if (!by) return query;
    if (*count) return std::unexpected(both_counts("?count"));
    const auto keys = roll_up_keys_of(*by, "?by");
    if (!keys) return std::unexpected(keys.error());
    query.by = *keys;
    return query;
}

bool needs_paths(const TraceQuery& query) noexcept {
    return !query.count && !query.by && (query.form == RowForm::json || query.fields.need_paths());
}

lineage::Direction direction_of(std::string_view way) noexcept {
    return way == "back" ? lineage::Direction::back : lineage::Direction::forward;
}

/// A small trace in rows, or counted, of an item that is named by its id: all of it is in memory.
std::optional<Response> trace_quickly(Api& api, const Request& request) {
    const std::string& way = request.argument("direction");
    const auto item = request.parameter("item");
    if (!item || request.parameter("as_of") || request.parameter("by"))
        return std::nullopt;  // a position that is not reached is asked of the writer
    const auto query = read_trace(api, request);
    if (!query || (way != "back" && way != "forward") || (query->form == RowForm::json && !query->count)) return std::nullopt;
    auto question = ask_lineage(api, request, *item, query->walked);
    if (!question) return std::nullopt;
    question->direction = direction_of(way);
    question->paths = needs_paths(*query);
    auto admitted = admit_small(api, *question, kQuickItems);
    if (!admitted) return std::nullopt;
    if (query->count) return count_document(api, request, *question, *std::move(admitted));
    return stream_trace(api, *std::move(question), *std::move(admitted), {query->form, query->fields}, query->form);
}

Response trace(Api& api, const Request& request) {
    const std::string& way = request.argument("direction");
    if (way != "back" && way != "forward")
        return problem({Errc::not_found,
                        fmt::format("'{}' is not a direction", clip(way)),
                        {},
                        "trace/back: where it came from; trace/forward: where it went"});
    const auto query = read_trace(api, request);
    if (!query) return problem(query.error());
    const auto item = request.parameter("item");
    const bool document = query->form == RowForm::json && !query->count && !query->by;
    auto question = ask_of(api, request, item ? std::vector{*item} : std::vector<std::string>{}, query->walked,
                           document ? Seeds::with_master_data : Seeds::by_lineage);
    if (!question) return problem(question.error());
    question->direction = direction_of(way);
    question->paths = needs_paths(*query);
    auto admitted = admit(api, *question);
    if (!admitted) return std::move(admitted).error();
    if (query->by) return answer_roll_up(api, request, *std::move(question), *std::move(admitted), *query->by, query->form);
    if (query->count) return count_document(api, request, *question, *std::move(admitted));
    if (query->form == RowForm::json) return trace_document(api, request, *question, *std::move(admitted));
    return stream_trace(api, *std::move(question), *std::move(admitted), {query->form, query->fields}, query->form);
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
    Walked walked;
    bool contents{false};
    bool list_items{true};
    bool count{false};
    bool rolled_up{false};  ///< `by` was given
    std::vector<std::string> by;
};

Result<RecallCommand> read_recall(Api& api, const Request& request) {
    RecallCommand command;
    auto read = read_object(request, [&](json::Reading& reading, json::Fields& fields) {
        fields.require("items");
        fields.read("items", command.items);
        fields.with("asOf", [&](const json::Node& node) { read_as_of(api, reading, node, command.walked.as_of); });
        fields.read("inferred", command.walked.inferred);
        fields.read("timed", command.walked.timed);
        fields.read("contents", command.contents);
        fields.read("listItems", command.list_items);
        fields.read("count", command.count);
        command.rolled_up = fields.has("by");
        fields.read("by", command.by);
    });
    if (!read) return std::unexpected(read.error());
    if (command.items.empty()) return fail(Errc::invalid_input, "name at least one item to recall", "/items");
    return command;
}

/// Of the items asked about all; of what is in their units those that do not close.
void keep_balances_asked_for(const lineage::View& view, const TraceQuestion& question, std::vector<lineage::MassBalance>& balances) {
    if (!question.contents) return;
    const std::vector<lineage::Node> asked = nodes_of(view, question.seeds);
    const std::unordered_set<lineage::Node> known{asked.begin(), asked.end()};
    std::erase_if(balances, [&](const lineage::MassBalance& balance) { return !known.contains(balance.stock.item) && balance.closes(); });
}

Response recall_document(Api& api, const Request& request, const TraceQuestion& question, const lineage::View& view, bool list_items) {
    lineage::RecallReport report = lineage::recall(view, nodes_of(api, view, question), {options_of(api, question), list_items});
    keep_balances_asked_for(view, question, report.seeds);
    const auto snapshot = api.engine.read_names();
    DisplayNames names{*snapshot, api.engine.index(), api.engine.limits()};
    LineageText text{view, names, request.cancel};
    json::Writer out;
    out.begin_object();
    write_walked(out, question.walked);
    write_flag(out, "truncated", report.trace.truncated);
    write_cut(out, report.trace.truncated);
    write_stale(out, api.engine);
    write_seeds(out, question.items);
    if (question.walked.contents) write_units(out, asked_units(api, view, question));
    write_recall(out, text, report, list_items);
    out.end_object();
    return in_time(api, request, report.trace.cancelled, out.take());
}

Response simulate(Api& api, const Request& request) {
    const auto command = read_recall(api, request);
    if (!command) return problem(command.error());
    const auto form = row_form_of(request);
    if (!form) return problem(form.error());
    if (command->count && names_rows(request, *form)) return problem(counts_in_rows());
    const auto fields = read_fields(request, *form, !command->rolled_up, RowFields::Of::recall);
    if (!fields) return problem(fields.error());
    std::optional<lineage::RollUpKeys> by;
    if (command->rolled_up) {
        if (command->count) return problem(both_counts("/count"));
        const auto keys = roll_up_keys_of(command->by, "/by");
        if (!keys) return problem(keys.error());
        by = *keys;
    }
    auto question = ask_of(api, request, command->items, command->walked, Seeds::with_master_data);
    if (!question) return problem(question.error());
    question->paths = false;  // a report walks anew: only whether it is large is asked here
    question->contents = command->contents;
    auto admitted = admit(api, *question);
    if (!admitted) return std::move(admitted).error();
    if (!asked_units(api, admitted->view, *question).empty()) question->walked.contents = command->contents;
    if (by) return answer_roll_up(api, request, *std::move(question), *std::move(admitted), *by, *form);
    if (command->count) return count_document(api, request, *question, *std::move(admitted));
    if (*form != RowForm::json) return stream_recall(api, *std::move(question), *std::move(admitted), *fields, *form);
    return recall_document(api, request, *question, admitted->view, command->list_items);
}

}  // namespace

void add_trace_routes(Router& router, Api& api) {
    router.add({"GET",
                "/api/v1/trace/{direction}",
                {"item", "as_of", "inferred", "timed", "count", "by", "format", "fields"},
                [&](const Request& r) { return trace(api, r); },
                [&](const Request& r) { return trace_quickly(api, r); }});
    router.add({"POST", "/api/v1/recalls/simulate", {"format", "fields"}, [&](const Request& r) { return simulate(api, r); }});
}

}  // namespace stemma::http
