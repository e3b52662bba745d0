#include "tests/integration/api/stemma_under_test.hpp"

#include <boost/json/parse.hpp>
#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <set>
#include <thread>

#include "core/app/offline.hpp"
#include "tests/integration/api/openapi.hpp"

namespace stemma::http::test {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

std::mutex given_mutex;
std::set<std::string> given;

std::string unpacked(const std::string& path) {
    std::FILE* pipe = popen(fmt::format("gzip -dc '{}'", path).c_str(), "r");
    std::string text;
    std::array<char, 65536> part{};
    for (std::size_t got = 0; pipe != nullptr && (got = std::fread(part.data(), 1, part.size(), pipe)) > 0;) text.append(part.data(), got);
    EXPECT_TRUE(pipe != nullptr && pclose(pipe) == 0) << path;
    return text;
}

void load_demo(const std::string& file) {
    sqlite3* database = nullptr;
    char* message = nullptr;
    ASSERT_EQ(sqlite3_open(file.c_str(), &database), SQLITE_OK);
    const std::string sql = unpacked(STEMMA_SOURCE_DIR "/tests/support/tryton_demo/demo.sql.gz");
    EXPECT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, &message), SQLITE_OK) << message;
    sqlite3_free(message);
    sqlite3_close(database);
}

/// Plugin files that group or others may write are refused, and a build folder's may be.
void copy_plugins(const std::string& folder) {
    fs::create_directory(folder);
    fs::permissions(folder, fs::perms{0755});
    for (const char* name : {"serial", "lot", "sku", "expiry", "rma", "compliance"}) {
        const fs::path to = fs::path{folder} / (std::string{name} + ".so");
        fs::copy_file(fs::path{STEMMA_BINARY_DIR "/plugins"} / to.filename(), to);
        fs::permissions(to, fs::perms{0644});
    }
}

Request request_of(std::string_view method, std::string_view target, std::string body, Headers headers) {
    Request request;
    request.method = std::string{method};
    const std::size_t mark = std::min(target.find('?'), target.size());
    request.path = std::string{target.substr(0, mark)};
    if (mark < target.size()) {
        auto query = parse_query(target.substr(mark + 1));
        EXPECT_TRUE(query) << target;
        if (query) request.query = *std::move(query);
    }
    request.headers = std::move(headers);
    request.body = std::move(body);
    return request;
}

void hold_against_document(std::string_view method, std::string_view path, const Response& response) {
    const Operation* operation = OpenApi::document().find(method, path);
    if (operation == nullptr) return;  // an unknown path; that every route is documented is a test of its own
    const std::lock_guard lock{given_mutex};
    given.insert(fmt::format("{} {}", operation->name(), response.status));
    for (const std::string& mistake : OpenApi::document().mistakes(*operation, response))
        ADD_FAILURE() << mistake << "\n" << response.body.substr(0, 2000);
}

const json::value kNothing;

/// Makes the shared Stemma when it is first asked for and ends it before the program's other globals. When the whole program ran, every
/// documented answer of success must have been given, or its schema was never tried.
class Shared : public ::testing::Environment {
public:
    StemmaUnderTest& get() {
        const std::lock_guard lock{mutex_};
        if (!one_) {
            one_ = std::make_unique<StemmaUnderTest>();
            EXPECT_EQ(one_->sync().text("/error"), "");
        }
        return *one_;
    }
    void TearDown() override {
        one_.reset();
        const testing::UnitTest& program = *testing::UnitTest::GetInstance();
        if (program.test_to_run_count() != program.total_test_count()) return;
        for (const Operation& operation : OpenApi::document().operations())
            for (const auto& [status, response] : operation.node.at("responses").as_object()) {
                const std::string answer = fmt::format("{} {}", operation.name(), std::string_view{status});
                if (std::ranges::find(kNeverGiven, answer) != kNeverGiven.end() || status == "default") continue;
                EXPECT_TRUE(given.contains(answer)) << answer << " is documented and no test was answered so";
            }
    }

private:
    /// Not to be had without breaking the store under a running Stemma.
    static constexpr std::array<std::string_view, 1> kNeverGiven{"GET /health/ready 503"};

    std::mutex mutex_;
    std::unique_ptr<StemmaUnderTest> one_;
};

Shared* const the_shared = dynamic_cast<Shared*>(::testing::AddGlobalTestEnvironment(new Shared));

}  // namespace

std::vector<std::string> lines_of(std::string_view body, std::string_view line_end) {
    std::vector<std::string> lines;
    while (!body.empty()) {
        const std::size_t end = std::min(body.find(line_end), body.size());
        lines.emplace_back(body.substr(0, end));
        body.remove_prefix(std::min(end + line_end.size(), body.size()));
    }
    return lines;
}

const json::value& Answer::at(std::string_view pointer) const {
    boost::json::error_code missing;
    const json::value* found = json.find_pointer(pointer, missing);
    return found == nullptr ? kNothing : *found;
}

std::string Answer::text(std::string_view pointer) const {
    const json::value& value = at(pointer);
    return value.is_string() ? std::string{value.as_string().data(), value.as_string().size()} : "";
}

std::int64_t Answer::number(std::string_view pointer) const {
    const json::value& value = at(pointer);
    EXPECT_TRUE(value.is_int64()) << pointer << " is no whole number in " << body.substr(0, 500);
    return value.is_int64() ? value.as_int64() : -1;
}

std::size_t Answer::count(std::string_view pointer) const { return at(pointer).is_array() ? at(pointer).as_array().size() : 0; }

void StemmaUnderTest::make_settings(bool with_erp, const std::string& more) const {
    copy_plugins(file("plugins"));
    std::ofstream settings{file("stemma.yaml")};
    settings << "state: {folder: state}\nplugins:\n  directory: plugins\n  enabled:\n"
             << "    - {name: serial}\n    - {name: lot}\n    - {name: sku}\n    - {name: expiry}\n    - {name: rma}\n"
             << "    - {name: compliance, data: [" STEMMA_SOURCE_DIR "/config/rules/food.yaml]}\n"
             << more;
    if (!with_erp) return;
    load_demo(file("tryton.sqlite"));
    settings << "erp:\n  mappings: [" STEMMA_SOURCE_DIR "/config/erp]\n  sources:\n"
             << "    - {name: tryton, mapping: tryton-6.0, connection: \"sqlite:tryton.sqlite\", every: 1h}\n";
}

StemmaUnderTest::StemmaUnderTest(bool with_erp, const std::string& more) {
    make_settings(with_erp, more);
    const auto made = app::init(file("stemma.yaml"));
    EXPECT_TRUE(made) << made.error().text();
    open();
}

void StemmaUnderTest::open() {
    const auto settings = config::load_settings(file("stemma.yaml"));
    EXPECT_TRUE(settings) << settings.error().front().text();
    auto opened = app::App::open(*settings);
    EXPECT_TRUE(opened) << opened.error().text();
    app_ = *std::move(opened);
    app_->start_syncs(false);
}

void StemmaUnderTest::restart() {
    app_->stop();
    app_.reset();  // gives the state folder back
    open();
}

StemmaUnderTest::~StemmaUnderTest() { app_->stop(); }

Answer StemmaUnderTest::get(std::string_view target) { return call("GET", target); }

Answer StemmaUnderTest::post(std::string_view target, std::string body, Headers headers) {
    return call("POST", target, std::move(body), std::move(headers));
}

Answer StemmaUnderTest::call(std::string_view method, std::string_view target, std::string body, Headers headers) {
    Request request = request_of(method, target, std::move(body), std::move(headers));
    request.remote = remote_;
    request.cancel = &over_;
    const std::string path = request.path;
    Response response = app_->router().handle(std::move(request));
    std::string piece;
    for (bool more = response.source != nullptr; more;) {
        piece.clear();
        const auto made = response.source->next(piece);
        EXPECT_TRUE(made) << made.error().text();
        more = made && *made;
        response.body += piece;
    }
    response.source.reset();
    hold_against_document(method, path, response);
    Answer answer{response.status, std::move(response.body), {}, std::move(response.headers)};
    if (response.content_type.ends_with("json") && !response.content_type.ends_with("ndjson")) answer.json = json::parse(answer.body);
    return answer;
}

Answer StemmaUnderTest::sync(bool full) {
    const Answer asked = post("/api/v1/erp/sources/tryton/sync", full ? R"({"full":true})" : "");
    EXPECT_EQ(asked.status, 202) << asked.body;
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{60};
    for (;;) {
        Answer now = get("/api/v1/erp/sources/tryton");
        if (now.number("/runs") >= asked.number("/run") || std::chrono::steady_clock::now() > until) return now;
        std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
}

StemmaUnderTest& stemma_with_demo() { return the_shared->get(); }

std::string quoted(std::string text) {
    std::ranges::replace(text, '\'', '"');
    return text;
}

}  // namespace stemma::http::test
