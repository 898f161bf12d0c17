-- A client's measurements lie together, and so do a check-in's photos among those of its client: what
-- is read of one client touches few pages, however many clients there are.
DROP INDEX measurements_at;
DROP INDEX measurements_metric;
DROP INDEX measurements_checkin;
ALTER TABLE measurements RENAME TO former_measurements;

-- What was measured, by client so that a series is one range.
CREATE TABLE measurements (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    client_id TEXT NOT NULL,
    id TEXT NOT NULL,
    checkin_id TEXT,                -- the client's, written with it and never removed before it
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
    FOREIGN KEY (tenant_id, client_id) REFERENCES clients (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX measurements_at ON measurements (tenant_id, client_id, measured_at, id);
CREATE INDEX measurements_metric ON measurements (tenant_id, client_id, metric, measured_at, id);
CREATE INDEX measurements_checkin ON measurements (tenant_id, client_id, checkin_id, id)
    WHERE checkin_id IS NOT NULL;

INSERT INTO measurements (
    tenant_id, client_id, id, checkin_id, metric, value, unit, si, site, measured_at, local_date,
    source, created_at
) SELECT
    tenant_id, client_id, id, checkin_id, metric, value, unit, si, site, measured_at, local_date,
    source, created_at
FROM former_measurements ORDER BY tenant_id, client_id, id;
DROP TABLE former_measurements;

DROP INDEX photos_checkin;
CREATE INDEX photos_checkin ON photos (tenant_id, client_id, checkin_id, id)
    WHERE checkin_id IS NOT NULL;
