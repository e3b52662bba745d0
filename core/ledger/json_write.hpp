// Canonical JSON: compact, fields in the order they are written, UTF-8 as it is, an empty text left out. The ledger hashes these bytes,
// so what this file writes for a value must never change.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace stemma::json {

/// Every byte stands in a JSON string as it is: ASCII, but for control characters, quotes and backslashes.
[[nodiscard]] bool is_plain(std::string_view text) noexcept;

class Writer {
public:
    void begin_object() { open('{'); }
    void end_object() { close('}'); }
    void begin_array() { open('['); }
    void end_array() { close(']'); }
    void key(std::string_view name);

    /// Malformed UTF-8 and NUL, which no checked value holds, become U+FFFD: what is written can always be read.
    void string(std::string_view text);
    void raw(std::string_view number_or_literal);  ///< written as it is: a number, true, false, null

    void field(std::string_view name, std::string_view text);  ///< left out when `text` is empty
    void number(std::string_view name, std::uint64_t value);

    /// A field that holds an array of what `write_one` writes for each element; left out when there is none.
    template <class List, class Write>
    void list(std::string_view name, const List& elements, Write write_one) {
        if (elements.empty()) return;
        key(name);
        begin_array();
        for (const auto& element : elements) write_one(element);
        end_array();
    }

    [[nodiscard]] std::string take() { return std::move(out_); }

private:
    void open(char bracket);
    void close(char bracket);
    void separate();

    std::string out_;
    bool comma_{false};
};

}  // namespace stemma::json
