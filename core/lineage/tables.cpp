#include "core/lineage/tables.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace stemma::lineage {
namespace {

constexpr std::size_t kUnitsMax = 65'536;  // 16-bit numbers; Rec 20's form allows 47,988 codes

template <class... Vectors>
std::size_t bytes_of_all(const Vectors&... vectors) {
    return (bytes_of(vectors) + ...);
}

}  // namespace

Tables::Tables() {
    units.intern("");     // UnitNo::other
    units.intern("C62");  // UnitNo::piece
}

void Tables::apply(Sequence sequence, const Entry& entry) {
    if (sequence < position_) return;
    sequence_ = sequence;
    if (const auto* event = std::get_if<Event>(&entry.body)) apply_event(*event);
    if (const auto* master = std::get_if<Master>(&entry.body)) apply_master(*master);
    position_ = sequence + 1;
}

Cut Tables::cut(Sequence as_of) const noexcept {
    const Sequence below = std::min(as_of, position_);
    const auto known = std::ranges::lower_bound(nodes.born, below) - nodes.born.begin();
    return {below, events.rows_below(below), static_cast<std::uint32_t>(known)};
}

ProductNo Tables::untracked_product(Node node, const Cut& cut) const noexcept {
    if ((nodes.flags[slot(node)] & NodeTable::kNamedAsProduct) == 0) return ProductNo::none;
    const ProductNo product = named_as_product_.at(static_cast<std::uint32_t>(node));
    if (product_records.at(slot(product), cut.as_of) == nullptr) return ProductNo::none;
    return item_records.at(slot(node), cut.as_of) == nullptr ? product : ProductNo::none;
}

// --- numbers ---------------------------------------------------------------------------------------------------------

void Tables::name_as_product(Node node, ProductNo product) {
    nodes.flags[slot(node)] |= NodeTable::kNamedAsProduct;
    named_as_product_.emplace(static_cast<std::uint32_t>(node), product);
}

Node Tables::node(std::string_view id, char space) {
    const std::size_t before = nodes.names.size();
    const Node node{nodes.names.intern(id, space)};
    if (nodes.names.size() == before) return node;
    nodes.flags.push_back(space == kTransformationSpace ? NodeTable::kTransformation : 0);
    nodes.born.push_back(sequence_);
    for (ListHeads* heads : {&nodes.out, &nodes.in, &nodes.movements}) heads->add_owner();
    if (space == kTransformationSpace) {
        ++transformations_;
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
    const std::size_t before = products.size();
    const ProductNo product{products.intern(id.str())};
    if (products.size() == before) return product;
    if (const std::uint32_t item = nodes.names.find(id.str(), kItemSpace); item != kNone) name_as_product(Node{item}, product);
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

// --- master data -----------------------------------------------------------------------------------------------------

void Tables::apply_master(const Master& master) {
    if (const auto* item = std::get_if<Item>(&master)) {
        const ItemRecord record{texts.intern(label_of(*item)), product_no(item->product), item->kind};
        item_records.put(slot(node(item->id.str(), kItemSpace)), sequence_, record);
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

void Tables::declare_wrong(const EventId& event) {
    const std::uint32_t id = event_ids_.find(event.str());
    if (id == kNone || standing_[id] == EventNo::none) return;
    events.declare_wrong(standing_[id], sequence_);
    standing_[id] = EventNo::none;
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

void Tables::apply_event(const Event& event) {
    if (event.error) return declare_wrong(event.id);
    std::uint32_t id = kNone;
    if (!event.id.empty()) {
        id = event_ids_.intern(event.id.str());
        if (id == standing_.size()) standing_.push_back(EventNo::none);
        if (standing_[id] != EventNo::none) {
            ++repeated_;
            return;
        }
    }
    const EventNo row = events.add(sequence_, event.time, documents_of(event));
    if (id != kNone) standing_[id] = row;

    if (event.type == EventType::transformation) return apply_transformation(event, row);
    const bool bonding = event.type == EventType::aggregation || event.type == EventType::association;
    if (bonding && event.action != Action::observe) return apply_bond(event, row);
    const auto role = bonding ? ItemRole::Role::child : ItemRole::Role::object;
    for (const ItemQuantity& item : event.items) apply_movement(event, row, node(item.item.str(), kItemSpace), item, role, Node::none);
    if (!event.parent.empty())
        apply_movement(event, row, node(event.parent.str(), kItemSpace), {event.parent, std::nullopt}, ItemRole::Role::parent, Node::none);
}

void Tables::apply_transformation(const Event& event, EventNo row) {
    const Node transformation = transformation_node(event);
    for (const ItemQuantity& input : event.inputs) {
        const Node item = node(input.item.str(), kItemSpace);
        add_edge(item, transformation, EdgeKind::consumed, static_cast<std::uint32_t>(row), amount_of(input));
        apply_movement(event, row, item, input, ItemRole::Role::input, transformation);
    }
    for (const ItemQuantity& output : event.outputs) {
        const Node item = node(output.item.str(), kItemSpace);
        add_edge(transformation, item, EdgeKind::produced, static_cast<std::uint32_t>(row), amount_of(output));
        apply_movement(event, row, item, output, ItemRole::Role::output, transformation);
    }
}

void Tables::apply_bond(const Event& event, EventNo row) {
    if (event.parent.empty()) return;
    const EdgeKind kind = event.type == EventType::aggregation ? EdgeKind::packed : EdgeKind::installed;
    const Node parent = node(event.parent.str(), kItemSpace);
    if (event.items.empty() && event.action == Action::remove) bonds.record_emptied(parent, kind, row);
    for (const ItemQuantity& item : event.items) {
        const Node child = node(item.item.str(), kItemSpace);
        const Amount amount = amount_of(item);
        std::uint32_t bond = bonds.find(child, parent, kind);
        if (bond == kNone) {
            bond = bonds.add(child, parent, kind);
            add_edge(child, parent, kind, bond, amount);
        }
        bonds.record(bond, {row, amount, event.action == Action::add, !item.quantity});
    }
}

void Tables::add_edge(Node from, Node to, EdgeKind kind, std::uint32_t fact, const Amount& amount) {
    const auto edge = static_cast<std::uint32_t>(edges.from.size());
    edges.from.push_back(from);
    edges.to.push_back(to);
    edges.next_out.push_back(kNone);
    edges.next_in.push_back(kNone);
    edges.fact.push_back(fact);
    edges.micros.push_back(amount.micros);
    edges.unit.push_back(amount.unit);
    edges.kind.push_back(kind);
    nodes.out.append(slot(from), edges.next_out, edge);
    nodes.in.append(slot(to), edges.next_in, edge);
}

void Tables::apply_movement(const Event& event, EventNo row, Node node, const ItemQuantity& item, ItemRole::Role role,
                            Node transformation) {
    const std::optional<MovementKind> kind = movement_kind(event, role);
    if (!kind) return;
    const MovementEnds ends = movement_ends(event, *kind);
    const Amount amount = amount_of(item);
    const auto element = static_cast<std::uint32_t>(movements.event.size());
    movements.event.push_back(row);
    movements.micros.push_back(amount.micros);
    movements.from.push_back(place_no(ends.from));
    movements.to.push_back(place_no(ends.to));
    movements.party.push_back(party_no(ends.party));
    movements.transformation.push_back(transformation);
    movements.next.push_back(kNone);
    movements.unit.push_back(amount.unit);
    movements.kind.push_back(*kind);
    nodes.movements.append(slot(node), movements.next, element);
}

// --- size ------------------------------------------------------------------------------------------------------------

Counts Tables::counts() const noexcept {
    return {nodes.names.size() - transformations_,
            transformations_,
            edges.from.size(),
            movements.event.size(),
            events.size(),
            events.wrong(),
            repeated_};
}

std::size_t Tables::memory_bytes() const noexcept {
    std::size_t bytes =
        bytes_of_all(nodes.flags, nodes.born, nodes.out, nodes.in, nodes.movements, edges.from, edges.to, edges.next_out, edges.next_in,
                     edges.fact, edges.micros, edges.unit, edges.kind, movements.event, movements.micros, movements.from, movements.to,
                     movements.party, movements.transformation, movements.next, movements.unit, movements.kind, standing_);
    for (const Names* names : {&nodes.names, &products, &places, &parties, &documents, &units, &texts, &event_ids_})
        bytes += names->memory_bytes();
    return bytes + events.memory_bytes() + bonds.memory_bytes() + item_records.memory_bytes() + product_records.memory_bytes() +
           place_records.memory_bytes() + party_records.memory_bytes() + document_records.memory_bytes() +
           named_as_product_.size() * kMapNodeBytes;
}

}  // namespace stemma::lineage
