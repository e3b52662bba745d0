// The audit of Tryton databases, the demo and the larger one, on SQLite and PostgreSQL: each finding on the data as it is follows from the
// ERP's rows by SQL of its own, and of twelve planted faults exactly these twelve are found, with the rows that were planted.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/integration/audit/audit_rig.hpp"
#include "tests/integration/erp/tryton_database.hpp"

namespace stemma::erp::test {
namespace {

using stemma::test::Told;
using Texts = std::multiset<std::string>;

/// Which rows of a data set the faults are planted in.
struct Victims {
    const char* consumption;     ///< a move that consumes some of `lot` from the storage zone
    const char* lot;             ///< its number
    const char* same_as;         ///< the lot's number as somebody else would type it
    const char* made_late;       ///< the move that made the serial below
    const char* made_late_item;  ///< delivered once
    const char* made_late_date;  ///< after its delivery
    const char* twice;           ///< a serial delivered once
    const char* returned;        ///< a serial delivered once, and not to the customer of shipment 1
    const char* expired;         ///< a lot that was received
    const char* expired_date;    ///< before that
    const char* future;          ///< the move that delivered the serial below
    const char* future_item;
};
constexpr Victims kDemo{"419",        "S4-L17",     "s4 l0017", "633",        "HJ26-00148", "2026-07-01",
                        "HJ26-00029", "HJ26-00033", "OAT-2601", "2026-01-01", "342",        "HJ26-00030"};
constexpr Victims kTrace{"538",           "RAM-K2",        "Ram.K 2", "681",        "LT14-DE-00012", "2024-07-01",
                         "LT14-DE-00003", "LT14-US-00010", "GLUE-1",  "2024-01-01", "985",           "LT14-DE-00002"};

/// A row of stock_move: id, product, lot, quantity, unit, from, to, date, shipment, production that takes it in, that puts it out.
std::string move(int id, int product, const std::string& lot, const char* quantity, const char* uom, int from, int to, const char* date,
                 const char* shipment = "NULL", const char* input = "NULL", const char* output = "NULL") {
    return fmt::format(
        "INSERT INTO stock_move (id, company, product, lot, quantity, uom, internal_quantity, from_location, to_location, state, "
        "effective_date, shipment, production_input, production_output, create_date) VALUES ({}, 1, {}, {}, {}, (SELECT id FROM "
        "product_uom "
        "WHERE symbol = '{}'), {}, {}, {}, 'done', '{}', {}, {}, {}, '2026-11-21 00:00:00');",
        id, product, lot, quantity, uom, quantity, from, to, date, shipment, input, output);
}
std::string lot(int id, int product, const char* number, bool serial) {
    return fmt::format(
        "INSERT INTO stock_lot (id, number, product, unit, unit_quantity, create_date) VALUES ({}, '{}', {}, {}, {}, '2026-11-21 "
        "00:00:00');",
        id, number, product, serial ? "1" : "NULL", serial ? "1.0" : "NULL");
}
std::string lot_of(const char* number) { return fmt::format("(SELECT id FROM stock_lot WHERE number = '{}')", number); }
std::string product_of(const char* number) { return fmt::format("(SELECT product FROM stock_lot WHERE number = '{}')", number); }

constexpr int kIn = 1, kOut = 2, kStorage = 3, kSupplier = 6, kCustomer = 7, kProduction = 9;
constexpr int kSerials = 9001, kFlour = 9002;  // products of our own
constexpr const char* kReceipt = "'stock.shipment.in,1'";
constexpr const char* kDelivery = "'stock.shipment.out,1'";

std::string planted(const Victims& in) {
    std::string sql;
    for (const auto& [id, code, uom] : {std::tuple{kSerials, "AUD-S", "u"}, std::tuple{kFlour, "AUD-F", "kg"}})
        sql += fmt::format(
            "INSERT INTO product_template (id, code, name, type, default_uom, lot_required) VALUES ({0}, '{1}', '{1}', 'goods', (SELECT id "
            "FROM "
            "product_uom WHERE symbol = '{2}'), '[\"customer\"]'); INSERT INTO product_product (id, template, code) VALUES ({0}, {0}, "
            "'{1}');",
            id, code, uom);
    // 1: received twice, at two places.
    sql += lot(9001, kSerials, "PL-01", true) + move(9001, kSerials, "9001", "1", "u", kSupplier, kStorage, "2026-06-01", kReceipt) +
           move(9002, kSerials, "9001", "1", "u", kSupplier, kOut, "2026-06-02", kReceipt);
    // 2: a slip of the keyboard: 400 more are used of a lot than were.
    sql += fmt::format("UPDATE stock_move SET quantity = quantity + 400 WHERE id = {};", in.consumption);
    // 3: built into something, and delivered all the same.
    sql += lot(9003, kSerials, "PL-03", true) + move(9003, kSerials, "9003", "1", "u", kSupplier, kStorage, "2026-06-01", kReceipt) +
           move(9004, kSerials, "9003", "1", "u", kStorage, kProduction, "2026-06-02", "NULL", "1") +
           move(9005, kSerials, "9003", "1", "u", kStorage, kCustomer, "2026-06-03", kDelivery);
    // 4: its production is dated after its delivery.
    sql += fmt::format("UPDATE stock_move SET effective_date = '{}' WHERE id = {};", in.made_late_date, in.made_late);
    // 5: a lot is entered again, with its number typed otherwise.
    sql += fmt::format("INSERT INTO stock_lot (id, number, product, create_date) VALUES (9005, '{}', {}, '2026-11-21 00:00:00');",
                       in.same_as, product_of(in.lot));
    // 6: five kilos become eight.
    sql += "INSERT INTO production (id, number, state, create_date) VALUES (9006, 'PL-6', 'done', '2026-11-21 00:00:00');" +
           lot(9006, kFlour, "PL-06A", false) + lot(9016, kFlour, "PL-06B", false) +
           move(9006, kFlour, "9006", "10", "kg", kSupplier, kStorage, "2026-06-01", kReceipt) +
           move(9007, kFlour, "9006", "5", "kg", kStorage, kProduction, "2026-06-02", "NULL", "9006") +
           move(9008, kFlour, "9016", "8", "kg", kProduction, kStorage, "2026-06-02", "NULL", "NULL", "9006");
    // 7: delivered, and nobody knows whence it came.
    sql += lot(9007, kSerials, "PL-07", true) + move(9009, kSerials, "9007", "1", "u", kStorage, kCustomer, "2026-06-01", kDelivery);
    // 8: two pieces of one serial.
    sql += lot(9008, kSerials, "PL-08", true) + move(9010, kSerials, "9008", "2", "u", kSupplier, kStorage, "2026-06-01", kReceipt);
    // 9: delivered to another customer while it is with the first.
    sql += move(9011, kSerials, lot_of(in.twice), "1", "u", kOut, kCustomer, "2026-06-20", kDelivery);
    // 10: a customer brings back what was delivered to another.
    sql +=
        "INSERT INTO stock_shipment_out_return (id, number, customer) SELECT 9010, 'PL-10', customer FROM stock_shipment_out WHERE id = "
        "1;" +
        move(9012, kSerials, lot_of(in.returned), "1", "u", kCustomer, kIn, "2026-06-20", "'stock.shipment.out.return,9010'");
    // 11: it had expired before it came.
    sql += fmt::format("UPDATE stock_lot SET expiration_date = '{}' WHERE number = '{}';", in.expired_date, in.expired);
    // 12: a year mistyped.
    return sql + fmt::format("UPDATE stock_move SET effective_date = '2062-03-23' WHERE id = {};", in.future);
}

/// Kind and item of each of the twelve, as they must be told.
Texts must_be_found(const Victims& in) {
    const auto text = [](const char* kind, std::string item) { return fmt::format("{} {}", kind, item); };
    return {text("two_places", "PL-01"),
            text("negative_stock", in.lot),
            text("consumed_yet_available", "PL-03"),
            text("out_before_in", in.made_late_item),
            text("same_number", fmt::format("{} {}", in.lot, in.same_as)),
            text("amounts_differ", "PL-06A"),
            text("never_came_in", "PL-07"),
            text("not_one_piece", "PL-08"),
            text("delivered_twice", in.twice),
            text("returned_by_another", in.returned),
            text("expired_before_received", in.expired),
            text("in_the_future", in.future_item)};
}

// --- what the ERP's rows say by SQL of the test's own ------------------------------------------------------------------------

/// Each move of a lot as a change of a place of stock, in the lot's own unit.
constexpr const char* kChanges =
    "WITH u AS (SELECT id, CASE WHEN factor > rate THEN factor ELSE 1.0 / rate END AS f FROM product_uom), "
    "m AS (SELECT m.*, m.quantity * mu.f / tu.f AS q FROM stock_move m JOIN product_product p ON p.id = m.product "
    "JOIN product_template t ON t.id = p.template JOIN u mu ON mu.id = m.uom JOIN u tu ON tu.id = t.default_uom "
    "WHERE m.state = 'done' AND m.lot IS NOT NULL), "
    "c AS (SELECT m.id, lot, to_location AS place, effective_date AS day, q FROM m JOIN stock_location l ON l.id = to_location AND l.type "
    "= "
    "'storage' UNION ALL SELECT m.id, lot, from_location, effective_date, -q FROM m JOIN stock_location l ON l.id = from_location AND "
    "l.type = 'storage') ";

class TrytonAudit : public ::testing::TestWithParam<Which> {
protected:
    void SetUp() override {
        database = std::make_unique<TrytonDatabase>(GetParam());
        if (!database->missing().empty()) GTEST_SKIP() << database->missing();
    }
    [[nodiscard]] const Victims& victims() const { return GetParam().data == Data::demo ? kDemo : kTrace; }
    /// Writes the faults. Of what else Tryton keeps in these tables the test's rows need nothing.
    void plant() const {
        if (GetParam().engine == sql::Engine::postgresql)
            for (const auto& row : database->rows(
                     "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' AND is_nullable = "
                     "'NO' AND column_name <> 'id' AND table_name IN ('product_template', 'product_product', 'stock_lot', "
                     "'stock_move', 'production', 'stock_shipment_out_return')"))
                database->run(fmt::format("ALTER TABLE {} ALTER COLUMN {} DROP NOT NULL", row[0], row[1]));
        database->run(planted(victims()));
    }
    /// Syncs the database as it is now into a ledger of its own and audits it.
    [[nodiscard]] std::vector<Told> audited(std::size_t page = 1000, std::size_t nodes = engine::kAuditNodesPage) const {
        const stemma::test::TempFolder folder;
        stemma::test::EngineRig rig{folder.path()};
        const auto source = database->source();
        EXPECT_EQ(rig.sync(*source).sum.rejected, 0U);
        return audit_of(rig, "tryton", page, nodes);
    }
    [[nodiscard]] Texts texts(const std::string& sql) const {
        Texts all;
        for (const auto& row : database->rows(sql)) all.insert(row.at(0));
        return all;
    }
    /// Lot and place of each stock that is below zero now.
    [[nodiscard]] Texts negative_now() const {
        return texts(std::string{kChanges} +
                     "SELECT l.number || ' at ' || p.name FROM (SELECT lot, place, SUM(q) AS q FROM c GROUP BY lot, place) s "
                     "JOIN stock_lot l ON l.id = s.lot JOIN stock_location p ON p.id = s.place WHERE s.q < -0.0000005");
    }
    /// The same of each that ever was, day by day, what came in on a day being there first.
    [[nodiscard]] Texts negative_ever() const {
        return texts(
            std::string{kChanges} +
            "SELECT DISTINCT l.number || ' at ' || p.name FROM (SELECT lot, place, SUM(q) OVER (PARTITION BY lot, place ORDER BY day, "
            "CASE WHEN q < 0 THEN 1 ELSE 0 END, id) AS q FROM c) s JOIN stock_lot l ON l.id = s.lot "
            "JOIN stock_location p ON p.id = s.place WHERE s.q < -0.0000005");
    }
    /// How much of a lot is in the storage zone.
    [[nodiscard]] std::int64_t in_storage(const char* number) const {
        const auto rows = database->rows(
            fmt::format("{} SELECT SUM(q) FROM c JOIN stock_lot l ON l.id = c.lot WHERE l.number = '{}' AND place = 3", kChanges, number));
        return std::llround(std::stod(rows.at(0).at(0)) * 1e6);
    }

    std::unique_ptr<TrytonDatabase> database;
};

const Told* find(const std::vector<Told>& all, std::string_view kind, std::string_view item) {
    const auto found = std::ranges::find_if(all, [&](const Told& told) { return told.kind == kind && told.item == item; });
    return found == all.end() ? nullptr : &*found;
}

TEST_P(TrytonAudit, every_finding_on_the_data_as_it_is_follows_from_its_rows) {
    const std::vector<Told> all = audited();
    EXPECT_EQ(items_of(all, "negative_stock", true), negative_now());
    EXPECT_EQ(negative_ever(), negative_now()) << "no place was short for a time alone";
    // Lots that were used or delivered, and came from counts alone.
    EXPECT_EQ(
        items_of(all, "no_origin"),
        texts(
            "SELECT number FROM stock_lot l WHERE EXISTS (SELECT 1 FROM stock_move m JOIN stock_location d ON d.id = m.to_location "
            "WHERE m.lot = l.id AND m.state = 'done' AND d.type IN ('production', 'customer')) AND EXISTS (SELECT 1 FROM stock_move m JOIN "
            "stock_location f ON f.id = m.from_location WHERE m.lot = l.id AND m.state = 'done' AND f.type = 'lost_found') AND NOT "
            "EXISTS (SELECT 1 FROM stock_move m JOIN stock_location f ON f.id = m.from_location WHERE m.lot = l.id AND m.state = 'done' "
            "AND f.type IN ('supplier', 'production'))"));
    // Productions that took in and put nothing out.
    std::set<std::string> rows;
    for (const Told& told : all)
        if (told.kind == "no_outputs") rows.insert(told.rows.begin(), told.rows.end());
    std::erase_if(rows, [](const std::string& row) { return !row.starts_with("moves "); });
    const Texts inputs = texts(
        "SELECT 'moves ' || id FROM stock_move m WHERE state = 'done' AND quantity > 0 AND production_input IS NOT NULL AND NOT EXISTS "
        "(SELECT 1 "
        "FROM stock_move o WHERE o.state = 'done' AND o.production_output = m.production_input)");
    EXPECT_EQ(rows, (std::set<std::string>{inputs.begin(), inputs.end()}));
    EXPECT_EQ(
        items_of(all, "no_outputs").size(),
        texts("SELECT DISTINCT production_input FROM stock_move m WHERE state = 'done' AND production_input IS NOT NULL AND NOT EXISTS "
              "(SELECT 1 FROM stock_move o WHERE o.state = 'done' AND o.production_output = m.production_input)")
            .size());
    // Lots of one product with one number, as SQL can compare them.
    EXPECT_EQ(
        items_of(all, "same_number"),
        texts("SELECT MIN(number) || ' ' || MAX(number) FROM stock_lot GROUP BY product, LOWER(REPLACE(REPLACE(number, ' ', ''), '-', '')) "
              "HAVING COUNT(*) > 1"));
    const std::map<std::string, std::size_t> expected =
        GetParam().data == Data::demo
            ? std::map<std::string, std::size_t>{{"no_outputs", 1}}
            : std::map<std::string, std::size_t>{{"negative_stock", 1}, {"no_origin", 1}, {"no_outputs", 1}, {"same_number", 1}};
    EXPECT_EQ(counts_of(all), expected) << "and there is no other";
    for (const Told& told : all) {
        if (told.kind == "negative_stock") {
            EXPECT_EQ(told.micros, in_storage(told.item.c_str())) << told;
        }
    }
}

TEST_P(TrytonAudit, finds_twelve_planted_faults_and_nothing_else) {
    const std::vector<Told> before = audited();
    plant();
    const std::string content = database->content();
    const std::vector<Told> after = audited();
    EXPECT_EQ(added(before, after), must_be_found(victims()));
    EXPECT_EQ(added(after, before), Texts{}) << "what was found before is found still";
    EXPECT_EQ(after.size(), before.size() + 12);
    EXPECT_EQ(database->content(), content) << "the ERP's tables were changed";
}

TEST_P(TrytonAudit, each_planted_fault_leads_to_its_rows_amounts_and_days) {
    plant();
    const std::vector<Told> all = audited();
    const auto expect_rows = [&](const char* kind, const std::string& item, const std::set<std::string>& rows) {
        const Told* told = find(all, kind, item);
        ASSERT_NE(told, nullptr) << kind;
        for (const std::string& row : rows) EXPECT_TRUE(told->rows.contains(row)) << *told << " lacks " << row;
    };
    const Victims& in = victims();
    expect_rows("two_places", "PL-01", {"moves 9001", "moves 9002", "lots 9001"});
    expect_rows("consumed_yet_available", "PL-03", {"moves 9004", "moves 9005"});
    expect_rows("out_before_in", in.made_late_item, {fmt::format("moves {}", in.made_late)});
    expect_rows("same_number", fmt::format("{} {}", in.lot, in.same_as), {"lots 9005"});
    expect_rows("amounts_differ", "PL-06A", {"moves 9007", "moves 9008"});
    expect_rows("never_came_in", "PL-07", {"moves 9009"});
    expect_rows("not_one_piece", "PL-08", {"moves 9010"});
    expect_rows("delivered_twice", in.twice, {"moves 9011"});
    expect_rows("returned_by_another", in.returned, {"moves 9012"});
    expect_rows("in_the_future", in.future_item, {fmt::format("moves {}", in.future)});
    EXPECT_EQ(find(all, "negative_stock", in.lot)->micros, in_storage(in.lot));
    EXPECT_EQ(find(all, "negative_stock", in.lot)->place, "Storage Zone");
    EXPECT_EQ(find(all, "amounts_differ", "PL-06A")->micros, 3 * kQuantityScale);
    EXPECT_EQ(find(all, "delivered_twice", in.twice)->since, "2026-06-20");
    EXPECT_EQ(find(all, "in_the_future", in.future_item)->since, "2062-03-23");
}

TEST_P(TrytonAudit, page_by_page_says_what_one_page_says) {
    plant();
    const std::vector<Told> whole = audited();
    const std::vector<Told> pages = audited(2, 37);
    ASSERT_EQ(pages.size(), whole.size());
    for (std::size_t i = 0; i < whole.size(); ++i)
        EXPECT_EQ(fmt::format("{} {}", pages[i].kind, pages[i].item), fmt::format("{} {}", whole[i].kind, whole[i].item));
}

TEST(TwoSources, have_their_own_findings_and_without_a_source_all_are_told) {
    const TrytonDatabase demo{{Data::demo, sql::Engine::sqlite}};
    const TrytonDatabase trace{{Data::trace, sql::Engine::sqlite}};
    if (!trace.missing().empty()) GTEST_SKIP() << trace.missing();
    const stemma::test::TempFolder folder;
    stemma::test::EngineRig rig{folder.path()};
    for (const auto& [name, database] : {std::pair{"north", &demo}, std::pair{"south", &trace}}) {
        SourceSettings settings;
        settings.name = name;
        settings.connection = database->connection();
        const auto source = make_source(std::move(settings), tryton());
        ASSERT_TRUE(source);
        rig.sync(**source);
    }
    const std::vector<Told> north = audit_of(rig, "north");
    const std::vector<Told> south = audit_of(rig, "south");
    EXPECT_EQ(counts_of(north), (std::map<std::string, std::size_t>{{"no_outputs", 1}}));
    EXPECT_EQ(counts_of(south),
              (std::map<std::string, std::size_t>{{"negative_stock", 1}, {"no_origin", 1}, {"no_outputs", 1}, {"same_number", 1}}));
    EXPECT_EQ(audit_of(rig, "").size(), north.size() + south.size());
    EXPECT_EQ(audit_of(rig, "east").size(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Databases, TrytonAudit,
                         ::testing::Values(Which{Data::demo, sql::Engine::sqlite}, Which{Data::demo, sql::Engine::postgresql},
                                           Which{Data::trace, sql::Engine::sqlite}, Which{Data::trace, sql::Engine::postgresql}),
                         [](const auto& given) { return name_of(given.param); });

}  // namespace
}  // namespace stemma::erp::test
