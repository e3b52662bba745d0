#include "adapters/erp/suggest_roles.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace stemma::erp {
namespace {

bool is_number(const ForeignColumn& column) { return column.kind == ColumnType::integer || column.kind == ColumnType::decimal; }

bool any(const ForeignTable& table, Idea idea) {
    return std::ranges::any_of(table.columns, [&](const ForeignColumn& column) { return column.meaning.is(idea); });
}

/// Adds to a score, with the reason that people read.
class Score {
public:
    explicit Score(std::vector<std::string>& reasons) : reasons_{reasons} {}
    void add(double points, std::string_view reason) {
        if (points == 0) return;
        sum_ += points;
        if (points > 0) reasons_.push_back(fmt::format("{} (+{:.1f})", reason, points));
    }
    /// Words in a table's name that speak against a role.
    void against(const Meaning& meaning, std::initializer_list<Idea> ideas) {
        for (const Idea idea : ideas)
            if (meaning.is(idea)) sum_ -= 2;
    }
    [[nodiscard]] double sum() const noexcept { return sum_; }

private:
    std::vector<std::string>& reasons_;
    double sum_{0};
};

constexpr double kPerReference = 0.3;  ///< points for each table that refers to a master
constexpr double kReferencesMax = 3;

}  // namespace

std::string_view to_string(Step step) noexcept {
    constexpr std::array<std::string_view, 10> kNames{"unknown", "receive", "supplier_return", "ship",      "customer_return",
                                                      "consume", "produce", "transfer",        "write_off", "count"};
    return kNames[static_cast<std::size_t>(step)];
}

Step step_of(const Meaning& m) {
    if (m.is(Idea::returned)) return m.is(Idea::supplier) || m.is(Idea::purchase) ? Step::supplier_return : Step::customer_return;
    if (m.is(Idea::scrap)) return Step::write_off;
    if (m.is(Idea::production)) {
        if (m.is(Idea::input)) return Step::consume;
        if (m.is(Idea::output) || m.is(Idea::receipt)) return Step::produce;
        if (m.is(Idea::delivery)) return Step::consume;  // goods that leave the store for an order
        return Step::unknown;
    }
    if (m.is(Idea::receipt) && m.of(Idea::receipt) >= m.of(Idea::delivery)) return Step::receive;
    if (m.is(Idea::purchase) && m.is(Idea::delivery)) return Step::receive;  // a supplier's delivery comes in
    if (m.is(Idea::delivery) && !m.is(Idea::order)) return Step::ship;
    if (m.of(Idea::delivery) >= 1) return Step::ship;
    if (m.is(Idea::transfer)) return Step::transfer;
    if (m.is(Idea::count)) return Step::count;
    if (m.is(Idea::input)) return Step::consume;
    if (m.is(Idea::output)) return Step::produce;
    return Step::unknown;
}

bool Roles::is_party(const std::string& table) const {
    return std::ranges::any_of(parties, [&](const auto& party) { return party.second.table->name == table; });
}

std::size_t RoleFinder::referred_to(const ForeignTable& table) const {
    return static_cast<std::size_t>(std::ranges::count_if(foreign_.tables, [&](const ForeignTable& other) {
        return std::ranges::any_of(other.references, [&](const ForeignReference& reference) { return reference.table == table.name; });
    }));
}

const ForeignReference* RoleFinder::reference_to(const ForeignTable& table, const ForeignTable* other) const {
    if (other == nullptr) return nullptr;
    const auto found = std::ranges::find(table.references, other->name, &ForeignReference::table);
    return found == table.references.end() ? nullptr : &*found;
}

Chosen RoleFinder::best(double (RoleFinder::*score)(const ForeignTable&, std::vector<std::string>&) const) const {
    Chosen best;
    for (const ForeignTable& table : foreign_.tables) {
        if (!table.unreadable.empty() || table.key.empty()) continue;
        std::vector<std::string> reasons;
        const double points = (this->*score)(table, reasons);
        if (points >= kRoleScoreMin && points > best.score) best = {&table, points, std::move(reasons)};
    }
    return best;
}

double RoleFinder::product_score(const ForeignTable& table, std::vector<std::string>& reasons) const {
    Score score{reasons};
    if (!table.meaning.is(Idea::product) || table.key.size() != 1) return 0;
    score.add(3 * table.meaning.of(Idea::product), "its name says product");
    score.add(table.meaning.is(Idea::master) ? 1 : 0, "and master data");
    score.add(table.meaning.words.size() == 1 ? 1 : 0, "and nothing else");
    score.add(any(table, Idea::name) ? 1 : 0, "has a name");
    score.add(any(table, Idea::unit) ? 1 : 0, "has a unit");
    score.add(std::min(kReferencesMax, kPerReference * static_cast<double>(referred_to(table))), "other tables refer to it");
    score.against(table.meaning, {Idea::beside, Idea::line, Idea::move, Idea::lot, Idea::serial, Idea::receipt, Idea::delivery, Idea::order,
                                  Idea::supplier, Idea::customer, Idea::production, Idea::returned, Idea::input, Idea::output});
    return score.sum();
}

double RoleFinder::place_score(const ForeignTable& table, std::vector<std::string>& reasons) const {
    Score score{reasons};
    if (!table.meaning.is(Idea::place) || table.key.size() != 1) return 0;
    score.add(3 * table.meaning.of(Idea::place), "its name says place");
    score.add(table.meaning.words.size() == 1 ? 1 : 0, "and nothing else");
    score.add(any(table, Idea::name) ? 1 : 0, "has a name");
    score.add(std::min(kReferencesMax, kPerReference * static_cast<double>(referred_to(table))), "other tables refer to it");
    score.against(table.meaning, {Idea::beside, Idea::line, Idea::move, Idea::lot, Idea::serial, Idea::receipt, Idea::delivery, Idea::order,
                                  Idea::supplier, Idea::customer, Idea::product, Idea::party, Idea::kind});
    return score.sum();
}

double RoleFinder::lot_score(const ForeignTable& table, std::vector<std::string>& reasons) const {
    Score score{reasons};
    const double named = std::max(table.meaning.of(Idea::lot), table.meaning.of(Idea::serial));
    const ForeignReference* product = reference_to(table, roles_.product.table);
    if (named < 0.5 || product == nullptr) return 0;
    const bool has_number = std::ranges::any_of(table.columns, [](const ForeignColumn& column) {
        return column.kind == ColumnType::text &&
               (column.meaning.is(Idea::lot) || column.meaning.is(Idea::serial) || column.meaning.is(Idea::number));
    });
    score.add(3 * named, "its name says lot or serial");
    score.add(2, "refers to the products");
    score.add(has_number ? 1.5 : 0, "has a number as text");
    score.add(any(table, Idea::expiry) ? 1.5 : 0, "has an expiry date");
    score.add(std::min(kReferencesMax, kPerReference * static_cast<double>(referred_to(table))), "other tables refer to it");
    score.against(table.meaning, {Idea::beside, Idea::move, Idea::receipt, Idea::delivery, Idea::order, Idea::production, Idea::returned,
                                  Idea::input, Idea::output});
    return score.sum();
}

double RoleFinder::party_score(const ForeignTable& table, Idea idea, std::vector<std::string>& reasons) const {
    Score score{reasons};
    if (!table.meaning.is(idea) || table.key.size() != 1) return 0;
    score.add(3 * table.meaning.of(idea), idea == Idea::supplier   ? "its name says supplier"
                                          : idea == Idea::customer ? "its name says customer"
                                                                   : "its name says partner");
    score.add(table.meaning.words.size() == 1 ? 1 : 0, "and nothing else");
    score.add(table.meaning.is(Idea::master) ? 1 : 0, "and master data");
    score.add(any(table, Idea::name) ? 1 : 0, "has a name");
    score.add(any(table, Idea::contact) ? 1 : 0, "has a telephone or mail");
    score.add(std::min(kReferencesMax, kPerReference * static_cast<double>(referred_to(table))), "other tables refer to it");
    score.against(table.meaning, {Idea::beside, Idea::line, Idea::move, Idea::lot, Idea::receipt, Idea::delivery, Idea::order,
                                  Idea::returned, Idea::product, Idea::place, Idea::kind});
    return score.sum();
}

void RoleFinder::find_parties() {
    for (const auto& [idea, name] :
         {std::pair{Idea::party, "party"}, std::pair{Idea::supplier, "supplier"}, std::pair{Idea::customer, "customer"}}) {
        Chosen best;
        for (const ForeignTable& table : foreign_.tables) {
            if (!table.unreadable.empty() || roles_.is_party(table.name)) continue;
            std::vector<std::string> reasons;
            const double points = party_score(table, idea, reasons);
            if (points >= kRoleScoreMin && points > best.score) best = {&table, points, std::move(reasons)};
        }
        if (best.table != nullptr) roles_.parties.emplace_back(name, std::move(best));
    }
}

void RoleFinder::guess_references(const ForeignTable* master, std::initializer_list<Idea> ideas) {
    if (master == nullptr || master->key.size() != 1) return;
    const std::optional<ColumnType> kind = master->find(master->key.front())->kind;
    const auto says_nothing_else = [&](const Meaning& meaning) {
        for (std::size_t i = 0; i < kIdeas; ++i) {
            const Idea idea = static_cast<Idea>(i);
            const bool beside_the_point = idea == Idea::id || idea == Idea::number || idea == Idea::from || idea == Idea::to ||
                                          idea == Idea::stock || idea == Idea::input || idea == Idea::output || idea == Idea::line;
            if (meaning.is(idea) && !beside_the_point && std::ranges::find(ideas, idea) == ideas.end()) return false;
        }
        return true;
    };
    for (ForeignTable& table : foreign_.tables) {
        if (&table == master) continue;
        for (const ForeignColumn& column : table.columns) {
            const bool named = std::ranges::any_of(ideas, [&](Idea idea) { return column.meaning.of(idea) >= 0.8; });
            const bool own_key = table.key.size() == 1 && table.key.front() == column.name;
            if (!named || own_key || column.kind != kind || table.reference_of(column.name) != nullptr ||
                !says_nothing_else(column.meaning))
                continue;
            table.references.push_back({{column.name}, master->name, {master->key.front()}, true});
        }
    }
}

bool RoleFinder::is_master(const ForeignTable& table) const {
    return &table == roles_.product.table || &table == roles_.place.table || &table == roles_.lot.table || roles_.is_party(table.name);
}

/// The document: of the tables referred to that are no master data, the one whose name tells the most of a movement.
void RoleFinder::find_header(Movement& movement) const {
    double best = 0;
    for (const ForeignReference& reference : movement.table->references) {
        const ForeignTable* other = foreign_.find(reference.table);
        if (other == nullptr || other == movement.table || is_master(*other) || reference.columns.size() != 1 || !other->unreadable.empty())
            continue;
        double sum = 0;
        for (const Idea idea :
             {Idea::receipt, Idea::delivery, Idea::returned, Idea::production, Idea::move, Idea::transfer, Idea::scrap, Idea::count})
            sum += other->meaning.of(idea);
        sum += 0.2 * other->meaning.of(Idea::order);
        if (other->meaning.is(Idea::kind) || other->meaning.is(Idea::beside)) sum = 0;
        if (sum <= best) continue;
        best = sum;
        movement.header = other;
        movement.to_header = &reference;
    }
}

ColumnAt RoleFinder::find_date(const Movement& movement) const {
    ColumnAt best;
    double best_points = 0;
    const auto look = [&](const ForeignTable& table, bool in_header) {
        for (const ForeignColumn& column : table.columns) {
            const auto kind = kind_of_(context_, table, column);
            if (kind != ColumnType::date && kind != ColumnType::time) continue;
            const Meaning& m = column.meaning;
            double points = 1 + m.of(Idea::date) + (in_header ? 0.1 : 0);
            for (const Idea idea : {Idea::receipt, Idea::delivery, Idea::output, Idea::move, Idea::returned})
                if (m.is(idea)) points += 1;
            if (m.is(Idea::created)) points -= 1;
            if (m.is(Idea::changed) || m.is(Idea::expiry) || m.is(Idea::order)) points -= 3;
            if (points <= best_points) continue;
            best_points = points;
            best = {&column, in_header};
        }
    };
    look(*movement.table, false);
    if (movement.header != nullptr) look(*movement.header, true);
    return best;
}

void RoleFinder::find_columns(Movement& movement) const {
    const auto find = [&](Idea idea, auto fits) {
        ColumnAt found{surest(*movement.table, idea, fits), false};
        if (found.column == nullptr && movement.header != nullptr) found = {surest(*movement.header, idea, fits), true};
        return found;
    };
    movement.date = find_date(movement);
    const auto short_value = [](const ForeignColumn& column) {
        return (column.kind == ColumnType::text || column.kind == ColumnType::integer) && !column.meaning.is(Idea::date);
    };
    movement.kind = find(Idea::kind, short_value);
    movement.state =
        find(Idea::state, [&](const ForeignColumn& column) { return short_value(column) || column.kind == ColumnType::boolean; });
}

/// Parties and places that the movement or its document refers to.
void RoleFinder::find_sides(Movement& movement) const {
    const auto look = [&](const ForeignTable& table, bool in_header) {
        for (const ForeignReference& reference : table.references) {
            if (reference.columns.size() != 1) continue;
            const Meaning m = meaning_of(reference.columns.front());
            if (movement.to_party == nullptr && roles_.is_party(reference.table)) {
                movement.to_party = &reference;
                movement.party_in_header = in_header;
            }
            if (roles_.place.table == nullptr || reference.table != roles_.place.table->name) continue;
            if ((movement.from_place != nullptr || movement.to_place != nullptr) && movement.places_in_header != in_header) continue;
            movement.places_in_header = in_header;
            if (m.is(Idea::from) && !m.is(Idea::to))
                movement.from_place = &reference;
            else if (m.is(Idea::to))
                movement.to_place = &reference;
            else if (movement.from_place == nullptr && movement.to_place == nullptr)
                movement.from_place = movement.to_place = &reference;
        }
    };
    look(*movement.table, false);
    if (movement.header != nullptr) look(*movement.header, true);
}

void RoleFinder::find_movement(const ForeignTable& table) {
    if (is_master(table) || !table.unreadable.empty()) return;
    Movement found;
    found.table = &table;
    found.to_lot = reference_to(table, roles_.lot.table);
    found.to_product = reference_to(table, roles_.product.table);
    if (found.to_lot == nullptr && found.to_product != nullptr)
        for (const Idea idea : {Idea::lot, Idea::serial})
            if (found.lot_number == nullptr)
                found.lot_number = surest(table, idea, [](const ForeignColumn& column) { return column.kind == ColumnType::text; });
    found.quantity = surest(table, Idea::quantity, is_number);
    const auto leave = [&](std::string why) { roles_.left_out.emplace_back(table.name, std::move(why)); };
    if (found.quantity == nullptr) return;
    if (found.to_lot == nullptr && found.to_product == nullptr) {
        if (step_of(table.meaning) != Step::unknown)
            leave("its name tells of goods, but it refers neither to the lots nor to the products");
        return;
    }
    find_header(found);
    Meaning meaning = table.meaning;
    if (found.header != nullptr) meaning.add(found.header->meaning);
    found.step = step_of(table.meaning);
    if (found.step == Step::unknown) found.step = step_of(meaning);
    const bool moves = meaning.is(Idea::move) || meaning.is(Idea::transfer);
    if (found.step == Step::unknown && !moves) {
        if (meaning.is(Idea::stock) || meaning.is(Idea::place))
            return leave("looks like what is in stock now, which follows from the movements");
        if (meaning.is(Idea::order)) return leave("looks like what is ordered or planned, not what happened");
        if (meaning.is(Idea::production))
            return leave("belongs to production, but neither its name nor its document says what goes in and what comes out");
        return leave("names goods and a quantity, but nothing says what happened to them");
    }
    if (meaning.is(Idea::beside) && !moves) return leave("its name speaks of money, plans or logs");
    const auto tells = [](const ForeignTable& one) { return one.meaning.is(Idea::receipt) || one.meaning.is(Idea::delivery); };
    const bool goods_in_or_out = found.step == Step::receive || found.step == Step::ship;
    const bool by_order = table.meaning.is(Idea::order) || (found.header != nullptr && found.header->meaning.is(Idea::order));
    if (goods_in_or_out && by_order && !tells(table) && (table.meaning.is(Idea::order) || !tells(*found.header)))
        return leave("looks like what is ordered, not what happened");
    if (table.key.empty()) return leave("has no primary key: its rows cannot be told apart");
    find_columns(found);
    find_sides(found);
    if (found.date.column == nullptr) return leave("neither it nor its document has a date");
    if (found.from_place != nullptr && found.to_place != nullptr && found.from_place != found.to_place && found.step == Step::unknown)
        found.step = Step::transfer;
    if (found.step == Step::unknown && found.kind.column == nullptr) return leave("moves goods, but no column says in what way");
    roles_.movements.push_back(std::move(found));
}

Roles RoleFinder::find() {
    roles_ = {};
    roles_.product = best(&RoleFinder::product_score);
    guess_references(roles_.product.table, {Idea::product});
    roles_.place = best(&RoleFinder::place_score);
    guess_references(roles_.place.table, {Idea::place});
    roles_.lot = best(&RoleFinder::lot_score);
    guess_references(roles_.lot.table, {Idea::lot, Idea::serial});
    find_parties();
    for (const auto& [word, chosen] : roles_.parties)
        guess_references(chosen.table, {word == "supplier" ? Idea::supplier : word == "customer" ? Idea::customer : Idea::party});
    for (const ForeignTable& table : foreign_.tables) find_movement(table);
    // A movement whose lots stand in a table of their own is read by that table; what has no row there, by itself.
    for (Movement& movement : roles_.movements)
        for (const Movement& other : roles_.movements)
            if (&other != &movement && other.header == movement.table && other.to_lot != nullptr && movement.to_lot == nullptr)
                movement.detail = other.table;
    if (roles_.lot.table != nullptr) {
        roles_.lot_identity = roles_.lot.table->key;
        for (const Movement& movement : roles_.movements)
            if (movement.to_lot != nullptr) roles_.lot_identity = movement.to_lot->to;
    }
    return std::move(roles_);
}

}  // namespace stemma::erp
