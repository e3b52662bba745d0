#include "tests/unit/lineage/packed_oracle.hpp"

#include <algorithm>
#include <set>
#include <tuple>

namespace stemma::lineage::packed {

std::string item_id(int item) { return fmt::format("urn:i:{}", item); }
std::string place_id(int place) { return fmt::format("urn:place:{}", place); }
std::string party_id(int party) { return fmt::format("urn:party:{}", party); }

// --- the plant -------------------------------------------------------------------------------------------------------

namespace {

ItemQuantity quantity(const Line& line) { return line.stated ? some(item_id(line.item), line.pieces) : instance(item_id(line.item)); }

bool comes_in(Kind kind) { return kind == Kind::received || kind == Kind::found || kind == Kind::produced; }
bool goes_out(Kind kind) { return kind == Kind::shipped || kind == Kind::sent_back || kind == Kind::written_off || kind == Kind::consumed; }

Event write(const Fact& fact, int number) {
    std::vector<ItemQuantity> items;
    items.reserve(fact.lines.size());
    for (const Line& line : fact.lines) items.push_back(quantity(line));
    const std::string from = fact.from == kNobody ? "" : place_id(fact.from);
    const std::string to = fact.to == kNobody ? "" : place_id(fact.to);
    const std::string party = fact.party == kNobody ? "" : party_id(fact.party);
    Event event;
    if (!fact.kind) {
        const Action action = fact.adds ? Action::add : Action::remove;
        event = is_machine(fact.parent) ? installing(action, item_id(fact.parent), items) : packing(action, item_id(fact.parent), items);
        (number % 2 == 0 ? event.biz_location : event.read_point) = PlaceId{to};
    } else {
        switch (*fact.kind) {
            case Kind::received: event = received(items, party, to); break;
            case Kind::found: event = with_places(object("commissioning", items), "", to); break;
            case Kind::produced: event = with_places(transformation(fmt::format("urn:t:{}", number), {}, items), "", to); break;
            case Kind::moved: event = moved(items, from, to); break;
            case Kind::shipped: event = shipped(items, from, party); break;
            case Kind::returned: event = returned(items, party, to); break;
            case Kind::sent_back:
                event = shipped(items, from, party);
                event.disposition = "returned";
                break;
            case Kind::written_off: event = with_places(object("destroying", items), from, ""); break;
            case Kind::consumed: event = with_places(transformation(fmt::format("urn:t:{}", number), items, {}), from, ""); break;
        }
    }
    return with_id(at_hour(event, fact.hour), fmt::format("urn:e:{}", number));
}

IndexSettings settings(std::uint32_t seed) {
    IndexSettings some_edges;
    some_edges.graph.segment_edges_max = std::size_t{seed % 4} * 8;
    some_edges.merge_in_background = false;
    return some_edges;
}

}  // namespace

Plant::Plant(std::uint32_t seed) : fed{settings(seed)}, engine_{seed} {
    const std::array kinds{PlaceKind::stock, PlaceKind::stock, PlaceKind::stock, PlaceKind::transit, PlaceKind::outside};
    for (int i = 0; i < kPlaces; ++i) fed.add_master(stemma::lineage::place(place_id(i), kinds[static_cast<std::size_t>(i)]));
    for (int i = 0; i < kCustomers; ++i) {
        Party party;
        party.id = PartyId{party_id(i)};
        fed.add_master(party);
    }
    fed.add_master(product("urn:p:0", Tracking::serial));
    fed.add_master(product("urn:p:1", Tracking::lot));
    for (int i = 0; i < kItems; ++i) {
        const ItemKind kind = is_logistic(i) ? ItemKind::logistic_unit : is_lot(i) ? ItemKind::lot : ItemKind::serial;
        fed.add_master(item(item_id(i), kind, is_logistic(i) ? "" : is_lot(i) ? "urn:p:1" : "urn:p:0"));
    }
    first = fed.index.position();
    // Most goods come in early, so that there is something to pack.
    for (int i = 5; i < kItems; ++i) {
        if (below(5) == 0) continue;
        Fact fact;
        fact.hour = below(3);
        fact.kind = below(3) == 0 ? Kind::produced : Kind::received;
        fact.lines = {{i, is_lot(i) ? 2 + below(8) : 1, is_lot(i)}};
        fact.to = below(8) == 0 ? kNobody : below(3);
        if (*fact.kind == Kind::received) fact.party = below(kCustomers);
        record(fact);
    }
    const int count = 4 + below(26);
    for (int i = 0; i < count; ++i) {
        make();
        if (below(6) == 0) fed.index.merge();
    }
}

void Plant::make() {
    if (below(9) == 0 && !facts.empty()) {
        Fact& wrong = facts[static_cast<std::size_t>(below(static_cast<int>(facts.size())))];
        const Sequence at = fed.add(declared_wrong(wrong.event));
        wrong.voided = std::min(wrong.voided, at);
        return;
    }
    Fact fact;
    fact.hour = std::max(0, static_cast<int>(facts.size()) / 2 + below(9) - 4);
    if (below(5) < 2)
        make_packing(fact);
    else
        make_movement(fact);
    record(fact);
}

void Plant::make_packing(Fact& fact) {
    fact.parent = below(6);
    fact.adds = below(5) != 0;
    fact.to = below(3) == 0 ? kNobody : below(3);
    const int count = fact.adds ? 1 + below(3) : below(3);
    std::set<int> chosen;
    for (int i = 0; i < count; ++i) {
        const int child = is_pallet(fact.parent) && below(2) == 0 ? 2 + below(4) : 6 + below(6);
        if (!chosen.insert(child).second) continue;
        fact.lines.push_back({child, is_lot(child) ? 1 + below(4) : 1, is_lot(child) && below(3) != 0});
    }
}

void Plant::make_movement(Fact& fact) {
    const std::array kinds{Kind::moved,    Kind::moved,     Kind::moved,       Kind::shipped,  Kind::shipped, Kind::shipped,
                           Kind::returned, Kind::sent_back, Kind::written_off, Kind::consumed, Kind::found,   Kind::received};
    fact.kind = kinds[static_cast<std::size_t>(below(12))];
    if (below(4) == 0 && comes_in(*fact.kind)) fact.kind = Kind::shipped;
    if (!comes_in(*fact.kind) && *fact.kind != Kind::returned) fact.from = below(7) == 0 ? kNobody : below(4);
    if (comes_in(*fact.kind) || *fact.kind == Kind::returned || *fact.kind == Kind::moved) fact.to = below(12) == 0 ? kNobody : place();
    const bool needs_party = *fact.kind == Kind::received || *fact.kind == Kind::shipped;  // without one the step means something else
    if (*fact.kind == Kind::moved && fact.from == kNobody && fact.to == kNobody) fact.to = place();  // else it says nothing
    while (fact.to != kNobody && fact.to == fact.from) fact.to = place();
    if (needs_party || *fact.kind == Kind::returned || *fact.kind == Kind::sent_back)
        fact.party = !needs_party && below(6) == 0 ? kNobody : below(kCustomers);
    std::set<int> chosen;
    for (int i = below(3); i >= 0; --i) {
        const int moved_item = below(2) == 0 ? below(6) : below(kItems);
        if (!chosen.insert(moved_item).second) continue;
        fact.lines.push_back({moved_item, is_lot(moved_item) ? 1 + below(5) : 1, is_lot(moved_item)});
    }
}

void Plant::record(Fact fact) {
    fact.event = write(fact, static_cast<int>(facts.size()));
    fact.sequence = fed.add(fact.event);
    facts.push_back(std::move(fact));
}

// --- the answer ------------------------------------------------------------------------------------------------------

namespace {

constexpr int kUnknown = 99;  // goods at no known place stand behind the others

struct Spot {
    int kind{0};  // 0 a place, 1 a customer, 2 gone
    int number{kUnknown};
    auto operator<=>(const Spot&) const = default;
    [[nodiscard]] bool unknown() const { return kind == 0 && number == kUnknown; }
};
Spot spot(int kind, int number) { return {kind, number == kNobody ? kUnknown : number}; }

struct Step {
    std::size_t moment;  // of the item's history
    Spot before;
    bool along;
    bool unsaid;
    std::size_t record;  // in `taken`
    Spot left;           // where the unit says it left from, for goods that were nowhere
    [[nodiscard]] auto order() const { return std::tuple(moment, before, along, unsaid); }
    bool operator<(const Step& other) const { return order() < other.order(); }
    bool operator==(const Step& other) const { return order() == other.order(); }
};

struct Piece {
    int unit{kNobody};
    Spot spot;
    bool along{true};
    bool unsaid{false};
    std::vector<Step> steps;
    [[nodiscard]] auto order() const { return std::tie(spot, along, unsaid, steps); }
};

/// Something in an item's history.
struct Moment {
    int hour{0};
    bool later{true};
    Sequence sequence{0};
    int rank{0};  // its own, packing, a unit's
    int unit{kNobody};
    Moved moved;
    const Fact* packing{nullptr};
    Line line;
    bool all{false};  // a DELETE without children
    std::size_t number{0};
};

class ItemHistory {
public:
    ItemHistory(int item, std::vector<Moment> moments) : item_{item}, moments_{std::move(moments)} {
        for (std::size_t i = 0; i < moments_.size(); ++i) moments_[i].number = i;
        std::ranges::sort(moments_, {},
                          [](const Moment& one) { return std::tuple(one.hour, one.later, one.sequence, one.rank, one.unit, one.number); });
        for (const Moment& one : moments_)
            if (one.rank == 0) {
                own_.insert(one.sequence);
                comes_in_ = comes_in_ || comes_in(one.moved.kind);
            }
    }

    std::vector<Moved> run() {
        for (now_ = 0; now_ < moments_.size(); ++now_) {
            const Moment& one = moments_[now_];
            if (one.rank == 0) own(one.moved);
            if (one.rank == 1) one.packing->adds ? pack(one) : unpack(one);
            if (one.rank == 2 && !own_.contains(one.sequence)) along(one.unit, one.moved);
        }
        std::vector<Moved> result;
        for (const auto& [moved, stands] : taken_)
            if (stands) result.push_back(moved);
        return result;
    }

private:
    struct Arrival {
        int unit{kNobody};
        bool together{false};
    };

    void let_loose(Spot where, int pieces) { loose_[where] += pieces; }

    // --- packing
    void pack(const Moment& one) {
        const int unit = one.packing->parent;
        if (!is_lot(item_)) {
            in_ = unit;
            for (Piece& piece : pieces_)
                if (piece.spot.kind != 2) {
                    piece.unit = unit;
                    piece.along = true;
                }
            for (auto& [where, count] : loose_)
                for (; count > 0; --count) pieces_.push_back({unit, where, true, false, {}});
            if (!comes_in_ && !existed_) pieces_.push_back({unit, {}, true, true, {}});
            existed_ = true;
            return;
        }
        std::vector<Spot> there;  // one entry per piece
        for (const auto& [where, count] : loose_)
            for (int i = 0; i < count && where.kind == 0; ++i) there.push_back(where);
        const Spot here = spot(0, one.packing->to);
        std::ranges::sort(there, {}, [&](Spot where) { return std::tuple(where != here, !where.unknown(), where); });
        const std::size_t found = there.size();
        if (one.line.stated)
            there.resize(std::min(there.size(), static_cast<std::size_t>(one.line.pieces)));
        else if (!here.unknown() && !there.empty() && there.front() == here)
            std::erase_if(there, [&](Spot where) { return where != here; });
        for (const Spot where : there) {
            --loose_[where];
            pieces_.push_back({unit, where, true, false, {}});
        }
        if (comes_in_) return;
        const int missing = one.line.stated ? one.line.pieces - static_cast<int>(there.size()) : (found == 0 ? 1 : 0);
        for (int i = 0; i < missing; ++i) pieces_.push_back({unit, {}, true, true, {}});
    }

    void unpack(const Moment& one) {
        const int unit = one.packing->parent;
        if (!is_lot(item_) && in_ == unit) in_ = kNobody;
        const bool whole = one.all || !is_lot(item_) || !one.line.stated;
        const Spot here = spot(0, one.packing->to);
        std::vector<std::size_t> order;
        for (std::size_t i = 0; i < pieces_.size(); ++i)
            if (pieces_[i].unit == unit && pieces_[i].spot.kind != 2) order.push_back(i);
        std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
            const auto key = [&](const Piece& piece) {
                return std::tuple(piece.spot.kind, piece.spot.number != here.number, !(piece.spot.number == kUnknown), piece.order());
            };
            return key(pieces_[a]) < key(pieces_[b]);
        });
        if (!whole) order.resize(std::min(order.size(), static_cast<std::size_t>(one.line.pieces)));
        std::ranges::sort(order, std::greater<>{});
        for (const std::size_t which : order) let_loose(take_out(which).spot, 1);
    }

    Piece take_out(std::size_t which) {
        Piece out = pieces_[which];
        pieces_.erase(pieces_.begin() + static_cast<std::ptrdiff_t>(which));
        return out;
    }

    // --- its own movements
    void own(const Moved& moved) {
        std::set<int> units;  // that the same event moves
        for (const Moment& one : moments_)
            if (one.rank == 2 && one.sequence == moved.sequence) units.insert(one.unit);
        if (moved.kind == Kind::moved && (moved.from == kNobody || moved.to == kNobody)) return;
        existed_ = true;
        if (comes_in(moved.kind)) {
            for (int i = 0; i < moved.pieces; ++i) {
                if (in_ == kNobody)
                    let_loose(spot(0, moved.to), 1);
                else
                    pieces_.push_back({in_, spot(0, moved.to), units.contains(in_), false, {}});
            }
            return;
        }
        if (!is_lot(item_) && moved.kind != Kind::moved && !units.contains(in_)) in_ = kNobody;
        std::vector<Arrival> arrivals;  // after all have left
        arrivals.reserve(static_cast<std::size_t>(moved.pieces));
        for (int i = 0; i < moved.pieces; ++i) arrivals.push_back(leave(moved, units));
        for (const Arrival& arrival : arrivals) arrive(moved, arrival.unit, arrival.together);
    }

    /// One piece leaves, the best that there is.
    Arrival leave(const Moved& moved, const std::set<int>& units) {
        const bool back = moved.kind == Kind::returned;
        const Spot from = back ? spot(1, moved.party) : spot(0, moved.from);
        const bool anywhere = from.unknown();
        const auto can = [&](const Spot& where) { return where.kind == (back ? 1 : 0); };
        const auto fits = [&](const Spot& where) { return can(where) && (where == from || (!back && (anywhere || where.unknown()))); };
        const auto best_of = [&](const auto& good) {
            std::optional<std::size_t> best;
            for (std::size_t i = 0; i < pieces_.size(); ++i)
                if (good(pieces_[i]) &&
                    (!best || std::tuple(pieces_[i].unit, pieces_[i].order()) < std::tuple(pieces_[*best].unit, pieces_[*best].order())))
                    best = i;
            return best;
        };
        if (const auto piece =
                best_of([&](const Piece& one) { return units.contains(one.unit) && (fits(one.spot) || (one.along && can(one.spot))); }))
            return Arrival{take_out(*piece).unit, true};
        std::vector<Spot> loose{from};
        if (!back) loose.push_back({});
        if (!back && anywhere)
            for (const auto& [where, count] : loose_)
                if (where.kind == 0) loose.push_back(where);
        for (const Spot where : loose) {
            if (!loose_.contains(where) || loose_[where] <= 0) continue;
            --loose_[where];
            return Arrival{};
        }
        if (const auto piece = best_of([&](const Piece& one) { return fits(one.spot); })) return Arrival{take_out(*piece).unit, false};
        const auto leaves = [&](const Step& step) {
            const Kind kind = taken_[step.record].first.kind;
            return anywhere ? goes_out(kind) : step.left == from;
        };
        const auto carried = best_of([&](const Piece& one) { return std::ranges::any_of(one.steps, leaves); });
        if (carried) {
            const Piece one = take_out(*carried);
            const auto newest = std::ranges::find_if(one.steps.rbegin(), one.steps.rend(), leaves);
            for (auto step = newest.base() - 1; step != one.steps.end(); ++step) taken_[step->record].second = false;
        } else if (!anywhere) {
            let_loose(from, -1);
        }
        return Arrival{};
    }

    void arrive(const Moved& moved, int unit, bool together) {
        if (moved.kind == Kind::sent_back || moved.kind == Kind::written_off || moved.kind == Kind::consumed) return;
        const Spot where = moved.kind == Kind::shipped ? spot(1, moved.party) : spot(0, moved.to);
        if (unit == kNobody || (moved.kind != Kind::moved && !together))
            let_loose(where, 1);
        else
            pieces_.push_back({unit, where, together, false, {}});
    }

    // --- its unit's
    void along(int unit, const Moved& moved) {
        if (moved.kind == Kind::found || moved.kind == Kind::produced) return;
        if (moved.kind == Kind::moved && (moved.from == kNobody || moved.to == kNobody)) return;
        const bool back = moved.kind == Kind::returned;
        const Spot from = back ? spot(1, moved.party) : spot(0, moved.from);
        Spot to = spot(0, moved.to);
        if (moved.kind == Kind::shipped) to = spot(1, moved.party);
        if (goes_out(moved.kind) && moved.kind != Kind::shipped) to = {2, kUnknown};
        std::ranges::sort(pieces_, [](const Piece& a, const Piece& b) { return a.order() < b.order(); });
        for (Piece& piece : pieces_) {
            if (piece.unit != unit) continue;
            if (moved.kind == Kind::received) {
                if (!piece.unsaid || !piece.along || !piece.spot.unknown()) continue;
            } else {
                if (piece.spot.kind != (back ? 1 : 0)) continue;
                const bool meets = piece.spot == from || piece.spot == to || piece.spot.number == kUnknown || from.number == kUnknown;
                if (!piece.along && !meets) continue;
            }
            const bool was_along = piece.along;
            piece.along = true;
            if (piece.spot == to) continue;
            Moved taken = moved;
            taken.pieces = 1;
            if (back)
                taken.party = piece.spot.number == kUnknown ? kNobody : piece.spot.number;
            else if (moved.kind != Kind::received && !piece.spot.unknown())
                taken.from = piece.spot.number;
            taken_.emplace_back(taken, true);
            if (moved.kind == Kind::received)
                piece.unsaid = false;
            else
                piece.steps.push_back(
                    {now_, piece.spot, was_along, piece.unsaid, taken_.size() - 1, piece.spot.unknown() ? from : piece.spot});
            piece.spot = to;
        }
    }

    int item_;
    std::vector<Moment> moments_;
    std::set<Sequence> own_;
    bool comes_in_{false};
    bool existed_{false};
    int in_{kNobody};
    std::size_t now_{0};
    std::map<Spot, int> loose_;
    std::vector<Piece> pieces_;
    std::vector<std::pair<Moved, bool>> taken_;
};

}  // namespace

std::vector<std::vector<Moved>> Plant::counted(Sequence as_of) const {
    std::vector<const Fact*> standing;
    for (const Fact& fact : facts)
        if (fact.sequence < as_of && fact.voided >= as_of) standing.push_back(&fact);
    std::vector<std::vector<Moved>> counted(kItems);
    for (int item = 0; item < kItems; ++item) {  // a unit stands before what can be in it
        std::vector<Moved>& moves = counted[static_cast<std::size_t>(item)];
        std::vector<Moment> moments;
        std::optional<Moved> made;
        std::set<int> units;
        bool brought_in = false;
        for (const Fact* fact : standing) {
            const auto line = std::ranges::find(fact->lines, item, &Line::item);
            if (fact->kind) {
                if (line == fact->lines.end()) continue;
                moves.push_back({fact->hour, fact->sequence, *fact->kind, line->pieces, fact->from, fact->to, fact->party});
                brought_in = brought_in || comes_in(*fact->kind);
                continue;
            }
            const bool all = !fact->adds && fact->lines.empty();
            if (line != fact->lines.end() || all) {
                Moment moment{fact->hour, true, fact->sequence, 1, kNobody, {}, fact, {}, all};
                if (!all) moment.line = *line;
                if (line != fact->lines.end()) units.insert(fact->parent);
                moments.push_back(moment);
            }
            const bool named = line != fact->lines.end() || (fact->parent == item && !fact->lines.empty());
            if (!is_logistic(item) || !fact->adds || !named) continue;
            if (!made || std::pair(fact->hour, fact->sequence) < std::pair(made->hour, made->sequence))
                made = Moved{fact->hour, fact->sequence, Kind::found, 1, kNobody, fact->to, kNobody};
        }
        if (brought_in) made.reset();
        std::vector<Moved> own = moves;
        if (made) own.push_back(*made);
        for (const Moved& moved : own)
            moments.push_back({moved.hour, !comes_in(moved.kind), moved.sequence, 0, kNobody, moved, nullptr, {}, false});
        for (const int unit : units)
            for (const Moved& moved : counted[static_cast<std::size_t>(unit)])
                moments.push_back({moved.hour, true, moved.sequence, 2, unit, moved, nullptr, {}, false});
        const std::vector<Moved> taken = ItemHistory{item, std::move(moments)}.run();
        moves.insert(moves.end(), taken.begin(), taken.end());
        if (!made) continue;
        if (made->to == kNobody && moves.empty()) continue;
        if (made->to == kNobody)
            made->to = std::ranges::min_element(moves, {}, [](const Moved& one) { return std::pair(one.hour, one.sequence); })->from;
        moves.push_back(*made);
    }
    return counted;
}

}  // namespace stemma::lineage::packed
