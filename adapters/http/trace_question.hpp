// A trace or recall as it was asked for, and its walk: small ones are walked at once, a large one only when few enough others run.
// This is the only code of the HTTP face that knows how lineage::Trace keeps its nodes.
#pragma once

#include <expected>
#include <optional>

#include "adapters/http/api_lineage.hpp"
#include "adapters/http/large_traces.hpp"
#include "core/lineage/trace.hpp"

namespace stemma::http {

/// What a walk follows, and as of when.
struct Walked {
    Sequence as_of{lineage::kLatest};  ///< set to a position by admit()
    bool inferred{true};               ///< as lineage::TraceOptions::include_inferred
    bool timed{false};                 ///< as lineage::TraceOptions::timed
};

struct TraceQuestion {
    lineage::Direction direction{lineage::Direction::forward};
    Walked walked;
    std::vector<NodeText> seeds;               ///< as of the question
    std::vector<engine::ItemHit> items;        ///< the same with their master data as it is now; for Seeds::with_master_data alone
    const std::atomic<bool>* cancel{nullptr};  ///< as in Request
};

enum class Seeds : unsigned char { by_lineage, with_master_data };

/// The question of these items. By lineage: an item that is named by its id is found without the store, which costs more than a small walk.
/// Errors: Errc::invalid_input, not_found, conflict, too_large.
[[nodiscard]] Result<TraceQuestion> ask_of(Api& api, const Request& request, const std::vector<std::string>& items, const Walked& walked,
                                           Seeds seeds);
/// The question of one item that is named by its id, or nothing where the store would have to be asked.
[[nodiscard]] std::optional<TraceQuestion> ask_lineage(Api& api, const Request& request, const std::string& item, const Walked& walked);

/// The nodes of a finished walk, in its order, and its counts.
class WalkedNodes {
public:
    WalkedNodes() = default;
    explicit WalkedNodes(lineage::Trace trace);

    [[nodiscard]] std::size_t size() const noexcept { return trace_.nodes.size(); }
    [[nodiscard]] const lineage::Reached& at(std::size_t place) const noexcept { return trace_.nodes[place]; }
    [[nodiscard]] std::size_t untracked() const noexcept { return untracked_; }     ///< transformations' untracked stock met
    [[nodiscard]] const lineage::Trace& counts() const noexcept { return trace_; }  ///< but for `nodes` and `untracked`

private:
    lineage::Trace trace_;
    std::size_t untracked_{0};
};

/// A walk that may be done: `found` where it was small, else it is to be walked while `lease` is held.
struct Admitted {
    lineage::View view;  ///< that `found` was found with; edges have their numbers from it
    std::optional<lineage::Trace> found;
    LargeTraces::Lease lease{LargeTraces::none()};
};
/// Settles the question's position. A walk of more than limits.large_trace_items needs one of limits.large_traces_max leases.
/// Otherwise: the answer 429.
[[nodiscard]] std::expected<Admitted, Response> admit(Api& api, TraceQuestion& question);
/// As admit(), or nothing for a walk of more than `items`.
[[nodiscard]] std::optional<Admitted> admit_small(Api& api, TraceQuestion& question, std::size_t items);

/// The walk up to limits.trace_items_max.
[[nodiscard]] lineage::Trace walk(Api& api, const lineage::View& view, const TraceQuestion& question);
/// Of the seeds in a view. An item without any event has none and contributes nothing but itself.
[[nodiscard]] std::vector<lineage::Node> nodes_of(const lineage::View& view, const std::vector<NodeText>& seeds);
[[nodiscard]] lineage::TraceOptions options_of(Api& api, const TraceQuestion& question);

/// What is said when the time was over before an answer was whole.
[[nodiscard]] Error not_in_time();

/// "items", "transformations", "certainNodes", "truncated", and when truncated "seen" and "cutBy", into an open object.
void write_trace_counts(json::Writer& out, const lineage::Trace& trace);
/// By which setting an answer was cut; nothing where it was not.
void write_cut(json::Writer& out, const lineage::Trace& trace);
/// The counts alone, by kind of node, without an identifier: the answer to `count`.
[[nodiscard]] std::string write_count(Api& api, const lineage::View& view, const TraceQuestion& question, const WalkedNodes& nodes);

}  // namespace stemma::http
