#include <fmt/format.h>
#include <sqlite3.h>

#include <optional>
#include <stdexcept>

#include "core/lineage/reach.hpp"
#include "core/lineage/trace.hpp"
#include "tests/bench/report.hpp"
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

/// Items as nodes of the index and back.
class Numbers {
public:
    Numbers(const lineage::Index& index, const Graph& graph) {
        const lineage::View view = index.view();
        nodes_ = view.node_count();
        for (std::uint32_t item = 0; item < graph.node_of_item.size(); ++item) {
            const lineage::Node node = view.find(ItemId{test::item_name(item)});
            node_of_item_.push_back(node);
            if (node == lineage::Node::none) continue;
            if (lineage::slot(node) >= item_of_node_.size()) item_of_node_.resize(lineage::slot(node) + 1, kNone);
            item_of_node_[lineage::slot(node)] = item;
        }
    }
    [[nodiscard]] lineage::Node node(std::uint32_t item) const { return node_of_item_[item]; }
    [[nodiscard]] std::size_t nodes() const noexcept { return nodes_; }
    void add(lineage::Node node, std::vector<std::uint32_t>& items) const {
        const std::size_t at = lineage::slot(node);
        if (at < item_of_node_.size() && item_of_node_[at] != kNone) items.push_back(item_of_node_[at]);
    }

private:
    std::size_t nodes_{0};
    std::vector<lineage::Node> node_of_item_;
    std::vector<std::uint32_t> item_of_node_;
};

lineage::Direction direction_of(Way way) { return way == Way::forward ? lineage::Direction::forward : lineage::Direction::back; }

class PathTracer final : public Tracer {
public:
    PathTracer(const lineage::Index& index, std::shared_ptr<const Numbers> numbers, std::string name)
        : index_{index}, numbers_{std::move(numbers)}, name_{std::move(name)} {
        options_.items_max = numbers_->nodes();
    }

    [[nodiscard]] std::string name() const override { return name_; }

    void run(std::uint32_t seed, Way way) override {
        const lineage::View view = index_.view();
        const lineage::Node node = numbers_->node(seed);
        answer_ = lineage::trace(view, {&node, 1}, direction_of(way), options_);
    }

    [[nodiscard]] std::vector<std::uint32_t> items() const override {
        std::vector<std::uint32_t> items;
        for (const lineage::Reached& reached : answer_.nodes) numbers_->add(reached.node, items);
        return items;
    }

private:
    const lineage::Index& index_;
    std::shared_ptr<const Numbers> numbers_;
    std::string name_;
    lineage::TraceOptions options_;
    lineage::Trace answer_;
};

class ReachTracer final : public Tracer {
public:
    ReachTracer(const lineage::Index& index, std::shared_ptr<const Numbers> numbers) : index_{index}, numbers_{std::move(numbers)} {
        options_.items_max = numbers_->nodes();
    }

    [[nodiscard]] std::string name() const override { return kOurs; }

    void run(std::uint32_t seed, Way way) override {
        answer_.reset();  // gives its room back before the next one takes it
        const lineage::View view = index_.view();
        const lineage::Node node = numbers_->node(seed);
        answer_.emplace(lineage::reach(view, {&node, 1}, direction_of(way), options_));
    }

    [[nodiscard]] std::vector<std::uint32_t> items() const override {
        std::vector<std::uint32_t> items;
        for (const lineage::Node node : answer_->nodes()) numbers_->add(node, items);
        return items;
    }

private:
    const lineage::Index& index_;
    std::shared_ptr<const Numbers> numbers_;
    lineage::TraceOptions options_;
    std::optional<lineage::Reach> answer_;
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

std::vector<std::unique_ptr<Tracer>> stemma_traces(const lineage::Index& index, const Graph& graph) {
    const auto numbers = std::make_shared<const Numbers>(index, graph);
    std::vector<std::unique_ptr<Tracer>> all;
    all.push_back(std::make_unique<ReachTracer>(index, numbers));
    all.push_back(std::make_unique<PathTracer>(index, numbers, "stemma, with paths"));
    return all;
}

std::unique_ptr<Tracer> stemma_trace(const lineage::Index& index, const Graph& graph) {
    return std::move(stemma_traces(index, graph).front());
}

std::unique_ptr<Tracer> sqlite_cte(const Graph& graph) { return std::make_unique<SqliteTracer>(graph); }

}  // namespace stemma::bench
