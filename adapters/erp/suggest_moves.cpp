// Movements of goods as events: what goes in at which step, whose lots, how much, when, where, from whom, by which document.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "adapters/erp/sql_text.hpp"
#include "adapters/erp/suggest_master.hpp"

namespace stemma::erp {
namespace {

/// What a case of the event says, but for the item and the documents.
struct StepText {
    Step step;
    std::string_view word;  ///< as the case is called
    std::string_view action, biz_step, disposition, document;
    bool comes, leaves;  ///< into one's own places, out of them
    bool party_gives, party_gets;
};
constexpr std::array kSteps{
    StepText{Step::receive, "receive", "OBSERVE", "receiving", "in_progress", "recadv", true, false, true, false},
    StepText{Step::supplier_return, "supplier_return", "OBSERVE", "shipping", "returned", "desadv", false, true, false, true},
    StepText{Step::ship, "ship", "OBSERVE", "shipping", "in_transit", "desadv", false, true, false, true},
    StepText{Step::customer_return, "customer_return", "OBSERVE", "receiving", "returned", "recadv", true, false, true, false},
    StepText{Step::consume, "consume", "", "commissioning", "in_progress", "prodorder", false, true, false, false},
    StepText{Step::produce, "produce", "", "commissioning", "in_progress", "prodorder", true, false, false, false},
    StepText{Step::transfer, "transfer", "OBSERVE", "storing", "in_progress", "desadv", true, true, false, false},
    StepText{Step::write_off, "write_off", "DELETE", "decommissioning", "inactive", "inventory", false, true, false, false},
    StepText{Step::count, "gain", "ADD", "stock_taking", "in_progress", "inventory", true, false, false, false}};

const StepText& text_of(Step step) { return *std::ranges::find(kSteps, step, &StepText::step); }
bool transforms(Step step) { return step == Step::consume || step == Step::produce; }

/// A value of a kind column, what it is called, and the step that this tells.
struct KindValue {
    std::string value, label;
    std::uint64_t rows{0};
    Step step{Step::unknown};
};

class MovementQuery {
public:
    MovementQuery(Proposal& proposal, const Movement& movement)
        : proposal_{proposal},
          roles_{proposal.roles},
          m_{movement},
          query_{proposal.query_name(movement.table->name), *movement.table, proposal.engine()} {}

    /// Adds the query to the proposal, or says why there is none.
    void propose() {
        explain();
        const auto& main = query_.main();
        query_.select("move_key", query_.key(main, m_.table->key), query_.key_type(*m_.table, m_.table->key), false);
        query_.set_key("move_key");
        header_ = m_.header == nullptr ? main : query_.join(main, *m_.to_header, *m_.header, "h");
        if (m_.header != nullptr && m_.to_header->by_name)
            query_.check(fmt::format("{} is joined by the name of column {} alone", m_.header->name, m_.to_header->columns.front()));
        if (m_.step == Step::unknown && !find_kinds()) return;
        if (!has_order()) return leave("belongs to production, but no column says to which order: inputs and outputs could not be joined");
        by_name();
        told_twice();
        date();
        item();
        amount();
        sides();
        document();
        state();
        details();
        cursor();
        query_.set_record(record());
        proposal_.queries.push_back(std::move(query_));
    }

private:
    void leave(std::string why) { proposal_.left_out.emplace_back(m_.table->name, std::move(why)); }

    void explain() {
        std::string text = fmt::format("table {}", m_.table->name);
        if (m_.header != nullptr) text += fmt::format(" with its document {}", m_.header->name);
        text += m_.step == Step::unknown ? fmt::format(": its column {} says what happened", m_.kind.column->name)
                                         : fmt::format(": its name says {}", text_of(m_.step).word);
        text += m_.to_lot != nullptr       ? "; refers to the lots"
                : m_.lot_number != nullptr ? fmt::format("; column {} looks like a lot's number", m_.lot_number->name)
                                           : "; refers to products, not to lots";
        query_.remark(text + fmt::format("; column {} is the quantity", m_.quantity->name));
    }

    void by_name() {
        std::set<std::string> columns;
        for (const ForeignReference* reference : {m_.to_lot, m_.to_product})
            if (reference != nullptr && reference->by_name) columns.insert(reference->columns.front());
        if (!columns.empty()) query_.check(fmt::format("what {} refers to is told by its name alone", fmt::join(columns, ", ")));
    }

    /// Other tables that tell of the same step: an ERP may keep one event in a document and in a journal.
    void told_twice() {
        std::vector<std::string> others;
        for (const Movement& other : roles_.movements) {
            const bool apart = other.table == m_.table || other.detail == m_.table || m_.detail == other.table;
            const bool same = other.step != Step::unknown && is_any([&](Step step) { return step == other.step; });
            if (!apart && same) others.push_back(other.table->name);
        }
        if (!others.empty())
            query_.check(
                fmt::format("{} may tell of the same: goods that are told twice are counted twice; keep one", fmt::join(others, ", ")));
    }

    [[nodiscard]] const Alias& at(const ColumnAt& column) const { return column.in_header ? header_ : query_.main(); }

    // --- kinds ------------------------------------------------------------------------------------------------------------------------

    /// What people call the values of the kind column, where it refers to a table of kinds.
    std::map<std::string, std::string> labels() {
        const ForeignTable& table = *at(m_.kind).table;
        const ForeignReference* reference = table.reference_of(m_.kind.column->name);
        const ForeignTable* kinds = reference == nullptr ? nullptr : proposal_.foreign.find(reference->table);
        if (kinds == nullptr || reference->columns.size() != 1 || !proposal_.sample) return {};
        const ForeignColumn* name = surest(*kinds, Idea::name, [](const ForeignColumn& column) { return column.kind == ColumnType::text; });
        if (name == nullptr) return {};
        std::map<std::string, std::string> found;
        const std::string text = fmt::format("SELECT {}, {} FROM {} LIMIT 500", quoted_name(reference->to.front()), quoted_name(name->name),
                                             quoted_name(kinds->name));
        const auto note = [&](const sql::Row& row) { found.emplace(row.text(0), row.text(1)); };
        if (!proposal_.foreign.session->each({"erp.foreign.labels", text.c_str()}, {}, note)) found.clear();
        return found;
    }

    bool find_kinds() {
        if (!proposal_.sample) {
            leave(fmt::format("column {} says what happened, but without a sample its values are not known", m_.kind.column->name));
            return false;
        }
        const auto names = labels();
        std::vector<std::string> open;
        for (const auto& [value, rows] : proposal_.values(*at(m_.kind).table, *m_.kind.column)) {
            const auto name = names.find(value);
            KindValue kind{value, name == names.end() ? std::string{} : name->second, rows, Step::unknown};
            kind.step = step_of(meaning_of(kind.label.empty() ? value : kind.label));
            const bool two_places = m_.from_place != nullptr && m_.to_place != nullptr && m_.from_place != m_.to_place;
            const bool tellable = kind.step != Step::unknown && (kind.step != Step::transfer || two_places) &&
                                  !literal(value, m_.kind.column->kind.value_or(ColumnType::text)).empty();
            if (!tellable) open.push_back(fmt::format("{}{} ({} rows)", value, kind.label.empty() ? "" : " '" + kind.label + "'", rows));
            if (tellable) kinds_.push_back(std::move(kind));
        }
        if (kinds_.empty()) {
            leave(fmt::format("column {} says what happened, but none of its values can be told: {}", m_.kind.column->name,
                              fmt::join(open, ", ")));
            return false;
        }
        for (const KindValue& kind : kinds_)
            query_.remark(fmt::format("{} {}{} is taken for '{}', {} rows", m_.kind.column->name, kind.value,
                                      kind.label.empty() ? "" : " '" + kind.label + "'", text_of(kind.step).word, kind.rows));
        if (!open.empty())
            query_.check(fmt::format("these values of {} are not told and their rows will be rejected; add a case for each: {}",
                                     m_.kind.column->name, fmt::join(open, ", ")));
        return true;
    }

    [[nodiscard]] bool is_any(auto test) const {
        return m_.step != Step::unknown ? test(m_.step)
                                        : std::ranges::any_of(kinds_, [&](const KindValue& kind) { return test(kind.step); });
    }

    // --- what, when, how much ---------------------------------------------------------------------------------------------------------

    void date() {
        const ForeignColumn& column = *m_.date.column;
        query_.select("day", query_.column(at(m_.date), column.name), *proposal_.kind(*at(m_.date).table, column), false);
        if (column.meaning.is(Idea::created)) query_.check(fmt::format("no other date was found than {}", column.name));
    }

    void item() {
        const Alias& main = query_.main();
        const auto product = [&] { return query_.column(main, m_.to_product->columns.front()); };
        if (m_.lot_number != nullptr) {
            const std::string number = query_.column(main, m_.lot_number->name);
            lot_else_product(fmt::format("{} || '/' || NULLIF({}, '')", product(), number), product());
        } else if (m_.to_lot == nullptr) {
            query_.select("product_key", product(), query_.key_type(*m_.table, m_.to_product->columns), false);
            item_ = "product:{product_key}";
        } else {
            lot_or_product();
        }
    }

    /// Columns of the movement in the order of the lot's identity.
    [[nodiscard]] std::vector<std::string> lot_columns() const {
        std::vector<std::string> columns;
        columns.reserve(roles_.lot_identity.size());
        for (const std::string& wanted : roles_.lot_identity) {
            const auto found = std::ranges::find(m_.to_lot->to, wanted);
            columns.push_back(
                m_.to_lot->columns[found == m_.to_lot->to.end() ? 0 : static_cast<std::size_t>(found - m_.to_lot->to.begin())]);
        }
        return columns;
    }

    void lot_or_product() {
        const std::vector<std::string> columns = lot_columns();
        const std::string key = query_.key(query_.main(), columns);
        const ForeignColumn* first = m_.table->find(columns.front());
        const bool may_lack = first != nullptr && first->nullable;
        if (!may_lack || m_.to_product == nullptr) {
            query_.select("lot_key", key, query_.key_type(*m_.table, columns), false);
            item_ = "lot:{lot_key}";
            if (!may_lack) return;
            query_.where(key + " IS NOT NULL");
            query_.check("rows without a lot are left out: they name no product either");
            return;
        }
        const std::string product = query_.column(query_.main(), m_.to_product->columns.front());
        lot_else_product(key, product);
    }

    /// The lot of the row, or where it has none, its product.
    void lot_else_product(const std::string& lot, const std::string& product) {
        query_.select("item_kind", fmt::format("CASE WHEN {} IS NULL THEN 'product' ELSE 'lot' END", lot), ColumnType::text, false);
        query_.select("item_key", fmt::format("COALESCE({}, {})", query_.as_text(lot), query_.as_text(product)), ColumnType::text, false);
        item_ = "{item_kind}:{item_key}";
    }

    /// The product of the row, joined as "p"; without a table where there is no way to it.
    Alias product() {
        const ForeignTable* products = roles_.product.table;
        if (products == nullptr) return {};
        if (m_.to_product != nullptr) return query_.join(query_.main(), *m_.to_product, *products, "p");
        if (m_.to_lot == nullptr) return {};
        for (const ForeignReference& reference : roles_.lot.table->references) {
            if (reference.table != products->name || reference.columns.size() != 1) continue;
            const auto place = std::ranges::find(m_.to_lot->to, reference.columns.front());
            if (place != m_.to_lot->to.end()) {  // a column of the lot's own name
                const std::string own = m_.to_lot->columns[static_cast<std::size_t>(place - m_.to_lot->to.begin())];
                return query_.join(query_.main(), {{own}, products->name, reference.to, m_.to_lot->by_name}, *products, "p");
            }
            if (roles_.lot_identity.size() < roles_.lot.table->key.size()) continue;  // a join would double rows
            const Alias lot = query_.join(query_.main(), *m_.to_lot, *roles_.lot.table, "l");
            return query_.join(lot, reference, *products, "p");
        }
        return {};
    }

    void amount() {
        const Alias products = product();
        const std::string column = query_.column(query_.main(), m_.quantity->name);
        const bool negative = may_be_negative();
        const bool by_sign = negative && (m_.step == Step::unknown || m_.step == Step::count);
        std::string quantity = by_sign ? fmt::format("ABS({})", column) : column;
        if (m_.step == Step::count) sign_ = column;
        if (by_sign && m_.step == Step::unknown)
            query_.check(fmt::format("{} is below zero in some rows: its sign is dropped, the kind says the direction", m_.quantity->name));
        query_.where(fmt::format("{} {} 0", column, by_sign ? "<>" : ">"));
        if (negative && !by_sign)
            query_.check(fmt::format("{} is below zero in some rows, and these are left out: corrections?", m_.quantity->name));
        if (products.table != nullptr && item_ != "product:{product_key}")
            if (const std::string serial = serial_condition(query_, products); !serial.empty()) {
                quantity = fmt::format("CASE WHEN {} AND {} = 1 THEN NULL ELSE {} END", serial, quantity, quantity);
                query_.remark("one piece of a serial is that piece, without a quantity");
            }
        query_.select("quantity", quantity, ColumnType::decimal, true);
        const auto own_unit = [&](const ForeignColumn& one) { return one.kind == ColumnType::text && !one.meaning.is(Idea::beside); };
        std::string unit;
        if (const ForeignColumn* own = surest(*m_.table, Idea::unit, own_unit);
            own != nullptr && m_.table->reference_of(own->name) == nullptr) {
            for (const auto& [symbol, rows] : proposal_.values(*m_.table, *own)) proposal_.units[symbol] += rows;
            unit = query_.column(query_.main(), own->name);
        } else if (products.table != nullptr) {
            unit = product_unit(proposal_, query_, products);
        }
        if (unit.empty()) {
            query_.check("no unit was found: amounts are taken for pieces");
            proposal_.units["pcs"] += 0;
            unit = "'pcs'";
        }
        query_.select("unit", unit, ColumnType::text, false);
    }

    [[nodiscard]] bool may_be_negative() const {
        if (!proposal_.sample) return true;
        const std::string text = fmt::format("SELECT MIN(q) FROM (SELECT {} AS q FROM {} LIMIT {}) AS s", quoted_name(m_.quantity->name),
                                             quoted_name(m_.table->name), kSampleRowsMax);
        const auto least = proposal_.foreign.session->first({"erp.foreign.least", text.c_str()}, {},
                                                            [](const sql::Row& row) { return row.text(0).starts_with('-'); });
        return !least || least->value_or(false);
    }

    // --- where, from whom, by what ----------------------------------------------------------------------------------------------------

    void side(const char* name, const ForeignReference* reference, bool in_header) {
        const Alias& alias = in_header ? header_ : query_.main();
        const std::string column = query_.column(alias, reference->columns.front());
        const ColumnType type = query_.key_type(*alias.table, reference->columns);
        query_.select(name, type == ColumnType::text ? fmt::format("NULLIF({}, '')", column) : column, type, true);
        if (reference->by_name) query_.remark(fmt::format("{} is taken by the name of column {}", name, reference->columns.front()));
    }

    void sides() {
        const auto has_party = [](Step step) { return text_of(step).party_gives || text_of(step).party_gets; };
        if (m_.to_party != nullptr && is_any(has_party)) {
            side("party_key", m_.to_party, m_.party_in_header);
            for (const auto& [word, chosen] : roles_.parties)
                if (chosen.table->name == m_.to_party->table) party_ = word;
            const auto of_others = [&](Step step) {
                return party_ != "party" && has_party(step) &&
                       (step == Step::receive || step == Step::supplier_return) != (party_ == "supplier");
            };
            if (is_any(of_others))
                query_.check(fmt::format("{} names a {} alone: for the other kinds it will not be known from whom or to whom",
                                         m_.to_party->columns.front(), party_));
        } else if (is_any(has_party)) {
            query_.check("no supplier or customer was found: it will not be known from whom or to whom");
        }
        if (m_.from_place == nullptr && m_.to_place == nullptr) {
            query_.check("no place was found");
            return;
        }
        const bool one = m_.from_place == m_.to_place;
        if (one) side("place_key", m_.from_place, m_.places_in_header);
        if (!one && m_.from_place != nullptr) side("from_key", m_.from_place, m_.places_in_header);
        if (!one && m_.to_place != nullptr) side("to_key", m_.to_place, m_.places_in_header);
        from_ = m_.from_place == nullptr ? "" : one ? "place_key" : "from_key";
        to_ = m_.to_place == nullptr ? "" : one ? "place_key" : "to_key";
    }

    /// Whether the document is itself a movement, one for each line: then its key joins nothing.
    [[nodiscard]] bool header_is_movement() const {
        return m_.header != nullptr &&
               std::ranges::any_of(roles_.movements, [&](const Movement& other) { return other.table == m_.header; });
    }

    /// The table whose own column says which rows belong to one document; null where the document is a row of another table.
    [[nodiscard]] const Alias* numbered() const {
        return m_.header == nullptr ? &query_.main() : header_is_movement() ? &header_ : nullptr;
    }

    /// Whether there is something that joins inputs and outputs of one production.
    [[nodiscard]] bool has_order() const {
        return !is_any(transforms) || numbered() == nullptr || number_in(*numbered()->table) != nullptr;
    }

    /// The column that the rows of one document have in common.
    [[nodiscard]] const ForeignColumn* number_in(const ForeignTable& table) const {
        return surest(table, Idea::number, [&](const ForeignColumn& column) {
            const bool key = table.key.size() == 1 && table.key.front() == column.name;
            const Meaning& m = column.meaning;
            return !key && &column != m_.lot_number && table.reference_of(column.name) == nullptr && column.kind != ColumnType::decimal &&
                   !m.is(Idea::lot) && !m.is(Idea::serial) && !m.is(Idea::customer) && !m.is(Idea::supplier) && m.of(Idea::number) >= 1;
        });
    }

    void document() {
        const ForeignColumn* number = nullptr;
        if (numbered() == nullptr) {
            query_.select("doc_key", query_.key(header_, m_.header->key), query_.key_type(*m_.header, m_.header->key), true);
            number = surest(*m_.header, Idea::number, [&](const ForeignColumn& column) {
                return column.kind == ColumnType::text && m_.header->reference_of(column.name) == nullptr;
            });
            query_.select("doc_number",
                          number != nullptr ? query_.column(header_, number->name) : query_.as_text(query_.key(header_, m_.header->key)),
                          ColumnType::text, true);
            doc_word_ = plain_word(m_.header->name);
            return;
        }
        number = number_in(*numbered()->table);
        if (number == nullptr) return;
        const std::string column = query_.column(*numbered(), number->name);
        query_.select("doc_key", column, *number->kind, true);
        query_.select("doc_number", query_.as_text(column), ColumnType::text, true);
        doc_word_ = plain_word(numbered()->table->name) + "_no";
        if (is_any(transforms))
            query_.check(fmt::format("column {} has to be the same for all inputs and outputs of one production order", number->name));
    }

    void state() {
        if (m_.state.column == nullptr) return;
        const ForeignColumn& column = *m_.state.column;
        const auto& values = proposal_.values(*at(m_.state).table, column);
        const std::string name = query_.column(at(m_.state), column.name);
        std::vector<std::string> done;
        std::vector<std::string> cancelled;
        for (const auto& [value, rows] : values) {
            const std::string text = literal(value, column.kind.value_or(ColumnType::text));
            if (column.kind == ColumnType::text && !text.empty() && says_done(value)) done.push_back(text);
            if (column.kind == ColumnType::text && !text.empty() && says_cancelled(value)) cancelled.push_back(text);
        }
        const std::string there = values.empty() ? "Its values were not looked at" : "There are " + listed(values);
        if (!done.empty()) {
            query_.where(fmt::format("{} IN ({})", name, fmt::join(done, ", ")));
            query_.check(fmt::format("{} says whether it happened; only {} counts here. {}", column.name, fmt::join(done, ", "), there));
        } else if (!cancelled.empty()) {
            query_.where(fmt::format("{} NOT IN ({})", name, fmt::join(cancelled, ", ")));
            query_.check(fmt::format("{} may say whether it happened; {} is left out. {}", column.name, fmt::join(cancelled, ", "), there));
        } else {
            query_.check(fmt::format("{} may say whether it happened; all rows count here. {}", column.name, there));
        }
    }

    /// Where another table reads the lots of these rows: what has no row there.
    void details() {
        if (m_.detail == nullptr) return;
        const auto found = std::ranges::find(m_.detail->references, m_.table->name, &ForeignReference::table);
        if (found == m_.detail->references.end()) return;
        const std::string own = query_.column(query_.main(), found->to.front());
        const std::string theirs = query_.column({m_.detail, "x"}, found->columns.front());
        query_.where(fmt::format("NOT EXISTS (SELECT 1 FROM {} x WHERE {} = {})", quoted_name(m_.detail->name), theirs, own));
        query_.remark(fmt::format("rows with lots are read by {}; these are the others", m_.detail->name));
    }

    void cursor() {
        const std::string own = change_time(proposal_, query_, query_.main());
        const std::string document = m_.header == nullptr ? std::string{} : change_time(proposal_, query_, header_);
        if (own.empty() && document.empty()) return query_.check("no column says when a row changed: the table is read in full each time");
        std::string changed = own.empty() ? document : own;
        if (!own.empty() && !document.empty())
            changed = proposal_.engine() == sql::Engine::sqlite
                          ? fmt::format("MAX(COALESCE({0}, {1}), COALESCE({1}, {0}))", own, document)
                          : fmt::format("GREATEST(COALESCE({0}, {1}), COALESCE({1}, {0}))", own, document);
        else if (m_.header != nullptr)
            query_.check(fmt::format("the change time is that of {}: changes of {} alone are found by `erp sync --full`",
                                     own.empty() ? m_.header->name : m_.table->name, own.empty() ? m_.table->name : m_.header->name));
        query_.select("changed", changed, ColumnType::time, true);
        query_.set_cursor("changed");
    }

    // --- the record -------------------------------------------------------------------------------------------------------------------

    [[nodiscard]] std::string step_lines(const StepText& text, const std::string& indent) const {
        std::string out;
        const auto line = [&](const std::string& content) { out += indent + content + '\n'; };
        const std::string amount = fmt::format("[{{item: \"{}\", quantity: quantity, unit: unit}}]", item_);
        line(transforms(text.step) ? "type: TransformationEvent" : "type: ObjectEvent");
        if (!text.action.empty()) line(fmt::format("action: {}", text.action));
        line(fmt::format("biz_step: {}", text.biz_step));
        line(fmt::format("disposition: {}", text.disposition));
        if (text.leaves && !from_.empty()) line(fmt::format("read_point: \"place:{{{}}}\"", from_));
        if (text.comes && !to_.empty()) line(fmt::format("biz_location: \"place:{{{}}}\"", to_));
        if (text.step == Step::consume) line("inputs: " + amount);
        if (text.step == Step::produce) line("outputs: " + amount);
        if (transforms(text.step)) line(fmt::format("transformation: \"{}:{{doc_key}}\"", doc_word_));
        if (!transforms(text.step)) line("items: " + amount);
        const bool ours_gives = party_ == "party" || (text.step == Step::receive) == (party_ == "supplier");
        const bool ours_gets = party_ == "party" || (text.step == Step::ship) == (party_ == "customer");
        const std::string party = fmt::format("{{type: possessing_party, id: \"{}:{{party_key}}\"}}", party_);
        const auto place = [](const std::string& column) { return fmt::format("{{type: location, id: \"place:{{{}}}\"}}", column); };
        if (text.party_gives && ours_gives && !party_.empty()) line(fmt::format("sources: [{}]", party));
        if (text.leaves && !from_.empty()) line(fmt::format("sources: [{}]", place(from_)));
        if (text.party_gets && ours_gets && !party_.empty()) line(fmt::format("destinations: [{}]", party));
        if (text.comes && !to_.empty()) line(fmt::format("destinations: [{}]", place(to_)));
        if (!doc_word_.empty())
            line(fmt::format(R"(documents: [{{type: {}, id: "{}:{{doc_key}}", number: "{{doc_number}}"}}])", text.document, doc_word_));
        return out;
    }

    std::string record() {
        std::string out = fmt::format("      event:\n        id: \"{}:{{move_key}}\"\n        time: day\n", query_.name());
        if (m_.step != Step::unknown && m_.step != Step::count) return out + step_lines(text_of(m_.step), std::string(8, ' '));
        const std::string kind =
            m_.step == Step::count ? fmt::format("CASE WHEN {} > 0 THEN 'gain' ELSE 'write_off' END", sign_) : kind_case();
        query_.select("kind", kind, ColumnType::text, false);
        std::set<Step> steps{Step::count, Step::write_off};
        if (m_.step == Step::unknown) {
            steps.clear();
            for (const KindValue& one : kinds_) steps.insert(one.step);
        }
        if (steps.contains(Step::count)) steps.insert(Step::write_off);
        out += "        choose:\n          column: kind\n          cases:\n";
        for (const Step step : steps)
            out += fmt::format("            {}:\n{}", text_of(step).word, step_lines(text_of(step), std::string(14, ' ')));
        return out;
    }

    std::string kind_case() {
        const std::string column = query_.column(at(m_.kind), m_.kind.column->name);
        const std::string quantity = query_.column(query_.main(), m_.quantity->name);
        std::string out = "CASE";
        for (const KindValue& one : kinds_) {
            const std::string value = literal(one.value, m_.kind.column->kind.value_or(ColumnType::text));
            if (one.step == Step::count) out += fmt::format(" WHEN {} = {} AND {} < 0 THEN 'write_off'", column, value, quantity);
            out += fmt::format(" WHEN {} = {} THEN '{}'", column, value, text_of(one.step).word);
        }
        return out + fmt::format(" ELSE {} END", query_.as_text(column));
    }

    Proposal& proposal_;
    const Roles& roles_;
    const Movement& m_;
    QueryText query_;
    Alias header_;
    std::vector<KindValue> kinds_;
    std::string item_, party_, from_, to_, doc_word_, sign_;
};

}  // namespace

void propose_movements(Proposal& proposal) {
    for (const Movement& movement : proposal.roles.movements) MovementQuery{proposal, movement}.propose();
}

}  // namespace stemma::erp
