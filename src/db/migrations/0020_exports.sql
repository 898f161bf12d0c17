-- Files with all of a tenant's data, made when a coach asks. The times are the server's: the files lie
-- on its disk.
CREATE TABLE exports (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    id TEXT NOT NULL,
    status TEXT NOT NULL,           -- queued, running, ready, failed, expired
    progress TEXT,                  -- in words, while it runs
    clients INTEGER,                -- how many are in the file
    bytes INTEGER,                  -- of the file
    error TEXT,                     -- why there is no file
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    ready_at INTEGER,
    expires_at INTEGER,             -- when the file is removed
    PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;
