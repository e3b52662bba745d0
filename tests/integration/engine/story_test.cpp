// The recall of the demo's bad lot against what was planted: story.json is the bookkeeping of the script that made the data, written
// before anything was traced.
#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "core/lineage/recall.hpp"
#include "tests/integration/engine/engine_rig.hpp"
#include "tests/integration/erp/tryton_database.hpp"

namespace stemma {
namespace {

namespace json = boost::json;
using erp::test::Data;
using erp::test::TrytonDatabase;
using lineage::Status;

using Fates = std::map<std::string, std::set<std::string>>;  ///< "on_hand DC" -> serials

json::value story() {
    std::ifstream file{STEMMA_SOURCE_DIR "/tests/support/tryton_demo/story.json"};
    return json::parse(std::string{std::istreambuf_iterator<char>{file}, {}});
}

std::set<std::string> texts_of(const json::value& list) {
    std::set<std::string> texts;
    for (const json::value& text : list.as_array()) texts.emplace(text.as_string());
    return texts;
}

Fates planted(const json::value& fates) {
    Fates all;
    for (const char* split : {"on_hand", "sold"})
        for (const auto& [where, serials] : fates.at(split).as_object())
            all[std::string{split} + " " + std::string{where}] = texts_of(serials);
    for (const char* whole : {"in_transit", "returned", "written_off", "torn_down"})
        if (!fates.at(whole).as_array().empty()) all[whole] = texts_of(fates.at(whole));
    return all;
}

/// The warehouse a place belongs to: its topmost parent's code.
std::string warehouse_of(const lineage::View& view, lineage::PlaceNo place) {
    while (view.place(place).parent != lineage::PlaceNo::none) place = view.place(place).parent;
    return std::string{view.place(place).code};
}

std::string fate_of(const lineage::View& view, const lineage::AffectedItem& item) {
    const lineage::UnitStock& stock = item.stock.units.front();
    switch (item.stock.status) {
        case Status::in_stock:
        case Status::received: return "on_hand " + warehouse_of(view, stock.on_hand.front().place);
        case Status::returned: return "returned";
        case Status::in_transit: return "in_transit";
        case Status::shipped: return "sold " + std::string{view.party(stock.with_customer.front().party).code};
        case Status::consumed: return "torn_down";
        case Status::written_off: return "written_off";
        default: return std::string{to_string(item.stock.status)};
    }
}

class Story : public ::testing::Test {
protected:
    Story() : erp_{{Data::demo, sql::Engine::sqlite}}, rig_{folder_.path()}, story_(story()) { rig_.sync(*erp_.source()); }

    ItemId lot(const std::string& number) {
        return ItemId{"urn:stemma:tryton:lot:" + erp_.rows("SELECT id FROM stock_lot WHERE number = '" + number + "'")[0][0]};
    }

    TrytonDatabase erp_;
    test::TempFolder folder_;
    test::EngineRig rig_;
    json::value story_;
};

TEST_F(Story, the_recall_of_the_bad_lot_finds_exactly_the_planted_serials_by_fate) {
    const lineage::View view = rig_.index().view();
    const lineage::RecallReport report = lineage::recall(view, std::vector{view.find(lot("S4-L17"))});
    Fates certain;
    Fates possible;
    for (const lineage::AffectedItem& item : report.items)
        if (view.kind(item.node) == lineage::NodeKind::serial)
            (item.certain ? certain : possible)[fate_of(view, item)].emplace(view.label(item.node));
    EXPECT_EQ(certain, planted(story_.at("affected").at("fates")));
    EXPECT_EQ(possible, planted(story_.at("affected").at("inferred").at("fates")));
}

TEST_F(Story, the_bad_lots_mass_balance_closes_with_the_planted_quantities) {
    const lineage::View view = rig_.index().view();
    const lineage::MassBalance balance = lineage::balance_of(view, view.find(lot("S4-L17")));
    const lineage::UnitStock& stock = balance.stock.units.front();
    const json::value& bad = story_.at("bad_lot");
    const auto sum = [&](const char* list) {
        std::int64_t total = 0;
        for (const json::value& line : bad.at(list).as_array()) total += line.at("quantity").to_number<std::int64_t>();
        return total * kQuantityScale;
    };
    EXPECT_TRUE(balance.closes());
    EXPECT_EQ(stock.received, sum("receipts"));
    EXPECT_EQ(stock.consumed, sum("used"));
    EXPECT_EQ(stock.returned_to_supplier, bad.at("returned_to_supplier").to_number<std::int64_t>() * kQuantityScale);
    EXPECT_EQ(stock.written_off, bad.at("written_off").to_number<std::int64_t>() * kQuantityScale);
    std::int64_t on_hand = 0;
    for (const auto& [place, quantity] : bad.at("on_hand").as_object()) on_hand += quantity.to_number<std::int64_t>() * kQuantityScale;
    EXPECT_EQ(stock.on_hand_total(), on_hand);
    EXPECT_EQ(stock.with_customer_total(), 4 * kQuantityScale);
}

TEST_F(Story, items_of_unfinished_or_cancelled_documents_do_not_count) {
    const lineage::View view = rig_.index().view();
    for (const std::string& number : texts_of(story_.at("must_not_count"))) {
        const lineage::Node node = view.find(lot(number));
        if (node == lineage::Node::none) continue;
        EXPECT_EQ(lineage::stock_of(view, node).status, Status::unknown) << number;
    }
}

TEST_F(Story, a_serial_sold_twice_is_with_the_second_customer) {
    const lineage::View view = rig_.index().view();
    const lineage::ItemStock stock = lineage::stock_of(view, view.find(lot("HJ26-00148")));
    EXPECT_EQ(stock.status, Status::shipped);
    ASSERT_EQ(stock.units.front().with_customer.size(), 1U);
    EXPECT_EQ(view.party(stock.units.front().with_customer.front().party).code, "C17");
}

}  // namespace
}  // namespace stemma
