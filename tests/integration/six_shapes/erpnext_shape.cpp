// The story in ERPNext's tables: the stock ledger, with bundles of serial numbers and batches in 15, with lines of a text in 14. Names of
// batches are unique in a site, so the other company's lot has another name.
#include <fmt/format.h>

#include "tests/integration/erp/mariadb_database.hpp"
#include "tests/integration/six_shapes/shape.hpp"
#include "tests/integration/six_shapes/story.hpp"
#include "tests/integration/six_shapes/story_rows.hpp"

namespace stemma::six_shapes {
namespace {

using erp::test::MariadbDatabase;

constexpr const char* kWritten = "2026-10-01 12:00:00";

std::string name_of(const std::string& item) {
    const std::string number = number_of(item);
    return product_of(item).company == 1 || number.empty() ? number : number + " AX";
}

class Rows final : public StoryRows {
public:
    explicit Rows(int version) : version_{version} {}

private:
    void masters() override {
        for (const Product& product : products())
            add(
                fmt::format("INSERT INTO tabItem (name, item_name, stock_uom, has_serial_no, has_batch_no, modified) VALUES ('{0}', '{0}', "
                            "'{1}', {2}, {3}, '{4}')",
                            product.name, product.in_grams ? "Gram" : "Nos", product.tracked == Tracked::by_serial ? 1 : 0,
                            product.tracked == Tracked::by_lot ? 1 : 0, kWritten));
        for (const std::string& name : places())
            add(fmt::format("INSERT INTO tabWarehouse (name, warehouse_name, modified) VALUES ('{0} - {1}', '{0}', '{2}')", name,
                            name == "Annex" ? "AX" : "WK", kWritten));
        for (int i = 0; i < 2; ++i) {
            add(fmt::format("INSERT INTO tabSupplier (name, supplier_name, modified) VALUES ('{0}', '{0}', '{1}')",
                            parties()[static_cast<std::size_t>(i)], kWritten));
            add(fmt::format("INSERT INTO tabCustomer (name, customer_name, modified) VALUES ('{0}', '{0}', '{1}')",
                            parties()[static_cast<std::size_t>(i) + 2], kWritten));
        }
        for (const std::string& item : items()) {
            const bool serial = product_of(item).tracked == Tracked::by_serial;
            add(fmt::format("INSERT INTO \"tab{}\" (name, {}, modified) VALUES ('{}', '{}', '{}')", serial ? "Serial No" : "Batch",
                            serial ? "item_code" : "item", name_of(item), item.substr(0, item.find('|')), kWritten));
        }
    }

    static std::string warehouse(const std::string& place) { return place + (place == "Annex" ? " - AX" : " - WK"); }

    struct Voucher {
        const char* type;
        std::string name;
        std::string line;
    };

    /// The bundle of one row of the ledger; its name. 15 takes it off the row when the document is cancelled.
    std::string bundle(const Fact& fact, const Part& part, const std::string& place, const Voucher& voucher) {
        const std::string name = fmt::format("SABB-{}", ++bundles_);
        const bool serial = product_of(part.item).tracked == Tracked::by_serial;
        add(fmt::format(
            "INSERT INTO \"tabSerial and Batch Bundle\" (name, item_code, warehouse, type_of_transaction, voucher_type, voucher_no, "
            "voucher_detail_no, posting_date, posting_time, modified, is_cancelled, docstatus) VALUES ('{}', '{}', '{}', '{}', '{}', '{}', "
            "'{}', '{}', '{}', '{}', {}, {})",
            name, part.item.substr(0, part.item.find('|')), warehouse(place), part.quantity < 0 ? "Outward" : "Inward", voucher.type,
            voucher.name, voucher.line, std::string_view{fact.at}.substr(0, 10), std::string_view{fact.at}.substr(11), kWritten,
            fact.state == State::cancelled ? 1 : 0, fact.state == State::reserved ? 0 : 1));
        add(fmt::format(
            "INSERT INTO \"tabSerial and Batch Entry\" (name, parent, parenttype, {}, qty) VALUES ('{}', '{}', 'Serial and Batch "
            "Bundle', '{}', {})",
            serial ? "serial_no" : "batch_no", name, name, name_of(part.item), part.quantity));
        return name;
    }

    /// One row of the ledger, above zero into the place and below zero out of it. A cancelled one has another the other way beside it.
    void row(const Fact& fact, const Part& part, const std::string& place, const Voucher& voucher) {
        const bool cancelled = fact.state == State::cancelled;
        const bool serial = product_of(part.item).tracked == Tracked::by_serial;
        std::string columns;
        std::string values;
        if (!number_of(part.item).empty() && version_ >= 15) {
            const std::string name = bundle(fact, part, place, voucher);
            columns = ", serial_and_batch_bundle";
            values = cancelled ? ", NULL" : fmt::format(", '{}'", name);
        } else if (!number_of(part.item).empty()) {
            columns = serial ? ", serial_no" : ", batch_no";
            values = fmt::format(", '{}'", name_of(part.item));
        }
        if (fact.state == State::reserved) return;  // a draft has no row in the ledger
        for (int way = 1; way >= (cancelled ? -1 : 1); way -= 2)
            add(
                fmt::format("INSERT INTO \"tabStock Ledger Entry\" (name, item_code, warehouse, actual_qty, voucher_type, voucher_no, "
                            "voucher_detail_no, posting_date, posting_time, modified, docstatus, is_cancelled{}{}) VALUES ('SLE-{}', '{}', "
                            "'{}', {}, '{}', '{}', '{}', '{}', '{}', '{}', 1, {}{}{})",
                            columns, version_ >= 15 ? ", posting_datetime" : "", ++rows_, part.item.substr(0, part.item.find('|')),
                            warehouse(place), way * part.quantity, voucher.type, voucher.name, voucher.line,
                            std::string_view{fact.at}.substr(0, 10), std::string_view{fact.at}.substr(11), kWritten, cancelled ? 1 : 0,
                            values, version_ >= 15 ? fmt::format(", '{}'", fact.at) : ""));
        if (!cancelled) balance_[part.item + place] += part.quantity;
    }

    std::string next_line() { return fmt::format("line{}", ++lines_); }

    void entry(const Fact& fact, const std::string& name, const char* purpose) {
        add(fmt::format(
            "INSERT INTO \"tabStock Entry\" (name, purpose, work_order, docstatus, modified) VALUES ('{}', '{}', '{}', {}, '{}')", name,
            purpose, fact.kind == Kind::make ? std::string{"WO-"} + fact.document : "", fact.state == State::done ? 1 : 0, kWritten));
    }
    std::string entry_line(const std::string& entry, const std::string& from, const std::string& to) {
        const std::string line = next_line();
        add(fmt::format("INSERT INTO \"tabStock Entry Detail\" (name, parent, s_warehouse, t_warehouse) VALUES ('{}', '{}', {}, {})", line,
                        entry, from.empty() ? "NULL" : "'" + warehouse(from) + "'", to.empty() ? "NULL" : "'" + warehouse(to) + "'"));
        return line;
    }
    void take(const Fact& fact, const std::string& name, const Part& part, const std::string& from) {
        row(fact, {part.item, -part.quantity}, from, {"Stock Entry", name, entry_line(name, from, "")});
    }
    void put(const Fact& fact, const std::string& name, const Part& part, const std::string& to) {
        row(fact, part, to, {"Stock Entry", name, entry_line(name, "", to)});
    }

    /// 14 cannot take something apart, and neither has a document for repairs: both repack.
    void produce(const Fact& fact) {
        const char* taking_apart = version_ >= 15 ? "Disassemble" : "Repack";
        entry(fact, fact.document, fact.kind == Kind::make ? "Manufacture" : fact.kind == Kind::unbuild ? taking_apart : "Repack");
        for (const Part& part : fact.in) take(fact, fact.document, part, fact.from);
        if (*fact.unit != '\0') take(fact, fact.document, {fact.unit}, fact.from);
        if (fact.kind == Kind::repair) put(fact, fact.document, {fact.unit}, fact.to);
        for (const Part& part : fact.out) put(fact, fact.document, part, fact.kind == Kind::repair ? "Scrap" : fact.to);
        if (fact.kind != Kind::repair) return;
        const std::string thrown_away = std::string{fact.document} + "-SCRAP";
        entry(fact, thrown_away, "Material Issue");
        for (const Part& part : fact.out) take(fact, thrown_away, part, "Scrap");
    }

    /// All goods of the kind go out and those that were counted come in.
    void count(const Fact& fact) {
        const auto recount = [&](const Part& part, const std::string& place, double difference) {
            const double before = balance_.at(part.item + place);
            const Voucher voucher{"Stock Reconciliation", fact.document, next_line()};
            row(fact, {part.item, -before}, place, voucher);
            row(fact, {part.item, before + difference}, place, voucher);
        };
        for (const Part& part : fact.in) recount(part, fact.from, -part.quantity);
        for (const Part& part : fact.out) recount(part, fact.to, part.quantity);
    }

    void document(const Fact& fact, const char* type, const char* party) {
        add(fmt::format("INSERT INTO \"tab{}\" (name, {}, docstatus, modified) VALUES ('{}', '{}', {}, '{}')", type, party, fact.document,
                        fact.party, fact.state == State::cancelled ? 2 : 1, kWritten));
        for (const Part& part : fact.in) row(fact, {part.item, -part.quantity}, fact.from, {type, fact.document, next_line()});
        for (const Part& part : fact.out) row(fact, part, fact.to, {type, fact.document, next_line()});
    }

    void tell(const Fact& fact) override {
        switch (fact.kind) {
            case Kind::receive:
            case Kind::supplier_return: return document(fact, "Purchase Receipt", "supplier");
            case Kind::ship:
            case Kind::customer_return: return document(fact, "Delivery Note", "customer");
            case Kind::make:
            case Kind::repair:
            case Kind::unbuild: return produce(fact);
            case Kind::count: return count(fact);
            case Kind::scrap:
                entry(fact, fact.document, "Material Issue");
                for (const Part& part : fact.in) take(fact, fact.document, part, fact.from);
                return;
            case Kind::move:
                entry(fact, fact.document, "Material Transfer");
                for (const Part& part : fact.in) {
                    const Voucher voucher{"Stock Entry", fact.document, entry_line(fact.document, fact.from, fact.to)};
                    row(fact, {part.item, -part.quantity}, fact.from, voucher);
                    row(fact, part, fact.to, voucher);
                }
                return;
        }
    }

    int version_;
    int rows_{0};
    int lines_{0};
    int bundles_{0};
    std::map<std::string, double> balance_;
};

class Erpnext final : public Shape {
public:
    explicit Erpnext(int version)
        : version_{version}, erp_{version >= 15 ? erp::test::kErpnext : erp::test::kErpnext14, MariadbDatabase::Rows::none} {
        if (erp_.missing().empty()) erp_.run(Rows{version}.of_story());
    }
    [[nodiscard]] std::string missing() const override { return erp_.missing(); }
    [[nodiscard]] std::unique_ptr<ErpSource> source() const override { return erp_.source(); }
    [[nodiscard]] std::string content() const override { return erp_.content(); }
    /// Renaming rewrites what links to the name, without a change time. In 14 the ledger's rows do not link to their batch: they quote it.
    void rename() override {
        erp_.run(fmt::format("UPDATE tabBatch SET name = '{}' WHERE name = '{}'", kRenamedTo, number_of(kRenamed)));
        if (version_ >= 15)
            erp_.run(fmt::format("UPDATE \"tabSerial and Batch Entry\" SET batch_no = '{}' WHERE batch_no = '{}'", kRenamedTo,
                                 number_of(kRenamed)));
    }

private:
    int version_;
    MariadbDatabase erp_;
};

}  // namespace

std::unique_ptr<Shape> erpnext(int version) { return std::make_unique<Erpnext>(version); }

}  // namespace stemma::six_shapes
