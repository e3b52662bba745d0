// All that a plugin's author includes. Header-only, C++20 or later, needs nothing but the standard library.
//
//   struct Vin final : stemma::sdk::Numbering {
//       explicit Vin(const stemma::sdk::Config& config);          // throw to refuse the options; the text reaches the operator
//       ...                                                       // the functions of Numbering
//       void self_check() const;                                  // optional: throws when the plugin's own vectors do not hold
//   };
//   STEMMA_PLUGIN(Vin, {.id = "org.stemma.vin", .version = "1.0.0", .summary = "ISO 3779 VIN", .options_schema = kSchema})
//
// Link with -Wl,--version-script=exports.map so that only the entry leaves the file. No thread_local, no mutable statics, no threads.
#pragma once

#include "stemma/plugin/abi.h"
#include "stemma/plugin/capabilities.hpp"
#include "stemma/plugin/json.hpp"
#include "stemma/plugin/thunks.hpp"
#include "stemma/plugin/values.hpp"

/// Writes the entry of the plugin; once per shared object, at namespace scope. The second argument initialises a stemma::sdk::Info.
#define STEMMA_PLUGIN(Type, ...)                                                                    \
    extern "C" const stm_entry* stm_plugin_entry_v1(void) {                                         \
        static constexpr ::stemma::sdk::Info kInfo = __VA_ARGS__;                                   \
        static constexpr ::stemma::sdk::Names kIds = ::stemma::sdk::detail::capability_ids<Type>(); \
        static constexpr stm_info kTable = ::stemma::sdk::detail::info_table(kInfo, kIds);          \
        static constexpr stm_entry kEntry = ::stemma::sdk::detail::entry_table<Type>(kTable);       \
        return &kEntry;                                                                             \
    }                                                                                               \
    static_assert(true, "STEMMA_PLUGIN may be followed by a semicolon")
