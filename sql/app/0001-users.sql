-- Users, how they sign in, and what the application knows of them.
-- Times are milliseconds since 1970 (UTC). Ids are 24 hexadecimal digits, time-ordered.

CREATE TABLE users (
    id         TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 24 AND id NOT GLOB '*[^0-9a-f]*'),
    handle     TEXT NOT NULL COLLATE NOCASE UNIQUE CHECK (length(handle) BETWEEN 3 AND 50),
    status     TEXT NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'disabled')),
    first_name TEXT CHECK (length(first_name) <= 50),
    last_name  TEXT CHECK (length(last_name) <= 50),
    avatar_url TEXT CHECK (length(avatar_url) <= 400),
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Lower case; unique over all users.
CREATE TABLE user_emails (
    address  TEXT NOT NULL PRIMARY KEY CHECK (length(address) <= 254),
    user_id  TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    verified INTEGER NOT NULL DEFAULT 0 CHECK (verified IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE INDEX user_emails_by_user ON user_emails (user_id);

CREATE TABLE user_roles (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role    TEXT NOT NULL CHECK (length(role) BETWEEN 1 AND 50),
    PRIMARY KEY (user_id, role)
) STRICT, WITHOUT ROWID;

-- hash: the text form of a password hash, which names its algorithm and parameters.
CREATE TABLE passwords (
    user_id    TEXT NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    hash       TEXT NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A user without a row here, or without a tier in it, has the default tier.
-- data: what an application keeps beside the user, a JSON object.
CREATE TABLE profiles (
    user_id TEXT NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    tier    INTEGER CHECK (tier BETWEEN 1 AND 1000),
    data    TEXT NOT NULL DEFAULT '{}' CHECK (length(data) <= 65536)
) STRICT, WITHOUT ROWID;

-- token_hash: SHA-256 of the token in the browser's cookie. The token itself is not kept.
CREATE TABLE sessions (
    token_hash BLOB NOT NULL PRIMARY KEY CHECK (length(token_hash) = 32),
    user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- One sliding window: what was counted in the present fixed window and in the one before it.
CREATE TABLE rate_limits (
    bucket       TEXT NOT NULL,
    key          TEXT NOT NULL,
    window_ms    INTEGER NOT NULL,
    window_start INTEGER NOT NULL,
    current      INTEGER NOT NULL,
    previous     INTEGER NOT NULL,
    PRIMARY KEY (bucket, key, window_ms)
) STRICT, WITHOUT ROWID;

CREATE INDEX rate_limits_by_end ON rate_limits (window_start + 2 * window_ms);
