"""What is live: channels, their stream keys and their streams."""
