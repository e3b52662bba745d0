#include "adapters/store/postgres/unit_of_work.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "adapters/store/tables/queries.hpp"
#include "core/base/text.hpp"

namespace stemma::store::postgres {
namespace {

std::size_t hash_of(const std::string& uri) { return std::hash<std::string>{}(uri); }

/// PostgreSQL keeps neither NUL nor what is no UTF-8 in a text, and a statement with one would fail all that waits.
Result<void> must_be_clean(std::initializer_list<std::string_view> texts, const char* query) {
    for (const std::string_view text : texts)
        if (!is_clean_utf8(text))
            return fail(Errc::invalid_input, "'" + clip(text) + "' is not well-formed UTF-8, or holds a NUL", std::string{"sql:"} + query);
    return {};
}

}  // namespace

Work::Work(Turn turn, sql::Transaction transaction, Sequence next)
    : Base{turn->session()},
      turn_{std::move(turn)},
      transaction_{std::move(transaction)},
      writer_{*turn_, names_},
      next_{next},
      written_{next},
      part_start_{next} {
    writer_.begin_at(next);
    turn_->subjects.begin_part();
}

Work::~Work() {
    if (committed_ || !wrote_) return;
    turn_->subjects.clear();
    if (dropped_) turn_->forget();
}

// --- parts ----------------------------------------------------------------------------------------------------------

Result<void> Work::run(const sql::Query& query) {
    auto done = turn_->session().execute_as_is(query);
    if (!done) broken_ = true;
    return done;
}

Result<void> Work::write_earlier() {
    if (earlier_.empty()) return {};
    auto done = writer_.write(earlier_, part_names_, next_);
    earlier_.clear();
    written_ = std::max(written_, part_start_);
    if (!done) broken_ = true;
    return done;
}

Result<void> Work::write_part() {
    if (part_.empty()) return {};
    auto done = writer_.write(part_, names_.size(), next_);
    part_.clear();
    written_ = next_;
    if (!done) broken_ = true;
    return done;
}

/// What earlier parts wrote stands before it, so that it stays when this part is taken back.
Result<void> Work::open_savepoint() {
    if (savepoint_) return {};
    if (auto done = write_earlier(); !done) return done;
    if (auto done = run(q::part_begin); !done) return done;
    savepoint_ = true;
    part_written_ = written_;
    part_subject_ = turn_->next_subject;
    turn_->subjects.begin_part();
    return {};
}

void Work::forget_names() {
    names_.clear();
    writer_.names_cleared();
    part_names_ = 0;
    masters_waiting_.clear();
    commands_read_.clear();
}

/// Puts into the tables all that waits.
Result<void> Work::settle() {
    if (over_) return std::unexpected(*over_);
    if (earlier_.empty() && part_.empty()) return {};
    auto done = part_.empty() ? write_earlier() : open_savepoint();
    if (done) done = write_part();
    if (done)
        forget_names();
    else
        over_ = done.error();
    return done;
}

Result<void> Work::settle_up_to(Sequence first, std::uint64_t count) {
    if (count <= written_ && first <= written_ - count) return {};
    return settle();
}

Result<void> Work::begin_part() {
    if (over_) return std::unexpected(*over_);
    Result<void> done;
    if (std::exchange(savepoint_, false)) done = run(q::part_end);
    earlier_.add(std::move(part_));
    part_names_ = names_.size();
    part_start_ = next_;
    dropped_ = false;
    if (done && earlier_.rows() + earlier_.bytes / kBytesPerRow >= kRowsMax) {
        done = write_earlier();
        if (done) forget_names();
    }
    turn_->subjects.begin_part();
    if (!done) over_ = done.error();
    return done;
}

Result<void> Work::undo_part() {
    if (committed_) return std::unexpected(*over_);
    if (broken_ && !savepoint_) return std::unexpected(*over_);
    if (std::exchange(savepoint_, false)) {
        auto undone = run(q::part_undo);
        if (undone) undone = run(q::part_end);
        if (!undone) {
            over_ = undone.error();
            return undone;
        }
        forget_names();
        turn_->subjects.undo_part();
        turn_->next_subject = part_subject_;
        written_ = part_written_;
    } else {
        for (const auto& [event, sequence] : part_.events) names_.at(event).event.reset();
        names_.shorten(part_names_);
    }
    if (std::exchange(dropped_, false)) turn_->forget();
    part_.clear();
    commands_read_.clear();
    next_ = part_start_;
    broken_ = false;
    over_.reset();
    return {};
}

Result<void> Work::commit() {
    if (over_) return std::unexpected(*over_);
    auto done = write_earlier();
    if (done) done = write_part();
    if (done) done = wrote_ ? turn_->commit_unit(transaction_) : transaction_.commit();
    committed_ = done.has_value();
    over_ = done ? Error{Errc::internal, "the unit of work has been committed already", "sql:transaction.commit", {}} : done.error();
    return done;
}

// --- writing --------------------------------------------------------------------------------------------------------

Result<void> Work::append(const StoredEntry& entry) {
    return change([&]() -> Result<void> {
        if (entry.sequence != next_)
            return fail(Errc::conflict, fmt::format("entry {} cannot be appended: the next one is {}", entry.sequence, next_),
                        "sql:ledger.append");
        ++next_;
        part_.entries.begin_row();
        part_.entries.add(as_integer(entry.sequence));
        for (const std::string* text : {&entry.bytes, &entry.leaf_hash, &entry.chain_hash}) part_.entries.add(std::string_view{*text});
        part_.bytes += entry.bytes.size();
        return {};
    });
}

Result<void> Work::put_checkpoint(const StoredCheckpoint& checkpoint) {
    return change([&] {
        part_.checkpoints[checkpoint.size] = checkpoint.note;
        return must_be_clean({checkpoint.note}, "checkpoint.put");
    });
}

Result<void> Work::put_person(const Person& person) {
    return change([&] {
        part_.persons.insert_or_assign(person.party.str(), person);
        return must_be_clean({person.party.str(), person.name, person.contact, person.salt}, "person.put");
    });
}

Result<void> Work::redact_person(const PartyId& party) {
    return change([&] {
        part_.persons.insert_or_assign(party.str(), std::nullopt);
        return must_be_clean({party.str()}, "person.redact");
    });
}

Result<void> Work::put_source_state(const SourceState& state) {
    return change([&] {
        part_.source_states.insert_or_assign(joined_key({state.source, state.query}), state);
        return must_be_clean({state.source, state.query, state.cursor, state.paused}, "source_state.put");
    });
}

Result<void> Work::put_reject(const RejectRow& reject) {
    return change([&] {
        part_.rejects.insert_or_assign(joined_key({reject.source, reject.query, reject.key}), std::pair{reject, true});
        return must_be_clean({reject.source, reject.query, reject.key, reject.table, reject.reason}, "reject.put");
    });
}

Result<void> Work::clear_reject(const std::string& source, const std::string& query, const std::string& key) {
    return change([&] {
        RejectRow gone{.source = source, .query = query, .key = key, .table = {}, .reason = {}, .at = {}};
        part_.rejects.insert_or_assign(joined_key({source, query, key}), std::pair{std::move(gone), false});
        return must_be_clean({source, query, key}, "reject.clear");
    });
}

Result<void> Work::put_access(const AccessRow& row) {
    return change([&] {
        part_.access.insert_or_assign(joined_key({row.kind, row.id}), std::pair{row, true});
        return must_be_clean({row.kind, row.id, row.content}, "access.put");
    });
}

Result<void> Work::remove_access(const std::string& kind, const std::string& id) {
    return change([&] {
        part_.access.insert_or_assign(joined_key({kind, id}), std::pair{AccessRow{kind, id, {}}, false});
        return must_be_clean({kind, id}, "access.remove");
    });
}

Result<void> Work::drop_read_models() {
    if (auto done = settle(); !done) return done;
    return change([&] {
        auto done = open_savepoint();
        for (auto query = q::read_model_drop.begin(); done && query != q::read_model_drop.end(); ++query) done = run(*query);
        dropped_ = true;
        turn_->dropped();
        return done;
    });
}

Result<void> Work::apply(const ReadModelChange& what) {
    return change([&]() -> Result<void> {
        if (auto done = apply_subjects(what); !done) return done;
        if (auto done = apply_identifiers(what); !done) return done;
        if (auto done = apply_event(what); !done) return done;
        if (what.source)
            if (auto done = apply_source(*what.source); !done) return done;
        if (what.command)
            if (auto done = apply_command(what.sequence, *what.command); !done) return done;
        if (!what.case_state) return {};
        const CaseState& state = *what.case_state;
        for (const auto& [name, text] : state.fields)
            if (auto clean = must_be_clean({name, text}, "case_field.add"); !clean) return clean;
        part_.cases.insert_or_assign(state.case_id.str(), BatchCase{state, as_integer(what.sequence)});
        return must_be_clean({state.case_id.str(), state.workflow, state.state, state.item.str()}, "case.put");
    });
}

Result<NameRef> Work::intern(Subject::Kind kind, const std::string& uri, std::uint64_t hash) {
    if (const auto known = names_.find(uri, hash)) return *known;
    const bool surely_new = turn_->surely_new(hash);
    if (!surely_new && kind != Subject::Kind::event)
        if (const auto id = turn_->subjects.find(uri)) return *id;
    if (auto clean = must_be_clean({uri}, "subject.add"); !clean) return fail(std::move(clean));
    if (surely_new) turn_->met(hash);
    return names_.add(uri, hash, kind, surely_new);
}

Result<void> Work::apply_subjects(const ReadModelChange& change) {
    const std::int64_t sequence = as_integer(change.sequence);
    for (const Subject& subject : change.touched) {
        auto ref = intern(subject.kind, subject.id);
        if (!ref) return fail(std::move(ref));
        part_.touched.emplace_back(*ref, sequence);
    }
    if (!change.master) return {};
    auto ref = intern(change.master->kind, change.master->id);
    if (!ref) return fail(std::move(ref));
    part_.masters.push_back({*ref, sequence, change.master->kind});
    masters_waiting_.insert(hash_of(change.master->id));
    return {};
}

Result<void> Work::apply_identifiers(const ReadModelChange& change) {
    if (!change.identifiers_of) return {};
    auto item = intern(Subject::Kind::item, change.identifiers_of->str());
    if (!item) return fail(std::move(item));
    for (const auto& [identifier, form] : change.identifiers)
        if (auto clean = must_be_clean({identifier.scheme, identifier.value, form}, "identifier.add"); !clean) return clean;
    part_.identifiers.push_back({*item, change.identifiers});
    return {};
}

/// An id that exists is told at once, so that the one command that gave it is refused. A batch of surely new ones asks nothing.
Result<void> Work::apply_event(const ReadModelChange& change) {
    const std::int64_t sequence = as_integer(change.sequence);
    if (change.event) {
        const std::string& uri = change.event->str();
        const std::uint64_t hash = BatchNames::hash_of(uri);
        if (uri != absent_event_) {
            const auto known = known_event(uri, hash);
            if (!known) return std::unexpected(known.error());
            if (*known) return fail(Errc::conflict, "event " + clip(uri) + " is there already", "sql:event.add");
        }
        absent_event_.clear();
        auto ref = intern(Subject::Kind::event, uri, hash);
        if (!ref) return fail(std::move(ref));
        if (*ref > 0) return fail(Errc::conflict, clip(uri) + " is no event", "sql:event.add");
        names_.at(*ref).event = change.sequence;
        part_.events.emplace_back(*ref, sequence);
    }
    if (!change.voids) return {};
    const std::string& voided = change.voids->str();
    if (auto clean = must_be_clean({voided}, "event.void"); !clean) return clean;
    part_.voids.emplace(voided, sequence);
    return {};
}

Result<void> Work::apply_source(const SourceRowState& state) {
    const SourceRow& row = state.row;
    if (auto clean = must_be_clean({row.source, row.query, row.key, row.digest}, "source_row.put"); !clean) return clean;
    std::optional<NameRef> event;
    if (!state.event.empty()) {
        auto ref = intern(Subject::Kind::event, state.event.str());
        if (!ref) return fail(std::move(ref));
        event = *ref;
    }
    part_.sources.insert_or_assign(joined_key({row.source, row.query, row.key}), BatchSource{state, event});
    return {};
}

Result<void> Work::apply_command(Sequence sequence, const std::pair<std::string, std::string>& command) {
    const auto& [key, digest] = command;
    if (auto clean = must_be_clean({key, digest}, "command.put"); !clean) return clean;
    auto known = this->command(key);
    if (!known) return fail(std::move(known));
    if (*known && (*known)->digest != digest)
        return fail(Errc::conflict, "command '" + clip(key) + "' was given before with another content", "sql:command.put");
    CommandRow row = *known ? **std::move(known) : CommandRow{digest, sequence, 0};
    ++row.count;
    part_.commands.insert_or_assign(key, std::move(row));
    return {};
}

}  // namespace stemma::store::postgres
