-- How much is kept for each user. A message counts as its bytes and 64 more, a conversation 512: about what the rows and
-- indexes around them take.

ALTER TABLE threads ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;

-- A conversation that was deleted belongs to the user '' until its messages are gone.
CREATE TABLE kept_bytes (
    project_id TEXT NOT NULL,
    user_id    TEXT NOT NULL,
    bytes      INTEGER NOT NULL,
    PRIMARY KEY (project_id, user_id)
) STRICT, WITHOUT ROWID;

UPDATE threads SET bytes = 512 + (SELECT coalesce(sum(64 + length(CAST(message AS BLOB))), 0)
                                  FROM messages WHERE thread = serial);

INSERT INTO kept_bytes (project_id, user_id, bytes)
    SELECT project_id, user_id, sum(bytes) FROM threads GROUP BY project_id, user_id;

-- Whatever changes a conversation or a message counts, in the same transaction.

CREATE TRIGGER count_message AFTER INSERT ON messages BEGIN
    UPDATE threads SET bytes = bytes + 64 + length(CAST(NEW.message AS BLOB)) WHERE serial = NEW.thread;
END;

CREATE TRIGGER count_changed_message AFTER UPDATE OF message ON messages BEGIN
    UPDATE threads SET bytes = bytes + length(CAST(NEW.message AS BLOB)) - length(CAST(OLD.message AS BLOB))
    WHERE serial = NEW.thread;
END;

CREATE TRIGGER count_deleted_message AFTER DELETE ON messages BEGIN
    UPDATE threads SET bytes = bytes - 64 - length(CAST(OLD.message AS BLOB)) WHERE serial = OLD.thread;
END;

CREATE TRIGGER count_thread AFTER INSERT ON threads BEGIN
    UPDATE threads SET bytes = 512 WHERE serial = NEW.serial;
END;

CREATE TRIGGER count_changed_thread AFTER UPDATE OF bytes, user_id ON threads BEGIN
    UPDATE kept_bytes SET bytes = bytes - OLD.bytes WHERE project_id = OLD.project_id AND user_id = OLD.user_id;
    INSERT INTO kept_bytes (project_id, user_id, bytes) VALUES (NEW.project_id, NEW.user_id, NEW.bytes)
        ON CONFLICT (project_id, user_id) DO UPDATE SET bytes = bytes + excluded.bytes;
END;

CREATE TRIGGER count_deleted_thread AFTER DELETE ON threads BEGIN
    UPDATE kept_bytes SET bytes = bytes - OLD.bytes WHERE project_id = OLD.project_id AND user_id = OLD.user_id;
END;

CREATE TRIGGER forget_count AFTER UPDATE ON kept_bytes WHEN NEW.bytes = 0 BEGIN
    DELETE FROM kept_bytes WHERE project_id = NEW.project_id AND user_id = NEW.user_id;
END;

-- The list of conversations has a place for each that stays the same while others come and go.
DROP INDEX threads_by_time;
CREATE INDEX threads_by_time ON threads (project_id, user_id, kind, last_message_at, id);
