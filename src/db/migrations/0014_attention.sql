-- Why clients need the coach: a reason of each kind at most. Today is read off attention_order.
CREATE TABLE attention (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    client_id TEXT NOT NULL,
    kind TEXT NOT NULL,             -- a name in the table of kinds of the program
    rank INTEGER NOT NULL,          -- the kind's place in that table
    since INTEGER NOT NULL,
    until INTEGER,                  -- it ends by itself then
    object_id TEXT,                 -- what it is about, such as a payment
    detail TEXT NOT NULL,           -- JSON: what its words are made of
    dismissed INTEGER NOT NULL CHECK (dismissed IN (0, 1)), -- 1: the coach put it aside
    leads INTEGER NOT NULL CHECK (leads IN (0, 1)),         -- 1: the first of its client's
    active INTEGER NOT NULL CHECK (active IN (0, 1)),       -- whether its client is
    PRIMARY KEY (tenant_id, client_id, kind),
    FOREIGN KEY (tenant_id, client_id) REFERENCES clients (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX attention_order ON attention (tenant_id, rank, since, client_id) WHERE leads = 1;
CREATE INDEX attention_kind ON attention (tenant_id, kind, client_id);
CREATE INDEX attention_until ON attention (tenant_id, until) WHERE until IS NOT NULL;

-- How many clients have a reason: of a kind, of any ('all'), and active ones of any ('active').
CREATE TABLE attention_counts (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    kind TEXT NOT NULL,
    clients INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, kind)
) STRICT, WITHOUT ROWID;

-- What waits for a review of one client.
CREATE INDEX checkins_waiting ON checkins (tenant_id, client_id, at) WHERE status = 'submitted';

-- Who wrote last before there was this table.
INSERT INTO attention (
    tenant_id, client_id, kind, rank, since, until, object_id, detail, dismissed, leads, active
)
SELECT c.tenant_id, c.id, 'message_waiting', 2, m.created_at, NULL, m.id, '{}', 0, 1,
    c.status = 'active'
FROM clients c JOIN messages m ON m.tenant_id = c.tenant_id AND m.client_id = c.id
    AND m.id = (
        SELECT max(id) FROM messages WHERE tenant_id = c.tenant_id AND client_id = c.id
    )
WHERE c.archived_at IS NULL AND m.direction = 'to_coach';

INSERT INTO attention_counts (tenant_id, kind, clients)
SELECT tenant_id, 'message_waiting', count(*) FROM attention GROUP BY tenant_id;
INSERT INTO attention_counts (tenant_id, kind, clients)
SELECT tenant_id, 'all', count(*) FROM attention GROUP BY tenant_id;
INSERT INTO attention_counts (tenant_id, kind, clients)
SELECT tenant_id, 'active', sum(active) FROM attention GROUP BY tenant_id;
