#include "core/lineage/types.hpp"

#include "core/domain/names.hpp"

namespace stemma::lineage {
namespace {

constexpr NameTable<NodeKind, 6> kNodeKind{{{NodeKind::serial, "serial"},
                                            {NodeKind::lot, "lot"},
                                            {NodeKind::logistic_unit, "logistic_unit"},
                                            {NodeKind::untracked, "untracked"},
                                            {NodeKind::unknown, "unknown"},
                                            {NodeKind::transformation, "transformation"}}};
constexpr NameTable<EdgeKind, 4> kEdgeKind{
    {{EdgeKind::consumed, "consumed"}, {EdgeKind::produced, "produced"}, {EdgeKind::packed, "packed"}, {EdgeKind::installed, "installed"}}};
constexpr NameTable<Confidence, 2> kConfidence{{{Confidence::recorded, "recorded"}, {Confidence::inferred, "inferred"}}};
constexpr NameTable<Direction, 2> kDirection{{{Direction::back, "back"}, {Direction::forward, "forward"}}};

}  // namespace

std::string_view to_string(NodeKind kind) noexcept { return name_of(kNodeKind, kind); }
std::string_view to_string(EdgeKind kind) noexcept { return name_of(kEdgeKind, kind); }
std::string_view to_string(Confidence confidence) noexcept { return name_of(kConfidence, confidence); }
std::string_view to_string(Direction direction) noexcept { return name_of(kDirection, direction); }

std::int64_t add_clamped(std::int64_t a, std::int64_t b) noexcept {
    if (is_too_large(a)) return a;
    if (is_too_large(b)) return b;
    std::int64_t sum = 0;
    if (!__builtin_add_overflow(a, b, &sum)) return sum;
    return a < 0 ? std::numeric_limits<std::int64_t>::min() : std::numeric_limits<std::int64_t>::max();
}

std::int64_t subtract_clamped(std::int64_t a, std::int64_t b) noexcept {
    if (is_too_large(a)) return a;
    if (is_too_large(b)) return b > 0 ? std::numeric_limits<std::int64_t>::min() : std::numeric_limits<std::int64_t>::max();
    std::int64_t difference = 0;
    if (!__builtin_sub_overflow(a, b, &difference)) return difference;
    return b > 0 ? std::numeric_limits<std::int64_t>::min() : std::numeric_limits<std::int64_t>::max();
}

}  // namespace stemma::lineage
