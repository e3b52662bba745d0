#include "core/plugin_host/plugin_check.hpp"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "core/base/file.hpp"
#include "core/plugin_host/child.hpp"
#include "core/plugin_host/exports.hpp"
#include "core/plugin_host/files.hpp"
#include "core/plugin_host/messages.hpp"

namespace stemma {
namespace {

namespace fs = std::filesystem;
namespace msg = plugin_msg;

}  // namespace

Result<CheckReport> check_plugin(const fs::path& file, WantedPlugin options, const HostSettings& settings) {
    auto read = read_plugin_file(file);
    if (!read) return fail(std::move(read));
    options.name = read->name;
    options.place = file.string();
    if (auto pure = check_exports(read->bytes, read->name, options.place); !pure) return fail(std::move(pure));
    const auto bench = ScratchFolder::make("stemma-check");
    if (!bench) return msg::refuse(msg::state_failed, options.place, bench.error().message, bench.error().hint, Errc::storage);
    const fs::path copy = bench->path() / "plugin.so";
    if (auto written = write_new_file(copy, read->bytes, options.place); !written) return fail(std::move(written));
    auto report = run_checker(CheckMode::conformance, settings, *read, copy, options);
    if (!report) return fail(std::move(report));
    return CheckReport::from_json(*report);
}

}  // namespace stemma
