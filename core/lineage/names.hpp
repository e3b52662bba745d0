// Names: texts become 32-bit numbers once, in order of first appearance. One arena of bytes, one table of 8-byte slots, no heap
// object per name. History: the versions of a record, newest first, so that any ledger position can be asked for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/lineage/types.hpp"

namespace stemma::lineage {

inline constexpr std::size_t kMapNodeBytes = 48;  ///< about what an entry of a std::unordered_map takes, for memory accounts

template <class T>
[[nodiscard]] std::size_t bytes_of(const std::vector<T>& vector) noexcept {
    return vector.capacity() * sizeof(T);
}

/// Open addressing over (32-bit hash, number) pairs; what a number stands for is the owner's business. At most kNone numbers.
class SlotTable {
public:
    /// The number with this hash for which `same(number)` holds, or kNone.
    template <class Same>
    [[nodiscard]] std::uint32_t find(std::uint32_t hash, const Same& same) const {
        if (slots_.empty()) return kNone;
        const std::size_t mask = slots_.size() - 1;
        for (std::size_t i = hash & mask;; i = (i + 1) & mask) {
            const std::uint64_t slot = slots_[i];
            if (slot == kEmpty) return kNone;
            const auto number = static_cast<std::uint32_t>(slot);
            if (static_cast<std::uint32_t>(slot >> 32U) == hash && same(number)) return number;
        }
    }

    /// Adds a number that is not in the table yet. Throws std::length_error when `number` is kNone: the numbers are used up.
    void insert(std::uint32_t hash, std::uint32_t number);

    [[nodiscard]] std::size_t memory_bytes() const noexcept { return bytes_of(slots_); }

private:
    static constexpr std::uint64_t kEmpty = ~std::uint64_t{0};
    void place(std::uint64_t slot) noexcept;

    std::vector<std::uint64_t> slots_;
    std::size_t used_{0};
};

class Names {
public:
    /// The same text in two spaces is two names.
    [[nodiscard]] std::uint32_t find(std::string_view text, char space = 0) const noexcept;  ///< kNone when unknown
    std::uint32_t intern(std::string_view text, char space = 0);
    [[nodiscard]] std::string_view text(std::uint32_t number) const noexcept;  ///< valid until the next intern
    [[nodiscard]] std::size_t size() const noexcept { return ends_.size(); }
    [[nodiscard]] std::size_t memory_bytes() const noexcept { return bytes_of(arena_) + bytes_of(ends_) + slots_.memory_bytes(); }

private:
    [[nodiscard]] std::string_view stored(std::uint32_t number) const noexcept;  ///< space, then text

    std::vector<char> arena_;
    std::vector<std::uint64_t> ends_;  // of each name in the arena
    SlotTable slots_;
};

/// Versions of one kind of record, per subject number. Versions are put in ledger order.
template <class Record>
class History {
public:
    /// A version equal to the newest one is not kept twice.
    void put(std::size_t subject, Sequence sequence, const Record& record) {
        if (subject >= heads_.size()) heads_.resize(subject + 1, kNone);
        const std::uint32_t newest = heads_[subject];
        if (newest != kNone && versions_[newest].record == record) return;
        heads_[subject] = static_cast<std::uint32_t>(versions_.size());
        versions_.push_back({sequence, record, newest});
    }

    /// The newest version put by an entry below `as_of`, or null.
    [[nodiscard]] const Record* at(std::size_t subject, Sequence as_of) const noexcept {
        if (subject >= heads_.size()) return nullptr;
        for (std::uint32_t i = heads_[subject]; i != kNone; i = versions_[i].older)
            if (versions_[i].sequence < as_of) return &versions_[i].record;
        return nullptr;
    }

    [[nodiscard]] std::size_t memory_bytes() const noexcept { return bytes_of(heads_) + bytes_of(versions_); }

private:
    struct Version {
        Sequence sequence;
        Record record;
        std::uint32_t older;
    };
    std::vector<std::uint32_t> heads_;
    std::vector<Version> versions_;
};

}  // namespace stemma::lineage
