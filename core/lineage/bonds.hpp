// Events as rows, and bonds: which child is in which parent. A bond keeps every fact that joined or parted the two; whether it
// holds is folded from the facts that a view sees, in order of event time, then ledger order.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "core/lineage/names.hpp"

namespace stemma::lineage {

/// What of the ledger a view sees: entries below `as_of`, and how many rows that is.
struct Cut {
    Sequence as_of{0};
    std::uint32_t events{0};
    std::uint32_t nodes{0};
};

/// One row per applied event, in ledger order.
class EventTable {
public:
    EventNo add(Sequence sequence, const WrittenTime& time, const std::vector<DocumentNo>& documents);
    void declare_wrong(EventNo event, Sequence by);

    /// Whether the event counts for the view: recorded below the cut and not declared wrong below it.
    [[nodiscard]] bool stands(EventNo event, const Cut& cut) const noexcept {
        const std::size_t row = slot(event);
        if (row >= cut.events) return false;
        return (flags_[row] & kWrong) == 0 || voided_at(event) >= cut.as_of;
    }
    [[nodiscard]] Sequence voided_at(EventNo event) const noexcept;  ///< kNever for one that stands
    [[nodiscard]] Sequence sequence(EventNo event) const noexcept { return sequences_[slot(event)]; }
    [[nodiscard]] Instant time(EventNo event) const noexcept { return Instant{times_[slot(event)]}; }
    [[nodiscard]] bool date_only(EventNo event) const noexcept { return (flags_[slot(event)] & kDateOnly) != 0; }
    [[nodiscard]] std::vector<DocumentNo> documents(EventNo event) const;
    [[nodiscard]] DocumentNo first_document(EventNo event) const noexcept;
    [[nodiscard]] std::uint32_t rows_below(Sequence as_of) const noexcept;
    [[nodiscard]] std::size_t size() const noexcept { return sequences_.size(); }
    [[nodiscard]] std::size_t wrong() const noexcept { return voided_.size(); }
    [[nodiscard]] std::size_t memory_bytes() const noexcept;

private:
    static constexpr std::uint8_t kDateOnly = 1;
    static constexpr std::uint8_t kWrong = 2;
    [[nodiscard]] std::size_t documents_end(std::size_t row) const noexcept;

    std::vector<Sequence> sequences_;
    std::vector<std::int64_t> times_;
    std::vector<std::uint8_t> flags_;
    std::vector<std::uint32_t> document_begins_;  // a row's documents end where the next row's begin
    std::vector<DocumentNo> documents_;
    std::unordered_map<std::uint32_t, Sequence> voided_;  // row -> entry that declared it wrong; few
};

/// A fact about a bond. `whole` = without quantity: ADD counts as one piece, DELETE takes out all there is.
struct BondFact {
    EventNo event{EventNo::none};
    Amount amount;
    bool adds{true};
    bool whole{true};
};

class Bonds {
public:
    /// What of the child is in the parent, and the last event that added.
    struct State {
        Amount amount;
        EventNo event{EventNo::none};
    };

    [[nodiscard]] std::uint32_t find(Node child, Node parent, EdgeKind kind) const noexcept;  ///< kNone when the two never met
    std::uint32_t add(Node child, Node parent, EdgeKind kind);
    void record(std::uint32_t bond, const BondFact& fact);
    /// DELETE without children: everything is taken out of the parent.
    void record_emptied(Node parent, EdgeKind kind, EventNo event);

    /// None when the two are not together as of the cut.
    [[nodiscard]] std::optional<State> state(std::uint32_t bond, const EventTable& events, const Cut& cut) const;
    [[nodiscard]] std::size_t memory_bytes() const noexcept;

private:
    struct Bond {
        Node child;
        Node parent;
        EdgeKind kind;
        std::uint32_t first;
        std::uint32_t last;
    };
    struct Row {
        BondFact fact;
        std::uint32_t next;
    };
    [[nodiscard]] const std::vector<EventNo>* emptied(Node parent, EdgeKind kind) const noexcept;

    std::vector<Bond> bonds_;
    std::vector<Row> rows_;
    SlotTable slots_;
    std::unordered_map<std::uint64_t, std::vector<EventNo>> emptied_;  // parent and kind -> events; few
};

}  // namespace stemma::lineage
