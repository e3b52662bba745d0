// A ledger in memory that tests of facts write entry by entry, and facts as lines of text.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "adapters/memory/memory_store.hpp"
#include "core/engine/facts.hpp"
#include "tests/unit/engine/pipeline_rig.hpp"

namespace stemma::engine {

using Lines = std::vector<std::string>;

/// Day 0 is 2020-01-01T00:00:00Z.
inline Instant on_day(std::int64_t day) { return Instant{(18'262 + day) * 86'400 * kMicrosPerSecond}; }
/// Of an instant on such a day.
inline std::string day_text(std::int64_t day) { return format_date(on_day(day)); }

class FactRig : public PipelineRig {
protected:
    FactRig() : PipelineRig{[](const test::TempFolder&) { return memory::make_store(); }} {}

    /// Records one entry; its position.
    Sequence record(EntryBody body) {
        Sequence at = 0;
        const auto done = appender_.run([&](Appending& tx) -> Result<void> {
            Entry entry;
            entry.actor = "user:test";
            entry.body = std::move(body);
            const auto added = tx.add(std::move(entry));
            if (!added) return std::unexpected(added.error());
            at = *added;
            return {};
        });
        EXPECT_TRUE(done) << done.error().text();
        return at;
    }
    Sequence wrong(Event event) {
        event.error = ErrorDeclaration{clock_.now(), "incorrect_data", {}};
        return record(event);
    }
    Sequence step(const std::string& name, const std::string& item, std::uint64_t version, const std::string& type,
                  const std::string& state, Attributes fields = {}) {
        return record(CaseEvent{CaseId{name}, "rma", version, type, ItemId{item}, std::move(fields), state});
    }

    Result<FactTable> fact(const std::string& name, std::vector<std::string> arguments, std::optional<Sequence> position = {},
                           bool with_view = false) {
        const auto snapshot = store_->read();
        const Sequence at = position.value_or(size());
        FactReader reader{**snapshot, at, limits_};
        const auto view = index_.view(at);
        if (with_view) reader.look_at(view);
        return reader.answer({name, std::move(arguments)});
    }
    /// The rows, cells joined by " | ", dates without a time of day as such; or "error: ...".
    Lines told(const std::string& name, std::vector<std::string> arguments, std::optional<Sequence> position = {}, bool with_view = false) {
        const auto table = fact(name, std::move(arguments), position, with_view);
        if (!table) return {"error: " + table.error().message};
        return lines_of(*table);
    }
    static Lines lines_of(const FactTable& table) {
        Lines lines;
        for (const auto& row : table.rows) {
            std::string line;
            for (std::size_t i = 0; i < row.size(); ++i) {
                std::string text = to_text(row[i]);
                if (text.ends_with("T00:00:00Z")) text.resize(10);
                line += (i == 0 ? "" : " | ") + text;
            }
            lines.push_back(line);
        }
        return lines;
    }

    static ItemQuantity one(const std::string& item) { return {ItemId{item}, std::nullopt}; }
    static ItemQuantity some(const std::string& item, std::int64_t pieces) {
        return {ItemId{item}, Quantity{pieces * kQuantityScale, "C62"}};
    }
    static Event event(const std::string& id, std::int64_t day, const std::string& step, std::vector<ItemQuantity> items = {}) {
        Event made;
        made.id = EventId{id};
        made.time.instant = on_day(day);
        made.biz_step = step;
        made.items = std::move(items);
        return made;
    }
    static Event made(const std::string& id, std::int64_t day, const std::string& order, std::vector<ItemQuantity> inputs,
                      std::vector<ItemQuantity> outputs, const std::string& step = "commissioning") {
        Event event = FactRig::event(id, day, step);
        event.type = EventType::transformation;
        event.inputs = std::move(inputs);
        event.outputs = std::move(outputs);
        event.transformation = TransformationId{order};
        return event;
    }
    static Event joined(const std::string& id, std::int64_t day, Action action, const std::string& parent,
                        std::vector<ItemQuantity> children, EventType type = EventType::association) {
        Event event = FactRig::event(id, day, "", std::move(children));
        event.type = type;
        event.action = action;
        event.parent = ItemId{parent};
        return event;
    }
    static Event shipped(const std::string& id, std::int64_t day, std::vector<ItemQuantity> items, const std::string& party) {
        Event event = FactRig::event(id, day, "shipping", std::move(items));
        event.disposition = "in_transit";
        event.read_point = PlaceId{"urn:l:dock"};
        event.destinations = {{"possessing_party", party}};
        event.documents = {{"desadv", DocumentId{"urn:d:" + id}, "D1"}};
        return event;
    }
    static Event with_document(Event event, const std::string& type, const std::string& id) {
        event.documents.insert(event.documents.begin(), {type, DocumentId{id}, ""});
        return event;
    }
    static Master item(const std::string& id, ItemKind kind, const std::string& product, Attributes attributes = {}) {
        return Item{ItemId{id}, kind, ProductId{product}, {{"serial", id}}, std::move(attributes)};
    }
    static Master product(const std::string& id, const std::string& sku, Tracking tracking = Tracking::serial) {
        return Product{ProductId{id}, sku, sku, tracking, "C62", "", {}};
    }
};

}  // namespace stemma::engine
