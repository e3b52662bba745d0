#include "adapters/memory/state.hpp"

#include <algorithm>

#include "core/base/text.hpp"

namespace stemma::memory {
namespace {

/// Values one after another, each with its length in front, so that no two lists of rows read the same.
class RowText {
public:
    void add(std::string_view value) { text_.append(std::to_string(value.size())).append(":").append(value); }
    void add(std::uint64_t value) { add(std::to_string(value)); }
    void add(const std::optional<Sequence>& value) {
        if (value)
            add(*value);
        else
            text_ += '-';
    }
    [[nodiscard]] const std::string& text() const noexcept { return text_; }

private:
    std::string text_;
};

}  // namespace

State::SubjectData& State::intern(Subject::Kind kind, const std::string& id) {
    const auto [place, added] = subjects.try_emplace(id);
    if (added) {
        place->second.kind = kind;
        place->second.number = subject_order.size();
        subject_order.push_back(id);
    }
    return place->second;
}

Result<void> State::apply(const ReadModelChange& change) {
    if (change.event && events.contains(change.event->str()))
        return fail(Errc::conflict, "event '" + clip(change.event->str()) + "' exists already");
    if (change.command) {
        const auto& [key, digest] = *change.command;
        const auto [command, added] = commands.try_emplace(key, CommandRow{.digest = digest, .first = change.sequence, .count = 0});
        if (command->second.digest != digest)
            return fail(Errc::conflict, "command '" + clip(key) + "' was given before with another content");
        ++command->second.count;
    }
    for (const Subject& subject : change.touched) intern(subject.kind, subject.id).entries.insert(change.sequence);
    if (change.master) {
        SubjectData& subject = intern(change.master->kind, change.master->id);
        subject.kind = change.master->kind;
        subject.master = change.sequence;
    }
    if (change.identifiers_of) {
        auto& list = identifiers[intern(Subject::Kind::item, change.identifiers_of->str()).number];
        list.clear();
        for (const auto& [identifier, form] : change.identifiers) list.push_back({identifier, form});
    }
    if (change.event) {
        intern(Subject::Kind::event, change.event->str());
        events.emplace(change.event->str(), EventRow{change.sequence, std::nullopt});
    }
    if (change.voids)
        if (const auto event = events.find(change.voids->str()); event != events.end() && !event->second.voided_by)
            event->second.voided_by = change.sequence;
    if (change.source) {
        if (!change.source->event.empty()) intern(Subject::Kind::event, change.source->event.str());
        const SourceRow& row = change.source->row;
        source_rows.insert_or_assign(SourceKey{row.source, row.query, row.key}, *change.source);
    }
    if (change.case_state) cases.insert_or_assign(change.case_state->case_id.str(), CaseData{*change.case_state, change.sequence});
    return {};
}

void State::drop_read_models() {
    subjects.clear();
    subject_order.clear();
    identifiers.clear();
    events.clear();
    source_rows.clear();
    commands.clear();
    cases.clear();
}

Digest State::read_model_digest() const {
    RowText rows;
    for (const auto& [id, subject] : subjects) {
        rows.add("subject");
        rows.add(id);
        rows.add(static_cast<std::uint64_t>(subject.kind));
        rows.add(subject.master);
        rows.add(subject.entries.size());
        for (const Sequence sequence : subject.entries) rows.add(sequence);
        const auto list = identifiers.find(subject.number);
        rows.add(list == identifiers.end() ? 0 : list->second.size());
        if (list == identifiers.end()) continue;
        for (const auto& [identifier, form] : list->second)
            for (const std::string& value : {identifier.scheme, identifier.value, form}) rows.add(value);
    }
    for (const auto& [id, event] : events) {
        rows.add("event");
        rows.add(id);
        rows.add(event.sequence);
        rows.add(event.voided_by);
    }
    for (const auto& [key, state] : source_rows) {
        rows.add("source_row");
        for (const std::string& value : {state.row.source, state.row.query, state.row.key, state.row.digest, state.event.str()})
            rows.add(value);
        rows.add(state.sequence);
        rows.add(state.version);
    }
    for (const auto& [key, command] : commands) {
        rows.add("command");
        for (const std::string& value : {key, command.digest}) rows.add(value);
        rows.add(command.first);
        rows.add(command.count);
    }
    for (const auto& [id, held] : cases) {
        rows.add("case");
        for (const std::string& value : {id, held.state.workflow, held.state.state, held.state.item.str()}) rows.add(value);
        rows.add(held.state.version);
        rows.add(held.sequence);
        rows.add(held.state.fields.size());
        for (const auto& [name, value] : held.state.fields) {
            rows.add(name);
            rows.add(value);
        }
    }
    return sha256(rows.text());
}

std::vector<IdentifierRow> State::find_identifiers(const std::string& form, bool prefix, std::uint64_t limit) const {
    using Found = std::tuple<std::string, std::size_t, std::size_t>;  // form, item's number, position
    std::vector<Found> found;
    for (const auto& [number, list] : identifiers)
        for (std::size_t position = 0; position < list.size(); ++position)
            if (prefix ? list[position].form.starts_with(form) : list[position].form == form)
                found.emplace_back(list[position].form, number, position);
    std::ranges::sort(found);
    if (found.size() > limit) found.resize(limit);
    std::vector<IdentifierRow> rows;
    rows.reserve(found.size());
    for (const auto& [unused, number, position] : found)
        rows.push_back({ItemId{subject_order[number]}, identifiers.at(number)[position].identifier});
    return rows;
}

}  // namespace stemma::memory
