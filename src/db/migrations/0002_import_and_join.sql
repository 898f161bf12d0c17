-- What steps of a long write gave, kept until the whole is answered: whoever comes back with the
-- same idempotency key does the steps that are left.
CREATE TABLE saved_steps (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    principal TEXT NOT NULL,
    key_digest BLOB NOT NULL,       -- the first 16 bytes of the key's SHA-256
    step INTEGER NOT NULL,
    fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 32),
    saved_at INTEGER NOT NULL,      -- the server's time: what the sweep goes by
    outcome BLOB NOT NULL,
    PRIMARY KEY (tenant_id, principal, key_digest, step)
) STRICT, WITHOUT ROWID;

CREATE INDEX saved_steps_age ON saved_steps (saved_at);
