"""Every event that a browser can call. A public method of a state is one, decorated or not: adding one is a decision.

What is an event runs for anybody, signed in or not, with whatever arguments: it must ask the session who acts, and
believe nothing else.
"""

from reflex_base.registry import RegistrationContext

from streaming_app import streaming_app

EVENTS = {
    "HomeState": {"open", "refresh"},
    "FinishSignIn": {"open", "show", "ticket_refused", "submit", "link"},
    "LinkedAccounts": {"open", "unlink"},
    "ProviderButtons": {"open"},
    "FollowIntent": {"remember"},
    "FollowState": {"open", "toggle"},
    "ApiTokenSettings": {"open", "create", "revoke"},
    "AuthenticatorSettings": {"open", "replace_codes", "turn_off"},
    "AuthenticatorSetup": {"open", "enable"},
    "AdminUsers": {"open", "search", "more"},
    "AdminUser": {"open", "suspend", "unsuspend", "sign_out_user", "set_role", "delete_account"},
    "AdminReports": {"open", "older", "older_resolved", "resolve", "resolve_for"},
    "OwnReports": {"open"},
    "ReportState": {"open", "submit"},
    "AdminStreams": {"open", "refresh", "choose", "cut_off", "allow"},
    "AdminStreamers": {"open", "choose", "approve", "approve_request", "refuse"},
    "StudioApproval": {"open", "ask"},
    "AdminInvitations": {"open", "create", "revoke"},
    "AdminLog": {"open", "search", "older"},
    "CaptchaState": {"open", "fail"},
    "ChatState": {"open", "send", "moderate", "report"},
    "LoginState": {"open", "ticket_refused", "submit", "offer_passkeys", "ask_for_passkey", "use_passkey"},
    "ModerationState": {
        *("open", "refresh", "older", "undo", "approve", "reject"),
        *("unban", "ban", "appoint", "dismiss", "delete_emote", "save_rules", "show_rules"),
    },
    "PasskeySettings": {"open", "add", "created", "remove"},
    "ProfileSettings": {"open", "save", "uploaded", "remove_picture"},
    "RecordingState": {"open"},
    "RegisterState": {"open", "show", "check_invitation", "ticket_refused", "submit"},
    "RegistrationLinkState": {"open", "show", "check_link", "ticket_refused", "submit"},
    "ChangePasswordState": {"open", "show", "confirm", "ticket_refused", "submit"},
    "InterruptedAction": {"resume"},
    "ConfirmState": {"open", "show", "submit", "ticket_refused", "offer_passkeys", "ask_for_passkey", "use_passkey"},
    "EmailLinkState": {"show", "check_link", "follow"},
    "EmailSettings": {"open", "send_confirmation", "change"},
    "ExportState": {"show", "prepare"},
    "DeleteAccountState": {"show", "submit"},
    "KeepAccountState": {"keep"},
    "ForgotPasswordState": {"show", "submit"},
    "ResetPasswordState": {"open", "show", "check_link", "ticket_refused", "submit"},
    "SecondStepState": {"open", "show", "check_link", "ticket_refused", "submit"},
    "SessionList": {"open", "end", "end_others"},
    "SessionState": {"sign_out", "sign_out_failed"},
    "StudioState": {
        *("open", "refresh", "describe", "set_latency"),
        *("show_key", "copy_key", "copy_command", "copied"),
        *("rotate_key", "end_stream", "allow_restart", "hold_ended"),
    },
    "StudioEmotes": {"open", "answered", "delete"},
    "StudioRefusals": {"open"},
    "StudioHealth": {"measure"},
    "StudioRecordings": {"open", "refresh", "record", "delete"},
    "WatchState": {"open", "stream_ended"},
}
REFLEX_EVENTS = {
    "State": {"hydrate", "hydrate_and_load", "set_is_hydrated"},
    "FrontendEventExceptionState": {"handle_frontend_exception"},
    "OnLoadInternalState": {"on_load_internal", "set_is_hydrated"},
    "UpdateVarsInternalState": {"update_vars_internal"},
}


def test_browsers_can_call_these_events_and_no_others() -> None:
    called: dict[str, set[str]] = {}
    for registered in RegistrationContext.get().event_handlers.values():
        [state] = registered.states
        called.setdefault(state.__name__, set()).add(registered.handler.fn.__name__)

    assert streaming_app.app
    assert {state: events - {"setvar"} for state, events in called.items() if events != {"setvar"}} == {
        **EVENTS,
        **REFLEX_EVENTS,
    }
