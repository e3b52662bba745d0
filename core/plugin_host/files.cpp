#include "core/plugin_host/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>
#include <vector>

#include "core/base/file.hpp"
#include "core/plugin_host/messages.hpp"

namespace stemma {
namespace {

namespace fs = std::filesystem;
namespace msg = plugin_msg;

constexpr std::string_view kPrefix = "gen-";

std::unexpected<Error> state_failed(const fs::path& path, std::string_view what, const std::string& place = {}) {
    return msg::refuse(msg::state_failed, place, fmt::format("{}: {}", path.string(), what), "the plugin host keeps its copies there",
                       Errc::storage);
}

/// N of "gen-N".
std::optional<std::uint64_t> generation_of(const fs::path& folder) {
    const std::string name = folder.filename().string();
    std::uint64_t number = 0;
    if (!name.starts_with(kPrefix)) return std::nullopt;
    const auto [end, error] = std::from_chars(name.data() + kPrefix.size(), name.data() + name.size(), number);
    if (error != std::errc{} || end != name.data() + name.size()) return std::nullopt;
    return number;
}

}  // namespace

Result<void> write_new_file(const fs::path& path, std::string_view bytes, const std::string& place) {
    Descriptor file{::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR)};
    if (file.get() < 0 || !write_all(file.get(), bytes) || ::close(file.release()) != 0)
        return state_failed(path, std::strerror(errno), place);
    return {};
}

Result<void> keep_file(const fs::path& path, std::string_view bytes) {
    std::error_code failed;
    if (fs::exists(path, failed)) return {};
    fs::path half = path;
    half += fmt::format(".{}", ::getpid());
    fs::remove(half, failed);
    if (auto written = write_new_file(half, bytes, {}); !written) return written;
    fs::rename(half, path, failed);
    if (failed) return state_failed(path, failed.message());
    return {};
}

Result<std::string> read_whole_file(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) return fail(Errc::not_found, fmt::format("there is no file {}", path.string()));
    return std::string(std::istreambuf_iterator<char>(in), {});
}

Result<GenerationFolder> make_generation_folder(const fs::path& parent) {
    std::error_code failed;
    if (::mkdir(parent.c_str(), S_IRWXU) != 0 && errno != EEXIST) return state_failed(parent, std::strerror(errno));
    std::uint64_t highest = 0;
    for (const auto& entry : fs::directory_iterator(parent, failed)) highest = std::max(highest, generation_of(entry.path()).value_or(0));
    if (failed) return state_failed(parent, failed.message());
    // The loader knows opened files by their path as well: a path used twice gives back the code that was opened first.
    static std::atomic<std::uint64_t> last{0};
    std::uint64_t before = last.load();
    while (!last.compare_exchange_weak(before, std::max(before, highest) + 1)) {
    }
    const std::uint64_t number = std::max(before, highest) + 1;
    fs::path folder = parent / fmt::format("{}{}", kPrefix, number);
    if (::mkdir(folder.c_str(), S_IRWXU) != 0) return state_failed(folder, std::strerror(errno));
    return GenerationFolder{number, std::move(folder)};
}

void remove_generation_folders(const fs::path& parent) {
    std::error_code failed;
    std::vector<fs::path> old;
    for (const auto& entry : fs::directory_iterator(parent, failed))
        if (generation_of(entry.path())) old.push_back(entry.path());
    for (const fs::path& folder : old) fs::remove_all(folder, failed);
}

}  // namespace stemma
