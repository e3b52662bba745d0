// Plugins, rules and number schemes, and an administrator's changes while others read.
#include <fmt/format.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "tests/integration/api/stemma_under_test.hpp"

namespace stemma::http::test {
namespace {

StemmaUnderTest& demo() { return stemma_with_demo(); }

bool enabled(StemmaUnderTest& stemma, std::string_view name) {
    const Answer list = stemma.get("/api/v1/plugins");
    for (std::size_t i = 0; i < list.count("/plugins"); ++i)
        if (list.text(fmt::format("/plugins/{}/name", i)) == name) return list.at(fmt::format("/plugins/{}/enabled", i)) == true;
    ADD_FAILURE() << name << " is not listed";
    return false;
}

std::string content(const std::string& path) {
    std::ifstream file{path};
    std::ostringstream out;
    out << file.rdbuf();
    return out.str();
}

TEST(PluginApi, lists_what_is_enabled_and_what_it_offers) {
    const Answer list = demo().get("/api/v1/plugins");
    ASSERT_EQ(list.count("/plugins"), 6U);
    EXPECT_EQ(list.text("/plugins/0/id"), "org.stemma.serial");
    EXPECT_EQ(demo().get("/api/v1/plugins/compliance").text("/offers/0"), "rule food.lot-with-expiry");
    EXPECT_EQ(demo().get("/api/v1/plugins/org.stemma.rma").text("/name"), "rma");
    EXPECT_EQ(demo().get("/api/v1/plugins/warranty").body,
              R"({"type":"/problems/not_found","title":"Not found","status":404,"detail":"no enabled plugin is called 'warranty'",)"
              R"("hint":"stemma plugin list shows all"})");
}

TEST(PluginApi, says_what_a_change_would_do_and_does_it_not) {
    const std::int64_t before = demo().get("/api/v1/plugins").number("/generation");
    const Answer answer = demo().post("/api/v1/plugins/lot/disable", R"({"dryRun":true})");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.at("/dryRun"), true);
    EXPECT_EQ(answer.count("/removed"), 2U);  // the plugin and its scheme
    EXPECT_EQ(answer.text("/removed/1"), "scheme lot");
    EXPECT_TRUE(answer.text("/text").contains("enabled: false"));
    EXPECT_EQ(answer.number("/generation"), before);
    EXPECT_TRUE(enabled(demo(), "lot"));
    EXPECT_EQ(demo().get("/api/v1/plugins").number("/generation"), before);
}

TEST(PluginApi, disables_and_enables_while_others_read) {
    StemmaUnderTest stemma;
    EXPECT_EQ(stemma.sync().text("/error"), "");
    std::atomic<bool> over{false};
    std::atomic<int> read{0};
    std::vector<std::thread> readers;
    for (int t = 0; t < 3; ++t)
        readers.emplace_back([&] {
            while (!over) {
                EXPECT_EQ(stemma.get("/api/v1/items/TEA-07").status, 200);
                const int status = stemma.get("/api/v1/rules/food.lot-with-expiry").status;
                EXPECT_TRUE(status == 200 || status == 404) << status;
                EXPECT_EQ(stemma.get("/api/v1/numbers/serial?number=HJ26-00148").status, 200);
                ++read;
            }
        });
    const std::int64_t first = stemma.get("/api/v1/plugins").number("/generation");
    for (int round = 0; round < 3; ++round) {
        const Answer disabled = stemma.post("/api/v1/plugins/compliance/disable", "", {{"stemma-actor", "ada"}});
        EXPECT_EQ(disabled.status, 200) << disabled.body;
        EXPECT_EQ(disabled.text("/removed/1"), "rule food.lot-with-expiry");
        EXPECT_FALSE(enabled(stemma, "compliance"));
        EXPECT_EQ(stemma.get("/api/v1/rules").body, R"({"rules":[]})");
        const Answer back = stemma.post("/api/v1/plugins/compliance/enable", "", {{"stemma-actor", "ada"}});
        EXPECT_EQ(back.status, 200) << back.body;
        EXPECT_EQ(back.text("/added/1"), "rule food.lot-with-expiry");
        EXPECT_TRUE(enabled(stemma, "compliance"));
    }
    while (read < 10) std::this_thread::yield();
    over = true;
    for (std::thread& reader : readers) reader.join();
    EXPECT_EQ(stemma.get("/api/v1/plugins").number("/generation"), first + 6);
    EXPECT_TRUE(content(stemma.file("conf.d/50-plugins.yaml")).contains("compliance"));

    // Each change is in the ledger, with who made it.
    const std::int64_t size = stemma.get("/api/v1/ledger").number("/size");
    const Answer newest = stemma.get(fmt::format("/api/v1/ledger/entries/{}", size - 1));
    EXPECT_EQ(newest.text("/entry/actor"), "user:ada");
    EXPECT_EQ(newest.text("/entry/system/action"), "enabled");
    EXPECT_EQ(newest.text("/entry/system/details/name"), "compliance");
    EXPECT_EQ(stemma.get(fmt::format("/api/v1/ledger/entries/{}", size - 2)).text("/entry/system/action"), "disabled");
}

TEST(PluginApi, replays_a_verdict_of_a_plugin_that_was_disabled_since) {
    StemmaUnderTest stemma;
    EXPECT_EQ(stemma.sync().text("/error"), "");
    const Answer page = stemma.get("/api/v1/items/TEA-07");
    const std::int64_t shipped = page.number(fmt::format("/history/{}/sequence", page.count("/history") - 1));
    EXPECT_EQ(stemma.post("/api/v1/plugins/compliance/disable").status, 200);
    const Answer replay = stemma.get(fmt::format("/api/v1/ledger/entries/{}/replay", shipped));
    ASSERT_EQ(replay.count("/judgements"), 1U);
    EXPECT_EQ(replay.at("/judgements/0/pluginEqual"), true) << replay.body;
    EXPECT_EQ(replay.at("/judgements/0/verdictEqual"), true) << replay.body;

    // What the rule refused goes through now.
    EXPECT_EQ(stemma
                  .post("/api/v1/events",
                        quoted("{'type':'ObjectEvent','eventTime':'2026-11-20T10:00:00Z','action':'OBSERVE','bizStep':'shipping',"
                               "'quantityList':[{'epcClass':'urn:stemma:tryton:lot:250','quantity':2}]}"))
                  .status,
              201);
}

TEST(PluginApi, enables_with_options_and_keeps_the_old_set_when_they_are_wrong) {
    StemmaUnderTest stemma{false};
    const std::int64_t before = stemma.get("/api/v1/plugins").number("/generation");
    const Answer wrong = stemma.post("/api/v1/plugins/lot/enable", R"({"options":"patern: L{sequence:5}"})");
    EXPECT_EQ(wrong.status, 422);
    EXPECT_EQ(wrong.text("/type"), "/problems/config");
    EXPECT_TRUE(wrong.text("/detail").contains("patern")) << wrong.body;
    EXPECT_TRUE(wrong.text("/pointer").contains("conf.d/50-plugins.yaml:")) << wrong.body;
    EXPECT_EQ(stemma.get("/api/v1/plugins").number("/generation"), before);
    EXPECT_EQ(stemma.post("/api/v1/plugins/lot/enable", R"({"options":"[1, 2]"})").status, 400);
    EXPECT_EQ(stemma.post("/api/v1/plugins/lot/enable", R"({"options":"a: [1"})").status, 422);
    EXPECT_EQ(stemma.post("/api/v1/plugins/lot/enable", R"({"dryRum":true})").text("/hint"), "did you mean 'dryRun'?");
    EXPECT_EQ(stemma.post("/api/v1/plugins/lot/disable", R"({"options":""})").text("/pointer"), "/options");
    EXPECT_EQ(stemma.post("/api/v1/plugins/lot/enable", R"({"dryRun":1})").text("/pointer"), "/dryRun");
}

TEST(PluginApi, enables_with_data_files) {
    StemmaUnderTest stemma{false};
    std::string pack = content(STEMMA_SOURCE_DIR "/config/rules/food.yaml");
    pack.replace(pack.find("food.lot-with-expiry"), std::string_view{"food.lot-with-expiry"}.size(), "own.dated");
    std::ofstream{stemma.file("own.yaml")} << pack;
    const std::string body = fmt::format(R"({{"data":["{}","{}"]}})", STEMMA_SOURCE_DIR "/config/rules/food.yaml", stemma.file("own.yaml"));
    const Answer done = stemma.post("/api/v1/plugins/compliance/enable", body);
    EXPECT_EQ(done.status, 200) << done.body;
    EXPECT_EQ(done.text("/added/0"), "rule own.dated") << done.body;
    EXPECT_TRUE(content(stemma.file("conf.d/50-plugins.yaml")).contains("own.yaml\"]"));
    EXPECT_EQ(stemma.get("/api/v1/rules/own.dated").status, 200);

    const Answer missing = stemma.post("/api/v1/plugins/lot/enable", R"({"data":["/nowhere/pack.yaml"]})");
    EXPECT_EQ(missing.status, 422);
    EXPECT_EQ(missing.text("/detail"), "the data file /nowhere/pack.yaml cannot be read");
    EXPECT_EQ(stemma.post("/api/v1/plugins/lot/enable", R"({"data":"own.yaml"})").status, 400);
}

TEST(PluginApi, describes_a_plugin_s_options_and_data) {
    const Answer expiry = demo().get("/api/v1/plugins/expiry");
    EXPECT_EQ(expiry.number("/optionsSchema/properties/days/default"), 14) << expiry.body;
    EXPECT_EQ(expiry.body.find('\n'), std::string::npos);
    EXPECT_EQ(demo().get("/api/v1/plugins/compliance").text("/dataKinds/0"), "rule_pack");
}

TEST(PluginApi, does_not_enable_a_file_that_there_is_not) {
    const Answer missing = demo().post("/api/v1/plugins/warranty/enable");
    EXPECT_EQ(missing.status, 422);
    EXPECT_TRUE(missing.text("/detail").starts_with("there is no plugin 'warranty' in ")) << missing.body;
    EXPECT_EQ(demo().post("/api/v1/plugins/warranty/disable").status, 404);
    EXPECT_EQ(demo().post("/api/v1/plugins/..%2Flot/enable").status, 422);
    EXPECT_FALSE(std::filesystem::exists(demo().file("conf.d/50-plugins.yaml")));
    EXPECT_TRUE(enabled(demo(), "lot"));
}

TEST(PluginApi, reloads_the_configuration) {
    StemmaUnderTest stemma{false};
    const std::int64_t before = stemma.get("/api/v1/plugins").number("/generation");
    const Answer reloaded = stemma.post("/api/v1/plugins/reload");
    EXPECT_EQ(reloaded.status, 200) << reloaded.body;
    EXPECT_EQ(reloaded.number("/generation"), before + 1);
    EXPECT_EQ(reloaded.count("/added") + reloaded.count("/removed"), 0U);
    std::ofstream{stemma.file("stemma.yaml"), std::ios::app} << "plugin: {}\n";
    const Answer refused = stemma.post("/api/v1/plugins/reload");
    EXPECT_EQ(refused.status, 422);
    EXPECT_TRUE(refused.text("/pointer").contains("stemma.yaml:")) << refused.body;
    EXPECT_EQ(stemma.get("/api/v1/plugins").number("/generation"), before + 1);
}

TEST(PluginApi, refuses_an_actor_without_a_proper_name) {
    const Headers nobody{{"stemma-actor", std::string(65, 'a')}};
    EXPECT_EQ(demo().post("/api/v1/plugins/reload", "", nobody).text("/pointer"), "Stemma-Actor");
    EXPECT_EQ(demo().post("/api/v1/plugins/lot/disable", "", nobody).status, 400);
    EXPECT_EQ(demo().post("/api/v1/plugins/lot/enable", "", nobody).status, 400);
}

TEST(RuleApi, explains_a_rule_in_words) {
    const Answer list = demo().get("/api/v1/rules");
    ASSERT_EQ(list.count("/rules"), 1U);
    const Answer rule = demo().get("/api/v1/rules/food.lot-with-expiry");
    EXPECT_EQ(rule.text("/severity"), "refuse");
    EXPECT_EQ(rule.text("/validFrom"), "2014-12-13");
    const std::string words = rule.text("/inWords");
    for (const char* part : {"the event's biz_step is 'shipping'", "item.product.category is 'food'", "item.dates.expiry is known"})
        EXPECT_TRUE(words.contains(part)) << part << "\n" << words;
    const Answer unknown = demo().get("/api/v1/rules/food.lot-with-expiri");
    EXPECT_EQ(unknown.status, 404);
    EXPECT_EQ(unknown.text("/hint"), "did you mean 'food.lot-with-expiry'?");
}

TEST(NumberApi, checks_a_number_and_takes_it_apart) {
    EXPECT_EQ(demo().get("/api/v1/numbers/serial?number=HJ26-00148").body,
              R"({"scheme":"serial","number":"HJ26-00148","normal":"HJ26-00148","result":"valid",)"
              R"("sections":[{"name":"number","value":"HJ26-00148","offset":0,"length":10}]})");
    const Answer empty = demo().get("/api/v1/numbers/serial?number=");
    EXPECT_EQ(empty.text("/result"), "invalid");
    EXPECT_TRUE(empty.at("/sections").is_null());
    EXPECT_EQ(demo().get("/api/v1/numbers/imei?number=1").body,
              R"({"type":"/problems/not_found","title":"Not found","status":404,"detail":"no enabled plugin offers the scheme 'imei'",)"
              R"("hint":"there is serial, lot, sku"})");
}

}  // namespace
}  // namespace stemma::http::test
