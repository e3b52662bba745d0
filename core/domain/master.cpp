#include "core/domain/master.hpp"

#include "core/domain/names.hpp"

namespace stemma {
namespace {

constexpr NameTable<Tracking, 4> kTracking{
    {{Tracking::none, "none"}, {Tracking::lot, "lot"}, {Tracking::serial, "serial"}, {Tracking::lot_serial, "lot+serial"}}};
constexpr NameTable<ItemKind, 3> kItemKind{
    {{ItemKind::serial, "serial"}, {ItemKind::lot, "lot"}, {ItemKind::logistic_unit, "logistic_unit"}}};
constexpr NameTable<PlaceKind, 3> kPlaceKind{
    {{PlaceKind::stock, "stock"}, {PlaceKind::transit, "transit"}, {PlaceKind::outside, "outside"}}};

}  // namespace

bool is_open_attribute(std::string_view name) noexcept { return name == "country" || name == "market" || name == "kind"; }

const std::string& id_of(const Master& master) {
    return std::visit([](const auto& record) -> const std::string& { return record.id.str(); }, master);
}

const std::string& label_of(const Item& item) { return item.identifiers.empty() ? item.id.str() : item.identifiers.front().value; }

std::string_view to_string(Tracking tracking) noexcept { return name_of(kTracking, tracking); }
std::string_view to_string(ItemKind kind) noexcept { return name_of(kItemKind, kind); }
std::string_view to_string(PlaceKind kind) noexcept { return name_of(kPlaceKind, kind); }
Result<Tracking> tracking_from(std::string_view text) { return value_of(kTracking, text, "tracking policy"); }
Result<ItemKind> item_kind_from(std::string_view text) { return value_of(kItemKind, text, "kind of item"); }
Result<PlaceKind> place_kind_from(std::string_view text) { return value_of(kPlaceKind, text, "kind of place"); }

}  // namespace stemma
