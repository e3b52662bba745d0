#include "tests/unit/ledger/random_entry.hpp"

#include <algorithm>
#include <limits>
#include <tuple>

namespace stemma::test {
namespace {

std::size_t below(Random& random, std::size_t end) { return std::uniform_int_distribution<std::size_t>{0, end - 1}(random); }
bool coin(Random& random) { return below(random, 2) == 0; }

template <class Enum>
Enum any_of(Random& random, std::size_t count) {
    return static_cast<Enum>(below(random, count));
}

std::string text(Random& random) {
    static const std::vector<std::string> kPieces{"a",    "Z",    "0",    " ", "\"", "\\", "/", "~",    "\n",          "\t",
                                                  "\x01", "\x1f", "\x7f", "ä", "€",  "𝄞",  "{", "urn:", "\xE2\x80\xA8"};
    std::string out;
    for (std::size_t i = below(random, 6); i > 0; --i) out += kPieces[below(random, kPieces.size())];
    return out;
}

std::string some_text(Random& random) { return text(random) + "x"; }

template <class Id>
Id some_id(Random& random) {
    return Id{"urn:stemma:erp:" + some_text(random)};
}

template <class Id>
Id maybe_id(Random& random) {
    return coin(random) ? some_id<Id>(random) : Id{};
}

template <class Make>
auto list_of(Random& random, Make make) {
    std::vector<decltype(make())> out;
    for (std::size_t i = below(random, 4); i > 0; --i) out.push_back(make());
    return out;
}

std::vector<std::string> texts(Random& random) {
    return list_of(random, [&] { return text(random); });
}

Instant instant(Random& random) {
    // 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999Z
    static std::uniform_int_distribution<std::int64_t> all{-62'135'596'800'000'000, 253'402'300'799'999'999};
    static std::uniform_int_distribution<std::int64_t> seconds{0, 2'000'000'000};
    return Instant{coin(random) ? all(random) : seconds(random) * kMicrosPerSecond};
}

Quantity quantity(Random& random) {
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
    static std::uniform_int_distribution<std::int64_t> all{-kMost, kMost};
    const std::int64_t edges[] = {0, 1, -1, 500'000, 1'000'000, -1'500'000, kMost, -kMost, 10'000'000, 100'000'000'000};
    return {coin(random) ? all(random) : edges[below(random, std::size(edges))], coin(random) ? "C62" : "KGM"};
}

/// Instances before quantities, as two EPCIS lists give them back.
std::vector<ItemQuantity> items(Random& random) {
    std::vector<ItemQuantity> out = list_of(random, [&] { return ItemQuantity{some_id<ItemId>(random), std::nullopt}; });
    for (std::size_t i = below(random, 3); i > 0; --i) out.push_back({some_id<ItemId>(random), quantity(random)});
    return out;
}

Attributes attributes(Random& random) {
    Attributes out;
    for (std::size_t i = below(random, 4); i > 0; --i) out[text(random)] = text(random);
    return out;
}

SensorReport sensor(Random& random) {
    SensorReport report;
    report.type = text(random);
    if (coin(random)) report.value = quantity(random);
    report.string_value = text(random);
    if (coin(random)) report.time = instant(random);
    report.device = text(random);
    return report;
}

Value cell(Random& random, ColumnType type) {
    if (below(random, 5) == 0) return {};
    switch (type) {
        case ColumnType::int64: return static_cast<std::int64_t>(random());
        case ColumnType::boolean: return coin(random);
        case ColumnType::text: return text(random);
        case ColumnType::time: return instant(random);
        case ColumnType::quantity: return quantity(random);
    }
    return {};
}

FactTable fact(Random& random) {
    FactTable table{.name = text(random), .arguments = texts(random), .columns = {}, .rows = {}};
    table.columns = list_of(random, [&] { return Column{text(random), any_of<ColumnType>(random, 5)}; });
    table.rows = list_of(random, [&] {
        std::vector<Value> row;
        for (const Column& column : table.columns) row.push_back(cell(random, column.type));
        return row;
    });
    return table;
}

Judgement judgement(Random& random) {
    Judgement out;
    out.plugin = text(random);
    out.version = text(random);
    out.binary_sha256 = text(random);
    out.options_sha256 = text(random);
    out.data_sha256 = text(random);
    out.position = coin(random) ? random() : below(random, 3);
    out.requests = list_of(random, [&] { return FactRequest{text(random), texts(random)}; });
    out.facts_sha256 = text(random);
    out.facts = list_of(random, [&] { return fact(random); });
    out.verdict.outcome = any_of<Outcome>(random, 4);
    out.verdict.findings = list_of(
        random, [&] { return Finding{text(random), any_of<Severity>(random, 3), text(random), text(random), text(random), text(random)}; });
    return out;
}

Master master(Random& random) {
    switch (below(random, 4)) {
        case 0:
            return Product{maybe_id<ProductId>(random), text(random), text(random), any_of<Tracking>(random, 4), text(random), text(random),
                           attributes(random)};
        case 1: {
            auto identifiers = list_of(random, [&] { return Identifier{text(random), text(random)}; });
            return Item{maybe_id<ItemId>(random), any_of<ItemKind>(random, 3), maybe_id<ProductId>(random), identifiers,
                        attributes(random)};
        }
        case 2:
            return Place{maybe_id<PlaceId>(random), text(random), text(random), any_of<PlaceKind>(random, 3), maybe_id<PlaceId>(random)};
        default: return Party{maybe_id<PartyId>(random), text(random), text(random)};
    }
}

EntryBody body(Random& random) {
    switch (below(random, 5)) {
        case 0: return master(random);
        case 1:
            return CaseEvent{maybe_id<CaseId>(random), text(random), random(),     text(random),      maybe_id<ItemId>(random),
                             attributes(random),       text(random), text(random), attributes(random)};
        case 2: return SystemChange{text(random), text(random), attributes(random)};
        case 3:
            return Meeting{below(random, 2) == 0,
                           "urn:a:" + text(random),
                           "urn:b:" + text(random),
                           any_of<MeetingRule>(random, 6),
                           attributes(random),
                           below(random, 2) == 0,
                           text(random)};
        default: return random_event(random);
    }
}

auto fields(const Event& e) {
    return std::tie(e.type, e.id, e.action, e.time.instant, e.time.offset, e.time.date_only, e.biz_step, e.disposition, e.read_point,
                    e.biz_location, e.items, e.parent, e.inputs, e.outputs, e.transformation, e.documents, e.sources, e.destinations,
                    e.sensors, e.ilmd, e.error);
}

}  // namespace

Event random_event(Random& random) {
    Event event;
    event.type = any_of<EventType>(random, 5);
    event.id = maybe_id<EventId>(random);
    if (event.type != EventType::transformation) event.action = any_of<Action>(random, 3);
    event.time.instant = instant(random);
    event.time.offset = coin(random) ? "+00:00" : "-05:30";
    if (below(random, 3) == 0) {
        event.time.date_only = true;
        event.time.instant.us -= event.time.instant.us % kMicrosPerDay;
    }
    event.biz_step = coin(random) ? "shipping" : text(random);
    event.disposition = text(random);
    event.read_point = maybe_id<PlaceId>(random);
    event.biz_location = maybe_id<PlaceId>(random);
    event.items = items(random);
    event.parent = maybe_id<ItemId>(random);
    event.inputs = items(random);
    event.outputs = items(random);
    event.transformation = maybe_id<TransformationId>(random);
    event.documents = list_of(random, [&] { return BizTransaction{text(random), some_id<DocumentId>(random), text(random)}; });
    event.sources = list_of(random, [&] { return SourceDest{some_text(random), some_text(random)}; });
    event.destinations = list_of(random, [&] { return SourceDest{some_text(random), some_text(random)}; });
    event.sensors = list_of(random, [&] { return sensor(random); });
    event.ilmd = attributes(random);
    if (coin(random))
        event.error = ErrorDeclaration{instant(random), text(random), list_of(random, [&] { return some_id<EventId>(random); })};
    return event;
}

Entry random_entry(Random& random) {
    Entry entry;
    entry.recorded_at = instant(random);
    entry.actor = text(random);
    entry.reason = text(random);
    entry.command = text(random);
    entry.command_digest = text(random);
    if (coin(random)) entry.source = SourceRow{text(random), text(random), text(random), text(random)};
    entry.body = body(random);
    entry.judgements = list_of(random, [&] { return judgement(random); });
    return entry;
}

bool same(const Event& a, const Event& b) { return fields(a) == fields(b); }

bool same(const Entry& a, const Entry& b) {
    const auto outside = [](const Entry& e) {
        return std::tie(e.recorded_at, e.actor, e.reason, e.command, e.command_digest, e.source, e.judgements);
    };
    if (outside(a) != outside(b) || a.body.index() != b.body.index()) return false;
    if (const Event* event = std::get_if<Event>(&a.body)) return same(*event, std::get<Event>(b.body));
    if (const Master* record = std::get_if<Master>(&a.body)) return *record == std::get<Master>(b.body);
    if (const CaseEvent* step = std::get_if<CaseEvent>(&a.body)) return *step == std::get<CaseEvent>(b.body);
    if (const Meeting* meeting = std::get_if<Meeting>(&a.body)) return *meeting == std::get<Meeting>(b.body);
    return std::get<SystemChange>(a.body) == std::get<SystemChange>(b.body);
}

}  // namespace stemma::test
