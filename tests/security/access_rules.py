"""Who may use each state of the pages and each path of the API. A new one must be added here.

The tests call every event and every route as a visitor and as a signed-in stranger, whatever its rule says. None may
reveal or change anything that belongs to another user.
"""

PUBLIC = "everybody, about public facts only"
SESSION = "the signed-in user, about the user's own account and channel"
CHANNEL_STAFF = "owner and moderators of the channel in the address or argument, and the staff of the site"
SITE_STAFF = "moderators and admins of the site"
SECRET = "whoever has the secret of a link, a code or a ticket"
OWN = "the signed-in user, or a program with an API token within its scopes, about the user's own account and channel"
TOKEN = "a program with an API token, within its scopes"
SITE_ITSELF = "other processes of the site, with the secret between them"

STATES = {
    "SessionState": PUBLIC,
    "HomeState": PUBLIC,
    "WatchState": PUBLIC,
    "RecordingState": PUBLIC,
    "LoginState": PUBLIC,
    "RegisterState": PUBLIC,
    "ForgotPasswordState": PUBLIC,
    "ResetPasswordState": SECRET,
    "SecondStepState": SECRET,
    "FinishSignIn": SECRET,
    "ProviderButtons": PUBLIC,
    "ConfirmState": SESSION,
    "ChangePasswordState": SESSION,
    "InterruptedAction": SESSION,
    "SessionList": SESSION,
    "LinkedAccounts": SESSION,
    "ApiTokenSettings": SESSION,
    "AuthenticatorSettings": SESSION,
    "AuthenticatorSetup": SESSION,
    "PasskeySettings": SESSION,
    "ProfileSettings": SESSION,
    "EmailSettings": SESSION,
    "EmailLinkState": SECRET,
    "RegistrationLinkState": SECRET,
    "CaptchaState": PUBLIC,
    "ExportState": SESSION,
    "DeleteAccountState": SESSION,
    "KeepAccountState": SESSION,
    "AdminUsers": SITE_STAFF,
    "AdminUser": SITE_STAFF,
    "AdminStreams": SITE_STAFF,
    "AdminStreamers": SITE_STAFF,
    "AdminLog": SITE_STAFF,
    "AdminInvitations": SITE_STAFF,
    "AdminReports": SITE_STAFF,
    "ReportState": SESSION,
    "OwnReports": SESSION,
    "FollowIntent": PUBLIC,
    "FollowState": SESSION,
    "ChatState": CHANNEL_STAFF,
    "ModerationState": CHANNEL_STAFF,
    "StudioState": SESSION,
    "StudioApproval": SESSION,
    "StudioEmotes": SESSION,
    "StudioRecordings": SESSION,
    "StudioRefusals": SESSION,
    "StudioHealth": SESSION,
}
"""The rule of each state, by the name of its class."""

ROUTES = {
    "POST /api/auth/session": SECRET,
    "DELETE /api/auth/session": SESSION,
    "GET /api/auth/providers/": SECRET,
    "GET /api/users/me": SESSION,
    "GET /api/account/export": SESSION,
    "POST /api/studio/": SESSION,
    "POST /api/channels/{channel_id}/messages": TOKEN,
    "GET /api/channels/": PUBLIC,
    "GET /api/recordings/": PUBLIC,
    "GET /api/avatars/": PUBLIC,
    "POST /api/profile/avatar": SESSION,
    "GET /api/live": PUBLIC,
    "GET /api/health": PUBLIC,
    "GET /dev/mailbox": "browsers on the machine of a site without a mail server",
    "GET /api/v1/": PUBLIC,
    "GET /api/v1/me": OWN,
    "PATCH /api/v1/me": OWN,
    "PUT /api/v1/me/": OWN,
    "DELETE /api/v1/me/": OWN,
    "PATCH /api/v1/channels/": OWN,
    "POST /api/v1/channels/": OWN,
    "DELETE /api/v1/recordings/": OWN,
    "POST /rtmp/": SITE_ITSELF,
    "GET /rtmp/": SITE_ITSELF,
}
"""The rule of each method of a path, or of all paths that begin like it. The longest one applies."""


def rule_of(route: str) -> str:
    """Return the rule of a method and path of the API; raises ``KeyError``."""
    return ROUTES[max((known for known in ROUTES if route.startswith(known)), key=len, default=route)]
