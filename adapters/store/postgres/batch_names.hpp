// The names that a unit of work has met and that had no number in the writer's cache then. They get one when the unit's rows are written:
// those that stand in the table already theirs, the others the next ones in the order in which they were met. One arena of bytes and one
// table of 8-byte slots, as SubjectIds has them: no heap object per name, and a name is hashed once for all that look for it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/domain/entry.hpp"

namespace stemma::store::postgres {

/// A subject: its number where that is positive; else -1 for the first of the names, -2 for the second and so on.
using NameRef = std::int64_t;

struct BatchName {
    std::size_t begin{0};  ///< in the arena
    std::size_t length{0};
    std::uint64_t hash{0};
    Subject::Kind kind{Subject::Kind::item};
    bool surely_new{false};           ///< it is in no table
    bool added{false};                ///< by the rows that are being written
    std::int64_t id{0};               ///< 0: not given yet
    std::optional<Sequence> event{};  ///< a row of an event was gathered for it
};

class BatchNames {
public:
    [[nodiscard]] static std::uint64_t hash_of(std::string_view uri) noexcept;

    [[nodiscard]] std::optional<NameRef> find(std::string_view uri, std::uint64_t hash) const;
    /// `uri` is not in it yet.
    NameRef add(std::string_view uri, std::uint64_t hash, Subject::Kind kind, bool surely_new);
    [[nodiscard]] BatchName& at(NameRef ref) { return names_[static_cast<std::size_t>(-ref - 1)]; }
    [[nodiscard]] std::int64_t id_of(NameRef ref) const { return ref > 0 ? ref : names_[static_cast<std::size_t>(-ref - 1)].id; }
    [[nodiscard]] std::size_t size() const noexcept { return names_.size(); }
    [[nodiscard]] BatchName& operator[](std::size_t place) { return names_[place]; }
    [[nodiscard]] std::string_view uri(const BatchName& name) const { return std::string_view{bytes_}.substr(name.begin, name.length); }
    /// Forgets the newest ones, down to so many.
    void shorten(std::size_t size);
    void clear();

private:
    struct Slot {
        std::uint32_t hash{0};    ///< its upper half
        std::uint32_t number{0};  ///< of the name, plus one; 0 is an empty slot
    };
    [[nodiscard]] std::size_t place_of(std::uint64_t hash) const noexcept { return hash & (slots_.size() - 1); }
    void place(std::uint32_t number) noexcept;

    std::string bytes_;
    std::vector<BatchName> names_;
    std::vector<Slot> slots_;  ///< a power of two, at most half full; filled in order, so that the newest can be taken out again
};

}  // namespace stemma::store::postgres
