"""Rules and texts of sign-in with providers: pure functions."""

from streaming_app.backend.accounts.providers.model import Profile, SignInProblem

PROVIDER_API = "/api/auth/providers/"
LABEL_MAX = 100

_TEXTS = {
    SignInProblem.FAILED: (
        "Signing in with {name} did not work, because {name} does not answer as expected."
        " Try again, or choose another way."
    ),
    SignInProblem.DECLINED: "You did not agree to sign in with {name}. Try again, or choose another way.",
    SignInProblem.EXPIRED: (
        "Signing in with {name} took too long, or was started in another browser. Try again, or choose another way."
    ),
    SignInProblem.LINKED_ELSEWHERE: (
        "This {name} account is linked to another user, or you have linked another {name} account. Unlink it first."
    ),
    SignInProblem.OTHER_ACCOUNT: (
        "You have not linked this {name} account, so it does not confirm that it is you. Use the one that you have"
        " linked."
    ),
    SignInProblem.NOT_AGAIN: (
        "{name} did not ask you to sign in again, so this does not confirm that it is you. Sign out there, and try"
        " again."
    ),
    SignInProblem.BANNED: "Your account is suspended, so you cannot sign in.",
    SignInProblem.TOO_MANY: "Too many sign-ins with {name} from your address. Wait a minute and try again.",
}


def start_path(provider_id: str) -> str:
    """Return the path that starts a sign-in with a provider."""
    return f"{PROVIDER_API}{provider_id}/start"


def callback_path(provider_id: str) -> str:
    """Return the path to which a provider sends the browser back."""
    return f"{PROVIDER_API}{provider_id}/callback"


def problem_text(problem: str, name: str) -> str:
    """Return what a page says about a problem with the provider called ``name``; empty if either is unknown."""
    return _TEXTS[SignInProblem(problem)].format(name=name) if name and problem in _TEXTS else ""


def label_of(profile: Profile) -> str:
    """Return the text by which the owner of an identity recognizes it."""
    return (profile.email or profile.name or profile.subject)[:LABEL_MAX]
