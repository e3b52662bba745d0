// The reached part of the graph as a table, taken in an order in which every input comes before what it goes into. What that order never
// gets to lies in a cycle or beyond one.
#include "core/lineage/quantities.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <unordered_map>

#include "core/lineage/containment.hpp"
#include "core/lineage/quantities_whole.hpp"

namespace stemma::lineage {
namespace {

constexpr std::size_t kCancelEvery = 1024;

/// Units of mass and volume (UN/CEFACT Recommendation 20): goods stay as much when they become other goods.
constexpr std::array<std::string_view, 19> kMeasures{"KGM", "GRM", "MGM", "MC",  "TNE", "DTN", "LBR", "ONZ", "STN", "LTN",
                                                     "LTR", "MLT", "CLT", "DLT", "HLT", "MTQ", "DMQ", "CMQ", "GLL"};

/// All lines between the same two nodes.
struct Link {
    std::uint32_t from;
    std::uint32_t to;
    EdgeKind kind;
    bool recorded;
    bool one_unit{true};  ///< all in the unit that is measured
    std::int64_t micros{0};
};

struct Cell {
    bool transformation{false};
    bool one_thing{false};
    bool seed{false};
    bool comparable{true};
    bool cyclic{true};  // until it is taken in order
    std::size_t links_in{0};
    std::size_t users{0};   // transformations that it goes into
    std::int64_t whole{0};  // the most that there ever was of it, in the unit that is measured
    std::int64_t certain{0};
    std::int64_t possible{0};
    std::int64_t at_most{0};
    bool holds{false};        // must hold a part of it
    bool all_the_same{true};  // of a transformation: everything that it takes in and puts out is of one kind, all in the unit
    std::int64_t all_in{0};   // of a transformation
    std::int64_t all_out{0};
    Node only_output{Node::none};  // of a transformation with one
};

class Measure {
public:
    Measure(const View& view, const Trace& trace, const std::atomic<bool>* cancel) : view_{view}, trace_{trace}, cancel_{cancel} {}

    Contents run() {
        Contents contents;
        contents.cancelled = !read_seeds() || !read_cells() || !read_links();
        if (contents.cancelled) return contents;
        spread_incomparable();
        take_in_order();
        for (std::uint32_t i = 0; i < cells_.size(); ++i)
            if (cells_[i].cyclic) take_cyclic(i);
        for (std::uint32_t i = 0; i < cells_.size(); ++i)
            if (!cells_[i].transformation) contents.items.push_back(content_of(i));
        return contents;
    }

private:
    [[nodiscard]] Node node(std::uint32_t place) const { return trace_.nodes[place].node; }
    [[nodiscard]] bool cancelled(std::size_t step) const {
        return step % kCancelEvery == 0 && cancel_ != nullptr && cancel_->load(std::memory_order_relaxed);
    }
    [[nodiscard]] bool is_one_thing(Node node) const { return lineage::is_one_thing(view_.kind(node)); }

    /// The seeds, and the unit and product that all have whose records tell an amount. Without a common unit nothing but serials can be
    /// told.
    bool read_seeds() {
        bool first = true;
        cells_.resize(trace_.nodes.size());
        for (std::uint32_t i = 0; i < cells_.size(); ++i) {
            if (trace_.nodes[i].depth > 0 || view_.is_transformation(node(i))) continue;
            if (cancelled(i)) return false;
            Cell& cell = cells_[i];
            cell.seed = cell.holds = true;
            if (is_one_thing(node(i))) {
                measurable_ = false;
                continue;
            }
            const Whole whole = wholes_.of(node(i));
            cell.comparable = whole.told == Whole::Told::one_unit;
            if (!cell.comparable) continue;
            take_seed(cell, whole, view_.product(node(i)), first);
            first = false;
        }
        measurable_ = measurable_ && !first;
        conserved_ = measurable_ && std::ranges::find(kMeasures, view_.unit(unit_)) != kMeasures.end();
        return true;
    }

    void take_seed(Cell& cell, const Whole& whole, ProductNo product, bool first) {
        if (first) {
            unit_ = whole.unit;
            product_ = product;
        }
        if (whole.unit != unit_) measurable_ = false;
        if (product != product_) product_ = ProductNo::none;
        cell.certain = whole.fewest;
        cell.whole = cell.possible = cell.at_most = whole.most;
        total_ = add_clamped(total_, whole.most);
    }

    /// Whether an amount of this item is of the goods that are measured.
    [[nodiscard]] bool is_same(Node item, UnitNo unit) const {
        return unit == unit_ && (conserved_ || (product_ != ProductNo::none && view_.product(item) == product_));
    }

    /// The most that there ever was of it. Where its records do not tell that in this unit, no part of it is the greater part.
    [[nodiscard]] std::int64_t whole_of(Node item) {
        const Whole whole = wholes_.of(item);
        const bool told = whole.told == Whole::Told::one_unit && whole.unit == unit_;
        return told ? whole.most : std::numeric_limits<std::int64_t>::max();
    }

    bool read_cells() {
        for (std::uint32_t i = 0; i < cells_.size(); ++i) {
            if (cancelled(i)) return false;
            Cell& cell = cells_[i];
            places_.emplace(node(i), i);
            cell.transformation = view_.is_transformation(node(i));
            if (cell.transformation) {
                read_sides(cell, node(i));
                continue;
            }
            cell.one_thing = is_one_thing(node(i));
            cell.comparable = cell.comparable && measurable_ && !cell.one_thing;
            if (!cell.one_thing && !cell.seed) cell.whole = whole_of(node(i));
        }
        return true;
    }

    void read_sides(Cell& cell, Node transformation) const {
        bool one_output = true;
        for (const Direction direction : {Direction::back, Direction::forward})
            view_.for_each_edge(transformation, direction, [&](EdgeNo number, Node item) {
                const Edge edge = view_.edge(number);
                if (edge.kind != EdgeKind::consumed && edge.kind != EdgeKind::produced) return;
                if (!is_same(item, edge.amount.unit)) cell.all_the_same = false;
                std::int64_t& side = direction == Direction::back ? cell.all_in : cell.all_out;
                side = add_clamped(side, edge.amount.micros);
                if (direction == Direction::back) return;
                if (cell.only_output != Node::none && cell.only_output != item) one_output = false;
                cell.only_output = item;
            });
        if (!one_output) cell.only_output = Node::none;
    }

    bool read_links() {
        for (std::uint32_t i = 0; i < cells_.size(); ++i) {
            if (cancelled(i)) return false;
            std::map<std::pair<std::uint32_t, EdgeKind>, Link> links;  // by where it leads, lines put together
            view_.for_each_edge(node(i), Direction::forward, [&](EdgeNo number, Node other) {
                const auto to = places_.find(other);
                if (to == places_.end()) return;
                const Edge edge = view_.edge(number);
                Link& link = links.try_emplace({to->second, edge.kind}, Link{i, to->second, edge.kind, true}).first->second;
                link.recorded = edge.confidence == Confidence::recorded;
                link.one_unit = link.one_unit && edge.amount.unit == unit_;
                link.micros = add_clamped(link.micros, edge.amount.micros);
            });
            begins_.push_back(links_.size());
            for (const auto& [key, link] : links) {
                links_.push_back(link);
                ++cells_[link.to].links_in;
                if (link.kind == EdgeKind::consumed) ++cells_[i].users;
            }
        }
        begins_.push_back(links_.size());
        return true;
    }

    [[nodiscard]] std::span<const Link> links_of(std::uint32_t place) const {
        return std::span{links_}.subspan(begins_[place], begins_[place + 1] - begins_[place]);
    }

    /// Where a way cannot be measured, nothing beyond it can.
    void spread_incomparable() {
        std::vector<std::uint32_t> open;
        const auto lose = [&](std::uint32_t place) {
            if (!cells_[place].comparable || cells_[place].seed) return;
            cells_[place].comparable = false;
            open.push_back(place);
        };
        for (std::uint32_t i = 0; i < cells_.size(); ++i) {
            if (!cells_[i].comparable) open.push_back(i);
            for (const Link& link : links_of(i)) {
                const bool out = link.kind == EdgeKind::produced;
                const bool bond = link.kind == EdgeKind::packed || link.kind == EdgeKind::installed;
                if (bond || !link.one_unit || (out && !is_same(node(link.to), unit_)) || (!out && !is_same(node(link.from), unit_)))
                    lose(link.to);
            }
        }
        while (!open.empty()) {
            const std::uint32_t place = open.back();
            open.pop_back();
            for (const Link& link : links_of(place)) lose(link.to);
        }
    }

    void take_in_order() {
        std::vector<std::uint32_t> ready;
        for (std::uint32_t i = 0; i < cells_.size(); ++i)
            if (cells_[i].links_in == 0) ready.push_back(i);
        while (!ready.empty()) {
            const std::uint32_t place = ready.back();
            ready.pop_back();
            Cell& cell = cells_[place];
            cell.cyclic = false;
            if (!cell.seed) {
                for (std::int64_t* amount : {&cell.certain, &cell.possible, &cell.at_most}) *amount = std::min(*amount, total_);
            }
            for (const Link& link : links_of(place)) {
                pass(cell, link);
                if (--cells_[link.to].links_in == 0) ready.push_back(link.to);
            }
        }
    }

    /// What one node gives to the next.
    void pass(const Cell& from, const Link& link) {
        Cell& to = cells_[link.to];
        if (to.seed) return;
        const bool sure = link.recorded && trace_.nodes[link.from].certain;
        to.at_most = add_clamped(to.at_most, std::min(from.at_most, link.micros));
        if (!sure) return;
        to.possible = add_clamped(to.possible, std::min(from.possible, link.micros));
        to.certain = add_clamped(to.certain, least(from, link));
        to.holds = to.holds || (from.holds && carries_some(from, link));
    }

    [[nodiscard]] static std::int64_t least(const Cell& from, const Link& link) {
        if (from.transformation) {
            if (!from.all_the_same || !from.comparable) return 0;
            const std::int64_t other = subtract_clamped(std::max(from.all_in, from.all_out), from.certain);
            return std::max<std::int64_t>(0, subtract_clamped(link.micros, other));
        }
        if (!from.comparable) return 0;
        if (from.seed) return link.micros;
        const std::int64_t left = subtract_clamped(from.whole, link.micros);
        return std::clamp<std::int64_t>(subtract_clamped(from.certain, std::max<std::int64_t>(0, left)), 0, link.micros);
    }

    /// Whether a part of what must be in `from` must go along this link.
    [[nodiscard]] bool carries_some(const Cell& from, const Link& link) const {
        if (link.micros <= 0) return false;
        if (from.transformation) return least(from, link) > 0 || (from.only_output == node(link.to) && !may_have_lost_it(from, link));
        if (from.one_thing) return link.kind != EdgeKind::consumed || from.users == 1;
        if (from.seed || least(from, link) > 0) return true;
        return link.one_unit && from.whole > 0 && link.micros >= from.whole;
    }

    /// Of goods that become one thing, and where amounts cannot be compared, nothing is taken to be lost.
    [[nodiscard]] bool may_have_lost_it(const Cell& transformation, const Link& link) const {
        return transformation.all_the_same && transformation.all_out < transformation.all_in && !cells_[link.to].one_thing;
    }

    /// In a cycle, or beyond one: no more than came in, and nothing is sure. Of a seed it is sure what did not come out of the cycle:
    /// goods that come back were counted again.
    void take_cyclic(std::uint32_t place) {
        Cell& cell = cells_[place];
        if (cell.seed) {
            cell.certain = std::max<std::int64_t>(0, subtract_clamped(cell.certain, came_in(place, false)));
            return;
        }
        cell.certain = 0;
        cell.holds = false;
        cell.at_most = cell.transformation ? total_ : std::min(total_, came_in(place, false));
        cell.possible = 0;
        if (trace_.nodes[place].certain) cell.possible = cell.transformation ? total_ : std::min(total_, came_in(place, true));
    }

    [[nodiscard]] std::int64_t came_in(std::uint32_t place, bool recorded) const {
        std::int64_t sum = 0;
        view_.for_each_edge(node(place), Direction::back, [&](EdgeNo number, Node other) {
            const auto from = places_.find(other);
            if (from == places_.end()) return;
            const Edge edge = view_.edge(number);
            if (recorded && (edge.confidence != Confidence::recorded || !trace_.nodes[from->second].certain)) return;
            sum = add_clamped(sum, edge.amount.micros);
        });
        return sum;
    }

    [[nodiscard]] Content content_of(std::uint32_t place) const {
        const Cell& cell = cells_[place];
        const bool sure = trace_.nodes[place].certain;
        if (cell.one_thing) return {place, true, UnitNo::piece, cell.holds ? kQuantityScale : 0, sure ? kQuantityScale : 0, kQuantityScale};
        if (!cell.comparable) return {place, false, unit_, 0, 0, 0};
        return {place, true, unit_, cell.certain, cell.possible, cell.at_most};
    }

    const View& view_;
    const Trace& trace_;
    const std::atomic<bool>* cancel_;
    CountedMovements counted_{view_};  // one for all items: what it finds of units is found once
    WholeReader wholes_{counted_};
    UnitNo unit_{UnitNo::piece};
    ProductNo product_{ProductNo::none};
    bool conserved_{false};
    bool measurable_{true};
    std::int64_t total_{0};  // the most that there ever was of all seeds
    std::vector<Cell> cells_;
    std::unordered_map<Node, std::uint32_t> places_;
    std::vector<Link> links_;  // by where they come from
    std::vector<std::size_t> begins_;
};

}  // namespace

Contents contents_of(const View& view, const Trace& trace, const std::atomic<bool>* cancel) { return Measure{view, trace, cancel}.run(); }

}  // namespace stemma::lineage
