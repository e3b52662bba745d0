#include "plugins/pattern/free_text.hpp"

#include <algorithm>
#include <utility>

namespace stemma::pattern {
namespace {

constexpr std::string_view kField = "number";

constexpr std::size_t kEmpty = 0;
constexpr std::size_t kTooLongAsWritten = 1;
constexpr std::size_t kTooLong = 2;
constexpr std::size_t kTooShort = 3;
constexpr std::size_t kCharacters = 4;

/// Length of the printable UTF-8 character at the start of `text`; 0 when there is none (RFC 3629; C0, DEL and C1 controls are not
/// printable).
std::size_t printable_length(std::string_view text) noexcept {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(text[i])); };
    const unsigned lead = byte(0);
    if (lead < 0x80) return lead >= 0x20 && lead != 0x7f ? 1 : 0;
    const std::size_t length = lead >= 0xc2 && lead <= 0xdf ? 2 : lead >= 0xe0 && lead <= 0xef ? 3 : lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
    if (length == 0 || text.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i)
        if ((byte(i) & 0xc0) != 0x80) return 0;
    const unsigned second = byte(1);
    const bool control = lead == 0xc2 && second < 0xa0;
    const bool overlong = (lead == 0xe0 && second < 0xa0) || (lead == 0xf0 && second < 0x90);
    const bool surrogate_or_beyond = (lead == 0xed && second > 0x9f) || (lead == 0xf4 && second > 0x8f);
    return control || overlong || surrogate_or_beyond ? 0 : length;
}

/// The first byte that is not part of a printable character; text.size() when all is well.
std::size_t first_unprintable(std::string_view text) noexcept {
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t length = printable_length(text.substr(at));
        if (length == 0) return at;
        at += length;
    }
    return at;
}

class FreeText final : public Scheme {
public:
    explicit FreeText(FreeTextDefinition d) : length_min_{d.length_min}, length_max_{d.length_max} {
        const auto code = [&](const char* what) { return d.kind + "." + what; };
        const std::string most = std::to_string(length_max_);
        const std::string least = std::to_string(length_min_);
        name_ = std::move(d.name);
        normalisation_ = std::move(d.normalisation);
        reasons_ = {
            {code("empty"), "the " + d.kind + " number is empty"},
            {code("too_long"), d.kind + " number too long: at most " + std::to_string(kNumberBytesMax) + " bytes may be written"},
            {code("too_long"), d.kind + " number too long: '" + name_ + "' has at most " + most + " bytes"},
            {code("too_short"), d.kind + " number too short: '" + name_ + "' has at least " + least + " bytes"},
            {code("characters"), "a control character or a byte that is no UTF-8 stands in the " + d.kind + " number"},
        };
        summary_ = d.summary.empty() ? d.kind + " number: any printable text of " + least + " to " + most + " bytes" : std::move(d.summary);
        summary_ += " (" + normalisation_.in_words() + ")";
        example_ = std::move(d.example);
        if (example_.empty())
            for (std::size_t i = 0; i < std::clamp<std::size_t>(5, length_min_, length_max_); ++i) example_ += "A1042"[i % 5];
        wanted_ = {{std::string(kField), example_}};
    }

    [[nodiscard]] std::optional<Remark> check(std::string_view raw) const override {
        if (raw.size() > kNumberBytesMax) return Remark{kTooLongAsWritten, kNumberBytesMax, raw.size() - kNumberBytesMax};
        const std::string number = normalise(raw);
        const auto place = [&](std::size_t at) { return normalisation_.origin(raw, at); };
        if (number.empty()) return Remark{kEmpty, 0, raw.size()};
        if (number.size() > length_max_) return Remark{kTooLong, place(length_max_), place(number.size() - 1) + 1 - place(length_max_)};
        if (number.size() < length_min_) return Remark{kTooShort, place(number.size() - 1) + 1, 0};
        if (const std::size_t bad = first_unprintable(number); bad < number.size()) return Remark{kCharacters, place(bad), 1};
        return std::nullopt;
    }

    [[nodiscard]] std::vector<Part> decode(std::string_view raw) const override {
        if (check(raw)) return {};
        const std::string number = normalise(raw);
        const std::size_t from = normalisation_.origin(raw, 0);
        return {{std::string(kField), number, from, normalisation_.origin(raw, number.size() - 1) + 1 - from}};
    }

    [[nodiscard]] Outcome<std::string> format(const FormatRequest& request) const override {
        if (auto ok = check_names(request.fields, wanted_); !ok) return std::unexpected(ok.error());
        const std::string* number = find_given(request.fields, kField);
        if (number == nullptr)
            return std::unexpected("field '" + std::string(kField) + "' is not given: this scheme takes the number as it is");
        if (const auto remark = check(*number)) return std::unexpected(reasons_[remark->reason].text);
        return normalise(*number);
    }

private:
    std::size_t length_min_;
    std::size_t length_max_;
};

}  // namespace

Outcome<SchemePtr> make_free_text(FreeTextDefinition definition) {
    const std::string where = "scheme '" + definition.name + "': ";
    if (definition.length_min < 1 || definition.length_min > definition.length_max || definition.length_max > kNumberBytesMax)
        return std::unexpected(where + "min_length and max_length must lie in 1 to " + std::to_string(kNumberBytesMax) +
                               ", the least first");
    auto scheme = std::make_unique<const FreeText>(std::move(definition));
    if (const auto remark = scheme->check(scheme->example()))
        return std::unexpected(where + "example '" + scheme->example() + "' is not valid: " + scheme->reasons()[remark->reason].text);
    return scheme;
}

}  // namespace stemma::pattern
