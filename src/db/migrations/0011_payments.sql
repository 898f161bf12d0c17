-- What clients paid or were to pay, in the minor unit of the currency.
CREATE TABLE payments (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    id TEXT NOT NULL,               -- also the key under which a processor takes it once
    client_id TEXT NOT NULL,
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
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, client_id) REFERENCES clients (tenant_id, id)
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
