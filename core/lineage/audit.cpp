#include "core/lineage/audit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <initializer_list>
#include <map>
#include <tuple>

#include "core/lineage/audit_stock.hpp"

namespace stemma::lineage {
namespace {

constexpr std::array<std::string_view, 15> kWeightsAndVolumes{"KGM", "GRM", "MGM", "TNE", "LBR", "ONZ", "LTR", "MLT",
                                                              "CLT", "DLT", "HLT", "MTQ", "CMQ", "GLL", "FTQ"};  // UN/CEFACT Rec 20
constexpr std::int64_t kPercent = 100;

/// The faults of one item or transformation.
class Examined {
public:
    Examined(CountedMovements& counted, PackingDates& packing, Node node, const AuditOptions& options)
        : counted_{counted}, packing_{packing}, view_{counted.view()}, node_{node}, options_{options} {}

    std::vector<AuditFault> run(const ItemLife& life) {
        const bool item = !view_.is_transformation(node_);
        if (item) counted_.for_each(node_, [&](const Movement& movement) { movements_.push_back(movement); });
        for (Gap& gap : gaps_of(counted_, packing_, node_, options_.cancel))
            if (gap.kind != GapKind::untracked_intermediate) take_over(std::move(gap));
        if (item)
            examine_item(life);
        else
            examine_amounts();
        for (Draft& draft : drafts_) finish(draft);
        std::vector<AuditFault> faults;
        faults.reserve(drafts_.size());
        std::vector<std::pair<AuditKind, std::size_t>> order;
        order.reserve(drafts_.size());
        for (std::size_t i = 0; i < drafts_.size(); ++i) order.emplace_back(drafts_[i].fault.kind, i);
        std::ranges::sort(order);
        for (const auto& [kind, i] : order) faults.push_back(std::move(drafts_[i].fault));
        return faults;
    }

private:
    /// A fault with the numbers of its events, which become AuditedEvent at the end.
    struct Draft {
        AuditFault fault;
        std::vector<EventNo> events;
    };

    Draft& add(AuditKind kind, std::initializer_list<EventNo> events = {}) {
        Draft& draft = drafts_.emplace_back();
        draft.fault.kind = kind;
        draft.fault.item = node_;
        draft.events = events;
        return draft;
    }

    void take_over(Gap gap) {
        Draft& draft = add(static_cast<AuditKind>(std::to_underlying(gap.kind)));
        draft.fault.item = gap.item;
        draft.fault.transformation = gap.transformation;
        draft.fault.place = gap.place;
        draft.fault.amount = gap.amount;
        draft.fault.documents = std::move(gap.documents);
        draft.fault.more_documents = gap.more_documents;
        draft.events = std::move(gap.events);
        draft.fault.more_events = gap.more_events;
        if (gap.kind != GapKind::out_before_in) return;
        for (const Movement& movement : movements_)
            if (movement.sequence == gap.sequence) begin_with(draft, movement.event);
    }

    /// The event stays among those that are named, though the broken link may have left it out.
    static void begin_with(Draft& draft, EventNo event) {
        draft.fault.since = event;
        if (std::ranges::find(draft.events, event) != draft.events.end()) return;
        draft.events.push_back(event);
        if (draft.fault.more_events > 0) --draft.fault.more_events;
    }

    [[nodiscard]] bool has(AuditKind kind) const {
        return std::ranges::any_of(drafts_, [&](const Draft& draft) { return draft.fault.kind == kind; });
    }

    void examine_item(const ItemLife& life) {
        const std::vector<PlaceHistory> histories = place_histories(view_, movements_);
        if (is_one_thing(view_.kind(node_))) examine_one_thing(histories);
        name_moments(histories);
        if (!has(AuditKind::out_before_in) && !has(AuditKind::never_came_in)) examine_places(histories);
        examine_movements(life);
    }

    /// Stock below zero follows from a thing that is there twice or left twice, and is not told again.
    void examine_one_thing(const std::vector<PlaceHistory>& histories) {
        const OneThing thing = follow_one_thing(view_, movements_);
        const std::size_t before = drafts_.size();
        for (const Departure& departure : thing.departures) {
            Draft& draft = add(departure.kind, {movements_[departure.before].event, movements_[departure.again].event});
            draft.fault.amount = movements_[departure.again].amount;
            draft.fault.since = movements_[departure.again].event;
        }
        if (!thing.not_one.empty()) {
            Draft& draft = add(AuditKind::not_one_piece);
            for (const std::size_t i : thing.not_one) draft.events.push_back(movements_[i].event);
            draft.fault.amount = movements_[thing.not_one.front()].amount;
            draft.fault.since = movements_[thing.not_one.front()].event;
        } else {
            examine_whereabouts(thing, histories);
        }
        if (drafts_.size() == before) return;
        std::erase_if(drafts_, [](const Draft& draft) {
            const AuditKind kind = draft.fault.kind;
            return kind == AuditKind::negative_stock || kind == AuditKind::out_before_in || kind == AuditKind::serial_twice;
        });
        told_ = true;
    }

    void examine_whereabouts(const OneThing& thing, const std::vector<PlaceHistory>& histories) {
        std::vector<PlaceNo> at;
        for (const PlaceHistory& history : histories)
            if (history.end > 0) at.push_back(history.place);
        const Movement* gone = thing.last_out ? &movements_[*thing.last_out] : nullptr;
        const bool used = gone != nullptr && gone->kind == MovementKind::consumed;
        const bool with_customer = gone != nullptr && gone->kind == MovementKind::shipped;
        if (at.empty() || (at.size() == 1 && !used && !with_customer)) return;
        const AuditKind kind = used ? AuditKind::consumed_yet_available : AuditKind::two_places;
        if (has(kind)) return;
        Draft& draft = add(kind);
        draft.fault.place = at.front();
        if (gone != nullptr) draft.events.push_back(gone->event);
        for (const Movement& movement : movements_)
            if (std::ranges::find(at, movement.to) != at.end() || std::ranges::find(at, movement.from) != at.end())
                draft.events.push_back(movement.event);
        draft.fault.amount = {UnitNo::piece, static_cast<std::int64_t>(at.size() + (gone != nullptr ? 1U : 0U)) * kQuantityScale};
    }

    /// Says of stock below zero since when it is.
    void name_moments(const std::vector<PlaceHistory>& histories) {
        for (Draft& draft : drafts_) {
            if (draft.fault.kind != AuditKind::negative_stock) continue;
            for (const PlaceHistory& history : histories)
                if (history.place == draft.fault.place && history.unit == draft.fault.amount.unit && history.first != EventNo::none)
                    begin_with(draft, history.first);
        }
    }

    void examine_places(const std::vector<PlaceHistory>& histories) {
        for (const PlaceHistory& history : histories) {
            if (told_ || history.end < 0 || history.least >= 0) continue;
            Draft& draft = add(AuditKind::negative_for_a_time, {history.first});
            draft.fault.place = history.place;
            draft.fault.amount = {history.unit, history.least};
            draft.fault.since = history.first;
            for (const Movement& movement : movements_)
                if (movement.from == history.place || movement.to == history.place) draft.events.push_back(movement.event);
        }
    }

    /// One fault for all movements for which it holds.
    template <class Holds>
    void add_movements(AuditKind kind, Holds holds) {
        Draft* draft = nullptr;
        for (const Movement& movement : movements_) {
            if (!holds(movement)) continue;
            if (draft == nullptr) {
                draft = &add(kind);
                draft->fault.amount = movement.amount;
                draft->fault.since = movement.event;
            }
            if (movement.time < view_.time_of(draft->fault.since)) draft->fault.since = movement.event;
            draft->events.push_back(movement.event);
        }
    }

    void examine_movements(const ItemLife& life) {
        add_movements(AuditKind::moved_nowhere, [](const Movement& movement) {
            return movement.kind == MovementKind::moved && movement.through == Node::none && movement.from != PlaceNo::none &&
                   movement.from == movement.to;
        });
        add_movements(AuditKind::in_the_future,
                      [&](const Movement& movement) { return span_of(view_, movement.event).first > options_.latest; });
        if (!life.expires) return;
        const auto after_expiry = [&](const Movement& movement) { return span_of(view_, movement.event).first > life.expires->last; };
        add_movements(AuditKind::expired_before_received,
                      [&](const Movement& movement) { return movement.kind == MovementKind::received && after_expiry(movement); });
        const bool by_dates = life.produced && life.produced->first > life.expires->last;
        const auto made_after = [&](const Movement& movement) { return movement.kind == MovementKind::produced && after_expiry(movement); };
        add_movements(AuditKind::expires_before_made,
                      [&](const Movement& movement) { return made_after(movement) || (by_dates && is_inflow(movement.kind)); });
        if (by_dates && !has(AuditKind::expires_before_made)) add(AuditKind::expires_before_made);
    }

    /// What one side of a transformation adds up to.
    struct Side {
        std::int64_t micros{0};
        UnitNo unit{UnitNo::other};
        ProductNo product{ProductNo::none};
        bool one_unit{true};
        bool one_product{true};
        Node first{Node::none};
        std::vector<AuditedEvent> events;
    };

    [[nodiscard]] Side side(Direction direction) const {
        Side sum;
        view_.for_each_edge(node_, direction, [&](EdgeNo number, Node other) {
            const Edge edge = view_.edge(number);
            if (edge.kind != (direction == Direction::back ? EdgeKind::consumed : EdgeKind::produced)) return;
            if (sum.first == Node::none) {
                sum.first = other;
                sum.unit = edge.amount.unit;
                sum.product = view_.product(other);
            }
            sum.one_unit &= edge.amount.unit == sum.unit;
            sum.one_product &= sum.product != ProductNo::none && view_.product(other) == sum.product;
            sum.micros = add_clamped(sum.micros, edge.amount.micros);
            sum.events.push_back({edge.event, other, direction == Direction::back ? MovementKind::consumed : MovementKind::produced,
                                  edge.amount, PlaceNo::none, PlaceNo::none, PartyNo::none});
        });
        return sum;
    }

    void examine_amounts() {
        const Side in = side(Direction::back);
        const Side out = side(Direction::forward);
        const bool comparable = in.first != Node::none && out.first != Node::none && in.one_unit && out.one_unit && in.unit == out.unit &&
                                in.unit != UnitNo::other && !is_too_large(in.micros) && !is_too_large(out.micros);
        if (!comparable) return;
        const std::int64_t off = subtract_clamped(out.micros, in.micros);
        const bool more = off > in.micros / kPercent * kAmountTolerancePercent;
        const bool less = off < -(in.micros / kPercent * kAmountTolerancePercent);
        const bool one_product = in.one_product && out.one_product && in.product == out.product;
        const bool weighed = std::ranges::find(kWeightsAndVolumes, view_.unit(in.unit)) != kWeightsAndVolumes.end();
        if (!(one_product && (more || less)) && !(weighed && more)) return;
        AuditFault& fault = add(AuditKind::amounts_differ).fault;
        fault.transformation = node_;
        fault.item = in.first;
        fault.amount = {in.unit, off};
        for (const Side* one : {&in, &out})
            for (const AuditedEvent& event : one->events) keep(fault, event);
    }

    static void keep(AuditFault& fault, const AuditedEvent& event) {
        if (fault.events.size() < kAuditEventsMax)
            fault.events.push_back(event);
        else
            ++fault.more_events;
    }

    [[nodiscard]] AuditedEvent audited(EventNo event, Node item) const {
        AuditedEvent shown{event, item, std::nullopt, {}, PlaceNo::none, PlaceNo::none, PartyNo::none};
        for (const Movement& movement : movements_)
            if (movement.event == event) return {event, item, movement.kind, movement.amount, movement.from, movement.to, movement.party};
        return shown;
    }

    void finish(Draft& draft) {
        AuditFault& fault = draft.fault;
        if (fault.kind == AuditKind::no_inputs || fault.kind == AuditKind::no_outputs) {
            keep_edges(fault);
        } else if (fault.kind != AuditKind::amounts_differ) {
            std::ranges::sort(draft.events);
            const auto twice = std::ranges::unique(draft.events);
            draft.events.erase(twice.begin(), twice.end());
            const auto since = std::ranges::find(draft.events, fault.since);
            if (since != draft.events.end()) std::rotate(draft.events.begin(), since, since + 1);
            for (std::size_t i = 0; i < draft.events.size() && i < kAuditEventsMax; ++i)
                fault.events.push_back(audited(draft.events[i], fault.item));
            fault.more_events += draft.events.size() - fault.events.size();
        }
        if (fault.kind >= AuditKind::two_places) name_documents(draft);
        std::ranges::sort(fault.events, {}, [&](const AuditedEvent& event) { return std::pair(view_.time_of(event.event), event.event); });
        if (fault.since == EventNo::none && !fault.events.empty()) fault.since = fault.events.front().event;
    }

    /// Of all events behind it; a broken link brings its own.
    void name_documents(Draft& draft) const {
        if (draft.fault.kind == AuditKind::amounts_differ)
            for (const AuditedEvent& event : draft.fault.events) draft.events.push_back(event.event);
        for (const EventNo event : draft.events)
            for (const DocumentNo document : view_.documents_of(event)) draft.fault.documents.push_back(document);
        draft.fault.more_documents = keep_first_documents(draft.fault.documents);
    }

    /// The rows of a transformation that has one side alone.
    void keep_edges(AuditFault& fault) const {
        fault.more_events = 0;
        for (const Direction direction : {Direction::back, Direction::forward})
            for (const AuditedEvent& event : side(direction).events) keep(fault, event);
    }

    CountedMovements& counted_;
    PackingDates& packing_;
    const View& view_;
    Node node_;
    const AuditOptions& options_;
    std::vector<Movement> movements_;
    std::vector<Draft> drafts_;
    bool told_{false};  // a fault of one thing that explains its stock
};

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80U;  // letters beyond ASCII are several bytes
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Without the blanks of Unicode that look like nothing: no-break space, zero-width space, byte order mark.
std::string without_wide_blanks(std::string text) {
    for (const std::string_view blank : {"\xC2\xA0", "\xE2\x80\x8B", "\xEF\xBB\xBF"})
        for (std::size_t at = text.find(blank); at != std::string::npos; at = text.find(blank, at)) text.replace(at, blank.size(), " ");
    return text;
}

}  // namespace

std::string_view to_string(AuditKind kind) noexcept {
    switch (kind) {
        case AuditKind::two_places: return "two_places";
        case AuditKind::consumed_yet_available: return "consumed_yet_available";
        case AuditKind::delivered_twice: return "delivered_twice";
        case AuditKind::left_twice: return "left_twice";
        case AuditKind::not_one_piece: return "not_one_piece";
        case AuditKind::negative_for_a_time: return "negative_for_a_time";
        case AuditKind::moved_nowhere: return "moved_nowhere";
        case AuditKind::in_the_future: return "in_the_future";
        case AuditKind::expired_before_received: return "expired_before_received";
        case AuditKind::expires_before_made: return "expires_before_made";
        case AuditKind::same_number: return "same_number";
        case AuditKind::amounts_differ: return "amounts_differ";
        default: return to_string(static_cast<GapKind>(std::to_underlying(kind)));
    }
}

std::vector<AuditFault> Audit::of(Node node, const ItemLife& life) { return Examined{counted_, packing_, node, options_}.run(life); }

std::string number_form(std::string_view number) {
    std::string form;
    bool parted = false;  // by a separator since the last character
    const std::string text = without_wide_blanks(std::string{number});
    for (std::size_t i = 0; i < text.size();) {
        char c = text[i];
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        if (std::string_view{" \t\r\n-./:_"}.find(c) != std::string_view::npos) {
            parted = true;
            ++i;
            continue;
        }
        const bool digits = is_digit(c);
        const bool same_class = !form.empty() && (digits ? is_digit(form.back()) : is_letter(form.back()) && is_letter(c));
        if (parted && same_class) form += '-';
        parted = false;
        if (!digits) {
            form += c;
            ++i;
            continue;
        }
        std::size_t end = i;
        while (end < text.size() && is_digit(text[end])) ++end;
        while (i + 1 < end && text[i] == '0') ++i;
        form.append(text, i, end - i);
        i = end;
    }
    return form;
}

std::vector<AuditFault> same_numbers(const View& view, const AuditOptions& options) {
    struct Number {
        std::size_t hash;
        Node node;
    };
    constexpr std::size_t kLookEvery = 1024;
    const auto form_of = [&](Node node) { return number_form(view.label(node)); };
    const auto group_of = [&](Node node) { return std::pair(view.product(node), view.kind(node)); };
    std::vector<Number> numbers;
    for (std::uint32_t i = 0; i < view.node_count(); ++i) {
        if (i % kLookEvery == 0 && options.cancel != nullptr && options.cancel->load(std::memory_order_relaxed)) return {};
        const Node node{i};
        const NodeKind kind = view.is_transformation(node) ? NodeKind::transformation : view.kind(node);
        if ((kind != NodeKind::lot && !is_one_thing(kind)) || view.label(node) == view.id(node)) continue;
        std::string key = form_of(node);
        if (key.empty()) continue;
        key += fmt::format("|{}|{}", slot(view.product(node)), std::to_underlying(kind));
        numbers.push_back({std::hash<std::string>{}(key), node});
    }
    std::ranges::sort(numbers, {}, [](const Number& number) { return std::pair(number.hash, number.node); });
    std::vector<AuditFault> faults;
    for (std::size_t begin = 0, end = 0; begin < numbers.size(); begin = end) {
        for (end = begin + 1; end < numbers.size() && numbers[end].hash == numbers[begin].hash;) ++end;
        if (end - begin < 2) continue;
        std::map<std::tuple<std::string, ProductNo, NodeKind>, std::vector<Node>> groups;  // a hash may be of several
        for (std::size_t i = begin; i < end; ++i) {
            const auto [product, kind] = group_of(numbers[i].node);
            groups[{form_of(numbers[i].node), product, kind}].push_back(numbers[i].node);
        }
        for (const auto& [key, nodes] : groups) {
            if (nodes.size() < 2) continue;
            AuditFault& fault = faults.emplace_back();
            fault.kind = AuditKind::same_number;
            fault.item = nodes.front();
            fault.others.assign(nodes.begin() + 1,
                                nodes.begin() + static_cast<std::ptrdiff_t>(std::min(nodes.size(), kAuditEventsMax + 1)));
            fault.more_others = nodes.size() - 1 - fault.others.size();
        }
    }
    std::ranges::sort(faults, {}, &AuditFault::item);
    return faults;
}

}  // namespace stemma::lineage
