// Wiring: makes the parts that the settings ask for and joins them: store, signing key, plugin host, ERP sources, engine, routes.
// The only code that knows every concrete type; used by the daemon, the command line's offline mode and the tests.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "adapters/http/http.hpp"
#include "core/base/error.hpp"
#include "core/config/settings.hpp"

namespace stemma::app {

inline constexpr const char* kVersion = STEMMA_VERSION;  ///< "0.1.0"

/// A state folder in use: one process at a time writes it. Holds a lock on <state>/lock until it dies.
class App {
public:
    /// Makes or opens everything under state.folder (which must exist: `stemma init` makes it) and loads the ledger.
    /// Errors: Errc::unavailable when another process holds the folder; those of the parts.
    [[nodiscard]] static Result<std::unique_ptr<App>> open(const config::Settings& settings);
    /// As open(), but a set of plugins that is refused is left out, for mending it: see refused_plugins(). Nothing may be judged then.
    [[nodiscard]] static Result<std::unique_ptr<App>> open_to_mend(const config::Settings& settings);
    /// Why no plugin is in force; nothing where the set is.
    [[nodiscard]] const std::optional<Error>& refused_plugins() const;
    ~App();
    App(const App&) = delete;
    App& operator=(const App&) = delete;

    /// The API's routes; any thread.
    [[nodiscard]] const http::Router& router() const;
    /// Whether there is no user yet, so that everybody may everything. Errors: Errc::storage, Errc::unavailable.
    [[nodiscard]] Result<bool> is_open() const;
    /// Says in the state folder at which port the router is served, for a client whose settings leave it open. Errors: Errc::storage.
    [[nodiscard]] Result<void> tell_port(std::uint16_t port) const;
    /// Starts the sync thread: by interval when `scheduled`, else on request only.
    void start_syncs(bool scheduled);
    /// Reads the configuration again and swaps the plugin set (SIGHUP). On error the old set stays.
    [[nodiscard]] Result<void> reload();
    /// Ends syncs after the batch in hand. Idempotent. Plugins and store live as long as the App.
    void stop();

private:
    struct Impl;
    [[nodiscard]] static Result<std::unique_ptr<App>> open(const config::Settings& settings, bool to_mend);
    explicit App(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace stemma::app
