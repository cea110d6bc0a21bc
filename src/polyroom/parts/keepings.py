"""How long each kind of data is kept. A part of the composition root."""

from collections.abc import Callable
from datetime import datetime, timedelta

from polyroom.config import Settings
from polyroom.services.ports.store import Transaction
from polyroom.services.retention import Keeping
from polyroom.services.watching import PLAYS_KEPT


def keepings(settings: Settings) -> list[Keeping]:
    """What is deleted after its time."""
    kinds: list[tuple[str, int, Callable[[Transaction, datetime, int], int]]] = [
        ("deliveries", settings.webhook_retention or 1, lambda tx, before, most: tx.outbox.forget(before, most)),
        ("messages", settings.message_retention, lambda tx, before, most: tx.messages.expire(before, most)),
        ("events", settings.event_retention, lambda tx, before, most: tx.expiry.events(before, most)),
        ("quality", settings.quality_retention, lambda tx, before, most: tx.quality.expire(before, most)),
        ("recordings", settings.recording_retention, lambda tx, before, most: tx.recordings.expire(before, most)),
        ("sessions", settings.session_retention, lambda tx, before, most: tx.expiry.sessions(before, most)),
    ]
    found = [Keeping(what, timedelta(days=days), expire) for what, days, expire in kinds if days]
    # What a video's plays counted stays; which ones they were is kept for as long as they could be counted again.
    found.append(Keeping("plays of videos", PLAYS_KEPT, lambda tx, before, most: tx.videos.forget_plays(before, most)))
    if settings.session_retention:
        days = timedelta(days=settings.session_retention)
        found.append(Keeping("polls", days, lambda tx, before, most: tx.polls.expire(before, most), step=10))
    return found
