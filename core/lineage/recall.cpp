#include "core/lineage/recall.hpp"

#include <algorithm>

#include "core/lineage/containment.hpp"
#include "core/lineage/recall_digest.hpp"
#include "core/lineage/roll_up_maker.hpp"
#include "core/lineage/timed.hpp"

namespace stemma::lineage {
namespace {

constexpr RollUpKeys kRecallKeys{.status = true, .place = true, .customer = true, .product = true, .party = false, .document = false};

/// One recall: the trace first, then its items one by one in order of their ids, as the digest wants them.
class Recall {
public:
    Recall(const View& view, const RecallOptions& options) : view_{view}, options_{options}, digest_{view} {}

    RecallReport run(std::span<const Node> seeds) {
        report_.as_of = view_.as_of();
        follow(seeds);
        digest_.begin(report_.trace, options_.walk.include_inferred, options_.walk.timed);
        const std::vector<Place> places = by_id();
        if (options_.list_items) report_.items.resize(places.size());
        for (const Place& place : places) {
            if (cancelled()) break;
            take(place);
        }
        std::erase_if(report_.items, [](const AffectedItem& item) { return item.node == Node::none; });  // not looked at in time
        std::ranges::sort(seeds_, {}, &std::pair<std::uint32_t, MassBalance>::first);
        if (!report_.trace.cancelled)
            for (auto& [in_trace, balance] : seeds_) report_.seeds.push_back(std::move(balance));
        return finish();
    }

private:
    /// An item of the trace: where it stands there, and how many items stand before it.
    struct Place {
        std::string_view id;
        std::uint32_t in_trace;
        std::uint32_t in_items;
    };

    void follow(std::span<const Node> seeds) {
        if (!options_.walk.timed) {
            report_.trace = trace(view_, seeds, Direction::forward, options_.walk);
            return;
        }
        TimedTrace timed = timed_trace(view_, seeds, Direction::forward, options_.walk);
        report_.trace = std::move(timed.trace);
        since_ = std::move(timed.times);
    }

    [[nodiscard]] std::vector<Place> by_id() const {
        const std::vector<Reached>& nodes = report_.trace.nodes;
        std::vector<Place> places;
        places.reserve(report_.trace.items);
        for (std::uint32_t i = 0; i < nodes.size(); ++i)
            if (!view_.is_transformation(nodes[i].node))
                places.push_back({view_.id(nodes[i].node), i, static_cast<std::uint32_t>(places.size())});
        std::ranges::sort(places, {}, &Place::id);
        return places;
    }

    bool cancelled() {
        const std::atomic<bool>* cancel = options_.walk.cancel;
        if (counted_.cancelled() || (cancel != nullptr && cancel->load(std::memory_order_relaxed))) report_.trace.cancelled = true;
        return report_.trace.cancelled;
    }

    void take(const Place& place) {
        const Reached& reached = report_.trace.nodes[place.in_trace];
        const Instant since = since_.empty() ? kAlways : since_[place.in_trace];
        AffectedItem item{reached.node, reached.depth, reached.certain, true, fold_.take(reached.node)};
        if (cancelled()) return;
        item.end = !is_consumed_entirely(item.stock);
        const bool seed = reached.depth == 0;
        if (seed) seeds_.emplace_back(place.in_trace, balance_of(counted_, item.stock));
        if (seed ? !seeds_.back().second.closes() : !balance_closes(counted_, item.stock)) {
            ++report_.unbalanced_items;
            digest_.add_unbalanced(place.id);
            if (!seed && report_.unbalanced.size() < kUnbalancedMax) report_.unbalanced.push_back(balance_of(counted_, item.stock));
        }
        if (since != kAlways) item.stock = stock_since(counted_, std::move(item.stock), since);
        (item.certain ? certain_ : possible_).count(item.stock, item.end);
        mentions_.count(counted_, item.node, item.certain, since);
        digest_.add(place.id, item);
        if (options_.list_items) report_.items[place.in_items] = std::move(item);
    }

    RecallReport finish() {
        report_.certain = certain_.finish();
        report_.possible = possible_.finish();
        if (report_.trace.cancelled) return std::move(report_);
        report_.documents = mentions_.documents();
        report_.parties = mentions_.parties();
        report_.digest = digest_.finish(report_);
        return std::move(report_);
    }

    const View& view_;
    const RecallOptions& options_;
    RecallReport report_;
    std::vector<Instant> since_;                                // beside the trace's nodes; none without times
    std::vector<std::pair<std::uint32_t, MassBalance>> seeds_;  // with their place in the trace
    CountedMovements counted_{view_, options_.walk.cancel};
    RollUpMaker certain_{view_, kRecallKeys};
    RollUpMaker possible_{view_, kRecallKeys};
    Mentions mentions_;
    StockFold fold_{counted_};
    RecallDigest digest_;
};

}  // namespace

RecallReport recall(const View& view, std::span<const Node> seeds, const RecallOptions& options) {
    return Recall{view, options}.run(seeds);
}

}  // namespace stemma::lineage
