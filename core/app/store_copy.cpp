#include "core/app/store_copy.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <optional>

#include "adapters/store/postgres/postgres_store.hpp"
#include "adapters/store/sqlite/sqlite_store.hpp"
#include "core/app/parts.hpp"
#include "core/app/state_lock.hpp"
#include "core/config/settings.hpp"

namespace stemma::app {
namespace {

constexpr std::string_view kSqlite = "sqlite:";
constexpr std::string_view kPostgresql = "postgresql:";

/// A store, and the lock on the state folder that it belongs to, where it was named by its settings.
struct Place {
    std::optional<StateLock> lock;
    std::unique_ptr<Store> store;
};

Result<Place> open_settings(const std::string& file, bool read_only) {
    const auto settings = config::load_settings(file);
    if (!settings) return std::unexpected(first_of(settings.error()));
    std::optional<StateLock> lock;
    std::error_code error;
    if (read_only || std::filesystem::exists(settings->state.folder, error)) {  // nobody runs on a folder that is not there yet
        auto taken = StateLock::take(settings->state.folder);
        if (!taken) return std::unexpected(taken.error());
        lock = *std::move(taken);
    }
    auto store = open_store(*settings, read_only);
    if (!store) return std::unexpected(store.error());
    return Place{std::move(lock), *std::move(store)};
}

Result<Place> open_place(const std::string& text, const std::string& schema, bool read_only) {
    Result<std::unique_ptr<Store>> store;
    if (text.ends_with(".yaml") && !text.starts_with(kSqlite)) return open_settings(text, read_only);
    if (text.starts_with(kSqlite))
        store = store::open_sqlite({.path = text.substr(kSqlite.size()), .read_only = read_only});
    else if (text.starts_with(kPostgresql))
        store = store::open_postgres({.connection = text, .schema = schema, .read_only = read_only});
    else
        return fail(Errc::invalid_input, fmt::format("'{}' names no store", config::redact_connection(text)), {},
                    "it may be a settings file (*.yaml), sqlite:PATH or postgresql:host=... dbname=... user=...");
    if (!store) return std::unexpected(store.error());
    return Place{std::nullopt, *std::move(store)};
}

}  // namespace

Result<engine::StoreCopyReport> copy_store(const StoreCopyOptions& options, const engine::StoreCopyHooks& hooks) {
    if (options.from == options.to) return fail(Errc::invalid_input, "a store cannot be copied onto itself");
    const auto from = open_place(options.from, options.schema, true);
    if (!from) return std::unexpected(from.error());
    const auto to = open_place(options.to, options.schema, false);
    if (!to) return std::unexpected(to.error());
    const auto snapshot = from->store->read();
    if (!snapshot) return std::unexpected(snapshot.error());
    const auto size = (*snapshot)->size();
    if (!size) return std::unexpected(size.error());
    engine::StoreCopyHooks watching = hooks;
    watching.before_end = [&]() -> Result<void> {
        const auto now = from->store->read();
        if (!now) return std::unexpected(now.error());
        const auto grown = (*now)->size();
        if (!grown) return std::unexpected(grown.error());
        if (*grown == *size) return {};
        return fail(Errc::conflict, fmt::format("the ledger grew by {} entries while it was copied", *grown - *size), {},
                    "stop the daemon that writes to it, and run this again: it goes on where it stopped");
    };
    return engine::copy_store(**snapshot, *to->store, watching);
}

}  // namespace stemma::app
