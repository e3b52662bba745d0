// The story in Dolibarr 22's tables: every leg of a movement is a row of stock_mouvement, and a document counts by its lines.
#include <fmt/format.h>

#include "tests/integration/erp/mariadb_database.hpp"
#include "tests/integration/six_shapes/shape.hpp"
#include "tests/integration/six_shapes/story.hpp"
#include "tests/integration/six_shapes/story_rows.hpp"

namespace stemma::six_shapes {
namespace {

using erp::test::MariadbDatabase;

class Rows final : public StoryRows {
    void masters() override {
        add("INSERT INTO llx_c_units (rowid, code, unit_type) VALUES (1, 'G', 'weight')");
        for (const Product& product : products())
            add(fmt::format("INSERT INTO llx_product (rowid, ref, label, entity, tobatch, fk_unit) VALUES ({}, '{}', '{}', {}, {}, {})",
                            id_of_product(product.name), product.name, product.name, product.company, static_cast<int>(product.tracked),
                            product.in_grams ? "1" : "NULL"));
        for (const std::string& name : places())
            add(fmt::format("INSERT INTO llx_entrepot (rowid, ref, entity) VALUES ({}, '{}', {})", id_of_place(name), name,
                            name == "Annex" ? 2 : 1));
        for (const std::string& name : parties())
            add(fmt::format("INSERT INTO llx_societe (rowid, nom) VALUES ({}, '{}')", id_of_party(name), name));
        for (const std::string& item : items())
            add(fmt::format("INSERT INTO llx_product_lot (rowid, fk_product, batch, tms) VALUES ({}, {}, '{}', '2026-10-01 12:00:00')",
                            id_of_item(item), id_of_product(item), number_of(item)));
    }

    /// One leg: into the place where `quantity` is above zero, out of it where it is below. Its number.
    int leg(const char* at, const std::string& item, double quantity, const std::string& place, const std::string& origin = "",
            int origin_id = 0, const std::string& code = "") {
        const std::string number = number_of(item);
        add(fmt::format(
            "INSERT INTO llx_stock_mouvement (rowid, fk_product, batch, fk_entrepot, value, origintype, fk_origin, inventorycode, "
            "type_mouvement, datem, tms) VALUES ({}, {}, {}, {}, {}, '{}', {}, '{}', {}, '{}', '2026-10-01 12:00:00')",
            ++legs_, id_of_product(item), number.empty() ? "NULL" : "'" + number + "'", id_of_place(place), quantity, origin, origin_id,
            code, quantity > 0 ? 3 : 2, at));
        return legs_;
    }

    void receive(const Fact& fact) {
        const int receipt = id_of(fact.document);
        add(fmt::format("INSERT INTO llx_reception (rowid, ref, fk_soc, fk_statut) VALUES ({}, '{}', {}, 1)", receipt, fact.document,
                        id_of_party(fact.party)));
        for (const Part& part : fact.out) {
            add(fmt::format("INSERT INTO llx_receptiondet_batch (fk_reception, fk_product, batch, qty) VALUES ({}, {}, '{}', {})", receipt,
                            id_of_product(part.item), number_of(part.item), part.quantity));
            leg(fact.at, part.item, part.quantity, fact.to, "reception", receipt);
        }
    }

    /// A shipment that was cancelled keeps its head, loses its lines, and its goods come back without a document.
    void ship(const Fact& fact) {
        const int shipment = id_of(fact.document);
        add(fmt::format("INSERT INTO llx_expedition (rowid, ref, fk_soc, fk_statut) VALUES ({}, '{}', {}, 1)", shipment, fact.document,
                        id_of_party(fact.party)));
        for (const Part& part : fact.in) {
            leg(fact.at, part.item, -part.quantity, fact.from, "shipping", shipment);
            if (fact.state == State::cancelled) {
                leg(fact.at, part.item, part.quantity, fact.from);
                continue;
            }
            add(
                fmt::format("INSERT INTO llx_expeditiondet (rowid, fk_expedition, fk_product, fk_elementdet, element_type) "
                            "VALUES ({0}, {0}, {1}, 0, 'commande')",
                            shipment, id_of_product(part.item)));
            add(fmt::format("INSERT INTO llx_expeditiondet_batch (fk_expeditiondet, batch, qty) VALUES ({}, '{}', {})", shipment,
                            number_of(part.item), part.quantity));
        }
    }

    void order_line(int order, const Part& part, const char* role, int leg_id) {
        add(fmt::format(
            "INSERT INTO llx_mrp_production (fk_mo, role, fk_product, batch, qty, fk_stock_movement) VALUES ({}, '{}', {}, {}, {}, "
            "{})",
            order, role, id_of_product(part.item), leg_id == 0 ? "NULL" : "'" + number_of(part.item) + "'", part.quantity,
            leg_id == 0 ? "NULL" : std::to_string(leg_id)));
    }

    /// Orders, with a repair and a dismantling as orders too: Dolibarr has no other document for them.
    void produce(const Fact& fact) {
        const int order = id_of(fact.document);
        add(fmt::format("INSERT INTO llx_mrp_mo (rowid, ref, mrptype, status) VALUES ({}, '{}', {}, {})", order, fact.document,
                        fact.kind == Kind::unbuild ? 1 : 0, fact.state == State::done ? 3 : 1));
        std::vector<Part> in = fact.in;
        if (*fact.unit != '\0') in.push_back({fact.unit});
        for (const Part& part : in) {
            if (fact.state == State::reserved)
                order_line(order, part, "toconsume", 0);
            else
                order_line(order, part, "consumed", leg(fact.at, part.item, -part.quantity, fact.from, "mo", order));
        }
        if (fact.kind == Kind::repair) order_line(order, {fact.unit}, "produced", leg(fact.at, fact.unit, 1, fact.to, "mo", order));
        for (const Part& part : fact.out) {
            const bool removed = fact.kind == Kind::repair;
            order_line(order, part, "produced", leg(fact.at, part.item, part.quantity, removed ? "Scrap" : fact.to, "mo", order));
            if (removed) leg(fact.at, part.item, -part.quantity, "Scrap", "", 0, std::string{fact.document} + "-SCRAP");
        }
    }

    void tell(const Fact& fact) override {
        switch (fact.kind) {
            case Kind::receive: return receive(fact);
            case Kind::ship: return ship(fact);
            case Kind::make:
            case Kind::repair:
            case Kind::unbuild: return produce(fact);
            case Kind::customer_return:
                for (const Part& part : fact.out) leg(fact.at, part.item, part.quantity, fact.to, "shipping", id_of(fact.against));
                return;
            case Kind::supplier_return:
                for (const Part& part : fact.in) leg(fact.at, part.item, -part.quantity, fact.from, "reception", id_of(fact.against));
                return;
            case Kind::move:
                for (const Part& part : fact.in) {
                    leg(fact.at, part.item, -part.quantity, fact.from, "", 0, fact.document);
                    leg(fact.at, part.item, part.quantity, fact.to, "", 0, fact.document);
                }
                return;
            case Kind::scrap:
                for (const Part& part : fact.in) leg(fact.at, part.item, -part.quantity, fact.from, "", 0, fact.document);
                return;
            case Kind::count:
                add(fmt::format("INSERT INTO llx_inventory (rowid, ref) VALUES ({}, '{}')", id_of(fact.document), fact.document));
                for (const Part& part : fact.in)
                    leg(fact.at, part.item, -part.quantity, fact.from, "inventory", id_of(fact.document), fact.document);
                for (const Part& part : fact.out)
                    leg(fact.at, part.item, part.quantity, fact.to, "inventory", id_of(fact.document), fact.document);
                return;
        }
    }

    int id_of(const std::string& document) {
        return documents_.try_emplace(document, static_cast<int>(documents_.size()) + 1).first->second;
    }

    int legs_{0};
    std::map<std::string, int> documents_;
};

class Dolibarr final : public Shape {
public:
    Dolibarr() {
        if (erp_.missing().empty()) erp_.run(Rows{}.of_story());
    }
    [[nodiscard]] std::string missing() const override { return erp_.missing(); }
    [[nodiscard]] std::unique_ptr<ErpSource> source() const override { return erp_.source(); }
    [[nodiscard]] std::string content() const override { return erp_.content(); }
    /// Dolibarr changes the list of lots and leaves the movements as they are.
    void rename() override {
        erp_.run(fmt::format("UPDATE llx_product_lot SET batch = '{}', tms = '2026-10-02 12:00:00' WHERE rowid = {}", kRenamedTo,
                             id_of_item(kRenamed)));
    }

private:
    MariadbDatabase erp_{erp::test::kDolibarr, MariadbDatabase::Rows::none};
};

}  // namespace

std::unique_ptr<Shape> dolibarr() { return std::make_unique<Dolibarr>(); }

}  // namespace stemma::six_shapes
