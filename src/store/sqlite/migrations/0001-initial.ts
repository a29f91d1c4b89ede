/** Times are Unix seconds, ids 32 hex digits, hashes 64. Lists and throttle states are JSON. */
export const INITIAL_SCHEMA = `
CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE account (
  name                TEXT PRIMARY KEY,
  uid                 INTEGER NOT NULL,
  override_kind       TEXT,
  override_reason     TEXT,
  throttle_code       TEXT NOT NULL,
  throttle_one_time   TEXT NOT NULL,
  created_at          INTEGER NOT NULL,
  last_login_at       INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE device (
  id                  TEXT PRIMARY KEY,
  account             TEXT NOT NULL REFERENCES account (name) ON DELETE CASCADE,
  label               TEXT NOT NULL,
  kind                TEXT NOT NULL,
  algorithm           TEXT NOT NULL,
  digits              INTEGER NOT NULL,
  period_seconds      INTEGER NOT NULL,
  sealed_secret       BLOB NOT NULL,
  key_id              TEXT NOT NULL,
  last_accepted_step  INTEGER,
  created_at          INTEGER NOT NULL,
  confirmed_at        INTEGER,
  counts_unconfirmed  INTEGER NOT NULL CHECK (counts_unconfirmed IN (0, 1)),
  last_used_at        INTEGER,
  UNIQUE (account, label)
) STRICT, WITHOUT ROWID;

CREATE TABLE one_time_code (
  id            TEXT PRIMARY KEY,
  account       TEXT NOT NULL REFERENCES account (name) ON DELETE CASCADE,
  kind          TEXT NOT NULL,
  selector      TEXT NOT NULL,
  hash          TEXT NOT NULL,
  created_at    INTEGER NOT NULL,
  expires_at    INTEGER,
  uses_left     INTEGER NOT NULL CHECK (uses_left >= 0),
  last_used_at  INTEGER,
  UNIQUE (account, selector)
) STRICT, WITHOUT ROWID;

CREATE TABLE ticket (
  account     TEXT NOT NULL,
  connection  TEXT NOT NULL,
  method      TEXT NOT NULL,
  expires_at  INTEGER NOT NULL,
  PRIMARY KEY (account, connection)
) STRICT, WITHOUT ROWID;

CREATE TABLE counted_denial (
  account  TEXT NOT NULL,
  reason   TEXT NOT NULL,
  since    INTEGER NOT NULL,
  last_at  INTEGER NOT NULL,
  count    INTEGER NOT NULL,
  PRIMARY KEY (account, reason)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
  seq            INTEGER PRIMARY KEY,
  at             INTEGER NOT NULL,
  actor          TEXT NOT NULL,
  action         TEXT NOT NULL,
  account        TEXT NOT NULL,
  service        TEXT,
  address        TEXT,
  method         TEXT,
  rule           TEXT,
  device         TEXT,
  first_factor   TEXT,
  outcome        TEXT NOT NULL,
  reason         TEXT,
  completes      INTEGER,
  count          INTEGER NOT NULL,
  previous_hash  TEXT NOT NULL,
  hash           TEXT NOT NULL
) STRICT;

CREATE INDEX audit_account ON audit (account, seq);
CREATE INDEX audit_at ON audit (at);
`
