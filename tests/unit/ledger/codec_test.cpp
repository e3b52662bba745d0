// The entry codec: what is written is read back exactly, the bytes are canonical, and reading is total.
#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "core/base/digest.hpp"
#include "core/base/text.hpp"
#include "core/ledger/canonical_read.hpp"
#include "core/ledger/encoded_entry.hpp"
#include "core/ledger/entry_codec.hpp"
#include "core/ledger/tree.hpp"
#include "tests/unit/ledger/random_entry.hpp"

namespace stemma {
namespace {

using test::Random;

TEST(EntryCodec, gives_back_every_entry_and_its_very_bytes) {
    Random random{17};
    for (int i = 0; i < 4'000; ++i) {
        const Entry entry = test::random_entry(random);
        const std::string bytes = encode(entry);
        const Result<Entry> back = decode(bytes);
        ASSERT_TRUE(back) << back.error().text() << "\n" << bytes;
        ASSERT_TRUE(test::same(*back, entry)) << bytes;
        ASSERT_EQ(encode(*back), bytes);
    }
}

/// Time and body are those that decode() gives; what moves no goods has no body.
void expect_same_reading(const Entry& fast, const Entry& whole, const std::string& bytes) {
    ASSERT_EQ(fast.recorded_at, whole.recorded_at) << bytes;
    if (std::holds_alternative<CaseEvent>(whole.body) || std::holds_alternative<SystemChange>(whole.body)) {
        ASSERT_EQ(fast.body, EntryBody{SystemChange{}}) << bytes;
        return;
    }
    ASSERT_EQ(fast.body, whole.body) << bytes;
}

TEST(CanonicalRead, gives_what_decode_gives_or_gives_up) {
    Random random{29};
    Entry fast;  // the same for all, as a start uses it
    int read = 0;
    for (int i = 0; i < 20'000; ++i) {
        const std::string bytes = encode(test::random_entry(random));
        if (!read_canonical(bytes, fast)) continue;
        ++read;
        const Result<Entry> whole = decode(bytes);
        ASSERT_TRUE(whole) << whole.error().text();
        ASSERT_NO_FATAL_FAILURE(expect_same_reading(fast, *whole, bytes));
    }
    EXPECT_GT(read, 200) << "most have escapes or sensors, which are not its business";
}

std::string changed(std::string bytes, Random& random) {
    const std::string_view marks = R"({}[],:"0129.-eZT+\)";
    const auto at = [&] { return static_cast<std::size_t>(random() % bytes.size()); };
    for (std::uint64_t change = 1 + random() % 2; change-- > 0 && bytes.size() > 30;) {
        const char mark = marks[random() % marks.size()];
        switch (random() % 3) {
            case 0: bytes.erase(at(), 1 + random() % 20); break;
            case 1: bytes.insert(at(), 1, mark); break;
            default: bytes[at()] = mark; break;
        }
    }
    return bytes;
}

TEST(CanonicalRead, takes_no_body_that_decode_refuses) {
    Random random{31};
    Entry fast;
    for (int texts = 0; texts < 100;) {
        const std::string good = encode(test::random_entry(random));
        if (!read_canonical(good, fast)) continue;
        ++texts;
        for (int i = 0; i < 500; ++i) {
            const std::string bytes = changed(good, random);
            if (!read_canonical(bytes, fast)) continue;
            const Result<Entry> whole = decode(bytes);
            if (whole) {
                ASSERT_NO_FATAL_FAILURE(expect_same_reading(fast, *whole, bytes));
                continue;
            }
            const std::string where = whole.error().where;  // it looks neither into the frame nor behind the body
            EXPECT_FALSE(where.starts_with("/event") || where.starts_with("/master")) << whole.error().text() << "\n" << bytes;
        }
    }
}

TEST(CanonicalRead, reads_the_usual_forms_at_once) {
    Event event;
    event.id = EventId{"urn:stemma:tryton:move:5"};
    event.time.instant = Instant{1'790'000'000'000'000};
    event.biz_step = "receiving";
    event.items = {{ItemId{"urn:a:1"}, std::nullopt}, {ItemId{"urn:a:2"}, Quantity{1'500'000, "KGM"}}};
    event.documents = {{"po", DocumentId{"urn:d:1"}, "PO-1"}};
    event.sources = {{"owning_party", "urn:p:1"}};
    event.ilmd = {{"lotNumber", "L\u00fc1"}};
    Entry fast;
    for (const EntryBody& body :
         {EntryBody{event}, EntryBody{Master{Item{ItemId{"urn:a:1"}, ItemKind::serial, {}, {{"serial", "S1"}}, {}}}},
          EntryBody{Master{Product{}}}, EntryBody{Master{Place{}}}, EntryBody{Master{Party{}}}}) {
        Entry entry;
        entry.actor = "erp:tryton";
        entry.source = SourceRow{"tryton", "moves", "5", "00"};
        entry.body = body;
        const std::string bytes = encode(entry);
        ASSERT_TRUE(read_canonical(bytes, fast)) << bytes;
        ASSERT_EQ(fast.body, decode(bytes)->body) << bytes;
    }
}

TEST(EncodedEntry, has_the_bytes_of_an_entry_encoded_at_its_turn) {
    Random random{23};
    for (int i = 0; i < 2'000; ++i) {
        const Entry entry = test::random_entry(random);
        Entry ahead = entry;
        ahead.recorded_at = Instant{1'790'000'000'000'000 + (i % 3 == 0 ? 0 : i)};  // with and without a fraction of a second
        ahead.judgements.clear();
        EncodedEntry encoded{ahead};
        ASSERT_EQ(encoded.bytes(), encode(ahead));
        ASSERT_EQ(encoded.leaf(), leaf_hash(encode(ahead)));
        encoded.restate(entry.recorded_at);
        encoded.add_judgements(entry.judgements);
        ASSERT_EQ(encoded.bytes(), encode(entry));
        ASSERT_EQ(encoded.leaf(), leaf_hash(encode(entry)));
    }
}

TEST(EntryCodec, writes_json_that_another_reader_takes) {
    Random random{18};
    for (int i = 0; i < 1'000; ++i) {
        const Entry entry = test::random_entry(random);
        boost::json::error_code ec;
        const boost::json::value tree = boost::json::parse(encode(entry), ec);
        ASSERT_FALSE(ec) << ec.message();
        const boost::json::value* actor = tree.as_object().if_contains("actor");
        ASSERT_EQ(actor == nullptr ? "" : std::string{actor->as_string()}, entry.actor);
    }
}

TEST(EntryCodec, writes_a_movement_in_the_documented_form) {
    Event event;
    event.id = EventId{"urn:stemma:tryton:move:5"};
    event.time.instant = Instant{1'772'359'200'000'000};  // 2026-03-01T10:00:00Z
    event.time.offset = "+01:00";
    event.biz_step = "shipping";
    event.read_point = PlaceId{"urn:stemma:tryton:place:3"};
    event.items = {{ItemId{"urn:stemma:tryton:lot:2"}, Quantity{1'500'000, "KGM"}},
                   {ItemId{"urn:stemma:tryton:lot:1"}, std::nullopt},
                   {ItemId{"urn:stemma:tryton:lot:3"}, Quantity{2'000'000, "C62"}}};
    event.documents = {{"desadv", DocumentId{"urn:stemma:tryton:shipment:9"}, "OUT-9"}};
    Entry entry;
    entry.recorded_at = Instant{1'772'359'200'000'001};
    entry.actor = "erp:tryton";
    entry.source = SourceRow{"tryton", "moves", "5", "ab"};
    entry.body = event;
    EXPECT_EQ(encode(entry),
              R"({"form":1,"recordTime":"2026-03-01T10:00:00.000001Z","actor":"erp:tryton",)"
              R"("source":{"source":"tryton","query":"moves","key":"5","digest":"ab"},)"
              R"("event":{"type":"ObjectEvent","eventID":"urn:stemma:tryton:move:5","eventTime":"2026-03-01T10:00:00Z",)"
              R"("eventTimeZoneOffset":"+01:00","action":"OBSERVE","bizStep":"shipping","readPoint":{"id":"urn:stemma:tryton:place:3"},)"
              R"("epcList":["urn:stemma:tryton:lot:1"],"quantityList":[{"epcClass":"urn:stemma:tryton:lot:2","quantity":1.5,"uom":"KGM"},)"
              R"({"epcClass":"urn:stemma:tryton:lot:3","quantity":2}],)"
              R"("bizTransactionList":[{"type":"desadv","bizTransaction":"urn:stemma:tryton:shipment:9","stemma:number":"OUT-9"}]}})");
}

TEST(EntryCodec, writes_a_judgement_with_its_facts_by_the_type_of_each_column) {
    Judgement judgement;
    judgement.plugin = "org.stemma.expiry";
    judgement.position = 18'446'744'073'709'551'615U;
    judgement.requests = {{"item.dates", {"urn:a"}}};
    judgement.facts = {{.name = "item.dates",
                        .arguments = {"urn:a"},
                        .columns = {{"n", ColumnType::int64},
                                    {"ok", ColumnType::boolean},
                                    {"name", ColumnType::text},
                                    {"at", ColumnType::time},
                                    {"left", ColumnType::quantity}},
                        .rows = {{std::int64_t{-9'223'372'036'854'775'807 - 1}, true, std::string{""}, Instant{0}, Quantity{5'000, "KGM"}},
                                 {Value{}, Value{}, Value{}, Value{}, Value{}}}}};
    judgement.verdict.outcome = Outcome::refused;
    judgement.verdict.findings = {{"food.expired", Severity::refuse, "It is past its date.", "urn:a", "", ""}};
    EXPECT_EQ(
        encode_json(judgement),
        R"({"plugin":"org.stemma.expiry","position":18446744073709551615,"requests":[{"name":"item.dates","arguments":["urn:a"]}],)"
        R"("facts":[{"name":"item.dates","arguments":["urn:a"],"columns":[{"name":"n","type":"int64"},{"name":"ok","type":"bool"},)"
        R"({"name":"name","type":"text"},{"name":"at","type":"time"},{"name":"left","type":"quantity"}],)"
        R"("rows":[[-9223372036854775808,true,"","1970-01-01T00:00:00Z",{"quantity":0.005,"uom":"KGM"}],[null,null,null,null,null]]}],)"
        R"("verdict":{"outcome":"refused","findings":[{"code":"food.expired","severity":"refuse","message":"It is past its date.",)"
        R"("subject":"urn:a"}]}})");
}

TEST(EntryCodec, writes_master_data_with_its_type_first) {
    EXPECT_EQ(encode_json(Master{Product{.id = ProductId{"urn:p"},
                                         .sku = "S",
                                         .name = "",
                                         .tracking = Tracking::lot_serial,
                                         .unit = "KGM",
                                         .category = "",
                                         .attributes = {{"gtin", ""}}}}),
              R"({"type":"product","id":"urn:p","sku":"S","tracking":"lot+serial","unit":"KGM","attributes":{"gtin":""}})");
    EXPECT_EQ(encode_json(Master{Party{.id = PartyId{"urn:q"}, .code = "C7", .contact_digest = ""}}),
              R"({"type":"party","id":"urn:q","code":"C7"})");
}

TEST(EntryCodec, escapes_what_json_asks_for_and_nothing_else) {
    EXPECT_EQ(encode_json(SystemChange{"\"\\/\b\f\n\r\t\x01\x1f\x7f", "ä€𝄞", {}}),
              "{\"subject\":\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\",\"action\":\"ä€𝄞\"}");
}

TEST(EntryCodec, replaces_malformed_text_so_that_the_entry_can_always_be_read) {
    Entry entry;
    entry.body = SystemChange{std::string("a\0b", 3), "\xFF\xE2\x82z\xE2\x82\xAC", {}};
    const Result<Entry> back = decode(encode(entry));
    ASSERT_TRUE(back);
    EXPECT_EQ(std::get<SystemChange>(back->body).subject, "a\uFFFDb");
    EXPECT_EQ(std::get<SystemChange>(back->body).action, "\uFFFD\uFFFD\uFFFDz€");
}

TEST(EntryCodec, normalises_the_order_of_goods_and_what_has_no_meaning) {
    Random random{19};
    for (int i = 0; i < 1'000; ++i) {
        Event event = test::random_event(random);
        for (auto* list : {&event.items, &event.inputs, &event.outputs}) std::ranges::shuffle(*list, random);
        if (event.type == EventType::transformation) event.action = Action::remove;
        const Result<Event> back = decode_event(encode_event(event), JsonLimits{});
        ASSERT_TRUE(back) << back.error().text();
        ASSERT_TRUE(test::same(*back, normalised(event)));
        ASSERT_EQ(encode_event(normalised(event)), encode_event(event));
    }
}

TEST(EntryCodec, digests_the_canonical_json_of_a_command) {
    Event event;
    event.biz_step = "shipping";
    // printf
    // '{"type":"ObjectEvent","eventTime":"1970-01-01T00:00:00Z","eventTimeZoneOffset":"+00:00","action":"OBSERVE","bizStep":"shipping"}' |
    // sha256sum
    EXPECT_EQ(command_digest(event), "31624c7b8751f66c358cabfad5ceb9a8806c2cad623da2e70d1ef7ec92933fa0");
    const std::string before = command_digest(event);
    event.disposition = "in_transit";
    EXPECT_NE(command_digest(event), before);
}

std::string where_of(const Result<Entry>& entry) { return entry ? "accepted" : entry.error().where; }

TEST(EntryCodec, refuses_entries_of_another_form_or_shape_by_pointer) {
    const std::string head = R"({"form":1,"recordTime":"2026-03-01T10:00:00Z",)";
    EXPECT_TRUE(decode(head + R"("system":{}})"));
    EXPECT_EQ(where_of(decode(R"({"form":2,"recordTime":"2026-03-01T10:00:00Z","system":{}})")), "/form");
    EXPECT_EQ(where_of(decode(R"({"recordTime":"2026-03-01T10:00:00Z","system":{}})")), "/form");
    EXPECT_EQ(where_of(decode(R"({"form":1,"system":{}})")), "/recordTime");
    EXPECT_EQ(where_of(decode(head + R"("system":{},"case":{"version":1}})")), "");
    EXPECT_EQ(where_of(decode(head + R"("actor":"a"})")), "");
    EXPECT_EQ(where_of(decode(head + R"("system":{"details":{"a/b~c":1}}})")), "/system/details/a~1b~0c");
    EXPECT_EQ(where_of(decode(head + R"("system":{},"judgements":[{"position":-1}]})")), "/judgements/0/position");
    EXPECT_EQ(where_of(decode(head + R"("system":{},"judgements":[{"position":1.0}]})")), "/judgements/0/position");
    EXPECT_EQ(where_of(decode(head + R"("system":{},"judgements":[{"position":18446744073709551616}]})")), "/judgements/0/position");
    EXPECT_EQ(
        where_of(decode(
            head + R"("system":{},"judgements":[{"position":1,"facts":[{"columns":[{"name":"a","type":"int64"}],"rows":[[1,2]]}]}]})")),
        "/judgements/0/facts/0/rows/0");
}

/// One random change: a byte flipped, cut, doubled or replaced by something that means much in JSON.
std::string mutated(std::string text, Random& random) {
    static const std::vector<std::string> kWords{"{",
                                                 "}",
                                                 "[",
                                                 "]",
                                                 ",",
                                                 ":",
                                                 "\"",
                                                 "null",
                                                 "true",
                                                 "-",
                                                 "1e999",
                                                 "0.0000001",
                                                 "99999999999999999999",
                                                 "\\u0000",
                                                 "\\ud800",
                                                 "\xFF",
                                                 "[[[[[[[[",
                                                 "\"\"",
                                                 "{\"a\":1}",
                                                 "[]",
                                                 "Z",
                                                 "9999-12-31"};
    const auto below = [&](std::size_t end) { return std::uniform_int_distribution<std::size_t>{0, end - 1}(random); };
    for (std::size_t times = 1 + below(3); times > 0 && !text.empty(); --times) {
        const std::size_t at = below(text.size());
        const std::size_t length = std::min(text.size() - at, below(12));
        switch (below(5)) {
            case 0: text[at] = static_cast<char>(below(256)); break;
            case 1: text.erase(at, length); break;
            case 2: text.resize(at); break;
            case 3: text.insert(at, text.substr(below(text.size()), below(40))); break;
            default: text.replace(at, length, kWords[below(kWords.size())]); break;
        }
    }
    return text;
}

void expect_told(const Error& error, const std::string& text) {
    ASSERT_FALSE(error.message.empty()) << text;
    ASSERT_TRUE(error.code == Errc::invalid_input || error.code == Errc::too_large) << text;
    ASSERT_TRUE(error.where.empty() || error.where.front() == '/') << error.where;
    ASSERT_TRUE(is_clean_utf8(error.text())) << text;
}

TEST(EntryCodec, tells_what_is_wrong_with_each_of_20000_mutated_texts) {
    Random random{20};
    int accepted = 0;
    for (int i = 0; i < 10'000; ++i) {
        const std::string text = mutated(encode(test::random_entry(random)), random);
        const Result<Entry> entry = decode(text);
        if (!entry) {
            expect_told(entry.error(), text);
            continue;
        }
        ++accepted;
        const Result<Entry> again = decode(encode(*entry));
        ASSERT_TRUE(again && test::same(*again, *entry)) << text;
    }
    for (int i = 0; i < 10'000; ++i) {
        const std::string text = mutated(encode_event(test::random_event(random)), random);
        const Result<Event> event = decode_event(text, JsonLimits{});
        if (!event) {
            expect_told(event.error(), text);
            continue;
        }
        ++accepted;
        const Result<Event> again = decode_event(encode_event(*event), JsonLimits{});
        ASSERT_TRUE(again && test::same(*again, *event)) << text;
    }
    EXPECT_GT(accepted, 500);  // else the mutations would be too coarse to tell anything
}

}  // namespace
}  // namespace stemma
