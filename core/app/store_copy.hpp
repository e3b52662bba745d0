// `stemma store copy`: the ledger of one database into another, of the same or another engine.
#pragma once

#include <string>

#include "core/engine/store_copy.hpp"

namespace stemma::app {

struct StoreCopyOptions {
    std::string from;              ///< a settings file (*.yaml), "sqlite:PATH" or "postgresql:host=... dbname=..."
    std::string to;                ///< likewise
    std::string schema{"stemma"};  ///< of "postgresql:..." places
};

/// Copies and compares. A settings file's state folder is locked meanwhile; a place named without one is the caller's to keep still: when
/// `from` has grown, the copy is left unfinished. Errors: Errc::unavailable while a daemon holds a state folder; those of copy_store().
[[nodiscard]] Result<engine::StoreCopyReport> copy_store(const StoreCopyOptions& options, const engine::StoreCopyHooks& hooks);

}  // namespace stemma::app
