// A PostgreSQL server of the test's own: a fresh cluster in a temporary folder, on a free loopback port, gone with the object.
// Needs Debian's package postgresql (any version under /usr/lib/postgresql); its files and processes belong to an unprivileged user,
// as the server refuses to run as root.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "core/base/error.hpp"

namespace stemma::test {

class Postgres {
public:
    /// Whether the programs are there. If not: GTEST_SKIP() << Postgres::kMissing.
    [[nodiscard]] static bool installed();
    static constexpr const char* kMissing = "needs package postgresql";

    /// Makes and starts a cluster (1 to 2 seconds). Durability is off: a test's database need not outlive a crash.
    /// `settings` ("fsync=on") are laid over that.
    [[nodiscard]] static Result<std::unique_ptr<Postgres>> start(const std::vector<std::string>& settings = {});
    Postgres(const Postgres&) = delete;
    Postgres& operator=(const Postgres&) = delete;
    ~Postgres();  ///< stop(), and removes the folder

    /// "postgresql:host=127.0.0.1 port=... user=stemma dbname=...": the superuser, no password.
    [[nodiscard]] std::string connection(const std::string& database = "postgres") const;
    [[nodiscard]] int port() const noexcept { return port_; }
    void stop();   ///< ends the server as an administrator would: clients lose their connection
    void crash();  ///< SIGKILL to the server's first process: the others notice and die
    /// Starts it again on the same port, after stop() or crash(); it recovers what was committed.
    [[nodiscard]] Result<void> start_again();

private:
    Postgres(std::string folder, int port) : folder_{std::move(folder)}, port_{port} {}
    [[nodiscard]] Result<void> serve();
    [[nodiscard]] std::string log() const { return folder_ + ".log"; }
    std::string folder_;
    int port_;
    pid_t server_{-1};
    std::vector<std::string> words_;  ///< that start it
};

}  // namespace stemma::test
