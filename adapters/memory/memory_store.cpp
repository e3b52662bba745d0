#include "adapters/memory/memory_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <semaphore>
#include <type_traits>
#include <utility>

#include "adapters/memory/state.hpp"

namespace stemma::memory {
namespace {

/// What snapshots see, and whose turn it is to write.
struct Shared {
    std::mutex mutex;
    std::shared_ptr<const State> current{std::make_shared<const State>()};
    std::binary_semaphore turn{1};

    struct GiveBack {
        void operator()(Shared* shared) const noexcept { shared->turn.release(); }
    };
    using Turn = std::unique_ptr<Shared, GiveBack>;

    [[nodiscard]] std::shared_ptr<const State> look() {
        const std::scoped_lock lock{mutex};
        return current;
    }
};

/// The reading half of the port over a state.
template <class Port, class StatePointer>
class Reading : public Port {
public:
    explicit Reading(StatePointer state) : state_{std::move(state)} {}

    Result<Sequence> size() override { return state_->entries.size(); }
    Result<std::vector<StoredEntry>> entries(Sequence first, std::uint64_t count) override {
        std::vector<StoredEntry> found;
        for (Sequence i = first; i < state_->entries.size() && found.size() < count; ++i) found.push_back(*state_->entries[i]);
        return found;
    }
    Result<std::vector<StoredEntry>> entries_at(const std::vector<Sequence>& sequences) override {
        std::vector<StoredEntry> found;
        for (const Sequence sequence : sequences) {
            if (sequence >= state_->entries.size()) return fail(Errc::not_found, fmt::format("the ledger has no entry {}", sequence));
            found.push_back(*state_->entries[sequence]);
        }
        return found;
    }
    Result<std::vector<std::string>> leaf_hashes(Sequence first, std::uint64_t count) override {
        std::vector<std::string> found;
        for (Sequence i = first; i < state_->entries.size() && found.size() < count; ++i) found.push_back(state_->entries[i]->leaf_hash);
        return found;
    }
    Result<std::optional<StoredCheckpoint>> latest_checkpoint() override {
        if (state_->checkpoints.empty()) return std::nullopt;
        const auto& [size, note] = *state_->checkpoints.rbegin();
        return StoredCheckpoint{size, note};
    }
    Result<std::vector<StoredCheckpoint>> checkpoints(std::uint64_t size_from, std::uint64_t count) override {
        std::vector<StoredCheckpoint> found;
        for (auto i = state_->checkpoints.lower_bound(size_from); i != state_->checkpoints.end() && found.size() < count; ++i)
            found.push_back({i->first, i->second});
        return found;
    }

    Result<std::optional<SubjectRow>> subject(const std::string& id) override {
        const auto found = state_->subjects.find(id);
        if (found == state_->subjects.end()) return std::nullopt;
        return SubjectRow{found->second.kind, id, found->second.master};
    }
    Result<std::vector<Sequence>> subject_entries(const std::string& id, Sequence before, std::uint64_t limit) override {
        std::vector<Sequence> newest;
        const auto found = state_->subjects.find(id);
        if (found == state_->subjects.end()) return newest;
        const auto& entries = found->second.entries;
        for (auto i = entries.lower_bound(before); i != entries.begin() && newest.size() < limit;) newest.push_back(*--i);
        std::ranges::reverse(newest);
        return newest;
    }
    Result<std::vector<Sequence>> subject_entries_from(const std::string& id, Sequence from, Sequence before) override {
        const auto found = state_->subjects.find(id);
        if (found == state_->subjects.end() || from >= before) return std::vector<Sequence>{};
        const auto& entries = found->second.entries;
        return std::vector<Sequence>(entries.lower_bound(from), entries.lower_bound(before));
    }
    Result<std::vector<SubjectRow>> subjects(Subject::Kind kind, std::uint64_t after, std::uint64_t limit) override {
        std::vector<SubjectRow> found;
        std::uint64_t passed = 0;
        for (const std::string& id : state_->subject_order) {
            const State::SubjectData& data = state_->subjects.at(id);
            if (data.kind != kind || passed++ < after) continue;
            if (found.size() == limit) break;
            found.push_back({data.kind, id, data.master});
        }
        return found;
    }
    Result<std::vector<IdentifierRow>> find_identifiers(const std::string& form, bool prefix, std::uint64_t limit) override {
        return state_->find_identifiers(form, prefix, limit);
    }
    Result<std::optional<EventRow>> event(const EventId& id) override { return look_up(state_->events, id.str()); }
    Result<std::optional<SourceRowState>> source_row(const std::string& source, const std::string& query, const std::string& key) override {
        return look_up(state_->source_rows, State::SourceKey{source, query, key});
    }
    Result<std::vector<std::string>> source_keys(const std::string& source, const std::string& query, const std::string& after,
                                                 std::uint64_t limit) override {
        std::vector<std::string> keys;
        for (auto i = state_->source_rows.upper_bound({source, query, after}); i != state_->source_rows.end() && keys.size() < limit; ++i) {
            const SourceRow& row = i->second.row;
            if (row.source != source || row.query != query) break;
            if (!row.digest.empty()) keys.push_back(row.key);
        }
        return keys;
    }
    Result<std::optional<CommandRow>> command(const std::string& key) override { return look_up(state_->commands, key); }
    Result<std::optional<CaseState>> case_state(const CaseId& id) override {
        const auto found = state_->cases.find(id.str());
        if (found == state_->cases.end()) return std::nullopt;
        return found->second.state;
    }
    Result<std::vector<CaseState>> cases(const std::string& workflow, std::uint64_t limit) override {
        std::vector<const State::CaseData*> found;
        for (const auto& [id, data] : state_->cases)
            if (workflow.empty() || data.state.workflow == workflow) found.push_back(&data);
        std::ranges::sort(found, [](const State::CaseData* a, const State::CaseData* b) {
            return a->sequence != b->sequence ? a->sequence > b->sequence : a->state.case_id < b->state.case_id;
        });
        std::vector<CaseState> states;
        for (std::size_t i = 0; i < found.size() && i < limit; ++i) states.push_back(found[i]->state);
        return states;
    }
    Result<Digest> read_model_digest() override { return state_->read_model_digest(); }

    Result<std::optional<Person>> person(const PartyId& party) override { return look_up(state_->persons, party.str()); }
    Result<std::vector<Person>> persons(const std::string& after, std::uint64_t limit) override {
        std::vector<Person> found;
        for (auto at = state_->persons.upper_bound(after); at != state_->persons.end() && found.size() < limit; ++at)
            found.push_back(at->second);
        return found;
    }
    Result<std::vector<SourceState>> source_states() override {
        std::vector<SourceState> states;
        for (const auto& [key, state] : state_->source_states) states.push_back(state);
        return states;
    }
    Result<std::vector<RejectRow>> rejects(const std::string& source, std::uint64_t limit) override {
        std::vector<RejectRow> found;
        for (const auto& [key, reject] : state_->rejects)
            if (found.size() < limit && (source.empty() || reject.source == source)) found.push_back(reject);
        return found;
    }
    Result<std::vector<AccessRow>> access_rows() override {
        std::vector<AccessRow> rows;
        for (const auto& [key, content] : state_->access) rows.push_back({key.first, key.second, content});
        return rows;
    }

protected:
    template <class Map>
    [[nodiscard]] static std::optional<typename Map::mapped_type> look_up(const Map& map, const typename Map::key_type& key) {
        const auto found = map.find(key);
        if (found == map.end()) return std::nullopt;
        return found->second;
    }

    StatePointer state_;
};

using Snapshot = Reading<ReadSnapshot, std::shared_ptr<const State>>;

class Work final : public Reading<UnitOfWork, std::shared_ptr<State>> {
public:
    explicit Work(Shared::Turn turn) : Reading{std::make_shared<State>(*turn->look())}, turn_{std::move(turn)} {}

    Result<void> append(const StoredEntry& entry) override {
        return change([&](State& state) -> Result<void> {
            const Sequence next = state.entries.size();
            if (entry.sequence != next)
                return fail(Errc::conflict, fmt::format("entry {} cannot be appended: the next one is {}", entry.sequence, next));
            state.entries.push_back(std::make_shared<const StoredEntry>(entry));
            return {};
        });
    }
    Result<void> apply(const ReadModelChange& what) override {
        return change([&](State& state) { return state.apply(what); });
    }
    Result<void> put_checkpoint(const StoredCheckpoint& checkpoint) override {
        return change([&](State& state) { state.checkpoints[checkpoint.size] = checkpoint.note; });
    }
    Result<void> put_person(const Person& person) override {
        return change([&](State& state) { state.persons[person.party.str()] = person; });
    }
    Result<void> redact_person(const PartyId& party) override {
        return change([&](State& state) { state.persons.erase(party.str()); });
    }
    Result<void> put_source_state(const SourceState& put) override {
        return change([&](State& state) { state.source_states[{put.source, put.query}] = put; });
    }
    Result<void> put_reject(const RejectRow& reject) override {
        return change([&](State& state) { state.rejects[{reject.source, reject.query, reject.key}] = reject; });
    }
    Result<void> clear_reject(const std::string& source, const std::string& query, const std::string& key) override {
        return change([&](State& state) { state.rejects.erase({source, query, key}); });
    }
    Result<void> put_access(const AccessRow& row) override {
        return change([&](State& state) { state.access[{row.kind, row.id}] = row.content; });
    }
    Result<void> remove_access(const std::string& kind, const std::string& id) override {
        return change([&](State& state) { state.access.erase({kind, id}); });
    }
    Result<void> drop_read_models() override {
        return change([](State& state) { state.drop_read_models(); });
    }
    Result<void> begin_part() override {
        if (over_) return std::unexpected(*over_);
        part_start_.reset();
        return {};
    }
    Result<void> undo_part() override {
        if (committed_) return std::unexpected(*over_);
        if (part_start_) *state_ = *std::exchange(part_start_, std::nullopt);
        over_.reset();
        return {};
    }
    Result<void> commit() override {
        if (over_) return std::unexpected(*over_);
        committed_ = true;
        over_ = Error{Errc::internal, "the unit of work has been committed already", {}, {}};
        const std::scoped_lock lock{turn_->mutex};
        turn_->current = state_;
        return {};
    }

private:
    /// Does one change, unless the unit of work is over. The first failure ends it: half of a change is never committed.
    template <class Act>
    [[nodiscard]] Result<void> change(Act&& act) {
        if (over_) return std::unexpected(*over_);
        if (!part_start_) part_start_ = *state_;
        if constexpr (std::is_void_v<std::invoke_result_t<Act&, State&>>) {
            act(*state_);
        } else if (auto done = act(*state_); !done) {
            over_ = done.error();
            return done;
        }
        return {};
    }

    Shared::Turn turn_;
    std::optional<State> part_start_;  ///< the state before the first change of this part
    std::optional<Error> over_;        ///< why nothing more can be done
    bool committed_{false};
};

class MemoryStore final : public Store {
public:
    explicit MemoryStore(std::chrono::milliseconds busy_timeout) : busy_timeout_{busy_timeout} {}

    Result<std::unique_ptr<UnitOfWork>> begin() override {
        if (!shared_.turn.try_acquire_for(busy_timeout_))
            return fail(Errc::unavailable, fmt::format("another writer held the store for {} ms", busy_timeout_.count()), {}, "try again");
        return std::make_unique<Work>(Shared::Turn{&shared_});
    }
    Result<std::unique_ptr<ReadSnapshot>> read() override { return std::make_unique<Snapshot>(shared_.look()); }
    Result<std::vector<std::string>> check_integrity() override { return std::vector<std::string>{}; }
    Result<std::string> describe() override { return "in memory, gone at the end"; }

private:
    std::chrono::milliseconds busy_timeout_;
    Shared shared_;
};

}  // namespace

std::unique_ptr<Store> make_store(std::chrono::milliseconds busy_timeout) { return std::make_unique<MemoryStore>(busy_timeout); }

}  // namespace stemma::memory
