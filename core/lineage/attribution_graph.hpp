// What a set of nodes comes from or goes into, as a graph of its own that needs no view: nodes numbered from 0, cycles drawn together
// into one component each, components in an order in which every step leads to a lower number. So a fact spreads over all paths in one
// run over the components, 64 facts at a time, however many paths there are.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <span>
#include <vector>

#include "core/lineage/index.hpp"

namespace stemma::lineage {

struct ReachOptions {
    std::size_t items_max{1'000'000};  ///< most items, and as many transformations
    bool include_inferred{false};      ///< follow links whose one end is untracked stock
    const std::atomic<bool>* cancel{nullptr};
};

class ReachGraph {
public:
    /// The seeds and all that they reach in `direction`. Errors: Errc::too_large past items_max; Errc::unavailable when cancelled.
    [[nodiscard]] static Result<ReachGraph> build(const View& view, std::span<const Node> seeds, Direction direction,
                                                  const ReachOptions& options);

    [[nodiscard]] std::size_t size() const noexcept { return nodes_.size(); }
    [[nodiscard]] Node node(std::size_t number) const noexcept { return nodes_[number]; }
    [[nodiscard]] bool is_transformation(std::size_t number) const noexcept { return transformation_[number] != 0; }
    [[nodiscard]] std::uint32_t number(Node node) const noexcept;  ///< kNone for one that was not reached

    [[nodiscard]] std::size_t components() const noexcept { return begins_.size() - 1; }
    [[nodiscard]] std::uint32_t component(std::size_t number) const noexcept { return component_[number]; }
    /// The components one step further, each once; all have lower numbers.
    [[nodiscard]] std::span<const std::uint32_t> next(std::size_t component) const noexcept {
        return std::span{next_}.subspan(begins_[component], begins_[component + 1] - begins_[component]);
    }

    /// words[c] |= words of every component that c reaches.
    void gather(std::span<std::uint64_t> words) const noexcept;
    /// words of every component that c reaches |= words[c].
    void spread(std::span<std::uint64_t> words) const noexcept;

private:
    ReachGraph() = default;
    /// Plain adjacency while the graph is built: of node n [begins[n], begins[n + 1]).
    struct Steps {
        std::vector<std::uint32_t> begins;
        std::vector<std::uint32_t> to;
    };
    [[nodiscard]] std::uint32_t& place_of(Node node);
    [[nodiscard]] Result<Steps> walk(const View& view, std::span<const Node> seeds, Direction direction, const ReachOptions& options);
    void find_components(const Steps& steps);
    void join_components(const Steps& steps);

    static constexpr std::size_t kPage = 4096;
    using Page = std::array<std::uint32_t, kPage>;
    std::vector<std::unique_ptr<Page>> pages_;  // node -> number; memory grows with what was reached, not with the index
    std::vector<Node> nodes_;
    std::vector<std::uint8_t> transformation_;
    std::vector<std::uint32_t> component_;
    std::vector<std::uint32_t> begins_;
    std::vector<std::uint32_t> next_;
};

}  // namespace stemma::lineage
