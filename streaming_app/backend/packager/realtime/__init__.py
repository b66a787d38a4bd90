"""Real-time delivery: sends each frame of a rendition over websockets as soon as it exists."""
