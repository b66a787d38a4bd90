"""Links in mails, with the same behaviour in both stores."""

from dataclasses import replace
from datetime import timedelta

import pytest

from streaming_app.backend.accounts.mail_links import MailLink, MailLinkKind
from streaming_app.backend.adapters.store import Store
from streaming_app.backend.errors import NotFoundError
from tests.contract.stores.samples import MILLISECOND, NOW

LINK = MailLink("h-1", MailLinkKind.CHANGE, "new@example.com", NOW, NOW + timedelta(days=1), "u-ann", "", "ann@x.org")


async def kept(store: Store, *hashes: str) -> list[str]:
    """Return those of the hashes that are stored."""
    found: list[str] = []
    for link_hash in hashes:
        try:
            found.append((await store.mail_links.get(link_hash, NOW)).link_hash)
        except NotFoundError:
            continue
    return found


@pytest.mark.parametrize("kind", MailLinkKind)
async def test_a_link_is_read_as_it_was_stored(store: Store, kind: MailLinkKind) -> None:
    link = replace(LINK, kind=kind, username="Ann")
    await store.mail_links.add(link)

    assert await store.mail_links.get("h-1", LINK.expires_at - MILLISECOND) == link


async def test_a_link_that_is_unknown_removed_or_expired_is_not_found(store: Store) -> None:
    await store.mail_links.add(LINK)
    await store.mail_links.add(replace(LINK, link_hash="h-2"))
    await store.mail_links.remove("h-2")
    await store.mail_links.remove("h-2")

    for link_hash, at in (("h-1", LINK.expires_at), ("h-2", NOW), ("h-3", NOW)):
        with pytest.raises(NotFoundError):
            await store.mail_links.get(link_hash, at)


async def test_the_links_of_one_user_are_removed(store: Store) -> None:
    for number, user_id in enumerate(("u-ann", "u-bob", "u-ann", "")):
        await store.mail_links.add(replace(LINK, link_hash=f"h-{number}", user_id=user_id))

    await store.mail_links.remove_all_of("u-ann")

    assert await kept(store, "h-0", "h-1", "h-2", "h-3") == ["h-1", "h-3"]


async def test_only_links_of_one_kind_are_removed(store: Store) -> None:
    for kind in MailLinkKind:
        await store.mail_links.add(replace(LINK, link_hash=kind.value, kind=kind))

    await store.mail_links.remove_all_of("u-ann", kind=MailLinkKind.CHANGE)

    assert await kept(store, *[kind.value for kind in MailLinkKind]) == ["register", "confirm", "revert"]


async def test_only_links_since_a_time_are_removed_except_the_kept_one(store: Store) -> None:
    for number in range(4):
        at = NOW + number * MILLISECOND
        await store.mail_links.add(replace(LINK, link_hash=f"h-{number}", created_at=at))

    await store.mail_links.remove_all_of("u-ann", since=NOW + MILLISECOND, keep="h-1")

    assert await kept(store, "h-0", "h-1", "h-2", "h-3") == ["h-0", "h-1"]
