-- What the requests that a model answered used, by the minute in UTC in which they came (its first millisecond) and by model.
CREATE TABLE usage_minutes (
    project_id    TEXT NOT NULL,
    user_id       TEXT NOT NULL,
    minute        INTEGER NOT NULL,
    model         TEXT NOT NULL,
    requests      INTEGER NOT NULL DEFAULT 0 CHECK (requests >= 0),
    input_tokens  INTEGER NOT NULL DEFAULT 0 CHECK (input_tokens >= 0),
    output_tokens INTEGER NOT NULL DEFAULT 0 CHECK (output_tokens >= 0),
    PRIMARY KEY (project_id, user_id, minute, model)
) STRICT, WITHOUT ROWID;

CREATE INDEX usage_minutes_by_minute ON usage_minutes (minute);
