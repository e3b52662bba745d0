// Enabling and disabling plugins by editing text: what changes, and that nothing else does.
#include "core/config/conf_d.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <optional>
#include <string>

#include "tests/unit/config/support.hpp"

namespace stemma::config {
namespace {

namespace fs = std::filesystem;

PluginEdit enable(std::string name, std::optional<std::string> options = {}) {
    PluginEdit edit{std::move(name), true, {}, {}};
    if (options) edit.options = root_of(*options);
    return edit;
}
PluginEdit disable(std::string name) { return {std::move(name), false, {}, {}}; }
PluginEdit with_data(PluginEdit edit, std::vector<std::string> data) {
    edit.data = std::move(data);
    return edit;
}

std::string edited(std::string_view text, const PluginEdit& edit) {
    const auto result = edit_plugins_text(text, "50.yaml", edit);
    return result ? *result : "refused: " + result.error().text();
}

TEST(PluginEdit, flips_the_word_and_keeps_every_comment) {
    const std::string text =
        "# ours\n"
        "plugins:\n"
        "  # the order matters to nobody\n"
        "  enabled:\n"
        "    - name: lot      # lots of plant 1\n"
        "      enabled: true  # since March\n"
        "      options:\n"
        "        width: 5     # agreed with QA\n"
        "\n"
        "    # the shop's numbers\n"
        "    - name: sku\n"
        "# the end\n";
    std::string wanted = text;
    wanted.replace(wanted.find("true "), 4, "false");
    EXPECT_EQ(edited(text, disable("lot")), wanted);
    EXPECT_EQ(edited(wanted, enable("lot")), text);
    EXPECT_EQ(edited(text, enable("lot")), text);  // nothing to do: not a byte changes
}

TEST(PluginEdit, adds_the_word_below_the_name) {
    EXPECT_EQ(edited("plugins:\n  enabled:\n    - name: lot  # lots\n      options: {width: 5}\n    - name: sku\n", disable("lot")),
              "plugins:\n  enabled:\n    - name: lot  # lots\n      enabled: false\n      options: {width: 5}\n    - name: sku\n");
    EXPECT_EQ(edited("plugins:\n  enabled:\n  -\n    options: {}\n    name: 'lot'\n", disable("lot")),
              "plugins:\n  enabled:\n  -\n    options: {}\n    name: 'lot'\n    enabled: false\n");
}

TEST(PluginEdit, adds_an_entry_after_the_last_one_and_before_what_follows) {
    EXPECT_EQ(edited("plugins:\n  enabled:\n    - name: lot\n      options:\n        text: |\n          # not a comment\n\n          end\n"
                     "\n  # where they are\n  directory: /p\ndaemon: {port: 1}\n",
                     enable("sku")),
              "plugins:\n  enabled:\n    - name: lot\n      options:\n        text: |\n          # not a comment\n\n          end\n"
              "    - name: sku\n      enabled: true\n"
              "\n  # where they are\n  directory: /p\ndaemon: {port: 1}\n");
    EXPECT_EQ(edited("plugins:\n  enabled:\n  - name: lot\n  directory: /p\n", enable("sku")),
              "plugins:\n  enabled:\n  - name: lot\n  - name: sku\n    enabled: true\n  directory: /p\n");
}

TEST(PluginEdit, adds_what_is_missing_around_the_entry) {
    EXPECT_EQ(edited("# c\n", enable("lot")), "# c\nplugins:\n  enabled:\n    - name: lot\n      enabled: true\n");
    EXPECT_EQ(edited("daemon:\n  port: 1", enable("lot")),
              "daemon:\n  port: 1\nplugins:\n  enabled:\n    - name: lot\n      enabled: true\n");
    EXPECT_EQ(edited("  daemon: {}\n", enable("lot")),
              "  daemon: {}\n  plugins:\n    enabled:\n      - name: lot\n        enabled: true\n");
    EXPECT_EQ(edited("plugins:\n  # d\n  directory: /p\n", enable("lot")),
              "plugins:\n  # d\n  enabled:\n    - name: lot\n      enabled: true\n  directory: /p\n");
}

TEST(PluginEdit, edits_maps_and_lists_in_brackets) {
    EXPECT_EQ(edited("plugins:\n  enabled: []  # none\n", enable("lot")), "plugins:\n  enabled: [{name: lot, enabled: true}]  # none\n");
    EXPECT_EQ(edited("plugins: {enabled: [{name: a}, {name: b}]}\n", disable("c")),
              "plugins: {enabled: [{name: c, enabled: false}, {name: a}, {name: b}]}\n");
    EXPECT_EQ(edited("plugins: {enabled: [{name: a}, {enabled: true, name: 'b', options: {x: 1}}]}\n", disable("b")),
              "plugins: {enabled: [{name: a}, {enabled: false, name: 'b', options: {x: 1}}]}\n");
    EXPECT_EQ(edited("plugins: {enabled: [{name: a, enabled: true}]}\n", disable("a")),
              "plugins: {enabled: [{name: a, enabled: false}]}\n");
    EXPECT_EQ(edited("plugins: {enabled: [{name: a}]}\n", disable("a")), "plugins: {enabled: [{name: a, enabled: false}]}\n");
    EXPECT_EQ(edited("plugins: {directory: /p}\n", enable("a")), "plugins: {enabled: [{name: a, enabled: true}], directory: /p}\n");
    EXPECT_EQ(edited("plugins:\n  enabled:\n    - {name: a}\n", enable("a", "{x: 1}")),
              "plugins:\n  enabled:\n    - {name: a, enabled: true, options: {\"x\":1}}\n");
}

TEST(PluginEdit, writes_options_that_read_back_as_the_same) {
    EXPECT_EQ(edited("", enable("lot", "{width: 5, sections: {a: 'x: # \"y', 'odd key': [1, 'true', ~]}, none: {}, 'null': 007}")),
              "plugins:\n"
              "  enabled:\n"
              "    - name: lot\n"
              "      enabled: true\n"
              "      options:\n"
              "        width: 5\n"
              "        sections:\n"
              "          a: \"x: # \\\"y\"\n"
              "          \"odd key\": [1,\"true\",null]\n"
              "        none: {}\n"
              "        \"null\": \"007\"\n");
    EXPECT_EQ(edited("plugins:\n  enabled:\n    - name: lot\n      data: [a]\n      # why\n    - name: sku\n", enable("lot", "{w: 1}")),
              "plugins:\n  enabled:\n    - name: lot\n      enabled: true\n      data: [a]\n      # why\n      options:\n        w: 1\n    "
              "- name: sku\n");
}

TEST(PluginEdit, never_replaces_the_administrators_options) {
    const std::string text = "plugins:\n  enabled:\n    - name: lot\n      options: {width: 5}\n";
    EXPECT_EQ(edited(text, enable("lot", "{width: 6}")), "refused: 50.yaml:4:16: 'lot' already has options here (edit them in the file)");
    EXPECT_EQ(edited(text, enable("lot", "{width: 5}")),
              "plugins:\n  enabled:\n    - name: lot\n      enabled: true\n      options: {width: 5}\n");
}

TEST(PluginEdit, writes_data_files_beside_the_options) {
    EXPECT_EQ(edited("", with_data(enable("compliance"), {"/etc/stemma/rules/own.yaml", "b: c.yaml"})),
              "plugins:\n"
              "  enabled:\n"
              "    - name: compliance\n"
              "      enabled: true\n"
              "      data: [\"/etc/stemma/rules/own.yaml\",\"b: c.yaml\"]\n");
    EXPECT_EQ(edited("plugins: {enabled: [{name: lot}]}\n", with_data(enable("lot", "{w: 1}"), {"/a"})),
              "plugins: {enabled: [{name: lot, enabled: true, options: {\"w\":1}, data: [\"/a\"]}]}\n");
    EXPECT_EQ(
        edited("plugins:\n  enabled:\n    - name: lot\n      enabled: false\n      options: {w: 1}\n", with_data(enable("lot"), {"/a"})),
        "plugins:\n  enabled:\n    - name: lot\n      enabled: true\n      options: {w: 1}\n      data: [\"/a\"]\n");
}

TEST(PluginEdit, takes_the_path_of_a_data_file_literally) {
    EXPECT_EQ(edited("", with_data(enable("lot"), {"/a/${env:HOME}/$${x"})),
              "plugins:\n  enabled:\n    - name: lot\n      enabled: true\n      data: [\"/a/$${env:HOME}/$$${x\"]\n");
}

TEST(PluginEdit, adds_data_files_to_the_administrators_own) {
    const std::string before = "plugins:\n  enabled:\n    - name: lot\n      enabled: true\n";
    const std::string flow = before + "      data: [/a]  # ours\n";
    EXPECT_EQ(edited(flow, with_data(enable("lot"), {"/a", "/b", "/c"})), before + "      data: [/a, \"/b\", \"/c\"]  # ours\n");
    EXPECT_EQ(edited(flow, with_data(enable("lot"), {"/a"})), flow);
    EXPECT_EQ(edited(before + "      data: []\n", with_data(enable("lot"), {"/b"})), before + "      data: [\"/b\"]\n");
    EXPECT_EQ(edited(before + "      data:\n        - /a  # ours\n      sha256: x\n", with_data(enable("lot"), {"/b"})),
              before + "      data:\n        - /a  # ours\n        - \"/b\"\n      sha256: x\n");
    EXPECT_EQ(edited(before + "      data: [/a]\n", with_data(enable("lot", "{w: 1}"), {"/b"})),
              before + "      data: [/a, \"/b\"]\n      options:\n        w: 1\n");
    EXPECT_EQ(edited(before + "      data: [\n        /a\n      ]\n", with_data(enable("lot"), {"/b"})),
              before + "      data: [\n        /a, \"/b\"\n      ]\n");
}

TEST(PluginEdit, refuses_a_file_it_cannot_edit_safely) {
    EXPECT_EQ(edited("{daemon: {port: 1}}\n", enable("lot")),
              "refused: 50.yaml: this file cannot be edited safely; set 'enabled: true' for 'lot' by hand");
    EXPECT_EQ(edited("a: 1\n...\n", enable("lot")),
              "refused: 50.yaml: this file cannot be edited safely; set 'enabled: true' for 'lot' by hand");
    EXPECT_EQ(edited("a: 1\na: 2\n", enable("lot")),
              "refused: 50.yaml:2:1: key 'a' is written twice, first in line 1 (delete one of the two)");
    EXPECT_EQ(edited("plugins: {enabled: [{name: lot, enabled: 1}]}\n", enable("lot")),
              "refused: 50.yaml:1:42: 'enabled' must be true or false, there is the number 1");
}

struct Installation {
    Folder folder;
    fs::path main = folder.write("stemma.yaml", "plugins:\n  enabled:\n    - name: lot\n      options: {width: 5}\n");
    fs::path file = folder.path() / "conf.d" / "50-plugins.yaml";
};

TEST(PluginEdit, is_planned_without_writing_and_then_carried_out) {
    const Installation installation;
    const auto plan = plan_plugin_edit(installation.main, disable("lot"));
    ASSERT_TRUE(plan) << plan.error().front().text();
    EXPECT_FALSE(fs::exists(installation.file));
    EXPECT_EQ(plan->before, std::nullopt);
    ASSERT_EQ(plan->settings.plugins.enabled.size(), 1U);
    EXPECT_FALSE(plan->settings.plugins.enabled[0].enabled);
    EXPECT_EQ(to_json(plan->settings.plugins.enabled[0].options), R"({"width":5})");
    ASSERT_TRUE(carry_out(*plan));
    EXPECT_EQ(read_all(installation.file),
              "# Plugins switched on and off by `stemma plugin enable` and `stemma plugin disable`.\n"
              "# Yours to edit: comments and options are kept.\n"
              "plugins:\n  enabled:\n    - name: lot\n      enabled: false\n");
    EXPECT_FALSE(load_settings(installation.main)->plugins.enabled[0].enabled);
    EXPECT_EQ(read_all(installation.main), "plugins:\n  enabled:\n    - name: lot\n      options: {width: 5}\n");
}

TEST(PluginEdit, keeps_the_files_mode_and_a_link_to_it) {
    const Installation installation;
    const fs::path real = installation.folder.write("elsewhere/plugins.yaml", "plugins: {enabled: [{name: lot}]}\n");
    ASSERT_EQ(::chmod(real.c_str(), 0640), 0);
    fs::create_directories(installation.file.parent_path());
    fs::create_symlink(real, installation.file);
    const auto plan = plan_plugin_edit(installation.main, disable("lot"));
    ASSERT_TRUE(plan) << plan.error().front().text();
    ASSERT_TRUE(carry_out(*plan));
    EXPECT_TRUE(fs::is_symlink(installation.file));
    EXPECT_EQ(read_all(real), "plugins: {enabled: [{name: lot, enabled: false}]}\n");
    struct stat status {};
    ASSERT_EQ(::stat(real.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0640U);
    EXPECT_EQ(std::distance(fs::directory_iterator{real.parent_path()}, {}), 1);  // no temporary file is left
}

TEST(PluginEdit, makes_a_new_file_for_whoever_may_read_the_main_one) {
    for (const mode_t mode : {mode_t{0644}, mode_t{0640}, mode_t{0600}}) {
        const Installation installation;
        ASSERT_EQ(::chmod(installation.main.c_str(), mode), 0);
        const mode_t mask = ::umask(077);  // as the service has it
        const auto plan = plan_plugin_edit(installation.main, disable("lot"));
        ASSERT_TRUE(plan) << plan.error().front().text();
        const auto done = carry_out(*plan);
        ::umask(mask);
        ASSERT_TRUE(done);
        struct stat status {};
        ASSERT_EQ(::stat(installation.file.c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 07777, mode);
    }
}

TEST(PluginEdit, is_refused_when_the_whole_configuration_would_not_load) {
    const Installation installation;
    const auto plan = plan_plugin_edit(installation.main, enable("Not-A-Name"));
    ASSERT_FALSE(plan);
    EXPECT_EQ(plan.error().front().message, "'plugins.enabled[1].name' does not have the right form, there is the text 'Not-A-Name'");
    EXPECT_FALSE(fs::exists(installation.file));
}

TEST(PluginEdit, is_refused_when_a_later_file_says_otherwise) {
    const Installation installation;
    installation.folder.write("conf.d/60-ours.yaml", "plugins: {enabled: [{name: lot, enabled: true}]}\n");
    const auto plan = plan_plugin_edit(installation.main, disable("lot"));
    ASSERT_FALSE(plan);
    EXPECT_EQ(lines_of(plan.error(), installation.folder.path()).front(),
              "conf.d/60-ours.yaml:1:42: 'enabled: true' for 'lot' stands in a file that is read later (change it there)");
}

TEST(PluginEdit, adds_data_files_to_those_of_another_file) {
    const Installation installation;
    installation.folder.write("conf.d/10-site.yaml", "plugins: {enabled: [{name: compliance, data: [food.yaml, /b.yaml]}]}\n");
    const fs::path food = installation.folder.path() / "conf.d" / "food.yaml";
    const auto data = [&](std::vector<std::string> added) {
        const auto plan = plan_plugin_edit(installation.main, with_data(enable("compliance"), std::move(added)));
        EXPECT_TRUE(plan) << plan.error().front().text();
        EXPECT_TRUE(carry_out(*plan));
        return plan->settings.plugins.enabled[1].data;
    };
    using Files = std::vector<fs::path>;
    EXPECT_EQ(data({"/own.yaml"}), (Files{food, "/b.yaml", "/own.yaml"}));
    EXPECT_EQ(data({"/more.yaml", food.string()}), (Files{food, "/b.yaml", "/own.yaml", "/more.yaml"}));
    EXPECT_EQ(load_settings(installation.main)->plugins.enabled[1].data.size(), 4U);
}

TEST(PluginEdit, adds_no_data_file_that_a_later_file_takes_away) {
    const Installation installation;
    installation.folder.write("conf.d/60-ours.yaml", "plugins: {enabled: [{name: lot, data: [/a]}]}\n");
    const auto plan = plan_plugin_edit(installation.main, with_data(enable("lot"), {"/b"}));
    ASSERT_FALSE(plan);
    EXPECT_EQ(lines_of(plan.error(), installation.folder.path()).front(),
              "conf.d/60-ours.yaml:1:39: the data files of 'lot' are given in a file that is read later (add the file there)");
}

TEST(PluginEdit, is_not_carried_out_over_someone_elses_change) {
    const Installation installation;
    const auto plan = plan_plugin_edit(installation.main, disable("lot"));
    ASSERT_TRUE(plan);
    installation.folder.write("conf.d/50-plugins.yaml", "# mine\n");
    const auto result = carry_out(*plan);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Errc::conflict);
    EXPECT_EQ(read_all(installation.file), "# mine\n");
}

}  // namespace
}  // namespace stemma::config
