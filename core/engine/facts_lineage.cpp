// Facts of lineage, read from the ledger's entries around an item: those of the item, of its orders and units, of the next items, and so
// on. An index of these entries alone gives the links, so that packing, untracked stock, errors and ids that met mean what they mean in a
// trace. The live index is not asked: the writer has entries that it does not know yet.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <deque>
#include <tuple>

#include "core/base/text.hpp"
#include "core/engine/facts_reading.hpp"
#include "core/lineage/index.hpp"

namespace stemma::engine {
namespace {

Result<std::int64_t> depth_of(const std::string& text) {
    std::int64_t depth = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), depth);
    if (error != std::errc{} || end != text.data() + text.size() || depth < 1 || depth > kFactDepthMax)
        return fail(Errc::plugin, fmt::format("'{}' is no depth: a number from 1 to {}", clip(text), kFactDepthMax));
    return depth;
}

using lineage::Direction;
using lineage::Node;

/// An item that a walk came to.
struct Step {
    Node node;
    std::int64_t depth;
};

/// The shortest ways from the seed, item to item; an order in between is no step. `recorded`: never to or from untracked stock.
std::map<Node, std::int64_t> shortest(const lineage::View& view, Node seed, Direction direction, std::int64_t depth_max, bool recorded) {
    std::map<Node, std::int64_t> depths{{seed, 0}};
    std::set<Node> orders;
    std::deque<Step> waiting{{seed, 0}};
    while (!waiting.empty()) {
        const Step here = waiting.front();
        waiting.pop_front();
        if (here.depth == depth_max || (recorded && view.is_untracked(here.node))) continue;
        const auto reach = [&](Node next) {
            if (recorded && view.is_untracked(next)) return;
            if (depths.emplace(next, here.depth + 1).second) waiting.push_back({next, here.depth + 1});
        };
        view.for_each_edge(here.node, direction, [&](lineage::EdgeNo, Node other) {
            if (!view.is_transformation(other)) return reach(other);
            if (orders.insert(other).second) view.for_each_edge(other, direction, [&](lineage::EdgeNo, Node next) { reach(next); });
        });
    }
    return depths;
}

}  // namespace

class FactReader::Surroundings {
public:
    Surroundings(FactReader& reader, Direction direction) : reader_{reader}, forward_{direction == Direction::forward} {}

    /// Collects what lies within `depth` steps. Errors: Errc::too_large past a limit, those of reading.
    Result<void> collect(const std::string& item, std::int64_t depth) {
        std::set<std::string> frontier{item};
        for (std::int64_t step = 0; step < depth && !frontier.empty(); ++step) {
            std::set<std::string> next;
            for (const std::string& one : frontier)
                if (auto expanded = expand(one, &next); !expanded) return expanded;
            frontier = std::move(next);
        }
        // Whether a thing is still in its unit is said by what either of them did since, and the units that the unit was in.
        while (!bonded_.empty()) {
            const std::string one = std::move(bonded_.extract(bonded_.begin()).value());
            if (auto expanded = expand(one, nullptr); !expanded) return expanded;
        }
        return take_masters();
    }

    [[nodiscard]] const std::map<Sequence, const Entry*>& entries() const noexcept { return entries_; }

private:
    /// Takes the item's entries, and adds to `next` where they lead; none: what it is or was in is all that is wanted.
    Result<void> expand(const std::string& item, std::set<std::string>* next) {
        const auto group = reader_.known_as_.all(item);
        if (!group) return std::unexpected(group.error());
        for (const std::string& one : *group) {
            if (!expanded_.insert(one).second) continue;
            if (auto within = reader_.check_items(expanded_.size() - 1); !within) return within;
            const auto history = take(one);
            if (!history) return std::unexpected(history.error());
            for (const auto& [sequence, entry] : **history) {
                const Event* event = std::get_if<Event>(&entry.body);
                if (event == nullptr) continue;
                note_units(*event, one);
                if (next == nullptr) continue;
                if (auto followed = follow(*event, one, *next); !followed) return followed;
            }
        }
        return {};
    }

    static bool joins(const Event& event) {
        return (event.type == EventType::aggregation || event.type == EventType::association) && event.action != Action::observe;
    }

    /// What the item is or was in.
    void note_units(const Event& event, const std::string& item) {
        if (joins(event) && event.parent.str() != item && !expanded_.contains(event.parent.str())) bonded_.insert(event.parent.str());
    }

    /// Where the event leads to from the item.
    Result<void> follow(const Event& event, const std::string& item, std::set<std::string>& next) {
        const auto add = [&](const std::string& other) {
            named_.insert(other);
            if (!expanded_.contains(other)) next.insert(other);
        };
        if (joins(event)) {
            if (forward_ && event.parent.str() != item) add(event.parent.str());
            if (forward_ || event.parent.str() != item) return reader_.check_items(named_.size());
            for (const ItemQuantity& child : event.items) {
                add(child.item.str());
                if (!expanded_.contains(child.item.str())) bonded_.insert(child.item.str());
            }
        } else if (event.type == EventType::transformation) {
            const auto& there = forward_ ? event.inputs : event.outputs;
            if (std::ranges::find(there, item, [](const ItemQuantity& one) -> const std::string& { return one.item.str(); }) == there.end())
                return {};
            if (event.transformation.empty()) return take_ends(event, add);
            if (!orders_.insert(event.transformation.str()).second) return {};
            const auto history = take(event.transformation.str());
            if (!history) return std::unexpected(history.error());
            for (const auto& [sequence, entry] : **history)
                if (const Event* part = std::get_if<Event>(&entry.body))
                    if (auto taken = take_ends(*part, add); !taken) return taken;
        }
        return reader_.check_items(named_.size());
    }

    template <class Add>
    Result<void> take_ends(const Event& event, const Add& add) {
        for (const ItemQuantity& end : forward_ ? event.outputs : event.inputs) add(end.item.str());
        return reader_.check_items(named_.size());
    }

    Result<const History*> take(const std::string& id) {
        const auto history = reader_.history_of(id);
        if (!history) return history;
        for (const auto& [sequence, entry] : **history) entries_[sequence] = &entry;
        return history;
    }

    /// The newest records of all items, of their products, and of whatever the entries name that may be untracked stock.
    Result<void> take_masters() {
        std::set<std::string> ids{named_};
        ids.insert(expanded_.begin(), expanded_.end());
        for (const std::string& one : ids) {
            const auto group = reader_.known_as_.all(one);
            if (!group) return std::unexpected(group.error());
            for (const std::string& id : *group) {
                const auto master = take_master(id);
                if (!master) return std::unexpected(master.error());
                const Item* item = *master != nullptr ? std::get_if<Item>(&std::get<Master>((*master)->second.body)) : nullptr;
                if (item == nullptr) continue;
                const auto product = take_master(item->product.str());
                if (!product) return std::unexpected(product.error());
                if (auto met = take_meetings(id); !met) return met;
                if (auto met = take_meetings(item->product.str()); !met) return met;
            }
            if (auto met = take_meetings(one); !met) return met;
        }
        return {};
    }

    Result<const MasterEntry*> take_master(const std::string& id) {
        const auto master = reader_.newest_master(id);
        if (master && *master != nullptr) entries_[(*master)->first] = &(*master)->second;
        return master;
    }

    /// The entries that say that the id names the same as another.
    Result<void> take_meetings(const std::string& id) {
        const auto group = reader_.known_as_.all(id);
        if (!group) return std::unexpected(group.error());
        if (group->size() == 1) return {};
        for (const std::string& one : *group)
            if (const auto history = take(meetings_of(one)); !history) return std::unexpected(history.error());
        return {};
    }

    FactReader& reader_;
    bool forward_;
    std::map<Sequence, const Entry*> entries_;
    std::set<std::string> expanded_;  ///< ids whose entries were taken
    std::set<std::string> named_;     ///< ids that they lead to
    std::set<std::string> bonded_;    ///< units, and what is in units, whose entries are wanted as well
    std::set<std::string> orders_;
};

Result<void> FactReader::walk(const Arguments& arguments, Direction direction, FactTable& table) {
    const auto depth = depth_of(arguments.back());
    if (!depth) return std::unexpected(depth.error());
    Surroundings around{*this, direction};
    if (auto collected = around.collect(arguments.front(), *depth); !collected) return collected;
    const auto& entries = around.entries();
    lineage::IndexSettings settings;
    settings.merge_in_background = false;
    lineage::Index index{settings};
    index.read_ledger_by([&](Sequence end, const std::function<void(Sequence, const Entry&)>& take) {
        for (auto entry = entries.begin(); entry != entries.end() && entry->first < end; ++entry) take(entry->first, *entry->second);
    });
    index.hold(true);
    for (const auto& [sequence, entry] : entries) index.apply(sequence, *entry);
    index.hold(false);
    const auto view = index.view();
    const Node seed = view.find(ItemId{arguments.front()});
    if (seed == Node::none) return {};
    const auto certain = shortest(view, seed, direction, *depth, true);
    for (const auto& [node, steps] : shortest(view, seed, direction, *depth, false)) {
        if (node == seed) continue;
        const auto recorded = certain.find(node);
        const lineage::ProductNo product = view.product(node);
        table.rows.push_back({cell(view.id(node)), cell(product == lineage::ProductNo::none ? "" : view.product(product).id),
                              recorded == certain.end() ? steps : recorded->second, recorded != certain.end(),
                              cell(to_string(view.kind(node)))});
    }
    const auto place = [](const std::vector<Value>& row) {
        return std::tuple{!std::get<bool>(row[3]), std::get<std::int64_t>(row[2]), std::string_view{std::get<std::string>(row[0])}};
    };
    std::ranges::sort(table.rows, {}, place);
    return {};
}

Result<void> FactReader::lineage_ancestors(const Arguments& arguments, FactTable& table) { return walk(arguments, Direction::back, table); }

Result<void> FactReader::lineage_descendants(const Arguments& arguments, FactTable& table) {
    return walk(arguments, Direction::forward, table);
}

}  // namespace stemma::engine
