"""What one of livekit's clients hears now, whatever it heard before."""

import asyncio

from tests.support.browser import eventually
from tests.support.livekit_client import Participant


async def heard(one: Participant) -> None:
    """Wait until somebody is heard from now on."""
    before = one.total("loud_samples")

    async def louder() -> bool:
        return one.total("loud_samples") > before + 10_000

    await eventually(louder, 30)


async def silent(one: Participant) -> None:
    """Wait until a tenth of a second has nothing loud in it."""

    async def quiet() -> bool:
        before, loud = one.total("samples"), one.total("loud_samples")
        await asyncio.sleep(0.1)
        return one.total("loud_samples") == loud and one.total("samples") >= before

    await eventually(quiet, 30)
