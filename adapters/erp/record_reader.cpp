#include "adapters/erp/record_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <initializer_list>

#include "core/base/text.hpp"

namespace stemma::erp {
namespace {

using config::Node;

class RecordReader {
public:
    RecordReader(const std::vector<Column>& columns, std::vector<Error>& errors) : columns_{columns}, errors_{errors} {
        for (const Column& column : columns) names_.push_back(column.name);
    }

    ProductTemplate product(const Node& node) {
        ProductTemplate made;
        made.id = id(node, "id");
        made.sku = text(node, "sku");
        made.name = text(node, "name");
        made.tracking = text(node, "tracking");
        check_constant(node, "tracking", made.tracking, [](const std::string& value) { return check(tracking_from(value)); });
        made.category = text(node, "category");
        made.unit = column(node, "unit", {ColumnType::text}).value_or(0);
        made.attributes = attributes(node, "attributes");
        return made;
    }

    PlaceTemplate place(const Node& node) {
        PlaceTemplate made{id(node, "id"),     text(node, "code"), text(node, "name"),
                           text(node, "kind"), id(node, "parent"), attributes(node, "attributes")};
        check_constant(node, "kind", made.kind, [](const std::string& value) { return check(place_kind_from(value)); });
        return made;
    }

    PartyTemplate party(const Node& node) {
        return {id(node, "id"), text(node, "code"), text(node, "name"), text(node, "contact"), open_attributes(node, "attributes")};
    }

    ItemTemplate item(const Node& node) {
        ItemTemplate made;
        made.id = id(node, "id");
        made.kind = text(node, "kind");
        check_constant(node, "kind", made.kind, [](const std::string& value) { return check(item_kind_from(value)); });
        made.product = id(node, "product");
        if (const Node* list = node.find("identifiers"))
            for (const Node& element : list->items()) made.identifiers.push_back({text(element, "scheme"), text(element, "value")});
        made.attributes = attributes(node, "attributes");
        return made;
    }

    EventTemplates events(const Node& node) {
        EventTemplates made;
        EventTemplate common;
        overlay(common, node);
        const Node* choose = node.find("choose");
        if (choose == nullptr) {
            check_shape(node, common);
            made.cases.emplace("", std::move(common));
            return made;
        }
        made.choose = column(*choose, "column", {ColumnType::text, ColumnType::integer, ColumnType::boolean});
        const Node* cases = choose->find("cases");
        for (const Node::Entry& entry : cases->entries()) {
            EventTemplate event = common;
            overlay(event, entry.value);
            check_shape(entry.value, event);
            made.cases.emplace(entry.key, std::move(event));
        }
        return made;
    }

private:
    void complain(const Node& node, std::string message, std::string hint = {}) {
        errors_.push_back({Errc::config, std::move(message), node.mark().text(), std::move(hint)});
    }

    template <class T>
    static Result<void> check(Result<T>&& value) {
        if (!value) return fail(std::move(value));
        return {};
    }

    template <class Check>
    void check_constant(const Node& node, std::string_view key, const TextTemplate& made, Check&& check_value) {
        const Node* value = node.find(key);
        if (value == nullptr || !made.constant()) return;
        if (const Result<void> ok = check_value(value->raw()); !ok)
            complain(*value, fmt::format("'{}': {}", key, ok.error().message), ok.error().hint);
    }

    template <class Template>
    Template compiled(const Node& node, std::string_view key) {
        const Node* value = node.find(key);
        if (value == nullptr) return {};
        auto made = Template::compile(value->raw(), names_);
        if (made) return std::move(*made);
        complain(*value, fmt::format("'{}': {}", key, made.error().message), made.error().hint);
        return {};
    }
    TextTemplate text(const Node& node, std::string_view key) { return compiled<TextTemplate>(node, key); }
    IdTemplate id(const Node& node, std::string_view key) { return compiled<IdTemplate>(node, key); }

    std::optional<std::size_t> column(const Node& node, std::string_view key, std::initializer_list<ColumnType> types) {
        const Node* value = node.find(key);
        if (value == nullptr) return std::nullopt;
        const std::size_t index = read_column(*value, columns_, errors_);
        if (index < columns_.size() && columns_[index].name == value->raw() &&
            std::ranges::find(types, columns_[index].type) == types.end())
            complain(*value, fmt::format("'{}': column '{}' is of type {}", key, value->raw(), to_string(columns_[index].type)),
                     fmt::format("it must be of type {}", to_string(*types.begin())));
        return index;
    }

    std::map<std::string, TextTemplate> attributes(const Node& node, std::string_view key) {
        std::map<std::string, TextTemplate> made;
        const Node* map = node.find(key);
        if (map == nullptr) return made;
        for (const Node::Entry& entry : map->entries()) made.emplace(entry.key, text(*map, entry.key));
        return made;
    }

    std::map<std::string, TextTemplate> open_attributes(const Node& node, std::string_view key) {
        std::map<std::string, TextTemplate> made = attributes(node, key);
        for (const auto& [name, value] : made)
            if (!is_open_attribute(name))
                complain(*node.find(key), fmt::format("'{}' is no attribute of a party or a place", name),
                         "it may be country, market or kind");
        return made;
    }

    std::vector<ItemQuantityTemplate> items(const Node& list) {
        std::vector<ItemQuantityTemplate> made;
        for (const Node& element : list.items())
            made.push_back({id(element, "item"), column(element, "quantity", {ColumnType::decimal, ColumnType::integer}),
                            column(element, "unit", {ColumnType::text})});
        return made;
    }

    std::vector<SourceDestTemplate> sides(const Node& list) {
        std::vector<SourceDestTemplate> made;
        for (const Node& element : list.items()) made.push_back({element.find("type")->raw(), id(element, "id")});
        return made;
    }

    std::vector<DocumentTemplate> documents(const Node& list) {
        std::vector<DocumentTemplate> made;
        for (const Node& element : list.items()) made.push_back({text(element, "type"), id(element, "id"), text(element, "number")});
        return made;
    }

    /// A CBV name: known, or an error with the nearest one.
    std::string vocabulary(const Node& value, bool known, const std::vector<std::string>& names) {
        if (!known)
            complain(value, fmt::format("'{}' is not a {} of CBV 2.0", clip(value.raw()), value.name()), did_you_mean(value.raw(), names));
        return value.raw();
    }

    /// What `node` says replaces what `event` holds.
    void overlay(EventTemplate& event, const Node& node) {
        if (node.find("id") != nullptr) event.id = id(node, "id");
        if (const Node* value = node.find("type")) event.type = event_type_from(value->raw()).value_or(EventType::object);
        if (const Node* value = node.find("action")) event.action = action_from(value->raw()).value_or(Action::observe);
        if (const auto time = column(node, "time", {ColumnType::date, ColumnType::time})) event.time = *time;
        if (const Node* value = node.find("biz_step")) event.biz_step = vocabulary(*value, is_biz_step(value->raw()), biz_steps());
        if (const Node* value = node.find("disposition"))
            event.disposition = vocabulary(*value, is_disposition(value->raw()), dispositions());
        if (node.find("read_point") != nullptr) event.read_point = id(node, "read_point");
        if (node.find("biz_location") != nullptr) event.biz_location = id(node, "biz_location");
        if (node.find("parent") != nullptr) event.parent = id(node, "parent");
        if (node.find("transformation") != nullptr) event.transformation = id(node, "transformation");
        if (const Node* list = node.find("items")) event.items = items(*list);
        if (const Node* list = node.find("inputs")) event.inputs = items(*list);
        if (const Node* list = node.find("outputs")) event.outputs = items(*list);
        if (const Node* list = node.find("documents")) event.documents = documents(*list);
        if (const Node* list = node.find("sources")) event.sources = sides(*list);
        if (const Node* list = node.find("destinations")) event.destinations = sides(*list);
        if (node.find("ilmd") != nullptr) event.ilmd = attributes(node, "ilmd");
    }

    /// The lists fit the type, as check_event will ask of every event.
    void check_shape(const Node& node, const EventTemplate& event) {
        const bool transforms = event.type == EventType::transformation;
        if (transforms && !event.items.empty())
            complain(node, "a TransformationEvent has inputs and outputs, no items", "write 'items: []' to take back those of the event");
        if (transforms && event.inputs.empty() && event.outputs.empty()) complain(node, "a TransformationEvent needs inputs or outputs");
        if (transforms && (event.inputs.empty() || event.outputs.empty()) && event.transformation.empty())
            complain(node, "a TransformationEvent with inputs or outputs alone needs a 'transformation' that joins them");
        if (!transforms && (!event.inputs.empty() || !event.outputs.empty() || !event.transformation.empty()))
            complain(node, "only a TransformationEvent has inputs, outputs and a transformation");
        if (event.type == EventType::object && event.items.empty()) complain(node, "an ObjectEvent needs items");
        if (event.type == EventType::object && !event.parent.empty()) complain(node, "an ObjectEvent has no parent");
    }

    const std::vector<Column>& columns_;
    std::vector<Error>& errors_;
    std::vector<std::string> names_;
};

}  // namespace

RecordTemplate read_record(const Node& record, const std::vector<Column>& columns, std::vector<Error>& errors) {
    RecordReader reader{columns, errors};
    const Node::Entry& only = record.entries().front();
    if (only.key == "product") return reader.product(only.value);
    if (only.key == "place") return reader.place(only.value);
    if (only.key == "party") return reader.party(only.value);
    if (only.key == "item") return reader.item(only.value);
    return reader.events(only.value);
}

std::size_t read_column(const Node& node, const std::vector<Column>& columns, std::vector<Error>& errors) {
    std::vector<std::string> names;
    names.reserve(columns.size());
    for (const Column& column : columns) names.push_back(column.name);
    const auto found = std::ranges::find(names, node.raw());
    if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
    errors.push_back({Errc::config, fmt::format("'{}': there is no column '{}'", node.name(), clip(node.raw())), node.mark().text(),
                      did_you_mean(node.raw(), names)});
    return 0;
}

}  // namespace stemma::erp
