"""100ms' server SDK of npm in a process of its own, pointed at a server as an application points it."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.server import ServerProcess

SDKS = Path(__file__).parents[1] / "sdks"


@dataclass(eq=False)
class SdkRefusal(Exception):
    """What the SDK throws at its application."""

    code: int | None
    name: str
    message: str


class HmsSdk:
    """One `HMS.SDK` object."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.requests = 0

    def call(self, name: str, *args: Any) -> Any:
        """Call a method such as `rooms.create`; lists come walked to their end. Raises SdkRefusal."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps({"call": name, "args": args}) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        self.requests = answer["requests"]
        if "error" in answer:
            error = answer["error"]
            raise SdkRefusal(error.get("code"), error.get("name", ""), error.get("message", ""))
        return answer["value"]


@contextmanager
def hms_sdk(server: ServerProcess, *, secret: str | None = None, base: str = "/100ms/sdk/v2") -> Iterator[HmsSdk]:
    """An SDK with the server's keys, or with another secret."""
    keys = server.credentials()["100ms"]
    command = ["node", "100ms.mjs", server.url + base, keys["access_key"], secret or keys["secret"]]
    # In production it does not write its debug lines between the answers.
    environment = {**os.environ, "NODE_ENV": "production"}
    with subprocess.Popen(
        command,
        cwd=SDKS,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            yield HmsSdk(process)
        finally:
            assert process.stdin
            process.stdin.close()
            process.wait(timeout=10)
