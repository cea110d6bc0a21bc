"""People's sound is muted once, or held back until a moderator lets it pass again.

What is muted once its publisher may let pass at any time; who is held back is not heard, whatever they publish.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from polyroom.domain.events import EventType
from polyroom.domain.session import Participant, Track, TrackKind
from polyroom.services.facts import participant_event, track_event
from polyroom.services.leaving import Departures
from polyroom.services.ports.clock import Ids
from polyroom.services.ports.feed import Deed, ParticipantChanged, Told, TrackHeld
from polyroom.services.ports.store import Transaction
from polyroom.services.sessions import Attendant

SCREEN_SOUND = "screen_share_audio"


@dataclass(frozen=True, slots=True)
class Held:
    """The changed tracks, `held` or not, and whom that concerns; of them those who are held back as people, or were."""

    held: bool
    concerned: Sequence[Participant]
    people: Sequence[Participant]
    tracks: Sequence[Track]


def hold(tx: Transaction, ids: Ids, chosen: Iterable[Attendant], held: bool, at: datetime, *, by: str = "") -> Held:
    """Hold people's sound back, or let it pass again: what they publish, and what they will."""
    chosen = list(chosen)
    people = [replace(one.participant, held=held, updated_at=at) for one in chosen if one.participant.held is not held]
    for person in people:
        tx.sessions.update_participant(person)
    kind = EventType.PARTICIPANT_MUTED if held else EventType.PARTICIPANT_UNMUTED
    tx.events.append(participant_event(ids, kind, person, at, **_asked(by)) for person in people)
    tracks = [track for one in chosen for track in one.tracks if track.kind is TrackKind.AUDIO]
    changed = _hold(tx, ids, [track for track in tracks if track.held is not held], held, at=at, by=by)
    moved = {track.participant_id for track in changed} | {person.id for person in people}
    after = {person.id: person for person in people}
    concerned = [after.get(one.participant.id, one.participant) for one in chosen if one.participant.id in moved]
    return Held(held, concerned, people, changed)


def mute_once(tx: Transaction, ids: Ids, chosen: Iterable[Attendant], at: datetime, *, by: str = "") -> Held:
    """Mute the microphones that are heard now."""
    chosen = list(chosen)
    heard = [
        track
        for one in chosen
        for track in one.tracks
        if track.kind is TrackKind.AUDIO and track.source != SCREEN_SOUND and not track.silent
    ]
    changed = _hold(tx, ids, heard, True, at=at, by=by)
    muted = {track.participant_id for track in changed}
    return Held(True, [one.participant for one in chosen if one.participant.id in muted], [], changed)


async def tell_held(
    departures: Departures, done: Held, deed: Deed, by: Participant | None = None, *, resumes: bool = True
) -> None:
    """After the commit: the engine first, so that nothing more is heard, then the feed."""
    for track in done.tracks:
        await departures.media.set_muted(track.id, done.held)
    for one in done.people:
        departures.feed.publish(ParticipantChanged(one))
    for track in done.tracks:
        departures.feed.publish(TrackHeld(track, resumes))
    # Who was muted once is asked, not let: they could speak all the time.
    for one in done.concerned if done.held else done.people:
        departures.feed.publish(Told(one, deed, by))


def _hold(tx: Transaction, ids: Ids, tracks: list[Track], held: bool, *, at: datetime, by: str) -> list[Track]:
    changed = [replace(track, held=held) for track in tracks]
    for track in changed:
        tx.sessions.update_track(track)
    # What its publisher mutes anyway is heard neither before nor after.
    kind = EventType.TRACK_MUTED if held else EventType.TRACK_UNMUTED
    audible = [track for track in changed if not track.muted]
    tx.events.append(track_event(ids, kind, track, at, held=held, **_asked(by)) for track in audible)
    return changed


def _asked(by: str) -> dict[str, str]:
    return {"by": by} if by else {}
