#include "adapters/store/postgres/batch_names.hpp"

#include <algorithm>
#include <functional>

namespace stemma::store::postgres {
namespace {

constexpr std::size_t kFirstSlots = 1024;

std::uint32_t upper_half(std::uint64_t hash) noexcept { return static_cast<std::uint32_t>(hash >> 32U); }

}  // namespace

std::uint64_t BatchNames::hash_of(std::string_view uri) noexcept { return std::hash<std::string_view>{}(uri); }

std::optional<NameRef> BatchNames::find(std::string_view wanted, std::uint64_t hash) const {
    if (names_.empty()) return std::nullopt;
    for (std::size_t i = place_of(hash); slots_[i].number != 0; i = place_of(i + 1)) {
        if (slots_[i].hash != upper_half(hash)) continue;
        if (uri(names_[slots_[i].number - 1]) == wanted) return -static_cast<NameRef>(slots_[i].number);
    }
    return std::nullopt;
}

NameRef BatchNames::add(std::string_view uri, std::uint64_t hash, Subject::Kind kind, bool surely_new) {
    if ((names_.size() + 1) * 2 > slots_.size()) {
        slots_.assign(std::max(kFirstSlots, slots_.size() * 2), Slot{});
        for (std::uint32_t number = 1; number <= names_.size(); ++number) place(number);
    }
    names_.push_back({.begin = bytes_.size(), .length = uri.size(), .hash = hash, .kind = kind, .surely_new = surely_new});
    bytes_ += uri;
    place(static_cast<std::uint32_t>(names_.size()));
    return -static_cast<NameRef>(names_.size());
}

void BatchNames::place(std::uint32_t number) noexcept {
    const std::uint64_t hash = names_[number - 1].hash;
    std::size_t i = place_of(hash);
    while (slots_[i].number != 0) i = place_of(i + 1);
    slots_[i] = {upper_half(hash), number};
}

/// The newest name was placed last, so that no other one was ever led past its slot: it can be emptied.
void BatchNames::shorten(std::size_t size) {
    while (names_.size() > size) {
        const auto newest = static_cast<std::uint32_t>(names_.size());
        std::size_t i = place_of(names_.back().hash);
        while (slots_[i].number != newest) i = place_of(i + 1);
        slots_[i] = {};
        bytes_.resize(names_.back().begin);
        names_.pop_back();
    }
}

void BatchNames::clear() {
    bytes_.clear();
    names_.clear();
    std::ranges::fill(slots_, Slot{});
}

}  // namespace stemma::store::postgres
