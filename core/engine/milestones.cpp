#include "core/engine/milestones.hpp"

#include <algorithm>
#include <array>

#include "core/domain/names.hpp"

namespace stemma::engine {
namespace {

constexpr NameTable<Milestone, 21> kMilestone{{{Milestone::made, "made"},
                                               {Milestone::received, "received"},
                                               {Milestone::stored, "stored"},
                                               {Milestone::shipped, "shipped"},
                                               {Milestone::sold, "sold"},
                                               {Milestone::delivered, "delivered"},
                                               {Milestone::invoiced, "invoiced"},
                                               {Milestone::installed, "installed"},
                                               {Milestone::registered, "registered"},
                                               {Milestone::first_use, "first_use"},
                                               {Milestone::transferred, "transferred"},
                                               {Milestone::returned, "returned"},
                                               {Milestone::sent_back, "sent_back"},
                                               {Milestone::repair_started, "repair_started"},
                                               {Milestone::repair_ended, "repair_ended"},
                                               {Milestone::replaced_by, "replaced_by"},
                                               {Milestone::replaces, "replaces"},
                                               {Milestone::scrapped, "scrapped"},
                                               {Milestone::lost, "lost"},
                                               {Milestone::stolen, "stolen"},
                                               {Milestone::found, "found"}}};

constexpr NameTable<EventPart, 7> kEventPart{{{EventPart::object, "object"},
                                              {EventPart::output, "output"},
                                              {EventPart::through, "input and output"},
                                              {EventPart::input, "input"},
                                              {EventPart::child, "child"},
                                              {EventPart::given, "listed"},
                                              {EventPart::replaced, "parent"}}};

// CBV 2.0: business steps in section 7.1, dispositions in 7.2, types of business transactions in 7.3, of sources and destinations in 7.4.
// Steps that begin with stemma: are Stemma's own, for what the standard has no step for.
constexpr auto kRules = std::to_array<MilestoneRule>({
    {Milestone::made, EventPart::output, "-repairing|disassembling", "-disposed|destroyed"},
    {Milestone::made, EventPart::object, "commissioning|creating_class_instance", ""},
    {Milestone::received, EventPart::object, "receiving", "-returned"},
    {Milestone::stored, EventPart::object, "storing|stocking", ""},
    {Milestone::shipped, EventPart::object, "shipping", "-returned"},
    {Milestone::sold, EventPart::object, "shipping", "-returned", std::nullopt, true},
    {Milestone::sold, EventPart::object, "retail_selling", "-returned"},
    {Milestone::delivered, EventPart::object, "accepting", "-returned", std::nullopt, true},
    {Milestone::delivered, EventPart::object, "stemma:delivering", ""},
    {Milestone::invoiced, EventPart::object, "shipping|retail_selling", "-returned", std::nullopt, false, "inv"},
    {Milestone::invoiced, EventPart::object, "stemma:invoicing", ""},
    {Milestone::installed, EventPart::object, "installing|stemma:installing", ""},
    {Milestone::installed, EventPart::child, "", "", Action::add},
    {Milestone::registered, EventPart::object, "stemma:registering", ""},
    {Milestone::first_use, EventPart::object, "stemma:first_use", ""},
    {Milestone::transferred, EventPart::object, "stemma:transferring", ""},
    {Milestone::returned, EventPart::object, "receiving", "returned"},
    {Milestone::sent_back, EventPart::object, "shipping", "returned"},
    {Milestone::repair_started, EventPart::object, "repairing|stemma:starting_repair", ""},
    {Milestone::repair_started, EventPart::through, "repairing", ""},
    {Milestone::repair_ended, EventPart::object, "repairing|stemma:ending_repair", ""},
    {Milestone::repair_ended, EventPart::through, "repairing", ""},
    {Milestone::replaced_by, EventPart::replaced, "replacing", ""},
    {Milestone::replaces, EventPart::given, "replacing", ""},
    {Milestone::scrapped, EventPart::object, "decommissioning|destroying", ""},
    {Milestone::scrapped, EventPart::output, "", "disposed|destroyed"},
    {Milestone::scrapped, EventPart::child, "", "disposed|destroyed", Action::remove},
    {Milestone::lost, EventPart::object, "stock_taking|cycle_counting", "", Action::remove},
    {Milestone::lost, EventPart::object, "stemma:losing", ""},
    {Milestone::stolen, EventPart::object, "", "stolen"},
    {Milestone::found, EventPart::object, "stock_taking|cycle_counting", "", Action::add},
    {Milestone::found, EventPart::object, "stemma:finding", ""},
});

constexpr auto kCaseMilestones = std::to_array<CaseMilestone>({
    {"delivered", Milestone::delivered},
    {"installed", Milestone::installed},
    {"registered", Milestone::registered},
    {"first_use", Milestone::first_use},
    {"transferred", Milestone::transferred},
    {"repair_started", Milestone::repair_started},
    {"repair_ended", Milestone::repair_ended},
    {"replaced", Milestone::replaced_by},
    {"scrapped", Milestone::scrapped},
    {"lost", Milestone::lost},
    {"stolen", Milestone::stolen},
    {"found", Milestone::found},
});

bool fits(std::string_view pattern, std::string_view value) noexcept {
    if (pattern.empty()) return true;
    const bool none_of = pattern.front() == '-';
    if (none_of) pattern.remove_prefix(1);
    for (std::size_t begin = 0; begin <= pattern.size();) {
        const std::size_t end = std::min(pattern.find('|', begin), pattern.size());
        if (pattern.substr(begin, end - begin) == value) return !none_of;
        begin = end + 1;
    }
    return none_of;
}

std::string_view either(const std::vector<SourceDest>& list, std::string_view first, std::string_view second) noexcept {
    const std::string_view found = find_source_dest(list, first);
    return found.empty() ? find_source_dest(list, second) : found;
}

bool has_destination(const Event& event) noexcept { return !either(event.destinations, "possessing_party", "owning_party").empty(); }

std::string_view first_document(const Event& event, std::string_view type) noexcept {
    const auto found = std::ranges::find(event.documents, type, &BizTransaction::type);
    return found == event.documents.end() ? std::string_view{} : std::string_view{found->id.str()};
}

bool fits(const MilestoneRule& rule, const Event& event, EventPart part) noexcept {
    return rule.part == part && fits(rule.steps, event.biz_step) && fits(rule.dispositions, event.disposition) &&
           (!rule.action || *rule.action == event.action) && (!rule.to_party || has_destination(event)) &&
           (rule.document.empty() || !first_document(event, rule.document).empty());
}

bool holds(const std::vector<ItemQuantity>& list, std::string_view item) {
    return std::ranges::any_of(list, [&](const ItemQuantity& one) { return one.item.str() == item; });
}

}  // namespace

std::string_view to_string(Milestone kind) noexcept { return name_of(kMilestone, kind); }
std::string_view to_string(EventPart part) noexcept { return name_of(kEventPart, part); }
std::span<const MilestoneRule> milestone_rules() noexcept { return kRules; }
std::span<const CaseMilestone> case_milestones() noexcept { return kCaseMilestones; }

std::optional<Milestone> milestone_of_step(std::string_view type) noexcept {
    const auto found = std::ranges::find(kCaseMilestones, type, &CaseMilestone::step);
    return found == kCaseMilestones.end() ? std::nullopt : std::optional{found->kind};
}

std::vector<Milestone> milestones_of(const Event& event, EventPart part) {
    std::vector<Milestone> kinds;
    for (const MilestoneRule& rule : kRules)
        if (fits(rule, event, part) && std::ranges::find(kinds, rule.kind) == kinds.end()) kinds.push_back(rule.kind);
    return kinds;
}

std::vector<EventPart> parts_of(const Event& event, std::string_view item) {
    const bool listed = holds(event.items, item);
    const bool parent = event.parent.str() == item;
    if (event.type == EventType::transformation) {
        const bool in = holds(event.inputs, item);
        const bool out = holds(event.outputs, item);
        if (in && out) return {EventPart::through};
        if (in) return {EventPart::input};
        return out ? std::vector{EventPart::output} : std::vector<EventPart>{};
    }
    if (event.type == EventType::object || event.action == Action::observe)
        return listed || parent ? std::vector{EventPart::object} : std::vector<EventPart>{};
    std::vector<EventPart> parts;
    if (event.type == EventType::association && listed) parts.push_back(EventPart::child);
    if (event.type == EventType::transaction && event.action == Action::add) {
        if (listed) parts.push_back(EventPart::given);
        if (parent) parts.push_back(EventPart::replaced);
    }
    return parts;
}

bool is_repair(const Event& event) noexcept { return event.type == EventType::transformation && event.biz_step == "repairing"; }

bool is_taking_apart(const Event& event) noexcept { return event.type == EventType::transformation && event.biz_step == "disassembling"; }

bool is_production(const Event& event) noexcept {
    return event.type == EventType::transformation && !is_repair(event) && !is_taking_apart(event);
}

bool is_waste(const Event& event) noexcept { return event.disposition == "disposed" || event.disposition == "destroyed"; }

std::string_view party_of(const Event& event, Milestone kind) noexcept {
    switch (kind) {
        case Milestone::received:
        case Milestone::returned: return either(event.sources, "possessing_party", "owning_party");
        case Milestone::sold:
        case Milestone::invoiced:
        case Milestone::registered:
        case Milestone::transferred: return either(event.destinations, "owning_party", "possessing_party");
        default: return either(event.destinations, "possessing_party", "owning_party");
    }
}

std::string_view place_of(const Event& event) noexcept {
    const std::string_view to = find_source_dest(event.destinations, "location");
    if (!to.empty()) return to;
    return event.biz_location.empty() ? event.read_point.str() : event.biz_location.str();
}

std::string_view document_of(const Event& event, Milestone kind) noexcept {
    std::string_view own;
    if (kind == Milestone::invoiced) own = first_document(event, "inv");
    if (kind == Milestone::repair_started || kind == Milestone::repair_ended) own = first_document(event, "repair");
    if (!own.empty()) return own;
    return event.documents.empty() ? std::string_view{} : std::string_view{event.documents.front().id.str()};
}

std::string_view errand_of(const Event& event) noexcept {
    for (const std::string_view type : {"repair", "rma"})
        if (const std::string_view document = first_document(event, type); !document.empty()) return document;
    if (!event.transformation.empty()) return event.transformation.str();
    return event.documents.empty() ? event.id.str() : event.documents.front().id.str();
}

bool is_closed(std::string_view state) noexcept { return state == "closed" || state == "cancelled" || state == "rejected"; }

bool is_holding(const CaseEvent& step) {
    const auto hold = step.fields.find("hold");
    return hold != step.fields.end() && !hold->second.empty() && hold->second != "no" && !is_closed(step.state);
}

}  // namespace stemma::engine
