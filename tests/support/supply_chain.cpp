#include "tests/support/supply_chain.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <deque>
#include <string_view>
#include <vector>

namespace stemma::test {
namespace {

constexpr std::size_t kLines = 8;
constexpr std::size_t kSubs = 3;           // sub-assemblies in a unit
constexpr std::size_t kSerialsPerSub = 2;  // component serials in a sub-assembly, each of a kind of its own
constexpr std::size_t kComponents = kSubs * kSerialsPerSub;
constexpr std::size_t kSerialsPerStep = 50;  // serials given in one event
constexpr std::size_t kUnitsPerCarton = 12;
constexpr std::size_t kCartonsPerPallet = 40;
constexpr std::uint64_t kCustomers = 1000;
constexpr std::uint64_t kSuppliers = 60;
constexpr std::int64_t kStart = 1'767'225'600'000'000;  // 2026-01-01T00:00:00Z
constexpr std::int64_t kStepTakes = 1'000;              // microseconds; 100 M links pass in about six hours
constexpr std::int64_t kPiece = 1'000'000;
constexpr double kAlpha = 1.05;                   // of the Pareto distributions: about a fifth of the lots hold four fifths of the goods
constexpr std::uint64_t kSharedLotMax = 750'000;  // uses of one lot of screws: with their units about a million items
constexpr double kSharedLotPart = 0.6;            // and at most so much of all uses
constexpr std::uint64_t kContainerEvery = 16;     // of the shared lots one in so many is a container: as large as they get

/// splitmix64 (Steele, Lea, Flood 2014): the same numbers with every standard library.
class Random {
public:
    explicit Random(std::uint64_t seed) : state_{seed} {}
    std::uint64_t next() {
        std::uint64_t z = (state_ += 0x9E3779B97F4A7C15U);
        z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
        z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
        return z ^ (z >> 31U);
    }
    std::uint64_t below(std::uint64_t limit) { return next() % limit; }
    double unit() { return (static_cast<double>(next() >> 11U) + 0.5) * 0x1.0p-53; }  // (0, 1)
    /// Pareto from `least`, cut at `most`.
    std::uint64_t pareto(std::uint64_t least, std::uint64_t most) {
        const double drawn = static_cast<double>(least) * std::pow(unit(), -1.0 / kAlpha);
        return drawn >= static_cast<double>(most) ? most : static_cast<std::uint64_t>(drawn);
    }

private:
    std::uint64_t state_;
};

/// A lot in use: what is left of it.
struct Lot {
    std::uint32_t item{0};
    std::uint64_t left{0};
};

/// Where one material comes from: supplier lots, split into lots of our own, used up first in, first out.
struct Material {
    std::uint64_t lot_least{1};
    std::uint64_t lot_most{1};
    std::uint64_t lots_per_supplier_lot{1};
    bool shared{false};
    std::deque<Lot> waiting;
    std::uint64_t arrived{0};
};

struct Line {
    std::array<Material, kComponents> components;
    std::array<std::deque<std::uint32_t>, kComponents> serials;
    std::array<Material, kSubs> adhesives;
    std::vector<Part> carton;
    std::vector<Part> pallet;
};

class Plant {
public:
    Plant(const SupplyChainOptions& options, const std::function<void(const Step&)>& take)
        : random_{options.seed}, take_{take}, links_wanted_{options.links} {
        // About 23 links are made for a unit, three of whose parts need screws.
        const double uses = static_cast<double>(options.links) / 23.0 * static_cast<double>(kSubs);
        const auto shared = std::clamp(static_cast<std::uint64_t>(uses * kSharedLotPart), std::uint64_t{100}, kSharedLotMax);
        screws_ = {200, shared, 1, true, {}, 0};
        labels_ = {500, shared, 1, true, {}, 0};
        for (Line& line : lines_) {
            line.components.fill({10, 20'000, 6, false, {}, 0});
            line.adhesives.fill({30, 5'000, 3, false, {}, 0});
        }
        customers_.assign(kCustomers, kNoItem);
    }

    SupplyChainTotals run() {
        while (!done()) make_unit(lines_[random_.below(kLines)]);
        return totals_;
    }

private:
    static constexpr std::uint32_t kNoItem = std::numeric_limits<std::uint32_t>::max();

    [[nodiscard]] bool done() const { return totals_.links >= links_wanted_; }
    /// Past the end nothing is emitted, and what is made there has no number.
    std::uint32_t new_item() { return done() ? kNoItem : static_cast<std::uint32_t>(totals_.items++); }

    void emit(Step::Kind kind, std::span<const Part> inputs, std::span<const Part> outputs, std::uint32_t partner = 0) {
        if (done()) return;
        time_ += static_cast<std::int64_t>(random_.below(2 * kStepTakes));
        take_({kind, totals_.steps, time_, partner, inputs, outputs});
        ++totals_.steps;
        totals_.links += inputs.size() * outputs.size();
        if (kind == Step::Kind::transformed) ++totals_.transformations;
    }

    /// A supplier lot comes in and is split into lots of our own.
    void receive(Material& material) {
        const std::uint64_t lots = 1 + random_.below(material.lots_per_supplier_lot);
        std::vector<Part> made;
        const Part arrived{new_item(), 0};
        std::uint64_t total = 0;
        for (std::uint64_t i = 0; i < lots; ++i) {
            const bool container = material.shared && ++material.arrived % kContainerEvery == 2;
            const std::uint64_t size = container ? material.lot_most : random_.pareto(material.lot_least, material.lot_most);
            const std::uint32_t item = new_item();
            material.waiting.push_back({item, size});
            made.push_back({item, static_cast<std::int64_t>(size) * kPiece});
            total += size;
        }
        const Part whole{arrived.item, static_cast<std::int64_t>(total) * kPiece};
        emit(Step::Kind::received, {}, {&whole, 1}, static_cast<std::uint32_t>(random_.below(kSuppliers)));
        emit(Step::Kind::transformed, {&whole, 1}, made);
    }

    Lot& lot_of(Material& material) {
        while (!material.waiting.empty() && material.waiting.front().left == 0) material.waiting.pop_front();
        if (material.waiting.empty()) receive(material);
        return material.waiting.front();
    }

    Part use_one(Material& material) {
        Lot& lot = lot_of(material);
        --lot.left;
        return {lot.item, kPiece};
    }

    std::uint32_t serial_of(Line& line, std::size_t component) {
        std::deque<std::uint32_t>& ready = line.serials[component];
        if (ready.empty()) {
            Lot& lot = lot_of(line.components[component]);
            const std::uint64_t count = std::min<std::uint64_t>(lot.left, kSerialsPerStep);
            lot.left -= count;
            std::vector<Part> made;
            for (std::uint64_t i = 0; i < count; ++i) {
                made.push_back({new_item(), 0});
                ready.push_back(made.back().item);
            }
            const Part used{lot.item, static_cast<std::int64_t>(count) * kPiece};
            emit(Step::Kind::transformed, {&used, 1}, made);
        }
        const std::uint32_t item = ready.front();
        ready.pop_front();
        return item;
    }

    Part make_sub(Line& line, std::size_t sub) {
        std::array<Part, kSerialsPerSub + 2> used;
        for (std::size_t i = 0; i < kSerialsPerSub; ++i) used[i] = {serial_of(line, sub * kSerialsPerSub + i), 0};
        used[kSerialsPerSub] = use_one(screws_);
        used[kSerialsPerSub + 1] = use_one(line.adhesives[sub]);
        const Part made{new_item(), 0};
        emit(Step::Kind::transformed, used, {&made, 1});
        return made;
    }

    void make_unit(Line& line) {
        std::array<Part, kSubs + 1> used;
        for (std::size_t sub = 0; sub < kSubs; ++sub) used[sub] = make_sub(line, sub);
        used[kSubs] = use_one(labels_);
        const Part unit{new_item(), 0};
        emit(Step::Kind::transformed, used, {&unit, 1});
        line.carton.push_back(unit);
        if (line.carton.size() == kUnitsPerCarton) pack(line);
    }

    void pack(Line& line) {
        line.pallet.push_back(pack_up(line.carton));
        if (line.pallet.size() < kCartonsPerPallet) return;
        shipment_.push_back(pack_up(line.pallet));
        if (shipment_.size() < pallets_wanted_) return;
        const Part shipment = pack_up(shipment_);
        pallets_wanted_ = random_.pareto(1, 60);
        // A few customers take most: the square of an even draw.
        const double draw = random_.unit();
        const auto customer = static_cast<std::size_t>(draw * draw * static_cast<double>(kCustomers));
        if (customers_[customer] == kNoItem) customers_[customer] = new_item();
        const Part place{customers_[customer], 0};
        emit(Step::Kind::packed, {&shipment, 1}, {&place, 1}, static_cast<std::uint32_t>(customer));
    }

    Part pack_up(std::vector<Part>& content) {
        const Part box{new_item(), 0};
        emit(Step::Kind::packed, content, {&box, 1});
        content.clear();
        return box;
    }

    Random random_;
    const std::function<void(const Step&)>& take_;
    std::uint64_t links_wanted_;
    SupplyChainTotals totals_;
    std::int64_t time_{kStart};
    Material screws_;
    Material labels_;
    std::array<Line, kLines> lines_;
    std::vector<Part> shipment_;
    std::uint64_t pallets_wanted_{1};
    std::vector<std::uint32_t> customers_;
};

constexpr std::string_view kNameStart = "urn:sn:ST-2026-";
constexpr std::size_t kNameDigits = kItemNameBytes - kNameStart.size();

}  // namespace

SupplyChainTotals run_supply_chain(const SupplyChainOptions& options, const std::function<void(const Step&)>& take) {
    return Plant{options, take}.run();
}

std::string item_name(std::uint32_t item) {
    std::string name{kNameStart};
    name.append(kNameDigits, '0');
    for (std::size_t at = name.size(); item != 0; item /= 10) name[--at] = static_cast<char>('0' + item % 10);
    return name;
}

std::uint32_t item_number(std::string_view name) {
    std::uint32_t item = 0;
    name.remove_prefix(std::min(kNameStart.size(), name.size()));
    std::from_chars(name.data(), name.data() + name.size(), item);
    return item;
}

}  // namespace stemma::test
