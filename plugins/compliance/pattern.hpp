// A regular expression of a rule (RE2: time linear in the text, whatever the pattern). Its program is bounded when it is compiled.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace stemma::compliance {

inline constexpr std::size_t kPatternBytesMax = 256;        ///< bytes of a pattern's text
inline constexpr int kPatternProgramMax = 2'000;            ///< instructions of its compiled program
inline constexpr std::int64_t kPatternMemoryMax = 1 << 20;  ///< bytes its matching may use

/// Immutable; matches from any thread.
class Pattern {
public:
    /// Throws std::invalid_argument with the reason when the text is no pattern or too large a one.
    explicit Pattern(std::string_view text);
    ~Pattern();
    Pattern(const Pattern&) = delete;
    Pattern& operator=(const Pattern&) = delete;

    [[nodiscard]] bool matches(std::string_view text) const;  ///< the whole text
    [[nodiscard]] const std::string& text() const noexcept;

private:
    struct Compiled;
    std::unique_ptr<const Compiled> compiled_;
};

}  // namespace stemma::compliance
