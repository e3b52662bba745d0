-- The ledger. Entries are never changed: our own connection cannot do it by mistake, and verify notices what others did.
-- Texts compare by their bytes, as in every engine: COLLATE "C".

CREATE TABLE ledger_entry (
    sequence BIGINT PRIMARY KEY,          -- dense from 0: the leaf index of RFC 6962
    bytes BYTEA NOT NULL,                 -- exactly as encoded: a TEXT takes neither NUL nor what is no UTF-8
    leaf_hash TEXT COLLATE "C" NOT NULL,  -- hex SHA-256(0x00 and bytes)
    chain_hash TEXT COLLATE "C" NOT NULL  -- hex SHA-256(chain hash before and leaf hash)
);

CREATE FUNCTION refuse_change_of_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'ledger entries are never changed or deleted' USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER ledger_entry_no_change BEFORE UPDATE OR DELETE ON ledger_entry FOR EACH ROW EXECUTE FUNCTION refuse_change_of_ledger();
CREATE TRIGGER ledger_entry_no_truncate BEFORE TRUNCATE ON ledger_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_ledger();

CREATE TABLE ledger_checkpoint (
    size BIGINT PRIMARY KEY,        -- number of entries it signs
    note TEXT COLLATE "C" NOT NULL  -- C2SP tlog-checkpoint
);

-- One row: who writes holds it until its transaction ends, and finds there whether another wrote in between.
CREATE TABLE writer_turn (
    id BIGINT PRIMARY KEY CHECK (id = 1),
    units BIGINT NOT NULL,        -- units of work so far
    next_subject BIGINT NOT NULL  -- the number that the next new subject gets
);
INSERT INTO writer_turn (id, units, next_subject) VALUES (1, 0, 1);
