// A list of schemes seen as the numbering capability: all that the plugins serial, lot and sku have to add is how a scheme is read.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "plugins/pattern/scheme.hpp"
#include "stemma/plugin/sdk.hpp"

namespace stemma::pattern {

class SchemeList : public sdk::Numbering {
public:
    using Reader = SchemePtr (*)(const sdk::Json& scheme);

    /// Reads options.schemes, or takes `fallback` where there are none. Throws sdk::BadOption.
    SchemeList(const sdk::Config& config, Reader read, SchemePtr fallback);

    [[nodiscard]] std::vector<sdk::Scheme> schemes() const override;
    [[nodiscard]] sdk::CheckResult check(std::size_t scheme, std::string_view text) const override;
    [[nodiscard]] std::string normalise(std::size_t scheme, std::string_view text) const override;
    [[nodiscard]] std::vector<sdk::Section> decode(std::size_t scheme, std::string_view text) const override;
    [[nodiscard]] std::variant<std::string, sdk::Refused> format(std::size_t scheme, const sdk::FormatRequest& request) const override;

    /// Each scheme makes a number from its own example values and takes it back. Throws std::runtime_error that names the scheme.
    void self_check() const;

private:
    std::vector<SchemePtr> schemes_;
};

/// Concatenates texts at compile time: joined<kHead, kTail>. A plugin's schema must be a constant of the shared object.
template <const std::string_view&... Parts>
struct Joined {
    static constexpr std::size_t kSize = (Parts.size() + ... + 0);
    static constexpr auto kBytes = [] {
        std::array<char, kSize> bytes{};
        std::size_t at = 0;
        const auto add = [&](std::string_view part) {
            for (const char c : part) bytes[at++] = c;
        };
        (add(Parts), ...);
        return bytes;
    }();
    static constexpr std::string_view kText{kBytes.data(), kSize};
};
template <const std::string_view&... Parts>
inline constexpr std::string_view joined = Joined<Parts...>::kText;

}  // namespace stemma::pattern
