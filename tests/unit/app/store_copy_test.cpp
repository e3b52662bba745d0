// Where a store may be named for a copy. What is copied: tests/integration/engine/postgres_store_test.cpp.
#include "core/app/store_copy.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "adapters/store/sqlite/sqlite_store.hpp"
#include "tests/support/temp_folder.hpp"

namespace stemma::app {
namespace {

class StoreCopy : public ::testing::Test {
protected:
    [[nodiscard]] std::string place(const std::string& name) const { return "sqlite:" + folder_.file(name); }
    void make(const std::string& name, bool with_checkpoint) const {
        const auto store = store::open_sqlite({.path = folder_.file(name)});
        ASSERT_TRUE(store);
        const auto work = (*store)->begin();
        ASSERT_TRUE((*work)->put_person({PartyId{"urn:p:1"}, "Ada", "ada@example.org", "00"}));
        if (with_checkpoint) {
            ASSERT_TRUE((*work)->put_checkpoint({0, "note"}));
        }
        ASSERT_TRUE((*work)->commit());
    }
    test::TempFolder folder_;
};

TEST_F(StoreCopy, takes_files_and_refuses_a_target_that_holds_anything) {
    make("a.db", true);
    const auto copied = copy_store({.from = place("a.db"), .to = place("b.db")}, {});
    ASSERT_TRUE(copied) << copied.error().text();
    EXPECT_EQ(copied->persons, 1U);
    EXPECT_EQ(copied->checkpoints, 1U);
    const auto twice = copy_store({.from = place("a.db"), .to = place("b.db")}, {});
    ASSERT_FALSE(twice);
    EXPECT_EQ(twice.error().code, Errc::conflict);
}

TEST_F(StoreCopy, takes_a_settings_file_whose_folder_nobody_uses) {
    make("stemma.db", false);
    const std::string settings = folder_.file("stemma.yaml");
    std::ofstream{settings} << "state: {folder: .}\n";
    const auto copied = copy_store({.from = settings, .to = place("b.db")}, {});
    ASSERT_TRUE(copied) << copied.error().text();
    EXPECT_EQ(copied->persons, 1U);
}

TEST_F(StoreCopy, refuses_what_names_no_store_and_shows_no_password) {
    make("a.db", false);
    const auto unknown = copy_store({.from = "mysql:host=db password=hidden", .to = place("b.db")}, {});
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().code, Errc::invalid_input);
    EXPECT_EQ(unknown.error().text().find("hidden"), std::string::npos) << unknown.error().text();
    EXPECT_FALSE(copy_store({.from = place("a.db"), .to = place("a.db")}, {}));
    EXPECT_FALSE(copy_store({.from = place("none.db"), .to = place("b.db")}, {})) << "a source is never made";
}

}  // namespace
}  // namespace stemma::app
