"""The pages of the settings, in the order of their navigation."""

from dataclasses import dataclass

from streaming_app import routes


@dataclass(frozen=True, slots=True)
class SettingsPage:
    """An entry of the navigation. ``icon`` is the name of a Lucide icon."""

    path: str
    label: str
    icon: str


SETTINGS_PAGES = (
    SettingsPage(routes.PROFILE, "Profile", "user"),
    SettingsPage(routes.EMAIL, "Email", "mail"),
    SettingsPage(routes.SECURITY, "Password and security", "shield"),
    SettingsPage(routes.API_TOKENS, "API tokens", "key-round"),
    SettingsPage(routes.DATA, "Your data", "database"),
    SettingsPage(routes.LINKED_ACCOUNTS, "Linked accounts", "link"),
    SettingsPage(routes.REPORTS, "Your reports", "flag"),
)
"""To add a page, add a line here. The first page is the one that ``/settings`` opens."""
