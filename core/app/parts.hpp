// From settings to parts: one function per kind of part, each with the errors of its own area.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "core/config/settings.hpp"
#include "core/engine/access.hpp"
#include "core/engine/append.hpp"
#include "core/engine/durability.hpp"
#include "core/engine/limits.hpp"
#include "core/plugin_host/wanted.hpp"
#include "core/ports/erp_source.hpp"
#include "core/ports/store.hpp"

namespace stemma::app {

[[nodiscard]] engine::Limits limits_of(const config::Settings& settings);

[[nodiscard]] engine::AccessLimits access_limits(const config::Settings& settings);
[[nodiscard]] std::vector<engine::SigningRule> signing_rules(const config::Settings& settings);
/// Who runs this program, as the ledger names one who has the state folder in hand: "local:ada".
[[nodiscard]] std::string local_actor();

[[nodiscard]] engine::StoreProfile profile_of(const config::Settings& settings);

/// Opens or makes Stemma's own database and brings it to this version's schema; `read_only` for looking at it alone.
[[nodiscard]] Result<std::unique_ptr<Store>> open_store(const config::Settings& settings, bool read_only);
/// The same for a daemon: where the database is shared, it has to be elected before it writes (Store::take_seat).
[[nodiscard]] Result<std::unique_ptr<Store>> open_store_to_serve(const config::Settings& settings);

/// Where that database is, for a message: a file, or a schema and where it stands, without a password.
[[nodiscard]] std::string store_place(const config::Settings& settings);

/// What to do where there is a public key and its private one is gone: a new one could not sign for this ledger.
inline constexpr const char* kOldKeyBack = "put back the ledger.key that belongs to the ledger.pub beside it";

/// Where the signing key and its public half lie.
[[nodiscard]] std::filesystem::path key_file(const config::Settings& settings);
[[nodiscard]] std::filesystem::path public_key_file(const config::Settings& settings);
/// Reads the signing key. Errors: Errc::not_found with "stemma init" as hint.
[[nodiscard]] Result<engine::Seal> open_seal(const config::Settings& settings);
/// The public key in the state folder, as verify needs it; works without the private one.
[[nodiscard]] Result<NoteKey> read_public_key(const config::Settings& settings);

/// The enabled plugins with their data files read; YAML data becomes JSON. Errors: every data file that cannot be read, with its place.
[[nodiscard]] Result<std::vector<WantedPlugin>> wanted_plugins(const config::Settings& settings);
/// A plugin's options against its own schema; the places are lines of the YAML they were written in, `label` names the map.
[[nodiscard]] std::vector<Error> check_options(const config::Node& options, const std::string& plugin, const std::string& label,
                                               std::string_view schema_json);
[[nodiscard]] HostSettings host_settings(const config::Settings& settings, const std::filesystem::path& state_directory);
/// The program that tries plugins in a process of its own: beside this one, or in libexec.
[[nodiscard]] std::filesystem::path checker_program();

/// The file of a source's mapping, in the first folder of erp.mappings that has it. Errors: Errc::config.
[[nodiscard]] Result<std::filesystem::path> find_mapping(const config::Settings& settings, const config::ErpSourceSettings& source);
/// A configured source: its mapping found and read, no connection made yet.
[[nodiscard]] Result<std::unique_ptr<ErpSource>> make_erp_source(const config::Settings& settings, const config::ErpSourceSettings& source);

/// First error of several, with the number of the others in the message.
[[nodiscard]] Error first_of(const std::vector<Error>& errors);

}  // namespace stemma::app
