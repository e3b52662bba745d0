#include "tests/integration/six_shapes/story.hpp"

#include <algorithm>
#include <stdexcept>

namespace stemma::six_shapes {
namespace {

int number_in(const std::vector<std::string>& list, const std::string& name) {
    const auto found = std::ranges::find(list, name);
    if (found == list.end()) throw std::logic_error("the story has no " + name);
    return static_cast<int>(found - list.begin()) + 1;
}

}  // namespace

const std::vector<Product>& products() {
    static const std::vector<Product> all{
        {"CELL", Tracked::by_lot},    {"PASTE", Tracked::by_lot, true}, {"SCREW", Tracked::no},       {"BOARD", Tracked::by_serial},
        {"PACK", Tracked::by_serial}, {"OFFCUT", Tracked::by_lot},      {"LAMP", Tracked::by_serial}, {"CELL2", Tracked::by_lot, false, 2},
    };
    return all;
}

const std::vector<std::string>& places() {
    static const std::vector<std::string> all{"Main", "Shelf", "Annex", "Scrap"};
    return all;
}

const std::vector<std::string>& parties() {
    static const std::vector<std::string> all{"Nordcell", "Gluewerk", "Harbour", "Blom"};
    return all;
}

const std::vector<Fact>& facts() {
    static const std::vector<Fact> all{
        {.kind = Kind::receive,
         .document = "R1",
         .at = "2026-03-01 09:00:00",
         .party = "Nordcell",
         .to = "Main",
         .out = {{"CELL|C-1", 100}, {"CELL|C-2", 50}}},
        {.kind = Kind::receive,
         .document = "R2",
         .at = "2026-03-01 10:00:00",
         .party = "Gluewerk",
         .to = "Main",
         .out = {{"PASTE|T-1", 1000}, {"SCREW", 500}, {"BOARD|B-1"}, {"BOARD|B-2"}, {"BOARD|B-3"}, {"BOARD|B-4"}}},
        // The other company has a lot of the same number.
        {.kind = Kind::receive,
         .document = "R3",
         .at = "2026-03-02 09:00:00",
         .party = "Nordcell",
         .to = "Annex",
         .out = {{"CELL2|C-1", 9}}},
        // Two levels of production. The first order has a by-product.
        {.kind = Kind::make,
         .document = "M1",
         .at = "2026-03-03 10:00:00",
         .from = "Main",
         .to = "Main",
         .in = {{"CELL|C-1", 10}, {"PASTE|T-1", 2}, {"SCREW", 4}},
         .out = {{"PACK|P-1"}, {"OFFCUT|O-1", 3}}},
        // One order for two packs: the cells of each are known on the shop floor.
        {.kind = Kind::make,
         .document = "M2",
         .at = "2026-03-04 10:00:00",
         .from = "Main",
         .to = "Main",
         .in = {{"CELL|C-1", 10, 1}, {"CELL|C-2", 10, 2}},
         .out = {{"PACK|P-2", 1, 1}, {"PACK|P-3", 1, 2}}},
        // And one for two of the same cells.
        {.kind = Kind::make,
         .document = "M3",
         .at = "2026-03-05 10:00:00",
         .from = "Main",
         .to = "Main",
         .in = {{"CELL|C-2", 20}},
         .out = {{"PACK|P-4"}, {"PACK|P-5"}}},
        {.kind = Kind::make,
         .document = "M4",
         .at = "2026-03-06 10:00:00",
         .from = "Main",
         .to = "Main",
         .in = {{"PACK|P-1"}, {"BOARD|B-1"}, {"PASTE|T-1", 3}},
         .out = {{"LAMP|L-1"}}},
        {.kind = Kind::make,
         .document = "M5",
         .at = "2026-03-06 11:00:00",
         .from = "Main",
         .to = "Main",
         .in = {{"PACK|P-2"}, {"BOARD|B-2"}},
         .out = {{"LAMP|L-2"}}},
        {.kind = Kind::make,
         .document = "M6",
         .at = "2026-03-06 12:00:00",
         .from = "Main",
         .to = "Main",
         .in = {{"PACK|P-3"}, {"BOARD|B-3"}},
         .out = {{"LAMP|L-3"}}},
        // Delivered, brought back, repaired: pack P-4 for P-1, which is thrown away.
        {.kind = Kind::ship, .document = "D1", .at = "2026-03-07 10:00:00", .party = "Harbour", .from = "Main", .in = {{"LAMP|L-1"}}},
        {.kind = Kind::customer_return,
         .document = "B1",
         .at = "2026-03-08 10:00:00",
         .party = "Harbour",
         .to = "Main",
         .out = {{"LAMP|L-1"}},
         .against = "D1"},
        {.kind = Kind::repair,
         .document = "RO1",
         .at = "2026-03-09 10:00:00",
         .party = "Harbour",
         .from = "Main",
         .to = "Main",
         .in = {{"PACK|P-4"}},
         .out = {{"PACK|P-1"}},
         .unit = "LAMP|L-1"},
        // Taken apart; its pack is used again, its board not.
        {.kind = Kind::unbuild,
         .document = "U1",
         .at = "2026-03-10 10:00:00",
         .from = "Main",
         .to = "Main",
         .out = {{"PACK|P-2"}, {"BOARD|B-2"}},
         .unit = "LAMP|L-2",
         .against = "M5"},
        {.kind = Kind::make,
         .document = "M7",
         .at = "2026-03-11 10:00:00",
         .from = "Main",
         .to = "Main",
         .in = {{"PACK|P-2"}, {"BOARD|B-4"}},
         .out = {{"LAMP|L-4"}}},
        {.kind = Kind::supplier_return,
         .document = "V1",
         .at = "2026-03-12 09:00:00",
         .party = "Nordcell",
         .from = "Main",
         .in = {{"CELL|C-2", 3}},
         .against = "R1"},
        {.kind = Kind::move, .document = "T1", .at = "2026-03-12 10:00:00", .from = "Main", .to = "Shelf", .in = {{"CELL|C-1", 20}}},
        {.kind = Kind::scrap, .document = "S1", .at = "2026-03-12 11:00:00", .from = "Main", .in = {{"CELL|C-1", 2}}},
        {.kind = Kind::count,
         .document = "I1",
         .at = "2026-03-12 12:00:00",
         .from = "Main",
         .to = "Main",
         .in = {{"CELL|C-1", 1}},
         .out = {{"PASTE|T-1", 6}}},
        {.kind = Kind::ship,
         .document = "D2",
         .at = "2026-03-13 10:00:00",
         .party = "Harbour",
         .from = "Main",
         .in = {{"LAMP|L-3"}},
         .carton = "K-1"},
        {.kind = Kind::ship, .document = "D3", .at = "2026-03-13 11:00:00", .party = "Blom", .from = "Main", .in = {{"CELL|C-1", 10}}},
        // None of this happened.
        {.kind = Kind::ship,
         .document = "D4",
         .at = "2026-03-14 10:00:00",
         .party = "Blom",
         .from = "Main",
         .in = {{"LAMP|L-4"}},
         .state = State::cancelled},
        {.kind = Kind::make,
         .document = "M8",
         .at = "2026-03-14 11:00:00",
         .from = "Main",
         .to = "Main",
         .in = {{"CELL|C-1", 30}},
         .out = {},
         .state = State::reserved},
    };
    return all;
}

const std::vector<std::string>& items() {
    static const std::vector<std::string> all = [] {
        std::vector<std::string> found;
        const auto add = [&](const std::string& item) {
            if (!number_of(item).empty() && std::ranges::find(found, item) == found.end()) found.push_back(item);
        };
        for (const Fact& fact : facts()) {
            for (const Part& part : fact.in) add(part.item);
            for (const Part& part : fact.out) add(part.item);
        }
        return found;
    }();
    return all;
}

std::string number_of(const std::string& item) {
    const std::size_t bar = item.find('|');
    return bar == std::string::npos ? std::string{} : item.substr(bar + 1);
}

int id_of_product(const std::string& item) {
    std::vector<std::string> names;
    for (const Product& product : products()) names.emplace_back(product.name);
    return number_in(names, item.substr(0, item.find('|')));
}

const Product& product_of(const std::string& item) { return products()[static_cast<std::size_t>(id_of_product(item)) - 1]; }
int id_of_item(const std::string& item) { return number_in(items(), item); }
int id_of_place(const std::string& name) { return number_in(places(), name); }
int id_of_party(const std::string& name) { return number_in(parties(), name); }

/// By hand, from the facts above. What an order puts out is made of all that it took in, unless it is known which went into which; what a
/// unit is taken apart into comes from the unit, and so from all that it was made of.
const Answers& oracle() {
    static const Answers all{
        // 100 came; 10 and 10 used, 2 scrapped, 1 missing, 10 delivered: 67, of which 20 were moved.
        {"CELL|C-1",
         {.made_of = {},
          .went_into = {"PACK|P-1", "OFFCUT|O-1", "LAMP|L-1", "PACK|P-2", "LAMP|L-2", "BOARD|B-2", "LAMP|L-4"},
          .suppliers = {"Nordcell"},
          .customers = {"Harbour", "Blom"},
          .stock = {"Main 47 C62", "Shelf 20 C62"},
          .held_by = {"Blom 10"}}},
        // 50 came; 10 and 20 used, 3 given back.
        {"CELL|C-2",
         {.made_of = {},
          .went_into = {"PACK|P-3", "LAMP|L-3", "K-1", "PACK|P-4", "PACK|P-5", "LAMP|L-1"},
          .suppliers = {"Nordcell"},
          .customers = {"Harbour"},
          .stock = {"Main 17 C62"},
          .held_by = {}}},
        // 1 kg came; 2 g and 3 g used, 6 g more were found.
        {"PASTE|T-1 BIS",
         {.made_of = {},
          .went_into = {"PACK|P-1", "OFFCUT|O-1", "LAMP|L-1"},
          .suppliers = {"Gluewerk"},
          .customers = {"Harbour"},
          .stock = {"Main 1001 GRM"},
          .held_by = {}}},
        {"CELL2|C-1",
         {.made_of = {}, .went_into = {}, .suppliers = {"Nordcell"}, .customers = {}, .stock = {"Annex 9 C62"}, .held_by = {}}},
        {"BOARD|B-1",
         {.made_of = {}, .went_into = {"LAMP|L-1"}, .suppliers = {"Gluewerk"}, .customers = {"Harbour"}, .stock = {}, .held_by = {}}},
        {"BOARD|B-2",
         {.made_of = {"LAMP|L-2", "PACK|P-2", "CELL|C-1"},
          .went_into = {"LAMP|L-2", "PACK|P-2", "LAMP|L-4"},
          .suppliers = {"Gluewerk", "Nordcell"},
          .customers = {},
          .stock = {"Main 1 C62"},
          .held_by = {}}},
        {"BOARD|B-3",
         {.made_of = {},
          .went_into = {"LAMP|L-3", "K-1"},
          .suppliers = {"Gluewerk"},
          .customers = {"Harbour"},
          .stock = {},
          .held_by = {}}},
        {"BOARD|B-4", {.made_of = {}, .went_into = {"LAMP|L-4"}, .suppliers = {"Gluewerk"}, .customers = {}, .stock = {}, .held_by = {}}},
        {"PACK|P-1",
         {.made_of = {"CELL|C-1", "PASTE|T-1 BIS"},
          .went_into = {"LAMP|L-1"},
          .suppliers = {"Nordcell", "Gluewerk"},
          .customers = {"Harbour"},
          .stock = {},
          .held_by = {}}},
        {"OFFCUT|O-1",
         {.made_of = {"CELL|C-1", "PASTE|T-1 BIS"},
          .went_into = {},
          .suppliers = {"Nordcell", "Gluewerk"},
          .customers = {},
          .stock = {"Main 3 C62"},
          .held_by = {}}},
        {"PACK|P-2",
         {.made_of = {"CELL|C-1", "LAMP|L-2", "BOARD|B-2"},
          .went_into = {"LAMP|L-2", "BOARD|B-2", "LAMP|L-4"},
          .suppliers = {"Nordcell", "Gluewerk"},
          .customers = {},
          .stock = {},
          .held_by = {}}},
        {"PACK|P-3",
         {.made_of = {"CELL|C-2"},
          .went_into = {"LAMP|L-3", "K-1"},
          .suppliers = {"Nordcell"},
          .customers = {"Harbour"},
          .stock = {},
          .held_by = {}}},
        {"PACK|P-4",
         {.made_of = {"CELL|C-2"},
          .went_into = {"LAMP|L-1"},
          .suppliers = {"Nordcell"},
          .customers = {"Harbour"},
          .stock = {},
          .held_by = {}}},
        {"PACK|P-5",
         {.made_of = {"CELL|C-2"}, .went_into = {}, .suppliers = {"Nordcell"}, .customers = {}, .stock = {"Main 1 C62"}, .held_by = {}}},
        {"LAMP|L-1",
         {.made_of = {"PACK|P-1", "BOARD|B-1", "PASTE|T-1 BIS", "CELL|C-1", "PACK|P-4", "CELL|C-2"},
          .went_into = {},
          .suppliers = {"Nordcell", "Gluewerk"},
          .customers = {"Harbour"},
          .stock = {"Main 1 C62"},
          .held_by = {}}},
        {"LAMP|L-2",
         {.made_of = {"PACK|P-2", "BOARD|B-2", "CELL|C-1"},
          .went_into = {"PACK|P-2", "BOARD|B-2", "LAMP|L-4"},
          .suppliers = {"Nordcell", "Gluewerk"},
          .customers = {},
          .stock = {},
          .held_by = {}}},
        {"LAMP|L-3",
         {.made_of = {"PACK|P-3", "BOARD|B-3", "CELL|C-2"},
          .went_into = {"K-1"},
          .suppliers = {"Nordcell", "Gluewerk"},
          .customers = {"Harbour"},
          .stock = {},
          .held_by = {"Harbour 1"}}},
        {"LAMP|L-4",
         {.made_of = {"PACK|P-2", "BOARD|B-4", "CELL|C-1", "LAMP|L-2", "BOARD|B-2"},
          .went_into = {},
          .suppliers = {"Nordcell", "Gluewerk"},
          .customers = {},
          .stock = {"Main 1 C62"},
          .held_by = {}}},
        {"K-1",
         {.made_of = {"LAMP|L-3", "PACK|P-3", "BOARD|B-3", "CELL|C-2"},
          .went_into = {},
          .suppliers = {"Nordcell", "Gluewerk"},
          .customers = {"Harbour"},
          .stock = {},
          .held_by = {"Harbour 1"}}},
    };
    return all;
}

Answers with(Answers answers, const Difference& difference) {
    for (const auto& [item, more] : difference.made_of_more) answers.at(item).made_of.insert(more.begin(), more.end());
    for (const auto& [item, more] : difference.went_into_more) answers.at(item).went_into.insert(more.begin(), more.end());
    const auto call = [&](const Texts& names) {
        Texts called;
        for (const std::string& name : names) {
            const auto other = difference.called.find(name);
            if (other == difference.called.end())
                called.insert(name);
            else if (!other->second.empty())
                called.insert(other->second);
        }
        return called;
    };
    Answers renamed;
    for (auto& [item, answer] : answers) {
        const Texts name = call({item});
        if (name.empty()) continue;
        answer.made_of = call(answer.made_of);
        answer.went_into = call(answer.went_into);
        renamed.emplace(*name.begin(), std::move(answer));
    }
    return renamed;
}

}  // namespace stemma::six_shapes
