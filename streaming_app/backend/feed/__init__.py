"""The feed: a websocket server that pushes chat, viewer counts and stream changes to browsers."""
