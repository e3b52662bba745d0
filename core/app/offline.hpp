// What works on the files alone, without a running daemon: making a new Stemma, checking everything, verifying and rebuilding a ledger.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/config/settings.hpp"
#include "core/engine/rebuild.hpp"
#include "core/ledger/verify.hpp"

namespace stemma::app {

/// What `stemma init` made, for its report.
struct InitReport {
    std::vector<std::string> made;  ///< one line per file or folder
    std::vector<std::string> kept;  ///< what was there already
    std::string public_key;         ///< note verifier text: give it to auditors
};

/// Writes `file` from the annotated default when it is absent, makes state.folder and the signing key. Never replaces anything.
[[nodiscard]] Result<InitReport> init(const std::filesystem::path& file);

/// One line of the doctor's report.
struct DoctorLine {
    enum class Level : unsigned char { ok, note, warning, error };
    Level level{Level::ok};
    std::string area;     ///< "configuration", "store", "ledger", "plugins", "erp:tryton"
    std::string subject;  ///< "column stock_move.lot"; may be empty
    std::string message;
    std::string hint;  ///< what to do; may be empty
};
/// All checks: configuration, state folder, store, ledger head, each plugin, each ERP source. Reads only. A check that cannot run is a
/// line.
[[nodiscard]] std::vector<DoctorLine> doctor(const std::filesystem::path& settings_file);

/// What settings that read well still name in vain, as far as it shows without loading a plugin or opening an ERP's database.
struct PartsCheck {
    std::vector<Error> errors;          ///< a plugin's file, a data file, a mapping that is not there; a connection of no known kind
    std::vector<std::string> warnings;  ///< an address that others reach
};
[[nodiscard]] PartsCheck check_parts(const config::Settings& settings);

/// Verifies the ledger in state.folder (or the copy at `database`) with the public key of the state folder, or the one given as text.
[[nodiscard]] Result<VerifyReport> verify_ledger(const config::Settings& settings, const std::optional<std::filesystem::path>& database,
                                                 const std::optional<std::string>& public_key, const VerifyProgress& progress);

/// Drops and rebuilds the read models. Errors: Errc::unavailable while a daemon holds the state folder.
[[nodiscard]] Result<engine::RebuildReport> rebuild_ledger(const config::Settings& settings,
                                                           const std::function<void(std::uint64_t)>& progress);

/// Runs the handshake and the first conformance properties over a plugin file, in a process of its own.
struct PluginCheck {
    bool passed{false};
    std::vector<std::string> lines;  ///< one per check: "ok   example is valid (org.stemma.serial, scheme serial)"
};
[[nodiscard]] Result<PluginCheck> check_plugin(const config::Settings& settings, const std::filesystem::path& file,
                                               const std::string& options_yaml);

}  // namespace stemma::app
