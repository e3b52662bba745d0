#include "core/plugin_host/plugin_check.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <system_error>
#include <utility>

#include "core/plugin_host/child.hpp"
#include "core/plugin_host/exports.hpp"
#include "core/plugin_host/files.hpp"
#include "core/plugin_host/messages.hpp"

namespace stemma {
namespace {

namespace fs = std::filesystem;
namespace msg = plugin_msg;

/// A folder of our own that goes away with its content.
class Workbench {
public:
    Workbench() {
        std::error_code ignored;
        std::string pattern = (fs::temp_directory_path(ignored) / "stemma-check-XXXXXX").string();
        if (::mkdtemp(pattern.data()) != nullptr) path_ = pattern;
    }
    ~Workbench() {
        std::error_code ignored;
        if (!path_.empty()) fs::remove_all(path_, ignored);
    }
    Workbench(const Workbench&) = delete;
    Workbench& operator=(const Workbench&) = delete;
    [[nodiscard]] const fs::path& path() const noexcept { return path_; }

private:
    fs::path path_;
};

}  // namespace

Result<CheckReport> check_plugin(const fs::path& file, WantedPlugin options, const HostSettings& settings) {
    auto read = read_plugin_file(file);
    if (!read) return fail(std::move(read));
    options.name = read->name;
    options.place = file.string();
    if (auto pure = check_exports(read->bytes, read->name, options.place); !pure) return fail(std::move(pure));
    const Workbench bench;
    if (bench.path().empty())
        return msg::refuse(msg::state_failed, options.place, fmt::format("no temporary folder can be made: {}", std::strerror(errno)), {},
                           Errc::storage);
    const fs::path copy = bench.path() / "plugin.so";
    if (auto written = write_new_file(copy, read->bytes, options.place); !written) return fail(std::move(written));
    auto report = run_checker(CheckMode::conformance, settings, *read, copy, options);
    if (!report) return fail(std::move(report));
    return CheckReport::from_json(*report);
}

}  // namespace stemma
