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

/// What an item counts under: its product, or logistic units, which stand behind the products.
struct Sort {
    bool logistic_units{false};
    ProductNo product{ProductNo::none};
    friend auto operator<=>(const Sort&, const Sort&) = default;
};

/// Tallies by key, as a whole and by product. Most items have the key and product of the item before: that line is found again without
/// a search.
template <class Key>
class Tallies {
public:
    void count(const Key& key, const Sort& sort, Node item, bool end, const std::optional<Amount>& amount);

    /// Calls make(key, tally, by_product) for each line. The whole has the amounts of goods where these are of one product.
    template <class Make>
    [[nodiscard]] auto lines(const Make& make) const {
        std::vector<decltype(make(std::declval<Key>(), Tally{}, std::vector<ProductTally>{}))> out;
        out.reserve(lines_.size());
        for (const auto& [key, line] : lines_) {
            Tally whole = line.whole.tally;
            std::vector<ProductTally> parts;
            parts.reserve(line.parts.size());
            for (const auto& [sort, part] : line.parts) parts.push_back({sort.product, sort.logistic_units, part.tally});
            const bool one = parts.size() == 1 || (parts.size() == 2 && parts.back().logistic_units);
            if (one) whole.amounts = parts.front().tally.amounts;
            out.push_back(make(key, std::move(whole), std::move(parts)));
        }
        return out;
    }

private:
    struct Count {
        Tally tally;
        Node last{Node::none};

        void count(Node item, bool end) {
            if (last == item) return;
            ++tally.items;
            if (end) ++tally.end_items;
            last = item;
        }
    };
    struct Line {
        Count whole;
        std::map<Sort, Count> parts;
    };

    std::map<Key, Line> lines_;
    typename std::map<Key, Line>::value_type* newest_{nullptr};
    std::map<Sort, Count>::value_type* newest_part_{nullptr};  // of that line
};

class RollUpMaker {
public:
    RollUpMaker(const View& view, const RollUpKeys& keys) : view_{view}, keys_{keys} {}
    void count(const ItemStock& stock, bool end);
    [[nodiscard]] RollUp finish();

private:
    void count_product(const ItemStock& stock, const Sort& sort, bool end);
    void count_status(const ItemStock& stock, const Sort& sort, bool end);

    const View& view_;
    RollUpKeys keys_;
    RollUp roll_up_;
    Tallies<Status> by_status_;
    Tallies<std::pair<bool, PlaceNo>> by_place_;
    Tallies<std::pair<PartyNo, bool>> by_customer_;  // over-returned?
    Tallies<Sort> by_product_;
};

/// Documents and parties of the items' movements.
class Mentions {
public:
    explicit Mentions(bool parties = true, bool documents = true) : with_parties_{parties}, with_documents_{documents} {}
    /// Of what happened to the item since then.
    void count(CountedMovements& counted, Node item, bool certain, Instant since);

    /// Each once: the sums are given away.
    [[nodiscard]] std::vector<DocumentLine> documents();
    [[nodiscard]] std::vector<PartyLine> parties();

private:
    struct Sum {
        Node last{Node::none};
        bool certain{false};
        std::size_t items{0};
        std::optional<ProductNo> product;  // of the goods so far
        bool several{false};               // of different products
        std::vector<Amount> amounts;
    };
    using Sums = std::unordered_map<std::uint64_t, Sum>;
    /// `product`: none for a logistic unit, which is no goods.
    static void count(Sum& sum, Node item, bool certain, std::optional<ProductNo> product, const Amount& amount);
    template <class Line, auto Member>
    static std::vector<Line> lines(Sums sums);

    bool with_parties_;
    bool with_documents_;
    Sums documents_;
    Sums parties_;
};

}  // namespace stemma::lineage
