// A meeting: the ledger's word that two ids, of different sources, name one product or one item; or that they no longer do. And the
// numbers that may say so: GTIN and SSCC, by GS1's General Specifications, with their check digit.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/domain/master.hpp"

namespace stemma {

/// By what two ids meet. `declared`: a person said so, or that they stay apart.
enum class MeetingRule : unsigned char { gtin, alias, code_map, identifier, sscc, declared };

/// The ids are of one kind, both products or both items. The later of two entries about the same pair holds.
struct Meeting {
    bool products{false};  ///< else items
    std::string first;     ///< the one recorded earlier: its label is shown
    std::string second;
    MeetingRule rule{MeetingRule::identifier};
    Attributes agreed;  ///< what both records said: {"gtin": "04012345678901"}, {"serial": "HJ26-00148"}
    bool apart{false};  ///< from here on the two are two again
    std::string why;    ///< of one that is apart: which ground is gone; "" where a person gave the entry's reason
    friend bool operator==(const Meeting&, const Meeting&) = default;
};

[[nodiscard]] std::string_view to_string(MeetingRule rule) noexcept;  ///< "gtin", "alias", "code_map", ...
[[nodiscard]] Result<MeetingRule> meeting_rule_from(std::string_view text);

/// The subject that every meeting of this id touches, beside the id itself: to find them among thousands of events.
[[nodiscard]] std::string meetings_of(std::string_view id);
/// The subject that all meetings of products, or of items, touch.
[[nodiscard]] std::string_view all_meetings(bool products) noexcept;

/// Whether the last digit is the check digit of those before it (GS1 General Specifications 7.9): weights 3 and 1 from the right.
[[nodiscard]] bool has_gs1_check_digit(std::string_view digits) noexcept;
/// A GTIN of 8, 12, 13 or 14 digits, blanks aside, as 14 digits; none where the length or the check digit is wrong, or all are zero.
[[nodiscard]] std::optional<std::string> normal_gtin(std::string_view text);
/// 18 digits, blanks and a leading "(00)" aside, with the right check digit.
[[nodiscard]] std::optional<std::string> normal_sscc(std::string_view text);
/// How identifiers are compared between sources: without blanks at the ends, ASCII letters in lower case, all else as written.
[[nodiscard]] std::string met_form(std::string_view identifier);

/// "main" of "urn:stemma:main:lot:118"; "" for an id of another form.
[[nodiscard]] std::string source_of(std::string_view id);

}  // namespace stemma
