#include "core/lineage/tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <stdexcept>

#include "core/lineage/packed_in.hpp"

namespace stemma::lineage {
namespace {

constexpr std::size_t kMovementsWalked = 6;  // of an item, before its last one is kept by number
constexpr std::size_t kEdgesLookedAt = 64;   // of a thing, before it is taken for one that goes its own way
constexpr std::size_t kUnitsMax = 65'536;    // 16-bit numbers; Rec 20's form allows 47,988 codes

EdgeFacts facts_of(EventNo event, EdgeKind kind, std::uint32_t amount) noexcept {
    return {event, (static_cast<std::uint32_t>(kind) << 30U) | amount};
}

}  // namespace

void Tables::begin() {
    units.intern("");                                    // UnitNo::other
    units.intern("C62");                                 // UnitNo::piece
    amounts.push_back({UnitNo::piece, kQuantityScale});  // kUnstated
}

void Tables::begin(const United& known, Sequence as_of) {
    begin();
    united.know(known, as_of);
}

void Tables::apply(Sequence sequence, const Entry& entry) {
    if (sequence < position_) return;
    sequence_ = sequence;
    if (const auto* event = std::get_if<Event>(&entry.body)) apply_event(*event);
    if (const auto* master = std::get_if<Master>(&entry.body)) apply_master(*master);
    if (const auto* meeting = std::get_if<Meeting>(&entry.body)) apply_meeting(*meeting);
    position_ = sequence + 1;
}

Node Tables::find_item(std::string_view id, const Cut& cut) const noexcept {
    std::uint32_t node = nodes.names.find(id, kItemSpace);
    if (node == kNone)
        if (const auto root = united.root_of(id, cut.as_of)) node = nodes.names.find(*root, kItemSpace);
    return node < cut.nodes ? Node{node} : Node::none;
}

std::uint32_t Tables::find_product(std::string_view id, const Cut& cut) const noexcept {
    const std::uint32_t product = products.find(id);
    if (product != kNone) return product;
    const auto root = united.root_of(id, cut.as_of);
    return root ? products.find(*root) : kNone;
}

Cut Tables::newest() const noexcept {
    return {position_, static_cast<std::uint32_t>(events.size()), static_cast<std::uint32_t>(nodes.born.size())};
}

Cut Tables::cut(Sequence as_of, const Cut& newest) const noexcept {
    if (as_of >= newest.as_of) return newest;
    const auto below = static_cast<std::uint32_t>(as_of);
    return {as_of, events.rows_below(as_of), static_cast<std::uint32_t>(nodes.born.lower_bound(below, newest.nodes))};
}

ProductNo Tables::untracked_product(Node node, const Cut& cut) const noexcept {
    if ((nodes.flags.load(slot(node)) & NodeFlags::kNamedAsProduct) == 0) return ProductNo::none;
    ProductNo product{ProductNo::none};
    {
        const std::shared_lock lock{named_mutex_};
        product = named_as_product_.at(static_cast<std::uint32_t>(node));
    }
    if (product_records.at(slot(product), cut.as_of) == nullptr) return ProductNo::none;
    return item_records.at(slot(node), cut.as_of) == nullptr ? product : ProductNo::none;
}

std::optional<Bonds::State> Tables::bond(const Pair& pair, const EdgeFacts& facts, const Cut& cut) const {
    const Pair other_way{pair.child, pair.parent, pair.kind == EdgeKind::packed ? EdgeKind::installed : EdgeKind::packed};
    std::vector<BondFact> known;
    const bool has_bond = bonds.append_facts(pair, events, cut, known);
    if (!has_bond && events.stands(facts.event, cut))
        known.push_back({facts.event, amounts[facts.amount()], true, facts.amount() == kUnstated});
    // What was taken out by name is out, whichever kind of event said so.
    std::vector<BondFact> others;
    bonds.append_facts(other_way, events, cut, others);
    std::ranges::copy_if(others, std::back_inserter(known), [](const BondFact& fact) { return !fact.adds && !fact.empties; });
    return Bonds::fold(known, events);
}

// --- numbers ---------------------------------------------------------------------------------------------------------

/// The node's edges, and those of its neighbours towards it, are from now on held to the view: it may be untracked stock.
void Tables::name_as_product(Node node, ProductNo product) {
    {
        const std::lock_guard lock{named_mutex_};
        named_as_product_.emplace(static_cast<std::uint32_t>(node), product);
    }
    nodes.flags.set_bits(slot(node), NodeFlags::kNamedAsProduct);
    const auto layers = graph.layers();
    layers->for_each_edge(node, Direction::forward, kNone, [&](EdgeNo, Node other) { check(node, other); });
    layers->for_each_edge(node, Direction::back, kNone, [&](EdgeNo, Node other) { check(other, node); });
}

Node Tables::node(std::string_view id, char space) {
    if (space == kItemSpace) id = united.root_of(id);
    const std::size_t before = nodes.names.size();
    const Node node{nodes.names.intern(id, space)};
    if (nodes.names.size() == before) return node;
    nodes.flags.push_back(space == kTransformationSpace ? NodeFlags::kTransformation : 0);
    nodes.heads.push_back(0);
    nodes.born.push_back(static_cast<std::uint32_t>(sequence_));
    if (space == kTransformationSpace) {
        transformations_.fetch_add(1, std::memory_order_relaxed);
    } else if (const std::uint32_t product = products.find(id); product != kNone) {
        name_as_product(node, ProductNo{product});
    }
    return node;
}

Node Tables::transformation_node(const Event& event) {
    if (!event.transformation.empty()) return node(event.transformation.str(), kTransformationSpace);
    if (!event.id.empty()) return node(event.id.str(), kTransformationSpace);
    return node(fmt::format("urn:stemma:entry:{}", sequence_), kTransformationSpace);
}

ProductNo Tables::product_no(const ProductId& id) {
    if (id.empty()) return ProductNo::none;
    const std::string_view root = united.root_of(id.str());
    const std::size_t before = products.size();
    const ProductNo product{products.intern(root)};
    if (products.size() == before) return product;
    if (const std::uint32_t item = nodes.names.find(root, kItemSpace); item != kNone) name_as_product(Node{item}, product);
    return product;
}

PlaceNo Tables::place_no(std::string_view id) { return id.empty() ? PlaceNo::none : PlaceNo{places.intern(id)}; }
PartyNo Tables::party_no(std::string_view id) { return id.empty() ? PartyNo::none : PartyNo{parties.intern(id)}; }

UnitNo Tables::unit_no(std::string_view unit) {
    if (units.size() == kUnitsMax && units.find(unit) == kNone) return UnitNo::other;
    return UnitNo{static_cast<std::uint16_t>(units.intern(unit))};
}

Amount Tables::amount_of(const ItemQuantity& item) {
    if (item.quantity) return {unit_no(item.quantity->unit), item.quantity->micros};
    return {UnitNo::piece, kQuantityScale};  // an instance
}

std::uint32_t Tables::amount_no(const Amount& amount) {
    const auto number = static_cast<std::uint32_t>(amounts.size());
    const auto [at, fresh] = amount_numbers_.try_emplace(amount, number);
    if (!fresh) return at->second;
    if (number > EdgeFacts::kAmountMax) throw std::length_error("the lineage index has used up its 30-bit numbers of amounts");
    amounts.push_back(amount);
    return number;
}

// --- master data -----------------------------------------------------------------------------------------------------

void Tables::apply_meeting(const Meeting& meeting) {
    const bool is_named = nodes.names.find(meeting.second, kItemSpace) != kNone || products.find(meeting.second) != kNone;
    if (united.add(meeting, static_cast<std::uint32_t>(sequence_), is_named) == United::Effect::reshaped) wants_remaking_ = true;
}

/// Of ids that name one thing the root's record counts: the label is that of the first.
void Tables::apply_master(const Master& master) {
    if (!united.empty() && united.root_of(id_of(master)) != id_of(master)) return;
    if (const auto* item = std::get_if<Item>(&master)) {
        const ItemRecord record{texts.intern(label_of(*item)), product_no(item->product), item->kind};
        const Node known = node(item->id.str(), kItemSpace);
        const bool was_one_thing = is_one_thing_now(known);
        item_records.put(slot(known), sequence_, record);
        if (!was_one_thing && is_one_thing_now(known)) go_own_way(known);
    } else if (const auto* product = std::get_if<Product>(&master)) {
        if (product->id.empty()) return;
        const ProductRecord record{texts.intern(product->sku), texts.intern(product->name), texts.intern(product->category),
                                   unit_no(product->unit), product->tracking};
        product_records.put(slot(product_no(product->id)), sequence_, record);
    } else if (const auto* place = std::get_if<Place>(&master)) {
        if (place->id.empty()) return;
        const PlaceRecord record{texts.intern(place->code), texts.intern(place->name), place_no(place->parent.str()), place->kind};
        place_records.put(slot(place_no(place->id.str())), sequence_, record);
    } else if (const auto* party = std::get_if<Party>(&master)) {
        if (party->id.empty()) return;
        party_records.put(slot(party_no(party->id.str())), sequence_, {texts.intern(party->code)});
    }
}

// --- events ----------------------------------------------------------------------------------------------------------

/// The row that counts of the events with this id, or none.
EventNo Tables::standing_event(const EventId& event) const {
    if (event.empty()) return EventNo::none;
    const std::uint32_t named = nodes.names.find(event.str(), kTransformationSpace);
    if (named != kNone && nodes.heads[named] != 0) return EventNo{nodes.heads[named] - 1};
    const std::uint32_t id = event_ids_.find(event.str());
    return id == kNone ? EventNo::none : standing_[id];
}

/// None of this id stands. An id that is a transformation's name, as nearly every transformation's is, is not kept a second time.
void Tables::set_standing(const Event& event, const EventRow& about, EventNo row) {
    if (event.id.empty()) return;
    if (event.type == EventType::transformation && event.transformation.empty()) {
        nodes.heads.edit(slot(about.anchor)) = static_cast<std::uint32_t>(row) + 1;
        return;
    }
    const std::uint32_t id = event_ids_.intern(event.id.str());
    if (id == standing_.size()) standing_.push_back(EventNo::none);
    standing_.edit(id) = row;
}

/// The edges of the event, which hang on its anchor, are from now on held to the view.
void Tables::declare_wrong(const EventId& event) {
    const EventNo row = standing_event(event);
    if (row == EventNo::none) return;
    events.declare_wrong(row, sequence_);
    const std::uint32_t named = nodes.names.find(event.str(), kTransformationSpace);
    if (named != kNone && nodes.heads[named] != 0)
        nodes.heads.edit(named) = 0;
    else
        standing_.edit(event_ids_.find(event.str())) = EventNo::none;
    const Node anchor = events.anchor(row);
    if (anchor == Node::none) return;
    const auto layers = graph.layers();
    layers->for_each_edge(anchor, Direction::forward, kNone, [&](EdgeNo edge, Node other) {
        if (layers->facts(edge).event == row) check(anchor, other);
    });
    layers->for_each_edge(anchor, Direction::back, kNone, [&](EdgeNo edge, Node other) {
        if (layers->facts(edge).event == row) check(other, anchor);
    });
}

std::vector<DocumentNo> Tables::documents_of(const Event& event) {
    std::vector<DocumentNo> numbers;
    for (const BizTransaction& document : event.documents) {
        const DocumentNo number{documents.intern(document.id.str())};
        // Sources name a document's number in some events only: what is known of it is not overwritten by nothing.
        const DocumentRecord* known = document_records.at(slot(number), kLatest);
        DocumentRecord record = known != nullptr ? *known : DocumentRecord{texts.intern(""), texts.intern("")};
        if (!document.type.empty()) record.type = texts.intern(document.type);
        if (!document.number.empty()) record.number = texts.intern(document.number);
        document_records.put(slot(number), sequence_, record);
        numbers.push_back(number);
    }
    return numbers;
}

namespace {

bool joins_or_parts(const Event& event) {
    return (event.type == EventType::aggregation || event.type == EventType::association) && event.action != Action::observe;
}

ItemRole::Role role_in(const Event& event) {
    if (event.type == EventType::transformation) return event.inputs.empty() ? ItemRole::Role::output : ItemRole::Role::input;
    const bool bonding = event.type == EventType::aggregation || event.type == EventType::association;
    return bonding ? ItemRole::Role::child : ItemRole::Role::object;
}

}  // namespace

EventRow Tables::row_of(const Event& event) {
    EventRow row{sequence_, event.time};
    if (event.type == EventType::transformation) {
        row.anchor = transformation_node(event);
        row.waste = movement_kind(event, ItemRole::Role::output) == MovementKind::wasted;
    } else if (joins_or_parts(event)) {
        row.anchor = event.parent.empty() ? Node::none : node(event.parent.str(), kItemSpace);
    }
    if (joins_or_parts(event)) {
        const std::string_view at = movement_ends(event, MovementKind::moved).to;
        row.to = place_no(at.empty() ? std::string_view{event.read_point.str()} : at);
    }
    // The ends are the same for all lines of an event, whatever their role.
    if (const auto kind = movement_kind(event, role_in(event))) {
        const MovementEnds ends = movement_ends(event, *kind);
        row.from = place_no(ends.from);
        row.to = place_no(ends.to);
        row.party = party_no(ends.party);
    }
    return row;
}

void Tables::apply_event(const Event& event) {
    if (event.error) return declare_wrong(event.id);
    if (standing_event(event.id) != EventNo::none) {
        repeated_.fetch_add(1, std::memory_order_relaxed);
        return;
    }
    const EventRow about = row_of(event);
    const EventNo row = events.add(about, documents_of(event));
    set_standing(event, about, row);

    if (event.type == EventType::transformation) return apply_transformation(event, row);
    if (joins_or_parts(event)) return apply_bond(event, row, about.anchor);
    const auto kind = movement_kind(event, role_in(event));
    if (!kind) {
        for (const ItemQuantity& item : event.items) node(item.item.str(), kItemSpace);
        if (!event.parent.empty()) node(event.parent.str(), kItemSpace);
        return;
    }
    std::vector<Node> moved;
    moved.reserve(event.items.size() + 1);
    for (const ItemQuantity& item : event.items) {
        moved.push_back(node(item.item.str(), kItemSpace));
        apply_movement(row, *kind, moved.back(), item);
    }
    if (!event.parent.empty()) {
        moved.push_back(node(event.parent.str(), kItemSpace));
        apply_movement(row, *kind, moved.back(), {event.parent, std::nullopt});
    }
    if (takes_out(*kind)) take_out(std::move(moved));
}

void Tables::apply_transformation(const Event& event, EventNo row) {
    const Node transformation = events.anchor(row);
    std::vector<Node> used;
    used.reserve(event.inputs.size());
    for (const ItemQuantity& input : event.inputs) {
        used.push_back(node(input.item.str(), kItemSpace));
        add_edge(used.back(), transformation, facts_of(row, EdgeKind::consumed, amount_no(input)));
    }
    take_out(std::move(used));
    for (const ItemQuantity& output : event.outputs)
        add_edge(transformation, node(output.item.str(), kItemSpace), facts_of(row, EdgeKind::produced, amount_no(output)));
    transforming_edges_.fetch_add(event.inputs.size() + event.outputs.size(), std::memory_order_relaxed);
}

void Tables::apply_movement(EventNo row, MovementKind kind, Node node, const ItemQuantity& item) {
    const auto number = static_cast<std::uint32_t>(movements.rows.size());
    movements.rows.push_back({row, amount_no(item), 0, kind});
    const std::uint32_t last = last_movement(node);
    std::atomic_ref<std::uint32_t>{last == 0 ? nodes.heads.edit(slot(node)) : movements.rows.edit(last - 1).next}.store(
        number + 1, std::memory_order_release);
}

/// Number + 1 of the item's last movement, 0 for none. Nearly all items have few: their lists are short to walk.
std::uint32_t Tables::last_movement(Node item) {
    const auto next = [&](std::uint32_t movement) { return movements.rows[movement - 1].next; };
    std::uint32_t last = nodes.heads[slot(item)];
    if (last == 0) return 0;
    for (std::size_t step = 0; step < kMovementsWalked && next(last) != 0; ++step) last = next(last);
    if (next(last) == 0) return last;
    std::uint32_t& kept = last_movements_.try_emplace(static_cast<std::uint32_t>(item), last).first->second;
    while (next(kept) != 0) kept = next(kept);
    return kept;
}

// --- what is in what -------------------------------------------------------------------------------------------------

void Tables::apply_bond(const Event& event, EventNo row, Node parent) {
    if (parent == Node::none) return;
    const EdgeKind kind = event.type == EventType::aggregation ? EdgeKind::packed : EdgeKind::installed;
    if (event.items.empty() && event.action == Action::remove) empty(parent, kind, row);
    for (const ItemQuantity& item : event.items) {
        const Amount amount = amount_of(item);
        join({node(item.item.str(), kItemSpace), parent, kind}, {row, amount, event.action == Action::add, !item.quantity});
    }
}

void Tables::join(const Pair& pair, const BondFact& fact) {
    const std::optional<EdgeFacts> edge = joined_.met(pair) ? joined_by(pair) : std::nullopt;
    if (edge) {
        if (!bonds.known(pair)) make_bond(pair, *edge);
        return bonds.record(pair, fact);
    }
    const bool in_another = (nodes.flags.load(slot(pair.child)) & NodeFlags::kChild) != 0;
    add_edge(pair.child, pair.parent, facts_of(fact.event, pair.kind, fact.whole ? kUnstated : amount_no(fact.amount)));
    nodes.flags.set_bits(slot(pair.child), NodeFlags::kChild);
    if ((nodes.flags.load(slot(pair.child)) & NodeFlags::kOwnWay) != 0)
        check(pair.child, pair.parent);
    else if (is_one_thing_now(pair.child) && (in_another || has_gone_out(pair.child)))
        go_own_way(pair.child);
    nodes.flags.set_bits(slot(pair.parent), NodeFlags::kParent);
    const auto emptied = emptied_.find({Node::none, pair.parent, pair.kind});
    if (emptied == emptied_.end() && fact.adds && fact.amount.micros > 0) return;  // an edge says it all
    if (emptied != emptied_.end())
        for (const EventNo event : emptied->second) bonds.record(pair, {event, {}, false, true, true});
    bonds.record(pair, fact);
    check(pair.child, pair.parent);
}

/// The edge of two that were joined before, if they were. Looks from both ends in turn, for either may have millions of edges.
std::optional<EdgeFacts> Tables::joined_by(const Pair& pair) const {
    const auto layers = graph.layers();
    EdgeWalk from_child{*layers, pair.child, Direction::forward};
    EdgeWalk from_parent{*layers, pair.parent, Direction::back};
    for (;;) {
        for (const auto& [walk, other] : {std::pair{&from_child, pair.parent}, std::pair{&from_parent, pair.child}}) {
            const auto step = walk->next();
            if (!step) return std::nullopt;
            if (step->other == other && layers->facts(step->edge).kind() == pair.kind) return layers->facts(step->edge);
        }
    }
}

/// From now on the two have more to tell than their edge does.
void Tables::make_bond(const Pair& pair, const EdgeFacts& edge) {
    bonds.record(pair, {edge.event, amounts[edge.amount()], true, edge.amount() == kUnstated});
    check(pair.child, pair.parent);
}

/// DELETE without children: everything is taken out of the parent.
void Tables::empty(Node parent, EdgeKind kind, EventNo event) {
    emptied_[{Node::none, parent, kind}].push_back(event);
    const auto layers = graph.layers();
    layers->for_each_edge(parent, Direction::back, kNone, [&](EdgeNo edge, Node child) {
        const EdgeFacts facts = layers->facts(edge);
        if (facts.kind() != kind) return;
        const Pair pair{child, parent, kind};
        if (!bonds.known(pair)) make_bond(pair, facts);
        bonds.record(pair, {event, {}, false, true, true});
    });
}

// A thing that was packed once and never touched again, or went with its unit, is an edge and nothing more. Of any other the view folds
// what it did by itself (packed_in.hpp): here it is told which things these are. To name one too many costs time alone.

bool Tables::is_one_thing_now(Node node) const noexcept {
    const ItemRecord* item = item_records.at(slot(node), kLatest);
    return item != nullptr && item->kind != ItemKind::lot;
}

/// These were used, delivered, sent back, written off or came back by one event.
void Tables::take_out(std::vector<Node> moved) {
    const auto is_plain_child = [&](Node thing) {
        return (nodes.flags.load(slot(thing)) & (NodeFlags::kChild | NodeFlags::kOwnWay)) == NodeFlags::kChild && is_one_thing_now(thing);
    };
    if (std::ranges::none_of(moved, is_plain_child)) return;
    std::ranges::sort(moved);
    for (const Node thing : moved)
        if (is_plain_child(thing) && may_be_taken_out(thing, moved)) go_own_way(thing);
}

/// Whether it was in a unit that is not among those that moved, which are in order. A thing with many edges is not looked through.
bool Tables::may_be_taken_out(Node thing, const std::vector<Node>& moved) const {
    const auto layers = graph.layers();
    EdgeWalk walk{*layers, thing, Direction::forward};
    for (std::size_t looked = 0; const auto step = walk.next(); ++looked) {
        if (looked == kEdgesLookedAt) return true;
        const EdgeKind kind = layers->facts(step->edge).kind();
        const bool bond = kind == EdgeKind::packed || kind == EdgeKind::installed;
        if (bond && !std::ranges::binary_search(moved, step->other)) return true;
    }
    return false;
}

/// Whether the thing was ever used, delivered, sent back, written off or came back.
bool Tables::has_gone_out(Node thing) const {
    const auto layers = graph.layers();
    EdgeWalk walk{*layers, thing, Direction::forward};
    for (std::size_t looked = 0; const auto step = walk.next(); ++looked)
        if (looked == kEdgesLookedAt || layers->facts(step->edge).kind() == EdgeKind::consumed) return true;
    std::size_t looked = 0;
    for (std::uint32_t next = nodes.heads[slot(thing)]; next != 0; next = movements.rows[next - 1].next, ++looked)
        if (looked == kEdgesLookedAt || takes_out(movements.rows[next - 1].kind)) return true;
    return false;
}

/// From now on each of its bonds, and those to come, are held to the view.
void Tables::go_own_way(Node thing) {
    if ((nodes.flags.load(slot(thing)) & NodeFlags::kChild) == 0) return;
    nodes.flags.set_bits(slot(thing), NodeFlags::kOwnWay);
    const auto layers = graph.layers();
    layers->for_each_edge(thing, Direction::forward, kNone, [&](EdgeNo edge, Node other) {
        const EdgeKind kind = layers->facts(edge).kind();
        if (kind == EdgeKind::packed || kind == EdgeKind::installed) check(thing, other);
    });
}

void Tables::check(Node from, Node to) {
    graph.check(from, Direction::forward);
    graph.check(to, Direction::back);
}

void Tables::add_edge(Node from, Node to, const EdgeFacts& facts) {
    graph.add(from, to, facts);
    const auto flags = static_cast<std::uint8_t>(nodes.flags.load(slot(from)) | nodes.flags.load(slot(to)));
    if ((flags & NodeFlags::kNamedAsProduct) != 0) check(from, to);
}

// --- size, snapshot --------------------------------------------------------------------------------------------------

Counts Tables::counts() const {
    const std::size_t transformations = transformations_.load(std::memory_order_relaxed);
    const std::size_t named = nodes.names.size();
    return {named - std::min(named, transformations),
            transformations,
            graph.size().edges,
            movements.rows.size() + transforming_edges_.load(std::memory_order_relaxed),
            events.size(),
            events.wrong(),
            repeated_.load(std::memory_order_relaxed)};
}

Memory Tables::memory() const {
    Memory memory;
    memory.edges = graph.size().bytes + amounts.memory_bytes() * 2 + bonds.memory_bytes() + joined_.memory_bytes();
    memory.identifiers = nodes.names.memory_bytes() + nodes.flags.memory_bytes() + nodes.born.memory_bytes();
    memory.events = events.memory_bytes() + event_ids_.memory_bytes() + standing_.memory_bytes() + documents.memory_bytes() +
                    document_records.memory_bytes();
    memory.movements = movements.rows.memory_bytes() + nodes.heads.memory_bytes() + last_movements_.size() * kMapNodeBytes;
    for (const Names* names : {&products, &places, &parties, &units, &texts}) memory.master_data += names->memory_bytes();
    memory.identifiers += united.memory_bytes();
    memory.master_data +=
        item_records.memory_bytes() + product_records.memory_bytes() + place_records.memory_bytes() + party_records.memory_bytes();
    return memory;
}

void Tables::save(SnapshotWriter& out) const {
    out.value(position_);
    out.value(std::uint64_t{transformations_.load()});
    out.value(std::uint64_t{transforming_edges_.load()});
    out.value(std::uint64_t{repeated_.load()});
    for (const Names* names : {&nodes.names, &products, &places, &parties, &documents, &units, &texts, &event_ids_}) names->save(out);
    out.column(nodes.flags);
    nodes.born.save(out);
    out.column(nodes.heads);
    out.map(last_movements_);
    graph.save(out);
    out.column(movements.rows);
    events.save(out);
    bonds.save(out);
    joined_.save(out);
    out.column(amounts);
    item_records.save(out);
    product_records.save(out);
    place_records.save(out);
    party_records.save(out);
    document_records.save(out);
    out.column(standing_);
    out.map(named_as_product_);
    united.save(out);
    out.value(std::uint64_t{emptied_.size()});
    for (const auto& [pair, list] : emptied_) {
        out.value(pair);
        out.vector(list);
    }
}

void Tables::load(SnapshotReader& in) {
    std::uint64_t transformations = 0;
    std::uint64_t transforming_edges = 0;
    std::uint64_t repeated = 0;
    in.value(position_);
    in.value(transformations);
    in.value(transforming_edges);
    in.value(repeated);
    transformations_ = transformations;
    transforming_edges_ = transforming_edges;
    repeated_ = repeated;
    for (Names* names : {&nodes.names, &products, &places, &parties, &documents, &units, &texts, &event_ids_}) names->load(in);
    in.column(nodes.flags);
    nodes.born.load(in);
    in.column(nodes.heads);
    in.map(last_movements_);
    graph.load(in, static_cast<std::uint32_t>(nodes.born.size()));
    in.column(movements.rows);
    events.load(in);
    bonds.load(in);
    joined_.load(in);
    in.column(amounts);
    for (std::uint32_t i = kUnstated + 1; i < amounts.size(); ++i) amount_numbers_.emplace(amounts[i], i);
    item_records.load(in);
    product_records.load(in);
    place_records.load(in);
    party_records.load(in);
    document_records.load(in);
    in.column(standing_);
    in.map(named_as_product_);
    united.load(in);
    const std::size_t emptied = in.count(sizeof(Pair));
    for (std::size_t i = 0; i < emptied && in.good(); ++i) {
        Pair pair;
        in.value(pair);
        in.vector(emptied_[pair]);
    }
}

}  // namespace stemma::lineage
