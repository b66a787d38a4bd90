"""Sets the gauges of the packager's metrics."""

from collections import Counter

from streaming_app.backend.adapters.metrics.definitions import (
    PLAYER_DELAY,
    PLAYERS,
    PLAYERS_STALLED,
    PUBLISHERS,
    REALTIME_VIEWERS,
)
from streaming_app.backend.connection_limits import ConnectionLimits
from streaming_app.backend.media.playback_reports import DeliveryMode
from streaming_app.backend.packager.packager import Packager


async def sample_packager(packager: Packager, realtime: ConnectionLimits) -> None:
    """Set the gauges to the publishers, the reports of players, and the connections of real-time viewers."""
    published = packager.published_channels()
    players, stalled = Counter[str](), Counter[str]()
    PLAYER_DELAY.clear()  # of channels that are not live
    for channel in published:
        stats = channel.playback.stats()
        for each in stats.deliveries if stats else ():
            players[each.delivery] += each.viewers
            stalled[each.delivery] += each.stalled
            PLAYER_DELAY.labels(channel.channel_id, each.delivery.value).set(each.delay_ms / 1000)
    for delivery in DeliveryMode:
        PLAYERS.labels(delivery.value).set(players[delivery])
        PLAYERS_STALLED.labels(delivery.value).set(stalled[delivery])
    PUBLISHERS.set(len(published))
    REALTIME_VIEWERS.set(realtime.total)
