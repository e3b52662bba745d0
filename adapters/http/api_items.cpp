// /search, /items: finding things, and an item's page: who it is, where it is, its whole history with verdicts.
#include <fmt/format.h>

#include <ranges>

#include "adapters/http/api.hpp"
#include "adapters/http/api_lineage.hpp"

namespace stemma::http {
namespace {

constexpr std::uint64_t kSearchDefault = 20;  ///< items of a search without `limit`

void write_hit(json::Writer& out, const engine::ItemHit& hit) {
    out.begin_object();
    write_item(out, hit);
    if (hit.matched) {
        out.key("matched");
        out.begin_object();
        out.field("scheme", hit.matched->scheme);
        out.field("value", hit.matched->value);
        out.end_object();
    }
    out.end_object();
}

Result<std::string> search(Api& api, const Request& request) {
    const std::string text = request.parameter("q").value_or("");
    if (text.empty()) return fail(Errc::invalid_input, "there is nothing to search for", "?q", "give any identifier: ?q=S4-L17");
    auto limit = number_of(request, "limit", kSearchDefault, 1, api.engine.limits().search_results_max);
    if (!limit) {
        limit.error().hint = "limits.search_results_max in stemma.yaml sets the largest";
        return std::unexpected(limit.error());
    }
    const auto snapshot = api.engine.read();
    if (!snapshot) return std::unexpected(snapshot.error());
    const auto hits = engine::Queries{**snapshot, api.engine.index(), api.engine.limits()}.search(text, *limit + 1);
    if (!hits) return std::unexpected(hits.error());
    json::Writer out;
    out.begin_object();
    out.key("items");
    out.begin_array();
    for (const engine::ItemHit& hit : *hits | std::views::take(*limit)) write_hit(out, hit);
    out.end_array();
    if (hits->size() > *limit) write_flag(out, "more", true);
    out.end_object();
    return out.take();
}

Result<std::string> list(Api& api, const Request& request) {
    const auto limit = number_of(request, "limit", kPageDefault, 1, kPageMax);
    if (!limit) return std::unexpected(limit.error());
    const auto cursor = number_of(request, "cursor", 0, 0, UINT64_MAX);
    if (!cursor) return std::unexpected(cursor.error());
    const auto snapshot = api.engine.read();
    if (!snapshot) return std::unexpected(snapshot.error());
    const auto page = engine::Queries{**snapshot, api.engine.index(), api.engine.limits()}.items(*cursor, *limit);
    if (!page) return std::unexpected(page.error());
    json::Writer out;
    out.begin_object();
    out.key("items");
    out.begin_array();
    for (const engine::ItemHit& hit : page->rows) write_hit(out, hit);
    out.end_array();
    if (page->next != 0) out.number("next", page->next);
    out.end_object();
    return out.take();
}

Result<std::string> show(Api& api, const Request& request) {
    const auto as_of = as_of_of(api, request);
    if (!as_of) return std::unexpected(as_of.error());
    const auto limit = number_of(request, "limit", kPageMax, 0, kPageMax);
    if (!limit) return std::unexpected(limit.error());
    const auto snapshot = api.engine.read();
    if (!snapshot) return std::unexpected(snapshot.error());
    engine::Queries queries{**snapshot, api.engine.index(), api.engine.limits()};
    const auto known = queries.resolve(request.argument("id"));
    if (!known) return std::unexpected(known.error());
    const auto hit = queries.then(*known, *as_of);
    if (!hit) return std::unexpected(hit.error());
    const auto history = queries.history(hit->item.id.str(), *as_of, *limit);
    if (!history) return std::unexpected(history.error());
    const bool is_whole = history->size() < *limit;
    const auto entries = is_whole ? Result<std::uint64_t>{history->size()} : queries.history_size(hit->item.id.str(), *as_of);
    if (!entries) return std::unexpected(entries.error());
    DisplayNames names{**snapshot, api.engine.index(), api.engine.limits(), *as_of};
    json::Writer out;
    out.begin_object();
    write_item(out, *hit);
    write_stock_of(out, api.engine.index(), names, hit->item.id, *as_of, request.cancel);
    if (request.cancelled())
        return fail(Errc::unavailable, "the answer was not ready within limits.request_seconds_max", {},
                    "ask again later, or raise the limit in stemma.yaml: an item with very many movements takes long");
    write_stale(out, api.engine);
    out.number("entries", *entries);
    out.key("history");
    out.begin_array();
    for (const engine::EntryLine& line : *history) write_entry_line(out, line, names);
    out.end_array();
    out.end_object();
    return out.take();
}

void write_answer_tables(json::Writer& out, const std::vector<FactTable>& tables) {
    if (tables.empty()) return;
    out.key("tables");
    out.begin_object();
    for (const FactTable& table : tables) {
        out.key(table.name);
        out.begin_array();
        for (const auto& row : table.rows) {
            out.begin_object();
            for (std::size_t i = 0; i < row.size(); ++i) write_value(out, table.columns[i].name, row[i]);
            out.end_object();
        }
        out.end_array();
    }
    out.end_object();
}

Result<std::string> assess(Api& api, const Request& request) {
    Instant as_of = api.engine.now();
    if (const auto text = request.parameter("as_of_time")) {
        const auto written = parse_time(*text);
        if (!written) return fail(Errc::invalid_input, written.error().message, "?as_of_time", written.error().hint);
        as_of = written->instant;
    }
    const auto hit = [&]() -> Result<engine::ItemHit> {  // the snapshot goes back before the assessment takes its own
        const auto snapshot = api.engine.read();
        if (!snapshot) return std::unexpected(snapshot.error());
        return engine::Queries{**snapshot, api.engine.index(), api.engine.limits()}.resolve(request.argument("id"));
    }();
    if (!hit) return std::unexpected(hit.error());
    const auto assessed = api.engine.assess(request.argument("kind"), hit->item, as_of);
    if (!assessed) return std::unexpected(assessed.error());
    json::Writer out;
    out.begin_object();
    out.field("item", hit->item.id.str());
    out.field("label", label_of(*hit));
    out.field("assessment", request.argument("kind"));
    out.field("asOf", format_instant(as_of));
    out.number("position", assessed->judgement.position);
    write_flag(out, "decided", assessed->answer.decided);
    out.key("answer");
    out.begin_object();
    for (const auto& [name, value] : assessed->answer.values) write_value(out, name, value);
    out.end_object();
    write_answer_tables(out, assessed->answer.tables);
    write_texts(out, "reasons", assessed->answer.reasons);
    out.field("plugin", fmt::format("{} {}", assessed->judgement.plugin, assessed->judgement.version));
    out.end_object();
    return out.take();
}

}  // namespace

void add_item_routes(Router& router, Api& api) {
    router.add({"GET", "/api/v1/search", {"q", "limit"}, json_handler([&](const Request& r) { return search(api, r); })});
    router.add({"GET", "/api/v1/items", {"limit", "cursor"}, json_handler([&](const Request& r) { return list(api, r); })});
    router.add({"GET", "/api/v1/items/{id}", {"as_of", "limit"}, json_handler([&](const Request& r) { return show(api, r); })});
    router.add(
        {"GET", "/api/v1/items/{id}/assessments/{kind}", {"as_of_time"}, json_handler([&](const Request& r) { return assess(api, r); })});
}

}  // namespace stemma::http
