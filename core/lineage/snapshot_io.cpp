#include "core/lineage/snapshot_io.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace stemma::lineage {
namespace {

constexpr std::size_t kBuffer = std::size_t{1} << 20U;       // small pieces are gathered up to this
constexpr std::size_t kReadAtOnce = std::size_t{16} << 20U;  // so that the code finds the bytes in the cache

}  // namespace

// --- writing ---------------------------------------------------------------------------------------------------------

SnapshotWriter::SnapshotWriter(std::filesystem::path path, const MacKey& key)
    : path_{std::move(path)},
      beside_{path_.string() + ".new"},
      file_{::open(beside_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600)},
      mac_{key, nonce_} {
    if (file_.get() < 0) {
        good_ = false;
        error_ = errno;
    }
    buffer_.reserve(kBuffer);
}

SnapshotWriter::~SnapshotWriter() {
    if (!beside_.empty() && file_.get() >= 0) (void)::unlink(beside_.c_str());
}

void SnapshotWriter::put(const void* data, std::size_t size) {
    if (!good_ || write_all(file_.get(), {static_cast<const char*>(data), size})) return;
    good_ = false;
    error_ = errno;
}

void SnapshotWriter::flush() {
    put(buffer_.data(), buffer_.size());
    buffer_.clear();
}

void SnapshotWriter::bytes(const void* data, std::size_t size) {
    if (size == 0) return;
    mac_.add({static_cast<const char*>(data), size});
    if (buffer_.size() + size > kBuffer) flush();
    if (size > kBuffer)
        put(data, size);
    else
        buffer_.insert(buffer_.end(), static_cast<const char*>(data), static_cast<const char*>(data) + size);
}

void SnapshotWriter::text(const std::string& text) {
    value(std::uint64_t{text.size()});
    bytes(text.data(), text.size());
}

Result<void> SnapshotWriter::finish() {
    const SnapshotReader::Trailer trailer{nonce_, mac_.finish()};
    const auto* const first = reinterpret_cast<const char*>(&trailer);
    buffer_.insert(buffer_.end(), first, first + sizeof(trailer));
    flush();
    const auto step = [&](bool done) {
        if (good_ && !done) {
            good_ = false;
            error_ = errno;
        }
    };
    step(good_ && ::fdatasync(file_.get()) == 0);
    step(good_ && ::rename(beside_.c_str(), path_.c_str()) == 0);
    if (good_) beside_.clear();
    step(good_ && sync_folder_of(path_));
    if (good_) return {};
    return fail(Errc::storage, fmt::format("the snapshot cannot be written: {}", std::generic_category().message(error_)), path_);
}

// --- reading ---------------------------------------------------------------------------------------------------------

SnapshotReader::SnapshotReader(const std::filesystem::path& path, const MacKey& key)
    : file_{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)} {
    struct stat about {};
    if (file_.get() < 0 || ::fstat(file_.get(), &about) != 0 || !S_ISREG(about.st_mode)) return;
    const auto size = static_cast<std::size_t>(about.st_size);
    if (size < sizeof(trailer_)) return;
    left_ = size - sizeof(trailer_);
    good_ = ::pread(file_.get(), &trailer_, sizeof(trailer_), static_cast<off_t>(left_)) == static_cast<ssize_t>(sizeof(trailer_));
    mac_.emplace(key, trailer_.nonce);
}

SnapshotReader::~SnapshotReader() = default;

void SnapshotReader::bytes(void* data, std::size_t size) {
    if (size > left_) good_ = false;
    auto* to = static_cast<char*>(data);
    while (good_ && size > 0) {
        const ssize_t got = ::read(file_.get(), to, std::min(size, kReadAtOnce));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) {
            good_ = false;
            break;
        }
        const auto count = static_cast<std::size_t>(got);
        mac_->add({to, count});
        to += count;
        size -= count;
        left_ -= count;
    }
}

std::size_t SnapshotReader::count(std::size_t element_bytes) {
    std::uint64_t number = 0;
    value(number);
    if (number > left_ / element_bytes) good_ = false;
    return good_ ? static_cast<std::size_t>(number) : 0;
}

void SnapshotReader::text(std::string& text) {
    text.resize(count(1));
    bytes(text.data(), text.size());
}

bool SnapshotReader::finish() {
    good_ = good_ && left_ == 0 && equal(mac_->finish(), trailer_.tag);
    return good_;
}

}  // namespace stemma::lineage
