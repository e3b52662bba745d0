// The movement rule, line by line: which events move goods, as what, between which ends.
#include "core/lineage/movement.hpp"

#include <gtest/gtest.h>

#include "tests/unit/lineage/builders.hpp"

namespace stemma::lineage {
namespace {

using Role = ItemRole::Role;

std::optional<MovementKind> kind(const Event& event, Role role = Role::object) { return movement_kind(event, role); }

Event step(std::string name) { return object(std::move(name), {instance("urn:i:1")}); }

TEST(MovementRule, receiving_with_a_source_party_is_received) {
    EXPECT_EQ(kind(received({instance("urn:i:1")}, "urn:party:s", "urn:place:a")), MovementKind::received);
    Event owner = step("receiving");
    owner.sources.push_back({"owning_party", "urn:party:s"});
    EXPECT_EQ(kind(owner), MovementKind::received);
}

TEST(MovementRule, receiving_with_disposition_returned_is_returned_by_customer) {
    EXPECT_EQ(kind(returned({instance("urn:i:1")}, "urn:party:c", "urn:place:a")), MovementKind::returned_by_customer);
    Event anonymous = step("receiving");
    anonymous.disposition = "returned";
    EXPECT_EQ(kind(anonymous), MovementKind::returned_by_customer);
}

TEST(MovementRule, shipping_with_a_destination_party_is_shipped) {
    EXPECT_EQ(kind(shipped({instance("urn:i:1")}, "urn:place:a", "urn:party:c")), MovementKind::shipped);
}

TEST(MovementRule, shipping_with_disposition_returned_is_returned_to_supplier) {
    Event event = shipped({instance("urn:i:1")}, "urn:place:a", "urn:party:s");
    event.disposition = "returned";
    EXPECT_EQ(kind(event), MovementKind::returned_to_supplier);
}

TEST(MovementRule, receiving_shipping_and_other_steps_with_places_alone_are_moved) {
    for (const char* name : {"receiving", "shipping", "storing", "inspecting", ""})
        EXPECT_EQ(kind(with_places(step(name), "urn:place:a", "urn:place:b")), MovementKind::moved) << name;
    EXPECT_EQ(kind(with_places(step("other"), "urn:place:a", "")), MovementKind::moved);
    EXPECT_EQ(kind(with_places(step("other"), "", "urn:place:b")), MovementKind::moved);
}

TEST(MovementRule, a_biz_location_alone_moves_only_with_a_step_that_moves_by_definition) {
    for (const char* name : {"receiving", "shipping", "arriving", "departing", "loading", "unloading", "transporting", "storing",
                             "stocking", "picking", "staging_outbound"}) {
        Event event = step(name);
        event.biz_location = PlaceId{"urn:place:b"};
        EXPECT_EQ(kind(event), MovementKind::moved) << name;
    }
    for (const char* name : {"inspecting", "holding", "cycle_counting", "sensor_reporting", "other"}) {
        Event event = step(name);
        event.biz_location = PlaceId{"urn:place:b"};
        EXPECT_EQ(kind(event), std::nullopt) << name;
    }
}

TEST(MovementRule, an_observation_without_places_is_no_movement) {
    for (const char* name : {"receiving", "shipping", "inspecting", "storing", "stock_taking", ""})
        EXPECT_EQ(kind(step(name)), std::nullopt);
}

TEST(MovementRule, a_read_point_is_no_place_of_a_movement) {
    Event event = step("storing");
    event.read_point = PlaceId{"urn:place:gate"};
    EXPECT_EQ(kind(event), std::nullopt);
}

TEST(MovementRule, transformation_input_is_consumed_and_output_is_produced) {
    const Event event = transformation("urn:t:1", {instance("urn:i:1")}, {instance("urn:i:2")});
    EXPECT_EQ(kind(event, Role::input), MovementKind::consumed);
    EXPECT_EQ(kind(event, Role::output), MovementKind::produced);
    EXPECT_EQ(kind(event, Role::object), std::nullopt);
}

TEST(MovementRule, output_that_is_disposed_or_destroyed_is_wasted_and_input_stays_consumed) {
    Event event = transformation("urn:t:1", {instance("urn:i:1")}, {instance("urn:i:2")});
    for (const char* disposition : {"disposed", "destroyed"}) {
        event.disposition = disposition;
        EXPECT_EQ(kind(event, Role::output), MovementKind::wasted);
        EXPECT_EQ(kind(event, Role::input), MovementKind::consumed);
    }
    event.disposition = "damaged";
    EXPECT_EQ(kind(event, Role::output), MovementKind::produced);
}

TEST(MovementRule, commissioning_and_creating_a_class_instance_are_found) {
    EXPECT_EQ(kind(step("commissioning")), MovementKind::found);
    EXPECT_EQ(kind(step("creating_class_instance")), MovementKind::found);
}

TEST(MovementRule, counts_find_with_add_lose_with_delete_and_say_nothing_with_observe) {
    for (const char* name : {"stock_taking", "cycle_counting"}) {
        Event event = step(name);
        event.action = Action::add;
        EXPECT_EQ(kind(event), MovementKind::found);
        event.action = Action::remove;
        EXPECT_EQ(kind(event), MovementKind::written_off);
        event.action = Action::observe;
        EXPECT_EQ(kind(event), std::nullopt);
    }
}

TEST(MovementRule, decommissioning_and_destroying_are_written_off) {
    EXPECT_EQ(kind(step("decommissioning")), MovementKind::written_off);
    EXPECT_EQ(kind(step("destroying")), MovementKind::written_off);
}

TEST(MovementRule, packing_installing_and_linking_move_nothing_but_seeing_them_on_the_way_does) {
    for (const EventType type : {EventType::aggregation, EventType::association, EventType::transaction}) {
        Event event = shipped({instance("urn:i:1")}, "urn:place:a", "urn:party:c");
        event.type = type;
        event.parent = ItemId{"urn:i:box"};
        for (const Action action : {Action::add, Action::remove}) {
            event.action = action;
            EXPECT_EQ(kind(event, Role::child), std::nullopt);
            EXPECT_EQ(kind(event, Role::parent), std::nullopt);
        }
        event.action = Action::observe;
        EXPECT_EQ(kind(event, Role::child), MovementKind::shipped);
        EXPECT_EQ(kind(event, Role::parent), MovementKind::shipped);
    }
}

TEST(MovementEnds, from_is_the_source_location_and_to_the_destination_location_else_the_biz_location) {
    Event event = with_places(step("storing"), "urn:place:a", "urn:place:b");
    event.biz_location = PlaceId{"urn:place:c"};
    EXPECT_EQ(movement_ends(event, MovementKind::moved).from, "urn:place:a");
    EXPECT_EQ(movement_ends(event, MovementKind::moved).to, "urn:place:b");
    event.destinations.clear();
    EXPECT_EQ(movement_ends(event, MovementKind::moved).to, "urn:place:c");
    event.sources.clear();
    EXPECT_EQ(movement_ends(event, MovementKind::moved).from, "");
}

TEST(MovementEnds, party_is_of_the_source_coming_in_and_of_the_destination_going_out) {
    Event event = step("receiving");
    event.sources = {{"owning_party", "urn:party:owner"}, {"possessing_party", "urn:party:carrier"}};
    event.destinations = {{"owning_party", "urn:party:us"}};
    EXPECT_EQ(movement_ends(event, MovementKind::received).party, "urn:party:carrier");
    EXPECT_EQ(movement_ends(event, MovementKind::returned_by_customer).party, "urn:party:carrier");
    EXPECT_EQ(movement_ends(event, MovementKind::shipped).party, "urn:party:us");
    EXPECT_EQ(movement_ends(event, MovementKind::returned_to_supplier).party, "urn:party:us");
    EXPECT_EQ(movement_ends(event, MovementKind::moved).party, "");
    event.sources = {{"owning_party", "urn:party:owner"}};
    EXPECT_EQ(movement_ends(event, MovementKind::received).party, "urn:party:owner");
}

}  // namespace
}  // namespace stemma::lineage
