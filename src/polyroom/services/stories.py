"""Puts an event together with what it names, for those who tell others of it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from polyroom.domain.account import Account, Dialect
from polyroom.domain.errors import NotFound
from polyroom.domain.events import Event, EventType
from polyroom.domain.ids import uuid_of_text
from polyroom.domain.live_stream import LiveStream
from polyroom.domain.recording import Recording
from polyroom.domain.roles import RoleClass
from polyroom.domain.room import Namespace, Room, RoomKind
from polyroom.domain.session import Participant, Session, Track, TrackKind
from polyroom.domain.webhook import HEARD, Webhook, WebhookFormat
from polyroom.services.ports.clock import Ids
from polyroom.services.ports.event_log import EventSearch
from polyroom.services.ports.store import Transaction
from polyroom.services.ports.webhooks import Story
from polyroom.services.room_names import names_of

MOST_ROLE_CHANGES = 1000
"""Of one stay that are looked through for the role somebody had."""


def stories_of(tx: Transaction, event_ids: Iterable[UUID], kind: WebhookFormat) -> Mapping[object, Story]:
    """The stories of several events by their ids, with what this format needs. What is erased has none."""
    return {story.event.id: story for story in tell(tx, tx.events.several(event_ids), kind)}


def tell(tx: Transaction, events: Iterable[Event], kind: WebhookFormat) -> list[Story]:
    """The stories of events, in their order; events of a closed account, or of what is erased, have none."""
    rooms: dict[UUID, tuple[Account, Room, Mapping[Namespace, str], str, str] | None] = {}
    found = []
    for one in events:
        if one.room_id not in rooms:
            rooms[one.room_id] = _room_of(tx, one, kind)
        known = rooms[one.room_id]
        if known is None:
            continue
        account, room, names, template, key = known
        session = tx.sessions.get(one.session_id) if one.session_id else None
        person = tx.sessions.participant(one.participant_id) if one.participant_id else None
        if (one.session_id and session is None) or (one.participant_id and person is None):
            continue
        person = _as_then(tx, person, one) if person is not None else None
        track = tx.sessions.track(one.track_id) if one.track_id else None
        by = _who_ended(tx, one)
        recording = _recording_of(tx, one)
        live = _live_of(tx, one)
        if (recording is None and "recording" in one.data) or (live is None and "live_stream" in one.data):
            continue
        assets = tx.recordings.assets_of(recording.id) if recording is not None else ()
        tracks: tuple[Track, ...] = ()
        if kind is WebhookFormat.PHENIX and session is not None and person is not None:
            tracks = tuple(tx.history.tracks_of(session.id, [person.id]))
        story = Story(
            one, account, room, names, template, session, person, track, by, tracks, key, recording, assets, live
        )
        found.append(_with_targets(tx, story))
    return found


def made_up(tx: Transaction, webhook: Webhook, at: datetime, ids: Ids) -> Story:
    """The story of something that never happened, for trying out a receiver: one whose ids name nothing."""
    account = tx.accounts.get(webhook.account_id)
    template = tx.templates.default(webhook.account_id)
    if account is None or template is None:
        raise NotFound("account")
    kinds = HEARD[webhook.format]
    kind = EventType.SESSION_OPENED if EventType.SESSION_OPENED in kinds else EventType.TRACK_ADDED
    nobody = UUID(int=0)
    room = Room(
        id=ids.uuid(),
        account_id=account.id,
        hms_id=ids.hex24(),
        phenix_id=f"test#{account.phenix_application_id}#test.{ids.base62(12)}",
        streamwise_id=ids.base62(16),
        title="Test",
        description="",
        template_id=template.id,
        subscription_id=nobody,
        kind=RoomKind.MEET,
        slug="test",
        enabled=True,
        is_public=False,
        capacity=None,
        feature_overrides={},
        settings={},
        metadata={},
        created_at=at,
        updated_at=at,
    )
    session = Session(ids.uuid(), ids.hex24(), account.id, room.id, at)
    person = Participant(
        id=ids.uuid(),
        account_id=account.id,
        room_id=room.id,
        session_id=session.id,
        server_id=nobody,
        identity="test",
        name="Test",
        dialect=Dialect.PHENIX,
        label="",
        role="",
        role_class=RoleClass.PARTICIPANT,
        publish=frozenset(),
        metadata="",
        attributes={},
        admission_id=None,
        access_code_id=None,
        joined_at=at,
    )
    track = Track(
        ids.uuid(), account.id, room.id, session.id, person.id, TrackKind.VIDEO, "camera", "", "video/vp8", False, at
    )
    key = _signing_key(tx, webhook.account_id, webhook.format)
    event = Event(ids.uuid(), account.id, room.id, kind, at, session.id)
    told = Story(event, account, room, {}, template.hms_id, session, signing_key=key)
    return told if kind is EventType.SESSION_OPENED else replace(told, participant=person, track=track, tracks=(track,))


def _as_then(tx: Transaction, one: Participant, event: Event) -> Participant:
    """Somebody in the role they had when it happened. Of names there is only the last."""
    if one.updated_at is None or one.updated_at <= event.at:
        return one
    search = EventSearch(
        types=frozenset({EventType.PARTICIPANT_ROLE_CHANGED}),
        session_id=one.session_id,
        participant_id=one.id,
        since=event.at,
        limit=MOST_ROLE_CHANGES,
    )
    later = [each for each in tx.events.search(one.account_id, search) if each.sequence > event.sequence]
    return replace(one, role=str(later[-1].data["previous_role"])) if later else one


def _who_ended(tx: Transaction, event: Event) -> Participant | None:
    by = uuid_of_text(str(event.data.get("by", ""))) if event.type is EventType.SESSION_ENDED else None
    found = tx.sessions.participant(by) if by is not None else None
    return _as_then(tx, found, event) if found is not None else None


def _recording_of(tx: Transaction, event: Event) -> Recording | None:
    recording_id = uuid_of_text(str(event.data.get("recording", "")))
    return tx.recordings.get(recording_id) if recording_id is not None else None


def _live_of(tx: Transaction, event: Event) -> LiveStream | None:
    stream_id = uuid_of_text(str(event.data.get("live_stream", "")))
    return tx.live_streams.get(stream_id) if stream_id is not None else None


def _with_targets(tx: Transaction, story: Story) -> Story:
    stream_id = uuid_of_text(str(story.event.data.get("external_stream", "")))
    if stream_id is None:
        return story
    targets = tx.external_streams.targets([stream_id])[stream_id]
    return replace(story, external_stream=tx.external_streams.get(stream_id), targets=targets)


def _signing_key(tx: Transaction, account_id: UUID, kind: WebhookFormat) -> str:
    keys = tx.accounts.keys(account_id, Dialect.TELNYX) if kind is WebhookFormat.TELNYX else ()
    return keys[0].extra.get("private_key", "") if keys else ""


def _room_of(
    tx: Transaction, event: Event, kind: WebhookFormat
) -> tuple[Account, Room, Mapping[Namespace, str], str, str] | None:
    account, room = tx.accounts.get(event.account_id), tx.rooms.past(event.room_id)
    if account is None or account.closed_at is not None or room is None:
        return None
    template = tx.templates.get(room.template_id)
    key = _signing_key(tx, account.id, kind)
    return account, room, names_of(tx, [room.id])[room.id], template.hms_id if template else "", key
