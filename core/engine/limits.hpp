// The engine's named limits, with units. Defaults stand here and in stemma.yaml under `limits`; a test holds them equal.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/domain/event.hpp"

namespace stemma::engine {

struct Limits {
    EventLimits event;                                ///< items per event, text bytes, how far into the future
    std::size_t event_bytes_max{262'144};             ///< JSON text of one captured event
    std::size_t batch_events_max{10'000};             ///< events in one capture command
    std::size_t writer_queue_max{256};                ///< commands that wait for the writer
    std::size_t writer_queue_bytes_max{134'217'728};  ///< JSON text of their records
    std::size_t identifier_bytes_max{255};            ///< one identifier of an item
    std::size_t trace_items_max{1'000'000};           ///< items in one trace
    std::size_t large_trace_items{10'000};            ///< items above which a trace counts as large
    std::size_t large_traces_max{2};                  ///< large traces at a time
    std::size_t search_results_max{100};              ///< items a search returns
    std::size_t history_entries_max{100'000};         ///< entries that one fact folds; settings: fact_entries_max
    std::size_t fact_items_max{10'000};               ///< items that one fact looks at: of a walk, of a product
    std::size_t fact_rows_max{100'000};               ///< rows of one fact
    std::size_t report_subjects_max{200'000};         ///< items, products or cases that one report asks about
    std::size_t report_rows_max{100'000};             ///< rows of one report, gathered and of its table
    std::size_t report_bytes_max{67'108'864};         ///< bytes of the texts in them
};

}  // namespace stemma::engine
