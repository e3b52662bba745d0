// /metrics: the daemon's figures in Prometheus' text format (version 0.0.4), for a collector that asks every few seconds. Nothing here
// reads the database or waits for the writer.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include "adapters/http/api.hpp"

namespace stemma::http {
namespace {

constexpr const char* kTextFormat = "text/plain; version=0.0.4; charset=utf-8";

/// One figure with its two lines of description.
class Metrics {
public:
    void gauge(std::string_view name, std::string_view help, std::uint64_t value) { add(name, help, "gauge", value); }
    void counter(std::string_view name, std::string_view help, std::uint64_t value) { add(name, help, "counter", value); }
    /// One figure of several, each of a source and perhaps a query of it.
    struct Labelled {
        std::string source;
        std::string query;  ///< "" = of the whole source
        std::uint64_t value{0};
    };
    void gauge(std::string_view name, std::string_view help, const std::vector<Labelled>& figures) { add(name, help, "gauge", figures); }
    void counter(std::string_view name, std::string_view help, const std::vector<Labelled>& figures) {
        add(name, help, "counter", figures);
    }
    [[nodiscard]] std::string take() { return std::move(text_); }

private:
    void add(std::string_view name, std::string_view help, std::string_view type, const std::vector<Labelled>& figures) {
        if (figures.empty()) return;
        fmt::format_to(std::back_inserter(text_), "# HELP {0} {1}\n# TYPE {0} {2}\n", name, help, type);
        for (const Labelled& one : figures)
            fmt::format_to(std::back_inserter(text_), "{}{{source=\"{}\"{}}} {}\n", name, one.source,
                           one.query.empty() ? "" : fmt::format(",query=\"{}\"", one.query), one.value);
    }
    void add(std::string_view name, std::string_view help, std::string_view type, std::uint64_t value) {
        fmt::format_to(std::back_inserter(text_), "# HELP {0} {1}\n# TYPE {0} {2}\n{0} {3}\n", name, help, type, value);
    }
    std::string text_;
};

std::uint64_t seconds(Instant at) { return static_cast<std::uint64_t>(std::max<std::int64_t>(at.us, 0) / kMicrosPerSecond); }

/// How the ERP sources stand, and what reading them costs their databases.
void add_sources(Metrics& out, const std::vector<engine::SourceStatus>& sources) {
    using Status = engine::SourceStatus;
    const auto of_all = [&](auto&& figure) {
        std::vector<Metrics::Labelled> figures;
        figures.reserve(sources.size());
        for (const Status& status : sources) figures.push_back({status.source, "", static_cast<std::uint64_t>(figure(status))});
        return figures;
    };
    const auto of_queries = [&](auto&& figure) {
        std::vector<Metrics::Labelled> figures;
        for (const Status& status : sources)
            if (status.last)
                for (const auto& [query, counts] : status.last->queries) figures.push_back({status.source, query, figure(counts)});
        return figures;
    };
    std::vector<Metrics::Labelled> newest;
    for (const Status& status : sources)
        for (const auto& [query, changed] : status.newest) newest.push_back({status.source, query, seconds(changed)});
    out.counter("stemma_erp_syncs_total", "Syncs that ended since the start.", of_all([](const Status& s) { return s.runs; }));
    out.counter("stemma_erp_sync_failures_total", "Of these, those that failed.", of_all([](const Status& s) { return s.failures; }));
    out.gauge("stemma_erp_paused", "1: the mapping no longer fits and is paused.",
              of_all([](const Status& s) { return !s.paused.empty(); }));
    out.gauge("stemma_erp_stale", "1: what is served may be behind the ERP.", of_all([](const Status& s) { return s.stale(); }));
    out.gauge("stemma_erp_good_sync_timestamp_seconds", "When the newest sync that went well ended; 0: none since the start.",
              of_all([](const Status& s) { return seconds(s.good_at); }));
    out.counter("stemma_erp_statements_total", "Statements that the source was asked.",
                of_all([](const Status& s) { return s.cost.statements; }));
    out.counter("stemma_erp_statement_microseconds_total", "Time until their answers.",
                of_all([](const Status& s) { return s.cost.waited_us; }));
    out.gauge("stemma_erp_longest_statement_microseconds", "The longest of them since the start.",
              of_all([](const Status& s) { return s.cost.longest_us; }));
    out.counter("stemma_erp_rows_total", "Rows that came over the line, keys included.",
                of_all([](const Status& s) { return s.cost.rows; }));
    out.counter("stemma_erp_bytes_total", "Bytes of their values.", of_all([](const Status& s) { return s.cost.bytes; }));
    out.gauge("stemma_erp_newest_change_timestamp_seconds", "Newest change time met, by the ERP's account.", newest);
    out.gauge("stemma_erp_last_rows", "Rows that the newest sync read.", of_queries([](const engine::SyncCounts& c) { return c.rows; }));
    out.gauge("stemma_erp_last_rejected", "Of these, those that could not be mapped.",
              of_queries([](const engine::SyncCounts& c) { return c.rejected; }));
}

Response metrics(const Router& router, Api& api) {
    const engine::WriterStats writer = writer_stats(router, api);
    const auto checkpoint = api.engine.ledger().checkpoint();
    lineage::Index& index = api.engine.index();
    const lineage::Counts counts = index.counts();
    const lineage::Graph::Size graph = index.graph_size();
    const lineage::Memory memory = index.memory();
    Metrics out;
    out.gauge("stemma_ledger_entries", "Entries that the newest checkpoint signs.", checkpoint ? checkpoint->size : 0);
    out.gauge("stemma_writer_waiting_commands", "Commands that are taken and not answered yet.", writer.waiting);
    out.gauge("stemma_writer_waiting_bytes", "Bytes of the commands that wait.", writer.waiting_bytes);
    out.counter("stemma_writer_groups_total", "Groups of commands committed since the start.", writer.groups);
    out.counter("stemma_writer_commands_total", "Commands in these groups.", writer.commands);
    out.counter("stemma_writer_entries_total", "Entries that these groups added.", writer.entries);
    out.counter("stemma_writer_refused_total", "Commands turned away because too many waited.", writer.refused);
    out.counter("stemma_writer_failed_groups_total", "Groups that were not committed.", writer.failed);
    const engine::WriterRole role = api.engine.ledger().role();
    out.gauge("stemma_writer_has_seat", "1 where this daemon writes the ledger, 0 where it is a standby.", role.writes ? 1 : 0);
    out.gauge("stemma_ledger_behind_entries", "Entries of the store that this daemon had not taken in when it last looked.", role.behind);
    out.counter("stemma_writer_role_changes_total", "How often this daemon became the writer or a standby.", role.changes);
    using Level = engine::DurabilityFinding::Level;
    const engine::Durability& durability = api.engine.durability();
    out.gauge("stemma_store_durability_warnings", "Settings of the store's database that the durability doctor warns of.",
              durability.count(Level::warning));
    out.gauge("stemma_store_durability_refusals", "Settings of the store's database for which it must not be written.",
              durability.count(Level::refuse));
    const BodyIntake& bodies = router.intake().bodies;
    out.gauge("stemma_http_body_bytes", "Bytes of bodies above 64 KiB that are read or answered.", bodies.bytes());
    out.counter("stemma_http_bodies_refused_total", "Bodies turned away because the others took too many bytes.", bodies.refused());
    out.gauge("stemma_lineage_position", "Entries that the lineage index has taken in.", index.position());
    out.gauge("stemma_lineage_items", "Items in the lineage index.", counts.items);
    out.gauge("stemma_lineage_transformations", "Productions in the lineage index.", counts.transformations);
    out.gauge("stemma_lineage_edges", "Links in the lineage index.", counts.edges);
    out.gauge("stemma_lineage_movements", "Movements in the lineage index.", counts.movements);
    out.gauge("stemma_lineage_unmerged_edges", "Links that wait for the next merge.", graph.unmerged);
    out.gauge("stemma_lineage_segments", "Segments of the lineage index.", graph.segments);
    out.gauge("stemma_lineage_memory_bytes", "Memory of the lineage index.", memory.total());
    out.gauge("stemma_lineage_edge_memory_bytes", "Of that, for links.", memory.edges);
    out.gauge("stemma_lineage_identifier_memory_bytes", "Of that, for the ids of items and productions.", memory.identifiers);
    out.gauge("stemma_meeting_entries", "Entries that say that two ids are one, or no longer.", index.meetings());
    out.gauge("stemma_meeting_conflicts", "Conflicts between sources when they were last counted, after a sync.",
              api.engine.meetings().conflicts_known());
    const LargeTraces& traces = api.large_traces;
    out.counter("stemma_traces_total", "Traces and recalls taken since the start.", traces.asked);
    out.gauge("stemma_traces_large_running", "Large ones that run now, of limits.large_traces_max.", traces.running());
    out.counter("stemma_traces_refused_total", "Large ones turned away because enough were running.", traces.refused);
    out.counter("stemma_traces_cancelled_total", "Those that ended early: their reader left, or the time was over.", traces.cancelled);
    out.gauge("stemma_trace_streams_running", "Answers in rows that are being sent.", traces.streams_running);
    out.counter("stemma_trace_streams_whole_total", "Answers in rows that were sent to their end.", traces.streams_whole);
    out.counter("stemma_trace_streams_cut_total", "Answers in rows that were not.", traces.streams_cut);
    out.counter("stemma_trace_rows_total", "Rows made for answers in rows.", traces.rows);
    add_sources(out, api.engine.syncs().status());
    return {200, kTextFormat, out.take(), {}};
}

}  // namespace

void add_metric_routes(Router& router, Api& api) {
    router.add({"GET", "/metrics", {}, [&](const Request&) { return metrics(router, api); }, {}, false, true});
}

}  // namespace stemma::http
