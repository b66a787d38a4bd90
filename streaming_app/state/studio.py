"""The state of the studio: the details of the user's channel, its stream key and its stream."""

from math import ceil
from urllib.parse import urlsplit

import reflex as rx

from streaming_app import routes
from streaming_app.backend.errors import DomainError, InvalidError, NotFoundError, NotSignedInError
from streaming_app.state import services, toast
from streaming_app.state.page_commands import copy_text
from streaming_app.state.recording_view_models import spoken
from streaming_app.state.session import SessionState, acting_user, acting_user_id
from streaming_app.state.view_models import ChannelView, channel_view

RTMP_PORT = 1935
"""The port that encoders use if the URL contains no port."""
MASK = "•" * 24


class StudioState(SessionState):
    """The signed-in user's own channel, with the data and actions that are reserved to its owner."""

    channel: ChannelView = ChannelView()
    """Has no id until the studio is loaded."""
    title: str = ""
    category: str = ""
    title_error: str = ""
    category_error: str = ""
    server: str = ""
    server_without_tls: str = ""
    """For encoders that cannot use ``server``; empty if they can, because it is without TLS."""
    channel_url: str = ""
    """URL of the channel's page, for sharing."""
    overlay_url: str = ""
    stream_key: str = ""
    """Empty unless the owner has asked to see it."""
    waiting_since: str = ""
    """When the publisher disconnected, ISO 8601, UTC; empty unless the stream waits for it to reconnect."""
    held_seconds: int = 0
    """Seconds for which the encoder is still refused after "End stream"; 0 if it is accepted."""
    end_hold: str = ""
    """The time for which the encoder is refused after "End stream", in words."""

    @rx.var
    def shown_key(self) -> str:
        """The stream key, or a mask while the stream key is hidden."""
        return self.stream_key or MASK

    @rx.var
    def shown_command(self) -> str:
        """A shell command that streams with ffmpeg. The stream key is masked while it is hidden."""
        return _command(self.server, self.shown_key)

    @rx.event
    async def open(self) -> rx.event.EventSpec | None:
        """Load the user's channel, created at the first visit. Redirects signed-out users to the sign-in page."""
        self.stream_key = self.title_error = self.category_error = ""
        try:
            user = await acting_user(self)
        except NotSignedInError:
            return rx.redirect(str(routes.login(routes.STUDIO)))
        channel = await services.current().channels.get_or_create(user)
        self.title, self.category = channel.title, channel.category
        self.server, self.server_without_tls = _servers(self.router.url.netloc)
        base = _base(self.router.url.origin)
        self.channel_url = base + str(routes.channel(channel.slug))
        self.overlay_url = base + str(routes.overlay(channel.slug))
        self.end_hold = spoken(services.current().settings.end_hold.total_seconds())
        await self._show(channel.channel_id)
        return None

    @rx.event
    async def refresh(self, state: str) -> None:
        """Load the stream again after the feed has sent its new ``state``."""
        if state and self.channel.channel_id:
            await self._show(str(self.channel.channel_id))

    @rx.event
    async def describe(self, form: dict[str, str]) -> rx.event.EventSpec | None:
        """Set the title and category of the channel and of a running stream."""
        self.title_error = self.category_error = ""
        try:
            channel = await services.current().channels.set_title_and_category(
                await acting_user_id(self), form.get("title", ""), form.get("category", "")
            )
        except InvalidError as refused:
            setattr(self, f"{refused.field}_error", refused.public_message)
            return None
        except DomainError as refused:
            return toast.error(refused.public_message)
        self.title, self.category = channel.title, channel.category
        await self._show(channel.channel_id)
        return toast.success("Saved. Viewers see it now.")

    @rx.event
    async def set_latency(self, latency: str) -> rx.event.EventSpec | None:
        """Set the channel's latency, the delay between the encoder and the viewers."""
        try:
            channel = await services.current().channels.set_latency(await acting_user_id(self), latency)
        except DomainError as refused:
            return toast.error(refused.public_message)
        await self._show(channel.channel_id)
        return toast.success("Saved. Viewers of a live stream switch within a few seconds.")

    @rx.event
    async def show_key(self) -> rx.event.EventSpec | None:
        """Show the stream key to the owner, or hide it again."""
        if self.stream_key:
            self.stream_key = ""
            return None
        try:
            self.stream_key = await services.current().channels.stream_key(await acting_user_id(self))
        except DomainError as refused:
            return toast.error(refused.public_message)
        return None

    @rx.event
    async def copy_key(self) -> rx.event.EventSpec:
        """Copy the stream key to the clipboard, also while it is hidden."""
        try:
            key = await services.current().channels.stream_key(await acting_user_id(self))
        except DomainError as refused:
            return toast.error(refused.public_message)
        return copy_text(key, "Stream key copied. Keep it secret.", StudioState.copied)

    @rx.event
    async def copy_command(self) -> rx.event.EventSpec:
        """Copy the ffmpeg command to the clipboard, with the stream key."""
        try:
            key = await services.current().channels.stream_key(await acting_user_id(self))
        except DomainError as refused:
            return toast.error(refused.public_message)
        return copy_text(_command(self.server, key), "Command copied. It includes your stream key.", StudioState.copied)

    @rx.event
    def copied(self, notice: str) -> rx.event.EventSpec:
        """Show ``notice`` after the browser has copied a text. ``notice`` is empty if the browser blocked it."""
        if notice:
            return toast.success(notice)
        return toast.error("Your browser blocked copying. Show the key and copy it manually.")

    @rx.event
    async def rotate_key(self) -> rx.event.EventSpec:
        """Replace the stream key."""
        try:
            new_key = await services.current().channels.rotate_key(await acting_user_id(self))
        except DomainError as refused:
            return toast.error(refused.public_message)
        self.stream_key = new_key if self.stream_key else ""
        return toast.success("New stream key created. Copy it into your streaming software.")

    @rx.event
    async def end_stream(self) -> rx.event.EventSpec:
        """End the stream for all viewers immediately."""
        try:
            await services.current().streams.end(await acting_user_id(self))
            await self._show(str(self.channel.channel_id))
        except DomainError as refused:
            return toast.error(refused.public_message)
        return toast.success("Stream ended.")

    @rx.event
    async def allow_restart(self) -> rx.event.EventSpec:
        """Accept the encoder again at once, although "End stream" still refuses it."""
        try:
            await services.current().streams.allow_restart(await acting_user_id(self))
            await self._show(str(self.channel.channel_id))
        except DomainError as refused:
            return toast.error(refused.public_message)
        return toast.success("Your encoder can start a new stream now.")

    @rx.event
    def hold_ended(self) -> None:
        """Hide the countdown: the encoder may reconnect."""
        self.held_seconds = 0

    async def _show(self, channel_id: str) -> None:
        backend = services.current()
        channel = await backend.channels.get(channel_id)
        try:
            latest = await backend.streams.latest(channel.channel_id)
        except NotFoundError:
            latest = None
        viewers = backend.audience.viewers(channel.channel_id)
        self.channel = channel_view(channel, latest, viewers)
        waits_since = latest.dropped_at if latest and not latest.ended_at else None
        self.waiting_since = waits_since.isoformat() if waits_since else ""
        self.held_seconds = ceil(backend.streams.restart_delay(latest).total_seconds()) if latest else 0


def _command(server: str, key: str) -> str:
    """Return a command that streams a file in a loop: constant bitrate, a keyframe every second at any frame rate."""
    return (
        "ffmpeg -re -stream_loop -1 -i video.mp4"
        " -c:v libx264 -preset veryfast -tune zerolatency -pix_fmt yuv420p"
        " -b:v 3000k -minrate 3000k -maxrate 3000k -bufsize 3000k"
        " -force_key_frames 'expr:gte(t,n_forced)'"
        f" -c:a aac -b:a 160k -ar 48000 -f flv '{server}/{key}'"
    )


def _base(origin: str) -> str:
    public_url = services.current().settings.public_url
    return str(public_url).rstrip("/") if public_url else origin


def _servers(netloc: str) -> tuple[str, str]:
    """Return the address for encoders and, if that uses TLS, the one without."""
    settings = services.current().settings
    host = settings.public_url.host if settings.public_url else urlsplit(f"//{netloc}").hostname
    port = "" if settings.rtmp_port == RTMP_PORT else f":{settings.rtmp_port}"
    without_tls = f"rtmp://{host or 'localhost'}{port}/live"
    if settings.tls_certificate:
        return f"rtmps://{host or 'localhost'}:{settings.rtmps_port}/live", without_tls
    return without_tls, ""
