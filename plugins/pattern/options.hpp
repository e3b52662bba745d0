// Reads the options that serial, lot and sku share: a list of schemes, each a pattern or free text. The host has held them against
// the schema below; what a schema cannot say (which keys go together, whether a pattern can be read in one way only) is checked here.
#pragma once

#include <string>
#include <string_view>

#include "plugins/pattern/scheme.hpp"
#include "stemma/plugin/json.hpp"

namespace stemma::pattern {

/// One entry of `schemes`. `kind` is "serial", "lot" or "sku". Throws sdk::BadOption with the value's path or the scheme's name.
[[nodiscard]] SchemePtr read_scheme(const sdk::Json& options, std::string_view kind);

/// The scheme of a plugin without options: free text of 1 to 64 bytes under the kind's own name.
[[nodiscard]] SchemePtr default_scheme(std::string_view kind);

/// The options' schema, in three pieces, so that a plugin can add properties to its schemes: kSchemaHead + properties + kSchemaTail.
/// `properties` begins with a comma or is empty.
inline constexpr std::string_view kSchemaHead = R"json({
"$schema": "http://json-schema.org/draft-07/schema#",
"type": "object",
"additionalProperties": false,
"properties": {
 "schemes": {
  "description": "The numbering schemes on offer. Without it there is one scheme of free text, 1 to 64 bytes, named after the plugin.",
  "type": "array", "minItems": 1, "maxItems": 64,
  "items": {
   "type": "object", "additionalProperties": false, "required": ["name"],
   "properties": {
    "name": {"description": "Name of the scheme, unique among all plugins' schemes.",
     "type": "string", "pattern": "^[a-z][a-z0-9_-]{0,63}$"},
    "summary": {"description": "One line for people.", "type": "string", "maxLength": 200},
    "min_length": {"description": "Shortest number in bytes; free text only (without sections).",
     "type": "integer", "minimum": 1, "maximum": 255, "default": 1},
    "max_length": {"description": "Longest number in bytes; free text only (without sections).",
     "type": "integer", "minimum": 1, "maximum": 255, "default": 64},
    "example": {"description": "A valid number; it is checked when the options are read.", "type": "string", "maxLength": 255},
    "normalise": {
     "description": "How a written number becomes its canonical form. Leading zeros are always kept.",
     "type": "object", "additionalProperties": false,
     "properties": {
      "case": {"description": "How ASCII letters are folded.", "type": "string", "enum": ["keep", "upper", "lower"],
       "default": "keep"},
      "strip": {"description": "Characters that are dropped wherever they stand, such as ' -'.", "type": "string", "maxLength": 16},
      "trim": {"description": "Drop blanks at both ends.", "type": "boolean", "default": true}
     }
    },
    "sections": {
     "description": "The parts of the number in their order; without it the number is free text.",
     "type": "array", "minItems": 1, "maxItems": 32,
     "items": {
      "description": "One part: exactly one of fixed, date, field, attribute, sequence, check, with the keys that belong to it.",
      "type": "object", "additionalProperties": false,
      "properties": {
       "name": {"description": "Name of the section where its kind does not give one.",
        "type": "string", "pattern": "^[a-z][a-z0-9_]{0,63}$"},
       "fixed": {"description": "A text that always stands here.", "type": "string", "minLength": 1, "maxLength": 64},
       "date": {"description": "Date of issue, UTC. With ww (ISO 8601 week) the year is the week's; yy is 20yy, y its last digit.",
        "type": "string", "enum": ["yyyy", "yy", "y", "ww", "ddd", "mm", "month_letter", "dd"]},
       "letters": {"description": "With date: month_letter: the twelve letters, January first.",
        "type": "string", "minLength": 12, "maxLength": 12, "default": "ABCDEFGHJKLM"},
       "field": {"description": "Name of a value the caller gives, such as plant or line.",
        "type": "string", "pattern": "^[a-z][a-z0-9_]{0,63}$"},
       "values": {"description": "With field: the texts it may have.",
        "type": "array", "minItems": 1, "maxItems": 1000, "items": {"type": "string", "minLength": 1, "maxLength": 64}},
       "alphabet": {"description": "With field or sequence: its characters, or one of the names digits, letters, base36, hex.",
        "type": "string", "minLength": 1, "maxLength": 94},
       "exclude": {"description": "With alphabet: characters to leave out, such as IOQ.", "type": "string", "maxLength": 94},
       "length": {"description": "With field and alphabet: its number of characters.", "type": "integer", "minimum": 1, "maximum": 255},
       "min_length": {"description": "With field and alphabet: the least number of characters, where it varies.",
        "type": "integer", "minimum": 1, "maximum": 255},
       "max_length": {"description": "With field and alphabet: the largest number of characters, where it varies.",
        "type": "integer", "minimum": 1, "maximum": 255},
       "attribute": {"description": "Name of an attribute that the number codes, such as colour.",
        "type": "string", "pattern": "^[a-z][a-z0-9_]{0,63}$"},
       "codes": {"description": "With attribute: the code of each of its values.",
        "type": "object", "minProperties": 1, "maxProperties": 1000,
        "additionalProperties": {"type": "string", "minLength": 1, "maxLength": 64}},
       "sequence": {"description": "true: the running number of the series.", "type": "boolean", "enum": [true]},
       "width": {"description": "With sequence: its number of characters, padded with the first of its alphabet.",
        "type": "integer", "minimum": 1, "maximum": 64},
       "check": {"description": "mod10 is GS1's, mod11 ISBN-10's, mod43 Code 39's; mod37_36 and mod97 (two digits) are ISO/IEC 7064's.",
        "type": "string", "enum": ["luhn", "mod10", "mod11", "mod37_36", "mod43", "mod97"]},
       "over": {"description": "With check: names of the sections it covers, in the order they are read; all others when not set.",
        "type": "array", "minItems": 1, "maxItems": 32, "items": {"type": "string"}}
      }
     }
    })json";

inline constexpr std::string_view kSchemaTail = R"json(
   }
  }
 }
}
})json";

}  // namespace stemma::pattern
