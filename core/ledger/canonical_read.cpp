#include "core/ledger/canonical_read.hpp"

#include <array>
#include <chrono>

#include "core/base/text.hpp"

namespace stemma {
namespace {

/// A place in the bytes. Every take either moves behind what it took, or says false and has moved at most within it.
class Cursor {
public:
    explicit Cursor(std::string_view bytes) noexcept : at_{bytes.data()}, end_{bytes.data() + bytes.size()} {}

    bool take(std::string_view literal) noexcept {
        if (!rest().starts_with(literal)) return false;
        at_ += literal.size();
        return true;
    }

    /// A string without escapes, well-formed.
    bool text(std::string_view& out) noexcept {
        if (!take("\"")) return false;
        const char* const begin = at_;
        unsigned char seen = 0;
        for (; at_ != end_ && *at_ != '"'; ++at_) {
            const auto byte = static_cast<unsigned char>(*at_);
            if (byte == '\\' || byte < 0x20) return false;
            seen |= byte;
        }
        if (at_ == end_) return false;
        out = {begin, static_cast<std::size_t>(at_ - begin)};
        ++at_;
        return seen < 0x80 || is_clean_utf8(out);
    }
    bool text(std::string& out) {
        std::string_view found;
        if (!text(found)) return false;
        out.assign(found);
        return true;
    }
    template <class Tag>
    bool text(StrongId<Tag>& out) {
        std::string_view found;
        if (!text(found)) return false;
        out.assign(found);
        return true;
    }

    /// A field that may be missing: `key` with its comma, quotes and colon, then a string.
    template <class Text>
    bool field(std::string_view key, Text& out) {
        if (take(key)) return text(out);
        clear(out);
        return true;
    }

    /// At most 12 digits before the point and six behind it.
    bool micros(std::int64_t& out) noexcept {
        const bool negative = take("-");
        std::int64_t value = 0;
        const bool zero = !rest().empty() && rest().front() == '0';
        const std::size_t before = digits(value, 12);
        std::size_t behind = 0;
        if (before == 0 || (zero && before > 1)) return false;
        if (take(".")) {
            behind = digits(value, 6);
            if (behind == 0) return false;
        }
        for (; behind < 6; ++behind) value *= 10;
        out = negative ? -value : value;
        return at_ != end_ && (*at_ == ',' || *at_ == '}');
    }

    /// "2026-03-01T10:00:00Z", with three or six digits of a fraction or without.
    bool instant(Instant& out) noexcept {
        std::array<std::int64_t, 6> parts{};
        constexpr std::array<std::string_view, 6> kBehind{"-", "-", "T", ":", ":", ""};
        if (!take("\"")) return false;
        for (std::size_t i = 0; i < parts.size(); ++i)
            if (digits(parts[i], i == 0 ? 4 : 2) != (i == 0 ? 4U : 2U) || !take(kBehind[i])) return false;
        std::int64_t fraction = 0;
        if (take(".")) {
            const std::size_t places = digits(fraction, 6);
            if (places != 3 && places != 6) return false;
            if (places == 3) fraction *= 1000;
        }
        const auto& [year, month, day, hour, minute, second] = parts;
        const std::chrono::year_month_day date{std::chrono::year{static_cast<int>(year)}, std::chrono::month{static_cast<unsigned>(month)},
                                               std::chrono::day{static_cast<unsigned>(day)}};
        if (year < 1 || !date.ok() || hour > 23 || minute > 59 || second > 59) return false;
        out.us = std::chrono::sys_days{date}.time_since_epoch().count() * kMicrosPerDay +
                 ((hour * 60 + minute) * 60 + second) * kMicrosPerSecond + fraction;
        return take("Z\"");
    }

    /// A list that may be missing: `key` with its comma, quotes and colon; read(element's number) each. At least one element.
    template <class Read>
    bool list(std::string_view key, std::size_t& count, const Read& read) {
        if (!take(key)) return true;
        if (!take("[")) return false;
        do {
            if (!read(count)) return false;
            ++count;
        } while (take(","));
        return take("]");
    }

private:
    [[nodiscard]] std::string_view rest() const noexcept { return {at_, static_cast<std::size_t>(end_ - at_)}; }

    static void clear(std::string_view& text) noexcept { text = {}; }
    static void clear(std::string& text) noexcept { text.clear(); }
    template <class Tag>
    static void clear(StrongId<Tag>& id) {
        id.assign({});
    }

    /// Appends up to `most` digits to the number; how many there were.
    std::size_t digits(std::int64_t& number, std::size_t most) noexcept {
        std::size_t count = 0;
        for (; count < most && at_ != end_ && *at_ >= '0' && *at_ <= '9'; ++count, ++at_) number = number * 10 + (*at_ - '0');
        return count;
    }

    const char* at_;
    const char* end_;
};

constexpr std::string_view kPieces = "C62";

/// An element of a list that is used again.
template <class T>
T& element(std::vector<T>& list, std::size_t at) {
    if (at == list.size()) list.emplace_back();
    return list[at];
}

template <class Body, class Variant>
Body& body_of(Variant& variant) {
    if (auto* body = std::get_if<Body>(&variant)) return *body;
    return variant.template emplace<Body>();
}

/// An enumeration by its name; `last` is its last value.
template <class Enum>
bool choose(Cursor& in, Enum& out, Enum last) {
    std::string_view name;
    if (!in.text(name)) return false;
    for (unsigned value = 0; value <= static_cast<unsigned>(last); ++value) {
        out = static_cast<Enum>(value);
        if (to_string(out) == name) return true;
    }
    return false;
}

/// A name of the standard's vocabulary; with a colon it may be another spelling, which is decode()'s business.
bool name(Cursor& in, std::string_view key, std::string& out) { return in.field(key, out) && !out.contains(':'); }

bool quantity(Cursor& in, Quantity& out) {
    if (!in.micros(out.micros)) return false;
    if (!in.take(R"(,"uom":)")) {
        out.unit.assign(kPieces);
        return true;
    }
    return in.text(out.unit) && !out.unit.empty();
}

bool items(Cursor& in, std::string_view instances, std::string_view classes, std::vector<ItemQuantity>& out) {
    std::size_t count = 0;
    const auto instance = [&](std::size_t at) {
        ItemQuantity& item = element(out, at);
        item.quantity.reset();
        return in.text(item.item);
    };
    const auto amount = [&](std::size_t at) {
        ItemQuantity& item = element(out, at);
        if (!item.quantity) item.quantity.emplace();
        return in.take(R"({"epcClass":)") && in.text(item.item) && !item.item.empty() && in.take(R"(,"quantity":)") &&
               quantity(in, *item.quantity) && in.take("}");
    };
    if (!in.list(instances, count, instance) || !in.list(classes, count, amount)) return false;
    out.resize(count);
    return true;
}

bool place(Cursor& in, std::string_view key, PlaceId& out) {
    if (!in.take(key)) {
        out.assign({});
        return true;
    }
    return in.take(R"({"id":)") && in.text(out) && !out.empty() && in.take("}");
}

bool documents(Cursor& in, std::vector<BizTransaction>& out) {
    std::size_t count = 0;
    const auto document = [&](std::size_t at) {
        BizTransaction& read = element(out, at);
        const bool typed = in.take(R"({"type":)");
        if (typed ? !in.text(read.type) || read.type.contains(':') : !in.take("{")) return false;
        if (!typed) read.type.clear();
        return in.take(typed ? R"(,"bizTransaction":)" : R"("bizTransaction":)") && in.text(read.id) && !read.id.empty() &&
               in.field(R"(,"stemma:number":)", read.number) && in.take("}");
    };
    if (!in.list(R"(,"bizTransactionList":)", count, document)) return false;
    out.resize(count);
    return true;
}

bool ends(Cursor& in, std::string_view list, std::string_view id, std::vector<SourceDest>& out) {
    std::size_t count = 0;
    const auto end = [&](std::size_t at) {
        SourceDest& read = element(out, at);
        return in.take(R"({"type":)") && in.text(read.type) && !read.type.contains(':') && in.take(id) && in.text(read.id) &&
               !read.id.empty() && in.take("}");
    };
    if (!in.list(list, count, end)) return false;
    out.resize(count);
    return true;
}

bool attributes(Cursor& in, std::string_view key, Attributes& out, bool with_prefixes) {
    out.clear();
    if (!in.take(key)) return true;
    if (!in.take("{")) return false;
    do {
        std::string attribute;
        std::string value;
        if (!in.text(attribute) || !in.take(":") || !in.text(value)) return false;
        if (with_prefixes && attribute.contains(':')) return false;
        if (!out.emplace(std::move(attribute), std::move(value)).second) return false;
    } while (in.take(","));
    return in.take("}");
}

bool error_declaration(Cursor& in, std::optional<ErrorDeclaration>& out) {
    out.reset();
    if (!in.take(R"(,"errorDeclaration":{"declarationTime":)")) return true;
    ErrorDeclaration& error = out.emplace();
    std::size_t count = 0;
    const auto corrective = [&](std::size_t at) { return in.text(element(error.corrective_events, at)); };
    return in.instant(error.declared_at) && name(in, R"(,"reason":)", error.reason) &&
           in.list(R"(,"correctiveEventIDs":)", count, corrective) && in.take("}");
}

/// "+02:00" as parse_time() would give it back.
bool is_offset(std::string_view text) noexcept {
    const auto digit = [&](std::size_t at) { return text[at] >= '0' && text[at] <= '9'; };
    if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return false;
    if (!digit(1) || !digit(2) || !digit(4) || !digit(5) || text == "-00:00") return false;
    return (text[1] - '0') * 10 + (text[2] - '0') <= 14 && text[4] < '6';
}

bool written_time(Cursor& in, WrittenTime& out) {
    if (!in.take(R"(,"eventTime":)") || !in.instant(out.instant)) return false;
    if (!in.take(R"(,"eventTimeZoneOffset":)") || !in.text(out.offset) || !is_offset(out.offset)) return false;
    out.date_only = in.take(R"(,"stemma:dateOnly":true)");
    return !out.date_only || out.instant.us % kMicrosPerDay == 0;
}

bool read(Cursor& in, Event& event) {
    if (!in.take(R"({"type":)") || !choose(in, event.type, EventType::association) || !in.field(R"(,"eventID":)", event.id)) return false;
    if (!written_time(in, event.time)) return false;
    const bool transformation = event.type == EventType::transformation;
    event.action = Event{}.action;
    if (!transformation && (!in.take(R"(,"action":)") || !choose(in, event.action, Action::remove))) return false;
    if (!name(in, R"(,"bizStep":)", event.biz_step) || !name(in, R"(,"disposition":)", event.disposition)) return false;
    if (!place(in, R"(,"readPoint":)", event.read_point) || !place(in, R"(,"bizLocation":)", event.biz_location)) return false;
    const bool parented = event.type == EventType::aggregation || event.type == EventType::association;
    if (!parented && !items(in, R"(,"epcList":)", R"(,"quantityList":)", event.items)) return false;
    if (!in.field(R"(,"parentID":)", event.parent)) return false;
    if (parented && !items(in, R"(,"childEPCs":)", R"(,"childQuantityList":)", event.items)) return false;
    if (!items(in, R"(,"inputEPCList":)", R"(,"inputQuantityList":)", event.inputs)) return false;
    if (!items(in, R"(,"outputEPCList":)", R"(,"outputQuantityList":)", event.outputs)) return false;
    if (!in.field(R"(,"transformationID":)", event.transformation) || !documents(in, event.documents)) return false;
    if (!ends(in, R"(,"sourceList":)", R"(,"source":)", event.sources)) return false;
    if (!ends(in, R"(,"destinationList":)", R"(,"destination":)", event.destinations)) return false;
    event.sensors.clear();  // one with sensors does not end here
    return attributes(in, R"(,"ilmd":)", event.ilmd, true) && error_declaration(in, event.error) && in.take("}");
}

bool read(Cursor& in, Product& product) {
    if (!in.field(R"(,"id":)", product.id) || !in.field(R"(,"sku":)", product.sku) || !in.field(R"(,"name":)", product.name)) return false;
    return in.take(R"(,"tracking":)") && choose(in, product.tracking, Tracking::lot_serial) && in.field(R"(,"unit":)", product.unit) &&
           in.field(R"(,"category":)", product.category) && attributes(in, R"(,"attributes":)", product.attributes, false);
}

bool read(Cursor& in, Item& item) {
    if (!in.field(R"(,"id":)", item.id) || !in.take(R"(,"kind":)") || !choose(in, item.kind, ItemKind::logistic_unit)) return false;
    std::size_t count = 0;
    const auto identifier = [&](std::size_t at) {
        Identifier& read = element(item.identifiers, at);
        return in.take(R"({"scheme":)") && in.text(read.scheme) && in.take(R"(,"value":)") && in.text(read.value) && in.take("}");
    };
    if (!in.field(R"(,"product":)", item.product) || !in.list(R"(,"identifiers":)", count, identifier)) return false;
    item.identifiers.resize(count);
    return attributes(in, R"(,"attributes":)", item.attributes, false);
}

bool read(Cursor& in, Place& place) {
    return in.field(R"(,"id":)", place.id) && in.field(R"(,"code":)", place.code) && in.field(R"(,"name":)", place.name) &&
           in.take(R"(,"kind":)") && choose(in, place.kind, PlaceKind::outside) && in.field(R"(,"parent":)", place.parent) &&
           attributes(in, R"(,"attributes":)", place.attributes, false);
}

bool read(Cursor& in, Party& party) {
    return in.field(R"(,"id":)", party.id) && in.field(R"(,"code":)", party.code) &&
           in.field(R"(,"contactDigest":)", party.contact_digest) && attributes(in, R"(,"attributes":)", party.attributes, false);
}

bool read(Cursor& in, Master& master) {
    std::string_view type;
    if (!in.take(R"({"type":)") || !in.text(type)) return false;
    if (type == "item") return read(in, body_of<Item>(master)) && in.take("}");
    if (type == "product") return read(in, body_of<Product>(master)) && in.take("}");
    if (type == "place") return read(in, body_of<Place>(master)) && in.take("}");
    return type == "party" && read(in, body_of<Party>(master)) && in.take("}");
}

bool read(Cursor& in, Meeting& meeting) {
    meeting.products = in.take(R"({"of":"products")");
    if (!meeting.products && !in.take(R"({"of":"items")")) return false;
    if (!in.take(R"(,"first":)") || !in.text(meeting.first) || !in.take(R"(,"second":)") || !in.text(meeting.second)) return false;
    if (!in.take(R"(,"rule":)") || !choose(in, meeting.rule, MeetingRule::declared)) return false;
    if (!attributes(in, R"(,"agreed":)", meeting.agreed, false)) return false;
    meeting.apart = in.take(R"(,"apart":true)");
    return in.field(R"(,"why":)", meeting.why) && in.take("}");
}

/// What stands before the body; nothing of it is kept.
bool skip_frame(Cursor& in) {
    std::string_view skipped;
    for (const std::string_view key : {R"(,"actor":)", R"(,"reason":)", R"(,"command":)", R"(,"commandDigest":)"})
        if (!in.field(key, skipped)) return false;
    if (!in.take(R"(,"source":{)")) return true;
    bool first = true;
    for (const std::string_view key : {R"(,"source":)", R"(,"query":)", R"(,"key":)", R"(,"digest":)"}) {
        if (!in.take(first ? key.substr(1) : key)) continue;
        if (!in.text(skipped)) return false;
        first = false;
    }
    return in.take("}");
}

}  // namespace

bool read_canonical(std::string_view bytes, Entry& entry) {
    Cursor in{bytes};
    if (!in.take(R"({"form":1,"recordTime":)") || !in.instant(entry.recorded_at) || !skip_frame(in)) return false;
    if (in.take(R"(,"case":{)") || in.take(R"(,"system":{)")) {
        entry.body.emplace<SystemChange>();
        return true;
    }
    if (in.take(R"(,"meeting":)")) return read(in, body_of<Meeting>(entry.body)) && in.take("}");
    const bool known =
        in.take(R"(,"event":)") ? read(in, body_of<Event>(entry.body)) : in.take(R"(,"master":)") && read(in, body_of<Master>(entry.body));
    return known && (in.take("}") || in.take(R"(,"judgements":[)"));
}

}  // namespace stemma
