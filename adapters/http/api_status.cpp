// /health, /api/v1/status, /api/openapi.json: how the daemon is, for people and for supervisors.
#include <fmt/format.h>

#include <algorithm>

#include "adapters/http/api.hpp"

namespace stemma::http {
namespace {

Response live(const Request&) { return {200, "application/json", R"({"status":"ok"})", {}}; }

/// Ready = the ledger can be read and written. A daemon that can only read still serves: 200, and `status` says so. A paused or failing
/// source does not make the daemon unready: its last state is still served.
Response ready(Api& api, const Request&) {
    const auto snapshot = api.engine.read();
    Result<Sequence> size = snapshot ? (*snapshot)->size() : std::unexpected(snapshot.error());
    const engine::WriterTrouble trouble = api.engine.ledger().trouble();
    const auto said = [](const std::string& wrong) { return wrong.empty() ? std::string{"ok"} : wrong; };
    json::Writer out;
    out.begin_object();
    out.field("status", !size ? "not ready" : trouble.store.empty() ? "ready" : "read only");
    out.key("checks");
    out.begin_object();
    out.field("store", size ? "ok" : size.error().text());
    out.field("writer", said(trouble.store));
    out.field("checkpoint_file", said(trouble.checkpoint_file));
    out.field("ledger", said(api.engine.ledger().ledger_check().found));
    out.field("durability", api.engine.durability().text());
    for (const engine::SourceStatus& status : api.engine.syncs().status())
        out.field("erp:" + status.source, status.stale() ? "stale: " + status.why_stale() : "ok");
    out.end_object();
    out.end_object();
    return {size ? 200 : 503, "application/json", out.take(), {}};
}

void write_writer(json::Writer& out, const engine::WriterStats& stats) {
    out.key("writer");
    out.begin_object();
    out.number("waiting", stats.waiting);
    out.number("groups", stats.groups);
    out.number("commands", stats.commands);
    out.key("commandsPerGroup");
    out.raw(fmt::format("{:.1f}", stats.groups == 0 ? 0.0 : static_cast<double>(stats.commands) / static_cast<double>(stats.groups)));
    out.number("entries", stats.entries);
    out.number("refused", stats.refused);
    out.number("failedGroups", stats.failed);
    out.end_object();
}

void write_role(json::Writer& out, const engine::WriterRole& role) {
    out.key("role");
    out.begin_object();
    out.field("is", role.writes ? "writer" : "standby");
    out.field("writer", role.writes ? "" : role.holder);
    out.number("behind", role.behind);
    out.number("changes", role.changes);
    out.end_object();
}

void write_lineage(json::Writer& out, const lineage::Index& index) {
    const lineage::Counts counts = index.counts();
    const lineage::Graph::Size graph = index.graph_size();
    const lineage::Memory memory = index.memory();
    out.key("lineage");
    out.begin_object();
    out.number("position", index.position());
    out.number("items", counts.items);
    out.number("transformations", counts.transformations);
    out.number("edges", counts.edges);
    out.number("unmergedEdges", graph.unmerged);
    out.number("segments", graph.segments);
    out.number("movements", counts.movements);
    out.number("memoryBytes", memory.total());
    out.key("memory");
    out.begin_object();
    out.number("edges", memory.edges);
    out.number("identifiers", memory.identifiers);
    out.number("events", memory.events);
    out.number("movements", memory.movements);
    out.number("masterData", memory.master_data);
    out.end_object();
    out.end_object();
}

void write_ledger_check(json::Writer& out, const engine::LedgerCheck::State& check) {
    out.key("ledgerCheck");
    out.begin_object();
    out.number("checked", check.checked);
    out.number("of", check.of);
    out.field("found", check.found);
    out.end_object();
}

/// Where the store is away, those that the lineage knows: what is said from memory goes on.
Sequence entries_of(Api& api) {
    const auto snapshot = api.engine.read();
    const Result<Sequence> size = snapshot ? (*snapshot)->size() : std::unexpected(snapshot.error());
    return size ? *size : api.engine.index().position();
}

Result<std::string> status(const Router& router, Api& api) {
    const Result<std::string> store = api.engine.describe_store();
    if (!store && store.error().code != Errc::unavailable) return std::unexpected(store.error());
    const engine::WriterTrouble trouble = api.engine.ledger().trouble();
    const Sequence size = entries_of(api);
    json::Writer out;
    out.begin_object();
    out.field("version", api.version);
    out.field("startedAt", format_instant(api.started_at));
    out.field("store", store ? *store : store.error().message);
    if (!store) {
        out.key("storeAway");
        out.begin_object();
        out.field("why", store.error().message);
        if (trouble.away_since.us != 0) out.field("since", format_instant(trouble.away_since));
        out.end_object();
    }
    out.field("durability", api.engine.durability().text());
    if (api.access != nullptr)
        if (const auto book = api.access->book(); book) out.field("access", (*book)->is_closed() ? "closed" : "open");
    out.field("readOnly", trouble.store);
    out.number("entries", size);
    write_role(out, api.engine.ledger().role());
    write_ledger_check(out, api.engine.ledger().ledger_check());
    write_lineage(out, api.engine.index());
    write_writer(out, writer_stats(router, api));
    out.key("meetings");
    out.begin_object();
    out.number("entries", api.engine.index().meetings());
    out.number("conflicts", api.engine.meetings().conflicts_known());
    out.end_object();
    out.key("traces");
    out.begin_object();
    out.number("largeRunning", api.large_traces.running());
    out.number("streamsRunning", api.large_traces.streams_running);
    out.number("streamsWhole", api.large_traces.streams_whole);
    out.number("streamsCut", api.large_traces.streams_cut);
    out.end_object();
    out.number("pluginGeneration", api.engine.plugins()->generation());
    out.number("plugins", api.engine.plugins()->plugins().size());
    write_stale(out, api.engine);
    out.end_object();
    return out.take();
}

}  // namespace

engine::WriterStats writer_stats(const Router& router, const Api& api) {
    engine::WriterStats stats = api.engine.ledger().writer();
    const CommandIntake& commands = router.intake().commands;
    // A command that the listener has taken may be in the writer's line as well; a sync is only there.
    stats.waiting = std::max<std::uint64_t>(stats.waiting, commands.taken());
    stats.refused += commands.refused();
    return stats;
}

void add_status_routes(Router& router, Api& api) {
    router.add({"GET", "/health/live", {}, live, live});
    router.add({"GET", "/health/ready", {}, [&](const Request& r) { return ready(api, r); }, {}, false, true});
    router.add({"GET", "/api/v1/status", {}, json_handler([&](const Request&) { return status(router, api); }), {}, false, true});
    router.add({"GET", "/api/openapi.json", {}, [&](const Request&) { return Response{200, "application/json", api.openapi_json, {}}; }});
}

}  // namespace stemma::http
