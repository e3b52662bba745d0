// What is told of records beside the rules' own conflicts: numbers that are nearly the same, dates that differ, aliases that name nothing.
#include <fmt/format.h>

#include <algorithm>

#include "core/engine/meeting_rules.hpp"
#include "core/engine/project.hpp"
#include "core/engine/query.hpp"

namespace stemma::engine {
namespace {

using Kind = Conflict::Kind;

constexpr std::uint64_t kPage = 1000;
constexpr std::size_t kDateBytes = 10;  ///< of "2027-01-31T00:00:00Z"

std::string expiry_of(const Item& item) {
    for (const char* const name : {"itemExpirationDate", "bestBeforeDate"})
        if (const auto found = item.attributes.find(name); found != item.attributes.end()) return found->second.substr(0, kDateBytes);
    return {};
}

ConflictSide side_of(const Item& item, std::string said) {
    return {source_of(item.id.str()), item.id.str(), stemma::label_of(item), std::move(said)};
}

}  // namespace

Result<std::vector<Conflict>> MeetingRules::remarks_on_item(const std::string& id) {
    std::vector<Conflict> remarks;
    const auto item = record<Item>(id);
    if (!item) return std::unexpected(item.error());
    if (!*item) return remarks;
    const auto group = group_of(id);
    if (!group) return std::unexpected(group.error());
    if (group->size() > 1) {
        Conflict dates{Kind::expiry_differs, true, {}, {}};
        std::set<std::string> said;
        for (const std::string& one : *group) {
            const auto other = record<Item>(one);
            if (!other) return std::unexpected(other.error());
            if (!*other || expiry_of(**other).empty()) continue;
            said.insert(expiry_of(**other));
            dates.sides.push_back(side_of(**other, expiry_of(**other)));
        }
        if (said.size() > 1) {
            std::ranges::sort(dates.sides);
            dates.what = dates.sides.front().label;
            remarks.push_back(std::move(dates));
        }
    }
    const auto mine = met_identifier(**item);
    if (!mine || (*item)->product.empty()) return remarks;
    const auto products = products_one_with((*item)->product.str());
    if (!products) return std::unexpected(products.error());
    if ((*products)->size() < 2) return remarks;
    bool too_common = false;
    const auto ids = named(search_form(mine->value), {}, too_common);
    if (!ids) return std::unexpected(ids.error());
    for (const std::string& one : *ids) {
        if (source_of(one) == source_of(id) || group->contains(one)) continue;
        const auto other = record<Item>(one);
        if (!other) return std::unexpected(other.error());
        if (!*other || !(*products)->contains((*other)->product.str())) continue;
        const auto theirs = met_identifier(**other);
        if (!theirs || ((*other)->kind == (*item)->kind && theirs == mine)) continue;
        const bool kinds = (*other)->kind != (*item)->kind;
        if (kinds ? theirs->value != mine->value : search_form(theirs->value) != search_form(mine->value)) continue;
        Conflict near{kinds ? Kind::kind_differs : Kind::nearly_same, false, {}, {}};
        for (const Item* each : {&**item, &**other})
            near.sides.push_back(side_of(*each, kinds ? std::string{to_string(each->kind)} : met_identifier(*each)->scheme));
        std::ranges::sort(near.sides);
        near.what = near.sides.front().label;
        remarks.push_back(std::move(near));
    }
    return remarks;
}

Result<std::vector<Conflict>> MeetingRules::remarks_on_product(const std::string& id) {
    std::vector<Conflict> remarks;
    const auto product = record<Product>(id);
    if (!product) return std::unexpected(product.error());
    if (!*product) return remarks;
    const auto written = (*product)->attributes.find("gtin");
    if (written == (*product)->attributes.end() || normal_gtin(written->second)) return remarks;
    bool too_common = false;
    const auto ids = named(search_form(written->second), "gtin", too_common);
    if (!ids) return std::unexpected(ids.error());
    Conflict bad{Kind::bad_gtin, false, fmt::format("gtin {}", written->second), {}};
    std::set<std::string> sources;
    for (const std::string& one : *ids) {
        const auto other = record<Product>(one);
        if (!other) return std::unexpected(other.error());
        if (!*other) continue;
        const auto theirs = (*other)->attributes.find("gtin");
        if (theirs == (*other)->attributes.end() || search_form(theirs->second) != search_form(written->second)) continue;
        sources.insert(source_of(one));
        bad.sides.push_back({source_of(one), one, engine::label_of(**other), theirs->second});
    }
    std::ranges::sort(bad.sides);
    if (sources.size() > 1) remarks.push_back(std::move(bad));
    return remarks;
}

Result<std::vector<Conflict>> MeetingRules::remarks_on_aliases() {
    std::vector<Conflict> remarks;
    std::set<std::string> read;  // sources that have products
    for (std::uint64_t after = 0; !settings_.same_products.empty(); after += kPage) {
        const auto page = snapshot_.subjects(Subject::Kind::product, after, kPage);
        if (!page) return std::unexpected(page.error());
        for (const SubjectRow& row : *page)
            if (row.master) read.insert(source_of(row.id));
        if (page->size() < kPage) break;
    }
    for (const SameProduct& line : settings_.same_products)
        for (const auto& [source, sku] : {std::pair{&line.source, &line.sku}, std::pair{&line.other_source, &line.other_sku}}) {
            if (!read.contains(*source)) continue;
            const auto found = products_with_sku(*source, *sku);
            if (!found) return std::unexpected(found.error());
            if (found->empty())
                remarks.push_back({Kind::alias_unknown, false, line.where, {{*source, {}, *sku, "no product has this SKU"}}});
        }
    return remarks;
}

}  // namespace stemma::engine
