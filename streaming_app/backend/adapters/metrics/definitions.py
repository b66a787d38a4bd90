"""All metrics. ``docs/operating.md`` has a table of them, which a test compares with this module.

No label contains the name of a user or a secret. A channel is a label only while it is live.
"""

from functools import partial

from prometheus_client import Counter, Gauge, Histogram, Info
from prometheus_client.metrics import MetricWrapperBase

PREFIX = "streaming_app"
_SHORT = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5)
"""Buckets of durations that are milliseconds as a rule, in seconds."""

# Metrics are not registered here, so that a process exposes only those that it measures (``exposed``).
_counter = partial(Counter, namespace=PREFIX, registry=None)
_gauge = partial(Gauge, namespace=PREFIX, registry=None)
_histogram = partial(Histogram, namespace=PREFIX, registry=None)

BUILD = Info(
    "build", "Version of the site and of Python, and the name of the process.", namespace=PREFIX, registry=None
)
LOOP_LAG = _histogram(
    "event_loop_lag_seconds",
    "How much later than planned the event loop of the process ran a timer, measured twice a second.",
    buckets=_SHORT,
)
LOG_RECORDS = _counter(
    "log_records", "Warnings and errors in the log of the process, repeated lines included.", ["level", "logger"]
)
STORE_SECONDS = _histogram(
    "store_operation_seconds",
    "Duration of an operation of the store (SQLite or MongoDB), failed ones included.",
    ["operation"],
    buckets=_SHORT,
)
STORE_OUTAGES = _counter("store_outages", "Operations that failed because the store did not answer.")
BUS_SECONDS = _histogram(
    "bus_operation_seconds",
    "Duration of an operation of the event bus: publishing an event, or handling a batch of events.",
    ["operation"],
    buckets=_SHORT,
)
BUS_OUTAGES = _counter("bus_outages", "Events that could not be published because the event bus did not accept them.")
LIMITS_IN_PROCESS = _counter(
    "rate_limits_without_redis", "Uses of rate limits that only this process counted, because Redis did not answer."
)
DISK_FREE = _gauge("disk_free_bytes", "Free space on the disk of DATA_DIR or LIVE_DIR.", ["folder"])
DISK_SIZE = _gauge("disk_size_bytes", "Size of the disk of DATA_DIR or LIVE_DIR.", ["folder"])

CHAT_POSTS = _counter(
    "chat_posts",
    "Chat messages that users sent, by result: sent, held for review, command, refused, rate_limited, failed (outage).",
    ["result"],
)
SIGN_INS = _counter("sign_ins", "Attempts to sign in, by result: signed_in, failed, blocked (too many).", ["result"])
OPEN_PAGES = _gauge("open_pages", "Pages that are connected to the web process.")
TAB_STATES = _gauge("tab_states", "States of pages in the memory of the web process, closed pages included.")

LIVE_STREAMS = _gauge("live_streams", "Live streams of the whole site. Each feed shows the same number.")
FEED_CONNECTIONS = _gauge("feed_connections", "Websockets of the feed that are open in this process.")
CHANNEL_VIEWERS = _gauge("channel_viewers", "Viewers of channels whose feed is open in this process, live or not.")
CHAT_DELIVERY = _histogram(
    "chat_delivery_seconds",
    "Time from the acceptance of a chat message until this process sends it to its viewers.",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)
FEED_DROPPED = _counter("feed_slow_viewers_dropped", "Viewers whom the feed disconnected because they read too slowly.")

PUBLISHERS = _gauge("publishers", "Encoders that publish to this ingest.")
PLAYERS = _gauge(
    "players", "Players of live streams that reported lately, by the delivery that they use.", ["delivery"]
)
PLAYER_DELAY = _gauge(
    "player_delay_seconds",
    "How far the picture is behind what has arrived at the site: median of the players of a live channel.",
    ["channel", "delivery"],
)
PLAYERS_STALLED = _gauge("players_stalled", "Players whose newest report contains a stall, by delivery.", ["delivery"])
INGEST_BYTES = _counter(
    "ingest_received_bytes", "Bytes of video and sound that encoders sent, without the overhead of RTMP."
)
PARTS = _counter("parts_written", "Parts of low-latency video that were written, of the publishers' own renditions.")
PARTS_LATE = _counter("parts_late", "Parts that were written more than 0.5 s after the part before.")
REALTIME_VIEWERS = _gauge("realtime_viewers", "Websockets that receive frames in real time.")
REALTIME_BYTES = _counter(
    "realtime_sent_bytes", "Bytes of frames for viewers in real time. Slow viewers do not receive all of them."
)
REALTIME_DROPPED = _counter(
    "realtime_slow_viewers_dropped", "Viewers in real time who were disconnected because they read too slowly."
)

CONSUMER_LAG = _gauge(
    "consumer_lag_events",
    "Events in Kafka that a worker has not handled yet, in the partitions of this process.",
    ["group", "topic"],
)

PROGRAM_UP = _gauge("program_up", "1 if the supervisor runs the program and it answers, otherwise 0.", ["program"])
PROGRAM_RESTARTS = _counter(
    "program_restarts", "How often the supervisor restarted a program that had ended or hung.", ["program"]
)

EVERY_PROCESS = (BUILD, LOOP_LAG, LOG_RECORDS)
BACKEND = (STORE_SECONDS, STORE_OUTAGES, BUS_SECONDS, BUS_OUTAGES, LIMITS_IN_PROCESS)
DISKS = (DISK_FREE, DISK_SIZE)
WEB = (CHAT_POSTS, SIGN_INS, OPEN_PAGES, TAB_STATES)
FEED = (LIVE_STREAMS, FEED_CONNECTIONS, CHANNEL_VIEWERS, CHAT_DELIVERY, FEED_DROPPED)
PACKAGER = (
    *(PUBLISHERS, PLAYERS, PLAYERS_STALLED, PLAYER_DELAY, INGEST_BYTES, PARTS, PARTS_LATE),
    *(REALTIME_VIEWERS, REALTIME_BYTES, REALTIME_DROPPED),
)
WORKER = (CONSUMER_LAG,)
SUPERVISOR = (PROGRAM_UP, PROGRAM_RESTARTS)

GROUPS: dict[str, tuple[MetricWrapperBase, ...]] = {
    "all": EVERY_PROCESS,
    "web, feed, workers": BACKEND,
    "web, packager": DISKS,
    "web": WEB,
    "feed (or web)": FEED,
    "packager": PACKAGER,
    "workers, with Kafka": WORKER,
    "supervisor": SUPERVISOR,
}
"""All metrics, by the processes that expose them."""

for _result in ("sent", "held", "command", "refused", "rate_limited", "failed"):
    CHAT_POSTS.labels(_result)  # so that the first one counts as an increase
