#include <fmt/format.h>
#include <sqlite3.h>

#include <stdexcept>

#include "core/lineage/trace.hpp"
#include "tests/bench/sqlite.hpp"
#include "tests/bench/tracer.hpp"

namespace stemma::bench {
namespace {

class BareTracer final : public Tracer {
public:
    BareTracer(const Graph& graph, bool items_alone)
        : graph_{graph}, items_alone_{items_alone}, walk_{items_alone ? graph.item_out.nodes() : graph.node_out.nodes()} {}

    [[nodiscard]] std::string name() const override { return items_alone_ ? "bare walk, items alone" : "bare walk"; }

    void run(std::uint32_t seed, Way way) override {
        if (items_alone_)
            answer_ = walk_.run(way == Way::forward ? graph_.item_out : graph_.item_in, seed);
        else
            answer_ = walk_.run(way == Way::forward ? graph_.node_out : graph_.node_in, graph_.node_of_item[seed]);
    }

    [[nodiscard]] std::vector<std::uint32_t> items() const override {
        std::vector<std::uint32_t> items;
        for (const std::uint32_t node : answer_) {
            const std::uint32_t item = items_alone_ ? node : graph_.item_of_node[node];
            if (item != kNone) items.push_back(item);
        }
        return items;
    }

private:
    const Graph& graph_;
    bool items_alone_;
    BareWalk walk_;
    std::span<const std::uint32_t> answer_;
};

class StemmaTracer final : public Tracer {
public:
    StemmaTracer(const lineage::Index& index, const Graph& graph) : index_{index} {
        const lineage::View view = index.view();
        for (std::uint32_t item = 0; item < graph.node_of_item.size(); ++item) {
            const lineage::Node node = view.find(ItemId{test::item_name(item)});
            node_of_item_.push_back(node);
            if (node == lineage::Node::none) continue;
            if (lineage::slot(node) >= item_of_node_.size()) item_of_node_.resize(lineage::slot(node) + 1, kNone);
            item_of_node_[lineage::slot(node)] = item;
        }
        options_.items_max = view.node_count();
    }

    [[nodiscard]] std::string name() const override { return kName; }

    void run(std::uint32_t seed, Way way) override {
        const lineage::View view = index_.view();
        const lineage::Node node = node_of_item_[seed];
        answer_ = lineage::trace(view, {&node, 1}, way == Way::forward ? lineage::Direction::forward : lineage::Direction::back, options_);
    }

    [[nodiscard]] std::vector<std::uint32_t> items() const override {
        std::vector<std::uint32_t> items;
        for (const lineage::Reached& reached : answer_.nodes) {
            const std::size_t node = lineage::slot(reached.node);
            if (node < item_of_node_.size() && item_of_node_[node] != kNone) items.push_back(item_of_node_[node]);
        }
        return items;
    }

private:
    static constexpr const char* kName = "stemma";
    const lineage::Index& index_;
    std::vector<lineage::Node> node_of_item_;
    std::vector<std::uint32_t> item_of_node_;
    lineage::TraceOptions options_;
    lineage::Trace answer_;
};

class SqliteTracer final : public Tracer {
public:
    explicit SqliteTracer(const Graph& graph) : database_{":memory:"} {
        database_.run("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA temp_store=MEMORY; BEGIN");
        load("forward", graph.item_out);
        load("back", graph.item_in);
        database_.run("COMMIT; ANALYZE");
        for (const char* table : {"forward", "back"})
            queries_.push_back(
                database_.prepare(fmt::format("WITH RECURSIVE reached(id) AS (VALUES(?1) UNION SELECT other FROM reached JOIN {0} "
                                              "ON {0}.item = reached.id) SELECT id FROM reached",
                                              table)));
    }

    [[nodiscard]] std::string name() const override { return "SQLite recursive CTE"; }

    void run(std::uint32_t seed, Way way) override {
        sqlite3_stmt* const query = queries_[way == Way::forward ? 0 : 1].get();
        answer_.clear();
        sqlite3_bind_int64(query, 1, seed);
        int state = SQLITE_ROW;
        while ((state = sqlite3_step(query)) == SQLITE_ROW) answer_.push_back(static_cast<std::uint32_t>(sqlite3_column_int64(query, 0)));
        sqlite3_reset(query);
        if (state != SQLITE_DONE) throw std::runtime_error("SQLite: the trace failed");
    }

    [[nodiscard]] std::vector<std::uint32_t> items() const override { return answer_; }

private:
    /// A table without rowid is its own covering index, filled in the order of its key.
    void load(const std::string& table, const Rows& rows) {
        database_.run(fmt::format("CREATE TABLE {} (item INTEGER, other INTEGER, PRIMARY KEY (item, other)) WITHOUT ROWID", table));
        const SqliteStatement insert = database_.prepare(fmt::format("INSERT INTO {} VALUES (?1, ?2)", table));
        for (std::uint32_t item = 0; item < rows.nodes(); ++item) {
            for (std::uint32_t at = rows.offsets[item]; at < rows.offsets[item + 1]; ++at) {
                sqlite3_bind_int64(insert.get(), 1, item);
                sqlite3_bind_int64(insert.get(), 2, rows.neighbours[at]);
                database_.step(insert);
            }
        }
    }

    Sqlite database_;
    std::vector<SqliteStatement> queries_;
    std::vector<std::uint32_t> answer_;
};

}  // namespace

std::unique_ptr<Tracer> bare_walk(const Graph& graph, bool items_alone) { return std::make_unique<BareTracer>(graph, items_alone); }
std::unique_ptr<Tracer> stemma_trace(const lineage::Index& index, const Graph& graph) {
    return std::make_unique<StemmaTracer>(index, graph);
}
std::unique_ptr<Tracer> sqlite_cte(const Graph& graph) { return std::make_unique<SqliteTracer>(graph); }

}  // namespace stemma::bench
