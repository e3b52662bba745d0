// Facts of what an item consists of: as built by its production, as maintained by repairs and exchanges since.
#include <algorithm>
#include <array>
#include <tuple>

#include "core/engine/facts_reading.hpp"

namespace stemma::engine {

/// A component put into an item or taken out of it, in one event.
struct FactReader::PartChange {
    Instant time;
    Sequence sequence{0};
    bool adds{false};  ///< at one moment what is taken out goes first
    std::string item;  ///< "" with `adds` unset: everything
    std::optional<Quantity> quantity;
    std::string event;
    std::string errand;
    bool joined{false};    ///< by an AssociationEvent; of one that empties: takes out only what such events put in
    std::size_t place{0};  ///< among those of one event, as it lists them
};

namespace {

bool is_among(std::span<const std::string> ids, const ItemQuantity& one) { return std::ranges::find(ids, one.item.str()) != ids.end(); }

bool names_any(const std::vector<ItemQuantity>& list, std::span<const std::string> ids) {
    return std::ranges::any_of(list, [&](const ItemQuantity& one) { return is_among(ids, one); });
}

}  // namespace

/// The events of an order: those that share its transformation; of an event without one itself.
Result<std::vector<FactReader::Standing>> FactReader::whole_order(const Standing& one) {
    if (one.event->transformation.empty()) return std::vector<Standing>{one};
    const std::array<std::string, 1> order{one.event->transformation.str()};
    return events_of(order);
}

/// A part that several ids name is told by the first of them.
template <class Parts>
Result<void> FactReader::name_first(Parts& parts) {
    for (auto& part : parts) {
        if (part.item.empty()) continue;
        auto first = known_as_.first(part.item);
        if (!first) return std::unexpected(first.error());
        part.item = *std::move(first);
    }
    return {};
}

Result<std::vector<FactReader::Component>> FactReader::built_of(std::span<const std::string> ids) {
    const auto own = events_of(ids);
    if (!own) return std::unexpected(own.error());
    std::map<Sequence, const Event*> taking;  // events of the orders that made it
    for (const Standing& one : *own) {
        if (!is_production(*one.event) || is_waste(*one.event) || !names_any(one.event->outputs, ids)) continue;
        const auto order = whole_order(one);
        if (!order) return std::unexpected(order.error());
        for (const Standing& part : *order) taking[part.sequence] = part.event;
    }
    std::vector<Standing> events;
    events.reserve(taking.size());
    for (const auto& [sequence, event] : taking) events.push_back({sequence, event});
    std::ranges::sort(events, {}, [](const Standing& one) { return std::tuple{one.event->time.instant, one.sequence}; });
    std::vector<Component> built;
    for (const auto& [sequence, event] : events)
        for (const ItemQuantity& input : event->inputs)
            if (!is_among(ids, input))
                built.push_back({input.item.str(), input.quantity, event->time.instant, sequence, event->id.str(), "", ""});
    if (auto named = name_first(built); !named) return fail(std::move(named));
    return built;
}

Result<std::vector<FactReader::PartChange>> FactReader::changes_of(std::span<const std::string> ids) {
    auto built = built_of(ids);
    if (!built) return std::unexpected(built.error());
    std::vector<PartChange> changes;
    for (Component& one : *built) changes.push_back({one.since, one.sequence, true, one.item, one.quantity, one.event, "", false});
    const auto change = [&](const Standing& at, bool adds, const ItemQuantity& part, bool joined) {
        changes.push_back({at.event->time.instant, at.sequence, adds, part.item.str(), part.quantity, at.event->id.str(),
                           std::string{errand_of(*at.event)}, joined});
    };
    const auto own = events_of(ids);
    if (!own) return std::unexpected(own.error());
    std::set<std::string_view> repaired;
    for (const Standing& one : *own) {
        const Event& event = *one.event;
        if (event.type == EventType::association && event.action != Action::observe && is_among(ids, {event.parent, {}})) {
            for (const ItemQuantity& child : event.items) change(one, event.action == Action::add, child, true);
            if (event.items.empty() && event.action == Action::remove) change(one, false, {}, true);
        } else if (is_taking_apart(event) &&
                   std::ranges::any_of(event.inputs, [&](const ItemQuantity& input) { return is_among(ids, input) && !input.quantity; })) {
            change(one, false, {}, false);
        } else if (is_repair(event) && repaired.insert(event.transformation.empty() ? event.id.str() : event.transformation.str()).second) {
            const auto order = whole_order(one);
            if (!order) return std::unexpected(order.error());
            const auto any = [&](auto list) {
                return std::ranges::any_of(*order, [&](const Standing& part) { return names_any(part.event->*list, ids); });
            };
            if (!any(&Event::inputs) || !any(&Event::outputs)) continue;  // a part of what is repaired, not that itself
            for (const Standing& part : *order) {
                for (const ItemQuantity& input : part.event->inputs)
                    if (!is_among(ids, input)) change(part, true, input, false);
                for (const ItemQuantity& output : part.event->outputs)
                    if (!is_among(ids, output)) change(part, false, output, false);
            }
        }
    }
    if (auto named = name_first(changes); !named) return fail(std::move(named));
    for (std::size_t i = 0; i < changes.size(); ++i) changes[i].place = i;
    std::ranges::sort(changes, {}, [](const PartChange& one) { return std::tuple{one.time, one.sequence, one.adds, one.place}; });
    return changes;
}

namespace {

/// Takes so much of a component out, what came last first; without an amount, or of one instance, all there is of it.
template <class Components>
void take_out(Components& parts, const std::string& item, std::optional<Quantity> quantity) {
    for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
        if (part->item != item) continue;
        if (quantity && part->quantity) {
            if (part->quantity->unit != quantity->unit) continue;
            const std::int64_t taken = std::min(part->quantity->micros, quantity->micros);
            part->quantity->micros -= taken;
            quantity->micros -= taken;
            if (quantity->micros == 0) break;
        } else {
            part->quantity = Quantity{0, {}};
            if (quantity) break;
        }
    }
    std::erase_if(parts, [&](const auto& part) { return part.item == item && part.quantity && part.quantity->micros == 0; });
}

}  // namespace

Result<std::vector<FactReader::Component>> FactReader::maintained_of(std::span<const std::string> ids) {
    const auto changes = changes_of(ids);
    if (!changes) return std::unexpected(changes.error());
    std::vector<Component> parts;
    std::set<std::pair<std::string_view, Sequence>> joined;  // what AssociationEvents put in
    for (const PartChange& one : *changes) {
        if (one.adds) {
            parts.push_back({one.item, one.quantity, one.time, one.sequence, one.event, one.errand, ""});
            if (one.joined) joined.emplace(one.item, one.sequence);
        } else if (!one.item.empty()) {
            take_out(parts, one.item, one.quantity);
        } else {
            std::erase_if(parts, [&](const Component& part) { return !one.joined || joined.contains({part.item, part.sequence}); });
        }
    }
    if (auto paired = pair_replaced(parts, *changes); !paired) return fail(std::move(paired));
    return parts;
}

/// Within one repair or exchange a part replaces one of the same product that was taken out; else the only one that was, where it is the
/// only one that was put in.
Result<void> FactReader::pair_replaced(std::vector<Component>& parts, const std::vector<PartChange>& changes) {
    std::map<std::string_view, std::vector<std::string>> removed;
    std::map<std::string_view, std::vector<Component*>> added;
    for (const PartChange& one : changes)
        if (!one.adds && !one.item.empty() && !one.errand.empty()) removed[one.errand].push_back(one.item);
    for (Component& part : parts)
        if (!part.errand.empty()) added[part.errand].push_back(&part);
    for (auto& [errand, out] : removed) {
        const auto in = added.find(errand);
        if (in == added.end()) continue;
        const bool single = out.size() == 1 && in->second.size() == 1;
        for (Component* part : in->second) {
            const auto product = product_of(part->item);
            if (!product) return std::unexpected(product.error());
            for (auto old = out.begin(); old != out.end(); ++old) {
                const auto was = product_of(*old);
                if (!was) return std::unexpected(was.error());
                if (*old == part->item || !(single || (*product != nullptr && *was != nullptr && (*product)->id == (*was)->id))) continue;
                part->replaced = *old;
                out.erase(old);
                break;
            }
        }
    }
    return {};
}

Result<void> FactReader::item_as_built(const Arguments& arguments, FactTable& table) {
    const auto group = known_as_.all(arguments.front());
    if (!group) return std::unexpected(group.error());
    const auto built = built_of(*group);
    if (!built) return std::unexpected(built.error());
    for (const Component& one : *built) {
        const auto product = product_of(one.item);
        if (!product) return std::unexpected(product.error());
        const bool known = *product != nullptr;
        table.rows.push_back({one.item, known ? (*product)->id.str() : std::string{}, known ? (*product)->sku : std::string{},
                              cell(one.quantity), one.event, one.since});
    }
    return {};
}

Result<void> FactReader::item_as_maintained(const Arguments& arguments, FactTable& table) {
    const auto group = known_as_.all(arguments.front());
    if (!group) return std::unexpected(group.error());
    const auto parts = maintained_of(*group);
    if (!parts) return std::unexpected(parts.error());
    for (const Component& one : *parts) {
        const auto product = product_of(one.item);
        if (!product) return std::unexpected(product.error());
        const bool known = *product != nullptr;
        table.rows.push_back({one.item, known ? (*product)->id.str() : std::string{}, known ? (*product)->sku : std::string{},
                              cell(one.quantity), one.since, one.event, one.replaced});
    }
    return {};
}

/// The items that may have got it as a part: what its orders put out, what repairs that took it in gave back, and what it was joined to.
Result<std::vector<std::string>> FactReader::possible_units(std::span<const std::string> ids) {
    const auto own = events_of(ids);
    if (!own) return std::unexpected(own.error());
    std::set<std::string> units;
    for (const Standing& one : *own) {
        const Event& event = *one.event;
        if (event.type == EventType::association && event.action == Action::add && names_any(event.items, ids))
            units.insert(event.parent.str());
        if (!(is_production(event) || is_repair(event)) || !names_any(event.inputs, ids)) continue;
        const auto order = whole_order(one);
        if (!order) return std::unexpected(order.error());
        for (const Standing& part : *order)
            for (const ItemQuantity& output : part.event->outputs)
                if (!is_among(ids, output)) units.insert(output.item.str());
        if (auto within = check_items(units.size()); !within) return fail(std::move(within));
    }
    std::set<std::string> first;  // one of the ids of each
    for (const std::string& unit : units) {
        auto known_as = known_as_.first(unit);
        if (!known_as) return std::unexpected(known_as.error());
        first.insert(*std::move(known_as));
    }
    return std::vector<std::string>(first.begin(), first.end());
}

Result<void> FactReader::item_installed_in(const Arguments& arguments, FactTable& table) {
    const auto group = known_as_.all(arguments.front());
    if (!group) return std::unexpected(group.error());
    const auto units = possible_units(*group);
    if (!units) return std::unexpected(units.error());
    struct Found {
        Instant since;
        Sequence sequence;
        std::string unit;
        std::string event;
    };
    std::vector<Found> found;
    for (const std::string& unit : *units) {
        const auto ids = known_as_.all(unit);
        if (!ids) return std::unexpected(ids.error());
        const auto parts = maintained_of(*ids);
        if (!parts) return std::unexpected(parts.error());
        const auto part = std::ranges::find_if(*parts, [&](const Component& one) { return is_among(*group, {ItemId{one.item}, {}}); });
        if (part != parts->end()) found.push_back({part->since, part->sequence, unit, part->event});
    }
    std::ranges::sort(found, {}, [](const Found& one) { return std::tuple{one.since, one.sequence, one.unit}; });
    for (const Found& one : found) table.rows.push_back({one.unit, one.since, one.event});
    return {};
}

Result<void> FactReader::item_lots(const Arguments& arguments, FactTable& table) {
    const auto group = known_as_.all(arguments.front());
    if (!group) return std::unexpected(group.error());
    const auto is_lot = [&](const std::string& id) -> Result<bool> {
        const auto items = all_newest<Item>(id);
        if (!items) return std::unexpected(items.error());
        return std::ranges::any_of(*items, [](const Item* item) { return item->kind == ItemKind::lot; });
    };
    const auto tell = [&](const std::string& id, const char* relation) -> Result<void> {
        const auto lot = is_lot(id);
        if (!lot) return std::unexpected(lot.error());
        if (std::vector<Value> row{id, std::string{relation}}; *lot && std::ranges::find(table.rows, row) == table.rows.end())
            table.rows.push_back(std::move(row));
        return {};
    };
    if (auto told = tell(group->front(), "is"); !told) return told;
    const auto parts = maintained_of(*group);
    if (!parts) return std::unexpected(parts.error());
    const auto product = product_of(group->front());
    if (!product) return std::unexpected(product.error());
    const Product* own = *product;
    for (const Component& part : *parts) {
        const auto of = product_of(part.item);
        if (!of) return std::unexpected(of.error());
        const bool same = own != nullptr && *of != nullptr && (*of)->id == own->id;
        if (auto told = tell(part.item, same ? "part_of" : "inside"); !told) return told;
    }
    return {};
}

}  // namespace stemma::engine
