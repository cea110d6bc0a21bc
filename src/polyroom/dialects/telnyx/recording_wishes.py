"""Rooms that are recorded by themselves. Source: Rooms API document, `enable_recording`.

The vendor makes one recording of each participant and kind. A room that is changed is recorded so from its next session
on.
"""

from collections.abc import Iterable

from polyroom.domain.recording import AUTOMATIC, RecordingKind
from polyroom.domain.room import Room
from polyroom.services.ports.store import Transaction
from polyroom.services.recordings import RecordingWish

SETTING = "enable_recording"


def wishes_of(tx: Transaction, room: Room) -> Iterable[RecordingWish]:
    """Everybody's sound and pictures, each in a file of its own."""
    if room.telnyx.get(SETTING) is True:
        for kind in (RecordingKind.PARTICIPANT_AUDIO, RecordingKind.PARTICIPANT_VIDEO):
            yield RecordingWish(kind, settings={AUTOMATIC: SETTING})
