#include "plugins/compliance/vocabulary.hpp"

#include <algorithm>

namespace stemma::compliance {
namespace {

using enum ValueType;

constexpr std::array<ColumnForm, 2> kNamed{{{"name", text}, {"value", text}}};
constexpr std::array<ColumnForm, 2> kIdentity{{{"scheme", text}, {"value", text}}};
constexpr std::array<ColumnForm, 4> kDates{{{"made_at", day}, {"expiry", day}, {"best_before", day}, {"received_at", day}}};
constexpr std::array<ColumnForm, 5> kProductOf{{{"product", text}, {"sku", text}, {"name", text}, {"category", text}, {"tracking", text}}};
constexpr std::array<ColumnForm, 1> kStatus{{{"status", text}}};
constexpr std::array<ColumnForm, 19> kHistory{{{"event", text},
                                               {"position", number},
                                               {"time", day},
                                               {"date_only", text},
                                               {"type", text},
                                               {"action", text},
                                               {"biz_step", text},
                                               {"disposition", text},
                                               {"role", text},
                                               {"quantity", amount},
                                               {"place", text},
                                               {"read_point", text},
                                               {"from_owner", text},
                                               {"to_owner", text},
                                               {"from_holder", text},
                                               {"to_holder", text},
                                               {"document_type", text},
                                               {"document", text},
                                               {"document_number", text}}};
constexpr std::array<ColumnForm, 7> kMilestones{
    {{"kind", text}, {"time", day}, {"date_only", text}, {"event", text}, {"party", text}, {"market", text}, {"document", text}}};
constexpr std::array<ColumnForm, 5> kSoldAt{{{"time", day}, {"party", text}, {"market", text}, {"document", text}, {"place", text}}};
constexpr std::array<ColumnForm, 6> kAsBuilt{
    {{"component", text}, {"product", text}, {"sku", text}, {"quantity", amount}, {"event", text}, {"time", day}}};
constexpr std::array<ColumnForm, 7> kAsMaintained{{{"component", text},
                                                   {"product", text},
                                                   {"sku", text},
                                                   {"quantity", amount},
                                                   {"installed_at", day},
                                                   {"event", text},
                                                   {"replaced", text}}};
constexpr std::array<ColumnForm, 3> kInstalledIn{{{"parent", text}, {"since", day}, {"event", text}}};
constexpr std::array<ColumnForm, 4> kReplacements{{{"direction", text}, {"item", text}, {"case", text}, {"time", day}}};
constexpr std::array<ColumnForm, 5> kRepairs{{{"started", day}, {"ended", day}, {"case", text}, {"place", text}, {"document", text}}};
constexpr std::array<ColumnForm, 2> kLots{{{"lot", text}, {"relation", text}}};
constexpr std::array<ColumnForm, 3> kLotExpiry{{{"expiry", day}, {"best_before", day}, {"made_at", day}}};
constexpr std::array<ColumnForm, 5> kHolds{{{"case", text}, {"workflow", text}, {"since", day}, {"reason", text}, {"stage", text}}};
constexpr std::array<ColumnForm, 7> kCases{
    {{"case", text}, {"workflow", text}, {"state", text}, {"version", number}, {"opened", day}, {"changed", day}, {"closed", text}}};
constexpr std::array<ColumnForm, 5> kLineage{{{"item", text}, {"product", text}, {"depth", number}, {"certain", text}, {"kind", text}}};

constexpr std::array<FactForm, 23> kFacts{{
    {"item.identity", Argument::item, "scheme", kIdentity},
    {"item.dates", Argument::item, "", kDates},
    {"item.product", Argument::item, "", kProductOf},
    {"item.status", Argument::item, "", kStatus},
    {"item.attributes", Argument::item, "name", kNamed},
    {"product.attributes", Argument::product, "name", kNamed},
    {"item.history", Argument::item, "", kHistory},
    {"item.milestones", Argument::item, "", kMilestones},
    {"item.sold_at", Argument::item, "", kSoldAt},
    {"item.as_built", Argument::item, "", kAsBuilt},
    {"item.as_maintained", Argument::item, "", kAsMaintained},
    {"item.installed_in", Argument::item, "", kInstalledIn},
    {"item.replacements", Argument::item, "", kReplacements},
    {"item.repairs", Argument::item, "", kRepairs},
    {"item.lots", Argument::item, "", kLots},
    {"lot.expiry", Argument::item, "", kLotExpiry},
    {"item.holds", Argument::item, "", kHolds},
    {"item.cases", Argument::item, "", kCases},
    {"case.open", Argument::item, "", kCases},
    {"lineage.ancestors", Argument::item, "", kLineage, true},
    {"lineage.descendants", Argument::item, "", kLineage, true},
    {"party.attributes", Argument::party, "name", kNamed},
    {"place.attributes", Argument::place, "name", kNamed},
}};

}  // namespace

std::span<const FactForm> fact_forms() noexcept { return kFacts; }

const FactForm* fact_form(std::string_view name) noexcept {
    const auto* it = std::ranges::find_if(kFacts, [&](const FactForm& f) { return f.name == name; });
    return it == kFacts.end() ? nullptr : it;
}

std::string_view argument_of(std::string_view fact) noexcept {
    const FactForm* form = fact_form(fact);
    if (form == nullptr) return {};
    constexpr std::array<std::string_view, 4> kNames{"item", "product", "place", "party"};
    return kNames.at(static_cast<std::size_t>(form->argument));
}

std::string_view key_column_of(std::string_view fact) noexcept {
    const FactForm* form = fact_form(fact);
    return form == nullptr ? std::string_view{} : form->key_column;
}

}  // namespace stemma::compliance
