#include "tests/integration/engine/shop_erp.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "core/config/tree.hpp"

namespace stemma::test {
namespace {

constexpr const char* kTables = R"(
CREATE TABLE product (id INTEGER PRIMARY KEY, sku TEXT, name TEXT, gtin TEXT, tracking TEXT, unit TEXT);
CREATE TABLE lot (id INTEGER PRIMARY KEY, product INTEGER, number TEXT, kind TEXT, expires TEXT);
CREATE TABLE move (id INTEGER PRIMARY KEY, kind TEXT, lot INTEGER, day TEXT, partner TEXT, quantity NUMERIC, unit TEXT);
)";

constexpr std::string_view kMapping = R"(mapping: shop-1
erp: Shop
version: "1"
fingerprint:
  tables:
    move: [id, kind]
units:
  pc: C62
  kg: KGM
queries:
  - name: products
    table: product
    key: id
    tables:
      product: [id, sku, name, gtin, tracking, unit]
    columns:
      id: int
      sku: text
      name: text
      gtin: text?
      tracking: text
      unit: text
    sql: SELECT id, sku, name, gtin, tracking, unit FROM product
    record:
      product: {id: "product:{id}", sku: "{sku}", name: "{name}", tracking: "{tracking}", unit: unit, attributes: {gtin: "{gtin}"}}
  - name: lots
    table: lot
    key: id
    tables:
      lot: [id, product, number, kind, expires]
    columns:
      id: int
      product: int
      number: text
      kind: text
      expires: text?
    sql: SELECT id, product, number, kind, expires FROM lot
    record:
      item:
        id: "lot:{id}"
        kind: "{kind}"
        product: "product:{product}"
        identifiers: [{scheme: "{kind}", value: "{number}"}]
        attributes: {itemExpirationDate: "{expires}"}
  - name: moves
    table: move
    key: id
    tables:
      move: [id, kind, lot, day, partner, quantity, unit]
    columns:
      id: int
      kind: text
      lot: int
      day: date
      partner: text
      quantity: decimal?
      unit: text
    sql: SELECT id, kind, lot, day, partner, quantity, unit FROM move
    record:
      event:
        id: "move:{id}"
        time: day
        items: [{item: "lot:{lot}", quantity: quantity, unit: unit}]
        choose:
          column: kind
          cases:
            in:
              biz_step: receiving
              biz_location: "place:1"
              sources: [{type: possessing_party, id: "party:{partner}"}]
              destinations: [{type: location, id: "place:1"}]
            out:
              biz_step: shipping
              read_point: "place:1"
              sources: [{type: location, id: "place:1"}]
              destinations: [{type: possessing_party, id: "party:{partner}"}]
            use:
              type: TransformationEvent
              items: []
              inputs: [{item: "lot:{lot}", quantity: quantity, unit: unit}]
              transformation: "order:{partner}"
            make:
              type: TransformationEvent
              items: []
              outputs: [{item: "lot:{lot}", quantity: quantity, unit: unit}]
              biz_location: "place:1"
              transformation: "order:{partner}"
)";

std::string quoted(const std::string& text) { return text.empty() ? "NULL" : "'" + text + "'"; }

std::shared_ptr<const erp::Mapping> mapping() {
    const auto tree = config::read_yaml_text(kMapping, "shop-1.yaml");
    auto read = tree ? erp::read_mapping(tree->root()) : std::unexpected(std::vector{tree.error()});
    if (read) return std::make_shared<const erp::Mapping>(*std::move(read));
    ADD_FAILURE() << read.error().front().text();
    return std::make_shared<const erp::Mapping>();
}

}  // namespace

ShopErp::ShopErp(std::string name) : name_{std::move(name)} { run(kTables); }

void ShopErp::run(const std::string& sql) const {
    sqlite3* database = nullptr;
    char* message = nullptr;
    ASSERT_EQ(sqlite3_open(folder_.file("shop.db").c_str(), &database), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, &message), SQLITE_OK) << (message != nullptr ? message : "") << sql;
    sqlite3_free(message);
    sqlite3_close(database);
}

std::unique_ptr<ErpSource> ShopErp::source(std::size_t batch_rows) const {
    auto connection = sql::parse_connection("sqlite:" + folder_.file("shop.db"));
    erp::SourceSettings settings;
    settings.name = name_;
    settings.connection = *std::move(connection);
    settings.batch_rows = batch_rows;
    auto made = erp::make_source(std::move(settings), mapping());
    EXPECT_TRUE(made) << made.error().text();
    return *std::move(made);
}

void ShopErp::product(int id, const std::string& sku, const std::string& gtin, const std::string& tracking, const std::string& unit) const {
    run(fmt::format("INSERT OR REPLACE INTO product VALUES ({}, '{}', 'name of {}', {}, '{}', '{}')", id, sku, sku, quoted(gtin), tracking,
                    unit));
}

void ShopErp::lot(int id, int product, const std::string& number, const std::string& kind, const std::string& expires) const {
    run(fmt::format("INSERT OR REPLACE INTO lot VALUES ({}, {}, '{}', '{}', {})", id, product, number, kind, quoted(expires)));
}

void ShopErp::move(int id, const std::string& kind, int lot, const std::string& day, const std::string& partner, int quantity) const {
    run(fmt::format("INSERT OR REPLACE INTO move VALUES ({}, '{}', {}, '{}', '{}', {}, 'pc')", id, kind, lot, day, partner,
                    quantity == 0 ? "NULL" : std::to_string(quantity)));
}

}  // namespace stemma::test
