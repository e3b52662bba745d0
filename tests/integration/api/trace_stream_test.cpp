// Traces and recalls in rows: the same nodes as the document in JSON has, in pieces, in CSV, counted, and no more large ones than allowed.
#include "adapters/http/trace_stream.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <vector>

#include "adapters/http/listener.hpp"
#include "core/ledger/codec_parts.hpp"
#include "tests/integration/api/stemma_under_test.hpp"
#include "tests/unit/http/raw_client.hpp"

namespace stemma::http::test {
namespace {

namespace json = boost::json;
namespace json_text = stemma::json;

constexpr const char* kAllFields = "id,label,kind,sku,product,depth,certain,via,documents";

StemmaUnderTest& demo() { return stemma_with_demo(); }

/// An answer that is not held against openapi.yaml, which takes long for many lines.
Answer plain(StemmaUnderTest& stemma, const std::string& target) {
    Request request;
    request.method = "GET";
    request.path = target.substr(0, target.find('?'));
    request.query = parse_query(target.substr(target.find('?') + 1)).value();
    Response response = stemma.app().router().handle(std::move(request));
    std::string piece;
    for (bool more = response.source != nullptr; more; response.body += piece) {
        piece.clear();
        more = response.source->next(piece).value();
    }
    Answer answer{response.status, std::move(response.body), {}, {}};
    if (response.content_type == "application/json") answer.json = json::parse(answer.body);
    return answer;
}

/// The rows of an answer in NDJSON are the nodes of the document, between a first line that says what was asked and a last one.
void expect_same(StemmaUnderTest& stemma, const std::string& target, bool large = false) {
    const std::string in_rows = fmt::format("{}&format=ndjson&fields={}", target, kAllFields);
    const Answer document = large ? plain(stemma, target) : stemma.get(target);
    const Answer rows = large ? plain(stemma, in_rows) : stemma.get(in_rows);
    ASSERT_EQ(rows.status, 200) << rows.body;
    const std::vector<std::string> lines = lines_of(rows.body, "\n");
    const json::array& nodes = document.json.at("nodes").as_array();
    ASSERT_EQ(lines.size(), nodes.size() + 2) << target;
    const json::object head = json::parse(lines.front()).as_object();
    for (const char* same : {"direction", "asOf", "inferred", "timed"}) EXPECT_EQ(head.at(same), document.json.at(same)) << target;
    for (const char* same : {"id", "label", "kind"}) EXPECT_EQ(head.at("seeds").at(0).at(same), document.at("/seeds/0").at(same)) << target;
    for (std::size_t i = 0; i < nodes.size(); ++i) ASSERT_EQ(json::parse(lines[i + 1]), nodes[i]) << target;
    const json::object end = json::parse(lines.back()).as_object();
    for (const char* same : {"items", "transformations", "certainNodes", "truncated"}) EXPECT_EQ(end.at(same), document.json.at(same));
    EXPECT_EQ(end.at("untracked").to_number<std::size_t>(), document.count("/untracked"));
    EXPECT_EQ(end.at("complete"), true);
}

TEST(TraceRowsApi, are_the_nodes_of_the_document) {
    for (const char* target : {"/api/v1/trace/forward?item=S4-L17", "/api/v1/trace/back?item=HJ26-00148", "/api/v1/trace/forward?item=CORE",
                               "/api/v1/trace/forward?item=S4-L17&inferred=false", "/api/v1/trace/forward?item=S4-L17&as_of=500",
                               "/api/v1/trace/back?item=HV26-001", "/api/v1/trace/back?item=TEA-07"})
        expect_same(demo(), target);
}

/// A Stemma of its own over random productions, so that lots and serials split, merge and go round in circles.
class RandomGraph {
public:
    explicit RandomGraph(unsigned seed) : random_{seed} {
        json::array events;
        for (int i = 0; i < 60; ++i) events.push_back(production(i));
        const Answer captured = stemma.post("/api/v1/events", json::serialize(events));
        EXPECT_EQ(captured.status, 201) << captured.body;
    }
    [[nodiscard]] std::string item() { return fmt::format("urn:example:lot:{}", random_() % 40); }

    StemmaUnderTest stemma{false};

private:
    json::object production(int number) {
        const auto some = [&] {
            json::array list;
            for (unsigned i = 0; i <= random_() % 3; ++i)
                list.push_back(json::object{{"epcClass", item()}, {"quantity", 1 + random_() % 9}});
            return list;
        };
        return {{"type", "TransformationEvent"},
                {"eventTime", fmt::format("2026-01-01T00:{:02}:00Z", number)},
                {"inputQuantityList", some()},
                {"outputQuantityList", some()}};
    }
    std::mt19937 random_;
};

TEST(TraceRowsApi, are_the_nodes_of_the_document_on_random_graphs) {
    for (unsigned seed = 1; seed <= 8; ++seed) {
        RandomGraph graph{seed};
        for (int i = 0; i < 20; ++i) {
            const std::string item = graph.item();
            if (graph.stemma.get("/api/v1/search?q=" + item).count("/items") == 0) continue;
            expect_same(graph.stemma, "/api/v1/trace/forward?item=" + item, true);
            expect_same(graph.stemma, "/api/v1/trace/back?item=" + item, true);
        }
    }
}

/// A lot that went into more serials than one piece holds.
class WideGraph {
public:
    static constexpr std::size_t kSerials = 5'000;
    explicit WideGraph(const std::string& more = {}) : stemma{false, more} {
        json::array outputs;
        for (std::size_t i = 0; i < kSerials; ++i) outputs.push_back(json::value(fmt::format("urn:example:serial:{}", i)));
        const Answer captured =
            stemma.post("/api/v1/events",
                        json::serialize(json::object{{"type", "TransformationEvent"},
                                                     {"eventTime", "2026-01-01T00:00:00Z"},
                                                     {"inputQuantityList", {{{"epcClass", "urn:example:lot:wide"}, {"quantity", 5000}}}},
                                                     {"outputEPCList", outputs}}));
        EXPECT_EQ(captured.status, 201) << captured.body;
    }
    StemmaUnderTest stemma;
};

Request trace_request(std::string_view item, std::string format = "ndjson") {
    Request request;
    request.method = "GET";
    request.path = "/api/v1/trace/forward";
    request.query = {{"item", std::string{item}}, {"format", std::move(format)}, {"fields", "id"}};
    return request;
}

TEST(TraceRowsApi, come_in_pieces_of_which_the_first_says_what_was_asked) {
    WideGraph graph;
    expect_same(graph.stemma, "/api/v1/trace/forward?item=urn:example:lot:wide", true);
    Response response = graph.stemma.app().router().handle(trace_request("urn:example:lot:wide"));
    ASSERT_NE(response.source, nullptr);
    std::string piece;
    ASSERT_TRUE(response.source->next(piece).value());
    EXPECT_TRUE(piece.starts_with(R"({"direction":"forward","asOf":1,"inferred":true,"timed":false,"seeds":[)")) << piece;
    EXPECT_EQ(std::ranges::count(piece, '\n'), 1);
    std::size_t pieces = 0;
    std::size_t rows = 0;
    for (bool more = true; more; ++pieces) {
        piece.clear();
        more = response.source->next(piece).value();
        EXPECT_LE(piece.size(), kPieceBytes + 4096);
        rows += static_cast<std::size_t>(std::ranges::count(piece, '\n'));
    }
    EXPECT_EQ(rows, WideGraph::kSerials + 2 + 1);  // the lot and the production; the last line
    EXPECT_GE(pieces, 2U);                         // 5,000 rows of 32 bytes and more
    EXPECT_TRUE(piece.ends_with("\"complete\":true}\n"));
}

TEST(TraceRowsApi, let_entries_be_recorded_between_two_pieces_and_stay_true_for_their_position) {
    WideGraph graph;
    const std::string whole = plain(graph.stemma, "/api/v1/trace/forward?item=urn:example:lot:wide&format=ndjson&fields=id,depth").body;
    Request request = trace_request("urn:example:lot:wide");
    request.query["fields"] = "id,depth";
    Response response = graph.stemma.app().router().handle(std::move(request));
    std::string all;
    std::string piece;
    int number = 0;
    for (bool more = true; more; ++number) {
        piece.clear();
        more = response.source->next(piece).value();
        all += piece;
        const Answer added = graph.stemma.post(
            "/api/v1/events", fmt::format(R"({{"type":"TransformationEvent","eventTime":"2026-01-02T00:00:00Z","inputEPCList":[)"
                                          R"("urn:example:serial:{}"],"outputEPCList":["urn:example:later:{}"]}})",
                                          number, number));
        ASSERT_EQ(added.status, 201) << added.body;
    }
    EXPECT_EQ(all, whole);
}

TEST(TraceRowsApi, may_have_the_fields_that_are_asked_for) {
    const Answer ids = demo().get("/api/v1/trace/forward?item=TEA-07&format=ndjson&fields=id");
    EXPECT_EQ(lines_of(ids.body, "\n")[1], R"({"id":"urn:stemma:tryton:lot:250"})");
    const Answer some = demo().get("/api/v1/trace/forward?item=TEA-07&format=ndjson&fields=depth,kind,id");
    EXPECT_EQ(lines_of(some.body, "\n")[1], R"({"id":"urn:stemma:tryton:lot:250","kind":"lot","depth":0})");
    const Answer none = demo().get("/api/v1/trace/forward?item=TEA-07&format=ndjson&fields=via");
    EXPECT_EQ(lines_of(none.body, "\n")[1], "{}");
    const Answer wrong = demo().get("/api/v1/trace/forward?item=TEA-07&format=ndjson&fields=id,name");
    EXPECT_EQ(wrong.status, 400);
    EXPECT_EQ(wrong.text("/detail"), "'name' is not a field of a row");
    EXPECT_EQ(wrong.text("/pointer"), "?fields");
    EXPECT_EQ(demo().get("/api/v1/trace/forward?item=TEA-07&fields=id").status, 400);
}

TEST(TraceRowsApi, are_chosen_by_the_query_or_by_what_is_accepted) {
    const auto begins = [](const char* accept, const char* query) {
        const Answer answer = demo().call("GET", fmt::format("/api/v1/trace/forward?item=TEA-07{}", query), {}, {{"accept", accept}});
        EXPECT_EQ(answer.status, 200);
        return answer.body.substr(0, answer.body.starts_with("id,") ? 3 : 12);
    };
    EXPECT_EQ(begins("application/x-ndjson", ""), R"({"direction")");
    EXPECT_EQ(begins("text/csv", ""), "id,");
    EXPECT_EQ(begins("text/html, text/csv;q=0.9, */*;q=0.1", ""), "id,");
    EXPECT_EQ(begins("text/csv", "&format=json"), R"({"direction")");
    EXPECT_EQ(demo().call("GET", "/api/v1/trace/forward?item=TEA-07", {}, {{"accept", "text/html,*/*;q=0.8"}}).count("/nodes"), 1U);
    EXPECT_EQ(demo().get("/api/v1/trace/forward?item=TEA-07&format=xml").status, 400);
}

TEST(TraceRowsApi, are_chosen_by_the_weights_of_what_is_accepted) {
    const auto form = [](const char* accept) {
        const Answer answer = demo().call("GET", "/api/v1/trace/forward?item=TEA-07", {}, {{"accept", accept}});
        EXPECT_EQ(answer.status, 200);
        if (answer.body.starts_with("id,")) return "csv";
        return lines_of(answer.body, "\n").size() > 1 ? "ndjson" : "json";
    };
    EXPECT_STREQ(form("text/csv;q=0.2, application/json;q=0.9"), "json");
    EXPECT_STREQ(form("application/json;q=0.2, text/csv;q=0.9"), "csv");
    EXPECT_STREQ(form("text/csv;q=0.5, */*;q=0.8"), "json");
    EXPECT_STREQ(form("text/csv, */*"), "csv");
    EXPECT_STREQ(form("*/*, text/csv"), "csv");
    EXPECT_STREQ(form("text/csv;q=0, */*;q=0.1"), "json");
    EXPECT_STREQ(form("application/json;q=0, */*;q=0.1"), "ndjson");
    EXPECT_STREQ(form("text/*;q=0.4, application/*;q=0.3"), "csv");
    EXPECT_STREQ(form("Application/X-NDJSON;Q=0.9 , text/csv; header=present ; q=0.8"), "ndjson");
    EXPECT_STREQ(form("application/x-ndjson;q=0.001, application/json;q=0.000"), "ndjson");
    EXPECT_STREQ(form("application/x-ndjson, text/csv"), "ndjson");
    EXPECT_STREQ(form("text/csv, application/x-ndjson"), "csv");
    EXPECT_STREQ(form("text/csv;q=many, application/json;q=0.5"), "csv");
    EXPECT_STREQ(form("image/png, ,;, text/html;q=1"), "json");
    EXPECT_STREQ(form(""), "json");
}

TEST(TraceRowsApi, are_refused_for_counts_which_are_one_document) {
    for (const char* format : {"csv", "ndjson"}) {
        for (const Answer& refused :
             {demo().get(fmt::format("/api/v1/trace/forward?item=TEA-07&count=true&format={}", format)),
              demo().get(fmt::format("/api/v1/trace/forward?item=urn:stemma:tryton:lot:118&count=true&format={}", format)),
              demo().post(fmt::format("/api/v1/recalls/simulate?format={}", format), R"({"items":["TEA-07"],"count":true})")}) {
            EXPECT_EQ(refused.status, 400);
            EXPECT_EQ(refused.text("/detail"), "counts are one JSON document, not rows");
            EXPECT_EQ(refused.text("/pointer"), "?format");
        }
    }
    EXPECT_EQ(demo().get("/api/v1/trace/forward?item=TEA-07&count=true&format=json").number("/items"), 1);
    const Answer accepted = demo().call("GET", "/api/v1/trace/forward?item=TEA-07&count=true", {}, {{"accept", "text/csv"}});
    EXPECT_EQ(accepted.number("/items"), 1);
}

TEST(TraceRowsApi, in_csv_have_a_row_of_names_and_a_last_row) {
    const Answer answer = demo().get("/api/v1/trace/back?item=PK-2613&inferred=false&format=csv&fields=id,label,kind,depth,via,documents");
    const std::vector<std::string> lines = lines_of(answer.body, "\r\n");
    EXPECT_EQ(lines.front(), "id,label,kind,depth,viaNode,viaKind,quantity,uom,sequence,documents");
    EXPECT_EQ(lines[1], "urn:stemma:tryton:lot:211,PK-2613,lot,0,,,,,,");
    EXPECT_EQ(lines[2],
              "urn:stemma:tryton:production:56,urn:stemma:tryton:production:56,transformation,1,0,produced,16,C62,899,prodorder 56");
    const Answer document = demo().get("/api/v1/trace/back?item=PK-2613&inferred=false");
    EXPECT_EQ(lines.size(), document.count("/nodes") + 2);
    EXPECT_EQ(lines.back(), fmt::format("#end asOf={} inferred=false timed=false items={} transformations={} truncated=false complete=true",
                                        document.number("/asOf"), document.number("/items"), document.number("/transformations")));
}

TEST(TraceAnswersApi, say_in_every_form_what_was_asked) {
    for (const bool inferred : {true, false})
        for (const bool timed : {true, false}) {
            const std::string asked = fmt::format("inferred={}&timed={}", inferred, timed);
            const std::string body = fmt::format(R"({{"items":["S4-L17"],"inferred":{},"timed":{}}})", inferred, timed);
            const auto with = [&](const char* more) { return body.substr(0, body.size() - 1) + more + '}'; };
            const std::string target = "/api/v1/trace/forward?item=S4-L17&" + asked;
            const std::vector<Answer> documents{
                demo().get(target),
                demo().get(target + "&count=true"),
                demo().get(target + "&by=product"),
                demo().post("/api/v1/recalls/simulate", body),
                demo().post("/api/v1/recalls/simulate", with(R"(,"count":true)")),
                demo().post("/api/v1/recalls/simulate", with(R"(,"by":["product"])")),
                demo().get("/api/v1/lineage/amounts?item=TEA-07&" + asked),
            };
            for (const Answer& document : documents) {
                EXPECT_EQ(document.at("/inferred"), inferred) << document.body.substr(0, 200);
                EXPECT_EQ(document.at("/timed"), timed) << document.body.substr(0, 200);
            }
            for (const char* form : {"ndjson", "csv"}) {
                const std::vector<Answer> rows{
                    demo().get(fmt::format("{}&format={}", target, form)),
                    demo().get(fmt::format("{}&by=product&format={}", target, form)),
                    demo().post(fmt::format("/api/v1/recalls/simulate?format={}", form), body),
                };
                for (const Answer& answer : rows) {
                    const bool csv = form[0] == 'c';
                    const std::string line = csv ? lines_of(answer.body, "\r\n").back() : lines_of(answer.body, "\n").front();
                    const std::string flags = csv ? fmt::format(" inferred={} timed={} ", inferred, timed)
                                                  : fmt::format(R"(,"inferred":{},"timed":{},)", inferred, timed);
                    EXPECT_NE(line.find(flags), std::string::npos) << line;
                }
            }
        }
}

TEST(TraceRowsApi, of_a_recall_are_the_affected_items) {
    const Answer document = demo().post("/api/v1/recalls/simulate", R"({"items":["S4-L17","TEA-07"]})");
    const Answer rows = demo().post("/api/v1/recalls/simulate?format=ndjson", R"({"items":["S4-L17","TEA-07"]})");
    const std::vector<std::string> lines = lines_of(rows.body, "\n");
    const json::array& items = document.json.at("items").as_array();
    ASSERT_EQ(lines.size(), items.size() + 2);
    for (std::size_t i = 0; i < items.size(); ++i) EXPECT_EQ(json::parse(lines[i + 1]), items[i]);
    const Answer csv = demo().post("/api/v1/recalls/simulate?format=csv", R"({"items":["TEA-07"]})");
    const std::vector<std::string> cells = lines_of(csv.body, "\r\n");
    ASSERT_EQ(cells.size(), 3U) << csv.body;
    EXPECT_EQ(cells[1],
              "urn:stemma:tryton:lot:250,TEA-07,lot,FOOD-TEA,Mountain herb tea,0,true,true,in_stock,C62,20,0,20,0,0,0,0,Storage Zone 20,"
              "\"Violet Tarn Lodge 12; Willowdrift Camps 8\"");
}

/// A product that is kept in kg, of whose lots pieces are taken: nothing is converted.
TEST(TraceRowsApi, of_a_recall_in_csv_say_where_all_of_an_item_is) {
    const Answer csv = demo().post("/api/v1/recalls/simulate?format=csv&fields=label,stock", R"({"items":["S4-L17"]})");
    const std::vector<std::string> rows = lines_of(csv.body, "\r\n");
    EXPECT_EQ(rows[0], "label,uom,onHand,inTransit,withCustomer,consumed,writtenOff,returnedToSupplier,outside,places,customers");
    const auto lot = std::ranges::find_if(rows, [](const std::string& row) { return row.starts_with("S4-L17,C62,"); });
    ASSERT_NE(lot, rows.end());
    const std::vector<std::string> cells = lines_of(*lot + ",", ",");
    double sum = 0;
    for (std::size_t i = 2; i < 9; ++i) sum += std::stod(cells.at(i));
    EXPECT_EQ(sum, 130);  // as received
}

TEST(TraceRowsApi, of_a_recall_in_csv_are_one_for_each_unit_of_measure) {
    StemmaUnderTest stemma{false};
    const auto add = [&](const char* target, const auto& record) {
        json_text::Writer out;
        json_text::write(out, record);
        const Answer answer = stemma.post(target, "[" + out.take() + "]");
        ASSERT_LT(answer.status, 300) << answer.body;
    };
    Product product;
    product.id = ProductId{"urn:mix:product"};
    product.sku = "MIX";
    product.unit = "KGM";
    product.tracking = Tracking::lot;
    add("/api/v1/master", Master{product});
    Place place;
    place.id = PlaceId{"urn:mix:place"};
    place.code = "STORE";
    add("/api/v1/master", Master{place});
    for (const char* lot : {"urn:mix:pieces", "urn:mix:both"}) {
        Item item;
        item.id = ItemId{lot};
        item.kind = ItemKind::lot;
        item.product = product.id;
        add("/api/v1/master", Master{item});
    }
    const std::string at = R"({"type":"TransformationEvent","sourceList":[{"type":"location","source":"urn:mix:place"}],)"
                           R"("destinationList":[{"type":"location","destination":"urn:mix:place"}],)";
    for (const char* event : {
             R"("eventTime":"2026-01-01T00:00:00Z","outputEPCList":["urn:mix:one"],
                 "inputQuantityList":[{"epcClass":"urn:mix:pieces","quantity":480000,"uom":"C62"}]})",
             R"("eventTime":"2026-01-02T00:00:00Z","inputEPCList":["urn:mix:one"],
                 "outputQuantityList":[{"epcClass":"urn:mix:both","quantity":2.5,"uom":"KGM"}]})",
             R"("eventTime":"2026-01-03T00:00:00Z","outputEPCList":["urn:mix:last"],
                 "inputQuantityList":[{"epcClass":"urn:mix:both","quantity":7,"uom":"C62"}]})"})
        ASSERT_EQ(stemma.post("/api/v1/events", at + event).status, 201);
    const Answer csv = stemma.post("/api/v1/recalls/simulate?format=csv&fields=id,stock", R"({"items":["urn:mix:pieces"]})");
    const std::vector<std::string> rows = lines_of(csv.body, "\r\n");
    ASSERT_EQ(rows.size(), 7U) << csv.body;
    EXPECT_TRUE(rows[1].starts_with("urn:mix:pieces,C62,-480000,0,0,480000,")) << csv.body;
    EXPECT_TRUE(rows[3].starts_with("urn:mix:both,KGM,2.5,0,0,0,")) << csv.body;
    EXPECT_TRUE(rows[4].starts_with("urn:mix:both,C62,-7,0,0,7,")) << csv.body;
    EXPECT_TRUE(rows[6].contains(" items=4 ")) << csv.body;
    const Answer without = stemma.post("/api/v1/recalls/simulate?format=csv&fields=id,status", R"({"items":["urn:mix:pieces"]})");
    EXPECT_EQ(lines_of(without.body, "\r\n").size(), 6U) << without.body;
}

TEST(TraceRowsApi, of_a_small_trace_are_answered_quickly_and_the_same) {
    const Router& router = demo().app().router();
    const auto request_for = [](const char* query) {
        Request request;
        request.method = "GET";
        request.path = "/api/v1/trace/forward";
        request.query = parse_query(query).value();
        return request;
    };
    for (const char* query : {"item=urn:stemma:tryton:lot:118&format=ndjson", "item=urn:stemma:tryton:lot:118&format=csv&fields=id",
                              "item=urn:stemma:tryton:lot:118&count=true", "item=urn:stemma:tryton:lot:118&format=ndjson&inferred=false",
                              "item=urn:stemma:tryton:lot:118&format=ndjson&timed=true"}) {
        Request request = request_for(query);
        const auto quick = router.handle_quickly(request);
        ASSERT_TRUE(quick) << query;
        EXPECT_EQ(quick->body, router.handle(request_for(query)).body);
    }
    for (const char* query : {"item=S4-L17&format=ndjson", "item=urn:stemma:tryton:lot:118", "item=urn:none&format=ndjson",
                              "item=urn:stemma:tryton:lot:118&format=ndjson&as_of=5", "item=urn:stemma:tryton:lot:118&format=xml"}) {
        Request request = request_for(query);
        EXPECT_FALSE(router.handle_quickly(request)) << query;
    }
}

TEST(TraceRowsApi, on_random_graphs_are_answered_quickly_and_the_same) {
    for (unsigned seed = 21; seed <= 28; ++seed) {
        RandomGraph graph{seed};
        const Router& router = graph.stemma.app().router();
        for (int i = 0; i < 20; ++i) {
            const std::string item = graph.item();
            for (const char* way : {"forward", "back"})
                for (const char* form : {"count=true", "format=ndjson&fields=id,depth,certain", "format=csv"}) {
                    Request request;
                    request.method = "GET";
                    request.path = fmt::format("/api/v1/trace/{}", way);
                    request.query = parse_query(fmt::format("item={}&{}", item, form)).value();
                    Request again = request;
                    const auto quick = router.handle_quickly(request);
                    if (!quick) continue;  // no event names the item
                    EXPECT_EQ(quick->body, router.handle(std::move(again)).body) << seed << ' ' << item << ' ' << form;
                }
        }
    }
}

TEST(TraceCountApi, counts_what_the_document_lists) {
    for (const char* target : {"/api/v1/trace/forward?item=S4-L17", "/api/v1/trace/back?item=HJ26-00148"}) {
        const Answer document = demo().get(target);
        const Answer counts = demo().get(std::string{target} + "&count=true");
        for (const char* same : {"/direction", "/asOf", "/items", "/transformations", "/certainNodes", "/truncated"})
            EXPECT_EQ(counts.at(same), document.at(same)) << same;
        std::map<std::string, std::pair<std::int64_t, std::int64_t>> by_kind;
        for (const json::value& node : document.json.at("nodes").as_array()) {
            auto& [nodes, certain] = by_kind[std::string{node.at("kind").as_string().c_str()}];
            ++nodes;
            certain += node.at("certain").as_bool() ? 1 : 0;
        }
        ASSERT_EQ(counts.count("/byKind"), by_kind.size());
        for (const json::value& line : counts.json.at("byKind").as_array()) {
            const auto& [nodes, certain] = by_kind.at(line.at("kind").as_string().c_str());
            EXPECT_EQ(line.at("nodes").as_int64(), nodes);
            EXPECT_EQ(line.at("certain").as_int64(), certain);
        }
        EXPECT_EQ(counts.body.find("urn:"), std::string::npos);
    }
    const Answer recall = demo().post("/api/v1/recalls/simulate", R"({"items":["S4-L17"],"count":true})");
    EXPECT_EQ(recall.number("/items"), demo().get("/api/v1/trace/forward?item=S4-L17").number("/items"));
}

/// S4-L17 forward has more items than productions.
std::int64_t items_of_the_demo() { return demo().get("/api/v1/trace/forward?item=S4-L17").number("/items"); }

TEST(LargeTracesApi, are_those_of_more_items_than_the_limit) {
    const std::int64_t items = items_of_the_demo();
    StemmaUnderTest at_limit{true, fmt::format("limits: {{large_trace_items: {}, large_traces_max: 1}}\n", items)};
    StemmaUnderTest past_limit{true, fmt::format("limits: {{large_trace_items: {}, large_traces_max: 1}}\n", items - 1)};
    for (StemmaUnderTest* stemma : {&at_limit, &past_limit}) {
        EXPECT_EQ(stemma->sync().text("/error"), "");
        const bool large = stemma == &past_limit;
        const Response first = stemma->app().router().handle(trace_request("S4-L17"));
        EXPECT_EQ(first.source != nullptr, large);
        EXPECT_EQ(stemma->get("/api/v1/status").number("/traces/largeRunning"), large ? 1 : 0);
        EXPECT_EQ(stemma->get("/api/v1/trace/forward?item=S4-L17").status, large ? 429 : 200);
    }
}

TEST(LargeTracesApi, run_as_many_at_a_time_as_the_limit_says) {
    StemmaUnderTest stemma{true, "limits: {large_trace_items: 10, large_traces_max: 2}\n"};
    EXPECT_EQ(stemma.sync().text("/error"), "");
    const auto begin = [&] { return stemma.app().router().handle(trace_request("S4-L17")); };
    Response first = begin();
    Response second = begin();
    EXPECT_NE(first.source, nullptr);
    EXPECT_NE(second.source, nullptr);
    for (const char* more : {"", "&format=ndjson", "&count=true"}) {
        const Answer refused = stemma.get(std::string{"/api/v1/trace/forward?item=S4-L17"} + more);
        EXPECT_EQ(refused.status, 429);
        EXPECT_EQ(refused.text("/type"), "/problems/busy");
        EXPECT_EQ(refused.text("/detail"), "2 large traces are running, no more are taken");
        EXPECT_EQ(refused.headers.at("Retry-After"), "2");
    }
    EXPECT_EQ(stemma.post("/api/v1/recalls/simulate", R"({"items":["S4-L17"]})").status, 429);
    EXPECT_EQ(stemma.get("/api/v1/trace/forward?item=TEA-07").status, 200);  // small ones are always taken
    first.source.reset();
    EXPECT_EQ(stemma.get("/api/v1/trace/forward?item=S4-L17").status, 200);
    std::string piece;
    for (bool more = true; more;) more = second.source->next(piece).value();
    EXPECT_TRUE(piece.ends_with("\"complete\":true}\n"));
    second.source.reset();
    const Answer status = stemma.get("/api/v1/status");
    EXPECT_EQ(status.number("/traces/largeRunning"), 0);
    EXPECT_EQ(status.number("/traces/streamsRunning"), 0);
    EXPECT_EQ(status.number("/traces/streamsCut"), 1);
    EXPECT_EQ(status.number("/traces/streamsWhole"), 1);
}

TEST(LargeTracesApi, gaps_amounts_causes_and_audits_take_their_turns_among_them) {
    StemmaUnderTest stemma{true, "limits: {large_trace_items: 10, large_traces_max: 1}\n"};
    EXPECT_EQ(stemma.sync().text("/error"), "");
    const auto ask = [&](const char* of) {
        if (of[0] == '{') return stemma.post("/api/v1/recalls/attribute", of);
        return stemma.get(fmt::format("/api/v1/{}/{}", std::string_view{of} == "audit" ? "erp" : "lineage", of));
    };
    const std::vector<const char*> large{
        "gaps", "gaps?count=true", "gaps?item=S4-L17", "amounts?item=S4-L17", "audit", R"({"failed":["HJ26-00127"]})"};
    Response running = stemma.app().router().handle(trace_request("S4-L17"));
    ASSERT_NE(running.source, nullptr);
    for (const char* question : large) {
        const Answer refused = ask(question);
        EXPECT_EQ(refused.status, 429) << question;
        EXPECT_EQ(refused.text("/detail"), "1 large questions are running, no more are taken");
        EXPECT_TRUE(refused.headers.contains("Retry-After"));
    }
    EXPECT_EQ(ask("gaps?item=TEA-07").status, 200);  // small ones are always taken
    EXPECT_EQ(ask("amounts?item=TEA-07").status, 200);
    running.source.reset();
    for (const char* question : large) EXPECT_EQ(ask(question).status, 200) << question;
    EXPECT_EQ(stemma.get("/api/v1/status").number("/traces/largeRunning"), 0);
}

TEST(LargeTracesApi, small_gaps_and_amounts_are_those_of_large_ones) {
    StemmaUnderTest small{true, "limits: {large_trace_items: 1000000}\n"};
    StemmaUnderTest large{true, "limits: {large_trace_items: 1}\n"};
    for (StemmaUnderTest* stemma : {&small, &large}) EXPECT_EQ(stemma->sync().text("/error"), "");
    for (const char* question : {"gaps?item=S4-L17&limit=1000", "amounts?item=S4-L17", "amounts?item=S4-L17&timed=true&inferred=false"}) {
        const std::string target = fmt::format("/api/v1/lineage/{}", question);
        EXPECT_EQ(small.get(target).body, large.get(target).body);
    }
}

TEST(LargeTracesApi, say_when_they_are_cut_by_the_limit_of_a_trace) {
    StemmaUnderTest stemma{true, "limits: {large_trace_items: 10, trace_items_max: 20}\n"};
    EXPECT_EQ(stemma.sync().text("/error"), "");
    expect_same(stemma, "/api/v1/trace/forward?item=S4-L17");
    const std::string body = stemma.get("/api/v1/trace/forward?item=S4-L17&format=ndjson").body;
    EXPECT_NE(body.find(R"("truncated":true)"), std::string::npos);
    EXPECT_NE(body.find(R"("cutBy":"limits.trace_items_max")"), std::string::npos);
}

TEST(TraceRowsApi, go_over_the_wire_in_chunks_and_end_with_their_reader) {
    WideGraph graph{"limits: {large_trace_items: 100, large_traces_max: 1}\n"};
    ListenerSettings settings;
    settings.port = 0;
    Listener listener{settings, graph.stemma.app().router()};
    ASSERT_TRUE(listener.start());
    const std::string target = "/api/v1/trace/forward?item=urn:example:lot:wide&format=ndjson";
    RawClient one{listener.port()};
    one.send(get(target));
    const RawAnswer answer = one.header();
    EXPECT_EQ(answer.field("Content-Type"), "application/x-ndjson");
    EXPECT_EQ(answer.field("Transfer-Encoding"), "chunked");
    std::string body;
    for (std::string chunk = "-"; !chunk.empty(); body += chunk) chunk = one.next_chunk().value_or("");
    EXPECT_EQ(body, plain(graph.stemma, target).body);
    for (int begun = 0; begun < 20;) {  // each leaves in the middle; its lease comes back
        RawClient leaving{listener.port()};
        leaving.send(get(target));
        if (leaving.header().status != 200) continue;
        std::ignore = leaving.next_chunk();
        ++begun;
    }
    const auto running = [&] { return graph.stemma.get("/api/v1/status").number("/traces/streamsRunning"); };
    for (int tries = 0; tries < 500 && running() != 0; ++tries) std::this_thread::sleep_for(std::chrono::milliseconds{10});
    EXPECT_EQ(running(), 0);
    EXPECT_EQ(plain(graph.stemma, target).status, 200);
}

}  // namespace
}  // namespace stemma::http::test
