// /health, /api/v1/status, /api/openapi.json: how the daemon is, for people and for supervisors.
#include <fmt/format.h>

#include "adapters/http/api.hpp"

namespace stemma::http {
namespace {

Response live(const Request&) { return {200, "application/json", R"({"status":"ok"})", {}}; }

/// Ready = the ledger can be read. A paused or failing source does not make the daemon unready: its last state is still served.
Response ready(Api& api, const Request&) {
    const auto snapshot = api.engine.read();
    Result<Sequence> size = snapshot ? (*snapshot)->size() : std::unexpected(snapshot.error());
    json::Writer out;
    out.begin_object();
    out.field("status", size ? "ready" : "not ready");
    out.key("checks");
    out.begin_object();
    out.field("store", size ? "ok" : size.error().text());
    for (const engine::SourceStatus& status : api.engine.syncs().status())
        out.field("erp:" + status.source, status.stale() ? "stale: " + (status.paused.empty() ? status.error : status.paused) : "ok");
    out.end_object();
    out.end_object();
    return {size ? 200 : 503, "application/json", out.take(), {}};
}

Result<std::string> status(Api& api, const Request&) {
    const auto snapshot = api.engine.read();
    if (!snapshot) return std::unexpected(snapshot.error());
    const auto size = (*snapshot)->size();
    if (!size) return std::unexpected(size.error());
    const auto store = api.engine.describe_store();
    if (!store) return std::unexpected(store.error());
    const lineage::Counts counts = api.engine.index().counts();
    json::Writer out;
    out.begin_object();
    out.field("version", api.version);
    out.field("startedAt", format_instant(api.started_at));
    out.field("store", *store);
    out.number("entries", *size);
    out.key("lineage");
    out.begin_object();
    out.number("position", api.engine.index().position());
    out.number("items", counts.items);
    out.number("transformations", counts.transformations);
    out.number("edges", counts.edges);
    out.number("movements", counts.movements);
    out.number("memoryBytes", api.engine.index().memory_bytes());
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

void add_status_routes(Router& router, Api& api) {
    router.add({"GET", "/health/live", {}, live, live});
    router.add({"GET", "/health/ready", {}, [&](const Request& r) { return ready(api, r); }});
    router.add({"GET", "/api/v1/status", {}, json_handler([&](const Request& r) { return status(api, r); })});
    router.add({"GET", "/api/openapi.json", {}, [&](const Request&) { return Response{200, "application/json", api.openapi_json, {}}; }});
}

}  // namespace stemma::http
