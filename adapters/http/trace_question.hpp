// A trace or recall as it was asked for, and its walk: small ones are walked at once, a large one only when few enough others run.
// An answer that names no paths is walked by lineage::reach(), which costs a fraction of trace(); no other code of the HTTP face knows by
// which of the two its nodes were found.
#pragma once

#include <expected>
#include <optional>
#include <span>
#include <vector>

#include "adapters/http/api_lineage.hpp"
#include "adapters/http/large_traces.hpp"
#include "core/lineage/packed_inside.hpp"
#include "core/lineage/reach.hpp"
#include "core/lineage/roll_up.hpp"
#include "core/lineage/small_reach.hpp"
#include "core/lineage/timed.hpp"

namespace stemma::http {

/// What a walk follows, and as of when.
struct Walked {
    Sequence as_of{lineage::kLatest};  ///< set to a position by admit()
    bool inferred{true};               ///< as lineage::TraceOptions::include_inferred
    bool timed{false};                 ///< as lineage::TraceOptions::timed
    /// Of a recall of logistic units that hold something, or held it: whether what is in them counts as asked about. None: no such unit.
    std::optional<bool> contents{};
};

struct TraceQuestion {
    lineage::Direction direction{lineage::Direction::forward};
    Walked walked;
    std::vector<NodeText> seeds;               ///< as of the question
    std::vector<engine::ItemHit> items;        ///< the same with their master data; for Seeds::with_master_data alone
    const std::atomic<bool>* cancel{nullptr};  ///< as in Request
    bool paths{true};                          ///< the answer says by what each node was reached
    bool contents{false};                      ///< what is packed in the seeds' logistic units is asked about as well
};

enum class Seeds : unsigned char { by_lineage, with_master_data };

/// The question of these items. By lineage: an item that is named by its id is found without the store, which costs more than a small walk.
/// Errors: Errc::invalid_input, not_found, conflict, too_large.
[[nodiscard]] Result<TraceQuestion> ask_of(Api& api, const Request& request, const std::vector<std::string>& items, const Walked& walked,
                                           Seeds seeds);
/// The question of one item that is named by its id, or nothing where the store would have to be asked.
[[nodiscard]] std::optional<TraceQuestion> ask_lineage(Api& api, const Request& request, const std::string& item, const Walked& walked);

/// What a finished walk counted: as in lineage::Trace.
struct WalkCounts {
    std::size_t items{0};
    std::size_t transformations{0};
    std::size_t certain{0};
    std::size_t seen{0};
    bool truncated{false};
    bool cancelled{false};
};

/// The nodes of a finished walk, in its order, and its counts. Movable.
class WalkedNodes {
public:
    WalkedNodes() = default;
    explicit WalkedNodes(lineage::Trace trace);
    explicit WalkedNodes(lineage::TimedTrace timed);
    explicit WalkedNodes(lineage::Reach reach);
    explicit WalkedNodes(lineage::SmallReach small);

    [[nodiscard]] std::size_t size() const noexcept { return trace_.nodes.empty() ? places_.size() : trace_.nodes.size(); }
    [[nodiscard]] lineage::Node node(std::size_t place) const noexcept {
        return trace_.nodes.empty() ? places_[place] : trace_.nodes[place].node;
    }
    /// Without paths `previous` and `edge` are those of a seed.
    [[nodiscard]] lineage::Reached at(std::size_t place) const noexcept;
    [[nodiscard]] const std::vector<lineage::UntrackedMet>& untracked() const noexcept {
        return reach_ ? reach_->untracked() : trace_.untracked;
    }
    /// As lineage::TimedTrace::times, beside the nodes; empty where times were not asked for.
    [[nodiscard]] const std::vector<Instant>& times() const noexcept { return times_; }
    [[nodiscard]] const WalkCounts& counts() const noexcept { return counts_; }
    /// The trace itself; of a question with paths.
    [[nodiscard]] lineage::Trace take_trace() && noexcept { return std::move(trace_); }
    [[nodiscard]] std::vector<lineage::KindCount> by_kind(const lineage::View& view) const;
    /// What the nodes come to: see lineage::roll_up().
    [[nodiscard]] lineage::RollUps roll_up(const lineage::View& view, const lineage::RollUpKeys& keys,
                                           const std::atomic<bool>* cancel) const;

private:
    // Found in one of these three ways.
    lineage::Trace trace_;
    std::optional<lineage::Reach> reach_;
    lineage::SmallReach small_;
    std::span<const lineage::Node> places_;  ///< of the latter two; where they lie does not change with a move
    std::vector<Instant> times_;
    WalkCounts counts_;
};

/// A walk that may be done: `found` where it was small, else it is to be walked while `lease` is held.
struct Admitted {
    lineage::View view;  ///< that `found` was found with; edges have their numbers from it
    std::optional<WalkedNodes> found;
    LargeTraces::Lease lease{LargeTraces::none()};
};
/// Settles the question's position. A walk of more than limits.large_trace_items needs one of limits.large_traces_max leases.
/// Otherwise: the answer 429.
[[nodiscard]] std::expected<Admitted, Response> admit(Api& api, TraceQuestion& question);
/// As admit(), or nothing for a walk of more than `items`.
[[nodiscard]] std::optional<Admitted> admit_small(Api& api, TraceQuestion& question, std::size_t items);

/// The walk up to limits.trace_items_max.
[[nodiscard]] WalkedNodes walk(Api& api, const lineage::View& view, const TraceQuestion& question);
/// The nodes of an admitted question: those that were found, or else walked now.
[[nodiscard]] WalkedNodes found_or_walked(Api& api, Admitted& admitted, const TraceQuestion& question);
/// Of the seeds in a view. An item without any event has none and contributes nothing but itself.
[[nodiscard]] std::vector<lineage::Node> nodes_of(const lineage::View& view, const std::vector<NodeText>& seeds);
/// The same, and where the question wants it what is in its logistic units; each once.
[[nodiscard]] std::vector<lineage::Node> nodes_of(Api& api, const lineage::View& view, const TraceQuestion& question);
/// A logistic unit that was asked about, and what is in it; only those that hold something or held it.
struct AskedUnit {
    NodeText unit;
    lineage::PackedInside inside;
};
[[nodiscard]] std::vector<AskedUnit> asked_units(Api& api, const lineage::View& view, const TraceQuestion& question);
/// "units", into an open object.
void write_units(json::Writer& out, const std::vector<AskedUnit>& units);
[[nodiscard]] lineage::TraceOptions options_of(Api& api, const TraceQuestion& question);

/// What is said when the time was over before an answer was whole.
[[nodiscard]] Error not_in_time();
/// The document that was written; where the walk or the request was cancelled before it was whole, that is said instead, and counted.
[[nodiscard]] Response in_time(Api& api, const Request& request, bool cancelled, std::string document);

/// "asOf", "inferred" and "timed", into an open object: an answer says what was asked, so that a filtered one is known for that.
void write_walked(json::Writer& out, const Walked& walked);
/// "items", "transformations", "certainNodes", "truncated", and when truncated "seen" and "cutBy", into an open object.
void write_trace_counts(json::Writer& out, const WalkCounts& counts);
/// By which setting an answer was cut; nothing where it was not.
void write_cut(json::Writer& out, bool truncated);
/// "seeds": what was asked about, by lineage, into an open object.
void write_asked(json::Writer& out, const TraceQuestion& question);
/// The counts alone, by kind of node, without an identifier: the answer to `count`.
[[nodiscard]] std::string write_count(Api& api, const lineage::View& view, const TraceQuestion& question, const WalkedNodes& nodes);

}  // namespace stemma::http
