#include "tests/support/faults/lineage_compare.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/app/parts.hpp"
#include "core/base/digest.hpp"
#include "core/engine/index_snapshot.hpp"
#include "core/engine/ledger_reading.hpp"

namespace stemma::test {
namespace {

using lineage::Direction;

/// Node by node: who it is, its edges both ways, its movements, with the entries that they come from.
std::string digest_of(const lineage::Index& index) {
    const lineage::View view = index.view();
    Sha256 sum;
    sum.add(fmt::format("{} {} {}\n", view.as_of(), view.node_count(), index.counts().edges));
    for (std::uint32_t number = 0; number < view.node_count(); ++number) {
        const lineage::Node node{number};
        std::string text = fmt::format("{} {} {}\n", view.id(node), to_string(view.kind(node)), view.label(node));
        std::vector<std::string> edges;
        for (const Direction direction : {Direction::forward, Direction::back})
            view.for_each_edge(node, direction, [&](lineage::EdgeNo no, lineage::Node other) {
                const lineage::Edge edge = view.edge(no);
                edges.push_back(fmt::format("{} {} {} {} {} {}\n", direction == Direction::forward ? "to" : "from", view.id(other),
                                            to_string(edge.kind), to_string(edge.confidence), edge.amount.micros, edge.sequence));
            });
        std::ranges::sort(edges);
        for (const std::string& edge : edges) text += edge;
        view.for_each_movement(
            node,
            [&](const lineage::Movement& movement) {
                text +=
                    fmt::format("{} {} {} {}\n", movement.sequence, to_string(movement.kind), movement.amount.micros, movement.voided_at);
            },
            true);
        sum.add(text);
    }
    return to_hex(sum.finish());
}

Result<void> read_rest(lineage::Index& index, ReadSnapshot& ledger, Sequence first, Sequence end) {
    return engine::read_ledger(ledger, first, end, 0,
                               [&](Sequence sequence, const Digest&, const Entry& entry) { index.apply(sequence, entry); });
}

}  // namespace

Result<LineageCompared> compare_lineage(const config::Settings& settings, std::uint64_t left_out) {
    const auto store = app::open_store(settings, true);
    if (!store) return std::unexpected(store.error());
    const auto ledger = (*store)->read();
    if (!ledger) return std::unexpected(ledger.error());
    const auto size = (*ledger)->size();
    const auto seal = app::open_seal(settings);
    if (!size || !seal) return std::unexpected(size ? seal.error() : size.error());
    const NoteKey key{seal->origin, seal->key.public_key()};
    LineageCompared compared;
    compared.entries = *size;
    lineage::Index started;
    const engine::IndexSnapshot snapshot{settings.state.folder / "lineage.snapshot", settings.ledger.origin,
                                         seal->key.secret_for("lineage snapshot")};
    compared.snapshot = snapshot.load(started, key, **ledger).size();
    const Sequence rest = std::min(*size, compared.snapshot + (compared.snapshot != 0 ? left_out : 0));
    if (auto read = read_rest(started, **ledger, rest, *size); !read) return std::unexpected(read.error());
    lineage::Index rebuilt;
    if (auto read = read_rest(rebuilt, **ledger, 0, *size); !read) return std::unexpected(read.error());
    compared.from_snapshot = digest_of(started);
    compared.from_ledger = digest_of(rebuilt);
    return compared;
}

}  // namespace stemma::test
