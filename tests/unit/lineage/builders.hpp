// Short ways to write entries for the tests of core/lineage, and an index that is fed with them.
#pragma once

#include <fmt/format.h>

#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/lineage/index.hpp"

namespace stemma::lineage {

inline constexpr std::int64_t kOne = kQuantityScale;
inline constexpr Instant kStart{1'772'000'000 * kMicrosPerSecond};

inline ItemQuantity instance(std::string id) { return {ItemId{std::move(id)}, std::nullopt}; }
inline ItemQuantity some(std::string id, std::int64_t pieces, std::string unit = "C62") {
    return {ItemId{std::move(id)}, Quantity{pieces * kOne, std::move(unit)}};
}

/// An ObjectEvent; what it needs more is set by the test.
inline Event object(std::string step, std::vector<ItemQuantity> items) {
    Event event;
    event.biz_step = std::move(step);
    event.items = std::move(items);
    event.time.instant = kStart;
    return event;
}

inline Event with_places(Event event, const std::string& from, const std::string& to) {
    if (!from.empty()) event.sources.push_back({"location", from});
    if (!to.empty()) event.destinations.push_back({"location", to});
    return event;
}

inline Event with_document(Event event, std::string type, const std::string& id) {
    event.documents.push_back({std::move(type), DocumentId{id}, "No " + id});
    return event;
}

inline Event at_hour(Event event, int hour) {
    event.time.instant.us = kStart.us + hour * 3600 * kMicrosPerSecond;
    return event;
}

inline Event received(std::vector<ItemQuantity> items, const std::string& supplier, const std::string& to) {
    Event event = with_places(object("receiving", std::move(items)), "", to);
    event.sources.push_back({"possessing_party", supplier});
    return event;
}

inline Event shipped(std::vector<ItemQuantity> items, const std::string& from, const std::string& customer) {
    Event event = with_places(object("shipping", std::move(items)), from, "");
    event.destinations.push_back({"possessing_party", customer});
    return event;
}

inline Event returned(std::vector<ItemQuantity> items, const std::string& customer, const std::string& to) {
    Event event = received(std::move(items), customer, to);
    event.disposition = "returned";
    return event;
}

inline Event moved(std::vector<ItemQuantity> items, const std::string& from, const std::string& to) {
    return with_places(object("storing", std::move(items)), from, to);
}

inline Event transformation(std::string id, std::vector<ItemQuantity> inputs, std::vector<ItemQuantity> outputs) {
    Event event;
    event.type = EventType::transformation;
    event.transformation = TransformationId{std::move(id)};
    event.inputs = std::move(inputs);
    event.outputs = std::move(outputs);
    event.time.instant = kStart;
    return event;
}

inline Event packing(Action action, std::string parent, std::vector<ItemQuantity> children) {
    Event event;
    event.type = EventType::aggregation;
    event.action = action;
    event.parent = ItemId{std::move(parent)};
    event.items = std::move(children);
    event.time.instant = kStart;
    return event;
}

inline Event installing(Action action, std::string parent, std::vector<ItemQuantity> children) {
    Event event = packing(action, std::move(parent), std::move(children));
    event.type = EventType::association;
    return event;
}

inline Event declared_wrong(Event event) {
    event.error = ErrorDeclaration{kStart, "did_not_occur", {}};
    return event;
}

inline Event with_id(Event event, std::string id) {
    event.id = EventId{std::move(id)};
    return event;
}

inline Item item(std::string id, ItemKind kind, std::string product, std::string label = {}) {
    Item record;
    record.id = ItemId{std::move(id)};
    record.kind = kind;
    record.product = ProductId{std::move(product)};
    if (!label.empty()) record.identifiers.push_back({"serial", std::move(label)});
    return record;
}

inline Product product(std::string id, Tracking tracking, std::string unit = "C62") {
    Product record;
    record.id = ProductId{id};
    record.sku = "SKU-" + id;
    record.tracking = tracking;
    record.unit = std::move(unit);
    return record;
}

inline Place place(std::string id, PlaceKind kind) {
    Place record;
    record.id = PlaceId{id};
    record.code = "CODE-" + id;
    record.kind = kind;
    return record;
}

/// An index and the entries it was fed with, numbered from 0.
struct Fed {
    explicit Fed(const IndexSettings& settings = {}) : index{settings} {}

    Index index;
    std::vector<Entry> entries;

    Sequence add(EntryBody body) {
        Entry entry;
        entry.recorded_at = kStart;
        entry.body = std::move(body);
        entries.push_back(std::move(entry));
        index.apply(entries.size() - 1, entries.back());
        return entries.size() - 1;
    }
    Sequence add(const Event& event) { return add(EntryBody{event}); }
    template <class Record>
    Sequence add_master(Record record) {
        return add(EntryBody{Master{std::move(record)}});
    }
};

inline Node node_of(const View& view, const std::string& id) { return view.find(ItemId{id}); }

}  // namespace stemma::lineage
