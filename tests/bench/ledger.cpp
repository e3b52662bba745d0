#include "tests/bench/ledger.hpp"

#include <algorithm>
#include <filesystem>
#include <stdexcept>
#include <unordered_map>

#include "adapters/store/postgres/postgres_store.hpp"
#include "adapters/store/sqlite/sqlite_store.hpp"
#include "core/engine/project.hpp"
#include "core/ledger/entry_codec.hpp"
#include "tests/bench/feed.hpp"
#include "tests/integration/engine/engine_rig.hpp"

namespace stemma::bench {
namespace {

constexpr const char* kOrigin = "bench.example/ledger";

SigningKey key_in(const std::string& folder) {
    const std::string path = folder + "/ledger.key";
    if (auto known = SigningKey::load(path)) return *std::move(known);
    SigningKey made = SigningKey::generate();
    if (const auto saved = made.save(path); !saved) throw std::runtime_error(saved.error().text());
    return made;
}

}  // namespace

StepTape::StepTape(const test::SupplyChainOptions& options, std::uint64_t most) {
    test::run_supply_chain(options, [&](const test::Step& step) {
        if (steps_.size() >= most) return;
        steps_.push_back(
            {step, parts_.size(), static_cast<std::uint32_t>(step.inputs.size()), static_cast<std::uint32_t>(step.outputs.size())});
        parts_.insert(parts_.end(), step.inputs.begin(), step.inputs.end());
        parts_.insert(parts_.end(), step.outputs.begin(), step.outputs.end());
    });
}

test::Step StepTape::operator[](std::size_t at) const {
    const Kept& kept = steps_.at(at);
    test::Step step = kept.step;
    step.inputs = {parts_.data() + kept.first, kept.inputs};
    step.outputs = {parts_.data() + kept.first + kept.inputs, kept.outputs};
    return step;
}

LedgerUnderTest::LedgerUnderTest(const std::string& folder, const std::string& origin) : plugins_{std::make_unique<test::NoPlugins>()} {
    std::filesystem::create_directories(folder);
    auto opened = store::open_sqlite({folder + "/stemma.db", false, 5'000, 4});
    if (!opened) throw std::runtime_error(opened.error().text());
    open(*std::move(opened), folder, origin);
}

LedgerUnderTest::LedgerUnderTest(const std::string& folder, const PostgresPlace& place) : plugins_{std::make_unique<test::NoPlugins>()} {
    std::filesystem::create_directories(folder);
    auto opened = store::open_postgres({.connection = place.connection});
    if (!opened) throw std::runtime_error(opened.error().text());
    open(*std::move(opened), folder, kOrigin);
}

void LedgerUnderTest::open(std::unique_ptr<Store> store, const std::string& folder, const std::string& origin) {
    store_ = std::move(store);
    engine::Seal seal{origin, key_in(folder), CheckpointFile{folder + "/ledger.checkpoint"}};
    appender_ = std::make_unique<engine::Appender>(*store_, index_, clock_, std::move(seal));
    if (const auto loaded = appender_->load(); !loaded) throw std::runtime_error(loaded.error().text());
    capturing_ = std::make_unique<engine::Capturing>(*appender_, *plugins_, limits_, engine::UndecidedPolicy{});
}

LedgerUnderTest::~LedgerUnderTest() = default;

struct RowMaker::State {
    LedgerHead head;
    SigningKey key{SigningKey::generate()};
    std::unordered_map<std::string, std::int64_t> ids;

    std::int64_t intern(Subject::Kind kind, const std::string& uri, RawRows& rows) {
        const auto [at, added] = ids.emplace(uri, static_cast<std::int64_t>(ids.size() + 1));
        if (added) rows.subjects.push_back({at->second, static_cast<std::int64_t>(kind), uri});
        return at->second;
    }
};

RowMaker::RowMaker() : state_{std::make_unique<State>()} {}
RowMaker::~RowMaker() = default;

RawRows RowMaker::make(const StepTape& tape, std::size_t first, std::size_t count) {
    RawRows rows;
    for (std::size_t i = first; i < first + count; ++i) {
        const Entry entry = entry_of(tape[i]);
        rows.entries.push_back(state_->head.next(encode(entry)));
        const auto sequence = static_cast<std::int64_t>(rows.entries.back().sequence);
        const ReadModelChange change = engine::project(rows.entries.back().sequence, entry, std::nullopt);
        for (const Subject& subject : change.touched)
            rows.subject_entries.push_back({state_->intern(subject.kind, subject.id, rows), sequence});
        if (change.event) rows.events.push_back({state_->intern(Subject::Kind::event, change.event->str(), rows), sequence});
    }
    std::ranges::sort(rows.subject_entries, [](const auto& a, const auto& b) {
        return std::pair{a.subject, a.sequence} < std::pair{b.subject, b.sequence};
    });
    const std::uint64_t size = state_->head.size();
    rows.notes.push_back({size, sign_checkpoint({kOrigin, size, state_->head.root()}, state_->key)});
    return rows;
}

}  // namespace stemma::bench
