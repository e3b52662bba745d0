// The API's codes in plain words: units, steps, documents, times, counts. A code that is not known is shown as it is.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/cli/view.hpp"

namespace stemma::cli {

/// "in_stock" -> "in stock".
[[nodiscard]] std::string words(std::string_view code);
/// "1,842"; a fraction and a sign stay.
[[nodiscard]] std::string grouped(std::string_view number);
[[nodiscard]] std::string grouped(std::uint64_t number);
/// "1 item", "1,842 items"; `plural` where an s will not do.
[[nodiscard]] std::string counted(std::uint64_t number, std::string_view noun, std::string_view plural = {});
/// UN/CEFACT Rec 20 code to the sign people read: C62 -> pcs, KGM -> kg. An empty code is pieces, as in EPCIS.
[[nodiscard]] std::string unit_sign(std::string_view code);
/// "5 kg" of {"quantity": 5, "uom": "KGM"}; "" without a quantity.
[[nodiscard]] std::string quantity_text(const Json& amount);
/// The amounts of an array, joined: "5 kg + 3 pcs".
[[nodiscard]] std::string amounts_text(const Json& from, std::string_view name);
/// "2026-03-01 10:00Z": RFC 3339 UTC to minutes; another form as it is.
[[nodiscard]] std::string short_time(std::string_view instant);
/// The last part of a URI: "urn:stemma:tryton:place:3" -> "place 3".
[[nodiscard]] std::string short_id(std::string_view id);
/// What people call a document's kind: the kind that its id names ("urn:stemma:tryton:internal_shipment:5" -> "internal shipment"), which
/// tells documents of one type with the same number apart; else its CBV type ("desadv" -> "delivery").
[[nodiscard]] std::string document_word(std::string_view type, std::string_view id);
/// Its number; without one the last part of its id.
[[nodiscard]] std::string document_number(std::string_view number, std::string_view id);
/// "internal shipment 5, production order 69" of an array of documents under `name`, whose id and number have these names.
[[nodiscard]] std::string documents_text(const Json& from, std::string_view name, std::string_view id, std::string_view number);
/// ", and 1,200 more" after the documents of an object that leaves so many out; else nothing.
[[nodiscard]] std::string more_documents_text(const Json& from);
/// "Main warehouse (WH)" of {"name", "code", "place"|"party"}.
[[nodiscard]] std::string name_with_code(const Json& who);
/// "name: value, name: value" of an object of texts.
[[nodiscard]] std::string attributes_text(const Json& attributes);
/// A verdict's outcome with the codes of its findings: "accepted with findings: food.lot-with-expiry".
[[nodiscard]] std::string verdict_text(const Json& verdict);

}  // namespace stemma::cli
