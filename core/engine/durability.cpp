#include "core/engine/durability.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <iterator>

#include "core/base/log.hpp"

namespace stemma::engine {
namespace {

using Level = DurabilityFinding::Level;

constexpr std::array<std::string_view, 9> kNetworkFileSystems{"nfs", "nfs4", "cifs", "smb", "smb2", "9p", "afs", "ceph", "coda"};
constexpr std::array<std::string_view, 10> kNetworkFuse{"fuse.sshfs",     "fuse.glusterfs", "fuse.s3fs",    "fuse.davfs",     "fuse.rclone",
                                                        "fuse.ceph-fuse", "fuse.gcsfuse",   "fuse.juicefs", "fuse.curlftpfs", "fuse.nfs"};

bool is_one_of(std::string_view word, const auto& words) { return std::ranges::find(words, word) != words.end(); }

class Judge {
public:
    Judge(const StoreSettings& settings, StoreProfile profile) : settings_{settings}, team_{profile == StoreProfile::team} {}

    void judge_postgresql();
    void judge_sqlite();
    [[nodiscard]] std::vector<DurabilityFinding> take() const {
        std::vector<DurabilityFinding> sorted;
        for (const Level level : {Level::refuse, Level::warning, Level::ok})
            std::ranges::copy_if(findings_, std::back_inserter(sorted), [&](const DurabilityFinding& one) { return one.level == level; });
        return sorted;
    }

private:
    /// The value, or "" where the engine did not say.
    [[nodiscard]] std::string_view value(std::string_view name) const {
        const auto found = settings_.find(std::string{name});
        return found == settings_.end() ? std::string_view{} : found->second;
    }
    [[nodiscard]] bool is_off(std::string_view name) const { return value(name) == "off"; }

    void add(Level level, std::string_view id, std::string_view setting, std::string_view message, std::string_view hint) {
        findings_.push_back({level, std::string{id}, shown(setting), std::string{message}, std::string{hint}});
    }
    void good(std::string_view setting) {
        if (!value(setting).empty()) findings_.push_back({Level::ok, "", shown(setting), "", ""});
    }
    [[nodiscard]] std::string shown(std::string_view setting) const { return fmt::format("{} = {}", setting, value(setting)); }
    /// What one machine may do with a warning, a team may not.
    [[nodiscard]] Level by_profile() const { return team_ ? Level::refuse : Level::warning; }

    void judge_writing();
    void judge_acknowledging();
    void judge_standbys();
    void judge_role();
    void judge_clock();
    void judge_file_system();

    const StoreSettings& settings_;
    bool team_;
    std::vector<DurabilityFinding> findings_;
};

void Judge::judge_writing() {
    if (is_off("fsync"))
        add(Level::refuse, "fsync_off", "fsync", "a power failure can lose acknowledged events and damage the whole database",
            "set fsync = on in postgresql.conf and reload");
    else
        good("fsync");
    if (is_off("full_page_writes"))
        add(by_profile(), "full_page_writes_off", "full_page_writes", "a power failure can leave pages half written, which nothing mends",
            "set full_page_writes = on in postgresql.conf and reload, unless the file system never tears a page");
    else
        good("full_page_writes");
    if (is_off("data_checksums"))
        add(Level::warning, "no_checksums", "data_checksums", "a page that the disk changed by itself is not noticed by the database",
            "stop the server and run: pg_checksums --enable");
    else
        good("data_checksums");
    if (value("wal_level") == "minimal")
        add(by_profile(), "wal_minimal", "wal_level", "neither a standby nor a continuous backup can follow this server",
            "set wal_level = replica in postgresql.conf and restart");
    else
        good("wal_level");
}

/// Whether the answer to a COMMIT means that it is on a disk: of this machine for one, of two for a team.
void Judge::judge_acknowledging() {
    const std::string_view level = value("synchronous_commit");
    if (level == "off")
        add(Level::refuse, "commit_before_disk", "synchronous_commit", "a commit is answered before it is on any disk: a crash loses it",
            "set synchronous_commit = on for the database or the role that Stemma uses");
    else if (team_ && level == "local")
        add(Level::refuse, "commit_on_one_disk", "synchronous_commit",
            "a commit is answered before a standby has it: when this machine is lost, acknowledged events are, and their numbers come "
            "again",
            "set synchronous_commit = on");
    else if (team_ && level == "remote_write")
        add(Level::warning, "commit_in_standby_memory", "synchronous_commit",
            "a commit is answered before a standby has it on disk: two power failures at once can lose it", "set synchronous_commit = on");
    else
        good("synchronous_commit");
}

void Judge::judge_standbys() {
    if (!settings_.contains("synchronous_standby_names")) return;
    if (value("synchronous_standby_names").empty()) {
        if (team_)
            add(Level::refuse, "no_standby", "synchronous_standby_names",
                "no commit waits for a standby: when this machine is lost, acknowledged events are, and their numbers come again",
                "name them: synchronous_standby_names = 'ANY 1 (...)'; or set store.profile to single");
        return;
    }
    if (value("synchronous_standbys_now") == "0")
        add(Level::warning, "standby_away", "synchronous_standby_names",
            "no standby that commits wait for is connected: they wait without an end", "start the standby, or look at pg_stat_replication");
    else
        good("synchronous_standby_names");
}

void Judge::judge_role() {
    if (value("in_recovery") == "on")
        add(Level::refuse, "in_recovery", "in_recovery", "this server is a standby of another: nothing can be written here",
            "name all servers in store.connection and add target_session_attrs=read-write");
    else if (value("default_transaction_read_only") == "on")
        add(Level::refuse, "read_only", "default_transaction_read_only", "nothing can be written here",
            "give the role that Stemma uses a database that it may write");
}

void Judge::judge_clock() {
    const std::string_view text = value("clock_difference_ms");
    std::int64_t ms = 0;
    if (text.empty() || std::from_chars(text.data(), text.data() + text.size(), ms).ec != std::errc{}) return;
    if (std::abs(ms) > kClockDifferenceMsMax)
        add(Level::warning, "clock_differs", "clock_difference_ms",
            "the database's clock and this machine's do not agree: record times are this machine's",
            "let both follow the same time server");
    else
        good("clock_difference_ms");
}

void Judge::judge_postgresql() {
    judge_role();
    judge_writing();
    judge_acknowledging();
    judge_standbys();
    judge_clock();
}

void Judge::judge_file_system() {
    const std::string_view system = value("file_system");
    if (is_one_of(system, kNetworkFileSystems) || is_one_of(system, kNetworkFuse))
        add(Level::refuse, "network_file_system", "file_system",
            "locks and syncs over a network do not hold what SQLite needs: the file can be damaged",
            "put state.folder on a local disk, or use PostgreSQL");
    else if (system.starts_with("fuse"))
        add(by_profile(), "unknown_file_system", "file_system", "whether this file system keeps what was synced is not known",
            "put state.folder on a local disk");
    else if (system == "tmpfs" || system == "ramfs")
        add(by_profile(), "file_in_memory", "file_system", "the file is in memory: it is gone when the machine stops",
            "put state.folder on a disk");
    else
        good("file_system");
}

void Judge::judge_sqlite() {
    if (team_)
        add(Level::refuse, "one_machine", "engine", "SQLite is a file of one machine: when that is lost, acknowledged events are",
            "use PostgreSQL with a synchronous standby, or set store.profile to single");
    const std::string_view journal = value("journal_mode");
    if (journal == "off" || journal == "memory")
        add(Level::refuse, "no_journal", "journal_mode", "a crash can damage the file",
            "let Stemma open it for writing: it sets journal_mode=WAL");
    else if (journal != "wal" && !journal.empty())
        add(Level::warning, "journal_not_wal", "journal_mode", "readers wait for the writer",
            "let Stemma open it for writing: it sets journal_mode=WAL");
    else
        good("journal_mode");
    const std::string_view synchronous = value("synchronous");
    if (synchronous == "0" || synchronous == "1")
        add(Level::refuse, "commit_before_disk", "synchronous", "a commit is answered before it is on the disk: a power failure loses it",
            "nothing else may open the file with another setting");
    else
        good("synchronous");
    judge_file_system();
}

std::string brief(const DurabilityFinding& finding) { return fmt::format("{} ({})", finding.id, finding.setting); }

}  // namespace

std::string_view to_string(StoreProfile profile) noexcept { return profile == StoreProfile::team ? "team" : "single"; }

std::vector<DurabilityFinding> judge_durability(const StoreSettings& settings, StoreProfile profile) {
    Judge judge{settings, profile};
    const auto engine = settings.find("engine");
    if (engine != settings.end() && engine->second == "postgresql") judge.judge_postgresql();
    if (engine != settings.end() && engine->second == "sqlite") judge.judge_sqlite();
    return judge.take();
}

Result<void> Durability::look(Store& store) {
    const auto settings = store.settings();
    if (!settings) return std::unexpected(settings.error());
    std::vector<DurabilityFinding> now = judge_durability(*settings, profile_);
    std::string refused;
    std::string hint;
    {
        const std::lock_guard lock{mutex_};
        findings_.swap(now);  // `now` are those of the last look
        for (const DurabilityFinding& finding : findings_) {
            if (finding.level == Level::ok) continue;
            if (finding.level == Level::refuse) {
                refused += (refused.empty() ? "" : "; ") + fmt::format("{}: {}", brief(finding), finding.message);
                if (hint.empty()) hint = finding.hint;
            }
            if (std::ranges::find(now, brief(finding), brief) == now.end())
                log::warn("STORE_NOT_DURABLE", fmt::format("{}: {}; {}", brief(finding), finding.message, finding.hint));
        }
    }
    if (refused.empty()) return {};
    return fail(Errc::config, fmt::format("the store does not keep what profile '{}' promises: {}", to_string(profile_), refused), "store",
                hint);
}

std::vector<DurabilityFinding> Durability::findings() const {
    const std::lock_guard lock{mutex_};
    return findings_;
}

std::string Durability::text() const {
    const std::lock_guard lock{mutex_};
    std::string text;
    for (const DurabilityFinding& finding : findings_)
        if (finding.level != Level::ok)
            text +=
                (text.empty() ? "" : "; ") + fmt::format("{}: {}", finding.level == Level::refuse ? "refused" : "warning", brief(finding));
    return text.empty() ? "ok" : text;
}

std::size_t Durability::count(Level level) const {
    const std::lock_guard lock{mutex_};
    return static_cast<std::size_t>(std::ranges::count(findings_, level, &DurabilityFinding::level));
}

}  // namespace stemma::engine
