-- Exercises of the coach's own, beside the embedded catalogue.
CREATE TABLE exercises (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    slug TEXT NOT NULL,
    id TEXT NOT NULL,
    body TEXT NOT NULL,             -- JSON: the exercise, as the catalogue has them
    version INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, slug)
) STRICT;

CREATE UNIQUE INDEX exercises_id ON exercises (tenant_id, id);

-- Programs of clients. What one is made of is one document: it is read and written whole.
CREATE TABLE programs (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('draft', 'active', 'completed', 'archived')),
    name TEXT NOT NULL,
    notes TEXT,
    goal TEXT,
    start_date TEXT,                -- YYYY-MM-DD, the client's; day 1 of the first cycle
    cycles TEXT NOT NULL,           -- JSON: of each block the days of a cycle, and how many
    template_id TEXT,               -- what it was made from
    metadata TEXT NOT NULL DEFAULT '{}', -- JSON object of text
    activated_at INTEGER,
    completed_at INTEGER,
    archived_at INTEGER,
    version INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    generation TEXT,                -- JSON: how a generated one came about
    blocks TEXT NOT NULL,           -- JSON; last, since lists leave it unread
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, client_id) REFERENCES clients (tenant_id, id)
) STRICT;

CREATE INDEX programs_client ON programs (tenant_id, client_id, id);
-- A client follows one program at a time.
CREATE UNIQUE INDEX programs_active ON programs (tenant_id, client_id) WHERE status = 'active';

-- Programs that are nobody's yet.
CREATE TABLE program_templates (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    notes TEXT,
    goal TEXT,
    cycles TEXT NOT NULL,           -- JSON, as in programs
    version INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    blocks TEXT NOT NULL,           -- JSON
    PRIMARY KEY (tenant_id, id)
) STRICT;

-- What clients did in a training, by client so that a history is one range.
CREATE TABLE workout_logs (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    client_id TEXT NOT NULL,
    id TEXT NOT NULL,
    performed_on TEXT NOT NULL,     -- YYYY-MM-DD, the client's
    status TEXT NOT NULL CHECK (status IN ('done', 'partial', 'missed', 'excused')),
    program_id TEXT,                -- of a planned training
    place TEXT,                     -- of a planned training: block, week and session, such as 1.2.3
    pain INTEGER NOT NULL CHECK (pain IN (0, 1)), -- some set hurt
    body TEXT NOT NULL,             -- JSON: exercises and sets, as entered
    version INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, client_id, id),
    FOREIGN KEY (tenant_id, client_id) REFERENCES clients (tenant_id, id)
) STRICT;

CREATE INDEX workout_logs_day ON workout_logs (tenant_id, client_id, performed_on);

-- The best of each client: by estimated maximum, and by repetitions.
CREATE TABLE personal_records (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    client_id TEXT NOT NULL,
    exercise TEXT NOT NULL,
    reps INTEGER NOT NULL,          -- of a repetition maximum; 0 of the estimated maximum
    grams INTEGER NOT NULL,
    achieved_on TEXT NOT NULL,
    log_id TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, client_id, exercise, reps),
    FOREIGN KEY (tenant_id, client_id) REFERENCES clients (tenant_id, id)
) STRICT, WITHOUT ROWID;
