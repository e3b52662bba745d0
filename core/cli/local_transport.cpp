#include "core/cli/local_transport.hpp"

#include "core/app/app.hpp"

namespace stemma::cli {
namespace {

class LocalTransport : public Transport {
public:
    explicit LocalTransport(std::unique_ptr<app::App> app) : app_{std::move(app)} {}
    ~LocalTransport() override { app_->stop(); }
    LocalTransport(const LocalTransport&) = delete;
    LocalTransport& operator=(const LocalTransport&) = delete;

    [[nodiscard]] Result<http::Response> send(http::Request request) override {
        request.remote = "local";
        // No interval here: a process that lives for one answer reads an ERP only when it is asked to.
        if (!syncing_ && request.method == "POST" && request.path.ends_with("/sync")) {
            app_->start_syncs(false);
            syncing_ = true;
        }
        return app_->router().handle(std::move(request));
    }

private:
    std::unique_ptr<app::App> app_;
    bool syncing_{false};
};

}  // namespace

Result<std::unique_ptr<Transport>> open_local(const config::Settings& settings) {
    auto app = app::App::open(settings);
    if (!app) return std::unexpected(app.error());
    return std::make_unique<LocalTransport>(*std::move(app));
}

}  // namespace stemma::cli
