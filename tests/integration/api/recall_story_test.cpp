// S1 over the API: 60,000 jackets recorded by commands, then the recall of the supplier's lot with its counts, documents and digest.
#include <fmt/format.h>

#include "core/ledger/codec_parts.hpp"
#include "tests/integration/api/stemma_under_test.hpp"
#include "tests/support/heater_story.hpp"

namespace stemma::http::test {
namespace {

using stemma::test::Fate;
using stemma::test::HeaterStory;
using stemma::test::StorySerial;

constexpr std::size_t kBatchBytes = 2'000'000;
constexpr std::int64_t kYear = 365 * kMicrosPerDay;

/// Sends records as arrays that stay below the limits of one request.
class Sender {
public:
    Sender(StemmaUnderTest& stemma, std::string target) : stemma_{stemma}, target_{std::move(target)} {}
    template <class Record>
    void add(const Record& record) {
        json::Writer out;
        json::write(out, record);
        body_ += (body_.empty() ? "[" : ",") + out.take();
        if (body_.size() > kBatchBytes || ++count_ == 1000) send();
    }
    void send() {
        if (body_.empty()) return;
        const Answer answer = stemma_.post(target_, body_ + "]");
        ASSERT_LT(answer.status, 300) << answer.body.substr(0, 1000);
        body_.clear();
        count_ = 0;
    }

private:
    StemmaUnderTest& stemma_;
    std::string target_;
    std::string body_;
    std::size_t count_{0};
};

void record(StemmaUnderTest& stemma, const HeaterStory& story) {
    Sender masters{stemma, "/api/v1/master"};
    for (const EntryBody& body : story.entries)
        if (const Master* master = std::get_if<Master>(&body)) masters.add(*master);
    masters.send();
    Sender events{stemma, "/api/v1/events"};
    for (const EntryBody& body : story.entries)
        if (const Event* event = std::get_if<Event>(&body)) {
            Event earlier = *event;  // a command's event must not be in the future, whatever day it is
            earlier.time.instant.us -= kYear;
            events.add(earlier);
        }
    events.send();
}

std::int64_t planted(const HeaterStory& story, Fate fate) {
    return std::ranges::count_if(story.serials, [&](const StorySerial& serial) { return story.is_bad(serial) && serial.fate == fate; });
}

using Counts = std::map<std::string, std::int64_t>;

Counts planted_by_customer(const HeaterStory& story) {
    Counts planted;
    for (const StorySerial& serial : story.serials)
        if (story.is_bad(serial) && serial.fate == Fate::sold) ++planted[fmt::format("C{:02}", serial.customer + 1)];
    return planted;
}

/// Items and pieces, which are the same for jackets.
Counts jackets_by_customer(const Answer& recall) {
    Counts found;
    for (std::size_t i = 0; i < recall.count("/certain/byCustomer"); ++i) {
        const std::string at = fmt::format("/certain/byCustomer/{}", i);
        found[recall.text(at + "/code")] = recall.number(at + "/items");
        EXPECT_EQ(recall.number(at + "/amounts/0/quantity"), recall.number(at + "/items"));
        EXPECT_EQ(recall.text(at + "/byProduct/0/sku"), "JACKET");
    }
    return found;
}

void hold_balance(const Answer& recall, const stemma::test::StoryHeaterLot& lot) {
    const std::string unit = "/massBalances/0/balance/units/0";
    const std::int64_t out = lot.consumed + lot.returned_to_supplier + lot.written_off;
    EXPECT_EQ(recall.number(unit + "/inflow"), lot.received);
    EXPECT_EQ(recall.number(unit + "/outflow"), out);
    EXPECT_EQ(recall.number(unit + "/onHand"), lot.received - out);
    EXPECT_EQ(recall.number(unit + "/inTransit"), 0);
    EXPECT_EQ(recall.number(unit + "/difference"), 0);
}

/// On the delivery notes is every jacket that was sold, on the returns every one that came back, each once.
void hold_documents(const Answer& recall, const HeaterStory& story) {
    Counts items;
    for (std::size_t i = 0; i < recall.count("/documents"); ++i) {
        const std::string at = fmt::format("/documents/{}", i);
        EXPECT_EQ(recall.at(at + "/certain"), true);
        items[recall.text(at + "/movement")] += recall.number(at + "/items");
    }
    EXPECT_EQ(items["shipped"], planted(story, Fate::sold) + planted(story, Fate::returned));
    EXPECT_EQ(items["returned_by_customer"], planted(story, Fate::returned));
}

TEST(RecallStoryApi, answers_s1_with_the_planted_numbers) {
    const HeaterStory story = stemma::test::make_heater_story();
    StemmaUnderTest stemma{false};
    record(stemma, story);
    const Answer recall = stemma.post("/api/v1/recalls/simulate", R"({"items":["S4-L17"]})");
    ASSERT_EQ(recall.status, 200) << recall.body.substr(0, 1000);

    std::map<std::string, std::int64_t> jackets;
    std::int64_t all = 0;
    for (std::size_t i = 0; i < recall.count("/items"); ++i) {
        const std::string at = fmt::format("/items/{}", i);
        if (recall.text(at + "/kind") != "serial") continue;
        ++all;
        ++jackets[recall.text(at + "/status")];
    }
    EXPECT_EQ(all, 1'842);
    const std::map<std::string, std::int64_t> expected{{"in_stock", planted(story, Fate::on_hand)},
                                                       {"in_transit", planted(story, Fate::in_transit)},
                                                       {"shipped", planted(story, Fate::sold)},
                                                       {"returned", planted(story, Fate::returned)},
                                                       {"written_off", planted(story, Fate::written_off)}};
    EXPECT_EQ(jackets, expected);
    EXPECT_EQ(recall.at("/massBalances/0/balance/closes"), true);
    EXPECT_EQ(recall.number("/unbalancedItems"), 0);
    EXPECT_EQ(jackets_by_customer(recall), planted_by_customer(story));
    EXPECT_EQ(recall.count("/certain/byCustomer"), stemma::test::kStoryCustomers);
    EXPECT_EQ(recall.number("/possible/items"), 0);
    hold_balance(recall, story.heater_lots[story.bad_lot]);
    hold_documents(recall, story);
    EXPECT_EQ(stemma.get("/api/v1/lineage/gaps?item=S4-L17&count=true").number("/count"), 0);
    const Answer again = stemma.post("/api/v1/recalls/simulate", R"({"items":["S4-L17"],"listItems":false})");
    EXPECT_EQ(again.text("/digest"), recall.text("/digest"));
    stemma.restart();
    EXPECT_EQ(stemma.post("/api/v1/recalls/simulate", R"({"items":["S4-L17"]})").text("/digest"), recall.text("/digest"));
}

}  // namespace
}  // namespace stemma::http::test
