"""What is asked of each door: one request as an example, and the measured ones by case."""

import json
import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import jwt

from polyroom.domain.room import Room

Requests = Callable[[int], bytes]


@dataclass(frozen=True)
class Filled:
    """An account with rooms: its keys, its oldest room and one in the middle, and a day on which a tenth was made."""

    keys: Mapping[str, Mapping[str, str]]
    room: Room
    middle: Room
    rooms: int
    day: str


@dataclass(frozen=True)
class Door:
    """One dialect. `paths` gives method, path and body by case; a body is made anew for each request."""

    authorization: Callable[[Filled], str]
    paths: Callable[[Filled], Mapping[str, tuple[str, str, Callable[[int], Any] | None]]]

    def get_request(self, filled: Filled, url: str) -> dict[str, Any]:
        """The `get` case as httpx takes it."""
        method, path, _ = self.paths(filled)["get"]
        return {"method": method, "url": url + path, "headers": {"Authorization": self.authorization(filled)}}

    def cases(self, filled: Filled) -> Mapping[str, Requests]:
        """The requests of each case as bytes, by their number."""
        head = f"Host: bench\r\nAuthorization: {self.authorization(filled)}\r\nContent-Type: application/json\r\n"

        def requests(method: str, path: str, make: Callable[[int], Any] | None) -> Requests:
            def one(number: int) -> bytes:
                body = b"" if make is None else json.dumps(make(number)).encode()
                return f"{method} {path} HTTP/1.1\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode() + body

            return one

        return {name: requests(*case) for name, case in self.paths(filled).items()}


def _hms_token(filled: Filled) -> str:
    keys, now = filled.keys["100ms"], int(time.time())
    claims = {"access_key": keys["access_key"], "type": "management", "version": 2, "jti": str(uuid4())}
    return "Bearer " + jwt.encode({**claims, "iat": now, "nbf": now, "exp": now + 86400}, keys["secret"], "HS256")


def _basic(filled: Filled) -> str:
    keys = filled.keys["phenix"]
    return "Basic " + b64encode(f"{keys['application_id']}:{keys['secret']}".encode()).decode()


_PHENIX_ROOM = {"alias": "", "options": [], "type": "DirectChat"}

DOORS: Mapping[str, Door] = {
    "100ms": Door(
        _hms_token,
        lambda f: {
            "get": ("GET", f"/100ms/v2/rooms/{f.room.hms_id}", None),
            "create": ("POST", "/100ms/v2/rooms", lambda n: {"name": f"bench-{uuid4()}", "description": str(n)}),
            "update": ("POST", f"/100ms/v2/rooms/{f.room.hms_id}", lambda n: {"description": str(n)}),
            "list, first page": ("GET", "/100ms/v2/rooms?limit=20", None),
            "list, filtered": ("GET", "/100ms/v2/rooms?limit=20&enabled=true", None),
            "list, deep cursor": ("GET", f"/100ms/v2/rooms?limit=20&start={f.middle.hms_id}", None),
        },
    ),
    "telnyx": Door(
        lambda f: f"Bearer {f.keys['telnyx']['api_key']}",
        lambda f: {
            "get": ("GET", f"/telnyx/v2/rooms/{f.room.id}", None),
            "create": ("POST", "/telnyx/v2/rooms", lambda n: {"unique_name": f"Bench {uuid4()}"}),
            "update": ("PATCH", f"/telnyx/v2/rooms/{f.room.id}", lambda n: {"max_participants": 2 + n % 49}),
            "list, first page": ("GET", "/telnyx/v2/rooms?page[size]=20", None),
            "list, filtered": ("GET", f"/telnyx/v2/rooms?page[size]=20&filter[date_created_at][eq]={f.day}", None),
            "list, deep page": ("GET", f"/telnyx/v2/rooms?page[size]=20&page[number]={f.rooms // 40}", None),
        },
    ),
    "phenix": Door(
        _basic,
        lambda f: {
            "get": ("GET", f"/pcast/room/{quote(f.room.phenix_id, safe='')}", None),
            "create": (
                "PUT",
                "/pcast/room",
                lambda n: {
                    "room": {
                        "alias": "",
                        "name": f"Bench {uuid4()}",
                        "description": str(n),
                        "options": [],
                        "type": "DirectChat",
                    }
                },
            ),
            "list, of one type": ("GET", "/pcast/rooms?type=TownHall", None),
        },
    ),
    "streamwise": Door(
        lambda f: f"Bearer {f.keys['streamwise']['token']}",
        lambda f: {
            "get": ("GET", f"/streamwise/rooms/{f.room.streamwise_id}", None),
            "create": ("POST", "/streamwise/rooms", lambda n: {"room_name": f"Bench {n}"}),
            "update": ("PATCH", f"/streamwise/rooms/{f.room.streamwise_id}", lambda n: {"room_metadata": {"n": n}}),
            "list, first page": ("GET", "/streamwise/rooms?limit=20", None),
            "list, filtered": ("GET", "/streamwise/rooms?limit=20&search=status:inactive", None),
            "list, deep page": ("GET", f"/streamwise/rooms?limit=20&page={f.rooms // 40}", None),
        },
    ),
}
