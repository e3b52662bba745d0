// A set of plugins that is refused, and one that cannot be written down.
#include <fmt/format.h>
#include <unistd.h>

#include "adapters/http/http.hpp"
#include "core/app/app.hpp"
#include "core/base/log.hpp"
#include "tests/unit/app/new_stemma.hpp"

namespace stemma::app {
namespace {

http::Request request(const char* method, const char* path) {
    http::Request out;
    out.method = method;
    out.path = path;
    out.remote = "local";
    return out;
}

class PluginSets : public NewStemma {
protected:
    void SetUp() override { log::start(log::Level::warn, log::Format::text); }

    [[nodiscard]] Result<std::unique_ptr<App>> opened(const std::string& enabled) {
        configure("plugins: {directory: plugins, enabled: " + enabled + "}\n");
        EXPECT_TRUE(init(main_file()));
        return App::open(settings());
    }
};

TEST_F(PluginSets, are_refused_as_plugins_whatever_is_wrong_with_them) {
    for (const char* wrong : {"[{name: lot, options: {patern: 1}}]", "[{name: lot, data: [none.yaml]}]", "[{name: none}]"}) {
        const auto app = opened(wrong);
        ASSERT_FALSE(app) << wrong;
        EXPECT_EQ(app.error().code, Errc::plugin) << app.error().text();
    }
}

TEST_F(PluginSets, tell_a_refusal_once_and_log_the_others) {
    testing::internal::CaptureStderr();
    const auto one = opened("[{name: none}]");
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
    ASSERT_FALSE(one);
    EXPECT_NE(one.error().text().find("'none'"), std::string::npos);

    testing::internal::CaptureStderr();
    const auto two = opened("[{name: none}, {name: nothing}]");
    const std::string logged = testing::internal::GetCapturedStderr();
    ASSERT_FALSE(two);
    EXPECT_NE(two.error().text().find("'none'"), std::string::npos);
    EXPECT_EQ(two.error().text().find("'nothing'"), std::string::npos);
    EXPECT_EQ(logged.find("'none'"), std::string::npos) << logged;
    EXPECT_NE(logged.find("PLUGIN_LOAD_REFUSED"), std::string::npos);
    EXPECT_NE(logged.find("'nothing'"), std::string::npos) << logged;
}

TEST_F(PluginSets, tell_what_a_reload_changed) {
    auto app = opened("[{name: lot}]");
    ASSERT_TRUE(app) << app.error().text();
    const auto reloaded = [&] { return (*app)->router().handle(request("POST", "/api/v1/plugins/reload")).body; };
    EXPECT_NE(reloaded().find(R"("changed":[])"), std::string::npos);
    configure("plugins: {directory: plugins, enabled: [{name: lot, options: {schemes: [{name: lot}]}}]}\n");
    const std::string body = reloaded();
    EXPECT_NE(body.find(R"("added":[],"removed":[],"changed":["options of lot"])"), std::string::npos) << body;
}

TEST_F(PluginSets, say_what_to_do_when_conf_d_cannot_be_written) {
    auto app = opened("[{name: lot}]");
    ASSERT_TRUE(app) << app.error().text();
    // In the way of the file that would become 50-plugins.yaml, for root too.
    std::filesystem::create_directories(folder.file(fmt::format("conf.d/.50-plugins.yaml.{}.tmp", getpid())));
    const http::Response answer = (*app)->router().handle(request("POST", "/api/v1/plugins/lot/disable"));
    EXPECT_EQ(answer.status, 500);
    EXPECT_NE(answer.body.find("`stemma plugin disable lot --dry-run`"), std::string::npos) << answer.body;
    const http::Response lot = (*app)->router().handle(request("GET", "/api/v1/plugins/lot"));
    EXPECT_EQ(lot.status, 200) << "the set in force stays";
}

}  // namespace
}  // namespace stemma::app
