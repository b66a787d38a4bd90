"""The database schema as a list of migrations: migration n updates ``user_version`` n - 1 to n.

Released migrations are never edited. Times are milliseconds since 1970, UTC. Columns that end in ``_key``
hold the folded value (``case_folding.fold_case``). The SQL function ``skeleton_of`` is ``look_alike_names.skeleton``.
There are no foreign keys: MongoDB, the other store, has none. A row that another row refers to is deleted only with the
account to which it belongs (``account_data``).
"""

from streaming_app.backend.adapters.sqlite.first_migrations import FIRST_STEPS

STEPS: tuple[tuple[str, ...], ...] = (
    *FIRST_STEPS,
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
    (
        "CREATE INDEX follows_of_user ON follows (user_id, followed_at, channel_id)",
        "CREATE INDEX streams_by_start ON streams (channel_id, started_at, stream_id)",
    ),
    (
        """CREATE TABLE stream_blocks (
            channel_id TEXT PRIMARY KEY,
            since INTEGER NOT NULL,
            until INTEGER,
            reason TEXT NOT NULL,
            blocked_by TEXT NOT NULL
        ) STRICT""",
    ),
    (
        """CREATE TABLE passkeys (
            passkey_id TEXT PRIMARY KEY,
            user_id TEXT NOT NULL,
            name TEXT NOT NULL,
            public_key BLOB NOT NULL,
            sign_count INTEGER NOT NULL,
            added_at INTEGER NOT NULL,
            used_at INTEGER
        ) STRICT""",
        "CREATE INDEX passkeys_of_user ON passkeys (user_id)",
    ),
    (
        "ALTER TABLE users ADD COLUMN deletes_at INTEGER",
        "CREATE INDEX leaving_users ON users (deletes_at) WHERE deletes_at IS NOT NULL",
        "ALTER TABLE channels ADD COLUMN is_hidden INTEGER NOT NULL DEFAULT FALSE",
        "CREATE INDEX hidden_channels ON channels (owner_id) WHERE is_hidden",
        """CREATE TABLE erased_accounts (
            id_key TEXT PRIMARY KEY,
            name_key TEXT NOT NULL,
            erased_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID""",
        "CREATE INDEX erased_names ON erased_accounts (name_key, erased_at)",
        "CREATE INDEX chat_of_author ON chat_messages (user_id, position, message_id)",
        "CREATE INDEX chat_quotes ON chat_messages (reply_username) WHERE reply_username IS NOT NULL",
    ),
    (
        """CREATE TABLE invitations (
            invitation_id TEXT PRIMARY KEY,
            secret_hash TEXT NOT NULL UNIQUE,
            note TEXT NOT NULL,
            created_by TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            uses_max INTEGER NOT NULL,
            uses INTEGER NOT NULL
        ) STRICT""",
        "ALTER TABLE mail_links ADD COLUMN invitation_hash TEXT NOT NULL DEFAULT ''",
    ),
    (
        "ALTER TABLE users ADD COLUMN display_name TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE users ADD COLUMN avatar_id TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE channels ADD COLUMN avatar_id TEXT NOT NULL DEFAULT ''",
        """CREATE TABLE avatars (
            avatar_id TEXT PRIMARY KEY,
            user_id TEXT NOT NULL,
            media_type TEXT NOT NULL,
            added_at INTEGER NOT NULL,
            picture BLOB NOT NULL
        ) STRICT""",
        "CREATE INDEX avatars_of_user ON avatars (user_id)",
    ),
    (
        """CREATE TABLE identities (
            provider TEXT NOT NULL,
            subject TEXT NOT NULL,
            user_id TEXT NOT NULL,
            label TEXT NOT NULL,
            linked_at INTEGER NOT NULL,
            PRIMARY KEY (provider, subject),
            UNIQUE (user_id, provider)
        ) STRICT, WITHOUT ROWID""",
        """CREATE TABLE provider_sign_ins (
            state_hash TEXT PRIMARY KEY,
            browser_hash TEXT NOT NULL,
            provider TEXT NOT NULL,
            nonce TEXT NOT NULL,
            code_verifier TEXT NOT NULL,
            next_path TEXT NOT NULL,
            link_to TEXT NOT NULL,
            expires_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID""",
        """CREATE TABLE pending_identities (
            secret_hash TEXT PRIMARY KEY,
            provider TEXT NOT NULL,
            subject TEXT NOT NULL,
            label TEXT NOT NULL,
            email TEXT NOT NULL,
            email_verified INTEGER NOT NULL,
            user_id TEXT NOT NULL,
            link_to TEXT NOT NULL,
            next_path TEXT NOT NULL,
            expires_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID""",
    ),
    (
        """CREATE TABLE reports (
            report_id TEXT PRIMARY KEY,
            kind TEXT NOT NULL,
            target_id TEXT NOT NULL,
            channel_id TEXT NOT NULL,
            subject_id TEXT NOT NULL,
            subject TEXT NOT NULL,
            quote TEXT NOT NULL,
            reporter_id TEXT NOT NULL,
            reporter TEXT NOT NULL,
            reason TEXT NOT NULL,
            text TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            resolution TEXT NOT NULL,
            resolved_by TEXT NOT NULL,
            resolved_at INTEGER,
            claimed_by TEXT,
            claimed_at INTEGER,
            UNIQUE (reporter_id, kind, target_id)
        ) STRICT""",
        "CREATE INDEX reports_of_target ON reports (kind, target_id)",
        "CREATE INDEX open_reports ON reports (report_id) WHERE resolution = ''",
    ),
    (
        """CREATE TABLE streamer_requests (
            user_id TEXT PRIMARY KEY,
            username TEXT NOT NULL,
            text TEXT NOT NULL,
            requested_at INTEGER NOT NULL,
            status TEXT NOT NULL,
            note TEXT NOT NULL,
            decided_by TEXT NOT NULL
        ) STRICT""",
        "CREATE INDEX streamer_requests_by_status ON streamer_requests (status, requested_at, user_id)",
    ),
    (
        """CREATE TABLE invitation_claims (
            user_id TEXT PRIMARY KEY,
            secret_hash TEXT NOT NULL,
            claimed_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID""",
    ),
    ("CREATE INDEX suspended_users ON users (user_id) WHERE banned",),
    (
        "ALTER TABLE provider_sign_ins ADD COLUMN confirms TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE users ADD COLUMN token_generation INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE api_tokens ADD COLUMN generation INTEGER NOT NULL DEFAULT 0",
    ),
    ("UPDATE channels SET latency = 'realtime' WHERE latency = 'ultra'",),
    (
        "CREATE INDEX chat_by_time ON chat_messages (sent_at)",
        "CREATE INDEX moderation_log_by_time ON moderation_log (done_at)",
        "CREATE INDEX tickets_by_expiry ON tickets (expires_at)",
    ),
)
