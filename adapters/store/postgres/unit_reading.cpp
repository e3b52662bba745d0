// What a unit of work reads: frequent questions are answered from what waits, or from the table where nothing that waits can matter; before
// all others it is written.
#include <algorithm>
#include <functional>

#include "adapters/store/postgres/unit_of_work.hpp"
#include "core/base/text.hpp"

namespace stemma::store::postgres {

Result<std::vector<StoredEntry>> Work::entries(Sequence first, std::uint64_t count) {
    if (auto done = settle_up_to(first, count); !done) return fail(std::move(done));
    return Base::entries(first, count);
}

Result<void> Work::visit_entries(Sequence first, std::uint64_t count, const EntryVisitor& visit) {
    if (auto done = settle_up_to(first, count); !done) return done;
    return Base::visit_entries(first, count, visit);
}

Result<std::vector<StoredEntry>> Work::entries_at(const std::vector<Sequence>& sequences) {
    const bool all_written = std::ranges::all_of(sequences, [&](Sequence sequence) { return sequence < written_; });
    if (!all_written)
        if (auto done = settle(); !done) return fail(std::move(done));
    return Base::entries_at(sequences);
}

Result<std::vector<std::string>> Work::leaf_hashes(Sequence first, std::uint64_t count) {
    if (auto done = settle_up_to(first, count); !done) return fail(std::move(done));
    return Base::leaf_hashes(first, count);
}

Result<std::optional<StoredCheckpoint>> Work::latest_checkpoint() {
    return settled([&] { return Base::latest_checkpoint(); });
}

Result<std::vector<StoredCheckpoint>> Work::checkpoints(std::uint64_t size_from, std::uint64_t count) {
    return settled([&] { return Base::checkpoints(size_from, count); });
}

Result<std::optional<SubjectRow>> Work::subject(const std::string& id) {
    return settled([&] { return Base::subject(id); });
}

Result<void> Work::visit_masters(std::span<const std::string* const> ids, const PlacedEntryVisitor& visit) {
    const bool waits =
        std::ranges::any_of(ids, [&](const std::string* id) { return masters_waiting_.contains(std::hash<std::string>{}(*id)); });
    if (waits)
        if (auto done = settle(); !done) return done;
    return Base::visit_masters(ids, visit);
}

Result<std::vector<Sequence>> Work::subject_entries(const std::string& id, Sequence before, std::uint64_t limit) {
    return settled([&] { return Base::subject_entries(id, before, limit); });
}

Result<std::vector<Sequence>> Work::subject_entries_from(const std::string& id, Sequence from, Sequence before) {
    return settled([&] { return Base::subject_entries_from(id, from, before); });
}

Result<std::vector<SubjectRow>> Work::subjects(Subject::Kind kind, std::uint64_t after, std::uint64_t limit) {
    return settled([&] { return Base::subjects(kind, after, limit); });
}

Result<std::vector<IdentifierRow>> Work::find_identifiers(const std::string& form, bool prefix, std::uint64_t limit) {
    return settled([&] { return Base::find_identifiers(form, prefix, limit); });
}

/// From what waits, else from the table unless the name is surely in none.
Result<std::optional<EventRow>> Work::known_event(const std::string& uri, std::uint64_t hash) {
    if (const auto ref = names_.find(uri, hash)) {
        if (names_.at(*ref).event) return EventRow{*names_.at(*ref).event, std::nullopt};
        if (names_.at(*ref).surely_new) return std::nullopt;
    } else if (turn_->surely_new(hash)) {
        return std::nullopt;
    }
    const auto all_read = turn_->count_look_up();
    if (!all_read) {
        broken_ = true;
        return std::unexpected(all_read.error());
    }
    if (*all_read)
        for (std::size_t place = 0; place < names_.size(); ++place) turn_->met(names_[place].hash);
    auto found = Base::event(EventId{uri});
    if (!found) broken_ = true;
    return found;
}

Result<std::optional<EventRow>> Work::event(const EventId& id) {
    auto found = known_event(id.str(), BatchNames::hash_of(id.str()));
    if (!found) return found;
    if (!*found) {
        absent_event_ = id.str();
        return found;
    }
    for (const Batch* batch : {&earlier_, &part_})
        if (const auto voided = batch->voids.find(id.str()); voided != batch->voids.end() && !(*found)->voided_by)
            (*found)->voided_by = static_cast<Sequence>(voided->second);
    return found;
}

Result<std::optional<SourceRowState>> Work::source_row(const std::string& source, const std::string& query, const std::string& key) {
    const std::string joined = joined_key({source, query, key});
    for (const Batch* batch : {&part_, &earlier_})
        if (const auto found = batch->sources.find(joined); found != batch->sources.end()) return found->second.state;
    return Base::source_row(source, query, key);
}

Result<std::vector<std::string>> Work::source_keys(const std::string& source, const std::string& query, const std::string& after,
                                                   std::uint64_t limit) {
    return settled([&] { return Base::source_keys(source, query, after, limit); });
}

Result<std::optional<CommandRow>> Work::command(const std::string& key) {
    for (const Batch* batch : {&part_, &earlier_})
        if (const auto found = batch->commands.find(key); found != batch->commands.end()) return found->second;
    if (const auto read = commands_read_.find(key); read != commands_read_.end()) return read->second;
    auto found = Base::command(key);
    if (found) commands_read_.emplace(key, *found);
    return found;
}

Result<std::optional<CaseState>> Work::case_state(const CaseId& id) {
    return settled([&] { return Base::case_state(id); });
}

Result<std::vector<CaseState>> Work::cases(const std::string& workflow, std::uint64_t limit) {
    return settled([&] { return Base::cases(workflow, limit); });
}

Result<Digest> Work::read_model_digest() {
    return settled([&] { return Base::read_model_digest(); });
}

Result<std::optional<Person>> Work::person(const PartyId& party) {
    for (const Batch* batch : {&part_, &earlier_})
        if (const auto found = batch->persons.find(party.str()); found != batch->persons.end()) return found->second;
    return Base::person(party);
}

Result<std::vector<Person>> Work::persons(const std::string& after, std::uint64_t limit) {
    return settled([&] { return Base::persons(after, limit); });
}

Result<std::vector<SourceState>> Work::source_states() {
    return settled([&] { return Base::source_states(); });
}

Result<std::vector<RejectRow>> Work::rejects(const std::string& source, std::uint64_t limit) {
    return settled([&] { return Base::rejects(source, limit); });
}

Result<std::vector<AccessRow>> Work::access_rows() {
    return settled([&] { return Base::access_rows(); });
}

}  // namespace stemma::store::postgres
