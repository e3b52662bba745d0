-- The little that is not in the ledger and is not projected from it.

CREATE TABLE person (
    party TEXT COLLATE "C" PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL,
    contact TEXT COLLATE "C" NOT NULL,
    salt TEXT COLLATE "C" NOT NULL
);

CREATE TABLE source_state (
    source TEXT COLLATE "C" NOT NULL,
    query TEXT COLLATE "C" NOT NULL,     -- '' = the source as a whole
    position TEXT COLLATE "C" NOT NULL,  -- the adapter's cursor
    paused TEXT COLLATE "C" NOT NULL,    -- why; '' = it runs
    read_at BIGINT NOT NULL,             -- microseconds, UTC
    rows_read BIGINT NOT NULL,
    PRIMARY KEY (source, query)
);

CREATE TABLE reject (
    source TEXT COLLATE "C" NOT NULL,
    query TEXT COLLATE "C" NOT NULL,
    row_key TEXT COLLATE "C" NOT NULL,
    table_name TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,  -- microseconds, UTC
    PRIMARY KEY (source, query, row_key)
);
