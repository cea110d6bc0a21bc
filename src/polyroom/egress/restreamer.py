"""Sends rooms to RTMP servers from this machine: one worker a stream, and below it one process a target."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from polyroom.domain.external_stream import ExternalStream, Target, TargetState
from polyroom.egress.jobs import Job, Push, Unpush
from polyroom.egress.workers import Workers
from polyroom.services.ports.external_streams import Pushed, PushingLost, PushNews

_CUT, _SEGMENT = 200_000, 2_000_000
_BITRATE = 2_500_000 / (1280 * 720)
_LOWEST, _HIGHEST = 500_000, 6_000_000


class LocalRestreamer:
    """`allow_private` says whether targets may be outside the public internet."""

    def __init__(self, workers: Workers, *, allow_private: bool) -> None:
        self._workers, self._allow_private = workers, allow_private
        self._orders: dict[UUID, dict[str, Push]] = {}
        self._told: Callable[[PushNews], None] = lambda _: None

    def watch(self, told: Callable[[PushNews], None]) -> None:
        self._told = told

    def start(self, stream: ExternalStream, targets: Iterable[Target]) -> None:
        bitrate = round(stream.width * stream.height * _BITRATE)
        job = Job(
            layout=stream.layout,
            width=stream.width,
            height=stream.height,
            bitrate=min(max(bitrate, _LOWEST), _HIGHEST),
            cut=_CUT,
            segment=_SEGMENT,
        )
        self._orders[stream.id] = {str(one.id): self._order(one) for one in targets}
        try:
            self._workers.start(stream.id, stream.room_id, job, lambda news: self._hear(stream.id, news))
        except BaseException:
            self._orders.pop(stream.id)
            raise

    def add(self, target: Target) -> None:
        orders, take = self._orders.get(target.stream_id), self._workers.get(target.stream_id)
        if orders is not None and take is not None:
            order = orders[str(target.id)] = self._order(target)
            take.tell(order)

    def remove(self, target: Target) -> None:
        orders, take = self._orders.get(target.stream_id), self._workers.get(target.stream_id)
        if orders is not None and orders.pop(str(target.id), None) is not None and take is not None:
            take.tell(Unpush(str(target.id)))

    async def end(self, stream_id: UUID) -> None:
        if self._orders.pop(stream_id, None) is not None:
            await self._workers.stop(stream_id)

    def _order(self, target: Target) -> Push:
        return Push(str(target.id), target.url, self._allow_private)

    def _hear(self, stream_id: UUID, news: Mapping[str, Any]) -> None:
        orders = self._orders.get(stream_id, {})
        match news["is"]:
            case "began":
                take = self._workers.get(stream_id)
                for order in orders.values():
                    if take is not None:
                        take.tell(order)
            case "pushed":
                state = TargetState(news["state"])
                if state is TargetState.FAILED:
                    orders.pop(news["target"], None)
                # One that ends with its worker goes on with the next.
                moved = None if state is TargetState.STOPPED else state
                counts = (news["bytes"], news["retries"], news["dropped"])
                self._told(Pushed(stream_id, UUID(news["target"]), moved, news["why"], *counts))
            case "lost":
                self._told(PushingLost(stream_id))
