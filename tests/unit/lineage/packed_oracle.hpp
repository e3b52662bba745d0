// What the random tests of packing are held to: small plants of pallets, boxes, a machine with parts, serials and lots, and an answer that
// goes through the plain list of facts piece by piece. It shares no code with core/lineage: of that it knows the rules as they are written.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "tests/unit/lineage/builders.hpp"

namespace stemma::lineage::packed {

inline constexpr int kNobody = -1;  ///< no place, no party, no unit
inline constexpr int kPlaces = 5;   ///< 0 to 2 stock, 3 transit, 4 outside
inline constexpr int kCustomers = 3;

enum class Kind : unsigned char { received, found, produced, moved, shipped, returned, sent_back, written_off, consumed };

struct Line {
    int item{0};
    int pieces{1};
    bool stated{true};
};

/// An event as the generator meant it.
struct Fact {
    int hour{0};
    std::optional<Kind> kind;  ///< none: packing
    bool adds{true};
    int parent{kNobody};
    std::vector<Line> lines;  ///< of packing, none: all that is in the parent
    int from{kNobody};
    int to{kNobody};  ///< of packing: where it took place
    int party{kNobody};
    Event event;
    Sequence sequence{0};
    Sequence voided{kNever};
};

/// One movement of so many pieces that counts for an item.
struct Moved {
    int hour{0};
    Sequence sequence{0};
    Kind kind{Kind::moved};
    int pieces{1};
    int from{kNobody};
    int to{kNobody};
    int party{kNobody};
};

/// Items: 0 and 1 pallets, 2 to 4 boxes, 5 a machine, 6 to 9 serials, 10 and 11 lots.
inline constexpr int kItems = 12;
inline bool is_pallet(int item) { return item < 2; }
inline bool is_logistic(int item) { return item < 5; }
inline bool is_machine(int item) { return item == 5; }
inline bool is_unit(int item) { return item < 6; }
inline bool is_lot(int item) { return item > 9; }
std::string item_id(int item);
std::string place_id(int place);
std::string party_id(int party);

class Plant {
public:
    explicit Plant(std::uint32_t seed);
    int below(int n) { return static_cast<int>(engine_() % static_cast<std::uint32_t>(n)); }
    /// What counts for each item as of a position.
    [[nodiscard]] std::vector<std::vector<Moved>> counted(Sequence as_of) const;

    Fed fed;
    std::vector<Fact> facts;
    Sequence first{0};  ///< of the facts

private:
    void make();
    void make_packing(Fact& fact);
    void make_movement(Fact& fact);
    void record(Fact fact);
    int place() { return below(kPlaces); }

    std::mt19937 engine_;
};

}  // namespace stemma::lineage::packed
