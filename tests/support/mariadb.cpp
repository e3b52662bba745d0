#include "tests/support/mariadb.hpp"

#include <fmt/format.h>
#include <mysql.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>
#include <utility>

#include "tests/support/child.hpp"

namespace stemma::test {
namespace {

namespace fs = std::filesystem;
constexpr const char* kProgram = "/usr/sbin/mariadbd";
constexpr std::array kTables{"mysql_system_tables.sql", "mysql_performance_tables.sql", "mysql_system_tables_data.sql"};
constexpr std::array kUsers{"mysql", "nobody"};  ///< who the server runs as when the test runs as root
constexpr auto kStartMax = std::chrono::seconds{30};
constexpr auto kPollEvery = std::chrono::milliseconds{20};

using Handle = std::unique_ptr<MYSQL, decltype(&mysql_close)>;

Result<Handle> connect(int port, const std::string& database) {
    Handle handle{mysql_init(nullptr), &mysql_close};
    mysql_options(handle.get(), MYSQL_SET_CHARSET_NAME, "utf8mb4");
    if (mysql_real_connect(handle.get(), "127.0.0.1", "root", "", database.c_str(), static_cast<unsigned>(port), nullptr,
                           CLIENT_MULTI_STATEMENTS) == nullptr)
        return fail(Errc::unavailable, mysql_error(handle.get()));
    return handle;
}

}  // namespace

bool Mariadb::installed() { return fs::exists(kProgram); }

Result<std::unique_ptr<Mariadb>> Mariadb::start(const std::vector<std::string>& settings) {
    if (!installed()) return fail(Errc::not_found, kMissing);
    std::string folder = (fs::temp_directory_path() / "stemma-mariadb-XXXXXX").string();
    if (mkdtemp(folder.data()) == nullptr) return fail(Errc::storage, "cannot make " + folder);
    // From here on the object's end removes the folder.
    std::unique_ptr<Mariadb> made{new Mariadb{folder, child::free_port()}};
    if (auto done = made->initialise(); !done) return fail(std::move(done));
    if (auto done = made->serve(settings); !done) return fail(std::move(done));
    return made;
}

/// What mariadb-install-db does, without the client programs that this script needs: the system's tables, and who may log in.
Result<void> Mariadb::initialise() const {
    fs::create_directory(folder_ + "/data");
    for (const std::string& own : {folder_, folder_ + "/data"})
        if (auto given = child::give_away(own, kUsers); !given) return given;
    const std::string script = folder_ + ".sql";
    std::ofstream sql{script};
    sql << "create database mysql;\nuse mysql;\nset @auth_root_socket=NULL;\n";
    for (const char* tables : kTables) sql << std::ifstream{fmt::format("/usr/share/mysql/{}", tables)}.rdbuf();
    sql.close();
    const std::vector<std::string> words{
        kProgram, "--no-defaults", "--bootstrap", "--datadir=" + folder_ + "/data", "--tmpdir=" + folder_, "--innodb-log-file-size=16M"};
    const pid_t program = child::spawn(words, {.output = log(), .input = script, .users = kUsers, .at_our_death = SIGKILL});
    const int code = child::wait_for(program);
    fs::remove(script);
    if (code != 0) return fail(Errc::storage, "the server cannot make its tables: " + child::content(log()));
    return {};
}

Result<void> Mariadb::serve(const std::vector<std::string>& settings) {
    std::vector<std::string> words{kProgram,
                                   "--no-defaults",
                                   "--datadir=" + folder_ + "/data",
                                   "--tmpdir=" + folder_,
                                   "--socket=" + folder_ + "/socket",
                                   "--pid-file=" + folder_ + "/pid",
                                   "--bind-address=127.0.0.1",
                                   fmt::format("--port={}", port_),
                                   "--skip-name-resolve",
                                   "--character-set-server=utf8mb4",
                                   "--max-connections=40",
                                   "--innodb-log-file-size=16M",
                                   "--innodb-buffer-pool-size=64M",
                                   "--innodb-flush-log-at-trx-commit=0",
                                   "--innodb-flush-method=nosync",
                                   "--innodb-doublewrite=0",
                                   "--sync-frm=0"};
    for (const std::string& setting : settings) words.push_back("--" + setting);  // of a setting given twice the last one counts
    server_ = child::spawn(words, {.output = log(), .users = kUsers, .at_our_death = SIGKILL});
    const auto deadline = std::chrono::steady_clock::now() + kStartMax;
    while (std::chrono::steady_clock::now() < deadline) {
        if (waitpid(server_, nullptr, WNOHANG) != 0) {
            server_ = -1;
            return fail(Errc::unavailable, "the server ended: " + child::content(log()));
        }
        if (connect(port_, {})) return {};
        std::this_thread::sleep_for(kPollEvery);
    }
    return fail(Errc::unavailable, "the server did not start: " + child::content(log()));
}

Mariadb::~Mariadb() {
    stop();
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
    fs::remove(log(), ignored);
}

std::string Mariadb::connection(const std::string& database, const std::string& user) const {
    return fmt::format("mysql:host=127.0.0.1 port={} db={} user={}", port_, database, user);
}

Result<void> Mariadb::run(std::string_view sql, const std::string& database) const {
    auto handle = connect(port_, database);
    if (!handle) return fail(std::move(handle));
    MYSQL* const raw = handle->get();
    int more = mysql_real_query(raw, sql.data(), static_cast<unsigned long>(sql.size()));
    while (more == 0) {
        mysql_free_result(mysql_store_result(raw));
        more = mysql_next_result(raw);
    }
    if (mysql_errno(raw) != 0) return fail(Errc::storage, mysql_error(raw));
    return {};
}

void Mariadb::stop() {
    if (server_ <= 0) return;
    thaw();
    kill(server_, SIGTERM);
    child::wait_for(std::exchange(server_, -1));
}

void Mariadb::freeze() const { kill(server_, SIGSTOP); }
void Mariadb::thaw() const { kill(server_, SIGCONT); }

}  // namespace stemma::test
