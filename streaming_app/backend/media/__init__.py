"""Video: cutting live streams into HLS segments, recordings, and thumbnails."""
