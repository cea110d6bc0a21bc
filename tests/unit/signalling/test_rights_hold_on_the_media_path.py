"""What nobody may have, nobody is offered; what nobody may know of, nobody is told."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from livekit.protocol import models, rtc
from tests.unit.signalling.people import NOW, participant, track

from polyroom.domain.roles import EVERY_RIGHT, Permissions, Right, Source
from polyroom.domain.room import Room, RoomKind
from polyroom.domain.session import LeaveReason, Participant, Track, TrackKind
from polyroom.services.ports.feed import (
    Notice,
    ParticipantChanged,
    ParticipantJoined,
    ParticipantLeft,
    RoleChanged,
    RoomChanged,
    TrackAdded,
    TrackRemoved,
)
from polyroom.services.presence import Member, Presence
from polyroom.signalling.livekit import views
from polyroom.signalling.livekit.data import receivers_of, stamped
from polyroom.signalling.livekit.hub import Hub
from polyroom.signalling.livekit.metadata import refusal
from polyroom.signalling.livekit.permissions import Allows, everyone

ADA, BO = participant("ada"), participant("bo")
GHOST = replace(participant("ghost"), hidden=True)
DEAF = replace(participant("deaf"), rights=EVERY_RIGHT - {Right.SUBSCRIBE})


class Listener:
    """A socket that notes what it hears."""

    room_name = "stand-up"
    allows: Allows = staticmethod(everyone)

    def __init__(self, one: Participant, hub: Hub) -> None:
        self.participant = one
        self.participant_id = one.id
        self.hub = hub
        self.told: list[rtc.SignalResponse] = []
        self.offered: list[Track] = []
        self.reasons: list[LeaveReason] = []
        self.taken_back: list[Track] = []

    def send_encoded(self, message: bytes) -> None:
        self.told.append(rtc.SignalResponse.FromString(message))

    def changed(self, one: Participant) -> None:
        self.participant = one

    def offer_track(self, one: Track) -> None:
        if self.hub.allowed(self.participant, one):
            self.offered.append(one)

    def withhold_track(self, one: Track) -> None:
        if one in self.offered:
            self.offered.remove(one)

    def take_back(self, one: Track) -> None:
        self.taken_back.append(one)

    def forget_track(self, one: Track) -> None:
        self.withhold_track(one)

    def forget_participant(self, who: UUID) -> None: ...

    def put_out(self, reason: LeaveReason, by: str) -> None:
        self.reasons.append(reason)

    @property
    def heard_of(self) -> set[str]:
        return {one.identity for response in self.told for one in response.update.participants}


class Meeting:
    """A hub with listeners for some people."""

    def __init__(self, *people: Participant) -> None:
        self.presence = Presence()
        self.hub = Hub(self.presence)
        self.sockets = {}
        for one in people:
            socket = self.sockets[one.identity] = Listener(one, self.hub)
            self.hub.add(one.room_id, socket)
            self.happens(ParticipantJoined(one))

    def happens(self, notice: Notice) -> None:
        self.presence.apply(notice)
        self.hub.hear(notice)


def test_nobody_is_told_of_a_hidden_one_or_offered_its_tracks() -> None:
    meeting = Meeting(ADA, GHOST)
    ada, ghost = meeting.sockets["ada"], meeting.sockets["ghost"]
    seen, unseen = track(ADA), track(GHOST)
    meeting.happens(TrackAdded(seen))
    meeting.happens(TrackAdded(unseen))
    meeting.happens(ParticipantChanged(replace(GHOST, name="Boo")))
    meeting.happens(TrackRemoved(unseen))
    assert ghost.offered == [seen]
    assert ada.offered == []
    assert ada.heard_of == {"ada"}
    assert ghost.heard_of == {"ada", "ghost"}
    meeting.happens(ParticipantLeft(GHOST, LeaveReason.LEFT))
    assert ada.heard_of == {"ada"}
    assert ghost.reasons == [LeaveReason.LEFT]


def test_a_hidden_one_is_not_counted() -> None:
    meeting = Meeting(ADA, GHOST, BO)
    assert [one.participant.identity for one in meeting.hub.visible(ADA.room_id)] == ["ada", "bo"]
    meeting.happens(TrackAdded(track(ADA)))
    meeting.happens(RoomChanged(_room()))
    told = meeting.sockets["bo"].told[-1].room_update.room
    assert (told.name, told.num_participants, told.num_publishers) == ("stand-up", 2, 1)


def test_each_client_is_told_of_the_room_by_the_name_it_knows() -> None:
    meeting = Meeting(ADA, BO)
    meeting.sockets["bo"].room_name = "01h455vb4pex5vsknk084sn02q"
    meeting.happens(RoomChanged(_room()))
    assert [socket.told[-1].room_update.room.name for socket in meeting.sockets.values()] == [
        "stand-up",
        "01h455vb4pex5vsknk084sn02q",
    ]


def test_whoever_may_not_subscribe_is_offered_nothing_whatever_the_publisher_allows() -> None:
    meeting = Meeting(ADA, DEAF, BO)
    meeting.happens(TrackAdded(track(ADA)))
    meeting.hub.permissions_changed(meeting.sockets["ada"])
    assert meeting.sockets["deaf"].offered == []
    assert len(meeting.sockets["bo"].offered) == 2


def test_a_change_of_rights_holds_from_then_on() -> None:
    meeting = Meeting(ADA, BO)
    first, second = track(ADA), track(ADA)
    meeting.happens(TrackAdded(first))
    meeting.happens(ParticipantChanged(replace(BO, rights=frozenset())))
    meeting.happens(TrackAdded(second))
    assert meeting.sockets["bo"].offered == []
    meeting.happens(ParticipantChanged(BO))
    assert meeting.sockets["bo"].offered == [first, second]


def test_a_hidden_senders_data_bears_no_name() -> None:
    packet = models.DataPacket(user=models.UserPacket(payload=b"x", participant_identity="forged"))
    assert receivers_of(packet, GHOST, [Member(ADA), Member(GHOST)]) == [ADA.id]
    sent = models.DataPacket.FromString(stamped(packet, True, GHOST))
    assert (sent.participant_identity, sent.user.participant_identity, sent.participant_sid) == ("", "", "")


def test_what_a_client_may_do_is_shown_exactly() -> None:
    assert views.permission(ADA) == models.ParticipantPermission(
        can_subscribe=True, can_publish=True, can_publish_data=True, can_update_metadata=True
    )
    nothing = replace(participant("no", frozenset()), rights=frozenset(), hidden=True)
    assert views.permission(nothing) == models.ParticipantPermission(hidden=True)
    screen = views.permission(participant("sc", frozenset({Source.SCREEN})))
    assert list(screen.can_publish_sources) == [
        models.TrackSource.SCREEN_SHARE,
        models.TrackSource.SCREEN_SHARE_AUDIO,
    ]


def test_a_source_is_only_ever_of_its_own_kind() -> None:
    camera_only = participant("vi", frozenset({Source.VIDEO}))
    assert camera_only.may_publish("camera", TrackKind.VIDEO)
    assert not camera_only.may_publish("camera", TrackKind.AUDIO)
    assert not ADA.may_publish("microphone", TrackKind.VIDEO)
    assert ADA.may_publish("screen_share_audio", TrackKind.AUDIO)


def test_changing_oneself_needs_the_right_to() -> None:
    message = rtc.UpdateParticipantMetadata(name="Other", request_id=3)
    assert refusal(message, ADA) is None
    refused = refusal(message, replace(ADA, rights=frozenset()))
    assert refused is not None
    assert (refused.reason, refused.request_id) == (rtc.RequestResponse.NOT_ALLOWED, 3)


def _room(at: datetime = NOW) -> Room:
    return Room(
        id=ADA.room_id,
        account_id=ADA.account_id,
        hms_id="0" * 24,
        phenix_id="eu#a#b.c",
        streamwise_id="abcdEFGH12345678",
        title="Team",
        description="",
        template_id=UUID(int=3),
        subscription_id=UUID(int=4),
        kind=RoomKind.MEET,
        slug="team",
        enabled=True,
        is_public=False,
        capacity=None,
        feature_overrides={},
        settings={},
        metadata={},
        created_at=at,
        updated_at=at,
    )


def test_a_track_is_offered_to_roles_that_subscribe_to_its_publishers_and_follows_a_change_of_either() -> None:
    choosy = replace(BO, subscribe_to=("host",))
    meeting = Meeting(ADA, choosy)
    bo = meeting.sockets["bo"]
    one = track(ADA)
    meeting.happens(TrackAdded(one))
    assert bo.offered == []
    meeting.happens(RoleChanged(replace(ADA, role="host")))
    assert bo.offered == [one]
    assert bo.told[-1].subscription_permission_update.allowed
    meeting.happens(RoleChanged(replace(choosy, subscribe_to=())))
    assert bo.offered == []
    assert not bo.told[-1].subscription_permission_update.allowed
    meeting.happens(RoleChanged(replace(choosy, subscribe_to=None)))
    assert bo.offered == [one]


def test_a_track_the_server_ends_is_taken_back_from_its_publisher_and_its_receivers() -> None:
    meeting = Meeting(ADA, BO)
    one = track(ADA)
    meeting.happens(TrackAdded(one))
    meeting.happens(TrackRemoved(one))
    assert meeting.sockets["bo"].offered == []
    assert meeting.sockets["ada"].taken_back == [one]
    assert meeting.sockets["bo"].taken_back == []


def test_a_role_that_may_not_send_messages_is_told_so() -> None:
    mute = replace(ADA, permissions=Permissions(send_message=False))
    assert not mute.may_send_data
    assert not views.permission(mute).can_publish_data
