// Every forward and backward answer of Odoo 18's own traceability code, item by item, against ours. Where they differ, the difference is
// listed below with its reason, and the rows are asked who is right. Our answers are held against a walk of our own over the rows as well.
#include <boost/json.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "core/lineage/stock.hpp"
#include "core/lineage/trace.hpp"
#include "tests/integration/engine/engine_rig.hpp"
#include "tests/integration/odoo/odoo_database.hpp"

namespace stemma {
namespace {

namespace json = boost::json;
using erp::test::OdooDatabase;
using lineage::Direction;
using lineage::Node;
using Texts = std::set<std::string>;

/// How our answer differs from Odoo's. Two reasons, both proven below by rows:
///  - removed: a part that a repair takes out of the unit is linked by Odoo as if the repair had put it in. So many links fewer are ours.
///    The lots are the same, since each of these packs had been built in by its order before.
///  - unbuilt: Odoo links nothing that an unbuild gives back to the unit that it came out of. So many links more are ours, and by them
///    the lots `more`. Of these Stemma is right about the unit that a part was in before it was used again. The serials that were in the
///    unit beside a bad part are the price of it: an order's outputs count as made of all its inputs, and Odoo's shorter list is the
///    exact one there.
struct Difference {
    std::size_t removed{0};
    std::size_t unbuilt{0};
    Texts more;
};

// UB/00001 took LP26-000250 apart, whose parts all went into LP26-R00002; UB/00002 LP26-000224, UB/00003 LP26-000175. Four serials came
// out of each: a pack, a mainboard, a display, a disk. Links that this adds, going forward: 4 from the unit to its parts, and those of the
// parts that are reached by this alone: into the unit they were built into (3 without the pack), and into LP26-R00002.
const std::map<std::string, Difference> kForward{
    {"CELL-21700|B2-2603-01|16", {1, 0, {}}},
    {"CELL-21700|Élec 2026·03|19", {1, 0, {}}},
    {"CELL-21700|B6-2603-01|20", {2, 0, {}}},
    {"CELL-21700|B1-2603-02|875", {1, 7, {"LCD-14|LCD00175", "MB-14|MB000175", "SSD-1T|SSD00175"}}},
    {"CELL-21700|B2-2603-02|876", {1, 7, {"LCD-14|LCD00224", "MB-14|MB000224", "SSD-1T|SSD00224"}}},
    {"CELL-21700|B3-2603-02|877",
     {0, 7 + 10, {"LCD-14|LCD00224", "LCD-14|LCD00250", "MB-14|MB000224", "MB-14|MB000250", "SSD-1T|SSD00224", "SSD-1T|SSD00250"}}},
    {"BMS-6S|2603-A|21", {4, 0, {}}},
    {"BMS-6S|2604-B|881",
     {2,
      7 + 7 + 10,
      {"LCD-14|LCD00175", "LCD-14|LCD00224", "LCD-14|LCD00250", "MB-14|MB000175", "MB-14|MB000224", "MB-14|MB000250", "SSD-1T|SSD00175",
       "SSD-1T|SSD00224", "SSD-1T|SSD00250"}}},
    // The paste goes into the laptop itself: the pack as well is reached by the unbuild alone.
    {"PASTE-TC5|TP-1|874",
     {0,
      8 + 8 + 12,
      {"LCD-14|LCD00175", "LCD-14|LCD00224", "LCD-14|LCD00250", "MB-14|MB000175", "MB-14|MB000224", "MB-14|MB000250", "PACK-86WH|PK000175",
       "PACK-86WH|PK000224", "PACK-86WH|PK000250", "SSD-1T|SSD00175", "SSD-1T|SSD00224", "SSD-1T|SSD00250"}}},
};

const std::map<std::string, Difference> kBackward{
    {"LAP-14P|LP26-000171|2301", {1, 0, {}}},
    {"LAP-14P|LP26-000144|2230", {1, 0, {}}},
    {"LAP-14P|LP26-000218|2480", {1, 0, {}}},
    {"LAP-14P|LP26-000031|1853", {1, 0, {}}},
    {"LAP-14P|LP26-000163|2293", {1, 0, {}}},
    {"LAP-14P|LP26-000124|2166", {1, 0, {}}},
    // Their four serials came out of the unit itself.
    {"LAP-14P|LP26-000175|2349", {0, 4, {}}},
    {"LAP-14P|LP26-000224|2486", {0, 4, {}}},
    {"LAP-14P|LP26-000250|2600", {0, 4, {}}},
    // Its four serials came out of LP26-000250, which five lots had gone into.
    {"LAP-14P|LP26-R00002|2684", {0, 4 + 5, {"LAP-14P|LP26-000250"}}},
};

struct Answer {
    Texts lots;            ///< "CPU-X7|CPU00001"; the one asked about is left out
    Texts deliveries;      ///< "WH/OUT/00012 urn:stemma:odoo:party:61 2026-07-15T19:10:00Z"
    std::size_t links{0};  ///< distinct (lot, order, lot)
};

class Ours {
public:
    explicit Ours(test::EngineRig& rig) : view_{rig.index().view()} {}

    [[nodiscard]] Answer ask(const std::string& lot, Direction direction) const {
        Answer answer;
        const Node seed = view_.find(ItemId{"urn:stemma:odoo:lot:" + lot});
        if (seed == Node::none) return answer;
        lineage::TraceOptions options;
        options.include_inferred = false;
        const lineage::Trace trace = lineage::trace(view_, std::vector{seed}, direction, options);
        for (const lineage::Reached& reached : trace.nodes) {
            if (view_.is_transformation(reached.node)) continue;
            if (reached.node != seed) answer.lots.insert(name(reached.node));
            answer.links += links_of(reached.node, direction);
            view_.for_each_movement(reached.node, [&](const lineage::Movement& movement) { add_delivery(answer, movement); });
        }
        return answer;
    }

private:
    [[nodiscard]] std::string name(Node node) const {
        return fmt::format("{}|{}", view_.product(view_.product(node)).sku, view_.label(node));
    }

    /// A repair leads from the unit to itself: no link.
    [[nodiscard]] std::size_t links_of(Node node, Direction direction) const {
        std::set<std::pair<Node, Node>> links;
        view_.for_each_edge(node, direction, [&](lineage::EdgeNo, Node order) {
            view_.for_each_edge(order, direction, [&](lineage::EdgeNo, Node other) {
                if (!view_.is_untracked(other) && other != node) links.emplace(order, other);
            });
        });
        return links.size();
    }

    /// Odoo calls every outgoing transfer a delivery, those back to a supplier as well.
    void add_delivery(Answer& answer, const lineage::Movement& movement) const {
        using enum lineage::MovementKind;
        if (movement.kind != shipped && movement.kind != returned_to_supplier) return;
        answer.deliveries.insert(fmt::format("{} {} {}", view_.document(movement.document).number, view_.party(movement.party).id,
                                             format_instant(movement.time)));
    }

    lineage::View view_;
};

Texts texts_of(const json::value& list, std::string_view leave_out) {
    Texts texts;
    for (const json::value& one : list.as_array())
        if (one.as_string() != leave_out) texts.emplace(one.as_string());
    return texts;
}

Texts deliveries_of(const json::value& list, const std::map<std::string, std::string>& partner_ids) {
    Texts texts;
    for (const json::value& one : list.as_array()) {
        std::string time{one.at("date_done").as_string()};
        time.at(10) = 'T';
        texts.insert(fmt::format("{} urn:stemma:odoo:party:{} {}Z", one.at("picking").as_string().c_str(),
                                 partner_ids.at(std::string{one.at("partner").as_string()}), time));
    }
    return texts;
}

Texts joined(Texts texts, const Texts& more) {
    for (const std::string& text : more) EXPECT_TRUE(texts.insert(text).second) << text << " is no difference";
    return texts;
}

std::string lot_id_of(std::string_view key) { return std::string{key.substr(key.rfind('|') + 1)}; }
std::string_view name_of(std::string_view key) { return key.substr(0, key.rfind('|')); }

/// Links as the rows have them, both ends with a lot: (from lot, order, to lot). Written apart from the mapping.
constexpr const char* kRowLinks = R"(
  SELECT c.lot_id AS lot, 'mo' || pm.production_id AS way, p.lot_id AS next
  FROM stock_move_line_consume_rel r
  JOIN stock_move_line p ON p.id = r.consume_line_id JOIN stock_move pm ON pm.id = p.move_id
  JOIN stock_move_line c ON c.id = r.produce_line_id JOIN stock_move cm ON cm.id = c.move_id
  WHERE p.state = 'done' AND c.state = 'done' AND p.lot_id IS NOT NULL AND c.lot_id IS NOT NULL AND pm.production_id IS NOT NULL
  UNION
  SELECT c.lot_id, 'ro' || cm.repair_id, p.lot_id
  FROM stock_move_line_consume_rel r
  JOIN stock_move_line p ON p.id = r.consume_line_id
  JOIN stock_move_line c ON c.id = r.produce_line_id JOIN stock_move cm ON cm.id = c.move_id
  WHERE cm.repair_line_type = 'add' AND c.lot_id IS NOT NULL AND p.lot_id IS NOT NULL
  UNION
  SELECT u.lot_id, 'ub' || u.id, o.lot_id
  FROM mrp_unbuild u JOIN stock_move m ON m.unbuild_id = u.id AND m.state = 'done' JOIN stock_move_line o ON o.move_id = m.id
  JOIN stock_location f ON f.id = o.location_id AND f.usage = 'production'
  JOIN product_product p ON p.id = o.product_id JOIN product_template t ON t.id = p.product_tmpl_id AND t.tracking = 'serial')";

/// Read once for all tests: none of them changes what was read.
class OdooGroundTruth : public ::testing::Test {
protected:
    struct Read {
        OdooDatabase erp;
        test::TempFolder folder;
        std::unique_ptr<test::EngineRig> rig;
        std::unique_ptr<ErpSource> source;
        std::string before;
        engine::SyncReport report;
        json::value truth;
        std::string missing;
    };

    static void SetUpTestSuite() {
        shared = std::make_unique<Read>();
        const std::string text = erp::test::odoo_unpacked("ground-truth.json.gz");
        shared->missing = shared->erp.missing();
        if (text.empty()) shared->missing = "needs " + erp::test::odoo_path("ground-truth.json.gz");
        if (!shared->missing.empty()) return;
        shared->truth = json::parse(text);
        shared->source = shared->erp.source(erp::test::odoo_mapping("odoo-18"));
        shared->rig = std::make_unique<test::EngineRig>(shared->folder.path());
        shared->before = shared->erp.content();
        shared->report = shared->rig->sync(*shared->source);
    }
    static void TearDownTestSuite() { shared.reset(); }
    void SetUp() override {
        if (!shared->missing.empty()) GTEST_SKIP() << shared->missing;
    }

    /// The same question to the rows.
    [[nodiscard]] Answer ask_rows(const std::string& lot, Direction direction) const {
        const bool forward = direction == Direction::forward;
        const std::string walk = fmt::format(
            "WITH RECURSIVE links(lot, way, next) AS ({}), walk(lot) AS (SELECT {} UNION SELECT l.{} FROM walk w JOIN links l ON l.{} = "
            "w.lot) ",
            kRowLinks, lot, forward ? "next" : "lot", forward ? "lot" : "next");
        Answer answer;
        answer.lots = erp().column(walk +
                                   "SELECT p.default_code || '|' || l.name FROM walk w JOIN stock_lot l ON l.id = w.lot "
                                   "JOIN product_product p ON p.id = l.product_id WHERE w.lot <> " +
                                   lot);
        const auto links =
            erp().rows(walk + fmt::format("SELECT count(*) FROM walk w JOIN links l ON l.{} = w.lot", forward ? "lot" : "next"));
        answer.links = std::stoul(links.at(0).at(0));
        return answer;
    }

    [[nodiscard]] static OdooDatabase& erp() { return shared->erp; }
    [[nodiscard]] static lineage::View view() { return shared->rig->index().view(); }

    static std::unique_ptr<Read> shared;
};
std::unique_ptr<OdooGroundTruth::Read> OdooGroundTruth::shared;

TEST_F(OdooGroundTruth, every_forward_answer_equals_odoos_but_for_the_differences_listed) {
    std::map<std::string, std::string> partner_ids;
    for (const auto& row : erp().rows("SELECT name, id FROM res_partner")) partner_ids[row[0]] = row[1];
    const Ours ours{*shared->rig};
    std::size_t differing = 0;
    for (const auto& [key, theirs] : shared->truth.at("forward").as_object()) {
        SCOPED_TRACE(std::string{key});
        const Answer answer = ours.ask(lot_id_of(key), Direction::forward);
        const auto found = kForward.find(std::string{key});
        const Difference difference = found == kForward.end() ? Difference{} : found->second;
        if (found != kForward.end()) ++differing;
        EXPECT_EQ(answer.lots, joined(texts_of(theirs.at("where_used").at("lots"), name_of(key)), difference.more));
        EXPECT_EQ(answer.links + difference.removed, theirs.at("where_used").at("edges").to_number<std::size_t>() + difference.unbuilt);
        EXPECT_EQ(answer.deliveries, deliveries_of(theirs.at("deliveries"), partner_ids));
        const Answer rows = ask_rows(lot_id_of(key), Direction::forward);
        EXPECT_EQ(answer.lots, rows.lots);
        EXPECT_EQ(answer.links, rows.links);
    }
    EXPECT_EQ(shared->truth.at("forward").as_object().size(), 38U);
    EXPECT_EQ(differing, kForward.size());
}

TEST_F(OdooGroundTruth, every_backward_answer_equals_odoos_but_for_the_differences_listed) {
    const Ours ours{*shared->rig};
    std::size_t differing = 0;
    for (const auto& [key, theirs] : shared->truth.at("backward").as_object()) {
        SCOPED_TRACE(std::string{key});
        const Answer answer = ours.ask(lot_id_of(key), Direction::back);
        const auto found = kBackward.find(std::string{key});
        const Difference difference = found == kBackward.end() ? Difference{} : found->second;
        if (found != kBackward.end()) ++differing;
        EXPECT_EQ(answer.lots, joined(texts_of(theirs.at("links").at("lots"), name_of(key)), difference.more));
        EXPECT_EQ(answer.lots, joined(texts_of(theirs.at("report").at("lots"), name_of(key)), difference.more));
        EXPECT_EQ(answer.links + difference.removed, theirs.at("links").at("edges").to_number<std::size_t>() + difference.unbuilt);
        const Answer rows = ask_rows(lot_id_of(key), Direction::back);
        EXPECT_EQ(answer.lots, rows.lots);
        EXPECT_EQ(answer.links, rows.links);
    }
    EXPECT_EQ(shared->truth.at("backward").as_object().size(), 56U);
    EXPECT_EQ(differing, kBackward.size());
}

/// Odoo's report says of each of six repaired laptops that the pack which the repair took out is a part of it by that repair. The rows say
/// that it went from production to scrap at that moment, and is there now.
TEST_F(OdooGroundTruth, the_rows_say_that_a_removed_part_left_the_unit) {
    const auto removed = erp().rows(
        "SELECT r.lot_id, l.lot_id, r.name, f.usage, d.scrap_location, c.consume_line_id IS NOT NULL, "
        "(SELECT sum(q.quantity) FROM stock_quant q WHERE q.lot_id = l.lot_id AND q.location_id = l.location_dest_id) "
        "FROM repair_order r JOIN stock_move m ON m.repair_id = r.id AND m.repair_line_type = 'remove' "
        "JOIN stock_move_line l ON l.move_id = m.id JOIN stock_location f ON f.id = l.location_id "
        "JOIN stock_location d ON d.id = l.location_dest_id "
        "JOIN stock_move_line u ON u.move_id = r.move_id "
        "LEFT JOIN stock_move_line_consume_rel c ON c.consume_line_id = u.id AND c.produce_line_id = l.id");
    ASSERT_EQ(removed.size(), 6U);
    const lineage::View view = OdooGroundTruth::view();
    for (const auto& row : removed) {
        SCOPED_TRACE(row[2]);
        EXPECT_EQ(row[3], "production");
        EXPECT_EQ(row[4], "t");
        EXPECT_EQ(row[5], "t");  // Odoo links it as a component all the same
        EXPECT_EQ(std::stod(row[6]), 1.0);
        std::vector<std::string> orders;
        view.for_each_edge(view.find(ItemId{"urn:stemma:odoo:lot:" + row[1]}), Direction::forward,
                           [&](lineage::EdgeNo, Node order) { orders.emplace_back(view.id(order)); });
        ASSERT_EQ(orders.size(), 1U);  // what it was built in by, and no repair
        EXPECT_TRUE(orders.front().starts_with("urn:stemma:odoo:production:")) << orders.front();
    }
}

/// Odoo's report does not say that the parts of LP26-R00002 had been in LP26-000250. The rows do: they came out of production by UB/00001,
/// whose unit that laptop was, before they went into the other one.
TEST_F(OdooGroundTruth, the_rows_say_that_an_unbuilt_part_came_out_of_the_unit) {
    const Texts parts{"LCD00250", "MB000250", "PK000250", "SSD00250"};
    EXPECT_EQ(
        erp().column("SELECT l.name FROM mrp_unbuild u JOIN stock_move m ON m.unbuild_id = u.id JOIN stock_move_line o ON o.move_id = m.id "
                     "JOIN stock_location f ON f.id = o.location_id AND f.usage = 'production' JOIN stock_lot l ON l.id = o.lot_id "
                     "JOIN stock_lot unit ON unit.id = u.lot_id "
                     "JOIN stock_move_line c ON c.lot_id = o.lot_id AND c.date > o.date "
                     "JOIN stock_move cm ON cm.id = c.move_id JOIN mrp_production mo ON mo.id = cm.raw_material_production_id "
                     "JOIN stock_lot made ON made.id = mo.lot_producing_id "
                     "WHERE u.name = 'UB/00001' AND unit.name = 'LP26-000250' AND made.name = 'LP26-R00002' AND l.name <> 'TP-1'"),
        parts);
    // The unit itself is used up, and no row of Odoo's links leads from it to anything.
    EXPECT_EQ(erp().column("SELECT count(*) FROM stock_move_line_consume_rel r JOIN stock_move_line c ON c.id = r.produce_line_id "
                           "JOIN stock_lot l ON l.id = c.lot_id WHERE l.name = 'LP26-000250'"),
              Texts{"0"});
    const lineage::View view = OdooGroundTruth::view();
    const std::string unit = *erp().column("SELECT id FROM stock_lot WHERE name = 'LP26-000250'").begin();
    EXPECT_EQ(lineage::stock_of(view, view.find(ItemId{"urn:stemma:odoo:lot:" + unit})).status, lineage::Status::consumed);
}

/// The stock that Odoo keeps beside its moves is an account of its own.
TEST_F(OdooGroundTruth, stock_on_hand_per_lot_and_place_equals_odoos_own) {
    std::map<std::string, std::int64_t> theirs;
    for (const auto& row : erp().rows("SELECT q.lot_id, q.location_id, sum(q.quantity) FROM stock_quant q "
                                      "JOIN stock_location l ON l.id = q.location_id AND l.usage IN ('internal', 'transit') "
                                      "WHERE q.lot_id IS NOT NULL GROUP BY 1, 2 HAVING sum(q.quantity) <> 0"))
        theirs[row[0] + " at " + row[1]] = std::llround(std::stod(row[2]) * 1e6);
    std::map<std::string, std::int64_t> ours;
    const lineage::View view = OdooGroundTruth::view();
    for (const std::string& lot : erp().column("SELECT id FROM stock_lot")) {
        const Node node = view.find(ItemId{"urn:stemma:odoo:lot:" + lot});
        if (node == Node::none) continue;
        const lineage::ItemStock stock = lineage::stock_of(view, node);
        for (const auto* places : {&stock.units.front().on_hand, &stock.units.front().in_transit})
            for (const lineage::PlaceAmount& amount : *places) {
                const std::string_view place = view.place(amount.place).id;
                ours[fmt::format("{} at {}", lot, place.substr(place.rfind(':') + 1))] = amount.micros;
            }
    }
    EXPECT_EQ(ours, theirs);
    EXPECT_GT(ours.size(), 300U);
}

/// The login may SELECT the tables of the mapping and nothing else.
TEST_F(OdooGroundTruth, the_doctor_finds_the_version_and_nothing_amiss) {
    const auto checked = shared->source->check();
    ASSERT_TRUE(checked) << checked.error().text();
    EXPECT_TRUE(checked->fits);
    EXPECT_EQ(checked->erp, "Odoo");
    EXPECT_EQ(checked->version, "18");
    EXPECT_EQ(checked->row_counts.size(), erp::tables_read(*erp::test::odoo_mapping("odoo-18")).size());
    for (const SourceFinding& finding : checked->findings)
        EXPECT_EQ(finding.level, SourceFinding::Level::ok) << finding.subject << ": " << finding.message;
}

TEST_F(OdooGroundTruth, everything_is_read_nothing_is_changed_and_a_second_sync_adds_nothing) {
    EXPECT_EQ(shared->report.sum.rejected, 0U);
    EXPECT_EQ(erp().content(), shared->before) << "the ERP database was changed";
    const engine::SyncReport again = shared->rig->sync(*shared->source, true);
    EXPECT_EQ(again.sum.added + again.sum.changed + again.sum.vanished, 0U);
    EXPECT_EQ(erp().content(), shared->before) << "the ERP database was changed";
}

}  // namespace
}  // namespace stemma
