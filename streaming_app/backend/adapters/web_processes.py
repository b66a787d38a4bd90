"""The web processes and feeds: their settings on this machine, and the addresses where nginx reaches all of them."""

from streaming_app.backend.adapters.live_dir import feed_socket_of
from streaming_app.backend.adapters.nginx_addresses import (
    UNKNOWN_HOST,
    addresses_of,
    bracketed,
    resolvers_for,
    servers_of,
)
from streaming_app.backend.config import Settings
from streaming_app.backend.network_settings import LOCAL


def web_processes_of(settings: Settings) -> list[Settings]:
    """Return the settings of each web process that the supervisor of this machine runs."""
    first = only_web_process(settings)
    return [
        first,
        *(
            first.model_copy(update={"web_process": number, "web_port": port, "feed_port": port + 1})
            for number, port in enumerate(settings.more_web_ports[::2], start=2)
        ),
    ]


def only_web_process(settings: Settings) -> Settings:
    """Return the settings without further web processes on this machine."""
    return settings.model_copy(update={"web_processes": 1})


def name_of(process: Settings, program: str = "web") -> str:
    """Return the name of a web process, or of a feed of its own, in logs: ``web``, ``web-2`` and so on."""
    return program if process.web_process == 1 else f"{program}-{process.web_process}"


def feeds_of(settings: Settings) -> list[Settings]:
    """Return the settings of each process that serves the feed: as many as the supervisor runs web processes.

    A feed of its own on another machine, or one that something else starts, is a single one.
    """
    if settings.feed == "own" and ("workers" not in settings.supervise or settings.feed_host != LOCAL):
        return [only_web_process(settings)]
    return web_processes_of(settings)


def web_address(settings: Settings) -> str:
    """Return where the ingest sends callbacks: the ``upstream`` block, or a name that nginx looks up again."""
    if settings.web_upstreams or settings.web_processes > 1 or not resolvers_for(settings.web_host):
        return "web"
    return f"{settings.web_host}:{settings.web_port}"


def web_servers(settings: Settings) -> list[str]:
    """Return nginx's ``server`` parameters of all web processes."""
    if settings.web_upstreams:
        return _listed(settings.web_upstreams)
    return [
        server for web in web_processes_of(settings) for server in servers_of(None, settings.web_host, web.web_port)
    ]


def feed_servers(settings: Settings) -> list[str]:
    """Return nginx's ``server`` parameters of all feeds: of each its socket, and its port as a fallback."""
    if settings.feed_upstreams:
        return _listed(settings.feed_upstreams)
    return [
        server
        for feed in feeds_of(settings)
        for server in servers_of(feed_socket_of(feed), settings.feed_host, feed.feed_port)
    ]


def addresses(servers: str | None) -> list[str]:
    """Return the addresses, ``host:port``, in ``WEB_UPSTREAMS`` or ``FEED_UPSTREAMS``."""
    return [address.strip() for address in servers.split(",")] if servers else []


def feed_count(settings: Settings) -> int:
    """Return the number of feeds to which nginx sends viewers."""
    return len(addresses(settings.feed_upstreams)) or len(feeds_of(settings))


def _listed(servers: str) -> list[str]:
    """Return the parameters of servers on other machines. One that fails twice gets no requests for a moment."""
    found = [
        f"{bracketed(address)}:{port} max_fails=2 fail_timeout=1s"
        for host, port in map(_split, addresses(servers))
        for address in addresses_of(host)
    ]
    return found or [UNKNOWN_HOST]


def _split(address: str) -> tuple[str, str]:
    host, _, port = address.rpartition(":")
    return host.strip("[]"), port
