"""The feed: a websocket server that tells browsers what is said, who watches and what is live."""
