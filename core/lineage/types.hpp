// The small numbers and names of the lineage index: nodes, edges, events, places as 32-bit numbers in order of first appearance.
// A number belongs to one index, is never reused, and means the same in every view of it. Texts come from the view (index.hpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>

#include "core/base/time.hpp"
#include "core/domain/entry.hpp"
#include "core/domain/master.hpp"

namespace stemma::lineage {

inline constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

enum class Node : std::uint32_t { none = kNone };    ///< an item, the untracked stock of a product, or a transformation
enum class EdgeNo : std::uint32_t { none = kNone };  ///< an edge of the graph
enum class EventNo : std::uint32_t { none = kNone };
enum class ProductNo : std::uint32_t { none = kNone };
enum class PlaceNo : std::uint32_t { none = kNone };
enum class PartyNo : std::uint32_t { none = kNone };
enum class DocumentNo : std::uint32_t { none = kNone };
/// other: a unit past the table's 65,536; piece: C62.
enum class UnitNo : std::uint16_t { other = 0, piece = 1 };  // NOLINT(performance-enum-size): its other values are given at run time

/// The number as an array index.
template <class Number>
[[nodiscard]] constexpr std::size_t slot(Number number) noexcept {
    return static_cast<std::size_t>(std::to_underlying(number));
}

inline constexpr Sequence kLatest = std::numeric_limits<Sequence>::max();  ///< as-of: all entries count
inline constexpr Sequence kNever = std::numeric_limits<Sequence>::max();   ///< voided_at of what stands

/// What a node is. `untracked` = the anonymous stock of a product without lots; `unknown` = an item without master data.
enum class NodeKind : unsigned char { serial, lot, logistic_unit, untracked, unknown, transformation };
/// A serial or a logistic unit: of which there is one piece.
[[nodiscard]] constexpr bool is_one_thing(NodeKind kind) noexcept { return kind == NodeKind::serial || kind == NodeKind::logistic_unit; }
/// consumed: item -> transformation; produced: transformation -> item; packed, installed: child -> parent.
enum class EdgeKind : unsigned char { consumed, produced, packed, installed };
/// inferred: one end is untracked stock, whose goods cannot be told apart.
enum class Confidence : unsigned char { recorded, inferred };
/// back: where it came from. forward: where it went.
enum class Direction : unsigned char { back, forward };

[[nodiscard]] std::string_view to_string(NodeKind kind) noexcept;
[[nodiscard]] std::string_view to_string(EdgeKind kind) noexcept;
[[nodiscard]] std::string_view to_string(Confidence confidence) noexcept;
[[nodiscard]] std::string_view to_string(Direction direction) noexcept;

/// So much of a unit: micros / 1e6. Amounts of different units are never added.
struct Amount {
    UnitNo unit{UnitNo::other};
    std::int64_t micros{0};
    friend auto operator<=>(const Amount&, const Amount&) = default;
};

/// a + b and a - b, held at the ends of the range instead of overflowing. What was held once stays held: is_too_large() tells it.
[[nodiscard]] std::int64_t add_clamped(std::int64_t a, std::int64_t b) noexcept;
[[nodiscard]] std::int64_t subtract_clamped(std::int64_t a, std::int64_t b) noexcept;
/// A sum that was too large to be added up (over 9.2e12 units): it says no more than its sign.
[[nodiscard]] constexpr bool is_too_large(std::int64_t micros) noexcept {
    return micros == std::numeric_limits<std::int64_t>::max() || micros == std::numeric_limits<std::int64_t>::min();
}

/// One edge as a view shows it.
struct Edge {
    EdgeNo no{EdgeNo::none};
    Node from{Node::none};
    Node to{Node::none};
    EdgeKind kind{EdgeKind::consumed};
    Confidence confidence{Confidence::recorded};
    Amount amount;                 ///< of the event; for packed and installed what is in there as of the view
    EventNo event{EventNo::none};  ///< for packed and installed the last that added
    Sequence sequence{0};          ///< of that event
};

// Light master data. The texts are valid as long as the view they came from.
struct ProductInfo {
    std::string_view id;
    std::string_view sku;
    std::string_view name;
    std::string_view category;
    UnitNo unit{UnitNo::other};
    Tracking tracking{Tracking::none};
    bool known{false};  ///< has master data as of the view
};
struct PlaceInfo {
    std::string_view id;
    std::string_view code;
    std::string_view name;
    PlaceKind kind{PlaceKind::stock};  ///< a place without master data counts as stock
    PlaceNo parent{PlaceNo::none};
    bool known{false};
};
struct PartyInfo {
    std::string_view id;
    std::string_view code;
    bool known{false};
};
struct DocumentInfo {
    std::string_view id;
    std::string_view type;
    std::string_view number;
};

}  // namespace stemma::lineage
