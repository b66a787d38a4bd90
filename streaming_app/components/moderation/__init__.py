"""The moderation page: what waits, the log, the rules, and who may do what."""
