"""What waits to be sent: bounded, and cut at keyframes, so that a slow way loses whole groups of pictures."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

MOST_BYTES = 8 << 20
MOST_SECONDS = 6.0


@dataclass(frozen=True, slots=True)
class Packet:
    """One encoded picture or packet of sound; `at` is when it is due, in milliseconds of its stream."""

    is_picture: bool
    is_key: bool
    at: int
    data: bytes


class Backlog:
    """Begins with a keyframe, also after something was left out. Without pictures any sound is a place to begin."""

    def __init__(self, *, pictures: bool) -> None:
        self._has_pictures = pictures
        self._waiting: deque[Packet] = deque()
        self._bytes = 0
        self._is_open = False
        self._waits_for_key = True
        self.dropped = 0
        """Packets left out because the way was too slow."""

    def open(self) -> None:
        """Keep what comes, from the next keyframe on."""
        self._is_open, self._waits_for_key = True, True

    def close(self) -> None:
        """Forget what waits, and what comes."""
        self._is_open = False
        self._forget()

    def put(self, packet: Packet) -> None:
        """One more; what does not fit takes everything that waits with it."""
        if not self._is_open:
            return
        if self._waits_for_key:
            if not packet.is_key or packet.is_picture is not self._has_pictures:
                return
            self._waits_for_key = False
        self._waiting.append(packet)
        self._bytes += len(packet.data)
        if self._bytes > MOST_BYTES or packet.at - self._waiting[0].at > MOST_SECONDS * 1000:
            self.dropped += len(self._waiting)
            self._forget()
            self._waits_for_key = True

    def take(self) -> Sequence[Packet]:
        """All that waits."""
        taken = list(self._waiting)
        self._forget()
        return taken

    def _forget(self) -> None:
        self._waiting.clear()
        self._bytes = 0
