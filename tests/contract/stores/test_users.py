"""Accounts, with the same behaviour in both stores."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from streaming_app.backend.accounts.model import SiteRole
from streaming_app.backend.accounts.ports import UserGroup
from streaming_app.backend.adapters.store import Store
from streaming_app.backend.errors import NotFoundError, TakenError
from tests.contract.stores.samples import ANN, NOW, user


async def test_a_user_is_read_as_it_was_stored(store: Store) -> None:
    await store.users.add(ANN)

    assert await store.users.get("u-ann") == ANN


async def test_times_are_read_as_aware_utc(store: Store) -> None:
    await store.users.add(ANN)

    assert (await store.users.get("u-ann")).created_at.utcoffset() == timedelta(0)


async def test_times_are_truncated_to_milliseconds(store: Store) -> None:
    await store.users.add(replace(ANN, created_at=NOW + timedelta(microseconds=999)))

    assert (await store.users.get("u-ann")).created_at == NOW


async def test_an_unknown_user_is_not_found(store: Store) -> None:
    with pytest.raises(NotFoundError):
        await store.users.get("u-nobody")


@pytest.mark.parametrize("login", ["Ann", "ann", "ANN", "Ann@Example.com", "ann@example.com", "ANN@EXAMPLE.COM"])
async def test_a_user_is_found_by_name_or_email_in_any_case(store: Store, login: str) -> None:
    await store.users.add(ANN)
    await store.users.add(user("bob"))

    assert await store.users.get_by_login(login) == ANN


@pytest.mark.parametrize("login", ["", "an", "annn", "u-ann", "ann@", "ann' OR 1=1 --", "%", "a.n", "an\0n", "\ud800"])
async def test_an_unknown_login_is_not_found(store: Store, login: str) -> None:
    await store.users.add(ANN)

    with pytest.raises(NotFoundError):
        await store.users.get_by_login(login)


async def test_names_are_unique_ignoring_case(store: Store) -> None:
    await store.users.add(ANN)

    with pytest.raises(TakenError) as refused:
        await store.users.add(user("other", username="aNN"))

    assert refused.value.field == "username"
    assert refused.value.public_message == "This username is taken. Choose another."


@pytest.mark.parametrize("username", ["AIice", "a1ice", "ali-ce", "al_i_ce"])
async def test_a_name_that_looks_like_another_one_is_taken(store: Store, username: str) -> None:
    await store.users.add(user("alice"))

    for attempt in (store.users.check_free(username, "other@example.com"), store.users.add(user(username))):
        with pytest.raises(TakenError) as refused:
            await attempt
        assert refused.value.field == "username"
        assert refused.value.public_message == "This username looks like the name of another account. Choose another."


async def test_one_of_twenty_concurrent_registrations_of_similar_names_succeeds(store: Store) -> None:
    rivals = [user(f"winner{'-' * n}1") for n in range(20)]

    answers = await asyncio.gather(*(store.users.add(rival) for rival in rivals), return_exceptions=True)

    assert answers.count(None) == 1
    assert all(isinstance(a, TakenError) and a.field == "username" for a in answers if a is not None)


async def test_emails_are_unique_ignoring_case(store: Store) -> None:
    await store.users.add(ANN)

    with pytest.raises(TakenError) as refused:
        await store.users.add(user("other", email="ANN@example.COM"))

    assert refused.value.field == "email"
    assert refused.value.public_message == "An account with this email already exists. Sign in instead."


async def test_a_taken_name_is_reported_before_a_taken_email(store: Store) -> None:
    await store.users.add(ANN)

    with pytest.raises(TakenError) as refused:
        await store.users.add(replace(ANN, user_id="u-other"))

    assert refused.value.field == "username"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("straße@example.com", "STRASSE@example.com"),
        ("ΣΊΣΥΦΟΣ@example.com", "σίσυφος@example.com"),
        ("jose\u0301@example.com", "JOSÉ@example.com"),
        ("почта@пример.рф", "ПОЧТА@ПРИМЕР.РФ"),
    ],
)
async def test_case_is_ignored_in_every_script(store: Store, first: str, second: str) -> None:
    await store.users.add(user("one", email=first))

    with pytest.raises(TakenError):
        await store.users.add(user("two", email=second))

    assert (await store.users.get_by_login(second)).email == first


async def test_a_refused_user_stores_no_data(store: Store) -> None:
    await store.users.add(ANN)
    with pytest.raises(TakenError):
        await store.users.add(user("bob", email=ANN.email))

    with pytest.raises(NotFoundError):
        await store.users.get_by_login("bob")
    await store.users.add(user("bob"))


async def test_one_of_twenty_concurrent_registrations_of_a_name_succeeds(store: Store) -> None:
    rivals = [user(f"rival{n}", username="Winner" if n % 2 else "WINNER") for n in range(20)]

    answers = await asyncio.gather(*(store.users.add(rival) for rival in rivals), return_exceptions=True)

    assert answers.count(None) == 1
    assert all(isinstance(a, TakenError) and a.field == "username" for a in answers if a is not None)
    winner = await store.users.get_by_login("winner")
    assert winner == rivals[answers.index(None)]


async def test_one_of_twenty_concurrent_registrations_of_an_email_succeeds(store: Store) -> None:
    rivals = [user(f"rival{n}", email="same@example.com") for n in range(20)]

    answers = await asyncio.gather(*(store.users.add(rival) for rival in rivals), return_exceptions=True)

    assert answers.count(None) == 1
    assert all(isinstance(a, TakenError) and a.field == "email" for a in answers if a is not None)


async def test_a_ban_ends_all_sessions_and_can_be_lifted(store: Store) -> None:
    await store.users.add(ANN)
    until = NOW + timedelta(days=1)

    await store.users.set_banned("u-ann", banned=True, reason="spam", until=until)
    banned = replace(ANN, banned=True, ban_reason="spam", banned_until=until, session_generation=1)
    assert await store.users.get("u-ann") == banned

    await store.users.set_banned("u-ann", banned=True)
    await store.users.set_banned("u-ann", banned=False)
    assert await store.users.get("u-ann") == replace(ANN, session_generation=2)


async def test_bans_with_an_end_are_lifted_when_it_has_passed(store: Store) -> None:
    for name, until in (("ann", NOW), ("bob", NOW + timedelta(milliseconds=1)), ("eve", None)):
        await store.users.add(user(name))
        await store.users.set_banned(f"u-{name}", banned=True, reason="spam", until=until)

    await store.users.end_bans(NOW)

    assert await store.users.get("u-ann") == user("ann", session_generation=1)
    assert (await store.users.get("u-bob")).banned
    assert (await store.users.get("u-eve")).banned


async def test_an_unknown_user_cannot_be_banned(store: Store) -> None:
    with pytest.raises(NotFoundError):
        await store.users.set_banned("u-nobody", banned=True)


async def test_a_role_is_changed_only_if_it_is_the_expected_one(store: Store) -> None:
    await store.users.add(ANN)
    await store.users.add(user("root", site_role=SiteRole.ADMIN))

    assert await store.users.set_role("u-ann", SiteRole.MODERATOR, expected=SiteRole.USER)
    assert not await store.users.set_role("u-ann", SiteRole.ADMIN, expected=SiteRole.USER)
    assert await store.users.get("u-ann") == replace(ANN, site_role=SiteRole.MODERATOR)
    assert (await store.users.get_by_login("root")).is_admin

    assert await store.users.set_role("u-ann", SiteRole.USER, expected=SiteRole.MODERATOR)
    assert await store.users.get("u-ann") == ANN
    assert not await store.users.set_role("u-nobody", SiteRole.ADMIN, expected=SiteRole.USER)


async def test_users_are_searched_by_part_of_the_name_in_pages(store: Store) -> None:
    for name in ("Carol", "ann", "Anna", "bob", "hannah"):
        await store.users.add(user(name))

    async def search(text: str, after: str = "", *, limit: int = 10, group: UserGroup = UserGroup.ALL) -> list[str]:
        found = await store.users.search(text, with_email=False, group=group, after=after, limit=limit)
        return [each.username for each in found]

    assert await search("") == ["ann", "Anna", "bob", "Carol", "hannah"]
    assert await search("ANN") == ["ann", "Anna", "hannah"]
    assert await search("ann", limit=2) == ["ann", "Anna"]
    assert await search("ann", "ANNA") == ["hannah"]
    assert await search("example") == []
    for text in (".", "a.n", "%", "_", "' OR 1", "[a"):
        assert await search(text) == []


async def test_users_are_searched_by_email_and_group(store: Store) -> None:
    await store.users.add(user("ann", email="Star@Example.com"))
    await store.users.add(user("bob", site_role=SiteRole.MODERATOR))
    await store.users.add(user("root", site_role=SiteRole.ADMIN))
    await store.users.set_banned("u-ann", banned=True)

    async def search(text: str, group: UserGroup = UserGroup.ALL) -> list[str]:
        found = await store.users.search(text, with_email=True, group=group, after="", limit=10)
        return [each.username for each in found]

    assert await search("star@example") == ["ann"]
    assert await search("", UserGroup.STAFF) == ["bob", "root"]
    assert await search("", UserGroup.SUSPENDED) == ["ann"]
    assert await search("bob", UserGroup.SUSPENDED) == []


async def test_session_generations_of_several_users_are_read_at_once(store: Store) -> None:
    for name in ("ann", "bob", "eve"):
        await store.users.add(user(name))
    await store.users.set_banned("u-bob", banned=True)

    assert await store.users.session_generations(["u-ann", "u-bob", "u-nobody"]) == {"u-ann": 0, "u-bob": 1}
    assert await store.users.session_generations([]) == {}


async def test_names_and_emails_of_other_users_are_taken_ignoring_case(store: Store) -> None:
    await store.users.add(ANN)

    for username, email, field in (
        ("aNN", "other@example.com", "username"),
        ("other", "ANN@example.COM", "email"),
        ("ANN", "ann@example.com", "username"),
    ):
        with pytest.raises(TakenError) as refused:
            await store.users.check_free(username, email)
        assert refused.value.field == field
    await store.users.check_free("other", "other@example.com")


async def test_a_password_hash_is_replaced_only_if_it_is_the_one_that_was_read(store: Store) -> None:
    await store.users.add(ANN)
    await store.users.add(user("bob"))
    bob = await store.users.get(user("bob").user_id)

    new = "a new hash"
    await store.users.replace_password_hash("u-ann", ANN.password_hash, new)
    await store.users.replace_password_hash("u-ann", ANN.password_hash, "too late")
    await store.users.replace_password_hash("u-nobody", ANN.password_hash, "nobody's")

    assert await store.users.get("u-ann") == replace(ANN, password_hash=new)
    assert await store.users.get(bob.user_id) == bob


async def test_of_several_simultaneous_new_passwords_one_is_stored(store: Store) -> None:
    await store.users.add(ANN)

    answers = await asyncio.gather(*(store.users.set_password("u-ann", 0, f"hash {n}") for n in range(5)))

    assert sum(answers) == 1
    changed = replace(ANN, password_hash=f"hash {answers.index(True)}", session_generation=1)
    assert await store.users.get("u-ann") == changed


async def test_a_new_password_needs_the_current_generation(store: Store) -> None:
    await store.users.add(ANN)

    third = "third"
    assert await store.users.set_password("u-ann", 0, "second")
    assert not await store.users.set_password("u-ann", 0, "too late")
    assert await store.users.set_password("u-ann", 1, third)
    assert not await store.users.set_password("u-nobody", 0, "nobody's")

    assert await store.users.get("u-ann") == replace(ANN, password_hash=third, session_generation=2)


async def test_a_new_password_ends_api_tokens_if_asked_to(store: Store) -> None:
    await store.users.add(ANN)

    assert await store.users.set_password("u-ann", 0, "second")
    assert (await store.users.get("u-ann")).token_generation == 0
    assert await store.users.set_password("u-ann", 1, "third", end_tokens=True)
    assert not await store.users.set_password("u-ann", 1, "too late", end_tokens=True)

    assert (await store.users.get("u-ann")).token_generation == 1


async def test_an_email_is_confirmed_only_if_it_is_still_the_same(store: Store) -> None:
    await store.users.add(ANN)

    assert not await store.users.confirm_email("u-ann", "other@example.com", NOW)
    assert await store.users.get("u-ann") == ANN
    assert await store.users.confirm_email("u-ann", ANN.email.upper(), NOW)

    assert await store.users.get("u-ann") == replace(ANN, email_confirmed_at=NOW)


async def test_a_new_email_replaces_the_old_one_and_ends_all_sessions(store: Store) -> None:
    await store.users.add(ANN)

    assert await store.users.replace_email("u-ann", ANN.email.lower(), "New@example.com", NOW)
    assert not await store.users.replace_email("u-ann", ANN.email, "too.late@example.com", NOW)

    changed = replace(ANN, email="New@example.com", email_confirmed_at=NOW, session_generation=1)
    assert await store.users.get_by_login("new@EXAMPLE.com") == changed
    with pytest.raises(NotFoundError):
        await store.users.get_by_login(ANN.email)
    await store.users.check_free("other", ANN.email)


async def test_the_email_of_another_user_cannot_be_taken(store: Store) -> None:
    await store.users.add(ANN)
    await store.users.add(user("bob"))

    with pytest.raises(TakenError) as refused:
        await store.users.replace_email("u-ann", ANN.email, "BOB@example.com", NOW)

    assert refused.value.field == "email"
    assert await store.users.get("u-ann") == ANN


async def test_one_of_ten_users_who_take_the_same_email_at_once_gets_it(store: Store) -> None:
    rivals = [user(f"rival{n}") for n in range(10)]
    for rival in rivals:
        await store.users.add(rival)

    answers = await asyncio.gather(
        *(store.users.replace_email(r.user_id, r.email, "same@example.com", NOW) for r in rivals),
        return_exceptions=True,
    )

    assert answers.count(True) == 1
    assert all(isinstance(a, TakenError) for a in answers if a is not True)
    assert (await store.users.get_by_login("same@example.com")).user_id == rivals[answers.index(True)].user_id
