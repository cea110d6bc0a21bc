"""A house with LiveKit's door in it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from livekit.api import AccessToken, VideoGrants
from tests.dialects.house import House, open_house
from tests.support.stores import copy_test_store

from polyroom.dialects.livekit import LiveKitDoor, LiveKitVerifier
from polyroom.domain.account import Account, ApiKey, Dialect
from polyroom.services.attempts import AttemptLimiter
from polyroom.system import SystemClock


@dataclass
class World:
    """The door, the verifier, and tokens for them."""

    house: House
    door: LiveKitDoor
    key: ApiKey

    async def token(
        self, room: str, *, account: Account | None = None, lives: timedelta = timedelta(hours=1), **grants: Any
    ) -> str:
        """As LiveKit's SDK makes them; of account `mine` unless said."""
        key = await self.house.key(Dialect.LIVEKIT, account)
        token = AccessToken(key.public_id, key.secret).with_identity("ada").with_name("Ada").with_ttl(lives)
        return str(token.with_grants(VideoGrants(**{"room_join": True, **grants}, room=room)).to_jwt())


@pytest.fixture
async def world(tmp_path: Path, first_day: Path) -> AsyncIterator[World]:
    """A world of the test's own."""
    copy_test_store(first_day, tmp_path / "data")
    async with open_house(tmp_path / "data", [LiveKitVerifier(SystemClock())]) as house:
        door = LiveKitDoor(house.accounts, house.rooms, house.clock, AttemptLimiter(house.clock))
        yield World(house, door, await house.key(Dialect.LIVEKIT))
