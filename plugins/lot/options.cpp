#include "plugins/lot/options.hpp"

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "plugins/lot/attributes.hpp"
#include "plugins/pattern/options.hpp"

namespace stemma::lot {
namespace {

using sdk::BadOption;
using sdk::Json;

constexpr std::array<std::pair<std::string_view, AttributeType>, 6> kTypes{{
    {"text", AttributeType::text},
    {"integer", AttributeType::integer},
    {"number", AttributeType::number},
    {"boolean", AttributeType::boolean},
    {"date", AttributeType::date},
    {"quantity", AttributeType::quantity},
}};

AttributeType type_of(const Json* type) {
    if (type == nullptr) return AttributeType::text;
    for (const auto& [name, value] : kTypes)
        if (name == type->text()) return value;
    throw BadOption(type->path() + ": '" + std::string(type->text()) + "' is no type of attribute");
}

Attribute read_attribute(const Json& json) {
    Attribute attribute{std::string(json.at("name").text()), type_of(json.find("type")), false, {}, {}};
    if (const Json* required = json.find("required")) attribute.required = required->flag();
    if (const Json* values = json.find("values"))
        for (const Json& value : values->items()) attribute.values.emplace_back(value.text());
    if (const Json* unit = json.find("unit")) attribute.unit = unit->text();
    if (!attribute.values.empty() && attribute.type != AttributeType::text)
        throw BadOption(json.path() + ": 'values' belongs to type text");
    if (attribute.unit.empty() == (attribute.type == AttributeType::quantity))
        throw BadOption(json.path() + ": 'unit' belongs to type quantity, which needs it");
    return attribute;
}

}  // namespace

pattern::SchemePtr read_lot_scheme(const Json& options) {
    pattern::SchemePtr scheme = pattern::read_scheme(options, "lot");
    const Json* list = options.find("attributes");
    if (list == nullptr) return scheme;
    std::vector<Attribute> attributes;
    for (const Json& item : list->items()) attributes.push_back(read_attribute(item));
    auto made = with_attributes(std::move(scheme), std::move(attributes));
    if (!made) throw BadOption(made.error());
    return std::move(*made);
}

}  // namespace stemma::lot
