"""The one service locator of the states: filled when the server opens its backend."""

from typing import Protocol

from streaming_app.backend.accounts.service import AccountService
from streaming_app.backend.chat.service import ChatService
from streaming_app.backend.streams.audience import Audience
from streaming_app.backend.streams.channels import ChannelService
from streaming_app.backend.streams.service import StreamService


class Services(Protocol):
    """What the states ask. An open backend is one."""

    @property
    def accounts(self) -> AccountService: ...  # noqa: D102
    @property
    def channels(self) -> ChannelService: ...  # noqa: D102
    @property
    def streams(self) -> StreamService: ...  # noqa: D102
    @property
    def chat(self) -> ChatService: ...  # noqa: D102
    @property
    def audience(self) -> Audience: ...  # noqa: D102


_open: list[Services] = []


def use(services: Services) -> None:
    """From now on ``current`` answers these."""
    _open[:] = [services]


def current() -> Services:
    """The services of this process; raises ``IndexError`` before the server has opened them."""
    return _open[0]
