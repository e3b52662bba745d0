// Signing in and out, users, tokens, the table of roles.
#include <fmt/format.h>

#include "adapters/http/api.hpp"
#include "adapters/http/gate.hpp"
#include "adapters/http/signing.hpp"
#include "core/engine/access.hpp"
#include "core/engine/idempotency.hpp"

namespace stemma::http {
namespace {

/// Who asks for a change, and the body's reason.
Result<engine::By> by_of(const Request& request, std::string reason, const engine::Limits& limits) {
    auto actor = actor_of(request);
    if (!actor) return std::unexpected(actor.error());
    if (auto fine = engine::check_key_and_reason({}, reason, limits.event); !fine) return std::unexpected(fine.error());
    return engine::By{*std::move(actor), std::move(reason)};
}

void write_names(json::Writer& out, std::string_view name, RoleSet roles) { write_texts(out, name, names_of(roles)); }

Response login(Api& api, const Request& request) {
    std::string user;
    std::string phrase;
    auto read = read_object(request, [&](json::Reading&, json::Fields& fields) {
        fields.need("user", user);
        fields.need("password", phrase);
    });
    if (!read) return problem(read.error());
    std::uint64_t wait_seconds = 0;
    const auto made = api.access->sign_in(user, phrase, request.remote, wait_seconds);
    if (!made) return problem_with_wait(made.error(), wait_seconds);
    json::Writer out;
    out.begin_object();
    out.field("user", user);
    out.field("token", made->token);
    out.field("expiresAt", format_instant(made->record.expires_at));
    write_names(out, "roles", made->record.roles);
    out.end_object();
    Response response{201, "application/json", out.take(), {}};
    response.headers["Cache-Control"] = "no-store";  // RFC 6749 section 5.1
    return response;
}

Result<std::string> logout(Api& api, const Request& request) {
    if (request.who)
        if (auto ended = api.access->sign_out(*request.who); !ended) return std::unexpected(ended.error());
    return std::string{"{}"};
}

Result<std::string> me(Api& api, const Request& request) {
    const auto book = api.access->book();
    if (!book) return std::unexpected(book.error());
    const auto actor = actor_of(request);
    if (!actor) return std::unexpected(actor.error());
    const bool closed = (*book)->is_closed();
    json::Writer out;
    out.begin_object();
    out.field("actor", *actor);
    out.field("access", closed ? "closed" : "open");
    const Identity nobody{.actor = {}, .user = {}, .token = {}, .roles = {}, .groups = {}, .anything = true};
    const Identity& who = request.who ? *request.who : nobody;
    out.field("user", who.user);
    write_names(out, "roles", who.roles);
    if (!who.groups.empty()) write_texts(out, "groups", who.groups);
    out.key("may");
    out.begin_array();
    for (const Permission& row : permissions())
        if (may(who, row.act)) out.string(row.name);
    out.end_array();
    out.end_object();
    return out.take();
}

Response own_password(Api& api, const Request& request) {
    std::string old_phrase;
    engine::AccountChange change;
    auto read = read_object(request, [&](json::Reading&, json::Fields& fields) {
        fields.need("old", old_phrase);
        fields.need("new", change.phrase.emplace());
    });
    if (!read) return problem(read.error());
    if (!request.who || request.who->user.empty())
        return problem({Errc::conflict, "only a user has a password", {}, "sign in: stemma login NAME"});
    std::uint64_t wait_seconds = 0;
    const std::string& user = request.who->user;
    if (auto fits = api.access->check_phrase(user, old_phrase, request.remote, wait_seconds); !fits)
        return problem_with_wait(fits.error(), wait_seconds);
    const auto changed = api.access->change_user(user, change, {request.who->actor});
    return changed ? Response{200, "application/json", "{}", {}} : problem(changed.error());
}

Result<std::string> roles(const Request&) {
    json::Writer out;
    out.begin_object();
    out.key("commands");
    out.begin_array();
    for (const Permission& row : permissions()) {
        out.begin_object();
        out.field("name", row.name);
        out.field("what", row.what);
        write_names(out, "roles", row.roles);
        out.end_object();
    }
    out.end_array();
    out.end_object();
    return out.take();
}

Result<std::string> users(Api& api, const Request&) {
    const auto book = api.access->book();
    if (!book) return std::unexpected(book.error());
    const engine::AccessBook& known = **book;
    json::Writer out;
    out.begin_object();
    out.key("users");
    out.begin_array();
    for (const auto& [name, account] : known.accounts()) {
        out.begin_object();
        out.field("name", name);
        out.field("fullName", account.full_name);
        write_names(out, "roles", account.roles);
        write_flag(out, "disabled", account.disabled);
        out.field("addedAt", format_instant(account.added_at));
        out.field("passwordAt", format_instant(account.phrase_at));
        out.end_object();
    }
    out.end_array();
    out.end_object();
    return out.take();
}

void read_roles(json::Reading& reading, json::Fields& fields, std::optional<RoleSet>& roles) {
    if (fields.has("roles")) roles.emplace();
    fields.each("roles", [&](const json::Node& node) {
        const std::string name = reading.string(node);
        if (reading.refused()) return;
        if (const auto role = role_from(name))
            roles->add(*role);
        else
            reading.refuse(role.error());
    });
}

/// The fields that adding and changing a user share.
void read_account(json::Reading& reading, json::Fields& fields, engine::AccountChange& change, std::string& reason) {
    read_roles(reading, fields, change.roles);
    if (fields.has("fullName")) fields.read("fullName", change.full_name.emplace());
    if (fields.has("password")) fields.read("password", change.phrase.emplace());
    fields.read("reason", reason);
}

Response add_user(Api& api, const Request& request) {
    std::string name;
    std::string reason;
    engine::AccountChange with;
    auto read = read_object(request, [&](json::Reading& reading, json::Fields& fields) {
        fields.need("name", name);
        fields.require("password");
        read_account(reading, fields, with, reason);
    });
    if (!read) return problem(read.error());
    const auto by = by_of(request, std::move(reason), api.engine.limits());
    if (!by) return problem(by.error());
    const auto added = api.access->add_user(name, with.phrase.value_or(""), with, *by);
    return added ? Response{201, "application/json", fmt::format(R"({{"name":{}}})", json_quote(name)), {}} : problem(added.error());
}

Result<std::string> change_user(Api& api, const Request& request) {
    std::string reason;
    engine::AccountChange change;
    auto read = read_object(request, [&](json::Reading& reading, json::Fields& fields) {
        read_account(reading, fields, change, reason);
        if (fields.has("disabled")) fields.read("disabled", change.disabled.emplace());
    });
    if (!read) return std::unexpected(read.error());
    const auto by = by_of(request, std::move(reason), api.engine.limits());
    if (!by) return std::unexpected(by.error());
    if (auto changed = api.access->change_user(request.argument("user"), change, *by); !changed) return std::unexpected(changed.error());
    return fmt::format(R"({{"name":{}}})", json_quote(request.argument("user")));
}

void write_token(json::Writer& out, const engine::AccessToken& token) {
    out.field("id", token.id);
    out.field("name", token.name);
    out.field("user", token.user);
    if (token.user.empty()) write_names(out, "roles", token.roles);
    if (!token.groups.empty()) write_texts(out, "groups", token.groups);
    out.field("madeAt", format_instant(token.made_at));
    out.field("expiresAt", format_instant(token.expires_at));
}

Result<std::string> tokens(Api& api, const Request&) {
    const auto book = api.access->book();
    if (!book) return std::unexpected(book.error());
    const engine::AccessBook& known = **book;
    json::Writer out;
    out.begin_object();
    out.key("tokens");
    out.begin_array();
    for (const engine::AccessToken& token : known.tokens()) {
        out.begin_object();
        write_token(out, token);
        write_flag(out, "over", token.expires_at <= api.access->now());
        out.end_object();
    }
    out.end_array();
    out.end_object();
    return out.take();
}

Response make_token(Api& api, const Request& request) {
    engine::TokenOrder order;
    std::optional<RoleSet> roles_given;
    std::string reason;
    auto read = read_object(request, [&](json::Reading& reading, json::Fields& fields) {
        fields.need("name", order.name);
        read_roles(reading, fields, roles_given);
        fields.read("groups", order.groups);
        fields.read("days", order.days);
        fields.read("reason", reason);
    });
    if (!read) return problem(read.error());
    order.roles = roles_given.value_or(RoleSet{});
    const auto by = by_of(request, std::move(reason), api.engine.limits());
    if (!by) return problem(by.error());
    const auto made = api.access->make_token(order, *by);
    if (!made) return problem(made.error());
    json::Writer out;
    out.begin_object();
    out.field("token", made->token);
    write_token(out, made->record);
    out.end_object();
    Response response{201, "application/json", out.take(), {}};
    response.headers["Cache-Control"] = "no-store";
    return response;
}

Result<std::string> revoke(Api& api, const Request& request) {
    std::string reason;
    if (!request.body.empty()) {
        auto read = read_object(request, [&](json::Reading&, json::Fields& fields) { fields.read("reason", reason); });
        if (!read) return std::unexpected(read.error());
    }
    const auto by = by_of(request, std::move(reason), api.engine.limits());
    if (!by) return std::unexpected(by.error());
    const auto count = api.access->revoke(request.argument("token"), *by);
    if (!count) return std::unexpected(count.error());
    return fmt::format(R"({{"revoked":{}}})", *count);
}

}  // namespace

void add_access_routes(Router& router, Api& api) {
    if (api.access == nullptr) return;
    router.guard_by(make_gate(api));
    router.add({"GET", "/api/v1/roles", {}, json_handler(roles)});
    router.add({"POST", "/api/v1/login", {}, [&](const Request& r) { return login(api, r); }, {}, true});
    router.add({"POST", "/api/v1/logout", {}, json_handler([&](const Request& r) { return logout(api, r); }), {}, true});
    router.add({"GET", "/api/v1/me", {}, json_handler([&](const Request& r) { return me(api, r); })});
    router.add({"POST", "/api/v1/me/password", {}, [&](const Request& r) { return own_password(api, r); }, {}, true});
    router.add({"GET", "/api/v1/users", {}, json_handler([&](const Request& r) { return users(api, r); })});
    router.add({"POST", "/api/v1/users", {}, [&](const Request& r) { return add_user(api, r); }, {}, true});
    router.add({"POST", "/api/v1/users/{user}", {}, json_handler([&](const Request& r) { return change_user(api, r); }), {}, true});
    router.add({"GET", "/api/v1/tokens", {}, json_handler([&](const Request& r) { return tokens(api, r); })});
    router.add({"POST", "/api/v1/tokens", {}, [&](const Request& r) { return make_token(api, r); }, {}, true});
    router.add({"POST", "/api/v1/tokens/{token}/revoke", {}, json_handler([&](const Request& r) { return revoke(api, r); }), {}, true});
}

}  // namespace stemma::http
