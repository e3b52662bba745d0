// The doctor: every check that can be made without changing anything, one line each. A check that cannot run is a line, never silence.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <span>
#include <system_error>

#include "core/app/offline.hpp"
#include "core/app/parts.hpp"
#include "core/app/state_lock.hpp"
#include "core/base/file.hpp"
#include "core/plugin_host/plugin_host.hpp"

namespace stemma::app {
namespace {

namespace fs = std::filesystem;
using Level = DoctorLine::Level;

constexpr std::size_t kLedgerFindingsMax = 5;  ///< findings about the ledger that are shown: more belong to `ledger verify`

class Doctor {
public:
    void say(Level level, std::string area, std::string subject, std::string message, std::string hint = {}) {
        lines_.push_back({level, std::move(area), std::move(subject), std::move(message), std::move(hint)});
    }
    void say(const std::string& area, const Error& error) { say(Level::error, area, error.where, error.message, error.hint); }
    std::vector<DoctorLine> take() { return std::move(lines_); }

    void check_state(const config::Settings& settings);
    void check_store(const config::Settings& settings);
    void check_plugins(const config::Settings& settings);
    void check_source(const config::Settings& settings, const config::ErpSourceSettings& source);

private:
    void check_durability(const config::Settings& settings, Store& store);
    void check_ledger(const config::Settings& settings, Store& store);

    std::vector<DoctorLine> lines_;
};

void Doctor::check_state(const config::Settings& settings) {
    std::error_code error;
    const fs::path& folder = settings.state.folder;
    if (!fs::is_directory(folder, error))
        return say(Level::error, "state", folder, "the state folder does not exist", "make it with: stemma init");
    if ((fs::status(folder, error).permissions() & fs::perms::others_write) != fs::perms::none)
        say(Level::error, "state", folder, "everybody may write the state folder", fmt::format("chmod o-w {}", folder.string()));
    if (const auto seal = open_seal(settings); !seal) say("state", seal.error());
    const auto lock = StateLock::take(folder);
    say(Level::ok, "state", folder, lock ? "present, not in use" : "present, in use by a running stemmad");
}

/// Every entry and checkpoint, as the daemon's start looks at them and as `ledger verify` does.
void Doctor::check_ledger(const config::Settings& settings, Store& store) {
    const auto key = read_public_key(settings);
    if (!key) return say("ledger", key.error());
    const CheckpointFile outside{settings.ledger.checkpoint_file};
    const auto note = outside.read();  // before the snapshot: a running daemon's copy is never newer than its database
    if (!note) return say("ledger", note.error());
    const auto snapshot = store.read();
    if (!snapshot) return say("ledger", snapshot.error());
    VerifyInput input{.key = *key, .outside_checkpoint = *note, .integrity = {}, .progress = {}};
    // The daemon signs with the private key, so that is the one the ledger must fit.
    if (const auto seal = open_seal(settings); seal) input.key = {seal->origin, seal->key.public_key()};
    if (input.key.key != key->key)
        return say(Level::error, "ledger", public_key_file(settings), "is not the public half of ledger.key",
                   "restore both from the same backup");
    const VerifyReport report = verify(**snapshot, input);
    const std::size_t shown = std::min(report.findings.size(), kLedgerFindingsMax);
    for (const VerifyFinding& finding : std::span{report.findings}.first(shown))
        say(Level::error, "ledger", "", finding.text, "stemmad does not start on it; see: stemma ledger verify");
    if (shown < report.findings.size())
        say(Level::error, "ledger", "", fmt::format("{} more findings", report.findings.size() - shown), "stemma ledger verify shows all");
    if (!*note && report.entries > 0)
        say(Level::warning, "ledger", outside.path(), "is missing: that entries were cut off at the end cannot be excluded",
            "the next start of stemmad writes it again");
    if (!report.ok()) return;
    say(Level::ok, "ledger", "",
        report.entries == 0 ? std::string{"empty"}
                            : fmt::format("{} {} verified, newest checkpoint signed by {}", report.entries,
                                          report.entries == 1 ? "entry" : "entries", key->name));
}

void Doctor::check_store(const config::Settings& settings) {
    std::error_code error;
    const std::string place = store_place(settings);
    const bool on_file = settings.store.engine == config::StoreEngine::sqlite;
    auto store = on_file && !fs::exists(settings.store.file, error)
                     ? Result<std::unique_ptr<Store>>{fail(Errc::not_found, "there is no such file")}
                     : open_store(settings, true);
    if (!store && store.error().code == Errc::not_found) {
        if (fs::exists(settings.ledger.checkpoint_file, error))
            return say(Level::error, "store", place,
                       fmt::format("is missing, but {} says that there was a ledger", settings.ledger.checkpoint_file.string()),
                       "restore a backup of the state folder");
        return say(Level::note, "store", place, "no database yet: the first start of stemmad makes it");
    }
    if (!store) return say("store", store.error());
    const auto described = (*store)->describe();
    if (!described) return say("store", described.error());
    const auto integrity = (*store)->check_integrity();
    if (!integrity) return say("store", integrity.error());
    for (const std::string& line : *integrity) say(Level::error, "store", place, line, "restore a backup, then: stemma ledger verify");
    if (integrity->empty()) say(Level::ok, "store", "", *described);
    check_durability(settings, **store);
    check_ledger(settings, **store);
}

/// What the daemon's start would say, or refuse.
void Doctor::check_durability(const config::Settings& settings, Store& store) {
    using Found = engine::DurabilityFinding::Level;
    const auto said = store.settings();
    if (!said) return say("store", said.error());
    for (const engine::DurabilityFinding& finding : engine::judge_durability(*said, profile_of(settings))) {
        const Level level = finding.level == Found::refuse ? Level::error : finding.level == Found::warning ? Level::warning : Level::ok;
        say(level, "store", finding.setting, finding.id.empty() ? "as it should be" : fmt::format("{}: {}", finding.id, finding.message),
            finding.hint);
    }
}

void Doctor::check_plugins(const config::Settings& settings) {
    const auto wanted = wanted_plugins(settings);
    if (!wanted) return say("plugins", wanted.error());
    // A folder of its own: the daemon's generations must not be touched.
    const auto aside = ScratchFolder::make("stemma-doctor");
    if (!aside) return say("plugins", aside.error());
    const auto host = PluginHost::start(host_settings(settings, aside->path() / "plugins"), *wanted);
    if (!host)
        say("plugins", host.error());
    else
        for (const PluginInfo& plugin : (*host)->current()->plugins())
            say(Level::ok, "plugins", plugin.name, fmt::format("{} {}: {}", plugin.id, plugin.version, fmt::join(plugin.offers, ", ")));
    if (host && wanted->empty()) say(Level::note, "plugins", "", "none is enabled", "stemma plugin list shows what there is");
}

Level level_of(SourceFinding::Level level) {
    switch (level) {
        case SourceFinding::Level::ok: return Level::ok;
        case SourceFinding::Level::note: return Level::note;
        case SourceFinding::Level::warning: return Level::warning;
        case SourceFinding::Level::error: return Level::error;
    }
    return Level::error;
}

void Doctor::check_source(const config::Settings& settings, const config::ErpSourceSettings& given) {
    const std::string area = "erp:" + given.name;
    if (!given.enabled) return say(Level::note, area, "", "is not enabled");
    const auto source = make_erp_source(settings, given);
    if (!source) return say(area, source.error());
    const auto report = (*source)->check();
    if (!report) return say(area, report.error());
    say(report->fits ? Level::ok : Level::error, area, "",
        fmt::format("{} {} by mapping {}: {}", report->erp, report->version, report->mapping, report->fits ? "fits" : "does not fit"));
    say(Level::ok, area, "", report->database);
    for (const SourceFinding& finding : report->findings)
        say(level_of(finding.level), area, finding.subject, finding.message, finding.hint);
    std::uint64_t rows = 0;
    for (const auto& [table, count] : report->row_counts) rows += count;
    if (!report->row_counts.empty()) say(Level::ok, area, "", fmt::format("{} rows in {} tables", rows, report->row_counts.size()));
    for (const auto& [query, becomes] : report->reads) say(Level::ok, area, query, "becomes " + becomes);
}

}  // namespace

std::vector<DoctorLine> doctor(const fs::path& settings_file) {
    Doctor doctor;
    const auto settings = config::load_settings(settings_file, nullptr, config::Unresolved::keep);
    if (!settings) {
        for (const Error& error : settings.error()) doctor.say("configuration", error);
        return doctor.take();
    }
    doctor.say(Level::ok, "configuration", settings_file, fmt::format("{} file(s) read", settings->files.size()));
    for (const std::string& warning : check_parts(*settings).warnings) doctor.say(Level::warning, "configuration", "", warning);
    doctor.check_state(*settings);
    doctor.check_store(*settings);
    if (!settings->unresolved.empty()) {
        for (const Error& error : settings->unresolved) doctor.say("configuration", error);
        doctor.say(Level::note, "plugins, erp", "", "not checked: they need the settings that have no value here",
                   "run the doctor with the environment and the rights that stemmad has");
        return doctor.take();
    }
    doctor.check_plugins(*settings);
    for (const config::ErpSourceSettings& source : settings->erp.sources) doctor.check_source(*settings, source);
    if (settings->erp.sources.empty()) doctor.say(Level::note, "erp", "", "no source is configured", "erp.sources in stemma.yaml");
    return doctor.take();
}

}  // namespace stemma::app
