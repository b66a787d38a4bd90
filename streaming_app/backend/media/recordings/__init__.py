"""Streams kept to be seen again: each of a channel that records becomes a recording, a folder that plays as HLS."""
