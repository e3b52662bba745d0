// Opens what a power loss left of a state folder, as a start of the daemon would, thousands of times in one process. Each line of standard
// input names a folder with stemma.yaml and state/; each gets one line of JSON back: {"entries":…,"position":…} when Stemma opens it and
// `ledger verify` finds nothing, else {"refused":…} or {"damaged":…} with the reason. Knows nothing of what should be in it.
#include <fmt/format.h>

#include <exception>
#include <iostream>
#include <string>

#include "core/app/app.hpp"
#include "core/app/offline.hpp"
#include "core/base/log.hpp"
#include "core/config/settings.hpp"

namespace {

using namespace stemma;

std::string told(std::string_view what, std::string_view why) { return fmt::format("{{\"{}\":{}}}", what, http::json_quote(why)); }

std::string open_image(const std::string& folder) {
    const auto settings = config::load_settings(folder + "/stemma.yaml");
    if (!settings) return told("refused", settings.error().front().text());
    std::string status;
    {
        const auto app = app::App::open(*settings);
        if (!app) return told("refused", app.error().text());
        http::Request request;
        request.method = "GET";
        request.path = "/api/v1/status";
        status = (*app)->router().handle(request).body;
    }
    const auto report = app::verify_ledger(*settings, std::nullopt, std::nullopt, {});
    if (!report) return told("damaged", report.error().text());
    if (!report->ok()) return told("damaged", report->findings.front().text);
    return status;
}

}  // namespace

int main() {
    try {
        log::start(log::Level::error, log::Format::text);
        for (std::string folder; std::getline(std::cin, folder);) std::cout << open_image(folder) << '\n' << std::flush;
    } catch (const std::exception& bug) {
        std::cerr << "open_image: " << bug.what() << '\n';
        return 1;
    }
    return 0;
}
