#include "adapters/http/gate.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/engine/access.hpp"

namespace stemma::http {
namespace {

constexpr std::string_view kLocal = "local";  ///< Request::remote of a command line that has the state folder in hand

Response unauthenticated(std::string_view detail, std::string_view hint, bool token_shown) {
    Response response = problem(401, to_string(Errc::unauthenticated), "Sign in", detail, "Authorization", hint);
    response.headers["WWW-Authenticate"] = token_shown ? R"(Bearer realm="stemma", error="invalid_token")" : R"(Bearer realm="stemma")";
    return response;
}

Response who_are_you() {
    return unauthenticated("this needs a user or a token", "sign in: stemma login NAME; or send the header Authorization: Bearer TOKEN",
                           false);
}

Response unknown_token(engine::AccessDesk& desk, const std::string& from, std::string_view token) {
    if (const std::uint64_t wait = desk.token_wait(from, true); wait != 0) {
        Response response = problem(429, to_string(Errc::busy), "Too busy", fmt::format("too many wrong tokens from {}", from),
                                    "Authorization", fmt::format("wait for {} s; a token that is good is taken all the time", wait));
        response.headers["Retry-After"] = std::to_string(wait);
        return response;
    }
    if (!engine::is_token_form(token))
        return unauthenticated("this is not a token of Stemma's", "it begins with stm_ and was cut, or changed on its way", true);
    return unauthenticated("the token is not known, was revoked, or is over", "sign in again: stemma login NAME; or ask for a new token",
                           true);
}

Response forbidden(const Identity& who, Act act) {
    const Permission& row = permission(act);
    const bool by_group = who.roles.meets(row.roles);
    const std::string detail =
        by_group ? fmt::format("the token of {} is not for {}", who.actor, row.name) : fmt::format("{} may not {}", who.actor, row.name);
    const std::string hint = by_group ? fmt::format("it is for {} alone", fmt::join(who.groups, ", "))
                                      : fmt::format("it needs one of the roles {}", fmt::join(names_of(row.roles), ", "));
    return problem(403, to_string(Errc::forbidden), "Not allowed", detail, {}, hint);
}

std::optional<Response> check(Api& api, Act act, Request& request) {
    if (act == Act::open) return std::nullopt;
    engine::AccessDesk& desk = *api.access;
    const auto book = desk.book();
    if (!book) return problem(book.error());
    if (!(*book)->is_closed()) return std::nullopt;
    if (request.who)
        return may(*request.who, act) ? std::nullopt : std::optional{forbidden(*request.who, act)};  // a command that was approved
    if (request.remote == kLocal) {
        request.who = std::make_shared<const Identity>(
            Identity{.actor = api.local_actor, .user = {}, .token = {}, .roles = {}, .groups = {}, .anything = true});
        return std::nullopt;
    }
    const std::string_view token = bearer_of(request);
    if (token.empty()) {
        desk.note_refusal({"unknown", std::string{to_string(act)}, request.remote});
        return who_are_you();
    }
    std::shared_ptr<const Identity> who = (*book)->find(token, desk.now());
    if (!who) {
        desk.note_refusal({"unknown", std::string{to_string(act)}, request.remote});
        return unknown_token(desk, request.remote, token);
    }
    if (!may(*who, act)) {
        desk.note_refusal({who->actor, std::string{to_string(act)}, request.remote});
        return forbidden(*who, act);
    }
    request.who = std::move(who);
    return std::nullopt;
}

}  // namespace

std::string_view bearer_of(const Request& request) noexcept {
    constexpr std::string_view kScheme = "bearer ";
    const auto found = request.headers.find("authorization");
    if (found == request.headers.end()) return {};
    const std::string_view value = found->second;
    const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b; };
    if (value.size() <= kScheme.size() || !std::ranges::equal(value.substr(0, kScheme.size()), kScheme, same)) return {};
    std::string_view token = value.substr(kScheme.size());
    while (token.starts_with(' ')) token.remove_prefix(1);
    return token;
}

Gate make_gate(Api& api) {
    return {[&api](Act act, Request& request) { return check(api, act, request); },
            [&api] { return api.access->book_in_memory() != nullptr; }};
}

}  // namespace stemma::http
