-- What is projected from the ledger, in the same transaction as the entries. All of it can be dropped and made again.

CREATE TABLE subject (
    id INTEGER PRIMARY KEY,  -- in order of first appearance; of meaning inside this database alone
    kind BIGINT NOT NULL,    -- 0 item, 1 product, 2 place, 3 party, 4 document, 5 transformation, 6 case, 7 event
    uri TEXT NOT NULL UNIQUE,
    master BIGINT            -- sequence of its newest master record
);
CREATE INDEX subject_kind ON subject (kind, id);

CREATE TABLE subject_entry (
    subject BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    PRIMARY KEY (subject, sequence)
) WITHOUT ROWID;

CREATE TABLE identifier (
    item BIGINT NOT NULL,      -- subject
    position BIGINT NOT NULL,  -- 0 is the one people see
    scheme TEXT NOT NULL,
    value TEXT NOT NULL,       -- as written
    form TEXT NOT NULL,        -- as searched
    PRIMARY KEY (item, position)
) WITHOUT ROWID;
CREATE INDEX identifier_form ON identifier (form, item, position);

CREATE TABLE event_row (
    event INTEGER PRIMARY KEY,  -- subject
    sequence BIGINT NOT NULL,
    voided_by BIGINT
);

CREATE TABLE source_row (
    source TEXT NOT NULL,
    query TEXT NOT NULL,
    row_key TEXT NOT NULL,
    digest TEXT NOT NULL,  -- '' = vanished
    sequence BIGINT NOT NULL,
    event BIGINT,          -- subject; NULL for a master record
    version BIGINT NOT NULL,
    PRIMARY KEY (source, query, row_key)
) WITHOUT ROWID;

CREATE TABLE command (
    command_key TEXT PRIMARY KEY,
    digest TEXT NOT NULL,
    first_sequence BIGINT NOT NULL,
    entries BIGINT NOT NULL
) WITHOUT ROWID;

CREATE TABLE case_state (
    case_id TEXT PRIMARY KEY,
    workflow TEXT NOT NULL,
    version BIGINT NOT NULL,
    state TEXT NOT NULL,
    item TEXT NOT NULL,
    sequence BIGINT NOT NULL  -- of its newest step
) WITHOUT ROWID;

CREATE TABLE case_field (
    case_id TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (case_id, name)
) WITHOUT ROWID;
