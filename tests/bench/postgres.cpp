#include "tests/bench/postgres.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstring>
#include <stdexcept>

#include "tests/bench/measure.hpp"
#include "tests/bench/tracer.hpp"

namespace stemma::bench {
namespace {

class PostgresTracer final : public Tracer {
public:
    PostgresTracer(const Graph& graph, const std::string& connection) : planner_{connection}, loops_{connection} {
        load(graph.item_out);
        loops_.run("SET enable_hashjoin = off");
        loops_.run("SET enable_mergejoin = off");
        for (PgSession* session : {&planner_, &loops_}) {
            session->prepare("forward",
                             "WITH RECURSIVE reached(id) AS (SELECT $1::integer UNION SELECT other FROM reached JOIN link ON link.item = "
                             "reached.id) SELECT id FROM reached");
            session->prepare("back",
                             "WITH RECURSIVE reached(id) AS (SELECT $1::integer UNION SELECT item FROM reached JOIN link ON link.other = "
                             "reached.id) SELECT id FROM reached");
        }
    }

    [[nodiscard]] std::string name() const override { return "PostgreSQL recursive CTE"; }

    void get_ready(std::uint32_t seed, Way way) override {
        double best = 0;
        for (PgSession* session : {&planner_, &loops_}) {
            chosen_ = session;
            for (int i = 0; i < 6; ++i) run(seed, way);  // five plans for the very value, then the one that is kept
            const double cost = cost_of([&] { run(seed, way); }, {}).wall_ns;
            if (session == &planner_)
                best = cost;
            else if (best < cost)
                chosen_ = &planner_;
        }
    }

    void run(std::uint32_t seed, Way way) override {
        std::array<char, 16> text{};
        std::to_chars(text.data(), text.data() + text.size() - 1, seed);
        const PgResult rows = chosen_->run_prepared(way == Way::forward ? "forward" : "back", {text.data()});
        const int count = PQntuples(rows.get());
        answer_.clear();
        answer_.reserve(static_cast<std::size_t>(count));
        for (int i = 0; i < count; ++i) {
            std::uint32_t value = 0;
            std::memcpy(&value, PQgetvalue(rows.get(), i, 0), sizeof value);
            answer_.push_back(ntohl(value));
        }
    }

    [[nodiscard]] std::vector<std::uint32_t> items() const override { return answer_; }
    [[nodiscard]] std::vector<pid_t> servers() const override { return {planner_.backend(), loops_.backend()}; }

private:
    void load(const Rows& rows) {
        planner_.run("CREATE TABLE link (item integer NOT NULL, other integer NOT NULL)");
        std::string text;
        const auto send = [&] {
            planner_.copy("COPY link FROM STDIN", text);
            text.clear();
        };
        for (std::uint32_t item = 0; item < rows.nodes(); ++item) {
            for (std::uint32_t at = rows.offsets[item]; at < rows.offsets[item + 1]; ++at)
                fmt::format_to(std::back_inserter(text), "{}\t{}\n", item, rows.neighbours[at]);
            if (text.size() > kCopyBytes) send();
        }
        send();
        planner_.run("CREATE INDEX link_forward ON link (item, other)");
        planner_.run("CREATE INDEX link_back ON link (other, item)");
        planner_.run("VACUUM (ANALYZE, FREEZE) link");
    }

    static constexpr std::size_t kCopyBytes = 64'000'000;
    PgSession planner_;
    PgSession loops_;
    PgSession* chosen_{&planner_};
    std::vector<std::uint32_t> answer_;
};

}  // namespace

PgSession::PgSession(const std::string& connection) : session_{PQconnectdb(connection.c_str())} {
    if (PQstatus(session_.get()) != CONNECTION_OK) throw std::runtime_error(std::string{"PostgreSQL: "} + PQerrorMessage(session_.get()));
    run("SET client_min_messages = warning");
}

PgResult PgSession::checked(PGresult* result) {
    PgResult held{result};
    const ExecStatusType state = PQresultStatus(result);
    if (state != PGRES_COMMAND_OK && state != PGRES_TUPLES_OK && state != PGRES_COPY_IN)
        throw std::runtime_error(std::string{"PostgreSQL: "} + PQerrorMessage(session_.get()));
    return held;
}

PgResult PgSession::run(const std::string& sql) { return checked(PQexec(session_.get(), sql.c_str())); }

void PgSession::prepare(const std::string& name, const std::string& sql) {
    checked(PQprepare(session_.get(), name.c_str(), sql.c_str(), 0, nullptr));
}

PgResult PgSession::run_prepared(const std::string& name, const std::vector<const char*>& parameters) {
    return checked(
        PQexecPrepared(session_.get(), name.c_str(), static_cast<int>(parameters.size()), parameters.data(), nullptr, nullptr, 1));
}

void PgSession::run_binary(const std::string& name, const std::vector<std::string_view>& parameters) {
    std::vector<const char*> values;
    std::vector<int> lengths;
    for (const std::string_view value : parameters) {
        values.push_back(value.data());
        lengths.push_back(static_cast<int>(value.size()));
    }
    const std::vector<int> formats(parameters.size(), 1);
    checked(
        PQexecPrepared(session_.get(), name.c_str(), static_cast<int>(values.size()), values.data(), lengths.data(), formats.data(), 1));
}

void PgSession::copy(const std::string& sql, const std::string& text) {
    run(sql);
    const bool sent =
        PQputCopyData(session_.get(), text.data(), static_cast<int>(text.size())) == 1 && PQputCopyEnd(session_.get(), nullptr) == 1;
    if (!sent) throw std::runtime_error(std::string{"PostgreSQL: "} + PQerrorMessage(session_.get()));
    checked(PQgetResult(session_.get()));
    while (PGresult* rest = PQgetResult(session_.get())) checked(rest);
}

std::vector<std::string> peer_settings(bool durable) {
    std::vector<std::string> all{"shared_buffers=2GB", "work_mem=1GB",  "maintenance_work_mem=1GB",
                                 "temp_buffers=256MB", "jit=off",       "max_parallel_workers_per_gather=0",
                                 "max_wal_size=8GB",   "autovacuum=off"};
    if (durable) all.insert(all.end(), {"fsync=on", "full_page_writes=on", "synchronous_commit=on"});
    return all;
}

std::string libpq_form(const std::string& connection) {
    constexpr std::string_view kStart = "postgresql:";
    return connection.starts_with(kStart) ? connection.substr(kStart.size()) : connection;
}

std::unique_ptr<Tracer> postgres_cte(const Graph& graph, const std::string& connection) {
    return std::make_unique<PostgresTracer>(graph, connection);
}

}  // namespace stemma::bench
