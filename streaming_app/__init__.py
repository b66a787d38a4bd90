"""A live-streaming site: many channels, each with its own video and chat."""
