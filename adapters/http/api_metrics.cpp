// /metrics: the daemon's figures in Prometheus' text format (version 0.0.4), for a collector that asks every few seconds. Nothing here
// reads the database or waits for the writer.
#include <fmt/format.h>

#include <iterator>

#include "adapters/http/api.hpp"

namespace stemma::http {
namespace {

constexpr const char* kTextFormat = "text/plain; version=0.0.4; charset=utf-8";

/// One figure with its two lines of description.
class Metrics {
public:
    void gauge(std::string_view name, std::string_view help, std::uint64_t value) { add(name, help, "gauge", value); }
    void counter(std::string_view name, std::string_view help, std::uint64_t value) { add(name, help, "counter", value); }
    [[nodiscard]] std::string take() { return std::move(text_); }

private:
    void add(std::string_view name, std::string_view help, std::string_view type, std::uint64_t value) {
        fmt::format_to(std::back_inserter(text_), "# HELP {0} {1}\n# TYPE {0} {2}\n{0} {3}\n", name, help, type, value);
    }
    std::string text_;
};

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
    const LargeTraces& traces = api.large_traces;
    out.counter("stemma_traces_total", "Traces and recalls taken since the start.", traces.asked);
    out.gauge("stemma_traces_large_running", "Large ones that run now, of limits.large_traces_max.", traces.running());
    out.counter("stemma_traces_refused_total", "Large ones turned away because enough were running.", traces.refused);
    out.counter("stemma_traces_cancelled_total", "Those that ended early: their reader left, or the time was over.", traces.cancelled);
    out.gauge("stemma_trace_streams_running", "Answers in rows that are being sent.", traces.streams_running);
    out.counter("stemma_trace_streams_whole_total", "Answers in rows that were sent to their end.", traces.streams_whole);
    out.counter("stemma_trace_streams_cut_total", "Answers in rows that were not.", traces.streams_cut);
    out.counter("stemma_trace_rows_total", "Rows made for answers in rows.", traces.rows);
    return {200, kTextFormat, out.take(), {}};
}

}  // namespace

void add_metric_routes(Router& router, Api& api) {
    router.add({"GET", "/metrics", {}, [&](const Request&) { return metrics(router, api); }, {}, false, true});
}

}  // namespace stemma::http
