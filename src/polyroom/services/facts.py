"""Makes the events of rooms, sessions, participants and tracks, each with the ids it concerns."""

from datetime import datetime
from uuid import UUID

from polyroom.domain.events import Event, EventType
from polyroom.domain.external_stream import ExternalStream
from polyroom.domain.live_stream import LiveStream
from polyroom.domain.message import Message
from polyroom.domain.polls import PollRun
from polyroom.domain.recording import ALONG, AUTOMATIC, Recording
from polyroom.domain.room import Room
from polyroom.domain.session import Participant, ParticipantKind, Session, Track
from polyroom.domain.video import Video
from polyroom.services.ports.clock import Ids

Datum = str | int | bool | None


def room_event(ids: Ids, kind: EventType, room: Room, at: datetime) -> Event:
    """Something happened to a room."""
    return Event(ids.uuid(), room.account_id, room.id, kind, at)


def session_event(ids: Ids, kind: EventType, session: Session, at: datetime, **data: Datum) -> Event:
    """A session opened or closed."""
    return Event(ids.uuid(), session.account_id, session.room_id, kind, at, session.id, data=data)


def participant_event(ids: Ids, kind: EventType, one: Participant, at: datetime, **data: Datum) -> Event:
    """Someone came, changed or went. Of what is no person the kind is told."""
    if one.kind is not ParticipantKind.STANDARD:
        data["kind"] = one.kind.value
    return Event(ids.uuid(), one.account_id, one.room_id, kind, at, one.session_id, one.id, data=data)


def track_event(ids: Ids, kind: EventType, track: Track, at: datetime, **data: Datum) -> Event:
    """A track came, was muted, or went."""
    return Event(
        ids.uuid(),
        track.account_id,
        track.room_id,
        kind,
        at,
        track.session_id,
        track.participant_id,
        track.id,
        data={"muted": track.silent, **data},
    )


def message_event(ids: Ids, one: Message) -> Event:
    """Something was said."""
    kind, data = EventType.MESSAGE_SENT, {"message": str(one.id)}
    return Event(ids.uuid(), one.account_id, one.room_id, kind, one.sent_at, one.session_id, one.sender_id, data=data)


def purge_event(ids: Ids, room: Room, at: datetime, count: int) -> Event:
    """So many messages of a room were deleted."""
    return Event(ids.uuid(), room.account_id, room.id, EventType.MESSAGES_PURGED, at, data={"count": count})


def poll_event(ids: Ids, kind: EventType, run: PollRun, at: datetime, by: UUID | None, **data: Datum) -> Event:
    """A poll started or ended, or somebody answered; `by` is None for the application, and in an anonymous poll."""
    what = {"poll": run.poll_hms_id, **data}
    return Event(ids.uuid(), run.account_id, run.room_id, kind, at, run.session_id, by, data=what)


def recording_event(ids: Ids, kind: EventType, one: Recording, at: datetime, **data: Datum) -> Event:
    """A recording began, paused, went on, ended, got its files, or failed; about whom it is of, where that is one."""
    what: dict[str, Datum] = {"recording": str(one.id), "kind": one.kind.value, **data}
    what |= {name: str(one.settings[name]) for name in (AUTOMATIC, ALONG) if name in one.settings}
    who = (one.participant_id, one.track_id)
    return Event(ids.uuid(), one.account_id, one.room_id, kind, at, one.session_id, *who, data=what)


def video_event(ids: Ids, kind: EventType, one: Video, at: datetime) -> Event:
    """A video arrived, can be shown, or cannot."""
    return Event(ids.uuid(), one.account_id, one.room_id, kind, at, data={"video": one.short_id})


def external_stream_event(ids: Ids, kind: EventType, one: ExternalStream, at: datetime, **data: Datum) -> Event:
    """An external stream reached its first target, ended, or failed; or one of its targets fares otherwise."""
    what = {"external_stream": str(one.id), **data}
    return Event(ids.uuid(), one.account_id, one.room_id, kind, at, one.session_id, data=what)


def live_stream_event(ids: Ids, kind: EventType, one: LiveStream, at: datetime, **data: Datum) -> Event:
    """A live stream began, ended, or failed."""
    what = {"live_stream": str(one.id), **data}
    return Event(ids.uuid(), one.account_id, one.room_id, kind, at, one.session_id, data=what)
