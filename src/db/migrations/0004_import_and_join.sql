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

-- Devices on which clients use the app. Only a digest of the cookie is kept.
CREATE TABLE client_sessions (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    client_id TEXT NOT NULL,
    id TEXT NOT NULL,
    digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
    address TEXT,                   -- where it began
    user_agent TEXT,
    last_seen_at INTEGER NOT NULL,  -- the server's time, to the day
    revoked_at INTEGER,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, client_id, id),
    FOREIGN KEY (tenant_id, client_id) REFERENCES clients (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX client_sessions_age ON client_sessions (last_seen_at);

-- What clients agreed to, by the version of its words. Never overwritten.
CREATE TABLE client_consents (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    client_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('terms', 'health_data', 'messages')),
    text_version TEXT NOT NULL,
    given_at INTEGER NOT NULL,      -- the tenant's time
    withdrawn_at INTEGER,
    PRIMARY KEY (tenant_id, client_id, kind, given_at),
    FOREIGN KEY (tenant_id, client_id) REFERENCES clients (tenant_id, id)
) STRICT, WITHOUT ROWID;
