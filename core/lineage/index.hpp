// The index: one writer feeds it entry by entry in ledger order, any number of readers take views. A reader never waits for the writer
// nor for a merge, and the writer never for a reader: a view keeps the layers it was made from, and its cut hides what came later.
// Merges run in a thread of the index's own. A snapshot file makes a start a read instead of a replay.
#pragma once

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "core/base/mac.hpp"
#include "core/domain/entry.hpp"
#include "core/lineage/graph.hpp"
#include "core/lineage/marks.hpp"
#include "core/lineage/movement.hpp"
#include "core/lineage/packed_in.hpp"
#include "core/lineage/tables.hpp"
#include "core/lineage/types.hpp"

namespace stemma::lineage {

class Index;

/// A consistent look at the index. Costs next to nothing to make, to copy and to keep; what it keeps alive are the edges' layers of its
/// moment. One thread at a time; copies are of their own. Texts it gives are valid as long as a view of its tables is held: of its own
/// position or a later one, up to the next meeting that changes what earlier entries mean. So do numbers of nodes, events and master
/// data; those of edges are of this view and its copies alone.
class View {
public:
    /// Entries [0, as_of) count.
    [[nodiscard]] Sequence as_of() const noexcept { return cut_.as_of; }

    // Finding. Node::none for what no entry below as_of names.
    [[nodiscard]] Node find(const ItemId& item) const noexcept;
    [[nodiscard]] Node find(const TransformationId& transformation) const noexcept;  ///< or the event's id, where it has no other
    /// The first `limit` items of a product, its untracked stock not among them. Looks at every node: for a person's question alone.
    [[nodiscard]] std::vector<Node> items_of(const ProductId& product, std::size_t limit) const;

    // Nodes.
    [[nodiscard]] std::size_t node_count() const noexcept { return cut_.nodes; }  ///< nodes are numbered [0, node_count)
    [[nodiscard]] NodeKind kind(Node node) const noexcept;
    [[nodiscard]] bool is_transformation(Node node) const noexcept {
        return (tables().nodes.flags.load(slot(node)) & NodeFlags::kTransformation) != 0;
    }
    [[nodiscard]] bool is_untracked(Node node) const noexcept { return tables().untracked_product(node, cut_) != ProductNo::none; }
    [[nodiscard]] std::string_view id(Node node) const noexcept;
    /// For whoever reads many ids in a row: Names::fetch_place(), fetch_text() and text().
    void fetch_id_place(Node node) const noexcept { tables().nodes.names.fetch_place(static_cast<std::uint32_t>(node)); }
    [[nodiscard]] Names::Fetched fetch_id(Node node) const noexcept {
        return tables().nodes.names.fetch_text(static_cast<std::uint32_t>(node));
    }
    [[nodiscard]] static std::string_view id(Names::Fetched fetched) noexcept { return Names::text(fetched); }
    [[nodiscard]] std::string_view label(Node node) const noexcept;  ///< first identifier, else the product's sku or name, else the id
    [[nodiscard]] ProductNo product(Node node) const noexcept;       ///< none for a transformation or an unknown item

    // Edges, in ledger order.
    /// Calls visit(EdgeNo, Node other) for each edge that holds: its out-edges going forward, its in-edges going back.
    template <class Visit>
    void for_each_edge(Node node, Direction direction, Visit&& visit) const {
        const bool plain = !is_checked(node, direction);
        layers_->for_each_edge(node, direction, cut_.events, [&](EdgeNo edge, Node other) {
            if (plain || sees(edge, node, other, direction)) visit(edge, other);
        });
    }
    [[nodiscard]] Edge edge(EdgeNo edge) const;  ///< one that for_each_edge gave

    // Movements and events.
    /// Calls visit(const Movement&) for each movement of an item, in ledger order. `with_voided`: also those of events declared wrong.
    template <class Visit>
    void for_each_movement(Node node, Visit&& visit, bool with_voided = false) const {
        for (MovementWalk walk{*this, node}; const std::optional<Movement> movement = walk.next();)
            if (with_voided || tables().events.stands(movement->event, cut_)) visit(*movement);
    }
    [[nodiscard]] std::vector<DocumentNo> documents_of(EventNo event) const { return tables().events.documents(event); }
    [[nodiscard]] Sequence sequence_of(EventNo event) const noexcept { return tables().events.sequence(event); }

    // Master data as of the view. The number must not be `none`.
    [[nodiscard]] ProductInfo product(ProductNo product) const noexcept;
    [[nodiscard]] PlaceInfo place(PlaceNo place) const noexcept;
    [[nodiscard]] PartyInfo party(PartyNo party) const noexcept;
    [[nodiscard]] DocumentInfo document(DocumentNo document) const noexcept;
    [[nodiscard]] std::string_view unit(UnitNo unit) const noexcept;

    /// For walks: marks and queues.
    [[nodiscard]] const WalkRoom& room() const noexcept;
    /// The edges as they lie in memory, for walks that go by the million (reach.hpp).
    [[nodiscard]] const Layers& layers() const noexcept { return *layers_; }
    [[nodiscard]] std::uint32_t events_end() const noexcept { return cut_.events; }  ///< events below may be seen
    /// What is known of the node at a glance: NodeFlags.
    [[nodiscard]] std::uint8_t flags(Node node) const noexcept { return tables().nodes.flags.load(slot(node)); }
    /// Whether edges of the node in this direction must be asked for with sees(). To be asked after the edges were found.
    [[nodiscard]] bool is_checked(Node node, Direction direction) const noexcept {
        const std::uint8_t flag = direction == Direction::forward ? NodeFlags::kCheckForward : NodeFlags::kCheckBack;
        return (flags(node) & flag) != 0;
    }
    [[nodiscard]] bool sees(EdgeNo edge, Node node, Node other, Direction direction) const;

    [[nodiscard]] Instant time_of(EventNo event) const noexcept { return tables().events.time(event); }
    /// Only the date of the event is known: time_of() is its first moment.
    [[nodiscard]] bool date_only(EventNo event) const noexcept { return tables().events.date_only(event); }

    // What is in what.
    /// Whether an event ever packed or installed the node in something, or something in it. Also true for events that the view cannot see.
    [[nodiscard]] bool may_be_in(Node node) const noexcept { return has_flag(node, NodeFlags::kChild); }
    [[nodiscard]] bool may_hold(Node node) const noexcept { return has_flag(node, NodeFlags::kParent); }
    /// Whether an event that the view can see, declared wrong or not, joined something to the node or parted it. Walks its edges.
    [[nodiscard]] bool has_held(Node node) const;
    /// Appends every event's fact that joined or parted the two ends of a packed or installed edge of layers(), in ledger order.
    void append_bond_facts(EdgeNo edge, Node child, Node parent, std::vector<BondFact>& out) const;
    /// Where an event that joined or parted items took place: its bizLocation, else its readPoint; none where it does not say.
    [[nodiscard]] PlaceNo place_of_bond(EventNo event) const noexcept { return tables().events.to(event); }

private:
    friend class Index;
    View(const Index& index, Sequence as_of);

    /// An item's movements in ledger order: those that edges tell, and the others.
    class MovementWalk {
    public:
        MovementWalk(const View& view, Node node);
        [[nodiscard]] std::optional<Movement> next();

    private:
        std::optional<EdgeWalk::Step> next_of(EdgeWalk& walk, EdgeKind kind) const;
        [[nodiscard]] std::uint32_t event_of(const std::optional<EdgeWalk::Step>& step) const noexcept;

        const View& view_;
        EdgeWalk consumed_walk_;
        EdgeWalk produced_walk_;
        std::optional<EdgeWalk::Step> consumed_;
        std::optional<EdgeWalk::Step> produced_;
        std::uint32_t row_;  // of the others: number + 1 of the next
    };

    [[nodiscard]] const Tables& tables() const noexcept { return *tables_; }
    [[nodiscard]] bool has_flag(Node node, std::uint8_t flag) const noexcept { return (tables().nodes.flags.load(slot(node)) & flag) != 0; }
    [[nodiscard]] Movement movement(EventNo event, MovementKind kind, std::uint32_t amount) const noexcept;
    [[nodiscard]] std::string_view text(std::uint32_t number) const noexcept;
    /// Whether and how the two are together now, by an edge that packed or installed the one in the other.
    [[nodiscard]] std::optional<Bonds::State> bond(Node child, Node parent, const EdgeFacts& facts) const;

    const Index* index_;
    std::shared_ptr<const Tables> tables_;
    Cut cut_;
    std::shared_ptr<const Layers> layers_;
    mutable PackedIn packed_in_;
};

/// Hands the ledger's entries [0, end) over, in order. Throws what std::exception is where it cannot.
using ReadLedger = std::function<void(Sequence end, const std::function<void(Sequence, const Entry&)>& take)>;

struct IndexSettings {
    GraphSettings graph;
    bool merge_in_background{true};  ///< false: only merge() merges
};

/// What a snapshot file says of itself.
struct SnapshotInfo {
    Sequence position{0};  ///< entries below are in it
    std::string ledger;    ///< what the ledger was at that position, as its owner put it: origin and root
};

class Index {
public:
    explicit Index(const IndexSettings& settings = {});
    ~Index();
    Index(const Index&) = delete;
    Index& operator=(const Index&) = delete;

    /// Takes in the next entry of the ledger. One thread at a time. Never refuses an entry: what has no meaning for lineage only moves
    /// the position, and one below position() is left out. Throws std::length_error past 2^32 - 2 names of a kind, and std::bad_alloc.
    void apply(Sequence sequence, const Entry& entry);

    /// Entries below `as_of` count; past position() means all. Any thread. Of a position before a meeting that changed what earlier
    /// entries mean the ledger is read, which takes long; throws what ReadLedger does.
    [[nodiscard]] View view(Sequence as_of = kLatest) const { return View{*this, as_of}; }
    /// The position from which on a view is at hand at once.
    [[nodiscard]] Sequence at_hand_from() const { return tables()->united.known_below(); }

    /// Where the entries are read from when ids that were named before turn out to be one. Before the first entry. Without it they stay
    /// two. Reads on the thread that applies, and on those that ask for old positions.
    void read_ledger_by(ReadLedger read) { read_ledger_ = std::move(read); }
    /// While `held`, meetings that want the tables made anew wait, and so does what is to be seen of the entries from there on. The thread
    /// that applies.
    void hold(bool held);

    [[nodiscard]] Sequence position() const noexcept { return position_.load(std::memory_order_acquire); }  ///< the next it expects
    [[nodiscard]] Counts counts() const { return tables()->counts(); }
    [[nodiscard]] Memory memory() const { return tables()->memory(); }
    [[nodiscard]] std::size_t memory_bytes() const { return memory().total(); }
    [[nodiscard]] Graph::Size graph_size() const { return tables()->graph.size(); }
    [[nodiscard]] std::size_t meetings() const { return tables()->united.size(); }  ///< entries of meetings taken in

    /// While many entries come in that nobody asks for yet, as at a start, merges wait until the delta is as large as all rows. The thread
    /// that applies.
    void take_in_many(bool many);
    /// Merges what is in the delta, or waits for the merge under way. Any thread. Throws std::bad_alloc.
    void merge();

    /// Writes all there is to a file, durable and whole or not at all. Entries that come meanwhile wait. Only load() with the same key
    /// takes it. Errors: Errc::storage.
    [[nodiscard]] Result<void> save(const std::filesystem::path& path, const std::string& ledger, const MacKey& key);
    /// What the file's head says, none when there is no file or not one of this form. Not to be trusted before load().
    [[nodiscard]] static std::optional<SnapshotInfo> read_info(const std::filesystem::path& path);
    /// Takes all from the file, before any entry and any view; false when it is damaged or was not written with this key: the index is
    /// empty then. Throws std::bad_alloc.
    [[nodiscard]] bool load(const std::filesystem::path& path, const MacKey& key);

private:
    friend class View;
    [[nodiscard]] std::shared_ptr<const Tables> tables() const;
    void publish();
    void replace(std::shared_ptr<Tables> tables);
    void remake_when_wanted();
    [[nodiscard]] std::shared_ptr<Tables> make(const Tables& known, Sequence as_of) const;
    [[nodiscard]] std::shared_ptr<const Tables> tables_at(const std::shared_ptr<const Tables>& newest, Sequence as_of) const;
    void merge_when_asked(const std::stop_token& stop);

    IndexSettings settings_;
    std::shared_ptr<Tables> tables_;  // the pointer is guarded by newest_mutex_; what it points to, by writer_
    std::atomic<Sequence> position_{0};
    std::mutex writer_;  // of whoever changes the tables: an entry, a merge's two ends, a snapshot
    Cut newest_;         // what a new view sees
    mutable std::mutex newest_mutex_;
    WalkRoom room_;
    std::mutex merge_mutex_;  // one merge at a time
    [[nodiscard]] bool wants_merge(Sequence sequence) const;
    void ask_for_merge();
    std::mutex asked_mutex_;
    std::condition_variable_any asked_changed_;
    bool asked_{false};
    bool many_{false};  // under writer_
    bool held_{false};  // of the thread that applies
    ReadLedger read_ledger_;
    mutable std::mutex old_mutex_;  // of the next two; held while they are made, so that many who ask wait for one reading
    mutable std::shared_ptr<const Tables> old_;
    mutable Sequence old_as_of_{kNever};
    std::jthread merger_;  // last: it uses the others
};

}  // namespace stemma::lineage
