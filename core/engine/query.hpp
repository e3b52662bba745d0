// Step "query": answers read from one store snapshot: search, items, events, entries. Trace and recall answers come from core/lineage.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/engine/known_as.hpp"
#include "core/engine/limits.hpp"
#include "core/engine/stored.hpp"
#include "core/lineage/index.hpp"

namespace stemma::engine {

/// An item as a search finds it. One that several sources know is one, with the identifiers and attributes of all.
struct ItemHit {
    Item item;  ///< without master data: the id, and for stock without lots the product, which has the same id
    lineage::NodeKind kind{lineage::NodeKind::unknown};  ///< as a trace calls it
    std::optional<Product> product;
    std::optional<Identifier> matched;  ///< absent when it was found by its id; the product's where that was found
    std::string asked;                  ///< the id it was found by: that of `item`, or one that is known as it
    std::vector<std::string>
        known_as;  ///< all its ids, that of `item` in front, where other sources know it by ids of their own; else empty
};

/// What a person is shown for a product: its SKU, else its name, else its id.
[[nodiscard]] const std::string& label_of(const Product& product);

/// A ledger entry with its number.
struct EntryLine {
    Sequence sequence{0};
    Entry entry;
    std::optional<Sequence> voided_by;  ///< for an event that was declared wrong later
};

/// A page of a longer list; `next` is the cursor of the page after it, 0 = none.
template <class Row>
struct Page {
    std::vector<Row> rows;
    std::uint64_t next{0};
};

class Queries {
public:
    /// Takes views of the index: not to be asked by who holds one.
    Queries(ReadSnapshot& snapshot, const lineage::Index& index, const Limits& limits)
        : snapshot_{snapshot}, index_{index}, limits_{limits} {}

    /// Items by id or by any identifier: those that match exactly (search form), else those that begin with the text. A product is found
    /// by its id, SKU or name: as its stock without lots, if it has any, and for one whose items are told apart by these. At most `limit`,
    /// from 1; whoever wants to know whether there are more asks for one more.
    [[nodiscard]] Result<std::vector<ItemHit>> search(const std::string& text, std::uint64_t limit);
    /// The one item a text means; a product means its stock without lots. Errors: Errc::not_found; Errc::conflict naming the candidates
    /// when several match, or for a product whose items are told apart, unless it is named by its id and has stock without lots as well.
    [[nodiscard]] Result<ItemHit> resolve(const std::string& text);
    /// The same item with the master data that the entries [0, as_of) give; lineage::kLatest: as it is. Errors: Errc::not_found for one of
    /// which none of them speaks, with the position from which on it is known.
    [[nodiscard]] Result<ItemHit> then(const ItemHit& hit, Sequence as_of);
    /// The one product that a text means: its id, SKU or name. Errors: Errc::not_found; Errc::conflict naming the candidates.
    [[nodiscard]] Result<Product> product(const std::string& text);
    /// Entries that touch a subject below `as_of`, ascending; the newest `limit` ones.
    [[nodiscard]] Result<std::vector<EntryLine>> history(const std::string& id, Sequence as_of, std::uint64_t limit);
    /// How many entries touch a subject below `as_of`. Reads their numbers, not the entries.
    [[nodiscard]] Result<std::uint64_t> history_size(const std::string& id, Sequence as_of);
    /// Entry by number. Errors: Errc::not_found.
    [[nodiscard]] Result<EntryLine> entry(Sequence sequence);
    /// Event by its id. Errors: Errc::not_found.
    [[nodiscard]] Result<EntryLine> event(const EventId& id);
    /// Events from entry number `from` on. A page may be short, or empty, and still have a `next`: a rare step is looked for in a
    /// bounded number of entries per page.
    [[nodiscard]] Result<Page<EntryLine>> events(Sequence from, std::uint64_t limit, const std::string& biz_step);
    /// Items in order of first appearance.
    [[nodiscard]] Result<Page<ItemHit>> items(std::uint64_t after, std::uint64_t limit);
    /// The position as of a record time: how many entries were recorded at or before `last`.
    [[nodiscard]] Result<Sequence> position_at(Instant last);
    /// A party's name for people: from the redactable table, else its code, else its id.
    [[nodiscard]] Result<std::string> party_name(const std::string& id);

private:
    struct Found {
        std::vector<ItemHit> hits;      ///< items, and products without told-apart items as their stock
        std::vector<ItemHit> products;  ///< those whose items are told apart
    };
    [[nodiscard]] Result<Found> find(const std::string& text, std::uint64_t limit);
    [[nodiscard]] Result<void> find_by_form(const std::string& form, bool prefix, std::uint64_t limit, Found& found);
    [[nodiscard]] Result<void> add_items_of(const ItemHit& product, std::uint64_t limit, std::vector<ItemHit>& hits);
    [[nodiscard]] bool has_untracked_stock(const ItemHit& product) const;
    [[nodiscard]] Error names_product(const std::string& text, const ItemHit& product) const;
    [[nodiscard]] Result<ItemHit> hit_of(const std::string& asked, std::optional<Identifier> matched, Sequence as_of = lineage::kLatest);
    [[nodiscard]] Result<bool> is_known(const std::string& id, Sequence as_of);
    [[nodiscard]] Error not_known_yet(const ItemHit& hit, Sequence as_of);
    [[nodiscard]] Result<EntryLine> line_of(const StoredEntry& row);
    [[nodiscard]] Result<std::vector<Sequence>> entries_of(const std::string& id, Sequence as_of, std::uint64_t limit);

    ReadSnapshot& snapshot_;
    const lineage::Index& index_;
    const Limits& limits_;
    KnownAs now_{snapshot_, kEveryEntry};
};

}  // namespace stemma::engine
