"""What people inside do to the others and to the meeting, each as far as their role lets them at that moment.

100ms' permissions, for clients of any dialect: its `mute` silences a microphone that its owner may turn on again, and
its `unmute` asks for that, since nobody but its owner opens a microphone. Each method raises NotFound that names
"room" or "participant" for who is not inside, NotFound("person") for whom nobody sees there, AdmissionRefused,
NotAllowed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from polyroom.domain.errors import Invalid, NotFound
from polyroom.domain.features import ChatRules
from polyroom.domain.roles import Role, Source
from polyroom.domain.room import Room
from polyroom.domain.session import LeaveReason, Participant, TrackKind
from polyroom.services.chatting import rules_of
from polyroom.services.ending import Ending, end_session, tell_ending
from polyroom.services.holding import Held, hold, mute_once, tell_held
from polyroom.services.insiders import insider, permitted
from polyroom.services.leaving import Departures
from polyroom.services.ports.admission import Ticket
from polyroom.services.ports.clock import Clock, Ids
from polyroom.services.ports.feed import Deed, Told
from polyroom.services.ports.store import Store, Transaction
from polyroom.services.role_changes import RoleChange, give_role, tell_role
from polyroom.services.sessions import Attendant, live_room


@dataclass(frozen=True, slots=True)
class Standing:
    """Somebody inside as they are now, and what they need to see of the others to use what their role lets them do.

    `people` are those others see, for who may act on them; `roles` the template's, for who may change one.
    """

    room: Room
    participant: Participant
    chat: ChatRules
    people: Sequence[Participant]
    roles: Sequence[Role]


class HostService:
    """Use cases of those in charge of a meeting, from within."""

    def __init__(self, store: Store, clock: Clock, ids: Ids, departures: Departures) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._departures = departures

    async def standing(self, ticket: Ticket) -> Standing:
        """What the ticket's holder may do now."""

        def unit(tx: Transaction) -> Standing:
            room, one = insider(tx, ticket, self._clock.now())
            template = tx.templates.get(room.template_id) if one.permissions.change_role else None
            people = [each for each in tx.sessions.present(room.id) if not each.hidden] if one.moderates else []
            return Standing(room, one, rules_of(tx, room), people, template.roles if template else ())

        return await self._store.read(unit)

    async def mute(self, ticket: Ticket, person: str | None, *, stay: bool = False) -> int:
        """Mute one person, or everybody else; how many that concerned. Who is to `stay` so cannot unmute themselves."""
        at = self._clock.now()

        def unit(tx: Transaction) -> tuple[Participant, Held]:
            room, asker = permitted(tx, ticket, at, "mute")
            chosen = _others(tx, room, asker, person)
            by = str(asker.id)
            return asker, hold(tx, self._ids, chosen, True, at, by=by) if stay else mute_once(
                tx, self._ids, chosen, at, by=by
            )

        asker, done = await self._store.write(unit)
        await tell_held(self._departures, done, Deed.HELD if stay else Deed.MUTED, asker)
        return len(done.concerned)

    async def unmute(self, ticket: Ticket, person: str) -> None:
        """Let somebody be heard again, and ask them to turn their microphone on. Invalid("person", "may_not_speak")."""
        at = self._clock.now()

        def unit(tx: Transaction) -> tuple[Participant, Attendant, Held]:
            room, asker = permitted(tx, ticket, at, "unmute")
            (one,) = _others(tx, room, asker, person)
            if Source.AUDIO not in one.participant.publish:
                raise Invalid("person", "may_not_speak")
            return asker, one, hold(tx, self._ids, [one], False, at, by=str(asker.id))

        asker, one, done = await self._store.write(unit)
        await tell_held(self._departures, done, Deed.RELEASED, asker, resumes=False)
        if not any(track.kind is TrackKind.AUDIO and not track.silent for track in one.tracks):
            self._departures.feed.publish(Told(one.participant, Deed.ASKED_TO_UNMUTE, asker))

    async def remove(self, ticket: Ticket, person: str, *, keep_out: bool = False) -> None:
        """Put somebody out; with `keep_out` they do not come back into this session.

        Raises Invalid("keep_out", "impossible") for who came in with what anybody may use and without an id.
        """
        at = self._clock.now()
        reason = LeaveReason.KEPT_OUT if keep_out else LeaveReason.REMOVED

        def unit(tx: Transaction) -> tuple[Participant, Sequence[Participant]]:
            room, asker = permitted(tx, ticket, at, "remove_others")
            (one,) = _others(tx, room, asker, person)
            if keep_out and not _can_be_kept_out(tx, one.participant):
                raise Invalid("keep_out", "impossible")
            return asker, self._departures.write(tx, [one.participant], at, reason, by=str(asker.id))

        asker, out = await self._store.write(unit)
        await self._departures.tell(out, reason, by=_shown(asker))

    async def change_role(self, ticket: Ticket, person: str, role: str) -> None:
        """Give somebody, or oneself, another role. Raises NotFound("role") and RoleFull."""
        at = self._clock.now()

        def unit(tx: Transaction) -> tuple[Participant, RoleChange]:
            room, asker = permitted(tx, ticket, at, "change_role")
            one = asker if person == asker.identity else _others(tx, room, asker, person)[0].participant
            return asker, give_role(tx, self._ids, room, one, role, at=at, by=str(asker.id))

        asker, change = await self._store.write(unit)
        await tell_role(self._departures, change, asker)

    async def end(self, ticket: Ticket, *, lock: bool = False) -> None:
        """End the session for all; with `lock` the room is switched off as well."""
        at = self._clock.now()

        def unit(tx: Transaction) -> tuple[Participant, Ending]:
            room, asker = permitted(tx, ticket, at, "end_room")
            live = live_room(tx, room)
            return asker, end_session(tx, self._ids, self._departures, live, at, lock=lock, by=str(asker.id))

        asker, ending = await self._store.write(unit)
        await tell_ending(self._departures, ending, by=_shown(asker))


def _others(tx: Transaction, room: Room, asker: Participant, person: str | None) -> list[Attendant]:
    """Everybody visible besides who asks, or the one of them that is meant."""
    others = [one for one in live_room(tx, room).attendants if one.participant.id != asker.id]
    if person is None:
        return others
    meant = [one for one in others if one.participant.identity == person]
    if not meant:
        raise NotFound("person")
    return meant


def _can_be_kept_out(tx: Transaction, one: Participant) -> bool:
    if one.user_id or one.admission_id is None:
        return bool(one.user_id)
    admission = tx.admissions.get(one.admission_id)
    return admission is not None and not admission.automatic


def _shown(one: Participant) -> str:
    """Who is hidden has no name."""
    return "" if one.hidden else one.name
