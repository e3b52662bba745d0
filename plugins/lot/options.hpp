// Reads one lot scheme from the options: what plugins/pattern reads, and the lot's custom attributes.
#pragma once

#include <string_view>

#include "plugins/pattern/scheme.hpp"
#include "stemma/plugin/json.hpp"

namespace stemma::lot {

/// Throws sdk::BadOption with the value's path or the scheme's name.
[[nodiscard]] pattern::SchemePtr read_lot_scheme(const sdk::Json& options);

/// The property that a lot scheme has besides those of plugins/pattern.
inline constexpr std::string_view kAttributesSchema = R"json(,
    "attributes": {
     "description": "Custom attributes of a lot. They are given and checked when its number is issued; they are no part of the number.",
     "type": "array", "maxItems": 64,
     "items": {
      "type": "object", "additionalProperties": false, "required": ["name"],
      "properties": {
       "name": {"description": "Name of the attribute.", "type": "string", "pattern": "^[a-z][a-z0-9_]{0,63}$"},
       "type": {"description": "A number has six decimal places, a date is 2026-03-01, a quantity 12.5 KGM.",
        "type": "string", "enum": ["text", "integer", "number", "boolean", "date", "quantity"], "default": "text"},
       "required": {"description": "true: no number is issued without it.", "type": "boolean", "default": false},
       "values": {"description": "With type text: the texts it may have.",
        "type": "array", "minItems": 1, "maxItems": 1000, "items": {"type": "string", "minLength": 1, "maxLength": 255}},
       "unit": {"description": "With type quantity: its unit, a code of UN/CEFACT Recommendation 20 such as KGM.",
        "type": "string", "pattern": "^[A-Z0-9]{2,3}$"}
      }
     }
    })json";

}  // namespace stemma::lot
