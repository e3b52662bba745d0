// Signed notes (C2SP signed-note): a text, an empty line, and lines "— name base64(key hash ‖ signature)". Signed by Ed25519 alone.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/signature.hpp"

namespace stemma {

inline constexpr std::size_t kNoteBytesMax = 16'384;   ///< of a whole note
inline constexpr std::size_t kNoteSignaturesMax = 16;  ///< lines: ours and those of witnesses

/// Who a note is signed by. The name of a ledger's key is the ledger's origin.
struct NoteKey {
    std::string name;  ///< a name without white space and '+', as check_key_name asks
    PublicKey key{};
    friend bool operator==(const NoteKey&, const NoteKey&) = default;
};

/// Errors: Errc::invalid_input.
[[nodiscard]] Result<void> check_key_name(std::string_view name);

/// Public key as text, "name+hex(key hash)+base64(0x01 ‖ key)": what an auditor is given.
[[nodiscard]] std::string key_text(const NoteKey& key);
/// Errors: Errc::invalid_input that says what is wrong with it.
[[nodiscard]] Result<NoteKey> key_from_text(std::string_view text);

/// `text` must end in a newline; `name` must pass check_key_name.
[[nodiscard]] std::string sign_note(std::string_view text, std::string_view name, const SigningKey& key);

/// The note's text, when it is well formed and `key` signed it. Lines of other keys are passed over. Errors: Errc::invalid_input.
[[nodiscard]] Result<std::string> open_note(std::string_view note, const NoteKey& key);

}  // namespace stemma
