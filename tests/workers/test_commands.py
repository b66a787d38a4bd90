"""``python -m streaming_app.backend``: its commands, and its one-line errors."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from pyotp.totp import TOTP

from streaming_app.backend.__main__ import main
from streaming_app.backend.accounts.service import Registration
from streaming_app.backend.adapters.kafka import make_topics
from streaming_app.backend.bootstrap import now, open_backend
from streaming_app.backend.config import Settings
from tests.rig.kafka import Kafka
from tests.rig.password_hashing import with_quick_hashes
from tests.workers.conftest import Start

KEY = "k" * 40

Site = Callable[[dict[str, str]], None]


@pytest.fixture(autouse=True)
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A function that sets environment variables. Before it is called, none are set, and there is no `.env`."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)

    def set_all(variables: dict[str, str]) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

    return set_all


def test_the_topics_command_creates_topics_and_reports_them(
    site: Site, kafka: Kafka, topic_prefix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    site({"KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers, "KAFKA_TOPIC_PREFIX": topic_prefix, "SECRET_KEY": KEY})

    assert main(["topics", "--partitions", "2", "--replication", "1"]) == 0
    assert f"{topic_prefix}streaming.chat.v1: created, 2 partitions\n" in capsys.readouterr().out
    assert main(["topics"]) == 0
    assert f"{topic_prefix}streaming.chat.v1.dead: already exists, 2 partitions\n" in capsys.readouterr().out


def test_topics_that_cannot_be_created_are_reported_in_one_line(
    site: Site, kafka: Kafka, topic_prefix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    site({"KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers, "KAFKA_TOPIC_PREFIX": topic_prefix, "SECRET_KEY": KEY})

    assert main(["topics", "--replication", "5"]) == 1
    assert "replication factor of 5 cannot be reached" in capsys.readouterr().err


def test_a_worker_without_topics_names_the_command_that_creates_them(start: Start) -> None:
    worker = start("worker", "chat-archiver")

    assert worker.wait_until_ended() == 1
    [line] = [said for said in worker.output().splitlines() if not said.startswith("{")]  # JSON: the schema
    assert "run `python -m streaming_app.backend topics` first" in line


@pytest.mark.parametrize("name", ["reaper", "recorder"])
async def test_a_stopped_worker_exits_with_code_0(start: Start, kafka: Kafka, topic_prefix: str, name: str) -> None:
    await make_topics(kafka.bootstrap_servers, topic_prefix, partitions=1, replication=1)
    worker = start("worker", name)
    await asyncio.to_thread(worker.wait_until_said, f"The worker {name} runs")
    await asyncio.to_thread(worker.stop)

    assert worker.exit_code == 0


@pytest.mark.parametrize("name", ["reaper", "recorder"])
async def test_a_second_worker_for_the_same_ingest_waits_until_the_first_has_ended(
    start: Start, kafka: Kafka, topic_prefix: str, name: str
) -> None:
    await make_topics(kafka.bootstrap_servers, topic_prefix, partitions=1, replication=1)
    first = start("worker", name)
    await asyncio.to_thread(first.wait_until_said, f'The worker {name} runs"')
    second = start("worker", name)
    await asyncio.to_thread(second.wait_until_said, f"The worker {name} already runs (process {first.pid})")

    first.kill()

    await asyncio.to_thread(second.wait_until_said, f'The worker {name} runs"')


async def test_a_worker_that_cannot_lock_its_folder_exits_with_an_error(
    start: Start, kafka: Kafka, topic_prefix: str, tmp_path: Path
) -> None:
    await make_topics(kafka.bootstrap_servers, topic_prefix, partitions=1, replication=1)
    file = tmp_path / "a-file"
    file.touch()

    worker = start("worker", "reaper", DATA_DIR=str(file / "data"))

    assert await asyncio.to_thread(worker.wait_until_ended) == 1
    assert f"DATA_DIR {file / 'data'} cannot be written" in worker.output()
    assert "Traceback" not in worker.output()


def test_the_indexes_command_prepares_the_store(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["indexes"]) == 0
    assert capsys.readouterr().out == "The store is up to date.\n"
    assert Path("data/streaming.sqlite3").exists()


def test_the_nginx_conf_command_shows_how_to_run_both_instances(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nginx-conf"]) == 0
    ingest, front = capsys.readouterr().out.splitlines()
    assert f"-c {Path('data').resolve()}/nginx/ingest/nginx.conf" in ingest
    assert f"-c {Path('data').resolve()}/nginx/front/nginx.conf" in front
    assert Path("data/nginx/front/nginx.conf").exists()


async def register() -> None:
    async with open_backend(with_quick_hashes(Settings())) as backend:
        await backend.accounts.register(Registration("Ann", "ann@example.com", "correct horse"), "192.0.2.1")


async def reset(secret: str) -> str:
    async with open_backend(with_quick_hashes(Settings())) as backend:
        return (await backend.passwords.reset(secret, "battery staple", "192.0.2.1")).username


async def is_admin() -> bool:
    async with open_backend(Settings()) as backend:
        return (await backend.store.users.get_by_login("ann")).is_admin


def test_a_user_is_banned_and_unbanned(capsys: pytest.CaptureFixture[str]) -> None:
    asyncio.run(register())

    assert main(["admin", "ban", "ann@example.com"]) == 0
    assert capsys.readouterr().out == "Ann is banned from the site and signed out everywhere.\n"
    assert main(["admin", "unban", "ann"]) == 0
    assert capsys.readouterr().out == "Ann is no longer banned.\n"


def test_a_user_is_promoted_to_admin_and_demoted(capsys: pytest.CaptureFixture[str]) -> None:
    asyncio.run(register())

    assert main(["admin", "promote", "ann"]) == 0
    assert capsys.readouterr().out == "Ann is an admin of the site: the page /admin is open to them.\n"
    assert asyncio.run(is_admin())
    assert main(["admin", "demote", "ann"]) == 0
    assert capsys.readouterr().out == "Ann no longer belongs to the staff.\n"
    assert not asyncio.run(is_admin())


def test_a_reset_link_for_a_forgotten_password_is_printed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asyncio.run(register())
    monkeypatch.setenv("PUBLIC_URL", "https://live.example.com/")

    assert main(["admin", "reset-link", "ann@example.com"]) == 0

    link, explanation = capsys.readouterr().out.splitlines()
    page, _, secret = link.partition("#")
    assert page == "https://live.example.com/reset-password"
    assert explanation.startswith("This link sets a new password, once, within 24 hours.")
    assert asyncio.run(reset(secret)) == "Ann"


@pytest.mark.parametrize(
    ("words", "variables", "line"),
    [
        (["worker", "reaper"], {}, "the workers run inside the web process"),
        (["worker", "thumbnails"], {"KAFKA_BOOTSTRAP_SERVERS": "kafka:1", "SECRET_KEY": KEY}, "needs MONGO_URL"),
        (["topics"], {}, "Set KAFKA_BOOTSTRAP_SERVERS"),
        (
            ["topics"],
            {"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1", "SECRET_KEY": KEY},
            "Kafka at 127.0.0.1:1 does not answer",
        ),
        (["indexes"], {"HTTP_PORT": "no port"}, "HTTP_PORT: use a whole number"),
        (["indexes"], {"SECRET_KEY": "short"}, "SECRET_KEY: use 32 characters or more"),
        (["admin", "ban", "nobody"], {}, "There is no such user"),
    ],
)
def test_a_failing_command_prints_one_line_and_exits_with_1(
    site: Site, words: list[str], variables: dict[str, str], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    site(variables)

    assert main(words) == 1
    [said] = capsys.readouterr().err.splitlines()
    assert line in said


@pytest.mark.parametrize("words", [[], ["dance"], ["worker"], ["worker", "dance"], ["topics", "--partitions", "0"]])
def test_an_unknown_command_prints_the_usage_and_exits_with_2(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as refused:
        main(words)

    assert refused.value.code == 2
    assert "usage: python -m streaming_app.backend" in capsys.readouterr().err


def test_an_operator_removes_the_authenticator_app_of_a_user(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    async def add_app() -> None:
        async with open_backend(with_quick_hashes(Settings())) as backend:
            user = await backend.accounts.register(Registration("Ann", "ann@example.com", "correct horse"), "192.0.2.1")
            app = TOTP(backend.authenticators.start_setup(user).secret)
            await backend.authenticators.enable(user, app.secret, app.at(now()), "192.0.2.1")

    asyncio.run(add_app())

    assert main(["admin", "remove-second-factor", "ann"]) == 0
    assert "Ann signs in without an authenticator app now" in capsys.readouterr().out
    assert main(["admin", "remove-second-factor", "ann"]) == 1
    assert capsys.readouterr().err.endswith("Ann has no authenticator app.\n")
