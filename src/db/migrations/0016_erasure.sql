-- A payment outlives its client: amount, currency and date stay when a client is erased.
CREATE TEMP TABLE kept_payments AS SELECT * FROM payments;
CREATE TEMP TABLE kept_refunds AS SELECT * FROM refunds;
DROP TABLE refunds;
DROP TABLE payments;

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

INSERT INTO payments (
    tenant_id, id, client_id, amount, currency, amount_refunded, status, method, description,
    failure_code, failure_message, metadata, succeeded_at, failed_at, version, created_at, updated_at
) SELECT
    tenant_id, id, client_id, amount, currency, amount_refunded, status, method, description,
    failure_code, failure_message, metadata, succeeded_at, failed_at, version, created_at, updated_at
FROM kept_payments;
INSERT INTO refunds (tenant_id, payment_id, id, amount, reason, created_at)
SELECT tenant_id, payment_id, id, amount, reason, created_at FROM kept_refunds;
DROP TABLE kept_refunds;
DROP TABLE kept_payments;

-- Clients who were erased. A restored backup has them again: by these rows they are erased again.
CREATE TABLE erased_clients (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    client_id TEXT NOT NULL,
    erased_at INTEGER NOT NULL,     -- the tenant's time
    PRIMARY KEY (tenant_id, client_id)
) STRICT, WITHOUT ROWID;
