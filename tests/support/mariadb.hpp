// A MariaDB server of the test's own: a fresh data folder in a temporary folder, on a free loopback port, gone with the object.
// Needs Debian's package mariadb-server-core, which starts nothing by itself; its files and processes belong to an unprivileged user.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.hpp"

namespace stemma::test {

class Mariadb {
public:
    /// Whether the server's program is there. If not: GTEST_SKIP() << Mariadb::kMissing.
    [[nodiscard]] static bool installed();
    static constexpr const char* kMissing = "needs package mariadb-server-core";

    /// Makes and starts a server (1 to 2 seconds). Durability is off: a test's database need not outlive a crash.
    /// `settings` ("max_connections=5") are laid over that.
    [[nodiscard]] static Result<std::unique_ptr<Mariadb>> start(const std::vector<std::string>& settings = {});
    Mariadb(const Mariadb&) = delete;
    Mariadb& operator=(const Mariadb&) = delete;
    ~Mariadb();  ///< stop(), and removes the folder

    /// "mysql:host=127.0.0.1 port=... db=... user=...": by default the user who may do everything. Without a password.
    [[nodiscard]] std::string connection(const std::string& database = "mysql", const std::string& user = "root") const;
    [[nodiscard]] int port() const noexcept { return port_; }
    /// Runs statements, divided by semicolons, as the user who may do everything: a dump, GRANTs. "" = in no database.
    [[nodiscard]] Result<void> run(std::string_view sql, const std::string& database = {}) const;

    void stop();          ///< ends the server as an administrator would: clients lose their connection
    void freeze() const;  ///< the server answers nothing any more, and keeps its connections
    void thaw() const;

private:
    Mariadb(std::string folder, int port) : folder_{std::move(folder)}, port_{port} {}
    [[nodiscard]] Result<void> initialise() const;
    [[nodiscard]] Result<void> serve(const std::vector<std::string>& settings);
    [[nodiscard]] std::string log() const { return folder_ + ".log"; }

    std::string folder_;
    int port_;
    pid_t server_{-1};
};

}  // namespace stemma::test
