-- The ledger. Entries are never changed: our own connection cannot do it by mistake, and verify notices what others did.

CREATE TABLE ledger_entry (
    sequence INTEGER PRIMARY KEY,  -- dense from 0: the leaf index of RFC 6962
    bytes TEXT NOT NULL,           -- exactly as encoded
    leaf_hash TEXT NOT NULL,       -- hex SHA-256(0x00 and bytes)
    chain_hash TEXT NOT NULL       -- hex SHA-256(chain hash before and leaf hash)
);

CREATE TRIGGER ledger_entry_no_update BEFORE UPDATE ON ledger_entry
BEGIN
    SELECT RAISE(ABORT, 'ledger entries are never changed');
END;

CREATE TRIGGER ledger_entry_no_delete BEFORE DELETE ON ledger_entry
BEGIN
    SELECT RAISE(ABORT, 'ledger entries are never deleted');
END;

CREATE TABLE ledger_checkpoint (
    size INTEGER PRIMARY KEY,  -- number of entries it signs
    note TEXT NOT NULL         -- C2SP tlog-checkpoint
);
