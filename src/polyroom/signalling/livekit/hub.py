"""The sockets of this process by room, and the news each of them gets.

News cost one encoding per notice and one queue entry per socket in that room.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Protocol
from uuid import UUID

from livekit.protocol import models, rtc

from polyroom.domain.room import Room
from polyroom.domain.session import LeaveReason, Participant, Track
from polyroom.services.ports.feed import (
    Notice,
    ParticipantChanged,
    ParticipantJoined,
    ParticipantLeft,
    RoleChanged,
    RoomChanged,
    RoomOnAir,
    TrackAdded,
    TrackChanged,
    TrackHeld,
    TrackRemoved,
)
from polyroom.services.presence import Member, Presence
from polyroom.signalling.livekit import views
from polyroom.signalling.livekit.permissions import Allows
from polyroom.signalling.livekit.sids import participant_sid, track_sid


class Socket(Protocol):
    """One client's connection as the hub sees it. Nothing here may block."""

    @property
    def participant_id(self) -> UUID: ...
    @property
    def participant(self) -> Participant: ...
    @property
    def room_name(self) -> str: ...
    @property
    def allows(self) -> Allows:
        """Who may subscribe to this client's tracks."""
        ...

    def changed(self, participant: Participant) -> None:
        """Something about this client's participant is another than before."""
        ...

    def send_encoded(self, message: bytes) -> None: ...
    def offer_track(self, track: Track) -> None:
        """A track of someone else may be subscribed to."""
        ...

    def withhold_track(self, track: Track) -> None:
        """Its publisher no longer allows it."""
        ...

    def take_back(self, track: Track) -> None:
        """A track of this client's own has ended."""
        ...

    def hold_track(self, track: Track, resumes: bool) -> None:
        """A moderator holds a track of this client's own back, or lets it pass again, and on where it `resumes`."""
        ...

    def forget_track(self, track: Track) -> None: ...
    def forget_participant(self, participant_id: UUID) -> None: ...
    def put_out(self, reason: LeaveReason, by: str) -> None: ...


class Hub:
    """Listens to the feed and tells the sockets of the room concerned."""

    def __init__(self, presence: Presence) -> None:
        self._presence = presence
        self._rooms: dict[UUID, dict[UUID, Socket]] = {}
        self._details: dict[UUID, dict[UUID, models.TrackInfo]] = {}
        self._recorded: set[UUID] = set()

    def add(self, room_id: UUID, socket: Socket) -> None:
        """From now on the socket hears of its room."""
        self._rooms.setdefault(room_id, {})[socket.participant_id] = socket

    def remove(self, room_id: UUID, socket: Socket) -> None:
        """Idempotent; a newer socket of the same participant stays."""
        room = self._rooms.get(room_id, {})
        if room.get(socket.participant_id) is socket:
            del room[socket.participant_id]
            if not room:
                del self._rooms[room_id]

    def socket(self, room_id: UUID, participant_id: UUID) -> Socket | None:
        """A participant's socket in this process."""
        return self._rooms.get(room_id, {}).get(participant_id)

    def members(self, room_id: UUID) -> Mapping[UUID, Member]:
        """Who is in the room."""
        return self._presence.members(room_id)

    def visible(self, room_id: UUID) -> list[Member]:
        """Those in the room whom others see."""
        return [member for member in self.members(room_id).values() if not member.participant.hidden]

    def info(self, member: Member) -> models.ParticipantInfo:
        """A member as a protobuf, with what its publisher said of its tracks."""
        return views.participant_info(member, self._details.get(member.participant.id, {}))

    def room(self, room: Room, name: str) -> models.Room:
        """A room as a protobuf, under the name that its client knows."""
        return views.room_info(room, name, self.visible(room.id), recorded=room.id in self._recorded)

    def describe(self, track: Track, detail: models.TrackInfo) -> None:
        """Keep what a publisher said of its track beyond our record, for as long as it is there."""
        self._details.setdefault(track.participant_id, {})[track.id] = detail

    def allowed(self, subscriber: Participant, track: Track) -> bool:
        """Whether that person may have the track: by its own rights and role, and by the will of the publisher."""
        member = self._presence.member(track.room_id, track.participant_id)
        if member is None or not subscriber.may_receive(member.participant.role):
            return False
        publisher = self.socket(track.room_id, track.participant_id)
        return publisher is None or publisher.allows(subscriber, track.id)

    def permissions_changed(self, publisher: Socket) -> None:
        """A publisher set a new rule: everyone else's subscriptions follow it at once."""
        self._receivers_changed(publisher.participant)

    def _receivers_changed(self, publisher: Participant) -> None:
        member = self._presence.member(publisher.room_id, publisher.id)
        for track in member.tracks.values() if member else ():
            self._others(track, partial(self._permit, track))

    def _permit(self, track: Track, socket: Socket) -> None:
        allowed = self.allowed(socket.participant, track)
        told = rtc.SubscriptionPermissionUpdate(
            participant_sid=participant_sid(track.participant_id), track_sid=track_sid(track.id), allowed=allowed
        )
        socket.send_encoded(rtc.SignalResponse(subscription_permission_update=told).SerializeToString())
        if allowed:
            socket.offer_track(track)
        else:
            socket.withhold_track(track)

    def hear(self, notice: Notice) -> None:
        """The feed's listener."""
        match notice:
            case ParticipantJoined(participant):
                self._update(participant.room_id, participant.id, but=participant.id)
            case ParticipantChanged(participant):
                self._changed(participant)
                self._update(participant.room_id, participant.id)
            case RoleChanged(participant):
                self._changed(participant)
                self._update(participant.room_id, participant.id)
                self._receivers_changed(participant)
            case ParticipantLeft():
                self._left(notice)
            case TrackAdded(track):
                self._update(track.room_id, track.participant_id)
                self._others(track, lambda socket: socket.offer_track(track))
            case TrackChanged(track):
                self._update(track.room_id, track.participant_id)
            case TrackHeld(track, resumes):
                self._held(track, resumes)
            case TrackRemoved(track):
                self._details.get(track.participant_id, {}).pop(track.id, None)
                publisher = self.socket(track.room_id, track.participant_id)
                if publisher is not None:
                    publisher.take_back(track)
                self._others(track, lambda socket: socket.forget_track(track))
                self._update(track.room_id, track.participant_id)
            case RoomChanged(room):
                self._room_changed(room)
            case RoomOnAir(room, on_air) if on_air.recorded is not (room.id in self._recorded):
                self._recorded ^= {room.id}
                self._room_changed(room)

    def _held(self, track: Track, resumes: bool) -> None:
        publisher = self.socket(track.room_id, track.participant_id)
        if publisher is not None:
            publisher.hold_track(track, resumes)
        self._update(track.room_id, track.participant_id)

    def _changed(self, participant: Participant) -> None:
        """Rights or role may be others than before: what the client receives follows."""
        socket = self.socket(participant.room_id, participant.id)
        if socket is None:
            return
        before = socket.participant
        socket.changed(participant)
        for member in self.visible(participant.room_id):
            other = member.participant
            if other.id != participant.id and before.may_receive(other.role) != participant.may_receive(other.role):
                for track in member.tracks.values():
                    self._permit(track, socket)

    def _room_changed(self, room: Room) -> None:
        sockets = list(self._rooms.get(room.id, {}).values())
        for name in {socket.room_name for socket in sockets}:
            told = rtc.RoomUpdate(room=self.room(room, name))
            message = rtc.SignalResponse(room_update=told).SerializeToString()
            self._send([socket for socket in sockets if socket.room_name == name], message)

    def _left(self, notice: ParticipantLeft) -> None:
        one = notice.participant
        self._details.pop(one.id, None)
        leaver = self.socket(one.room_id, one.id)
        if leaver is not None:
            leaver.put_out(notice.reason, notice.by)
            self.remove(one.room_id, leaver)
        room = self._rooms.get(one.room_id)
        if room and not one.hidden:
            self._send(room.values(), views.update([views.gone_info(one, notice.reason)]))
            for socket in room.values():
                socket.forget_participant(one.id)

    def _update(self, room_id: UUID, participant_id: UUID, but: UUID | None = None) -> None:
        member = self._presence.member(room_id, participant_id)
        if member is None:
            return
        hears = {participant_id} if member.participant.hidden else self._rooms.get(room_id, {}).keys()
        sockets = [one for who in hears if who != but and (one := self.socket(room_id, who)) is not None]
        if sockets:
            self._send(sockets, views.update([self.info(member)]))

    def _others(self, track: Track, tell: Callable[[Socket], None]) -> None:
        """Tell those who may know of the track: nobody hears of what a hidden participant publishes."""
        publisher = self._presence.member(track.room_id, track.participant_id)
        if publisher is not None and publisher.participant.hidden:
            return
        for socket in list(self._rooms.get(track.room_id, {}).values()):
            if socket.participant_id != track.participant_id:
                tell(socket)

    @staticmethod
    def _send(sockets: Iterable[Socket], message: bytes) -> None:
        for socket in list(sockets):
            socket.send_encoded(message)
