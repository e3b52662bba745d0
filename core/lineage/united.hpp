// Which ids name one thing, as the ledger's meetings say. A group's root is the id that its first meeting names first; all others are
// known as it. An id that no entry named before its meeting is known as the root from there on. One that was named before changes what
// earlier entries mean: the tables have to be made anew, with the group known from the beginning (Index::unite).
// One writer; readers ask root_of() alone, without a lock.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/domain/meeting.hpp"
#include "core/lineage/column.hpp"
#include "core/lineage/names.hpp"

namespace stemma::lineage {

class United {
public:
    /// What a meeting asks of the tables.
    enum class Effect : unsigned char {
        none,      ///< nothing changes, or it was known from the beginning
        named,     ///< `second` was never named before: it is known as the root from now on
        reshaped,  ///< the tables have to be made anew
    };

    [[nodiscard]] bool empty() const noexcept { return ids_.size() == 0; }
    [[nodiscard]] std::size_t size() const noexcept { return rows_.size(); }  ///< meetings taken in

    /// What the id is known as, itself where nothing else. Valid as long as this.
    [[nodiscard]] std::string_view root_of(std::string_view id) const;
    /// The same as of a position: an id that only later came to be known as another is none.
    [[nodiscard]] std::optional<std::string_view> root_of(std::string_view id, Sequence as_of) const;

    // Of the writer.
    /// Takes in the entry at `sequence`; `is_named`: whether the tables know the second id.
    Effect add(const Meeting& meeting, std::uint32_t sequence, bool is_named);
    /// Into an empty one: the groups that the entries [0, as_of) of `all` make are known from the beginning.
    void know(const United& all, Sequence as_of);
    /// Entries below this position were known from the beginning: it answers for no position before.
    [[nodiscard]] Sequence known_below() const noexcept { return known_below_; }

    [[nodiscard]] std::size_t memory_bytes() const noexcept { return ids_.memory_bytes() + roots_.memory_bytes() + rows_.memory_bytes(); }
    void save(SnapshotWriter& out) const;
    void load(SnapshotReader& in);

private:
    struct Row {
        std::uint32_t first;
        std::uint32_t second;
        std::uint32_t sequence;
        std::uint32_t apart;
    };
    struct Known {
        std::uint32_t root;
        std::uint32_t since;
    };
    [[nodiscard]] static Known unpacked(std::uint64_t packed) noexcept {
        return {static_cast<std::uint32_t>(packed >> 32U), static_cast<std::uint32_t>(packed)};
    }
    [[nodiscard]] Known known(std::uint32_t id) const noexcept { return unpacked(roots_.load(id)); }
    void set(std::uint32_t id, Known known) { roots_.store(id, static_cast<std::uint64_t>(known.root) << 32U | known.since); }
    std::uint32_t number(std::string_view id, bool& fresh);

    Names ids_;
    Column<std::uint64_t> roots_;  // per id: Known, packed so that it is read and written at once
    Column<Row> rows_;
    Sequence known_below_{0};
};

}  // namespace stemma::lineage
