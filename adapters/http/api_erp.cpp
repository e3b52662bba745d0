// /erp: the ERP sources: how each stands, whether its mapping fits, what a query reads, what was rejected, and syncs on request.
#include <fmt/format.h>

#include <algorithm>

#include "adapters/http/api.hpp"
#include "core/ledger/codec_parts.hpp"

namespace stemma::http {
namespace {

constexpr std::uint64_t kRejectsMax = 10'000;  ///< rejects in one answer
constexpr std::uint64_t kPreviewRowsMax = 100;

void write_counts(json::Writer& out, const engine::SyncCounts& counts) {
    out.number("rows", counts.rows);
    out.number("added", counts.added);
    out.number("changed", counts.changed);
    out.number("vanished", counts.vanished);
    out.number("unchanged", counts.unchanged);
    out.number("rejected", counts.rejected);
    out.number("findings", counts.findings);
}

void write_cost(json::Writer& out, const SourceCost& cost) {
    out.number("statements", cost.statements);
    out.number("longestStatementUs", static_cast<std::uint64_t>(cost.longest_us));
    out.number("waitedUs", static_cast<std::uint64_t>(cost.waited_us));
    out.number("rowsRead", cost.rows);
    out.number("bytesRead", cost.bytes);
}

void write_report(json::Writer& out, const engine::SyncReport& report) {
    out.key("last");
    out.begin_object();
    write_counts(out, report.sum);
    write_cost(out, report.cost);
    out.number("tookUs", static_cast<std::uint64_t>(report.took_us));
    write_flag(out, "full", report.full);
    write_flag(out, "keysCompared", report.keys);
    out.list("queries", report.queries, [&](const auto& query) {
        out.begin_object();
        out.field("query", query.first);
        write_counts(out, query.second);
        out.number("keys", query.second.keys);
        if (query.second.newest.us != 0) out.field("newestChange", format_instant(query.second.newest));
        out.end_object();
    });
    out.end_object();
}

void write_status(json::Writer& out, const engine::SourceStatus& status) {
    out.begin_object();
    out.field("source", status.source);
    write_flag(out, "running", status.running);
    out.number("runs", status.runs);
    if (status.running) {
        out.field("query", status.query);
        out.key("progress");
        out.begin_object();
        write_counts(out, status.progress);
        out.end_object();
    }
    if (status.last) write_report(out, *status.last);
    if (status.finished_at.us != 0) out.field("finishedAt", format_instant(status.finished_at));
    if (status.good_at.us != 0) out.field("goodAt", format_instant(status.good_at));
    out.field("paused", status.paused);
    out.field("error", status.error);
    if (!status.not_run.empty()) out.field("notRun", status.not_run);
    write_flag(out, "stale", status.stale());
    out.end_object();
}

Result<std::string> list(Api& api, const Request&) {
    json::Writer out;
    out.begin_object();
    out.key("sources");
    out.begin_array();
    for (const engine::SourceStatus& status : api.engine.syncs().status()) write_status(out, status);
    out.end_array();
    out.end_object();
    return out.take();
}

Result<std::string> show(Api& api, const Request& request) {
    if (auto found = api.engine.syncs().find(request.argument("source")); !found) return std::unexpected(found.error());
    json::Writer out;
    for (const engine::SourceStatus& status : api.engine.syncs().status())
        if (status.source == request.argument("source")) write_status(out, status);
    return out.take();
}

std::string_view to_string(SourceFinding::Level level) noexcept {
    switch (level) {
        case SourceFinding::Level::ok: return "ok";
        case SourceFinding::Level::note: return "note";
        case SourceFinding::Level::warning: return "warning";
        case SourceFinding::Level::error: return "error";
    }
    return "error";
}

void write_seconds(json::Writer& out, std::string_view name, std::optional<std::int64_t> us) {
    if (!us) return;
    out.key(name);
    out.raw(fmt::format("{:.6f}", static_cast<double>(*us) / static_cast<double>(kMicrosPerSecond)));
}

/// Of the server: what cannot be seen is left out here and said in the findings.
void write_server(json::Writer& out, const SourceReport& report) {
    out.list("costs", report.costs, [&](const QueryEstimate& cost) {
        out.begin_object();
        out.field("query", cost.query);
        out.field("reading", cost.later ? "later" : "first");
        if (cost.cost) {
            out.key("cost");
            out.raw(fmt::format("{:.2f}", *cost.cost));
        }
        if (cost.rows) out.number("rows", *cost.rows);
        out.list("whole", cost.whole, [&](const std::string& table) { out.string(table); });
        out.end_object();
    });
    write_seconds(out, "clockAhead", report.clock_ahead_us);
    if (report.replica.is_one) write_flag(out, "replica", *report.replica.is_one);
    write_seconds(out, "replicaLag", report.replica.lag_us);
}

Result<std::string> check(Api& api, const Request& request) {
    const auto source = api.engine.syncs().find(request.argument("source"));
    if (!source) return std::unexpected(source.error());
    const auto report = (*source)->check();
    if (!report) return std::unexpected(report.error());
    json::Writer out;
    out.begin_object();
    out.field("source", report->source);
    out.field("erp", report->erp);
    out.field("version", report->version);
    out.field("mapping", report->mapping);
    out.field("database", report->database);
    write_flag(out, "fits", report->fits);
    std::vector<SourceFinding> findings = report->findings;
    findings.insert(findings.end(), report->about_server.begin(), report->about_server.end());
    out.list("findings", findings, [&](const SourceFinding& finding) {
        out.begin_object();
        out.field("level", to_string(finding.level));
        out.field("subject", finding.subject);
        out.field("message", finding.message);
        out.field("hint", finding.hint);
        out.end_object();
    });
    out.list("tables", report->row_counts, [&](const auto& table) {
        out.begin_object();
        out.field("table", table.first);
        out.number("rows", table.second);
        out.end_object();
    });
    out.list("reads", report->reads, [&](const auto& read) {
        out.begin_object();
        out.field("query", read.first);
        out.field("becomes", read.second);
        out.end_object();
    });
    write_server(out, *report);
    out.end_object();
    return out.take();
}

void write_record(json::Writer& out, const SourceRecord& record) {
    out.begin_object();
    out.field("key", record.key);
    out.field("digest", record.digest);
    out.key("record");
    std::visit([&](const auto& body) { json::write(out, body); }, record.record);
    if (record.contact) {
        out.field("name", record.contact->name);
        out.field("contact", record.contact->contact);
    }
    out.end_object();
}

void write_reject(json::Writer& out, std::string_view query, std::string_view key, std::string_view table, std::string_view reason) {
    out.field("query", query);
    out.field("key", key);
    out.field("table", table);
    out.field("reason", reason);
}

Result<std::string> preview(Api& api, const Request& request) {
    const auto source = api.engine.syncs().find(request.argument("source"));
    if (!source) return std::unexpected(source.error());
    const auto rows = number_of(request, "rows", 5, 1, kPreviewRowsMax);
    if (!rows) return std::unexpected(rows.error());
    const std::vector<std::string> queries = (*source)->queries();
    const std::string query = request.parameter("query").value_or(queries.empty() ? "" : queries.front());
    if (std::ranges::find(queries, query) == queries.end())
        return fail(Errc::not_found, fmt::format("the mapping has no query '{}'", query), "?query",
                    fmt::format("it has {}", fmt::join(queries, ", ")));
    const auto preview = (*source)->preview(query, *rows);
    if (!preview) return std::unexpected(preview.error());
    json::Writer out;
    out.begin_object();
    out.field("query", query);
    write_texts(out, "queries", queries);
    write_texts(out, "columns", preview->columns);
    out.key("rows");
    out.begin_array();
    for (const auto& row : preview->rows) {
        out.begin_array();
        for (const std::string& cell : row) out.string(cell);
        out.end_array();
    }
    out.end_array();
    out.key("records");
    out.begin_array();
    for (const SourceRecord& record : preview->records) write_record(out, record);
    out.end_array();
    out.list("rejects", preview->rejects, [&](const SourceReject& reject) {
        out.begin_object();
        write_reject(out, reject.query, reject.key, reject.table, reject.reason);
        out.end_object();
    });
    out.end_object();
    return out.take();
}

Result<std::string> rejects(Api& api, const Request& request) {
    const auto limit = number_of(request, "limit", kPageMax, 1, kRejectsMax);
    if (!limit) return std::unexpected(limit.error());
    const auto snapshot = api.engine.read();
    if (!snapshot) return std::unexpected(snapshot.error());
    const std::string source = request.parameter("source").value_or("");
    const auto rows = (*snapshot)->rejects(source, *limit);
    if (!rows) return std::unexpected(rows.error());
    if (rows->empty() && !source.empty())  // a source that is no longer in the settings may still have some
        if (const auto known = api.engine.syncs().find(source); !known) return std::unexpected(known.error());
    json::Writer out;
    out.begin_object();
    out.key("rejects");
    out.begin_array();
    for (const RejectRow& row : *rows) {
        out.begin_object();
        out.field("source", row.source);
        write_reject(out, row.query, row.key, row.table, row.reason);
        out.field("at", format_instant(row.at));
        out.end_object();
    }
    out.end_array();
    out.end_object();
    return out.take();
}

/// Starts a sync and answers at once: `run` is what `runs` of the source reaches when it is done.
Response sync(Api& api, const Request& request) {
    bool full = false;
    bool sweep = false;
    bool resume = false;
    bool accept_vanished = false;
    if (!request.body.empty()) {
        auto read = read_object(request, [&](json::Reading&, json::Fields& fields) {
            fields.read("full", full);
            fields.read("sweep", sweep);
            fields.read("resume", resume);
            fields.read("acceptVanished", accept_vanished);
        });
        if (!read) return problem(read.error());
    }
    // After a pause the schema was another one, and rows may have been written anew without a change time.
    for (const engine::SourceStatus& status : api.engine.syncs().status())
        full = full || (resume && status.source == request.argument("source") && !status.paused.empty());
    const auto reach = full ? engine::SyncReach::all : sweep || accept_vanished ? engine::SyncReach::keys : engine::SyncReach::changes;
    const auto run = api.engine.syncs().request(request.argument("source"), {reach, accept_vanished});
    if (!run) return problem(run.error());
    json::Writer out;
    out.begin_object();
    out.field("source", request.argument("source"));
    out.number("run", *run);
    out.end_object();
    return {202, "application/json", out.take(), {}};
}

}  // namespace

void add_erp_routes(Router& router, Api& api) {
    router.add({"GET", "/api/v1/erp/sources", {}, json_handler([&](const Request& r) { return list(api, r); })});
    router.add({"GET", "/api/v1/erp/sources/{source}", {}, json_handler([&](const Request& r) { return show(api, r); })});
    router.add({"GET", "/api/v1/erp/sources/{source}/check", {}, json_handler([&](const Request& r) { return check(api, r); })});
    router.add({"GET", "/api/v1/erp/sources/{source}/preview", {"query", "rows"}, json_handler([&](const Request& r) {
                    return preview(api, r);
                })});
    router.add({"POST", "/api/v1/erp/sources/{source}/sync", {}, [&](const Request& r) { return sync(api, r); }});
    router.add({"GET", "/api/v1/erp/rejects", {"source", "limit"}, json_handler([&](const Request& r) { return rejects(api, r); })});
}

}  // namespace stemma::http
