// A contender that answers "everything reached from this item": the daemon's index, SQL databases, the bare walk. Each gets the same graph
// in its own best form, and puts the answer's ids into memory of this process.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/lineage/index.hpp"
#include "tests/bench/graph.hpp"

namespace stemma::bench {

enum class Way : unsigned char { forward, back };

class Tracer {
public:
    virtual ~Tracer() = default;
    [[nodiscard]] virtual std::string name() const = 0;
    /// Told before a case is measured, for a contender that has several forms and takes the one that is best for it.
    virtual void get_ready(std::uint32_t /*seed*/, Way /*way*/) {}
    /// The part that is measured. The answer is kept. Throws std::runtime_error.
    virtual void run(std::uint32_t seed, Way way) = 0;
    /// The items of the last answer, the seed among them, in any order.
    [[nodiscard]] virtual std::vector<std::uint32_t> items() const = 0;
    [[nodiscard]] virtual std::vector<pid_t> servers() const { return {}; }
};

/// The limit over the index's own graph, transformations among the nodes, or over items alone.
[[nodiscard]] std::unique_ptr<Tracer> bare_walk(const Graph& graph, bool items_alone);
/// The lineage index, in each form of answer that it has: the items alone is "stemma", with the way to each item "stemma, with paths".
[[nodiscard]] std::vector<std::unique_ptr<Tracer>> stemma_traces(const lineage::Index& index, const Graph& graph);
/// The first of these.
[[nodiscard]] std::unique_ptr<Tracer> stemma_trace(const lineage::Index& index, const Graph& graph);
/// SQLite in memory: a table of links clustered by from, another by to, 32-bit keys, recursive CTE.
[[nodiscard]] std::unique_ptr<Tracer> sqlite_cte(const Graph& graph);
/// A database of PostgreSQL ("host=... port=..."): links with a covering index each way, recursive CTE, rows in binary. Of two sessions,
/// one with the planner's choice of joins and one that may only loop over the index, each case takes the faster.
[[nodiscard]] std::unique_ptr<Tracer> postgres_cte(const Graph& graph, const std::string& connection);

}  // namespace stemma::bench
