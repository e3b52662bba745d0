#include "core/config/schema_explain.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "core/base/text.hpp"
#include "core/config/wording.hpp"

namespace stemma::config {
namespace {

namespace json = boost::json;
using Schemas = std::vector<const json::object*>;

constexpr int kSchemaStepsMax = 128;      // references that lead in a circle end here
constexpr std::size_t kNamesInHint = 12;  // more known keys than this help nobody

/// Collects the sub-schemas that speak of a path. Borrowed pointers into `root_`.
class Collector {
public:
    explicit Collector(const json::value& root) : root_{root} {}

    void collect(const json::value& schema, std::span<const std::string> path, int steps) {
        const json::object* object = schema.if_object();
        if (object == nullptr || steps > kSchemaStepsMax || std::ranges::find(found_, object) != found_.end()) return;
        if (const json::value* reference = object->if_contains("$ref")) return follow(*reference, path, steps);
        for (const char* keyword : {"allOf", "anyOf", "oneOf"})
            if (const json::value* branches = object->if_contains(keyword); branches != nullptr && branches->is_array())
                for (const json::value& branch : branches->get_array()) collect(branch, path, steps + 1);
        for (const char* keyword : {"then", "else"})
            if (const json::value* branch = object->if_contains(keyword)) collect(*branch, path, steps + 1);
        if (path.empty()) {
            found_.push_back(object);
            return;
        }
        descend(*object, path, steps);
    }

    [[nodiscard]] Schemas take() { return std::move(found_); }

private:
    void follow(const json::value& reference, std::span<const std::string> path, int steps) {
        if (!reference.is_string() || !reference.get_string().starts_with('#')) return;
        json::error_code ec;
        const json::value* target = root_.find_pointer(json::string_view{reference.get_string()}.substr(1), ec);
        if (target != nullptr) collect(*target, path, steps + 1);
    }

    void descend(const json::object& object, std::span<const std::string> path, int steps) {
        const std::string& step = path.front();
        const auto below = path.subspan(1);
        if (const json::value* items = object.if_contains("items")) collect(*items, below, steps + 1);
        const json::value* properties = object.if_contains("properties");
        if (properties != nullptr && properties->is_object())
            if (const json::value* property = properties->get_object().if_contains(step)) return collect(*property, below, steps + 1);
        // Which pattern a key matches is the validator's knowledge; for words to show, every pattern's schema will do.
        if (const json::value* patterns = object.if_contains("patternProperties"); patterns != nullptr && patterns->is_object())
            for (const auto& pattern : patterns->get_object()) collect(pattern.value(), below, steps + 1);
        if (const json::value* rest = object.if_contains("additionalProperties")) collect(*rest, below, steps + 1);
    }

    const json::value& root_;
    Schemas found_;
};

std::string as_text(const json::value& value) { return value.is_string() ? std::string{value.get_string()} : json::serialize(value); }

/// The first sub-schema's value of a keyword.
const json::value* first(const Schemas& schemas, std::string_view keyword) {
    for (const json::object* schema : schemas)
        if (const json::value* value = schema->if_contains(keyword)) return value;
    return nullptr;
}

std::optional<Wanted> wanted_of(std::string_view type) {
    if (type == "string") return Wanted::text;
    if (type == "integer") return Wanted::integer;
    if (type == "number") return Wanted::number;
    if (type == "boolean") return Wanted::boolean;
    if (type == "array") return Wanted::list;
    if (type == "object") return Wanted::map;
    if (type == "null") return Wanted::null;
    return std::nullopt;
}

/// The name JSON Schema has for the node's type; a whole number is "integer".
std::string_view type_name(const Node& node) {
    switch (node.kind()) {
        case Node::Kind::null: return "null";
        case Node::Kind::sequence: return "array";
        case Node::Kind::map: return "object";
        case Node::Kind::scalar: break;
    }
    switch (node.scalar_type()) {
        case ScalarType::boolean: return "boolean";
        case ScalarType::integer: return "integer";
        case ScalarType::number: return "number";
        case ScalarType::text: break;
    }
    return "string";
}

bool names_type(const json::object& schema, std::string_view name) {
    const json::value* type = schema.if_contains("type");
    const auto is = [&](const json::value& one) {
        return one.is_string() && (one.get_string() == name || (name == "integer" && one.get_string() == "number"));
    };
    return type != nullptr && (type->is_array() ? std::ranges::any_of(type->get_array(), is) : is(*type));
}

/// Without the branches that speak of values of another type, when there is one for the node's own.
Schemas meant_for(const Node& node, Schemas schemas) {
    if (fits_a_type(node, schemas))
        std::erase_if(schemas, [&](const json::object* one) { return one->contains("type") && !names_type(*one, type_name(node)); });
    return schemas;
}

std::vector<Wanted> wanted_types(const Schemas& schemas) {
    std::vector<Wanted> wanted;
    const auto add = [&](const json::value& type) {
        if (!type.is_string()) return;
        const auto kind = wanted_of(type.get_string());
        if (kind && std::ranges::find(wanted, *kind) == wanted.end()) wanted.push_back(*kind);
    };
    for (const json::object* schema : schemas) {
        const json::value* type = schema->if_contains("type");
        if (type == nullptr) continue;
        if (!type->is_array())
            add(*type);
        else
            for (const json::value& one : type->get_array()) add(one);
    }
    return wanted;
}

/// The schema's own words for a value that has a form of its own (a duration, a name): better than quoting a pattern.
std::string form_hint(const Schemas& schemas) {
    for (const json::object* schema : schemas) {
        const json::value* description = schema->if_contains("description");
        if (schema->contains("pattern") && description != nullptr && description->is_string())
            return clip(std::string_view{description->get_string()}, 240);
    }
    return {};
}

Error explain_type(const Schemas& schemas, const Node& node, std::string_view label) {
    const std::vector<Wanted> wanted = wanted_types(schemas);
    if (wanted.empty())
        return Error{Errc::config, fmt::format("{} has a value of the wrong kind", quoted_label(label)), node.mark().text(), {}};
    Error error = type_error(node, label, wanted);
    if (const std::string form = form_hint(schemas); !form.empty() && node.is_scalar()) error.hint = form;
    return error;
}

std::vector<Error> explain_enumeration(const Schemas& schemas, const Node& node, std::string_view label) {
    std::vector<std::string> allowed;
    for (const json::object* schema : schemas) {
        if (const json::value* values = schema->if_contains("enum"); values != nullptr && values->is_array())
            for (const json::value& value : values->get_array()) allowed.push_back(as_text(value));
        if (const json::value* value = schema->if_contains("const")) allowed.push_back(as_text(*value));
    }
    if (allowed.empty()) return {};
    const std::string hint = node.is_scalar() && node.written().empty() ? did_you_mean(node.raw(), allowed) : std::string{};
    return {Error{Errc::config, fmt::format("{} must be {}, there is {}", quoted_label(label), join_or(allowed), describe(node)),
                  node.mark().text(), hint}};
}

/// The names the schemas know; nothing when a pattern may allow others.
std::vector<std::string> known_keys(const Schemas& schemas) {
    std::vector<std::string> names;
    for (const json::object* schema : schemas)
        if (const json::value* properties = schema->if_contains("properties"); properties != nullptr && properties->is_object())
            for (const auto& property : properties->get_object()) names.emplace_back(property.key());
    return names;
}

std::vector<Error> explain_unknown_keys(const Schemas& schemas, const Node& node, const Breach& breach, std::string_view label) {
    const std::vector<std::string> known = known_keys(schemas);
    const bool named_alone = first(schemas, "patternProperties") != nullptr;
    std::vector<Error> errors;
    for (const Node::Entry& entry : node.entries()) {
        // The validator names the first unknown key; the others are those no sub-schema knows.
        if (entry.key != breach.key && (named_alone || std::ranges::find(known, entry.key) != known.end())) continue;
        std::string hint = did_you_mean(entry.key, known);
        if (hint.empty() && !known.empty() && known.size() <= kNamesInHint) hint = "known here: " + join_or(known);
        errors.push_back(Error{Errc::config,
                               fmt::format("unknown key '{}'{}", clip(entry.key), label.empty() ? "" : fmt::format(" under '{}'", label)),
                               entry.key_mark.text(), std::move(hint)});
    }
    return errors;
}

std::string explain_limit(const Schemas& schemas, std::string_view label, const Node& node, bool least) {
    if (const json::value* limit = first(schemas, least ? "exclusiveMinimum" : "exclusiveMaximum"); limit != nullptr && limit->is_number())
        return fmt::format("{} must be {} than {}, there is {}", quoted_label(label), least ? "more" : "less", as_text(*limit),
                           describe(node));
    const json::value* limit = first(schemas, least ? "minimum" : "maximum");
    return fmt::format("{} must be at {} {}, there is {}", quoted_label(label), least ? "least" : "most",
                       limit != nullptr ? as_text(*limit) : "the schema's limit", describe(node));
}

std::string explain_size(const Schemas& schemas, std::string_view label, std::string_view least, std::string_view most,
                         std::string_view unit) {
    std::string bounds;
    if (const json::value* limit = first(schemas, least)) bounds = "at least " + as_text(*limit);
    if (const json::value* limit = first(schemas, most)) bounds += (bounds.empty() ? "at most " : " and at most ") + as_text(*limit);
    return fmt::format("{} must have {} {}", quoted_label(label), bounds, unit);
}

}  // namespace

std::vector<const json::object*> schemas_at(const json::value& schema, std::span<const std::string> path) {
    Collector collector{schema};
    collector.collect(schema, path, 0);
    return collector.take();
}

const Node& node_on_path(const Node& root, std::span<const std::string> path) {
    const Node* at = &root;
    for (const std::string& step : path) {
        const Node* next = nullptr;
        if (at->is_map())
            next = at->find(step);
        else if (at->is_sequence())
            next = node_at(*at, "/" + step);
        if (next == nullptr) break;
        at = next;
    }
    return *at;
}

std::string path_label(const Node& root, std::span<const std::string> path, std::string_view label) {
    std::string text{label};
    const Node* at = &root;
    for (const std::string& step : path) {
        const bool index = at->is_sequence();
        if (index)
            text += fmt::format("[{}]", step);
        else
            text += text.empty() ? step : "." + step;
        at = &node_on_path(*at, std::span{&step, 1});
    }
    return text;
}

bool fits_a_type(const Node& node, std::span<const json::object* const> schemas) {
    const std::string_view name = type_name(node);
    return std::ranges::any_of(schemas, [&](const json::object* one) { return names_type(*one, name); });
}

std::vector<Error> explain(const json::value& schema, const Node& root, const Breach& breach, std::string_view label) {
    const Node& node = node_on_path(root, breach.path);
    const Schemas all = schemas_at(schema, breach.path);
    const Schemas schemas = breach.kind == Broken::type ? all : meant_for(node, all);
    const std::string name = path_label(root, breach.path, label);
    const auto say = [&](std::string message, std::string hint = {}) {
        return std::vector{Error{Errc::config, std::move(message), node.mark().text(), std::move(hint)}};
    };
    switch (breach.kind) {
        case Broken::type: return {explain_type(schemas, node, name)};
        case Broken::enumeration: return explain_enumeration(schemas, node, name);
        case Broken::unknown_key: return explain_unknown_keys(schemas, node, breach, name);
        case Broken::missing_key: return say(fmt::format("{} lacks the key '{}'", quoted_label(name), breach.key));
        case Broken::minimum: return say(explain_limit(schemas, name, node, true));
        case Broken::maximum: return say(explain_limit(schemas, name, node, false));
        case Broken::multiple_of: {
            const json::value* divisor = first(schemas, "multipleOf");
            return say(fmt::format("{} must be a multiple of {}, there is {}", quoted_label(name),
                                   divisor != nullptr ? as_text(*divisor) : "the schema's step", describe(node)));
        }
        case Broken::text_length: return say(explain_size(schemas, name, "minLength", "maxLength", "characters"));
        case Broken::list_length: return say(explain_size(schemas, name, "minItems", "maxItems", "elements"));
        case Broken::map_size: return say(explain_size(schemas, name, "minProperties", "maxProperties", "keys"));
        case Broken::pattern: {
            const std::string form = form_hint(schemas);
            const json::value* pattern = first(schemas, "pattern");
            return say(fmt::format("{} does not have the right form, there is {}", quoted_label(name), describe(node)),
                       !form.empty()        ? form
                       : pattern != nullptr ? "it must match " + as_text(*pattern)
                                            : std::string{});
        }
        case Broken::unique: return say(fmt::format("{} lists the same element twice", quoted_label(name)));
        case Broken::other: break;
    }
    const json::value* description = first(schemas, "description");
    return say(fmt::format("{} is not accepted as it stands", quoted_label(name)),
               description != nullptr && description->is_string() ? clip(std::string_view{description->get_string()}, 240) : std::string{});
}

}  // namespace stemma::config
