// libpq as the raw contenders use it.
#pragma once

#include <libpq-fe.h>
#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace stemma::bench {

struct PgClear {
    void operator()(PGresult* result) const noexcept { PQclear(result); }
};
using PgResult = std::unique_ptr<PGresult, PgClear>;

/// All functions throw std::runtime_error with the server's words.
class PgSession {
public:
    explicit PgSession(const std::string& connection);
    PgResult run(const std::string& sql);
    void prepare(const std::string& name, const std::string& sql);
    /// Parameters as text, results in binary.
    PgResult run_prepared(const std::string& name, const std::vector<const char*>& parameters);
    /// Parameters in binary.
    void run_binary(const std::string& name, const std::vector<std::string_view>& parameters);
    void copy(const std::string& sql, const std::string& text);  ///< COPY ... FROM STDIN
    [[nodiscard]] pid_t backend() const noexcept { return PQbackendPID(session_.get()); }

private:
    struct Finish {
        void operator()(PGconn* session) const noexcept { PQfinish(session); }
    };
    PgResult checked(PGresult* result);
    std::unique_ptr<PGconn, Finish> session_;
};

/// Settings of a server that plays a warm peer in its best form on this machine: caches that hold everything, no just-in-time compiler.
[[nodiscard]] std::vector<std::string> peer_settings(bool durable);

/// "host=... port=..." out of Postgres::connection's "postgresql:host=... port=...".
[[nodiscard]] std::string libpq_form(const std::string& connection);

}  // namespace stemma::bench
