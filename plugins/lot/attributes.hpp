// Custom attributes of a lot (weight, creation date, process conditions): named, typed, some required. They are not part of the
// number; they are checked when a lot number is issued, so that no lot begins its life without them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plugins/pattern/scheme.hpp"

namespace stemma::lot {

enum class AttributeType : unsigned char {
    text,      ///< 1 to 255 bytes, one of `values` where there are any
    integer,   ///< "-12": 64 bits
    number,    ///< "12.5": decimal digits, at most six places
    boolean,   ///< "true" or "false"
    date,      ///< "2026-03-01"
    quantity,  ///< "12.5 KGM": a number and the attribute's unit
};

struct Attribute {
    std::string name;
    AttributeType type{AttributeType::text};
    bool required{false};
    std::vector<std::string> values;  ///< of a text
    std::string unit;                 ///< of a quantity: UN/CEFACT Recommendation 20
};

/// Errors: one sentence that names the attribute and says what it takes.
[[nodiscard]] pattern::Outcome<void> check_value(const Attribute& attribute, std::string_view value);

/// A value that check_value takes.
[[nodiscard]] std::string example_of(const Attribute& attribute);

/// A scheme that wants the attributes besides the fields of `inner` when it makes a number; all else is inner's.
/// Errors: an attribute stands twice or has the name of one of inner's fields.
[[nodiscard]] pattern::Outcome<pattern::SchemePtr> with_attributes(pattern::SchemePtr inner, std::vector<Attribute> attributes);

}  // namespace stemma::lot
