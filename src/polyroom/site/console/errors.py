"""How the console's API says no: `{"error": {"code", "message", "field"?}}`, with messages made for people."""

from collections.abc import Mapping

from starlette.responses import JSONResponse

from polyroom.domain.errors import DomainError, Invalid, NotFound, Overloaded, SessionOver, TooManyAttempts


class ConsoleError(Exception):
    """A refusal. `field` names what of the request it is about, if anything."""

    def __init__(self, status: int, code: str, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.field = field
        self.headers: Mapping[str, str] = {}

    def response(self) -> JSONResponse:
        """The answer."""
        error = {"code": self.code, "message": self.message} | ({"field": self.field} if self.field else {})
        return JSONResponse({"error": error}, self.status, headers=dict(self.headers))


def not_found(noun: str) -> ConsoleError:
    """There is none, or none for the caller."""
    return ConsoleError(404, "not_found", f"There is no such {noun}.")


def invalid(field: str, message: str) -> ConsoleError:
    """A value that cannot be used."""
    return ConsoleError(422, "invalid", message, field)


def signed_out() -> ConsoleError:
    """Nobody is signed in, or no longer."""
    return ConsoleError(401, "signed_out", "Sign in to go on.")


_CURSORS = {"start", "after"}
"""The services' names of where a page begins."""

_RULES: Mapping[tuple[str, str], str] = {
    ("account", "default"): "The default account cannot be closed.",
    ("webhooks", "too_many"): "The account has as many receivers as it may have.",
}


def error_of(refusal: DomainError) -> ConsoleError:
    """The answer to a refusal of the domain."""
    if isinstance(refusal, TooManyAttempts):
        wait = refusal.retry_after
        error = ConsoleError(429, "too_many_attempts", f"Too many attempts. Try again in {wait} seconds.")
        error.headers = {"retry-after": str(wait)}
        return error
    if isinstance(refusal, NotFound):
        return not_found(refusal.noun)
    if isinstance(refusal, Invalid):
        return _unusable(refusal)
    if isinstance(refusal, SessionOver):
        return ConsoleError(409, "session_over", "The session is over.")
    if isinstance(refusal, Overloaded):
        return ConsoleError(503, "busy", "The server is busy. Try again in a moment.")
    return ConsoleError(409, "refused", "That cannot be done now.")


def _unusable(refusal: Invalid) -> ConsoleError:
    if refusal.field in _CURSORS:
        return invalid("after", "after is none of this list.")
    return invalid(refusal.field, _RULES.get((refusal.field, refusal.rule), f"{refusal.field}: {refusal.rule}."))
