// The index's tables: structure of arrays, fed entry by entry by one writer, read through index.hpp's View by any number of readers
// without a lock. Nothing is ever taken out: what an entry declares wrong is marked with that entry's sequence, so that every position
// can be asked for.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <shared_mutex>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/domain/entry.hpp"
#include "core/lineage/bonds.hpp"
#include "core/lineage/events.hpp"
#include "core/lineage/graph.hpp"
#include "core/lineage/movement.hpp"
#include "core/lineage/names.hpp"
#include "core/lineage/node_flags.hpp"
#include "core/lineage/packed.hpp"
#include "core/lineage/types.hpp"
#include "core/lineage/united.hpp"

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

/// How many bytes an index takes, and what for.
struct Memory {
    std::size_t edges{0};        ///< the graph: rows both ways, events and amounts of edges
    std::size_t identifiers{0};  ///< of items and transformations
    std::size_t events{0};       ///< time, places, documents, ids of events
    std::size_t movements{0};
    std::size_t master_data{0};
    [[nodiscard]] std::size_t total() const noexcept { return edges + identifiers + events + movements + master_data; }
};

struct NodeTable {
    Names names;
    Column<std::uint8_t> flags;  // NodeFlags
    Ascending<128> born;         // the entry that first named it
    /// Number + 1, 0 for none: of an item its first movement that no edge tells; of a transformation the event that stands and has the
    /// same id, which only the writer reads.
    Column<std::uint32_t> heads;
};

/// Movements that no edge tells, per item in ledger order.
struct MovementTable {
    struct Row {
        EventNo event;
        std::uint32_t amount;  // in Tables::amounts
        std::uint32_t next;    // number + 1; 0: none
        MovementKind kind;
    };
    Column<Row> rows;
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
    /// To be begun or loaded before anything else.
    explicit Tables(const GraphSettings& settings) : graph{settings, nodes.flags} {}
    void begin();  ///< empty, for the first entry
    /// The same, and the groups of ids that these entries [0, as_of) make are known from the beginning: for that position and later ones.
    void begin(const United& known, Sequence as_of);
    void load(SnapshotReader& in);

    /// Takes in one entry. Entries come in ledger order; one below position() has been applied and is left out.
    void apply(Sequence sequence, const Entry& entry);

    [[nodiscard]] Sequence position() const noexcept { return position_; }  ///< of the writer
    /// A meeting, or its end, changed what earlier entries mean: all entries are to be applied anew to new tables.
    [[nodiscard]] bool wants_remaking() const noexcept { return wants_remaking_; }
    /// The item's node, or none where none of the cut's entries names it.
    [[nodiscard]] Node find_item(std::string_view id, const Cut& cut) const noexcept;
    [[nodiscard]] std::uint32_t find_product(std::string_view id, const Cut& cut) const noexcept;  ///< kNone: unknown
    [[nodiscard]] Cut newest() const noexcept;                                                     ///< of the writer
    [[nodiscard]] Cut cut(Sequence as_of, const Cut& newest) const noexcept;
    [[nodiscard]] Counts counts() const;
    [[nodiscard]] Memory memory() const;
    void save(SnapshotWriter& out) const;

    /// The product whose untracked stock this item node is as of the cut, or none.
    [[nodiscard]] ProductNo untracked_product(Node node, const Cut& cut) const noexcept;
    /// What a view sees of a pair that was joined by this edge: none where the two are not together.
    [[nodiscard]] std::optional<Bonds::State> bond(const Pair& pair, const EdgeFacts& facts, const Cut& cut) const;

    // Read by View; written by apply alone.
    NodeTable nodes;
    Graph graph;
    MovementTable movements;
    EventTable events;
    Bonds bonds;
    Column<Amount> amounts;
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
    United united;

    static constexpr std::uint32_t kUnstated = 0;  ///< the amount of a line without one: shown as a piece
    static constexpr char kItemSpace = 'i';
    static constexpr char kTransformationSpace = 't';

private:
    void apply_master(const Master& master);
    void apply_meeting(const Meeting& meeting);
    void apply_event(const Event& event);
    void apply_transformation(const Event& event, EventNo row);
    void apply_bond(const Event& event, EventNo row, Node parent);
    void join(const Pair& pair, const BondFact& fact);
    void empty(Node parent, EdgeKind kind, EventNo event);
    void take_out(std::vector<Node> moved);
    [[nodiscard]] bool may_be_taken_out(Node thing, const std::vector<Node>& moved) const;
    [[nodiscard]] bool has_gone_out(Node thing) const;
    [[nodiscard]] bool is_one_thing_now(Node node) const noexcept;
    void go_own_way(Node thing);
    void apply_movement(EventNo row, MovementKind kind, Node node, const ItemQuantity& item);
    void declare_wrong(const EventId& event);
    [[nodiscard]] EventNo standing_event(const EventId& event) const;
    void set_standing(const Event& event, const EventRow& about, EventNo row);
    [[nodiscard]] std::uint32_t last_movement(Node item);
    [[nodiscard]] std::vector<DocumentNo> documents_of(const Event& event);

    [[nodiscard]] EventRow row_of(const Event& event);
    [[nodiscard]] std::optional<EdgeFacts> joined_by(const Pair& pair) const;
    void add_edge(Node from, Node to, const EdgeFacts& facts);
    void make_bond(const Pair& pair, const EdgeFacts& edge);
    void check(Node from, Node to);
    Node node(std::string_view id, char space);
    Node transformation_node(const Event& event);
    ProductNo product_no(const ProductId& id);
    PlaceNo place_no(std::string_view id);
    PartyNo party_no(std::string_view id);
    UnitNo unit_no(std::string_view unit);
    Amount amount_of(const ItemQuantity& item);
    std::uint32_t amount_no(const Amount& amount);
    std::uint32_t amount_no(const ItemQuantity& item) { return item.quantity ? amount_no(amount_of(item)) : kUnstated; }
    void name_as_product(Node node, ProductNo product);

    struct AmountHash {
        [[nodiscard]] std::size_t operator()(const Amount& amount) const noexcept {
            return static_cast<std::size_t>(static_cast<std::uint64_t>(amount.micros) * 0x9E3779B97F4A7C15ULL) ^
                   static_cast<std::size_t>(amount.unit);
        }
    };

    // Of the writer alone.
    Names event_ids_;                                                  // of events that name no transformation
    Column<EventNo> standing_;                                         // per such id: the row that counts, or none
    std::unordered_map<std::uint32_t, std::uint32_t> last_movements_;  // of items that have more than kMovementsWalked: number + 1; few
    std::unordered_map<Amount, std::uint32_t, AmountHash> amount_numbers_;
    PairFilter joined_;
    std::unordered_map<Pair, std::vector<EventNo>, PairHash> emptied_;  // by parent and kind (no child); few
    Sequence position_{0};
    Sequence sequence_{0};  // of the entry being applied
    bool wants_remaking_{false};

    std::unordered_map<std::uint32_t, ProductNo> named_as_product_;
    mutable std::shared_mutex named_mutex_;
    std::atomic<std::size_t> transformations_{0};
    std::atomic<std::size_t> transforming_edges_{0};  // each tells a movement: consumed, produced or wasted
    std::atomic<std::size_t> repeated_{0};
};

}  // namespace stemma::lineage
