"""`python -m polyroom.egress.pushing`."""

import asyncio

from polyroom.egress.pushing.process import run

asyncio.run(run())
