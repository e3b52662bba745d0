// One small story, told once as facts that no ERP's tables shape, and what must come of it, worked out by hand from the facts. A works
// makes packs from cells and lamps from packs and boards; one lamp is repaired, one taken apart, and what people get wrong is in it as
// well.
//
// An item is "PRODUCT|NUMBER", goods without a lot are "PRODUCT". Amounts are in the unit of the product: pieces, for PASTE grams.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

namespace stemma::six_shapes {

using Texts = std::set<std::string>;

enum class Tracked : unsigned char { no, by_lot, by_serial };
struct Product {
    const char* name;
    Tracked tracked;
    bool in_grams{false};  ///< and bought in kilograms
    int company{1};
};

enum class Kind : unsigned char { receive, make, repair, unbuild, ship, customer_return, supplier_return, move, scrap, count };
enum class State : unsigned char { done, cancelled, reserved };

struct Part {
    std::string item;
    double quantity{1};
    int unit{0};  ///< of an order for several units: which of them it went into, or is; 0 for all
};

struct Fact {
    Kind kind;
    const char* document;
    const char* at;  ///< "2026-03-01 10:00:00"
    const char* party{""};
    const char* from{""};     ///< a place
    const char* to{""};       ///< a place
    std::vector<Part> in{};   ///< used, added by a repair, taken away, counted short
    std::vector<Part> out{};  ///< received, made, removed by a repair, found by a count
    const char* unit{""};     ///< that is repaired or taken apart
    const char* against{""};  ///< the document that a return or an unbuild is for
    const char* carton{""};   ///< that it is packed into before it goes
    State state{State::done};
};

/// In their order; number of each is its place here + 1.
[[nodiscard]] const std::vector<Product>& products();
[[nodiscard]] const std::vector<std::string>& places();   ///< "Main", "Shelf", "Annex" (of company 2), "Scrap"
[[nodiscard]] const std::vector<std::string>& parties();  ///< two suppliers, two customers
[[nodiscard]] const std::vector<Fact>& facts();
[[nodiscard]] const std::vector<std::string>& items();  ///< with a number, in the order in which the facts name them

inline constexpr const char* kRenamed = "PASTE|T-1";
inline constexpr const char* kRenamedTo = "T-1 BIS";  ///< after all else

[[nodiscard]] const Product& product_of(const std::string& item);
[[nodiscard]] std::string number_of(const std::string& item);  ///< "C-1" of "CELL|C-1"; "" for goods without a lot
[[nodiscard]] int id_of_product(const std::string& item);
[[nodiscard]] int id_of_item(const std::string& item);  ///< of one with a number
[[nodiscard]] int id_of_place(const std::string& name);
[[nodiscard]] int id_of_party(const std::string& name);

// --- what must come of it
// -------------------------------------------------------------------------------------------------------------------

struct Answer {
    Texts made_of;
    Texts went_into;
    Texts suppliers;  ///< of it, and of all that it is made of
    Texts customers;  ///< who was ever delivered it, or what it went into
    Texts stock;      ///< "Main 47 C62"
    Texts held_by;    ///< "Harbour 1": with which customers it is
};
using Answers = std::map<std::string, Answer>;

/// After the renaming.
[[nodiscard]] const Answers& oracle();

/// What an ERP does not record: how its answers differ from the story, and why.
struct Difference {
    const char* why;
    std::map<std::string, Texts> made_of_more{};
    std::map<std::string, Texts> went_into_more{};
    std::map<std::string, std::string> called{};  ///< items by the name that they have there; "" for one that is not there
};
[[nodiscard]] Answers with(Answers answers, const Difference& difference);

}  // namespace stemma::six_shapes
