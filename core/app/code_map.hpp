// What makes products of several sources one by word: erp.same_products and the files under erp.code_maps.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "core/config/settings.hpp"
#include "core/engine/meeting_rules.hpp"

namespace stemma::app {

inline constexpr std::size_t kCodeMapBytesMax = 16'777'216;  ///< of one file
inline constexpr std::size_t kCodeMapRowsMax = 100'000;      ///< of all files and erp.same_products together

/// A code map (RFC 4180): four columns, source,sku,source,sku, of which the first line may be that heading. `sources`: the names that may
/// stand there. Errors: every row that is wrong, with file, line and column (from 1).
[[nodiscard]] config::Checked<std::vector<engine::SameProduct>> read_code_map(std::string_view text, std::string_view file,
                                                                              const std::vector<std::string>& sources);

/// Names of the sources, aliases and code maps of the settings. Errors: those of all files together.
[[nodiscard]] config::Checked<engine::MeetingSettings> meeting_settings(const config::Settings& settings);

}  // namespace stemma::app
