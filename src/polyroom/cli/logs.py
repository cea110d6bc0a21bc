"""Where log lines go and what they look like."""

import json
import logging
import sys
from datetime import UTC, datetime

from polyroom.config import Settings

# These would write whole request lines, and a WebSocket's carries its ticket.
_NEVER_BELOW_ERROR = ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi")
_NEVER_BELOW_WARNING = ("websockets", "asyncio", "sqlalchemy", "alembic", "httpx", "httpcore", "urllib3")


class _NotRefusedUpgrades(logging.Filter):
    """Drops what uvicorn says of every WebSocket upgrade that was answered with an HTTP status: that is no error."""

    def filter(self, record: logging.LogRecord) -> bool:
        return "without completing handshake" not in record.getMessage()


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def set_up(settings: Settings) -> None:
    """Send every logger to standard error in the chosen form."""
    handler = logging.StreamHandler(sys.stderr)
    if settings.log_format == "json":
        handler.setFormatter(JsonLines())
    else:
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%H:%M:%S"))
    logging.basicConfig(level=settings.log_level.upper(), handlers=[handler], force=True)
    for name in _NEVER_BELOW_WARNING:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))
    logging.getLogger("uvicorn.error").addFilter(_NotRefusedUpgrades())
    for name in _NEVER_BELOW_ERROR:
        logging.getLogger(name).setLevel(logging.ERROR)
