#include "core/base/error.hpp"

namespace stemma {

const char* to_string(Errc code) noexcept {
    switch (code) {
        case Errc::invalid_input: return "invalid_input";
        case Errc::not_found: return "not_found";
        case Errc::conflict: return "conflict";
        case Errc::unavailable: return "unavailable";
        case Errc::busy: return "busy";
        case Errc::config: return "config";
        case Errc::plugin: return "plugin";
        case Errc::storage: return "storage";
        case Errc::too_large: return "too_large";
        case Errc::unauthenticated: return "unauthenticated";
        case Errc::forbidden: return "forbidden";
        case Errc::internal: return "internal";
    }
    return "internal";
}

std::string Error::text() const {
    std::string line;
    if (!where.empty()) line += where + ": ";
    line += message;
    if (!hint.empty()) line += " (" + hint + ")";
    return line;
}

}  // namespace stemma
