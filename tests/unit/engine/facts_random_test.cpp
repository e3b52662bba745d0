// Facts over random ledgers, at random positions, against a naive replay of the entries: every entry is looked at for every question,
// nothing is indexed, kept or folded on. What the manual's tables say is written here once more, as plain conditions.
#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <tuple>

#include "tests/unit/engine/facts_rig.hpp"

namespace stemma::engine {
namespace {

using Ids = std::set<std::string>;

struct Told {
    Sequence sequence;
    const Event* event;
};

/// All that is known of a prefix of the ledger.
class Naive {
public:
    explicit Naive(std::vector<Entry> entries) : entries_{std::move(entries)} {
        for (Sequence at = 0; at < entries_.size(); ++at) {
            const Event* event = std::get_if<Event>(&entries_[at].body);
            if (event == nullptr || event->error) continue;
            const bool wrong = std::any_of(entries_.begin() + static_cast<std::ptrdiff_t>(at), entries_.end(), [&](const Entry& later) {
                const Event* error = std::get_if<Event>(&later.body);
                return error != nullptr && error->error && error->id == event->id;
            });
            if (!wrong) events_.push_back({at, event});
        }
        std::stable_sort(events_.begin(), events_.end(),
                         [](const Told& a, const Told& b) { return a.event->time.instant < b.event->time.instant; });
    }

    Lines history(const std::string& item) const {
        Lines lines;
        for (const Told& told : events_)
            for (const ItemRole& role : items_of(*told.event))
                if (role.item->str() == item)
                    lines.push_back(told.event->id.str() + " " + std::string{to_string(role.role)} + " " +
                                    (role.quantity != nullptr ? to_text(Value{*role.quantity}) : ""));
        return lines;
    }

    /// "kind date event".
    Lines milestones(const std::string& item) const {
        static const std::vector<std::string> kOrder{
            "made",         "received",    "stored",    "shipped",     "sold",     "delivered", "invoiced",
            "installed",    "registered",  "first_use", "transferred", "returned", "sent_back", "repair_started",
            "repair_ended", "replaced_by", "replaces",  "scrapped",    "lost",     "stolen",    "found"};
        std::vector<std::tuple<Instant, Sequence, std::size_t, std::string>> all;
        const auto add = [&](Instant time, Sequence at, const std::string& kind, const std::string& event) {
            const auto place = static_cast<std::size_t>(std::find(kOrder.begin(), kOrder.end(), kind) - kOrder.begin());
            std::string date = to_text(Value{time});
            if (date.ends_with("T00:00:00Z")) date.resize(10);
            all.emplace_back(time, at, place, kind + " " + date + " " + event);
        };
        for (const Told& told : events_)
            for (const std::string& kind : kinds(*told.event, item))
                add(told.event->time.instant, told.sequence, kind, told.event->id.str());
        for (Sequence at = 0; at < entries_.size(); ++at) {
            const CaseEvent* step = std::get_if<CaseEvent>(&entries_[at].body);
            if (step == nullptr || step->item.str() != item) continue;
            if (step->type == "repair_started" || step->type == "stolen") add(entries_[at].recorded_at, at, step->type, "");
        }
        std::sort(all.begin(), all.end());
        Lines lines;
        for (const auto& one : all) lines.push_back(std::get<3>(one));
        return lines;
    }

    Lines cases(const std::string& item, bool open, bool holding) const {
        std::vector<std::string> names;
        std::map<std::string, std::vector<const Entry*>> steps;
        for (const Entry& entry : entries_) {
            const CaseEvent* step = std::get_if<CaseEvent>(&entry.body);
            if (step == nullptr || step->item.str() != item) continue;
            if (!steps.contains(step->case_id.str())) names.push_back(step->case_id.str());
            steps[step->case_id.str()].push_back(&entry);
        }
        Lines lines;
        for (const std::string& name : names) {
            const CaseEvent& last = std::get<CaseEvent>(steps[name].back()->body);
            const bool closed = last.state == "closed";
            if (!holding && !(open && closed)) lines.push_back(fmt::format("{} | {} | {} | {}", name, last.state, last.version, closed));
            std::string since;
            for (const Entry* entry : steps[name]) {
                const CaseEvent& step = std::get<CaseEvent>(entry->body);
                const bool holds = step.fields.contains("hold") && step.fields.at("hold") == "yes" && step.state != "closed";
                if (!holds) since.clear();
                if (holds && since.empty()) since = to_text(Value{entry->recorded_at});
            }
            if (holding && !since.empty()) lines.push_back(name + " | " + since);
        }
        return lines;
    }

    /// "component quantity event", of the orders that made it.
    Lines as_built(const std::string& item) const {
        Lines lines;
        for (const Part& part : built(item)) lines.push_back(part.text());
        return lines;
    }

    Lines as_maintained(const std::string& item) const {
        Lines lines;
        for (const Part& part : maintained(item)) lines.push_back(part.text());
        return lines;
    }

    Ids installed_in(const std::string& item, const Ids& all) const {
        Ids units;
        for (const std::string& unit : all) {
            if (unit == item) continue;
            const auto parts = maintained(unit);
            if (std::any_of(parts.begin(), parts.end(), [&](const Part& part) { return part.item == item; })) units.insert(unit);
        }
        return units;
    }

private:
    struct Part {
        std::string item;
        std::int64_t micros;  ///< -1: this one
        std::string event;
        [[nodiscard]] std::string text() const {
            return item + " " + (micros < 0 ? "" : to_text(Value{Quantity{micros, "C62"}})) + " " + event;
        }
    };

    static bool names(const std::vector<ItemQuantity>& list, const std::string& item) {
        return std::any_of(list.begin(), list.end(), [&](const ItemQuantity& one) { return one.item.str() == item; });
    }

    static std::set<std::string> kinds(const Event& event, const std::string& item) {
        std::set<std::string> found;
        const bool disposed = event.disposition == "disposed";
        if (event.type == EventType::transformation) {
            const bool in = names(event.inputs, item);
            const bool out = names(event.outputs, item);
            if (out && !in && event.biz_step == "commissioning") found.insert(disposed ? "scrapped" : "made");
            if (out && !in && event.biz_step != "commissioning" && disposed) found.insert("scrapped");
            if (in && out && event.biz_step == "repairing") found.insert({"repair_started", "repair_ended"});
            return found;
        }
        const bool listed = names(event.items, item);
        if (event.type == EventType::association && event.action != Action::observe) {
            if (listed && event.action == Action::add) found.insert("installed");
            if (listed && event.action == Action::remove && disposed) found.insert("scrapped");
            return found;
        }
        if (event.type != EventType::object || !listed) return found;
        const std::string& step = event.biz_step;
        const bool returned = event.disposition == "returned";
        const bool to_party = !event.destinations.empty();
        if (step == "receiving") found.insert(returned ? "returned" : "received");
        if (step == "shipping") found.insert(returned ? "sent_back" : "shipped");
        if ((step == "shipping" && to_party && !returned) || (step == "retail_selling" && !returned)) found.insert("sold");
        if (step == "commissioning") found.insert("made");
        if (step == "destroying") found.insert("scrapped");
        if (step == "repairing") found.insert({"repair_started", "repair_ended"});
        if (step == "stock_taking" && event.action == Action::add) found.insert("found");
        if (step == "stock_taking" && event.action == Action::remove) found.insert("lost");
        return found;
    }

    /// The events of the order that this one belongs to.
    std::vector<const Event*> order_of(const Event& event) const {
        std::vector<const Event*> order;
        for (const Told& told : events_)
            if (told.event == &event || (!event.transformation.empty() && told.event->transformation == event.transformation))
                order.push_back(told.event);
        return order;
    }

    std::vector<Part> built(const std::string& item) const {
        std::set<const Event*> taking;
        for (const Told& told : events_)
            if (told.event->type == EventType::transformation && told.event->biz_step == "commissioning" &&
                told.event->disposition != "disposed" && names(told.event->outputs, item))
                for (const Event* part : order_of(*told.event)) taking.insert(part);
        std::vector<Part> parts;
        for (const Told& told : events_)
            if (taking.contains(told.event))
                for (const ItemQuantity& input : told.event->inputs)
                    if (input.item.str() != item)
                        parts.push_back({input.item.str(), input.quantity ? input.quantity->micros : -1, told.event->id.str()});
        return parts;
    }

    static void take(std::vector<Part>& parts, const std::string& item, std::int64_t micros) {
        for (std::size_t i = parts.size(); i-- > 0;) {
            if (parts[i].item != item) continue;
            if (micros < 0 || parts[i].micros < 0) {
                parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(i));
                if (micros >= 0) return;
                continue;
            }
            const std::int64_t taken = std::min(micros, parts[i].micros);
            parts[i].micros -= taken;
            micros -= taken;
            if (parts[i].micros == 0) parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(i));
            if (micros == 0) return;
        }
    }

    std::vector<Part> maintained(const std::string& item) const {
        std::set<const Event*> making;  // events of its orders and of its repairs
        std::set<const Event*> mending;
        for (const Told& told : events_) {
            if (told.event->type != EventType::transformation) continue;
            const auto order = order_of(*told.event);
            const auto any = [&](auto list) {
                return std::any_of(order.begin(), order.end(), [&](const Event* part) { return names(part->*list, item); });
            };
            if (told.event->biz_step == "commissioning" && told.event->disposition != "disposed" && names(told.event->outputs, item))
                making.insert(order.begin(), order.end());
            if (told.event->biz_step == "repairing" && any(&Event::inputs) && any(&Event::outputs)) mending.insert(told.event);
        }
        std::vector<Part> parts;
        std::vector<std::string> joined;    // "item event"
        for (const Told& told : events_) {  // by time, then the ledger
            const Event& event = *told.event;
            const auto put = [&](const ItemQuantity& one) {
                if (one.item.str() != item) parts.push_back({one.item.str(), one.quantity ? one.quantity->micros : -1, event.id.str()});
            };
            const auto out = [&](const ItemQuantity& one) {
                if (one.item.str() != item) take(parts, one.item.str(), one.quantity ? one.quantity->micros : -1);
            };
            if (mending.contains(&event)) std::for_each(event.outputs.begin(), event.outputs.end(), out);
            if (making.contains(&event) || mending.contains(&event)) std::for_each(event.inputs.begin(), event.inputs.end(), put);
            if (event.type == EventType::association && event.parent.str() == item) {
                for (const ItemQuantity& child : event.items) {
                    if (event.action == Action::add) joined.push_back(child.item.str() + " " + event.id.str());
                    if (event.action == Action::add) put(child);
                    if (event.action == Action::remove) out(child);
                }
                if (event.items.empty() && event.action == Action::remove)
                    std::erase_if(parts, [&](const Part& part) {
                        return std::find(joined.begin(), joined.end(), part.item + " " + part.event) != joined.end();
                    });
            }
            if (event.type == EventType::transformation && event.biz_step == "disassembling")
                for (const ItemQuantity& input : event.inputs)
                    if (input.item.str() == item && !input.quantity) parts.clear();
        }
        return parts;
    }

    std::vector<Entry> entries_;
    std::vector<Told> events_;  ///< that stand, by time, then in the ledger's order
};

class RandomFacts : public FactRig, public testing::TestWithParam<std::uint32_t> {
protected:
    void write(int entries) {
        for (int i = 0; i < entries; ++i) {
            clock_.advance(1 + below(3) * 86'400 * kMicrosPerSecond);
            write_one(i);
        }
    }

    int below(int n) { return static_cast<int>(dice_() % static_cast<std::uint32_t>(n)); }
    std::string any_item() { return fmt::format("urn:i:{}", below(7)); }
    /// Things are one piece each; products stand for amounts.
    ItemQuantity any() {
        if (below(4) == 0) return some(fmt::format("urn:p:{}", below(2)), 1 + below(4));
        return one(any_item());
    }
    std::vector<ItemQuantity> any_few(int least, const std::string& but = "") {
        std::vector<ItemQuantity> list;
        for (int n = least + below(3); n > 0; --n) {
            const ItemQuantity next = any();
            const bool known = std::ranges::any_of(list, [&](const ItemQuantity& other) { return other.item == next.item; });
            if (!known && next.item.str() != but) list.push_back(next);
        }
        return list;
    }

    void write_one(int number) {
        const std::string id = fmt::format("urn:e:{}", number);
        const int day = below(40);
        if (below(8) == 0 && !events_.empty()) {
            const auto at = static_cast<std::size_t>(below(static_cast<int>(events_.size())));
            wrong(events_[at]);
            events_.erase(events_.begin() + static_cast<std::ptrdiff_t>(at));
            return;
        }
        switch (below(9)) {
            case 0: {
                static const std::vector<std::string> kSteps{"commissioning", "repairing", "disassembling"};
                const int kind = below(5) % 3;
                Event event = made(id, day, fmt::format("urn:t:{}{}", kind, below(4)), any_few(0), any_few(0),
                                   kSteps.at(static_cast<std::size_t>(kind)));
                if (kind == 1 && below(2) == 0) event.outputs = event.inputs;
                if (below(8) == 0) event.disposition = "disposed";
                return keep(event);
            }
            case 1: return keep(made(id, day, "urn:t:0" + std::to_string(below(4)), any_few(1), {one(any_item())}));
            case 2: {
                const std::string parent = any_item();
                Event event = joined(id, day, below(3) == 0 ? Action::remove : Action::add, parent, any_few(1, parent));
                if (event.action == Action::remove && below(4) == 0) event.items.clear();
                if (below(6) == 0) event.disposition = "disposed";
                return keep(event);
            }
            case 3: {
                const std::string parent = fmt::format("urn:box:{}", below(3));
                return keep(joined(id, day, below(3) == 0 ? Action::remove : Action::add, parent, any_few(1), EventType::aggregation));
            }
            case 4:
            case 5: {
                static const std::vector<std::string> kSteps{"receiving",  "shipping",  "retail_selling", "commissioning",
                                                             "destroying", "repairing", "stock_taking",   "inspecting"};
                Event event = FactRig::event(id, day, kSteps.at(static_cast<std::size_t>(below(8))), any_few(1));
                event.action = std::array{Action::add, Action::observe, Action::remove}.at(static_cast<std::size_t>(below(3)));
                if (below(3) == 0) event.disposition = "returned";
                if (below(2) == 0) event.destinations = {{"possessing_party", "urn:c:1"}};
                return keep(event);
            }
            case 6:
            case 7: return write_case();
            default:
                if (below(2) == 0)
                    record(product(fmt::format("urn:p:{}", below(2)), "P", Tracking::none));
                else
                    record(item(any_item(), below(2) == 0 ? ItemKind::serial : ItemKind::lot, "urn:p:9"));
        }
    }
    void keep(const Event& event) {
        record(event);
        events_.push_back(event);
    }
    void write_case() {
        const std::string name = fmt::format("rma-{}", below(4));
        auto& [item, version] = cases_[name];
        if (version == 0) item = any_item();
        static const std::vector<std::string> kTypes{"moved", "repair_started", "stolen", "looked"};
        static const std::vector<std::string> kStates{"open", "held", "closed"};
        Attributes fields;
        if (below(2) == 0) fields["hold"] = below(3) == 0 ? "no" : "yes";
        step(name, item, ++version, kTypes.at(static_cast<std::size_t>(below(4))), kStates.at(static_cast<std::size_t>(below(3))), fields);
    }

    std::vector<Entry> entries(Sequence end) {
        std::vector<Entry> all;
        for (Sequence at = 0; at < end; ++at) all.push_back(entry(at));
        return all;
    }

    /// Chosen columns, joined by one blank each.
    Lines columns(const std::string& name, std::vector<std::string> arguments, Sequence position, const std::vector<std::string>& wanted,
                  const char* between = " ") {
        const auto table = fact(name, std::move(arguments), position);
        EXPECT_TRUE(table) << table.error().text();
        Lines lines;
        for (std::size_t row = 0; row < table->rows.size(); ++row) {
            std::string line;
            for (const std::string& column : wanted) {
                std::string text = to_text(table->at(row, column));
                if (text.ends_with("T00:00:00Z") && column != "since") text.resize(10);
                line += (column == wanted.front() ? "" : between) + text;
            }
            lines.push_back(line);
        }
        return lines;
    }

    /// Every item within so many steps and whether it is certain, from the whole index, by relaxing every link again and again.
    Lines reachable(const std::string& item, lineage::Direction direction, std::int64_t depth_max, Sequence position) {
        const auto view = index_.view(position);
        const lineage::Node seed = view.find(ItemId{item});
        if (seed == lineage::Node::none) return {};
        std::set<std::tuple<lineage::Node, lineage::Node, bool>> links;  // item to item
        const auto reach = [&](lineage::Node from, auto&& visit) {
            view.for_each_edge(from, direction, [&](lineage::EdgeNo, lineage::Node to) { visit(to); });
        };
        for (std::uint32_t number = 0; number < view.node_count(); ++number) {
            const lineage::Node from{number};
            if (view.is_transformation(from)) continue;
            const auto add = [&](lineage::Node to) { links.emplace(from, to, !view.is_untracked(from) && !view.is_untracked(to)); };
            reach(from, [&](lineage::Node to) { view.is_transformation(to) ? reach(to, add) : add(to); });
        }
        const auto depths = [&](bool recorded) {
            std::map<lineage::Node, std::int64_t> found{{seed, 0}};
            for (std::int64_t depth = 1; depth <= depth_max; ++depth)
                for (const auto& [from, to, certain] : links)
                    if ((certain || !recorded) && found.contains(from) && found.at(from) == depth - 1) found.emplace(to, depth);
            return found;
        };
        const auto certain = depths(true);
        Lines lines;
        for (const auto& [node, depth] : depths(false)) {
            if (node == seed) continue;
            const bool sure = certain.contains(node);
            lines.push_back(fmt::format("{} {} {} {}", view.id(node), sure ? certain.at(node) : depth, sure, to_string(view.kind(node))));
        }
        std::ranges::sort(lines);
        return lines;
    }

    void compare(Sequence position) {
        const Naive naive{entries(position)};
        Ids all;
        for (int i = 0; i < 7; ++i) all.insert(fmt::format("urn:i:{}", i));
        Ids parts = all;
        parts.insert({"urn:p:0", "urn:p:1"});
        for (const std::string& item : parts) {
            SCOPED_TRACE(fmt::format("{} at {}", item, position));
            EXPECT_EQ(columns("item.history", {item}, position, {"event", "role", "quantity"}), naive.history(item));
            EXPECT_EQ(columns("item.as_built", {item}, position, {"component", "quantity", "event"}), naive.as_built(item));
            EXPECT_EQ(columns("item.as_maintained", {item}, position, {"component", "quantity", "event"}), naive.as_maintained(item));
            const Lines in = columns("item.installed_in", {item}, position, {"parent"});
            EXPECT_EQ(Ids(in.begin(), in.end()), naive.installed_in(item, parts));
            if (!all.contains(item)) continue;
            Lines milestones;
            for (const std::string& line : columns("item.milestones", {item}, position, {"kind", "time", "event"}))
                milestones.push_back(line);
            EXPECT_EQ(milestones, naive.milestones(item));
            EXPECT_EQ(columns("item.cases", {item}, position, {"case", "state", "version", "closed"}, " | "),
                      naive.cases(item, false, false));
            EXPECT_EQ(columns("case.open", {item}, position, {"case", "state", "version", "closed"}, " | "),
                      naive.cases(item, true, false));
            EXPECT_EQ(columns("item.holds", {item}, position, {"case", "since"}, " | "), naive.cases(item, false, true));
            compare_lineage(item, position);
        }
    }

    void compare_lineage(const std::string& item, Sequence position) {
        for (const auto& [name, direction] :
             {std::pair{"lineage.ancestors", lineage::Direction::back}, {"lineage.descendants", lineage::Direction::forward}}) {
            for (const std::int64_t depth : {1, 2, 9}) {
                Lines told = columns(name, {item, std::to_string(depth)}, position, {"item", "depth", "certain", "kind"});
                std::ranges::sort(told);
                EXPECT_EQ(told, reachable(item, direction, depth, position)) << name << " " << depth;
            }
        }
    }

    std::mt19937 dice_{GetParam()};
    std::vector<Event> events_;  ///< not declared wrong yet
    std::map<std::string, std::pair<std::string, std::uint64_t>> cases_;
};

TEST_P(RandomFacts, are_those_of_a_naive_replay_at_any_position) {
    write(30 + below(40));
    const Sequence end = size();
    compare(end);
    for (int i = 0; i < 3; ++i) compare(static_cast<Sequence>(below(static_cast<int>(end))));
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomFacts, testing::Range(1U, 41U));

}  // namespace
}  // namespace stemma::engine
