#include "core/engine/meetings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "core/base/text.hpp"
#include "core/engine/meeting_fold.hpp"
#include "core/engine/stored.hpp"

namespace stemma::engine {
namespace {

constexpr std::uint64_t kPage = 1000;  ///< records looked at between two reads of the list

using PairKey = std::pair<std::string, std::string>;

PairKey key_of(const Meeting& meeting) { return {meeting.first, meeting.second}; }

Entry entry_of(const std::string& actor, Meeting meeting, std::string reason = {}) {
    Entry entry;
    entry.actor = actor;
    entry.reason = std::move(reason);
    entry.body = std::move(meeting);
    return entry;
}

/// Why a meeting by this rule ends: its ground is gone, or is no longer the ground of two alone.
std::string lost_ground(const Meeting& meeting) {
    std::vector<std::string> said;
    said.reserve(meeting.agreed.size());
    for (const auto& [name, value] : meeting.agreed) said.push_back(fmt::format("{} {}", name, value));
    return fmt::format("{} no longer makes them one", fmt::join(said, ", "));
}

/// Of these items, in their order, those whose newest record names one of the products.
Result<std::vector<const std::string*>> items_of_products(ReadSnapshot& snapshot, const std::vector<const std::string*>& ids,
                                                          const std::set<std::string>& products) {
    std::vector<bool> wanted(ids.size(), false);
    Result<void> decoded;
    Entry entry;
    const auto visited = snapshot.visit_masters(ids, [&](std::size_t place, const EntryView& row) {
        if (auto read = decode_stored(row, entry); !read) {
            if (decoded) decoded = std::move(read);
            return;
        }
        const Master* master = std::get_if<Master>(&entry.body);
        const Item* item = master != nullptr ? std::get_if<Item>(master) : nullptr;
        wanted[place] = item != nullptr && products.contains(item->product.str());
    });
    if (!visited) return std::unexpected(visited.error());
    if (!decoded) return std::unexpected(decoded.error());
    std::vector<const std::string*> found;
    for (std::size_t i = 0; i < ids.size(); ++i)
        if (wanted[i]) found.push_back(ids[i]);
    return found;
}

/// Whichever way round it was asked for: the pair as the ledger has it, or as the rules would have it, who was recorded first in front.
Result<void> put_in_order(MeetingRules& rules, Meeting& meeting) {
    const auto pairs = rules.pairs_of(meeting.first);
    if (!pairs) return std::unexpected(pairs.error());
    for (const MeetingState& pair : *pairs) {
        if (key_of(pair.meeting) == key_of(meeting)) return {};
        if (key_of(pair.meeting) != PairKey{meeting.second, meeting.first}) continue;
        std::swap(meeting.first, meeting.second);
        return {};
    }
    const auto one = rules.first_of(meeting.first);
    if (!one) return std::unexpected(one.error());
    const auto other = rules.first_of(meeting.second);
    if (!other) return std::unexpected(other.error());
    if (std::tie(*other, meeting.second) < std::tie(*one, meeting.first)) std::swap(meeting.first, meeting.second);
    return {};
}

}  // namespace

MeetingDesk::MeetingDesk(MeetingSettings settings) : settings_{std::move(settings)} {
    for (std::size_t i = 0; i < settings_.same_products.size(); ++i) {
        const SameProduct& line = settings_.same_products[i];
        settings_.lines_of[{line.source, line.sku}].push_back(i);
        settings_.lines_of[{line.other_source, line.other_sku}].push_back(i);
    }
}

void MeetingDesk::begin() { changed_products_.clear(); }

/// Brings what the ledger says of these ids to what the rules say.
Result<void> MeetingDesk::settle(Appending& tx, MeetingRules& rules, const std::string& actor, const std::string& id, bool products) {
    const auto decision = products ? rules.products(id) : rules.items(id);
    if (!decision) return std::unexpected(decision.error());
    std::map<PairKey, Meeting> wanted;
    for (Meeting meeting : decision->together) {
        meeting.products = products;
        wanted.emplace(key_of(meeting), std::move(meeting));
    }
    std::map<PairKey, Meeting> standing;
    for (const std::string& one : decision->ids) {
        const auto pairs = rules.pairs_of(one);
        if (!pairs) return std::unexpected(pairs.error());
        for (const MeetingState& pair : *pairs)
            if (!pair.meeting.apart) standing.emplace(key_of(pair.meeting), pair.meeting);
    }
    const auto add = [&](Meeting meeting) -> Result<void> {
        if (products) changed_products_.insert({meeting.first, meeting.second});
        const auto added = tx.add(entry_of(actor, std::move(meeting)));
        return added ? Result<void>{} : std::unexpected(added.error());
    };
    for (auto& [key, meeting] : standing) {
        // What people said stands until people say otherwise.
        if (wanted.contains(key) || meeting.rule == MeetingRule::declared) continue;
        meeting.apart = true;
        meeting.why = lost_ground(meeting);
        if (auto added = add(meeting); !added) return added;
    }
    for (auto& [key, meeting] : wanted)
        if (!standing.contains(key))
            if (auto added = add(std::move(meeting)); !added) return added;
    if (products) rules.forget();
    return {};
}

Result<void> MeetingDesk::meet(Appending& tx, const std::string& actor, const Master& record) {
    if (!is_wanted()) return {};
    changed_ = true;
    const bool is_product = std::holds_alternative<Product>(record);
    if ((!is_product && !std::holds_alternative<Item>(record)) || source_of(id_of(record)).empty()) return {};
    MeetingRules rules{tx.unit(), settings_};
    // Whom it was one with may now be one with others.
    const auto before = rules.group_of(id_of(record));
    if (!before) return std::unexpected(before.error());
    rules.expect(&record);
    for (const std::string& id : *before)
        if (auto settled = settle(tx, rules, actor, id, is_product); !settled) return settled;
    return {};
}

Result<void> MeetingDesk::finish(Appending& tx, const std::string& actor) {
    if (changed_products_.empty()) return {};
    std::set<std::string> products;
    MeetingRules rules{tx.unit(), settings_};
    for (const std::string& product : changed_products_) {
        auto group = rules.group_of(product);
        if (!group) return std::unexpected(group.error());
        products.merge(*group);
    }
    changed_products_.clear();
    return settle_items_of(tx, actor, products);
}

/// Looks through all items once: there is no list of a product's. Their records are read by the page; only those of these products are
/// asked about one by one.
Result<void> MeetingDesk::settle_items_of(Appending& tx, const std::string& actor, const std::set<std::string>& products) {
    MeetingRules rules{tx.unit(), settings_};
    for (std::uint64_t after = 0;; after += kPage) {
        const auto page = tx.unit().subjects(Subject::Kind::item, after, kPage);
        if (!page) return std::unexpected(page.error());
        std::vector<const std::string*> ids;
        for (const SubjectRow& row : *page)
            if (row.master && !source_of(row.id).empty()) ids.push_back(&row.id);
        const auto found = items_of_products(tx.unit(), ids, products);
        if (!found) return std::unexpected(found.error());
        for (const std::string* id : *found)
            if (auto settled = settle(tx, rules, actor, *id, false); !settled) return settled;
        if (page->size() < kPage) return {};
    }
}

Result<void> MeetingDesk::look_at_all(Appending& tx, const std::string& actor) {
    if (!is_wanted()) return {};
    changed_ = true;
    begin();
    MeetingRules rules{tx.unit(), settings_};
    std::vector<std::string> ids;
    for (std::uint64_t after = 0;; after += kPage) {
        const auto page = tx.unit().subjects(Subject::Kind::product, after, kPage);
        if (!page) return std::unexpected(page.error());
        for (const SubjectRow& row : *page)
            if (row.master && !source_of(row.id).empty()) ids.push_back(row.id);
        if (page->size() < kPage) break;
    }
    for (const std::string& id : ids)
        if (auto settled = settle(tx, rules, actor, id, true); !settled) return settled;
    return finish(tx, actor);
}

Result<Meeting> MeetingDesk::declare(Appending& tx, const std::string& actor, const std::string& reason, const std::string& first,
                                     const std::string& second, bool apart) {
    if (reason.empty()) return fail(Errc::invalid_input, "a reason is needed: it stands in the ledger", "/reason");
    std::array<Subject::Kind, 2> kinds{};
    for (std::size_t i = 0; i < 2; ++i) {
        const std::string& id = i == 0 ? first : second;
        const auto subject = tx.unit().subject(id);
        if (!subject) return std::unexpected(subject.error());
        if (!*subject || !(*subject)->master || ((*subject)->kind != Subject::Kind::item && (*subject)->kind != Subject::Kind::product))
            return fail(Errc::not_found, fmt::format("no item or product has the id {}", clip(id, 128)), i == 0 ? "/first" : "/second",
                        "stemma item show ITEM tells the ids that an item is known as");
        kinds[i] = (*subject)->kind;
    }
    if (kinds[0] != kinds[1]) return fail(Errc::conflict, "one of the two is a product, the other an item");
    if (first == second) return fail(Errc::conflict, "both are the same id");
    MeetingRules rules{tx.unit(), settings_};
    const auto group = rules.group_of(first);
    if (!group) return std::unexpected(group.error());
    if (group->contains(second) != apart)
        return fail(Errc::conflict, apart ? "the two are not one" : "the two are one already", {}, "stemma erp meetings lists what is one");
    Meeting meeting{kinds[0] == Subject::Kind::product, first, second, MeetingRule::declared, {}, apart, {}};
    if (auto ordered = put_in_order(rules, meeting); !ordered) return std::unexpected(ordered.error());
    begin();
    if (auto added = tx.add(entry_of(actor, meeting, reason)); !added) return std::unexpected(added.error());
    if (meeting.products) changed_products_ = {first, second};
    for (const std::string& id : *group)
        if (auto settled = settle(tx, rules, actor, id, meeting.products); !settled) return std::unexpected(settled.error());
    if (auto done = finish(tx, actor); !done) return std::unexpected(done.error());
    return meeting;
}

// --- lists -----------------------------------------------------------------------------------------------------------

Result<ConflictList> MeetingDesk::conflicts(ReadSnapshot& snapshot, const std::function<bool()>& stop) {
    ConflictList list;
    const auto size = snapshot.size();
    if (!size) return std::unexpected(size.error());
    list.position = *size;
    MeetingRules rules{snapshot, settings_};
    std::set<Conflict> found;
    const auto take = [&](const auto& result) -> Result<void> {
        if (!result) return std::unexpected(result.error());
        if constexpr (requires { result->conflicts; })
            found.insert(result->conflicts.begin(), result->conflicts.end());
        else
            found.insert(result->begin(), result->end());
        return {};
    };
    if (auto taken = take(rules.remarks_on_aliases()); !taken) return std::unexpected(taken.error());
    for (const bool products : {true, false}) {
        for (std::uint64_t after = 0; list.complete && is_wanted(); after += kPage) {
            const auto page = snapshot.subjects(products ? Subject::Kind::product : Subject::Kind::item, after, kPage);
            if (!page) return std::unexpected(page.error());
            for (const SubjectRow& row : *page) {
                if (!row.master || source_of(row.id).empty()) continue;
                if (auto taken = take(products ? rules.products(row.id) : rules.items(row.id)); !taken)
                    return std::unexpected(taken.error());
                if (auto taken = take(products ? rules.remarks_on_product(row.id) : rules.remarks_on_item(row.id)); !taken)
                    return std::unexpected(taken.error());
            }
            if (stop()) list.complete = false;
            if (page->size() < kPage) break;
        }
    }
    conflicts_known_ = found.size();
    list.more = found.size() > kConflictsMax;
    for (auto it = found.begin(); it != found.end() && list.conflicts.size() < kConflictsMax; ++it) list.conflicts.push_back(*it);
    return list;
}

Result<std::vector<MetPair>> MeetingDesk::pairs(ReadSnapshot& snapshot, const std::string& id, std::uint64_t limit) {
    FoldedPairs folded;
    const std::vector<std::string> lists =
        id.empty() ? std::vector{std::string{all_meetings(true)}, std::string{all_meetings(false)}} : std::vector{meetings_of(id)};
    for (const std::string& name : lists) {
        const auto sequences = snapshot.subject_entries_from(name, 0, kEveryEntry);
        if (!sequences) return std::unexpected(sequences.error());
        for (std::size_t at = 0; at < sequences->size(); at += kPage) {
            const std::size_t end = std::min<std::size_t>(sequences->size(), at + kPage);
            const auto rows = snapshot.entries_at(
                {sequences->begin() + static_cast<std::ptrdiff_t>(at), sequences->begin() + static_cast<std::ptrdiff_t>(end)});
            if (!rows) return std::unexpected(rows.error());
            if (auto done = fold_meetings(*rows, folded); !done) return std::unexpected(done.error());
        }
    }
    std::vector<MetPair> pairs;
    pairs.reserve(folded.size());
    for (auto& [key, pair] : folded)
        pairs.push_back({std::move(pair.state.meeting), pair.state.sequence, pair.since, std::move(pair.actor), std::move(pair.reason)});
    std::erase_if(pairs, [](const MetPair& pair) { return pair.meeting.apart && pair.meeting.rule != MeetingRule::declared; });
    std::ranges::sort(pairs, {}, [](const MetPair& pair) { return std::pair{!pair.meeting.products, pair.sequence}; });
    if (pairs.size() > limit) pairs.resize(static_cast<std::size_t>(limit));
    return pairs;
}

}  // namespace stemma::engine
