"""Plays live streams from nginx-rtmp. `player.play` is the entry point; the other modules do no I/O."""
