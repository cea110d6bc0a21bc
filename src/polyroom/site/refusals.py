"""How the page's door says no: one table of the domain's refusals."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.responses import JSONResponse

from polyroom.domain.errors import (
    AccessCodeRejected,
    AccessCodeRequired,
    AdmissionExpired,
    AdmissionRefused,
    DomainError,
    KeptOut,
    NotFound,
    Overloaded,
    RoleFull,
    RoomDisabled,
    RoomFull,
    TooManyAttempts,
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error answer: `code` is for programs, `message` for people."""

    status: int
    code: str
    message: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> JSONResponse:
        """The answer."""
        body = {"error": {"code": self.code, "message": self.message}}
        return JSONResponse(body, self.status, headers=dict(self.headers))


_REFUSALS: Mapping[type[DomainError], Refusal] = {
    Overloaded: Refusal(503, "server_busy", "The server is busy. Try again in a moment.", {"retry-after": "1"}),
    NotFound: Refusal(404, "room_not_found", "This room does not exist."),
    RoomDisabled: Refusal(403, "room_inactive", "This room is closed."),
    RoomFull: Refusal(403, "room_full", "This room is full."),
    RoleFull: Refusal(403, "role_full", "As many people are in with this role as may be."),
    AdmissionExpired: Refusal(410, "admission_expired", "This link has expired."),
    AdmissionRefused: Refusal(403, "admission_refused", "This link does not let you in."),
    KeptOut: Refusal(403, "kept_out", "You were removed from this meeting and cannot come back into it."),
    AccessCodeRequired: Refusal(403, "access_code_required", "This room asks for an access code."),
    AccessCodeRejected: Refusal(403, "access_code_wrong", "This access code is not right."),
}
_OTHER = Refusal(422, "invalid_request", "The request cannot be used.")


def refusal_of(error: DomainError) -> Refusal:
    """The answer to a refusal of the domain."""
    if isinstance(error, TooManyAttempts):
        message = f"Too many attempts. Try again in {error.retry_after} seconds."
        return Refusal(429, "too_many_attempts", message, {"retry-after": str(error.retry_after)})
    return next((refusal for kind, refusal in _REFUSALS.items() if isinstance(error, kind)), _OTHER)
