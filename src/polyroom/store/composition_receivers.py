"""Who is told of a composition: the addresses it was ordered with, and nobody else in Telnyx' words."""

from uuid import UUID

from sqlalchemy import Connection, select

from polyroom.domain.events import Event, EventType
from polyroom.domain.ids import uuid_of_text
from polyroom.domain.recording import RecordingKind
from polyroom.domain.webhook import Receiver, WebhookFormat, timeout_of
from polyroom.store.records import same
from polyroom.store.tables_recordings import recording

_SETTINGS = select(recording.c.settings).where(same(recording.c.id))


def is_of_composition(event: Event) -> bool:
    """Whether a composition's own receiver hears of this, rather than its room's."""
    return event.data.get("kind") == RecordingKind.COMPOSITION.value


def composition_of(event: Event) -> UUID | None:
    """The composition that is there now."""
    done = event.type is EventType.RECORDING_COMPLETED and is_of_composition(event)
    return uuid_of_text(str(event.data.get("recording", ""))) if done else None


def receiver_of_composition(connection: Connection, recording_id: UUID) -> Receiver | None:
    """Where it wants that told; None where it does not, or is deleted."""
    settings = connection.execute(_SETTINGS, {"id": recording_id}).scalar() or {}
    url = settings.get("webhook_event_url")
    if not url:
        return None
    timeout = timeout_of(settings.get("webhook_timeout_secs"), WebhookFormat.TELNYX)
    return Receiver(WebhookFormat.TELNYX, url, timeout, settings.get("webhook_event_failover_url") or "")
