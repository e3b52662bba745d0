#include "core/engine/meeting_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "core/domain/names.hpp"
#include "core/engine/meeting_fold.hpp"
#include "core/engine/project.hpp"
#include "core/engine/query.hpp"

namespace stemma::engine {
namespace {

using Kind = Conflict::Kind;

constexpr NameTable<Kind, 11> kKind{{{Kind::gtin_twice, "gtin_twice"},
                                     {Kind::bad_gtin, "bad_gtin"},
                                     {Kind::differs, "differs"},
                                     {Kind::alias_unknown, "alias_unknown"},
                                     {Kind::alias_twice, "alias_twice"},
                                     {Kind::identifier_twice, "identifier_twice"},
                                     {Kind::kind_differs, "kind_differs"},
                                     {Kind::nearly_same, "nearly_same"},
                                     {Kind::expiry_differs, "expiry_differs"},
                                     {Kind::two_of_one, "two_of_one"},
                                     {Kind::too_common, "too_common"}}};

constexpr std::string_view kGtin = "gtin";
constexpr std::string_view kSscc = "sscc";

std::string written_gtin(const Product& product) {
    const auto found = product.attributes.find(std::string{kGtin});
    return found != product.attributes.end() ? found->second : std::string{};
}

std::optional<std::string> sscc_of(const Item& item) {
    if (item.kind != ItemKind::logistic_unit) return std::nullopt;
    for (const Identifier& identifier : item.identifiers)
        if (identifier.scheme == kSscc)
            if (auto sscc = normal_sscc(identifier.value)) return sscc;
    return std::nullopt;
}

std::string sort_of(const Product& product) { return fmt::format("tracked by {}, in {}", to_string(product.tracking), product.unit); }

/// Disjoint sets of ids.
class Groups {
public:
    const std::string& root(const std::string& id) {
        std::string& parent = parent_.try_emplace(id, id).first->second;
        if (parent != id) parent = root(std::string{parent});
        return parent;
    }
    void join(const std::string& a, const std::string& b) {
        const std::string from = root(b);
        parent_[from] = root(a);
    }

private:
    std::map<std::string, std::string> parent_;
};

}  // namespace

std::string_view to_string(Conflict::Kind kind) noexcept { return name_of(kKind, kind); }

std::string_view hint_of(Conflict::Kind kind) noexcept {
    switch (kind) {
        case Kind::gtin_twice: return "a GTIN names one product: correct it in that ERP; until then none of them meets by it";
        case Kind::bad_gtin: return "correct the number in both ERPs, or declare the two under erp.same_products";
        case Kind::differs:
            return "records that count in other units, or tell items apart otherwise, stay two: make them equal in the ERPs";
        case Kind::alias_unknown: return "correct the SKU in the settings or the code map; it is looked for as written";
        case Kind::alias_twice: return "give the products SKUs of their own in that ERP, or use their GTINs";
        case Kind::identifier_twice: return "none of them meets: correct the number in the ERP that has it twice";
        case Kind::kind_differs: return "they stay two: one ERP tells this product apart by lot, the other by serial";
        case Kind::nearly_same:
            return "they stay two, for nobody knows that they are one: write the number alike in both ERPs, or run: "
                   "stemma erp meetings --meet ID ID --reason TEXT";
        case Kind::expiry_differs:
            return "they are one; find out which date is right and correct the other ERP, or part them with: stemma "
                   "erp meetings --undo ID ID --reason TEXT";
        case Kind::two_of_one:
            return "all stay apart: aliases and GTINs together would make two products of one ERP one; look at the aliases";
        case Kind::too_common: return "nothing meets by a number that so many records have";
    }
    return {};
}

std::optional<Identifier> met_identifier(const Item& item) {
    if (const auto sscc = sscc_of(item)) return Identifier{std::string{kSscc}, *sscc};
    if (item.identifiers.empty() || item.kind == ItemKind::logistic_unit) return std::nullopt;
    const Identifier& first = item.identifiers.front();
    std::string form = met_form(first.value);
    return form.empty() ? std::nullopt : std::optional{Identifier{first.scheme, std::move(form)}};
}

// --- reading ---------------------------------------------------------------------------------------------------------

template <class Record>
Result<std::optional<Record>> MeetingRules::record(const std::string& id) {
    if (expected_ != nullptr && id_of(*expected_) == id) {
        const Record* expected = std::get_if<Record>(expected_);
        return expected != nullptr ? std::optional{*expected} : std::nullopt;
    }
    return read_master<Record>(snapshot_, id);
}
template Result<std::optional<Product>> MeetingRules::record(const std::string& id);
template Result<std::optional<Item>> MeetingRules::record(const std::string& id);

Result<Sequence> MeetingRules::first_of(const std::string& id) {
    const auto entries = snapshot_.subject_entries_from(id, 0, kEveryEntry);
    if (!entries) return std::unexpected(entries.error());
    return entries->empty() ? kEveryEntry : entries->front();
}

/// Ids of ERP sources that have this identifier, by the form that searches go by.
Result<std::vector<std::string>> MeetingRules::named(const std::string& form, std::string_view scheme, bool& too_common) {
    const auto rows = snapshot_.find_identifiers(form, false, kCandidatesMax + 1);
    if (!rows) return std::unexpected(rows.error());
    too_common = rows->size() > kCandidatesMax;
    std::vector<std::string> ids;
    if (too_common) return ids;
    for (const IdentifierRow& row : *rows)
        if ((scheme.empty() || row.identifier.scheme == scheme) && !source_of(row.item.str()).empty()) ids.push_back(row.item.str());
    return ids;
}

Result<std::set<std::string>> MeetingRules::products_with_sku(const std::string& source, const std::string& sku) {
    bool too_common = false;
    const auto ids = named(search_form(sku), "sku", too_common);
    if (!ids) return std::unexpected(ids.error());
    std::set<std::string> found;
    const auto look = [&](const std::string& id) -> Result<void> {
        const auto product = record<Product>(id);
        if (!product) return std::unexpected(product.error());
        if (*product && source_of(id) == source && (*product)->sku == sku) found.insert(id);
        return {};
    };
    for (const std::string& id : *ids)
        if (auto looked = look(id); !looked) return std::unexpected(looked.error());
    if (expected_ != nullptr)
        if (auto looked = look(id_of(*expected_)); !looked) return std::unexpected(looked.error());
    return found;
}

Result<std::vector<MeetingState>> MeetingRules::pairs_of(const std::string& id) {
    const auto sequences = snapshot_.subject_entries_from(meetings_of(id), 0, kEveryEntry);
    if (!sequences) return std::unexpected(sequences.error());
    if (sequences->empty()) return std::vector<MeetingState>{};
    const auto rows = snapshot_.entries_at(*sequences);
    if (!rows) return std::unexpected(rows.error());
    FoldedPairs folded;
    if (auto done = fold_meetings(*rows, folded); !done) return std::unexpected(done.error());
    std::vector<MeetingState> pairs;
    pairs.reserve(folded.size());
    for (auto& [key, pair] : folded) pairs.push_back(std::move(pair.state));
    return pairs;
}

Result<std::set<std::string>> MeetingRules::group_of(const std::string& id) {
    std::set<std::string> group{id};
    std::vector<std::string> todo{id};
    while (!todo.empty()) {
        const std::string at = std::move(todo.back());
        todo.pop_back();
        const auto pairs = pairs_of(at);
        if (!pairs) return std::unexpected(pairs.error());
        for (const MeetingState& pair : *pairs) {
            if (pair.meeting.apart) continue;
            for (const std::string* other : {&pair.meeting.first, &pair.meeting.second})
                if (group.insert(*other).second) todo.push_back(*other);
        }
    }
    return group;
}

Result<const std::set<std::string>*> MeetingRules::products_one_with(const std::string& product) {
    if (const auto known = product_groups_.find(product); known != product_groups_.end()) return &known->second;
    auto group = group_of(product);
    if (!group) return std::unexpected(group.error());
    return &product_groups_.emplace(product, *std::move(group)).first->second;
}

Result<MeetingRules::Thing> MeetingRules::product_thing(const std::string& id) {
    const auto product = record<Product>(id);
    if (!product) return std::unexpected(product.error());
    const auto first = first_of(id);
    if (!first) return std::unexpected(first.error());
    if (!*product) return Thing{id, source_of(id), id, {}, *first};
    return Thing{id, source_of(id), engine::label_of(**product), sort_of(**product), *first};
}

Result<MeetingRules::Thing> MeetingRules::item_thing(const std::string& id) {
    const auto item = record<Item>(id);
    if (!item) return std::unexpected(item.error());
    const auto first = first_of(id);
    if (!first) return std::unexpected(first.error());
    return Thing{id, source_of(id), *item ? stemma::label_of(**item) : id, {}, *first};
}

// --- grounds ---------------------------------------------------------------------------------------------------------

Result<std::vector<MeetingRules::Ground>> MeetingRules::grounds_of_product(const std::string& id, std::vector<Conflict>& conflicts) {
    std::vector<Ground> grounds;
    const auto product = record<Product>(id);
    if (!product) return std::unexpected(product.error());
    if (!*product) return grounds;
    if (const auto gtin = normal_gtin(written_gtin(**product))) {
        Ground ground{MeetingRule::gtin, Kind::gtin_twice, {{std::string{kGtin}, *gtin}}, {id}, fmt::format("gtin {}", *gtin)};
        bool too_common = false;
        const auto ids = named(*gtin, kGtin, too_common);
        if (!ids) return std::unexpected(ids.error());
        for (const std::string& other : *ids) {
            const auto record_of = record<Product>(other);
            if (!record_of) return std::unexpected(record_of.error());
            if (*record_of && normal_gtin(written_gtin(**record_of)) == gtin) ground.ids.insert(other);
        }
        if (const Product* expected = expected_ != nullptr ? std::get_if<Product>(expected_) : nullptr)
            if (normal_gtin(written_gtin(*expected)) == gtin) ground.ids.insert(expected->id.str());
        if (too_common) conflicts.push_back({Kind::too_common, false, ground.what, {}});
        if (ground.ids.size() > 1) grounds.push_back(std::move(ground));
    }
    const auto lines = settings_.lines_of.find({source_of(id), (*product)->sku});
    if (lines == settings_.lines_of.end()) return grounds;
    for (const std::size_t number : lines->second) {
        const SameProduct& line = settings_.same_products[number];
        auto ids = products_with_sku(line.source, line.sku);
        if (!ids) return std::unexpected(ids.error());
        auto others = products_with_sku(line.other_source, line.other_sku);
        if (!others) return std::unexpected(others.error());
        if (ids->empty() || others->empty()) continue;
        ids->merge(*others);
        grounds.push_back(
            {line.rule, Kind::alias_twice, {{line.source, line.sku}, {line.other_source, line.other_sku}}, *std::move(ids), line.where});
    }
    return grounds;
}

Result<std::optional<MeetingRules::Ground>> MeetingRules::ground_of_item(const std::string& id, const Item& item,
                                                                         std::vector<Conflict>& conflicts) {
    const auto mine = met_identifier(item);
    const bool by_sscc = mine && mine->scheme == kSscc;
    if (!mine || (!by_sscc && item.product.empty())) return std::nullopt;
    Ground ground{by_sscc ? MeetingRule::sscc : MeetingRule::identifier,
                  Kind::identifier_twice,
                  {{mine->scheme, mine->value}},
                  {id},
                  fmt::format("{} {}", mine->scheme, mine->value)};
    bool too_common = false;
    auto ids = named(search_form(mine->value), by_sscc ? kSscc : std::string_view{mine->scheme}, too_common);
    if (!ids) return std::unexpected(ids.error());
    if (expected_ != nullptr) ids->push_back(id_of(*expected_));  // it may not be recorded yet
    if (too_common) conflicts.push_back({Kind::too_common, false, ground.what, {}});
    const bool alone = std::ranges::all_of(*ids, [&](const std::string& other) { return other == id; });
    if (alone) return std::nullopt;
    const auto products = by_sscc ? Result<const std::set<std::string>*>{nullptr} : products_one_with(item.product.str());
    if (!products) return std::unexpected(products.error());
    if (!by_sscc && (*products)->size() == 1 &&
        std::ranges::all_of(*ids, [&](const std::string& other) { return source_of(other) != source_of(id); }))
        return std::nullopt;
    for (const std::string& other : *ids) {
        const auto record_of = record<Item>(other);
        if (!record_of) return std::unexpected(record_of.error());
        if (!*record_of || (*record_of)->kind != item.kind || met_identifier(**record_of) != mine) continue;
        if (by_sscc || (*products)->contains((*record_of)->product.str())) ground.ids.insert(other);
    }
    return ground.ids.size() > 1 ? std::optional{std::move(ground)} : std::nullopt;
}

Result<std::vector<MeetingRules::Ground>> MeetingRules::grounds_of_item(const std::string& id, std::vector<Conflict>& conflicts) {
    const auto item = record<Item>(id);
    if (!item) return std::unexpected(item.error());
    std::vector<Ground> grounds;
    if (!*item) return grounds;
    auto ground = ground_of_item(id, **item, conflicts);
    if (!ground) return std::unexpected(ground.error());
    if (*ground) grounds.push_back(**std::move(ground));
    return grounds;
}

// --- deciding --------------------------------------------------------------------------------------------------------

/// Grounds and declarations are followed from `id` until nothing new is met; a ground met again, by `same`, counts once.
template <class Same>
Result<MeetingDecision> MeetingRules::joined_to(const std::string& id, ThingOf thing_of, GroundsOf grounds_of, const Same& same) {
    Things things;
    std::vector<Ground> grounds;
    std::vector<Conflict> conflicts;
    std::vector<std::string> todo{id};
    while (!todo.empty()) {
        const std::string at = std::move(todo.back());
        todo.pop_back();
        if (things.contains(at)) continue;
        auto thing = (this->*thing_of)(at);
        if (!thing) return std::unexpected(thing.error());
        things.emplace(at, *std::move(thing));
        auto more = (this->*grounds_of)(at, conflicts);
        if (!more) return std::unexpected(more.error());
        const auto pairs = pairs_of(at);
        if (!pairs) return std::unexpected(pairs.error());
        for (const MeetingState& pair : *pairs)
            if (pair.declared_together) todo.insert(todo.end(), {pair.meeting.first, pair.meeting.second});
        for (Ground& ground : *more) {
            todo.insert(todo.end(), ground.ids.begin(), ground.ids.end());
            if (std::ranges::none_of(grounds, [&](const Ground& known) { return same(known, ground); }))
                grounds.push_back(std::move(ground));
        }
    }
    return decide(things, grounds, std::move(conflicts));
}

Result<MeetingDecision> MeetingRules::products(const std::string& id) {
    return joined_to(id, &MeetingRules::product_thing, &MeetingRules::grounds_of_product,
                     [](const Ground& a, const Ground& b) { return a.what == b.what; });
}

Result<MeetingDecision> MeetingRules::items(const std::string& id) {
    return joined_to(id, &MeetingRules::item_thing, &MeetingRules::grounds_of_item,
                     [](const Ground& a, const Ground& b) { return a.ids == b.ids; });
}

Result<MeetingDecision> MeetingRules::decide(const Things& things, const std::vector<Ground>& grounds, std::vector<Conflict> conflicts) {
    MeetingDecision decision{{}, std::move(conflicts), {}};
    std::set<std::string> kept_apart;
    Groups groups;
    const auto conflict = [&](Kind kind, const std::string& what, const auto& ids) {
        Conflict found{kind, false, what, {}};
        for (const std::string& id : ids) {
            const Thing& thing = things.at(id);
            found.sides.push_back({thing.source, thing.id, thing.label, kind == Kind::differs ? thing.sort : std::string{}});
        }
        std::ranges::sort(found.sides);
        decision.conflicts.push_back(std::move(found));
    };
    std::vector<std::pair<std::string, std::string>> declared;
    for (const auto& [id, thing] : things) {
        decision.ids.insert(id);
        const auto pairs = pairs_of(id);
        if (!pairs) return std::unexpected(pairs.error());
        for (const MeetingState& pair : *pairs) {
            if (pair.declared_apart) kept_apart.insert(pair.meeting.second);
            if (pair.declared_together && things.contains(pair.meeting.first) && things.contains(pair.meeting.second))
                declared.emplace_back(pair.meeting.first, pair.meeting.second);
        }
    }
    for (const auto& [first, second] : declared) groups.join(first, second);
    for (const Ground& ground : grounds) {
        std::map<std::string, std::set<std::string>> by_source;
        std::map<std::string, std::vector<std::string>> by_sort;
        for (const std::string& id : ground.ids) {
            if (kept_apart.contains(id)) continue;
            by_source[things.at(id).source].insert(id);
            by_sort[things.at(id).sort].push_back(id);
        }
        if (std::ranges::any_of(by_source, [](const auto& one) { return one.second.size() > 1; })) {
            if (by_source.size() > 1 || ground.rule == MeetingRule::gtin) conflict(ground.twice, ground.what, ground.ids);
            continue;
        }
        if (by_sort.size() > 1) conflict(Kind::differs, ground.what, ground.ids);
        for (const auto& [sort, ids] : by_sort)
            for (const std::string& id : ids) groups.join(ids.front(), id);
    }
    std::map<std::string, std::vector<const Thing*>> members;
    for (const auto& [id, thing] : things) members[groups.root(id)].push_back(&thing);
    for (auto& [root, group] : members) {
        if (group.size() < 2) continue;
        std::set<std::string> sources;
        std::set<std::string> ids;
        bool twice = false;
        for (const Thing* thing : group) {
            twice = !sources.insert(thing->source).second || twice;
            ids.insert(thing->id);
        }
        const bool by_word = std::ranges::any_of(declared, [&](const auto& pair) { return ids.contains(pair.first); });
        if (twice && !by_word) {
            std::set<std::string> joined_by;
            for (const Ground& ground : grounds)
                if (std::ranges::any_of(ground.ids, [&](const std::string& id) { return ids.contains(id); })) joined_by.insert(ground.what);
            conflict(Kind::two_of_one, fmt::format("{}", fmt::join(joined_by, ", ")), ids);
            continue;
        }
        std::ranges::sort(group, [](const Thing* a, const Thing* b) { return std::tie(a->first, a->id) < std::tie(b->first, b->id); });
        const Thing& first = *group.front();
        for (const Thing* thing : group) {
            if (thing == &first) continue;
            const auto joins = [&](const Ground& ground) { return ground.ids.contains(thing->id); };
            auto ground = std::ranges::find_if(grounds, [&](const Ground& one) { return joins(one) && one.ids.contains(first.id); });
            if (ground == grounds.end()) ground = std::ranges::find_if(grounds, joins);
            Meeting meeting{false, first.id, thing->id, MeetingRule::declared, {}, false, {}};
            if (ground != grounds.end()) {
                meeting.rule = ground->rule;
                meeting.agreed = ground->agreed;
            }
            decision.together.push_back(std::move(meeting));
        }
    }
    return decision;
}

}  // namespace stemma::engine
