// The texts of lineage answers: whole and in order, as of the answer's position, and with the index's writer free meanwhile.
#include <gtest/gtest.h>

#include <future>

#include "adapters/http/api_lineage.hpp"
#include "adapters/memory/memory_store.hpp"
#include "tests/unit/lineage/builders.hpp"

namespace stemma::http {
namespace {

using lineage::Fed;
using lineage::View;

class LineageTextTest : public testing::Test {
protected:
    LineageTextTest() {
        fed.add_master(lineage::product("urn:p", Tracking::serial));
        fed.add_master(lineage::item("urn:i:1", ItemKind::serial, "urn:p", "S-1"));
        fed.add_master(place("Old store"));
        fed.add(lineage::with_document(lineage::received({lineage::instance("urn:i:1")}, "urn:supplier", "urn:place"), "desadv", "urn:d"));
    }

    [[nodiscard]] static Place place(std::string name) {
        Place record = lineage::place("urn:place", PlaceKind::stock);
        record.name = std::move(name);
        return record;
    }
    /// The writer takes in an entry at once, from a thread of its own. Once it could not, it is not asked again.
    [[nodiscard]] bool writer_is_free() {
        if (writing.valid()) return false;
        writing = std::async(std::launch::async, [&] { fed.add_master(lineage::item("urn:i:more", ItemKind::serial, "urn:p")); });
        if (writing.wait_for(std::chrono::seconds{5}) != std::future_status::ready) return false;
        writing.get();
        return true;
    }
    [[nodiscard]] lineage::MassBalance balance(Sequence as_of) const {
        const View view = fed.index.view(as_of);
        return lineage::balance_of(view, view.find(ItemId{"urn:i:1"}));
    }

    Fed fed;
    std::unique_ptr<Store> store{memory::make_store()};
    std::unique_ptr<ReadSnapshot> snapshot{store->read().value()};
    engine::Limits limits;
    DisplayNames names{*snapshot, fed.index, limits};
    std::future<void> writing;  ///< waits for a writer that was kept waiting when the test ends
};

TEST_F(LineageTextTest, slices_hold_every_row_once_and_in_order) {
    for (const std::size_t count : {std::size_t{0}, std::size_t{1}, kSliceRows - 1, kSliceRows, kSliceRows + 1, 2 * kSliceRows + 1}) {
        std::vector<std::size_t> rows(count);
        for (std::size_t i = 0; i < count; ++i) rows[i] = i;
        std::vector<std::size_t> written;
        in_slices(
            LineageText{fed.index.view(4), names}, rows, [](const View& view, std::size_t row) { return row + view.as_of(); },
            [&](std::size_t row, std::size_t text) {
                EXPECT_EQ(text, row + 4);
                written.push_back(row);
            });
        EXPECT_EQ(written, rows);
    }
}

TEST_F(LineageTextTest, the_writer_is_free_while_rows_are_written) {
    const std::vector<int> rows(kSliceRows + 1);
    std::size_t written = 0;
    in_slices(
        LineageText{fed.index.view(4), names}, rows, [](const View&, int row) { return row; },
        [&](int, int) {
            if (written++ % kSliceRows == 0) {
                EXPECT_TRUE(writer_is_free());
            }
        });
    EXPECT_EQ(written, kSliceRows + 1);
    EXPECT_EQ(fed.index.position(), 6U);
}

TEST_F(LineageTextTest, edges_are_those_of_the_walk_when_they_were_merged_meanwhile) {
    fed.add(lineage::transformation("urn:order", {lineage::instance("urn:i:1")}, {lineage::instance("urn:i:2")}));
    const View view = fed.index.view();
    const std::vector seeds{view.find(ItemId{"urn:i:1"})};
    const lineage::Trace found = lineage::trace(view, seeds, lineage::Direction::forward);
    ASSERT_EQ(found.nodes.size(), 3U);
    const LineageText text{view, names};
    fed.add(lineage::transformation("urn:order:more", {lineage::instance("urn:i:1")}, {lineage::instance("urn:i:3")}));
    fed.index.merge();
    std::vector<std::string> written;
    in_slices(
        text, found.nodes,
        [](const View& seen, const lineage::Reached& reached) {
            if (reached.previous == lineage::kNone) return std::string{"seed"};
            const lineage::Edge edge = seen.edge(reached.edge);
            return std::string{to_string(edge.kind)} + " by entry " + std::to_string(edge.sequence);
        },
        [&](const lineage::Reached&, const std::string& shown) { written.push_back(shown); });
    EXPECT_EQ(written, (std::vector<std::string>{"seed", "consumed by entry 4", "produced by entry 4"}));
}

TEST_F(LineageTextTest, slices_end_when_the_time_is_over) {
    std::atomic<bool> over{false};
    const std::vector<int> rows(3 * kSliceRows);
    std::size_t written = 0;
    in_slices(
        LineageText{fed.index.view(4), names, &over}, rows, [](const View&, int row) { return row; },
        [&](int, int) { over = ++written > kSliceRows; });
    EXPECT_EQ(written, 2 * kSliceRows);  // the slice in which it came to its end
}

TEST_F(LineageTextTest, no_look_outlasts_its_answer) {
    LineageText text{fed.index.view(4), names};
    const lineage::MassBalance found = balance(4);
    const lineage::PlaceNo place = found.stock.units.at(0).on_hand.at(0).place;
    EXPECT_EQ(text.place(place).name, "Old store");
    EXPECT_TRUE(writer_is_free());
    EXPECT_EQ(text.unit(found.units.at(0).unit), "C62");
    EXPECT_TRUE(writer_is_free());
    EXPECT_EQ(text.party(lineage::PartyNo{0}).id, "urn:supplier");
    EXPECT_TRUE(writer_is_free());
    EXPECT_EQ(text.product(lineage::ProductNo{0}).code, "SKU-urn:p");
    EXPECT_TRUE(writer_is_free());
    EXPECT_EQ(text.document(lineage::DocumentNo{0}).number, "No urn:d");
    EXPECT_TRUE(writer_is_free());
}

TEST_F(LineageTextTest, texts_are_those_of_the_position) {
    const lineage::PlaceNo number = balance(4).stock.units.at(0).on_hand.at(0).place;
    fed.add_master(place("New store"));
    EXPECT_EQ((LineageText{fed.index.view(4), names}.place(number).name), "Old store");
    EXPECT_EQ((LineageText{fed.index.view(5), names}.place(number).name), "New store");
}

TEST_F(LineageTextTest, a_text_that_was_shown_stays_for_the_answer) {
    LineageText text{fed.index.view(lineage::kLatest), names};
    const lineage::PlaceNo number = balance(4).stock.units.at(0).on_hand.at(0).place;
    const LineageText::Named& shown = text.place(number);
    fed.add_master(place("New store"));
    EXPECT_EQ(text.place(number).name, "Old store");
    EXPECT_EQ(&text.place(number), &shown);
}

TEST_F(LineageTextTest, says_that_no_party_is_named) {
    LineageText text{fed.index.view(4), names};
    EXPECT_EQ(text.party(lineage::PartyNo::none).name, "no party named");
    EXPECT_EQ(text.party(lineage::PartyNo::none).id, "");
    EXPECT_EQ(text.party(lineage::PartyNo{0}).name, "urn:supplier");  // the store knows no better
}

TEST_F(LineageTextTest, an_items_stock_is_written_without_a_view) {
    json::Writer out;
    out.begin_object();
    write_stock_of(out, fed.index, names, ItemId{"urn:i:1"}, lineage::kLatest);
    out.end_object();
    EXPECT_EQ(
        out.take(),
        R"({"asOf":4,"status":"received","stock":[{"uom":"C62","onHand":[{"place":"urn:place","code":"CODE-urn:place","name":"Old store",)"
        R"("quantity":1}],"received":1}],"massBalance":{"closes":true,"units":[{"uom":"C62","inflow":1,"outflow":0,"onHand":1,"inTransit":0,)"
        R"("difference":0}]}})");
    json::Writer unknown;
    unknown.begin_object();
    write_stock_of(unknown, fed.index, names, ItemId{"urn:i:nobody"}, 3);
    unknown.end_object();
    EXPECT_EQ(unknown.take(), R"({"asOf":3})");
}

}  // namespace
}  // namespace stemma::http
