#include "adapters/store/tables/state_tables.hpp"

#include "adapters/store/tables/queries.hpp"

namespace stemma::store {
namespace {

Person person_of(const sql::Row& row) { return {PartyId{row.text(0)}, text_at(row, 1), text_at(row, 2), text_at(row, 3)}; }

RejectRow reject_of(const sql::Row& row) {
    return {text_at(row, 0), text_at(row, 1), text_at(row, 2), text_at(row, 3), text_at(row, 4), Instant{row.integer(5)}};
}

}  // namespace

Result<std::optional<Person>> StateTables::person(const PartyId& party) {
    return first(q::person_one, {{"party", party.str()}}, person_of);
}

Result<std::vector<Person>> StateTables::persons(const std::string& after, std::uint64_t limit) {
    return all(q::person_page, {{"after", after}, {"limit", as_integer(limit)}}, person_of);
}

Result<std::vector<SourceState>> StateTables::source_states() {
    return all(q::source_state_all, {}, [](const sql::Row& row) {
        return SourceState{text_at(row, 0), text_at(row, 1),         text_at(row, 2),
                           text_at(row, 3), Instant{row.integer(4)}, unsigned_at(row, 5)};
    });
}

Result<std::vector<RejectRow>> StateTables::rejects(const std::string& source, std::uint64_t limit) {
    if (source.empty()) return all(q::reject_all, {{"limit", as_integer(limit)}}, reject_of);
    return all(q::reject_of_source, {{"source", source}, {"limit", as_integer(limit)}}, reject_of);
}

Result<void> StateTables::put_person(const Person& person) {
    return run(q::person_put, {{"party", person.party.str()}, {"name", person.name}, {"contact", person.contact}, {"salt", person.salt}});
}

Result<void> StateTables::redact_person(const PartyId& party) { return run(q::person_redact, {{"party", party.str()}}); }

Result<void> StateTables::put_source_state(const SourceState& state) {
    return run(q::source_state_put, {{"source", state.source},
                                     {"query", state.query},
                                     {"position", state.cursor},
                                     {"paused", state.paused},
                                     {"read_at", state.read_at.us},
                                     {"rows_read", as_integer(state.rows)}});
}

Result<void> StateTables::put_reject(const RejectRow& reject) {
    return run(q::reject_put, {{"source", reject.source},
                               {"query", reject.query},
                               {"row_key", reject.key},
                               {"table_name", reject.table},
                               {"reason", reject.reason},
                               {"at", reject.at.us}});
}

Result<void> StateTables::clear_reject(const std::string& source, const std::string& query, const std::string& key) {
    return run(q::reject_clear, {{"source", source}, {"query", query}, {"row_key", key}});
}

Result<std::vector<AccessRow>> StateTables::access_rows() {
    return all(q::access_all, {}, [](const sql::Row& row) { return AccessRow{text_at(row, 0), text_at(row, 1), text_at(row, 2)}; });
}

Result<void> StateTables::put_access(const AccessRow& row) {
    return run(q::access_put, {{"kind", row.kind}, {"id", row.id}, {"content", row.content}});
}

Result<void> StateTables::remove_access(const std::string& kind, const std::string& id) {
    return run(q::access_remove, {{"kind", kind}, {"id", id}});
}

}  // namespace stemma::store
