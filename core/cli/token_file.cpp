#include "core/cli/token_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>

namespace stemma::cli {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kOthers = S_IRWXG | S_IRWXO;

std::unexpected<Error> not_written(const fs::path& file) {
    return fail(Errc::storage, fmt::format("the token cannot be kept: {}", std::strerror(errno)), file.string(),
                "set STEMMA_TOKEN instead, or give --token");
}

}  // namespace

std::optional<fs::path> token_file() {
    if (const char* config = std::getenv("XDG_CONFIG_HOME"); config != nullptr && *config == '/') return fs::path{config} / "stemma/token";
    if (const char* home = std::getenv("HOME"); home != nullptr && *home == '/') return fs::path{home} / ".config/stemma/token";
    return std::nullopt;
}

Result<std::string> read_token_file() {
    const std::optional<fs::path> file = token_file();
    struct stat found {};
    if (!file || stat(file->c_str(), &found) != 0) return std::string{};
    if ((found.st_mode & kOthers) != 0 || found.st_uid != geteuid())
        return fail(Errc::config, "the file with the token can be read by others", file->string(),
                    fmt::format("chmod 600 {}; and revoke the token if somebody may have seen it", file->string()));
    std::ifstream in{*file};
    std::string token;
    std::getline(in, token);
    return token;
}

Result<fs::path> write_token_file(const std::string& token) {
    const std::optional<fs::path> file = token_file();
    if (!file) return fail(Errc::storage, "there is no home folder to keep the token in", {}, "set STEMMA_TOKEN instead, or give --token");
    std::error_code ignored;
    fs::create_directories(file->parent_path(), ignored);
    const fs::path made = file->string() + ".new";
    fs::remove(made, ignored);
    const int handle = open(made.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (handle < 0) return not_written(made);
    const std::string line = token + '\n';
    const bool whole = write(handle, line.data(), line.size()) == static_cast<ssize_t>(line.size());
    if (close(handle) != 0 || !whole || rename(made.c_str(), file->c_str()) != 0) return not_written(made);
    return *file;
}

void remove_token_file() {
    std::error_code ignored;
    if (const auto file = token_file()) fs::remove(*file, ignored);
}

}  // namespace stemma::cli
