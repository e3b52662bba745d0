#include "core/engine/space_reserve.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <system_error>

#include "core/base/file.hpp"

namespace stemma::engine {

std::uint64_t SpaceReserve::available() const {
    std::error_code error;
    const auto space = std::filesystem::space(file_.parent_path(), error);
    return error ? 0 : space.available;
}

void SpaceReserve::take() {
    if (held_ || bytes_ == 0) return;
    std::error_code ignored;
    const bool there = std::filesystem::file_size(file_, ignored) == bytes_ && !ignored;
    if (!there && available() < 2 * bytes_) return;
    const Descriptor file{::open(file_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
    held_ = file.get() >= 0 && ::posix_fallocate(file.get(), 0, static_cast<off_t>(bytes_)) == 0;
    if (!held_ && file.get() >= 0) (void)::unlink(file_.c_str());
}

bool SpaceReserve::give() {
    if (!held_ || available() >= bytes_) return false;
    held_ = ::unlink(file_.c_str()) != 0;
    return !held_;
}

}  // namespace stemma::engine
