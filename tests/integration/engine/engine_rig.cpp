#include "tests/integration/engine/engine_rig.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "adapters/store/sqlite/sqlite_store.hpp"
#include "core/engine/stored.hpp"

namespace stemma::test {
namespace {

std::unique_ptr<Store> on_file(const std::string& path) {
    auto opened = store::open_sqlite({path, false, 5'000, 4});
    EXPECT_TRUE(opened) << opened.error().text();
    return opened ? *std::move(opened) : nullptr;
}

SigningKey key_in(const std::string& folder) {
    const std::string path = folder + "/ledger.key";
    auto loaded = SigningKey::load(path);
    if (loaded) return *loaded;
    const SigningKey made = SigningKey::generate();
    EXPECT_TRUE(made.save(path));
    return made;
}

}  // namespace

EngineRig::EngineRig(const std::string& folder) : EngineRig{folder, on_file(folder + "/stemma.db")} {}

EngineRig::EngineRig(const std::string& folder, std::unique_ptr<Store> store) : folder_{folder}, store_{std::move(store)} {
    if (!store_) return;
    engine::Seal seal{"test.example/ledger", key_in(folder), CheckpointFile{checkpoint_file()}};
    appender_ = std::make_unique<engine::Appender>(*store_, index_, clock_, std::move(seal));
    const auto loaded = appender_->load();
    EXPECT_TRUE(loaded) << loaded.error().text();
}

engine::SyncReport EngineRig::sync(ErpSource& source, bool full) {
    return sync(source, full ? engine::SyncReach::all : engine::SyncReach::changes);
}

engine::SyncReport EngineRig::sync(ErpSource& source, engine::SyncReach reach) {
    engine::Syncing syncing{*store_, *appender_, plugins_, clock_, limits_};
    const auto report = syncing.run(
        source, reach, [](const auto&, const auto&) {}, [] { return false; });
    if (report) return *report;
    ADD_FAILURE() << report.error().text();
    return {};
}

engine::Receipt EngineRig::capture(const engine::Capture& command) {
    engine::Capturing capturing{*appender_, plugins_, limits_, {}};
    const auto receipt = capturing.capture(command);
    if (receipt) return *receipt;
    ADD_FAILURE() << receipt.error().text();
    return {};
}

std::vector<Entry> EngineRig::entries() {
    std::vector<Entry> all;
    const auto snapshot = store_->read();
    const auto size = (*snapshot)->size();
    const auto rows = (*snapshot)->entries(0, *size);
    for (const StoredEntry& row : *rows) {
        auto entry = engine::decode_stored(row);
        if (entry)
            all.push_back(*std::move(entry));
        else
            ADD_FAILURE() << entry.error().text();
    }
    return all;
}

std::string EngineRig::read_model_digest() {
    const auto snapshot = store_->read();
    const auto digest = (*snapshot)->read_model_digest();
    return digest ? to_hex(*digest) : digest.error().text();
}

}  // namespace stemma::test
