-- Apps that act for coaches, and what they were given. Why each table is as it is: schema.sql.

-- Apps. The client identifier is looked up before any tenant is known, so it is unique by itself.
CREATE TABLE oauth_apps (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id), -- who registered it; its mode is the app's
    id TEXT NOT NULL UNIQUE,        -- the client identifier
    name TEXT NOT NULL,
    client_type TEXT NOT NULL CHECK (client_type IN ('public', 'confidential')),
    client_uri TEXT,                -- its home page
    redirect_uris TEXT NOT NULL,    -- JSON array of text
    scopes TEXT NOT NULL,           -- the most that it may ask for
    secret_number INTEGER NOT NULL DEFAULT 0, -- counts the secrets; tokens remember theirs
    secret_digest BLOB CHECK (length(secret_digest) = 32), -- of a confidential app
    secret_hint TEXT,
    former_digest BLOB CHECK (length(former_digest) = 32), -- of the secret before it
    former_works_until INTEGER,
    deleted_at INTEGER,
    version INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;

-- Origins of redirect URIs: browsers there may call the API.
CREATE TABLE oauth_origins (
    tenant_id INTEGER NOT NULL,
    app_id TEXT NOT NULL,
    origin TEXT NOT NULL,
    PRIMARY KEY (tenant_id, app_id, origin),
    UNIQUE (origin, tenant_id, app_id), -- the question is whether anybody has it
    FOREIGN KEY (tenant_id, app_id) REFERENCES oauth_apps (tenant_id, id)
) STRICT, WITHOUT ROWID;

-- What a coach lets an app do in a workspace: one row an app, a coach and a workspace.
CREATE TABLE oauth_grants (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id), -- the workspace that she chose
    id TEXT NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id),  -- who consented
    app_id TEXT NOT NULL REFERENCES oauth_apps (id),
    scopes TEXT NOT NULL,
    last_used_at INTEGER,
    revoked_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX oauth_grants_one ON oauth_grants (tenant_id, account_id, app_id)
    WHERE revoked_at IS NULL;

-- All the tokens that follow from one authorization code. Reuse of a spent one ends them all.
CREATE TABLE oauth_families (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    id TEXT NOT NULL,
    grant_id TEXT NOT NULL,
    scopes TEXT NOT NULL,
    resource TEXT,                  -- the audience that was asked for; NULL is this server
    expires_at INTEGER NOT NULL,    -- for good, however often it is refreshed
    revoked_at INTEGER,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, grant_id) REFERENCES oauth_grants (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX oauth_families_grant ON oauth_families (tenant_id, grant_id);
CREATE INDEX oauth_families_expiry ON oauth_families (expires_at);

-- Authorization codes, in a table of their own: nothing else can pass for one.
CREATE TABLE authorization_codes (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
    grant_id TEXT NOT NULL,
    session_id TEXT NOT NULL,       -- the session that consented
    redirect_uri TEXT NOT NULL,
    challenge TEXT NOT NULL,        -- of PKCE, S256
    scopes TEXT NOT NULL,
    resource TEXT,
    failures INTEGER NOT NULL DEFAULT 0, -- wrong verifiers
    family_id TEXT,                 -- set once it is redeemed
    expires_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, digest),
    FOREIGN KEY (tenant_id, grant_id) REFERENCES oauth_grants (tenant_id, id),
    FOREIGN KEY (tenant_id, family_id) REFERENCES oauth_families (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX authorization_codes_expiry ON authorization_codes (expires_at);

-- Refresh tokens. Spent ones are kept until their family's end: their reuse must be noticed.
CREATE TABLE refresh_tokens (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
    family_id TEXT NOT NULL,
    generation INTEGER NOT NULL,    -- 1 came with the code
    idle_expires_at INTEGER NOT NULL,
    spent_at INTEGER,
    answer BLOB,                    -- sealed: what it was answered with, for a lost answer
    answer_until INTEGER,
    kept_until INTEGER NOT NULL,    -- the family's end
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, digest),
    UNIQUE (tenant_id, family_id, generation), -- a family never forks
    FOREIGN KEY (tenant_id, family_id) REFERENCES oauth_families (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX refresh_tokens_expiry ON refresh_tokens (kept_until);
CREATE INDEX refresh_tokens_answers ON refresh_tokens (answer_until) WHERE answer IS NOT NULL;

-- Consent tickets that were used. One is sealed into its page, and counts once.
CREATE TABLE spent_tickets (
    digest BLOB PRIMARY KEY CHECK (length(digest) = 32),
    expires_at INTEGER NOT NULL     -- the ticket is refused from here on in any case
) STRICT, WITHOUT ROWID;

CREATE INDEX spent_tickets_expiry ON spent_tickets (expires_at);

-- Access tokens are no longer of keys alone.
CREATE TEMP TABLE kept_tokens AS
    SELECT tenant_id, digest, key_id, scopes, expires_at, created_at FROM access_tokens;

DROP TABLE access_tokens;

CREATE TABLE access_tokens (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
    key_id TEXT,                    -- of client credentials: the API key that obtained it
    app_id TEXT,                    -- of client credentials: the app that obtained it …
    secret_number INTEGER,          -- … and with which of its secrets
    family_id TEXT,                 -- of an authorization code or a refresh token
    scopes TEXT NOT NULL,
    expires_at INTEGER NOT NULL,    -- the tenant's time
    revoked_at INTEGER,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, digest),
    FOREIGN KEY (tenant_id, key_id) REFERENCES api_keys (tenant_id, id),
    FOREIGN KEY (tenant_id, app_id) REFERENCES oauth_apps (tenant_id, id),
    FOREIGN KEY (tenant_id, family_id) REFERENCES oauth_families (tenant_id, id),
    CHECK ((key_id IS NOT NULL) + (app_id IS NOT NULL) + (family_id IS NOT NULL) = 1)
) STRICT, WITHOUT ROWID;

CREATE INDEX access_tokens_expiry ON access_tokens (expires_at);

INSERT INTO access_tokens (tenant_id, digest, key_id, scopes, expires_at, created_at)
    SELECT tenant_id, digest, key_id, scopes, expires_at, created_at FROM kept_tokens;

DROP TABLE kept_tokens;
