#include "core/engine/facts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ranges>

#include "core/base/text.hpp"
#include "core/engine/stored.hpp"
#include "core/lineage/stock.hpp"

namespace stemma::engine {
namespace {

constexpr std::size_t kEntriesAtOnce = 200;  ///< read at once while an old master record is looked for

/// A date attribute of an item, or no value where it is absent or not a date.
Value date_value(const Attributes& attributes, const char* name) {
    const auto found = attributes.find(name);
    if (found == attributes.end()) return {};
    const Result<WrittenTime> written = parse_time(found->second);
    return written ? Value{written->instant} : Value{};
}

Value value_of(const std::optional<Instant>& time) { return time ? Value{*time} : Value{}; }

}  // namespace

const std::vector<FactKind>& fact_kinds() {
    using enum ColumnType;
    static const std::vector<FactKind> kinds{
        {"item.identity", {"item"}, {{"scheme", text}, {"value", text}}, "every identifier of the item, the one people see first"},
        {"item.product",
         {"item"},
         {{"product", text}, {"sku", text}, {"name", text}, {"category", text}, {"tracking", text}},
         "the product the item is one of; for goods without lots the product itself"},
        {"item.dates",
         {"item"},
         {{"made_at", time}, {"expiry", time}, {"best_before", time}, {"received_at", time}},
         "when it was made (productionDate, else its first output or commissioning), expires, is best before, first came in"},
        {"item.attributes", {"item"}, {{"name", text}, {"value", text}}, "the item's own attributes as its source gave them"},
        {"item.status", {"item"}, {{"status", text}}, "the item's status, folded from its events"},
        {"product.attributes",
         {"product"},
         {{"name", text}, {"value", text}},
         "sku, name, category, tracking, unit and the product's attributes"},
    };
    return kinds;
}

FactReader::FactReader(ReadSnapshot& snapshot, Sequence position, const Limits& limits, ItemDatesCache* dates)
    : snapshot_{snapshot}, position_{position}, limits_{limits}, dates_{dates} {}

Result<FactTable> FactReader::answer(const FactRequest& request) {
    const auto& kinds = fact_kinds();
    const auto kind = std::ranges::find(kinds, request.name, &FactKind::name);
    if (kind == kinds.end())
        return fail(Errc::plugin, fmt::format("there is no fact '{}'", clip(request.name)), {}, "core/docs/facts.md lists them");
    if (request.arguments.size() != kind->arguments.size())
        return fail(Errc::plugin, fmt::format("the fact {} takes {} argument(s), {} were given", kind->name, kind->arguments.size(),
                                              request.arguments.size()));
    FactTable table{request.name, request.arguments, kind->columns, {}};
    const std::string& id = request.arguments.front();
    Result<void> read;
    if (request.name == "item.identity")
        read = item_identity(id, table);
    else if (request.name == "item.product")
        read = item_product(id, table);
    else if (request.name == "item.dates")
        read = item_dates(id, table);
    else if (request.name == "item.attributes")
        read = item_attributes(id, table);
    else if (request.name == "item.status")
        read = item_status(id, table);
    else
        read = product_attributes(id, table);
    if (!read) return fail(std::move(read));
    return table;
}

Result<const FactReader::History*> FactReader::history_of(const std::string& id) {
    if (const auto known = histories_.find(id); known != histories_.end()) return &known->second;
    const auto sequences = snapshot_.subject_entries_from(id, 0, position_);
    if (!sequences) return std::unexpected(sequences.error());
    if (sequences->size() > limits_.history_entries_max)
        return fail(Errc::too_large, fmt::format("{} entries speak of {}, a fact folds at most {}", sequences->size(), clip(id, 128),
                                                 limits_.history_entries_max));
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

Result<void> FactReader::item_identity(const std::string& id, FactTable& table) {
    const auto items = all_newest<Item>(id);
    if (!items) return std::unexpected(items.error());
    for (const Item* item : *items)
        for (const Identifier& identifier : item->identifiers)
            if (std::vector<Value> row{identifier.scheme, identifier.value}; std::ranges::find(table.rows, row) == table.rows.end())
                table.rows.push_back(std::move(row));
    return {};
}

Result<void> FactReader::item_product(const std::string& id, FactTable& table) {
    const auto items = all_newest<Item>(id);
    if (!items) return std::unexpected(items.error());
    const auto products = all_newest<Product>(items->empty() ? id : items->front()->product.str());
    if (!products) return std::unexpected(products.error());
    if (products->empty()) return {};
    const Product& found = *products->front();
    table.rows.push_back({found.id.str(), found.sku, found.name, found.category, std::string{to_string(found.tracking)}});
    return {};
}

/// Of ids that are one the earliest date of each: whoever knows it sooner is on the safe side.
Result<void> FactReader::item_dates(const std::string& id, FactTable& table) {
    const auto group = known_as_.all(id);
    if (!group) return std::unexpected(group.error());
    bool known = false;
    std::optional<Instant> made;
    std::optional<Instant> received;
    const auto earlier = [](std::optional<Instant>& kept, const std::optional<Instant>& other) {
        if (other && (!kept || *other < *kept)) kept = other;
    };
    for (const std::string& one : *group) {
        ItemDates own;
        ItemDates& dates = dates_ != nullptr ? dates_->of(one) : own;
        if (auto advanced = dates.advance(snapshot_, one, position_); !advanced) return advanced;
        known = known || dates.known();
        earlier(made, dates.made());
        earlier(received, dates.received());
    }
    if (!known) return {};
    const auto items = all_newest<Item>(id);
    if (!items) return std::unexpected(items.error());
    std::optional<Instant> stated;
    std::optional<Instant> expiry;
    std::optional<Instant> best_before;
    const auto time_of = [](const Value& value) {
        const Instant* time = std::get_if<Instant>(&value);
        return time != nullptr ? std::optional{*time} : std::nullopt;
    };
    for (const Item* item : *items) {
        earlier(stated, time_of(date_value(item->attributes, "productionDate")));
        earlier(expiry, time_of(date_value(item->attributes, "itemExpirationDate")));
        earlier(best_before, time_of(date_value(item->attributes, "bestBeforeDate")));
    }
    table.rows.push_back({value_of(stated ? stated : made), value_of(expiry), value_of(best_before), value_of(received)});
    return {};
}

Result<void> FactReader::item_attributes(const std::string& id, FactTable& table) {
    const auto items = all_newest<Item>(id);
    if (!items) return std::unexpected(items.error());
    Attributes all;
    for (const Item* item : *items) all.insert(item->attributes.begin(), item->attributes.end());
    for (const auto& [name, value] : all) table.rows.push_back({name, value});
    return {};
}

Result<void> FactReader::item_status(const std::string& id, FactTable& table) {
    const auto group = known_as_.all(id);
    if (!group) return std::unexpected(group.error());
    // The same fold as the live index does, over this item's entries and the master data that tells stock from transit, and units.
    std::map<Sequence, const Entry*> entries;
    for (const std::string& one : *group) {
        const auto history = history_of(one);
        if (!history) return std::unexpected(history.error());
        for (const auto& [sequence, entry] : **history) {
            entries[sequence] = &entry;
            for (const Subject& subject : subjects_of(entry.body)) {
                const bool wanted = subject.kind == Subject::Kind::place || subject.id == one;
                const auto master = wanted ? newest_master(subject.id) : Result<const MasterEntry*>{nullptr};
                if (!master) return std::unexpected(master.error());
                if (*master != nullptr) entries[(*master)->first] = &(*master)->second;
            }
        }
    }
    if (entries.empty()) return {};
    const auto items = all_newest<Item>(id);
    if (!items) return std::unexpected(items.error());
    for (const Item* item : *items) {
        const auto product = newest_master(item->product.str());
        if (!product) return std::unexpected(product.error());
        if (*product != nullptr) entries[(*product)->first] = &(*product)->second;
    }
    lineage::Index index;
    index.read_ledger_by([&](Sequence end, const std::function<void(Sequence, const Entry&)>& take) {
        for (auto entry = entries.begin(); entry != entries.end() && entry->first < end; ++entry) take(entry->first, *entry->second);
    });
    index.hold(true);
    for (const auto& [sequence, entry] : entries) index.apply(sequence, *entry);
    index.hold(false);
    const auto view = index.view();
    const lineage::Node node = view.find(ItemId{id});
    if (node == lineage::Node::none) return {};
    table.rows.push_back({std::string{lineage::to_string(lineage::stock_of(view, node).status)}});
    return {};
}

Result<void> FactReader::product_attributes(const std::string& id, FactTable& table) {
    const auto products = all_newest<Product>(id);
    if (!products) return std::unexpected(products.error());
    if (products->empty()) return {};
    const Product& found = *products->front();
    for (const auto& [name, value] : {std::pair<std::string, std::string>{"sku", found.sku},
                                      {"name", found.name},
                                      {"category", found.category},
                                      {"tracking", std::string{to_string(found.tracking)}},
                                      {"unit", found.unit}})
        table.rows.push_back({name, value});
    Attributes all;
    for (const Product* product : *products) all.insert(product->attributes.begin(), product->attributes.end());
    for (const auto& [name, value] : all) table.rows.push_back({name, value});
    return {};
}

}  // namespace stemma::engine
