#include "tests/support/heater_story.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <random>
#include <utility>

namespace stemma::test {
namespace {

constexpr std::size_t kLines = 2 * kStoryFactories;
constexpr std::size_t kBadLine = 2;      // F2-A
constexpr std::size_t kBadSupplier = 3;  // S4
constexpr std::size_t kBadNumber = 17;
constexpr std::int64_t kModulesPerLot = 240;
constexpr std::size_t kSerialsPerOrder = 40;
constexpr std::size_t kDaysPerWeek = 7;
constexpr std::int64_t kHour = 3600 * kMicrosPerSecond;

// What is left of the bad lot beside what was used: it makes the mass balance worth a look.
constexpr std::int64_t kBadSpare = 158;
constexpr std::int64_t kBadReturned = 40;
constexpr std::int64_t kBadWrittenOff = 18;

std::string line_code(std::size_t line) { return fmt::format("F{}-{}", line / 2 + 1, line % 2 == 0 ? 'A' : 'B'); }
std::string customer_code(std::size_t customer) { return fmt::format("C{:02}", customer + 1); }
ItemId lot_id(const std::string& label) { return ItemId{"urn:heater:lot:" + label}; }

ItemQuantity pieces(const ItemId& item, std::int64_t count) { return {item, Quantity{count * kQuantityScale, "C62"}}; }

/// A lot of a second part that a line uses until it is empty.
struct OpenLot {
    ItemId id;
    std::int64_t left{0};
};

class Maker {
public:
    explicit Maker(const HeaterStoryOptions& options) : options_{options}, random_{options.seed} {}

    HeaterStory make() {
        add_masters();
        plan_heater_lots();
        for (std::size_t line = 0; line < kLines; ++line) run_line(line);
        give_back(story_.bad_lot);
        sell();
        std::ranges::stable_sort(happenings_, {}, &Happening::time);
        for (Happening& happening : happenings_)
            for (EntryBody& body : happening.bodies) story_.entries.push_back(std::move(body));
        return std::move(story_);
    }

private:
    struct Happening {
        std::int64_t time;
        std::vector<EntryBody> bodies;
    };

    std::size_t below(std::size_t limit) { return static_cast<std::size_t>(random_() % limit); }

    // --- records --------------------------------------------------------------------------------------------------------------------

    template <class Record>
    void add_master(Record record) {
        story_.entries.emplace_back(Master{std::move(record)});
    }

    void add_product(const char* sku, const char* name, Tracking tracking) {
        Product product;
        product.id = story_product_id(sku);
        product.sku = sku;
        product.name = name;
        product.tracking = tracking;
        add_master(std::move(product));
    }

    void add_place(const std::string& code, PlaceKind kind, const std::string& parent = {}) {
        Place place;
        place.id = story_place_id(code);
        place.code = code;
        place.name = parent.empty() ? "Site " + code : "Line " + code;
        place.kind = kind;
        if (!parent.empty()) place.parent = story_place_id(parent);
        add_master(std::move(place));
    }

    void add_party(const std::string& code) {
        Party party;
        party.id = story_party_id(code);
        party.code = code;
        add_master(std::move(party));
    }

    void add_masters() {
        add_product("JACKET", "Heated jacket", Tracking::serial);
        add_product("MODULE", "Heating module", Tracking::lot);
        add_product("HEATER", "Heater part", Tracking::lot);
        add_product("CONTROLLER", "Controller", Tracking::lot);
        add_product("SHELL", "Shell fabric", Tracking::lot);
        for (std::size_t factory = 0; factory < kStoryFactories; ++factory) add_place(fmt::format("F{}", factory + 1), PlaceKind::stock);
        for (std::size_t line = 0; line < kLines; ++line)
            add_place(line_code(line), PlaceKind::stock, fmt::format("F{}", HeaterStory::factory_of(line) + 1));
        add_place("DC", PlaceKind::stock);
        add_place("RETURNS", PlaceKind::stock);
        add_place("TRANSIT", PlaceKind::transit);
        for (std::size_t supplier = 0; supplier < kStorySuppliers; ++supplier) add_party(fmt::format("S{}", supplier + 1));
        for (const char* code : {"K1", "K2", "W1", "W2"}) add_party(code);
        for (std::size_t customer = 0; customer < kStoryCustomers; ++customer) add_party(customer_code(customer));
    }

    static EntryBody item(const ItemId& id, ItemKind kind, const char* product, const std::string& label, Attributes attributes = {}) {
        Item record;
        record.id = id;
        record.kind = kind;
        record.product = story_product_id(product);
        record.identifiers.push_back({kind == ItemKind::serial ? "serial" : "lot", label});
        record.attributes = std::move(attributes);
        return Master{std::move(record)};
    }

    Event event(EventType type, std::int64_t time, const char* step) {
        Event made;
        made.type = type;
        made.id = EventId{fmt::format("urn:heater:event:{}", ++events_)};
        made.action = Action::observe;
        made.time.instant.us = time;
        made.biz_step = step;
        return made;
    }

    static void add_document(Event& event, const char* type, const char* kind, std::size_t number) {
        event.documents.push_back({type, DocumentId{fmt::format("urn:heater:{}:{}", kind, number)}, std::to_string(number)});
    }
    static void from_place(Event& event, const std::string& code) { event.sources.push_back({"location", story_place_id(code).str()}); }
    static void to_place(Event& event, const std::string& code) { event.destinations.push_back({"location", story_place_id(code).str()}); }

    void happen(std::vector<EntryBody> bodies, const Event& event) {
        bodies.emplace_back(event);
        happenings_.push_back({event.time.instant.us, std::move(bodies)});
    }

    void receive(const ItemId& lot, const char* product, const std::string& label, const std::string& supplier, std::int64_t count,
                 const std::string& place, std::int64_t time) {
        Event receipt = event(EventType::object, time, "receiving");
        receipt.items.push_back(pieces(lot, count));
        receipt.sources.push_back({"possessing_party", story_party_id(supplier).str()});
        to_place(receipt, place);
        add_document(receipt, "recadv", "receipt", ++receipts_);
        happen({item(lot, ItemKind::lot, product, label)}, receipt);
    }

    // --- production -----------------------------------------------------------------------------------------------------------------

    [[nodiscard]] std::int64_t per_line() const { return static_cast<std::int64_t>(options_.serials / kLines); }
    [[nodiscard]] std::int64_t per_day() const {
        return (per_line() + static_cast<std::int64_t>(kStoryDays) - 1) / static_cast<std::int64_t>(kStoryDays);
    }
    /// Midnight of the day on which the n-th jacket of a line is finished.
    [[nodiscard]] std::int64_t day_time(std::int64_t nth) const { return kStoryFirstDay.us + nth / per_day() * kMicrosPerDay; }

    /// The lots of each line, each with what will be used of it. About five lots a line, the suppliers one after the other.
    void plan_heater_lots() {
        std::size_t turn = 0;
        std::array<std::size_t, kStorySuppliers> numbers{};
        numbers.fill(11);
        for (std::size_t line = 0; line < kLines; ++line) {
            std::int64_t left = per_line();
            for (std::size_t nth = 0; left > 0; ++nth) {
                const bool bad = line == kBadLine && nth == 1;
                const auto mean = static_cast<std::size_t>(per_line()) / 5;
                const auto size = static_cast<std::int64_t>(mean * 17 / 20 + below(mean * 6 / 20 + 1));
                StoryHeaterLot lot;
                lot.supplier = bad ? kBadSupplier : turn++ % kStorySuppliers;
                lot.line = line;
                // The line keeps room for the bad lot after its first.
                const std::int64_t room = line == kBadLine && nth == 0 ? left - static_cast<std::int64_t>(options_.bad_serials) : left;
                lot.consumed = bad ? static_cast<std::int64_t>(options_.bad_serials) : std::min(size, room);
                if (lot.consumed == 0) continue;
                std::size_t number = kBadNumber;
                if (!bad) number = ++numbers[lot.supplier];
                if (!bad && lot.supplier == kBadSupplier && number == kBadNumber) number = ++numbers[lot.supplier];
                lot.label = fmt::format("S{}-L{}", lot.supplier + 1, number);
                lot.id = lot_id(lot.label);
                lot.returned_to_supplier = bad ? kBadReturned : 0;
                lot.written_off = bad ? kBadWrittenOff : 0;
                lot.received = lot.consumed + (bad ? kBadSpare : static_cast<std::int64_t>(below(100)));
                left -= lot.consumed;
                if (bad) story_.bad_lot = story_.heater_lots.size();
                story_.heater_lots.push_back(std::move(lot));
            }
        }
    }

    void run_line(std::size_t line) {
        std::int64_t made = 0;
        OpenLot controllers;
        OpenLot shells;
        for (std::size_t lot = 0; lot < story_.heater_lots.size(); ++lot) {
            const StoryHeaterLot heaters = story_.heater_lots[lot];
            if (heaters.line != line) continue;
            receive(heaters.id, "HEATER", heaters.label, fmt::format("S{}", heaters.supplier + 1), heaters.received, line_code(line),
                    day_time(made) - 10 * kMicrosPerDay + 8 * kHour);
            for (std::int64_t left = heaters.consumed; left > 0;) {
                if (controllers.left == 0) controllers = open_lot("CONTROLLER", 'K', line, made);
                const std::int64_t count = std::min({left, kModulesPerLot, controllers.left});
                controllers.left -= count;
                left -= count;
                const std::size_t modules = make_modules(lot, controllers.id, count, made);
                for (std::int64_t open = count; open > 0;) {
                    if (shells.left == 0) shells = open_lot("SHELL", 'W', line, made);
                    const std::int64_t today = per_day() - made % per_day();
                    const std::int64_t order = std::min({open, shells.left, today, static_cast<std::int64_t>(kSerialsPerOrder)});
                    finish(modules, shells.id, order, made);
                    open -= order;
                    shells.left -= order;
                    made += order;
                }
            }
        }
    }

    OpenLot open_lot(const char* product, char supplier, std::size_t line, std::int64_t made) {
        const std::string label = fmt::format("{}-{}", supplier, ++second_lots_);
        const std::int64_t count = per_line() / 3 + static_cast<std::int64_t>(below(static_cast<std::size_t>(per_line()) / 10));
        receive(lot_id(label), product, label, fmt::format("{}{}", supplier, below(2) + 1), count, line_code(line),
                day_time(made) - 12 * kMicrosPerDay + 9 * kHour);
        return {lot_id(label), count};
    }

    std::size_t make_modules(std::size_t heater_lot, const ItemId& controllers, std::int64_t count, std::int64_t made) {
        StoryModuleLot lot;
        const std::string label = fmt::format("M-{}", story_.module_lots.size() + 1);
        lot.id = lot_id(label);
        lot.heater_lot = heater_lot;
        lot.made = count;
        lot.oven_celsius = 231 + static_cast<std::int64_t>(below(20));
        lot.revision_b = made / per_day() >= static_cast<std::int64_t>(kRevisionBDay);
        const std::string place = line_code(story_.heater_lots[heater_lot].line);

        Event order = event(EventType::transformation, day_time(made) - 2 * kMicrosPerDay + 10 * kHour, "assembling");
        order.inputs = {pieces(story_.heater_lots[heater_lot].id, count), pieces(controllers, count)};
        order.outputs = {pieces(lot.id, count)};
        SensorReport oven;
        oven.type = "Temperature";
        oven.value = Quantity{lot.oven_celsius * kQuantityScale, "CEL"};
        order.sensors.push_back(std::move(oven));
        from_place(order, place);
        to_place(order, place);
        add_order(order);
        happen({item(lot.id, ItemKind::lot, "MODULE", label, {{"revision", lot.revision_b ? "B" : "A"}})}, order);
        story_.module_lots.push_back(std::move(lot));
        return story_.module_lots.size() - 1;
    }

    void add_order(Event& order) {
        order.transformation = TransformationId{fmt::format("urn:heater:order:{}", ++orders_)};
        add_document(order, "prodorder", "order", orders_);
    }

    void finish(std::size_t modules, const ItemId& shells, std::int64_t count, std::int64_t made) {
        const StoryModuleLot& lot = story_.module_lots[modules];
        const std::size_t line = story_.heater_lots[lot.heater_lot].line;
        Event order = event(EventType::transformation, day_time(made) + 11 * kHour, "assembling");
        order.inputs = {pieces(lot.id, count), pieces(shells, count)};
        from_place(order, line_code(line));
        to_place(order, line_code(line));
        add_order(order);
        std::vector<EntryBody> bodies;
        for (std::int64_t i = 0; i < count; ++i) {
            StorySerial serial;
            serial.label = fmt::format("HJ-{:06}", story_.serials.size() + 1);
            serial.id = story_serial_id(serial.label);
            serial.line = line;
            serial.day = static_cast<std::size_t>(made / per_day());
            serial.heater_lot = lot.heater_lot;
            serial.module_lot = modules;
            decide_fate(serial);
            bodies.push_back(item(serial.id, ItemKind::serial, "JACKET", serial.label));
            order.outputs.push_back({serial.id, std::nullopt});
            story_.serials.push_back(std::move(serial));
        }
        happen(std::move(bodies), order);
    }

    // --- what becomes of it -----------------------------------------------------------------------------------------------------------

    /// Of 100: 10 stay at the line, 5 are on the way, 15 are in the distribution centre, 2 written off there, 68 sold; of those 3 in 100
    /// return.
    void decide_fate(StorySerial& serial) {
        const std::size_t draw = below(100);
        serial.customer = below(kStoryCustomers);
        const bool comes_back = below(100) < 3;
        if (draw < 10) {
            serial.place = line_code(serial.line);
        } else if (draw < 15) {
            serial.fate = Fate::in_transit;
            serial.place = "TRANSIT";
        } else if (draw < 30) {
            serial.place = "DC";
        } else if (draw < 32) {
            serial.fate = Fate::written_off;
        } else {
            serial.fate = comes_back ? Fate::returned : Fate::sold;
            if (comes_back) serial.place = "RETURNS";
        }
    }

    /// Serials that go the same way in the same week: one event.
    using Groups = std::map<std::pair<std::size_t, std::size_t>, std::vector<std::size_t>>;  // week, line or customer -> serials

    void sell() {
        Groups sent;
        Groups arrived;
        Groups sold;
        Groups returned;
        Groups written_off;
        for (std::size_t i = 0; i < story_.serials.size(); ++i) {
            const StorySerial& serial = story_.serials[i];
            const std::size_t week = serial.day / kDaysPerWeek;
            if (serial.fate == Fate::on_hand && serial.place != "DC") continue;
            sent[{week, serial.line}].push_back(i);
            if (serial.fate == Fate::in_transit) continue;
            arrived[{week, serial.line}].push_back(i);
            if (serial.fate == Fate::sold || serial.fate == Fate::returned) sold[{week, serial.customer}].push_back(i);
            if (serial.fate == Fate::returned) returned[{week, serial.customer}].push_back(i);
            if (serial.fate == Fate::written_off) written_off[{week, 0}].push_back(i);
        }
        for (const auto& [key, serials] : sent) move(serials, key.first, 0, "departing", line_code(key.second), "TRANSIT");
        for (const auto& [key, serials] : arrived) move(serials, key.first, 2, "arriving", "TRANSIT", "DC");
        for (const auto& [key, serials] : sold) {
            Event delivery = weekly(serials, key.first, 5, "shipping");
            from_place(delivery, "DC");
            delivery.destinations.push_back({"possessing_party", story_party_id(customer_code(key.second)).str()});
            add_document(delivery, "desadv", "delivery", ++deliveries_);
            happen({}, delivery);
        }
        for (const auto& [key, serials] : returned) {
            Event back = weekly(serials, key.first, 30, "receiving");
            back.disposition = "returned";
            back.sources.push_back({"possessing_party", story_party_id(customer_code(key.second)).str()});
            to_place(back, "RETURNS");
            add_document(back, "rma", "return", ++returns_);
            happen({}, back);
        }
        for (const auto& [key, serials] : written_off) {
            Event loss = weekly(serials, key.first, 8, "decommissioning");
            loss.action = Action::remove;
            from_place(loss, "DC");
            add_document(loss, "inv", "count", ++counts_);
            happen({}, loss);
        }
    }

    /// An event so many days after the end of the week in which the serials were finished.
    Event weekly(const std::vector<std::size_t>& serials, std::size_t week, std::size_t days_after, const char* step) {
        const auto days = static_cast<std::int64_t>((week + 1) * kDaysPerWeek + days_after);
        Event made = event(EventType::object, kStoryFirstDay.us + days * kMicrosPerDay + 14 * kHour, step);
        for (const std::size_t serial : serials) made.items.push_back({story_.serials[serial].id, std::nullopt});
        return made;
    }

    void move(const std::vector<std::size_t>& serials, std::size_t week, std::size_t days_after, const char* step, const std::string& from,
              const std::string& to) {
        Event moved = weekly(serials, week, days_after, step);
        from_place(moved, from);
        to_place(moved, to);
        add_document(moved, "desadv", "transfer", ++transfers_);
        happen({}, moved);
    }

    /// What was not used of the bad lot: a part goes back to its supplier, a part is scrapped, the rest stays.
    void give_back(std::size_t number) {
        const StoryHeaterLot& lot = story_.heater_lots[number];
        const std::int64_t time = kStoryFirstDay.us + static_cast<std::int64_t>(kStoryDays) * kMicrosPerDay + 15 * kHour;
        Event back = event(EventType::object, time, "shipping");
        back.disposition = "returned";
        back.items.push_back(pieces(lot.id, lot.returned_to_supplier));
        from_place(back, line_code(lot.line));
        back.destinations.push_back({"possessing_party", story_party_id(fmt::format("S{}", lot.supplier + 1)).str()});
        add_document(back, "desadv", "supplier_return", ++supplier_returns_);
        happen({}, back);
        Event loss = event(EventType::object, time + kHour, "destroying");
        loss.action = Action::remove;
        loss.items.push_back(pieces(lot.id, lot.written_off));
        from_place(loss, line_code(lot.line));
        add_document(loss, "inv", "count", ++counts_);
        happen({}, loss);
    }

    const HeaterStoryOptions options_;
    std::mt19937_64 random_;
    HeaterStory story_;
    std::vector<Happening> happenings_;
    std::size_t events_{0};
    std::size_t receipts_{0};
    std::size_t orders_{0};
    std::size_t deliveries_{0};
    std::size_t returns_{0};
    std::size_t transfers_{0};
    std::size_t counts_{0};
    std::size_t supplier_returns_{0};
    std::size_t second_lots_{0};
};

}  // namespace

ItemId story_serial_id(const std::string& label) { return ItemId{"urn:heater:serial:" + label}; }
PlaceId story_place_id(const std::string& code) { return PlaceId{"urn:heater:place:" + code}; }
PartyId story_party_id(const std::string& code) { return PartyId{"urn:heater:party:" + code}; }
ProductId story_product_id(const std::string& sku) { return ProductId{"urn:heater:product:" + sku}; }

HeaterStory make_heater_story(const HeaterStoryOptions& options) { return Maker{options}.make(); }

std::vector<std::size_t> draw_failed(const HeaterStory& story, const std::function<bool(const StorySerial&)>& exposed, std::size_t of_cause,
                                     std::size_t of_all, std::uint64_t seed) {
    std::mt19937_64 random{seed};
    std::vector<std::size_t> cause;
    std::vector<std::size_t> rest;
    for (std::size_t i = 0; i < story.serials.size(); ++i) (exposed(story.serials[i]) ? cause : rest).push_back(i);
    std::vector<std::size_t> failed;
    const auto draw = [&](std::vector<std::size_t>& from, std::size_t count) {
        for (std::size_t i = 0; i < count && i < from.size(); ++i) {  // Fisher and Yates, as far as is needed
            std::swap(from[i], from[i + static_cast<std::size_t>(random() % (from.size() - i))]);
            failed.push_back(from[i]);
        }
    };
    draw(cause, of_cause);
    draw(rest, of_all);
    return failed;
}

}  // namespace stemma::test
