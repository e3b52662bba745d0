#include "tests/support/child.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <optional>
#include <sstream>

namespace stemma::test::child {
namespace {

std::optional<passwd> unprivileged_user(std::span<const char* const> names) {
    if (geteuid() != 0) return std::nullopt;
    for (const char* name : names)
        if (const passwd* user = getpwnam(name)) return *user;
    return std::nullopt;
}

}  // namespace

pid_t spawn(const std::vector<std::string>& words, const Start& start) {
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    const auto user = unprivileged_user(start.users);
    const pid_t child = fork();
    if (child != 0) return child;
    const int in = open(start.input.empty() ? "/dev/null" : start.input.c_str(), O_RDONLY | O_CLOEXEC);
    const int out = open(start.output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    dup2(in, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
    if (user && (setgroups(0, nullptr) != 0 || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0)) _exit(126);
    prctl(PR_SET_PDEATHSIG, start.at_our_death);
    if (chdir("/") != 0) _exit(126);
    execv(arguments.front(), arguments.data());
    _exit(127);
}

int wait_for(pid_t child) {
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

Result<void> give_away(const std::string& folder, std::span<const char* const> users) {
    if (const auto user = unprivileged_user(users); user && chown(folder.c_str(), user->pw_uid, user->pw_gid) != 0)
        return fail(Errc::storage, "cannot give " + folder + " away");
    return {};
}

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

}  // namespace stemma::test::child
