// The program `stemma`: real streams, and what works without a daemon from core/app.
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>

#include "core/app/app.hpp"
#include "core/app/backup.hpp"
#include "core/app/erp_tools.hpp"
#include "core/app/offline.hpp"
#include "core/base/log.hpp"
#include "core/cli/local_transport.hpp"
#include "core/cli/run.hpp"

namespace stemma::cli {
namespace {

bool wants_colour(int stream) {
    const char* no_color = std::getenv("NO_COLOR");
    const char* terminal = std::getenv("TERM");
    return isatty(stream) != 0 && (no_color == nullptr || *no_color == '\0') && (terminal == nullptr || std::strcmp(terminal, "dumb") != 0);
}

std::size_t columns_of(int stream) {
    winsize size{};
    if (isatty(stream) == 0) return 0;
    return ioctl(stream, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

/// The daemon beside this program, as built, or in the sbin beside its bin, as installed.
std::filesystem::path find_daemon() {
    std::error_code error;
    const std::filesystem::path folder = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
    const std::filesystem::path beside = folder / "stemmad";
    return std::filesystem::exists(beside, error) ? beside : folder.parent_path() / "sbin" / "stemmad";
}

/// Becomes the daemon.
Error serve(const std::vector<std::string>& arguments) {
    const std::string daemon = find_daemon();
    std::vector<std::string> words{daemon};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    argv.reserve(words.size() + 1);
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    execv(daemon.c_str(), argv.data());
    return {Errc::unavailable, std::strerror(errno), daemon, "stemmad belongs beside stemma: build or install both"};
}

Offline from_app() {
    return {open_local,      app::init,        app::doctor,      app::verify_ledger, app::rebuild_ledger, app::check_plugin,
            serve,           app::check_parts, app::make_backup, app::verify_backup, app::restore_backup, app::StateLock::use_of,
            app::erp_grants, app::erp_suggest, app::copy_store};
}

}  // namespace
}  // namespace stemma::cli

int main(int argc, char** argv) {
    using namespace stemma;
    std::ios::sync_with_stdio(false);
    std::signal(SIGPIPE, SIG_DFL);  // `stemma ... | head` ends quietly, whatever this process was started by
    log::start(log::Level::warn, log::Format::text);
    const cli::Screen screen{std::cin,
                             std::cout,
                             std::cerr,
                             {cli::wants_colour(STDOUT_FILENO), cli::columns_of(STDOUT_FILENO)},
                             cli::wants_colour(STDERR_FILENO),
                             isatty(STDERR_FILENO) != 0};
    return static_cast<int>(cli::run({argv + 1, argv + argc}, screen, cli::from_app(), app::kVersion));
}
