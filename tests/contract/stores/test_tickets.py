"""Sign-in tickets, with the same behaviour in both stores."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from streaming_app.backend.accounts.model import Ticket
from streaming_app.backend.adapters.store import Store
from streaming_app.backend.errors import NotFoundError
from tests.contract.stores.samples import MILLISECOND, NOW, TICKET


async def test_a_ticket_is_taken_as_it_was_stored(store: Store) -> None:
    await store.tickets.add(TICKET)

    assert await store.tickets.take("t-1", NOW) == TICKET


async def test_a_ticket_is_taken_once(store: Store) -> None:
    await store.tickets.add(TICKET)
    await store.tickets.take("t-1", NOW)

    with pytest.raises(NotFoundError):
        await store.tickets.take("t-1", NOW)


async def test_one_of_twenty_concurrent_takers_gets_a_ticket(store: Store) -> None:
    await store.tickets.add(TICKET)

    answers = await asyncio.gather(*(store.tickets.take("t-1", NOW) for _ in range(20)), return_exceptions=True)

    assert [a for a in answers if isinstance(a, Ticket)] == [TICKET]
    assert sum(isinstance(a, NotFoundError) for a in answers) == 19


async def test_an_unknown_ticket_is_not_found_and_no_other_ticket_is_taken(store: Store) -> None:
    await store.tickets.add(TICKET)

    with pytest.raises(NotFoundError):
        await store.tickets.take("t-2", NOW)

    assert await store.tickets.take("t-1", NOW) == TICKET


async def test_a_ticket_can_be_taken_until_it_expires(store: Store) -> None:
    await store.tickets.add(TICKET)

    assert await store.tickets.take("t-1", TICKET.expires_at - MILLISECOND) == TICKET


async def test_an_expired_ticket_is_not_found(store: Store) -> None:
    await store.tickets.add(TICKET)

    with pytest.raises(NotFoundError):
        await store.tickets.take("t-1", TICKET.expires_at)


async def test_taking_a_ticket_keeps_other_valid_tickets(store: Store) -> None:
    await store.tickets.add(TICKET)
    await store.tickets.add(replace(TICKET, ticket_hash="t-2", expires_at=NOW + timedelta(minutes=5)))

    await store.tickets.take("t-1", NOW)

    assert (await store.tickets.take("t-2", NOW)).user_id == "u-ann"


async def test_a_ticket_can_be_read_without_taking_it(store: Store) -> None:
    await store.tickets.add(replace(TICKET, generation=3))

    for _ in range(2):
        assert await store.tickets.get("t-1", TICKET.expires_at - MILLISECOND) == replace(TICKET, generation=3)
    assert await store.tickets.take("t-1", NOW) == replace(TICKET, generation=3)


async def test_a_ticket_that_is_unknown_taken_or_expired_cannot_be_read(store: Store) -> None:
    await store.tickets.add(TICKET)
    await store.tickets.add(replace(TICKET, ticket_hash="t-2"))
    await store.tickets.take("t-2", NOW)

    for ticket_hash, at in (("t-1", TICKET.expires_at), ("t-2", NOW), ("t-3", NOW)):
        with pytest.raises(NotFoundError):
            await store.tickets.get(ticket_hash, at)
