"""The packager: plays every live stream from nginx, cuts it, and serves low-latency HLS from behind nginx."""
