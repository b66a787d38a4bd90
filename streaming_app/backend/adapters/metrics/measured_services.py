"""Services that count their results. The services themselves depend on no metrics."""

from streaming_app.backend.accounts.audit_log import NOTHING, AuditAction, AuditLog, Party
from streaming_app.backend.accounts.model import User
from streaming_app.backend.adapters.metrics.definitions import CHAT_POSTS, SIGN_INS
from streaming_app.backend.chat.service import ChatService, CommandResult, HeldForReview, SentMessage
from streaming_app.backend.errors import BusUnavailableError, DomainError, RateLimitedError, StoreUnavailableError

_SIGN_INS = {
    AuditAction.SIGNED_IN: SIGN_INS.labels("signed_in"),
    AuditAction.SIGN_IN_FAILED: SIGN_INS.labels("failed"),
    AuditAction.SIGN_IN_BLOCKED: SIGN_INS.labels("blocked"),
}
_POSTS = {SentMessage: "sent", HeldForReview: "held", CommandResult: "command"}
_REFUSALS = (
    ((BusUnavailableError, StoreUnavailableError), "failed"),
    (RateLimitedError, "rate_limited"),
)
"""Results of messages that raise an error. Other errors are refusals."""


class MeasuredChatService(ChatService):
    """Counts the messages that users send, by result."""

    async def post(
        self,
        channel_id: str,
        user_id: str,
        text: str,
        reply_to: str = "",
        client_id: str = "",
        *,
        may_moderate: bool = True,
    ) -> SentMessage | HeldForReview | CommandResult:
        try:
            result = await super().post(channel_id, user_id, text, reply_to, client_id, may_moderate=may_moderate)
        except (DomainError, StoreUnavailableError) as error:
            CHAT_POSTS.labels(next((name for kinds, name in _REFUSALS if isinstance(error, kinds)), "refused")).inc()
            raise
        CHAT_POSTS.labels(_POSTS[type(result)]).inc()
        return result


class MeasuredAuditLog(AuditLog):
    """Counts sign-ins, also failed ones for which there are too many entries."""

    async def record(self, action: AuditAction, actor: Party, target: Party = NOTHING, details: str = "") -> None:
        await super().record(action, actor, target, details)
        if action is AuditAction.SIGNED_IN:
            _SIGN_INS[action].inc()

    async def record_failed_sign_in(self, action: AuditAction, account: User | None, address: str) -> None:
        _SIGN_INS[action].inc()
        await super().record_failed_sign_in(action, account, address)
