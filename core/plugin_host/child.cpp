#include "core/plugin_host/child.hpp"

#include <boost/json.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include "core/base/text.hpp"
#include "core/plugin_host/files.hpp"
#include "core/plugin_host/messages.hpp"

namespace stemma {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
namespace msg = plugin_msg;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kLineBytesMax = 4UL * 1024 * 1024;  // bytes of one line from the checker
constexpr std::string_view kFirstStage = "start";

/// The running checker. Killed and reaped when this goes, if it has not ended by itself.
class Child {
public:
    Child(pid_t pid, int socket) : pid_{pid}, socket_{socket} {}
    ~Child() {
        ::close(socket_);
        if (!reaped_) {
            ::kill(pid_, SIGKILL);
            (void)wait();
        }
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    enum class Read : unsigned char { line, end, late, too_long };
    /// The next line, without its end.
    Read next(std::string& line, Clock::time_point deadline) {
        while (true) {
            if (const std::size_t end = buffer_.find('\n'); end != std::string::npos) {
                line = buffer_.substr(0, end);
                buffer_.erase(0, end + 1);
                return Read::line;
            }
            if (buffer_.size() > kLineBytesMax) return Read::too_long;
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
            if (left <= 0) return Read::late;
            pollfd ready{socket_, POLLIN, 0};
            if (::poll(&ready, 1, static_cast<int>(left)) <= 0) continue;  // a signal or the deadline, which is looked at above
            std::array<char, 4096> chunk{};
            const ssize_t got = ::recv(socket_, chunk.data(), chunk.size(), 0);
            if (got < 0 && errno == EINTR) continue;
            if (got <= 0) return Read::end;
            buffer_.append(chunk.data(), static_cast<std::size_t>(got));
        }
    }
    void go() const { (void)::send(socket_, "go\n", 3, MSG_NOSIGNAL); }  // a child that is gone shows at the next read

    /// Waits for the end; the status as waitpid gives it.
    int wait() {
        int status = 0;
        while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
        }
        reaped_ = true;
        return status;
    }

private:
    pid_t pid_;
    int socket_;
    bool reaped_{false};
    std::string buffer_;
};

Result<std::unique_ptr<Child>> start(const HostSettings& settings, CheckMode mode, const fs::path& request, const std::string& place) {
    const auto failed = [&](std::string_view what, int error) {
        return msg::refuse(
            msg::checker_failed, place,
            fmt::format("the plugin checker {} cannot be started: {}: {}", settings.checker.string(), what, std::strerror(error)),
            "it is installed with Stemma; without it no plugin is loaded");
    };
    std::array<int, 2> sockets{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets.data()) != 0) return failed("socketpair", errno);
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawnattr_init(&attributes);
    ::posix_spawn_file_actions_adddup2(&files, sockets[1], STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&files, sockets[1], STDOUT_FILENO);
    sigset_t none;
    sigset_t usual;
    ::sigemptyset(&none);
    ::sigfillset(&usual);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &usual);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    std::string program = settings.checker.string();
    std::string verb = mode == CheckMode::preflight ? "preflight" : "conformance";
    std::string file = request.string();
    std::array<char*, 4> arguments{program.data(), verb.data(), file.data(), nullptr};
    pid_t pid = 0;
    const int error = ::posix_spawn(&pid, program.c_str(), &files, &attributes, arguments.data(), environ);
    ::posix_spawn_file_actions_destroy(&files);
    ::posix_spawnattr_destroy(&attributes);
    ::close(sockets[1]);
    if (error != 0) {
        ::close(sockets[0]);
        return failed("posix_spawn", error);
    }
    return std::make_unique<Child>(pid, sockets[0]);
}

/// Why a child that said neither "E" nor "D" is gone.
std::unexpected<Error> ended(int status, std::string_view name, std::string_view stage, const std::string& place) {
    if (WIFSIGNALED(status)) {
        const char* signal = ::sigabbrev_np(WTERMSIG(status));
        return msg::refuse(
            msg::killed, place,
            fmt::format("plugin '{}' killed the process with SIG{} during {}", name, signal == nullptr ? "?" : signal, stage),
            "it would have taken the daemon down; it was tried in a process of its own");
    }
    return msg::refuse(msg::quit, place,
                       fmt::format("plugin '{}' ended the process with exit code {} during {}", name, WEXITSTATUS(status), stage),
                       "a plugin must never call exit()");
}

/// Follows the child to its end.
Result<std::string> follow(Child& child, const HostSettings& settings, const WantedPlugin& wanted) {
    std::string stage(kFirstStage);
    std::string line;
    auto limit = settings.stage_ms_max;
    auto deadline = Clock::now() + limit;
    while (true) {
        switch (child.next(line, deadline)) {
            case Child::Read::line: break;
            case Child::Read::end: return ended(child.wait(), wanted.name, stage, wanted.place);
            case Child::Read::late:
                return msg::refuse(msg::too_slow, wanted.place,
                                   fmt::format("plugin '{}' was not done with {} after {} ms", wanted.name, stage, limit.count()),
                                   "the limit protects the start of the daemon");
            case Child::Read::too_long:
                return msg::refuse(msg::checker_failed, wanted.place,
                                   fmt::format("the checker of '{}' wrote too long a line", wanted.name));
        }
        const std::string_view payload = line.size() > 2 ? std::string_view(line).substr(2) : std::string_view{};
        switch (line.empty() ? ' ' : line.front()) {
            case 'S':
                stage = payload;
                limit = stage == "self_check" ? settings.self_check_ms_max : settings.stage_ms_max;
                deadline = Clock::now() + limit;
                break;
            case 'I':
                if (auto fits = check_options(wanted, payload); !fits) return fail(std::move(fits));
                child.go();
                break;
            case 'D': return std::string(payload);
            case 'E': {
                auto error = error_from_json(payload);
                return error ? fail(error->code, error->message, error->where, error->hint) : fail(std::move(error));
            }
            default: return msg::refuse(msg::checker_failed, wanted.place, fmt::format("the checker wrote '{}'", clip(line)));
        }
    }
}

std::string text_at(const json::object& object, std::string_view key) { return std::string(object.at(key).as_string()); }

}  // namespace

std::string CheckRequest::to_json() const {
    json::array files;
    for (const WantedData& one : data)
        files.push_back(json::object{{"kind", one.kind}, {"name", one.name}, {"sha256", one.sha256_hex}, {"content", one.content}});
    return json::serialize(json::object{{"file", file.string()},
                                        {"name", name},
                                        {"sha256", sha256_hex},
                                        {"place", place},
                                        {"options", options_json},
                                        {"data", std::move(files)}});
}

Result<CheckRequest> CheckRequest::from_json(std::string_view text) {
    try {
        const json::value parsed = json::parse(text);
        const json::object& object = parsed.as_object();
        CheckRequest out{text_at(object, "file"),  text_at(object, "name"),    text_at(object, "sha256"),
                         text_at(object, "place"), text_at(object, "options"), {}};
        for (const json::value& one : object.at("data").as_array())
            out.data.push_back({text_at(one.as_object(), "kind"), text_at(one.as_object(), "name"), text_at(one.as_object(), "sha256"),
                                text_at(one.as_object(), "content")});
        return out;
    } catch (const std::exception& error) {
        return fail(Errc::internal, fmt::format("the request to the plugin checker cannot be read: {}", error.what()));
    }
}

std::string error_to_json(const Error& error) {
    return json::serialize(json::object{
        {"code", static_cast<unsigned>(error.code)}, {"message", error.message}, {"where", error.where}, {"hint", error.hint}});
}

Result<Error> error_from_json(std::string_view text) {
    try {
        const json::value parsed = json::parse(text);
        const json::object& object = parsed.as_object();
        const auto code = object.at("code").to_number<unsigned>();
        if (code > static_cast<unsigned>(Errc::internal)) return fail(Errc::internal, "the plugin checker sent an unknown error code");
        return Error{static_cast<Errc>(code), text_at(object, "message"), text_at(object, "where"), text_at(object, "hint")};
    } catch (const std::exception& error) {
        return fail(Errc::internal, fmt::format("what the plugin checker sent cannot be read: {}", error.what()));
    }
}

Result<void> check_options(const WantedPlugin& wanted, std::string_view schema_json) {
    std::vector<Error> mistakes = wanted.check_options(schema_json);
    if (mistakes.empty()) return {};
    Error& first = mistakes.front();
    const std::size_t more = mistakes.size() - 1;
    return msg::refuse(
        msg::options_invalid, first.where.empty() ? wanted.place : first.where,
        fmt::format("options of plugin '{}': {}{}", wanted.name, first.message, more == 0 ? "" : fmt::format(" (and {} more)", more)),
        first.hint, Errc::config);
}

Result<std::string> run_checker(CheckMode mode, const HostSettings& settings, const PluginFile& file, const fs::path& copy,
                                const WantedPlugin& wanted) {
    const CheckRequest request{copy, file.name, file.sha256_hex, wanted.place, wanted.options_json, wanted.data};
    const fs::path request_file = fs::path(copy).replace_extension(".request.json");
    if (auto written = write_new_file(request_file, request.to_json(), wanted.place); !written) return fail(std::move(written));
    auto child = start(settings, mode, request_file, wanted.place);
    auto result = child ? follow(**child, settings, wanted) : Result<std::string>(fail(std::move(child)));
    std::error_code ignored;
    fs::remove(request_file, ignored);
    return result;
}

}  // namespace stemma
