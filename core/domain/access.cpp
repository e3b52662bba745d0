#include "core/domain/access.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/text.hpp"
#include "core/domain/names.hpp"

namespace stemma {
namespace {

constexpr std::size_t kAccountNameBytesMax = 32;

constexpr NameTable<Role, kRoles> kRoleNames{{{Role::administrator, "administrator"},
                                              {Role::integrator, "integrator"},
                                              {Role::compliance_officer, "compliance_officer"},
                                              {Role::quality, "quality"},
                                              {Role::operator_, "operator"},
                                              {Role::service_desk, "service_desk"},
                                              {Role::auditor, "auditor"},
                                              {Role::partner, "partner"},
                                              {Role::police, "police"},
                                              {Role::public_, "public"}}};

constexpr Role A = Role::administrator, I = Role::integrator, C = Role::compliance_officer, Q = Role::quality, O = Role::operator_,
               S = Role::service_desk, U = Role::auditor, P = Role::partner, L = Role::police, X = Role::public_;

constexpr RoleSet kEverybody{A, I, C, Q, O, S, U, P, L, X};
constexpr RoleSet kStaff{A, I, C, Q, O, S, U};

// clang-format off
constexpr std::array kPermissions{
    Permission{Act::open,             "open",              "liveness, the API's description, signing in", kEverybody},
    Permission{Act::self,             "self",              "who am I, sign out, set one's own password", kEverybody},
    Permission{Act::status_read,      "status.read",       "how Stemma and its sources are", kStaff},
    Permission{Act::metrics_read,     "metrics.read",      "figures for monitoring", {A, I, U}},
    Permission{Act::items_read,       "items.read",        "search, show items, check a number", {A, I, C, Q, O, S, U, P}},
    Permission{Act::items_assess,     "items.assess",      "ask an assessment: warranty, expiry", {A, I, C, Q, O, S, U, P}},
    Permission{Act::events_read,      "events.read",       "show recorded events", kStaff},
    Permission{Act::events_record,    "events.record",     "record events, declare them wrong", {I, C, Q, O, S}},
    Permission{Act::master_record,    "master.record",     "record products, items, places, parties", {I, C, Q, O}},
    Permission{Act::trace_read,       "trace.read",        "trace, amounts, gaps", kStaff},
    Permission{Act::recall_simulate,  "recall.simulate",   "a recall with its customers, find the cause", {A, I, C, Q, S, U}},
    Permission{Act::cases_read,       "cases.read",        "show cases and workflows", kStaff},
    Permission{Act::cases_act,        "cases.act",         "open a case, take it a step further", {C, Q, O, S}},
    Permission{Act::rules_read,       "rules.read",        "show the rules in force", kStaff},
    Permission{Act::plugins_read,     "plugins.read",      "show plugins and their options", {A, I, C, Q, U}},
    Permission{Act::plugins_reload,   "plugins.reload",    "put changed rules and settings in force", {A, I, C}},
    Permission{Act::plugins_change,   "plugins.change",    "enable and disable plugins", {A, I}},
    Permission{Act::erp_read,         "erp.read",          "sources, checks, previews, rejects, the audit", {A, I, C, Q, U}},
    Permission{Act::erp_sync,         "erp.sync",          "read an ERP now", {A, I}},
    Permission{Act::erp_declare,      "erp.declare",       "say that two ids are one, or are not", {I, C, Q}},
    Permission{Act::ledger_read,      "ledger.read",       "entries, proofs, replay", kStaff},
    Permission{Act::reports_run,      "reports.run",       "list and run reports", kStaff},
    Permission{Act::access_read,      "access.read",       "list users and tokens", {A, U}},
    Permission{Act::access_change,    "access.change",     "add and change users, make and revoke tokens", {A}},
    Permission{Act::approvals_read,   "approvals.read",    "list what waits for a second person", kStaff},
    Permission{Act::approvals_decide, "approvals.decide",  "approve or reject it, where one may do it oneself", {A, I, C, Q, O, S}},
};
// clang-format on

constexpr bool in_order() {
    for (std::size_t i = 0; i < kPermissions.size(); ++i)
        if (kPermissions[i].act != static_cast<Act>(i)) return false;
    return true;
}
static_assert(in_order());

std::string_view group_in(std::string_view name) noexcept { return name.substr(0, name.find('.')); }

}  // namespace

std::string_view to_string(Role role) noexcept { return name_of(kRoleNames, role); }
Result<Role> role_from(std::string_view name) { return value_of(kRoleNames, name, "role"); }

std::vector<Role> roles_of(RoleSet set) {
    std::vector<Role> roles;
    for (const auto& [role, name] : kRoleNames)
        if (set.has(role)) roles.push_back(role);
    return roles;
}

std::vector<std::string> names_of(RoleSet set) {
    std::vector<std::string> names;
    for (const Role role : roles_of(set)) names.emplace_back(to_string(role));
    return names;
}

std::span<const Permission> permissions() noexcept { return kPermissions; }
const Permission& permission(Act act) noexcept { return kPermissions[static_cast<std::size_t>(act)]; }
std::string_view to_string(Act act) noexcept { return permission(act).name; }
std::string_view group_of(Act act) noexcept { return group_in(permission(act).name); }

Result<Act> act_from(std::string_view name) {
    std::vector<std::string> names;
    for (const Permission& row : kPermissions) {
        if (row.name == name) return row.act;
        names.emplace_back(row.name);
    }
    std::string hint = did_you_mean(name, names);
    return fail(Errc::invalid_input, fmt::format("'{}' is not a known command", clip(name)), {},
                hint.empty() ? fmt::format("it may be {}", fmt::join(names, ", ")) : std::move(hint));
}

Result<void> check_group(std::string_view name) {
    std::vector<std::string> groups;
    for (const Permission& row : kPermissions) {
        if (row.act == Act::open || row.act == Act::self) continue;
        const std::string group{group_in(row.name)};
        if (group == name) return {};
        if (groups.empty() || groups.back() != group) groups.push_back(group);
    }
    std::string hint = did_you_mean(name, groups);
    return fail(Errc::invalid_input, fmt::format("'{}' is not a group of commands", clip(name)), {},
                hint.empty() ? fmt::format("it may be {}", fmt::join(groups, ", ")) : std::move(hint));
}

bool may(const Identity& who, Act act) noexcept {
    if (act == Act::open || act == Act::self || who.anything) return true;
    if (!who.roles.meets(permission(act).roles)) return false;
    return who.groups.empty() || std::ranges::find(who.groups, group_of(act)) != who.groups.end();
}

Result<void> check_account_name(std::string_view name, std::string_view what) {
    const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
    const auto is_fine = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-'; };
    if (!name.empty() && name.size() <= kAccountNameBytesMax && is_letter(name.front()) && std::ranges::all_of(name, is_fine)) return {};
    return fail(Errc::invalid_input, fmt::format("'{}' cannot be the name of a {}", clip(name), what), "/name",
                fmt::format("1 to {} of a-z, 0-9, '.', '_' and '-', the first a letter", kAccountNameBytesMax));
}

}  // namespace stemma
