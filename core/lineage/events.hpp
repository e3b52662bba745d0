// Events as rows: what every edge and movement of an event shares, once. One row per applied event, in ledger order.
// Nothing is taken out: an event that a later entry declares wrong is marked with that entry.
#pragma once

#include <cstdint>
#include <shared_mutex>
#include <unordered_map>
#include <vector>

#include "core/lineage/column.hpp"
#include "core/lineage/packed.hpp"
#include "core/lineage/snapshot_io.hpp"
#include "core/lineage/types.hpp"

namespace stemma::lineage {

/// What of the ledger a view sees: entries below `as_of`, and how many rows that is.
struct Cut {
    Sequence as_of{0};
    std::uint32_t events{0};
    std::uint32_t nodes{0};
};

/// What an event says of all its lines alike.
struct EventRow {
    Sequence sequence{0};
    WrittenTime time;
    PlaceNo from{PlaceNo::none};
    PlaceNo to{PlaceNo::none};
    PartyNo party{PartyNo::none};
    Node anchor{Node::none};  ///< the transformation, or the parent of what was joined or parted: where its edges are found
    bool waste{false};        ///< what a transformation put out was waste
};

class EventTable {
public:
    // Of the writer.
    EventNo add(const EventRow& row, const std::vector<DocumentNo>& documents);
    void declare_wrong(EventNo event, Sequence by);

    /// Whether the event counts for the view: recorded below the cut and not declared wrong below it.
    [[nodiscard]] bool stands(EventNo event, const Cut& cut) const noexcept {
        return slot(event) < cut.events && ((flags_.load(slot(event)) & kWrong) == 0 || voided_at(event) >= cut.as_of);
    }
    [[nodiscard]] Sequence voided_at(EventNo event) const noexcept;  ///< kNever for one that stands
    [[nodiscard]] Sequence sequence(EventNo event) const noexcept { return sequences_[slot(event)]; }
    [[nodiscard]] Instant time(EventNo event) const noexcept { return Instant{times_[slot(event)]}; }
    [[nodiscard]] bool date_only(EventNo event) const noexcept { return (flags_.load(slot(event)) & kDateOnly) != 0; }
    [[nodiscard]] bool waste(EventNo event) const noexcept { return (flags_.load(slot(event)) & kWaste) != 0; }
    [[nodiscard]] PlaceNo from(EventNo event) const noexcept { return ends(event).from; }
    [[nodiscard]] PlaceNo to(EventNo event) const noexcept { return ends(event).to; }
    [[nodiscard]] PartyNo party(EventNo event) const noexcept { return ends(event).party; }
    [[nodiscard]] Node anchor(EventNo event) const noexcept { return anchors_[slot(event)]; }
    [[nodiscard]] std::vector<DocumentNo> documents(EventNo event) const;
    [[nodiscard]] DocumentNo first_document(EventNo event) const noexcept;
    [[nodiscard]] std::uint32_t rows_below(Sequence as_of) const noexcept;
    [[nodiscard]] std::size_t size() const noexcept { return sequences_.size(); }
    [[nodiscard]] std::size_t wrong() const;
    [[nodiscard]] std::size_t memory_bytes() const;
    void save(SnapshotWriter& out) const;
    void load(SnapshotReader& in);

private:
    static constexpr std::uint8_t kDateOnly = 1;
    static constexpr std::uint8_t kWrong = 2;
    static constexpr std::uint8_t kWaste = 4;
    /// Between what goods went: the same for many events, so each is kept once.
    struct Ends {
        PlaceNo from;
        PlaceNo to;
        PartyNo party;
        friend bool operator==(const Ends&, const Ends&) = default;
    };
    struct EndsHash {
        [[nodiscard]] std::size_t operator()(const Ends& ends) const noexcept;
    };
    [[nodiscard]] const Ends& ends(EventNo event) const noexcept { return ends_[ends_of_[slot(event)]]; }
    [[nodiscard]] std::uint32_t ends_no(const Ends& ends);
    [[nodiscard]] std::size_t documents_begin(std::size_t row) const noexcept { return row == 0 ? 0 : documents_end_[row - 1]; }

    Ascending<32> sequences_;
    Column<std::int64_t> times_;
    Column<std::uint8_t> flags_;
    Column<std::uint32_t> ends_of_;  // in ends_
    Column<Node> anchors_;
    Column<Ends> ends_;
    std::unordered_map<Ends, std::uint32_t, EndsHash> ends_numbers_;  // of the writer
    Ascending<32> documents_end_;                                     // a row's documents begin where those of the row before end
    Column<DocumentNo> documents_;
    std::unordered_map<std::uint32_t, Sequence> voided_;  // row -> entry that declared it wrong; few
    mutable std::shared_mutex voided_mutex_;
};

}  // namespace stemma::lineage
