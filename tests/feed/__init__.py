"""The feed, on a real socket with a real client."""
