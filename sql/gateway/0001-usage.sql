-- What users of the gateway have used. Times are milliseconds since 1970 (UTC).

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

-- What a user did on one day in UTC, which day names by its first millisecond.
CREATE TABLE usage_days (
    project_id    TEXT NOT NULL,
    user_id       TEXT NOT NULL,
    day           INTEGER NOT NULL,
    requests      INTEGER NOT NULL DEFAULT 0 CHECK (requests >= 0),
    input_tokens  INTEGER NOT NULL DEFAULT 0 CHECK (input_tokens >= 0),
    output_tokens INTEGER NOT NULL DEFAULT 0 CHECK (output_tokens >= 0),
    PRIMARY KEY (project_id, user_id, day)
) STRICT, WITHOUT ROWID;

CREATE INDEX usage_days_by_day ON usage_days (day);
