// check_event: what an event must look like before anything judges it.
#include "core/domain/event.hpp"

#include <gtest/gtest.h>

namespace stemma {
namespace {

constexpr Instant kNow{1'772'000'000 * kMicrosPerSecond};

Event receipt() {
    Event event;
    event.id = EventId{"urn:stemma:erp:move:1"};
    event.biz_step = "receiving";
    event.disposition = "in_progress";
    event.time.instant = Instant{kNow.us - kMicrosPerDay};
    event.items.push_back({ItemId{"urn:stemma:erp:lot:1"}, Quantity{5'000'000, "KGM"}});
    return event;
}

Error refusal(const Event& event) {
    const auto checked = check_event(event, kNow, EventLimits{});
    EXPECT_FALSE(checked);
    return checked ? Error{} : checked.error();
}

TEST(CheckEvent, accepts_a_plain_receipt) { EXPECT_TRUE(check_event(receipt(), kNow, EventLimits{})); }

TEST(CheckEvent, refuses_quantities_that_are_not_positive_and_says_where) {
    Event event = receipt();
    event.items[0].quantity->micros = -1'000'000;
    EXPECT_EQ(refusal(event).where, "/quantityList/0/quantity");
    EXPECT_EQ(refusal(event).message, "the quantity -1 is not positive");
    event.items[0].quantity->micros = 0;
    EXPECT_EQ(refusal(event).where, "/quantityList/0/quantity");
    event.items[0].quantity->micros = 1;
    EXPECT_TRUE(check_event(event, kNow, EventLimits{}));
}

TEST(CheckEvent, allows_a_clock_that_is_ahead_up_to_the_limit_and_no_further) {
    Event event = receipt();
    event.time.instant = Instant{kNow.us + EventLimits{}.future_us_max};
    EXPECT_TRUE(check_event(event, kNow, EventLimits{}));
    event.time.instant.us += 1;
    EXPECT_EQ(refusal(event).where, "/eventTime");
}

TEST(CheckEvent, holds_the_number_of_items_to_its_limit) {
    Event event = receipt();
    event.items.assign(EventLimits{}.items_per_event_max, event.items.front());
    EXPECT_TRUE(check_event(event, kNow, EventLimits{}));
    event.items.push_back(event.items.front());
    EXPECT_EQ(refusal(event).code, Errc::too_large);
}

TEST(CheckEvent, names_the_nearest_business_step_for_a_misspelt_one) {
    Event event = receipt();
    event.biz_step = "recieving";
    EXPECT_EQ(refusal(event).where, "/bizStep");
    EXPECT_EQ(refusal(event).hint, "did you mean 'receiving'?");
}

TEST(CheckEvent, wants_uris_for_items) {
    Event event = receipt();
    event.items[0].item = ItemId{"lot 17"};
    EXPECT_EQ(refusal(event).where, "/quantityList/0/epcClass");
    event.items[0] = {ItemId{""}, std::nullopt};
    EXPECT_EQ(refusal(event).where, "/epcList/0");
    const Quantity one{kQuantityScale, "C62"};
    event.items = {{ItemId{"urn:i:1"}, one}, {ItemId{"urn:i:2"}, std::nullopt}, {ItemId{"urn:i:3"}, std::nullopt}, {ItemId{"bad"}, one}};
    EXPECT_EQ(refusal(event).where, "/quantityList/1/epcClass") << "each list is counted by itself";
    event.items[3].quantity.reset();
    EXPECT_EQ(refusal(event).where, "/epcList/2");
}

TEST(CheckEvent, joins_the_halves_of_a_transformation_by_its_id) {
    Event event = receipt();
    event.type = EventType::transformation;
    event.inputs = std::move(event.items);
    event.items.clear();
    EXPECT_EQ(refusal(event).where, "/transformationID");
    event.transformation = TransformationId{"urn:stemma:erp:production:7"};
    EXPECT_TRUE(check_event(event, kNow, EventLimits{}));
    event.inputs.clear();
    EXPECT_FALSE(check_event(event, kNow, EventLimits{}));
}

TEST(CheckEvent, wants_a_parent_where_children_are_added) {
    Event event = receipt();
    event.type = EventType::aggregation;
    event.action = Action::add;
    EXPECT_EQ(refusal(event).where, "/parentID");
    event.parent = ItemId{"urn:epc:id:sscc:0614141.1234567890"};
    EXPECT_TRUE(check_event(event, kNow, EventLimits{}));
}

TEST(CheckEvent, refuses_what_is_its_own_parent_and_says_where) {
    for (const EventType type : {EventType::aggregation, EventType::association}) {
        Event event = receipt();
        event.type = type;
        event.action = Action::add;
        event.parent = ItemId{"urn:x:box"};
        event.items = {{ItemId{"urn:x:1"}, std::nullopt}, {ItemId{"urn:x:box"}, std::nullopt}};
        EXPECT_EQ(refusal(event).where, "/childEPCs/1");
        event.items[1].quantity = Quantity{1'000'000, "C62"};
        EXPECT_EQ(refusal(event).where, "/childQuantityList/0/epcClass");
        event.items.pop_back();
        EXPECT_TRUE(check_event(event, kNow, EventLimits{}));
    }
}

TEST(CheckEvent, refuses_an_instance_that_a_list_names_twice_and_takes_two_amounts_of_a_lot) {
    Event event = receipt();
    event.items.push_back(event.items.front());
    EXPECT_TRUE(check_event(event, kNow, EventLimits{}));
    event.items.push_back({ItemId{"urn:x:2"}, std::nullopt});
    event.items.push_back({ItemId{"urn:x:1"}, std::nullopt});
    EXPECT_TRUE(check_event(event, kNow, EventLimits{}));
    event.items.push_back({ItemId{"urn:x:2"}, std::nullopt});
    EXPECT_EQ(refusal(event).where, "/epcList/2");
    EXPECT_EQ(refusal(event).message, "'urn:x:2' is in the list twice");
    Event made = receipt();
    made.type = EventType::transformation;
    made.items.clear();
    made.inputs = {{ItemId{"urn:x:1"}, std::nullopt}};
    made.outputs = {{ItemId{"urn:x:1"}, std::nullopt}};
    EXPECT_TRUE(check_event(made, kNow, EventLimits{}));  // repaired: in and out again
    made.outputs.push_back(made.outputs.front());
    EXPECT_EQ(refusal(made).where, "/outputEPCList/1");
}

TEST(CheckEvent, lets_an_event_be_declared_wrong_that_would_not_be_taken_today) {
    Event event = receipt();
    event.items = {{ItemId{"urn:x:1"}, std::nullopt}, {ItemId{"urn:x:1"}, std::nullopt}};
    EXPECT_FALSE(check_event(event, kNow, EventLimits{}));
    event.error = ErrorDeclaration{kNow, "incorrect_data", {}};
    EXPECT_TRUE(check_event(event, kNow, EventLimits{}));
}

TEST(CheckEvent, refuses_text_that_is_damaged_or_too_long) {
    Event event = receipt();
    event.ilmd["lotNumber"] = "\xFF";
    EXPECT_EQ(refusal(event).where, "/ilmd/lotNumber");
    event.ilmd["lotNumber"] = std::string(EventLimits{}.text_bytes_max, 'x');
    EXPECT_TRUE(check_event(event, kNow, EventLimits{}));
    event.ilmd["lotNumber"] += 'x';
    EXPECT_EQ(refusal(event).where, "/ilmd/lotNumber");
}

TEST(ItemsOf, tells_the_role_of_each_item) {
    Event event = receipt();
    event.type = EventType::aggregation;
    event.parent = ItemId{"urn:epc:id:sscc:0614141.1234567890"};
    const auto roles = items_of(event);
    ASSERT_EQ(roles.size(), 2U);
    EXPECT_EQ(roles[0].role, ItemRole::Role::child);
    EXPECT_EQ(roles[0].quantity->micros, 5'000'000);
    EXPECT_EQ(roles[1].role, ItemRole::Role::parent);
}

}  // namespace
}  // namespace stemma
