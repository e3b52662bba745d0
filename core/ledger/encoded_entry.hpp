// The bytes of an entry that is made ready before its turn in the ledger: encoded and hashed by whoever asks for it, so that the one
// writer only links it. What is known at its turn alone, judgements and a later record time, is put into the bytes then.
// The bytes are at every moment those that encode() gives for the same entry.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/digest.hpp"
#include "core/domain/entry.hpp"

namespace stemma {

/// A value. Encodes and hashes when made.
class EncodedEntry {
public:
    explicit EncodedEntry(const Entry& entry);
    /// With its body's JSON as encode_event or encode_json gives it.
    EncodedEntry(const Entry& entry, std::string_view body_json);

    /// The entry's record time is another one.
    void restate(Instant recorded_at);
    /// For an entry that was encoded without any.
    void add_judgements(const std::vector<Judgement>& judgements);

    [[nodiscard]] const std::string& bytes() const noexcept { return bytes_; }
    /// RFC 6962's leaf hash of the bytes. Hashed again when the bytes changed.
    [[nodiscard]] const Digest& leaf();
    [[nodiscard]] std::string take() && { return std::move(bytes_); }

private:
    explicit EncodedEntry(std::string bytes);

    std::string bytes_;
    std::size_t time_bytes_;  ///< length of the record time
    Digest leaf_;
    bool hashed_{true};
};

}  // namespace stemma
