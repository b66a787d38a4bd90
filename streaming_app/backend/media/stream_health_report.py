"""What an owner is told about the stream of their channel."""

from streaming_app.backend.media.ports import PackagerClient, PackagerUnavailableError
from streaming_app.backend.media.recordings.service import RecordingService
from streaming_app.backend.media.stream_health import IngestHealth, advice, delay_advice
from streaming_app.backend.streams.model import Channel, Latency

UNMEASURED = "Stream health is unavailable right now. Viewers may still see your stream."


async def health_report(
    packager: PackagerClient, recordings: RecordingService, channel: Channel
) -> tuple[IngestHealth | None, list[str]]:
    """Return how the stream arrives, ``None`` when that is unknown, and advice, most important first.

    Advice about the delay is left out if the owner chose the normal delay.
    """
    gap = await recordings.gap_message(channel.channel_id) if channel.records else ""
    try:
        health = await packager.health(channel.channel_id)
        messages = advice(health) if health else []
        if health and channel.latency is not Latency.NORMAL:
            messages += delay_advice(health)
    except PackagerUnavailableError:
        health, messages = None, [UNMEASURED]
    return health, [*messages, gap] if gap else messages
