// Step "facts": answers the host gives to a plugin's fact requests, all read from one snapshot at one ledger position.
// Every fact is a fold over ledger entries below that position, so that a replay years later reads the same. Past a limit a fact fails;
// it is never cut. The catalogue (name, arguments, columns, meaning, who answers) is one table in facts.cpp, which core/docs/facts.md
// shows; the answers stand in facts_*.cpp by subject.
#pragma once

#include <map>
#include <memory>
#include <memory_resource>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/domain/fact.hpp"
#include "core/engine/item_folds.hpp"
#include "core/engine/known_as.hpp"
#include "core/engine/limits.hpp"
#include "core/lineage/types.hpp"
#include "core/ports/store.hpp"

namespace stemma::lineage {
class View;
}

namespace stemma::engine {

/// What a fact looks like; the table that core/docs/facts.md is held against by a test.
struct FactKind {
    std::string name;                    ///< "item.dates"
    std::vector<std::string> arguments;  ///< "item"
    std::vector<Column> columns;
    std::string meaning;
};
[[nodiscard]] const std::vector<FactKind>& fact_kinds();

inline constexpr std::int64_t kFactDepthMax = 100;    ///< of lineage.ancestors and lineage.descendants
inline constexpr std::int64_t kFactDaysMax = 36'600;  ///< of product.sales: a hundred years

/// Reads facts as of one position. One thread; lives as long as its snapshot.
class FactReader {
public:
    /// Entries [0, position) count. `position` may lie below the snapshot's size: that is how a replay reads.
    /// The writer gives the folds it keeps, and asks at the ledger's end alone.
    FactReader(ReadSnapshot& snapshot, Sequence position, const Limits& limits, ItemFolds* folds = nullptr);

    /// Lets facts about all items of a product be answered, for questions of people: the store has no list of them. The view is of the
    /// same position and outlives the reader. Verdicts on events and steps of cases go without, also when they are replayed.
    void look_at(const lineage::View& view) noexcept { view_ = &view; }

    /// Errors: Errc::plugin for a name or arguments that are not in the catalogue; Errc::too_large past a limit; Errc::storage. An
    /// unknown id gives a table without rows.
    [[nodiscard]] Result<FactTable> answer(const FactRequest& request);

    /// The newest master records of items below the position, in the order of `ids`, read together; null for goods without lots and for
    /// ids known from events alone. Valid as long as the reader. No id is null.
    [[nodiscard]] Result<std::vector<const Item*>> items(std::span<const std::string* const> ids);

    [[nodiscard]] Sequence position() const noexcept { return position_; }

private:
    static constexpr std::size_t kMemoryFirst = 4096;  ///< bytes taken at first; more are taken as they are needed

    using Arguments = std::vector<std::string>;
    using Answer = Result<void> (FactReader::*)(const Arguments& arguments, FactTable& table);
    struct Catalogued {
        FactKind kind;
        Answer answer;
    };
    [[nodiscard]] static const std::vector<Catalogued>& catalogue();
    friend const std::vector<FactKind>& fact_kinds();

    // What facts are made of: facts_reading.cpp.
    /// The records of all ids that are one with this one, the first in front; those without a record are left out.
    template <class Record>
    [[nodiscard]] Result<std::vector<const Record*>> all_newest(const std::string& id);

    using History = std::vector<std::pair<Sequence, Entry>>;
    /// Every entry below the position that names the id. Counts against the fact's entries.
    [[nodiscard]] Result<const History*> history_of(const std::string& id);
    /// An event that stands.
    struct Standing {
        Sequence sequence;
        const Event* event;
    };
    /// The events that name one of the ids and were not declared wrong, in ledger order.
    [[nodiscard]] Result<std::vector<Standing>> events_of(std::span<const std::string> ids);
    /// The folds of all ids that are one with this one, good until the reader folds another item. Counts against the fact's entries.
    [[nodiscard]] Result<std::vector<const ItemLife*>> lives_of(const std::string& id);
    /// All that happened to the item, in order, each milestone of an event once. The records of who and where is named are read as well.
    [[nodiscard]] Result<std::vector<const Happening*>> happenings_of(const std::string& id);
    using NamedCase = std::pair<std::string, const CaseLife*>;
    /// The cases about the item, by their opening.
    [[nodiscard]] Result<std::vector<NamedCase>> cases_of(const std::string& id);
    [[nodiscard]] Result<const ItemDates*> dates_of(const std::string& id);
    /// Takes so many entries off what a fact may read, for an id that this fact has not read yet. Errors: Errc::too_large.
    [[nodiscard]] Result<void> spend(const std::string& id, std::size_t entries);
    /// Errors: Errc::too_large where the fact has looked at more items than it may.
    [[nodiscard]] Result<void> check_items(std::size_t items) const;

    using MasterEntry = std::pair<Sequence, Entry>;
    /// Reads the newest master records of those ids that were not asked for before.
    [[nodiscard]] Result<void> read_masters(std::span<const std::string* const> ids);
    [[nodiscard]] Result<std::unique_ptr<MasterEntry>> older_master(const std::string& id);
    /// The newest master record of an id below the position, as its entry; null where there is none.
    [[nodiscard]] Result<const MasterEntry*> newest_master(const std::string& id);
    template <class Record>
    [[nodiscard]] Result<const Record*> newest(const std::string& id);

    /// The product of an item, or of goods without lots themselves; null where no record says.
    [[nodiscard]] Result<const Product*> product_of(const std::string& item);
    /// ISO 3166 country: the party's, else the place's, else "".
    [[nodiscard]] Result<std::string> market_of(const std::string& party, const std::string& place);
    struct StatedDates {
        bool known{false};
        std::size_t entries{0};
        std::optional<Instant> made, expiry, best_before, received;
    };
    [[nodiscard]] Result<StatedDates> stated_dates(const std::string& id);

    // Facts of an item: facts_item.cpp, facts_history.cpp.
    Result<void> item_identity(const Arguments& arguments, FactTable& table);
    Result<void> item_dates(const Arguments& arguments, FactTable& table);
    Result<void> item_product(const Arguments& arguments, FactTable& table);
    Result<void> item_attributes(const Arguments& arguments, FactTable& table);
    Result<void> item_status(const Arguments& arguments, FactTable& table);
    Result<void> lot_expiry(const Arguments& arguments, FactTable& table);
    Result<void> item_history(const Arguments& arguments, FactTable& table);
    Result<void> item_milestones(const Arguments& arguments, FactTable& table);
    Result<void> item_sold_at(const Arguments& arguments, FactTable& table);
    Result<void> item_repairs(const Arguments& arguments, FactTable& table);
    Result<void> item_replacements(const Arguments& arguments, FactTable& table);

    // What it is made of: facts_built.cpp.
    struct Component {
        std::string item;
        std::optional<Quantity> quantity;  ///< none: this one instance
        Instant since;
        Sequence sequence{0};
        std::string event;
        std::string errand;    ///< of the repair or exchange that put it in; "" for what was built in
        std::string replaced;  ///< the component whose place it took
    };
    struct PartChange;
    template <class Parts>
    [[nodiscard]] Result<void> name_first(Parts& parts);
    [[nodiscard]] Result<std::vector<Component>> built_of(std::span<const std::string> ids);
    [[nodiscard]] Result<std::vector<Component>> maintained_of(std::span<const std::string> ids);
    [[nodiscard]] Result<std::vector<PartChange>> changes_of(std::span<const std::string> ids);
    [[nodiscard]] Result<std::vector<Standing>> whole_order(const Standing& one);
    [[nodiscard]] Result<void> pair_replaced(std::vector<Component>& parts, const std::vector<PartChange>& changes);
    [[nodiscard]] Result<std::vector<std::string>> possible_units(std::span<const std::string> ids);
    Result<void> item_as_built(const Arguments& arguments, FactTable& table);
    Result<void> item_as_maintained(const Arguments& arguments, FactTable& table);
    Result<void> item_installed_in(const Arguments& arguments, FactTable& table);
    Result<void> item_lots(const Arguments& arguments, FactTable& table);

    // Cases: facts_case.cpp.
    Result<void> item_cases(const Arguments& arguments, FactTable& table);
    Result<void> case_open(const Arguments& arguments, FactTable& table);
    Result<void> item_holds(const Arguments& arguments, FactTable& table);
    Result<void> case_fields(const Arguments& arguments, FactTable& table);

    // Lineage: facts_lineage.cpp.
    Result<void> lineage_ancestors(const Arguments& arguments, FactTable& table);
    Result<void> lineage_descendants(const Arguments& arguments, FactTable& table);
    Result<void> walk(const Arguments& arguments, lineage::Direction direction, FactTable& table);
    /// The entries that tell where the walk can go from there, the next items each, and the master records of all that they name.
    class Surroundings;

    // Products, parties, places: facts_product.cpp.
    Result<void> product_attributes(const Arguments& arguments, FactTable& table);
    Result<void> product_stock(const Arguments& arguments, FactTable& table);
    Result<void> product_sales(const Arguments& arguments, FactTable& table);
    Result<void> party_attributes(const Arguments& arguments, FactTable& table);
    Result<void> place_attributes(const Arguments& arguments, FactTable& table);
    [[nodiscard]] Result<std::vector<std::string>> items_of_product(const std::string& product);

    ReadSnapshot& snapshot_;
    Sequence position_;
    const Limits& limits_;
    ItemFolds* folds_;
    const lineage::View* view_{nullptr};
    KnownAs known_as_{snapshot_, position_};
    std::map<std::string, History> histories_;  ///< decoded once per decision
    std::map<std::string, ItemLife> lives_;     ///< likewise, where the writer keeps none
    std::map<std::string, ItemDates> dates_;
    std::set<std::string> read_;  ///< ids whose entries the running fact has counted
    std::size_t spent_{0};        ///< how many entries these have
    struct TextHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
    };
    std::pmr::monotonic_buffer_resource memory_{kMemoryFirst};  ///< of the next one: many short names that end together
    std::pmr::unordered_map<std::pmr::string, std::unique_ptr<const MasterEntry>, TextHash, std::equal_to<>> masters_{
        &memory_};  ///< null: no record
};

}  // namespace stemma::engine
