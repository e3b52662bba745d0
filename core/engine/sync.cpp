#include "core/engine/sync.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <map>

#include "core/base/log.hpp"
#include "core/base/random.hpp"
#include "core/base/text.hpp"
#include "core/engine/capture.hpp"
#include "core/engine/judge.hpp"
#include "core/engine/stored.hpp"
#include "core/engine/sync_pass.hpp"

namespace stemma::engine {
namespace {

constexpr std::size_t kUnmetPage = 1000;  ///< rows read at once by their keys

void add_to(SyncCounts& sum, const SyncCounts& part) {
    sum.rows += part.rows;
    sum.added += part.added;
    sum.changed += part.changed;
    sum.vanished += part.vanished;
    sum.unchanged += part.unchanged;
    sum.rejected += part.rejected;
    sum.findings += part.findings;
    sum.future += part.future;
    sum.keys += part.keys;
    sum.newest = std::max(sum.newest, part.newest);
}

/// What a mapping that does not fit lacks, in one sentence.
std::string misfit_of(const SourceReport& report) {
    std::vector<std::string> missing;
    for (const SourceFinding& finding : report.findings)
        if (finding.level == SourceFinding::Level::error) missing.push_back(finding.subject + ": " + finding.message);
    return fmt::format("mapping {} does not fit: {}{}{}", report.mapping, fmt::join(missing, "; "), report.nearest.empty() ? "" : ". ",
                       report.nearest);
}

const Party* party_of(const SourceRecord& record) {
    const Master* master = std::get_if<Master>(&record.record);
    return master != nullptr ? std::get_if<Party>(master) : nullptr;
}

/// Whether the redactable table says of a party what the row says. The ledger's digest of a row leaves names out, so they are compared
/// here.
Result<bool> same_contact(UnitOfWork& unit, const SourceRecord& record) {
    const Party* party = party_of(record);
    if (party == nullptr) return true;
    const auto person = unit.person(party->id);
    if (!person) return std::unexpected(person.error());
    if (!*person || !record.contact) return !*person && !record.contact;
    return (*person)->name == record.contact->name && (*person)->contact == record.contact->contact;
}

/// Name and contact go to the redactable table; the ledger keeps a salted digest that proves which name was meant. Where the ERP has no
/// name any more, Stemma keeps none.
Result<void> keep_contact(UnitOfWork& unit, Party& party, const std::optional<SourceContact>& contact) {
    if (!contact) return unit.redact_person(party.id);
    Person person{party.id, contact->name, contact->contact, to_hex(random_bytes(16))};
    party.contact_digest = to_hex(sha256({person.salt, "\n", person.name, "\n", person.contact}));
    return unit.put_person(person);
}

/// Whether what the row said before still stands: it was recorded and has not vanished since.
bool is_standing(const std::optional<SourceRowState>& known) { return known && !known->row.digest.empty(); }

std::uint32_t next_version(const std::optional<SourceRowState>& known) { return known ? known->version + 1 : 1; }

Entry entry_of(const std::string& actor, const std::string& source, const SourceRecord& record, EntryBody body, Instant at) {
    Entry entry;
    entry.recorded_at = at;
    entry.actor = actor;
    entry.source = SourceRow{source, record.query, record.key, record.digest};
    entry.body = std::move(body);
    return entry;
}

}  // namespace

void add_to(SourceCost& sum, const SourceCost& part) {
    sum.statements += part.statements;
    sum.longest_us = std::max(sum.longest_us, part.longest_us);
    sum.waited_us += part.waited_us;
    sum.rows += part.rows;
    sum.bytes += part.bytes;
}

Syncing::Syncing(Store& store, Appender& appender, const PluginCatalog& plugins, const Clock& clock, const Limits& limits)
    : store_{store}, appender_{appender}, plugins_{plugins}, clock_{clock}, limits_{limits} {}

Result<SyncReport> Syncing::run(ErpSource& source, const SyncOrder& order, const SyncProgress& progress,
                                const std::function<bool()>& stop) {
    const auto began = std::chrono::steady_clock::now();
    Pass pass;
    pass.source = source.name();
    pass.actor = "erp:" + source.name();
    pass.plugins = plugins_.current();
    pass.accept_vanished = order.accept_vanished;
    pass.stop = stop;
    pass.report.source = source.name();
    const auto report = source.fit();
    if (!report) return std::unexpected(report.error());
    pass.report.paused = report->fits ? "" : misfit_of(*report);
    if (auto ok = pause(source.name(), pass.report.paused); !ok) return fail(std::move(ok));
    if (!report->fits) return pass.report;
    const auto whole = whole_state(source.name());
    if (!whole) return std::unexpected(whole.error());
    const SyncReach reach = whole->cursor == kFullReadingDue ? SyncReach::all : order.reach;
    if (auto ok = meet_all(); !ok) return fail(std::move(ok));
    auto cursors = cursors_of(source.name(), reach == SyncReach::all);
    if (!cursors) return std::unexpected(cursors.error());
    ReadPlan plan{*std::move(cursors)};
    plan.sweep = reach == SyncReach::keys;
    auto complete = read(pass, source, plan, progress, stop);
    while (complete && *complete && !pass.unmet.empty()) complete = read_unmet(pass, source, progress, stop);
    if (!complete) return std::unexpected(complete.error());
    if (auto ok = count_conflicts(stop); !ok) return fail(std::move(ok));
    pass.report.complete = *complete;
    pass.report.full = plan.cursors.empty();
    pass.report.keys = pass.report.full || plan.sweep;
    pass.report.took_us = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - began).count();
    if (pass.report.complete && pass.report.full)
        if (auto ok = keep_full_reading(source.name()); !ok) return fail(std::move(ok));
    return pass.report;
}

Result<bool> Syncing::read(Pass& pass, ErpSource& source, const ReadPlan& plan, const SyncProgress& progress,
                           const std::function<bool()>& stop) {
    const auto reading = source.read(plan);
    if (!reading) return std::unexpected(reading.error());
    while (!stop()) {
        const auto batch = (*reading)->next();
        if (!batch && batch.error().code == Errc::config) {
            pass.report.paused = batch.error().message;
            if (auto ok = pause(source.name(), pass.report.paused); !ok) return fail(std::move(ok));
            return false;
        }
        if (!batch) return std::unexpected(batch.error());
        if (!*batch) {
            add_to(pass.report.cost, (*reading)->cost());
            return true;
        }
        if (auto ok = store_batch(pass, **batch); !ok) return fail(std::move(ok));
        progress(pass.query, pass.counts);
        if ((*batch)->last_of_query) end_query(pass);
    }
    return false;
}

/// Rows that are there and that no reading has met, some of them: they were committed later than the overlap goes back.
Result<bool> Syncing::read_unmet(Pass& pass, ErpSource& source, const SyncProgress& progress, const std::function<bool()>& stop) {
    auto cursors = cursors_of(source.name(), false);
    if (!cursors) return std::unexpected(cursors.error());
    ReadPlan plan{*std::move(cursors)};
    const auto query = pass.unmet.begin();
    const std::size_t left = query->second.size() - std::min(query->second.size(), kUnmetPage);
    plan.rows[query->first].assign(query->second.begin() + static_cast<std::ptrdiff_t>(left), query->second.end());
    query->second.resize(left);
    if (left == 0) pass.unmet.erase(query);
    return read(pass, source, plan, progress, stop);
}

void Syncing::end_query(Pass& pass) {
    if (pass.counts.future != 0)
        log::warn("ERP_EVENT_IN_FUTURE",
                  fmt::format("{}: {} of {} rows of {} are dated ahead of this computer's clock; they are recorded as the ERP has them",
                              pass.source, pass.counts.future, pass.counts.rows, pass.query));
    const auto known = std::ranges::find(pass.report.queries, pass.query, &std::pair<std::string, SyncCounts>::first);
    if (known != pass.report.queries.end())
        add_to(known->second, pass.counts);
    else
        pass.report.queries.emplace_back(pass.query, pass.counts);
    add_to(pass.report.sum, pass.counts);
    pass.query.clear();
}

/// What the settings make one may have changed while Stemma did not run.
Result<void> Syncing::meet_all() {
    const std::lock_guard lock{met_all_mutex_};
    if (meetings_ == nullptr || !meetings_->is_wanted() || met_all_) return {};
    auto met = appender_.run([&](Appending& tx) { return meetings_->look_at_all(tx, "system"); });
    met_all_ = met.has_value();
    return met;
}

/// For the figures that are asked for every few seconds; only when master data came in.
Result<void> Syncing::count_conflicts(const std::function<bool()>& stop) {
    if (meetings_ == nullptr || !meetings_->take_changed()) return {};
    const auto snapshot = store_.read();
    if (!snapshot) return std::unexpected(snapshot.error());
    const auto conflicts = meetings_->conflicts(**snapshot, stop);
    return conflicts ? Result<void>{} : std::unexpected(conflicts.error());
}

Result<std::map<std::string, std::string>> Syncing::cursors_of(const std::string& source, bool full) {
    std::map<std::string, std::string> cursors;
    if (full) return cursors;
    const auto snapshot = store_.read();
    if (!snapshot) return std::unexpected(snapshot.error());
    const auto states = (*snapshot)->source_states();
    if (!states) return std::unexpected(states.error());
    for (const SourceState& state : *states)
        if (state.source == source && is_query(state)) cursors[state.query] = state.cursor;
    return cursors;
}

/// The state of the source as a whole, as stored.
Result<SourceState> Syncing::whole_state(const std::string& source) {
    const auto snapshot = store_.read();
    if (!snapshot) return std::unexpected(snapshot.error());
    const auto states = (*snapshot)->source_states();
    if (!states) return std::unexpected(states.error());
    const auto known = std::ranges::find_if(*states, [&](const SourceState& s) { return s.source == source && s.query.empty(); });
    return known != states->end() ? *known : SourceState{source, "", "", "", {}, 0};
}

/// Writes only when it changes something: a source that is asked every minute must not write every minute. After a pause everything is
/// read: the schema was another one, and rows may have been written anew without a trace.
Result<void> Syncing::pause(const std::string& source, const std::string& why) {
    auto state = whole_state(source);
    if (!state) return std::unexpected(state.error());
    if (state->paused == why) return {};
    if (why.empty())
        log::info("ERP_MAPPING_RESUMED", source);
    else
        log::warn("ERP_MAPPING_PAUSED", fmt::format("{}: {}", source, why));
    if (why.empty()) state->cursor = kFullReadingDue;
    state->paused = why;
    state->read_at = clock_.now();
    return appender_.run([&](Appending& tx) { return tx.unit().put_source_state(*state); });
}

/// A full reading came to its end: the next one is due a day later, also when the daemon was started anew in between.
Result<void> Syncing::keep_full_reading(const std::string& source) {
    auto state = whole_state(source);
    if (!state) return std::unexpected(state.error());
    state->read_at = clock_.now();
    state->cursor = format_instant(state->read_at);
    return appender_.run([&](Appending& tx) { return tx.unit().put_source_state(*state); });
}

Result<void> Syncing::remember(const std::string& source, const std::string& error, bool good) {
    SourceState newest{source, kNewestSync, "", error, clock_.now(), 0};
    bool told = false;
    {
        const auto snapshot = store_.read();
        if (!snapshot) return std::unexpected(snapshot.error());
        const auto states = (*snapshot)->source_states();
        if (!states) return std::unexpected(states.error());
        for (const SourceState& state : *states)
            if (state.source == source && state.query == kNewestSync) {
                newest.cursor = state.cursor;
                told = state.paused == error;
            }
    }
    if (told && !good) return {};  // a day without the ERP is not a day of writing it
    if (good) newest.cursor = format_instant(newest.read_at);
    return appender_.run([&](Appending& tx) { return tx.unit().put_source_state(newest); });
}

Result<std::map<std::string, SourceMemory>> Syncing::memories() {
    const auto snapshot = store_.read();
    if (!snapshot) return std::unexpected(snapshot.error());
    return source_memories(**snapshot);
}

Result<void> Syncing::begin_query(Pass& pass, const std::string& query) {
    pass.query = query;
    pass.counts = {};
    pass.met.clear();
    pass.known.clear();
    pass.sweeping = false;
    pass.rejected.clear();
    const auto snapshot = store_.read();
    if (!snapshot) return std::unexpected(snapshot.error());
    const auto rejects = (*snapshot)->rejects(pass.source, std::numeric_limits<std::int64_t>::max());
    if (!rejects) return std::unexpected(rejects.error());
    for (const RejectRow& reject : *rejects)
        if (reject.query == query) pass.rejected.insert(reject.key);
    return {};
}

Result<void> Syncing::store_batch(Pass& pass, const SourceBatch& batch) {
    if (pass.query != batch.query) {
        if (auto ok = begin_query(pass, batch.query); !ok) return ok;
    }
    if (batch.sweep) return store_keys(pass, batch);
    const Instant at = appender_.entry_time();
    auto drafts = prepare(pass, batch, at);
    if (!drafts) return std::unexpected(drafts.error());
    std::vector<bool> again(batch.records.size());
    for (std::size_t i = 0; i < again.size(); ++i) again[i] = !pass.met.insert(batch.records[i].key);
    for (const SourceReject& reject : batch.rejects) pass.met.insert(reject.key);
    SyncCounts counts = pass.counts;
    const Result<void> stored = appender_.run(
        [&](Appending& tx) -> Result<void> {
            counts = pass.counts;
            counts.rows += batch.rows;
            if (meetings_ != nullptr) meetings_->begin();
            for (std::size_t i = 0; i < batch.records.size(); ++i)
                if (auto ok = store_record(tx, pass, {batch.records[i], again[i]}, std::move((*drafts)[i]), counts); !ok) return ok;
            if (meetings_ != nullptr)
                if (auto met = meetings_->finish(tx, pass.actor); !met) return met;
            for (const SourceReject& reject : batch.rejects) {
                ++counts.rejected;
                if (auto ok = tx.unit().put_reject({pass.source, reject.query, reject.key, reject.table, reject.reason, tx.recorded_at()});
                    !ok)
                    return ok;
            }
            return tx.unit().put_source_state({pass.source, batch.query, batch.cursor, "", clock_.now(), counts.rows});
        },
        Demand{.records = batch.records.size(), .entered_at = at});
    if (!stored) return stored;
    pass.counts = counts;
    pass.counts.newest = std::max(pass.counts.newest, batch.newest);
    return batch.full && batch.last_of_query ? sweep_vanished(pass, batch) : Result<void>{};
}

/// What a row says, checked for its form. `known` is the row as it was recorded before.
Result<EntryBody> Syncing::body_of(const SourceRecord& record, const std::optional<SourceRowState>& known, Instant at) const {
    if (const Master* master = std::get_if<Master>(&record.record)) {
        if (auto ok = check_master(*master, limits_); !ok) return fail(std::move(ok));
        return *master;
    }
    Event event = std::get<Event>(record.record);
    if (known) event.id = EventId{fmt::format("{}/{}", event.id.str(), known->version + 1)};
    EventLimits limits = limits_.event;
    limits.future_us_max = kNoFutureLimit;
    if (auto ok = check_event(event, at, limits); !ok) return fail(std::move(ok));
    return event;
}

/// Entries for the rows that were never seen. None for one that cannot be recorded, which is told at its turn, nor for a party: the digest
/// of its name is salted then.
Result<std::vector<std::optional<Draft>>> Syncing::prepare(const Pass& pass, const SourceBatch& batch, Instant at) {
    const auto snapshot = store_.read();
    if (!snapshot) return std::unexpected(snapshot.error());
    std::vector<std::optional<Draft>> drafts(batch.records.size());
    for (std::size_t i = 0; i < drafts.size(); ++i) {
        const SourceRecord& record = batch.records[i];
        if (party_of(record) != nullptr) continue;
        const auto known = (*snapshot)->source_row(pass.source, record.query, record.key);
        if (!known) return std::unexpected(known.error());
        if (*known) continue;
        if (auto body = body_of(record, std::nullopt, at))
            drafts[i] = make_draft(entry_of(pass.actor, pass.source, record, *std::move(body), at));
    }
    return drafts;
}

Result<void> Syncing::store_record(Appending& tx, const Pass& pass, const RecordMet& met, std::optional<Draft> draft, SyncCounts& counts) {
    const SourceRecord& record = met.record;
    const auto known = tx.unit().source_row(pass.source, record.query, record.key);
    if (!known) return std::unexpected(known.error());
    if (pass.rejected.contains(record.key))
        if (auto ok = tx.unit().clear_reject(pass.source, record.query, record.key); !ok) return ok;
    const auto same = same_contact(tx.unit(), record);
    if (!same) return std::unexpected(same.error());
    if (*same && *known && (*known)->row.digest == record.digest) {
        ++counts.unchanged;
        return {};
    }
    if (met.again)
        return reject(tx, pass.source, record,
                      Error{Errc::conflict,
                            fmt::format("two rows of query {} have the key '{}'", record.query, record.key),
                            {},
                            "the first one is recorded; the mapping's key must tell rows apart"},
                      counts);
    if (!draft || *known) {
        auto body = body_of(record, *known, tx.recorded_at());
        if (!body) return reject(tx, pass.source, record, body.error(), counts);
        if (party_of(record) != nullptr)
            if (auto ok = keep_contact(tx.unit(), std::get<Party>(std::get<Master>(*body)), record.contact); !ok) return ok;
        draft = make_draft(entry_of(pass.actor, pass.source, record, *std::move(body), tx.recorded_at()));
    }
    if (std::holds_alternative<Event>(record.record)) return store_event(tx, pass, record, *known, *std::move(draft), counts);
    return store_master(tx, pass, *known, *std::move(draft), counts);
}

Result<void> Syncing::store_event(Appending& tx, const Pass& pass, const SourceRecord& record, const std::optional<SourceRowState>& known,
                                  Draft draft, SyncCounts& counts) {
    const Event& event = std::get<Event>(draft.entry.body);
    const auto taken = tx.unit().event(event.id);
    if (!taken) return std::unexpected(taken.error());
    if (*taken)
        return reject(
            tx, pass.source, record,
            Error{Errc::conflict, fmt::format("the event id {} is already recorded, in entry {}", event.id.str(), (*taken)->sequence),
                  "/eventID", "two rows or queries give the same id; look at the mapping"},
            counts);
    if (is_standing(known))
        if (auto ok = declare_wrong(tx, pass, *known, "incorrect_data", event.id, false); !ok) return ok;
    ++(is_standing(known) ? counts.changed : counts.added);
    if (event.time.instant.us - tx.recorded_at().us > limits_.event.future_us_max) ++counts.future;
    FactReader reader = tx.facts(limits_);
    auto judgements = judge_event(*pass.plugins, event, Standing::observed, tx.recorded_at(), reader);
    if (!judgements) return std::unexpected(judgements.error());
    counts.findings += sum_of(*judgements).findings.size();
    const auto added = tx.add(std::move(draft), *std::move(judgements), next_version(known));
    return added ? Result<void>{} : std::unexpected(added.error());
}

Result<void> Syncing::store_master(Appending& tx, const Pass& pass, const std::optional<SourceRowState>& known, Draft draft,
                                   SyncCounts& counts) {
    ++(is_standing(known) ? counts.changed : counts.added);
    std::vector<Judgement> judgements;
    if (const Item* item = std::get_if<Item>(&std::get<Master>(draft.entry.body)))
        judgements = judge_identifiers(*pass.plugins, *item, Standing::observed, tx.position());
    counts.findings += sum_of(judgements).findings.size();
    if (meetings_ != nullptr)
        if (auto met = meetings_->meet(tx, pass.actor, std::get<Master>(draft.entry.body)); !met) return met;
    const auto added = tx.add(std::move(draft), std::move(judgements), next_version(known));
    return added ? Result<void>{} : std::unexpected(added.error());
}

/// The row stays as it was recorded before, if it was; a reading that meets it again tries it again.
Result<void> Syncing::reject(Appending& tx, const std::string& source, const SourceRecord& record, const Error& why, SyncCounts& counts) {
    ++counts.rejected;
    return tx.unit().put_reject({source, record.query, record.key, "", why.text(), tx.recorded_at()});
}

Result<void> Syncing::declare_wrong(Appending& tx, const Pass& pass, const SourceRowState& known, const char* reason,
                                    const EventId& corrective, bool vanished) {
    const auto rows = tx.unit().entries_at({known.sequence});
    if (!rows) return std::unexpected(rows.error());
    Result<Entry> old = decode_stored(rows->front());
    if (!old) return std::unexpected(old.error());
    const auto* said = std::get_if<Event>(&old->body);
    if (said == nullptr) return {};  // the mapping made a master record of this row once; those are not taken back
    Event event = *said;
    event.error = ErrorDeclaration{tx.recorded_at(), reason, {}};
    if (!corrective.empty()) event.error->corrective_events.push_back(corrective);
    Entry entry;
    entry.actor = pass.actor;
    if (vanished) {
        entry.source = known.row;
        entry.source->digest.clear();
    }
    entry.body = std::move(event);
    const auto added = tx.add(std::move(entry));
    return added ? Result<void>{} : std::unexpected(added.error());
}

}  // namespace stemma::engine
