-- Forms of check-ins. The default form is built in until it is changed for the first time.
CREATE TABLE checkin_forms (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,       -- the latest
    questions TEXT NOT NULL,        -- JSON: those of the latest version
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id)
) STRICT;

-- Every version that a form had: a check-in is read by the one that it was answered with.
CREATE TABLE checkin_form_versions (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    form_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    name TEXT NOT NULL,
    questions TEXT NOT NULL,        -- JSON
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, form_id, version),
    FOREIGN KEY (tenant_id, form_id) REFERENCES checkin_forms (tenant_id, id)
) STRICT;

-- When a client is to check in. wake_at is the next time at which something has to be done.
CREATE TABLE checkin_schedules (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    client_id TEXT NOT NULL,
    active INTEGER NOT NULL CHECK (active IN (0, 1)),
    weekday INTEGER NOT NULL CHECK (weekday BETWEEN 0 AND 6), -- from Monday
    every_weeks INTEGER NOT NULL CHECK (every_weeks BETWEEN 1 AND 4),
    minutes INTEGER NOT NULL CHECK (minutes BETWEEN 0 AND 1439), -- after midnight, the client's
    form_id TEXT,                   -- none: the default form
    timezone TEXT NOT NULL,         -- by which the times below were worked out
    next_on TEXT NOT NULL,          -- YYYY-MM-DD, the client's: the day of the next check-in
    next_due_at INTEGER,
    opened INTEGER NOT NULL CHECK (opened IN (0, 1)), -- whether that check-in is there already
    wake_at INTEGER,                -- none while it is not active
    version INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, client_id),
    FOREIGN KEY (tenant_id, client_id) REFERENCES clients (tenant_id, id)
) STRICT;

CREATE INDEX checkin_schedules_wake ON checkin_schedules (tenant_id, wake_at, client_id)
    WHERE wake_at IS NOT NULL;

CREATE TABLE checkins (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('pending', 'overdue', 'submitted', 'reviewed')),
    scheduled INTEGER NOT NULL CHECK (scheduled IN (0, 1)),
    due_at INTEGER,
    closes_at INTEGER,              -- of a scheduled one: from then on it is too late for it
    at INTEGER NOT NULL,            -- when it was submitted; until then, when it is due
    local_date TEXT NOT NULL,       -- YYYY-MM-DD: the day of that time, the client's
    period_from TEXT NOT NULL,
    period_to TEXT NOT NULL,
    form_id TEXT,
    form_version INTEGER,
    source TEXT CHECK (source IN ('client', 'coach', 'api')),
    submitted_at INTEGER,
    reviewed_at INTEGER,
    reply TEXT,
    private_notes TEXT,
    version INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    content TEXT NOT NULL,          -- JSON: answers, notes, RPE, wearable summary
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, client_id) REFERENCES clients (tenant_id, id),
    CHECK ((submitted_at IS NOT NULL) = (status IN ('submitted', 'reviewed'))),
    CHECK (scheduled = 0 OR due_at IS NOT NULL)
) STRICT;

CREATE INDEX checkins_client ON checkins (tenant_id, client_id, local_date, id);
CREATE INDEX checkins_status ON checkins (tenant_id, status, at, id);
CREATE INDEX checkins_submitted ON checkins (tenant_id, at, id) WHERE submitted_at IS NOT NULL;
CREATE INDEX checkins_due ON checkins (tenant_id, client_id, due_at) WHERE scheduled = 1;

-- What a coach measures beyond what everybody does.
CREATE TABLE metrics (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    name TEXT NOT NULL,
    id TEXT NOT NULL,
    title TEXT NOT NULL,
    quantity TEXT NOT NULL,
    units TEXT NOT NULL,            -- JSON array
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, name)
) STRICT;

-- What was measured, by client so that a series is one range.
CREATE TABLE measurements (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    client_id TEXT NOT NULL,
    id TEXT NOT NULL,
    checkin_id TEXT,
    metric TEXT NOT NULL,
    value INTEGER NOT NULL,         -- thousandths, as entered
    unit TEXT NOT NULL,             -- as entered
    si INTEGER,                     -- millionths of the SI unit; none where there is no such unit
    site TEXT,
    measured_at INTEGER NOT NULL,
    local_date TEXT NOT NULL,       -- YYYY-MM-DD: the day of that time, the client's
    source TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, client_id, id),
    FOREIGN KEY (tenant_id, client_id) REFERENCES clients (tenant_id, id),
    FOREIGN KEY (tenant_id, checkin_id) REFERENCES checkins (tenant_id, id)
) STRICT;

CREATE INDEX measurements_at ON measurements (tenant_id, client_id, measured_at, id);
CREATE INDEX measurements_metric ON measurements (tenant_id, client_id, metric, measured_at, id);
CREATE INDEX measurements_checkin ON measurements (tenant_id, checkin_id)
    WHERE checkin_id IS NOT NULL;
