#include "core/app/app.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "adapters/http/api.hpp"
#include "core/app/backup.hpp"
#include "core/app/code_map.hpp"
#include "core/app/parts.hpp"
#include "core/app/plugin_desk.hpp"
#include "core/app/state_lock.hpp"
#include "core/base/log.hpp"
#include "core/config/tree.hpp"
#include "core/engine/engine.hpp"
#include "core/engine/follower.hpp"
#include "core/plugin_host/plugin_host.hpp"
#include "embedded/app.hpp"

namespace stemma::app {
namespace {

class SystemClock final : public Clock {
public:
    [[nodiscard]] Instant now() const override {
        return {std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count()};
    }
};

/// The OpenAPI document is kept as YAML for people and served as JSON.
Result<std::string> openapi_json() {
    const auto tree = config::read_yaml_text(embedded::app::openapi_yaml(), "openapi.yaml");
    if (!tree) return std::unexpected(tree.error());
    return config::to_json(tree->root());
}

}  // namespace

/// Members are made in this order and die in reverse: syncs end before the engine's parts, plugins before the store, the lock last.
struct App::Impl {
    explicit Impl(StateLock held) : lock{std::move(held)} {}

    StateLock lock;
    SystemClock clock;
    std::unique_ptr<Store> store;
    std::unique_ptr<engine::Durability> durability;
    lineage::Index index;
    std::unique_ptr<engine::Appender> appender;
    std::unique_ptr<engine::Follower> follower;  ///< where the store is shared
    std::unique_ptr<PluginHost> plugins;
    std::unique_ptr<PluginDesk> plugin_desk;
    std::optional<Error> refused_plugins;
    engine::Limits limits;
    std::vector<std::unique_ptr<ErpSource>> sources;
    std::unique_ptr<engine::MeetingDesk> meetings;
    std::unique_ptr<engine::Syncing> syncing;
    std::unique_ptr<engine::SyncRunner> syncs;
    std::unique_ptr<engine::Engine> engine;
    std::unique_ptr<engine::AccessDesk> access;
    std::unique_ptr<http::Api> api;
    http::Router router;
};

namespace {

/// A ledger that other daemons may write: who has the seat writes, the others follow. A database that goes away comes back.
template <class Impl>
Result<void> open_shared(Impl& self, const config::Settings& settings) {
    self.appender->check_before_writing([&self] { return self.durability->look(*self.store); });
    self.appender->wait_for_store(std::chrono::milliseconds{settings.store.away_ms});
    if (auto loaded = self.appender->load(); !loaded) return loaded;
    if (auto followed = self.appender->follow(); !followed) return followed;
    self.follower = std::make_unique<engine::Follower>(*self.appender, std::chrono::milliseconds{settings.store.follow_ms});
    return {};
}

template <class Impl>
Result<void> open_ledger(Impl& self, const config::Settings& settings) {
    auto store = open_store_to_serve(settings);
    if (!store) return std::unexpected(store.error());
    self.store = *std::move(store);
    self.durability = std::make_unique<engine::Durability>(profile_of(settings));
    if (auto durable = self.durability->look(*self.store); !durable) return durable;
    auto seal = open_seal(settings);
    if (!seal) return std::unexpected(seal.error());
    const MacKey snapshot_key = seal->key.secret_for("lineage snapshot");
    self.appender = std::make_unique<engine::Appender>(*self.store, self.index, self.clock, *std::move(seal));
    self.appender->set_limits(self.limits);
    self.appender->keep_snapshot({settings.state.folder / "lineage.snapshot", settings.ledger.origin, snapshot_key},
                                 static_cast<std::uint64_t>(settings.ledger.snapshot_entries));
    self.appender->keep_reserve({settings.state.folder / "ledger.reserve", static_cast<std::uint64_t>(settings.ledger.reserve_bytes)});
    if (settings.store.engine == config::StoreEngine::sqlite) return self.appender->load();
    return open_shared(self, settings);
}

/// Whatever a set is refused for, its options, a rule pack or its code: the plugins are refused, as a reload of them would be.
std::unexpected<Error> refused_set(Error why) {
    if (why.code == Errc::config) why.code = Errc::plugin;
    return std::unexpected(std::move(why));
}

Result<std::unique_ptr<PluginHost>> start_host(const config::Settings& settings) {
    const auto wanted = wanted_plugins(settings);
    if (!wanted) return refused_set(wanted.error());
    auto host = PluginHost::start(host_settings(settings, settings.state.folder / "plugins"), *wanted);
    if (!host) return refused_set(host.error());
    return host;
}

template <class Impl>
Result<void> start_plugins(Impl& self, const config::Settings& settings, bool to_mend) {
    auto host = start_host(settings);
    if (!host && to_mend) {
        self.refused_plugins = host.error();
        host = PluginHost::start(host_settings(settings, settings.state.folder / "plugins"), {});
    }
    if (!host) return std::unexpected(host.error());
    self.plugins = *std::move(host);
    const auto record = [&self](const SystemChange& change, const std::string& actor) { return self.engine->record_change(change, actor); };
    self.plugin_desk = std::make_unique<PluginDesk>(settings, *self.plugins, record, self.refused_plugins.has_value());
    return {};
}

template <class Impl>
Result<void> make_sources(Impl& self, const config::Settings& settings) {
    const auto snapshot = self.store->read();
    if (!snapshot) return std::unexpected(snapshot.error());
    const auto states = (*snapshot)->source_states();
    if (!states) return std::unexpected(states.error());
    std::vector<engine::ScheduledSource> scheduled;
    for (const config::ErpSourceSettings& source : settings.erp.sources) {
        if (!source.enabled) continue;
        auto made = make_erp_source(settings, source);
        if (!made) return std::unexpected(made.error());
        const auto known =
            std::ranges::find_if(*states, [&](const SourceState& state) { return state.source == source.name && state.query.empty(); });
        const SourceState whole = known != states->end() ? *known : SourceState{};
        const Result<WrittenTime> full = parse_time(whole.cursor);
        scheduled.push_back({made->get(), source.every, whole.paused, full ? full->instant : Instant{}, source.sweep_every});
        self.sources.push_back(*std::move(made));
    }
    auto meetings = meeting_settings(settings);
    if (!meetings) return std::unexpected(first_of(meetings.error()));
    self.meetings = std::make_unique<engine::MeetingDesk>(*std::move(meetings));
    self.syncing = std::make_unique<engine::Syncing>(*self.store, *self.appender, *self.plugins, self.clock, self.limits);
    self.syncing->meet_by(*self.meetings);
    self.syncs = std::make_unique<engine::SyncRunner>(*self.syncing, self.clock, std::move(scheduled));
    self.syncs->only_while([&self] { return self.appender->role().writes; });
    return {};
}

}  // namespace

Result<std::unique_ptr<App>> App::open(const config::Settings& settings) { return open(settings, false); }
Result<std::unique_ptr<App>> App::open_to_mend(const config::Settings& settings) { return open(settings, true); }

Result<std::unique_ptr<App>> App::open(const config::Settings& settings, bool to_mend) {
    auto lock = StateLock::take(settings.state.folder);
    if (!lock) return std::unexpected(lock.error());
    auto impl = std::make_unique<Impl>(*std::move(lock));
    impl->limits = limits_of(settings);
    if (auto done = open_ledger(*impl, settings); !done) return std::unexpected(done.error());
    if (auto done = start_plugins(*impl, settings, to_mend); !done) return std::unexpected(done.error());
    if (auto done = make_sources(*impl, settings); !done) return std::unexpected(done.error());
    auto openapi = openapi_json();
    if (!openapi) return std::unexpected(openapi.error());
    const engine::Parts parts{*impl->store,      *impl->appender,     impl->index,
                              *impl->plugins,    *impl->plugin_desk,  impl->clock,
                              *impl->syncs,      impl->limits,        {settings.plugins.allow_undecided},
                              *impl->durability, impl->meetings.get()};
    impl->engine = std::make_unique<engine::Engine>(parts);
    const auto record = [&](const SystemChange& change, const std::string& actor) { return impl->engine->record_change(change, actor); };
    if (auto done = record_accepted_loss(settings.state.folder, impl->index.position(), record); !done)
        return std::unexpected(done.error());
    impl->api = std::make_unique<http::Api>(*impl->engine, kVersion, *std::move(openapi), impl->clock.now());
    impl->access =
        std::make_unique<engine::AccessDesk>(*impl->store, *impl->appender, impl->clock, access_limits(settings), signing_rules(settings));
    impl->api->access = impl->access.get();
    impl->api->local_actor = local_actor();
    http::add_routes(impl->router, *impl->api);
    if (impl->follower) impl->follower->start();
    return std::unique_ptr<App>{new App{std::move(impl)}};
}

App::App(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
App::~App() { stop(); }

const http::Router& App::router() const { return impl_->router; }

const std::optional<Error>& App::refused_plugins() const { return impl_->refused_plugins; }

Result<void> App::tell_port(std::uint16_t port) const { return impl_->lock.tell_port(port); }

void App::start_syncs(bool scheduled) { impl_->syncs->start(scheduled); }

Result<void> App::reload() {
    const auto change = impl_->plugin_desk->reload("system");
    if (!change) {
        log::error("SETTINGS_RELOAD_REFUSED", change.error().text());
        return std::unexpected(change.error());
    }
    return {};
}

Result<bool> App::is_open() const {
    const auto book = impl_->access->book();
    if (!book) return std::unexpected(book.error());
    return !(*book)->is_closed();
}

void App::stop() {
    impl_->access->stop();
    impl_->syncs->stop();
    if (impl_->follower) impl_->follower->stop();
    if (auto saved = impl_->appender->save_index(); !saved) log::error("LINEAGE_SNAPSHOT_FAILED", saved.error().text());
}

}  // namespace stemma::app
