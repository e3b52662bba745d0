#include "core/engine/item_dates.hpp"

#include <algorithm>

#include "core/engine/stored.hpp"

namespace stemma::engine {
namespace {

constexpr std::size_t kEntriesAtOnce = 1000;  ///< decoded at once while a fold advances
constexpr std::size_t kFoldsKept = 100'000;   ///< then all are dropped: a fold can always be made again

bool makes(const Event& event, const std::string& item) {
    if (event.type == EventType::transformation)
        return std::ranges::any_of(event.outputs, [&](const ItemQuantity& output) { return output.item.str() == item; });
    return event.type == EventType::object && (event.biz_step == "commissioning" || event.biz_step == "creating_class_instance");
}

std::optional<Instant> earliest(const std::map<EventId, Instant>& times) {
    const auto first = std::ranges::min_element(times, {}, [](const auto& entry) { return entry.second; });
    return first == times.end() ? std::nullopt : std::optional{first->second};
}

}  // namespace

Result<void> ItemDates::advance(ReadSnapshot& snapshot, const std::string& item, Sequence position) {
    const auto sequences = snapshot.subject_entries_from(item, position_, position);
    if (!sequences) return std::unexpected(sequences.error());
    for (std::size_t first = 0; first < sequences->size(); first += kEntriesAtOnce) {
        const std::size_t end = std::min(first + kEntriesAtOnce, sequences->size());
        const auto at = [&](std::size_t i) { return sequences->begin() + static_cast<std::ptrdiff_t>(i); };
        const auto rows = snapshot.entries_at(std::vector<Sequence>(at(first), at(end)));
        if (!rows) return std::unexpected(rows.error());
        Entry entry;
        for (const StoredEntry& row : *rows) {
            if (auto read = decode_stored({row.sequence, row.bytes, row.leaf_hash}, entry); !read) return read;
            if (const Event* event = std::get_if<Event>(&entry.body)) apply(*event, item);
            known_ = true;
            position_ = row.sequence + 1;
        }
    }
    position_ = position;
    return {};
}

void ItemDates::apply(const Event& event, const std::string& item) {
    if (event.error) {
        made_.erase(event.id);
        received_.erase(event.id);
        return;
    }
    if (makes(event, item)) made_.emplace(event.id, event.time.instant);
    if (event.biz_step == "receiving") received_.emplace(event.id, event.time.instant);
}

std::optional<Instant> ItemDates::made() const { return earliest(made_); }

std::optional<Instant> ItemDates::received() const { return earliest(received_); }

void ItemDatesCache::begin_unit(Sequence size) {
    for (const std::string& item : used_)
        if (const auto fold = folds_.find(item); fold != folds_.end() && fold->second.position() > size) folds_.erase(fold);
    used_.clear();
}

void ItemDatesCache::clear() {
    folds_.clear();
    used_.clear();
}

ItemDates& ItemDatesCache::of(const std::string& item) {
    if (folds_.size() >= kFoldsKept) folds_.clear();
    used_.push_back(item);
    return folds_[item];
}

}  // namespace stemma::engine
