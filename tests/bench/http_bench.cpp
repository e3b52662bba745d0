// The daemon over HTTP, as a user meets it: requests that do nothing beside nginx, small traces, single events, and a large trace as a
// stream of identifiers beside PostgreSQL's rows. What the daemon does is measured by the CPU time of its process.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <limits>
#include <optional>
#include <stdexcept>
#include <utility>

#include "core/ledger/entry_codec.hpp"
#include "tests/bench/bench.hpp"
#include "tests/bench/feed.hpp"
#include "tests/bench/http_load.hpp"
#include "tests/bench/ledger.hpp"
#include "tests/bench/postgres.hpp"
#include "tests/bench/posts.hpp"
#include "tests/bench/seeds.hpp"
#include "tests/bench/server_process.hpp"
#include "tests/support/postgres.hpp"

namespace stemma::bench {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kConnections = 16;
constexpr std::size_t kTrivial = 20'000;  // requests in a round
constexpr std::size_t kTraces = 2'000;
constexpr std::size_t kCallers = 64;
constexpr std::size_t kPosts = 640;
constexpr std::size_t kLines = 5'000;    // events in a request of NDJSON: about 3 MB
constexpr std::size_t kLineBatches = 8;  // requests in a round
constexpr std::size_t kLineConnections = 4;
constexpr std::size_t kBatch = 10'000;
constexpr std::uint64_t kEventsMax = 3'000'000;  // that a ledger is filled with: about 12 M links
constexpr int kStartSeconds = 1800;
constexpr const char* kNginx = "/usr/sbin/nginx";
constexpr const char* kOrigin = "stemma.example/ledger";  // the default of stemma.yaml
constexpr const char* kNdjson = "application/x-ndjson";
constexpr const char* kStreamGoal = "1 M rows end to end as NDJSON: at least 15 × PostgreSQL's CTE to its client";
constexpr const char* kFirstByteGoal = "first byte of a large trace within 10 ms";

void write_file(const std::string& path, const std::string& text) {
    std::ofstream out{path};
    out << text;
    if (!out.flush()) throw std::runtime_error("cannot write " + path);
}

/// A daemon on a ledger that holds the plant.
class Daemon {
public:
    Daemon(const RunOptions& options, const StepTape& tape) : folder_{options.scratch + "/daemon"} {
        fs::create_directories(folder_ + "/plugins");
        write_file(folder_ + "/stemma.yaml",
                   "daemon: {port: 0}\nstate: {folder: state}\nplugins: {directory: plugins}\nlimits: {trace_items_max: 5000000, "
                   "request_seconds_max: 300}\nledger: {snapshot_entries: 0}\n");  // no snapshot beside what is measured
        run_program({options.programs + "/stemma", "--config", folder_ + "/stemma.yaml", "init"}, folder_ + "/init.log");
        fill(tape);
        process_.emplace(std::vector<std::string>{options.programs + "/stemmad", "--config", folder_ + "/stemma.yaml"},
                         folder_ + "/daemon.log");
        const std::string log = process_->wait_for("DAEMON_READY", kStartSeconds);
        const std::size_t at = log.find("http://127.0.0.1:");
        if (at == std::string::npos) throw std::runtime_error("the daemon does not say where it listens: " + log);
        port_ = std::stoi(log.substr(at + std::string_view{"http://127.0.0.1:"}.size()));
    }

    [[nodiscard]] int port() const noexcept { return port_; }
    [[nodiscard]] pid_t pid() const noexcept { return process_->pid(); }

private:
    void fill(const StepTape& tape) {
        LedgerUnderTest ledger{folder_ + "/state", kOrigin};
        for (std::size_t first = 0; first < tape.size(); first += kBatch) {
            const auto done = ledger.appender().run([&](engine::Appending& tx) -> Result<void> {
                for (std::size_t i = first; i < std::min(first + kBatch, tape.size()); ++i)
                    if (auto added = tx.add(entry_of(tape[i])); !added) return std::unexpected(added.error());
                return {};
            });
            if (!done) throw std::runtime_error(done.error().text());
        }
    }

    std::string folder_;
    std::optional<ServerProcess> process_;
    int port_{0};
};

class Nginx {
public:
    explicit Nginx(const std::string& folder) : port_{free_port()} {
        fs::create_directories(folder);
        std::string temporary;
        for (const char* what : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
            temporary += fmt::format("{}_temp_path {}/{};\n", what, folder, what);
        write_file(folder + "/nginx.conf",
                   fmt::format("daemon off;\nmaster_process off;\nworker_processes 1;\npid {0}/pid;\nerror_log {0}/error.log;\n"
                               "events {{}}\nhttp {{\naccess_log off;\nkeepalive_requests 100000000;\ntcp_nodelay on;\n{1}"
                               "server {{ listen 127.0.0.1:{2}; location / {{ default_type application/json; return 200 "
                               "'{{\"status\":\"ok\"}}'; }} }}\n}}\n",
                               folder, temporary, port_));
        process_.emplace(std::vector<std::string>{kNginx, "-c", folder + "/nginx.conf", "-p", folder}, folder + "/nginx.log");
        process_->wait_for_port(port_, 30);
    }
    [[nodiscard]] int port() const noexcept { return port_; }
    [[nodiscard]] pid_t pid() const noexcept { return process_->pid(); }

private:
    int port_;
    std::optional<ServerProcess> process_;
};

Contender load(const std::string& name, int port, pid_t pid, std::size_t connections, std::size_t total,
               std::function<std::string(std::size_t)> request) {
    return {name, [=](std::size_t) { send_all(port, connections, total, request); }, {pid}, static_cast<double>(total)};
}

/// "name": the daemon's own trivial GET, which others are held against.
Case measure_trivial(const RunOptions& options, const Daemon& daemon, Report& report) {
    const auto live = [](std::size_t) { return get_request("/health/live"); };
    const auto root = [](std::size_t) { return get_request("/"); };
    std::vector<Contender> contenders{load(kOurs, daemon.port(), daemon.pid(), kConnections, kTrivial, live)};
    std::optional<Nginx> nginx;
    if (fs::exists(kNginx)) {
        nginx.emplace(options.scratch + "/nginx");
        contenders.push_back(load("nginx, return 200", nginx->port(), nginx->pid(), kConnections, kTrivial, root));
    }
    Case measured{"http", fmt::format("GET that does nothing, {} connections", kConnections), "request",
                  interleave(contenders, Rounds{options.rounds, false})};
    const char* const text = "trivial GET: at most 1.7 × nginx's CPU per request";
    const double ours = find(measured, kOurs).server_cpu().median;
    if (nginx) {
        const double theirs = find(measured, "nginx, return 200").server_cpu().median;
        report.add(Goal{"G12", text, ours / theirs, 1.7, false, duration(ours), duration(theirs), "CPU of the server alone"});
    } else {
        report.skip("G12", text, "needs package nginx-light");
    }
    report.add(measured);
    return measured;
}

/// Rows of ids; and beside them, for the record, the counts and the document with names, paths and documents.
void measure_small_traces(const RunOptions& options, const Daemon& daemon, const TraceCase& wanted, const Case& trivial, Report& report) {
    const auto asked = [&](const char* form) {
        return [&wanted, form](std::size_t n) {
            return get_request(fmt::format("/api/v1/trace/{}?{}item={}", wanted.way == Way::back ? "back" : "forward", form,
                                           test::item_name(wanted.seeds[n % wanted.seeds.size()])));
        };
    };
    const std::string counted = "stemma, counts";
    const std::string document = "stemma, the document";
    const auto contender = [&](const std::string& name, const char* form) {
        return load(name, daemon.port(), daemon.pid(), kConnections, kTraces, asked(form));
    };
    Case measured{"http", wanted.name + ", rows of ids", "request",
                  interleave({contender(kOurs, "format=ndjson&fields=id&"), contender(counted, "count=true&"), contender(document, "")},
                             Rounds{options.rounds, false})};
    const double ours = find(measured, kOurs).server_cpu().median;
    const double theirs = find(trivial, kOurs).server_cpu().median;
    report.add(Goal{"G3", "small trace over HTTP: at least 0.8 × the requests of the trivial GET", theirs / ours, 0.8, true, duration(ours),
                    duration(theirs), "by the daemon's CPU per request, rows of ids; " + wanted.name});
    report.fact(wanted.name + " as counts, to the trivial GET", theirs / find(measured, counted).server_cpu().median, "×");
    report.fact(wanted.name + " as a document, to the trivial GET", theirs / find(measured, document).server_cpu().median, "×");
    report.add(std::move(measured));
}

/// A large trace as counts: what it costs without a list of its items.
void measure_roll_up(const RunOptions& options, const Daemon& daemon, const TraceCase& wanted, Report& report) {
    const auto contender = [&](const std::string& name, const char* form) -> Contender {
        const std::string request =
            get_request(fmt::format("/api/v1/trace/forward?{}&item={}", form, test::item_name(wanted.seeds.front())));
        return {name, [&daemon, request](std::size_t) { (void)fetch(daemon.port(), request); }, {daemon.pid()}};
    };
    Case measured{"http", wanted.name + ", counted", "answer",
                  interleave({contender(kOurs, "by=status,place,product"),
                              contender("stemma, all roll-ups", "by=status,place,customer,product,party,document"),
                              contender("stemma, counts alone", "count=true")},
                             Rounds{options.rounds, false})};
    report.add(std::move(measured));
}

void measure_posts(const RunOptions& options, const Daemon& daemon, Report& report) {
    Posts posts;
    const auto request = [&](std::size_t) { return post_request("/api/v1/events", posts.next()); };
    Rounds how{std::min<std::size_t>(options.rounds, 3), false};
    Case measured{"http", fmt::format("POST of a 1 KiB event, {} callers, durable", kCallers), "event",
                  interleave({load(kOurs, daemon.port(), daemon.pid(), kCallers, kPosts, request)}, how)};
    const Sampled& ours = find(measured, kOurs);
    report.fact("POST of a 1 KiB event as a whole, written and durable: the daemon's CPU", ours.server_cpu().median / 1e3, "µs");
    report.fact("the same by the clock", 1e6 / ours.wall().median, "k/s");
    report.add(std::move(measured));
}

/// Events of another plant as lines, each under an id of its own.
std::string lines_of(const StepTape& tape, std::size_t first, std::size_t count, const std::string& batch) {
    std::string lines;
    for (std::size_t i = first; i < first + count; ++i) {
        Event event = event_of(tape[i]);
        event.id = EventId{fmt::format("urn:bench:line:{}:{:08}", batch, i)};
        lines += encode_event(event) + "\n";
    }
    return lines;
}

void measure_lines(const RunOptions& options, const Daemon& daemon, Report& report) {
    const StepTape tape{{options.chain.links, options.chain.seed + 1}, kLineBatches * kLines};
    const auto request = [&](std::size_t first, std::size_t count, const std::string& batch) {
        return post_request("/api/v1/events", lines_of(tape, first, count, batch), kNdjson);
    };
    const LongAnswer probe = fetch(daemon.port(), request(0, 1, "probe"));
    if (probe.status < 200 || probe.status > 299)
        return report.skip("G7", "ingest over HTTP as NDJSON",
                           fmt::format("the daemon does not take NDJSON yet (it answered {})", probe.status));
    const std::size_t batches = tape.size() / kLines;
    if (batches == 0) return report.skip("G7", "ingest over HTTP as NDJSON", "the graph has too few events: take more --edges");
    std::vector<std::string> ready;
    const auto prepare = [&](std::size_t round) {
        ready.clear();
        for (std::size_t i = 0; i < batches; ++i) ready.push_back(request(i * kLines, kLines, std::to_string(round)));
    };
    const auto send = [&](std::size_t) { send_all(daemon.port(), kLineConnections, batches, [&](std::size_t n) { return ready[n]; }); };
    Case measured{"http", fmt::format("POST of {} events as NDJSON, {} connections, durable", number(kLines), kLineConnections), "event",
                  interleave({{kOurs, send, {daemon.pid()}, static_cast<double>(batches * kLines), prepare}},
                             Rounds{std::min<std::size_t>(options.rounds, 3), false})};
    report.fact("events over HTTP as NDJSON, by the clock", 1e6 / find(measured, kOurs).wall().median, "k/s");
    report.add(std::move(measured));
}

/// PostgreSQL's answer with the names that ERPs would show: links by number, names joined to what was reached.
class NamedCte {
public:
    NamedCte(const Graph& graph, const std::string& connection)
        : links_{postgres_cte(graph, connection)}, planner_{connection}, loops_{connection} {
        planner_.run("CREATE TABLE item (id integer PRIMARY KEY, name text NOT NULL)");
        std::string text;
        for (std::uint32_t item = 0; item < graph.item_out.nodes(); ++item)
            fmt::format_to(std::back_inserter(text), "{}\t{}\n", item, test::item_name(item));
        planner_.copy("COPY item FROM STDIN", text);
        planner_.run("VACUUM (ANALYZE, FREEZE) item");
        loops_.run("SET enable_hashjoin = off");
        loops_.run("SET enable_mergejoin = off");
        for (PgSession* session : {&planner_, &loops_})
            session->prepare(
                "names",
                "WITH RECURSIVE reached(id) AS (SELECT $1::integer UNION SELECT other FROM reached JOIN link ON link.item = reached.id) "
                "SELECT item.name FROM reached JOIN item ON item.id = reached.id");
    }
    /// Of the planner's choice of joins and loops over the indexes the faster is taken.
    void get_ready(std::uint32_t seed) {
        double best = std::numeric_limits<double>::max();
        for (PgSession* session : {&planner_, &loops_}) {
            PgSession* const before = std::exchange(chosen_, session);
            for (int i = 0; i < 6; ++i) run(seed);  // five plans for the very value, then the one that is kept
            const double cost = cost_of([&] { run(seed); }, {}).wall_ns;
            if (cost > best) chosen_ = before;
            best = std::min(best, cost);
        }
    }
    void run(std::uint32_t seed) {
        const std::string text = std::to_string(seed);
        rows_ = chosen_->run_prepared("names", {text.c_str()});
    }
    [[nodiscard]] std::vector<std::uint32_t> items() const {
        std::vector<std::uint32_t> items;
        for (int row = 0; row < PQntuples(rows_.get()); ++row)
            items.push_back(
                test::item_number({PQgetvalue(rows_.get(), row, 0), static_cast<std::size_t>(PQgetlength(rows_.get(), row, 0))}));
        return items;
    }
    [[nodiscard]] std::vector<pid_t> backends() const { return {planner_.backend(), loops_.backend()}; }

private:
    std::unique_ptr<Tracer> links_;  // made and filled the table
    PgSession planner_;
    PgSession loops_;
    PgSession* chosen_{&planner_};
    PgResult rows_;
};

/// The items named in a stream's rows; transformations are events and have other names.
std::vector<std::uint32_t> items_in(std::string_view ndjson) {
    constexpr std::string_view kId = "\"id\":\"";
    std::vector<std::uint32_t> items;
    while (!ndjson.empty()) {
        const std::size_t end = std::min(ndjson.find('\n'), ndjson.size() - 1);
        const std::string_view line = ndjson.substr(0, end);
        ndjson.remove_prefix(end + 1);
        const std::size_t at = line.find(kId);
        if (at == std::string_view::npos || !line.starts_with(std::string{"{"} + std::string{kId})) continue;
        const std::string_view name = line.substr(at + kId.size(), test::kItemNameBytes);
        if (name.starts_with("urn:sn:")) items.push_back(test::item_number(name));
    }
    return items;
}

void measure_stream(const RunOptions& options, const Daemon& daemon, const Graph& graph, const TraceCase& wanted, Report& report) {
    const std::uint32_t seed = wanted.seeds.front();
    const std::string nodes = get_request("/api/v1/trace/forward?format=ndjson&fields=id&item=" + test::item_name(seed), kNdjson);
    // A recall's rows are the items alone, as PostgreSQL's are; a trace's are the productions as well.
    const std::string request =
        post_request("/api/v1/recalls/simulate?format=ndjson&fields=id", fmt::format(R"({{"items":["{}"]}})", test::item_name(seed)));
    LongAnswer answer = fetch(daemon.port(), request);
    if (answer.status != 200 || !answer.content_type.starts_with(kNdjson)) {
        const std::string reason =
            fmt::format("the daemon does not stream a trace as {} yet (it answered {}, {})", kNdjson, answer.status, answer.content_type);
        report.skip("G2", kStreamGoal, reason);
        report.skip("G2", kFirstByteGoal, reason);
        return;
    }
    BareWalk walk{graph.item_out.nodes()};
    const SetDigest expected = digest_of(walk.run(graph.item_out, seed));
    if (digest_of(items_in(answer.body)) != expected) throw std::runtime_error("the stream's items are not those of the graph");
    if (digest_of(items_in(fetch(daemon.port(), nodes).body)) != expected) throw std::runtime_error("a trace has other items");
    std::vector<double> first_bytes;
    std::vector<Contender> contenders{{kOurs,
                                       [&](std::size_t) {
                                           answer = fetch(daemon.port(), request);
                                           first_bytes.push_back(answer.first_byte_ns);
                                       },
                                       {daemon.pid()}},
                                      {"stemma, productions as well",
                                       [&](std::size_t) {
                                           answer = fetch(daemon.port(), nodes);
                                           first_bytes.push_back(answer.first_byte_ns);
                                       },
                                       {daemon.pid()}}};
    std::unique_ptr<test::Postgres> server;
    std::optional<NamedCte> peer;
    if (options.postgres && test::Postgres::installed()) {
        auto started = test::Postgres::start(peer_settings(false));
        if (!started) throw std::runtime_error(started.error().text());
        server = *std::move(started);
        peer.emplace(graph, libpq_form(server->connection()));
        peer->get_ready(seed);
        peer->run(seed);
        if (digest_of(peer->items()) != expected) throw std::runtime_error("PostgreSQL's items are not those of the graph");
        contenders.push_back({"PostgreSQL recursive CTE with names", [&](std::size_t) { peer->run(seed); }, peer->backends()});
    }
    Case measured{"http", wanted.name + " as a stream", "answer", interleave(contenders, Rounds{options.rounds, false})};
    if (peer) {
        const double ours = find(measured, kOurs).cpu().median;
        const double theirs = measured.contenders.back().cpu().median;
        report.add(
            Goal{"G2", kStreamGoal, theirs / ours, 15, true, duration(ours), duration(theirs), "CPU of server and client; " + wanted.name});
    } else {
        report.skip("G2", kStreamGoal, "needs package postgresql");
    }
    const Spread first = spread_of(first_bytes);
    report.add(Goal{"G2", kFirstByteGoal, first.median / 1e6, 10, false, duration(first.median), "", "by the clock; " + wanted.name});
    report.add(std::move(measured));
}

}  // namespace

void bench_http(const RunOptions& options, Report& report) {
    const StepTape tape{options.chain, kEventsMax};
    const Graph graph = make_graph(options.chain);
    if (tape.size() < graph.totals.steps)
        return report.skip("G2", "over HTTP",
                           fmt::format("a daemon is filled with {} events at most: take fewer --edges", number(kEventsMax)));
    const auto cases = trace_cases(graph);
    const Daemon daemon{options, tape};
    const Case trivial = measure_trivial(options, daemon, report);
    measure_small_traces(options, daemon, cases.front(), trivial, report);
    measure_small_traces(options, daemon, cases.back(), trivial, report);
    measure_roll_up(options, daemon, cases[2], report);
    measure_stream(options, daemon, graph, cases[2], report);
    measure_posts(options, daemon, report);
    measure_lines(options, daemon, report);
}

}  // namespace stemma::bench
