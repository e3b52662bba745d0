#include "adapters/store/settings/engine_settings.hpp"

#include <fmt/format.h>
#include <sys/statfs.h>

#include <chrono>
#include <cstdint>
#include <fstream>
#include <sstream>

namespace stemma::store {
namespace {

namespace fs = std::filesystem;

constexpr sql::Query kSettings{"store.settings",
                               "SELECT name, setting FROM pg_catalog.pg_settings WHERE name IN ('fsync', 'full_page_writes', "
                               "'synchronous_commit', 'synchronous_standby_names', 'data_checksums', 'wal_level', "
                               "'default_transaction_read_only', 'server_version') UNION ALL "
                               "SELECT 'in_recovery', CASE WHEN pg_catalog.pg_is_in_recovery() THEN 'on' ELSE 'off' END"};
/// Without the right to see others' sessions the columns are NULL, and nothing can be said.
constexpr sql::Query kStandbys{
    "store.standbys",
    "SELECT CASE WHEN count(*) = count(sync_state) THEN count(*) FILTER (WHERE sync_state IN ('sync', 'quorum')) "
    "END FROM pg_catalog.pg_stat_replication"};
constexpr sql::Query kClock{"store.clock", "SELECT CAST(extract(epoch FROM pg_catalog.clock_timestamp()) * 1000 AS BIGINT)"};
constexpr sql::Query kJournal{"store.journal", "PRAGMA journal_mode"};
constexpr sql::Query kSynchronous{"store.synchronous", "PRAGMA synchronous"};

std::int64_t now_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// A mount point as /proc/self/mountinfo writes it: blanks and backslashes in octal.
std::string unescaped(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 3 < text.size()) {
            out += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
            i += 3;
        } else {
            out += text[i];
        }
    }
    return out;
}

/// The type of the mount that holds `path`: the last one of the longest point above it (proc(5), section mountinfo).
std::string mounted_type(const fs::path& path) {
    std::ifstream mounts{"/proc/self/mountinfo"};
    std::string found;
    std::size_t longest = 0;
    for (std::string line; std::getline(mounts, line);) {
        const std::size_t dash = line.find(" - ");
        if (dash == std::string::npos) continue;
        std::istringstream head{line.substr(0, dash)};
        std::string word;
        std::string point;
        for (int i = 0; i < 5 && head >> word; ++i) point = word;
        point = unescaped(point);
        const bool above = point == "/" || path.string() == point || path.string().starts_with(point + "/");
        if (!above || point.size() < longest) continue;
        longest = point.size();
        found = line.substr(dash + 3, line.find(' ', dash + 3) - dash - 3);
    }
    return found;
}

/// Of those that must not be met, by their numbers (statfs(2)).
std::string numbered_type(const fs::path& path) {
    struct statfs said {};
    if (statfs(path.c_str(), &said) != 0) return "unknown";
    switch (static_cast<std::uint32_t>(said.f_type)) {
        case 0x6969: return "nfs";
        case 0xFF534D42: return "cifs";
        case 0x517B: return "smb";
        case 0xFE534D42: return "smb2";
        case 0x01021997: return "9p";
        case 0x5346414F: return "afs";
        case 0x00C36400: return "ceph";
        case 0x73757245: return "coda";
        case 0x65735546: return "fuse";
        case 0x01021994: return "tmpfs";
        case 0x858458F6: return "ramfs";
        default: return {};
    }
}

Result<std::string> text_of(sql::Session& session, const sql::Query& query) {
    auto found = session.first(query, {}, [](const sql::Row& row) { return std::string{row.text(0)}; });
    if (!found) return fail(std::move(found));
    return found->value_or("");
}

}  // namespace

std::string file_system_of(const fs::path& path) {
    std::error_code ignored;
    const fs::path real = fs::weakly_canonical(path, ignored);
    std::string number = numbered_type(real);
    if (!number.empty() && number != "fuse") return number;
    std::string mounted = mounted_type(real);
    if (!mounted.empty()) return mounted;
    return number.empty() ? std::string{"unknown"} : number;
}

Result<StoreSettings> postgresql_settings(sql::Session& session) {
    StoreSettings settings{{"engine", "postgresql"}};
    const auto read = session.each(kSettings, {}, [&](const sql::Row& row) { settings.emplace(row.text(0), row.text(1)); });
    if (!read) return std::unexpected(read.error());
    const auto standbys = text_of(session, kStandbys);
    if (!standbys) return std::unexpected(standbys.error());
    if (!standbys->empty()) settings["synchronous_standbys_now"] = *standbys;
    const std::int64_t before = now_ms();
    const auto clock = session.first(kClock, {}, [](const sql::Row& row) { return row.integer(0); });
    const std::int64_t after = now_ms();
    if (!clock) return std::unexpected(clock.error());
    settings["clock_difference_ms"] = fmt::format("{}", clock->value_or(0) - (before + after) / 2);
    return settings;
}

Result<StoreSettings> sqlite_settings(sql::Session& session, const fs::path& file) {
    const auto journal = text_of(session, kJournal);
    if (!journal) return std::unexpected(journal.error());
    const auto synchronous = text_of(session, kSynchronous);
    if (!synchronous) return std::unexpected(synchronous.error());
    return StoreSettings{{"engine", "sqlite"},
                         {"journal_mode", *journal},
                         {"synchronous", *synchronous},
                         {"file_system", file_system_of(file.parent_path().empty() ? fs::path{"."} : file.parent_path())}};
}

}  // namespace stemma::store
