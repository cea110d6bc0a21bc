"""What reaches the log and how."""

import json
import logging

import pytest

from polyroom.cli.logs import JsonLines, set_up
from polyroom.config import Settings


@pytest.fixture
def restored():
    """Loggers as they were."""
    names = ["", "uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi", "websockets", "asyncio"]
    names += ["sqlalchemy", "alembic", "httpx", "httpcore"]
    levels = {name: logging.getLogger(name).level for name in names}
    handlers = list(logging.getLogger().handlers)
    yield
    logging.getLogger().handlers[:] = handlers
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def test_one_object_a_line():
    record = logging.LogRecord("polyroom.x", logging.WARNING, "f", 1, "a %s\nb", ("ü",), None)
    text = JsonLines().format(record)
    assert "\n" not in text
    line = json.loads(text)
    assert (line["level"], line["logger"], line["message"]) == ("warning", "polyroom.x", "a ü\nb")


def test_debugging_never_shows_request_lines(restored, capsys):
    set_up(Settings(log_level="debug"))
    logging.getLogger("uvicorn.error").info('"WebSocket /rtc?access_token=secret" [accepted]')
    logging.getLogger("websockets.server").debug("GET /rtc?access_token=secret")
    logging.getLogger("polyroom.y").debug("shown")
    shown = capsys.readouterr().err
    assert "secret" not in shown
    assert "shown" in shown
