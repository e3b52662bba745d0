// Facts of an item's records, dates and status.
#include <algorithm>

#include "core/engine/facts_reading.hpp"
#include "core/lineage/stock.hpp"

namespace stemma::engine {

Result<void> FactReader::item_identity(const Arguments& arguments, FactTable& table) {
    const std::string& id = arguments.front();
    const auto items = all_newest<Item>(id);
    if (!items) return std::unexpected(items.error());
    for (const Item* item : *items)
        for (const Identifier& identifier : item->identifiers)
            if (std::vector<Value> row{identifier.scheme, identifier.value}; std::ranges::find(table.rows, row) == table.rows.end())
                table.rows.push_back(std::move(row));
    return {};
}

Result<void> FactReader::item_product(const Arguments& arguments, FactTable& table) {
    const std::string& id = arguments.front();
    const auto product = product_of(id);
    if (!product) return std::unexpected(product.error());
    if (*product == nullptr) return {};
    const Product& found = **product;
    table.rows.push_back({found.id.str(), found.sku, found.name, found.category, std::string{to_string(found.tracking)}});
    return {};
}

Result<void> FactReader::item_dates(const Arguments& arguments, FactTable& table) {
    const auto dates = stated_dates(arguments.front());
    if (!dates) return std::unexpected(dates.error());
    if (dates->known) table.rows.push_back({cell(dates->made), cell(dates->expiry), cell(dates->best_before), cell(dates->received)});
    return {};
}

Result<void> FactReader::lot_expiry(const Arguments& arguments, FactTable& table) {
    const auto dates = stated_dates(arguments.front());
    if (!dates) return std::unexpected(dates.error());
    if (dates->known) table.rows.push_back({cell(dates->expiry), cell(dates->best_before), cell(dates->made)});
    return {};
}

Result<void> FactReader::item_attributes(const Arguments& arguments, FactTable& table) {
    const std::string& id = arguments.front();
    const auto items = all_newest<Item>(id);
    if (!items) return std::unexpected(items.error());
    Attributes all;
    for (const Item* item : *items) all.insert(item->attributes.begin(), item->attributes.end());
    for (const auto& [name, value] : all) table.rows.push_back({name, value});
    return {};
}

Result<void> FactReader::item_status(const Arguments& arguments, FactTable& table) {
    const std::string& id = arguments.front();
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

}  // namespace stemma::engine
