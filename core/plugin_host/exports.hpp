// What a shared object offers to others, read from its bytes: a file that is no plugin is refused before any of its code runs,
// and a plugin that shows more than its entry is refused, because its other symbols could meet those of another plugin.
// Reads ELF (System V ABI, 64 bit) as far as the dynamic symbol table; every offset is checked against the file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.hpp"

namespace stemma {

/// Names of the symbols that the object defines and shows. Errors: Errc::plugin with PLUGIN_FORMAT_WRONG.
[[nodiscard]] Result<std::vector<std::string>> exported_symbols(std::string_view file_bytes, const std::string& place);

/// Exactly the entry is exported. Errors: Errc::plugin with PLUGIN_FORMAT_WRONG, PLUGIN_ENTRY_MISSING, PLUGIN_EXPORT_EXTRA.
[[nodiscard]] Result<void> check_exports(std::string_view file_bytes, const std::string& name, const std::string& place);

}  // namespace stemma
