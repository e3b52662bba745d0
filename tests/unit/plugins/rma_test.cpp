// The four states of a return: every pair of state and command is tried, from the table of what is allowed.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "plugins/rma/case.hpp"

namespace stemma::rma {
namespace {

constexpr const char* kItem = "urn:stemma:tryton:lot:17";
const std::vector<Identity> kPhone{{"serial", "U1"}, {"imei", "490154203237518"}, {"imei", "352099001761481"}};

Question question(std::string_view state, std::string_view command, Fields fields = {}) {
    return {std::string(state), kItem, std::string(command), std::move(fields), kPhone};
}

/// Fields with which the command is complete.
Fields complete(std::string_view command) { return command == "receive" ? Fields{{"item", "U1"}} : Fields{}; }

std::string refusal(const Question& q) {
    const auto answer = act(q);
    const auto* refused = std::get_if<Refusal>(&answer);
    return refused == nullptr ? "allowed" : refused->code;
}

std::string message(const Question& q) { return std::get<Refusal>(act(q)).message; }

// The law, written down a second time: what may follow what. Everything else must be refused.
const std::set<std::pair<std::string, std::string>> kAllowed{
    {"", "open"}, {"requested", "authorise"}, {"authorised", "receive"}, {"received", "close"}};
const std::string kStates[] = {"", "requested", "authorised", "received", "closed"};
const std::string kCommands[] = {"open", "authorise", "receive", "close"};

TEST(Rma, allows_each_legal_step_and_refuses_every_other_with_a_reason) {
    int refused = 0;
    for (const std::string& state : kStates) {
        for (const std::string& command : kCommands) {
            const Question q = question(state, command, complete(command));
            if (kAllowed.contains({state, command})) {
                EXPECT_EQ(refusal(q), "allowed") << state << " " << command;
                continue;
            }
            ++refused;
            EXPECT_EQ(refusal(q), "rma.wrong_state") << state << " " << command;
            EXPECT_NE(message(q).find(state.empty() ? "no case yet" : state), std::string::npos) << message(q);
        }
    }
    EXPECT_EQ(refused, 16);
}

TEST(Rma, says_which_state_a_step_needs) {
    EXPECT_EQ(message(question("requested", "receive", {{"item", "U1"}})), "cannot receive: the case is requested, it must be authorised");
    EXPECT_EQ(message(question("closed", "open")), "cannot open: the case is already closed");
    EXPECT_EQ(message(question("", "close")), "cannot close: there is no case yet, open comes first");
    EXPECT_EQ(message(question("requested", "ship")), "there is no command 'ship'; there are open, authorise, receive, close");
}

TEST(Rma, folds_its_own_events_to_the_states_and_no_others) {
    const std::pair<const char*, const char*> path[] = {
        {"opened", "requested"}, {"authorised", "authorised"}, {"received", "received"}, {"closed", "closed"}};
    std::string state;
    for (const auto& [event, after] : path) {
        ASSERT_TRUE(state_after(state, event)) << event;
        EXPECT_EQ(*state_after(state, event), after);
        for (const std::string& other : kStates)
            if (other != state) {
                EXPECT_FALSE(state_after(other, event)) << event << " after " << other;
            }
        state = after;
    }
    EXPECT_FALSE(state_after("requested", "stolen"));
}

TEST(Rma, gives_an_event_that_its_fold_takes) {
    for (const auto& [state, command] : kAllowed) {
        const auto answer = act(question(state, command, complete(command)));
        ASSERT_TRUE(std::holds_alternative<NewEvent>(answer));
        EXPECT_TRUE(state_after(state, std::get<NewEvent>(answer).type)) << command;
    }
}

TEST(Rma, stops_the_wrong_unit_and_names_both_numbers) {
    const Question wrong = question("authorised", "receive", {{"item", "U2"}});
    EXPECT_EQ(refusal(wrong), "rma.wrong_unit");
    EXPECT_EQ(message(wrong), "wrong unit: this case is for 'U1' (serial), the box holds 'U2'");
    EXPECT_EQ(std::get<Refusal>(act(wrong)).subject, "U2");
}

TEST(Rma, takes_the_unit_by_any_of_its_numbers) {
    for (const char* number : {"U1", "490154203237518", "352099001761481", kItem, " U1\r\n"}) {
        const auto answer = act(question("authorised", "receive", {{"item", number}, {"note", "box torn"}}));
        ASSERT_TRUE(std::holds_alternative<NewEvent>(answer)) << number;
        const Fields& fields = std::get<NewEvent>(answer).fields;
        EXPECT_FALSE(fields.contains("item"));
        EXPECT_EQ(fields.at("note"), "box torn");
    }
    EXPECT_EQ(std::get<NewEvent>(act(question("authorised", "receive", {{"item", " U1 "}}))).fields.at("received"), "U1");
    for (const char* number : {"U", "U11", "UI", "serial", " "})
        EXPECT_EQ(refusal(question("authorised", "receive", {{"item", number}})), "rma.wrong_unit") << number;
}

TEST(Rma, takes_a_number_in_any_case_and_with_other_marks_between_its_groups) {
    Question q = question("authorised", "receive");
    q.identities = {{"serial", "HJ26-00148"}};
    for (const char* same : {"hj26 00148", "HJ2600148", "hj26-00148", "Hj 26/00148", "HJ26.00148", "HJ26_00:148"}) {
        q.fields["item"] = same;
        EXPECT_EQ(refusal(q), "allowed") << same;
        EXPECT_EQ(std::get<NewEvent>(act(q)).fields.at("received"), same);  // as it was read
    }
    for (const char* other : {"hj26 00149", "HJ26-0148", "HJ26-001480", "HJ26+00148", "HJ26-O0148", "-", "- -"}) {
        q.fields["item"] = other;
        EXPECT_EQ(refusal(q), "rma.wrong_unit") << other;
    }
}

TEST(Rma, takes_no_number_that_is_all_marks_for_another) {
    Question q = question("authorised", "receive", {{"item", "-"}});
    q.identities = {{"serial", "/"}};
    EXPECT_EQ(refusal(q), "rma.wrong_unit");
    q.fields["item"] = "/";
    EXPECT_EQ(refusal(q), "allowed");
}

TEST(Rma, compares_by_id_alone_when_the_item_has_no_numbers) {
    Question q = question("authorised", "receive", {{"item", "U1"}});
    q.identities.clear();
    EXPECT_EQ(message(q), std::string("wrong unit: this case is for '") + kItem + "', the box holds 'U1'");
    q.fields["item"] = kItem;
    EXPECT_EQ(refusal(q), "allowed");
}

TEST(Rma, refuses_missing_and_unknown_fields_by_name) {
    EXPECT_EQ(message(question("authorised", "receive")), "receive needs the field 'item'");
    EXPECT_EQ(refusal(question("authorised", "receive", {{"item", ""}})), "rma.missing_field");
    EXPECT_EQ(message(question("received", "close", {{"outcom", "repaired"}})), "'outcom' is not a field of close; it takes outcome, note");
    EXPECT_EQ(refusal(question("requested", "authorise", {{"item", "U1"}})), "rma.unknown_field");
}

TEST(Rma, keeps_what_a_command_tells_in_its_event) {
    const auto answer = act(question("", "open", {{"reason", "does not switch on"}, {"customer", "urn:stemma:tryton:party:4"}}));
    EXPECT_EQ(std::get<NewEvent>(answer).type, "opened");
    EXPECT_EQ(std::get<NewEvent>(answer).fields, (Fields{{"reason", "does not switch on"}, {"customer", "urn:stemma:tryton:party:4"}}));
}

TEST(Rma, asks_for_the_items_numbers_only_when_a_unit_is_received) {
    for (const std::string& state : kStates)
        for (const std::string& command : kCommands)
            EXPECT_EQ(needs_identities(question(state, command, complete(command))), state == "authorised" && command == "receive")
                << state << " " << command;
    EXPECT_FALSE(needs_identities(question("authorised", "receive"))) << "without a number there is nothing to compare";
}

}  // namespace
}  // namespace stemma::rma
