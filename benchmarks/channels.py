"""Channels to publish to, made the way the site makes them, in its own store."""

from dataclasses import dataclass
from datetime import UTC, datetime

from streaming_app.backend.accounts.model import User
from streaming_app.backend.bootstrap import Backend, open_backend
from streaming_app.backend.config import Settings
from streaming_app.backend.streams.model import Latency
from tests.rig.ports import HOST


@dataclass(frozen=True, slots=True)
class Publishing:
    """Where one channel is published to and seen."""

    slug: str
    channel_id: str
    rtmp_url: str

    @property
    def low_latency(self) -> str:
        """Folder of its low-latency HLS, as in addresses."""
        return f"/ll/{self.channel_id}"

    @property
    def plain(self) -> str:
        """Address of its plain HLS playlist."""
        return f"/hls/{self.channel_id}/index.m3u8"


async def add_channel(backend: Backend, name: str, latency: Latency) -> Publishing:
    """A new user's channel, with this delay."""
    user = User(f"u-{name}", name, f"{name}@example.com", "no password", datetime.now(UTC))
    await backend.store.users.add(user)
    channel = await backend.channels.get_or_create(user)
    await backend.channels.set_latency(user.user_id, latency)
    stream_key = await backend.channels.stream_key(user.user_id)
    return Publishing(channel.slug, channel.channel_id, f"rtmp://{HOST}:{backend.settings.rtmp_port}/live/{stream_key}")


async def add_channels(settings: Settings, latencies: dict[str, Latency]) -> dict[str, Publishing]:
    """Channels by name, for a site that is about to be started."""
    async with open_backend(settings) as backend:
        return {name: await add_channel(backend, name, latency) for name, latency in latencies.items()}
