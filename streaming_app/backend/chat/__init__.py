"""Chat: messages, rules, moderation, emotes, and the hub that delivers messages to viewers."""
