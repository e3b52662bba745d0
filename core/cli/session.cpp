#include "core/cli/session.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <fstream>
#include <functional>
#include <istream>
#include <iterator>
#include <ostream>
#include <thread>

#include "core/base/digest.hpp"
#include "core/base/text.hpp"
#include "core/cli/secret_input.hpp"
#include "core/cli/token_file.hpp"
#include "core/cli/words.hpp"

namespace stemma::cli {
namespace {

constexpr std::size_t kLastLineBytesMax = 4096;  ///< of an answer in rows

/// Findings of a refusal: what the rule or workflow says, and on whose authority. What was `said` already is not said again.
std::string findings_text(const Json& verdict, std::string_view said) {
    std::string out;
    for (const Json& finding : list_at(verdict, "findings")) {
        const std::string message = text_at(finding, "message");
        std::string line = "  " + text_at(finding, "code") + (message == said ? "" : ": " + message);
        const std::string subject = text_at(finding, "subject");
        const std::string citation = text_at(finding, "citation");
        if (!subject.empty()) line += fmt::format(" [{}]", short_id(subject));
        if (!citation.empty()) line += fmt::format(" ({})", citation);
        out += printable(line) + '\n';
    }
    return out;
}

Error not_stemma(const std::string& why) {
    return {Errc::unavailable, fmt::format("what answers there is not Stemma: {}", why), {}, "check --server"};
}

/// A daemon has its own environment; in its place this process would need what is missing.
Error needed_here(Error missing) {
    missing.hint = "no stemmad answers, and reading the state folder directly needs every setting: set it here, or start stemmad";
    return missing;
}

constexpr int kAccepted = 202;
constexpr int kSignatureRequired = 428;
constexpr int kTooBusy = 429;            ///< nothing was done: it may be sent again
constexpr unsigned kBusyRetriesMax = 5;  ///< then the caller is told
constexpr unsigned kPauseSecondsMax = 10;

/// How long to wait before a request is sent again, as the answer asks; nothing for longer than anybody waits for.
std::optional<std::chrono::seconds> pause_of(const http::Response& busy) {
    const auto after = busy.headers.find("Retry-After");
    unsigned seconds = 1;
    if (after != busy.headers.end()) std::from_chars(after->second.data(), after->second.data() + after->second.size(), seconds);
    if (seconds > kPauseSecondsMax) return std::nullopt;
    return std::chrono::seconds{seconds};
}

/// Sends until it is taken, but a few times at most.
Result<http::Response> send_patiently(const std::function<Result<http::Response>()>& send) {
    auto response = send();
    for (unsigned again = 0; response && response->status == kTooBusy && again < kBusyRetriesMax; ++again) {
        const auto pause = pause_of(*response);
        if (!pause) break;
        std::this_thread::sleep_for(*pause);
        response = send();
    }
    return response;
}

/// No settings file was named: only then is it no mistake that there is none.
bool may_lack_settings(const Invocation& call, const Errors& errors) {
    return !call.config && std::getenv("STEMMA_CONFIG") == nullptr && errors.size() == 1 && errors.front().code == Errc::not_found;
}

}  // namespace

std::expected<const config::Settings*, Errors> Session::settings() {
    if (settings_) return &*settings_;
    const auto file = config::find_settings_file(call_.config);
    if (!file) return std::unexpected(Errors{file.error()});
    auto loaded = config::load_settings(*file, nullptr, config::Unresolved::keep);
    if (!loaded) return std::unexpected(std::move(loaded).error());
    settings_ = *std::move(loaded);
    return &*settings_;
}

std::expected<const config::Settings*, Errors> Session::settings_or_defaults() {
    auto found = settings();
    if (found || !may_lack_settings(call_, found.error())) return found;
    static const config::Settings defaults;
    return &defaults;
}

std::expected<Transport*, Errors> Session::transport() {
    if (transport_) return transport_.get();
    const config::Settings* settings = nullptr;
    OpenLocal open = offline_.open;
    if (!call_.server) {
        const auto found = this->settings();
        const auto usable = settings_or_defaults();
        if (!usable) return std::unexpected(usable.error());
        settings = *usable;
        // Without a settings file there may still be a daemon at the default address, but no state folder to read.
        if (!found)
            open = [error = found.error().front()](const config::Settings&) { return std::unexpected(error); };
        else if (!settings->unresolved.empty())
            open = [](const config::Settings& given) { return std::unexpected(needed_here(given.unresolved.front())); };
    }
    auto chosen = choose_transport(call_.server, settings, open, offline_.use_of, screen_.err);
    if (!chosen) return std::unexpected(Errors{chosen.error()});
    transport_ = *std::move(chosen);
    return transport_.get();
}

/// The token comes from the command line, the environment, or the last sign-in.
Result<void> Session::say_who(http::Request& request) const {
    if (!call_.actor.empty()) request.headers["stemma-actor"] = call_.actor;
    std::string token = call_.token;
    if (const char* given = std::getenv("STEMMA_TOKEN"); token.empty() && given != nullptr) token = given;
    if (token.empty()) {
        auto kept = read_token_file();
        if (!kept) return std::unexpected(kept.error());
        token = *std::move(kept);
    }
    if (!token.empty()) request.headers["authorization"] = "Bearer " + token;
    return {};
}

/// Asks for the password and adds the signature of what the API wants signed.
Result<void> Session::sign(http::Request& request, const Json& sign) {
    const auto me = ask_once(get("/api/v1/me"));
    if (!me) return std::unexpected(me.error().front());
    const std::string user = text_at(me->json, "user");
    if (user.empty()) return stemma::fail(Errc::unauthenticated, "only a user can sign", {}, "sign in: stemma login NAME");
    const std::string said = text_at(sign, "said");
    screen_.err << printable(
                       fmt::format("{} signs '{}' of {}{}", user, call_.sign, text_at(sign, "command"), said.empty() ? "" : ": " + said))
                << "\n";
    const std::string phrase = ask_line(screen_, is_terminal(screen_), "Password: ");
    const boost::json::object offer{
        {"user", user}, {"secret", phrase}, {"meaning", call_.sign}, {"reason", call_.reason}, {"digest", text_at(sign, "digest")}};
    request.headers["stemma-signature"] = to_base64(boost::json::serialize(offer));
    return {};
}

std::expected<Answer, Errors> Session::ask(http::Request request) {
    auto answer = ask_once(request);
    if (!answer || answer->status != kSignatureRequired || call_.sign.empty()) return answer;
    if (auto done = sign(request, at(answer->json, "sign")); !done) return std::unexpected(Errors{done.error()});
    return ask_once(std::move(request));
}

std::expected<Answer, Errors> Session::ask_once(http::Request request) {
    const auto way = transport();
    if (!way) return std::unexpected(way.error());
    if (auto known = say_who(request); !known) return std::unexpected(Errors{known.error()});
    auto response = send_patiently([&] { return (*way)->send(request); });
    if (!response) return std::unexpected(Errors{response.error()});
    auto json = parse_json(response->body);
    if (!json) return std::unexpected(Errors{not_stemma(json.error().message)});
    return Answer{response->status, std::move(response->body), *std::move(json)};
}

ExitCode Session::show(http::Request request, const Render& render, const Judge& judge) {
    const auto answer = ask(std::move(request));
    if (!answer) return fail(answer.error());
    if (!answer->ok()) return fail(*answer);
    if (answer->status == kAccepted && !at(answer->json, "approval").is_null()) return show_proposed(*answer);
    if (call_.json)
        screen_.out << answer->body << '\n';
    else
        print(render(answer->json));
    return judge ? judge(answer->json) : ExitCode::done;
}

/// Signed, and somebody else has to sign it too.
ExitCode Session::show_proposed(const Answer& answer) {
    if (call_.json)
        screen_.out << answer.body << '\n';
    else
        print(fmt::format("It waits for a second person until {}: stemma approval approve {} --sign MEANING\n",
                          text_at(answer.json, "until"), text_at(answer.json, "approval")));
    return ExitCode::done;
}

ExitCode Session::pass_on(http::Request request, const LastLine& end) {
    const auto way = transport();
    if (!way) return fail(way.error());
    if (auto known = say_who(request); !known) return fail(known.error());
    std::string tail;
    const Take take = [&](std::string_view piece) {
        screen_.out << piece << std::flush;
        tail += piece;
        if (tail.size() > kLastLineBytesMax) tail.erase(0, tail.size() - kLastLineBytesMax);
        return screen_.out.good();
    };
    const auto response = send_patiently([&] { return (*way)->send_to(request, take); });
    if (!response) return fail(response.error());
    if (response->status >= 400) {
        auto json = parse_json(response->body);
        if (!json) return fail(not_stemma(json.error().message));
        return fail(Answer{response->status, response->body, *std::move(json)});
    }
    while (tail.ends_with('\n') || tail.ends_with('\r')) tail.pop_back();
    const std::string_view last = std::string_view{tail}.substr(tail.rfind('\n') + 1);
    if (last.starts_with(end.begins) && last.ends_with(end.ends)) return ExitCode::done;
    return fail(
        Error{Errc::unavailable, "the answer was cut off: its last line is missing", {}, "what came is not all there is; ask again"});
}

ExitCode Session::fetch(http::Request request, std::string& body) {
    const auto way = transport();
    if (!way) return fail(way.error());
    if (!call_.actor.empty()) request.headers["stemma-actor"] = call_.actor;
    auto response = send_patiently([&] { return (*way)->send(request); });
    if (!response) return fail(response.error());
    if (response->status < 400) {
        body = std::move(response->body);
        return ExitCode::done;
    }
    auto json = parse_json(response->body);
    if (!json) return fail(not_stemma(json.error().message));
    return fail(Answer{response->status, response->body, *std::move(json)});
}

void Session::print(std::string_view text) {
    screen_.out << text;
    if (!text.empty() && !text.ends_with('\n')) screen_.out << '\n';
}

void Session::print_json(const Json& value) { screen_.out << boost::json::serialize(value) << '\n'; }

void Session::complain(const Error& error) {
    const Look look{screen_.err_colour, 0};
    const std::string where = error.where.empty() ? std::string{} : printable(error.where) + ": ";
    screen_.err << paint(look, Tone::bad, "stemma:") << ' ' << where << printable(error.message) << '\n';
    if (!error.hint.empty()) screen_.err << "  " << printable(error.hint) << '\n';
}

ExitCode Session::fail(const Error& error) {
    complain(error);
    if (call_.json) screen_.out << http::problem(error).body << '\n';
    return exit_code_of(error.code);
}

ExitCode Session::fail(const Errors& errors) {
    for (const Error& error : errors) fail(error);
    return errors.empty() ? ExitCode::broken : exit_code_of(errors.front().code);
}

ExitCode Session::fail(const Answer& problem) {
    const std::string detail = text_at(problem.json, "detail");
    complain({Errc::internal, detail.empty() ? fmt::format("the API answered {}", problem.status) : detail,
              text_at(problem.json, "pointer"), text_at(problem.json, "hint")});
    screen_.err << findings_text(at(problem.json, "verdict"), detail);
    if (call_.json) screen_.out << problem.body << '\n';
    return exit_code_of(text_at(problem.json, "type"), problem.status);
}

Result<std::string> Session::read_input(const std::filesystem::path& file) {
    std::ifstream opened;
    const bool from_file = file != "-";
    std::error_code ignored;
    if (from_file) {
        if (std::filesystem::is_directory(file, ignored)) return stemma::fail(Errc::invalid_input, "is a folder", file.string());
        opened.open(file, std::ios::binary);
        if (!opened) return stemma::fail(Errc::invalid_input, "cannot be opened", file.string());
    }
    std::istream& in = from_file ? opened : screen_.in;
    std::string text(kInputBytesMax + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (in.bad()) return stemma::fail(Errc::invalid_input, "cannot be read", file.string());
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (text.size() > kInputBytesMax)
        return stemma::fail(Errc::too_large, fmt::format("is larger than {} bytes", kInputBytesMax), file.string(), "split it");
    return std::string{without_byte_order_mark(text)};
}

http::Request get(std::string path, Query query) { return {"GET", std::move(path), std::move(query), {}, {}, {}, {}}; }

http::Request post(std::string path, std::string body, Query query) {
    return {"POST", std::move(path), std::move(query), {}, std::move(body), {}, {}};
}

std::string api_path(std::string_view before, std::string_view argument, std::string_view after) {
    return fmt::format("/api/v1/{}{}{}", before, http::percent_encode(argument), after);
}

void add(Query& query, const char* name, const std::optional<std::uint64_t>& value) {
    if (value) query[name] = std::to_string(*value);
}

void add(Query& query, const char* name, const std::string& value) {
    if (!value.empty()) query[name] = value;
}

}  // namespace stemma::cli
