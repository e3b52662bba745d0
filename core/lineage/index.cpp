#include "core/lineage/index.hpp"

namespace stemma::lineage {

void Index::apply(Sequence sequence, const Entry& entry) {
    std::unique_lock turn{turn_};
    const std::unique_lock lock{mutex_};
    turn.unlock();
    tables_.apply(sequence, entry);
    position_.store(tables_.position(), std::memory_order_release);
}

Counts Index::counts() const {
    const View held = view();
    return tables_.counts();
}

std::size_t Index::memory_bytes() const {
    const View held = view();
    return tables_.memory_bytes();
}

View::View(const Index& index, Sequence as_of) : index_{&index}, tables_{&index.tables_} {
    const std::lock_guard turn{index.turn_};
    lock_ = std::shared_lock{index.mutex_};
    cut_ = tables_->cut(as_of);
}

MarksPool& View::marks() const noexcept { return index_->marks_; }

Node View::find(const ItemId& item) const noexcept {
    const std::uint32_t node = tables().nodes.names.find(item.str(), Tables::kItemSpace);
    return node < cut_.nodes ? Node{node} : Node::none;
}

Node View::find(const TransformationId& transformation) const noexcept {
    const std::uint32_t node = tables().nodes.names.find(transformation.str(), Tables::kTransformationSpace);
    return node < cut_.nodes ? Node{node} : Node::none;
}

std::vector<Node> View::items_of(const ProductId& product, std::size_t limit) const {
    std::vector<Node> items;
    const ProductNo wanted{tables().products.find(product.str())};
    if (wanted == ProductNo::none) return items;
    for (std::uint32_t number = 0; number < cut_.nodes && items.size() < limit; ++number) {
        const ItemRecord* item = is_transformation(Node{number}) ? nullptr : tables().item_records.at(number, cut_.as_of);
        if (item != nullptr && item->product == wanted) items.push_back(Node{number});
    }
    return items;
}

bool View::is_transformation(Node node) const noexcept { return (tables().nodes.flags[slot(node)] & NodeTable::kTransformation) != 0; }

NodeKind View::kind(Node node) const noexcept {
    if (is_transformation(node)) return NodeKind::transformation;
    if (const ItemRecord* item = tables().item_records.at(slot(node), cut_.as_of)) {
        switch (item->kind) {
            case ItemKind::serial: return NodeKind::serial;
            case ItemKind::lot: return NodeKind::lot;
            case ItemKind::logistic_unit: return NodeKind::logistic_unit;
        }
    }
    return is_untracked(node) ? NodeKind::untracked : NodeKind::unknown;
}

std::string_view View::text(std::uint32_t number) const noexcept {
    return number == kNone ? std::string_view{} : tables().texts.text(number);
}

std::string_view View::id(Node node) const noexcept { return tables().nodes.names.text(static_cast<std::uint32_t>(node)); }

std::string_view View::label(Node node) const noexcept {
    if (const ItemRecord* item = tables().item_records.at(slot(node), cut_.as_of)) return text(item->label);
    if (const ProductNo stock = tables().untracked_product(node, cut_); stock != ProductNo::none) {
        const ProductInfo info = product(stock);
        if (!info.sku.empty()) return info.sku;
        if (!info.name.empty()) return info.name;
    }
    return id(node);
}

ProductNo View::product(Node node) const noexcept {
    if (const ItemRecord* item = tables().item_records.at(slot(node), cut_.as_of)) return item->product;
    return tables().untracked_product(node, cut_);
}

Edge View::edge(EdgeNo number) const {
    const EdgeTable& all = tables().edges;
    const std::size_t i = slot(number);
    Edge edge{number, all.from[i], all.to[i], all.kind[i], Confidence::recorded, {all.unit[i], all.micros[i]}, EventNo{all.fact[i]}, 0};
    if (edge.kind == EdgeKind::packed || edge.kind == EdgeKind::installed) {
        const auto state = tables().bonds.state(all.fact[i], tables().events, cut_).value_or(Bonds::State{});
        edge.amount = state.amount;
        edge.event = state.event;
    }
    if (is_untracked(edge.from) || is_untracked(edge.to)) edge.confidence = Confidence::inferred;
    if (edge.event != EventNo::none) edge.sequence = sequence_of(edge.event);
    return edge;
}

Movement View::movement(std::uint32_t number) const noexcept {
    const MovementTable& all = tables().movements;
    const EventTable& events = tables().events;
    const EventNo event = all.event[number];
    const Sequence voided_at = events.voided_at(event);
    return {events.sequence(event),
            events.time(event),
            events.date_only(event),
            all.kind[number],
            {all.unit[number], all.micros[number]},
            all.from[number],
            all.to[number],
            all.party[number],
            events.first_document(event),
            all.transformation[number],
            event,
            voided_at < cut_.as_of ? voided_at : kNever};
}

ProductInfo View::product(ProductNo product) const noexcept {
    ProductInfo info;
    info.id = tables().products.text(static_cast<std::uint32_t>(product));
    const ProductRecord* record = tables().product_records.at(slot(product), cut_.as_of);
    if (record == nullptr) return info;
    info.sku = text(record->sku);
    info.name = text(record->name);
    info.category = text(record->category);
    info.unit = record->unit;
    info.tracking = record->tracking;
    info.known = true;
    return info;
}

PlaceInfo View::place(PlaceNo place) const noexcept {
    PlaceInfo info;
    info.id = tables().places.text(static_cast<std::uint32_t>(place));
    const PlaceRecord* record = tables().place_records.at(slot(place), cut_.as_of);
    if (record == nullptr) return info;
    info.code = text(record->code);
    info.name = text(record->name);
    info.kind = record->kind;
    info.parent = record->parent;
    info.known = true;
    return info;
}

PartyInfo View::party(PartyNo party) const noexcept {
    PartyInfo info;
    info.id = tables().parties.text(static_cast<std::uint32_t>(party));
    const PartyRecord* record = tables().party_records.at(slot(party), cut_.as_of);
    if (record == nullptr) return info;
    info.code = text(record->code);
    info.known = true;
    return info;
}

DocumentInfo View::document(DocumentNo document) const noexcept {
    DocumentInfo info;
    info.id = tables().documents.text(static_cast<std::uint32_t>(document));
    const DocumentRecord* record = tables().document_records.at(slot(document), cut_.as_of);
    if (record == nullptr) return info;
    info.type = text(record->type);
    info.number = text(record->number);
    return info;
}

std::string_view View::unit(UnitNo unit) const noexcept { return tables().units.text(static_cast<std::uint32_t>(unit)); }

}  // namespace stemma::lineage
