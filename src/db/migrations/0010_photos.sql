-- Photos of clients: what is known of one, and apart from it the picture, so that lists read none.
CREATE TABLE photos (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    checkin_id TEXT,                -- the check-in that it is part of
    pose TEXT NOT NULL CHECK (pose IN ('front', 'side', 'back', 'other')),
    taken_on TEXT NOT NULL,         -- YYYY-MM-DD, the client's
    width INTEGER NOT NULL,         -- pixels
    height INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    version INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, client_id) REFERENCES clients (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX photos_client ON photos (tenant_id, client_id, id);
CREATE INDEX photos_checkin ON photos (tenant_id, checkin_id, id) WHERE checkin_id IS NOT NULL;

CREATE TABLE photo_pictures (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    photo_id TEXT NOT NULL,
    jpeg BLOB NOT NULL,             -- made here: nothing of the file that was sent but the picture
    PRIMARY KEY (tenant_id, photo_id),
    FOREIGN KEY (tenant_id, photo_id) REFERENCES photos (tenant_id, id)
) STRICT;
