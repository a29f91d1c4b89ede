/** What an attempt has come to, for where the answer did not arrive. Names may have no account. */
export const ATTEMPT_SCHEMA = `
CREATE TABLE attempt (
  account     TEXT NOT NULL,
  id          TEXT NOT NULL,
  outcome     TEXT NOT NULL,
  method      TEXT,
  device      TEXT,
  rule        TEXT,
  charged_at  INTEGER,
  completes   INTEGER,
  expires_at  INTEGER NOT NULL,
  PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;
`
