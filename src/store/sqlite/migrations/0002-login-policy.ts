/**
 * Overrides with a date, devices that count, drift, known sources, codes of an admin.
 *
 * A device that counts makes its account enrolled, and so does a login: before, nothing said so.
 */
export const LOGIN_POLICY_SCHEMA = `
ALTER TABLE account ADD COLUMN override_since INTEGER;
ALTER TABLE account ADD COLUMN override_until INTEGER;
ALTER TABLE account ADD COLUMN override_needs_code INTEGER NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN throttle_known_source TEXT NOT NULL DEFAULT '[0,[],null,null]';
ALTER TABLE account ADD COLUMN throttle_local TEXT NOT NULL DEFAULT '[0,[],null,null]';
ALTER TABLE account ADD COLUMN enrolled_at INTEGER;

UPDATE account SET enrolled_at = coalesce(
  (SELECT min(coalesce(confirmed_at, created_at)) FROM device
   WHERE account = account.name AND (confirmed_at IS NOT NULL OR counts_unconfirmed = 1)),
  last_login_at,
  CASE WHEN override_kind IS NOT NULL
         OR EXISTS (SELECT 1 FROM one_time_code WHERE account = account.name)
         OR NOT EXISTS (SELECT 1 FROM device WHERE account = account.name)
       THEN created_at END
);

CREATE TABLE new_device (
  id                  TEXT PRIMARY KEY,
  account             TEXT NOT NULL REFERENCES account (name) ON DELETE CASCADE,
  label               TEXT NOT NULL,
  kind                TEXT NOT NULL,
  algorithm           TEXT NOT NULL,
  digits              INTEGER NOT NULL,
  period_seconds      INTEGER,
  sealed_secret       BLOB NOT NULL,
  key_id              TEXT NOT NULL,
  last_accepted_step  INTEGER,
  drift_seconds       INTEGER,
  created_at          INTEGER NOT NULL,
  confirmed_at        INTEGER,
  counts_unconfirmed  INTEGER NOT NULL CHECK (counts_unconfirmed IN (0, 1)),
  last_used_at        INTEGER,
  UNIQUE (account, label)
) STRICT, WITHOUT ROWID;

INSERT INTO new_device
  SELECT id, account, label, kind, algorithm, digits, period_seconds, sealed_secret, key_id,
         last_accepted_step, 0, created_at, confirmed_at, counts_unconfirmed, last_used_at
  FROM device;
DROP TABLE device;
ALTER TABLE new_device RENAME TO device;

ALTER TABLE one_time_code ADD COLUMN reason TEXT;
ALTER TABLE ticket ADD COLUMN proves_first_factor INTEGER NOT NULL DEFAULT 0;

CREATE TABLE known_source (
  account          TEXT NOT NULL REFERENCES account (name) ON DELETE CASCADE,
  network          TEXT NOT NULL,
  first_factor     TEXT NOT NULL,
  last_success_at  INTEGER NOT NULL,
  remembered_at    INTEGER,
  PRIMARY KEY (account, network, first_factor)
) STRICT, WITHOUT ROWID;
`
