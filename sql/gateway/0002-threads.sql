-- Conversations that the gateway keeps. Times are milliseconds since 1970 (UTC).

-- A conversation of one user of one project. id is the client's; kind tells a thread, which stays, from the short-term
-- memory of a chat session, which ends at expires_at.
CREATE TABLE threads (
    serial          INTEGER PRIMARY KEY AUTOINCREMENT,
    project_id      TEXT NOT NULL,
    user_id         TEXT NOT NULL,
    kind            TEXT NOT NULL CHECK (kind IN ('thread', 'session')),
    id              TEXT NOT NULL,
    title           TEXT NOT NULL,
    created_at      INTEGER NOT NULL,
    last_message_at INTEGER NOT NULL,
    expires_at      INTEGER NOT NULL,
    UNIQUE (project_id, user_id, kind, id)
) STRICT;

CREATE INDEX threads_by_time ON threads (project_id, user_id, kind, last_message_at, serial);
CREATE INDEX threads_by_end ON threads (expires_at);

-- A turn is what a client sent at once, and the reply to it. message is the JSON object as it goes to the model, of a reply
-- that is being written as far as it was at changed_at. No serial and no id is ever used twice.
CREATE TABLE messages (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    thread     INTEGER NOT NULL REFERENCES threads (serial) ON DELETE CASCADE,
    turn       INTEGER NOT NULL,
    part       TEXT NOT NULL CHECK (part IN ('system', 'message', 'reply')),
    state      TEXT NOT NULL CHECK (state IN ('complete', 'streaming', 'stopped', 'incomplete')),
    message    TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;

CREATE INDEX messages_by_thread ON messages (thread, id);
CREATE INDEX system_messages ON messages (thread, id) WHERE part = 'system';
