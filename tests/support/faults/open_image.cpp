// Opens what a power loss left of a state folder, as a start of the daemon would, thousands of times in one process. Each line of standard
// input names a folder with stemma.yaml and state/; each gets one line of JSON back: {"entries":…,"position":…} when Stemma opens it and
// `ledger verify` finds nothing, else {"refused":…} or {"damaged":…} with the reason, or {"differs":…} when the lineage of the snapshot and
// the rest is another one than the ledger's. Knows nothing of what should be in it. With --lineage only the latter is looked at, and
// nothing is changed; with --one-late the rest begins one entry late: the red control.
#include <fmt/format.h>

#include <exception>
#include <iostream>
#include <span>
#include <string>
#include <string_view>

#include "core/app/app.hpp"
#include "core/app/offline.hpp"
#include "core/base/log.hpp"
#include "core/config/settings.hpp"
#include "tests/support/faults/lineage_compare.hpp"

namespace {

using namespace stemma;

std::string told(std::string_view what, std::string_view why) { return fmt::format("{{\"{}\":{}}}", what, http::json_quote(why)); }

struct Mode {
    bool lineage_alone{false};
    std::uint64_t left_out{0};
};

std::string open_image(const std::string& folder, const Mode& mode) {
    const auto settings = config::load_settings(folder + "/stemma.yaml");
    if (!settings) return told("refused", settings.error().front().text());
    const auto compared = test::compare_lineage(*settings, mode.left_out);
    // A database that is not made yet cannot be looked into; a start makes it.
    if (!compared && mode.lineage_alone) return told("damaged", compared.error().text());
    if (compared && compared->from_snapshot != compared->from_ledger)
        return told("differs", fmt::format("the lineage of a snapshot of {} entries and the rest of {} is another one than the ledger's",
                                           compared->snapshot, compared->entries));
    const std::string from = fmt::format("{{\"snapshot\":{},", compared ? fmt::to_string(compared->snapshot) : "null");
    if (mode.lineage_alone) return fmt::format("{}\"entries\":{}}}", from, compared->entries);
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
    return from + status.substr(1);
}

}  // namespace

int main(int count, char** words) {
    try {
        Mode mode;
        for (const std::string_view word : std::span{words, static_cast<std::size_t>(count)}.subspan(1)) {
            mode.lineage_alone = mode.lineage_alone || word == "--lineage";
            if (word == "--one-late") mode.left_out = 1;
        }
        log::start(log::Level::error, log::Format::text);
        for (std::string folder; std::getline(std::cin, folder);) std::cout << open_image(folder, mode) << '\n' << std::flush;
    } catch (const std::exception& bug) {
        std::cerr << "open_image: " << bug.what() << '\n';
        return 1;
    }
    return 0;
}
