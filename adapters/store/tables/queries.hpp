// Every SQL text that the engines share, named by table and act, and what SQLite writes row by row (PostgreSQL's batches stand in
// postgres/batch_queries.hpp). Texts compare by their bytes (SQLite's BINARY, PostgreSQL's "C").
#pragma once

#include <array>

#include "adapters/sql/session.hpp"

namespace stemma::store::q {

using sql::Query;

// --- ledger ---------------------------------------------------------------------------------------------------------

inline constexpr Query ledger_size{"ledger.size", "SELECT coalesce(max(sequence) + 1, 0) FROM ledger_entry"};
inline constexpr Query ledger_append{
    "ledger.append",
    "INSERT INTO ledger_entry (sequence, bytes, leaf_hash, chain_hash) VALUES (:sequence, :bytes, :leaf_hash, :chain_hash)"};
inline constexpr Query ledger_range{"ledger.range",
                                    "SELECT sequence, bytes, leaf_hash, chain_hash FROM ledger_entry"
                                    " WHERE sequence >= :first AND sequence < :end ORDER BY sequence"};
inline constexpr Query ledger_leaf_range{"ledger.leaf_range",
                                         "SELECT sequence, bytes, leaf_hash FROM ledger_entry"
                                         " WHERE sequence >= :first AND sequence < :end ORDER BY sequence"};
inline constexpr Query ledger_one{"ledger.one",
                                  "SELECT sequence, bytes, leaf_hash, chain_hash FROM ledger_entry WHERE sequence = :sequence"};
inline constexpr Query ledger_leaves{"ledger.leaves",
                                     "SELECT leaf_hash FROM ledger_entry WHERE sequence >= :first AND sequence < :end ORDER BY sequence"};
inline constexpr Query checkpoint_put{"checkpoint.put",
                                      "INSERT INTO ledger_checkpoint (size, note) VALUES (:size, :note)"
                                      " ON CONFLICT (size) DO UPDATE SET note = excluded.note"};
inline constexpr Query checkpoint_latest{"checkpoint.latest", "SELECT size, note FROM ledger_checkpoint ORDER BY size DESC LIMIT 1"};
inline constexpr Query checkpoint_range{"checkpoint.range",
                                        "SELECT size, note FROM ledger_checkpoint WHERE size >= :from ORDER BY size LIMIT :count"};

inline constexpr Query part_begin{"part.begin", "SAVEPOINT part"};
inline constexpr Query part_end{"part.end", "RELEASE part"};
inline constexpr Query part_undo{"part.undo", "ROLLBACK TO part"};

// --- read models: reading -------------------------------------------------------------------------------------------

inline constexpr Query subject_one{"subject.one", "SELECT kind, uri, master FROM subject WHERE uri = :uri"};
inline constexpr Query subject_id{"subject.id", "SELECT id FROM subject WHERE uri = :uri"};
inline constexpr Query subject_of_kind{"subject.of_kind",
                                       "SELECT kind, uri, master FROM subject WHERE kind = :kind ORDER BY id LIMIT :limit OFFSET :after"};
inline constexpr Query master_one{"master.one",
                                  "SELECT e.sequence, e.bytes, e.leaf_hash, 0 FROM subject s JOIN ledger_entry e ON e.sequence = s.master"
                                  " WHERE s.uri = :uri"};
// Of many at once: between the two stand the rows of "wanted", a place and a URI each. The last column is the place.
inline constexpr const char* kMasterManyName = "master.many";
inline constexpr const char* kMasterManyStart = "WITH wanted (place, uri) AS (VALUES";
inline constexpr const char* kMasterManyEnd =
    ") SELECT e.sequence, e.bytes, e.leaf_hash, w.place FROM wanted w JOIN subject s ON s.uri = w.uri JOIN ledger_entry e"
    " ON e.sequence = s.master";
inline constexpr Query subject_entries{"subject.entries",
                                       "SELECT sequence FROM subject_entry WHERE subject = (SELECT id FROM subject WHERE uri = :uri)"
                                       " AND sequence < :before ORDER BY sequence DESC LIMIT :limit"};
inline constexpr Query subject_entries_from{"subject.entries_from",
                                            "SELECT sequence FROM subject_entry WHERE subject = (SELECT id FROM subject WHERE uri = :uri)"
                                            " AND sequence >= :from AND sequence < :before ORDER BY sequence"};
inline constexpr Query identifier_equal{"identifier.equal",
                                        "SELECT s.uri, i.scheme, i.value FROM identifier i JOIN subject s ON s.id = i.item"
                                        " WHERE i.form = :form ORDER BY i.form, i.item, i.position LIMIT :limit"};
inline constexpr Query identifier_prefix{"identifier.prefix",
                                         "SELECT s.uri, i.scheme, i.value FROM identifier i JOIN subject s ON s.id = i.item"
                                         " WHERE i.form >= :form AND i.form < :end ORDER BY i.form, i.item, i.position LIMIT :limit"};
inline constexpr Query identifier_from{"identifier.from",
                                       "SELECT s.uri, i.scheme, i.value FROM identifier i JOIN subject s ON s.id = i.item"
                                       " WHERE i.form >= :form ORDER BY i.form, i.item, i.position LIMIT :limit"};
inline constexpr Query event_one{"event.one",
                                 "SELECT e.sequence, e.voided_by FROM event_row e JOIN subject s ON s.id = e.event WHERE s.uri = :uri"};
inline constexpr Query source_row_one{
    "source_row.one",
    "SELECT r.digest, r.sequence, s.uri, r.version FROM source_row r LEFT JOIN subject s ON s.id = r.event"
    " WHERE r.source = :source AND r.query = :query AND r.row_key = :row_key"};
inline constexpr Query source_row_keys{"source_row.keys",
                                       "SELECT row_key FROM source_row WHERE source = :source AND query = :query AND row_key > :after"
                                       " AND digest <> '' ORDER BY row_key LIMIT :limit"};
inline constexpr Query command_one{"command.one", "SELECT digest, first_sequence, entries FROM command WHERE command_key = :command_key"};
inline constexpr Query case_one{"case.one", "SELECT case_id, workflow, version, state, item FROM case_state WHERE case_id = :case_id"};
inline constexpr Query case_all{
    "case.all", "SELECT case_id, workflow, version, state, item FROM case_state ORDER BY sequence DESC, case_id LIMIT :limit"};
inline constexpr Query case_of_workflow{"case.of_workflow",
                                        "SELECT case_id, workflow, version, state, item FROM case_state WHERE workflow = :workflow"
                                        " ORDER BY sequence DESC, case_id LIMIT :limit"};
inline constexpr Query case_fields{"case.fields", "SELECT name, value FROM case_field WHERE case_id = :case_id"};

// --- read models: writing -------------------------------------------------------------------------------------------

inline constexpr Query subject_add{"subject.add", "INSERT INTO subject (kind, uri) VALUES (:kind, :uri) ON CONFLICT (uri) DO NOTHING"};
inline constexpr Query subject_master{"subject.master", "UPDATE subject SET master = :sequence, kind = :kind WHERE id = :id"};
inline constexpr Query subject_entry_add{
    "subject_entry.add", "INSERT INTO subject_entry (subject, sequence) VALUES (:subject, :sequence) ON CONFLICT DO NOTHING"};
// Rows follow. "OR IGNORE" is SQLite's own: with "ON CONFLICT" it would keep a copy of each page that a statement of many rows changes,
// to take half of them back where a value is NULL.
inline constexpr const char* kSubjectEntryAddMany = "INSERT OR IGNORE INTO subject_entry (subject, sequence) VALUES";
inline constexpr Query identifier_clear{"identifier.clear", "DELETE FROM identifier WHERE item = :item"};
inline constexpr Query identifier_add{
    "identifier.add", "INSERT INTO identifier (item, position, scheme, value, form) VALUES (:item, :position, :scheme, :value, :form)"};
inline constexpr Query event_add{"event.add", "INSERT INTO event_row (event, sequence) VALUES (:event, :sequence)"};
inline constexpr Query event_void{"event.void",
                                  "UPDATE event_row SET voided_by = coalesce(voided_by, :sequence)"
                                  " WHERE event = (SELECT id FROM subject WHERE uri = :uri)"};
inline constexpr Query source_row_put{"source_row.put",
                                      "INSERT INTO source_row (source, query, row_key, digest, sequence, event, version)"
                                      " VALUES (:source, :query, :row_key, :digest, :sequence, :event, :version)"
                                      " ON CONFLICT (source, query, row_key) DO UPDATE SET digest = excluded.digest,"
                                      " sequence = excluded.sequence, event = excluded.event, version = excluded.version"};
inline constexpr Query command_add{"command.add",
                                   "INSERT INTO command (command_key, digest, first_sequence, entries)"
                                   " VALUES (:command_key, :digest, :sequence, 1)"
                                   " ON CONFLICT (command_key) DO UPDATE SET entries = command.entries + 1"
                                   " WHERE command.digest = excluded.digest"};
inline constexpr Query case_put{"case.put",
                                "INSERT INTO case_state (case_id, workflow, version, state, item, sequence)"
                                " VALUES (:case_id, :workflow, :version, :state, :item, :sequence)"
                                " ON CONFLICT (case_id) DO UPDATE SET workflow = excluded.workflow, version = excluded.version,"
                                " state = excluded.state, item = excluded.item, sequence = excluded.sequence"};
inline constexpr Query case_fields_clear{"case_field.clear", "DELETE FROM case_field WHERE case_id = :case_id"};
inline constexpr Query case_field_add{"case_field.add", "INSERT INTO case_field (case_id, name, value) VALUES (:case_id, :name, :value)"};
inline constexpr std::array read_model_drop{
    Query{"subject.drop", "DELETE FROM subject"},       Query{"subject_entry.drop", "DELETE FROM subject_entry"},
    Query{"identifier.drop", "DELETE FROM identifier"}, Query{"event.drop", "DELETE FROM event_row"},
    Query{"source_row.drop", "DELETE FROM source_row"}, Query{"command.drop", "DELETE FROM command"},
    Query{"case.drop", "DELETE FROM case_state"},       Query{"case_field.drop", "DELETE FROM case_field"},
};

// --- read models: digest, in key order, with URIs for internal ids -----------------------------------------------------

inline constexpr std::array read_model_rows{
    Query{"subject.digest", "SELECT uri, kind, master FROM subject ORDER BY uri"},
    Query{"subject_entry.digest",
          "SELECT s.uri, e.sequence FROM subject s JOIN subject_entry e ON e.subject = s.id ORDER BY s.uri, e.sequence"},
    Query{
        "identifier.digest",
        "SELECT s.uri, i.position, i.scheme, i.value, i.form FROM subject s JOIN identifier i ON i.item = s.id ORDER BY s.uri, i.position"},
    Query{"event.digest", "SELECT s.uri, e.sequence, e.voided_by FROM subject s JOIN event_row e ON e.event = s.id ORDER BY s.uri"},
    Query{"source_row.digest",
          "SELECT r.source, r.query, r.row_key, r.digest, r.sequence, s.uri, r.version"
          " FROM source_row r LEFT JOIN subject s ON s.id = r.event ORDER BY r.source, r.query, r.row_key"},
    Query{"command.digest", "SELECT command_key, digest, first_sequence, entries FROM command ORDER BY command_key"},
    Query{"case.digest", "SELECT case_id, workflow, version, state, item, sequence FROM case_state ORDER BY case_id"},
    Query{"case_field.digest", "SELECT case_id, name, value FROM case_field ORDER BY case_id, name"},
};

// --- state outside the ledger ---------------------------------------------------------------------------------------

inline constexpr Query person_one{"person.one", "SELECT party, name, contact, salt FROM person WHERE party = :party"};
inline constexpr Query person_page{"person.page",
                                   "SELECT party, name, contact, salt FROM person WHERE party > :after ORDER BY party LIMIT :limit"};
inline constexpr Query person_put{
    "person.put",
    "INSERT INTO person (party, name, contact, salt) VALUES (:party, :name, :contact, :salt)"
    " ON CONFLICT (party) DO UPDATE SET name = excluded.name, contact = excluded.contact, salt = excluded.salt"};
inline constexpr Query person_redact{"person.redact", "DELETE FROM person WHERE party = :party"};
inline constexpr Query source_state_all{
    "source_state.all", "SELECT source, query, position, paused, read_at, rows_read FROM source_state ORDER BY source, query"};
inline constexpr Query source_state_put{"source_state.put",
                                        "INSERT INTO source_state (source, query, position, paused, read_at, rows_read)"
                                        " VALUES (:source, :query, :position, :paused, :read_at, :rows_read)"
                                        " ON CONFLICT (source, query) DO UPDATE SET position = excluded.position, paused = excluded.paused,"
                                        " read_at = excluded.read_at, rows_read = excluded.rows_read"};
inline constexpr Query reject_all{
    "reject.all", "SELECT source, query, row_key, table_name, reason, at FROM reject ORDER BY source, query, row_key LIMIT :limit"};
inline constexpr Query reject_of_source{"reject.of_source",
                                        "SELECT source, query, row_key, table_name, reason, at FROM reject WHERE source = :source"
                                        " ORDER BY source, query, row_key LIMIT :limit"};
inline constexpr Query reject_put{"reject.put",
                                  "INSERT INTO reject (source, query, row_key, table_name, reason, at)"
                                  " VALUES (:source, :query, :row_key, :table_name, :reason, :at)"
                                  " ON CONFLICT (source, query, row_key) DO UPDATE SET table_name = excluded.table_name,"
                                  " reason = excluded.reason, at = excluded.at"};
inline constexpr Query access_all{"access.all", "SELECT kind, id, content FROM access_record ORDER BY kind, id"};
inline constexpr Query access_put{"access.put",
                                  "INSERT INTO access_record (kind, id, content) VALUES (:kind, :id, :content)"
                                  " ON CONFLICT (kind, id) DO UPDATE SET content = excluded.content"};
inline constexpr Query access_remove{"access.remove", "DELETE FROM access_record WHERE kind = :kind AND id = :id"};
inline constexpr Query reject_clear{"reject.clear", "DELETE FROM reject WHERE source = :source AND query = :query AND row_key = :row_key"};

}  // namespace stemma::store::q
