-- What is projected from the ledger, in the same transaction as the entries. All of it can be dropped and made again.

CREATE TABLE subject (
    id BIGINT PRIMARY KEY,  -- in order of first appearance; of meaning inside this database alone
    kind BIGINT NOT NULL,   -- 0 item, 1 product, 2 place, 3 party, 4 document, 5 transformation, 6 case, 7 event
    uri TEXT COLLATE "C" NOT NULL UNIQUE,
    master BIGINT           -- sequence of its newest master record
);
CREATE INDEX subject_kind ON subject (kind, id);

CREATE TABLE subject_entry (
    subject BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    PRIMARY KEY (subject, sequence)
);

CREATE TABLE identifier (
    item BIGINT NOT NULL,             -- subject
    position BIGINT NOT NULL,         -- 0 is the one people see
    scheme TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,  -- as written
    form TEXT COLLATE "C" NOT NULL,   -- as searched
    PRIMARY KEY (item, position)
);
CREATE INDEX identifier_form ON identifier (form, item, position);

CREATE TABLE event_row (
    event BIGINT PRIMARY KEY,  -- subject
    sequence BIGINT NOT NULL,
    voided_by BIGINT
);

CREATE TABLE source_row (
    source TEXT COLLATE "C" NOT NULL,
    query TEXT COLLATE "C" NOT NULL,
    row_key TEXT COLLATE "C" NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,  -- '' = vanished
    sequence BIGINT NOT NULL,
    event BIGINT,                      -- subject; NULL for a master record
    version BIGINT NOT NULL,
    PRIMARY KEY (source, query, row_key)
);

CREATE TABLE command (
    command_key TEXT COLLATE "C" PRIMARY KEY,
    digest TEXT COLLATE "C" NOT NULL,
    first_sequence BIGINT NOT NULL,
    entries BIGINT NOT NULL
);

CREATE TABLE case_state (
    case_id TEXT COLLATE "C" PRIMARY KEY,
    workflow TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    item TEXT COLLATE "C" NOT NULL,
    sequence BIGINT NOT NULL  -- of its newest step
);

CREATE TABLE case_field (
    case_id TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (case_id, name)
);
