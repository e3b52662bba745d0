-- Who may act: users, tokens, commands that wait for a second person. Hashes and names stand here and never in the ledger.

CREATE TABLE access_record (
    kind TEXT COLLATE "C" NOT NULL,     -- user, token, approval
    id TEXT COLLATE "C" NOT NULL,
    content TEXT COLLATE "C" NOT NULL,  -- JSON
    PRIMARY KEY (kind, id)
);
