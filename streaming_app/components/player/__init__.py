"""The players of live streams and recordings: media-chrome's controls over hls.js."""
