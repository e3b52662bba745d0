// The lineage index: the graph of items joined by events, in memory. One writer feeds it entry by entry; any number of readers look
// at it through views. A view shows the index as of one ledger position: exactly what an index fed with the entries below it shows.
//
// Walks use a view's for_each_edge, is_untracked and marks alone: another layout of the edges changes nothing above this line.
#pragma once

#include <atomic>
#include <mutex>
#include <shared_mutex>
#include <string_view>
#include <vector>

#include "core/domain/entry.hpp"
#include "core/lineage/marks.hpp"
#include "core/lineage/movement.hpp"
#include "core/lineage/tables.hpp"
#include "core/lineage/types.hpp"

namespace stemma::lineage {

class Index;

/// A consistent look at the index. Holds it shared: the writer waits as long as a view lives, so keep it for one question. A thread
/// that holds a view takes no second one and calls nothing of Index but position(): a writer in between would stop both for ever.
/// Texts it gives are valid as long as it lives; numbers stay valid for the index's life.
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
    [[nodiscard]] bool is_transformation(Node node) const noexcept;
    [[nodiscard]] bool is_untracked(Node node) const noexcept { return tables().untracked_product(node, cut_) != ProductNo::none; }
    [[nodiscard]] std::string_view id(Node node) const noexcept;
    [[nodiscard]] std::string_view label(Node node) const noexcept;  ///< first identifier, else the product's sku or name, else the id
    [[nodiscard]] ProductNo product(Node node) const noexcept;       ///< none for a transformation or an unknown item

    // Edges, in ledger order.
    /// Calls visit(EdgeNo, Node other) for each edge that holds: its out-edges going forward, its in-edges going back.
    template <class Visit>
    void for_each_edge(Node node, Direction direction, Visit&& visit) const {
        const Tables& all = tables();
        const bool forward = direction == Direction::forward;
        const std::vector<std::uint32_t>& next = forward ? all.edges.next_out : all.edges.next_in;
        const std::vector<Node>& other = forward ? all.edges.to : all.edges.from;
        for (std::uint32_t edge = (forward ? all.nodes.out : all.nodes.in).first[slot(node)]; edge != kNone; edge = next[edge])
            if (all.sees(edge, cut_)) visit(EdgeNo{edge}, other[edge]);
    }
    [[nodiscard]] Edge edge(EdgeNo edge) const;  ///< one that for_each_edge gave for this as-of

    // Movements and events.
    /// Calls visit(const Movement&) for each movement of an item, in ledger order. `with_voided`: also those of events declared wrong.
    template <class Visit>
    void for_each_movement(Node node, Visit&& visit, bool with_voided = false) const {
        const MovementTable& all = tables().movements;
        for (std::uint32_t i = tables().nodes.movements.first[slot(node)]; i != kNone && slot(all.event[i]) < cut_.events; i = all.next[i])
            if (with_voided || tables().events.stands(all.event[i], cut_)) visit(movement(i));
    }
    [[nodiscard]] std::vector<DocumentNo> documents_of(EventNo event) const { return tables().events.documents(event); }
    [[nodiscard]] Sequence sequence_of(EventNo event) const noexcept { return tables().events.sequence(event); }

    // Master data as of the view. The number must not be `none`.
    [[nodiscard]] ProductInfo product(ProductNo product) const noexcept;
    [[nodiscard]] PlaceInfo place(PlaceNo place) const noexcept;
    [[nodiscard]] PartyInfo party(PartyNo party) const noexcept;
    [[nodiscard]] DocumentInfo document(DocumentNo document) const noexcept;
    [[nodiscard]] std::string_view unit(UnitNo unit) const noexcept;

    /// For walks: a set of marks, given back when the lease ends. The walk unmarks what it marked.
    [[nodiscard]] MarksPool& marks() const noexcept;

    [[nodiscard]] Instant time_of(EventNo event) const noexcept { return tables().events.time(event); }
    /// Only the date of the event is known: time_of() is its first moment.
    [[nodiscard]] bool date_only(EventNo event) const noexcept { return tables().events.date_only(event); }

private:
    friend class Index;
    View(const Index& index, Sequence as_of);
    [[nodiscard]] const Tables& tables() const noexcept { return *tables_; }
    [[nodiscard]] Movement movement(std::uint32_t number) const noexcept;
    [[nodiscard]] std::string_view text(std::uint32_t number) const noexcept;

    std::shared_lock<std::shared_mutex> lock_;
    const Index* index_;
    const Tables* tables_;
    Cut cut_;
};

class Index {
public:
    /// Takes in the next entry of the ledger. One thread. Never refuses an entry: what has no meaning for lineage only moves the
    /// position, and one below position() is left out. Throws std::length_error past 2^32 - 1 names of a kind, and std::bad_alloc.
    void apply(Sequence sequence, const Entry& entry);

    /// Entries below `as_of` count; past position() means all. Any thread.
    [[nodiscard]] View view(Sequence as_of = kLatest) const { return View{*this, as_of}; }

    [[nodiscard]] Sequence position() const noexcept { return position_.load(std::memory_order_acquire); }  ///< the next it expects
    [[nodiscard]] Counts counts() const;
    [[nodiscard]] std::size_t memory_bytes() const;  ///< of its tables, capacity included

private:
    friend class View;
    Tables tables_;
    std::atomic<Sequence> position_{0};
    mutable std::shared_mutex mutex_;
    mutable std::mutex turn_;  // taken before mutex_ by all, so that a stream of readers cannot keep the writer out
    mutable MarksPool marks_;
};

}  // namespace stemma::lineage
