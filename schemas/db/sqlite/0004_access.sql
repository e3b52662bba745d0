-- Who may act: users, tokens, commands that wait for a second person. Hashes and names stand here and never in the ledger.

CREATE TABLE access_record (
    kind TEXT NOT NULL,     -- user, token, approval
    id TEXT NOT NULL,
    content TEXT NOT NULL,  -- JSON
    PRIMARY KEY (kind, id)
) WITHOUT ROWID;
