"""The oldest migrations of the database schema: those of video, chat and moderation. See ``migrations``."""

FIRST_STEPS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE users (
            user_id TEXT PRIMARY KEY,
            username TEXT NOT NULL,
            username_key TEXT NOT NULL UNIQUE,
            email TEXT NOT NULL,
            email_key TEXT NOT NULL UNIQUE,
            password_hash TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            banned INTEGER NOT NULL
        ) STRICT""",
        """CREATE TABLE sessions (
            session_id TEXT PRIMARY KEY,
            user_id TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL
        ) STRICT""",
        "CREATE INDEX sessions_by_user ON sessions (user_id)",
        "CREATE INDEX sessions_by_expiry ON sessions (expires_at)",
        """CREATE TABLE tickets (
            ticket_hash TEXT PRIMARY KEY,
            user_id TEXT NOT NULL,
            expires_at INTEGER NOT NULL
        ) STRICT""",
        """CREATE TABLE channels (
            channel_id TEXT PRIMARY KEY,
            owner_id TEXT NOT NULL UNIQUE,
            slug TEXT NOT NULL,
            slug_key TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            title TEXT NOT NULL,
            category TEXT NOT NULL,
            key_hash TEXT NOT NULL UNIQUE,
            key_sealed BLOB NOT NULL,
            created_at INTEGER NOT NULL
        ) STRICT""",
        """CREATE TABLE streams (
            stream_id TEXT PRIMARY KEY,
            channel_id TEXT NOT NULL,
            started_at INTEGER NOT NULL,
            title TEXT NOT NULL,
            category TEXT NOT NULL,
            client_id TEXT NOT NULL,
            address TEXT NOT NULL,
            software TEXT NOT NULL,
            seen_at INTEGER NOT NULL,
            dropped_at INTEGER,
            ended_at INTEGER,
            ended_by_owner INTEGER NOT NULL
        ) STRICT""",
        "CREATE UNIQUE INDEX open_stream_of_channel ON streams (channel_id) WHERE ended_at IS NULL",
        "CREATE INDEX streams_of_channel ON streams (channel_id, ended_at)",
        """CREATE TABLE chat_messages (
            message_id TEXT PRIMARY KEY,
            channel_id TEXT NOT NULL,
            user_id TEXT NOT NULL,
            username TEXT NOT NULL,
            text TEXT NOT NULL,
            sent_at INTEGER NOT NULL,
            position INTEGER NOT NULL
        ) STRICT""",
        "CREATE INDEX chat_of_channel ON chat_messages (channel_id, position, message_id)",
    ),
    ("ALTER TABLE channels ADD COLUMN latency TEXT NOT NULL DEFAULT 'low'",),
    (
        "ALTER TABLE channels ADD COLUMN records INTEGER NOT NULL DEFAULT 0",
        """CREATE TABLE recordings (
            recording_id TEXT PRIMARY KEY,
            channel_id TEXT NOT NULL,
            title TEXT NOT NULL,
            category TEXT NOT NULL,
            started_at INTEGER NOT NULL,
            seconds REAL NOT NULL,
            size INTEGER NOT NULL,
            shortage TEXT NOT NULL,
            ended_at INTEGER
        ) STRICT""",
        "CREATE INDEX recordings_of_channel ON recordings (channel_id, started_at)",
        "CREATE INDEX recordings_by_end ON recordings (ended_at)",
    ),
    ("ALTER TABLE recordings ADD COLUMN is_removed INTEGER NOT NULL DEFAULT FALSE",),
    (
        "ALTER TABLE users ADD COLUMN is_admin INTEGER NOT NULL DEFAULT FALSE",
        "ALTER TABLE chat_messages ADD COLUMN role TEXT NOT NULL DEFAULT 'viewer'",
        "ALTER TABLE chat_messages ADD COLUMN reply_id TEXT",
        "ALTER TABLE chat_messages ADD COLUMN reply_username TEXT",
        "ALTER TABLE chat_messages ADD COLUMN reply_text TEXT",
        "CREATE INDEX chat_of_chatter ON chat_messages (channel_id, user_id, position, message_id)",
        """CREATE TABLE chat_deletions (
            message_id TEXT NOT NULL,
            deleted_by TEXT NOT NULL,
            PRIMARY KEY (message_id, deleted_by)
        ) STRICT, WITHOUT ROWID""",
        "CREATE INDEX chat_deletions_by_entry ON chat_deletions (deleted_by)",
        """CREATE TABLE chat_rules (
            channel_id TEXT PRIMARY KEY,
            rules TEXT NOT NULL
        ) STRICT""",
        """CREATE TABLE chat_pins (
            channel_id TEXT PRIMARY KEY,
            message TEXT NOT NULL
        ) STRICT""",
        """CREATE TABLE chat_moderators (
            channel_id TEXT NOT NULL,
            user_id TEXT NOT NULL,
            username TEXT NOT NULL,
            username_key TEXT NOT NULL,
            PRIMARY KEY (channel_id, user_id)
        ) STRICT, WITHOUT ROWID""",
        """CREATE TABLE chat_bans (
            channel_id TEXT NOT NULL,
            user_id TEXT NOT NULL,
            username TEXT NOT NULL,
            since INTEGER NOT NULL,
            until INTEGER,
            reason TEXT NOT NULL,
            banned_by TEXT NOT NULL,
            PRIMARY KEY (channel_id, user_id)
        ) STRICT, WITHOUT ROWID""",
        """CREATE TABLE chat_turns (
            channel_id TEXT NOT NULL,
            user_id TEXT NOT NULL,
            taken_at INTEGER NOT NULL,
            PRIMARY KEY (channel_id, user_id)
        ) STRICT, WITHOUT ROWID""",
        """CREATE TABLE follows (
            channel_id TEXT NOT NULL,
            user_id TEXT NOT NULL,
            followed_at INTEGER NOT NULL,
            PRIMARY KEY (channel_id, user_id)
        ) STRICT, WITHOUT ROWID""",
        """CREATE TABLE moderation_log (
            entry_id TEXT PRIMARY KEY,
            channel_id TEXT NOT NULL,
            done_at INTEGER NOT NULL,
            done_by TEXT NOT NULL,
            deed TEXT NOT NULL,
            target TEXT NOT NULL,
            target_id TEXT NOT NULL,
            detail TEXT NOT NULL,
            reason TEXT NOT NULL,
            message_ids TEXT NOT NULL,
            undone_at INTEGER,
            undone_by TEXT NOT NULL
        ) STRICT""",
        "CREATE INDEX moderation_log_of_channel ON moderation_log (channel_id, done_at, entry_id)",
        """CREATE TABLE held_messages (
            message_id TEXT PRIMARY KEY,
            channel_id TEXT NOT NULL,
            user_id TEXT NOT NULL,
            username TEXT NOT NULL,
            text TEXT NOT NULL,
            role TEXT NOT NULL,
            reply_id TEXT,
            reply_username TEXT,
            reply_text TEXT,
            held_at INTEGER NOT NULL,
            reason TEXT NOT NULL
        ) STRICT""",
        "CREATE INDEX held_messages_of_channel ON held_messages (channel_id, held_at, message_id)",
        """CREATE TABLE emotes (
            emote_id TEXT PRIMARY KEY,
            channel_id TEXT NOT NULL,
            name TEXT NOT NULL,
            name_key TEXT NOT NULL,
            media_type TEXT NOT NULL,
            width INTEGER NOT NULL,
            height INTEGER NOT NULL,
            added_at INTEGER NOT NULL,
            picture BLOB NOT NULL,
            UNIQUE (channel_id, name_key)
        ) STRICT""",
    ),
    (
        "ALTER TABLE moderation_log ADD COLUMN before TEXT NOT NULL DEFAULT ''",
        """CREATE TABLE api_tokens (
            token_id TEXT PRIMARY KEY,
            user_id TEXT NOT NULL,
            name TEXT NOT NULL,
            token_hash TEXT NOT NULL UNIQUE,
            created_at INTEGER NOT NULL
        ) STRICT""",
        "CREATE INDEX api_tokens_of_user ON api_tokens (user_id, created_at)",
    ),
    (
        "ALTER TABLE moderation_log ADD COLUMN state TEXT NOT NULL DEFAULT 'done'",
        "UPDATE moderation_log SET state = 'undone' WHERE undone_at IS NOT NULL",
        "CREATE INDEX moderation_log_pending ON moderation_log (channel_id) WHERE state = 'pending'",
        "ALTER TABLE chat_rules ADD COLUMN version INTEGER NOT NULL DEFAULT 1",
        "ALTER TABLE held_messages ADD COLUMN decision TEXT",
        "ALTER TABLE held_messages ADD COLUMN claimed_by TEXT",
        "ALTER TABLE held_messages ADD COLUMN claimed_at INTEGER",
    ),
    ("ALTER TABLE chat_turns ADD COLUMN message_id TEXT NOT NULL DEFAULT ''",),
)
