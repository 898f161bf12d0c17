-- How often the process ended while a job ran: one that ends it each time is given up.
ALTER TABLE jobs ADD COLUMN cut_offs INTEGER NOT NULL DEFAULT 0;
