// What makes products and items of several sources one: a function of the newest master records, the settings and what people declared,
// and of nothing else, so that the order in which sources are read does not matter. Products meet by GTIN or by a declared alias, never by
// name; items whose products are one by the identifier that people see; logistic units by their SSCC. What could be one and is not, or is
// one and says different things, is a conflict: listed, never guessed away.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/ports/store.hpp"

namespace stemma::engine {

/// One line of erp.same_products or of a code map: products of two sources that are one.
struct SameProduct {
    std::string source;
    std::string sku;
    std::string other_source;
    std::string other_sku;
    MeetingRule rule{MeetingRule::alias};  ///< alias or code_map
    std::string where;                     ///< "stemma.yaml:90:7", "codes.csv:12"
    friend bool operator==(const SameProduct&, const SameProduct&) = default;
};

struct MeetingSettings {
    std::vector<std::string> sources;  ///< names of all configured ERP sources
    std::vector<SameProduct> same_products;
    std::map<std::pair<std::string, std::string>, std::vector<std::size_t>> lines_of{};  ///< source, SKU; made by MeetingDesk
};

inline constexpr std::size_t kCandidatesMax = 10'000;  ///< records with one identifier that are looked at; with more nothing meets by it

/// One record that a conflict is about.
struct ConflictSide {
    std::string source;
    std::string id;
    std::string label;
    std::string said;  ///< what it says where the sides differ: "KGM", "2027-01-31"
    friend auto operator<=>(const ConflictSide&, const ConflictSide&) = default;
};

struct Conflict {
    enum class Kind : unsigned char {
        gtin_twice,        ///< one GTIN on two products of one source
        bad_gtin,          ///< the same digits on both sides, but with a wrong check digit or length
        differs,           ///< tracking or base unit differs
        alias_unknown,     ///< an alias names a SKU that its source does not have
        alias_twice,       ///< an alias names a SKU that two products of its source have
        identifier_twice,  ///< one identifier fits two items of one source
        kind_differs,      ///< the same number is a lot here and a serial there
        nearly_same,       ///< identifiers that differ in dashes, dots or blanks alone
        expiry_differs,    ///< met, and yet the dates of expiry differ
        two_of_one,        ///< grounds taken together would make two records of one source one
        too_common,        ///< more records than kCandidatesMax have the identifier
    };
    Kind kind{};
    bool met{false};   ///< the sides are one all the same
    std::string what;  ///< "gtin 04012345678901", "serial HJ26-00148", "stemma.yaml:90:7"
    std::vector<ConflictSide> sides;
    friend auto operator<=>(const Conflict&, const Conflict&) = default;
};
[[nodiscard]] std::string_view to_string(Conflict::Kind kind) noexcept;
/// What a person can do about it, in one sentence.
[[nodiscard]] std::string_view hint_of(Conflict::Kind kind) noexcept;

/// What the rules say of some records: who is one with whom.
struct MeetingDecision {
    std::vector<Meeting> together;  ///< by second id; `first` is the one of the group that was recorded first
    std::vector<Conflict> conflicts;
    std::set<std::string> ids;  ///< all that were looked at: no other id has a ground to meet one of them
};

/// One pair, by its newest entries.
struct MeetingState {
    Meeting meeting;  ///< the newest
    Sequence sequence{0};
    bool declared_apart{false};
    bool declared_together{false};
};

/// Reads from one snapshot; a record that is about to be recorded counts as if it were. One thread.
class MeetingRules {
public:
    MeetingRules(ReadSnapshot& snapshot, const MeetingSettings& settings) : snapshot_{snapshot}, settings_{settings} {}
    /// `record` replaces what the store has of its id, until the next call. Null: nothing does.
    void expect(const Master* record) { expected_ = record; }

    /// Of all products that grounds join to this one.
    [[nodiscard]] Result<MeetingDecision> products(const std::string& id);
    /// The same of an item. Products have met before.
    [[nodiscard]] Result<MeetingDecision> items(const std::string& id);
    /// What to tell of an item beside that: numbers that are nearly the same as another source's, dates that differ.
    [[nodiscard]] Result<std::vector<Conflict>> remarks_on_item(const std::string& id);
    /// The same of a product: a GTIN that is none, and that another source has as well.
    [[nodiscard]] Result<std::vector<Conflict>> remarks_on_product(const std::string& id);
    /// Lines of the settings that name a SKU that a source does not have, once it has products at all.
    [[nodiscard]] Result<std::vector<Conflict>> remarks_on_aliases();

    /// The first entry that touches the id; kEveryEntry where none does.
    [[nodiscard]] Result<Sequence> first_of(const std::string& id);
    /// All pairs that any entry ever named this id in.
    [[nodiscard]] Result<std::vector<MeetingState>> pairs_of(const std::string& id);
    /// The id and all that are one with it now, as the ledger says.
    [[nodiscard]] Result<std::set<std::string>> group_of(const std::string& id);
    /// group_of() of a product, kept until forget().
    [[nodiscard]] Result<const std::set<std::string>*> products_one_with(const std::string& product);
    void forget() { product_groups_.clear(); }

    template <class Record>
    [[nodiscard]] Result<std::optional<Record>> record(const std::string& id);

private:
    struct Thing {
        std::string id;
        std::string source;
        std::string label;
        std::string sort;  ///< what has to be equal: tracking and unit of a product
        Sequence first{0};
    };
    struct Ground {
        MeetingRule rule{};
        Conflict::Kind twice{};  ///< what it is called where a source has two
        Attributes agreed;
        std::set<std::string> ids;
        std::string what;
    };
    using Things = std::map<std::string, Thing>;
    using ThingOf = Result<Thing> (MeetingRules::*)(const std::string&);
    using GroundsOf = Result<std::vector<Ground>> (MeetingRules::*)(const std::string&, std::vector<Conflict>&);

    [[nodiscard]] Result<std::vector<std::string>> named(const std::string& form, std::string_view scheme, bool& too_common);
    [[nodiscard]] Result<std::set<std::string>> products_with_sku(const std::string& source, const std::string& sku);
    [[nodiscard]] Result<Thing> product_thing(const std::string& id);
    [[nodiscard]] Result<Thing> item_thing(const std::string& id);
    [[nodiscard]] Result<std::vector<Ground>> grounds_of_product(const std::string& id, std::vector<Conflict>& conflicts);
    [[nodiscard]] Result<std::optional<Ground>> ground_of_item(const std::string& id, const Item& item, std::vector<Conflict>& conflicts);
    [[nodiscard]] Result<std::vector<Ground>> grounds_of_item(const std::string& id, std::vector<Conflict>& conflicts);
    template <class Same>
    [[nodiscard]] Result<MeetingDecision> joined_to(const std::string& id, ThingOf thing_of, GroundsOf grounds_of, const Same& same);
    [[nodiscard]] Result<MeetingDecision> decide(const Things& things, const std::vector<Ground>& grounds, std::vector<Conflict> conflicts);

    ReadSnapshot& snapshot_;
    const MeetingSettings& settings_;
    const Master* expected_{nullptr};
    std::map<std::string, std::set<std::string>> product_groups_;
};

/// What identifies an item among those of its product: its first identifier. None where it has none.
[[nodiscard]] std::optional<Identifier> met_identifier(const Item& item);

}  // namespace stemma::engine
