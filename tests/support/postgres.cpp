#include "tests/support/postgres.hpp"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <thread>
#include <utility>
#include <vector>

#include "tests/support/child.hpp"

namespace stemma::test {
namespace {

namespace fs = std::filesystem;
constexpr auto kStartMax = std::chrono::seconds{30};
constexpr std::array kUsers{"postgres", "nobody"};  ///< who the server runs as when the test runs as root
constexpr auto kPollEvery = std::chrono::milliseconds{20};

/// The folder of initdb and postgres of the newest version that is installed, or "".
std::string programs() {
    std::error_code ignored;
    int newest = 0;
    for (const auto& version : fs::directory_iterator{"/usr/lib/postgresql", ignored})
        if (fs::exists(version.path() / "bin" / "initdb")) newest = std::max(newest, std::atoi(version.path().filename().c_str()));
    return newest == 0 ? std::string{} : fmt::format("/usr/lib/postgresql/{}/bin", newest);
}

pid_t spawn(const std::vector<std::string>& words, const std::string& output) {
    return child::spawn(words, {.output = output, .users = kUsers, .at_our_death = SIGQUIT});
}

}  // namespace

bool Postgres::installed() { return !programs().empty(); }

Result<std::unique_ptr<Postgres>> Postgres::start(const std::vector<std::string>& settings) {
    const std::string bin = programs();
    if (bin.empty()) return fail(Errc::not_found, kMissing);
    std::string folder = (fs::temp_directory_path() / "stemma-postgres-XXXXXX").string();
    if (mkdtemp(folder.data()) == nullptr) return fail(Errc::storage, "cannot make " + folder);
    if (auto given = child::give_away(folder, kUsers); !given) return fail(std::move(given));
    const std::string data = folder + "/data";
    // From here on the object's end removes the folder.
    std::unique_ptr<Postgres> made{new Postgres{folder, child::free_port()}};
    const std::vector<std::string> initialise{
        bin + "/initdb", "-D", data, "-A", "trust", "-U", "stemma", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"};
    if (child::wait_for(spawn(initialise, made->log())) != 0) return fail(Errc::storage, "initdb failed: " + child::content(made->log()));
    made->words_ = {bin + "/postgres", "-D", data, "-h", "127.0.0.1", "-p", std::to_string(made->port_)};
    std::vector<std::string> all{"unix_socket_directories=", "fsync=off", "full_page_writes=off", "synchronous_commit=off",
                                 "max_connections=40"};
    all.insert(all.end(), settings.begin(), settings.end());  // of a setting given twice the last one counts
    for (const std::string& setting : all) made->words_.insert(made->words_.end(), {"-c", setting});
    if (auto served = made->serve(); !served) return fail(std::move(served));
    return made;
}

Result<void> Postgres::serve() {
    server_ = spawn(words_, log());
    const std::vector<std::string> ready{programs() + "/pg_isready", "-q", "-h", "127.0.0.1", "-p", std::to_string(port_)};
    const auto deadline = std::chrono::steady_clock::now() + kStartMax;
    while (std::chrono::steady_clock::now() < deadline) {
        if (waitpid(server_, nullptr, WNOHANG) != 0) {
            server_ = -1;
            return fail(Errc::unavailable, "the server ended: " + child::content(log()));
        }
        if (child::wait_for(spawn(ready, log())) == 0) return {};
        std::this_thread::sleep_for(kPollEvery);
    }
    return fail(Errc::unavailable, "the server did not start: " + child::content(log()));
}

void Postgres::crash() {
    if (server_ <= 0) return;
    kill(server_, SIGKILL);
    child::wait_for(std::exchange(server_, -1));
}

/// The first process of a server that crashed refuses to start while another one of it is still alive.
Result<void> Postgres::start_again() {
    stop();
    const auto deadline = std::chrono::steady_clock::now() + kStartMax;
    auto served = serve();
    while (!served && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::sleep_for(kPollEvery);
        served = serve();
    }
    return served;
}

Postgres::~Postgres() {
    stop();
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
    fs::remove(log(), ignored);
}

std::string Postgres::connection(const std::string& database) const {
    return fmt::format("postgresql:host=127.0.0.1 port={} user=stemma dbname={}", port_, database);
}

void Postgres::stop() {
    if (server_ <= 0) return;
    kill(server_, SIGINT);  // "fast": sessions are ended
    child::wait_for(std::exchange(server_, -1));
}

}  // namespace stemma::test
