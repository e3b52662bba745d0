-- The little that is not in the ledger and is not projected from it.

CREATE TABLE person (
    party TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    contact TEXT NOT NULL,
    salt TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE source_state (
    source TEXT NOT NULL,
    query TEXT NOT NULL,      -- '' = the source as a whole
    position TEXT NOT NULL,   -- the adapter's cursor
    paused TEXT NOT NULL,     -- why; '' = it runs
    read_at BIGINT NOT NULL,  -- microseconds, UTC
    rows_read BIGINT NOT NULL,
    PRIMARY KEY (source, query)
) WITHOUT ROWID;

CREATE TABLE reject (
    source TEXT NOT NULL,
    query TEXT NOT NULL,
    row_key TEXT NOT NULL,
    table_name TEXT NOT NULL,
    reason TEXT NOT NULL,
    at BIGINT NOT NULL,  -- microseconds, UTC
    PRIMARY KEY (source, query, row_key)
) WITHOUT ROWID;
