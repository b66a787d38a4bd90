"""Channels for benchmarks, created in the site's own store by the site's own services."""

from dataclasses import dataclass
from datetime import UTC, datetime

from streaming_app.backend.accounts.model import User
from streaming_app.backend.bootstrap import Backend, open_backend
from streaming_app.backend.config import Settings
from streaming_app.backend.streams.model import Latency
from tests.rig.ports import HOST


@dataclass(frozen=True, slots=True)
class Publishing:
    """The addresses at which one channel is published and played."""

    slug: str
    channel_id: str
    rtmp_url: str

    @property
    def low_latency(self) -> str:
        """Return the URL path of the folder of its low-latency HLS."""
        return f"/ll/{self.channel_id}"

    @property
    def plain(self) -> str:
        """Return the URL path of its plain HLS playlist."""
        return f"/hls/{self.channel_id}/index.m3u8"


async def add_channel(backend: Backend, name: str, latency: Latency) -> Publishing:
    """Register a user and return the user's channel, with this latency setting."""
    user = User(f"u-{name}", name, f"{name}@example.com", "no password", datetime.now(UTC))
    await backend.store.users.add(user)
    channel = await backend.channels.get_or_create(user)
    await backend.channels.set_latency(user.user_id, latency)
    stream_key = await backend.channels.stream_key(user.user_id)
    return Publishing(channel.slug, channel.channel_id, f"rtmp://{HOST}:{backend.settings.rtmp_port}/live/{stream_key}")


async def add_channels(settings: Settings, latencies: dict[str, Latency]) -> dict[str, Publishing]:
    """Create channels for a site that has not started yet, and return them by name."""
    async with open_backend(settings) as backend:
        return {name: await add_channel(backend, name, latency) for name, latency in latencies.items()}
