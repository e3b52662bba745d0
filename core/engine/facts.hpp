// Step "facts": answers the host gives to a plugin's fact requests, all read from one snapshot at one ledger position.
// Every fact is a fold over the ledger entries of its subject below that position, so that a replay years later reads the same.
// The catalogue (name, arguments, columns, meaning) is core/docs/facts.md.
#pragma once

#include <map>
#include <memory>
#include <memory_resource>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/domain/fact.hpp"
#include "core/engine/item_dates.hpp"
#include "core/engine/known_as.hpp"
#include "core/engine/limits.hpp"
#include "core/ports/store.hpp"

namespace stemma::engine {

/// What a fact looks like; the table that core/docs/facts.md is held against by a test.
struct FactKind {
    std::string name;                    ///< "item.dates"
    std::vector<std::string> arguments;  ///< "item"
    std::vector<Column> columns;
    std::string meaning;
};
[[nodiscard]] const std::vector<FactKind>& fact_kinds();

/// Reads facts as of one position. One thread; lives as long as its snapshot.
class FactReader {
public:
    /// Entries [0, position) count. `position` may lie below the snapshot's size: that is how a replay reads.
    /// The writer gives the folds it keeps, and asks at the ledger's end alone.
    FactReader(ReadSnapshot& snapshot, Sequence position, const Limits& limits, ItemDatesCache* dates = nullptr);

    /// Errors: Errc::plugin for a name or argument count that is not in the catalogue; Errc::storage. An unknown id gives a table without
    /// rows.
    [[nodiscard]] Result<FactTable> answer(const FactRequest& request);

    /// The newest master records of items below the position, in the order of `ids`, read together; null for goods without lots and for
    /// ids known from events alone. Valid as long as the reader. No id is null.
    [[nodiscard]] Result<std::vector<const Item*>> items(std::span<const std::string* const> ids);

    [[nodiscard]] Sequence position() const noexcept { return position_; }

private:
    static constexpr std::size_t kMemoryFirst = 4096;  ///< bytes taken at first; more are taken as they are needed

    /// The records of all ids that are one with this one, the first in front; those without a record are left out.
    template <class Record>
    [[nodiscard]] Result<std::vector<const Record*>> all_newest(const std::string& id);

    using History = std::vector<std::pair<Sequence, Entry>>;
    [[nodiscard]] Result<const History*> history_of(const std::string& id);
    using MasterEntry = std::pair<Sequence, Entry>;
    /// Reads the newest master records of those ids that were not asked for before.
    [[nodiscard]] Result<void> read_masters(std::span<const std::string* const> ids);
    [[nodiscard]] Result<std::unique_ptr<MasterEntry>> older_master(const std::string& id);
    /// The newest master record of an id below the position, as its entry; null where there is none.
    [[nodiscard]] Result<const MasterEntry*> newest_master(const std::string& id);
    template <class Record>
    [[nodiscard]] Result<const Record*> newest(const std::string& id);

    Result<void> item_identity(const std::string& id, FactTable& table);
    Result<void> item_dates(const std::string& id, FactTable& table);
    Result<void> item_product(const std::string& id, FactTable& table);
    Result<void> item_attributes(const std::string& id, FactTable& table);
    Result<void> item_status(const std::string& id, FactTable& table);
    Result<void> product_attributes(const std::string& id, FactTable& table);

    ReadSnapshot& snapshot_;
    Sequence position_;
    const Limits& limits_;
    ItemDatesCache* dates_;
    KnownAs known_as_{snapshot_, position_};
    std::map<std::string, History> histories_;  ///< decoded once per decision
    struct TextHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
    };
    std::pmr::monotonic_buffer_resource memory_{kMemoryFirst};  ///< of the next one: many short names that end together
    std::pmr::unordered_map<std::pmr::string, std::unique_ptr<const MasterEntry>, TextHash, std::equal_to<>> masters_{
        &memory_};  ///< null: no record
};

}  // namespace stemma::engine
