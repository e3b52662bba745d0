// The table of rights, and that it stands in the manual word for word.
#include "core/domain/access.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace stemma {
namespace {

Identity somebody(RoleSet roles, std::vector<std::string> groups = {}) { return {"user:ada", "ada", "", roles, std::move(groups)}; }

TEST(Roles, are_read_by_the_names_they_are_written_with) {
    for (const Permission& row : permissions())
        for (const Role role : roles_of(row.roles)) EXPECT_EQ(role_from(to_string(role)).value(), role);
    EXPECT_EQ(names_of({Role::public_, Role::operator_}), (std::vector<std::string>{"operator", "public"}));
    const auto wrong = role_from("auditer");
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().hint, "did you mean 'auditor'?");
}

TEST(Rights, are_denied_to_who_has_no_role) {
    for (const Permission& row : permissions())
        EXPECT_EQ(may(somebody({}), row.act), row.act == Act::open || row.act == Act::self) << row.name;
}

TEST(Rights, of_several_roles_are_those_of_each) {
    EXPECT_FALSE(may(somebody({Role::administrator}), Act::events_record));
    EXPECT_FALSE(may(somebody({Role::operator_}), Act::access_change));
    const Identity both = somebody({Role::administrator, Role::operator_});
    EXPECT_TRUE(may(both, Act::events_record));
    EXPECT_TRUE(may(both, Act::access_change));
}

TEST(Rights, let_an_auditor_change_nothing) {
    for (const Act act : {Act::events_record, Act::master_record, Act::cases_act, Act::plugins_reload, Act::plugins_change, Act::erp_sync,
                          Act::erp_declare, Act::access_change, Act::approvals_decide})
        EXPECT_FALSE(may(somebody({Role::auditor}), act)) << to_string(act);
    for (const Act act : {Act::items_read, Act::events_read, Act::trace_read, Act::ledger_read, Act::access_read, Act::cases_read})
        EXPECT_TRUE(may(somebody({Role::auditor}), act)) << to_string(act);
}

TEST(Rights, of_a_token_end_at_its_groups) {
    const Identity token = somebody({Role::integrator}, {"items", "events"});
    EXPECT_TRUE(may(token, Act::items_read));
    EXPECT_TRUE(may(token, Act::events_record));
    EXPECT_FALSE(may(token, Act::master_record));
    EXPECT_FALSE(may(token, Act::access_change));  // no group adds a right
    EXPECT_TRUE(may(token, Act::self));
}

TEST(Rights, ask_no_role_of_who_has_the_state_folder) {
    Identity local = somebody({});
    local.anything = true;
    for (const Permission& row : permissions()) EXPECT_TRUE(may(local, row.act)) << row.name;
}

TEST(Groups, are_what_stands_before_the_point) {
    EXPECT_EQ(group_of(Act::events_record), "events");
    EXPECT_TRUE(check_group("trace"));
    EXPECT_FALSE(check_group("trace.read"));
    EXPECT_FALSE(check_group("open"));
    EXPECT_EQ(check_group("evnts").error().hint, "did you mean 'events'?");
}

TEST(AccountNames, are_short_and_plain) {
    for (const char* fine : {"a", "ada", "line-3", "ada.l_2", "abcdefghijklmnopqrstuvwxyzabcdef"})
        EXPECT_TRUE(check_account_name(fine, "user")) << fine;
    for (const char* wrong : {"", "Ada", "3d", "-a", "ada lovelace", "ad\xC3\xA4", "a:b", "abcdefghijklmnopqrstuvwxyzabcdefg"})
        EXPECT_FALSE(check_account_name(wrong, "user")) << wrong;
}

/// A row of the manual's table: the command, what it is, a mark under each role.
std::string manual_row(const Permission& row) {
    std::string line = "| `" + std::string{row.name} + "` | " + std::string{row.what} + " |";
    for (std::size_t role = 0; role < kRoles; ++role) line += row.roles.has(static_cast<Role>(role)) ? " yes |" : "  |";
    return line;
}

TEST(Rights, stand_in_the_manual_as_they_are) {
    std::ifstream file{STEMMA_SOURCE_DIR "/core/docs/roles.md"};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    std::string header = "| command | what |";
    for (std::size_t role = 0; role < kRoles; ++role) header += " " + std::string{to_string(static_cast<Role>(role))} + " |";
    std::string table = header + "\n|---|---|";
    for (std::size_t role = 0; role < kRoles; ++role) table += "---|";
    for (const Permission& row : permissions()) table += "\n" + manual_row(row);
    EXPECT_NE(text.find("\n\n" + table + "\n\n"), std::string::npos) << "core/docs/roles.md should have:\n" << table;
}

}  // namespace
}  // namespace stemma
