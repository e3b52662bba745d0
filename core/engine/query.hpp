// Step "query": answers read from one store snapshot: search, items, events, entries. Trace and recall answers come from core/lineage.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/engine/limits.hpp"
#include "core/ports/store.hpp"

namespace stemma::engine {

/// An item as a search finds it.
struct ItemHit {
    Item item;  ///< with the id alone for an item known from events only
    std::optional<Product> product;
    std::optional<Identifier> matched;  ///< absent when it was found by its id
};

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
    Queries(ReadSnapshot& snapshot, const Limits& limits) : snapshot_{snapshot}, limits_{limits} {}

    /// Items by id or by any identifier: those that match exactly (search form), else those that begin with the text.
    [[nodiscard]] Result<std::vector<ItemHit>> search(const std::string& text, std::uint64_t limit);
    /// The one item a text means. Errors: Errc::not_found; Errc::conflict naming the candidates when several match.
    [[nodiscard]] Result<ItemHit> resolve(const std::string& text);
    /// Entries that touch a subject below `as_of`, ascending; the newest `limit` ones.
    [[nodiscard]] Result<std::vector<EntryLine>> history(const std::string& id, Sequence as_of, std::uint64_t limit);
    /// Entry by number. Errors: Errc::not_found.
    [[nodiscard]] Result<EntryLine> entry(Sequence sequence);
    /// Event by its id. Errors: Errc::not_found.
    [[nodiscard]] Result<EntryLine> event(const EventId& id);
    /// Events from entry number `from` on. A page may be short, or empty, and still have a `next`: a rare step is looked for in a
    /// bounded number of entries per page.
    [[nodiscard]] Result<Page<EntryLine>> events(Sequence from, std::uint64_t limit, const std::string& biz_step);
    /// Items in order of first appearance.
    [[nodiscard]] Result<Page<ItemHit>> items(std::uint64_t after, std::uint64_t limit);
    /// A party's name for people: from the redactable table, else its code, else its id.
    [[nodiscard]] Result<std::string> party_name(const std::string& id);

private:
    [[nodiscard]] Result<ItemHit> hit_of(const std::string& id, std::optional<Identifier> matched);
    [[nodiscard]] Result<EntryLine> line_of(const StoredEntry& row);

    ReadSnapshot& snapshot_;
    const Limits& limits_;
};

}  // namespace stemma::engine
