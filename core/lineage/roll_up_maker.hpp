// What counts roll-ups line by line: shared by roll_up() and recall(). Items come one after the other, so a line counts an item once by
// remembering the last one.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/lineage/roll_up.hpp"
#include "core/lineage/stock_fold.hpp"

namespace stemma::lineage {

/// Tallies by key. Most items have the key of the item before: that line is found again without a search.
template <class Key>
class Tallies {
public:
    struct Line {
        Tally tally;
        Node last{Node::none};
    };

    void count(const Key& key, Node item, bool end, const std::optional<Amount>& amount);

    template <class Make>
    [[nodiscard]] auto lines(const Make& make) const {
        std::vector<decltype(make(std::declval<Key>(), Tally{}))> out;
        out.reserve(lines_.size());
        for (const auto& [key, line] : lines_) out.push_back(make(key, line.tally));
        return out;
    }

private:
    std::map<Key, Line> lines_;
    typename std::map<Key, Line>::value_type* newest_{nullptr};
};

class RollUpMaker {
public:
    RollUpMaker(const View& view, const RollUpKeys& keys) : view_{view}, keys_{keys} {}
    void count(const ItemStock& stock, bool end);
    [[nodiscard]] RollUp finish();

private:
    void count_product(const ItemStock& stock, bool end);
    void count_status(const ItemStock& stock, bool end);

    const View& view_;
    RollUpKeys keys_;
    RollUp roll_up_;
    Tallies<Status> by_status_;
    Tallies<std::pair<bool, PlaceNo>> by_place_;
    Tallies<PartyNo> by_customer_;
    Tallies<ProductNo> by_product_;
};

/// Documents and parties of the items' movements.
class Mentions {
public:
    explicit Mentions(bool parties = true, bool documents = true) : with_parties_{parties}, with_documents_{documents} {}
    /// Of what happened to the item since then.
    void count(const View& view, Node item, bool certain, Instant since);

    /// Each once: the sums are given away.
    [[nodiscard]] std::vector<DocumentLine> documents();
    [[nodiscard]] std::vector<PartyLine> parties();

private:
    struct Sum {
        Node last{Node::none};
        bool certain{false};
        std::size_t items{0};
        std::vector<Amount> amounts;
    };
    using Sums = std::unordered_map<std::uint64_t, Sum>;
    void count(Sums& sums, std::uint64_t key, Node item, bool certain, const Amount& amount);
    template <class Line, auto Member>
    static std::vector<Line> lines(Sums sums);

    bool with_parties_;
    bool with_documents_;
    Sums documents_;
    Sums parties_;
};

}  // namespace stemma::lineage
