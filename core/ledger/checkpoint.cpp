#include "core/ledger/checkpoint.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "core/base/file.hpp"
#include "core/base/text.hpp"

namespace stemma {
namespace {

std::unexpected<Error> no_checkpoint(std::string_view why) {
    return fail(Errc::invalid_input, fmt::format("the note is no checkpoint: {}", why));
}

/// Takes the front line; nothing when there is none that ends.
std::optional<std::string_view> take_line(std::string_view& text) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    return line;
}

/// Decimal without a sign or leading zeros.
std::optional<std::uint64_t> size_from(std::string_view text) {
    std::uint64_t size = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
    if (error != std::errc{} || end != text.data() + text.size() || fmt::format("{}", size) != text) return std::nullopt;
    return size;
}

std::unexpected<Error> system_failure(std::string_view what, const std::string& path) {
    const int reason = errno;
    return fail(Errc::storage, fmt::format("{}: {}", what, std::strerror(reason)), path);
}

}  // namespace

std::string sign_checkpoint(const Checkpoint& checkpoint, const SigningKey& key) {
    const std::string text = fmt::format("{}\n{}\n{}\n", checkpoint.origin, checkpoint.size, to_base64(as_view(checkpoint.root)));
    return sign_note(text, checkpoint.origin, key);
}

Result<Checkpoint> open_checkpoint(std::string_view note, const NoteKey& key) {
    const Result<std::string> text = open_note(note, key);
    if (!text) return std::unexpected(text.error());
    std::string_view rest = *text;
    const auto origin = take_line(rest);
    const auto size_line = take_line(rest);
    const auto root_line = take_line(rest);
    if (!origin || !size_line || !root_line || !rest.empty()) return no_checkpoint("it has not exactly an origin, a size and a root");
    if (*origin != key.name) return no_checkpoint(fmt::format("its origin '{}' is not '{}'", clip(*origin), key.name));
    const std::optional<std::uint64_t> size = size_from(*size_line);
    if (!size) return no_checkpoint(fmt::format("'{}' is not a number of entries", clip(*size_line)));
    const Result<std::string> root = from_base64(*root_line);
    Checkpoint checkpoint{.origin = std::string{*origin}, .size = *size, .root = {}};
    if (!root || root->size() != checkpoint.root.size()) return no_checkpoint("its root is not 32 bytes in base64");
    std::ranges::copy(*root, checkpoint.root.begin());
    return checkpoint;
}

Result<void> CheckpointFile::write(std::string_view note) const {
    const std::string beside = path_ + ".new";
    {
        const Descriptor file{::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)};
        if (file.get() < 0 || !write_all(file.get(), note) || ::fsync(file.get()) != 0)
            return system_failure("cannot write the checkpoint", beside);
    }
    if (::rename(beside.c_str(), path_.c_str()) != 0) return system_failure("cannot replace the checkpoint", path_);
    if (!sync_folder_of(path_)) return system_failure("cannot make the checkpoint durable", path_);
    return {};
}

Result<std::optional<std::string>> CheckpointFile::read() const {
    const Descriptor file{::open(path_.c_str(), O_RDONLY | O_CLOEXEC)};
    if (file.get() < 0 && errno == ENOENT) return std::optional<std::string>{};
    if (file.get() < 0) return system_failure("cannot read the checkpoint", path_);
    std::optional<std::string> note = read_up_to(file.get(), kNoteBytesMax + 1);
    if (!note) return system_failure("cannot read the checkpoint", path_);
    if (note->size() > kNoteBytesMax)
        return fail(Errc::too_large, fmt::format("the checkpoint has more than {} bytes", kNoteBytesMax), path_);
    return note;
}

}  // namespace stemma
