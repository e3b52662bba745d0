// What the listener asks of a request's header before it reads on: is it meant for this Stemma, and is it not a page of another site that
// speaks through the browser of somebody on this machine? Where there are no users, loopback alone keeps strangers out, and a
// browser is their way in: by a name made to lead to 127.0.0.1 (DNS rebinding), by a form or script that posts across sites (CSRF). Knows
// no sockets.
#pragma once

#include <optional>
#include <string_view>

#include "adapters/http/http.hpp"

namespace stemma::http {

/// The answer to a request that must not be served, or nothing. Any thread.
///   421 wrong_host: `Host` is neither localhost, nor a loopback address, nor `local_address`, whatever its port. A name cannot be trusted,
///       its owner says where it leads; an address means itself. A request without Host is HTTP/1.0, which no browser sends.
///   403 foreign_origin: the method may change something, and `Origin` or `Sec-Fetch-Site` tells of a page that is not of the same host
///       and port.
///   415 unsupported_media_type: the method may change something, and the body is not declared as JSON, so that a form could have sent it.
/// `local_address`: the IP address that the connection came in on. `has_body`: a body follows the header, also a chunked one.
[[nodiscard]] std::optional<Response> refuse_foreign(const Request& header, bool has_body, std::string_view local_address);

}  // namespace stemma::http
