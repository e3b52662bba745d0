// Loading: look-up order, conf.d, references, paths, origins, and the message of each mistake.
#include "core/config/settings.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/unit/config/support.hpp"

namespace stemma::config {
namespace {

namespace fs = std::filesystem;
using Lines = std::vector<std::string>;

/// Sets an environment variable, or removes it, until the end of the test.
class Variable {
public:
    Variable(const char* name, const char* value) : name_{name} {
        if (const char* old = ::getenv(name)) old_ = old;
        set(value);
    }
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;
    ~Variable() { set(old_ ? old_->c_str() : nullptr); }

private:
    void set(const char* value) const {
        if (value != nullptr)
            ::setenv(name_, value, 1);
        else
            ::unsetenv(name_);
    }
    const char* name_;
    std::optional<std::string> old_;
};

/// A folder with a main file in it.
struct Configuration {
    Folder folder;
    fs::path main;
    explicit Configuration(std::string_view text) : main{folder.write("stemma.yaml", text)} {}

    [[nodiscard]] Settings load() const {
        auto settings = load_settings(main);
        EXPECT_TRUE(settings) << (settings ? "" : settings.error().front().text());
        return settings ? *std::move(settings) : Settings{};
    }
    [[nodiscard]] Lines mistakes() const {
        const auto settings = load_settings(main);
        return settings ? Lines{"accepted"} : lines_of(settings.error(), folder.path());
    }
    /// "value @ origin" of one line of `config show --origin`, the folder's path left out.
    [[nodiscard]] std::string shown(std::string_view path) const {
        const Settings settings = load();
        const auto line = std::ranges::find(settings.lines, path, &SettingLine::path);
        if (line == settings.lines.end()) return "no such line";
        const std::string prefix = folder.path().string() + "/";
        return line->value + " @ " + (line->origin.starts_with(prefix) ? line->origin.substr(prefix.size()) : line->origin);
    }
};

TEST(Settings, are_the_defaults_for_an_empty_file) {
    const Settings settings = Configuration{""}.load();
    EXPECT_EQ(settings.daemon.address, "127.0.0.1");
    EXPECT_EQ(settings.daemon.port, 7430);
    EXPECT_EQ(settings.state.folder, "/var/lib/stemma");
    EXPECT_EQ(settings.store.file, "/var/lib/stemma/stemma.db");
    EXPECT_EQ(settings.ledger.checkpoint_file, "/var/lib/stemma/ledger.checkpoint");
    EXPECT_EQ(settings.erp.mappings, std::vector<fs::path>{"/usr/share/stemma/erp"});
    EXPECT_TRUE(settings.plugins.enabled.empty());
    EXPECT_EQ(settings.limits.body_bytes_max, 4 * 1024 * 1024);
}

TEST(Settings, reads_every_kind_of_value) {
    const Configuration configuration{
        "daemon: {address: '::1', port: 0, workers: 256}\n"
        "log: {level: warn, format: json}\n"
        "ledger: {origin: trace.example.com/plant-1}\n"
        "plugins:\n"
        "  allow_undecided: true\n"
        "  enabled:\n"
        "    - name: lot\n"
        "      options: {width: 5}\n"
        "      sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n"
        "erp:\n"
        "  sources:\n"
        "    - {name: main, mapping: tryton-6.0, connection: 'postgresql:dbname=erp', every: 500000ms, overlap: 0s, batch_rows: 10000}\n"};
    const Settings settings = configuration.load();
    EXPECT_EQ(settings.daemon.address, "::1");
    EXPECT_EQ(settings.daemon.port, 0);
    EXPECT_EQ(settings.daemon.workers, 256);
    EXPECT_EQ(settings.log.level, log::Level::warn);
    EXPECT_EQ(settings.log.format, log::Format::json);
    EXPECT_TRUE(settings.plugins.allow_undecided);
    ASSERT_EQ(settings.plugins.enabled.size(), 1U);
    EXPECT_EQ(to_json(settings.plugins.enabled[0].options), R"({"width":5})");
    EXPECT_EQ(mark_at(settings.plugins.enabled[0].options, "/width").text(), configuration.main.string() + ":8:24");
    EXPECT_EQ(settings.plugins.enabled[0].sha256, sha256(""));  // the digest above is FIPS 180-4's of the empty message
    EXPECT_EQ(settings.plugins.enabled[0].mark.line, 7);
    ASSERT_EQ(settings.erp.sources.size(), 1U);
    EXPECT_EQ(settings.erp.sources[0].every, std::chrono::seconds{500});
    EXPECT_EQ(settings.erp.sources[0].overlap, std::chrono::seconds{0});
    EXPECT_EQ(settings.erp.sources[0].statement_timeout, std::chrono::seconds{25});
    EXPECT_EQ(settings.erp.sources[0].batch_rows, 10'000);
}

TEST(Settings, say_every_mistake_with_its_place) {
    EXPECT_EQ(Configuration{"daemon:\n  prot: 1\n  address: 5\nlogs: {}\n"}.mistakes(),
              (Lines{"stemma.yaml:2:3: unknown key 'prot' under 'daemon' (did you mean 'port'?)",
                     "stemma.yaml:3:12: 'daemon.address' must be text, there is the number 5 (put it in quotes: '5')",
                     "stemma.yaml:4:1: unknown key 'logs' (did you mean 'log'?)"}));
    EXPECT_EQ(
        Configuration{"daemon: {port: 010}\n"}.mistakes(),
        Lines{"stemma.yaml:1:16: 'daemon.port' must be a whole number, there is the text '010' (write it without leading zeros: 10)"});
    EXPECT_EQ(
        Configuration{"daemon: {address: localhost}\n"}.mistakes(),
        Lines{"stemma.yaml:1:19: 'daemon.address' is no IP address: 'localhost' (127.0.0.1 or ::1 for this machine alone, 0.0.0.0 for "
              "every network)"});
    EXPECT_EQ(Configuration{"- a\n"}.mistakes(), Lines{"stemma.yaml:1:1: the file must be a map of keys, there is a list"});
    EXPECT_EQ(Configuration{"a: 1\na: 2\n"}.mistakes(),
              Lines{"stemma.yaml:2:1: key 'a' is written twice, first in line 1 (delete one of the two)"});
}

TEST(Settings, hold_the_ranges_of_durations) {
    const auto source = [](std::string_view rest) {
        return Configuration{"erp: {sources: [{name: a, mapping: m, connection: c, " + std::string{rest} + "}]}\n"}.mistakes();
    };
    for (const char* good : {"every: 1s", "every: 7d", "overlap: 0s", "overlap: 30d", "statement_timeout: 1s", "statement_timeout: 1h"})
        EXPECT_EQ(source(good), Lines{"accepted"}) << good;
    EXPECT_EQ(source("every: 999ms"), Lines{"stemma.yaml:1:61: 'erp.sources[a].every' must be at least 1s and at most 168h"});
    for (const char* bad :
         {"every: 168h1", "every: 169h", "every: 0s", "overlap: 31d", "overlap: -1s", "statement_timeout: 61m", "every: 60"})
        EXPECT_NE(source(bad), Lines{"accepted"}) << bad;
}

TEST(Settings, hold_the_forms_of_names) {
    const auto plugin = [](std::string_view name) {
        return Configuration{"plugins: {enabled: [{name: '" + std::string{name} + "'}]}\n"}.mistakes();
    };
    EXPECT_EQ(plugin("lot-2_x"), Lines{"accepted"});
    EXPECT_EQ(plugin(std::string(64, 'a')), Lines{"accepted"});
    for (const auto& bad : {std::string{"Lot"}, std::string{"../lot"}, std::string{"lot.so"}, std::string{}, std::string(65, 'a')})
        EXPECT_NE(plugin(bad), Lines{"accepted"}) << bad;
    EXPECT_EQ(plugin("lot.so"),
              Lines{"stemma.yaml:1:28: 'plugins.enabled[0].name' does not have the right form, there is the text 'lot.so' (Name of "
                    "the plugin's file in plugins.directory without .so: lower-case letters, digits, '_' and '-'.)"});
    const auto source = [](std::string_view name) {
        return Configuration{"erp: {sources: [{name: " + std::string{name} + ", mapping: m, connection: c}]}\n"}.mistakes();
    };
    EXPECT_EQ(source("a" + std::string(30, '9')), Lines{"accepted"});
    EXPECT_NE(source("a" + std::string(31, '9')), Lines{"accepted"});
    EXPECT_NE(source("9a"), Lines{"accepted"});
}

TEST(Settings, keep_the_two_kinds_of_store_apart) {
    const Settings settings = Configuration{"store: {engine: postgresql, connection: 'host=db dbname=stemma', schema: plant_1}\n"}.load();
    EXPECT_EQ(settings.store.engine, StoreEngine::postgresql);
    EXPECT_EQ(settings.store.connection, "host=db dbname=stemma");
    EXPECT_EQ(settings.store.schema, "plant_1");
    EXPECT_EQ(Settings{}.store.schema, "stemma");
    const auto only = [](const char* text) {
        const Lines mistakes = Configuration{text}.mistakes();
        EXPECT_EQ(mistakes.size(), 1U);
        return mistakes.front().substr(0, mistakes.front().find(" ("));
    };
    EXPECT_EQ(only("store: {engine: postgresql}\n"),
              "stemma.yaml:1:17: 'store.engine' is postgresql, but 'store.connection' does not say where");
    EXPECT_EQ(only("store: {engine: postgresql, connection: 'dbname=s', file: other.db}\n"),
              "stemma.yaml:1:59: 'store.file' is SQLite's, but 'store.engine' is postgresql");
    EXPECT_EQ(only("store: {connection: 'dbname=s'}\n"),
              "stemma.yaml:1:21: 'store.connection' is PostgreSQL's, but 'store.engine' is sqlite");
    EXPECT_EQ(only("store: {schema: other}\n"), "stemma.yaml:1:17: 'store.schema' is PostgreSQL's, but 'store.engine' is sqlite");
    EXPECT_NE(only("store: {engine: postgresql, connection: 'dbname=s', schema: 'a b'}\n"), "accepted");
}

TEST(Settings, refuse_a_name_given_twice_in_one_file) {
    EXPECT_EQ(Configuration{"plugins:\n  enabled:\n    - name: lot\n    - name: lot\n"}.mistakes(),
              Lines{"stemma.yaml:4:13: 'lot' is named twice under 'plugins.enabled', first in line 3 (delete one of the two)"});
}

TEST(Settings, lay_conf_d_over_the_main_file_in_order_of_names) {
    const Configuration configuration{"daemon: {port: 1, workers: 3}\nerp: {mappings: [a, b]}\n"};
    configuration.folder.write("conf.d/20-b.yaml", "daemon:\n  port: 3\n");
    configuration.folder.write("conf.d/10-a.yaml", "daemon:\n  port: 2\n  http_threads: 5\nerp:\n  mappings: [c]\n");
    configuration.folder.write("conf.d/30-empty.yaml", "# nothing\n");
    configuration.folder.write("conf.d/README", "not read: a name without .yaml\n");
    configuration.folder.write("conf.d/.40-hidden.yaml", "daemon: {port: 4}\n");
    const Settings settings = configuration.load();
    EXPECT_EQ(settings.daemon.port, 3);
    EXPECT_EQ(settings.daemon.http_threads, 5);
    EXPECT_EQ(settings.daemon.workers, 3);
    EXPECT_EQ(settings.erp.mappings, std::vector<fs::path>{configuration.folder.path() / "conf.d" / "c"});  // lists replace
    EXPECT_EQ(configuration.shown("daemon.port"), "3 @ conf.d/20-b.yaml:2:9");
    EXPECT_EQ(configuration.shown("daemon.http_threads"), "5 @ conf.d/10-a.yaml:3:17");
    EXPECT_EQ(configuration.shown("daemon.workers"), "3 @ stemma.yaml:1:28");
    EXPECT_EQ(configuration.shown("daemon.address"), "127.0.0.1 @ default");
    ASSERT_EQ(settings.files.size(), 4U);
    EXPECT_EQ(settings.files.front(), configuration.main);
    EXPECT_EQ(settings.files.back().filename(), "30-empty.yaml");
}

TEST(Settings, merge_plugins_and_sources_by_name) {
    const Configuration configuration{
        "plugins:\n  enabled:\n    - name: lot\n      options: {width: 5, sections: {a: 1}}\n    - name: sku\n"
        "erp:\n  sources:\n    - {name: main, mapping: m, connection: c}\n"};
    configuration.folder.write(
        "conf.d/50-plugins.yaml",
        "plugins:\n  enabled:\n    - name: lot\n      enabled: false\n      options: {width: 6, sections: {b: 2}}\n    - name: serial\n"
        "erp: {sources: [{name: main, batch_rows: 7}]}\n");
    const Settings settings = configuration.load();
    ASSERT_EQ(settings.plugins.enabled.size(), 3U);
    EXPECT_EQ(settings.plugins.enabled[0].name, "lot");
    EXPECT_FALSE(settings.plugins.enabled[0].enabled);
    EXPECT_EQ(to_json(settings.plugins.enabled[0].options), R"({"width":6,"sections":{"a":1,"b":2}})");
    EXPECT_EQ(settings.plugins.enabled[1].name, "sku");
    EXPECT_EQ(settings.plugins.enabled[2].name, "serial");
    ASSERT_EQ(settings.erp.sources.size(), 1U);
    EXPECT_EQ(settings.erp.sources[0].batch_rows, 7);
    EXPECT_EQ(configuration.shown("plugins.enabled[lot].options.width"), "6 @ conf.d/50-plugins.yaml:5:24");
    EXPECT_EQ(configuration.shown("plugins.enabled[lot].options.sections.a"), "1 @ stemma.yaml:4:41");
}

TEST(Settings, report_mistakes_of_all_files_together) {
    const Configuration configuration{"a: 1\na: 2\n"};
    configuration.folder.write("conf.d/10.yaml", "daemon: *x\n");
    configuration.folder.write("conf.d/20.yml", "daemon: {}\n");
    EXPECT_EQ(configuration.mistakes(),
              (Lines{"conf.d/20.yml: only files named *.yaml are read here (rename it)",
                     "stemma.yaml:2:1: key 'a' is written twice, first in line 1 (delete one of the two)",
                     "conf.d/10.yaml:1:9: aliases ('*name') are not accepted (put a text that begins with '*' in quotes)"}));
}

TEST(Settings, put_environment_variables_into_texts) {
    const Variable port{"STEMMA_TEST_PORT", "8080"};
    const Variable host{"STEMMA_TEST_HOST", "db.example.com"};
    const Configuration configuration{
        "daemon: \n  port: ${env:STEMMA_TEST_PORT}\n"
        "erp: {sources: [{name: a, mapping: m, connection: 'postgresql:host=${env:STEMMA_TEST_HOST} dbname=$${env:X} a=$5'}]}\n"};
    EXPECT_EQ(configuration.load().daemon.port, 8080);
    EXPECT_EQ(configuration.load().erp.sources[0].connection, "postgresql:host=db.example.com dbname=${env:X} a=$5");
    EXPECT_EQ(configuration.shown("daemon.port"), "${env:STEMMA_TEST_PORT} @ stemma.yaml:2:9");
}

TEST(Settings, let_what_the_daemon_alone_opens_wait_for_its_value) {
    const Variable missing{"STEMMA_TEST_NONE", nullptr};
    const auto keep = [](const Configuration& configuration) { return load_settings(configuration.main, nullptr, Unresolved::keep); };
    const Configuration configuration{
        "plugins: {enabled: [{name: x, options: {key: '${file:none}'}}]}\n"
        "erp: {sources: [{name: a, mapping: m, connection: 'postgresql:password=${env:STEMMA_TEST_NONE}'}]}\n"};
    const auto settings = keep(configuration);
    ASSERT_TRUE(settings);
    ASSERT_EQ(settings->unresolved.size(), 2U);
    EXPECT_NE(settings->unresolved[0].message.find("the secret file"), std::string::npos);
    EXPECT_EQ(settings->unresolved[1].message, "the environment variable 'STEMMA_TEST_NONE' is not set");
    EXPECT_EQ(settings->erp.sources[0].connection, "postgresql:password=${env:STEMMA_TEST_NONE}");
    EXPECT_EQ(configuration.mistakes().size(), 2U);

    EXPECT_FALSE(keep(Configuration{"state: {folder: '${env:STEMMA_TEST_NONE}'}\n"}));
    EXPECT_FALSE(keep(Configuration{"daemon: {address: '${env:STEMMA_TEST_NONE}'}\n"}));
    const auto number =
        keep(Configuration{"erp: {sources: [{name: a, mapping: m, connection: c, batch_rows: '${env:STEMMA_TEST_NONE}'}]}\n"});
    ASSERT_FALSE(number);  // what it stands for is no number
    EXPECT_EQ(number.error().size(), 2U);
    EXPECT_EQ(number.error()[0].message, "the environment variable 'STEMMA_TEST_NONE' is not set");
    EXPECT_TRUE(keep(Configuration{""})->unresolved.empty());
}

TEST(Settings, say_which_variable_is_missing_and_where) {
    const Variable missing{"STEMMA_TEST_NONE", nullptr};
    EXPECT_EQ(Configuration{"daemon:\n  address: ${env:STEMMA_TEST_NONE}\n"}.mistakes(),
              Lines{"stemma.yaml:2:12: the environment variable 'STEMMA_TEST_NONE' is not set"});
    EXPECT_EQ(Configuration{"daemon:\n  address: ${env:STEMMA_TEST_NONE\n"}.mistakes(),
              Lines{"stemma.yaml:2:12: '${env:' is not closed (add '}')"});
    EXPECT_EQ(Configuration{"daemon:\n  address: ${env:1A}\n"}.mistakes(),
              Lines{"stemma.yaml:2:12: '1A' is no name of an environment variable"});
    const Variable odd{"STEMMA_TEST_NONE", "abc"};
    EXPECT_EQ(Configuration{"daemon:\n  port: ${env:STEMMA_TEST_NONE}\n"}.mistakes(),
              Lines{"stemma.yaml:2:9: 'daemon.port' must be a whole number, there is the value of '${env:STEMMA_TEST_NONE}'"});
}

TEST(Settings, read_secrets_from_files_that_only_the_owner_may_read) {
    const Configuration configuration{
        "erp:\n  sources:\n    - name: a\n      mapping: m\n      connection: 'postgresql:password=${file:secret}'\n"};
    EXPECT_EQ(configuration.mistakes(), Lines{"stemma.yaml:5:19: the secret file 'secret': there is no such file"});
    const fs::path secret = configuration.folder.write("secret", "hunter2\n\n");
    ASSERT_EQ(::chmod(secret.c_str(), 0600), 0);
    EXPECT_EQ(configuration.load().erp.sources[0].connection, "postgresql:password=hunter2\n");  // one newline is cut, not two
    EXPECT_EQ(configuration.shown("erp.sources[a].connection"), "postgresql:password=*** @ stemma.yaml:5:19");
    ASSERT_EQ(::chmod(secret.c_str(), 0640), 0);
    EXPECT_EQ(configuration.mistakes(),
              Lines{"stemma.yaml:5:19: the secret file 'secret' is open to group or others (mode 0640) (chmod 600 secret)"});
    configuration.folder.write("secret", std::string(kSecretFileBytesMax + 1, 'x'));
    EXPECT_EQ(configuration.mistakes(), Lines{"stemma.yaml:5:19: the secret file 'secret': the file is larger than 65536 bytes"});
}

TEST(Settings, never_show_a_password) {
    EXPECT_EQ(redact_connection("postgresql:host=h password=abc dbname=d"), "postgresql:host=h password=*** dbname=d");
    EXPECT_EQ(redact_connection("postgresql:password = 'a b\\' c' user=u"), "postgresql:password = *** user=u");
    EXPECT_EQ(redact_connection("odbc:DSN=x;PWD={a;b};UID=y"), "odbc:DSN=x;PWD=***;UID=y");
    EXPECT_EQ(redact_connection("postgresql:sslpassword=a password=b"), "postgresql:sslpassword=*** password=***");
    EXPECT_EQ(redact_connection("postgresql://user:p@ss/w@host/db?x=1"), "postgresql://user:***@host/db?x=1");
    EXPECT_EQ(redact_connection("postgresql://user@host/db"), "postgresql://user@host/db");
    EXPECT_EQ(redact_connection("postgresql:password="), "postgresql:password=***");
    EXPECT_EQ(redact_connection("postgresql:user=password dbname=d"), "postgresql:user=password dbname=d");
    EXPECT_EQ(redact_connection("sqlite:/a/b.db"), "sqlite:/a/b.db");

    const Variable secret{"STEMMA_TEST_SECRET", "hunter2"};
    const Configuration configuration{
        "plugins: {enabled: [{name: x, options: {api_token: abc, list: ['${env:STEMMA_TEST_SECRET}', {password: p}], plain: q}}]}\n"};
    EXPECT_EQ(configuration.shown("plugins.enabled[x].options.api_token"), "*** @ stemma.yaml:1:52");
    EXPECT_EQ(configuration.shown("plugins.enabled[x].options.list"),
              R"(["${env:STEMMA_TEST_SECRET}",{"password":"***"}] @ stemma.yaml:1:63)");
    EXPECT_EQ(configuration.shown("plugins.enabled[x].options.plain"), "q @ stemma.yaml:1:116");
    for (const SettingLine& line : configuration.load().lines) EXPECT_EQ(line.value.find("hunter2"), std::string::npos) << line.path;
}

TEST(Settings, resolve_relative_paths_from_the_file_that_holds_them) {
    const Configuration configuration{
        "state: {folder: state}\nplugins: {directory: ../plugins}\n"
        "erp: {sources: [{name: a, mapping: m, connection: 'sqlite:data/erp.db'}, {name: b, mapping: m, connection: 'sqlite:/abs.db'}]}\n"};
    configuration.folder.write("conf.d/10.yaml",
                               "plugins: {enabled: [{name: x, data: [rules.yaml, /etc/r.yaml]}]}\nledger: {checkpoint_file: c}\n");
    const fs::path& folder = configuration.folder.path();
    const Settings settings = configuration.load();
    EXPECT_EQ(settings.state.folder, folder / "state");
    EXPECT_EQ(settings.store.file, folder / "state" / "stemma.db");
    EXPECT_EQ(settings.plugins.directory, folder.parent_path() / "plugins");
    EXPECT_EQ(settings.plugins.enabled[0].data, (std::vector<fs::path>{folder / "conf.d" / "rules.yaml", "/etc/r.yaml"}));
    EXPECT_EQ(settings.ledger.checkpoint_file, folder / "conf.d" / "c");
    EXPECT_EQ(settings.erp.sources[0].connection, "sqlite:" + (folder / "data" / "erp.db").string());
    EXPECT_EQ(settings.erp.sources[1].connection, "sqlite:/abs.db");
}

/// The current folder, until the end of the test.
class CurrentFolder {
public:
    explicit CurrentFolder(const fs::path& folder) : before_{fs::current_path()} { fs::current_path(folder); }
    CurrentFolder(const CurrentFolder&) = delete;
    CurrentFolder& operator=(const CurrentFolder&) = delete;
    ~CurrentFolder() { fs::current_path(before_); }

private:
    fs::path before_;
};

TEST(Settings, of_a_file_named_without_its_folder_begin_at_the_current_one) {
    const Configuration configuration{"state: {folder: state}\nledger: {checkpoint_file: \"\"}\nplugins: {directory: p}\n"};
    configuration.folder.write("conf.d/10.yaml", "daemon: {port: 2}\n");
    const CurrentFolder here{configuration.folder.path()};
    const auto settings = load_settings("stemma.yaml");
    ASSERT_TRUE(settings) << settings.error().front().text();
    EXPECT_EQ(settings->state.folder, fs::current_path() / "state");
    EXPECT_EQ(settings->ledger.checkpoint_file, fs::current_path() / "state" / "ledger.checkpoint");
    EXPECT_EQ(settings->plugins.directory, fs::current_path() / "p");
    EXPECT_EQ(settings->daemon.port, 2);
}

TEST(Settings, take_an_empty_checkpoint_file_for_none) {
    for (const char* unset : {"", "ledger: {checkpoint_file: \"\"}\n", "ledger: {checkpoint_file: ''}\n"}) {
        const Configuration configuration{std::string{"state: {folder: s}\n"} + unset};
        EXPECT_EQ(configuration.load().ledger.checkpoint_file, configuration.folder.path() / "s" / "ledger.checkpoint") << unset;
    }
}

TEST(Settings, take_a_draft_instead_of_what_the_disk_holds) {
    const Configuration configuration{"daemon: {port: 1}\n"};
    const Draft draft{conf_folder(configuration.main) / "50-plugins.yaml", "daemon: {port: 2}\n"};
    EXPECT_EQ(load_settings(configuration.main, &draft)->daemon.port, 2);
    EXPECT_EQ(configuration.load().daemon.port, 1);
}

TEST(Settings, refuse_more_files_in_conf_d_than_the_limit) {
    const Configuration configuration{""};
    for (std::size_t i = 0; i < kConfFilesMax; ++i) configuration.folder.write("conf.d/" + std::to_string(i) + ".yaml", "");
    EXPECT_EQ(configuration.mistakes(), Lines{"accepted"});
    configuration.folder.write("conf.d/one-more.yaml", "");
    EXPECT_EQ(configuration.mistakes(), Lines{"conf.d: 257 files; at most 256 are read"});
}

/// Runs in an empty folder as home and working folder.
class SettingsFile : public testing::Test {
protected:
    SettingsFile() : old_{fs::current_path()} { fs::current_path(folder_.path()); }
    ~SettingsFile() override { fs::current_path(old_); }
    Folder folder_;
    fs::path old_;
    Variable config_{"STEMMA_CONFIG", nullptr};
    Variable xdg_{"XDG_CONFIG_HOME", nullptr};
    Variable home_{"HOME", folder_.path().c_str()};
};

TEST_F(SettingsFile, is_looked_up_in_the_documented_order) {
    folder_.write(".config/stemma/stemma.yaml", "");
    EXPECT_EQ(*find_settings_file({}), folder_.path() / ".config/stemma/stemma.yaml");
    folder_.write("xdg/stemma/stemma.yaml", "");
    const Variable xdg{"XDG_CONFIG_HOME", (folder_.path() / "xdg").c_str()};
    EXPECT_EQ(*find_settings_file({}), folder_.path() / "xdg/stemma/stemma.yaml");
    folder_.write("stemma.yaml", "");
    EXPECT_EQ(*find_settings_file({}), "stemma.yaml");
    const auto named = folder_.write("named.yaml", "");
    const Variable config{"STEMMA_CONFIG", named.c_str()};
    EXPECT_EQ(*find_settings_file({}), named);
    EXPECT_EQ(*find_settings_file(folder_.write("given.yaml", "")), folder_.path() / "given.yaml");
}

TEST_F(SettingsFile, must_exist_when_it_was_named) {
    folder_.write("stemma.yaml", "");
    EXPECT_EQ(find_settings_file("none.yaml").error().text(), "none.yaml: there is no such settings file");
    const Variable config{"STEMMA_CONFIG", "gone.yaml"};
    EXPECT_EQ(find_settings_file({}).error().text(), "gone.yaml: there is no such settings file, but $STEMMA_CONFIG names it");
}

TEST_F(SettingsFile, names_every_place_looked_at_when_there_is_none) {
    if (fs::exists("/etc/stemma/stemma.yaml")) GTEST_SKIP() << "/etc/stemma/stemma.yaml exists on this machine";
    EXPECT_EQ(find_settings_file({}).error().text(), "no settings file was found; looked for stemma.yaml, " +
                                                         (folder_.path() / ".config/stemma/stemma.yaml").string() +
                                                         ", /etc/stemma/stemma.yaml (name one with --config FILE)");
}

TEST_F(SettingsFile, is_read_from_the_working_folder_with_absolute_paths) {
    folder_.write("stemma.yaml", "state: {folder: state}\n");
    folder_.write("conf.d/10.yaml", "daemon: {port: x}\n");
    EXPECT_EQ(lines_of(load_settings("stemma.yaml").error()),
              Lines{"conf.d/10.yaml:1:16: 'daemon.port' must be a whole number, there is the text 'x'"});
    folder_.write("conf.d/10.yaml", "");
    EXPECT_EQ(load_settings("stemma.yaml")->state.folder, fs::canonical(folder_.path()) / "state");
}

}  // namespace
}  // namespace stemma::config
