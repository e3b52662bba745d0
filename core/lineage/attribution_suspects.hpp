// The parts of an attribution: who is compared, what lies upstream of them, and how far it reaches. Used by attribution.cpp alone.
#pragma once

#include <functional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/lineage/attribution.hpp"

namespace stemma::lineage {

/// The population as chosen.
struct Chosen {
    std::vector<ProductNo> products;
    std::vector<Node> items;          ///< in order of number
    std::vector<std::size_t> failed;  ///< places in `items`
    std::vector<Node> left_out;
};
/// Errors: as Investigation::open.
[[nodiscard]] Result<Chosen> choose(const View& view, std::span<const Node> failed, const Population& population,
                                    const AttributionOptions& options);

/// Every hypothesis with the nodes of the graph that it is about.
class Suspects {
public:
    /// Everything that the graph's nodes and their movements say; not all of it when cancelled.
    void collect(const View& view, const ReachGraph& graph, const std::atomic<bool>* cancel = nullptr);
    void add(const Cause& cause, std::uint32_t number);
    /// After the last add(): sorts members by cause.
    void seal();

    [[nodiscard]] std::size_t size() const noexcept { return causes_.size(); }
    [[nodiscard]] const Cause& cause(std::size_t suspect) const noexcept { return causes_[suspect]; }
    /// Numbers of nodes in the graph.
    [[nodiscard]] std::span<const std::uint32_t> members(std::size_t suspect) const noexcept {
        return std::span{members_}.subspan(begins_[suspect], begins_[suspect + 1] - begins_[suspect]);
    }

private:
    struct Hash {
        std::size_t operator()(const Cause& cause) const noexcept;
    };
    std::vector<Cause> causes_;
    std::unordered_map<Cause, std::uint32_t, Hash> known_;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> found_;  // suspect, node
    std::vector<std::uint32_t> begins_;
    std::vector<std::uint32_t> members_;
};

/// Calls visit(cause) for each hypothesis that a movement of an item of the product belongs to: supplier, place and those above it, day.
void causes_of(const View& view, ProductNo product, const Movement& movement, const std::function<void(const Cause&)>& visit);

/// Which parts of the graph lie upstream of at least `least` of the population.
class Shared {
public:
    Shared(const ReachGraph& graph, std::span<const std::uint32_t> items, std::size_t least);
    /// Whether any `least` items are downstream of the nodes together.
    [[nodiscard]] bool holds(const ReachGraph& graph, std::span<const std::uint32_t> nodes) const;

private:
    struct Few {  // up to `least` different items
        std::array<std::uint32_t, kFailedMinMax> items;
        std::uint8_t count;
    };
    void put(Few& few, std::uint32_t item) const noexcept;
    void join(Few& into, const Few& from) const noexcept;

    std::size_t least_;
    std::vector<Few> few_;  // per component
};

/// Values of one name among items of one product: where all are numbers and more than kValuesMax of them differ, each becomes the quarter
/// that it lies in ("above 236 up to 241"). Equal values stay together, so a quarter may hold more than a fourth.
void put_in_quarters(std::span<std::string* const> values);

/// Fills in the recall of each hypothesis of the answer; `listed` are their suspects. Errors: Errc::unavailable when cancelled.
[[nodiscard]] Result<void> count_recalls(const View& view, const Suspects& suspects, const ReachGraph& graph,
                                         const std::vector<std::size_t>& listed, const AttributionOptions& options, Attribution& answer);

}  // namespace stemma::lineage
