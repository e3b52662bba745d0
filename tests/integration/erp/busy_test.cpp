// Users go on working while Stemma syncs: see busy_erp.hpp. Tryton on PostgreSQL, where nothing may be missed whatever its change time;
// ERPNext and Dolibarr on MariaDB, where the overlap covers transactions and the sweep of the keys finds what was deleted.
// STEMMA_BUSY_SEEDS=20 runs 20 seeds of each.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/integration/engine/busy_erp.hpp"
#include "tests/integration/erp/mariadb_database.hpp"
#include "tests/integration/erp/tryton_database.hpp"

namespace stemma::erp {
namespace {

using stemma::test::BusyErp;
using stemma::test::Dice;
using Texts = std::vector<std::string>;

constexpr std::uint32_t kFewSeeds = 2;

class Busy : public ::testing::TestWithParam<std::uint32_t> {};

// --- Tryton -----------------------------------------------------------------------------------------------------------------

Texts tryton_deed(Dice& dice, int step) {
    const std::string now = "write_date = CAST(now() AT TIME ZONE 'UTC' AS TIMESTAMP)";
    const std::string move = fmt::format("(SELECT id FROM stock_move WHERE state = 'done' ORDER BY id LIMIT 1 OFFSET {})", dice.below(900));
    switch (dice.below(11)) {
        case 0: return {fmt::format("UPDATE stock_move SET quantity = quantity + 1, {} WHERE id = {}", now, move)};
        case 1:  // back-dated, or put off
            return {fmt::format("UPDATE stock_move SET effective_date = effective_date + {}, {} WHERE id = {}", dice.below(60) - 50, now,
                                move)};
        case 2:
            return {
                fmt::format("UPDATE stock_move m SET lot = (SELECT l.id FROM stock_lot l WHERE l.product = m.product ORDER BY l.id "
                            "LIMIT 1 OFFSET {}), {} WHERE id = {} AND lot IS NOT NULL",
                            dice.below(2), now, move)};
        case 3:
            return {
                fmt::format("UPDATE stock_lot SET number = number || 'x', {} WHERE id = (SELECT id FROM stock_lot ORDER BY id LIMIT 1 "
                            "OFFSET {})",
                            now, dice.below(300))};
        case 4: return {fmt::format("DELETE FROM stock_move WHERE id = {}", move)};
        case 5: return {fmt::format("UPDATE stock_move SET state = 'cancelled', {} WHERE id = {}", now, move)};
        case 6:  // two parties are merged: no change time anywhere
            return {
                fmt::format("UPDATE stock_shipment_in SET supplier = (SELECT MIN(id) + {} FROM party_party) WHERE id = (SELECT id FROM "
                            "stock_shipment_in ORDER BY id LIMIT 1 OFFSET {})",
                            dice.below(5), dice.below(20))};
        case 7:
            return {
                fmt::format("UPDATE production SET number = number || 'x', {} WHERE id = (SELECT id FROM production ORDER BY id LIMIT 1 "
                            "OFFSET {})",
                            now, dice.below(30))};
        case 8:  // somebody at the database, who leaves no trace
            return {fmt::format("UPDATE stock_move SET quantity = quantity * 2 WHERE id = {}", move)};
        default:
            return {
                fmt::format("INSERT INTO stock_move SELECT (jsonb_populate_record(m, jsonb_build_object('id', {}, 'write_date', NULL, "
                            "'create_date', CAST(now() AT TIME ZONE 'UTC' AS TIMESTAMP)))).* FROM stock_move m WHERE id = {}",
                            100'000 + step, move)};
    }
}

TEST_P(Busy, tryton_on_postgresql_is_followed_through_late_commits_and_changes_without_a_time) {
    const test::TrytonDatabase database{{test::Data::demo, sql::Engine::postgresql}};
    if (!database.missing().empty()) GTEST_SKIP() << database.missing();
    SourceSettings settings;
    settings.overlap = std::chrono::seconds{0};  // transactions alone tell
    const auto source = database.source(settings);
    const BusyErp erp{database.connection(), {"SET lock_timeout = '20ms'", "SET TIME ZONE 'UTC'"}, {}, tryton_deed};
    stemma::test::expect_followed(erp, *source, GetParam());
}

// --- ERPNext ----------------------------------------------------------------------------------------------------------------

const Texts kMariadbGreetings{"SET time_zone = '+00:00'", "SET innodb_lock_wait_timeout = 0",
                              "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED"};

Texts erpnext_deed(Dice& dice, int step) {
    const std::string row =
        fmt::format("SELECT name FROM (SELECT name FROM \"tabStock Ledger Entry\" ORDER BY name LIMIT 1 OFFSET {}) x", dice.below(150));
    const auto edit = [&](const std::string& what) {
        return Texts{fmt::format("UPDATE \"tabStock Ledger Entry\" SET {}, modified = @began WHERE name = ({})", what, row)};
    };
    switch (dice.below(8)) {
        case 0: return edit("actual_qty = actual_qty * 2");
        case 1: return edit(fmt::format("posting_datetime = posting_datetime - INTERVAL {} HOUR", dice.below(400)));
        case 2: return edit("is_cancelled = 1 - is_cancelled");
        case 3: return {fmt::format("DELETE FROM \"tabStock Ledger Entry\" WHERE name = ({})", row)};
        case 4:
            return {
                fmt::format("UPDATE tabBatch SET expiry_date = '2027-01-01' + INTERVAL {} DAY, modified = @began WHERE name = (SELECT name "
                            "FROM (SELECT name FROM tabBatch ORDER BY name LIMIT 1 OFFSET {}) x)",
                            dice.below(300), dice.below(10))};
        case 5:
            return {
                fmt::format("UPDATE tabItem SET item_name = CONCAT(item_name, 'x'), modified = @began WHERE name = (SELECT name FROM "
                            "(SELECT name FROM tabItem ORDER BY name LIMIT 1 OFFSET {}) x)",
                            dice.below(4))};
        default:
            return {fmt::format(
                "INSERT INTO \"tabStock Ledger Entry\" (name, item_code, warehouse, actual_qty, voucher_type, voucher_no, "
                "voucher_detail_no, posting_datetime, modified, docstatus, stock_uom, is_cancelled) SELECT 'busy{0}', item_code, "
                "warehouse, {1}, 'Stock Reconciliation', 'REC{0}', 'rec{0}', posting_datetime, @began, 1, stock_uom, 0 FROM "
                "\"tabStock Ledger Entry\" WHERE name = ({2})",
                step, 1 + dice.below(9), row)};
    }
}

TEST_P(Busy, erpnext_on_mariadb_is_followed_by_overlap_and_sweep) {
    const test::MariadbDatabase database{test::kErpnext, test::MariadbDatabase::Rows::all};
    if (!database.missing().empty()) GTEST_SKIP() << database.missing();
    const auto source = database.source();
    const BusyErp erp{*sql::parse_connection(database.connection()), kMariadbGreetings, {"SET @began = UTC_TIMESTAMP(6)"}, erpnext_deed};
    stemma::test::expect_followed(erp, *source, GetParam());
}

// --- Dolibarr ---------------------------------------------------------------------------------------------------------------

/// Its change times are the server's own, of the statement.
Texts dolibarr_deed(Dice& dice, int step) {
    const auto nth = [&](const char* table, const char* where, int limit) {
        return fmt::format("(SELECT rowid FROM (SELECT rowid FROM {} {} ORDER BY rowid LIMIT 1 OFFSET {}) x)", table, where,
                           dice.below(limit));
    };
    const std::string move = nth("llx_stock_mouvement", "WHERE origintype IN ('reception', 'shipping', 'mo')", 150);
    switch (dice.below(8)) {
        case 0: return {fmt::format("UPDATE llx_stock_mouvement SET value = value * 2 WHERE rowid = {}", move)};
        case 1:
            return {fmt::format("UPDATE llx_stock_mouvement SET datem = datem - INTERVAL {} HOUR WHERE rowid = {}", dice.below(400), move)};
        case 2:
            return {
                fmt::format("DELETE FROM llx_stock_mouvement WHERE rowid = {}", nth("llx_stock_mouvement", "WHERE rowid >= 900000", 10))};
        case 3:
            return {fmt::format("UPDATE llx_product_lot SET eatby = '2027-01-01' + INTERVAL {} DAY WHERE rowid = {}", dice.below(300),
                                nth("llx_product_lot", "", 100))};
        case 4:
            return {fmt::format("UPDATE llx_reception SET fk_soc = {} WHERE rowid = {}", nth("llx_societe", "", 4),
                                nth("llx_reception", "", 8))};
        case 5: return {fmt::format("UPDATE llx_societe SET nom = CONCAT(nom, 'x') WHERE rowid = {}", nth("llx_societe", "", 4))};
        default:
            return {
                fmt::format("INSERT INTO llx_stock_mouvement (rowid, fk_product, batch, fk_entrepot, value, inventorycode, type_mouvement, "
                            "label, datem) SELECT {}, fk_product, batch, fk_entrepot, {}, 'BUSY{}', 0, 'busy', datem FROM "
                            "llx_stock_mouvement WHERE rowid = {}",
                            900'000 + step, 1 + dice.below(9), step, move)};
    }
}

TEST_P(Busy, dolibarr_on_mariadb_is_followed_by_overlap_and_sweep) {
    const test::MariadbDatabase database{test::kDolibarr, test::MariadbDatabase::Rows::all};
    if (!database.missing().empty()) GTEST_SKIP() << database.missing();
    const auto source = database.source();
    const BusyErp erp{*sql::parse_connection(database.connection()), kMariadbGreetings, {}, dolibarr_deed};
    stemma::test::expect_followed(erp, *source, GetParam());
}

TEST(BusySeeds, refuses_what_is_no_number_of_seeds_instead_of_running_none) {
    ASSERT_EQ(setenv("STEMMA_BUSY_SEEDS", "3", 1), 0);
    EXPECT_EQ(stemma::test::busy_seeds(2).size(), 3U);
    for (const char* word : {"many", "0", "-1", "3x", "", "10001"}) {
        ASSERT_EQ(setenv("STEMMA_BUSY_SEEDS", word, 1), 0);
        EXPECT_EXIT(stemma::test::busy_seeds(2), ::testing::ExitedWithCode(2), "a number from 1 to 10000") << word;
    }
    ASSERT_EQ(unsetenv("STEMMA_BUSY_SEEDS"), 0);
    EXPECT_EQ(stemma::test::busy_seeds(2).size(), 2U);
}

INSTANTIATE_TEST_SUITE_P(Seeds, Busy, ::testing::ValuesIn(stemma::test::busy_seeds(kFewSeeds)),
                         [](const auto& given) { return fmt::format("seed_{}", given.param); });

}  // namespace
}  // namespace stemma::erp
