// A made-up maker of heated jackets, large enough for a recall and for finding a cause: 3 factories of two lines, 6 suppliers of one heater
// part, two levels of production (heater + controller -> module lot, module + shell -> finished serial), a distribution centre, 20
// customers. All that a test may ask about is planted and kept beside the entries. The same options give the same story on every machine.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/domain/entry.hpp"

namespace stemma::test {

struct HeaterStoryOptions {
    std::uint64_t seed{1};
    std::size_t serials{60'000};     ///< finished serials; a multiple of 6, at least 600
    std::size_t bad_serials{1'842};  ///< those that hold a heater of lot S4-L17; at most a sixth of all
};

enum class Fate : unsigned char { on_hand, in_transit, sold, returned, written_off };

inline constexpr std::size_t kStoryFactories = 3;   ///< F1 to F3; each has the lines A and B below it
inline constexpr std::size_t kStorySuppliers = 6;   ///< of heaters: S1 to S6
inline constexpr std::size_t kStoryCustomers = 20;  ///< C01 to C20
inline constexpr std::size_t kStoryDays = 120;      ///< on which jackets are finished, from 2026-01-05 on
inline constexpr std::size_t kRevisionBDay = 60;    ///< modules of revision B are made for jackets of this day and later

/// A lot of heaters. Amounts are pieces: received = consumed + returned_to_supplier + written_off + on hand.
struct StoryHeaterLot {
    ItemId id;
    std::string label;        ///< "S4-L17"
    std::size_t supplier{0};  ///< [0, kStorySuppliers)
    std::size_t line{0};      ///< 2 * factory + line; used there alone
    std::int64_t received{0};
    std::int64_t consumed{0};
    std::int64_t returned_to_supplier{0};
    std::int64_t written_off{0};
};

/// A lot of modules, all with heaters of one lot.
struct StoryModuleLot {
    ItemId id;
    std::size_t heater_lot{0};
    std::int64_t made{0};
    std::int64_t oven_celsius{0};  ///< a sensor report of its production, 231 to 250
    bool revision_b{false};        ///< its item's attribute "revision": A or B
};

/// A finished jacket.
struct StorySerial {
    ItemId id;
    std::string label;  ///< "HJ-000001"
    std::size_t line{0};
    std::size_t day{0};  ///< finished on kStoryFirstDay + day
    std::size_t heater_lot{0};
    std::size_t module_lot{0};
    Fate fate{Fate::on_hand};
    std::size_t customer{0};  ///< of a sold or returned one
    std::string place;        ///< code of the place where one on hand, returned or in transit is: "F2-A", "DC", "RETURNS", "TRANSIT"
};

struct HeaterStory {
    std::vector<EntryBody> entries;  ///< masters before what names them, events in order of their time
    std::vector<StoryHeaterLot> heater_lots;
    std::vector<StoryModuleLot> module_lots;
    std::vector<StorySerial> serials;
    std::size_t bad_lot{0};  ///< place of S4-L17 in heater_lots

    [[nodiscard]] static std::size_t factory_of(std::size_t line) noexcept { return line / 2; }
    [[nodiscard]] bool is_bad(const StorySerial& serial) const noexcept { return serial.heater_lot == bad_lot; }
    [[nodiscard]] std::size_t supplier_of(const StorySerial& serial) const noexcept { return heater_lots[serial.heater_lot].supplier; }
};

inline constexpr Instant kStoryFirstDay{1'767'571'200 * kMicrosPerSecond};  ///< 2026-01-05T00:00:00Z

// Ids of what is fixed.
[[nodiscard]] ItemId story_serial_id(const std::string& label);
[[nodiscard]] PlaceId story_place_id(const std::string& code);
[[nodiscard]] PartyId story_party_id(const std::string& code);     ///< "S4", "C01"
[[nodiscard]] ProductId story_product_id(const std::string& sku);  ///< "JACKET", "MODULE", "HEATER", "CONTROLLER", "SHELL"

[[nodiscard]] HeaterStory make_heater_story(const HeaterStoryOptions& options = {});

/// Serials that fail, as places in story.serials, each once: `of_cause` drawn from those that `exposed` holds for, `of_all` from the rest.
/// At most as many as there are.
[[nodiscard]] std::vector<std::size_t> draw_failed(const HeaterStory& story, const std::function<bool(const StorySerial&)>& exposed,
                                                   std::size_t of_cause, std::size_t of_all, std::uint64_t seed);

}  // namespace stemma::test
