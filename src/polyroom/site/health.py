"""`/healthz`: the process answers. `/readyz`: it can serve. `/metrics`: how it is doing."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from polyroom.site.metrics import CONTENT_TYPE, Metrics

log = logging.getLogger(__name__)

Check = Callable[[], Awaitable[bool]]
_CHECK_SECONDS = 3.0


class Health:
    """The three paths for monitors and load balancers. `checks` are the parts without which nothing can be served."""

    def __init__(self, metrics: Metrics, checks: Mapping[str, Check]) -> None:
        self._metrics = metrics
        self._checks = checks

    def routes(self) -> list[Route]:
        """Their routes."""
        return [
            Route("/healthz", self._alive),
            Route("/readyz", self._ready),
            Route("/metrics", self._numbers),
        ]

    async def _alive(self, _request: Request) -> Response:
        return PlainTextResponse("ok\n", headers={"cache-control": "no-store"})

    async def _ready(self, _request: Request) -> Response:
        results = await asyncio.gather(*(_passes(name, check) for name, check in self._checks.items()))
        found = dict(zip(self._checks, results, strict=True))
        ready = all(found.values())
        body = {"ready": ready, "parts": {name: "ok" if fine else "failing" for name, fine in found.items()}}
        return JSONResponse(body, 200 if ready else 503, headers={"cache-control": "no-store"})

    async def _numbers(self, _request: Request) -> Response:
        return Response(self._metrics.text(), headers={"content-type": CONTENT_TYPE, "cache-control": "no-store"})


async def _passes(name: str, check: Check) -> bool:
    try:
        return await asyncio.wait_for(check(), _CHECK_SECONDS)
    except Exception:
        log.exception("the check of %s failed", name)
        return False
