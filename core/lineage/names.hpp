// Names: texts become 32-bit numbers once, in order of first appearance. One arena of bytes and one table of 8-byte slots; no heap
// object per name. A name of 27 bytes takes 42 to 45.4 bytes in all: 28 in the arena, 4 for its place, 10 to 13.4 for its slot.
// History: the versions of a record, newest first, so that any ledger position can be asked for.
// One writer; any number of readers. text() takes no lock, find() a shared one that the writer holds only to swap tables.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <shared_mutex>
#include <string_view>
#include <vector>

#include "core/lineage/column.hpp"
#include "core/lineage/snapshot_io.hpp"
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
        const std::shared_lock lock{mutex_};
        return probe(hash, same);
    }
    /// The same for the writer, who needs no lock.
    template <class Same>
    [[nodiscard]] std::uint32_t find_as_writer(std::uint32_t hash, const Same& same) const {
        return probe(hash, same);
    }
    /// Adds a number that is not in the table yet. Writer only. Throws std::length_error for kNone: the numbers are used up.
    void insert(std::uint32_t hash, std::uint32_t number);

    [[nodiscard]] std::size_t memory_bytes() const noexcept { return slots_.memory_bytes(); }
    void save(SnapshotWriter& out) const;
    void load(SnapshotReader& in);

private:
    // A slot is hash << 32 | number + 1; 0 is an empty one. Slots stand in order of hash, so that growing writes in order, too.
    [[nodiscard]] static std::size_t place_of(std::uint32_t hash, std::size_t capacity) noexcept {
        return static_cast<std::size_t>((static_cast<std::uint64_t>(hash) * capacity) >> 32U);
    }
    template <class Same>
    [[nodiscard]] std::uint32_t probe(std::uint32_t hash, const Same& same) const {
        const std::size_t capacity = slots_.size();
        if (capacity == 0) return kNone;
        for (std::size_t i = place_of(hash, capacity);; i = i + 1 == capacity ? 0 : i + 1) {
            const std::uint64_t slot = load_from(slots_[i]);
            if (slot == 0) return kNone;
            const std::uint32_t number = static_cast<std::uint32_t>(slot) - 1;
            if (static_cast<std::uint32_t>(slot >> 32U) == hash && same(number)) return number;
        }
    }
    static void place(Array<std::uint64_t>& slots, std::uint64_t slot) noexcept;

    Array<std::uint64_t> slots_;
    std::size_t used_{0};
    mutable std::shared_mutex mutex_;  // guards the swap of slots_
};

class Names {
public:
    /// The same text in two spaces (0, 'i', 't') is two names. kNone when unknown. Any thread.
    [[nodiscard]] std::uint32_t find(std::string_view text, char space = 0) const;
    /// Writer only. Throws std::length_error when the numbers or the arena (8 GiB) are used up.
    std::uint32_t intern(std::string_view text, char space = 0);
    [[nodiscard]] std::string_view text(std::uint32_t number) const noexcept { return stored(number).text; }  ///< valid as long as this
    // For whoever reads many texts: asks the memory for where a text stands; some texts later, for the text itself; and then reads it.
    void fetch_place(std::uint32_t number) const noexcept { __builtin_prefetch(&places_[number]); }
    struct Fetched {
        const char* at{nullptr};
    };
    [[nodiscard]] Fetched fetch_text(std::uint32_t number) const noexcept {
        const char* const at = begin_of(number);
        __builtin_prefetch(at);
        __builtin_prefetch(at + kFetched);
        return {at};
    }
    [[nodiscard]] static std::string_view text(Fetched text) noexcept {
        const unsigned length = static_cast<unsigned char>(*text.at) & kLengthBits;
        return length <= kShortMax ? std::string_view{text.at + 1, length} : stored_at(text.at).text;
    }
    [[nodiscard]] std::size_t size() const noexcept { return places_.size(); }
    [[nodiscard]] std::size_t memory_bytes() const noexcept {
        return arena_used_.load(std::memory_order_relaxed) * kUnit + places_.memory_bytes() + slots_.memory_bytes();
    }
    void save(SnapshotWriter& out) const;
    void load(SnapshotReader& in);  ///< into an empty one

private:
    // A stored name: a byte of its space's place in kSpaces << 6 | length (62: two more bytes hold it, 63: four), the text; begins at a
    // multiple of two.
    static constexpr std::size_t kUnit = 2;
    static constexpr std::size_t kChunk = std::size_t{1} << 15U;
    static constexpr std::array<char, 4> kSpaces{'\0', 'i', 't', '\0'};
    static constexpr unsigned kLengthBits = 63;
    static constexpr std::size_t kShortMax = 61;
    static constexpr unsigned kMiddle = 62;
    static constexpr unsigned kLong = 63;
    static constexpr std::size_t kFetched = 32;  // bytes of a name that are likely to be in two lines of the cache
    struct Stored {
        char space;
        std::string_view text;
    };
    [[nodiscard]] const char* begin_of(std::uint32_t number) const noexcept {
        const std::uint64_t begin = std::uint64_t{places_[number]} * kUnit;
        return chunks_[static_cast<std::size_t>(begin / kChunk)] + begin % kChunk;
    }
    [[nodiscard]] static Stored stored_at(const char* at) noexcept;
    [[nodiscard]] Stored stored(std::uint32_t number) const noexcept { return stored_at(begin_of(number)); }
    [[nodiscard]] bool is(std::uint32_t number, std::string_view text, char space) const noexcept;
    std::uint32_t put(std::string_view text, char space);
    [[nodiscard]] char* room(std::size_t bytes);

    Column<char*> chunks_;          // of the arena, kChunk bytes each; a longer name has as many as it needs
    Column<std::uint32_t> places_;  // of each name, in units
    std::vector<Pages> arena_;
    std::atomic<std::uint64_t> arena_used_{0};  // units
    SlotTable slots_;
};

/// Versions of one kind of record, per subject number. Versions are put in ledger order.
template <class Record>
class History {
public:
    /// A version equal to the newest one is not kept twice. Writer only.
    void put(std::size_t subject, Sequence sequence, const Record& record) {
        heads_.reach(subject);
        const std::uint32_t newest = heads_.load(subject);
        if (newest != 0 && versions_[newest - 1].record == record) return;
        versions_.push_back({static_cast<std::uint32_t>(sequence), newest, record});
        heads_.store(subject, static_cast<std::uint32_t>(versions_.size()));
    }

    /// The newest version put by an entry below `as_of`, or null. Any thread.
    [[nodiscard]] const Record* at(std::size_t subject, Sequence as_of) const noexcept {
        if (subject >= heads_.size()) return nullptr;
        for (std::uint32_t i = heads_.load(subject); i != 0; i = versions_[i - 1].older)
            if (versions_[i - 1].sequence < as_of) return &versions_[i - 1].record;
        return nullptr;
    }

    [[nodiscard]] std::size_t memory_bytes() const noexcept { return heads_.memory_bytes() + versions_.memory_bytes(); }
    void save(SnapshotWriter& out) const {
        out.column(heads_);
        out.column(versions_);
    }
    void load(SnapshotReader& in) {
        in.column(heads_);
        in.column(versions_);
    }

private:
    struct Version {
        std::uint32_t sequence;
        std::uint32_t older;  // its number + 1; 0: none
        Record record;
    };
    Column<std::uint32_t> heads_;  // the newest version's number + 1; 0: none
    Column<Version> versions_;
};

}  // namespace stemma::lineage
