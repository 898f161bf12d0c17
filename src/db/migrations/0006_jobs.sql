-- Work that is done after a commit: one durable queue, and what people are told of it.

CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    for_tenant INTEGER REFERENCES tenants (id),
    destination TEXT NOT NULL,
    about TEXT,
    payload TEXT NOT NULL DEFAULT '{}',
    status TEXT NOT NULL
        CHECK (status IN ('queued', 'running', 'succeeded', 'failed', 'interrupted')),
    repeatable INTEGER NOT NULL CHECK (repeatable IN (0, 1)),
    recurring INTEGER NOT NULL DEFAULT 0 CHECK (recurring IN (0, 1)),
    due_at INTEGER NOT NULL,
    ready_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    error TEXT,
    progress TEXT,
    started_at INTEGER,
    ended_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    CHECK (recurring = 0 OR repeatable = 1)
) STRICT, WITHOUT ROWID;

CREATE INDEX jobs_ready ON jobs (ready_at, kind, id) WHERE status = 'queued';
CREATE INDEX jobs_running ON jobs (id) WHERE status = 'running';
CREATE INDEX jobs_ended ON jobs (ended_at) WHERE ended_at IS NOT NULL AND recurring = 0;
CREATE INDEX jobs_of_tenant ON jobs (for_tenant, status, ready_at) WHERE for_tenant IS NOT NULL;
CREATE UNIQUE INDEX jobs_schedule ON jobs (kind, coalesce(for_tenant, 0)) WHERE recurring = 1;

-- The mails that need somebody or something: the rest of the outbox is history.
CREATE INDEX outbox_open ON outbox (tenant_id, status, id)
    WHERE status IN ('queued', 'held', 'bounced');

-- Mail that was queued before there was anything to send it gets its job; both ids end alike.
INSERT INTO jobs (
    id, kind, for_tenant, destination, about, status, repeatable, due_at, ready_at, created_at,
    updated_at
)
SELECT 'job_' || substr(id, 6), 'mail.send', tenant_id,
    'mail:' || lower(substr(recipient, instr(recipient, '@') + 1)), id, 'queued', 1, created_at,
    created_at, created_at, created_at
FROM outbox WHERE status = 'queued';

INSERT INTO jobs (
    id, kind, destination, about, payload, status, repeatable, due_at, ready_at, created_at,
    updated_at
)
SELECT 'job_' || substr(id, 6), 'mail.account',
    'mail:' || lower(substr(recipient, instr(recipient, '@') + 1)), id,
    json_object('account_id', account_id), 'queued', 1, created_at, created_at, created_at,
    created_at
FROM account_outbox WHERE status = 'queued';

CREATE TABLE notices (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    stage TEXT NOT NULL,
    severity TEXT NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
    title TEXT NOT NULL,
    message TEXT NOT NULL,
    action_label TEXT,
    action_href TEXT,
    created_at INTEGER NOT NULL,
    ended_at INTEGER,
    PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX notices_subject ON notices (tenant_id, kind, subject);

CREATE TABLE dismissals (
    account_id TEXT NOT NULL REFERENCES accounts (id),
    notice_id TEXT NOT NULL,
    dismissed_at INTEGER NOT NULL,
    PRIMARY KEY (account_id, notice_id)
) STRICT, WITHOUT ROWID;
