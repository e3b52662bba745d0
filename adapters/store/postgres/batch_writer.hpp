// Writes a batch into the tables: gives its new names their numbers, then one statement over arrays for each table that has rows.
#pragma once

#include <initializer_list>
#include <span>

#include "adapters/store/postgres/batch.hpp"
#include "adapters/store/postgres/batch_names.hpp"
#include "adapters/store/postgres/writer_session.hpp"
#include "adapters/store/tables/tables.hpp"

namespace stemma::store::postgres {

class BatchWriter {
public:
    BatchWriter(WriterSession& writer, BatchNames& names) noexcept : writer_{writer}, names_{names} {}

    /// `batch` names no name from the `names`-th on, and knows of entries below `entries`. An error leaves the transaction broken.
    [[nodiscard]] Result<void> write(const Batch& batch, std::size_t names, Sequence entries);
    /// Entries from this one on stand in no row of subject_entry: their rows need not be looked for.
    void begin_at(Sequence first) noexcept { untouched_from_ = as_integer(first); }
    /// The names were cleared.
    void names_cleared() noexcept { numbered_ = 0; }

private:
    [[nodiscard]] Result<void> number_names(std::size_t end);
    [[nodiscard]] Result<void> write_subjects(const Batch& batch);
    [[nodiscard]] Result<void> write_touched(const Batch& batch, std::int64_t entries);
    [[nodiscard]] Result<void> write_identifiers(const Batch& batch);
    [[nodiscard]] Result<void> write_events(const Batch& batch);
    [[nodiscard]] Result<void> write_sources(const Batch& batch);
    [[nodiscard]] Result<void> write_commands(const Batch& batch);
    [[nodiscard]] Result<void> write_cases(const Batch& batch);
    [[nodiscard]] Result<void> write_ledger(const Batch& batch);
    [[nodiscard]] Result<void> write_persons(const Batch& batch);
    [[nodiscard]] Result<void> write_access(const Batch& batch);
    [[nodiscard]] Result<void> write_sync_state(const Batch& batch);
    [[nodiscard]] Result<void> copy(const sql::Query& query, const sql::BinaryRows& rows);
    /// Nothing is asked where the first array is empty.
    [[nodiscard]] Result<void> run(const sql::Query& query, std::span<const sql::BinaryParameter> columns);

    WriterSession& writer_;
    BatchNames& names_;
    std::size_t numbered_{0};  ///< names before it have their number
    std::size_t first_{0};     ///< of the names that this batch adds
    std::int64_t untouched_from_{0};
};

}  // namespace stemma::store::postgres
