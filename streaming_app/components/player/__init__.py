"""The live player: media-chrome's controls over hls.js."""
