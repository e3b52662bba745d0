// A new Stemma in a folder of its own, with the plugin `lot` beside it, for tests that look at what the app makes of its settings.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "core/app/offline.hpp"
#include "core/config/settings.hpp"
#include "core/ports/clock.hpp"
#include "tests/support/temp_folder.hpp"

namespace stemma::app {

class FixedClock final : public Clock {
public:
    [[nodiscard]] Instant now() const override { return Instant{1'700'000'000'000'000}; }
};

class NewStemma : public testing::Test {
protected:
    /// Writes stemma.yaml: the state folder, the plugin folder, and `more`.
    void configure(const std::string& more) {
        namespace fs = std::filesystem;
        fs::create_directory(folder.file("plugins"));
        fs::copy_file(STEMMA_BINARY_DIR "/plugins/lot.so", plugin(), fs::copy_options::overwrite_existing);
        fs::permissions(plugin(), fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read | fs::perms::others_read);
        write("stemma.yaml", "state: {folder: state}\n" + more);
    }
    void write(const std::string& name, const std::string& text) { std::ofstream{folder.file(name)} << text; }
    [[nodiscard]] std::string main_file() const { return folder.file("stemma.yaml"); }
    [[nodiscard]] std::string plugin() const { return folder.file("plugins/lot.so"); }
    [[nodiscard]] config::Settings settings() const {
        auto loaded = config::load_settings(main_file(), nullptr, config::Unresolved::keep);
        EXPECT_TRUE(loaded) << loaded.error().front().text();
        return *std::move(loaded);
    }

    test::TempFolder folder;
};

inline constexpr const char* kSecretSource =
    "erp: {sources: [{name: main, mapping: t, connection: 'sqlite:/${env:STEMMA_TEST_NOT_SET}'}]}\n";

}  // namespace stemma::app
