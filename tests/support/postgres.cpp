#include "tests/support/postgres.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <thread>
#include <utility>
#include <vector>

namespace stemma::test {
namespace {

namespace fs = std::filesystem;
constexpr auto kStartMax = std::chrono::seconds{30};
constexpr auto kPollEvery = std::chrono::milliseconds{20};

/// The folder of initdb and postgres of the newest version that is installed, or "".
std::string programs() {
    std::error_code ignored;
    int newest = 0;
    for (const auto& version : fs::directory_iterator{"/usr/lib/postgresql", ignored})
        if (fs::exists(version.path() / "bin" / "initdb")) newest = std::max(newest, std::atoi(version.path().filename().c_str()));
    return newest == 0 ? std::string{} : fmt::format("/usr/lib/postgresql/{}/bin", newest);
}

/// Who the server runs as when the test runs as root.
std::optional<passwd> unprivileged_user() {
    if (geteuid() != 0) return std::nullopt;
    for (const char* name : {"postgres", "nobody"})
        if (const passwd* user = getpwnam(name)) return *user;
    return std::nullopt;
}

/// Starts a program with its output in a file; it gets SIGQUIT when the test dies.
pid_t spawn(const std::vector<std::string>& words, const std::string& output) {
    std::vector<char*> arguments;
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    const auto user = unprivileged_user();
    const pid_t child = fork();
    if (child != 0) return child;
    const int file = open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    dup2(file, STDOUT_FILENO);
    dup2(file, STDERR_FILENO);
    if (user && (setgroups(0, nullptr) != 0 || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0)) _exit(126);
    prctl(PR_SET_PDEATHSIG, SIGQUIT);
    if (chdir("/") != 0) _exit(126);
    execv(arguments.front(), arguments.data());
    _exit(127);
}

int wait_for(pid_t child) {
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

/// A port that was free a moment ago.
int free_port() {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    int port = 0;
    if (bind(socket, reinterpret_cast<sockaddr*>(&address), length) == 0 &&
        getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length) == 0)
        port = ntohs(address.sin_port);
    close(socket);
    return port;
}

std::string content(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream{path}.rdbuf();
    return text.str();
}

}  // namespace

bool Postgres::installed() { return !programs().empty(); }

Result<std::unique_ptr<Postgres>> Postgres::start(const std::vector<std::string>& settings) {
    const std::string bin = programs();
    if (bin.empty()) return fail(Errc::not_found, kMissing);
    std::string folder = (fs::temp_directory_path() / "stemma-postgres-XXXXXX").string();
    if (mkdtemp(folder.data()) == nullptr) return fail(Errc::storage, "cannot make " + folder);
    if (const auto user = unprivileged_user(); user && chown(folder.c_str(), user->pw_uid, user->pw_gid) != 0)
        return fail(Errc::storage, "cannot give " + folder + " away");
    const std::string data = folder + "/data";
    const std::string log = folder + ".log";
    // From here on the object's end removes the folder.
    std::unique_ptr<Postgres> made{new Postgres{folder, free_port(), -1}};
    const std::vector<std::string> initialise{
        bin + "/initdb", "-D", data, "-A", "trust", "-U", "stemma", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"};
    if (wait_for(spawn(initialise, log)) != 0) return fail(Errc::storage, "initdb failed: " + content(log));
    const std::string port = std::to_string(made->port_);
    std::vector<std::string> server{bin + "/postgres", "-D", data, "-h", "127.0.0.1", "-p", port};
    std::vector<std::string> all{"unix_socket_directories=", "fsync=off", "full_page_writes=off", "synchronous_commit=off",
                                 "max_connections=40"};
    all.insert(all.end(), settings.begin(), settings.end());  // of a setting given twice the last one counts
    for (const std::string& setting : all) server.insert(server.end(), {"-c", setting});
    made->server_ = spawn(server, log);
    const auto deadline = std::chrono::steady_clock::now() + kStartMax;
    while (std::chrono::steady_clock::now() < deadline) {
        if (waitpid(made->server_, nullptr, WNOHANG) != 0) {
            made->server_ = -1;
            return fail(Errc::unavailable, "the server ended: " + content(log));
        }
        if (wait_for(spawn({bin + "/pg_isready", "-q", "-h", "127.0.0.1", "-p", port}, log)) == 0) return made;
        std::this_thread::sleep_for(kPollEvery);
    }
    return fail(Errc::unavailable, "the server did not start: " + content(log));
}

Postgres::~Postgres() {
    stop();
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
    fs::remove(folder_ + ".log", ignored);
}

std::string Postgres::connection(const std::string& database) const {
    return fmt::format("postgresql:host=127.0.0.1 port={} user=stemma dbname={}", port_, database);
}

void Postgres::stop() {
    if (server_ <= 0) return;
    kill(server_, SIGINT);  // "fast": sessions are ended
    wait_for(std::exchange(server_, -1));
}

}  // namespace stemma::test
