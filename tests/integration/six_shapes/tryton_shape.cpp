// The story in Tryton's tables, 6.0's and 7.0's: every move is a row of stock_move between two locations.
#include <fmt/format.h>

#include "tests/integration/erp/tryton_database.hpp"
#include "tests/integration/six_shapes/shape.hpp"
#include "tests/integration/six_shapes/story.hpp"
#include "tests/integration/six_shapes/story_rows.hpp"

namespace stemma::six_shapes {
namespace {

using erp::test::Data;
using erp::test::TrytonDatabase;

constexpr int kSupplier = 1;
constexpr int kCustomer = 2;
constexpr int kProduction = 3;
constexpr int kLostFound = 4;
constexpr int kFirstPlace = 10;
constexpr int kUnit = 1;
constexpr int kKilogram = 2;
constexpr int kGram = 3;

class Rows final : public StoryRows {
    static int place(const std::string& name) { return kFirstPlace + id_of_place(name); }
    static int unit_of(const Product& product) { return product.in_grams ? kGram : kUnit; }

    void masters() override {
        add("INSERT INTO product_uom (id, symbol, category, factor, rate) VALUES (1, 'u', 1, 1.0, 1.0), (2, 'kg', 2, 1.0, 1.0), "
            "(3, 'g', 2, 0.001, 1000.0)");
        for (const std::string& name : parties())
            add(fmt::format("INSERT INTO party_party (id, name, create_date) VALUES ({}, '{}', {})", id_of_party(name), name, kWritten));
        add("INSERT INTO stock_location (id, name, type, parent) VALUES (1, 'Supplier', 'supplier', NULL), (2, 'Customer', 'customer', "
            "NULL), (3, 'Production', 'production', NULL), (4, 'Lost and Found', 'lost_found', NULL), (5, 'Works', 'warehouse', NULL), "
            "(6, 'Annex', 'warehouse', NULL)");
        for (const std::string& name : places())
            add(fmt::format("INSERT INTO stock_location (id, name, type, parent) VALUES ({}, '{}', 'storage', {})", place(name), name,
                            name == "Annex" ? 6 : 5));
        for (const Product& product : products()) {
            const int id = id_of_product(product.name);
            add(fmt::format(
                "INSERT INTO product_template (id, name, default_uom, lot_required, lot_unit, create_date) VALUES ({}, '{}', {}, "
                "{}, {}, {})",
                id, product.name, unit_of(product), product.tracked == Tracked::no ? "NULL" : "'[\"storage\"]'",
                product.tracked == Tracked::by_serial ? "1" : "NULL", kWritten));
            add(fmt::format("INSERT INTO product_product (id, template, code, create_date) VALUES ({0}, {0}, '{1}', {2})", id, product.name,
                            kWritten));
        }
        for (const std::string& item : items())
            add(fmt::format("INSERT INTO stock_lot (id, number, product, unit, unit_quantity, create_date) VALUES ({}, '{}', {}, {}, {})",
                            id_of_item(item), number_of(item), id_of_product(item),
                            product_of(item).tracked == Tracked::by_serial ? "1, 1.0" : "NULL, NULL", kWritten));
    }

    void line(const Fact& fact, const Part& part, int from, int to, const std::string& columns = "", const std::string& values = "") {
        const Product& product = product_of(part.item);
        const bool bought = product.in_grams && fact.kind == Kind::receive;
        const char* state = fact.state == State::done ? "done" : fact.state == State::cancelled ? "cancelled" : "assigned";
        add(fmt::format(
            "INSERT INTO stock_move (id, company, product, lot, quantity, uom, from_location, to_location, state, effective_date, "
            "create_date{}) VALUES ({}, {}, {}, {}, {}, {}, {}, {}, '{}', '{}', {}{})",
            columns, ++lines_, product.company, id_of_product(part.item),
            number_of(part.item).empty() ? "NULL" : std::to_string(id_of_item(part.item)), bought ? part.quantity / 1000 : part.quantity,
            bought ? kKilogram : unit_of(product), from, to, state, std::string_view{fact.at}.substr(0, 10), kWritten, values));
    }

    /// Values of the column shipment, for a document of this kind.
    std::string shipment(const Fact& fact, const char* table, const char* model, const char* party) {
        const int id = ++documents_;
        if (*party == '\0')
            add(fmt::format("INSERT INTO {} (id, number) VALUES ({}, '{}')", table, id, fact.document));
        else
            add(fmt::format("INSERT INTO {} (id, number, {}) VALUES ({}, '{}', {})", table, party, id, fact.document,
                            id_of_party(fact.party)));
        return fmt::format(", '{},{}'", model, id);
    }

    void produce(const Fact& fact) {
        const std::string id = fmt::format(", {}", ++documents_);
        add(fmt::format("INSERT INTO production (id, number, state) VALUES ({}, '{}', 'done')", documents_, fact.document));
        std::vector<Part> in = fact.in;
        if (*fact.unit != '\0') in.push_back({fact.unit});
        for (const Part& part : in) line(fact, part, place(fact.from), kProduction, ", production_input", id);
        if (fact.kind == Kind::repair) line(fact, {fact.unit}, kProduction, place(fact.to), ", production_output", id);
        // What a repair takes out is thrown away: an output that goes to lost and found.
        for (const Part& part : fact.out)
            line(fact, part, kProduction, fact.kind == Kind::repair ? kLostFound : place(fact.to), ", production_output", id);
    }

    void count(const Fact& fact) {
        add(fmt::format("INSERT INTO stock_inventory (id, number) VALUES (1, '{}')", fact.document));
        add("INSERT INTO stock_inventory_line (id, inventory) VALUES (1, 1)");
        for (const Part& part : fact.in) line(fact, part, place(fact.from), kLostFound, ", origin", ", 'stock.inventory.line,1'");
        for (const Part& part : fact.out) line(fact, part, kLostFound, place(fact.to), ", origin", ", 'stock.inventory.line,1'");
    }

    void all(const Fact& fact, int from, int to, const std::string& values) {
        for (const Part& part : fact.in) line(fact, part, from, to, ", shipment", values);
        for (const Part& part : fact.out) line(fact, part, from, to, ", shipment", values);
    }

    void tell(const Fact& fact) override {
        switch (fact.kind) {
            case Kind::make:
            case Kind::repair:
            case Kind::unbuild: return produce(fact);
            case Kind::count: return count(fact);
            case Kind::receive:
                return all(fact, kSupplier, place(fact.to), shipment(fact, "stock_shipment_in", "stock.shipment.in", "supplier"));
            case Kind::supplier_return:
                return all(fact, place(fact.from), kSupplier,
                           shipment(fact, "stock_shipment_in_return", "stock.shipment.in.return", "supplier"));
            case Kind::ship:
                return all(fact, place(fact.from), kCustomer, shipment(fact, "stock_shipment_out", "stock.shipment.out", "customer"));
            case Kind::customer_return:
                return all(fact, kCustomer, place(fact.to),
                           shipment(fact, "stock_shipment_out_return", "stock.shipment.out.return", "customer"));
            case Kind::move:
                return all(fact, place(fact.from), place(fact.to),
                           shipment(fact, "stock_shipment_internal", "stock.shipment.internal", ""));
            case Kind::scrap: return all(fact, place(fact.from), kLostFound, ", NULL");
        }
    }

    static constexpr const char* kWritten = "'2026-10-01 00:00:00'";
    int lines_{0};
    int documents_{0};
};

class Tryton final : public Shape {
public:
    Tryton(TrytonOn on, const char* version)
        : version_{version}, erp_{{Data::demo, on == TrytonOn::sqlite ? sql::Engine::sqlite : sql::Engine::postgresql}} {
        if (!erp_.missing().empty()) return;
        std::string sql;
        for (const auto& [table, columns] : erp::tables_read(*erp::test::tryton()))
            if (table != "stock_configuration_location") sql += fmt::format("DELETE FROM \"{}\";\n", table);
        erp_.run(sql + Rows{}.of_story());
        if (std::string_view{version} == "7.0") erp_.run(erp::test::kToTryton7);
    }
    [[nodiscard]] std::string missing() const override { return erp_.missing(); }
    [[nodiscard]] std::unique_ptr<ErpSource> source() const override { return erp_.source({}, erp::test::tryton(version_)); }
    [[nodiscard]] std::string content() const override { return erp_.content(); }
    void rename() override {
        erp_.run(fmt::format("UPDATE stock_lot SET number = '{}', write_date = '2026-10-02 00:00:00' WHERE id = {}", kRenamedTo,
                             id_of_item(kRenamed)));
    }

private:
    const char* version_;
    TrytonDatabase erp_;
};

}  // namespace

std::unique_ptr<Shape> tryton(TrytonOn on, const char* version) { return std::make_unique<Tryton>(on, version); }

}  // namespace stemma::six_shapes
