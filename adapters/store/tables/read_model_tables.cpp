#include "adapters/store/tables/read_model_tables.hpp"

#include <fmt/format.h>

#include "adapters/store/tables/queries.hpp"

namespace stemma::store {
namespace {

SubjectRow subject_of(const sql::Row& row) {
    SubjectRow subject{static_cast<Subject::Kind>(row.integer(0)), text_at(row, 1), std::nullopt};
    if (!row.is_null(2)) subject.master = unsigned_at(row, 2);
    return subject;
}

IdentifierRow identifier_of(const sql::Row& row) { return {ItemId{row.text(0)}, {.scheme = text_at(row, 1), .value = text_at(row, 2)}}; }

CaseState case_of(const sql::Row& row) {
    return {CaseId{row.text(0)}, text_at(row, 1), unsigned_at(row, 2), text_at(row, 3), ItemId{row.text(4)}, {}};
}

/// The character after this one of clean UTF-8, in the order of the bytes, which is that of the numbers; "" after the last.
std::string next_character(std::string_view character) {
    if (character == "\x7F") return "\xC2\x80";
    if (character == "\xDF\xBF") return "\xE0\xA0\x80";
    if (character == "\xED\x9F\xBF") return "\xEE\x80\x80";  // past the surrogates
    if (character == "\xEF\xBF\xBF") return "\xF0\x90\x80\x80";
    if (character == "\xF4\x8F\xBF\xBF") return {};
    std::string next{character};
    std::size_t at = next.size() - 1;
    for (; at > 0 && next[at] == '\xBF'; --at) next[at] = '\x80';
    ++next[at];
    return next;
}

/// The least clean text above all that begin with this one: its last character raised by one. None where all are U+10FFFF, or there is
/// none.
std::optional<std::string> end_of_prefix(std::string prefix) {
    while (!prefix.empty()) {
        std::size_t start = prefix.size() - 1;
        while (start > 0 && (static_cast<unsigned char>(prefix[start]) & 0xC0U) == 0x80U) --start;
        const std::string_view last = std::string_view{prefix}.substr(start);
        const std::string next = next_character(last);
        prefix.resize(start);
        if (!next.empty()) return prefix + next;
    }
    return std::nullopt;
}

/// Master records of several subjects with one statement: beginning and ending one costs more than a look-up in it. A place that is left
/// over is bound to NULL, which no subject has as its URI.
class ManyMasters {
public:
    static constexpr std::size_t kMost = 32;
    static constexpr std::size_t kFew = 8;

    /// Of kMost places or of kFew.
    [[nodiscard]] static sql::Query query(std::size_t places) {
        static const std::string most = text_of_query(kMost);
        static const std::string few = text_of_query(kFew);
        return {q::kMasterManyName, places == kMost ? most.c_str() : few.c_str()};
    }
    [[nodiscard]] static std::string_view name(std::size_t place) {
        static const std::vector<std::string> all = [] {
            std::vector<std::string> made;
            made.reserve(kMost);
            for (std::size_t i = 0; i < kMost; ++i) made.push_back(fmt::format("uri{}", i));
            return made;
        }();
        return all[place];
    }

private:
    [[nodiscard]] static std::string text_of_query(std::size_t places) {
        std::string text = q::kMasterManyStart;
        for (std::size_t i = 0; i < places; ++i) text += fmt::format("{} ({}, :{})", i == 0 ? "" : ",", i, name(i));
        return text + q::kMasterManyEnd;
    }
};

}  // namespace

Result<void> ReadModelTables::visit_masters(std::span<const std::string* const> ids, const PlacedEntryVisitor& visit) {
    std::vector<sql::Bind> binds;
    for (std::size_t first = 0; first < ids.size(); first += binds.size()) {
        const std::size_t left = ids.size() - first;
        const std::size_t places = left == 1 ? 1 : left <= ManyMasters::kMost / 2 ? ManyMasters::kFew : ManyMasters::kMost;
        binds.clear();
        for (std::size_t i = 0; i < places; ++i)
            binds.push_back({places == 1 ? std::string_view{"uri"} : ManyMasters::name(i),
                             i < left ? sql::Value{*ids[first + i]} : sql::Value{nullptr}});
        auto looked = each(places == 1 ? q::master_one : ManyMasters::query(places), binds, [&](const sql::Row& row) {
            visit(first + unsigned_at(row, 3), {unsigned_at(row, 0), row.text(1), row.text(2)});
        });
        if (!looked) return looked;
    }
    return {};
}

Result<std::optional<SubjectRow>> ReadModelTables::subject(const std::string& id) {
    return first(q::subject_one, {{"uri", id}}, subject_of);
}

Result<std::vector<Sequence>> ReadModelTables::subject_entries(const std::string& id, Sequence before, std::uint64_t limit) {
    auto newest = all(q::subject_entries, {{"uri", id}, {"before", as_integer(before)}, {"limit", as_integer(limit)}},
                      [](const sql::Row& row) { return Sequence{unsigned_at(row, 0)}; });
    if (newest) std::ranges::reverse(*newest);
    return newest;
}

Result<std::vector<Sequence>> ReadModelTables::subject_entries_from(const std::string& id, Sequence from, Sequence before) {
    return all(q::subject_entries_from, {{"uri", id}, {"from", as_integer(from)}, {"before", as_integer(before)}},
               [](const sql::Row& row) { return Sequence{unsigned_at(row, 0)}; });
}

Result<std::vector<SubjectRow>> ReadModelTables::subjects(Subject::Kind kind, std::uint64_t after, std::uint64_t limit) {
    return all(q::subject_of_kind, {{"kind", static_cast<int>(kind)}, {"after", as_integer(after)}, {"limit", as_integer(limit)}},
               subject_of);
}

Result<std::vector<IdentifierRow>> ReadModelTables::find_identifiers(const std::string& form, bool prefix, std::uint64_t limit) {
    if (!prefix) return all(q::identifier_equal, {{"form", form}, {"limit", as_integer(limit)}}, identifier_of);
    if (session_->engine() == sql::Engine::postgresql) {  // takes no text with the byte FF
        if (const auto end = end_of_prefix(form))
            return all(q::identifier_prefix, {{"form", form}, {"end", *end}, {"limit", as_integer(limit)}}, identifier_of);
        return all(q::identifier_from, {{"form", form}, {"limit", as_integer(limit)}}, identifier_of);
    }
    // No UTF-8 text holds the byte FF: every form that begins so sorts below it.
    return all(q::identifier_prefix, {{"form", form}, {"end", form + '\xFF'}, {"limit", as_integer(limit)}}, identifier_of);
}

Result<std::optional<EventRow>> ReadModelTables::event(const EventId& id) {
    return first(q::event_one, {{"uri", id.str()}}, [](const sql::Row& row) {
        EventRow event{unsigned_at(row, 0), std::nullopt};
        if (!row.is_null(1)) event.voided_by = unsigned_at(row, 1);
        return event;
    });
}

Result<std::optional<SourceRowState>> ReadModelTables::source_row(const std::string& source, const std::string& query,
                                                                  const std::string& key) {
    return first(q::source_row_one, {{"source", source}, {"query", query}, {"row_key", key}}, [&](const sql::Row& row) {
        return SourceRowState{.row = {.source = source, .query = query, .key = key, .digest = text_at(row, 0)},
                              .sequence = unsigned_at(row, 1),
                              .event = EventId{row.text(2)},
                              .version = static_cast<std::uint32_t>(row.integer(3))};
    });
}

Result<std::vector<std::string>> ReadModelTables::source_keys(const std::string& source, const std::string& query, const std::string& after,
                                                              std::uint64_t limit) {
    return all(q::source_row_keys, {{"source", source}, {"query", query}, {"after", after}, {"limit", as_integer(limit)}},
               [](const sql::Row& row) { return text_at(row, 0); });
}

Result<std::optional<CommandRow>> ReadModelTables::command(const std::string& key) {
    return first(q::command_one, {{"command_key", key}}, [](const sql::Row& row) {
        return CommandRow{.digest = text_at(row, 0), .first = unsigned_at(row, 1), .count = unsigned_at(row, 2)};
    });
}

Result<std::optional<CaseState>> ReadModelTables::case_state(const CaseId& id) {
    auto state = first(q::case_one, {{"case_id", id.str()}}, case_of);
    if (!state) return state;
    if (std::optional<CaseState>& found = *state)
        if (auto read = read_fields(*found); !read) return fail(std::move(read));
    return state;
}

Result<std::vector<CaseState>> ReadModelTables::cases(const std::string& workflow, std::uint64_t limit) {
    auto states = workflow.empty() ? all(q::case_all, {{"limit", as_integer(limit)}}, case_of)
                                   : all(q::case_of_workflow, {{"workflow", workflow}, {"limit", as_integer(limit)}}, case_of);
    if (!states) return states;
    for (CaseState& state : *states)
        if (auto read = read_fields(state); !read) return fail(std::move(read));
    return states;
}

Result<void> ReadModelTables::read_fields(CaseState& state) {
    auto fields = all(q::case_fields, {{"case_id", state.case_id.str()}}, [](const sql::Row& row) {
        return std::pair{text_at(row, 0), text_at(row, 1)};
    });
    if (!fields) return fail(std::move(fields));
    for (auto& [name, value] : *fields) state.fields.emplace(std::move(name), std::move(value));
    return {};
}

}  // namespace stemma::store
