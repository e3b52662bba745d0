// erp grants and erp map from settings and files, without a server.
#include "core/app/erp_tools.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/support/temp_folder.hpp"

namespace stemma::app {
namespace {

class ErpTools : public ::testing::Test {
protected:
    ErpTools() {
        settings.erp.mappings = {STEMMA_SOURCE_DIR "/config/erp"};
        config::ErpSourceSettings source;
        source.name = "away";
        source.mapping = "tryton-6.0";
        source.connection = "postgresql:host=127.0.0.1 port=1 dbname=tryton user=x";  // nobody listens there
        settings.erp.sources.push_back(source);
    }
    test::TempFolder folder;
    config::Settings settings;
};

TEST_F(ErpTools, grants_need_no_database) {
    const auto by_mapping = erp_grants(settings, {.source = {}, .mapping = "odoo-18", .engine = {}, .login = "reader", .database = {}});
    ASSERT_TRUE(by_mapping) << by_mapping.error().text();
    EXPECT_TRUE(by_mapping->starts_with("-- In PostgreSQL's words;")) << *by_mapping;
    EXPECT_TRUE(by_mapping->contains("CREATE ROLE \"reader\" LOGIN"));
    const auto file = std::string{STEMMA_SOURCE_DIR} + "/config/erp/dolibarr-22.yaml";
    const auto by_file = erp_grants(settings, {.source = {}, .mapping = file, .engine = "mariadb", .login = {}, .database = "doli"});
    ASSERT_TRUE(by_file) << by_file.error().text();
    EXPECT_TRUE(by_file->contains("ON `doli`.`llx_product` TO 'stemma_ro'@'%';"));
}

TEST_F(ErpTools, grants_of_a_source_that_is_away_say_that_it_could_not_be_asked) {
    const auto sql = erp_grants(settings, {.source = "away", .mapping = {}, .engine = {}, .login = {}, .database = {}});
    ASSERT_TRUE(sql) << sql.error().text();
    EXPECT_TRUE(sql->starts_with("-- The database could not be asked")) << *sql;
    EXPECT_TRUE(sql->contains("-- Where the module is installed; without it, "));
}

TEST_F(ErpTools, grants_say_what_is_missing) {
    const auto code = [&](GrantsRequest request) {
        const auto sql = erp_grants(settings, request);
        return sql ? Errc::internal : sql.error().code;
    };
    GrantsRequest request;
    EXPECT_EQ(code(request), Errc::invalid_input);
    request.source = "nowhere";
    EXPECT_EQ(code(request), Errc::not_found);
    request.source.clear();
    request.mapping = "no-such";
    EXPECT_EQ(code(request), Errc::config);
}

TEST_F(ErpTools, a_proposal_needs_a_database_that_is_there_and_writes_nothing) {
    const auto unknown = erp_suggest(settings, {.database = "nowhere", .name = {}});
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().code, Errc::not_found);
    const std::string missing = folder.file("missing.db");
    EXPECT_FALSE(erp_suggest(settings, {.database = "sqlite:" + missing, .name = {}}));
    EXPECT_FALSE(std::filesystem::exists(missing));
    EXPECT_EQ(erp_suggest(settings, {.database = "away", .name = {}}).error().code, Errc::unavailable);
}

TEST_F(ErpTools, a_proposal_that_was_taken_is_known_the_next_time) {
    const std::string database = folder.file("tea.db");
    const std::string words = "sqlite3 '" + database + "' < " STEMMA_SOURCE_DIR "/config/examples/teahouse.sql";
    if (std::system("command -v sqlite3 > /dev/null") != 0) GTEST_SKIP() << "needs sqlite3";
    ASSERT_EQ(std::system(words.c_str()), 0);
    const auto first = erp_suggest(settings, {.database = "sqlite:" + database, .name = "tea-1"});
    ASSERT_TRUE(first) << first.error().text();
    EXPECT_TRUE(first->known.empty());
    std::ofstream{folder.file("tea-1.yaml")} << first->yaml;
    settings.erp.mappings.push_back(std::filesystem::path{folder.file("tea-1.yaml")}.parent_path());
    const auto again = erp_suggest(settings, {.database = "sqlite:" + database, .name = "tea-1"});
    ASSERT_TRUE(again);
    ASSERT_EQ(again->known.size(), 1U);
    EXPECT_EQ(again->known[0].name, "tea-1");
    EXPECT_EQ(again->yaml, "");
    const auto anyway = erp_suggest(settings, {.database = "sqlite:" + database, .name = "tea-1", .sample = true, .anyway = true});
    ASSERT_TRUE(anyway);
    EXPECT_EQ(anyway->yaml, first->yaml);
}

}  // namespace
}  // namespace stemma::app
