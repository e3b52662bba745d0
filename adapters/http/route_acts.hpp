// What each route is to the table of rights (core/domain/access.hpp). A route that is not listed is an administrator's alone; a test says
// that all are.
#pragma once

#include <optional>
#include <string_view>

#include "core/domain/access.hpp"

namespace stemma::http {

/// Nothing for a route that is not listed.
[[nodiscard]] std::optional<Act> listed_act(std::string_view method, std::string_view pattern) noexcept;

/// The act of a route; access.change, which only administrators may, for one that is not listed.
[[nodiscard]] Act act_of(std::string_view method, std::string_view pattern) noexcept;

}  // namespace stemma::http
