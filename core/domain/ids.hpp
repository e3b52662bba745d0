// The ids of everything the ledger speaks about. All are URIs (RFC 3986), as EPCIS 2.0 wants them; ERP rows become
// "urn:stemma:<source>:<kind>:<key>" (make_urn). An id never changes; the numbers people use are identifiers, and may.
#pragma once

#include <string>
#include <string_view>

#include "core/base/error.hpp"
#include "core/base/strong_id.hpp"

namespace stemma {

using ItemId = StrongId<struct ItemTag>;                      ///< one traceable object: a serialised unit, a lot, a logistic unit
using ProductId = StrongId<struct ProductTag>;                ///< what a SKU names
using PlaceId = StrongId<struct PlaceTag>;                    ///< a location or a location inside it
using PartyId = StrongId<struct PartyTag>;                    ///< a supplier, customer, owner
using DocumentId = StrongId<struct DocumentTag>;              ///< a business transaction: order, delivery, production order, complaint
using EventId = StrongId<struct EventTag>;                    ///< EPCIS eventID
using CaseId = StrongId<struct CaseTag>;                      ///< a workflow's own id: "rma-000017"
using TransformationId = StrongId<struct TransformationTag>;  ///< EPCIS transformationID: joins the inputs and outputs of one order

inline constexpr std::size_t kUriBytesMax = 512;  ///< longest id that is accepted, in bytes

inline constexpr std::string_view kUrnStart = "urn:stemma:";  ///< of every id that Stemma itself gives

/// "urn:stemma:tryton:lot:17". Characters outside RFC 8141's set in `key` are percent-encoded, so that two keys never meet.
[[nodiscard]] std::string make_urn(std::string_view source, std::string_view kind, std::string_view key);

/// A URI with a scheme, no white space, no control characters, well-formed UTF-8, at most kUriBytesMax bytes.
/// Errors: Errc::invalid_input that says which of these fails.
[[nodiscard]] Result<void> check_uri(std::string_view text);

}  // namespace stemma
