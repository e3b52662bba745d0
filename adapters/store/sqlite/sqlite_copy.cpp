#include "adapters/store/sqlite/sqlite_copy.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "adapters/sql/session.hpp"
#include "adapters/store/sqlite/file_queries.hpp"
#include "core/base/file.hpp"

namespace stemma::store {
namespace {

Result<void> make_empty(const std::string& path) {
    const Descriptor made{::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR)};
    if (made.get() >= 0) return {};
    const int reason = errno;
    return fail(reason == EEXIST ? Errc::conflict : Errc::storage, fmt::format("cannot make the copy: {}", std::strerror(reason)), path);
}

Result<void> sync_file(const std::string& path) {
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (file.get() >= 0 && ::fsync(file.get()) == 0 && sync_folder_of(path)) return {};
    return fail(Errc::storage, fmt::format("cannot make the copy durable: {}", std::strerror(errno)), path);
}

}  // namespace

Result<void> copy_sqlite(const std::string& from, const std::string& to, std::uint32_t busy_timeout_ms, const CopyProgress& progress) {
    auto source = sql::Session::open({.target = from, .read_only = true, .busy_timeout_ms = busy_timeout_ms});
    if (!source) return fail(std::move(source));
    if (auto made = make_empty(to); !made) return made;
    {
        auto copy = sql::Session::open({.target = to});
        if (!copy) return fail(std::move(copy));
        if (auto copied = source->copy_into(*copy, progress); !copied) return copied;
    }
    // The pages still say that there is a write-ahead log beside them. Only a connection that finds that said can take it back.
    {
        auto copy = sql::Session::open({.target = to});
        if (!copy) return fail(std::move(copy));
        if (auto plain = copy->execute_as_is(q::file_plain_journal); !plain) return plain;
    }
    return sync_file(to);
}

}  // namespace stemma::store
