#include "core/cli/local_transport.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <set>
#include <string>
#include <utility>

#include "core/app/app.hpp"
#include "core/base/log.hpp"
#include "core/cli/view.hpp"

namespace stemma::cli {
namespace {

class LocalTransport : public Transport {
public:
    LocalTransport(std::unique_ptr<app::App> app, const config::Settings& settings) : app_{std::move(app)} {
        for (const config::PluginSettings& plugin : settings.plugins.enabled)
            if (plugin.enabled) enabled_.insert(plugin.name);
    }
    ~LocalTransport() override { app_->stop(); }
    LocalTransport(const LocalTransport&) = delete;
    LocalTransport& operator=(const LocalTransport&) = delete;

    [[nodiscard]] Result<http::Response> send(http::Request request) override {
        std::string body;
        auto response = send_to(std::move(request), [&](std::string_view piece) {
            body += piece;
            return true;
        });
        if (response && response->status < 400) response->body = std::move(body);
        return response;
    }

    [[nodiscard]] Result<http::Response> send_to(http::Request request, const Take& take) override {
        auto response = answer(std::move(request));
        if (!response) return response;
        return hand_over(*std::move(response), take);
    }

private:
    [[nodiscard]] Result<http::Response> answer(http::Request request) {
        request.remote = "local";
        if (app_->refused_plugins()) return send_to_mend(std::move(request));
        // No interval here: a process that lives for one answer reads an ERP only when it is asked to.
        if (!syncing_ && request.method == "POST" && request.path.ends_with("/sync")) {
            app_->start_syncs(false);
            syncing_ = true;
        }
        return app_->router().handle(std::move(request));
    }

    /// Without the plugins that are enabled, nothing is answered but what helps to mend them.
    [[nodiscard]] Result<http::Response> send_to_mend(http::Request request) {
        const Error& refused = *app_->refused_plugins();
        const bool list = request.method == "GET" && request.path == "/api/v1/plugins";
        const bool status = request.path == "/api/v1/status" || request.path == "/api/v1/erp/sources";
        const bool change = request.method == "POST" && request.path.starts_with("/api/v1/plugins/");
        if (!list && !status && !change) return std::unexpected(refused);
        if (!std::exchange(said_, true)) log::error("PLUGIN_LOAD_REFUSED", refused.text());
        http::Response response = app_->router().handle(std::move(request));
        if (list && response.status < 400) response.body = with_enabled(response.body);
        return response;
    }

    /// The list of plugins by the settings: none is loaded, but what is enabled is still to be seen.
    [[nodiscard]] std::string with_enabled(const std::string& body) const {
        Json answer = boost::json::parse(body);
        boost::json::array& plugins = answer.as_object()["plugins"].as_array();
        std::set<std::string> absent = enabled_;
        for (Json& plugin : plugins) plugin.as_object()["enabled"] = absent.erase(text_at(plugin, "name")) != 0;
        for (const std::string& name : absent)
            plugins.push_back(boost::json::object{{"name", name}, {"enabled", true}, {"summary", "its file is not there"}});
        return boost::json::serialize(answer);
    }

    std::unique_ptr<app::App> app_;
    std::set<std::string> enabled_;
    bool syncing_{false};
    bool said_{false};
};

}  // namespace

Result<std::unique_ptr<Transport>> open_local(const config::Settings& settings) {
    auto app = app::App::open_to_mend(settings);
    if (!app) return std::unexpected(app.error());
    return std::make_unique<LocalTransport>(*std::move(app), settings);
}

}  // namespace stemma::cli
