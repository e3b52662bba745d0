// Twelve jackets in cartons on pallets, delivered, unpacked, brought back and delivered again, recorded over the API: the recall of the lot
// of cells in them says where each is. All numbers are planted by the story below and written down by hand.
#include <fmt/format.h>

#include <map>

#include "core/ledger/codec_parts.hpp"
#include "tests/integration/api/stemma_under_test.hpp"

namespace stemma::http::test {
namespace {

constexpr Instant kDay{1'767'571'200 * kMicrosPerSecond};  // 2026-01-05
constexpr const char* kLot = "urn:pack:lot:C-17";

std::string jacket(int number) { return fmt::format("urn:pack:jacket:{:02}", number); }
std::string unit(const char* label) { return fmt::format("urn:pack:unit:{}", label); }

class Story {
public:
    explicit Story(StemmaUnderTest& stemma) : stemma_{stemma} {}

    template <class Record>
    void add(const char* target, const Record& record) {
        json::Writer out;
        json::write(out, record);
        const Answer answer = stemma_.post(target, "[" + out.take() + "]");
        ASSERT_LT(answer.status, 300) << answer.body.substr(0, 1000);
    }

    void masters() {
        for (const auto& [sku, tracking] : {std::pair{"JACKET", Tracking::serial}, {"CELL", Tracking::lot}}) {
            Product product;
            product.id = ProductId{fmt::format("urn:pack:product:{}", sku)};
            product.sku = sku;
            product.unit = "C62";
            product.tracking = tracking;
            add("/api/v1/master", Master{product});
        }
        for (const char* code : {"MAIN", "DOCK", "RETURNS"}) {
            Place place;
            place.id = PlaceId{fmt::format("urn:pack:place:{}", code)};
            place.code = code;
            place.name = code;
            add("/api/v1/master", Master{place});
        }
        for (const char* code : {"MAKER", "NORTH", "SOUTH"}) {
            Party party;
            party.id = PartyId{fmt::format("urn:pack:party:{}", code)};
            party.code = code;
            add("/api/v1/master", Master{party});
        }
        item(kLot, ItemKind::lot, "urn:pack:product:CELL");
        for (int i = 1; i <= 12; ++i) item(jacket(i), ItemKind::serial, "urn:pack:product:JACKET");
        for (const char* label : {"K1", "K2", "K3", "P1", "P2"}) item(unit(label), ItemKind::logistic_unit, "");
    }

    Event happen(Event event, int day) {
        event.id = EventId{fmt::format("urn:pack:event:{}", ++events_)};
        event.time.instant.us = kDay.us + day * kMicrosPerDay;
        add("/api/v1/events", event);
        return event;
    }

    static Event object(const char* step, std::vector<ItemQuantity> items, const char* from, const char* to) {
        Event event;
        event.biz_step = step;
        event.items = std::move(items);
        if (from != nullptr) event.sources.push_back({"location", fmt::format("urn:pack:place:{}", from)});
        if (to != nullptr) event.destinations.push_back({"location", fmt::format("urn:pack:place:{}", to)});
        return event;
    }
    static Event deliver(const std::string& item, const char* from, const char* customer) {
        Event event = object("shipping", {{ItemId{item}, std::nullopt}}, from, nullptr);
        event.destinations.push_back({"possessing_party", fmt::format("urn:pack:party:{}", customer)});
        return event;
    }
    static Event packing(Action action, const char* parent, const std::vector<std::string>& children) {
        Event event;
        event.type = EventType::aggregation;
        event.action = action;
        event.biz_step = action == Action::add ? "packing" : "unpacking";
        event.parent = ItemId{unit(parent)};
        for (const std::string& child : children) event.items.push_back({ItemId{child}, std::nullopt});
        event.read_point = PlaceId{"urn:pack:place:MAIN"};
        return event;
    }

    /// 100 cells come in, 60 go into twelve jackets: 40 are left.
    void make() {
        Event receipt = object("receiving", {{ItemId{kLot}, Quantity{100 * kQuantityScale, "C62"}}}, nullptr, "MAIN");
        receipt.sources.push_back({"possessing_party", "urn:pack:party:MAKER"});
        happen(receipt, 0);
        Event order;
        order.type = EventType::transformation;
        order.transformation = TransformationId{"urn:pack:order:1"};
        order.inputs.push_back({ItemId{kLot}, Quantity{60 * kQuantityScale, "C62"}});
        for (int i = 1; i <= 12; ++i) order.outputs.push_back({ItemId{jacket(i)}, std::nullopt});
        order.sources.push_back({"location", "urn:pack:place:MAIN"});
        order.destinations.push_back({"location", "urn:pack:place:MAIN"});
        happen(order, 1);
    }

    /// K1: 1 to 4, K2: 5 to 8, both on P1. K3: 9 and 10, on P2; 10 is taken out again. 11 and 12 are in nothing.
    void pack() {
        happen(packing(Action::add, "K1", {jacket(1), jacket(2), jacket(3), jacket(4)}), 2);
        happen(packing(Action::add, "K2", {jacket(5), jacket(6), jacket(7), jacket(8)}), 2);
        happen(packing(Action::add, "K3", {jacket(9), jacket(10)}), 2);
        happen(packing(Action::add, "P1", {unit("K1"), unit("K2")}), 3);
        happen(packing(Action::add, "P2", {unit("K3")}), 3);
        happen(packing(Action::remove, "K3", {jacket(10)}), 4);
    }

    /// P1 goes to NORTH, which takes K2 off it and sends it back; 5 of it goes on to SOUTH, as 11 does. P2 is moved to the dock.
    void send() {
        happen(deliver(unit("P1"), "MAIN", "NORTH"), 5);
        happen(packing(Action::remove, "P1", {unit("K2")}), 6);
        Event back = object("receiving", {{ItemId{unit("K2")}, std::nullopt}}, nullptr, "RETURNS");
        back.disposition = "returned";
        back.sources.push_back({"possessing_party", "urn:pack:party:NORTH"});
        happen(back, 7);
        happen(deliver(jacket(5), "RETURNS", "SOUTH"), 8);
        happen(deliver(jacket(11), "MAIN", "SOUTH"), 8);
        happen(object("storing", {{ItemId{unit("P2")}, std::nullopt}}, "MAIN", "DOCK"), 8);
    }

private:
    void item(const std::string& id, ItemKind kind, const char* product) {
        Item record;
        record.id = ItemId{id};
        record.kind = kind;
        record.product = ProductId{product};
        add("/api/v1/master", Master{record});
    }

    StemmaUnderTest& stemma_;
    int events_{0};
};

using Counts = std::map<std::string, std::int64_t>;

/// Pieces of goods per line, as "KEY SKU"; logistic units as "KEY units".
Counts counts(const Answer& recall, const std::string& list, const std::string& key) {
    Counts found;
    for (std::size_t i = 0; i < recall.count(list); ++i) {
        const std::string line = fmt::format("{}/{}", list, i);
        for (std::size_t j = 0; j < recall.count(line + "/byProduct"); ++j) {
            const std::string part = fmt::format("{}/byProduct/{}", line, j);
            const std::string what = recall.at(part + "/logisticUnits").is_bool() ? "units" : recall.text(part + "/sku");
            found[recall.text(line + key) + " " + what] = recall.number(part + "/amounts/0/quantity");
        }
    }
    return found;
}

TEST(PackingStoryApi, says_where_the_goods_are_that_went_in_cartons_on_pallets) {
    StemmaUnderTest stemma{false};
    Story story{stemma};
    story.masters();
    story.make();
    story.pack();
    story.send();
    const std::string question = fmt::format(R"({{"items":["{}"]}})", kLot);
    const Answer recall = stemma.post("/api/v1/recalls/simulate", question);
    ASSERT_EQ(recall.status, 200) << recall.body.substr(0, 1000);

    EXPECT_EQ(recall.number("/certain/items"), 1 + 12 + 5);
    EXPECT_EQ(counts(recall, "/certain/byCustomer", "/code"), (Counts{{"NORTH JACKET", 4}, {"NORTH units", 2}, {"SOUTH JACKET", 2}}));
    EXPECT_EQ(
        counts(recall, "/certain/byPlace", "/code"),
        (Counts{
            {"MAIN JACKET", 2}, {"MAIN CELL", 40}, {"DOCK JACKET", 1}, {"DOCK units", 2}, {"RETURNS JACKET", 3}, {"RETURNS units", 1}}));
    EXPECT_EQ(counts(recall, "/certain/byStatus", "/status"), (Counts{{"in_stock JACKET", 3},
                                                                      {"in_stock CELL", 40},
                                                                      {"in_stock units", 2},
                                                                      {"returned JACKET", 3},
                                                                      {"returned units", 1},
                                                                      {"shipped JACKET", 6},
                                                                      {"shipped units", 2},
                                                                      {"consumed CELL", 60}}));
    EXPECT_EQ(recall.number("/unbalancedItems"), 0);
    EXPECT_EQ(stemma.get("/api/v1/lineage/gaps?count=true").number("/count"), 0);

    stemma.restart();
    EXPECT_EQ(stemma.post("/api/v1/recalls/simulate", question).text("/digest"), recall.text("/digest"));
}

TEST(PackingStoryApi, recalls_a_pallet_alone_and_says_so_or_with_what_is_on_it) {
    StemmaUnderTest stemma{false};
    Story story{stemma};
    story.masters();
    story.make();
    story.pack();
    story.happen(Story::deliver(unit("P1"), "MAIN", "NORTH"), 5);
    const char* path = "/api/v1/recalls/simulate";
    const std::string p1 = unit("P1");
    const Answer alone = stemma.post(path, fmt::format(R"({{"items":["{}"]}})", p1));
    ASSERT_EQ(alone.status, 200) << alone.body;
    EXPECT_FALSE(alone.at("/contents").as_bool());
    EXPECT_EQ(alone.number("/units/0/items"), 10);  // two cartons with four jackets each
    EXPECT_EQ(alone.number("/units/0/lots"), 0);
    EXPECT_EQ(alone.number("/units/0/takenOut"), 0);
    EXPECT_EQ(counts(alone, "/certain/byCustomer", "/code"), (Counts{{"NORTH units", 1}}));

    const std::string question = fmt::format(R"({{"items":["{}"],"contents":true}})", p1);
    const Answer whole = stemma.post(path, question);
    EXPECT_TRUE(whole.at("/contents").as_bool());
    EXPECT_EQ(whole.number("/certain/items"), 11);
    EXPECT_EQ(counts(whole, "/certain/byCustomer", "/code"), (Counts{{"NORTH JACKET", 8}, {"NORTH units", 3}}));
    EXPECT_EQ(whole.count("/seeds"), 1U);
    EXPECT_EQ(whole.count("/massBalances"), 1U);
    const Answer rows = stemma.post(std::string{path} + "?format=csv&fields=id", question);
    EXPECT_NE(rows.body.find("timed=false contents=true items=11"), std::string::npos) << rows.body;

    const Answer opened = stemma.post(path, fmt::format(R"({{"items":["{}"]}})", unit("K3")));
    EXPECT_EQ(opened.number("/units/0/items"), 1);
    EXPECT_EQ(opened.number("/units/0/takenOut"), 1);
    const Answer jacket_alone = stemma.post(path, fmt::format(R"({{"items":["{}"],"contents":true}})", jacket(1)));
    EXPECT_TRUE(jacket_alone.at("/contents").is_null());
    EXPECT_TRUE(jacket_alone.at("/units").is_null());
}

TEST(PackingStoryApi, takes_the_goods_back_when_the_delivery_of_their_pallet_is_declared_wrong) {
    StemmaUnderTest stemma{false};
    Story story{stemma};
    story.masters();
    story.make();
    story.pack();
    const std::string question = fmt::format(R"({{"items":["{}"]}})", kLot);
    const auto ask = [&] { return counts(stemma.post("/api/v1/recalls/simulate", question), "/certain/byCustomer", "/code"); };
    EXPECT_EQ(ask(), Counts{});
    Event delivery = story.happen(Story::deliver(unit("P1"), "MAIN", "NORTH"), 5);
    const Answer delivered = stemma.post("/api/v1/recalls/simulate", question);
    EXPECT_EQ(ask(), (Counts{{"NORTH JACKET", 8}, {"NORTH units", 3}}));
    delivery.error = ErrorDeclaration{kDay, "did_not_occur", {}};
    story.add("/api/v1/events", delivery);
    EXPECT_EQ(ask(), Counts{});

    const Answer then =
        stemma.post("/api/v1/recalls/simulate", fmt::format(R"({{"items":["{}"],"asOf":{}}})", kLot, delivered.number("/asOf")));
    EXPECT_EQ(then.text("/digest"), delivered.text("/digest"));
}

}  // namespace
}  // namespace stemma::http::test
