// Recording through the API, and what every kind of bad input gets to hear.
#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <set>
#include <thread>
#include <vector>

#include "core/base/time.hpp"
#include "tests/integration/api/stemma_under_test.hpp"

namespace stemma::http::test {
namespace {

StemmaUnderTest& demo() { return stemma_with_demo(); }

constexpr const char* kTea = "urn:stemma:tryton:lot:250";  // TEA-07: food without an expiry date

/// An event that no rule minds, with so much of the tea; `extra` are further fields.
std::string storing(const std::string& id, const std::string& quantity = "2", const std::string& extra = "") {
    return quoted(
        fmt::format("{{'type':'ObjectEvent','eventID':'{}','eventTime':'2026-11-20T10:00:00Z','action':'OBSERVE','bizStep':'storing',"
                    "'quantityList':[{{'epcClass':'{}','quantity':{}}}]{}}}",
                    id, kTea, quantity, extra));
}

std::string invalid(std::string_view detail, std::string_view pointer, std::string_view hint = "") {
    std::string body = fmt::format(R"({{"type":"/problems/invalid_input","title":"Invalid input","status":400,"detail":"{}")", detail);
    if (!pointer.empty()) body += fmt::format(R"(,"pointer":"{}")", pointer);
    if (!hint.empty()) body += fmt::format(R"(,"hint":"{}")", hint);
    return body + "}";
}

std::int64_t ledger_size() { return demo().get("/api/v1/ledger").number("/size"); }

std::string problem_of(const std::string& body) { return demo().post("/api/v1/events", body).body; }

Instant now() {
    return {std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count()};
}

TEST(CaptureApi, records_an_event_with_its_actor_and_reason) {
    const std::int64_t size = ledger_size();
    const Answer answer = demo().post("/api/v1/events?reason=stock+moved", storing("urn:example:event:first"), {{"stemma-actor", "ada"}});
    EXPECT_EQ(answer.status, 201);
    EXPECT_EQ(answer.body, fmt::format(R"({{"first":{},"count":1,"replayed":false,"judged":false,"ids":["urn:example:event:first"],)"
                                       R"("verdict":{{"outcome":"accepted"}}}})",
                                       size));
    const Answer event = demo().get("/api/v1/events/urn:example:event:first");
    EXPECT_EQ(event.number("/sequence"), size);
    EXPECT_EQ(event.text("/actor"), "user:ada");
    EXPECT_EQ(event.text("/reason"), "stock moved");
    EXPECT_EQ(event.number("/event/quantityList/0/quantity"), 2);
}

TEST(CaptureApi, records_all_of_a_batch_or_nothing) {
    const std::int64_t size = ledger_size();
    const std::string bad = "[" + storing("urn:example:event:a1") + "," + storing("urn:example:event:a2", "-1") + "]";
    EXPECT_EQ(problem_of(bad), invalid("the quantity -1 is not positive", "/1/quantityList/0/quantity",
                                       "goods that leave are told by bizStep and source, not by a negative quantity"));
    EXPECT_EQ(ledger_size(), size);
    const Answer good = demo().post("/api/v1/events", "[" + storing("urn:example:event:a1") + "," + storing("urn:example:event:a2") + "]");
    EXPECT_EQ(good.number("/count"), 2);
    EXPECT_EQ(ledger_size(), size + 2);
}

TEST(CaptureApi, reads_every_field_of_epcis_that_it_writes) {
    const std::string transformation = quoted(
        "{'@context':['https://ref.gs1.org/standards/epcis/"
        "epcis-context.jsonld'],'recordTime':'2026-11-20T10:00:00Z','type':'TransformationEvent',"
        "'eventID':'urn:example:event:mix','eventTime':'2026-11-20T12:00:00+02:00','eventTimeZoneOffset':'+02:00','bizStep':'commissioning'"
        ","
        "'disposition':'in_progress','readPoint':{'id':'urn:stemma:tryton:place:3'},'bizLocation':{'id':'urn:stemma:tryton:place:3'},"
        "'inputQuantityList':[{'epcClass':'urn:example:lot:herb','quantity':1.5,'uom':'KGM'}],'outputEPCList':['urn:example:box:1'],"
        "'transformationID':'urn:example:order:1','bizTransactionList':[{'type':'prodorder','bizTransaction':'urn:example:order:1','stemma:"
        "number':'O-1'}],"
        "'sourceList':[{'type':'location','source':'urn:stemma:tryton:place:3'}],'destinationList':[{'type':'location','destination':"
        "'urn:stemma:tryton:place:3'}],'sensorElementList':[{'sensorMetadata':{'time':'2026-11-20T10:00:00Z'},'sensorReport':[{'type':'"
        "Temperature',"
        "'value':21.5,'uom':'CEL'},{'type':'Colour','stringValue':'green'}]}],'ilmd':{'itemExpirationDate':'2027-05-01'}}");
    EXPECT_EQ(demo().post("/api/v1/events", transformation).status, 201);
    const std::string packing = quoted(
        "{'type':'AggregationEvent','eventID':'urn:example:event:pack','eventTime':'2026-11-20','action':'ADD','bizStep':'packing','"
        "parentID':"
        "'urn:example:pallet:1','childEPCs':['urn:example:box:1'],'childQuantityList':[{'epcClass':'urn:example:lot:herb','quantity':3}]}");
    EXPECT_EQ(demo().post("/api/v1/events", packing).status, 201);
    const Answer mixed = demo().get("/api/v1/events/urn:example:event:mix");
    EXPECT_EQ(mixed.text("/event/eventTime"), "2026-11-20T10:00:00Z");
    EXPECT_EQ(mixed.text("/event/sensorElementList/0/sensorReport/0/time"), "2026-11-20T10:00:00Z");
    EXPECT_EQ(demo().get("/api/v1/events/urn:example:event:pack").at("/event/stemma:dateOnly"), true);
    EXPECT_EQ(demo().get("/api/v1/trace/back?item=urn:example:pallet:1").number("/transformations"), 1);
    EXPECT_EQ(demo().get("/api/v1/items/urn:example:box:1").status, 200);
}

TEST(CaptureApi, answers_a_command_sent_again_as_before) {
    const Headers key{{"idempotency-key", "count-17"}};
    const Answer first = demo().post("/api/v1/events", storing("urn:example:event:once"), key);
    const std::int64_t size = ledger_size();
    const Answer again = demo().post("/api/v1/events", storing("urn:example:event:once"), key);
    EXPECT_EQ(again.status, 201);
    EXPECT_EQ(again.at("/replayed"), true);
    EXPECT_EQ(again.number("/first"), first.number("/first"));
    EXPECT_EQ(ledger_size(), size);
}

TEST(CaptureApi, records_a_command_once_that_comes_several_times_at_once) {
    std::atomic<int> recorded{0};
    std::vector<std::thread> senders;
    for (int i = 0; i < 8; ++i)
        senders.emplace_back([&] {
            const Answer answer = demo().post("/api/v1/events", storing("urn:example:event:race"), {{"idempotency-key", "race"}});
            EXPECT_EQ(answer.status, 201) << answer.body;
            if (answer.at("/replayed") == false) ++recorded;
        });
    for (std::thread& sender : senders) sender.join();
    EXPECT_EQ(recorded, 1);
}

TEST(CaptureApi, refuses_another_command_under_a_used_key) {
    const Headers key{{"idempotency-key", "count-18"}};
    EXPECT_EQ(demo().post("/api/v1/events", storing("urn:example:event:key1"), key).status, 201);
    const std::string conflict =
        R"({"type":"/problems/conflict","title":"Conflict","status":409,"detail":"this idempotency key was used for another command",)"
        R"("pointer":"Idempotency-Key","hint":"take a new key for each command; repeat a command with its own key unchanged"})";
    EXPECT_EQ(demo().post("/api/v1/events", storing("urn:example:event:key2"), key).body, conflict);
    EXPECT_EQ(demo().post("/api/v1/events?reason=other", storing("urn:example:event:key1"), key).body, conflict);
    EXPECT_EQ(
        demo().post("/api/v1/events", storing("urn:example:event:key1"), {{"idempotency-key", "count-18"}, {"stemma-actor", "eve"}}).body,
        conflict);
}

TEST(CaptureApi, takes_an_idempotency_key_of_at_most_128_bytes) {
    EXPECT_EQ(demo().post("/api/v1/events", storing("urn:example:event:key128"), {{"idempotency-key", std::string(128, 'k')}}).status, 201);
    EXPECT_EQ(
        demo().post("/api/v1/events", storing("urn:example:event:key129"), {{"idempotency-key", std::string(129, 'k')}}).text("/pointer"),
        "Idempotency-Key");
    EXPECT_EQ(
        demo().post("/api/v1/events", storing("urn:example:event:actor65"), {{"stemma-actor", std::string(65, 'a')}}).text("/pointer"),
        "Stemma-Actor");
}

TEST(CaptureApi, refuses_an_event_id_that_is_recorded_already) {
    const Answer first = demo().post("/api/v1/events", storing("urn:example:event:twice"));
    const Answer second = demo().post("/api/v1/events", storing("urn:example:event:twice", "3"));
    EXPECT_EQ(second.status, 409);
    EXPECT_EQ(
        second.body,
        fmt::format(
            R"({{"type":"/problems/conflict","title":"Conflict","status":409,"detail":"the event id urn:example:event:twice is already recorded, )"
            R"(in entry {}","pointer":"/eventID","hint":"an event is never changed: declare it wrong with an errorDeclaration and send the )"
            R"(right one under a new id"}})",
            first.number("/first")));
}

TEST(CaptureApi, declares_an_event_wrong_once) {
    EXPECT_EQ(demo().post("/api/v1/events", storing("urn:example:event:wrong")).status, 201);
    const std::string wrong = storing("urn:example:event:wrong", "2",
                                      ",'errorDeclaration':{'declarationTime':'2026-11-20T11:00:00Z','reason':'did_not_occur','"
                                      "correctiveEventIDs':['urn:example:event:right']}");
    const Answer declared = demo().post("/api/v1/events", wrong);
    EXPECT_EQ(declared.status, 201);
    EXPECT_EQ(demo().get("/api/v1/events/urn:example:event:wrong").number("/voidedBy"), declared.number("/first"));
    EXPECT_EQ(demo().post("/api/v1/events", wrong).status, 409);
    const Answer unknown = demo().post(
        "/api/v1/events", storing("urn:example:event:never", "2", ",'errorDeclaration':{'declarationTime':'2026-11-20T11:00:00Z'}"));
    EXPECT_EQ(unknown.status, 404);
    EXPECT_EQ(unknown.text("/detail"), "there is no event urn:example:event:never to declare wrong");
}

TEST(CaptureApi, refuses_what_a_rule_refuses_with_the_findings) {
    const std::int64_t size = ledger_size();
    const Answer answer = demo().post(
        "/api/v1/events",
        quoted("{'type':'ObjectEvent','eventTime':'2026-11-20T10:00:00Z','action':'OBSERVE','bizStep':'shipping','quantityList':"
               "[{'epcClass':'urn:stemma:tryton:lot:250','quantity':2}]}"));
    EXPECT_EQ(answer.status, 422);
    EXPECT_EQ(answer.text("/type"), "/problems/refused");
    EXPECT_EQ(answer.text("/detail"), "a rule or numbering plugin refused it; nothing was recorded");
    EXPECT_EQ(answer.text("/verdict/findings/0/rule"), "food.lot-with-expiry");
    EXPECT_EQ(answer.text("/verdict/findings/0/severity"), "refuse");
    EXPECT_EQ(answer.text("/verdict/findings/0/subject"), kTea);
    EXPECT_EQ(ledger_size(), size);
}

TEST(BadInput, truncated_json_says_where_it_ends) {
    const std::string whole = storing("urn:example:event:cut");
    const std::string cut = whole.substr(0, whole.find("250") + 2);
    EXPECT_EQ(problem_of(cut), invalid(fmt::format("the text ends inside '/quantityList/0/epcClass' at byte {}", cut.size()),
                                       "/quantityList/0/epcClass", "it was cut short, or a bracket or quote is not closed"));
}

TEST(BadInput, no_body_is_told_what_to_send) {
    EXPECT_EQ(problem_of(""), invalid("the body is empty", "", "send one JSON object or an array of them"));
}

TEST(BadInput, an_empty_batch_has_nothing_to_record) { EXPECT_EQ(problem_of("[]"), invalid("there is nothing to record", "")); }

TEST(BadInput, a_wrong_type_deep_inside_is_named_by_its_pointer) {
    EXPECT_EQ(problem_of(storing("urn:example:event:type", "\"2\"")),
              invalid("expected a number, found a string", "/quantityList/0/quantity"));
    EXPECT_EQ(problem_of("[" + storing("urn:example:event:ok") + "," + storing("urn:example:event:type", "{}") + "]"),
              invalid("expected a number, found an object", "/1/quantityList/0/quantity"));
    EXPECT_EQ(
        problem_of(storing("urn:example:event:type", "2", ",'sensorElementList':[{'sensorReport':[{'type':'Temperature','value':[1]}]}]")),
        invalid("expected a number, found an array", "/sensorElementList/0/sensorReport/0/value"));
    EXPECT_EQ(problem_of("7"), invalid("expected an object, found a number", ""));
    EXPECT_EQ(problem_of("[null]"), invalid("expected an object, found null", "/0"));
}

TEST(BadInput, an_unknown_field_is_named_with_the_nearest) {
    EXPECT_EQ(problem_of(storing("urn:example:event:field", "2", ",'dispositon':'in_progress'")),
              invalid("unknown field 'dispositon'", "/dispositon", "did you mean 'disposition'?"));
    EXPECT_EQ(
        problem_of(quoted(
            "{'type':'ObjectEvent','eventTime':'2026-11-20','action':'OBSERVE','quantityList':[{'epcClas':'urn:x:y','quantity':1}]}")),
        invalid("the field 'epcClass' is missing", "/quantityList/0/epcClass"));
}

TEST(BadInput, a_word_that_is_not_in_the_vocabulary_is_named_with_the_nearest) {
    const std::string body = storing("urn:example:event:word");
    EXPECT_EQ(problem_of(std::string{body}.replace(body.find("storing"), 7, "stroing")),
              invalid("'stroing' is not a business step of CBV 2.0", "/bizStep", "did you mean 'storing'?"));
}

TEST(BadInput, a_quantity_must_be_positive) {
    const char* hint = "goods that leave are told by bizStep and source, not by a negative quantity";
    EXPECT_EQ(problem_of(storing("urn:example:event:minus", "-2")),
              invalid("the quantity -2 is not positive", "/quantityList/0/quantity", hint));
    EXPECT_EQ(problem_of(storing("urn:example:event:zero", "0")),
              invalid("the quantity 0 is not positive", "/quantityList/0/quantity", hint));
    EXPECT_EQ(demo().post("/api/v1/events", storing("urn:example:event:least", "0.000001")).status, 201);
    EXPECT_EQ(problem_of(storing("urn:example:event:less", "0.0000001")),
              invalid("the number 0.0000001 has more than 6 decimal places", "/quantityList/0/quantity",
                      "use a smaller unit: 0.5 GRM, not 0.0005 KGM"));
}

TEST(BadInput, an_event_may_lie_five_minutes_ahead_and_no_more) {
    const auto at = [](std::int64_t seconds) {
        std::string body = storing(fmt::format("urn:example:event:ahead{}", seconds));
        return body.replace(body.find("2026-11-20T10:00:00Z"), 20, format_instant({now().us + seconds * kMicrosPerSecond}));
    };
    EXPECT_EQ(demo().post("/api/v1/events", at(240)).status, 201);
    const Answer refused = demo().post("/api/v1/events", at(360));
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(refused.text("/pointer"), "/eventTime");
    EXPECT_TRUE(refused.text("/detail").contains("lies in the future (it is ")) << refused.body;
    EXPECT_EQ(refused.text("/hint"), "at most 300 s ahead are allowed; check the clock and the zone of the source");
}

TEST(BadInput, an_event_of_10_mib_is_too_large) {
    const Answer answer = demo().post(
        "/api/v1/events", storing("urn:example:event:huge", "2", ",'ilmd':{'note':'" + std::string(10 * 1024 * 1024, 'n') + "'}"));
    EXPECT_EQ(answer.status, 413);
    EXPECT_EQ(answer.text("/type"), "/problems/too_large");
    EXPECT_TRUE(answer.text("/detail").ends_with(" bytes, 262144 are allowed")) << answer.body;
    EXPECT_EQ(answer.text("/hint"), "split it into several events; limits.event_bytes_max in stemma.yaml sets the limit");
}

TEST(BadInput, a_batch_has_at_most_10000_records) {
    std::string batch;
    for (int i = 0; i <= 10'000; ++i) batch += (i == 0 ? "[{}" : ",{}");
    const Answer answer = demo().post("/api/v1/events", batch + "]");
    EXPECT_EQ(answer.status, 413);
    EXPECT_EQ(answer.text("/detail"), "10001 records in one request, 10000 are allowed");
}

TEST(BadInput, json_that_nests_too_deep_or_says_a_thing_twice_is_refused) {
    EXPECT_EQ(demo().post("/api/v1/events", std::string(33, '[') + std::string(33, ']')).text("/type"), "/problems/too_large");
    EXPECT_EQ(problem_of(quoted("{'type':'ObjectEvent','type':'ObjectEvent'}")), invalid("the field 'type' stands here twice", "/type"));
    EXPECT_EQ(problem_of("{} {}"), invalid("something follows the JSON value at byte 3", ""));
    EXPECT_EQ(demo().post("/api/v1/events", "{\"type\":\"\xFF\"}").status, 400);
}

TEST(BadInput, lines_that_are_sent_as_one_json_text_are_told_how_to_be_sent) {
    const std::string hint = "one record a line is sent as Content-Type: application/x-ndjson; stemma event capture --lines does that";
    for (const char* path : {"/api/v1/events", "/api/v1/master"})
        for (const char* body : {"{'a':1}\n{'a':2}\n", "\xEF\xBB\xBF{'a':1}\r\n{'a':2}", "\n{'a':1}\n\n{'a':"}) {
            const Answer answer = demo().post(path, quoted(body));
            EXPECT_EQ(answer.status, 400);
            EXPECT_EQ(answer.text("/hint"), hint) << body;
        }
    EXPECT_EQ(demo().post("/api/v1/events", quoted("{'a':1} {'a':2}\n")).text("/hint"), "");
    EXPECT_NE(demo().post("/api/v1/events", quoted("{\n'a':1")).text("/hint"), hint);
}

std::string lot(const std::string& id, const std::string& number, const std::string& scheme = "lot") {
    return quoted(fmt::format(
        "{{'type':'item','id':'{}','kind':'lot','product':'urn:stemma:tryton:product:26','identifiers':[{{'scheme':'{}','value':'{}'}}]}}",
        id, scheme, number));
}

TEST(MasterApi, takes_a_number_of_255_bytes_and_finds_it) {
    const std::string number(255, 'N');
    EXPECT_EQ(demo().post("/api/v1/master", lot("urn:example:lot:longest", number, "supplier_lot")).status, 201);
    EXPECT_EQ(demo().get("/api/v1/items/" + number).text("/id"), "urn:example:lot:longest");
}

TEST(MasterApi, refuses_a_number_of_256_bytes) {
    EXPECT_EQ(demo().post("/api/v1/master", lot("urn:example:lot:longer", std::string(256, 'N'), "supplier_lot")).body,
              invalid("the supplier_lot 'NNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNN...' has 256 bytes, 255 are allowed", "/identifiers/0/value",
                      "limits.identifier_bytes_max in stemma.yaml sets the limit"));
}

TEST(MasterApi, refuses_a_lot_number_that_is_too_long_for_its_scheme) {
    EXPECT_EQ(demo().post("/api/v1/master", lot("urn:example:lot:64", std::string(64, 'L'))).status, 201);
    const Answer refused = demo().post("/api/v1/master", lot("urn:example:lot:65", std::string(65, 'L')));
    EXPECT_EQ(refused.status, 422);
    EXPECT_EQ(
        refused.body,
        fmt::format(
            R"({{"type":"/problems/refused","title":"Refused","status":422,"detail":"a rule or numbering plugin refused it; nothing was recorded",)"
            R"("verdict":{{"outcome":"refused","findings":[{{"code":"lot.too_long","severity":"refuse","message":"lot '{}...': )"
            R"(lot number too long: 'lot' has at most 64 bytes","subject":"urn:example:lot:65"}}]}}}})",
            std::string(64, 'L')));
    EXPECT_EQ(demo().get("/api/v1/items/urn:example:lot:65").status, 404);
}

TEST(MasterApi, records_products_places_and_parties) {
    const Answer answer =
        demo().post("/api/v1/master", quoted("[{'type':'product','id':'urn:example:product:1','sku':'JAM','name':'Jam','tracking':'lot',"
                                             "'unit':'KGM','category':'food','attributes':{'gtin':'04012345678901'}},"
                                             "{'type':'place','id':'urn:example:place:1','code':'P1','name':'Pantry','kind':'stock'},"
                                             "{'type':'party','id':'urn:example:party:1','code':'X1'}]"));
    EXPECT_EQ(answer.number("/count"), 3);
    const Answer entry = demo().get(fmt::format("/api/v1/ledger/entries/{}", answer.number("/first")));
    EXPECT_EQ(entry.text("/entry/record/attributes/gtin"), "04012345678901");
}

TEST(MasterApi, refuses_a_record_by_the_field_that_is_wrong) {
    const auto problem = [](const char* body) { return demo().post("/api/v1/master", quoted(body)).body; };
    EXPECT_EQ(problem("{'type':'itm','id':'urn:a:b'}"),
              invalid("'itm' is not a known type of master record", "/type", "did you mean 'item'?"));
    EXPECT_EQ(problem("{'type':'item','id':'no uri','kind':'lot'}").substr(0, 60), invalid("", "/id").substr(0, 60));
    EXPECT_EQ(problem("{'type':'product','id':'urn:a:b','tracking':'lot','unit':'kilos'}"), invalid("'kilos' is not a unit code", "/unit"));
    EXPECT_EQ(problem("{'type':'product','id':'urn:a:b','tracking':'lots'}"),
              invalid("'lots' is not a known tracking policy", "/tracking", "did you mean 'lot'?"));
}

TEST(MasterApi, answers_a_command_sent_again_as_before_and_refuses_another) {
    const Headers key{{"idempotency-key", "lots-1"}};
    const Answer first = demo().post("/api/v1/master", lot("urn:example:lot:m1", "M-1"), key);
    EXPECT_EQ(demo().post("/api/v1/master", lot("urn:example:lot:m1", "M-1"), key).number("/first"), first.number("/first"));
    EXPECT_EQ(demo().post("/api/v1/master", lot("urn:example:lot:m2", "M-2"), key).status, 409);
}

TEST(MasterApi, takes_at_most_10000_records) {
    std::string batch;
    for (int i = 0; i <= 10'000; ++i) batch += (i == 0 ? "[{}" : ",{}");
    EXPECT_EQ(demo().post("/api/v1/master", batch + "]").status, 413);
}

TEST(EventApi, lists_events_page_by_page) {
    std::set<std::int64_t> seen;
    std::string cursor = "0";
    for (int pages = 0; pages < 100; ++pages) {
        const Answer page = demo().get(fmt::format("/api/v1/events?biz_step=shipping&limit=20&cursor={}", cursor));
        for (std::size_t i = 0; i < page.count("/events"); ++i) {
            EXPECT_EQ(page.text(fmt::format("/events/{}/event/bizStep", i)), "shipping");
            EXPECT_TRUE(seen.insert(page.number(fmt::format("/events/{}/sequence", i))).second);
        }
        if (page.at("/next").is_null()) break;
        cursor = std::to_string(page.number("/next"));
    }
    const Answer all = demo().get("/api/v1/events?biz_step=shipping&limit=1000");
    EXPECT_EQ(seen.size(), all.count("/events"));
    EXPECT_GT(seen.size(), 20U);
}

TEST(EventApi, does_not_know_an_unknown_event) {
    EXPECT_EQ(demo().get("/api/v1/events/urn:example:event:unknown").body,
              R"({"type":"/problems/not_found","title":"Not found","status":404,"detail":"there is no event urn:example:event:unknown"})");
    EXPECT_EQ(demo().get("/api/v1/events?limit=0").status, 400);
    EXPECT_EQ(demo().get("/api/v1/events/%00").status, 400);
}

}  // namespace
}  // namespace stemma::http::test
