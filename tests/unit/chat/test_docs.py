"""The moderation guide matches the chat commands."""

from pathlib import Path

import pytest

from streaming_app.backend.chat.commands import COMMANDS, CommandSpec
from streaming_app.backend.chat.model import Role

GUIDE = Path(__file__).parents[3] / "docs/moderation.md"
WHO = {Role.VIEWER: "everyone", Role.MODERATOR: "moderators", Role.OWNER: "owner"}


@pytest.mark.parametrize("spec", COMMANDS, ids=lambda spec: spec.name)
def test_every_command_is_in_the_guide(spec: CommandSpec) -> None:
    usage = spec.usage.replace("|", "\\|")

    assert f"| `{usage}` | {spec.help} | {WHO[spec.minimum_role]} |\n" in GUIDE.read_text()
