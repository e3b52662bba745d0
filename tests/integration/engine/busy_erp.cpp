#include "tests/integration/engine/busy_erp.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <optional>
#include <string_view>

#include "tests/integration/engine/lineage_picture.hpp"

namespace stemma::test {
namespace {

constexpr int kStepsPerSync = 30;

class Writer {
public:
    Writer(const BusyErp& erp, std::uint32_t seed) : erp_{erp}, dice_{seed}, at_once_{open()} { late_.resize(2); }

    /// `syncs`: that were done so far. The users wait for one now and then, so that there are some among their work.
    void work(const std::atomic<int>& syncs) {
        for (int step = 1; step <= kBusySteps; ++step) {
            if (step % kStepsPerSync == 0)
                for (const int before = syncs; syncs == before;) std::this_thread::sleep_for(std::chrono::milliseconds{1});
            const int what = dice_.below(10);
            std::optional<sql::Session>& late = late_[static_cast<std::size_t>(dice_.below(2))];
            if (what == 0)
                late ? end(late, dice_.below(5) != 0) : begin(late);
            else
                write(what <= 3 && late ? *late : at_once_, what <= 3 && late, step);
            std::this_thread::sleep_for(std::chrono::milliseconds{dice_.below(8)});
        }
        for (std::optional<sql::Session>& late : late_)
            if (late) end(late, true);
    }

    [[nodiscard]] std::uint64_t done() const noexcept { return done_; }

private:
    [[nodiscard]] sql::Session open() const {
        auto session = sql::Session::open(erp_.connection);
        EXPECT_TRUE(session) << session.error().text();
        for (const std::string& text : erp_.greetings) say(*session, text);
        return *std::move(session);
    }

    static bool say(sql::Session& session, const std::string& text) {
        const auto said = session.execute_as_is({"busy", text.c_str()});
        // Whoever would have to wait for a lock gives up; any other error is a mistake of the test's.
        if (!said && said.error().code == Errc::config) ADD_FAILURE() << said.error().text() << "\n" << text;
        return said.has_value();
    }

    void begin(std::optional<sql::Session>& late) {
        late.emplace(open());
        start(*late);
    }
    void start(sql::Session& session) const {
        say(session, "BEGIN");
        for (const std::string& text : erp_.opening) say(session, text);
    }
    static void end(std::optional<sql::Session>& late, bool commit) {
        say(*late, commit ? "COMMIT" : "ROLLBACK");
        late.reset();
    }

    /// A deed is done as a whole or not at all.
    void write(sql::Session& session, bool open_already, int step) {
        if (open_already)
            say(session, "SAVEPOINT deed");
        else
            start(session);
        bool good = true;
        for (const std::string& text : erp_.deed(dice_, step)) good = good && say(session, text);
        done_ += good ? 1 : 0;
        if (open_already)
            say(session, good ? "RELEASE SAVEPOINT deed" : "ROLLBACK TO SAVEPOINT deed");
        else
            say(session, good ? "COMMIT" : "ROLLBACK");
    }

    const BusyErp& erp_;
    Dice dice_;
    sql::Session at_once_;
    std::vector<std::optional<sql::Session>> late_;
    std::uint64_t done_{0};
};

}  // namespace

void expect_followed(const BusyErp& erp, ErpSource& source, std::uint32_t seed) {
    TempFolder folder;
    TempFolder fresh_folder;
    EngineRig rig{folder.path()};
    rig.sync(source);
    Writer writer{erp, seed};
    std::atomic<bool> gone{false};
    std::atomic<int> syncs{0};
    std::thread users{[&] {
        writer.work(syncs);
        gone = true;
    }};
    std::uint64_t corrected = 0;
    for (; !gone; ++syncs) corrected += rig.sync(source).sum.changed;
    users.join();
    rig.sync(source, engine::SyncReach::keys);
    EngineRig fresh{fresh_folder.path()};
    EXPECT_EQ(fresh.sync(source).sum.rejected, 0U);
    expect_same_lineage(rig, fresh);
    EXPECT_GT(writer.done(), kBusySteps / 4U) << "the users did something";
    std::printf("seed %u: %llu deeds, %d syncs meanwhile, %llu rows corrected by them\n", seed,
                static_cast<unsigned long long>(writer.done()), syncs.load(), static_cast<unsigned long long>(corrected));
}

std::vector<std::uint32_t> busy_seeds(std::uint32_t few) {
    const char* asked = std::getenv("STEMMA_BUSY_SEEDS");
    std::uint32_t count = few;
    if (asked != nullptr) {
        const std::string_view text{asked};
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
        // Without a seed there would be no test, and all would look well.
        if (error != std::errc{} || end != text.data() + text.size() || count == 0 || count > kBusySeedsMax) {
            std::fprintf(stderr, "STEMMA_BUSY_SEEDS is '%s': a number from 1 to %u is needed\n", asked, kBusySeedsMax);
            std::exit(2);
        }
    }
    std::vector<std::uint32_t> seeds(count);
    std::iota(seeds.begin(), seeds.end(), 1U);
    return seeds;
}

}  // namespace stemma::test
