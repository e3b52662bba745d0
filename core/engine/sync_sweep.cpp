// What is gone from a source, told by a full reading or by a sweep of the keys: its events are declared wrong, its master data is marked as
// gone, names are no longer kept. Page by page, each a unit of work. Where most of what is known seems gone, the address is more likely
// wrong than the goods: nothing is taken back until somebody says so.
#include <fmt/format.h>

#include <utility>

#include "core/engine/stored.hpp"
#include "core/engine/sync_pass.hpp"

namespace stemma::engine {
namespace {

constexpr std::uint64_t kSweepPage = 1000;      ///< recorded keys compared, and taken back, at a time
constexpr std::size_t kUnmetMax = 100'000;      ///< rows of a query that no reading has met, read after one sweep; more wait for the next
constexpr std::uint64_t kVanishedFew = 100;     ///< so many rows of a query may always vanish at once
constexpr std::uint64_t kVanishedPercent = 50;  ///< beyond these few, at most this share of the rows that are recorded

}  // namespace

/// Shows every key that is recorded of the query and not gone; `page` after each page of them.
template <class Each, class Page>
Result<void> Syncing::for_each_key(const Pass& pass, const std::string& query, Each each, Page page) {
    for (std::string after;;) {
        const auto snapshot = store_.read();
        if (!snapshot) return std::unexpected(snapshot.error());
        const auto keys = (*snapshot)->source_keys(pass.source, query, after, kSweepPage);
        if (!keys) return std::unexpected(keys.error());
        for (const std::string& key : *keys) each(key);
        if (auto done = page(); !done) return done;
        if (keys->size() < kSweepPage || pass.stop()) return {};
        after = keys->back();
    }
}

/// Part of a key sweep. Rejected rows that are still there stay rejected: they are not read again, nor is one without a key.
Result<void> Syncing::store_keys(Pass& pass, const SourceBatch& batch) {
    if (!std::exchange(pass.sweeping, true)) {
        pass.met.clear();
        const auto loaded = for_each_key(
            pass, batch.query, [&](const std::string& key) { pass.known.insert(key); }, [] { return Result<void>{}; });
        if (!loaded) return loaded;
    }
    pass.counts.keys += batch.keys.size();
    for (const std::string& key : batch.keys) {
        if (!pass.met.insert(key) || key.empty() || pass.known.contains(key) || pass.rejected.contains(key)) continue;
        if (std::vector<std::string>& unmet = pass.unmet[batch.query]; unmet.size() < kUnmetMax) unmet.push_back(key);
    }
    return batch.last_of_query ? sweep_vanished(pass, batch) : Result<void>{};
}

/// Counts what is gone. Errors: Errc::conflict where so much may not vanish; the message says how to let it.
Result<std::uint64_t> Syncing::count_gone(const Pass& pass, const SourceBatch& batch) {
    std::uint64_t known = 0;
    std::uint64_t gone = 0;
    const auto count = [&](const std::string& key) {
        ++known;
        if (!pass.met.contains(key)) ++gone;
    };
    if (auto counted = for_each_key(pass, batch.query, count, [] { return Result<void>{}; }); !counted)
        return std::unexpected(counted.error());
    if (gone <= kVanishedFew || gone * 100 <= known * kVanishedPercent || pass.accept_vanished || batch.rekeyed) return gone;
    return fail(Errc::conflict,
                fmt::format("{} of the {} rows recorded of query {} are gone from the source, more than {} %: nothing was taken back", gone,
                            known, batch.query, kVanishedPercent),
                {},
                fmt::format("see whether the address is right and the database whole; if the rows are gone: stemma erp sync {} --sweep "
                            "--accept-vanished",
                            pass.source));
}

Result<void> Syncing::sweep_vanished(Pass& pass, const SourceBatch& batch) {
    const auto counted = count_gone(pass, batch);
    if (!counted && counted.error().code == Errc::conflict) {
        if (pass.report.refused.empty()) pass.report.refused = counted.error().text();
        return {};
    }
    if (!counted) return std::unexpected(counted.error());
    if (pass.stop()) return {};  // perhaps not all were counted
    std::vector<std::string> gone;
    for (const std::string& key : pass.rejected)
        if (!pass.met.contains(key)) gone.push_back(key);
    if (!gone.empty()) {
        const auto cleared = appender_.run([&](Appending& tx) -> Result<void> {
            for (const std::string& key : gone)
                if (auto ok = tx.unit().clear_reject(pass.source, batch.query, key); !ok) return ok;
            return {};
        });
        if (!cleared) return cleared;
        gone.clear();
    }
    if (*counted == 0) return {};
    const auto note = [&](const std::string& key) {
        if (!pass.met.contains(key)) gone.push_back(key);
    };
    return for_each_key(pass, batch.query, note, [&] { return take_back(pass, batch.query, std::exchange(gone, {})); });
}

/// One page of rows that are gone.
Result<void> Syncing::take_back(Pass& pass, const std::string& query, const std::vector<std::string>& gone) {
    if (gone.empty()) return {};
    const auto taken = appender_.run(
        [&](Appending& tx) -> Result<void> {
            for (const std::string& key : gone) {
                const auto known = tx.unit().source_row(pass.source, query, key);
                if (!known) return std::unexpected(known.error());
                if (!*known) continue;
                auto ok = (*known)->event.empty() ? master_gone(tx, pass, **known)
                                                  : declare_wrong(tx, pass, **known, "did_not_occur", EventId{}, true);
                if (!ok) return ok;
            }
            return {};
        },
        Demand{.records = gone.size()});
    if (taken) pass.counts.vanished += gone.size();
    return taken;
}

/// Master data that vanished keeps its last record, since events still name it: an entry says it once more, as it stands now, and that the
/// row is gone. The name of a party that is gone is kept no longer.
Result<void> Syncing::master_gone(Appending& tx, const Pass& pass, const SourceRowState& known) {
    const auto entry_at = [&](Sequence sequence) -> Result<Entry> {
        const auto rows = tx.unit().entries_at({sequence});
        if (!rows) return std::unexpected(rows.error());
        return decode_stored(rows->front());
    };
    Result<Entry> said = entry_at(known.sequence);
    if (!said) return std::unexpected(said.error());
    const Master* master = std::get_if<Master>(&said->body);
    if (master == nullptr) return {};
    const auto subject = tx.unit().subject(id_of(*master));
    if (!subject) return std::unexpected(subject.error());
    if (*subject && (*subject)->master && *(*subject)->master != known.sequence) said = entry_at(*(*subject)->master);
    if (!said) return std::unexpected(said.error());
    Entry entry;
    entry.actor = pass.actor;
    entry.source = known.row;
    entry.source->digest.clear();
    entry.body = std::move(said->body);
    Master* stands = std::get_if<Master>(&entry.body);
    if (Party* party = stands != nullptr ? std::get_if<Party>(stands) : nullptr; party != nullptr) {
        party->contact_digest.clear();
        if (auto ok = tx.unit().redact_person(party->id); !ok) return ok;
    }
    const auto added = tx.add(std::move(entry));
    return added ? Result<void>{} : std::unexpected(added.error());
}

}  // namespace stemma::engine
