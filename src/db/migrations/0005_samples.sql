-- What was made as sample data. Why the table is as it is: schema.sql.

CREATE TABLE sample_objects (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    kind TEXT NOT NULL CHECK (kind IN ('client', 'api_key')),
    id TEXT NOT NULL,
    PRIMARY KEY (tenant_id, kind, id)
) STRICT, WITHOUT ROWID;
