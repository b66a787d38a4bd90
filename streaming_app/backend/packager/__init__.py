"""The packager: plays every live stream from nginx, cuts it into segments and serves low-latency HLS behind nginx."""
