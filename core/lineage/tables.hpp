// The index's tables: structure of arrays, fed entry by entry, read through index.hpp's View. No locking here.
// Nothing is ever taken out: what an entry declares wrong is marked with that entry's sequence, so that every position can be asked for.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/domain/entry.hpp"
#include "core/lineage/bonds.hpp"
#include "core/lineage/movement.hpp"
#include "core/lineage/names.hpp"
#include "core/lineage/types.hpp"

namespace stemma::lineage {

/// How much an index holds.
struct Counts {
    std::size_t items{0};
    std::size_t transformations{0};
    std::size_t edges{0};
    std::size_t movements{0};
    std::size_t events{0};
    std::size_t events_declared_wrong{0};
    std::size_t events_repeated{0};  ///< the same event id came again while it stood: not counted twice
};

/// Where each node's list begins and ends. Adjacency and movements are lists linked through parallel arrays, in ledger order.
struct ListHeads {
    std::vector<std::uint32_t> first;
    std::vector<std::uint32_t> last;

    void add_owner() {
        first.push_back(kNone);
        last.push_back(kNone);
    }
    void append(std::size_t owner, std::vector<std::uint32_t>& next, std::uint32_t element) {
        (first[owner] == kNone ? first[owner] : next[last[owner]]) = element;
        last[owner] = element;
    }
};
[[nodiscard]] inline std::size_t bytes_of(const ListHeads& heads) noexcept { return bytes_of(heads.first) + bytes_of(heads.last); }

struct NodeTable {
    Names names;
    std::vector<std::uint8_t> flags;
    std::vector<Sequence> born;  // the entry that first named it; ascending
    ListHeads out;
    ListHeads in;
    ListHeads movements;

    static constexpr std::uint8_t kTransformation = 1;
    static constexpr std::uint8_t kNamedAsProduct = 2;  // a product has the same id: untracked stock, unless master data says otherwise
};

struct EdgeTable {
    std::vector<Node> from;
    std::vector<Node> to;
    std::vector<std::uint32_t> next_out;
    std::vector<std::uint32_t> next_in;
    std::vector<std::uint32_t> fact;  // consumed, produced: the event; packed, installed: the bond
    std::vector<std::int64_t> micros;
    std::vector<UnitNo> unit;
    std::vector<EdgeKind> kind;
};

struct MovementTable {
    std::vector<EventNo> event;
    std::vector<std::int64_t> micros;
    std::vector<PlaceNo> from;
    std::vector<PlaceNo> to;
    std::vector<PartyNo> party;
    std::vector<Node> transformation;
    std::vector<std::uint32_t> next;
    std::vector<UnitNo> unit;
    std::vector<MovementKind> kind;
};

struct ItemRecord {
    std::uint32_t label{kNone};  // in Tables::texts
    ProductNo product{ProductNo::none};
    ItemKind kind{ItemKind::lot};
    friend bool operator==(const ItemRecord&, const ItemRecord&) = default;
};
struct ProductRecord {
    std::uint32_t sku{kNone};
    std::uint32_t name{kNone};
    std::uint32_t category{kNone};
    UnitNo unit{UnitNo::other};
    Tracking tracking{Tracking::none};
    friend bool operator==(const ProductRecord&, const ProductRecord&) = default;
};
struct PlaceRecord {
    std::uint32_t code{kNone};
    std::uint32_t name{kNone};
    PlaceNo parent{PlaceNo::none};
    PlaceKind kind{PlaceKind::stock};
    friend bool operator==(const PlaceRecord&, const PlaceRecord&) = default;
};
struct PartyRecord {
    std::uint32_t code{kNone};
    friend bool operator==(const PartyRecord&, const PartyRecord&) = default;
};
struct DocumentRecord {
    std::uint32_t type{kNone};
    std::uint32_t number{kNone};
    friend bool operator==(const DocumentRecord&, const DocumentRecord&) = default;
};

class Tables {
public:
    Tables();

    /// Takes in one entry. Entries come in ledger order; one below position() has been applied and is left out.
    void apply(Sequence sequence, const Entry& entry);

    [[nodiscard]] Sequence position() const noexcept { return position_; }
    [[nodiscard]] Cut cut(Sequence as_of) const noexcept;
    [[nodiscard]] Counts counts() const noexcept;
    [[nodiscard]] std::size_t memory_bytes() const noexcept;

    /// The product whose untracked stock this item node is as of the cut, or none.
    [[nodiscard]] ProductNo untracked_product(Node node, const Cut& cut) const noexcept;
    /// What a view shows of an edge, or none where the cut does not see it.
    [[nodiscard]] bool sees(std::uint32_t edge, const Cut& cut) const noexcept {
        if (edges.kind[edge] == EdgeKind::consumed || edges.kind[edge] == EdgeKind::produced)
            return events.stands(EventNo{edges.fact[edge]}, cut);
        return bonds.state(edges.fact[edge], events, cut).has_value();
    }

    // Read by View; written by apply alone.
    NodeTable nodes;
    EdgeTable edges;
    MovementTable movements;
    EventTable events;
    Bonds bonds;
    Names products;
    Names places;
    Names parties;
    Names documents;
    Names units;
    Names texts;
    History<ItemRecord> item_records;
    History<ProductRecord> product_records;
    History<PlaceRecord> place_records;
    History<PartyRecord> party_records;
    History<DocumentRecord> document_records;

    static constexpr char kItemSpace = 'i';
    static constexpr char kTransformationSpace = 't';

private:
    void apply_master(const Master& master);
    void apply_event(const Event& event);
    void apply_transformation(const Event& event, EventNo row);
    void apply_bond(const Event& event, EventNo row);
    void apply_movement(const Event& event, EventNo row, Node node, const ItemQuantity& item, ItemRole::Role role, Node transformation);
    void declare_wrong(const EventId& event);
    [[nodiscard]] std::vector<DocumentNo> documents_of(const Event& event);

    Node node(std::string_view id, char space);
    Node transformation_node(const Event& event);
    ProductNo product_no(const ProductId& id);
    PlaceNo place_no(std::string_view id);
    PartyNo party_no(std::string_view id);
    UnitNo unit_no(std::string_view unit);
    Amount amount_of(const ItemQuantity& item);
    void name_as_product(Node node, ProductNo product);
    void add_edge(Node from, Node to, EdgeKind kind, std::uint32_t fact, const Amount& amount);

    Names event_ids_;
    std::vector<EventNo> standing_;  // per event id: the row that counts, or none
    std::unordered_map<std::uint32_t, ProductNo> named_as_product_;
    Sequence position_{0};
    Sequence sequence_{0};  // of the entry being applied
    std::size_t transformations_{0};
    std::size_t repeated_{0};
};

}  // namespace stemma::lineage
