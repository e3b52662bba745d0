// stemmad: opens Stemma, serves the API, syncs the ERP sources, and ends cleanly. SIGHUP reloads plugins and rules, SIGTERM and SIGINT
// stop: accept no more, let running requests finish, end the sync after its batch, close.
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>

#include "adapters/http/listener.hpp"
#include "core/app/app.hpp"
#include "core/base/log.hpp"

namespace {

using namespace stemma;

enum Exit : std::uint8_t { exit_done = 0, exit_bad_settings = 2, exit_unavailable = 3, exit_failed = 4 };

int exit_of(Errc code) {
    if (code == Errc::config || code == Errc::plugin || code == Errc::invalid_input) return exit_bad_settings;
    return code == Errc::unavailable ? exit_unavailable : exit_failed;
}

int fail_with(const Error& error) {
    std::fprintf(stderr, "stemmad: %s\n", error.text().c_str());
    return exit_of(error.code);
}

/// systemd's readiness protocol (sd_notify(3)): one datagram to $NOTIFY_SOCKET; nothing where it is not set.
void notify_supervisor(const char* state) {
    const char* path = std::getenv("NOTIFY_SOCKET");
    sockaddr_un address{};
    if (path == nullptr || std::strlen(path) >= sizeof address.sun_path) return;
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, path);
    if (address.sun_path[0] == '@') address.sun_path[0] = '\0';
    const int file = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (file < 0) return;
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + std::strlen(path));
    [[maybe_unused]] const auto sent = sendto(file, state, std::strlen(state), MSG_NOSIGNAL, reinterpret_cast<sockaddr*>(&address), size);
    close(file);
}

http::ListenerSettings listener_settings(const config::Settings& settings) {
    http::ListenerSettings listener;
    listener.address = settings.daemon.address;
    listener.port = settings.daemon.port;
    listener.io_threads = static_cast<std::size_t>(settings.daemon.http_threads);
    listener.workers = static_cast<std::size_t>(settings.daemon.workers);
    listener.command_workers = static_cast<std::size_t>(settings.daemon.command_workers);
    listener.commands_max = static_cast<std::size_t>(settings.limits.writer_queue_max);
    listener.batch_bytes_max = static_cast<std::uint64_t>(settings.limits.batch_bytes_max);
    listener.body_bytes_max = static_cast<std::uint64_t>(settings.limits.body_bytes_max);
    listener.bodies_bytes_max = static_cast<std::uint64_t>(settings.limits.writer_queue_bytes_max);
    listener.connections_max = static_cast<std::size_t>(settings.limits.connections_max);
    listener.request_seconds_max = static_cast<std::uint32_t>(settings.limits.request_seconds_max);
    return listener;
}

/// Signals are taken one by one with sigwait on the main thread: all threads made later inherit the blocked mask.
sigset_t block_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    signal(SIGPIPE, SIG_IGN);
    return signals;
}

/// 127.0.0.0/8 and ::1, which no other machine reaches.
bool is_loopback(const std::string& address) { return address == "::1" || address.starts_with("127."); }

/// Without a user everybody who reaches the port may everything: only this machine's own may.
/// Gives whether there is none.
Result<bool> check_openness(app::App& app, const config::Settings& settings) {
    const auto open = app.is_open();
    if (!open || !*open || is_loopback(settings.daemon.address)) return open;
    return fail(Errc::config, fmt::format("there is no user, and on {} everybody could do everything", settings.daemon.address),
                "daemon.address", "make an administrator first: stemma user add NAME --role administrator; or listen on 127.0.0.1");
}

int serve(const config::Settings& settings) {
    const sigset_t signals = block_signals();
    auto opened = app::App::open(settings);
    if (!opened) return fail_with(opened.error());
    app::App& app = **opened;
    const auto open = check_openness(app, settings);
    if (!open) return fail_with(open.error());
    http::Listener listener{listener_settings(settings), app.router()};
    if (auto started = listener.start(); !started) return fail_with(started.error());
    if (auto told = app.tell_port(listener.port()); !told) return fail_with(told.error());
    app.start_syncs(true);
    log::info("DAEMON_READY",
              fmt::format("http://{}:{} serves {}{}", settings.daemon.address, listener.port(), settings.state.folder.string(),
                          *open ? "; there is no user: whoever reaches this port may do everything" : ""));
    notify_supervisor("READY=1");
    for (;;) {
        int signal = 0;
        if (sigwait(&signals, &signal) != 0) continue;
        if (signal != SIGHUP) break;
        notify_supervisor("RELOADING=1");
        if (app.reload()) log::info("SETTINGS_RELOADED", "plugins and rules were reloaded");
        notify_supervisor("READY=1");
    }
    notify_supervisor("STOPPING=1");
    log::info("DAEMON_STOPPING", "finishing what runs");
    listener.stop(static_cast<std::uint32_t>(settings.daemon.drain_seconds));
    app.stop();
    log::info("DAEMON_STOPPED", "bye");
    return exit_done;
}

int run(int argc, char** argv) {
    CLI::App options{"stemmad serves Stemma's API and keeps it in step with the ERP databases it reads."};
    std::string file;
    options.add_option("--config", file,
                       "settings file (default: $STEMMA_CONFIG, ./stemma.yaml, ~/.config/stemma/stemma.yaml, /etc/stemma/stemma.yaml)");
    options.set_version_flag("--version", std::string{"stemmad "} + app::kVersion);
    options.footer(
        "Signals: SIGHUP reloads plugins and rules; SIGTERM stops.\n"
        "Exit codes: 0 stopped, 2 wrong settings or plugins, 3 port or state folder in use, 4 failure.\n"
        "Example: stemmad --config /etc/stemma/stemma.yaml");
    CLI11_PARSE(options, argc, argv);
    const auto found = config::find_settings_file(file.empty() ? std::nullopt : std::optional<std::filesystem::path>{file});
    if (!found) return fail_with(found.error());
    const auto settings = config::load_settings(*found);
    if (!settings) {
        for (const Error& error : settings.error()) std::fprintf(stderr, "stemmad: %s\n", error.text().c_str());
        return exit_bad_settings;
    }
    log::start(settings->log.level, settings->log.format);
    return serve(*settings);
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (const std::exception& bug) {
        std::fprintf(stderr, "stemmad: a bug: %s\n", bug.what());
        return exit_failed;
    }
}
