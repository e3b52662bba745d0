// Each animal of the zoo gets its message, with the place in the configuration, and nothing is loaded.
#include <algorithm>

#include "tests/unit/plugin_host/fixture.hpp"

namespace stemma {
namespace {

struct Animal {
    std::string name;
    std::string id;
    std::string text;
};
void PrintTo(const Animal& animal, std::ostream* out) { *out << animal.name; }

class Zoo : public PluginFolder, public testing::WithParamInterface<Animal> {};

TEST_P(Zoo, animal_is_refused_with_its_message) {
    const Error error = refusal(GetParam().name);
    expect_message(error, GetParam().id, GetParam().text);
    EXPECT_EQ(error.where, "stemma.yaml:3:5");
}

INSTANTIATE_TEST_SUITE_P(
    All, Zoo,
    testing::Values(
        Animal{"no_entry", "PLUGIN_ENTRY_MISSING",
               "'no_entry' has no stm_plugin_entry_v1: it is not a Stemma plugin, or was built for another ABI major"},
        Animal{"wrong_major", "PLUGIN_ABI_MAJOR", "'wrong_major' was built for plugin ABI 7.2, this Stemma speaks 0.2"},
        Animal{"newer_minor", "PLUGIN_ABI_MINOR", "'newer_minor' needs plugin ABI 0.3 or newer, this Stemma speaks 0.2"},
        Animal{"short_struct", "PLUGIN_ENTRY_CORRUPT", "the entry of 'short_struct' is damaged: it says it has 40 bytes, 48 are needed"},
        Animal{"short_table", "PLUGIN_CAPABILITY_CORRUPT",
               "the stm.numbering/0 table of org.stemma.zoo.short-table says it has 48 bytes, 56 are needed"},
        Animal{"null_function", "PLUGIN_CAPABILITY_CORRUPT",
               "the stm.numbering/0 table of org.stemma.zoo.null-function has a null function"},
        Animal{"bad_id", "PLUGIN_INFO_INVALID", "its id 'Serial Numbers' is no reversed domain"},
        Animal{"unknown_capability", "PLUGIN_CAPABILITY_UNKNOWN", "offers 'stm.prophecy/0', which this Stemma does not know"},
        Animal{"missing_capability", "PLUGIN_CAPABILITY_MISSING", "says it offers stm.rules/0, but does not"},
        Animal{"describes_nothing", "PLUGIN_DESCRIBE_WRONG", "scheme 0 is not described exactly once"},
        Animal{"fails_in_create", "PLUGIN_CREATE_FAILED",
               "org.stemma.zoo.fails-in-create does not start with these options: the moon is not full"},
        Animal{"throws_in_create", "PLUGIN_CREATE_FAILED",
               "org.stemma.zoo.throws-in-create does not start with these options: no rule pack was given"},
        Animal{"leaks_exception", "PLUGIN_KILLED", "plugin 'leaks_exception' killed the process with SIGABRT during create"},
        Animal{"fails_self_check", "PLUGIN_SELF_CHECK_FAILED", "org.stemma.zoo.fails-self-check fails its own check: two and two are five"},
        Animal{"aborts", "PLUGIN_KILLED", "plugin 'aborts' killed the process with SIGABRT during self_check"},
        Animal{"aborts_at_open", "PLUGIN_KILLED", "plugin 'aborts_at_open' killed the process with SIGABRT during open"},
        Animal{"exits", "PLUGIN_QUIT", "plugin 'exits' ended the process with exit code 3 during create"},
        Animal{"extra_export", "PLUGIN_EXPORT_EXTRA", "'extra_export' exports one symbol more than its entry: tokenize"}),
    [](const auto& test) { return test.param.name; });

class ZooSet : public PluginFolder {};

TEST_F(ZooSet, slow_self_check_is_cut_off_at_the_limit) {
    put("slow");
    HostSettings limited = settings();
    limited.self_check_ms_max = std::chrono::milliseconds(200);
    const auto host = PluginHost::start(limited, {want("slow")});
    ASSERT_FALSE(host);
    expect_message(host.error(), "PLUGIN_TOO_SLOW", "plugin 'slow' was not done with self_check after 200 ms");
}

TEST_F(ZooSet, twins_are_both_named) {
    put("twin_a");
    put("twin_b");
    const Error error = refusal({want("twin_a"), want("twin_b", "{}", "stemma.yaml:9:5")});
    expect_message(error, "PLUGIN_ID_DUPLICATE", "plugins 'twin_a' and 'twin_b' have the same id org.stemma.zoo.twin");
    EXPECT_EQ(error.where, "stemma.yaml:9:5");
}

TEST_F(ZooSet, one_plugin_listed_twice_is_named) {
    put("healthy");
    expect_message(refusal({want("healthy"), want("healthy")}), "PLUGIN_ID_DUPLICATE", "plugins 'healthy' and 'healthy' have the same id");
}

TEST_F(ZooSet, two_plugins_with_one_scheme_are_both_named) {
    put("healthy");
    put("same_scheme");
    expect_message(refusal({want("healthy"), want("same_scheme")}), "PLUGIN_OFFER_DUPLICATE",
                   "plugins 'healthy' and 'same_scheme' both offer scheme healthy");
}

TEST_F(ZooSet, options_against_the_schema_are_refused_at_their_line) {
    put("bad_options");
    const Error error = refusal({want("bad_options", "# comment\nwidth: 12\n")});
    expect_message(error, "PLUGIN_OPTIONS_INVALID", "options of plugin 'bad_options'");
    EXPECT_NE(error.message.find("width"), std::string::npos) << error.text();
    EXPECT_EQ(error.where, "stemma.yaml:2:8");
    EXPECT_EQ(error.code, Errc::config);
}

TEST_F(ZooSet, unknown_option_is_refused) {
    put("bad_options");
    expect_message(refusal({want("bad_options", "widht: 3\n")}), "PLUGIN_OPTIONS_INVALID", "widht");
}

TEST_F(ZooSet, options_at_both_ends_of_the_schema_are_taken) {
    put("bad_options");
    for (const char* options : {"width: 1\n", "width: 9\n", "{}"}) EXPECT_TRUE(start({want("bad_options", options)})) << options;
}

TEST_F(ZooSet, data_of_an_unknown_kind_is_refused) {
    put("beehive");
    WantedPlugin wanted = want("beehive");
    wanted.data.push_back({"wmi", "wmi.json", std::string(64, '0'), "{}"});
    const Error error = refusal({wanted});
    expect_message(error, "PLUGIN_DATA_UNWANTED", "takes no data of kind 'wmi' (file wmi.json)");
    EXPECT_EQ(error.hint, "it takes words");
}

TEST_F(ZooSet, data_of_no_kind_is_the_only_kind_there_is) {
    put("beehive");
    WantedPlugin wanted = want("beehive");
    wanted.data.push_back({"", "words.json", std::string(64, '0'), R"({"word":"friend"})"});
    EXPECT_TRUE(start({wanted}));
    put("healthy");
    WantedPlugin none = want("healthy");
    none.data = wanted.data;
    expect_message(refusal({none}), "PLUGIN_DATA_UNWANTED", "takes no data of kind ''");
}

TEST_F(ZooSet, bad_data_file_is_refused_with_the_authors_words) {
    put("beehive");
    WantedPlugin wanted = want("beehive");
    wanted.data.push_back({"words", "words.json", std::string(64, '0'), R"({"word":)"});
    expect_message(refusal({wanted}), "PLUGIN_CREATE_FAILED", "line 1, column 9: the text ends too early");
}

TEST_F(ZooSet, one_bad_animal_refuses_the_whole_set_and_names_the_rest) {
    put("healthy");
    put("wrong_major");
    put("bad_id");
    const Error error = refusal({want("healthy"), want("wrong_major"), want("bad_id")});
    expect_message(error, "PLUGIN_ABI_MAJOR", "'wrong_major'");
    EXPECT_NE(error.hint.find("1 more in this set"), std::string::npos) << error.hint;
    EXPECT_TRUE(fs::is_empty(state())) << "a refused set leaves nothing behind";
}

TEST_F(ZooSet, missing_checker_is_named) {
    put("healthy");
    HostSettings without = settings();
    without.checker = "/nonexistent/stemma-plugin-check";
    const auto host = PluginHost::start(without, {want("healthy")});
    ASSERT_FALSE(host);
    expect_message(host.error(), "PLUGIN_CHECKER_FAILED", "/nonexistent/stemma-plugin-check");
}

TEST_F(ZooSet, more_plugins_than_the_limit_are_refused) {
    const std::vector<WantedPlugin> wanted(limits::plugins_max + 1, want("healthy"));
    expect_message(refusal(wanted), "PLUGIN_TOO_MANY", "65 plugins are wanted, at most 64 are loaded");
}

}  // namespace
}  // namespace stemma
