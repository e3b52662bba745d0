#include "core/lineage/movement.hpp"

#include <algorithm>
#include <array>

#include "core/domain/names.hpp"

namespace stemma::lineage {
namespace {

constexpr NameTable<MovementKind, 10> kMovementKind{{{MovementKind::received, "received"},
                                                     {MovementKind::produced, "produced"},
                                                     {MovementKind::found, "found"},
                                                     {MovementKind::returned_by_customer, "returned_by_customer"},
                                                     {MovementKind::consumed, "consumed"},
                                                     {MovementKind::shipped, "shipped"},
                                                     {MovementKind::returned_to_supplier, "returned_to_supplier"},
                                                     {MovementKind::written_off, "written_off"},
                                                     {MovementKind::wasted, "wasted"},
                                                     {MovementKind::moved, "moved"}}};

constexpr std::array<std::string_view, 11> kMovingSteps{"receiving",    "shipping", "arriving", "departing", "loading",         "unloading",
                                                        "transporting", "storing",  "stocking", "picking",   "staging_outbound"};

std::string_view party_of(const std::vector<SourceDest>& list) {
    const std::string_view possessor = find_source_dest(list, "possessing_party");
    return possessor.empty() ? find_source_dest(list, "owning_party") : possessor;
}

bool counts_stock(std::string_view step) { return step == "stock_taking" || step == "cycle_counting"; }

std::optional<MovementKind> kind_by_step(const Event& event) {
    const std::string_view step = event.biz_step;
    if (step == "receiving" && event.disposition == "returned") return MovementKind::returned_by_customer;
    if (step == "receiving" && !party_of(event.sources).empty()) return MovementKind::received;
    if (step == "shipping" && event.disposition == "returned") return MovementKind::returned_to_supplier;
    if (step == "shipping" && !party_of(event.destinations).empty()) return MovementKind::shipped;
    if (step == "commissioning" || step == "creating_class_instance") return MovementKind::found;
    if (counts_stock(step) && event.action == Action::add) return MovementKind::found;
    if (step == "decommissioning" || step == "destroying") return MovementKind::written_off;
    if (counts_stock(step) && event.action == Action::remove) return MovementKind::written_off;
    if (!find_source_dest(event.sources, "location").empty() || !find_source_dest(event.destinations, "location").empty())
        return MovementKind::moved;
    if (!event.biz_location.empty() && std::ranges::find(kMovingSteps, step) != kMovingSteps.end()) return MovementKind::moved;
    return std::nullopt;
}

}  // namespace

std::optional<MovementKind> movement_kind(const Event& event, ItemRole::Role role) {
    if (event.type == EventType::transformation) {
        if (role == ItemRole::Role::input) return MovementKind::consumed;
        if (role != ItemRole::Role::output) return std::nullopt;
        const bool waste = event.disposition == "disposed" || event.disposition == "destroyed";
        return waste ? MovementKind::wasted : MovementKind::produced;
    }
    if (role == ItemRole::Role::input || role == ItemRole::Role::output) return std::nullopt;
    if (event.type != EventType::object && event.action != Action::observe) return std::nullopt;
    return kind_by_step(event);
}

MovementEnds movement_ends(const Event& event, MovementKind kind) {
    MovementEnds ends;
    ends.from = find_source_dest(event.sources, "location");
    ends.to = find_source_dest(event.destinations, "location");
    if (ends.to.empty()) ends.to = event.biz_location.str();
    if (kind == MovementKind::received || kind == MovementKind::returned_by_customer) ends.party = party_of(event.sources);
    if (kind == MovementKind::shipped || kind == MovementKind::returned_to_supplier) ends.party = party_of(event.destinations);
    return ends;
}

bool is_inflow(MovementKind kind) noexcept {
    return kind == MovementKind::received || kind == MovementKind::produced || kind == MovementKind::found ||
           kind == MovementKind::returned_by_customer || kind == MovementKind::wasted;
}

bool is_outflow(MovementKind kind) noexcept {
    return kind == MovementKind::consumed || kind == MovementKind::shipped || kind == MovementKind::returned_to_supplier ||
           kind == MovementKind::written_off || kind == MovementKind::wasted;
}

bool needs_from(MovementKind kind) noexcept { return kind == MovementKind::moved || (is_outflow(kind) && kind != MovementKind::wasted); }

bool needs_to(MovementKind kind) noexcept { return kind == MovementKind::moved || (is_inflow(kind) && kind != MovementKind::wasted); }

bool lacks_from(const Movement& movement) noexcept { return needs_from(movement.kind) && movement.from == PlaceNo::none; }

bool lacks_to(const Movement& movement) noexcept { return needs_to(movement.kind) && movement.to == PlaceNo::none; }

bool is_half(const Movement& movement) noexcept {
    return movement.kind == MovementKind::moved && (lacks_from(movement) || lacks_to(movement));
}

std::string_view to_string(MovementKind kind) noexcept { return name_of(kMovementKind, kind); }

}  // namespace stemma::lineage
