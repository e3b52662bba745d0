#include "core/engine/item_dates.hpp"

#include <algorithm>

#include "core/engine/stored.hpp"

namespace stemma::engine {
namespace {

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
    const auto read = visit_stored(snapshot, *sequences, [&](Sequence sequence, const Entry& entry) {
        if (const Event* event = std::get_if<Event>(&entry.body)) apply(*event, item);
        ++entries_;
        position_ = sequence + 1;
    });
    if (!read) return read;
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

}  // namespace stemma::engine
