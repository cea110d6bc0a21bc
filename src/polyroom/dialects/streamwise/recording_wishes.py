"""Rooms that are recorded by themselves. Source: the vendor's meeting settings, `auto_start_recording`."""

from collections.abc import Iterable

from polyroom.domain.features import effective_features
from polyroom.domain.recording import AUTOMATIC
from polyroom.domain.room import Room
from polyroom.services.ports.store import Transaction
from polyroom.services.recording_extras import CHAT
from polyroom.services.recordings import RecordingWish

SETTING, FEATURE = "auto_start_recording", "recording"


def wishes_of(tx: Transaction, room: Room) -> Iterable[RecordingWish]:
    """Everybody in one picture, where the room asks for it and its subscription does not forbid it."""
    if room.settings.get(SETTING) is not True:
        return
    subscription = tx.accounts.subscription(room.subscription_id)
    granted = subscription.features if subscription is not None else {}
    if effective_features(granted, room.feature_overrides, None).get(FEATURE) is not False:
        yield RecordingWish(settings={CHAT: True, AUTOMATIC: SETTING})
