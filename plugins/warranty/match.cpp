#include "plugins/warranty/match.hpp"

#include <algorithm>

namespace stemma::warranty {
namespace {

bool allows(const std::vector<std::string>& list, const std::string& value) {
    return list.empty() || std::ranges::find(list, value) != list.end();
}

Match no() { return {Match::Is::no, {}}; }
Match unknown(std::string why) { return {Match::Is::unknown, std::move(why)}; }

Match match_supplier(const Applies& applies, const Cycle& cycle) {
    if (applies.suppliers.empty()) return {};
    const Milestone* receipt = cycle.at(Basis::receipt);
    if (receipt == nullptr || receipt->party.empty()) return unknown("from whom it was received is not recorded");
    return allows(applies.suppliers, receipt->party) ? Match{} : no();
}

/// A buyer of unknown kind is taken as one of those: that is the side on which an error costs the seller, not the buyer.
Match match_buyer(const Applies& applies, const Facts& facts, const Cycle& cycle) {
    if (applies.buyers.empty()) return {};
    const Milestone* sale = cycle.sale();
    const auto kind = sale == nullptr ? facts.buyer_kinds.end() : facts.buyer_kinds.find(sale->party);
    if (kind == facts.buyer_kinds.end() || kind->second.empty())
        return {Match::Is::yes, "the buyer's kind is not recorded and is taken as " + applies.buyers.front()};
    return allows(applies.buyers, kind->second) ? Match{} : no();
}

}  // namespace

std::string market_of(const Cycle& cycle) {
    for (const Basis basis : {Basis::delivery, Basis::sale, Basis::invoice, Basis::ship})
        if (const Milestone* found = cycle.at(basis); found != nullptr && !found->market.empty()) return found->market;
    return {};
}

std::optional<Day> sold_day(const Policy& policy, const Cycle& cycle) {
    const Milestone* sale = policy.kind == Kind::supplier ? cycle.at(Basis::receipt) : cycle.sale();
    if (sale == nullptr) return std::nullopt;
    return day_of(sale->at.us, sale->at.date_only, policy.calendar);
}

std::optional<Start> start_of(const Policy& policy, const Cycle& cycle) {
    for (const Basis basis : policy.start) {
        const Milestone* found = cycle.at(basis);
        if (found == nullptr) continue;
        const Day day = day_of(found->at.us, found->at.date_only, policy.calendar);
        const bool grace = basis == Basis::manufacture && !policy.manufacture_grace.empty();
        return Start{basis, grace ? last_day_of(day, policy.manufacture_grace, {false, policy.calendar.month_end, 0}) : day, day};
    }
    return std::nullopt;
}

bool names_part(const Policy& policy, const Component& part) {
    const auto& list = policy.applies.components;
    const auto names = [&](const std::string& id) { return !id.empty() && std::ranges::find(list, id) != list.end(); };
    return names(part.sku) || names(part.product);
}

Match match(const Policy& policy, const Facts& facts, const Unit& unit, const Cycle& cycle) {
    const Applies& applies = policy.applies;
    if (!allows(applies.products, facts.product) || !allows(applies.skus, facts.sku) || !allows(applies.categories, facts.category))
        return no();
    const auto condition = unit.attributes.find("condition");
    const bool used = cycle.used || (condition != unit.attributes.end() && condition->second == "used");
    if ((applies.condition == Condition::only_new && used) || (applies.condition == Condition::only_used && !used)) return no();
    if (Match supplier = match_supplier(applies, cycle); supplier.is != Match::Is::yes) return supplier;
    if (applies.sold_from || applies.sold_to) {
        const auto sold = sold_day(policy, cycle);
        if (!sold) return unknown(policy.kind == Kind::supplier ? "no receipt of it is recorded" : "no sale of it is recorded");
        if ((applies.sold_from && *sold < *applies.sold_from) || (applies.sold_to && *sold > *applies.sold_to)) return no();
    }
    if (!applies.markets.empty()) {
        const std::string market = market_of(cycle);
        if (market.empty()) return unknown("the market it was sold in is not recorded");
        if (!allows(applies.markets, market)) return no();
    }
    return match_buyer(applies, facts, cycle);
}

}  // namespace stemma::warranty
