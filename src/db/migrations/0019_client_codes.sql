-- Codes by which clients come back, each of one browser that asked. Kept as a digest of the code
-- together with what that browser holds, which is not kept: the row alone opens nothing.
CREATE TABLE client_codes (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    client_id TEXT NOT NULL,
    browser BLOB NOT NULL CHECK (length(browser) = 32),     -- digest of what the browser holds
    digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
    mail_id TEXT NOT NULL,          -- the mail that carries it
    tries_before INTEGER NOT NULL,  -- of the browser, when it was made
    expires_at INTEGER NOT NULL,    -- the server's time
    PRIMARY KEY (tenant_id, client_id, browser),
    FOREIGN KEY (tenant_id, client_id) REFERENCES clients (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX client_codes_age ON client_codes (expires_at);

-- What browsers tried. Of every browser that brings what it was handed,
-- whether or not there is a code for it: the time of the answer must not tell.
CREATE TABLE client_code_tries (
    browser BLOB NOT NULL PRIMARY KEY CHECK (length(browser) = 32),
    tries INTEGER NOT NULL,
    expires_at INTEGER NOT NULL     -- the server's time
) STRICT, WITHOUT ROWID;

CREATE INDEX client_code_tries_age ON client_code_tries (expires_at);
