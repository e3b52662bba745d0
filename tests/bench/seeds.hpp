// Which items the traces begin at: lots whose reach is nearest to what a case asks for, found by the bare walk.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/bench/tracer.hpp"

namespace stemma::bench {

enum class TraceSize : unsigned char { small, middle, large, back };

struct TraceCase {
    TraceSize size{TraceSize::small};
    Way way{Way::forward};
    std::vector<std::uint32_t> seeds;  ///< items; at least one
    std::string name;                  ///< "forward, 49,874 items": the mean over the seeds
    bool as_asked{true};               ///< within a factor of two of what the case asks for; a small graph has no large lots
};
[[nodiscard]] std::vector<TraceCase> trace_cases(const Graph& graph);

/// Items of all kinds, drawn at random (seeded): forward from half of them, back from the others. For comparing answers, not for times.
[[nodiscard]] std::vector<TraceCase> random_cases(const Graph& graph, std::size_t count, std::uint64_t seed);

/// Holds the contenders' answers from each seed against the first one's. Throws std::runtime_error where they differ.
void check_equal(const std::vector<std::unique_ptr<Tracer>>& tracers, const TraceCase& wanted);

}  // namespace stemma::bench
