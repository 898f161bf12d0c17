-- Webhooks: where what happened is told, what was told, and how that went.

-- Of a tenant that has webhooks: how far its events were handed to them.
ALTER TABLE tenants ADD COLUMN webhook_sequence INTEGER;
-- What the test inbox answers.
ALTER TABLE tenants ADD COLUMN inbox_answer TEXT NOT NULL DEFAULT 'ok'
    CHECK (inbox_answer IN ('ok', 'error', 'slow', 'gone'));

CREATE INDEX tenants_behind ON tenants (id) WHERE webhook_sequence < event_sequence;

CREATE TABLE webhooks (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    id TEXT NOT NULL,
    url TEXT NOT NULL,
    inbox INTEGER NOT NULL CHECK (inbox IN (0, 1)),
    description TEXT,
    events TEXT NOT NULL,
    scopes TEXT,
    app_id TEXT,
    grant_id TEXT,
    secret BLOB NOT NULL,
    former_secret BLOB,
    former_until INTEGER,
    status TEXT NOT NULL CHECK (status IN ('enabled', 'paused', 'disabled')),
    disabled_reason TEXT CHECK (disabled_reason IN ('failing', 'gone')),
    first_sequence INTEGER NOT NULL,
    last_sequence INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0,
    last_failed INTEGER,
    unreached INTEGER NOT NULL DEFAULT 0 CHECK (unreached IN (0, 1)),
    failing_since INTEGER,
    hold_until INTEGER,
    told TEXT CHECK (told IN ('notice', 'mail')),
    replay_since INTEGER,
    replay_next INTEGER,
    replay_last INTEGER,
    replay_from INTEGER,
    replay_all INTEGER CHECK (replay_all IN (0, 1)),
    deleted_at INTEGER,
    version INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id)
) STRICT;

CREATE TABLE deliveries (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    webhook_id TEXT NOT NULL,
    endpoint_sequence INTEGER NOT NULL,
    id TEXT NOT NULL,
    event_sequence INTEGER NOT NULL,
    event_id TEXT NOT NULL,
    event_type TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('pending', 'delivered', 'failed', 'cancelled')),
    attempts INTEGER NOT NULL DEFAULT 0,
    tries INTEGER NOT NULL DEFAULT 0,
    next_try_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, webhook_id, endpoint_sequence),
    FOREIGN KEY (tenant_id, webhook_id) REFERENCES webhooks (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX deliveries_id ON deliveries (tenant_id, id);
CREATE UNIQUE INDEX deliveries_event ON deliveries (tenant_id, event_sequence, webhook_id);
CREATE INDEX deliveries_pending ON deliveries (tenant_id, webhook_id, endpoint_sequence)
    WHERE status = 'pending';

CREATE TABLE delivery_attempts (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    delivery_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    duration_ms INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    status INTEGER,
    detail TEXT,
    answer TEXT,
    answer_truncated INTEGER NOT NULL DEFAULT 0 CHECK (answer_truncated IN (0, 1)),
    PRIMARY KEY (tenant_id, delivery_id, number)
) STRICT;

-- What the test inbox of a test tenant received.
CREATE TABLE inbox_messages (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    id TEXT NOT NULL,
    webhook_id TEXT NOT NULL,
    event_id TEXT NOT NULL,
    event_type TEXT NOT NULL,
    headers TEXT NOT NULL,
    body TEXT NOT NULL,
    signature TEXT NOT NULL CHECK (signature IN ('valid', 'invalid')),
    answered INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id)
) STRICT;
