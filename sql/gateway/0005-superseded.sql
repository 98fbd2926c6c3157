-- A turn that is tried again is out of sight until it is known what comes of that: its messages, but for instructions, have the
-- turn's number with a minus in front. Then it goes, or comes back.

CREATE INDEX superseded_messages ON messages (thread, id) WHERE turn < 0;
