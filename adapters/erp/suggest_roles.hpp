// Which tables of a foreign database are products, parties, places, lots and movements, each with a score and the reasons that people are
// told. Internal to suggest.
#pragma once

#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "adapters/erp/suggest_catalogue.hpp"

namespace stemma::erp {

inline constexpr double kRoleScoreMin = 4;  ///< below it a table is not taken for a role

struct Chosen {
    const ForeignTable* table{nullptr};
    double score{0};
    std::vector<std::string> reasons;
};

/// What a movement of goods is, as the mapping's cases are called.
enum class Step : unsigned char { unknown, receive, supplier_return, ship, customer_return, consume, produce, transfer, write_off, count };
[[nodiscard]] std::string_view to_string(Step step) noexcept;

/// The step that a name tells: of a table, of its header, of a kind's value.
[[nodiscard]] Step step_of(const Meaning& meaning);

/// A column, of a movement's table or of the table of its document.
struct ColumnAt {
    const ForeignColumn* column{nullptr};
    bool in_header{false};
};

struct Movement {
    const ForeignTable* table{nullptr};
    const ForeignTable* header{nullptr};  ///< of its document; null where it has none
    const ForeignReference* to_header{nullptr};
    const ForeignReference* to_lot{nullptr};
    const ForeignReference* to_product{nullptr};
    const ForeignColumn* lot_number{nullptr};  ///< a lot's number as text, where no lot table is referred to
    const ForeignColumn* quantity{nullptr};
    ColumnAt date, kind, state;
    const ForeignReference* to_party{nullptr};
    bool party_in_header{false};
    const ForeignReference* from_place{nullptr};
    const ForeignReference* to_place{nullptr};  ///< the same as from_place where there is one place alone
    bool places_in_header{false};
    Step step{Step::unknown};
    std::vector<std::string> reasons;
    const ForeignTable* detail{nullptr};  ///< another movement's table whose header this is: it reads the lots
};

struct Roles {
    Chosen product, place, lot;
    std::vector<std::pair<std::string, Chosen>> parties;  ///< "party", "supplier", "customer"
    std::vector<Movement> movements;
    std::vector<std::pair<std::string, std::string>> left_out;  ///< table, why

    [[nodiscard]] bool is_party(const std::string& table) const;
    /// The columns that name a lot: its key, or what movements refer to it by.
    std::vector<std::string> lot_identity;
};

/// `kind_of(table, column)`: what a column holds, where its type alone does not say so (texts that are dates).
using KindOf = std::optional<ColumnType> (*)(void* context, const ForeignTable&, const ForeignColumn&);

class RoleFinder {
public:
    RoleFinder(Foreign& foreign, KindOf kind_of, void* context) : foreign_{foreign}, kind_of_{kind_of}, context_{context} {}
    [[nodiscard]] Roles find();

private:
    [[nodiscard]] Chosen best(double (RoleFinder::*score)(const ForeignTable&, std::vector<std::string>&) const) const;
    [[nodiscard]] double product_score(const ForeignTable& table, std::vector<std::string>& reasons) const;
    [[nodiscard]] double place_score(const ForeignTable& table, std::vector<std::string>& reasons) const;
    [[nodiscard]] double lot_score(const ForeignTable& table, std::vector<std::string>& reasons) const;
    [[nodiscard]] double party_score(const ForeignTable& table, Idea idea, std::vector<std::string>& reasons) const;
    void find_parties();
    /// References to a table of master data that the database does not declare, by what columns are called and hold.
    void guess_references(const ForeignTable* master, std::initializer_list<Idea> ideas);
    void find_movement(const ForeignTable& table);
    void find_header(Movement& movement) const;
    void find_columns(Movement& movement) const;
    void find_sides(Movement& movement) const;
    [[nodiscard]] ColumnAt find_date(const Movement& movement) const;
    [[nodiscard]] bool is_master(const ForeignTable& table) const;
    [[nodiscard]] std::size_t referred_to(const ForeignTable& table) const;
    [[nodiscard]] const ForeignReference* reference_to(const ForeignTable& table, const ForeignTable* other) const;

    Foreign& foreign_;
    KindOf kind_of_;
    void* context_;
    Roles roles_;
};

/// The column of `table` that is surest for `idea` among those that `fits` takes; null for none.
template <class Fits>
const ForeignColumn* surest(const ForeignTable& table, Idea idea, Fits fits) {
    const ForeignColumn* best = nullptr;
    double sure = 0.49;
    for (const ForeignColumn& column : table.columns)
        if (column.kind && column.meaning.of(idea) > sure && fits(column)) {
            best = &column;
            sure = column.meaning.of(idea);
        }
    return best;
}

}  // namespace stemma::erp
