"""The commands that run one process each, for an orchestrator in place of the supervisor: web, feed, worker, nginx."""

import argparse
import os
from collections.abc import Callable

from streaming_app.backend.adapters.nginx_limits import INSTANCES
from streaming_app.backend.config import Settings, check_processes
from streaming_app.backend.connection_limits import allow_open_files
from streaming_app.backend.feed.server import run as run_feed
from streaming_app.backend.nginx_process import run_nginx
from streaming_app.backend.subprocess_environment import own_environment
from streaming_app.backend.supervisor.programs import REFLEX_SERVES_THE_BUILD, ROOT, web_command
from streaming_app.backend.wait_for_services import wait_for_services
from streaming_app.backend.workers.runner import run_process
from streaming_app.backend.workers.worker_list import WORKERS


def add_process_commands(add_parser: Callable[..., argparse.ArgumentParser]) -> None:
    """Add the commands to the command line. Each sets ``run``, which runs it."""
    worker = add_parser("worker", help="run a worker until SIGTERM (needs Kafka and MongoDB)")
    worker.add_argument("name", choices=[each.name for each in WORKERS])
    worker.set_defaults(run=_run_worker)
    feed = add_parser("feed", help="run the feed of chat and stream changes until SIGTERM (needs FEED=own)")
    feed.set_defaults(run=_run_feed)
    web = add_parser("web", help="run the web process alone until SIGTERM; the pages must be built")
    web.set_defaults(run=_run_web)
    for parser in (worker, feed, web):
        parser.add_argument(
            "--wait", action="store_true", help="wait until MongoDB, Kafka and Redis answer, instead of failing"
        )
    nginx = add_parser("nginx", help="run the ingest or the front door alone until SIGTERM, with its log on stderr")
    nginx.add_argument("instance", choices=INSTANCES)
    nginx.set_defaults(run=_run_nginx)


async def _run_worker(settings: Settings, wanted: argparse.Namespace) -> None:
    await _prepare(settings, wanted)
    await run_process(wanted.name, settings)


async def _run_feed(settings: Settings, wanted: argparse.Namespace) -> None:
    await _prepare(settings, wanted)
    await run_feed(settings)


async def _run_web(settings: Settings, wanted: argparse.Namespace) -> None:
    await _prepare(settings, wanted)
    allow_open_files(settings.tabs_max)
    os.chdir(ROOT)
    variables = {**own_environment(), **REFLEX_SERVES_THE_BUILD, "SUPERVISE": "none"}
    command = web_command(settings)
    os.execve(command[0], command, variables)  # noqa: S606 - signals go to the web server itself


async def _run_nginx(settings: Settings, wanted: argparse.Namespace) -> None:
    await run_nginx(settings, wanted.instance)


async def _prepare(settings: Settings, wanted: argparse.Namespace) -> None:
    check_processes(settings)
    if wanted.wait:
        await wait_for_services(settings)
