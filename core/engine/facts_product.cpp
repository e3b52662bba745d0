// Facts of products, parties and places. Those about all items of a product need the lineage's list of them.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <tuple>

#include "core/base/text.hpp"
#include "core/engine/facts_reading.hpp"
#include "core/engine/stored.hpp"
#include "core/lineage/stock.hpp"

namespace stemma::engine {
namespace {

constexpr std::int64_t kMicrosPerDay = 86'400 * kMicrosPerSecond;

Result<std::int64_t> days_of(const std::string& text) {
    std::int64_t days = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), days);
    if (error != std::errc{} || end != text.data() + text.size() || days < 1 || days > kFactDaysMax)
        return fail(Errc::plugin, fmt::format("'{}' is no number of days from 1 to {}", clip(text), kFactDaysMax));
    return days;
}

/// 00:00 UTC of its day.
std::int64_t day_of(Instant time) noexcept {
    const std::int64_t part = time.us % kMicrosPerDay;
    return time.us - (part < 0 ? part + kMicrosPerDay : part);
}

}  // namespace

Result<void> FactReader::product_attributes(const Arguments& arguments, FactTable& table) {
    const std::string& id = arguments.front();
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

Result<void> FactReader::party_attributes(const Arguments& arguments, FactTable& table) {
    const auto party = newest<Party>(arguments.front());
    if (!party) return std::unexpected(party.error());
    if (*party == nullptr) return {};
    table.rows.push_back({std::string{"code"}, (*party)->code});
    for (const auto& [name, value] : (*party)->attributes) table.rows.push_back({name, value});
    return {};
}

Result<void> FactReader::place_attributes(const Arguments& arguments, FactTable& table) {
    const auto place = newest<Place>(arguments.front());
    if (!place) return std::unexpected(place.error());
    if (*place == nullptr) return {};
    Attributes all = (*place)->attributes;
    all.emplace("kind", to_string((*place)->kind));
    for (const auto& [name, value] :
         {std::pair<std::string, std::string>{"code", (*place)->code}, {"name", (*place)->name}, {"parent", (*place)->parent.str()}})
        table.rows.push_back({name, value});
    for (const auto& [name, value] : all) table.rows.push_back({name, value});
    return {};
}

/// The product's items and, by its own id, its goods without lots, in order of their ids.
Result<std::vector<std::string>> FactReader::items_of_product(const std::string& product) {
    if (view_ == nullptr)
        return fail(Errc::plugin, "facts about all items of a product are told to assessments and reports, not to verdicts", {},
                    "core/docs/facts.md");
    const auto group = known_as_.all(product);
    if (!group) return std::unexpected(group.error());
    std::set<std::string> items;
    for (const std::string& one : *group) {
        for (const lineage::Node node : view_->items_of(ProductId{one}, limits_.fact_items_max + 1)) items.emplace(view_->id(node));
        if (auto within = check_items(items.size()); !within) return fail(std::move(within));
    }
    if (const lineage::Node stock = view_->find(ItemId{group->front()}); stock != lineage::Node::none && view_->is_untracked(stock))
        items.insert(group->front());
    return std::vector<std::string>(items.begin(), items.end());
}

Result<void> FactReader::product_stock(const Arguments& arguments, FactTable& table) {
    const auto items = items_of_product(arguments.front());
    if (!items) return std::unexpected(items.error());
    for (const std::string& item : *items) {
        const lineage::Node node = view_->find(ItemId{item});
        if (node == lineage::Node::none) continue;
        const lineage::ItemStock stock = lineage::stock_of(*view_, node);
        const auto dates = stated_dates(item);
        if (!dates) return std::unexpected(dates.error());
        if (auto within = spend(item, dates->entries); !within) return within;
        for (const lineage::UnitStock& unit : stock.units) {
            const auto tell = [&](const std::vector<lineage::PlaceAmount>& amounts, lineage::Status status) {
                for (const lineage::PlaceAmount& at : amounts)
                    table.rows.push_back({item, cell(stock.kind == lineage::NodeKind::lot ? std::string_view{item} : ""),
                                          cell(at.place == lineage::PlaceNo::none ? "" : view_->place(at.place).id),
                                          cell(to_string(status)), Quantity{at.micros, std::string{view_->unit(unit.unit)}},
                                          cell(dates->expiry), cell(dates->made)});
            };
            tell(unit.on_hand, stock.on_hand_status);
            tell(unit.in_transit, lineage::Status::in_transit);
        }
    }
    return {};
}

Result<void> FactReader::product_sales(const Arguments& arguments, FactTable& table) {
    const auto days = days_of(arguments.back());
    if (!days) return std::unexpected(days.error());
    const auto items = items_of_product(arguments.front());
    if (!items) return std::unexpected(items.error());
    if (position_ == 0) return {};
    std::int64_t last = 0;
    const auto newest = visit_stored(snapshot_, {position_ - 1}, [&](Sequence, const Entry& entry) { last = day_of(entry.recorded_at); });
    if (!newest) return newest;
    struct Sold {
        std::int64_t micros{0};
        std::int64_t events{0};
    };
    std::map<std::pair<std::int64_t, std::string>, Sold> by_day;
    for (const std::string& item : *items) {
        const auto happenings = happenings_of(item);
        if (!happenings) return std::unexpected(happenings.error());
        for (const Happening* one : *happenings) {
            const std::int64_t day = day_of(one->time);
            if (one->kind != Milestone::sold || day > last || day <= last - *days * kMicrosPerDay) continue;
            const Quantity much = one->much.value_or(Quantity{kQuantityScale, "C62"});
            Sold& sold = by_day[{day, much.unit}];
            sold.micros = lineage::add_clamped(sold.micros, much.micros);
            ++sold.events;
        }
    }
    for (const auto& [key, sold] : by_day) table.rows.push_back({Instant{key.first}, Quantity{sold.micros, key.second}, sold.events});
    return {};
}

}  // namespace stemma::engine
