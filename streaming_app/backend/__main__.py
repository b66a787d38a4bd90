"""The command line for operators: ``python -m streaming_app.backend``."""

import argparse
import shlex
import sys
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

import uvloop

from streaming_app.backend.account_wiring import site_url_of
from streaming_app.backend.accounts.account_mails import RESET_PAGE, SIGN_UP_PAGE
from streaming_app.backend.accounts.model import SiteRole
from streaming_app.backend.accounts.password_service import RESET_LIFETIME
from streaming_app.backend.accounts.staff import OPERATOR_STAFF
from streaming_app.backend.adapters.kafka import BROKER_DEFAULT, make_topics
from streaming_app.backend.adapters.logging_setup import set_up_logging
from streaming_app.backend.adapters.nginx_conf import find_nginx, install_conf
from streaming_app.backend.adapters.nginx_limits import INSTANCES
from streaming_app.backend.backups.commands import add_backup_commands, count
from streaming_app.backend.bootstrap import Backend, open_backend, open_store
from streaming_app.backend.config import Settings, read_settings
from streaming_app.backend.doctor.command import add_doctor_command, run_doctor
from streaming_app.backend.errors import DomainError, SetupError
from streaming_app.backend.process_commands import add_process_commands
from streaming_app.backend.stream_commands import add_stream_commands
from streaming_app.backend.wait_for_services import keep_trying


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return the exit code: 0 for success, 1 for an error in one line, 2 for a wrong command line."""
    wanted = _parser().parse_args(arguments)
    if wanted.command == "doctor":
        return run_doctor(wanted)
    try:
        uvloop.run(_run(wanted, read_settings()))
    except SetupError as wrong:
        print(wrong, file=sys.stderr)
        return 1
    except DomainError as refused:
        print(refused.public_message, file=sys.stderr)
        return 1
    return 0


async def _run(wanted: argparse.Namespace, settings: Settings) -> None:
    match wanted.command:
        case "topics":
            make = partial(_make_topics, settings, wanted.partitions, wanted.replication)
            await (keep_trying(make) if wanted.wait else make())
        case "indexes":
            async with open_store(settings):
                print("The store is up to date.")
        case "web" | "feed" | "worker" | "nginx" | "backup" | "restore" | "move" | "streams" | "recordings":
            await wanted.run(settings, wanted)
        case "nginx-conf":
            for instance in INSTANCES:
                print(shlex.join(install_conf(settings, find_nginx(), instance)))
        case _:
            await _use_backend(settings, wanted)


async def _make_topics(settings: Settings, partitions: int, replication: int) -> None:
    if not settings.kafka_bootstrap_servers:
        message = "Set KAFKA_BOOTSTRAP_SERVERS: without it there are no topics to create."
        raise SetupError(message)
    reports = await make_topics(
        settings.kafka_bootstrap_servers,
        settings.kafka_topic_prefix,
        partitions=partitions,
        replication=replication,
        retention=settings.kafka_retention,
    )
    for report in reports:
        state = "created" if report.created else "retention changed" if report.changed else "already exists"
        print(f"{report.name}: {state}, {report.partitions} partitions")


async def _use_backend(settings: Settings, wanted: argparse.Namespace) -> None:
    async with open_backend(settings) as backend:
        if wanted.command == "invite":
            await _print_invitation(backend)
        else:
            await _administer(backend, wanted)


async def _administer(backend: Backend, wanted: argparse.Namespace) -> None:
    what, user = wanted.what, wanted.user
    users = backend.users
    account = await users.find(user)
    match what:
        case "ban":
            await users.suspend(OPERATOR_STAFF, account.user_id, "", "no end")
            print(f"{account.username} is banned from the site and signed out everywhere.")
        case "delete":
            at = await backend.account_data.deletion.order(OPERATOR_STAFF, account, at_once=wanted.now)
            when = "within about a minute" if wanted.now else f"on {at.day} {at:%B %Y}"
            print(f"{account.username} is signed out everywhere. The account is deleted {when}.")
        case "unban":
            await users.unsuspend(OPERATOR_STAFF, account.user_id)
            print(f"{account.username} is no longer banned.")
        case "promote":
            await users.set_role(OPERATOR_STAFF, account.user_id, SiteRole.ADMIN)
            print(f"{account.username} is an admin of the site: the page /admin is open to them.")
        case "promote-moderator":
            await users.set_role(OPERATOR_STAFF, account.user_id, SiteRole.MODERATOR)
            print(f"{account.username} is a moderator of the site: the page /admin is open to them.")
        case "reset-link":
            await _print_reset_link(backend, user)
        case "remove-second-factor":
            name = (await backend.authenticators.disable_by_operator(user)).username
            print(f"{name} signs in without an authenticator app now, by the password alone.")
        case _:
            await users.set_role(OPERATOR_STAFF, account.user_id, SiteRole.USER)
            print(f"{account.username} no longer belongs to the staff.")


async def _print_invitation(backend: Backend) -> None:
    secret = await backend.invitations.create(OPERATOR_STAFF, "1", "7 days", "command line")
    print(f"{site_url_of(backend.settings)}{SIGN_UP_PAGE}#{secret}")
    print("With this link one person can register within 7 days, if REGISTRATION is invitation.")


async def _print_reset_link(backend: Backend, user: str) -> None:
    print(f"{site_url_of(backend.settings)}{RESET_PAGE}#{await backend.passwords.create_reset_secret(user)}")
    hours = RESET_LIFETIME // timedelta(hours=1)
    print(f"This link sets a new password, once, within {hours} hours. Send it only to the owner of the account.")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m streaming_app.backend",
        description="Commands for operators of the site. .env.example documents the settings.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    add_process_commands(commands.add_parser)
    topics = commands.add_parser("topics", help="create missing Kafka topics, and set the retention of all")
    topics.add_argument(
        "--partitions", type=count, default=BROKER_DEFAULT, help="partitions of each topic (default: the broker's)"
    )
    topics.add_argument(
        "--replication", type=count, default=BROKER_DEFAULT, help="replicas of each partition (default: the broker's)"
    )
    topics.add_argument("--wait", action="store_true", help="wait until Kafka answers, instead of failing")
    commands.add_parser("indexes", help="update the schema of the store, and create missing indexes")
    add_doctor_command(commands.add_parser)
    add_backup_commands(commands.add_parser)
    commands.add_parser("nginx-conf", help="write the configuration of both nginx and print the commands to run them")
    commands.add_parser("invite", help="print a link with which one person can register (see REGISTRATION)")
    add_stream_commands(commands.add_parser)
    admin = commands.add_parser(
        "admin", help="ban or unban a user, change their role, reset a password, or delete an account"
    )
    admin.add_argument(
        "what",
        choices=[
            *("ban", "unban", "promote", "promote-moderator", "demote"),
            *("reset-link", "remove-second-factor", "delete"),
        ],
    )
    admin.add_argument("user", help="username or email")
    admin.add_argument("--now", action="store_true", help="delete at once, instead of after ACCOUNT_DELETION_DELAY")
    return parser


if __name__ == "__main__":
    set_up_logging()
    sys.exit(main())
