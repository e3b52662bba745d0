// Quantities along a trace, held against simulated plants: every kilo is a thing of its own, mixed at random, and the ledger is told what
// the plant's people recorded of it. No formula of the bounds is in here.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <random>
#include <set>

#include "core/lineage/quantities.hpp"
#include "core/lineage/timed.hpp"
#include "tests/unit/lineage/builders.hpp"

namespace stemma::lineage {
namespace {

constexpr std::uint32_t kLedgers = 10000;

struct Kilo {
    bool bad{false};      // was in a seed
    bool recorded{true};  // and came on since then by recorded edges alone
};

using Kilos = std::vector<int>;

/// What of an item is somewhere, and what the records say is there. Both differ where something was not recorded.
struct Heap {
    Kilos there;
    int booked{0};
    [[nodiscard]] int count() const { return static_cast<int>(there.size()); }
};

struct Holdings {
    Heap stock;
    std::array<Heap, 2> customers;
    int delivered{0};  // by the records with any customer
    Kilos supplier;
    Kilos written_off;  // may turn up again, as may what is lost
    Kilos lost;         // unrecorded
};

/// Without `trade` goods come in and are made into other goods, and everything is recorded.
class Plant {
public:
    Plant(std::uint32_t seed, bool trade) : engine_{seed}, trade_{trade} {
        items_ = 3 + below(6);
        fed.add_master(product("p", Tracking::none, "KGM"));
        seeds.insert(any());
        if (below(3) == 0) seeds.insert(any());
        const int events = (trade ? 6 : 3) + below(trade ? 30 : 14);
        for (int i = 0; i < events; ++i) {
            const int what = below(3);
            if (trade && what == 1)
                deal();
            else
                what == 0 ? deliver() : make();
        }
    }

    Fed fed;
    std::set<std::string> seeds;
    std::map<std::string, std::set<int>> ever;           // bad kilos that came into an item
    std::map<std::string, std::set<int>> ever_recorded;  // by recorded edges alone
    int unrecorded_receipts{0};
    int foreign_returns{0};  // kilos brought back by who had not got them here

private:
    int below(int n) { return static_cast<int>(engine_() % static_cast<std::uint32_t>(n)); }
    std::string any() { return below(7) == 0 ? "p" : fmt::format("i{}", below(items_)); }
    static ItemQuantity kilos(const std::string& id, int n) { return some(id, n, "KGM"); }

    void record(Event event) {
        if (trade_) event.time.instant.us += ++now_ * kMicrosPerSecond;
        fed.add(event);
    }
    int fresh() {
        kilos_.push_back({});
        return static_cast<int>(kilos_.size()) - 1;
    }

    void put(const std::string& item, int kilo) {
        Kilo& one = kilos_.at(static_cast<std::size_t>(kilo));
        if (seeds.contains(item)) {
            one.bad = true;
            one.recorded = true;
        }
        if (item == "p" && !seeds.contains(item)) one.recorded = false;
        if (one.bad) ever[item].insert(kilo);
        if (one.bad && one.recorded) ever_recorded[item].insert(kilo);
        if (item == "p") one.recorded = false;  // what leaves it leaves it by an inferred edge
        of_[item].stock.there.push_back(kilo);
    }
    void bring_in(const std::string& item, int amount) {
        for (int i = 0; i < amount; ++i) put(item, fresh());
    }
    /// Any `amount` of those in `from`, at most all.
    Kilos pick(Kilos& from, int amount) {
        std::ranges::shuffle(from, engine_);
        const auto first = from.end() - std::min(amount, static_cast<int>(from.size()));
        Kilos picked(first, from.end());
        from.erase(first, from.end());
        return picked;
    }
    void move(Kilos& from, Kilos& to, int amount) {
        for (const int kilo : pick(from, amount)) to.push_back(kilo);
    }

    /// Takes from stock and records it. More than is there came in unrecorded before, but only if the records have too few as well.
    Kilos take(const std::string& item, int amount) {
        Heap& stock = of_[item].stock;
        const int lacking = amount - stock.count();
        if (lacking > 0 && lacking <= amount - stock.booked) {
            bring_in(item, lacking);
            unrecorded_receipts += lacking;
        }
        Kilos taken = pick(stock.there, amount);
        stock.booked = std::max(0, stock.booked - static_cast<int>(taken.size()));
        return taken;
    }

    void deliver() {
        const std::string item = any();
        const int amount = 1 + below(6);
        record(received({kilos(item, amount)}, "sup", "store"));
        Holdings& holdings = of_[item];
        holdings.stock.booked += amount;
        const Kilos again = trade_ && below(2) == 0 ? pick(holdings.supplier, amount) : Kilos{};
        holdings.stock.there.insert(holdings.stock.there.end(), again.begin(), again.end());
        bring_in(item, amount - static_cast<int>(again.size()));
    }

    void make() {
        Event event = transformation(fmt::format("t{}", made_++), {}, {});
        Kilos inside;
        for (int n = 1 + below(3); n > 0; --n) {
            const std::string item = any();
            const int there = of_[item].stock.count();
            const int wanted = below(3) == 0 ? there : below(there + 1);
            const Kilos taken = take(item, trade_ && below(6) == 0 ? wanted + 1 + below(3) : wanted);
            if (taken.empty()) continue;
            event.inputs.push_back(kilos(item, static_cast<int>(taken.size())));
            inside.insert(inside.end(), taken.begin(), taken.end());
        }
        if (trade_ && below(6) == 0) return make_one(std::move(event), inside);
        const int change = below(4);  // it gained, or it lost, or neither
        if (change == 0)
            for (int n = below(4); n > 0; --n) inside.push_back(fresh());
        std::ranges::shuffle(inside, engine_);
        if (change == 1) inside.resize(inside.size() - static_cast<std::size_t>(below(static_cast<int>(inside.size()) + 1)));
        while (!inside.empty()) {
            const std::string item = any();
            const int give = below(2) == 0 ? static_cast<int>(inside.size()) : 1 + below(static_cast<int>(inside.size()));
            event.outputs.push_back(kilos(item, give));
            of_[item].stock.booked += give;
            for (int i = 0; i < give; ++i) {
                put(item, inside.back());
                inside.pop_back();
            }
        }
        if (!event.inputs.empty() || !event.outputs.empty()) record(event);
    }

    /// One serial that has in it all that was taken.
    void make_one(Event event, const Kilos& inside) {
        const std::string name = fmt::format("s{}", made_);
        fed.add_master(item(name, ItemKind::serial, ""));
        event.outputs.push_back(instance(name));
        for (const int kilo : inside) {
            const Kilo& one = kilos_.at(static_cast<std::size_t>(kilo));
            if (one.bad) ever[name].insert(kilo);
            if (one.bad && one.recorded) ever_recorded[name].insert(kilo);
        }
        record(std::move(event));
    }

    // --- what else happens to goods: each at times without a record ---

    void deal() {
        const std::string item = any();
        const bool recorded = below(4) > 0;
        const std::size_t customer = below(2) == 0 ? 0 : 1;
        switch (below(8)) {
            case 0:
            case 1: return ship(item, customer, recorded);
            case 2:
            case 3: return bring_back(item, customer, recorded);
            case 4: return write_off(item, recorded);
            case 5: return find(item);
            case 6: return send_back(item);
            default: break;
        }
        if (below(2) == 0) return count_stock(item);
        Holdings& holdings = of_[item];
        move(holdings.customers[customer].there, holdings.customers[1 - customer].there, 1 + below(4));
    }

    static std::string name_of(std::size_t customer) { return customer == 0 ? "ann" : "bob"; }

    void ship(const std::string& item, std::size_t customer, bool recorded) {
        Holdings& holdings = of_[item];
        Heap& got = holdings.customers[customer];
        const int amount = 1 + below(5);
        if (!recorded) return move(holdings.stock.there, got.there, amount);
        const Kilos taken = take(item, amount);
        const int count = static_cast<int>(taken.size());
        if (count == 0) return;
        got.there.insert(got.there.end(), taken.begin(), taken.end());
        got.booked += count;
        holdings.delivered += count;
        record(shipped({kilos(item, count)}, "store", name_of(customer)));
    }

    /// More than the customer has is from elsewhere, but only if the records say that it had less as well.
    void bring_back(const std::string& item, std::size_t customer, bool recorded) {
        Holdings& holdings = of_[item];
        Heap& had = holdings.customers[customer];
        int amount = 1 + below(5);
        if (!recorded) return move(had.there, holdings.stock.there, amount);
        const bool named = below(4) > 0;
        const int booked = named ? std::min(had.booked, holdings.delivered) : holdings.delivered;
        const int lacking = amount - had.count();
        if (lacking > 0 && lacking <= amount - booked) {
            bring_in(item, lacking);
            foreign_returns += lacking;
            move(had.there, holdings.stock.there, amount - lacking);
        } else {
            amount = std::min(amount, had.count());
            move(had.there, holdings.stock.there, amount);
        }
        if (amount == 0) return;
        if (named) had.booked -= std::min(amount, booked);
        holdings.delivered -= std::min(amount, booked);
        holdings.stock.booked += amount;
        Event event = returned({kilos(item, amount)}, name_of(customer), "store");
        if (!named) event.sources.clear();
        record(event);
    }

    void write_off(const std::string& item, bool recorded) {
        Holdings& holdings = of_[item];
        const int amount = 1 + below(3);
        if (!recorded) return move(holdings.stock.there, holdings.lost, amount);
        const Kilos taken = take(item, amount);
        if (taken.empty()) return;
        holdings.written_off.insert(holdings.written_off.end(), taken.begin(), taken.end());
        record(with_places(object("decommissioning", {kilos(item, static_cast<int>(taken.size()))}), "store", ""));
    }

    /// Goods that were never there, or that had been written off. What turns up unrecorded is told by the next count.
    void find(const std::string& item) {
        Holdings& holdings = of_[item];
        int amount = 1 + below(3);
        const int what = below(4);
        if (what == 0) return move(holdings.lost, holdings.stock.there, amount);
        if (what == 1) return move(holdings.written_off, holdings.stock.there, amount);
        if (what == 2) {
            amount = std::min(amount, static_cast<int>(holdings.written_off.size()));
            move(holdings.written_off, holdings.stock.there, amount);
        } else {
            bring_in(item, amount);
        }
        if (amount == 0) return;
        holdings.stock.booked += amount;
        record(with_places(object("commissioning", {kilos(item, amount)}), "", "store"));
    }

    void send_back(const std::string& item) {
        const Kilos taken = take(item, 1 + below(4));
        if (taken.empty()) return;
        Holdings& holdings = of_[item];
        holdings.supplier.insert(holdings.supplier.end(), taken.begin(), taken.end());
        Event event = shipped({kilos(item, static_cast<int>(taken.size()))}, "store", "sup");
        event.disposition = "returned";
        record(event);
    }

    /// Brings the records in line with what is there; no goods go anywhere.
    void count_stock(const std::string& item) {
        Heap& stock = of_[item].stock;
        const int more = stock.count() - stock.booked;
        if (more > 0) record(with_places(object("commissioning", {kilos(item, more)}), "", "store"));
        if (more < 0) record(with_places(object("decommissioning", {kilos(item, -more)}), "store", ""));
        stock.booked = stock.count();
    }

    std::mt19937 engine_;
    bool trade_;
    int items_{0};
    int made_{0};
    int now_{0};
    std::vector<Kilo> kilos_;
    std::map<std::string, Holdings> of_;
};

struct Told {
    std::size_t sure{0};
    std::size_t narrowed{0};
    std::size_t serials_sure{0};
};

/// Kilos; of a serial 1 if it holds any.
std::int64_t count(const std::map<std::string, std::set<int>>& ever, const std::string& item) {
    const auto known = ever.find(item);
    const std::int64_t kilos = known == ever.end() ? 0 : static_cast<std::int64_t>(known->second.size());
    return (item.starts_with('s') ? std::min<std::int64_t>(kilos, 1) : kilos) * kOne;
}

void expect_within_bounds(const Plant& plant, bool timed, Told& told) {
    const View view = plant.fed.index.view();
    std::vector<Node> seeds;
    for (const std::string& name : plant.seeds)
        if (const Node node = node_of(view, name); node != Node::none) seeds.push_back(node);
    const Trace found = timed ? timed_trace(view, seeds, Direction::forward).trace : trace(view, seeds, Direction::forward);
    std::set<std::string> reached;
    for (const Content& content : contents_of(view, found).items) {
        const std::string name{view.id(found.nodes[content.in_trace].node)};
        SCOPED_TRACE(name);
        reached.insert(name);
        if (!content.comparable) continue;
        ASSERT_LE(content.certain, count(plant.ever_recorded, name));
        ASSERT_LE(count(plant.ever_recorded, name), content.possible);
        ASSERT_LE(count(plant.ever, name), content.at_most);
        ASSERT_LE(content.certain, content.possible);
        ASSERT_LE(content.possible, content.at_most);
        if (found.nodes[content.in_trace].depth == 0) continue;
        if (name.starts_with('s') && content.certain > 0) ++told.serials_sure;
        if (name.starts_with('s')) continue;
        if (content.certain > 0) ++told.sure;
        if (content.certain > 0 && content.certain == content.at_most) ++told.narrowed;
    }
    for (const auto& [name, kilos_in] : plant.ever) ASSERT_TRUE(reached.contains(name)) << name;
}

TEST(RandomContents, of_a_simulated_plant_lie_within_the_bounds) {
    Told told;
    for (std::uint32_t seed = 0; seed < kLedgers; ++seed) {
        SCOPED_TRACE(seed);
        expect_within_bounds(Plant{seed, false}, false, told);
        if (testing::Test::HasFatalFailure()) return;
    }
    EXPECT_GT(told.sure, 500U);  // the bounds say something
    EXPECT_GT(told.narrowed, 200U);
}

TEST(RandomContents, of_a_plant_that_trades_and_does_not_record_all_lie_within_the_bounds) {
    Told told;
    int unrecorded_receipts = 0;
    int foreign_returns = 0;
    for (std::uint32_t seed = 0; seed < kLedgers; ++seed) {
        SCOPED_TRACE(seed);
        const Plant plant{seed, true};
        for (const bool timed : {false, true}) {
            SCOPED_TRACE(timed ? "timed" : "untimed");
            expect_within_bounds(plant, timed, told);
            if (testing::Test::HasFatalFailure()) return;
        }
        unrecorded_receipts += plant.unrecorded_receipts;
        foreign_returns += plant.foreign_returns;
    }
    EXPECT_GT(told.sure, 500U);
    EXPECT_GT(told.narrowed, 200U);
    EXPECT_GT(told.serials_sure, 200U);
    EXPECT_GT(unrecorded_receipts, 1000);
    EXPECT_GT(foreign_returns, 1000);
}

}  // namespace
}  // namespace stemma::lineage
