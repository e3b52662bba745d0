#include "adapters/erp/row_mapper.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "adapters/erp/decode.hpp"
#include "adapters/erp/record_digest.hpp"
#include "core/base/text.hpp"

namespace stemma::erp {
namespace {

/// A record in the making. What cannot be mapped is an error whose message names column and value.
class Maker {
public:
    Maker(const Mapping& mapping, const MappedQuery& query, std::string_view source, const Cells& cells)
        : mapping_{mapping}, query_{query}, source_{source}, cells_{cells} {}

    struct Made {
        std::variant<Event, Master> record;
        std::optional<SourceContact> contact;
    };

    Result<Made> operator()(const ProductTemplate& from) const {
        Product made;
        made.sku = text(from.sku);
        made.name = text(from.name);
        made.category = text(from.category);
        made.attributes = attributes(from.attributes);
        if (auto ok = put(made.id, required(from.id)); !ok) return fail(std::move(ok));
        if (auto ok = put(made.tracking, choice(from.tracking, tracking_from)); !ok) return fail(std::move(ok));
        if (auto ok = put(made.unit, unit(from.unit)); !ok) return fail(std::move(ok));
        return Made{Master{std::move(made)}, std::nullopt};
    }

    Result<Made> operator()(const PlaceTemplate& from) const {
        Place made;
        made.code = text(from.code);
        made.name = text(from.name);
        made.parent = optional<PlaceId>(from.parent);
        made.attributes = attributes(from.attributes);
        if (auto ok = put(made.id, required(from.id)); !ok) return fail(std::move(ok));
        if (auto ok = put(made.kind, choice(from.kind, place_kind_from)); !ok) return fail(std::move(ok));
        return Made{Master{std::move(made)}, std::nullopt};
    }

    Result<Made> operator()(const PartyTemplate& from) const {
        Party made;
        made.code = text(from.code);
        made.attributes = attributes(from.attributes);
        if (auto ok = put(made.id, required(from.id)); !ok) return fail(std::move(ok));
        SourceContact contact{text(from.name), text(from.contact)};
        const bool known = !contact.name.empty() || !contact.contact.empty();
        return Made{Master{std::move(made)}, known ? std::optional{std::move(contact)} : std::nullopt};
    }

    Result<Made> operator()(const ItemTemplate& from) const {
        Item made;
        made.product = optional<ProductId>(from.product);
        made.attributes = attributes(from.attributes);
        if (auto ok = put(made.id, required(from.id)); !ok) return fail(std::move(ok));
        if (auto ok = put(made.kind, choice(from.kind, item_kind_from)); !ok) return fail(std::move(ok));
        for (const IdentifierTemplate& identifier : from.identifiers) {
            const std::optional<std::string> scheme = identifier.scheme.expand(cells_);
            const std::optional<std::string> value = identifier.value.expand(cells_);
            if (!scheme || !value) continue;
            if (value->empty()) return empty(identifier.value);
            made.identifiers.push_back({*scheme, *value});
        }
        return Made{Master{std::move(made)}, std::nullopt};
    }

    Result<Made> operator()(const EventTemplates& templates) const {
        const auto chosen = templates.cases.find(templates.choose ? cells_[*templates.choose].value_or("") : "");
        if (chosen == templates.cases.end()) return refuse(templates.choose.value_or(query_.key), "the mapping has no case for it");
        return event(chosen->second);
    }

private:
    [[nodiscard]] Result<Made> event(const EventTemplate& from) const {
        Event made;
        made.type = from.type;
        made.action = from.action;
        made.biz_step = from.biz_step;
        made.disposition = from.disposition;
        made.read_point = optional<PlaceId>(from.read_point);
        made.biz_location = optional<PlaceId>(from.biz_location);
        made.parent = optional<ItemId>(from.parent);
        made.ilmd = attributes(from.ilmd);
        made.documents = documents(from.documents);
        made.sources = sides(from.sources);
        made.destinations = sides(from.destinations);
        if (auto ok = put(made.id, required(from.id)); !ok) return fail(std::move(ok));
        if (auto ok = put(made.time, time(from.time)); !ok) return fail(std::move(ok));
        if (!from.transformation.empty())
            if (auto ok = put(made.transformation, required(from.transformation)); !ok) return fail(std::move(ok));
        if (auto ok = put(made.items, items(from.items)); !ok) return fail(std::move(ok));
        if (auto ok = put(made.inputs, items(from.inputs)); !ok) return fail(std::move(ok));
        if (auto ok = put(made.outputs, items(from.outputs)); !ok) return fail(std::move(ok));
        return Made{std::move(made), std::nullopt};
    }

    [[nodiscard]] std::unexpected<Error> refuse(std::size_t column, std::string_view reason) const {
        const std::string& name = query_.columns[column].name;
        const std::optional<std::string>& cell = cells_[column];
        return fail(Errc::invalid_input, cell ? fmt::format("column '{}' is '{}': {}", name, clip(*cell), reason)
                                              : fmt::format("column '{}' is NULL: {}", name, reason));
    }

    [[nodiscard]] std::unexpected<Error> empty(const TextTemplate& from) const {
        const std::vector<std::size_t> columns = from.columns();
        return columns.empty() ? fail(Errc::invalid_input, "the number is empty") : refuse(columns.front(), "a number may not be empty");
    }

    template <class Target, class Source>
    static Result<void> put(Target& target, Result<Source>&& value) {
        if (!value) return fail(std::move(value));
        target = Target{std::move(*value)};
        return {};
    }

    [[nodiscard]] Result<std::string> required(const IdTemplate& from) const {
        std::optional<std::string> made = from.expand(source_, cells_);
        if (!made) return refuse(from.missing_column(cells_).value_or(query_.key), "it is part of an id");
        if (made->size() > kUriBytesMax)
            return fail(Errc::invalid_input,
                        fmt::format("the id '{}' has {} bytes, {} are allowed", clip(*made), made->size(), kUriBytesMax));
        return *made;
    }

    template <class Id>
    [[nodiscard]] Id optional(const IdTemplate& from) const {
        return Id{from.expand(source_, cells_).value_or("")};
    }

    [[nodiscard]] std::string text(const TextTemplate& from) const { return from.expand(cells_).value_or(""); }

    template <class Parse>
    auto choice(const TextTemplate& from, Parse&& parse) const -> decltype(parse(std::string_view{})) {
        const std::optional<std::string> written = from.expand(cells_);
        const std::vector<std::size_t> columns = from.columns();
        if (!written) return refuse(from.null_column(cells_).value_or(0), "a value is needed");
        auto value = parse(std::string_view{*written});
        if (!value && !columns.empty()) return refuse(columns.front(), value.error().message);
        return value;
    }

    [[nodiscard]] Result<std::string> unit(std::size_t column) const {
        const std::optional<std::string>& symbol = cells_[column];
        if (!symbol) return refuse(column, "a unit is needed");
        const auto found = mapping_.units.find(*symbol);
        if (found == mapping_.units.end()) return refuse(column, "the mapping's 'units' do not have this unit");
        return found->second;
    }

    [[nodiscard]] Result<WrittenTime> time(std::size_t column) const {
        const std::optional<std::string>& written = cells_[column];
        if (!written) return refuse(column, "an event needs its time");
        return parse_time(*written);
    }

    [[nodiscard]] Result<std::vector<ItemQuantity>> items(const std::vector<ItemQuantityTemplate>& list) const {
        std::vector<ItemQuantity> made;
        for (const ItemQuantityTemplate& from : list) {
            ItemQuantity entry;
            if (auto ok = put(entry.item, required(from.item)); !ok) return fail(std::move(ok));
            const std::optional<std::string> written = from.quantity ? cells_[*from.quantity] : std::nullopt;
            if (written) {
                const auto micros = parse_micros(*written);
                if (!micros) return refuse(*from.quantity, micros.error().message);
                if (*micros <= 0) return refuse(*from.quantity, "a quantity must be positive");
                auto code = unit(from.unit.value_or(0));
                if (!code) return fail(std::move(code));
                entry.quantity = Quantity{*micros, std::move(*code)};
            }
            made.push_back(std::move(entry));
        }
        return made;
    }

    [[nodiscard]] Attributes attributes(const std::map<std::string, TextTemplate>& from) const {
        Attributes made;
        for (const auto& [name, value] : from)
            if (std::optional<std::string> expanded = value.expand(cells_)) made.emplace(name, std::move(*expanded));
        return made;
    }

    [[nodiscard]] std::vector<BizTransaction> documents(const std::vector<DocumentTemplate>& list) const {
        std::vector<BizTransaction> made;
        for (const DocumentTemplate& from : list) {
            const std::optional<std::string> type = from.type.expand(cells_);
            const std::optional<std::string> id = from.id.expand(source_, cells_);
            if (type && id) made.push_back({*type, DocumentId{*id}, text(from.number)});
        }
        return made;
    }

    [[nodiscard]] std::vector<SourceDest> sides(const std::vector<SourceDestTemplate>& list) const {
        std::vector<SourceDest> made;
        for (const SourceDestTemplate& from : list)
            if (std::optional<std::string> id = from.id.expand(source_, cells_)) made.push_back({from.type, std::move(*id)});
        return made;
    }

    const Mapping& mapping_;
    const MappedQuery& query_;
    std::string_view source_;
    const Cells& cells_;
};

}  // namespace

std::optional<Cursor> RowMapper::place(const Cells& cells) const {
    if (!query_->cursor) return std::nullopt;
    const Result<WrittenTime> changed = parse_time(cells[query_->cursor->changed].value_or(""));
    if (!changed) return std::nullopt;
    return Cursor{changed->instant, cells[query_->cursor->id].value_or("")};
}

MappedRow RowMapper::map(std::span<const std::optional<std::string_view>> values) const {
    Cells cells;
    std::optional<Error> wrong;
    cells.reserve(values.size());
    for (std::size_t i = 0; i < query_->columns.size(); ++i) {
        Result<std::optional<std::string>> cell = decode(query_->columns[i], values[i]);
        cells.push_back(cell ? std::move(*cell) : std::nullopt);
        if (!cell && !wrong) wrong = std::move(cell).error();
    }
    MappedRow row;
    row.place = place(cells);
    const std::string key = cells[query_->key].value_or("");
    const auto reject = [&](std::string reason) {
        return std::unexpected(SourceReject{query_->name, key, query_->table, std::move(reason)});
    };
    if (wrong) {
        row.result = reject(std::move(wrong->message));
        return row;
    }
    auto made = std::visit(Maker{*mapping_, *query_, source_, cells}, query_->record);
    if (!made) {
        row.result = reject(std::move(made).error().message);
        return row;
    }
    SourceRecord record{query_->name, key, {}, std::move(made->record), std::move(made->contact)};
    record.digest = digest_of(record);
    row.result = std::move(record);
    return row;
}

}  // namespace stemma::erp
