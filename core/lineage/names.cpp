#include "core/lineage/names.hpp"

#include <functional>
#include <stdexcept>

namespace stemma::lineage {
namespace {

constexpr std::size_t kFirstSlots = 64;

std::uint32_t hash_of(std::string_view text, char space) noexcept {
    std::uint64_t hash = std::hash<std::string_view>{}(text);
    hash += static_cast<unsigned char>(space) * 0x9E3779B97F4A7C15ULL;
    return static_cast<std::uint32_t>(hash ^ (hash >> 32U));
}

}  // namespace

void SlotTable::place(std::uint64_t slot) noexcept {
    const std::size_t mask = slots_.size() - 1;
    std::size_t i = static_cast<std::size_t>(slot >> 32U) & mask;
    while (slots_[i] != kEmpty) i = (i + 1) & mask;
    slots_[i] = slot;
}

void SlotTable::insert(std::uint32_t hash, std::uint32_t number) {
    if (number == kNone) throw std::length_error("the lineage index has used up its 32-bit numbers");
    if ((used_ + 1) * 4 > slots_.size() * 3) {
        const std::vector<std::uint64_t> old = std::move(slots_);
        slots_.assign(old.empty() ? kFirstSlots : old.size() * 2, kEmpty);
        for (const std::uint64_t slot : old)
            if (slot != kEmpty) place(slot);
    }
    place((static_cast<std::uint64_t>(hash) << 32U) | number);
    ++used_;
}

std::string_view Names::stored(std::uint32_t number) const noexcept {
    const std::size_t begin = number == 0 ? 0 : ends_[number - 1];
    return {arena_.data() + begin, ends_[number] - begin};
}

std::string_view Names::text(std::uint32_t number) const noexcept { return stored(number).substr(1); }

std::uint32_t Names::find(std::string_view text, char space) const noexcept {
    return slots_.find(hash_of(text, space), [&](std::uint32_t number) {
        const std::string_view name = stored(number);
        return name.front() == space && name.substr(1) == text;
    });
}

std::uint32_t Names::intern(std::string_view text, char space) {
    if (const std::uint32_t known = find(text, space); known != kNone) return known;
    const auto number = static_cast<std::uint32_t>(ends_.size());
    slots_.insert(hash_of(text, space), number);
    arena_.push_back(space);
    arena_.insert(arena_.end(), text.begin(), text.end());
    ends_.push_back(arena_.size());
    return number;
}

}  // namespace stemma::lineage
