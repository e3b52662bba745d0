// Who may do what: the roles, the commands, and the one table that joins them. The check of every route and the manual's table
// (core/docs/roles.md) both come from it. Deny by default: what the table does not allow is refused. Knows no HTTP and no store.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.hpp"

namespace stemma {

/// What somebody is to Stemma. A user or a token may have several.
enum class Role : unsigned char {
    administrator,       ///< runs Stemma: users, tokens, plugins, syncs; records nothing of the trade
    integrator,          ///< joins it to other systems: ERPs, numbering, programs that send events
    compliance_officer,  ///< rules, recalls, corrections
    quality,             ///< inspections, holds
    operator_,           ///< records what happens in store and production
    service_desk,        ///< returns, warranty
    auditor,             ///< reads everything, changes nothing
    partner,             ///< a supplier or customer: looks up an item
    police,              ///< asks about a theft
    public_,             ///< somebody who signed up, without any right of its own
};
inline constexpr std::size_t kRoles = 10;

/// A set of roles. A value.
class RoleSet {
public:
    constexpr RoleSet() = default;
    constexpr RoleSet(std::initializer_list<Role> roles) {
        for (const Role role : roles) add(role);
    }
    constexpr void add(Role role) noexcept { bits_ = static_cast<std::uint16_t>(bits_ | 1U << static_cast<unsigned>(role)); }
    [[nodiscard]] constexpr bool has(Role role) const noexcept { return (bits_ >> static_cast<unsigned>(role) & 1U) != 0; }
    [[nodiscard]] constexpr bool empty() const noexcept { return bits_ == 0; }
    [[nodiscard]] constexpr bool meets(RoleSet other) const noexcept { return (bits_ & other.bits_) != 0; }
    friend constexpr bool operator==(RoleSet, RoleSet) = default;

private:
    std::uint16_t bits_{0};
};

/// In the order of the enumeration: "administrator", ..., "operator", ..., "public".
[[nodiscard]] std::string_view to_string(Role role) noexcept;
/// Errors: Errc::invalid_input with the nearest name.
[[nodiscard]] Result<Role> role_from(std::string_view name);
[[nodiscard]] std::vector<Role> roles_of(RoleSet set);
[[nodiscard]] std::vector<std::string> names_of(RoleSet set);

/// What can be asked of Stemma, as far as rights tell it apart. A route is one of these, a command line's verb several.
enum class Act : unsigned char {
    open,  ///< needs nobody: liveness, the API's description, signing in
    self,  ///< about oneself: who am I, signing out, an own new password
    status_read,
    metrics_read,
    items_read,
    items_assess,
    events_read,
    events_record,
    master_record,
    trace_read,
    recall_simulate,
    cases_read,
    cases_act,
    rules_read,
    plugins_read,
    plugins_reload,
    plugins_change,
    erp_read,
    erp_sync,
    erp_declare,
    ledger_read,
    reports_run,
    access_read,
    access_change,
    approvals_read,
    approvals_decide,
};

struct Permission {
    Act act;
    std::string_view name;  ///< "events.record"; what stands before the point is its group
    std::string_view what;  ///< in words, for the manual
    RoleSet roles;          ///< who may; of `open` and `self` everybody
};

/// The table, a row per act, in the order of the enumeration.
[[nodiscard]] std::span<const Permission> permissions() noexcept;
[[nodiscard]] const Permission& permission(Act act) noexcept;
[[nodiscard]] std::string_view to_string(Act act) noexcept;
[[nodiscard]] std::string_view group_of(Act act) noexcept;
/// Errors: Errc::invalid_input with the nearest name.
[[nodiscard]] Result<Act> act_from(std::string_view name);
/// Errors: Errc::invalid_input with the nearest name.
[[nodiscard]] Result<void> check_group(std::string_view name);

/// Somebody whose word was checked.
struct Identity {
    std::string actor;  ///< as ledger entries name it: "user:ada", "token:line-3", "local:root"
    std::string user;   ///< "ada" where a person signed in; "" for a program
    std::string token;  ///< id of the token that was shown; "" where there was none
    RoleSet roles;
    std::vector<std::string> groups{};  ///< of a token: the only groups of acts it may; empty = all
    bool anything{false};               ///< has the state folder in hand: no role is asked for
};

/// The one check.
[[nodiscard]] bool may(const Identity& who, Act act) noexcept;

/// A user's name: 1 to 32 of a-z 0-9 . _ -, the first a letter. It stands in the ledger for ever, so it should not be a person's full
/// name. Errors: Errc::invalid_input.
[[nodiscard]] Result<void> check_account_name(std::string_view name, std::string_view what);

}  // namespace stemma
