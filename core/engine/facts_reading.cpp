// What facts are made of: histories, folds and master records as of one position, and the limits on what one fact reads.
#include "core/engine/facts_reading.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ranges>
#include <tuple>

#include "core/base/text.hpp"
#include "core/engine/stored.hpp"

namespace stemma::engine {
namespace {

constexpr std::size_t kEntriesAtOnce = 200;  ///< read at once while an old master record is looked for

}  // namespace

std::optional<Instant> date_of(const Attributes& attributes, const char* name) {
    const auto found = attributes.find(name);
    if (found == attributes.end()) return std::nullopt;
    const Result<WrittenTime> written = parse_time(found->second);
    return written ? std::optional{written->instant} : std::nullopt;
}

Result<void> FactReader::spend(const std::string& id, std::size_t entries) {
    if (read_.insert(id).second) spent_ += entries;
    if (spent_ <= limits_.history_entries_max) return {};
    return fail(Errc::too_large,
                fmt::format("{} entries speak of {}, a fact folds at most {}", spent_, clip(id, 128), limits_.history_entries_max), {},
                "limits.fact_entries_max in stemma.yaml sets how many");
}

Result<void> FactReader::check_items(std::size_t items) const {
    if (items <= limits_.fact_items_max) return {};
    return fail(Errc::too_large, fmt::format("a fact looks at {} items or more, {} are allowed", items, limits_.fact_items_max), {},
                "limits.fact_items_max in stemma.yaml sets how many");
}

Result<const FactReader::History*> FactReader::history_of(const std::string& id) {
    if (const auto known = histories_.find(id); known != histories_.end()) {
        if (auto within = spend(id, known->second.size()); !within) return fail(std::move(within));
        return &known->second;
    }
    const auto sequences = snapshot_.subject_entries_from(id, 0, position_);
    if (!sequences) return std::unexpected(sequences.error());
    if (auto within = spend(id, sequences->size()); !within) return fail(std::move(within));
    const auto stored = snapshot_.entries_at(*sequences);
    if (!stored) return std::unexpected(stored.error());
    History history;
    history.reserve(stored->size());
    for (const StoredEntry& row : *stored) {
        Entry& entry = history.emplace_back(row.sequence, Entry{}).second;
        if (auto read = decode_stored({row.sequence, row.bytes, row.leaf_hash}, entry); !read) return fail(std::move(read));
    }
    return &histories_.emplace(id, std::move(history)).first->second;
}

Result<std::vector<FactReader::Standing>> FactReader::events_of(std::span<const std::string> ids) {
    std::map<Sequence, const Event*> events;
    for (const std::string& id : ids) {
        const auto history = history_of(id);
        if (!history) return std::unexpected(history.error());
        for (const auto& [sequence, entry] : **history)
            if (const Event* event = std::get_if<Event>(&entry.body)) events[sequence] = event;
    }
    std::set<std::string_view> wrong;  // an error names an event before it
    std::vector<Standing> standing;
    for (const auto& [sequence, event] : events | std::views::reverse) {
        if (event->error)
            wrong.insert(event->id.str());
        else if (!wrong.contains(event->id.str()))
            standing.push_back({sequence, event});
    }
    std::ranges::reverse(standing);
    return standing;
}

Result<std::vector<const ItemLife*>> FactReader::lives_of(const std::string& id) {
    const auto group = known_as_.all(id);
    if (!group) return std::unexpected(group.error());
    std::vector<const ItemLife*> lives;
    for (const std::string& one : *group) {
        if (folds_ != nullptr) {
            const auto kept = folds_->lives.at(snapshot_, one, position_, limits_.history_entries_max);
            if (!kept) return std::unexpected(kept.error());
            lives.push_back(group->size() == 1 ? *kept : &(lives_[one] = **kept));  // the next look into the cache may drop it
        } else {
            ItemLife& own = lives_[one];
            if (auto read = own.advance(snapshot_, one, position_, limits_.history_entries_max); !read) return fail(std::move(read));
            lives.push_back(&own);
        }
        if (auto within = spend(one, lives.back()->entries()); !within) return fail(std::move(within));
    }
    return lives;
}

Result<std::vector<const Happening*>> FactReader::happenings_of(const std::string& id) {
    const auto lives = lives_of(id);
    if (!lives) return std::unexpected(lives.error());
    std::vector<const Happening*> all;
    std::set<std::tuple<Sequence, Milestone, std::string_view, EventPart>> told;
    std::vector<const std::string*> named;
    for (const ItemLife* life : *lives) {
        for (const Happening& one : life->happenings()) {
            if (lives->size() > 1 && !told.emplace(one.sequence, one.kind, one.other, one.part).second) continue;
            all.push_back(&one);
            for (const std::string* end : {&one.party, &one.place})
                if (!end->empty()) named.push_back(end);
        }
    }
    const auto place = [](const Happening* one) {
        return std::tuple{one->time, one->sequence, one->kind, std::string_view{one->other}, one->part};
    };
    if (lives->size() > 1) std::ranges::sort(all, {}, place);
    const auto by_text = [](const std::string* text) -> const std::string& { return *text; };
    std::ranges::sort(named, {}, by_text);
    const auto repeated = std::ranges::unique(named, {}, by_text);
    named.erase(repeated.begin(), repeated.end());
    if (auto read = read_masters(named); !read) return fail(std::move(read));
    return all;
}

Result<std::vector<FactReader::NamedCase>> FactReader::cases_of(const std::string& id) {
    const auto lives = lives_of(id);
    if (!lives) return std::unexpected(lives.error());
    std::vector<NamedCase> cases;
    for (const ItemLife* life : *lives)
        for (const auto& [name, about] : life->cases()) cases.emplace_back(name, &about);
    std::ranges::sort(cases, {}, [](const NamedCase& one) { return one.second->first; });
    return cases;
}

Result<const ItemDates*> FactReader::dates_of(const std::string& id) {
    if (folds_ != nullptr) return folds_->dates.at(snapshot_, id, position_);
    ItemDates& dates = dates_[id];
    if (auto advanced = dates.advance(snapshot_, id, position_); !advanced) return fail(std::move(advanced));
    return &dates;
}

/// Of ids that are one the earliest date of each: whoever knows it sooner is on the safe side.
Result<FactReader::StatedDates> FactReader::stated_dates(const std::string& id) {
    const auto group = known_as_.all(id);
    if (!group) return std::unexpected(group.error());
    StatedDates all;
    const auto earlier = [](std::optional<Instant>& kept, const std::optional<Instant>& other) {
        if (other && (!kept || *other < *kept)) kept = other;
    };
    for (const std::string& one : *group) {
        const auto dates = dates_of(one);
        if (!dates) return std::unexpected(dates.error());
        all.known = all.known || (*dates)->known();
        all.entries += (*dates)->entries();
        earlier(all.made, (*dates)->made());
        earlier(all.received, (*dates)->received());
    }
    if (!all.known) return all;
    const auto items = all_newest<Item>(id);
    if (!items) return std::unexpected(items.error());
    std::optional<Instant> stated;
    for (const Item* item : *items) {
        earlier(stated, date_of(item->attributes, "productionDate"));
        earlier(all.expiry, date_of(item->attributes, "itemExpirationDate"));
        earlier(all.best_before, date_of(item->attributes, "bestBeforeDate"));
    }
    if (stated) all.made = stated;
    return all;
}

Result<const Product*> FactReader::product_of(const std::string& item) {
    const auto items = all_newest<Item>(item);
    if (!items) return std::unexpected(items.error());
    const auto products = all_newest<Product>(items->empty() ? item : items->front()->product.str());
    if (!products) return std::unexpected(products.error());
    return products->empty() ? nullptr : products->front();
}

Result<std::string> FactReader::market_of(const std::string& party, const std::string& place) {
    const auto country = [](const Attributes& attributes) {
        const auto found = attributes.find("country");
        return found == attributes.end() ? std::string{} : found->second;
    };
    if (!party.empty()) {
        const auto record = newest<Party>(party);
        if (!record) return std::unexpected(record.error());
        if (*record != nullptr)
            if (std::string found = country((*record)->attributes); !found.empty()) return found;
    }
    if (place.empty()) return std::string{};
    const auto record = newest<Place>(place);
    if (!record) return std::unexpected(record.error());
    return *record != nullptr ? country((*record)->attributes) : std::string{};
}

Result<void> FactReader::read_masters(std::span<const std::string* const> ids) {
    std::vector<const std::string*> unread;
    unread.reserve(ids.size());
    for (const std::string* id : ids)
        if (!masters_.contains(std::string_view{*id})) unread.push_back(id);
    if (unread.empty()) return {};
    std::vector<std::unique_ptr<MasterEntry>> found(unread.size());
    std::vector<std::size_t> later;  // a replay: the newest record came later than the position asked about
    Result<void> sound;
    const auto visited = snapshot_.visit_masters(unread, [&](std::size_t place, const EntryView& row) {
        if (!sound) return;
        if (row.sequence >= position_) return later.push_back(place);
        auto master = std::make_unique<MasterEntry>(row.sequence, Entry{});
        sound = decode_stored(row, master->second);
        if (std::holds_alternative<Master>(master->second.body)) found[place] = std::move(master);
    });
    if (!visited) return visited;
    if (!sound) return sound;
    for (const std::size_t place : later) {
        auto older = older_master(*unread[place]);
        if (!older) return fail(std::move(older));
        found[place] = *std::move(older);
    }
    masters_.reserve(masters_.size() + unread.size());
    for (std::size_t i = 0; i < unread.size(); ++i) masters_.emplace(std::string_view{*unread[i]}, std::move(found[i]));
    return {};
}

/// The record that was in force at the position is looked for among the entries that name the subject.
Result<std::unique_ptr<FactReader::MasterEntry>> FactReader::older_master(const std::string& id) {
    for (Sequence before = position_;;) {
        const auto sequences = snapshot_.subject_entries(id, before, kEntriesAtOnce);
        if (!sequences) return std::unexpected(sequences.error());
        const auto rows = snapshot_.entries_at(*sequences);
        if (!rows) return std::unexpected(rows.error());
        for (const StoredEntry& row : *rows | std::views::reverse) {
            Result<Entry> entry = decode_stored(row);
            if (!entry) return std::unexpected(entry.error());
            const Master* record = std::get_if<Master>(&entry->body);
            if (record != nullptr && id_of(*record) == id) return std::make_unique<MasterEntry>(row.sequence, *std::move(entry));
        }
        if (sequences->size() < kEntriesAtOnce) return nullptr;
        before = sequences->front();
    }
}

Result<const FactReader::MasterEntry*> FactReader::newest_master(const std::string& id) {
    auto known = masters_.find(std::string_view{id});
    if (known == masters_.end()) {
        const std::array<const std::string*, 1> wanted{&id};
        if (auto read = read_masters(wanted); !read) return fail(std::move(read));
        known = masters_.find(std::string_view{id});
    }
    return known->second.get();
}

template <class Record>
Result<const Record*> FactReader::newest(const std::string& id) {
    const auto master = newest_master(id);
    if (!master) return std::unexpected(master.error());
    return *master != nullptr ? std::get_if<Record>(&std::get<Master>((*master)->second.body)) : nullptr;
}

Result<std::vector<const Item*>> FactReader::items(std::span<const std::string* const> ids) {
    if (auto read = read_masters(ids); !read) return fail(std::move(read));
    std::vector<const Item*> found;
    found.reserve(ids.size());
    for (const std::string* id : ids) {
        const auto& master = masters_.find(std::string_view{*id})->second;
        found.push_back(master ? std::get_if<Item>(&std::get<Master>(master->second.body)) : nullptr);
    }
    return found;
}

template <class Record>
Result<std::vector<const Record*>> FactReader::all_newest(const std::string& id) {
    const auto group = known_as_.all(id);
    if (!group) return std::unexpected(group.error());
    std::vector<const Record*> records;
    for (const std::string& one : *group) {
        const auto record = newest<Record>(one);
        if (!record) return std::unexpected(record.error());
        if (*record != nullptr) records.push_back(*record);
    }
    return records;
}

template Result<std::vector<const Item*>> FactReader::all_newest<Item>(const std::string& id);
template Result<std::vector<const Product*>> FactReader::all_newest<Product>(const std::string& id);
template Result<const Party*> FactReader::newest<Party>(const std::string& id);
template Result<const Place*> FactReader::newest<Place>(const std::string& id);

}  // namespace stemma::engine
