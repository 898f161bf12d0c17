-- People who are signed in: sessions, the one-time links that lead to one, and the mail that goes to
-- an account rather than to a tenant.

CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
    address TEXT,
    address_block TEXT,
    user_agent TEXT,
    authenticated_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    revoked_at INTEGER,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_account ON sessions (account_id, id);
CREATE INDEX sessions_age ON sessions (created_at);

CREATE TABLE one_time_links (
    digest BLOB PRIMARY KEY CHECK (length(digest) = 32),
    purpose TEXT NOT NULL CHECK (purpose IN ('set_up', 'sign_in')),
    account_id TEXT REFERENCES accounts (id),
    expires_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    CHECK ((purpose = 'set_up') = (account_id IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX one_time_links_purpose ON one_time_links (purpose, created_at);

CREATE TABLE password_resets (
    digest BLOB PRIMARY KEY CHECK (length(digest) = 32),
    account_id TEXT NOT NULL REFERENCES accounts (id),
    expires_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX password_resets_account ON password_resets (account_id, created_at);
CREATE INDEX password_resets_expiry ON password_resets (expires_at);

CREATE TABLE account_outbox (
    account_id TEXT NOT NULL REFERENCES accounts (id),
    id TEXT NOT NULL,
    template TEXT NOT NULL,
    recipient TEXT NOT NULL,
    fill BLOB NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('queued', 'sent', 'held', 'off', 'bounced', 'dropped')),
    reason TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    expires_at INTEGER,
    PRIMARY KEY (account_id, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX account_outbox_queued ON account_outbox (id) WHERE status = 'queued';
CREATE INDEX account_outbox_expiry ON account_outbox (expires_at)
    WHERE expires_at IS NOT NULL AND status IN ('queued', 'held');
