// login, logout, whoami, user and token: who acts. Passwords are read without showing them, never taken from the command line.
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "core/cli/render.hpp"
#include "core/cli/secret_input.hpp"
#include "core/cli/token_file.hpp"
#include "core/cli/verbs.hpp"
#include "core/cli/words.hpp"

namespace stemma::cli {
namespace {

/// A new password: twice on a terminal, else one line.
Result<std::string> ask_new_phrase(Screen& screen) {
    const bool terminal = is_terminal(screen);
    std::string phrase = ask_line(screen, terminal, "New password: ");
    if (terminal && ask_line(screen, terminal, "The same again: ") != phrase)
        return fail(Errc::invalid_input, "the two passwords are not the same", {}, "nothing was changed");
    if (phrase.empty()) return fail(Errc::invalid_input, "no password was given", {}, "type it, or send it as a line of standard input");
    return phrase;
}

boost::json::array array_of(const std::vector<std::string>& texts) {
    boost::json::array array;
    for (const std::string& text : texts) array.emplace_back(text);
    return array;
}

std::string users_text(const Json& answer, const Look& look) {
    Table table{{{"user"}, {"state"}, {"roles"}, {"name"}, {"added"}, {"password of"}}};
    for (const Json& user : list_at(answer, "users")) {
        const bool disabled = flag_at(user, "disabled");
        table.add({text_at(user, "name"), Cell{disabled ? "disabled" : "active", disabled ? Tone::warn : Tone::good},
                   joined_at(user, "roles"), text_at(user, "fullName"), short_time(text_at(user, "addedAt")),
                   short_time(text_at(user, "passwordAt"))});
    }
    return table.empty() ? "There is no user: everybody may everything.\n" : table.text(look, 0);
}

std::string tokens_text(const Json& answer, const Look& look) {
    Table table{{{"id"}, {"token"}, {"roles"}, {"for"}, {"made"}, {"until"}}};
    for (const Json& token : list_at(answer, "tokens")) {
        const std::string user = text_at(token, "user");
        table.add({text_at(token, "id"), user.empty() ? text_at(token, "name") : fmt::format("session of {}", user),
                   joined_at(token, "roles"), joined_at(token, "groups"), short_time(text_at(token, "madeAt")),
                   Cell{short_time(text_at(token, "expiresAt")), flag_at(token, "over") ? Tone::faint : Tone::plain}});
    }
    return table.empty() ? "There is no token.\n" : table.text(look, 0);
}

ExitCode change_user(Session& session, boost::json::object change, const char* done) {
    const Invocation& call = session.call();
    if (!call.reason.empty()) change["reason"] = call.reason;
    return session.show(post(api_path("users/", call.subject), boost::json::serialize(change)),
                        [&](const Json& answer) { return fmt::format("{} {}.\n", text_at(answer, "name"), done); });
}

}  // namespace

ExitCode login(Session& session) {
    const std::string phrase = ask_line(session.screen(), is_terminal(session.screen()), "Password: ");
    const boost::json::object body{{"user", session.call().subject}, {"password", phrase}};
    const auto answer = session.ask(post("/api/v1/login", boost::json::serialize(body)));
    if (!answer) return session.fail(answer.error());
    if (!answer->ok()) return session.fail(*answer);
    const auto kept = write_token_file(text_at(answer->json, "token"));
    if (!kept) return session.fail(kept.error());
    if (session.call().json)
        session.print_json(boost::json::object{
            {"user", text_at(answer->json, "user")}, {"expiresAt", text_at(answer->json, "expiresAt")}, {"file", kept->string()}});
    else
        session.print(fmt::format("{} is signed in until {} ({}).\nThe token is kept in {}\n", text_at(answer->json, "user"),
                                  text_at(answer->json, "expiresAt"), joined_at(answer->json, "roles"), kept->string()));
    return ExitCode::done;
}

ExitCode logout(Session& session) {
    const ExitCode code = session.show(post("/api/v1/logout"), [](const Json&) { return "The session has ended.\n"; });
    remove_token_file();
    return code;
}

ExitCode whoami(Session& session) {
    return session.show(get("/api/v1/me"), [&](const Json& answer) {
        const bool open = text_at(answer, "access") == "open";
        return Facts{}
            .add("actor", text_at(answer, "actor"))
            .add("roles", open ? "there is no user: everybody may everything" : joined_at(answer, "roles"))
            .add("groups", joined_at(answer, "groups"))
            .add("may", joined_at(answer, "may"))
            .text(session.look());
    });
}

ExitCode user_add(Session& session) {
    const Invocation& call = session.call();
    const auto phrase = ask_new_phrase(session.screen());
    if (!phrase) return session.fail(phrase.error());
    boost::json::object body{{"name", call.subject}, {"password", *phrase}, {"roles", array_of(call.roles)}};
    if (!call.full_name.empty()) body["fullName"] = call.full_name;
    if (!call.reason.empty()) body["reason"] = call.reason;
    return session.show(post("/api/v1/users", boost::json::serialize(body)),
                        [&](const Json& answer) { return fmt::format("{} was added.\n", text_at(answer, "name")); });
}

ExitCode user_list(Session& session) {
    return session.show(get("/api/v1/users"), [&](const Json& answer) { return users_text(answer, session.look()); });
}

ExitCode user_disable(Session& session) { return change_user(session, {{"disabled", true}}, "is kept out; sessions have ended"); }
ExitCode user_enable(Session& session) { return change_user(session, {{"disabled", false}}, "may sign in again"); }
ExitCode user_role(Session& session) { return change_user(session, {{"roles", array_of(session.call().roles)}}, "has these roles now"); }
ExitCode user_name(Session& session) {
    return change_user(session, {{"fullName", session.call().text}},
                       session.call().text.empty() ? "has no name here any more" : "has this name now");
}

ExitCode user_passwd(Session& session) {
    const Invocation& call = session.call();
    boost::json::object own;
    if (call.subject.empty()) own["old"] = ask_line(session.screen(), is_terminal(session.screen()), "Password so far: ");
    const auto phrase = ask_new_phrase(session.screen());
    if (!phrase) return session.fail(phrase.error());
    if (!call.subject.empty()) return change_user(session, {{"password", *phrase}}, "has a new password; sessions have ended");
    own["new"] = *phrase;
    return session.show(post("/api/v1/me/password", boost::json::serialize(own)),
                        [](const Json&) { return "The password is set; sign in again.\n"; });
}

ExitCode token_new(Session& session) {
    const Invocation& call = session.call();
    boost::json::object body{{"name", call.subject}, {"roles", array_of(call.roles)}};
    if (!call.groups.empty()) body["groups"] = array_of(call.groups);
    if (call.days) body["days"] = *call.days;
    if (!call.reason.empty()) body["reason"] = call.reason;
    return session.show(post("/api/v1/tokens", boost::json::serialize(body)), [&](const Json& answer) {
        return fmt::format("{}\n\nThis is the only time it is shown. It is good until {}; its id is {}.\n", text_at(answer, "token"),
                           text_at(answer, "expiresAt"), text_at(answer, "id"));
    });
}

ExitCode token_list(Session& session) {
    return session.show(get("/api/v1/tokens"), [&](const Json& answer) { return tokens_text(answer, session.look()); });
}

ExitCode token_revoke(Session& session) {
    const Invocation& call = session.call();
    boost::json::object body;
    if (!call.reason.empty()) body["reason"] = call.reason;
    return session.show(post(api_path("tokens/", call.subject, "/revoke"), boost::json::serialize(body)), [](const Json& answer) {
        return fmt::format("{} revoked.\n", counted(count_at(answer, "revoked"), "token was", "tokens were"));
    });
}

}  // namespace stemma::cli
