"""The database schema as a list of migrations: migration n updates ``user_version`` n - 1 to n.

Released migrations are never edited. Times are milliseconds since 1970, UTC. Columns that end in ``_key``
hold the folded value (``case_folding.fold_case``). The SQL function ``skeleton_of`` is ``look_alike_names.skeleton``.
There are no foreign keys: MongoDB, the other store, has none, and a row that another row refers to is never deleted.
"""

STEPS: tuple[tuple[str, ...], ...] = (
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
    (
        "ALTER TABLE users ADD COLUMN session_generation INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE sessions ADD COLUMN generation INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE tickets ADD COLUMN generation INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE sessions ADD COLUMN device TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE sessions ADD COLUMN address TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE sessions ADD COLUMN seen_at INTEGER",
    ),
    (
        # NULL in accounts whose name looks like the name of an older account.
        "ALTER TABLE users ADD COLUMN username_skeleton TEXT",
        """UPDATE users SET username_skeleton = skeleton_of(username) WHERE user_id IN (
            SELECT user_id FROM (SELECT user_id, MIN(created_at) FROM users GROUP BY skeleton_of(username))
        )""",
        "CREATE UNIQUE INDEX users_by_skeleton ON users (username_skeleton)",
    ),
    (
        """CREATE TABLE audit_log (
            entry_id TEXT PRIMARY KEY,
            at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            action TEXT NOT NULL,
            actor TEXT NOT NULL,
            actor_id TEXT NOT NULL,
            actor_key TEXT NOT NULL,
            target TEXT NOT NULL,
            target_id TEXT NOT NULL,
            target_key TEXT NOT NULL,
            address TEXT NOT NULL,
            details TEXT NOT NULL
        ) STRICT""",
        "CREATE INDEX audit_log_by_expiry ON audit_log (expires_at)",
        "CREATE INDEX audit_log_by_actor ON audit_log (actor_key, entry_id)",
        "CREATE INDEX audit_log_by_target ON audit_log (target_key, entry_id)",
    ),
    (
        """ALTER TABLE api_tokens ADD COLUMN scopes TEXT NOT NULL DEFAULT '["chat:write", "chat:moderate"]'""",
        "ALTER TABLE api_tokens ADD COLUMN expires_at INTEGER",
        "ALTER TABLE api_tokens ADD COLUMN last_used_at INTEGER",
    ),
    (
        "ALTER TABLE users ADD COLUMN email_confirmed_at INTEGER",
        """CREATE TABLE mail_links (
            link_hash TEXT PRIMARY KEY,
            kind TEXT NOT NULL,
            email TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            user_id TEXT NOT NULL,
            username TEXT NOT NULL,
            replaced TEXT NOT NULL
        ) STRICT""",
        "CREATE INDEX mail_links_of_user ON mail_links (user_id)",
        "CREATE INDEX mail_links_by_expiry ON mail_links (expires_at)",
    ),
    (
        "ALTER TABLE users ADD COLUMN site_role TEXT NOT NULL DEFAULT 'user'",
        "UPDATE users SET site_role = 'admin' WHERE is_admin",
        "ALTER TABLE users DROP COLUMN is_admin",
        "ALTER TABLE users ADD COLUMN banned_until INTEGER",
        "ALTER TABLE users ADD COLUMN ban_reason TEXT NOT NULL DEFAULT ''",
        "CREATE INDEX users_by_end_of_ban ON users (banned_until) WHERE banned_until IS NOT NULL",
    ),
    (
        """CREATE TABLE authenticator_apps (
            user_id TEXT PRIMARY KEY,
            sealed_secret BLOB NOT NULL,
            added_at INTEGER NOT NULL,
            last_step INTEGER NOT NULL,
            recovery_code_hashes TEXT NOT NULL
        ) STRICT""",
        "ALTER TABLE tickets ADD COLUMN has_all_factors INTEGER NOT NULL DEFAULT 0",
    ),
)
