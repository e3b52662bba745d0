// Schemes from options as an operator writes them (JSON for YAML), for the numbering tests.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "plugins/pattern/options.hpp"

namespace stemma::pattern {

inline constexpr std::int64_t kMicrosPerDay = 86'400'000'000;
inline constexpr std::int64_t kMonday2MarchUs = 20'514 * kMicrosPerDay;  // 2026-03-02, a Monday in ISO week 10

inline SchemePtr scheme_of(std::string_view options, std::string_view kind = "serial") {
    return read_scheme(sdk::Json::parse(options), kind);
}

/// A scheme of these sections and nothing else.
inline SchemePtr sections_of(const std::string& sections) { return scheme_of(R"({"name": "t", "sections": [)" + sections + "]}"); }

/// Why options are refused; "" when they are not.
inline std::string refusal_of(std::string_view options) {
    try {
        (void)scheme_of(options);
    } catch (const sdk::BadOption& bad) {
        return bad.what();
    }
    return {};
}

/// "code@offset+length", or "valid".
inline std::string verdict_on(const Scheme& scheme, std::string_view number) {
    const auto remark = scheme.check(number);
    if (!remark) return "valid";
    return scheme.reasons()[remark->reason].code + "@" + std::to_string(remark->offset) + "+" + std::to_string(remark->length);
}

/// "plant=BER/ber yy=2026/26 ...": each part's name, its meaning, and the text at its place as it was written.
inline std::string decoded(const Scheme& scheme, std::string_view number) {
    std::string out;
    for (const Part& part : scheme.decode(number))
        out += (out.empty() ? "" : " ") + part.name + "=" + part.value + "/" + std::string(number.substr(part.offset, part.length));
    return out;
}

}  // namespace stemma::pattern
