// Dolibarr 22 on MariaDB: the sample company both ways against its ground truth, its stock against Dolibarr's own, and what the doctor
// says.
#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "core/lineage/recall.hpp"
#include "tests/integration/engine/engine_rig.hpp"
#include "tests/integration/erp/lot_answer.hpp"
#include "tests/integration/erp/mariadb_database.hpp"
#include "tests/integration/erp/tryton_database.hpp"

namespace stemma {
namespace {

namespace json = boost::json;
using erp::test::kDolibarr;
using erp::test::MariadbDatabase;
using lineage::Node;
using Texts = std::set<std::string>;

/// The sample company read into a ledger of its own, and its items by the ground truth's names: "SKU|number".
class Company : public ::testing::Test {
protected:
    static void SetUpTestSuite() {
        company = std::make_unique<MariadbDatabase>(kDolibarr, MariadbDatabase::Rows::all);
        if (!company->missing().empty()) return;
        before = company->content();
        folder = std::make_unique<test::TempFolder>();
        rig = std::make_unique<test::EngineRig>(folder->path());
        first = rig->sync(*company->source());
        for (const auto& row :
             company->rows("SELECT p.rowid, p.ref, l.batch FROM llx_product_lot l JOIN llx_product p ON p.rowid = l.fk_product")) {
            const std::string id = make_urn("doli", "lot", row[0] + "-" + row[2]);
            id_of[row[1] + "|" + row[2]] = id;
            name_of[id] = row[1] + "|" + row[2];
        }
        for (const auto& row : company->rows("SELECT rowid, nom FROM llx_societe")) party_of[make_urn("doli", "party", row[0])] = row[1];
    }
    static void TearDownTestSuite() {
        rig.reset();
        company.reset();
        folder.reset();
    }
    void SetUp() override {
        if (!company->missing().empty()) GTEST_SKIP() << company->missing();
    }

    struct Answer {
        Texts lots, shipments, receipts;
    };
    static Answer ask(const std::string& name, lineage::Direction direction) {
        const erp::test::LotAnswer found = erp::test::ask(*rig, id_of.at(name), direction);
        Answer answer;
        for (const std::string& id : found.items) answer.lots.insert(name_of.at(id));
        for (const auto& [party, document] : found.shipped) answer.shipments.insert(party_of.at(party) + "|" + document);
        for (const auto& [party, document] : found.received) answer.receipts.insert(party_of.at(party) + "|" + document);
        return answer;
    }

    static std::unique_ptr<MariadbDatabase> company;
    static std::string before;
    static std::unique_ptr<test::TempFolder> folder;
    static std::unique_ptr<test::EngineRig> rig;
    static engine::SyncReport first;
    static std::map<std::string, std::string> id_of, name_of, party_of;
};
std::unique_ptr<MariadbDatabase> Company::company;
std::string Company::before;
std::unique_ptr<test::TempFolder> Company::folder;
std::unique_ptr<test::EngineRig> Company::rig;
engine::SyncReport Company::first;
std::map<std::string, std::string> Company::id_of, Company::name_of, Company::party_of;

json::value truth() { return json::parse(erp::test::unpacked(erp::test::shared_erp_path("dolibarr/ground-truth-sql.json.gz"))); }

TEST_F(Company, is_read_whole_with_a_login_that_can_only_read) {
    EXPECT_EQ(first.sum.rejected, 0U);
    EXPECT_TRUE(first.complete);
    const auto count = [&](const char* sql) { return static_cast<std::uint64_t>(std::stoull(company->rows(sql)[0][0])); };
    std::map<std::string, std::uint64_t> rows;
    for (const auto& [query, counts] : first.queries) rows[query] = counts.rows;
    EXPECT_EQ(rows["products"], 9U);
    EXPECT_EQ(rows["lots"], count("SELECT COUNT(*) FROM llx_product_lot"));
    EXPECT_EQ(rows["lost_lots"], 0U);
    EXPECT_EQ(rows["moves"], count("SELECT COUNT(*) FROM llx_stock_mouvement") - 8) << "a transfer's two rows are one event";
    EXPECT_EQ(company->content(), before) << "the ERP's tables were changed";
}

TEST_F(Company, adds_nothing_when_it_is_read_again) {
    const std::size_t entries = rig->entries().size();
    for (const bool full : {false, true}) {
        const engine::SyncReport again = rig->sync(*company->source(), full);
        EXPECT_EQ(again.sum.added, 0U);
        EXPECT_EQ(again.sum.changed, 0U);
        EXPECT_EQ(again.sum.vanished, 0U);
    }
    EXPECT_EQ(rig->entries().size(), entries);
    EXPECT_EQ(company->content(), before);
}

TEST_F(Company, every_forward_answer_equals_the_truth) {
    const json::value all = truth();
    for (const auto& [lot, forward] : all.at("forward").as_object()) {
        const Answer ours = ask(std::string{lot}, lineage::Direction::forward);
        EXPECT_EQ(ours.lots, erp::test::texts_of(forward.at("lots"))) << lot;
        EXPECT_EQ(ours.shipments, erp::test::texts_of(forward.at("shipments"))) << lot;
    }
    EXPECT_EQ(all.at("forward").as_object().size(), 14U);
}

TEST_F(Company, every_backward_answer_equals_the_truth) {
    const json::value all = truth();
    for (const auto& [lot, backward] : all.at("backward").as_object())
        EXPECT_EQ(ask(std::string{lot}, lineage::Direction::back).lots, erp::test::texts_of(backward.at("lots"))) << lot;
    EXPECT_EQ(all.at("backward").as_object().size(), 40U);
}

/// product_batch is what Dolibarr itself has on hand; nothing of it is read.
TEST_F(Company, stock_on_hand_per_lot_and_warehouse_equals_dolibarrs_own) {
    std::map<std::string, std::map<std::string, std::int64_t>> theirs;
    for (const auto& row :
         company->rows(fmt::format("SELECT p.ref, b.batch, s.fk_entrepot, b.qty FROM {0}.llx_product_batch b JOIN {0}.llx_product_stock s "
                                   "ON s.rowid = b.fk_product_stock JOIN {0}.llx_product p ON p.rowid = s.fk_product WHERE b.qty <> 0",
                                   company->dump_database())))
        theirs[row[0] + "|" + row[1]][make_urn("doli", "place", row[2])] += std::llround(std::stod(row[3]) * 1e6);
    std::map<std::string, std::map<std::string, std::int64_t>> ours;
    const lineage::View view = rig->index().view();
    for (const auto& [name, id] : id_of) {
        const Node node = view.find(ItemId{id});
        ASSERT_NE(node, Node::none) << name;
        for (const lineage::UnitStock& unit : lineage::stock_of(view, node).units)
            for (const lineage::PlaceAmount& amount : unit.on_hand) ours[name][std::string{view.place(amount.place).id}] = amount.micros;
    }
    EXPECT_EQ(ours, theirs);
    EXPECT_EQ(theirs.size(), 91U);
}

TEST_F(Company, reads_the_supplier_of_each_lot) {
    const Answer cells = ask("CELL-21700|LH/26-03 №7", lineage::Direction::back);
    EXPECT_EQ(cells.lots, Texts{});
    EXPECT_EQ(cells.receipts, Texts{"Shenzhen Lihua Battery|RCP2611-0003"});
}

// --- the doctor -----------------------------------------------------------------------------------------------------

const SourceFinding* find(const SourceReport& report, std::string_view subject) {
    for (const SourceFinding& finding : report.findings)
        if (finding.subject == subject) return &finding;
    return nullptr;
}

class DolibarrCheck : public ::testing::Test {
protected:
    void SetUp() override {
        if (!database.missing().empty()) GTEST_SKIP() << database.missing();
    }
    [[nodiscard]] SourceReport check(const std::string& user = "reader") const {
        erp::SourceSettings settings;
        settings.connection = *sql::parse_connection(database.connection(user));
        const auto report = database.source(std::move(settings))->check();
        EXPECT_TRUE(report) << report.error().text();
        return report.value_or(SourceReport{});
    }
    MariadbDatabase database{kDolibarr, MariadbDatabase::Rows::none};
};

TEST_F(DolibarrCheck, a_database_that_fits_is_told_with_version_tables_and_rights) {
    const SourceReport report = check();
    EXPECT_TRUE(report.fits);
    EXPECT_EQ(report.erp, "Dolibarr");
    EXPECT_EQ(report.version, "22");
    EXPECT_EQ(report.database.substr(0, 22), "MariaDB host=127.0.0.1");
    EXPECT_EQ(report.row_counts.size(), erp::tables_read(*database.mapping()).size());
    for (const SourceFinding& finding : report.findings)
        EXPECT_LE(finding.level, SourceFinding::Level::note) << finding.subject << finding.message;
    const SourceFinding* rights = find(report, "rights");
    ASSERT_NE(rights, nullptr);
    EXPECT_EQ(rights->message.substr(0, 14), "login 'reader_");
    EXPECT_NE(rights->message.find("may read and cannot write"), std::string::npos);
}

TEST_F(DolibarrCheck, warns_of_a_login_that_could_write) {
    const SourceFinding* rights = nullptr;
    const SourceReport as_root = check("root");
    ASSERT_NE(rights = find(as_root, "rights"), nullptr);
    EXPECT_EQ(rights->level, SourceFinding::Level::warning);
    EXPECT_EQ(rights->message.substr(0, 20), "login 'root@127.0.0.");
    EXPECT_NE(rights->hint.find("stemma erp grants doli"), std::string::npos) << rights->hint;
    database.run(
        "CREATE OR REPLACE USER clerk; GRANT SELECT, INSERT (ref) ON llx_product TO clerk; GRANT SELECT, DELETE ON llx_societe TO clerk");
    const SourceReport as_clerk = check("clerk");
    ASSERT_NE(rights = find(as_clerk, "rights"), nullptr);
    EXPECT_EQ(rights->level, SourceFinding::Level::warning);
    EXPECT_NE(rights->message.find("could write to 2 of"), std::string::npos) << rights->message;
    EXPECT_NE(rights->message.find("(llx_product)"), std::string::npos) << rights->message;
}

TEST_F(DolibarrCheck, names_the_table_that_the_login_may_not_read_with_its_grant) {
    database.run("CREATE OR REPLACE USER novice");
    for (const auto& [table, columns] : erp::tables_read(*database.mapping()))
        if (table != "llx_inventory") database.run(fmt::format("GRANT SELECT ON {} TO novice", table));
    const SourceReport report = check("novice");
    EXPECT_FALSE(report.fits);
    const SourceFinding* finding = find(report, "table llx_inventory");
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(finding->message, "missing, or the login may not read it");
    EXPECT_NE(finding->hint.find(".`llx_inventory` TO 'novice'@'%'"), std::string::npos) << finding->hint;
    ASSERT_NE(find(report, "query products"), nullptr) << "what does not need it is looked at all the same";
    EXPECT_EQ(find(report, "query products")->level, SourceFinding::Level::ok);
}

TEST_F(DolibarrCheck, names_a_column_that_was_renamed_and_reads_nothing) {
    database.run("ALTER TABLE llx_stock_mouvement RENAME COLUMN origintype TO origin_type");
    const SourceReport report = check();
    EXPECT_FALSE(report.fits);
    const SourceFinding* finding = find(report, "column llx_stock_mouvement.origintype");
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(finding->message, "missing, or the login may not read it; there is 'origin_type'");
    const auto reading = database.source()->read({});
    ASSERT_FALSE(reading);
    EXPECT_EQ(reading.error().code, Errc::config);
}

TEST_F(DolibarrCheck, knows_a_version_that_is_too_old) {
    database.run("ALTER TABLE llx_expeditiondet RENAME COLUMN fk_elementdet TO fk_origin_line");
    const SourceReport report = check();
    EXPECT_FALSE(report.fits);
    const SourceFinding* finding = find(report, "Dolibarr 22");
    ASSERT_NE(finding, nullptr);
    EXPECT_NE(finding->message.find("19 or earlier"), std::string::npos) << finding->message;
}

}  // namespace
}  // namespace stemma
