// Roll-ups as an answer of their own: the sums over the rows of a recall, the same in every form, certain and possible apart; and the
// fields that rows of a recall may have.
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <map>
#include <set>
#include <vector>

#include "tests/integration/api/stemma_under_test.hpp"

namespace stemma::http::test {
namespace {

namespace json = boost::json;

constexpr const char* kAllKeys = "status,place,customer,product,party,document";

StemmaUnderTest& demo() { return stemma_with_demo(); }

std::string text_in(const json::value& object, std::string_view name) {
    const json::value* value = object.as_object().if_contains(name);
    return value == nullptr ? std::string{} : std::string{value->as_string()};
}

const json::array& list_in(const json::value& object, std::string_view name) {
    static const json::array kNothing;
    const json::value* value = object.as_object().if_contains(name);
    return value == nullptr ? kNothing : value->as_array();
}

/// items, ends, and per unit the amount.
struct Line {
    std::int64_t items{0};
    std::int64_t ends{0};
    std::map<std::string, double> amounts;
    friend bool operator==(const Line&, const Line&) = default;
};
using Lines = std::map<std::string, Line>;

/// Each item once for a key, whatever units it has there.
class Sum {
public:
    void add(const std::string& key, const json::value& item, const json::value* amount, std::string_view unit) {
        Line& line = lines[key];
        if (seen_.emplace(key, text_in(item, "id")).second) {
            ++line.items;
            if (item.at("end").as_bool()) ++line.ends;
        }
        if (amount != nullptr) line.amounts[std::string{unit}] += amount->to_number<double>();
        products_[key].insert(text_in(item, "sku"));
        if (products_[key].size() > 1) line.amounts.clear();  // pieces of different products are not added up
    }
    Lines lines;

private:
    std::map<std::string, std::set<std::string>> products_;
    std::set<std::pair<std::string, std::string>> seen_;
};

struct Sums {
    Sum products;
    Sum places;
    Sum customers;
};

Sums sums_of(const json::array& items, bool certain) {
    Sums sums;
    for (const json::value& item : items) {
        if (item.at("certain").as_bool() != certain) continue;
        sums.products.add(text_in(item, "sku"), item, nullptr, {});
        for (const json::value& unit : list_in(item, "stock")) {
            const std::string uom = text_in(unit, "uom");
            for (const json::value& at : list_in(unit, "onHand"))
                if (at.at("quantity").to_number<double>() > 0) sums.places.add("on " + text_in(at, "place"), item, &at.at("quantity"), uom);
            for (const json::value& at : list_in(unit, "inTransit"))
                if (at.at("quantity").to_number<double>() > 0) sums.places.add("in " + text_in(at, "place"), item, &at.at("quantity"), uom);
            for (const json::value& with : list_in(unit, "withCustomer"))
                if (with.at("quantity").to_number<double>() > 0)
                    sums.customers.add(text_in(with, "party"), item, &with.at("quantity"), uom);
        }
    }
    return sums;
}

Line line_of(const json::value& given, bool with_amounts) {
    Line line{given.at("items").as_int64(), given.at("endItems").as_int64(), {}};
    if (with_amounts)
        for (const json::value& amount : list_in(given, "amounts"))
            line.amounts[text_in(amount, "uom")] = amount.at("quantity").to_number<double>();
    return line;
}

void expect_sums(const json::value& set, const Sums& sums) {
    Lines products;
    for (const json::value& line : list_in(set, "byProduct")) products[text_in(line, "sku")] = line_of(line, false);
    EXPECT_EQ(products, sums.products.lines);
    Lines places;
    for (const json::value& line : list_in(set, "byPlace"))
        places[(line.at("transit").as_bool() ? "in " : "on ") + text_in(line, "place")] = line_of(line, true);
    EXPECT_EQ(places, sums.places.lines);
    Lines customers;
    for (const json::value& line : list_in(set, "byCustomer")) customers[text_in(line, "party")] = line_of(line, true);
    EXPECT_EQ(customers, sums.customers.lines);
}

TEST(RollUpApi, is_the_sum_over_the_items_of_the_recall) {
    for (const char* item : {"S4-L17", "CORE", "TEA-07", "S2-L06"}) {
        const Answer recall = demo().post("/api/v1/recalls/simulate", fmt::format(R"({{"items":["{}"]}})", item));
        const Answer counted = demo().get(fmt::format("/api/v1/trace/forward?item={}&by={}", item, kAllKeys));
        ASSERT_EQ(counted.status, 200) << counted.body;
        EXPECT_EQ(counted.number("/asOf"), recall.number("/asOf"));
        const json::array& items = recall.json.at("items").as_array();
        EXPECT_EQ(counted.number("/items"), static_cast<std::int64_t>(items.size()));
        EXPECT_EQ(counted.number("/certain/items") + counted.number("/possible/items"), counted.number("/items"));
        expect_sums(counted.at("/certain"), sums_of(items, true));
        expect_sums(counted.at("/possible"), sums_of(items, false));
        for (const char* same : {"/certain/byStatus", "/certain/byProduct", "/possible/byStatus", "/possible/byPlace"})
            EXPECT_EQ(counted.at(same), recall.at(same)) << item << same;
        EXPECT_EQ(counted.body.find("serial:"), std::string::npos) << "no item is named but the one that was asked for";
    }
}

TEST(RollUpApi, counts_documents_and_parties_for_each_set) {
    const Answer recall = demo().post("/api/v1/recalls/simulate", R"({"items":["S4-L17"]})");
    const Answer counted = demo().get("/api/v1/trace/forward?item=S4-L17&by=document,party");
    std::map<std::string, std::int64_t> apart;
    for (const char* set : {"/certain/byDocument", "/possible/byDocument"})
        if (counted.count(set) != 0)
            for (const json::value& line : counted.at(set).as_array())
                apart[text_in(line, "id") + text_in(line, "movement")] += line.at("items").as_int64();
    std::map<std::string, std::int64_t> together;
    for (const json::value& line : recall.json.at("documents").as_array())
        together[text_in(line, "id") + text_in(line, "movement")] = line.at("items").as_int64();
    EXPECT_EQ(apart, together);
    EXPECT_GT(counted.count("/certain/byParty"), 0U);
    EXPECT_EQ(counted.count("/certain/byStatus"), 0U);
}

TEST(RollUpApi, is_the_same_as_a_document_and_in_rows) {
    const std::string target = fmt::format("/api/v1/trace/forward?item=S4-L17&by={}", kAllKeys);
    const Answer document = demo().get(target);
    const std::vector<std::string> lines = lines_of(demo().get(target + "&format=ndjson").body, "\n");
    const std::vector<std::string> cells = lines_of(demo().get(target + "&format=csv").body, "\r\n");
    std::vector<json::value> expected;
    for (const char* set : {"certain", "possible"})
        for (const char* by : {"Status", "Place", "Customer", "Product", "Party", "Document"})
            for (const json::value& line : list_in(document.json.at(set), fmt::format("by{}", by))) {
                json::object row{{"by", std::string{static_cast<char>(by[0] - 'A' + 'a')} + (by + 1)},
                                 {"certain", std::string_view{set} == "certain"}};
                for (const auto& [name, value] : line.as_object()) row[name] = value;
                expected.emplace_back(std::move(row));
            }
    ASSERT_GT(expected.size(), 20U);
    ASSERT_EQ(lines.size(), expected.size() + 2);
    for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_EQ(json::parse(lines[i + 1]), expected[i]);
    EXPECT_TRUE(lines.back().ends_with("\"complete\":true}"));
    std::vector<std::string> starts;  // in CSV a line over several products is a row for each of them
    for (const json::value& line : expected)
        for (std::size_t i = 0; i < std::max<std::size_t>(1, list_in(line, "byProduct").size()); ++i)
            starts.push_back(fmt::format("{},{},", text_in(line, "by"), line.at("certain").as_bool()));
    ASSERT_EQ(cells.size(), starts.size() + 2);
    EXPECT_EQ(cells.front(), "by,certain,id,code,name,what,product,items,endItems,quantity,uom,more");
    for (std::size_t i = 0; i < starts.size(); ++i) EXPECT_TRUE(cells[i + 1].starts_with(starts[i])) << cells[i + 1];
    EXPECT_TRUE(cells.back().starts_with("#end asOf="));
}

TEST(RollUpApi, of_a_lot_in_the_demo_says_where_its_forty_pieces_are) {
    const std::vector<std::string> cells =
        lines_of(demo().post("/api/v1/recalls/simulate?format=csv", R"({"items":["TEA-07"],"by":["customer","place"]})").body, "\r\n");
    ASSERT_EQ(cells.size(), 5U);  // 40 came in: 20 are left, 12 and 8 went to two customers
    EXPECT_TRUE(cells[1].starts_with("place,true,")) << cells[1];
    EXPECT_TRUE(cells[1].ends_with(",Storage Zone,on_hand,FOOD-TEA,1,1,20,C62,")) << cells[1];
    EXPECT_TRUE(cells[2].ends_with(",Violet Tarn Lodge,,FOOD-TEA,1,1,12,C62,")) << cells[2];
    EXPECT_TRUE(cells[3].ends_with(",Willowdrift Camps,,FOOD-TEA,1,1,8,C62,")) << cells[3];
}

TEST(RollUpApi, goes_both_ways_and_follows_the_options_of_a_trace) {
    const Answer back = demo().get("/api/v1/trace/back?item=HJ26-00148&by=product");
    const Answer nodes = demo().get("/api/v1/trace/back?item=HJ26-00148");
    EXPECT_EQ(back.text("/direction"), "back");
    EXPECT_EQ(back.number("/items"), nodes.number("/items"));
    const Answer sure = demo().get("/api/v1/trace/forward?item=S4-L17&by=product&inferred=false");
    EXPECT_EQ(sure.number("/possible/items"), 0);
    const Answer then = demo().get("/api/v1/trace/forward?item=S4-L17&by=product&as_of=900");
    EXPECT_EQ(then.number("/items"), demo().get("/api/v1/trace/forward?item=S4-L17&as_of=900").number("/items"));
    const Answer timed = demo().post("/api/v1/recalls/simulate", R"({"items":["S4-L17"],"timed":true,"by":["status","customer"]})");
    const Answer recall = demo().post("/api/v1/recalls/simulate", R"({"items":["S4-L17"],"timed":true})");
    for (const char* same : {"/certain/byStatus", "/certain/byCustomer", "/possible/byStatus"}) EXPECT_EQ(timed.at(same), recall.at(same));
}

TEST(RollUpApi, refuses_what_it_cannot_count_by) {
    const Answer unknown = demo().get("/api/v1/trace/forward?item=TEA-07&by=product,colour");
    EXPECT_EQ(unknown.status, 400);
    EXPECT_EQ(unknown.text("/detail"), "'colour' is nothing to count by");
    EXPECT_EQ(unknown.text("/pointer"), "?by");
    EXPECT_EQ(demo().get("/api/v1/trace/forward?item=TEA-07&by=").status, 400);
    EXPECT_EQ(demo().get("/api/v1/trace/forward?item=TEA-07&by=product&count=true").status, 400);
    EXPECT_EQ(demo().get("/api/v1/trace/forward?item=TEA-07&by=product&format=csv&fields=id").status, 400);
    const Answer empty = demo().post("/api/v1/recalls/simulate", R"({"items":["TEA-07"],"by":[]})");
    EXPECT_EQ(empty.status, 400);
    EXPECT_EQ(empty.text("/pointer"), "/by");
    EXPECT_EQ(demo().post("/api/v1/recalls/simulate", R"({"items":["TEA-07"],"by":["product"],"count":true})").status, 400);
}

TEST(RecallRowsApi, may_have_the_fields_that_are_asked_for) {
    const Answer whole = demo().post("/api/v1/recalls/simulate?format=ndjson", R"({"items":["S4-L17"]})");
    const Answer some = demo().post("/api/v1/recalls/simulate?format=ndjson&fields=status,id", R"({"items":["S4-L17"]})");
    const std::vector<std::string> all = lines_of(whole.body, "\n");
    const std::vector<std::string> chosen = lines_of(some.body, "\n");
    ASSERT_EQ(all.size(), chosen.size());
    for (std::size_t i = 1; i + 1 < all.size(); ++i) {
        const json::value item = json::parse(all[i]);
        EXPECT_EQ(chosen[i], fmt::format(R"({{"id":"{}","status":"{}"}})", text_in(item, "id"), text_in(item, "status")));
    }
    const Answer plain = demo().post("/api/v1/recalls/simulate?format=ndjson&fields=id,label,kind,sku,product,depth,certain",
                                     R"({"items":["S4-L17"]})");  // without a look at the stock
    const std::vector<std::string> without_stock = lines_of(plain.body, "\n");
    const std::vector<std::string> ids =
        lines_of(demo().post("/api/v1/recalls/simulate?format=ndjson&fields=id", R"({"items":["S4-L17"]})").body, "\n");
    ASSERT_EQ(without_stock.size(), all.size());
    ASSERT_EQ(ids.size(), all.size());
    for (std::size_t i = 1; i + 1 < all.size(); ++i) {
        json::object item = json::parse(all[i]).as_object();
        for (const char* left_out : {"end", "status", "stock"}) item.erase(left_out);
        EXPECT_EQ(json::parse(without_stock[i]), json::value(item));
        EXPECT_EQ(ids[i], fmt::format(R"({{"id":"{}"}})", text_in(item, "id")));
    }
    EXPECT_EQ(ids.back(), all.back());
    const Answer csv = demo().post("/api/v1/recalls/simulate?format=csv&fields=id,certain,stock", R"({"items":["TEA-07"]})");
    const std::vector<std::string> cells = lines_of(csv.body, "\r\n");
    EXPECT_EQ(cells[0], "id,certain,uom,onHand,inTransit,withCustomer,consumed,writtenOff,returnedToSupplier,outside,places,customers");
    EXPECT_EQ(cells[1], "urn:stemma:tryton:lot:250,true,C62,20,0,20,0,0,0,0,Storage Zone 20,\"Violet Tarn Lodge 12; Willowdrift Camps 8\"");
    const Answer wrong = demo().post("/api/v1/recalls/simulate?format=csv&fields=id,via", R"({"items":["TEA-07"]})");
    EXPECT_EQ(wrong.status, 400);
    EXPECT_EQ(wrong.text("/detail"), "'via' is not a field of a row");
    EXPECT_EQ(demo().get("/api/v1/trace/forward?item=TEA-07&format=csv&fields=id,status").status, 400);
    EXPECT_EQ(demo().post("/api/v1/recalls/simulate?fields=id", R"({"items":["TEA-07"]})").status, 400);
}

/// The value of a figure in Prometheus' text format.
std::int64_t figure(StemmaUnderTest& stemma, std::string_view name) {
    for (const std::string& line : lines_of(stemma.get("/metrics").body, "\n"))
        if (line.starts_with(fmt::format("{} ", name))) return std::stoll(line.substr(name.size() + 1));
    ADD_FAILURE() << name << " is not there";
    return -1;
}

TEST(TraceFigures, count_what_was_asked_refused_cancelled_and_given_out) {
    StemmaUnderTest stemma{true, "limits: {large_trace_items: 10, large_traces_max: 1}\n"};
    EXPECT_EQ(stemma.sync().text("/error"), "");
    for (const char* name : {"stemma_traces_total", "stemma_traces_refused_total", "stemma_traces_cancelled_total",
                             "stemma_trace_rows_total", "stemma_traces_large_running", "stemma_trace_streams_running"})
        EXPECT_EQ(figure(stemma, name), 0) << name;
    const Answer rows = stemma.get("/api/v1/trace/forward?item=TEA-07&format=ndjson");
    EXPECT_EQ(rows.status, 200);
    EXPECT_EQ(figure(stemma, "stemma_traces_total"), 1);
    EXPECT_EQ(figure(stemma, "stemma_trace_rows_total"), 1);  // the tea went nowhere
    EXPECT_EQ(figure(stemma, "stemma_trace_streams_whole_total"), 1);
    Request request;
    request.method = "GET";
    request.path = "/api/v1/trace/forward";
    request.query = {{"item", "S4-L17"}, {"format", "ndjson"}};
    Response running = stemma.app().router().handle(request);
    EXPECT_EQ(figure(stemma, "stemma_traces_large_running"), 1);
    EXPECT_EQ(figure(stemma, "stemma_trace_streams_running"), 1);
    EXPECT_EQ(stemma.get("/api/v1/trace/forward?item=S4-L17&by=product").status, 429);
    EXPECT_EQ(figure(stemma, "stemma_traces_refused_total"), 1);
    running.source.reset();  // its reader left
    EXPECT_EQ(figure(stemma, "stemma_traces_cancelled_total"), 1);
    EXPECT_EQ(figure(stemma, "stemma_trace_streams_cut_total"), 1);
    EXPECT_EQ(figure(stemma, "stemma_traces_large_running"), 0);
    stemma.end_time(true);
    EXPECT_EQ(stemma.get("/api/v1/trace/forward?item=S4-L17&count=true").status, 503);
    stemma.end_time(false);
    EXPECT_EQ(figure(stemma, "stemma_traces_cancelled_total"), 2);
}

}  // namespace
}  // namespace stemma::http::test
