"""Playing a live stream from nginx-rtmp: `player.play` is the way in; the rest knows no sockets."""
