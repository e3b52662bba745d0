#include "adapters/store/tables/subject_ids.hpp"

#include <algorithm>
#include <functional>

namespace stemma::store {
namespace {

constexpr std::size_t kFirstSlots = 1024;

std::uint64_t hash_of(std::string_view uri) noexcept { return std::hash<std::string_view>{}(uri); }
std::uint32_t upper_half(std::uint64_t hash) noexcept { return static_cast<std::uint32_t>(hash >> 32U); }

}  // namespace

std::optional<std::int64_t> SubjectIds::find(std::string_view uri) const {
    if (names_.empty()) return std::nullopt;
    const std::uint64_t hash = hash_of(uri);
    for (std::size_t i = place_of(hash); slots_[i].number != 0; i = place_of(i + 1)) {
        if (slots_[i].hash != upper_half(hash)) continue;
        if (const Name& name = names_[slots_[i].number - 1]; text(name) == uri) return name.id;
    }
    return std::nullopt;
}

/// Whatever may throw comes before the name is counted: what undo_part() meets is whole.
void SubjectIds::add(std::string_view uri, std::int64_t id) {
    if (uri.size() > kBytesMax) return;
    if (names_.size() >= kNamesMax || bytes_.size() + uri.size() > kBytesMax) clear();
    if ((names_.size() + 1) * 2 > slots_.size()) grow();
    const Name name{id, static_cast<std::uint32_t>(bytes_.size()), static_cast<std::uint32_t>(uri.size()), hash_of(uri)};
    bytes_ += uri;
    names_.push_back(name);
    place(static_cast<std::uint32_t>(names_.size()));
}

void SubjectIds::clear() {
    bytes_.clear();
    names_.clear();
    std::ranges::fill(slots_, Slot{});
    part_start_ = 0;
}

/// The newest name was placed last, so that no other one was ever led past its slot: it can be emptied.
void SubjectIds::undo_part() {
    while (names_.size() > part_start_) {
        const auto newest = static_cast<std::uint32_t>(names_.size());
        std::size_t i = place_of(names_.back().hash);
        while (slots_[i].number != newest) i = place_of(i + 1);
        slots_[i] = {};
        bytes_.resize(names_.back().begin);
        names_.pop_back();
    }
}

void SubjectIds::place(std::uint32_t number) noexcept {
    const std::uint64_t hash = names_[number - 1].hash;
    std::size_t i = place_of(hash);
    while (slots_[i].number != 0) i = place_of(i + 1);
    slots_[i] = {upper_half(hash), number};
}

void SubjectIds::grow() {
    slots_.assign(std::max(kFirstSlots, slots_.size() * 2), Slot{});
    for (std::uint32_t number = 1; number <= names_.size(); ++number) place(number);
}

}  // namespace stemma::store
