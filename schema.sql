-- The whole current schema of a Cadence database, table by table. The migrations in
-- src/db/migrations build exactly this; a test holds the two equal.
--
-- Conventions: times are integer milliseconds since 1970 UTC; ids are the text that users see;
-- every table of a coach's data has tenant_id first in its key, so a list is a range scan and a
-- forgotten filter finds nothing. There are no triggers and no clock in SQL.

-- Facts about the file itself: when it was made, the epoch that a restore changes.
CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- People who sign in. The first is the owner of the server, later ones are coaches.
CREATE TABLE accounts (
    id TEXT PRIMARY KEY,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL UNIQUE, -- the address case-folded: one account an address
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,    -- argon2id, PHC string
    role TEXT NOT NULL CHECK (role IN ('owner', 'coach')),
    plan TEXT NOT NULL,             -- a name in the configuration
    status TEXT NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'disabled')),
    version INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE workspaces (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id), -- whose plan and limits count
    name TEXT NOT NULL,
    timezone TEXT NOT NULL DEFAULT 'UTC',
    units TEXT NOT NULL DEFAULT 'metric' CHECK (units IN ('metric', 'imperial')),
    version INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX workspaces_account ON workspaces (account_id, id);

-- Who may work in a workspace.
CREATE TABLE memberships (
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    account_id TEXT NOT NULL REFERENCES accounts (id),
    role TEXT NOT NULL CHECK (role IN ('owner', 'coach')),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, account_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX memberships_account ON memberships (account_id, workspace_id);

-- One workspace in one mode. Its number stands first in the key of each of its rows.
CREATE TABLE tenants (
    id INTEGER PRIMARY KEY,
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    mode TEXT NOT NULL CHECK (mode IN ('test', 'live')),
    event_sequence INTEGER NOT NULL DEFAULT 0, -- the last one given out: dense, in commit order
    clock_offset_ms INTEGER NOT NULL DEFAULT 0 CHECK (mode = 'test' OR clock_offset_ms = 0),
    webhook_sequence INTEGER,       -- how far events were handed to webhooks; NULL without any
    inbox_answer TEXT NOT NULL DEFAULT 'ok' -- what the test inbox answers
    CHECK (inbox_answer IN ('ok', 'error', 'slow', 'gone')),
    UNIQUE (workspace_id, mode)
) STRICT;

-- Tenants that have told their webhooks of less than what happened.
CREATE INDEX tenants_behind ON tenants (id) WHERE webhook_sequence < event_sequence;

-- API keys. Only a digest is kept: over 160 random bits need no slow hash and no pepper.
CREATE TABLE api_keys (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    id TEXT NOT NULL,
    digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
    hint TEXT NOT NULL,             -- the last four characters, to tell keys apart
    name TEXT NOT NULL,
    description TEXT,
    scopes TEXT,                    -- space-separated; NULL is every scope, later ones too
    allowed_ips TEXT,               -- space-separated addresses and blocks; NULL is anywhere
    expires_at INTEGER,
    disabled_at INTEGER,
    revoked_at INTEGER,
    rotated_at INTEGER,             -- set for good once a successor exists
    works_until INTEGER,            -- of a rotated key: refused from here on; NULL while the
                                    -- successor's first use is awaited, see successor_grace_ms
    successor_grace_ms INTEGER,     -- of a rotated key whose successor is still unused
    rotated_from TEXT,              -- of a successor: the key it replaces
    rotated_by TEXT,                -- of a rotated key: the key that asked for it, if a key did
    first_used_at INTEGER,
    last_used_at INTEGER,
    last_used_ip TEXT,
    version INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;

-- The rate window of an account in a mode, as it was last written.
CREATE TABLE rate_windows (
    account_id TEXT NOT NULL REFERENCES accounts (id),
    mode TEXT NOT NULL CHECK (mode IN ('test', 'live')),
    opened_at INTEGER NOT NULL,
    used INTEGER NOT NULL,
    warned INTEGER NOT NULL CHECK (warned IN (0, 1)), -- the account was told at 80 %
    PRIMARY KEY (account_id, mode)
) STRICT, WITHOUT ROWID;

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

-- Access tokens. Who obtained one decides, at each use, how much of it is left.
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

-- Who did what to keys, accounts and settings. Only ever appended to; holds no secret.
CREATE TABLE audit_log (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    id TEXT NOT NULL,
    at INTEGER NOT NULL,
    action TEXT NOT NULL,           -- such as api_key.revoked
    actor TEXT NOT NULL,            -- JSON: what kind of credential, which one
    target TEXT,                    -- the id of what was acted on
    detail TEXT,                    -- JSON: what changed
    address TEXT,
    request_id TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;

-- The same for accounts, which belong to no tenant.
CREATE TABLE account_audit_log (
    account_id TEXT NOT NULL REFERENCES accounts (id),
    id TEXT NOT NULL,
    at INTEGER NOT NULL,
    action TEXT NOT NULL,
    actor TEXT NOT NULL,
    address TEXT,
    request_id TEXT NOT NULL,
    PRIMARY KEY (account_id, id)
) STRICT, WITHOUT ROWID;

-- Idempotency keys, narrow because their order is random: each dirties a page of its own.
CREATE TABLE idempotency_keys (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    principal TEXT NOT NULL,
    key_digest BLOB NOT NULL,       -- the first 16 bytes of the key's SHA-256
    answer_id INTEGER NOT NULL,     -- in saved_answers; removed together with it
    PRIMARY KEY (tenant_id, principal, key_digest)
) STRICT, WITHOUT ROWID;

-- What was answered under an idempotency key, appended in order of time.
CREATE TABLE saved_answers (
    id INTEGER PRIMARY KEY,
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    principal TEXT NOT NULL,
    key_digest BLOB NOT NULL,
    fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 32),
    saved_at INTEGER NOT NULL,      -- the server's time: what the sweep goes by
    expires_at INTEGER NOT NULL,    -- the tenant's time: what a replay goes by
    status INTEGER NOT NULL,
    content_type TEXT NOT NULL,
    location TEXT,
    etag TEXT,
    sealed INTEGER NOT NULL CHECK (sealed IN (0, 1)), -- 1 where the body holds a secret
    body BLOB NOT NULL
) STRICT;

-- What steps of a long write gave, kept until the whole is answered: whoever comes back with the
-- same idempotency key does the steps that are left.
CREATE TABLE saved_steps (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    principal TEXT NOT NULL,
    key_digest BLOB NOT NULL,       -- the first 16 bytes of the key's SHA-256
    step INTEGER NOT NULL,
    fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 32),
    saved_at INTEGER NOT NULL,      -- the server's time: what the sweep goes by
    outcome BLOB NOT NULL,
    PRIMARY KEY (tenant_id, principal, key_digest, step)
) STRICT, WITHOUT ROWID;

CREATE INDEX saved_steps_age ON saved_steps (saved_at);

-- What happened, in commit order, without holes, per tenant.
CREATE TABLE events (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    sequence INTEGER NOT NULL,
    id TEXT NOT NULL,
    type TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    request_id TEXT NOT NULL,
    idempotency_key TEXT,
    data TEXT NOT NULL,             -- JSON: {"object": …, "previous": …}
    PRIMARY KEY (tenant_id, sequence)
) STRICT;

CREATE UNIQUE INDEX events_id ON events (tenant_id, id);

-- Mail waiting to go, or kept to be looked at: the template and its sealed values.
CREATE TABLE outbox (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    id TEXT NOT NULL,
    template TEXT NOT NULL,
    recipient TEXT NOT NULL,
    fill BLOB NOT NULL,             -- sealed JSON: what the template is filled with
    status TEXT NOT NULL CHECK (status IN ('queued', 'sent', 'held', 'off', 'bounced', 'dropped')),
    reason TEXT,
    client_id TEXT,                 -- the client it is about
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    expires_at INTEGER,             -- pointless to send from here on
    PRIMARY KEY (tenant_id, id)
) STRICT;

-- The mails that need somebody or something: the rest of the outbox is history.
CREATE INDEX outbox_open ON outbox (tenant_id, status, id)
    WHERE status IN ('queued', 'held', 'bounced');

-- Clients of a coach. An install link is found by the client's own address, proved by its digest.
CREATE TABLE clients (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    id TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('invited', 'active', 'paused', 'archived')),
    resume_status TEXT CHECK (resume_status IN ('invited', 'active', 'paused')), -- before archiving
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,        -- the address case-folded: one client an address and tenant
    search_key TEXT NOT NULL,       -- name, address, phone, external id, case-folded
    phone TEXT,
    timezone TEXT,
    units TEXT NOT NULL CHECK (units IN ('metric', 'imperial')),
    goal TEXT,
    experience TEXT CHECK (experience IN ('beginner', 'intermediate', 'advanced')),
    days_per_week INTEGER CHECK (days_per_week BETWEEN 1 AND 6),
    session_minutes INTEGER CHECK (session_minutes BETWEEN 20 AND 120),
    equipment TEXT NOT NULL DEFAULT '[]',   -- JSON array of text
    limitations TEXT NOT NULL DEFAULT '[]', -- JSON array of text
    tags TEXT NOT NULL DEFAULT '[]',        -- JSON array of text
    check_in_day TEXT,
    coach_notes TEXT,               -- never shown to the client
    sms_consent TEXT NOT NULL DEFAULT 'unknown'
        CHECK (sms_consent IN ('unknown', 'opted_in', 'opted_out')),
    external_id TEXT,
    metadata TEXT NOT NULL DEFAULT '{}',    -- JSON object of text
    past_due INTEGER NOT NULL DEFAULT 0 CHECK (past_due IN (0, 1)),
    invite_digest BLOB,             -- of the one install link that works
    invite_expires_at INTEGER,
    invite_status TEXT CHECK (invite_status IN ('queued', 'sent', 'held', 'off', 'bounced')),
    invite_reason TEXT,
    joined_at INTEGER,
    archived_at INTEGER,
    version INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX clients_email ON clients (tenant_id, email_key);
CREATE INDEX clients_external_id ON clients (tenant_id, external_id)
    WHERE external_id IS NOT NULL;
-- The roster is the common list: it stays short however many are archived.
CREATE INDEX clients_roster ON clients (tenant_id, id) WHERE archived_at IS NULL;
CREATE INDEX clients_status ON clients (tenant_id, status, id);

-- Messages between a coach and a client, by client so that a thread is one range.
CREATE TABLE messages (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    client_id TEXT NOT NULL,
    id TEXT NOT NULL,
    direction TEXT NOT NULL CHECK (direction IN ('to_client', 'to_coach')),
    channel TEXT NOT NULL CHECK (channel IN ('app', 'sms', 'email')),
    body TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('queued', 'sent', 'failed', 'held', 'off')),
    reason TEXT,
    read_at INTEGER,
    version INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, client_id, id),
    FOREIGN KEY (tenant_id, client_id) REFERENCES clients (tenant_id, id)
) STRICT, WITHOUT ROWID;

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

-- People who are signed in. Only a digest of the cookie is kept. One that ended stays for a while:
-- its request is told why, and its address is known to be its account's.
CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
    address TEXT,                   -- where it signed in
    address_block TEXT,             -- the same as it is throttled by: IPv6 counts by /64
    user_agent TEXT,
    authenticated_at INTEGER NOT NULL, -- the last entry of the password
    last_seen_at INTEGER NOT NULL,
    revoked_at INTEGER,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_account ON sessions (account_id, id);
CREATE INDEX sessions_age ON sessions (created_at); -- what ended is swept

-- Links that work once: the first set-up of a server, and the way into the demo and the sandbox.
CREATE TABLE one_time_links (
    digest BLOB PRIMARY KEY CHECK (length(digest) = 32),
    purpose TEXT NOT NULL CHECK (purpose IN ('set_up', 'sign_in')),
    account_id TEXT REFERENCES accounts (id), -- of a sign-in: who is signed in
    expires_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    CHECK ((purpose = 'set_up') = (account_id IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX one_time_links_purpose ON one_time_links (purpose, created_at);

-- Links of forgotten passwords: each works once, and using one ends the account's others.
CREATE TABLE password_resets (
    digest BLOB PRIMARY KEY CHECK (length(digest) = 32),
    account_id TEXT NOT NULL REFERENCES accounts (id),
    expires_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX password_resets_account ON password_resets (account_id, created_at);
CREATE INDEX password_resets_expiry ON password_resets (expires_at); -- what ended is swept

-- Mail to an account (resets, security): readable through no API; `fill` is emptied once it left or
-- never will.
CREATE TABLE account_outbox (
    account_id TEXT NOT NULL REFERENCES accounts (id),
    id TEXT NOT NULL,
    template TEXT NOT NULL,
    recipient TEXT NOT NULL,
    fill BLOB NOT NULL,             -- sealed JSON: what the template is filled with
    status TEXT NOT NULL CHECK (status IN ('queued', 'sent', 'held', 'off', 'bounced', 'dropped')),
    reason TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    expires_at INTEGER,             -- pointless to send from here on
    PRIMARY KEY (account_id, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX account_outbox_queued ON account_outbox (id) WHERE status = 'queued';
CREATE INDEX account_outbox_expiry ON account_outbox (expires_at)
    WHERE expires_at IS NOT NULL AND status IN ('queued', 'held');

-- Devices on which clients use the app. Only a digest of the cookie is kept.
CREATE TABLE client_sessions (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    client_id TEXT NOT NULL,
    id TEXT NOT NULL,
    digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
    address TEXT,                   -- where it began
    user_agent TEXT,
    last_seen_at INTEGER NOT NULL,  -- the server's time, to the day
    revoked_at INTEGER,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, client_id, id),
    FOREIGN KEY (tenant_id, client_id) REFERENCES clients (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX client_sessions_age ON client_sessions (last_seen_at);

-- What clients agreed to, by the version of its words. Never overwritten.
CREATE TABLE client_consents (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    client_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('terms', 'health_data', 'messages')),
    text_version TEXT NOT NULL,
    given_at INTEGER NOT NULL,      -- the tenant's time
    withdrawn_at INTEGER,
    PRIMARY KEY (tenant_id, client_id, kind, given_at),
    FOREIGN KEY (tenant_id, client_id) REFERENCES clients (tenant_id, id)
) STRICT, WITHOUT ROWID;

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

-- What was made as sample data, so that it can be taken away again without touching anything else.
-- What belongs to one of these (messages, mail, requests, usage) goes with it.
CREATE TABLE sample_objects (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    kind TEXT NOT NULL CHECK (kind IN (
        'client', 'api_key', 'webhook', 'program_template', 'checkin_form', 'metric', 'run'
    )),
    id TEXT NOT NULL,
    PRIMARY KEY (tenant_id, kind, id)
) STRICT, WITHOUT ROWID;

-- Work that is done after a commit. One queue for all tenants, read in the order of ready_at: that
-- is why the tenant does not stand first. A schedule is one row that is made ready again.
CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,             -- a name in the job table of the program
    for_tenant INTEGER REFERENCES tenants (id), -- whose clock it goes by; NULL is the server's
    destination TEXT NOT NULL,      -- with whom it speaks: so many at a time
    about TEXT,                     -- the id of what it is about, such as a mail
    payload TEXT NOT NULL DEFAULT '{}', -- JSON: what else it has to know; no secret
    status TEXT NOT NULL
        CHECK (status IN ('queued', 'running', 'succeeded', 'failed', 'interrupted')),
    repeatable INTEGER NOT NULL CHECK (repeatable IN (0, 1)), -- 0: not again if it was cut off
    recurring INTEGER NOT NULL DEFAULT 0 CHECK (recurring IN (0, 1)), -- 1: a schedule
    due_at INTEGER NOT NULL,        -- the tenant's time
    ready_at INTEGER NOT NULL,      -- the same moment by the server's clock
    attempts INTEGER NOT NULL DEFAULT 0,
    error TEXT,                     -- of the last attempt
    progress TEXT,                  -- how far it is, in words
    started_at INTEGER,             -- the server's time, as all that follow
    ended_at INTEGER,               -- of a schedule: the last time
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    cut_offs INTEGER NOT NULL DEFAULT 0, -- how often in turn the process ended while it ran
    CHECK (recurring = 0 OR repeatable = 1)
) STRICT, WITHOUT ROWID;

CREATE INDEX jobs_ready ON jobs (ready_at, kind, id) WHERE status = 'queued';
CREATE INDEX jobs_running ON jobs (id) WHERE status = 'running';
CREATE INDEX jobs_ended ON jobs (ended_at) WHERE ended_at IS NOT NULL AND recurring = 0;
CREATE INDEX jobs_of_tenant ON jobs (for_tenant, status, ready_at) WHERE for_tenant IS NOT NULL;
CREATE UNIQUE INDEX jobs_schedule ON jobs (kind, coalesce(for_tenant, 0)) WHERE recurring = 1;

-- What a coach is told that does not follow from the state of other tables. One row a subject: a
-- later stage takes the place of an earlier one, and the same stage is not told twice.
CREATE TABLE notices (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,          -- what it is about, such as the id of a key
    stage TEXT NOT NULL,            -- how far that is, such as the days that are left
    severity TEXT NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
    title TEXT NOT NULL,
    message TEXT NOT NULL,
    action_label TEXT,
    action_href TEXT,
    created_at INTEGER NOT NULL,
    ended_at INTEGER,               -- no longer true
    PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX notices_subject ON notices (tenant_id, kind, subject);

-- Notices that somebody has put aside, also those that are made of state and have no row.
CREATE TABLE dismissals (
    account_id TEXT NOT NULL REFERENCES accounts (id),
    notice_id TEXT NOT NULL,
    dismissed_at INTEGER NOT NULL,
    PRIMARY KEY (account_id, notice_id)
) STRICT, WITHOUT ROWID;

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

-- Where what happened is told. All times are the tenant's.
CREATE TABLE webhooks (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    id TEXT NOT NULL,
    url TEXT NOT NULL,
    inbox INTEGER NOT NULL CHECK (inbox IN (0, 1)), -- 1: the test inbox, which is in this process
    description TEXT,
    events TEXT NOT NULL,           -- JSON array of types and patterns
    scopes TEXT,                    -- bounds what it is told; NULL is every scope, later ones too
    app_id TEXT,                    -- an app that made it: it is told only what that may read
    grant_id TEXT,                  -- the consent that the app stood on; none where it acts for itself
    secret BLOB NOT NULL,           -- sealed
    former_secret BLOB,             -- sealed; signs as well until former_until
    former_until INTEGER,
    status TEXT NOT NULL CHECK (status IN ('enabled', 'paused', 'disabled')),
    disabled_reason TEXT CHECK (disabled_reason IN ('failing', 'gone')),
    first_sequence INTEGER NOT NULL, -- what happened up to this number is not for it
    last_sequence INTEGER NOT NULL DEFAULT 0, -- the endpoint_sequence last given out
    failures INTEGER NOT NULL DEFAULT 0, -- since the last success; a delivery that fails again and
                                    -- again while the receiver answers counts once
    last_failed INTEGER,            -- the endpoint_sequence of the last failure
    unreached INTEGER NOT NULL DEFAULT 0 CHECK (unreached IN (0, 1)), -- it was the receiver's
    failing_since INTEGER,
    hold_until INTEGER,             -- nothing is tried before
    told TEXT CHECK (told IN ('notice', 'mail')), -- what its owner was told of this failing
    replay_since INTEGER,           -- of one that was disabled: from where a replay makes up
    replay_next INTEGER,            -- a replay under way: the next event, and the last one
    replay_last INTEGER,
    replay_from INTEGER,            -- events before this time are left out
    replay_all INTEGER CHECK (replay_all IN (0, 1)), -- 0: what was delivered is left out
    deleted_at INTEGER,             -- it is gone; its deliveries are swept by and by
    version INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id)
) STRICT;

-- An event on its way to a webhook. endpoint_sequence is dense over what the webhook is told.
CREATE TABLE deliveries (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    webhook_id TEXT NOT NULL,
    endpoint_sequence INTEGER NOT NULL,
    id TEXT NOT NULL,
    event_sequence INTEGER NOT NULL,
    event_id TEXT NOT NULL,
    event_type TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('pending', 'delivered', 'failed', 'cancelled')),
    attempts INTEGER NOT NULL DEFAULT 0, -- all that were made
    tries INTEGER NOT NULL DEFAULT 0,    -- those that count: after ten it has failed
    next_try_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, webhook_id, endpoint_sequence),
    FOREIGN KEY (tenant_id, webhook_id) REFERENCES webhooks (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX deliveries_id ON deliveries (tenant_id, id);
CREATE UNIQUE INDEX deliveries_event ON deliveries (tenant_id, event_sequence, webhook_id);
-- What waits is found however long the log behind it is.
CREATE INDEX deliveries_pending ON deliveries (tenant_id, webhook_id, endpoint_sequence)
    WHERE status = 'pending';

-- How each try went.
CREATE TABLE delivery_attempts (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    delivery_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    duration_ms INTEGER NOT NULL,
    outcome TEXT NOT NULL,          -- such as delivered, status, timeout
    status INTEGER,                 -- the answer's, if there was one
    detail TEXT,                    -- why there was none
    answer TEXT,                    -- how its body began, where that may be shown
    answer_truncated INTEGER NOT NULL DEFAULT 0 CHECK (answer_truncated IN (0, 1)),
    PRIMARY KEY (tenant_id, delivery_id, number)
) STRICT;

-- What the test inbox of a test tenant received.
CREATE TABLE inbox_messages (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    id TEXT NOT NULL,
    webhook_id TEXT NOT NULL,
    event_id TEXT NOT NULL,
    event_type TEXT NOT NULL,
    headers TEXT NOT NULL,          -- JSON object
    body TEXT NOT NULL,
    signature TEXT NOT NULL CHECK (signature IN ('valid', 'invalid')),
    answered INTEGER NOT NULL,      -- the status that it answered
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id)
) STRICT;

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
CREATE INDEX photos_checkin ON photos (tenant_id, client_id, checkin_id, id)
    WHERE checkin_id IS NOT NULL;

CREATE TABLE photo_pictures (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    photo_id TEXT NOT NULL,
    jpeg BLOB NOT NULL,             -- made here: nothing of the file that was sent but the picture
    PRIMARY KEY (tenant_id, photo_id),
    FOREIGN KEY (tenant_id, photo_id) REFERENCES photos (tenant_id, id)
) STRICT;

-- What clients paid or were to pay, in the minor unit of the currency.
CREATE TABLE payments (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    id TEXT NOT NULL,               -- also the key under which a processor takes it once
    client_id TEXT NOT NULL,        -- no reference: a payment outlives an erased client
    amount INTEGER NOT NULL CHECK (amount BETWEEN 1 AND 99999999),
    currency TEXT NOT NULL,         -- ISO 4217, in lower case
    amount_refunded INTEGER NOT NULL DEFAULT 0 CHECK (amount_refunded BETWEEN 0 AND amount),
    status TEXT NOT NULL CHECK (
        status IN ('pending', 'succeeded', 'failed', 'refunded', 'partially_refunded')
    ),
    method TEXT NOT NULL CHECK (method IN ('manual', 'simulated')),
    description TEXT,
    failure_code TEXT,
    failure_message TEXT,
    metadata TEXT NOT NULL DEFAULT '{}', -- JSON object of text
    succeeded_at INTEGER,
    failed_at INTEGER,
    version INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id)
) STRICT;

CREATE INDEX payments_client ON payments (tenant_id, client_id, id);
CREATE INDEX payments_status ON payments (tenant_id, status, id);

-- What of a payment went back. The sum is in the payment, which bounds it.
CREATE TABLE refunds (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    payment_id TEXT NOT NULL,
    id TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),
    reason TEXT,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, payment_id, id),
    FOREIGN KEY (tenant_id, payment_id) REFERENCES payments (tenant_id, id)
) STRICT, WITHOUT ROWID;

-- Forms of check-ins. The default form is built in until it is changed for the first time.
CREATE TABLE checkin_forms (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,       -- the latest
    questions TEXT NOT NULL,        -- JSON: those of the latest version
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id)
) STRICT;

-- Every version that a form had: a check-in is read by the one that it was answered with.
CREATE TABLE checkin_form_versions (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    form_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    name TEXT NOT NULL,
    questions TEXT NOT NULL,        -- JSON
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, form_id, version),
    FOREIGN KEY (tenant_id, form_id) REFERENCES checkin_forms (tenant_id, id)
) STRICT;

-- When a client is to check in. wake_at is the next time at which something has to be done.
CREATE TABLE checkin_schedules (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    client_id TEXT NOT NULL,
    active INTEGER NOT NULL CHECK (active IN (0, 1)),
    weekday INTEGER NOT NULL CHECK (weekday BETWEEN 0 AND 6), -- from Monday
    every_weeks INTEGER NOT NULL CHECK (every_weeks BETWEEN 1 AND 4),
    minutes INTEGER NOT NULL CHECK (minutes BETWEEN 0 AND 1439), -- after midnight, the client's
    form_id TEXT,                   -- none: the default form
    timezone TEXT NOT NULL,         -- by which the times below were worked out
    next_on TEXT NOT NULL,          -- YYYY-MM-DD, the client's: the day of the next check-in
    next_due_at INTEGER,
    opened INTEGER NOT NULL CHECK (opened IN (0, 1)), -- whether that check-in is there already
    wake_at INTEGER,                -- none while it is not active
    version INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, client_id),
    FOREIGN KEY (tenant_id, client_id) REFERENCES clients (tenant_id, id)
) STRICT;

CREATE INDEX checkin_schedules_wake ON checkin_schedules (tenant_id, wake_at, client_id)
    WHERE wake_at IS NOT NULL;

CREATE TABLE checkins (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('pending', 'overdue', 'submitted', 'reviewed')),
    scheduled INTEGER NOT NULL CHECK (scheduled IN (0, 1)),
    due_at INTEGER,
    closes_at INTEGER,              -- of a scheduled one: from then on it is too late for it
    at INTEGER NOT NULL,            -- when it was submitted; until then, when it is due
    local_date TEXT NOT NULL,       -- YYYY-MM-DD: the day of that time, the client's
    period_from TEXT NOT NULL,
    period_to TEXT NOT NULL,
    form_id TEXT,
    form_version INTEGER,
    source TEXT CHECK (source IN ('client', 'coach', 'api')),
    submitted_at INTEGER,
    reviewed_at INTEGER,
    reply TEXT,
    private_notes TEXT,
    version INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    content TEXT NOT NULL,          -- JSON: answers, notes, RPE, wearable summary
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, client_id) REFERENCES clients (tenant_id, id),
    CHECK ((submitted_at IS NOT NULL) = (status IN ('submitted', 'reviewed'))),
    CHECK (scheduled = 0 OR due_at IS NOT NULL)
) STRICT;

CREATE INDEX checkins_client ON checkins (tenant_id, client_id, local_date, id);
CREATE INDEX checkins_status ON checkins (tenant_id, status, at, id);
CREATE INDEX checkins_submitted ON checkins (tenant_id, at, id) WHERE submitted_at IS NOT NULL;
CREATE INDEX checkins_due ON checkins (tenant_id, client_id, due_at) WHERE scheduled = 1;
CREATE INDEX checkins_waiting ON checkins (tenant_id, client_id, at) WHERE status = 'submitted';

-- What a coach measures beyond what everybody does.
CREATE TABLE metrics (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    name TEXT NOT NULL,
    id TEXT NOT NULL,
    title TEXT NOT NULL,
    quantity TEXT NOT NULL,
    units TEXT NOT NULL,            -- JSON array
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, name)
) STRICT;

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

-- Why clients need the coach: a reason of each kind at most. Today is read off attention_order.
CREATE TABLE attention (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    client_id TEXT NOT NULL,
    kind TEXT NOT NULL,             -- a name in the table of kinds of the program
    rank INTEGER NOT NULL,          -- the kind's place in that table
    since INTEGER NOT NULL,
    until INTEGER,                  -- it ends by itself then
    object_id TEXT,                 -- what it is about, such as a payment
    detail TEXT NOT NULL,           -- JSON: what its words are made of
    dismissed INTEGER NOT NULL CHECK (dismissed IN (0, 1)), -- 1: the coach put it aside
    leads INTEGER NOT NULL CHECK (leads IN (0, 1)),         -- 1: the first of its client's
    active INTEGER NOT NULL CHECK (active IN (0, 1)),       -- whether its client is
    PRIMARY KEY (tenant_id, client_id, kind),
    FOREIGN KEY (tenant_id, client_id) REFERENCES clients (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX attention_order ON attention (tenant_id, rank, since, client_id) WHERE leads = 1;
CREATE INDEX attention_kind ON attention (tenant_id, kind, client_id);
CREATE INDEX attention_until ON attention (tenant_id, until) WHERE until IS NOT NULL;

-- How many clients have a reason: of a kind, of any ('all'), and active ones of any ('active').
CREATE TABLE attention_counts (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    kind TEXT NOT NULL,
    clients INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, kind)
) STRICT, WITHOUT ROWID;

-- Clients who were erased. A restored backup has them again: by these rows they are erased again.
CREATE TABLE erased_clients (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    client_id TEXT NOT NULL,
    erased_at INTEGER NOT NULL,     -- the tenant's time
    PRIMARY KEY (tenant_id, client_id)
) STRICT, WITHOUT ROWID;

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
