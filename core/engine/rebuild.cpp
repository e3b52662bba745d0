#include "core/engine/rebuild.hpp"

#include "core/engine/project.hpp"
#include "core/engine/stored.hpp"

namespace stemma::engine {
namespace {

constexpr std::uint64_t kPage = 2000;  ///< entries read at once

}  // namespace

Result<void> project_row(UnitOfWork& unit, const StoredEntry& row) {
    const Result<Entry> entry = decode_stored(row);
    if (!entry) return std::unexpected(entry.error());
    std::optional<SourceRowState> previous;
    if (entry->source) {
        auto known = unit.source_row(entry->source->source, entry->source->query, entry->source->key);
        if (!known) return std::unexpected(known.error());
        previous = *std::move(known);
    }
    return unit.apply(project(row.sequence, *entry, previous));
}

Result<RebuildReport> rebuild(Store& store, const std::function<void(std::uint64_t)>& progress) {
    const auto unit = store.begin();
    if (!unit) return std::unexpected(unit.error());
    RebuildReport report;
    const auto before = (*unit)->read_model_digest();
    if (!before) return std::unexpected(before.error());
    report.digest_before = to_hex(*before);
    if (auto dropped = (*unit)->drop_read_models(); !dropped) return fail(std::move(dropped));
    for (;;) {
        const auto rows = (*unit)->entries(report.entries, kPage);
        if (!rows) return std::unexpected(rows.error());
        for (const StoredEntry& row : *rows)
            if (auto done = project_row(**unit, row); !done) return fail(std::move(done));
        report.entries += rows->size();
        progress(report.entries);
        if (rows->size() < kPage) break;
    }
    const auto after = (*unit)->read_model_digest();
    if (!after) return std::unexpected(after.error());
    report.digest_after = to_hex(*after);
    if (auto committed = (*unit)->commit(); !committed) return fail(std::move(committed));
    return report;
}

}  // namespace stemma::engine
