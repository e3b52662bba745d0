// Facts of what happened to an item: its events, milestones, sales, repairs and replacements.
#include <algorithm>
#include <tuple>

#include "core/engine/facts_reading.hpp"

namespace stemma::engine {
namespace {

/// A row of item.history but for the role and the amount, which are put in by their places.
constexpr std::size_t kRoleCell = 8;

std::vector<Value> history_row(Sequence sequence, const Event& event) {
    const auto end = [](const std::vector<SourceDest>& list, const char* type) { return cell(find_source_dest(list, type)); };
    const std::string_view to = find_source_dest(event.destinations, "location");
    static const BizTransaction kNoDocument{};
    const BizTransaction& document = event.documents.empty() ? kNoDocument : event.documents.front();
    std::vector<Value> row;
    row.reserve(kRoleCell + 11);
    row.push_back(cell(event.id.str()));
    row.emplace_back(static_cast<std::int64_t>(sequence));
    row.emplace_back(event.time.instant);
    row.emplace_back(event.time.date_only);
    row.push_back(cell(to_string(event.type)));
    row.push_back(cell(event.type == EventType::transformation ? std::string_view{} : to_string(event.action)));
    for (const std::string* text : {&event.biz_step, &event.disposition}) row.push_back(cell(*text));
    row.resize(kRoleCell + 2);
    row.push_back(cell(to.empty() ? std::string_view{event.biz_location.str()} : to));
    row.push_back(cell(event.read_point.str()));
    row.push_back(end(event.sources, "owning_party"));
    row.push_back(end(event.destinations, "owning_party"));
    row.push_back(end(event.sources, "possessing_party"));
    row.push_back(end(event.destinations, "possessing_party"));
    for (const std::string* text : {&document.type, &document.id.str(), &document.number}) row.push_back(cell(*text));
    return row;
}

using Happenings = std::vector<const Happening*>;

bool is_half(const Happening& one) noexcept {
    return one.part == EventPart::input || (one.part == EventPart::output && one.kind == Milestone::repair_ended);
}

/// What went into a repair in one event has to come out of it in another; what only went in was used up, what only came out was taken off.
void drop_lone_halves(Happenings& happenings) {
    std::set<std::pair<std::string_view, EventPart>> halves;
    for (const Happening* one : happenings)
        if (is_half(*one)) halves.emplace(one->errand, one->part);
    if (halves.empty()) return;
    std::erase_if(happenings, [&](const Happening* one) {
        const EventPart other = one->part == EventPart::input ? EventPart::output : EventPart::input;
        return is_half(*one) && !halves.contains({one->errand, other});
    });
}

/// A repair in the making.
struct Repair {
    std::optional<Instant> started;
    std::optional<Instant> ended;
    const Happening* first{nullptr};
    const Happening* last{nullptr};
    bool whole{false};  ///< told by events that tell the whole
};

/// A start opens a repair of its errand, an end closes it; events that tell the whole of a repair widen the one of their errand.
std::vector<Repair> repairs_of(const Happenings& happenings) {
    std::vector<Repair> repairs;
    std::map<std::string_view, std::size_t> newest;  // by errand
    for (const Happening* happening : happenings) {
        const Happening& one = *happening;
        const bool starts = one.kind == Milestone::repair_started;
        if (!starts && one.kind != Milestone::repair_ended) continue;
        const auto known = newest.find(one.errand);
        Repair* repair = known == newest.end() ? nullptr : &repairs[known->second];
        if (repair != nullptr && repair->ended && (starts || !repair->whole) && !(one.whole && repair->whole)) repair = nullptr;
        if (repair == nullptr) {
            newest[one.errand] = repairs.size();
            repair = &repairs.emplace_back();
            repair->started = one.time;
            repair->first = &one;
            repair->whole = one.whole;
        }
        if (!starts) repair->ended = one.time;
        repair->last = &one;
    }
    return repairs;
}

}  // namespace

Result<void> FactReader::item_history(const Arguments& arguments, FactTable& table) {
    const auto group = known_as_.all(arguments.front());
    if (!group) return std::unexpected(group.error());
    auto events = events_of(*group);
    if (!events) return std::unexpected(events.error());
    std::ranges::sort(*events, {}, [](const Standing& one) { return std::tuple{one.event->time.instant, one.sequence}; });
    for (const Standing& one : *events) {
        const std::vector<Value> common = history_row(one.sequence, *one.event);
        for (const ItemRole& role : items_of(*one.event)) {
            if (std::ranges::find(*group, role.item->str()) == group->end()) continue;
            std::vector<Value>& row = table.rows.emplace_back(common);
            row[kRoleCell] = cell(to_string(role.role));
            if (role.quantity != nullptr) row[kRoleCell + 1] = *role.quantity;
        }
    }
    return {};
}

Result<void> FactReader::item_milestones(const Arguments& arguments, FactTable& table) {
    auto happenings = happenings_of(arguments.front());
    if (!happenings) return std::unexpected(happenings.error());
    drop_lone_halves(*happenings);
    for (const Happening* happening : *happenings) {
        const Happening& one = *happening;
        auto market = market_of(one.party, one.place);
        if (!market) return std::unexpected(market.error());
        table.rows.push_back(
            {cell(to_string(one.kind)), one.time, one.date_only, cell(one.event), cell(one.party), *std::move(market), cell(one.document)});
    }
    return {};
}

Result<void> FactReader::item_sold_at(const Arguments& arguments, FactTable& table) {
    const auto happenings = happenings_of(arguments.front());
    if (!happenings) return std::unexpected(happenings.error());
    for (const Happening* happening : *happenings) {
        const Happening& one = *happening;
        if (one.kind != Milestone::sold) continue;
        auto market = market_of(one.party, one.place);
        if (!market) return std::unexpected(market.error());
        table.rows.push_back({one.time, cell(one.party), *std::move(market), cell(one.document), cell(one.place)});
    }
    return {};
}

Result<void> FactReader::item_repairs(const Arguments& arguments, FactTable& table) {
    auto happenings = happenings_of(arguments.front());
    if (!happenings) return std::unexpected(happenings.error());
    drop_lone_halves(*happenings);
    for (const Repair& one : repairs_of(*happenings)) {
        const std::string& place = one.first->place.empty() ? one.last->place : one.first->place;
        table.rows.push_back({cell(one.started), cell(one.ended), cell(one.first->case_id), cell(place), cell(one.first->document)});
    }
    return {};
}

Result<void> FactReader::item_replacements(const Arguments& arguments, FactTable& table) {
    const auto happenings = happenings_of(arguments.front());
    if (!happenings) return std::unexpected(happenings.error());
    for (const Happening* happening : *happenings) {
        const Happening& one = *happening;
        if (one.kind != Milestone::replaces && one.kind != Milestone::replaced_by) continue;
        const std::string& about = one.case_id.empty() ? one.document : one.case_id;
        table.rows.push_back({cell(to_string(one.kind)), cell(one.other), cell(about), one.time});
    }
    return {};
}

}  // namespace stemma::engine
