"""Deleting an account with all its data, in both stores, also if the process dies at any step."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count

import pytest

from streaming_app.backend.account_data.deletion import AccountDeletionService
from streaming_app.backend.account_data.eraser import AccountEraser
from streaming_app.backend.account_data.owned_data import KEPT_DATA, OWNED_DATA
from streaming_app.backend.accounts.account_mails import AccountMails
from streaming_app.backend.adapters.local_bus import LocalBus
from streaming_app.backend.adapters.mongo.indexes import _INDEXES  # pyright: ignore[reportPrivateUsage]
from streaming_app.backend.adapters.store import Store
from streaming_app.backend.adapters.stream_keys import SealedStreamKeys
from streaming_app.backend.chat.archiver import ChatArchiver
from streaming_app.backend.chat.model import ChatMessage, QuotedMessage, Role
from streaming_app.backend.errors import BusUnavailableError, NotFoundError, TakenError
from streaming_app.backend.events import ACCOUNTS_TOPIC, AccountDeleted
from streaming_app.backend.streams.service import StreamService, StreamTimeouts
from tests.conftest import MONGO_SERVERS
from tests.contract.stores.samples import user
from tests.rig.audit import audit_log_of
from tests.rig.event_recorder import EventRecorder
from tests.rig.fake_ingest import FakeIngest
from tests.rig.faults import Faults, for_each_fault
from tests.rig.full_account import START, TEXT, FullAccount, fill_account
from tests.rig.sessions import session_service_of
from tests.rig.stored_values import containing, delete_all_rows, rows_of

DELAY = timedelta(days=14)
SECOND = timedelta(seconds=1)
REGISTERED = {data.table for data in OWNED_DATA} | KEPT_DATA.keys()
DELETIONS_PER_STORE = 10
"""After so many deletions, what they left of other accounts is removed, because each check reads the whole store."""
EMBEDDED = {"chat_deletions", "invitation_claims"}
"""Tables whose data MongoDB has in another collection."""


class NoFiles:
    """Files of live streams on no disk."""

    def __init__(self) -> None:
        self.removed: list[str] = []

    async def remove(self, channel_id: str) -> None:
        self.removed.append(channel_id)


@dataclass
class Site:
    """A site with an account that will be deleted."""

    store: Store
    account: FullAccount
    bus: LocalBus
    faults: Faults = field(default_factory=Faults)
    now: datetime = START
    files: NoFiles = field(default_factory=NoFiles)

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        """Create the services, as a starting process does."""

        def now() -> datetime:
            return self.now

        def clock() -> float:
            return self.now.timestamp()

        store, bus = self.faults.around(self.store), self.faults.around(self.bus, BusUnavailableError)
        keys, ingest, audit_log = SealedStreamKeys(bytes(32), bytes(32)), FakeIngest(), audit_log_of(self.store, now)
        times = StreamTimeouts(*(timedelta(seconds=20),) * 3)
        streams = StreamService(store.users, store.channels, store.streams, keys, ingest, bus, now, times)
        self.sessions = session_service_of(store, bus, now, audit_log)
        mails = AccountMails(None, "http://site.test", delivers=False)
        self.service = AccountDeletionService(
            store.users, store.account_deletions, self.sessions, streams, mails, audit_log, bus, now, DELAY
        )
        self.eraser = AccountEraser(
            self.service, store, self.faults.around(self.files), mails, audit_log, bus, now, clock
        )

    async def let_the_time_come(self) -> None:
        """Request the deletion, and advance the clock to its time."""
        await self.store.account_deletions.schedule(self.account.ann.user_id, self.now + DELAY)
        await self.eraser.run_once()
        self.now += DELAY + SECOND

    async def run(self) -> None:
        """Run the worker twice, and the recorder in between."""
        await self.eraser.run_once()
        for recording_id in await self.store.recordings.removed(100):
            await self.store.recordings.forget(recording_id)
        await self.eraser.run_once()

    async def left(self) -> dict[str, list[str]]:
        """Return the rows in which something of Ann is left."""
        return containing(await rows_of(self.store), *self.account.traces)


@pytest.fixture
async def site(store: Store) -> AsyncIterator[Site]:
    bus = LocalBus(lambda: START)
    site = Site(store, await fill_account(store), bus)
    async with bus.subscribe([ACCOUNTS_TOPIC], ChatArchiver(store.chat_archive).handle, group="chat-archiver"):
        yield site


async def test_the_registry_names_every_table(site: Site) -> None:
    assert {*await rows_of(site.store), *_INDEXES} | EMBEDDED == REGISTERED


async def test_the_account_of_the_tests_has_data_in_every_table(site: Site) -> None:
    """A new table needs rows in ``tests.rig.full_account``, so that the other tests check their deletion."""
    assert {*await site.left()} | EMBEDDED == REGISTERED - {"erased_accounts"}


async def test_nothing_is_left_of_a_deleted_account(site: Site) -> None:
    await site.let_the_time_come()

    await site.run()

    assert await site.left() == {}
    assert site.files.removed[-1] == site.account.channel.channel_id


async def test_data_of_others_remains(site: Site) -> None:
    bobs = site.account.bobs_channel
    await site.let_the_time_come()

    await site.run()

    shown = await site.store.chat_archive.recent(bobs.channel_id, 10)
    assert [message.text for message in shown] == ["nice", "bye"]
    assert shown[0].reply_to
    assert shown[0].reply_to.is_deleted
    assert len(await site.store.recordings.of_channel(bobs.channel_id, 10)) == 1
    assert [ban.by for ban in await site.store.chat_settings.bans(bobs.channel_id, site.now, 10)] == ["deleted user"]
    assert [entry.by for entry in await site.store.moderation_log.newest(bobs.channel_id, 10)] == ["deleted user"]
    assert len(await site.store.held_messages.waiting(bobs.channel_id, 10)) == 1
    [report] = await site.store.reports.open_reports(10)
    assert report.text == "claimed by Ann"
    assert await site.store.reports.claim(report.report_id, "boss", START, DELAY)


async def test_the_account_remains_until_the_recorder_has_deleted_its_recordings(site: Site) -> None:
    await site.let_the_time_come()

    await site.eraser.run_once()
    await site.eraser.run_once()

    assert (await site.store.users.get(site.account.ann.user_id)).username == site.account.ann.username
    assert await site.store.recordings.removed(10) == [f"stream-{site.account.channel.channel_id}"]


@pytest.mark.parametrize("store_address", ["sqlite-memory", *MONGO_SERVERS], indirect=True)
async def test_a_deletion_is_completed_after_an_interruption_at_any_step(store: Store) -> None:
    numbers = count(1)
    bus = LocalBus(lambda: START)

    async def prepare(faults: Faults) -> Site:
        number = next(numbers)
        if number % DELETIONS_PER_STORE == 0:
            await delete_all_rows(store)
        site = Site(store, await fill_account(store, number), bus, faults)
        await site.let_the_time_come()
        return site

    async def is_gone(site: Site) -> None:
        assert await site.left() == {}

    async with bus.subscribe([ACCOUNTS_TOPIC], ChatArchiver(store.chat_archive).handle, group="chat-archiver"):
        await for_each_fault(prepare, act=Site.run, check=is_gone)


async def test_an_account_is_hidden_until_its_deletion(site: Site) -> None:
    await site.store.account_deletions.schedule(site.account.ann.user_id, START + DELAY)
    channel = site.account.channel

    await site.eraser.run_once()

    for read in (
        site.store.channels.get(channel.channel_id),
        site.store.channels.get_by_owner(channel.owner_id),
        site.store.channels.get_by_slug(channel.slug),
        site.store.channels.get_with_latest_stream(channel.slug),
        site.store.channels.get_by_key_hash(channel.key_hash),
        site.store.chat_settings.rules_and_pinned(channel.channel_id),
    ):
        with pytest.raises(NotFoundError):
            await read
    assert await site.store.channels.get_many([channel.channel_id]) == []
    assert (await site.store.chat_settings.membership_status(channel.channel_id, "u")).owner_id == ""


async def test_a_deletion_is_canceled_until_its_time_comes(site: Site) -> None:
    ann, deletions = site.account.ann, site.store.account_deletions
    await deletions.schedule(ann.user_id, START + DELAY)
    await site.eraser.run_once()

    assert not await deletions.cancel(ann.user_id, START + DELAY)
    assert not await deletions.begin(ann.user_id, START + DELAY - SECOND)
    assert await deletions.cancel(ann.user_id, START + DELAY - SECOND)
    assert not await deletions.cancel(ann.user_id, START)
    await site.eraser.run_once()

    assert await site.store.users.get(ann.user_id) == replace(ann, session_generation=1)
    assert await site.store.channels.get_by_slug(site.account.channel.slug) == site.account.channel


async def test_a_deletion_that_has_begun_is_not_canceled(site: Site) -> None:
    ann, deletions = site.account.ann, site.store.account_deletions
    await deletions.schedule(ann.user_id, START)

    assert await deletions.begin(ann.user_id, START)
    assert await deletions.begin(ann.user_id, START)
    assert not await deletions.cancel(ann.user_id, START - DELAY)
    with pytest.raises(NotFoundError):
        await deletions.schedule(ann.user_id, START + DELAY)


async def test_all_sessions_end_with_the_request(site: Site) -> None:
    await site.store.account_deletions.schedule(site.account.ann.user_id, START + DELAY)

    with pytest.raises(NotFoundError):
        await site.store.sessions.get_with_user(f"s-{site.account.ann.user_id}", START)


async def test_messages_of_a_deleted_account_are_not_archived_again(site: Site) -> None:
    await site.let_the_time_come()
    await site.run()
    ann, bob, bobs = site.account.ann, site.account.bob, site.account.bobs_channel

    quote = QuotedMessage("m", ann.username, TEXT)
    late = [
        ChatMessage("late1", bobs.channel_id, ann.user_id, ann.username, TEXT, START, 50),
        ChatMessage("late2", site.account.channel.channel_id, bob.user_id, bob.username, "there", START, 51),
        ChatMessage("late3", bobs.channel_id, bob.user_id, bob.username, "still here", START, 52, Role.VIEWER, quote),
    ]
    await site.store.chat_archive.add(late)

    assert await site.left() == {}
    assert (await site.store.chat_archive.recent(bobs.channel_id, 1))[0].text == "still here"
    assert await site.store.chat_archive.recent(site.account.channel.channel_id, 1) == []


async def test_the_username_is_reserved_for_a_while(site: Site) -> None:
    name, users = site.account.ann.username, site.store.users
    await site.let_the_time_come()
    await site.run()

    site.now += timedelta(days=89)
    await site.eraser.run_once()
    for taken in (name, name.upper(), name.replace("l", "1")):
        with pytest.raises(TakenError):
            await users.check_free(taken, "")
        with pytest.raises(TakenError):
            await users.add(user(taken))
    site.now += timedelta(days=2)
    await site.eraser.run_once()
    await users.add(user(name))

    assert (await users.get_by_login(name)).username == name


async def test_everybody_hears_of_a_deletion_once_it_is_complete(site: Site) -> None:
    heard = EventRecorder()
    await site.let_the_time_come()

    async with site.bus.subscribe([ACCOUNTS_TOPIC], heard):
        await site.run()
        await heard.until(lambda: any(isinstance(each.event, AccountDeleted) for each in heard.deliveries))

    [event] = [each.event for each in heard.deliveries if isinstance(each.event, AccountDeleted)]
    assert (event.user_id, event.channel_id) == (site.account.ann.user_id, site.account.channel.channel_id)


async def test_no_account_is_deleted_soon_after_the_clock_was_set(site: Site) -> None:
    await site.store.account_deletions.schedule(site.account.ann.user_id, START + DELAY)
    site.start()
    site.now += DELAY + SECOND

    await site.eraser.run_once()
    await site.eraser.run_once()

    assert (await site.store.users.get(site.account.ann.user_id)).deletes_at == START + DELAY
