// Who asks, and whether they may: the check in front of every route. `Authorization: Bearer TOKEN` (RFC 6750) is looked up in memory; while
// there is no user at all everybody may everything, as on a machine of one's own. What it refuses is noted for the ledger.
#pragma once

#include "adapters/http/api.hpp"
#include "adapters/http/http.hpp"

namespace stemma::http {

/// The gate of an API with users; `api` and its desk outlive it.
[[nodiscard]] Gate make_gate(Api& api);

/// The token of a request's header; "" where there is none. A view of the request.
[[nodiscard]] std::string_view bearer_of(const Request& request) noexcept;

}  // namespace stemma::http
