// The story in Odoo's tables: a line and its move have the same number. Written as 18 has it; earlier versions are made of that by the
// statements in ../odoo/shapes.
#include <fmt/format.h>

#include "tests/integration/odoo/odoo_database.hpp"
#include "tests/integration/six_shapes/shape.hpp"
#include "tests/integration/six_shapes/story.hpp"
#include "tests/integration/six_shapes/story_rows.hpp"

namespace stemma::six_shapes {
namespace {

// Places of Odoo's that are no places of the story's, and where those begin.
constexpr int kVendors = 4;
constexpr int kCustomers = 5;
constexpr int kAdjustment = 14;
constexpr int kProduction = 15;
constexpr int kScrapped = 16;
constexpr int kFirstPlace = 30;
constexpr int kUnits = 1;
constexpr int kKilograms = 12;
constexpr int kGrams = 13;

class Rows final : public StoryRows {
    void masters() override {
        add("INSERT INTO res_company VALUES (1, 'Works'), (2, 'Annex')");
        for (const std::string& name : parties())
            add(fmt::format("INSERT INTO res_partner (id, commercial_partner_id, name) VALUES ({0}, {0}, '{1}')", id_of_party(name), name));
        add(R"(INSERT INTO uom_uom (id, name, factor) VALUES (1, '{"en_US": "Units"}', 1), (12, '{"en_US": "kg"}', 1),
               (13, '{"en_US": "g"}', 1000))");
        add("INSERT INTO product_category VALUES (1, 'Parts')");
        for (const Product& product : products()) {
            const int id = id_of_product(product.name);
            add(fmt::format(R"(INSERT INTO product_template (id, name, tracking, uom_id, categ_id, company_id, is_storable)
                               VALUES ({}, '{{"en_US": "{}"}}', '{}', {}, 1, {}, true))",
                            id, product.name,
                            product.tracked == Tracked::no       ? "none"
                            : product.tracked == Tracked::by_lot ? "lot"
                                                                 : "serial",
                            product.in_grams ? kGrams : kUnits, product.company == 1 ? "NULL" : "2"));
            add(fmt::format("INSERT INTO product_product (id, product_tmpl_id, default_code) VALUES ({0}, {0}, '{1}')", id, product.name));
        }
        add("INSERT INTO stock_location (id, complete_name, usage, company_id) VALUES (4, 'Vendors', 'supplier', NULL), "
            "(5, 'Customers', 'customer', NULL), (14, 'Adjustment', 'inventory', 1), (15, 'Production', 'production', 1), "
            "(16, 'Scrapped', 'inventory', 1)");
        for (const std::string& name : places())
            add(fmt::format("INSERT INTO stock_location (id, complete_name, usage, company_id) VALUES ({}, '{}', 'internal', {})",
                            place(name), name, name == "Annex" ? 2 : 1));
        add("INSERT INTO stock_picking_type VALUES (1, 'incoming'), (2, 'outgoing'), (3, 'internal')");
        for (const std::string& item : items())
            add(fmt::format("INSERT INTO stock_lot (id, name, product_id, company_id) VALUES ({}, '{}', {}, {})", id_of_item(item),
                            number_of(item), id_of_product(item), product_of(item).company == 1 ? "NULL" : "2"));
    }

    static int place(const std::string& name) { return kFirstPlace + id_of_place(name); }

    /// One line and its move: `more` are columns and values of the move. Its number.
    int line(const Fact& fact, const Part& part, int from, int to, const std::string& columns, const std::string& values,
             const std::string& package = "NULL") {
        const int id = ++lines_;
        const char* state = fact.state == State::done ? "done" : fact.state == State::cancelled ? "cancel" : "assigned";
        const bool bought = product_of(part.item).in_grams && fact.kind == Kind::receive;
        add(fmt::format("INSERT INTO stock_move (id, state{}) VALUES ({}, '{}'{})", columns, id, state, values));
        add(fmt::format(
            "INSERT INTO stock_move_line (id, move_id, date, picking_id, product_id, lot_id, quantity, product_uom_id, "
            "quantity_product_uom, "
            "location_id, location_dest_id, result_package_id, state, picked) VALUES ({0}, {0}, '{1}', {2}, {3}, {4}, {5}, {6}, {7}, {8}, "
            "{9}, {10}, '{11}', {12})",
            id, fact.at, picking_, id_of_product(part.item), number_of(part.item).empty() ? "NULL" : std::to_string(id_of_item(part.item)),
            bought ? part.quantity / 1000 : part.quantity,
            bought                           ? kKilograms
            : product_of(part.item).in_grams ? kGrams
                                             : kUnits,
            part.quantity, from, to, package, state, fact.state == State::done));
        return id;
    }

    /// consume_line_id is the line that was produced, produce_line_id the one that was consumed.
    void link(int produced, int consumed) {
        add(fmt::format("INSERT INTO stock_move_line_consume_rel (consume_line_id, produce_line_id) VALUES ({}, {})", produced, consumed));
    }

    void transfer(const Fact& fact, int type) {
        const std::string party = *fact.party == '\0' ? "NULL" : std::to_string(id_of_party(fact.party));
        add(fmt::format("INSERT INTO stock_picking (id, name, partner_id, picking_type_id) VALUES ({}, '{}', {}, {})", ++pickings_,
                        fact.document, party, type));
        picking_ = std::to_string(pickings_);
    }

    void make(const Fact& fact) {
        const int id = static_cast<int>(orders_.size()) + 1;
        orders_[fact.document] = id;
        add(fmt::format("INSERT INTO mrp_production (id, name) VALUES ({}, '{}')", id, fact.document));
        std::vector<std::pair<int, int>> used;  // line, unit
        used.reserve(fact.in.size());
        for (const Part& part : fact.in)
            used.emplace_back(line(fact, part, place(fact.from), kProduction, ", raw_material_production_id", fmt::format(", {}", id)),
                              part.unit);
        for (const Part& part : fact.out) {
            const int made = line(fact, part, kProduction, place(fact.to), ", production_id", fmt::format(", {}", id));
            for (const auto& [from, unit] : used)
                if (unit == part.unit) link(made, from);
        }
    }

    void repair(const Fact& fact) {
        add(fmt::format("INSERT INTO repair_order (id, name, partner_id, product_id, lot_id) VALUES (1, '{}', {}, {}, {})", fact.document,
                        id_of_party(fact.party), id_of_product(fact.unit), id_of_item(fact.unit)));
        const int unit = line(fact, {fact.unit}, place(fact.from), place(fact.to), ", repair_id", ", 1");
        for (const Part& part : fact.in)
            link(unit, line(fact, part, place(fact.from), kProduction, ", repair_id, repair_line_type", ", 1, 'add'"));
        for (const Part& part : fact.out)
            link(unit, line(fact, part, kProduction, kScrapped, ", repair_id, repair_line_type, scrapped", ", 1, 'remove', true"));
    }

    void unbuild(const Fact& fact) {
        add(fmt::format("INSERT INTO mrp_unbuild (id, name, mo_id) VALUES (1, '{}', {})", fact.document, orders_.at(fact.against)));
        line(fact, {fact.unit}, place(fact.from), kProduction, ", unbuild_id", ", 1");
        for (const Part& part : fact.out) line(fact, part, kProduction, place(fact.to), ", unbuild_id", ", 1");
    }

    std::string carton(const Fact& fact) {
        if (*fact.carton == '\0') return "NULL";
        add(fmt::format("INSERT INTO stock_quant_package (id, name) VALUES (1, '{}')", fact.carton));
        return "1";
    }

    void tell(const Fact& fact) override {
        picking_ = "NULL";
        switch (fact.kind) {
            case Kind::make: return make(fact);
            case Kind::repair: return repair(fact);
            case Kind::unbuild: return unbuild(fact);
            case Kind::receive:
            case Kind::customer_return: transfer(fact, 1); break;
            case Kind::ship:
            case Kind::supplier_return: transfer(fact, 2); break;
            case Kind::move: transfer(fact, 3); break;
            case Kind::scrap: add(fmt::format("INSERT INTO stock_scrap (id, name) VALUES (1, '{}')", fact.document)); break;
            case Kind::count: break;
        }
        const std::string package = carton(fact);
        for (const Part& part : fact.in) {
            switch (fact.kind) {
                case Kind::ship: line(fact, part, place(fact.from), kCustomers, "", "", package); break;
                case Kind::supplier_return: line(fact, part, place(fact.from), kVendors, "", ""); break;
                case Kind::move: line(fact, part, place(fact.from), place(fact.to), "", ""); break;
                case Kind::scrap: line(fact, part, place(fact.from), kScrapped, ", scrap_id, scrapped", ", 1, true"); break;
                default: line(fact, part, place(fact.from), kAdjustment, ", is_inventory", ", true");
            }
        }
        for (const Part& part : fact.out) {
            if (fact.kind == Kind::count)
                line(fact, part, kAdjustment, place(fact.to), ", is_inventory", ", true");
            else
                line(fact, part, fact.kind == Kind::receive ? kVendors : kCustomers, place(fact.to), "", "");
        }
    }

    std::string picking_{"NULL"};
    int lines_{0};
    int pickings_{0};
    std::map<std::string, int> orders_;  // by document
};

std::string statements(int version) {
    std::string all = erp::test::odoo_shape("odoo-18") + Rows{}.of_story();
    for (int to = 17; to >= version; --to) all += erp::test::odoo_shape(fmt::format("to-{}", to));
    return all;
}

class Odoo final : public Shape {
public:
    explicit Odoo(int version) : version_{version}, erp_{statements(version)} {}
    [[nodiscard]] std::string missing() const override { return erp_.missing(); }
    [[nodiscard]] std::unique_ptr<ErpSource> source() const override {
        return erp_.source(erp::test::odoo_mapping(version_ >= 18 ? "odoo-18" : version_ >= 16 ? "odoo-16-17" : "odoo-13-15"));
    }
    [[nodiscard]] std::string content() const override { return erp_.content(); }
    void rename() override {
        erp_.run(fmt::format("UPDATE {} SET name = '{}', write_date = '2026-10-02' WHERE id = {}",
                             version_ >= 16 ? "stock_lot" : "stock_production_lot", kRenamedTo, id_of_item(kRenamed)));
    }

private:
    int version_;
    erp::test::OdooDatabase erp_;
};

}  // namespace

std::unique_ptr<Shape> odoo(int version) { return std::make_unique<Odoo>(version); }

}  // namespace stemma::six_shapes
