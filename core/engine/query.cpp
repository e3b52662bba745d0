#include "core/engine/query.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>
#include <set>

#include "core/base/text.hpp"
#include "core/engine/project.hpp"

namespace stemma::engine {
namespace {

constexpr std::uint64_t kScanPage = 500;     ///< entries read at once while looking for events
constexpr std::uint64_t kScanMax = 20'000;   ///< entries read for one page of events; a rare step is found over several pages
constexpr std::size_t kCandidatesShown = 5;  ///< items named when a text means several

std::string describe(const ItemHit& hit) {
    if (hit.kind == lineage::NodeKind::untracked && hit.product)
        return fmt::format("{} without lots ({})", label_of(*hit.product), hit.item.id.str());
    return fmt::format("{}{}{} ({})", hit.product ? hit.product->sku : "", hit.product ? " " : "", label_of(hit.item), hit.item.id.str());
}

lineage::NodeKind node_kind(ItemKind kind) {
    switch (kind) {
        case ItemKind::serial: return lineage::NodeKind::serial;
        case ItemKind::lot: return lineage::NodeKind::lot;
        case ItemKind::logistic_unit: return lineage::NodeKind::logistic_unit;
    }
    return lineage::NodeKind::unknown;
}

/// Its items have numbers of their own, so that the product is not what is traced.
bool tells_items_apart(const ItemHit& hit) {
    return hit.kind == lineage::NodeKind::untracked && hit.product && hit.product->tracking != Tracking::none;
}

/// What another source says of the same item, where the first says nothing.
void add_from(const Item& other, Item& item) {
    for (const Identifier& identifier : other.identifiers)
        if (std::ranges::find(item.identifiers, identifier) == item.identifiers.end()) item.identifiers.push_back(identifier);
    item.attributes.insert(other.attributes.begin(), other.attributes.end());
}

}  // namespace

const std::string& label_of(const Product& product) {
    if (!product.sku.empty()) return product.sku;
    return product.name.empty() ? product.id.str() : product.name;
}

Result<ItemHit> Queries::hit_of(const std::string& asked, std::optional<Identifier> matched, Sequence as_of) {
    KnownAs then{snapshot_, as_of};
    KnownAs& names = as_of == lineage::kLatest ? now_ : then;
    auto group = names.all(asked);
    if (!group) return std::unexpected(group.error());
    const std::string& id = group->front();
    ItemHit hit;
    hit.matched = std::move(matched);
    hit.asked = asked;
    hit.item.id = ItemId{id};
    bool is_item = false;
    for (const std::string& one : *group) {
        const auto item = read_master<Item>(snapshot_, one, as_of);
        if (!item) return std::unexpected(item.error());
        if (!*item) continue;
        if (!is_item) hit.item = **item;
        if (is_item) add_from(**item, hit.item);
        is_item = true;
    }
    if (is_item) hit.kind = node_kind(hit.item.kind);
    const auto product_id = is_item ? names.first(hit.item.product.str()) : Result<std::string>{id};
    if (!product_id) return std::unexpected(product_id.error());
    auto product = read_master<Product>(snapshot_, *product_id, as_of);
    if (!product) return std::unexpected(product.error());
    hit.product = *std::move(product);
    if (group->size() > 1) hit.known_as = *std::move(group);
    if (!is_item && hit.product) {
        hit.item.product = hit.product->id;  // goods without lots are named by their product
        hit.kind = lineage::NodeKind::untracked;
    }
    return hit;
}

bool Queries::has_untracked_stock(const ItemHit& product) const { return index_.view().find(product.item.id) != lineage::Node::none; }

Result<void> Queries::find_by_form(const std::string& form, bool prefix, std::uint64_t limit, Found& found) {
    std::set<ItemId> seen;
    // Several identifiers of one item are one hit: as long as rows may be left, more are read to fill the limit.
    for (std::uint64_t wanted = limit;; wanted *= 2) {
        const auto rows = snapshot_.find_identifiers(form, prefix, wanted);
        if (!rows) return std::unexpected(rows.error());
        for (const IdentifierRow& row : *rows) {
            const auto first = now_.first(row.item.str());
            if (!first) return std::unexpected(first.error());
            if (seen.size() == limit || !seen.insert(ItemId{*first}).second) continue;
            auto hit = hit_of(row.item.str(), row.identifier);
            if (!hit) return std::unexpected(hit.error());
            (tells_items_apart(*hit) ? found.products : found.hits).push_back(*std::move(hit));
        }
        if (rows->size() < wanted || seen.size() == limit) return {};
    }
}

Result<Queries::Found> Queries::find(const std::string& text, std::uint64_t limit) {
    Found found;
    const auto subject = snapshot_.subject(text);
    if (!subject) return std::unexpected(subject.error());
    if (*subject && ((*subject)->kind == Subject::Kind::item || (*subject)->kind == Subject::Kind::product)) {
        auto hit = hit_of(text, std::nullopt);
        if (!hit) return std::unexpected(hit.error());
        (tells_items_apart(*hit) ? found.products : found.hits).push_back(*std::move(hit));
        return found;
    }
    const std::string form = search_form(text);
    if (form.empty()) return found;
    for (const bool prefix : {false, true}) {
        if (auto done = find_by_form(form, prefix, limit, found); !done) return std::unexpected(done.error());
        if (!found.hits.empty() || !found.products.empty()) break;
    }
    return found;
}

Result<void> Queries::add_items_of(const ItemHit& product, std::uint64_t limit, std::vector<ItemHit>& hits) {
    std::vector<std::string> ids;
    {
        const lineage::View view = index_.view();
        for (const lineage::Node node : view.items_of(product.product->id, limit - hits.size())) ids.emplace_back(view.id(node));
    }
    for (const std::string& id : ids) {
        const auto same = [&](const ItemHit& hit) { return hit.item.id.str() == id; };
        if (std::ranges::any_of(hits, same)) continue;
        auto hit = hit_of(id, product.matched);
        if (!hit) return std::unexpected(hit.error());
        hits.push_back(*std::move(hit));
    }
    return {};
}

Result<std::vector<ItemHit>> Queries::search(const std::string& text, std::uint64_t limit) {
    auto found = find(text, limit);
    if (!found) return std::unexpected(found.error());
    std::vector<ItemHit> hits = std::move(found->hits);
    for (const ItemHit& product : found->products) {
        if (hits.size() < limit && has_untracked_stock(product)) hits.push_back(product);
        if (hits.size() == limit) break;
        if (auto added = add_items_of(product, limit, hits); !added) return std::unexpected(added.error());
    }
    return hits;
}

Error Queries::names_product(const std::string& text, const ItemHit& product) const {
    const std::string shown = clip(text, 128);
    const bool serials = product.product->tracking == Tracking::serial;
    std::string hint = fmt::format("name one of them: stemma search {} lists them", label_of(*product.product));
    if (has_untracked_stock(product))
        hint += fmt::format("; what was handled without a {} is {}", serials ? "serial" : "lot", product.item.id.str());
    return {Errc::conflict,
            fmt::format("'{}' is a product tracked by {}: its {} are traced, not the product", shown, to_string(product.product->tracking),
                        serials ? "serials" : "lots"),
            {},
            std::move(hint)};
}

Result<ItemHit> Queries::resolve(const std::string& text) {
    auto found = find(text, limits_.search_results_max);
    if (!found) return std::unexpected(found.error());
    const std::string form = search_form(text);
    const auto is_exact = [&](const ItemHit& hit) { return !hit.matched || search_form(hit.matched->value) == form; };
    std::vector<ItemHit> exact;
    std::vector<ItemHit> literal;
    for (const ItemHit& hit : found->hits) {
        if (is_exact(hit)) exact.push_back(hit);
        if (!hit.matched || hit.matched->value == text) literal.push_back(hit);
    }
    if (literal.size() == 1) return literal.front();
    if (exact.size() == 1) return exact.front();
    if (exact.empty()) {
        const auto product = std::ranges::find_if(found->products, is_exact);
        if (product != found->products.end()) {
            if (!product->matched && has_untracked_stock(*product)) return *product;
            return std::unexpected(names_product(text, *product));
        }
        return fail(Errc::not_found, fmt::format("no item is known as '{}'", clip(text, 128)), {},
                    found->hits.empty() ? "search finds items by any identifier: stemma search TEXT"
                                        : "did you mean " + describe(found->hits.front()) + "?");
    }
    std::vector<std::string> names;
    for (const ItemHit& hit : exact)
        if (names.size() < kCandidatesShown) names.push_back(describe(hit));
    return fail(Errc::conflict, fmt::format("'{}' means {} items: {}", clip(text, 128), exact.size(), fmt::join(names, "; ")), {},
                "name the one you mean by its id");
}

Result<bool> Queries::is_known(const std::string& id, Sequence as_of) {
    const auto entries = snapshot_.subject_entries(id, as_of, 1);
    if (!entries) return std::unexpected(entries.error());
    return !entries->empty();
}

Error Queries::not_known_yet(const ItemHit& hit, Sequence as_of) {
    const auto size = snapshot_.size();
    if (!size) return size.error();
    Sequence unknown = as_of;  // as of this position it is not known, as of `known` it is
    Sequence known = *size;
    while (known > unknown + 1) {
        const Sequence middle = unknown + (known - unknown) / 2;
        const auto there = is_known(hit.item.id.str(), middle);
        if (!there) return there.error();
        (*there ? known : unknown) = middle;
    }
    const auto begin = entry(0);
    if (!begin) return begin.error();
    const auto first = entry(known - 1);
    if (!first) return first.error();
    return {Errc::not_found,
            fmt::format("{} was not known as of ledger position {}", describe(hit), as_of),
            {},
            fmt::format("it is known as of {}: entry {} was recorded at {}. The ledger begins at {}; what counts is when an entry was "
                        "recorded, not when the event happened",
                        known, known - 1, format_instant(first->entry.recorded_at), format_instant(begin->entry.recorded_at))};
}

Result<ItemHit> Queries::then(const ItemHit& hit, Sequence as_of) {
    if (as_of == lineage::kLatest) return hit;
    std::vector<std::string> ids{hit.asked.empty() ? hit.item.id.str() : hit.asked};
    ids.insert(ids.end(), hit.known_as.begin(), hit.known_as.end());
    for (const std::string& id : ids) {
        const auto known = is_known(id, as_of);
        if (!known) return std::unexpected(known.error());
        if (*known) return hit_of(id, hit.matched, as_of);
    }
    return std::unexpected(not_known_yet(hit, as_of));
}

Result<Product> Queries::product(const std::string& text) {
    std::vector<Product> products;
    const auto add = [&](const std::string& asked) -> Result<void> {
        const auto first = now_.first(asked);
        if (!first) return std::unexpected(first.error());
        const std::string& id = *first;
        auto record = read_master<Product>(snapshot_, id);
        if (!record) return std::unexpected(record.error());
        const auto same = [&](const Product& known) { return known.id.str() == id; };
        if (*record && std::ranges::none_of(products, same)) products.push_back(**std::move(record));
        return {};
    };
    if (auto added = add(text); !added) return std::unexpected(added.error());
    if (!products.empty()) return products.front();
    if (const std::string form = search_form(text); !form.empty()) {
        const auto rows = snapshot_.find_identifiers(form, false, limits_.search_results_max);
        if (!rows) return std::unexpected(rows.error());
        for (const IdentifierRow& row : *rows)
            if (auto added = add(row.item.str()); !added) return std::unexpected(added.error());
    }
    if (products.size() == 1) return products.front();
    if (products.empty())
        return fail(Errc::not_found, fmt::format("no product is known as '{}'", clip(text, 128)), {}, "give its id, SKU or name");
    std::vector<std::string> names;
    for (const Product& product : products)
        if (names.size() < kCandidatesShown) names.push_back(fmt::format("{} ({})", label_of(product), product.id.str()));
    return fail(Errc::conflict, fmt::format("'{}' means {} products: {}", clip(text, 128), products.size(), fmt::join(names, "; ")), {},
                "name the one you mean by its id");
}

Result<EntryLine> Queries::line_of(const StoredEntry& row) {
    Result<Entry> entry = decode_stored(row);
    if (!entry) return std::unexpected(entry.error());
    EntryLine line{row.sequence, *std::move(entry), std::nullopt};
    if (const Event* event = std::get_if<Event>(&line.entry.body); event != nullptr && !event->error) {
        const auto known = snapshot_.event(event->id);
        if (!known) return std::unexpected(known.error());
        if (*known) line.voided_by = (*known)->voided_by;
    }
    return line;
}

/// Of all ids that are one; the newest `limit` ones, ascending.
Result<std::vector<Sequence>> Queries::entries_of(const std::string& id, Sequence as_of, std::uint64_t limit) {
    const auto group = KnownAs{snapshot_, as_of}.all(id);
    if (!group) return std::unexpected(group.error());
    std::vector<Sequence> all;
    for (const std::string& one : *group) {
        const auto some = snapshot_.subject_entries(one, as_of, limit);
        if (!some || group->size() == 1) return some;
        all.insert(all.end(), some->begin(), some->end());
    }
    std::ranges::sort(all);
    const auto repeated = std::ranges::unique(all);
    all.erase(repeated.begin(), repeated.end());
    if (all.size() > limit) all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(limit));
    return all;
}

Result<std::vector<EntryLine>> Queries::history(const std::string& id, Sequence as_of, std::uint64_t limit) {
    const auto sequences = entries_of(id, as_of, limit);
    if (!sequences) return std::unexpected(sequences.error());
    const auto rows = snapshot_.entries_at(*sequences);
    if (!rows) return std::unexpected(rows.error());
    std::vector<EntryLine> lines;
    for (const StoredEntry& row : *rows) {
        auto line = line_of(row);
        if (!line) return std::unexpected(line.error());
        if (line->voided_by && *line->voided_by >= as_of) line->voided_by.reset();
        lines.push_back(*std::move(line));
    }
    return lines;
}

Result<std::uint64_t> Queries::history_size(const std::string& id, Sequence as_of) {
    const auto group = KnownAs{snapshot_, as_of}.all(id);
    if (!group) return std::unexpected(group.error());
    std::set<Sequence> all;
    for (const std::string& one : *group) {
        const auto sequences = snapshot_.subject_entries_from(one, 0, as_of);
        if (!sequences) return std::unexpected(sequences.error());
        if (group->size() == 1) return sequences->size();
        all.insert(sequences->begin(), sequences->end());
    }
    return all.size();
}

Result<EntryLine> Queries::entry(Sequence sequence) {
    const auto rows = snapshot_.entries(sequence, 1);
    if (!rows) return std::unexpected(rows.error());
    if (rows->empty()) return fail(Errc::not_found, fmt::format("there is no entry {}", sequence));
    return line_of(rows->front());
}

Result<EntryLine> Queries::event(const EventId& id) {
    const auto known = snapshot_.event(id);
    if (!known) return std::unexpected(known.error());
    if (!*known) {
        const bool number = !id.str().empty() && id.str().find_first_not_of("0123456789") == std::string::npos;
        return fail(Errc::not_found, fmt::format("there is no event {}", clip(id.str(), 128)), {},
                    number ? fmt::format("an entry is shown by its number: stemma ledger show {}", clip(id.str())) : std::string{});
    }
    return entry((*known)->sequence);
}

Result<Page<EntryLine>> Queries::events(Sequence from, std::uint64_t limit, const std::string& biz_step) {
    Page<EntryLine> page;
    for (std::uint64_t scanned = 0; scanned < kScanMax; scanned += kScanPage) {
        const auto rows = snapshot_.entries(from, kScanPage);
        if (!rows) return std::unexpected(rows.error());
        for (const StoredEntry& row : *rows) {
            auto line = line_of(row);
            if (!line) return std::unexpected(line.error());
            const Event* event = std::get_if<Event>(&line->entry.body);
            if (event == nullptr || (!biz_step.empty() && event->biz_step != biz_step)) continue;
            if (page.rows.size() == limit) {
                page.next = row.sequence;
                return page;
            }
            page.rows.push_back(*std::move(line));
        }
        if (rows->size() < kScanPage) return page;
        from += rows->size();
    }
    page.next = from;
    return page;
}

Result<Page<ItemHit>> Queries::items(std::uint64_t after, std::uint64_t limit) {
    const auto subjects = snapshot_.subjects(Subject::Kind::item, after, limit + 1);
    if (!subjects) return std::unexpected(subjects.error());
    Page<ItemHit> page;
    if (subjects->size() > limit) page.next = after + limit;
    for (const SubjectRow& subject : *subjects | std::views::take(limit)) {
        auto hit = hit_of(subject.id, std::nullopt);
        if (!hit) return std::unexpected(hit.error());
        if (hit->item.id.str() == subject.id) page.rows.push_back(*std::move(hit));
    }
    return page;
}

Result<Sequence> Queries::position_at(Instant last) {
    const auto size = snapshot_.size();
    if (!size) return size;
    Sequence below = 0;  // entries before this one were recorded in time; record times never run backwards
    for (Sequence above = *size; below < above;) {
        const Sequence middle = below + (above - below) / 2;
        const auto rows = snapshot_.entries(middle, 1);
        if (!rows) return std::unexpected(rows.error());
        if (rows->empty()) return fail(Errc::storage, fmt::format("entry {} of {} is not in the store", middle, *size));
        const Result<Entry> entry = decode_stored(rows->front());
        if (!entry) return std::unexpected(entry.error());
        if (entry->recorded_at <= last)
            below = middle + 1;
        else
            above = middle;
    }
    return below;
}

Result<std::string> Queries::party_name(const std::string& id) {
    const auto person = snapshot_.person(PartyId{id});
    if (!person) return std::unexpected(person.error());
    if (*person && !(*person)->name.empty()) return (*person)->name;
    const auto party = read_master<Party>(snapshot_, id);
    if (!party) return std::unexpected(party.error());
    return *party && !(*party)->code.empty() ? (*party)->code : id;
}

}  // namespace stemma::engine
