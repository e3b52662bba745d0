#include "adapters/erp/record_digest.hpp"

#include <fmt/format.h>

#include "core/base/digest.hpp"
#include "core/base/quantity.hpp"
#include "core/base/time.hpp"

namespace stemma::erp {
namespace {

/// "name length:value" lines; the length makes sure that no value can look like the next line.
class Lines {
public:
    void add(std::string_view name, std::string_view value) {
        if (!value.empty()) text_ += fmt::format("{} {}:{}\n", name, value.size(), value);
    }

    void add(const Attributes& attributes, std::string_view name) {
        for (const auto& [key, value] : attributes) {
            add(name, key);
            add("value", value);
        }
    }

    void add(const std::vector<ItemQuantity>& items, std::string_view name) {
        for (const ItemQuantity& entry : items) {
            add(name, entry.item.str());
            if (!entry.quantity) continue;
            add("quantity", format_micros(entry.quantity->micros));
            add("unit", entry.quantity->unit);
        }
    }

    void add(const std::vector<SourceDest>& list, std::string_view name) {
        for (const SourceDest& entry : list) {
            add(name, entry.type);
            add("id", entry.id);
        }
    }

    std::string take() { return std::move(text_); }

    void operator()(const Product& product) {
        add("product", product.id.str());
        add("sku", product.sku);
        add("name", product.name);
        add("tracking", to_string(product.tracking));
        add("unit", product.unit);
        add("category", product.category);
        add(product.attributes, "attribute");
    }

    void operator()(const Item& item) {
        add("item", item.id.str());
        add("kind", to_string(item.kind));
        add("product", item.product.str());
        for (const Identifier& identifier : item.identifiers) {
            add("scheme", identifier.scheme);
            add("number", identifier.value);
        }
        add(item.attributes, "attribute");
    }

    void operator()(const Place& place) {
        add("place", place.id.str());
        add("code", place.code);
        add("name", place.name);
        add("kind", to_string(place.kind));
        add("parent", place.parent.str());
        add(place.attributes, "attribute");
    }

    void operator()(const Party& party) {
        add("party", party.id.str());
        add("code", party.code);
        add(party.attributes, "attribute");
    }

    void operator()(const Master& master) { std::visit(*this, master); }

    void operator()(const Event& event) {
        add("event", event.id.str());
        add("type", to_string(event.type));
        add("action", to_string(event.action));
        add("time", event.time.date_only ? format_date(event.time.instant) : format_instant(event.time.instant) + event.time.offset);
        add("biz_step", event.biz_step);
        add("disposition", event.disposition);
        add("read_point", event.read_point.str());
        add("biz_location", event.biz_location.str());
        add("parent", event.parent.str());
        add("transformation", event.transformation.str());
        add(event.items, "item");
        add(event.inputs, "input");
        add(event.outputs, "output");
        for (const BizTransaction& document : event.documents) {
            add("document", document.type);
            add("id", document.id.str());
            add("number", document.number);
        }
        add(event.sources, "source");
        add(event.destinations, "destination");
        add(event.ilmd, "ilmd");
    }

private:
    std::string text_;
};

}  // namespace

std::string canonical_text(const SourceRecord& record) {
    Lines lines;
    lines.add("stemma", "record 1");
    std::visit([&](const auto& value) { lines(value); }, record.record);
    return lines.take();
}

std::string digest_of(const SourceRecord& record) { return to_hex(sha256(canonical_text(record))); }

}  // namespace stemma::erp
