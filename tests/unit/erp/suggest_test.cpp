// What is proposed for small made-up databases: the one of the tutorial, one in German without declared references, one that keeps all
// movements in one table. What must come out is read off their tables by hand.
#include "adapters/erp/suggest.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "adapters/erp/source.hpp"
#include "adapters/erp/suggest_roles.hpp"
#include "tests/support/temp_folder.hpp"
#include "tests/unit/erp/support.hpp"

namespace stemma::erp {
namespace {

class Suggest : public ::testing::Test {
protected:
    Suggest() { connection.target = folder.file("foreign.db"); }

    void run(const std::string& text) {
        auto session = sql::Session::open(connection);
        ASSERT_TRUE(session);
        std::istringstream statements{text};
        std::string whole;
        for (std::string line; std::getline(statements, line);) {
            if (line.starts_with("--")) continue;
            whole += line + '\n';
            if (!line.ends_with(';')) continue;
            const auto done = session->execute_as_is({"test", whole.c_str()});
            ASSERT_TRUE(done) << whole << done.error().text();
            whole.clear();
        }
    }

    std::string propose(bool sample = true) {
        auto foreign = open_foreign(connection);
        EXPECT_TRUE(foreign) << foreign.error().text();
        auto yaml = suggest(*foreign, {"toy", "SQLite", sample, {}});
        EXPECT_TRUE(yaml) << yaml.error().text();
        return yaml.value_or("");
    }

    /// The source that a proposal makes; it loads and fits.
    std::unique_ptr<ErpSource> source_of(const std::string& yaml) {
        SourceSettings settings;
        settings.name = "erp";
        settings.connection = connection;
        auto made = make_source(settings, test::toy(yaml));
        const auto report = (*made)->check();
        EXPECT_TRUE(report && report->fits) << yaml;
        return std::move(*made);
    }

    static std::map<std::string, std::pair<std::size_t, std::size_t>> records_and_rejects(ErpSource& source) {
        std::map<std::string, std::pair<std::size_t, std::size_t>> counts;
        auto reading = source.read({});
        EXPECT_TRUE(reading);
        for (auto batch = (*reading)->next(); batch && *batch; batch = (*reading)->next()) {
            counts[(*batch)->query].first += (*batch)->records.size();
            counts[(*batch)->query].second += (*batch)->rejects.size();
        }
        return counts;
    }

    stemma::test::TempFolder folder;
    sql::Connection connection;
};

std::string teahouse() {
    std::ifstream file{STEMMA_SOURCE_DIR "/config/examples/teahouse.sql"};
    return {std::istreambuf_iterator<char>{file}, {}};
}

using Counts = std::map<std::string, std::pair<std::size_t, std::size_t>>;

TEST_F(Suggest, maps_the_tutorials_erp_but_for_a_unit_that_nobody_knows) {
    run(teahouse());
    std::string yaml = propose();
    EXPECT_TRUE(yaml.contains("# - purchase_order_line: looks like what is ordered or planned, not what happened\n")) << yaml;
    EXPECT_TRUE(yaml.contains("\n  # CHECK: tin: ???")) << yaml;
    EXPECT_TRUE(
        yaml.contains("CHECK: status says whether it happened; only 'done' counts here. There are 2 'done', 1 'cancelled', 1 'planned'"));
    // Rows with a tin: the article, what WO-2 put out, both deliveries, the return.
    EXPECT_EQ(records_and_rejects(*source_of(yaml)), (Counts{{"products", {3, 1}},
                                                             {"places", {2, 0}},
                                                             {"partner", {4, 0}},
                                                             {"lots", {5, 0}},
                                                             {"customer_return_line", {0, 1}},
                                                             {"delivery_line", {0, 2}},
                                                             {"goods_receipt_line", {2, 0}},
                                                             {"work_order_input", {3, 0}},
                                                             {"work_order_output", {1, 1}}}));
    const std::size_t at = yaml.find("  # CHECK: tin");
    yaml.replace(at, yaml.find('\n', at) - at, "  tin: C62");
    for (const auto& [query, counts] : records_and_rejects(*source_of(yaml))) EXPECT_EQ(counts.second, 0U) << query;
}

TEST_F(Suggest, looks_at_no_value_when_told_so) {
    run(teahouse());
    const std::string yaml = propose(false);
    EXPECT_TRUE(yaml.contains("(--no-sample)"));
    EXPECT_FALSE(yaml.contains("'done'"));
    EXPECT_FALSE(yaml.contains("CHECK: tin"));
    EXPECT_TRUE(yaml.contains("CHECK: status may say whether it happened; all rows count here. Its values were not looked at")) << yaml;
    source_of(yaml);
}

TEST_F(Suggest, reads_german_names_and_says_where_references_are_told_by_name_alone) {
    run("CREATE TABLE Artikel (ArtikelNr TEXT PRIMARY KEY, Bezeichnung TEXT, Mengeneinheit TEXT);\n"
        "CREATE TABLE Lieferant (LieferantNr TEXT PRIMARY KEY, Name1 TEXT, Telefon TEXT);\n"
        "CREATE TABLE Kunde (KundeNr TEXT PRIMARY KEY, Name1 TEXT, Telefon TEXT);\n"
        "CREATE TABLE Charge (ChargeId INTEGER PRIMARY KEY, ChargenNummer TEXT, ArtikelNr TEXT, MHD DATE);\n"
        "CREATE TABLE Wareneingang (Id INTEGER PRIMARY KEY, LieferantNr TEXT, ChargeId INTEGER, Menge NUMERIC, Datum DATE);\n"
        "CREATE TABLE Lieferschein (Id INTEGER PRIMARY KEY, KundeNr TEXT, ChargeId INTEGER, Menge NUMERIC, Datum DATE);\n"
        "CREATE TABLE Fertigungsauftrag (FertigungsauftragId INTEGER PRIMARY KEY, Nummer TEXT, Datum DATE);\n"
        "CREATE TABLE FertigungVerbrauch (Id INTEGER PRIMARY KEY, FertigungsauftragId INTEGER, ChargeId INTEGER, Menge NUMERIC);\n"
        "CREATE TABLE FertigungErgebnis (Id INTEGER PRIMARY KEY, FertigungsauftragId INTEGER, ChargeId INTEGER, Menge NUMERIC);\n"
        "INSERT INTO Artikel VALUES ('M', 'Mehl', 'kg'), ('B', 'Brot', 'Stück');\n"
        "INSERT INTO Lieferant VALUES ('L1', 'Mühle', NULL);\n"
        "INSERT INTO Kunde VALUES ('K1', 'Laden', NULL);\n"
        "INSERT INTO Charge VALUES (1, 'M-1', 'M', '2027-01-31'), (2, 'B-1', 'B', NULL);\n"
        "INSERT INTO Wareneingang VALUES (1, 'L1', 1, 50, '2026-03-01');\n"
        "INSERT INTO Fertigungsauftrag VALUES (1, 'FA-1', '2026-03-02');\n"
        "INSERT INTO FertigungVerbrauch VALUES (1, 1, 1, 20);\n"
        "INSERT INTO FertigungErgebnis VALUES (1, 1, 2, 40);\n"
        "INSERT INTO Lieferschein VALUES (1, 'K1', 2, 30, '2026-03-03');\n");
    const std::string yaml = propose();
    EXPECT_TRUE(yaml.contains("CHECK: what ChargeId refers to is told by its name alone")) << yaml;
    EXPECT_TRUE(yaml.contains("Fertigungsauftrag is joined by the name of column FertigungsauftragId alone")) << yaml;
    EXPECT_TRUE(yaml.contains("(places): no table looks like places of stock")) << yaml;
    EXPECT_TRUE(yaml.contains("biz_step: receiving") && yaml.contains("biz_step: shipping")) << yaml;
    EXPECT_TRUE(yaml.contains("id: \"supplier:{party_key}\"") && yaml.contains("id: \"customer:{party_key}\"")) << yaml;
    EXPECT_EQ(records_and_rejects(*source_of(yaml)), (Counts{{"products", {2, 0}},
                                                             {"lieferant", {1, 0}},
                                                             {"kunde", {1, 0}},
                                                             {"lots", {2, 0}},
                                                             {"wareneingang", {1, 0}},
                                                             {"fertigungverbrauch", {1, 0}},
                                                             {"fertigungergebnis", {1, 0}},
                                                             {"lieferschein", {1, 0}}}))
        << yaml;
}

TEST_F(Suggest, tells_the_kinds_of_a_journal_and_names_those_that_it_cannot) {
    run("CREATE TABLE product (id INTEGER PRIMARY KEY, code TEXT, name TEXT, unit TEXT);\n"
        "CREATE TABLE lot (id INTEGER PRIMARY KEY, lot_number TEXT, product_id INTEGER NOT NULL REFERENCES product);\n"
        "CREATE TABLE stock_movement (id INTEGER PRIMARY KEY, lot_id INTEGER NOT NULL REFERENCES lot, type TEXT, order_no TEXT, quantity "
        "NUMERIC, moved_on DATE, modified_at TIMESTAMP NOT NULL);\n"
        "INSERT INTO product VALUES (1, 'P', 'Part', 'pcs');\n"
        "INSERT INTO lot VALUES (1, 'L1', 1), (2, 'L2', 1);\n"
        "INSERT INTO stock_movement VALUES (1, 1, 'goods receipt', 'x', 10, '2026-03-01', '2026-03-01 10:00:00'),\n"
        "  (2, 1, 'production issue', 'W1', -4, '2026-03-02', '2026-03-02 10:00:00'),\n"
        "  (3, 2, 'production output', 'W1', 2, '2026-03-02', '2026-03-02 10:00:00'),\n"
        "  (4, 2, 'delivery', 'y', -1, '2026-03-03', '2026-03-03 10:00:00'),\n"
        "  (5, 2, 'zz9', 'y', -1, '2026-03-03', '2026-03-03 10:00:00'),\n"
        "  (6, 2, 'stocktake', 'z', -1, '2026-03-04', '2026-03-04 10:00:00');\n");
    const std::string yaml = propose();
    EXPECT_TRUE(yaml.contains("their rows will be rejected; add a case for each: zz9 (1 rows)")) << yaml;
    EXPECT_TRUE(yaml.contains("its sign is dropped")) << yaml;
    const auto source = source_of(yaml);
    auto reading = source->read({});
    std::map<std::string, std::string> steps;
    std::map<std::string, std::string> orders;
    for (auto batch = (*reading)->next(); batch && *batch; batch = (*reading)->next())
        for (const SourceRecord& record : (*batch)->records)
            if (const auto* event = std::get_if<Event>(&record.record)) {
                steps[record.key] = event->biz_step + (event->action == Action::remove ? " away" : "");
                orders[record.key] = event->transformation.str();
            }
    EXPECT_EQ(steps,
              (std::map<std::string, std::string>{
                  {"1", "receiving"}, {"2", "commissioning"}, {"3", "commissioning"}, {"4", "shipping"}, {"6", "decommissioning away"}}));
    EXPECT_NE(orders["2"], "");
    EXPECT_EQ(orders["2"], orders["3"]) << "inputs and outputs of one order meet";
}

/// Old ERPs keep a lot's number as a text beside the product, and nowhere else.
TEST_F(Suggest, makes_items_of_lot_numbers_that_no_table_holds) {
    run("CREATE TABLE product (code TEXT PRIMARY KEY, name TEXT, unit TEXT);\n"
        "CREATE TABLE receipt (id INTEGER PRIMARY KEY, product_code TEXT NOT NULL REFERENCES product, lot_no TEXT, quantity NUMERIC, day "
        "DATE);\n"
        "CREATE TABLE dispatch (id INTEGER PRIMARY KEY, product_code TEXT NOT NULL REFERENCES product, lot_no TEXT, quantity NUMERIC, day "
        "DATE);\n"
        "INSERT INTO product VALUES ('A', 'Apple', 'kg'), ('B', 'Bread', 'kg');\n"
        "INSERT INTO receipt VALUES (1, 'A', 'L1', 5, '2026-03-01'), (2, 'A', 'L2', 5, '2026-03-01'), (3, 'B', 'L1', 5, '2026-03-01'),\n"
        "  (4, 'B', NULL, 5, '2026-03-01');\n"
        "INSERT INTO dispatch VALUES (1, 'A', 'L1', 2, '2026-03-02'), (2, 'A', 'L1', 2, '2026-03-03');\n");
    const std::string yaml = propose();
    // L1 of apples, L2 of apples, L1 of bread; bread without a number is goods of a product.
    EXPECT_EQ(records_and_rejects(*source_of(yaml)),
              (Counts{{"products", {2, 0}}, {"lots", {3, 0}}, {"receipt", {4, 0}}, {"dispatch", {2, 0}}}))
        << yaml;
}

TEST_F(Suggest, finds_nothing_in_a_database_without_goods) {
    run("CREATE TABLE song (id INTEGER PRIMARY KEY, title TEXT);\n");
    auto foreign = open_foreign(connection);
    ASSERT_TRUE(foreign);
    const auto yaml = suggest(*foreign, {"toy", "SQLite", true, {}});
    ASSERT_FALSE(yaml);
    EXPECT_EQ(yaml.error().code, Errc::not_found);
    EXPECT_FALSE(suggest(*foreign, {"No Name", "SQLite", true, {}}));
}

TEST_F(Suggest, leaves_out_names_that_a_mapping_cannot_hold) {
    run(teahouse());
    run("CREATE TABLE \"lieferung:neu\" (id INTEGER PRIMARY KEY, batch_id INTEGER REFERENCES batch, quantity NUMERIC, \"day\" DATE);\n"
        "CREATE TABLE shipment (id INTEGER PRIMARY KEY, batch_id INTEGER REFERENCES batch, quantity NUMERIC, \"te:st\" TEXT, \"day\" "
        "DATE);\n");
    const std::string yaml = propose();
    EXPECT_FALSE(yaml.contains("lieferung:neu"));
    EXPECT_TRUE(yaml.contains("name: shipment"));
    source_of(yaml);
}

TEST(Meaning, of_names_in_four_languages_and_glued_ones) {
    for (const auto& [name, idea] :
         {std::pair{"Chargennummer", Idea::lot}, std::pair{"stockserialitems", Idea::serial}, std::pair{"qtyrecd", Idea::quantity},
          std::pair{"debtorno", Idea::customer}, std::pair{"FechaCaducidad", Idea::expiry}, std::pair{"livraison_ligne", Idea::delivery},
          std::pair{"best_before", Idea::expiry}, std::pair{"stockmaster", Idea::product}, std::pair{"Rücklieferung", Idea::returned},
          std::pair{"fournisseur", Idea::supplier}})
        EXPECT_TRUE(meaning_of(name).is(idea)) << name;
    EXPECT_FALSE(meaning_of("note").is(Idea::number));
    EXPECT_TRUE(meaning_of("xyzzy").words.empty());
}

TEST(Meaning, of_kinds_gives_the_step) {
    for (const auto& [name, step] : {std::pair{"Purchase Order Delivery", Step::receive}, std::pair{"Sales Invoice", Step::ship},
                                     std::pair{"Work Order Issue", Step::consume}, std::pair{"Work Order Receipt", Step::produce},
                                     std::pair{"Stock Adjustment", Step::count}, std::pair{"customer return", Step::customer_return},
                                     std::pair{"Rücksendung Lieferant", Step::supplier_return}, std::pair{"scrap", Step::write_off},
                                     std::pair{"Umlagerung", Step::transfer}, std::pair{"Payment", Step::unknown}})
        EXPECT_EQ(to_string(step_of(meaning_of(name))), to_string(step)) << name;
}

TEST(UnitCode, is_known_for_symbols_in_any_case_and_for_no_others) {
    EXPECT_EQ(unit_code("KG"), "KGM");
    EXPECT_EQ(unit_code("Stück"), "C62");
    EXPECT_EQ(unit_code("ltr"), "LTR");
    EXPECT_EQ(unit_code("tin"), "");
    EXPECT_EQ(unit_code("a b"), "");
    EXPECT_EQ(unit_code(""), "");
}

TEST(Recognise, names_the_mapping_that_fits_and_the_one_that_nearly_does) {
    const auto toy = test::toy();
    Catalogue there;
    there.tables["lot"].columns = {{"id", true}, {"number", true}, {"expires", true}, {"made", true}};
    for (const char* column : {"id", "kind", "day", "lot", "quantity", "unit", "partner", "note", "changed"})
        there.tables["move"].columns[column] = true;
    const Recognised fits = recognise(there, {*toy});
    ASSERT_EQ(fits.fitting.size(), 1U);
    EXPECT_EQ(fits.fitting[0].name, "toy-1");
    there.tables["move"].columns.erase("note");
    const Recognised nearly = recognise(there, {*toy});
    EXPECT_TRUE(nearly.fitting.empty());
    ASSERT_EQ(nearly.nearly.size(), 1U);
    EXPECT_EQ(nearly.nearly[0], "toy-1: column move.note: missing");
    there.tables.erase("move");
    EXPECT_TRUE(recognise(there, {*toy}).nearly.empty() || recognise(there, {*toy}).fitting.empty());
}

}  // namespace
}  // namespace stemma::erp
