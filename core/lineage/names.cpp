#include "core/lineage/names.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace stemma::lineage {
namespace {

constexpr std::size_t kFirstSlots = 64;

/// The same on every machine and in every version: it stands in snapshots.
std::uint32_t hash_of(std::string_view text, char space) noexcept {
    const std::uint64_t hash = XXH3_64bits_withSeed(text.data(), text.size(), static_cast<unsigned char>(space));
    return static_cast<std::uint32_t>(hash >> 32U);
}

[[noreturn]] void used_up() { throw std::length_error("the lineage index has used up its 32-bit numbers"); }

}  // namespace

// --- slots -----------------------------------------------------------------------------------------------------------

void SlotTable::place(Array<std::uint64_t>& slots, std::uint64_t slot) noexcept {
    std::size_t i = place_of(static_cast<std::uint32_t>(slot >> 32U), slots.size());
    while (slots[i] != 0) i = i + 1 == slots.size() ? 0 : i + 1;
    std::atomic_ref<std::uint64_t>{slots[i]}.store(slot, std::memory_order_release);
}

void SlotTable::insert(std::uint32_t hash, std::uint32_t number) {
    if (number == kNone) used_up();
    if ((used_ + 1) * 5 > slots_.size() * 4) {
        Array<std::uint64_t> grown{std::max(kFirstSlots, slots_.size() + slots_.size() / 3)};
        for (const std::uint64_t slot : slots_.all())
            if (slot != 0) place(grown, slot);
        const std::lock_guard lock{mutex_};
        slots_ = std::move(grown);
    }
    place(slots_, (static_cast<std::uint64_t>(hash) << 32U) | (number + 1));
    ++used_;
}

void SlotTable::save(SnapshotWriter& out) const {
    out.value(std::uint64_t{used_});
    out.array(slots_);
}

void SlotTable::load(SnapshotReader& in) {
    std::uint64_t used = 0;
    in.value(used);
    used_ = static_cast<std::size_t>(used);
    in.array(slots_);
}

// --- names -----------------------------------------------------------------------------------------------------------

Names::Stored Names::stored_at(const char* at) noexcept {
    const auto head = static_cast<unsigned char>(*at++);
    const char space = kSpaces.at(head >> 6U);
    const unsigned length = head & kLengthBits;
    if (length <= kShortMax) return {space, {at, length}};
    std::uint32_t longer = 0;
    const std::size_t bytes = length == kMiddle ? sizeof(std::uint16_t) : sizeof(std::uint32_t);
    for (std::size_t i = 0; i < bytes; ++i) longer |= std::uint32_t{static_cast<unsigned char>(at[i])} << (8U * i);
    return {space, {at + bytes, longer}};
}

bool Names::is(std::uint32_t number, std::string_view text, char space) const noexcept {
    const Stored name = stored(number);
    return name.space == space && name.text == text;
}

std::uint32_t Names::find(std::string_view text, char space) const {
    return slots_.find(hash_of(text, space), [&](std::uint32_t number) { return is(number, text, space); });
}

std::uint32_t Names::intern(std::string_view text, char space) {
    const std::uint32_t hash = hash_of(text, space);
    const std::uint32_t known = slots_.find_as_writer(hash, [&](std::uint32_t number) { return is(number, text, space); });
    if (known != kNone) return known;
    const std::uint32_t number = put(text, space);
    slots_.insert(hash, number);
    return number;
}

/// Room for so many bytes within one block; arena_used_ is where it begins. What is left of a chunk that is too small stays empty.
char* Names::room(std::size_t bytes) {
    std::uint64_t begin = arena_used_.load(std::memory_order_relaxed) * kUnit;
    const std::uint64_t end = chunks_.size() * kChunk;
    if (begin == end || begin % kChunk + bytes > kChunk) {
        begin = end;
        const std::size_t more = (bytes + kChunk - 1) / kChunk;
        if ((begin + more * kChunk) / kUnit > kNone) used_up();
        arena_.emplace_back(more * kChunk, false);
        for (std::size_t i = 0; i < more; ++i) chunks_.push_back(static_cast<char*>(arena_.back().data()) + i * kChunk);
        arena_used_.store(begin / kUnit, std::memory_order_relaxed);
    }
    return chunks_[static_cast<std::size_t>(begin / kChunk)] + begin % kChunk;
}

std::uint32_t Names::put(std::string_view text, char space) {
    const std::size_t size = text.size();
    std::size_t more = 0;  // bytes of length
    if (size > kShortMax) more = size <= 0xFFFF ? sizeof(std::uint16_t) : sizeof(std::uint32_t);
    const unsigned length = more == 0 ? static_cast<unsigned>(size) : (more == sizeof(std::uint16_t) ? kMiddle : kLong);
    const std::size_t header = 1 + more;
    char* at = room(header + size);
    const auto space_no = static_cast<unsigned>(std::ranges::find(kSpaces, space) - kSpaces.begin());
    *at = static_cast<char>(space_no << 6U | length);
    for (std::size_t i = 0; i < more; ++i) at[1 + i] = static_cast<char>(size >> (8U * i) & 0xFFU);
    if (!text.empty()) std::memcpy(at + header, text.data(), size);
    const std::uint64_t begin = arena_used_.load(std::memory_order_relaxed);
    const auto number = static_cast<std::uint32_t>(places_.size());
    places_.push_back(static_cast<std::uint32_t>(begin));
    arena_used_.store(begin + (header + size + kUnit - 1) / kUnit, std::memory_order_relaxed);
    return number;
}

void Names::save(SnapshotWriter& out) const {
    std::uint64_t left = arena_used_.load(std::memory_order_relaxed) * kUnit;
    out.value(left);
    for (std::size_t i = 0; left > 0; ++i) {
        const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left, kChunk));
        out.bytes(chunks_[i], count);
        left -= count;
    }
    out.column(places_);
    slots_.save(out);
}

void Names::load(SnapshotReader& in) {
    const std::size_t used = in.count(1);
    const std::size_t chunks = (used + kChunk - 1) / kChunk;
    if (chunks > 0) arena_.emplace_back(chunks * kChunk);
    for (std::size_t i = 0; i < chunks; ++i) chunks_.push_back(static_cast<char*>(arena_.back().data()) + i * kChunk);
    in.bytes(chunks > 0 ? arena_.back().data() : nullptr, used);
    arena_used_.store(used / kUnit, std::memory_order_relaxed);
    in.column(places_);
    slots_.load(in);
}

}  // namespace stemma::lineage
