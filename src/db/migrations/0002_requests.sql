-- The request log, and usage by the hour. Why each table is as it is: schema.sql.

-- Requests of accepted credentials and their answers, in the order in which they were written, so
-- that the oldest end is swept. Holds no secret: bodies are redacted before they get here.
CREATE TABLE requests (
    number INTEGER PRIMARY KEY,
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    id TEXT NOT NULL,
    received_at INTEGER NOT NULL,   -- the server's time: what the sweep goes by
    created_at INTEGER NOT NULL,    -- the tenant's time
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    route TEXT,                     -- the path with parameters in braces; NULL if there is none
    status INTEGER NOT NULL,
    duration_us INTEGER NOT NULL,
    code TEXT,                      -- of what went wrong
    caller_kind TEXT NOT NULL,      -- the kind of credential
    caller_id TEXT,                 -- its id; of a token the key's
    caller_name TEXT,
    address TEXT,
    replayed INTEGER NOT NULL CHECK (replayed IN (0, 1)),
    limit_requests INTEGER,         -- where the account's limit stood; NULL if there is none
    limit_remaining INTEGER,
    limit_reset_at INTEGER,
    query TEXT,
    user_agent TEXT,
    idempotency_key TEXT,
    bodies TEXT NOT NULL CHECK (bodies IN ('kept', 'masked', 'not_kept')),
    request_type TEXT,
    answer_type TEXT,
    request_truncated INTEGER NOT NULL CHECK (request_truncated IN (0, 1)),
    answer_truncated INTEGER NOT NULL CHECK (answer_truncated IN (0, 1)),
    request_body TEXT,
    answer_body TEXT
) STRICT;

CREATE UNIQUE INDEX requests_id ON requests (tenant_id, id);

-- How many requests there were, by the hour of the tenant's clock, and how they ended. Kept longer
-- than the requests themselves, and complete where those are not.
CREATE TABLE usage_hours (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    hour INTEGER NOT NULL,          -- hours since 1970
    key_id TEXT NOT NULL,           -- '' where no key was used
    route TEXT NOT NULL,            -- such as 'GET /v1/clients'; '' where there is no route
    requests INTEGER NOT NULL,
    succeeded INTEGER NOT NULL,
    client_errors INTEGER NOT NULL,
    server_errors INTEGER NOT NULL,
    rate_limited INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, hour, key_id, route)
) STRICT, WITHOUT ROWID;

CREATE INDEX usage_hours_age ON usage_hours (hour);
