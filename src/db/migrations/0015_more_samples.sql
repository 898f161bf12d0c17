-- Further kinds of sample data, and the run that puts it there.
CREATE TEMP TABLE kept AS SELECT tenant_id, kind, id FROM sample_objects;
DROP TABLE sample_objects;
CREATE TABLE sample_objects (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    kind TEXT NOT NULL CHECK (kind IN (
        'client', 'api_key', 'webhook', 'program_template', 'checkin_form', 'metric', 'run'
    )),
    id TEXT NOT NULL,
    PRIMARY KEY (tenant_id, kind, id)
) STRICT, WITHOUT ROWID;
INSERT INTO sample_objects (tenant_id, kind, id) SELECT tenant_id, kind, id FROM kept;
DROP TABLE kept;
