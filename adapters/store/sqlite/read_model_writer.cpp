#include "adapters/store/sqlite/read_model_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "adapters/store/tables/queries.hpp"
#include "core/base/text.hpp"

namespace stemma::store {
namespace {

/// Many rows with one statement: beginning and ending one costs a good part of what its row does.
class ManyEntries {
public:
    static constexpr std::size_t kRows = 64;

    ManyEntries() {
        for (std::size_t i = 0; i < kRows * 2; ++i) binds_.push_back({names().at(i), nullptr});
    }
    [[nodiscard]] static sql::Query query() {
        static const std::string text = text_of_query();
        return {q::subject_entry_add.name, text.c_str()};
    }
    /// Of use until the next call.
    [[nodiscard]] sql::Binds binds(std::span<const SubjectEntries::Pair, kRows> rows) {
        for (std::size_t i = 0; i < kRows; ++i) {
            binds_[i * 2].value = rows[i].first;
            binds_[i * 2 + 1].value = rows[i].second;
        }
        return binds_;
    }

private:
    [[nodiscard]] static const std::vector<std::string>& names() {
        static const std::vector<std::string> all = [] {
            std::vector<std::string> made;
            for (std::size_t i = 0; i < kRows; ++i) made.insert(made.end(), {fmt::format("subject{}", i), fmt::format("sequence{}", i)});
            return made;
        }();
        return all;
    }
    [[nodiscard]] static std::string text_of_query() {
        std::string text = q::kSubjectEntryAddMany;
        for (std::size_t i = 0; i < kRows; ++i)
            text += fmt::format("{} (:{}, :{})", i == 0 ? "" : ",", names().at(i * 2), names().at(i * 2 + 1));
        return text;
    }

    std::vector<sql::Bind> binds_;
};

}  // namespace

std::vector<SubjectEntries::Pair> SubjectEntries::sorted() const {
    std::vector<Pair> all = part_;
    if (!earlier_written_) all.insert(all.end(), earlier_.begin(), earlier_.end());
    std::ranges::sort(all);
    const auto twice = std::ranges::unique(all);
    all.erase(twice.begin(), twice.end());
    return all;
}

void SubjectEntries::begin_part() {
    if (std::exchange(earlier_written_, false)) earlier_.clear();
    earlier_.insert(earlier_.end(), part_.begin(), part_.end());
    part_.clear();
}

Result<void> ReadModelWriter::write_entries() {
    if (!entries_wait()) return {};
    const std::vector<SubjectEntries::Pair> pairs = entries_.sorted();
    std::span<const SubjectEntries::Pair> left{pairs};
    if (left.size() >= ManyEntries::kRows) {
        ManyEntries many;
        for (; left.size() >= ManyEntries::kRows; left = left.subspan(ManyEntries::kRows))
            if (auto added = count(ManyEntries::query(), many.binds(left.first<ManyEntries::kRows>())); !added)
                return fail(std::move(added));
    }
    for (const auto& [subject, sequence] : left)
        if (auto added = run(q::subject_entry_add, {{"subject", subject}, {"sequence", sequence}}); !added) return added;
    entries_.written();
    return {};
}

Result<void> ReadModelWriter::apply(const ReadModelChange& change) {
    event_.reset();
    if (auto done = apply_subjects(change); !done) return done;
    if (auto done = apply_identifiers(change); !done) return done;
    if (auto done = apply_event(change); !done) return done;
    if (change.source)
        if (auto done = apply_source(*change.source); !done) return done;
    if (change.command)
        if (auto done = apply_command(change.sequence, *change.command); !done) return done;
    if (change.case_state) return apply_case(change.sequence, *change.case_state);
    return {};
}

Result<std::int64_t> ReadModelWriter::intern(Subject::Kind kind, const std::string& uri) {
    if (kind == Subject::Kind::event) {
        if (event_ && event_->first == uri) return event_->second;
    } else if (const auto known = ids_->find(uri)) {
        return *known;
    }
    auto added = count(q::subject_add, {{"kind", static_cast<int>(kind)}, {"uri", uri}});
    if (!added) return fail(std::move(added));
    std::optional<std::int64_t> id;
    if (*added != 0) {
        id = session_->last_id();
    } else {
        auto there = first(q::subject_id, {{"uri", uri}}, [](const sql::Row& row) { return row.integer(0); });
        if (!there) return fail(std::move(there));
        id = *there;
    }
    if (!id) return fail(Errc::storage, "a subject was added and is not there", "sql:subject.add");
    if (kind == Subject::Kind::event)
        event_.emplace(uri, *id);  // after this change it is hardly ever named again
    else
        ids_->add(uri, *id);
    return *id;
}

Result<void> ReadModelWriter::apply_subjects(const ReadModelChange& change) {
    const std::int64_t sequence = as_integer(change.sequence);
    for (const Subject& subject : change.touched) {
        auto id = intern(subject.kind, subject.id);
        if (!id) return fail(std::move(id));
        entries_.add(*id, sequence);
    }
    if (entries_.waiting() >= SubjectEntries::kMax)
        if (auto done = write_entries(); !done) return done;
    if (!change.master) return {};
    auto id = intern(change.master->kind, change.master->id);
    if (!id) return fail(std::move(id));
    return run(q::subject_master, {{"sequence", sequence}, {"kind", static_cast<int>(change.master->kind)}, {"id", *id}});
}

Result<void> ReadModelWriter::apply_identifiers(const ReadModelChange& change) {
    if (!change.identifiers_of) return {};
    auto item = intern(Subject::Kind::item, change.identifiers_of->str());
    if (!item) return fail(std::move(item));
    if (auto done = run(q::identifier_clear, {{"item", *item}}); !done) return done;
    std::int64_t position = 0;
    for (const auto& [identifier, form] : change.identifiers) {
        auto done =
            run(q::identifier_add,
                {{"item", *item}, {"position", position++}, {"scheme", identifier.scheme}, {"value", identifier.value}, {"form", form}});
        if (!done) return done;
    }
    return {};
}

Result<void> ReadModelWriter::apply_event(const ReadModelChange& change) {
    const std::int64_t sequence = as_integer(change.sequence);
    if (change.event) {
        auto event = intern(Subject::Kind::event, change.event->str());
        if (!event) return fail(std::move(event));
        if (auto done = run(q::event_add, {{"event", *event}, {"sequence", sequence}}); !done) return done;
    }
    if (!change.voids) return {};
    return run(q::event_void, {{"sequence", sequence}, {"uri", change.voids->str()}});
}

Result<void> ReadModelWriter::apply_source(const SourceRowState& state) {
    std::optional<std::int64_t> event;
    if (!state.event.empty()) {
        auto id = intern(Subject::Kind::event, state.event.str());
        if (!id) return fail(std::move(id));
        event = *id;
    }
    return run(q::source_row_put, {{"source", state.row.source},
                                   {"query", state.row.query},
                                   {"row_key", state.row.key},
                                   {"digest", state.row.digest},
                                   {"sequence", as_integer(state.sequence)},
                                   {"event", event},
                                   {"version", state.version}});
}

Result<void> ReadModelWriter::apply_command(Sequence sequence, const std::pair<std::string, std::string>& command) {
    const auto& [key, digest] = command;
    auto changed = count(q::command_add, {{"command_key", key}, {"digest", digest}, {"sequence", as_integer(sequence)}});
    if (!changed) return fail(std::move(changed));
    if (*changed == 0) return fail(Errc::conflict, "command '" + clip(key) + "' was given before with another content", "sql:command.add");
    return {};
}

Result<void> ReadModelWriter::apply_case(Sequence sequence, const CaseState& state) {
    const std::string& id = state.case_id.str();
    auto done = run(q::case_put, {{"case_id", id},
                                  {"workflow", state.workflow},
                                  {"version", as_integer(state.version)},
                                  {"state", state.state},
                                  {"item", state.item.str()},
                                  {"sequence", as_integer(sequence)}});
    if (done) done = run(q::case_fields_clear, {{"case_id", id}});
    for (auto field = state.fields.begin(); done && field != state.fields.end(); ++field)
        done = run(q::case_field_add, {{"case_id", id}, {"name", field->first}, {"value", field->second}});
    return done;
}

Result<void> ReadModelWriter::drop() {
    if (auto done = write_entries(); !done) return done;  // those of earlier parts come back if this one is taken back
    ids_->clear();
    for (const sql::Query& query : q::read_model_drop)
        if (auto done = run(query, {}); !done) return done;
    return {};
}

}  // namespace stemma::store
