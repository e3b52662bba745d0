#include "core/domain/event.hpp"

#include <algorithm>

#include "core/domain/names.hpp"

namespace stemma {
namespace {

constexpr NameTable<EventType, 5> kEventType{{{EventType::object, "ObjectEvent"},
                                              {EventType::aggregation, "AggregationEvent"},
                                              {EventType::transformation, "TransformationEvent"},
                                              {EventType::transaction, "TransactionEvent"},
                                              {EventType::association, "AssociationEvent"}}};
constexpr NameTable<Action, 3> kAction{{{Action::add, "ADD"}, {Action::observe, "OBSERVE"}, {Action::remove, "DELETE"}}};
constexpr NameTable<ItemRole::Role, 5> kRole{{{ItemRole::Role::object, "object"},
                                              {ItemRole::Role::input, "input"},
                                              {ItemRole::Role::output, "output"},
                                              {ItemRole::Role::parent, "parent"},
                                              {ItemRole::Role::child, "child"}}};

bool contains(const std::vector<std::string>& names, std::string_view name) noexcept {
    return std::ranges::find(names, name) != names.end();
}

}  // namespace

std::string_view to_string(EventType type) noexcept { return name_of(kEventType, type); }
std::string_view to_string(Action action) noexcept { return name_of(kAction, action); }
std::string_view to_string(ItemRole::Role role) noexcept { return name_of(kRole, role); }
Result<EventType> event_type_from(std::string_view text) { return value_of(kEventType, text, "type of event"); }
Result<Action> action_from(std::string_view text) { return value_of(kAction, text, "action"); }

const std::vector<std::string>& own_biz_steps() {
    static const std::vector<std::string> names{"stemma:delivering",      "stemma:ending_repair", "stemma:finding", "stemma:first_use",
                                                "stemma:installing",      "stemma:invoicing",     "stemma:losing",  "stemma:registering",
                                                "stemma:starting_repair", "stemma:transferring"};
    return names;
}

const std::vector<std::string>& biz_steps() {
    static const std::vector<std::string> names{"accepting",
                                                "arriving",
                                                "assembling",
                                                "collecting",
                                                "commissioning",
                                                "consigning",
                                                "creating_class_instance",
                                                "cycle_counting",
                                                "decommissioning",
                                                "departing",
                                                "destroying",
                                                "disassembling",
                                                "dispensing",
                                                "encoding",
                                                "entering_exiting",
                                                "holding",
                                                "inspecting",
                                                "installing",
                                                "killing",
                                                "loading",
                                                "other",
                                                "packing",
                                                "picking",
                                                "receiving",
                                                "removing",
                                                "repackaging",
                                                "repairing",
                                                "replacing",
                                                "reserving",
                                                "retail_selling",
                                                "sampling",
                                                "sensor_reporting",
                                                "shipping",
                                                "staging_outbound",
                                                "stock_taking",
                                                "stocking",
                                                "storing",
                                                "transporting",
                                                "unloading",
                                                "unpacking",
                                                "void_shipping"};
    return names;
}

const std::vector<std::string>& dispositions() {
    static const std::vector<std::string> names{"active",
                                                "available",
                                                "completeness_inferred",
                                                "completeness_verified",
                                                "conformant",
                                                "container_closed",
                                                "container_open",
                                                "damaged",
                                                "destroyed",
                                                "dispensed",
                                                "disposed",
                                                "encoded",
                                                "expired",
                                                "in_progress",
                                                "in_transit",
                                                "inactive",
                                                "mismatch_class",
                                                "mismatch_instance",
                                                "mismatch_quantity",
                                                "needs_replacement",
                                                "no_pedigree_match",
                                                "non_conformant",
                                                "non_sellable_other",
                                                "partially_dispensed",
                                                "recalled",
                                                "reserved",
                                                "retail_sold",
                                                "returned",
                                                "sellable_accessible",
                                                "sellable_not_accessible",
                                                "stolen",
                                                "unavailable",
                                                "unknown"};
    return names;
}

bool is_biz_step(std::string_view name) noexcept { return contains(biz_steps(), name); }
bool is_own_biz_step(std::string_view name) noexcept { return contains(own_biz_steps(), name); }
bool is_disposition(std::string_view name) noexcept { return contains(dispositions(), name); }

std::string_view find_source_dest(const std::vector<SourceDest>& list, std::string_view type) noexcept {
    const auto found = std::ranges::find(list, type, &SourceDest::type);
    return found == list.end() ? std::string_view{} : std::string_view{found->id};
}

std::vector<ItemRole> items_of(const Event& event) {
    std::vector<ItemRole> roles;
    roles.reserve(event.items.size() + event.inputs.size() + event.outputs.size() + 1);
    const auto add = [&](const std::vector<ItemQuantity>& list, ItemRole::Role role) {
        for (const ItemQuantity& entry : list) roles.push_back({&entry.item, role, entry.quantity ? &*entry.quantity : nullptr});
    };
    const bool parented = event.type == EventType::aggregation || event.type == EventType::association;
    add(event.items, parented ? ItemRole::Role::child : ItemRole::Role::object);
    add(event.inputs, ItemRole::Role::input);
    add(event.outputs, ItemRole::Role::output);
    if (!event.parent.empty()) roles.push_back({&event.parent, ItemRole::Role::parent, nullptr});
    return roles;
}

}  // namespace stemma
