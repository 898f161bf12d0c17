-- Facts about this file that are not the schema version: SQLite's own user_version holds that.
CREATE TABLE meta(
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
