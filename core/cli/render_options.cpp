// A plugin's options, from its JSON Schema, as lines that can be read beside stemma.yaml. Keywords that say no more than a person needs to
// begin with (patterns, lengths) are left out: what breaks them is refused with a sentence of its own.
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "core/cli/render.hpp"
#include "core/cli/words.hpp"

namespace stemma::cli {
namespace {

constexpr int kDepthMax = 8;  ///< options inside one another that are shown; a plugin's schema may be any

std::string value_text(const Json& value) { return value.is_string() ? text_of(value) : boost::json::serialize(value); }

std::string values_text(std::span<const Json> values) {
    std::string out;
    for (const Json& value : values) out += fmt::format("{}{}", out.empty() ? "" : ", ", value_text(value));
    return values.size() > 1 ? "one of " + out : out;
}

/// "text", "whole number 0 to 100", "list of text", "one of keep, upper, lower".
std::string type_text(const Json& schema) {
    if (const auto values = list_at(schema, "enum"); !values.empty()) return values_text(values);
    const std::string type = text_at(schema, "type");
    const std::string least = text_at(schema, "minimum");
    const std::string most = text_at(schema, "maximum");
    const std::string range = !least.empty() && !most.empty() ? fmt::format(" {} to {}", least, most)
                              : !least.empty()                ? fmt::format(" from {}", least)
                              : !most.empty()                 ? fmt::format(" up to {}", most)
                                                              : "";
    if (type == "string") return "text";
    if (type == "integer") return "whole number" + range;
    if (type == "number") return "number" + range;
    if (type == "boolean") return "true or false";
    if (type == "object") return "map";
    if (type != "array") return type.empty() ? "any" : type;
    const std::string of = text_at(at(schema, "items"), "type");
    return of.empty() || of == "object" || of == "array" ? "list" : "list of " + type_text(at(schema, "items"));
}

std::string default_text(const Json& schema, bool needed) {
    const Json& value = at(schema, "default");
    return !value.is_null() ? value_text(value) : needed ? "needed" : "";
}

void add_options(Table& table, const Json& schema, const std::string& before, int depth);

void add_option(Table& table, const Json& schema, const std::string& name, bool needed, int depth) {
    table.add({name, type_text(schema), default_text(schema, needed), text_at(schema, "description")});
    add_options(table, schema, name + ".", depth);
    if (at(schema, "items").is_object()) add_options(table, at(schema, "items"), name + "[].", depth);
}

void add_options(Table& table, const Json& schema, const std::string& before, int depth) {
    if (depth == kDepthMax) return;
    const auto is_needed = [&](std::string_view name) {
        for (const Json& one : list_at(schema, "required"))
            if (text_of(one) == name) return true;
        return false;
    };
    if (const auto* properties = at(schema, "properties").if_object())
        for (const auto& [name, option] : *properties) add_option(table, option, before + std::string{name}, is_needed(name), depth + 1);
    if (at(schema, "additionalProperties").is_object())
        add_option(table, at(schema, "additionalProperties"), before + "*", false, depth + 1);
}

}  // namespace

std::string render_options(const Json& schema, const Look& look) {
    Table table{{{"option"}, {"type"}, {"default"}, {"meaning"}}};
    add_options(table, schema, {}, 0);
    return table.empty() ? "  It has none.\n" : table.text(look);
}

}  // namespace stemma::cli
