// The text in front of an answer's body: status line and header fields.
#pragma once

#include <string>

#include "adapters/http/http.hpp"

namespace stemma::http {

/// How an answer leaves: what its request asked for.
struct Manner {
    unsigned version{11};
    bool keep_alive{false};
    bool head{false};  ///< the body is left out
};

/// Up to the empty line. The length is that of `body`, in chunks where the answer has a source.
[[nodiscard]] std::string answer_head(const Response& response, const Manner& manner);

}  // namespace stemma::http
