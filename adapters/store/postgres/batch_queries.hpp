// The statements that write a batch, one for each table: COPY where rows are new, which puts them into pages many at a time; arrays
// unfolded by unnest() where rows are replaced. In a select list they are unfolded one by one; in FROM the server would first put all rows
// aside.
#pragma once

#include "adapters/sql/session.hpp"

namespace stemma::store::postgres::q {

using sql::Query;

inline constexpr Query turn_take{"writer.turn", "SELECT units, next_subject, pg_backend_pid() FROM writer_turn WHERE id = 1 FOR UPDATE"};
inline constexpr Query turn_end{"writer.end",
                                "UPDATE writer_turn SET units = units + 1, next_subject = $1::bigint WHERE id = 1 AND units = $2::bigint"};
inline constexpr Query names_after{"subject.names", "SELECT id, uri FROM subject WHERE id > $1::bigint ORDER BY id LIMIT $2::bigint"};
inline constexpr Query names_known{"subject.known",
                                   "SELECT w.place, s.id FROM unnest($1::text[]) WITH ORDINALITY AS w (uri, place)"
                                   " JOIN subject s ON s.uri = w.uri"};

inline constexpr Query entries_add{"ledger.append",
                                   "COPY ledger_entry (sequence, bytes, leaf_hash, chain_hash) FROM STDIN (FORMAT binary)"};
inline constexpr Query checkpoints_put{"checkpoint.put",
                                       "INSERT INTO ledger_checkpoint (size, note) SELECT * FROM unnest($1::bigint[], $2::text[])"
                                       " ON CONFLICT (size) DO UPDATE SET note = excluded.note"};
inline constexpr Query subjects_add{"subject.add", "COPY subject (id, kind, uri, master) FROM STDIN (FORMAT binary)"};
inline constexpr Query masters_put{"subject.master",
                                   "UPDATE subject s SET master = w.master, kind = w.kind"
                                   " FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS w (id, master, kind) WHERE s.id = w.id"};
inline constexpr Query touched_add_new{"subject_entry.add", "COPY subject_entry (subject, sequence) FROM STDIN (FORMAT binary)"};
inline constexpr Query touched_add{"subject_entry.add",
                                   "INSERT INTO subject_entry (subject, sequence) SELECT unnest($1::bigint[]), unnest($2::bigint[])"
                                   " ON CONFLICT DO NOTHING"};
inline constexpr Query identifiers_clear{"identifier.clear", "DELETE FROM identifier WHERE item = ANY ($1::bigint[])"};
inline constexpr Query identifiers_add{
    "identifier.add",
    "INSERT INTO identifier (item, position, scheme, value, form)"
    " SELECT unnest($1::bigint[]), unnest($2::bigint[]), unnest($3::text[]), unnest($4::text[]), unnest($5::text[])"};
inline constexpr Query events_add{"event.add", "COPY event_row (event, sequence) FROM STDIN (FORMAT binary)"};
inline constexpr Query events_void{
    "event.void",
    "UPDATE event_row e SET voided_by = w.sequence FROM unnest($1::text[], $2::bigint[]) AS w (uri, sequence)"
    " JOIN subject s ON s.uri = w.uri WHERE e.event = s.id AND e.voided_by IS NULL"};
inline constexpr Query sources_put{
    "source_row.put",
    "INSERT INTO source_row (source, query, row_key, digest, sequence, event, version)"
    " SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[])"
    " ON CONFLICT (source, query, row_key) DO UPDATE SET digest = excluded.digest, sequence = excluded.sequence,"
    " event = excluded.event, version = excluded.version"};
inline constexpr Query commands_put{"command.put",
                                    "INSERT INTO command (command_key, digest, first_sequence, entries)"
                                    " SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[])"
                                    " ON CONFLICT (command_key) DO UPDATE SET entries = excluded.entries"};
inline constexpr Query cases_put{"case.put",
                                 "INSERT INTO case_state (case_id, workflow, version, state, item, sequence)"
                                 " SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::bigint[])"
                                 " ON CONFLICT (case_id) DO UPDATE SET workflow = excluded.workflow, version = excluded.version,"
                                 " state = excluded.state, item = excluded.item, sequence = excluded.sequence"};
inline constexpr Query case_fields_clear{"case_field.clear", "DELETE FROM case_field WHERE case_id = ANY ($1::text[])"};
inline constexpr Query case_fields_add{
    "case_field.add", "INSERT INTO case_field (case_id, name, value) SELECT * FROM unnest($1::text[], $2::text[], $3::text[])"};
inline constexpr Query persons_put{
    "person.put",
    "INSERT INTO person (party, name, contact, salt)"
    " SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])"
    " ON CONFLICT (party) DO UPDATE SET name = excluded.name, contact = excluded.contact, salt = excluded.salt"};
inline constexpr Query persons_redact{"person.redact", "DELETE FROM person WHERE party = ANY ($1::text[])"};
inline constexpr Query source_states_put{
    "source_state.put",
    "INSERT INTO source_state (source, query, position, paused, read_at, rows_read)"
    " SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[])"
    " ON CONFLICT (source, query) DO UPDATE SET position = excluded.position, paused = excluded.paused,"
    " read_at = excluded.read_at, rows_read = excluded.rows_read"};
inline constexpr Query rejects_put{"reject.put",
                                   "INSERT INTO reject (source, query, row_key, table_name, reason, at)"
                                   " SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[])"
                                   " ON CONFLICT (source, query, row_key) DO UPDATE SET table_name = excluded.table_name,"
                                   " reason = excluded.reason, at = excluded.at"};
inline constexpr Query rejects_clear{"reject.clear",
                                     "DELETE FROM reject r USING unnest($1::text[], $2::text[], $3::text[]) AS w (source, query, row_key)"
                                     " WHERE r.source = w.source AND r.query = w.query AND r.row_key = w.row_key"};

inline constexpr Query access_put{"access.put",
                                  "INSERT INTO access_record (kind, id, content)"
                                  " SELECT * FROM unnest($1::text[], $2::text[], $3::text[])"
                                  " ON CONFLICT (kind, id) DO UPDATE SET content = excluded.content"};
inline constexpr Query access_remove{"access.remove",
                                     "DELETE FROM access_record a USING unnest($1::text[], $2::text[]) AS w (kind, id)"
                                     " WHERE a.kind = w.kind AND a.id = w.id"};

}  // namespace stemma::store::postgres::q
