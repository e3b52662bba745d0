#include "core/ledger/note.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "core/base/digest.hpp"
#include "core/base/text.hpp"

namespace stemma {
namespace {

constexpr std::string_view kSignatureStart = "\xE2\x80\x94 ";  // an em dash and a space
constexpr std::string_view kEd25519{"\x01", 1};
constexpr std::size_t kKeyHashBytes = 4;

using KeyHash = std::string;  // kKeyHashBytes raw bytes

KeyHash key_hash(const NoteKey& key) {
    return std::string{as_view(sha256({key.name, "\n", kEd25519, as_view(key.key)})).substr(0, kKeyHashBytes)};
}

std::unexpected<Error> no_note(const std::string& message) { return fail(Errc::invalid_input, "not a signed note: " + message); }

struct SignatureLine {
    std::string_view name;
    std::string blob;  // key hash ‖ signature
};

Result<SignatureLine> read_line(std::string_view line) {
    if (!line.starts_with(kSignatureStart)) return no_note("a signature line begins with an em dash and a space");
    line.remove_prefix(kSignatureStart.size());
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos) return no_note("a signature line has a name and a signature");
    const std::string_view name = line.substr(0, space);
    if (auto ok = check_key_name(name); !ok) return fail(std::move(ok));
    Result<std::string> blob = from_base64(line.substr(space + 1));
    if (!blob || blob->size() <= kKeyHashBytes) return no_note("a signature is base64 of a key hash and a signature");
    return SignatureLine{name, *std::move(blob)};
}

/// Whether the line is this key's, and if so whether it holds.
Result<bool> check_line(const SignatureLine& line, std::string_view text, const NoteKey& key) {
    const std::string_view blob = line.blob;
    if (line.name != key.name || blob.substr(0, kKeyHashBytes) != key_hash(key)) return false;
    if (!verify_signature(key.key, text, blob.substr(kKeyHashBytes)))
        return fail(Errc::invalid_input, fmt::format("the signature of {} does not fit the text", key.name));
    return true;
}

}  // namespace

Result<void> check_key_name(std::string_view name) {
    constexpr std::array<std::string_view, 14> kSpaces{
        " ",        "\t",           "\n",           "\v",           "\f",           "\r",           "\xC2\x85",
        "\xC2\xA0", "\xE1\x9A\x80", "\xE2\x80\xA8", "\xE2\x80\xA9", "\xE2\x80\xAF", "\xE2\x81\x9F", "\xE3\x80\x80"};
    const auto refuse = [&](std::string_view why) {
        return fail(Errc::invalid_input, fmt::format("the key name '{}' {}", clip(name), why));
    };
    if (name.empty()) return fail(Errc::invalid_input, "the key name is empty");
    if (!is_clean_utf8(name)) return fail(Errc::invalid_input, "the key name is not well-formed UTF-8");
    if (name.contains('+')) return refuse("holds a '+'");
    for (const std::string_view space : kSpaces)
        if (name.contains(space)) return refuse("holds white space");
    for (char last = '\x80'; last <= '\x8A'; ++last)  // U+2000 to U+200A
        if (name.contains(std::string{"\xE2\x80"} + last)) return refuse("holds white space");
    return {};
}

std::string key_text(const NoteKey& key) {
    return fmt::format("{}+{}+{}", key.name, to_hex(key_hash(key)), to_base64(std::string{kEd25519} + std::string{as_view(key.key)}));
}

Result<NoteKey> key_from_text(std::string_view text) {
    const auto refuse = [](std::string_view why) {
        return fail(Errc::invalid_input, fmt::format("this is no public key of a ledger: {}", why), {},
                    "it is written as name+8 hex digits+base64");
    };
    const std::size_t first = text.find('+');
    const std::size_t second = first == std::string_view::npos ? first : text.find('+', first + 1);
    if (second == std::string_view::npos) return refuse("its three parts are not there");
    NoteKey key{.name = std::string{text.substr(0, first)}, .key = {}};
    if (auto ok = check_key_name(key.name); !ok) return fail(std::move(ok));
    const Result<std::string> blob = from_base64(text.substr(second + 1));
    if (!blob || blob->size() != kEd25519.size() + key.key.bytes.size() || !blob->starts_with(kEd25519))
        return refuse("it is not of Ed25519");
    std::ranges::copy(std::string_view{*blob}.substr(kEd25519.size()), key.key.bytes.begin());
    if (text.substr(first + 1, second - first - 1) != to_hex(key_hash(key))) return refuse("its key hash does not fit");
    return key;
}

std::string sign_note(std::string_view text, std::string_view name, const SigningKey& key) {
    const std::string blob = key_hash({std::string{name}, key.public_key()}) + std::string{as_view(key.sign(text))};
    return fmt::format("{}\n{}{} {}\n", text, kSignatureStart, name, to_base64(blob));
}

Result<std::string> open_note(std::string_view note, const NoteKey& key) {
    if (note.size() > kNoteBytesMax) return no_note(fmt::format("it has {} bytes, {} are allowed", note.size(), kNoteBytesMax));
    if (!is_clean_utf8(note)) return no_note("it is not well-formed UTF-8");
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\n'; };
    if (std::ranges::any_of(note, is_control)) return no_note("it holds a control character");
    const std::size_t border = note.rfind("\n\n");
    if (border == std::string_view::npos || !note.ends_with('\n')) return no_note("it has no text, empty line and signatures");
    const std::string_view text = note.substr(0, border + 1);
    std::string_view rest = note.substr(border + 2);
    bool is_signed = false;
    for (std::size_t lines = 0; !rest.empty(); ++lines) {
        if (lines == kNoteSignaturesMax) return no_note(fmt::format("it has more than {} signatures", kNoteSignaturesMax));
        const std::size_t end = rest.find('\n');
        const Result<SignatureLine> line = read_line(rest.substr(0, end));
        if (!line) return std::unexpected(line.error());
        const Result<bool> ours = check_line(*line, text, key);
        if (!ours) return std::unexpected(ours.error());
        is_signed = is_signed || *ours;
        rest.remove_prefix(end + 1);
    }
    if (!is_signed) return fail(Errc::invalid_input, fmt::format("the note is not signed by {}", key_text(key)));
    return std::string{text};
}

}  // namespace stemma
