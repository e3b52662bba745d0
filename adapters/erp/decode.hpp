// One value of a row as text becomes a canonical text of its declared type: the same for both engines, so that digests agree.
// Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "adapters/erp/mapping.hpp"
#include "core/base/error.hpp"

namespace stemma::erp {

/// int "17", decimal "0.005" (six places), text as it is, date "2026-03-01", time "2026-03-01T10:00:00Z", bool "true"; none for NULL.
/// Errors: Errc::invalid_input that names column and value: NULL where the column does not allow it, text that is not of the type,
/// text that is not well-formed UTF-8 or holds a NUL.
[[nodiscard]] Result<std::optional<std::string>> decode(const Column& column, std::optional<std::string_view> value);

}  // namespace stemma::erp
