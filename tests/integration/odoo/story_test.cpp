// A small story in tables of ours, with every trap that the notes on Odoo's tables name: what each line becomes, worked out by hand from
// the story (shapes/story.sql); and the same story in the shapes of the versions before, which must become the same, item by item.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>

#include "core/lineage/stock.hpp"
#include "core/lineage/trace.hpp"
#include "tests/integration/engine/engine_rig.hpp"
#include "tests/integration/erp/tryton_database.hpp"
#include "tests/integration/odoo/odoo_database.hpp"

namespace stemma::erp {
namespace {

using lineage::Direction;
using lineage::Node;
using test::OdooDatabase;
using Texts = std::set<std::string>;

constexpr std::string_view kIds = "urn:stemma:odoo:";

/// "lot:7" of "urn:stemma:odoo:lot:7".
std::string short_id(std::string_view id) { return std::string{id.starts_with(kIds) ? id.substr(kIds.size()) : id}; }

std::string mapping_of(int version) { return version >= 18 ? "odoo-18" : version >= 16 ? "odoo-16-17" : "odoo-13-15"; }

std::string words(const char* before, const std::vector<ItemQuantity>& items) {
    std::string text;
    for (const ItemQuantity& one : items) {
        text += fmt::format(" {}{}", before, short_id(one.item.str()));
        if (one.quantity)
            text += fmt::format("*{}{}", format_micros(one.quantity->micros), one.quantity->unit == "C62" ? "" : one.quantity->unit);
    }
    return text;
}

std::string ends(const std::vector<SourceDest>& list) { return list.empty() ? std::string{} : short_id(list.front().id); }

/// An event in one line: step, with + for ADD and - for DELETE; what; its transformation; from>to; documents.
std::string words(const Event& event) {
    std::string text = event.biz_step;
    if (event.action == Action::add) text += '+';
    if (event.action == Action::remove) text += '-';
    if (event.disposition == "returned") text += " back";
    text += words("", event.items) + words("in ", event.inputs) + words("out ", event.outputs);
    if (!event.parent.empty()) text += " of " + short_id(event.parent.str());
    if (!event.transformation.empty()) text += fmt::format(" ({})", short_id(event.transformation.str()));
    if (!event.sources.empty() || !event.destinations.empty()) text += fmt::format(" {}>{}", ends(event.sources), ends(event.destinations));
    for (const BizTransaction& document : event.documents) text += ' ' + short_id(document.id.str());
    return text;
}

using Records = std::map<std::string, SourceRecord>;  // "moves 17"

Records read(ErpSource& source) {
    Records records;
    for (SourceBatch& batch : test::read_all(source)) {
        for (const SourceReject& reject : batch.rejects) ADD_FAILURE() << reject.query << ' ' << reject.key << ": " << reject.reason;
        for (SourceRecord& record : batch.records) records.emplace(record.query + ' ' + record.key, std::move(record));
    }
    return records;
}

std::map<std::string, std::string> events_in(const Records& records) {
    std::map<std::string, std::string> events;
    for (const auto& [key, record] : records)
        if (const auto* event = std::get_if<Event>(&record.record)) events[key] = words(*event);
    return events;
}

const std::map<std::string, std::string> kEvents{
    // 1 kg of paste is 1000 g. Lines 4 (reserved), 5 (cancelled) and 7 (of nothing) are not here.
    {"moves 1", "receiving lot:1*100 party:1>place:8 receipt:1 purchase_order:1"},
    {"moves 2", "receiving lot:2*50 party:1>place:8 receipt:1 purchase_order:1"},
    {"moves 3", "receiving lot:3*1000GRM party:1>place:8 receipt:1 purchase_order:1"},
    {"moves 6", "stock_taking+ product:3*500 >place:8"},
    // One order, one pack and a by-product. Scrap within an order is no input of it.
    {"moves 10", "commissioning in lot:1*10 (production:1) place:8> production_order:1"},
    {"moves 11", "commissioning in lot:3*2GRM (production:1) place:8> production_order:1"},
    {"moves 12", "commissioning in product:3*4 (production:1) place:8> production_order:1"},
    {"moves 13", "commissioning out lot:4 (production:1) >place:8 production_order:1"},
    {"moves 14", "commissioning out product:6*1 (production:1) >place:8 production_order:1"},
    {"moves 15", "destroying- lot:1*2 place:8> production_order:1 scrap_order:1"},
    // Two packs in one order, each with its own cells: two transformations.
    {"moves 20", "commissioning in lot:1*10 (production:2) place:8> production_order:2"},
    {"moves 21", "commissioning in lot:2*10 (production:2-23) place:8> production_order:2"},
    {"moves 22", "commissioning out lot:5 (production:2) >place:8 production_order:2"},
    {"moves 23", "commissioning out lot:6 (production:2-23) >place:8 production_order:2"},
    // Two lots that share cells cannot be parted.
    {"moves 30", "commissioning in lot:1*5 (production:3) place:8> production_order:3"},
    {"moves 31", "commissioning in lot:2*5 (production:3) place:8> production_order:3"},
    {"moves 32", "commissioning out lot:9*1 (production:3) >place:8 production_order:3"},
    {"moves 33", "commissioning out lot:10*1 (production:3) >place:8 production_order:3"},
    {"moves 40", "commissioning in lot:4 (production:4) place:8> production_order:4"},
    {"moves 41", "commissioning in product:3*6 (production:4) place:8> production_order:4"},
    {"moves 42", "commissioning in lot:3*3GRM (production:4) place:8> production_order:4"},
    {"moves 43", "commissioning out lot:7 (production:4) >place:8 production_order:4"},
    {"moves 50", "commissioning in lot:5 (production:5) place:8> production_order:5"},
    {"moves 51", "commissioning out lot:8 (production:5) >place:8 production_order:5"},
    // To an address of party 2.
    {"moves 60", "shipping lot:7 place:8>party:2 customer_delivery:2 sales_order:1"},
    {"moves 61", "receiving back lot:7 party:2>place:8 customer_return:3 sales_order:1"},
    // The pack removed is no part of the repair, though it is marked as scrap and linked by Odoo.
    {"moves 70", "repairing in lot:6 (repair:1) place:8> repair_order:1"},
    {"moves 71", "removing- lot:4 of lot:7 repair_order:1"},
    {"moves 72", "commissioning+ lot:3*1GRM >place:8 repair_order:1"},
    {"moves 73", "repairing in lot:7 out lot:7 (repair:1) place:8>place:8 repair_order:1"},
    // A serial comes out of the unit; cells go back to their lot, and the ribbon is gone.
    {"moves 80", "disassembling in lot:8 (unbuild:1) place:8> unbuild_order:1"},
    {"moves 81", "disassembling out lot:5 (unbuild:1) >place:8 unbuild_order:1"},
    {"moves 82", "commissioning in lot:5 (production:6) place:8> production_order:6"},
    {"moves 83", "commissioning out lot:15 (production:6) >place:8 production_order:6"},
    {"moves 84", "decommissioning- lot:9*1 place:8> unbuild_order:2"},
    {"moves 85", "commissioning+ lot:1*5 >place:8 unbuild_order:2"},
    {"moves 90", "shipping back lot:2*3 place:8>party:1 supplier_return:4 purchase_order:1"},
    {"moves 91", "storing lot:1*7 place:8>place:9 internal_transfer:7"},
    {"moves 92", "transporting lot:1*4 place:8>place:6"},
    {"moves 93", "arriving lot:1*4 place:6>place:21"},
    {"moves 94", "destroying- lot:1*1 place:8> scrap_order:2"},
    {"moves 95", "stock_taking- lot:1*1 place:8>"},
    {"moves 96", "storing lot:1*10 place:8>place:8"},
    {"moves 97", "storing lot:1*10 place:8>place:21 internal_transfer:7"},
    {"moves 98", "shipping lot:1*10 place:21>party:4 customer_delivery:5"},
    {"moves 99", "storing lot:1*6 place:8>place:8"},
    {"moves 100", "storing lot:1*6 place:8>place:8"},
    // Whom a shop sells to, and who delivered to the other company, is not told.
    {"moves 101", "shipping lot:1*1 place:8>party:at-5"},
    {"moves 103", "receiving lot:11*9 party:at-4>place:31"},
    // Bought of party 1, sold to party 2, never in a warehouse.
    {"drop_halves 102", "receiving lot:12 party:1>place:5 drop_shipment:6 purchase_order:2"},
    {"moves 102", "shipping lot:12 place:5>party:2 drop_shipment:6 purchase_order:2 sales_order:2"},
    // A package of two serials has one movement for both of their lines.
    {"moves 104", "receiving lot:17 party:1>place:8 receipt:1"},
    {"moves 105", "receiving lot:18 party:1>place:8 receipt:1"},
    {"moves 106", "storing lot:17 place:8>place:21 internal_transfer:7"},
    {"moves 107", "storing lot:18 place:8>place:21 internal_transfer:7"},
    {"moves 108", "shipping lot:17 place:21>party:4 customer_delivery:5"},
    {"moves 109", "shipping lot:18 place:21>party:4 customer_delivery:5"},
    {"packings pack-104", "packing+ lot:17 of package:4 receipt:1"},
    {"packings pack-105", "packing+ lot:18 of package:4 receipt:1"},
    {"package_moves 106", "storing package:4 place:8>place:21 internal_transfer:7"},
    {"package_moves 108", "shipping package:4 place:21>party:4 customer_delivery:5"},
    {"packings pack-60", "packing+ lot:7 of package:1 customer_delivery:2"},
    {"packings unpack-61", "unpacking- lot:7 of package:1 customer_return:3"},
    {"packings pack-96", "packing+ lot:1*10 of package:2"},
    {"packings pack-99", "packing+ lot:1*6 of package:3"},
    {"packings unpack-100", "unpacking- lot:1*6 of package:3"},
    // Packages 2 and 3 hold a lot: their goods' lines say where they are.
    {"package_moves 97", " package:2 internal_transfer:7"},
    {"package_moves 98", " package:2 customer_delivery:5"},
    {"package_moves 60", "shipping package:1 place:8>party:2 customer_delivery:2"},
};

class OdooStory : public ::testing::Test {
protected:
    void SetUp() override {
        if (!erp.missing().empty()) GTEST_SKIP() << erp.missing();
    }
    OdooDatabase erp{test::odoo_story(18)};
    std::shared_ptr<const Mapping> mapping{test::odoo_mapping("odoo-18")};
};

TEST_F(OdooStory, each_line_becomes_what_it_means) {
    const auto events = events_in(read(*erp.source(mapping)));
    for (const auto& [key, event] : events) EXPECT_EQ(event, kEvents.contains(key) ? kEvents.at(key) : "not told") << key;
    EXPECT_EQ(events.size(), kEvents.size());
}

TEST_F(OdooStory, times_without_a_zone_are_utc) {
    const Records records = read(*erp.source(mapping));
    EXPECT_EQ(format_instant(std::get<Event>(records.at("moves 1").record).time.instant), "2026-03-01T23:30:00Z");
    EXPECT_FALSE(std::get<Event>(records.at("moves 1").record).time.date_only);
}

TEST_F(OdooStory, master_data_has_numbers_dates_companies_and_contacts) {
    const Records records = read(*erp.source(mapping));
    const auto& paste = std::get<Product>(std::get<Master>(records.at("products 2").record));
    EXPECT_EQ(paste.name, "Paste");
    EXPECT_EQ(paste.unit, "GRM");
    EXPECT_EQ(paste.tracking, Tracking::lot);
    EXPECT_EQ(std::get<Product>(std::get<Master>(records.at("products 1").record)).attributes,
              (Attributes{{"company", "Works"}, {"gtin", "4006381333931"}}));
    EXPECT_TRUE(std::get<Product>(std::get<Master>(records.at("products 3").record)).attributes.empty());  // "no number" is none
    const auto& lot = std::get<Item>(std::get<Master>(records.at("lots 3").record));
    EXPECT_EQ(lot.identifiers, (std::vector<Identifier>{{"lot", "T-1"}, {"reference", "our 77"}}));
    EXPECT_EQ(lot.attributes, (Attributes{{"bestBeforeDate", "2026-12-31"}, {"itemExpirationDate", "2027-01-31"}}));
    EXPECT_EQ(std::get<Item>(std::get<Master>(records.at("lots 4").record)).kind, ItemKind::serial);
    // The same number in two companies is two lots.
    EXPECT_EQ(std::get<Item>(std::get<Master>(records.at("lots 11").record)).attributes, (Attributes{{"company", "Annex"}}));
    EXPECT_EQ(std::get<Item>(std::get<Master>(records.at("packages 2").record)).identifiers.front().scheme, "sscc");
    EXPECT_EQ(std::get<Place>(std::get<Master>(records.at("places 8").record)).kind, PlaceKind::stock);
    EXPECT_EQ(std::get<Place>(std::get<Master>(records.at("places 6").record)).kind, PlaceKind::transit);
    EXPECT_EQ(std::get<Place>(std::get<Master>(records.at("places 15").record)).kind, PlaceKind::outside);
    EXPECT_EQ(records.at("parties 2").contact->contact, "Quay 4, 5003 Bergen, +47 5550, desk@harbour.example");
    EXPECT_EQ(records.at("parties 1").contact->contact, "sales@nordcell.example");
    EXPECT_EQ(records.at("parties at-5").contact->name, "Partners/Customers");
    EXPECT_FALSE(records.contains("parties 3"));  // an address of party 2
}

TEST_F(OdooStory, properties_of_a_lot_are_told_by_the_names_that_the_product_gives_them) {
    erp.run(R"(UPDATE product_product SET lot_properties_definition =
                 '[{"name": "a1", "string": "Weight", "type": "float"}, {"name": "b2", "string": "Oven", "type": "char"},
                   {"name": "c3", "string": "Shift", "type": "char"}]' WHERE id = 1;
               UPDATE stock_lot SET lot_properties = '{"a1": 12.5, "b2": "North", "c3": null}' WHERE id = 1)");
    const Records records = read(*erp.source(mapping));
    EXPECT_EQ(std::get<Item>(std::get<Master>(records.at("lots 1").record)).attributes.at("properties"), "Oven=North, Weight=12.5");
    EXPECT_TRUE(std::get<Item>(std::get<Master>(records.at("lots 2").record)).attributes.empty());
}

TEST_F(OdooStory, without_the_other_modules_stock_is_read_all_the_same) {
    erp.run(R"(DROP TABLE mrp_production, mrp_unbuild, repair_order, purchase_order, purchase_order_line, sale_order, sale_order_line;
               ALTER TABLE stock_move DROP COLUMN production_id, DROP COLUMN raw_material_production_id, DROP COLUMN unbuild_id,
                 DROP COLUMN consume_unbuild_id, DROP COLUMN repair_id, DROP COLUMN repair_line_type, DROP COLUMN purchase_line_id,
                 DROP COLUMN sale_line_id;
               ALTER TABLE stock_lot DROP COLUMN expiration_date, DROP COLUMN use_date, DROP COLUMN removal_date)");
    const auto events = events_in(read(*erp.source(mapping)));
    EXPECT_EQ(events.at("moves 1"), "receiving lot:1*100 party:1>place:8 receipt:1");
    EXPECT_EQ(events.at("moves 60"), "shipping lot:7 place:8>party:2 customer_delivery:2");
    EXPECT_EQ(events.size(), kEvents.size());
}

// --- what comes of it ---------------------------------------------------------------------------------------------------------------

class Story {
public:
    explicit Story(const OdooDatabase& erp, const std::string& mapping) : source{erp.source(test::odoo_mapping(mapping))} {
        const engine::SyncReport report = rig.sync(*source);
        EXPECT_EQ(report.sum.rejected, 0U);
    }
    [[nodiscard]] Node node(const std::string& id) { return rig.index().view().find(ItemId{std::string{kIds} + id}); }
    /// Labels of the certain items that an item came from or went into, itself left out.
    [[nodiscard]] Texts walk(const std::string& id, Direction direction) {
        const lineage::View view = rig.index().view();
        lineage::TraceOptions options;
        options.include_inferred = false;
        Texts labels;
        const lineage::Trace trace = lineage::trace(view, std::vector{node(id)}, direction, options);
        for (const lineage::Reached& reached : trace.nodes)
            if (!view.is_transformation(reached.node) && reached.depth > 0) labels.emplace(view.label(reached.node));
        return labels;
    }
    [[nodiscard]] std::map<std::string, std::int64_t> on_hand(const std::string& id) {
        const lineage::View view = rig.index().view();
        std::map<std::string, std::int64_t> places;
        const lineage::ItemStock stock = lineage::stock_of(view, node(id));
        for (const lineage::PlaceAmount& amount : stock.units.front().on_hand)
            places[std::string{view.place(amount.place).name}] = amount.micros / kQuantityScale;
        return places;
    }
    [[nodiscard]] lineage::Status status(const std::string& id) { return lineage::stock_of(rig.index().view(), node(id)).status; }

    stemma::test::TempFolder folder;
    stemma::test::EngineRig rig{folder.path()};
    std::unique_ptr<ErpSource> source;
};

/// Worked out from the story. C-1 went into P-1, P-2 and both ribbons, and in part into a package that was not unpacked; C-2 into P-3 and
/// both ribbons. L-3 has the pack of L-2.
void expect_traces(Story& story) {
    EXPECT_EQ(story.walk("lot:1", Direction::forward), (Texts{"P-1", "P-2", "R-1", "R-2", "L-1", "L-2", "L-3", "340123450000000018"}));
    EXPECT_EQ(story.walk("lot:2", Direction::forward), (Texts{"P-3", "R-1", "R-2", "L-1"}));
    EXPECT_EQ(story.walk("lot:3", Direction::forward), (Texts{"P-1", "L-1"}));
    EXPECT_EQ(story.walk("lot:11", Direction::forward), Texts{});
    EXPECT_EQ(story.walk("lot:5", Direction::back), (Texts{"C-1", "L-2"}));
    EXPECT_EQ(story.walk("lot:6", Direction::back), (Texts{"C-2"}));
    EXPECT_EQ(story.walk("lot:9", Direction::back), (Texts{"C-1", "C-2"}));
    EXPECT_EQ(story.walk("lot:7", Direction::back), (Texts{"P-1", "P-3", "C-1", "C-2", "T-1"}));
    EXPECT_EQ(story.walk("lot:15", Direction::back), (Texts{"P-2", "L-2", "C-1"}));
}

TEST_F(OdooStory, leads_to_the_traces_that_it_tells) {
    Story story{erp, "odoo-18"};
    expect_traces(story);
}

/// 100 C-1 came in; 10, 10 and 5 were used, 2 and 1 scrapped, 1 counted short, 5 came back from a ribbon, 10 and 1 were sold.
TEST_F(OdooStory, leads_to_the_stock_that_it_tells) {
    Story story{erp, "odoo-18"};
    EXPECT_EQ(story.on_hand("lot:1"), (std::map<std::string, std::int64_t>{{"WH/Stock", 54}, {"WH/Stock/Shelf", 7}, {"W2/Stock", 4}}));
    EXPECT_EQ(story.on_hand("lot:3"), (std::map<std::string, std::int64_t>{{"WH/Stock", 1000 - 2 - 3 + 1}}));
    EXPECT_EQ(story.status("lot:4"), lineage::Status::consumed);
    EXPECT_EQ(story.status("lot:7"), lineage::Status::in_stock);
    EXPECT_EQ(story.status("lot:8"), lineage::Status::consumed);
    EXPECT_EQ(story.status("lot:9"), lineage::Status::written_off);
    EXPECT_EQ(story.status("lot:12"), lineage::Status::shipped);
    EXPECT_EQ(story.status("package:1"), lineage::Status::shipped);
    EXPECT_EQ(story.status("package:4"), lineage::Status::shipped);
    EXPECT_EQ(story.status("lot:17"), lineage::Status::shipped);
    EXPECT_EQ(story.status("package:2"), lineage::Status::unknown);
    EXPECT_EQ(story.status("package:3"), lineage::Status::unknown);
    const lineage::View view = story.rig.index().view();
    for (const std::string& lot : erp.column("SELECT id FROM stock_lot")) {
        const Node node = story.node("lot:" + lot);
        EXPECT_TRUE(lineage::balance_closes(view, lineage::stock_of(view, node))) << "lot " << lot;
    }
}

TEST_F(OdooStory, a_renamed_lot_keeps_its_history) {
    Story story{erp, "odoo-18"};
    const Node before = story.node("lot:1");
    erp.run("UPDATE stock_lot SET name = 'C-1 BIS', write_date = '2026-10-02' WHERE id = 1");
    const engine::SyncReport report = story.rig.sync(*story.source);
    EXPECT_EQ(report.sum.changed, 1U);
    EXPECT_EQ(report.sum.added + report.sum.vanished, 0U);
    EXPECT_EQ(story.node("lot:1"), before);
    EXPECT_EQ(story.rig.index().view().label(before), "C-1 BIS");
    EXPECT_EQ(story.walk("lot:6", Direction::forward), (Texts{"L-1"}));
    EXPECT_TRUE(story.walk("lot:4", Direction::back).contains("C-1 BIS"));
}

/// Odoo takes a deleted lot off its lines without a new write_date: reading in full finds it.
TEST_F(OdooStory, a_deleted_lot_is_found_by_a_reading_in_full) {
    Story story{erp, "odoo-18"};
    erp.run("UPDATE stock_move_line SET lot_id = NULL WHERE lot_id = 10; DELETE FROM stock_lot WHERE id = 10");
    story.rig.sync(*story.source, true);
    EXPECT_FALSE(story.walk("lot:2", Direction::forward).contains("R-2"));
    EXPECT_TRUE(story.walk("lot:2", Direction::forward).contains("R-1"));
}

/// A line that was reserved when it was first looked at becomes an event when it is done, at its own time.
TEST_F(OdooStory, a_reserved_line_counts_from_when_it_is_done) {
    Story story{erp, "odoo-18"};
    erp.run(
        "UPDATE stock_move SET state = 'done', raw_material_production_id = 6, write_date = '2026-10-02' WHERE id = 4;"
        "UPDATE stock_move_line SET state = 'done', write_date = '2026-10-02' WHERE id = 4;"
        "INSERT INTO stock_move_line_consume_rel VALUES (83, 4)");
    const engine::SyncReport report = story.rig.sync(*story.source);
    EXPECT_EQ(report.sum.added, 1U);
    EXPECT_EQ(report.sum.changed, 0U);
    EXPECT_EQ(story.on_hand("lot:1").at("WH/Stock"), 54 - 30);
}

TEST_F(OdooStory, an_order_posted_in_two_steps_keeps_the_name_of_its_first_batch) {
    Story story{erp, "odoo-18"};
    erp.run(R"(INSERT INTO stock_lot (id, name, product_id, write_date) VALUES (16, 'L-4', 5, '2026-10-02');
               INSERT INTO stock_move (id, state, raw_material_production_id, write_date) VALUES (200, 'done', 5, '2026-10-02');
               INSERT INTO stock_move (id, state, production_id, write_date) VALUES (201, 'done', 5, '2026-10-02');
               INSERT INTO stock_move_line (id, move_id, date, product_id, lot_id, quantity, quantity_product_uom, location_id,
                 location_dest_id, state, write_date)
                 VALUES (200, 200, '2026-03-20', 1, 2, 1, 1, 8, 15, 'done', '2026-10-02'),
                        (201, 201, '2026-03-20', 5, 16, 1, 1, 15, 8, 'done', '2026-10-02');
               INSERT INTO stock_move_line_consume_rel VALUES (201, 200);
               UPDATE mrp_production SET write_date = '2026-10-02' WHERE id = 5)");
    const engine::SyncReport report = story.rig.sync(*story.source);
    EXPECT_EQ(report.sum.added, 3U);  // the lot and two lines
    EXPECT_EQ(report.sum.changed, 0U);
    EXPECT_EQ(story.walk("lot:16", Direction::back), (Texts{"C-2"}));
    EXPECT_EQ(story.walk("lot:8", Direction::back), (Texts{"P-2", "C-1"}));
}

/// The link that joins two batches is a row without a change time; the order has one.
TEST_F(OdooStory, an_order_whose_batches_turn_out_to_share_an_input_becomes_one) {
    Story story{erp, "odoo-18"};
    EXPECT_EQ(story.walk("lot:6", Direction::back), (Texts{"C-2"}));
    erp.run("INSERT INTO stock_move_line_consume_rel VALUES (23, 20); UPDATE mrp_production SET write_date = '2026-10-02' WHERE id = 2");
    const engine::SyncReport report = story.rig.sync(*story.source);
    EXPECT_EQ(report.sum.changed, 2U);  // lines 21 and 23 go by the order's own id now
    EXPECT_EQ(story.walk("lot:6", Direction::back), (Texts{"C-1", "C-2"}));
}

/// A transfer's partner is no column of its lines: a change there must be found by the transfer's change time.
TEST_F(OdooStory, a_partner_corrected_on_the_transfer_corrects_its_lines) {
    Story story{erp, "odoo-18"};
    erp.run("UPDATE stock_picking SET partner_id = 4, write_date = '2026-10-02' WHERE id = 2");
    const engine::SyncReport report = story.rig.sync(*story.source);
    EXPECT_EQ(report.sum.changed, 2U);  // the lamp's line and that of its package
    EXPECT_EQ(report.sum.added + report.sum.vanished, 0U);
    const lineage::View view = story.rig.index().view();
    Texts customers;
    view.for_each_movement(story.node("lot:7"), [&](const lineage::Movement& movement) {
        if (movement.kind == lineage::MovementKind::shipped) customers.insert(short_id(view.party(movement.party).id));
    });
    EXPECT_EQ(customers, (Texts{"party:4"}));
}

/// Done lines can be edited in unlocked transfers, and back-dated.
TEST_F(OdooStory, an_edited_line_is_corrected_and_lands_at_its_own_time) {
    Story story{erp, "odoo-18"};
    erp.run(
        "UPDATE stock_move_line SET quantity = 8, quantity_product_uom = 8, lot_id = 2, date = '2026-03-02 06:00:00', "
        "write_date = '2026-10-02' WHERE id = 91");
    const engine::SyncReport report = story.rig.sync(*story.source);
    EXPECT_EQ(report.sum.changed, 1U);
    EXPECT_EQ(story.on_hand("lot:1"), (std::map<std::string, std::int64_t>{{"WH/Stock", 61}, {"W2/Stock", 4}}));
    EXPECT_EQ(story.on_hand("lot:2").at("WH/Stock/Shelf"), 8);
    const lineage::View view = story.rig.index().view();
    Texts moved;
    view.for_each_movement(story.node("lot:2"), [&](const lineage::Movement& movement) {
        if (movement.kind == lineage::MovementKind::moved) moved.insert(format_instant(movement.time));
    });
    EXPECT_EQ(moved, (Texts{"2026-03-02T06:00:00Z"}));
}

/// Partners are merged by SQL, without a write_date anywhere: the transaction that wrote the rows tells.
TEST_F(OdooStory, a_merged_partner_is_found_by_the_next_sync) {
    erp.run("UPDATE stock_move_line SET write_date = '2026-10-02' WHERE id IN (101, 106)");  // the cursors go on
    Story story{erp, "odoo-18"};
    erp.run(
        "UPDATE stock_picking SET partner_id = 4 WHERE partner_id = 3; UPDATE stock_move SET partner_id = 4 WHERE partner_id = 3;"
        "UPDATE sale_order SET partner_shipping_id = 4 WHERE partner_shipping_id = 3;"
        "UPDATE repair_order SET partner_id = 4 WHERE partner_id = 3; DELETE FROM res_partner WHERE id = 3");
    EXPECT_GT(story.rig.sync(*story.source).sum.changed, 0U);
    EXPECT_EQ(story.rig.sync(*story.source, true).sum.changed, 0U) << "nothing is left for the reading in full";
    const lineage::View view = story.rig.index().view();
    Texts customers;
    view.for_each_movement(story.node("lot:7"), [&](const lineage::Movement& movement) {
        if (movement.kind == lineage::MovementKind::shipped) customers.insert(short_id(view.party(movement.party).id));
    });
    EXPECT_EQ(customers, (Texts{"party:4"}));
}

/// A subcontractor's place is an internal one of ours: components go there, its order uses them up there, and what it made comes in.
TEST_F(OdooStory, what_a_subcontractor_made_is_made_of_what_was_sent_there) {
    erp.run(R"(INSERT INTO stock_location (id, complete_name, usage, company_id) VALUES (40, 'Subcontractor', 'internal', 1);
               INSERT INTO mrp_production (id, name) VALUES (7, 'SBC/1');
               INSERT INTO stock_lot (id, name, product_id) VALUES (20, 'P-9', 4);
               INSERT INTO stock_move (id, state) VALUES (300, 'done'), (303, 'done');
               INSERT INTO stock_move (id, state, raw_material_production_id) VALUES (301, 'done', 7);
               INSERT INTO stock_move (id, state, production_id) VALUES (302, 'done', 7);
               INSERT INTO stock_move_line (id, move_id, date, product_id, lot_id, quantity, quantity_product_uom, location_id,
                 location_dest_id, state)
                 VALUES (300, 300, '2026-04-01', 1, 2, 4, 4, 8, 40, 'done'), (301, 301, '2026-04-02', 1, 2, 4, 4, 40, 15, 'done'),
                        (302, 302, '2026-04-02', 4, 20, 1, 1, 15, 40, 'done'), (303, 303, '2026-04-03', 4, 20, 1, 1, 40, 8, 'done');
               INSERT INTO stock_move_line_consume_rel VALUES (302, 301))");
    Story story{erp, "odoo-18"};
    EXPECT_EQ(story.walk("lot:20", Direction::back), Texts{"C-2"});
    EXPECT_EQ(story.on_hand("lot:20"), (std::map<std::string, std::int64_t>{{"WH/Stock", 1}}));
    EXPECT_FALSE(story.on_hand("lot:2").contains("Subcontractor"));
}

// --- the versions -------------------------------------------------------------------------------------------------------------------

class OdooVersions : public ::testing::TestWithParam<int> {};

TEST_P(OdooVersions, tell_the_same_story) {
    const OdooDatabase newest{test::odoo_story(18)};
    if (!newest.missing().empty()) GTEST_SKIP() << newest.missing();
    const OdooDatabase erp{test::odoo_story(GetParam())};
    const Records expected = read(*newest.source(test::odoo_mapping("odoo-18")));
    const Records found = read(*erp.source(test::odoo_mapping(mapping_of(GetParam()))));
    ASSERT_EQ(found.size(), expected.size());
    for (const auto& [key, record] : expected) {
        ASSERT_TRUE(found.contains(key)) << key;
        if (GetParam() < 15 && (key == "moves 6" || key == "moves 95")) {  // counts were documents then
            const auto& event = std::get<Event>(found.at(key).record);
            EXPECT_EQ(words(event), kEvents.at(key) + " inventory:1");
            EXPECT_EQ(event.documents.front().number, "Count of March");
            continue;
        }
        EXPECT_EQ(found.at(key).digest, record.digest) << key;
    }
    Story story{erp, mapping_of(GetParam())};
    expect_traces(story);
}

/// Odoo 18's own rows, reshaped: nothing but the counts' documents may differ.
TEST_P(OdooVersions, read_odoos_own_rows_the_same) {
    const OdooDatabase erp;
    if (!erp.missing().empty()) GTEST_SKIP() << erp.missing();
    static const Records expected = read(*OdooDatabase{}.source(test::odoo_mapping("odoo-18")));
    // Bare tables: views and indexes of Odoo's would keep their columns from changing.
    for (const auto& [table, columns] : tables_read(*test::odoo_mapping("odoo-18")))
        erp.run(fmt::format("CREATE TABLE bare AS TABLE {0}; DROP TABLE {0} CASCADE; ALTER TABLE bare RENAME TO {0}", table));
    for (int to = 17; to >= GetParam(); --to) erp.run(test::odoo_shape(fmt::format("to-{}", to)));
    const Records found = read(*erp.source(test::odoo_mapping(mapping_of(GetParam()))));
    ASSERT_EQ(found.size(), expected.size());
    std::size_t counts = 0;
    for (const auto& [key, record] : expected) {
        ASSERT_TRUE(found.contains(key)) << key;
        const auto* event = std::get_if<Event>(&found.at(key).record);
        if (event != nullptr && words(*event).ends_with(" inventory:1"))
            ++counts;
        else
            EXPECT_EQ(found.at(key).digest, record.digest) << key;
    }
    EXPECT_EQ(counts, GetParam() < 15 ? 33U : 0U);
}

/// A mapping refuses the tables of another version by name, and says which mapping is for them.
TEST_P(OdooVersions, are_read_by_their_own_mapping_alone) {
    const OdooDatabase erp{test::odoo_story(GetParam())};
    if (!erp.missing().empty()) GTEST_SKIP() << erp.missing();
    const std::map<std::string, std::string> told{
        // what of the version's tables gives it away
        {"odoo-18 on 17", "product_template.detailed_type is there"},
        {"odoo-18 on 16", "product_template.detailed_type is there"},
        {"odoo-18 on 15", "stock_production_lot is there"},
        {"odoo-18 on 14", "stock_production_lot is there"},
        {"odoo-18 on 13", "stock_production_lot is there"},
        {"odoo-16-17 on 18", "product_template.is_storable is there"},
        {"odoo-16-17 on 15", "stock_production_lot is there"},
        {"odoo-16-17 on 14", "stock_production_lot is there"},
        {"odoo-16-17 on 13", "stock_production_lot is there"},
        {"odoo-13-15 on 18", "product_template.is_storable is there"},
        {"odoo-13-15 on 17", "stock_lot is there"},
        {"odoo-13-15 on 16", "stock_lot is there"},
    };
    const std::map<std::string, std::string> missing{
        // and a name that the mapping needs
        {"odoo-18 on 17", "column product_template.is_storable: missing"},
        {"odoo-18 on 16", "column stock_move_line.quantity: missing"},
        {"odoo-18 on 15", "table stock_lot: missing"},
        {"odoo-18 on 14", "table stock_lot: missing"},
        {"odoo-18 on 13", "table stock_lot: missing"},
        {"odoo-16-17 on 18", "column product_template.detailed_type: missing"},
        {"odoo-16-17 on 15", "table stock_lot: missing"},
        {"odoo-16-17 on 14", "column stock_move.is_inventory: missing"},
        {"odoo-16-17 on 13", "column stock_move.is_inventory: missing"},
        {"odoo-13-15 on 18", "column stock_move_line.qty_done: missing"},
        {"odoo-13-15 on 17", "column stock_scrap.move_id: missing"},
        {"odoo-13-15 on 16", "table stock_production_lot: missing"},
    };
    for (const char* name : {"odoo-18", "odoo-16-17", "odoo-13-15"}) {
        const auto source = erp.source(test::odoo_mapping(name));
        const auto fit = source->fit();
        ASSERT_TRUE(fit) << fit.error().text();
        const bool own = mapping_of(GetParam()) == name;
        EXPECT_EQ(fit->fits, own) << name;
        const auto reading = source->read({});
        EXPECT_EQ(reading.has_value(), own) << name;
        if (own || reading) continue;
        const std::string which = fmt::format("{} on {}", name, GetParam());
        EXPECT_NE(reading.error().message.find(told.at(which)), std::string::npos) << which << ": " << reading.error().message;
        EXPECT_NE(reading.error().message.find("there is the mapping " + mapping_of(GetParam())), std::string::npos)
            << which << ": " << reading.error().message;
        EXPECT_NE(reading.error().message.find(missing.at(which)), std::string::npos) << which << ": " << reading.error().message;
    }
}

TEST(OdooUnknownVersion, without_either_name_of_the_quantity_is_not_read_as_empty) {
    const OdooDatabase erp{test::odoo_story(16) + "ALTER TABLE stock_move_line RENAME COLUMN qty_done TO amount_done"};
    if (!erp.missing().empty()) GTEST_SKIP() << erp.missing();
    const auto reading = erp.source(test::odoo_mapping("odoo-16-17"))->read({});
    ASSERT_FALSE(reading);
    EXPECT_NE(reading.error().message.find("column stock_move_line.qty_done: missing"), std::string::npos) << reading.error().message;
}

INSTANTIATE_TEST_SUITE_P(Odoo, OdooVersions, ::testing::Values(13, 14, 15, 16, 17, 18),
                         [](const auto& given) { return fmt::format("of_{}", given.param); });

}  // namespace
}  // namespace stemma::erp
