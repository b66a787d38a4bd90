"""The player of recordings: seekable, at any speed; it says where in time it is, for the chat beside it."""

import reflex as rx

from streaming_app.components.scripts import script


class RecordingPlayer(rx.NoSSRComponent):
    """media-chrome's controls over hls.js. Tells the page where it is: a ``playhead`` event of the document."""

    library = script("player/recording_player.js")
    tag = "RecordingPlayer"
    lib_dependencies: list[str] = ["media-chrome@4.19.4", "hls-video-element@1.5.11"]

    src: rx.Var[str]
    """Path of the recording's playlist at the front door."""
    poster: rx.Var[str]
    """Path of its picture, if there is one."""
    title: rx.Var[str]


recording_player = RecordingPlayer.create
