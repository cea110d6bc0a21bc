"""The server's own words to clients: what somebody in charge did, and why one is out. Nobody else can say them."""

import json
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import pytest
from livekit.protocol import models
from tests.unit.signalling.people import ROOM, participant

from polyroom.domain.roles import Permissions
from polyroom.domain.session import LeaveReason, Participant, ParticipantKind
from polyroom.services.ports.feed import Deed, ParticipantJoined, Told
from polyroom.services.presence import Member, Presence
from polyroom.signalling.livekit import Hub, Telling, views
from polyroom.signalling.livekit.data import is_reserved
from polyroom.signalling.livekit.telling import TOPIC, refused

ADA, BO, CY = (participant(name) for name in ("ada", "bo", "cy"))
HOST = replace(participant("dee"), permissions=Permissions(mute=True))
GHOST = replace(HOST, identity="ghost", hidden=True)


class Room:
    """People, and the packets that went out."""

    def __init__(self, *people: Participant) -> None:
        self.sent: list[tuple[set[UUID], models.DataPacket]] = []
        presence = Presence()
        for one in people:
            presence.apply(ParticipantJoined(one))
        self.telling = Telling(Hub(presence), self)

    def send_data(self, participants: Sequence[UUID], reliable: bool, payload: bytes) -> None:
        assert reliable
        self.sent.append((set(participants), models.DataPacket.FromString(payload)))


def test_whom_it_happened_to_and_those_in_charge_are_told_by_whom() -> None:
    room = Room(ADA, BO, HOST)
    room.telling.hear(Told(ADA, Deed.MUTED, HOST))
    ((receivers, packet),) = room.sent
    assert receivers == {ADA.id, HOST.id}
    assert (packet.participant_identity, packet.user.topic) == ("", TOPIC)
    assert json.loads(packet.user.payload) == {
        "event": "muted",
        "identity": "ada",
        "role": "guest",
        "by": "Dee",
        "by_identity": "dee",
    }


@pytest.mark.parametrize("by", [None, GHOST])
def test_the_application_and_people_nobody_sees_have_no_name(by: Participant | None) -> None:
    room = Room(ADA)
    room.telling.hear(Told(ADA, Deed.ROLE_CHANGED, by))
    told = json.loads(room.sent[0][1].user.payload)
    assert (told["event"], told["by"], told["by_identity"]) == ("role_changed", "", "")


def test_of_somebody_hidden_only_they_are_told() -> None:
    ghost = replace(BO, hidden=True)
    room = Room(ADA, HOST, ghost)
    room.telling.hear(Told(ghost, Deed.HELD, HOST))
    assert room.sent[0][0] == {ghost.id}


def test_nobody_who_is_gone_is_told() -> None:
    room = Room(CY)
    room.telling.hear(Told(ADA, Deed.MUTED, CY))
    room.telling.hear(ParticipantJoined(BO))
    assert room.sent == []


def test_a_client_cannot_say_the_servers_words() -> None:
    for topic, reserved in ((TOPIC, True), ("polyroom.x", True), ("lk-chat-topic", False), ("", False)):
        assert is_reserved(models.DataPacket(user=models.UserPacket(topic=topic))) is reserved
    assert not is_reserved(models.DataPacket(stream_trailer=models.DataStream.Trailer(stream_id="s")))


def test_a_refused_message_is_named_as_its_sender_named_it() -> None:
    packet = models.DataPacket.FromString(refused("mine"))
    assert json.loads(packet.user.payload) == {"event": "message_refused", "id": "mine"}


def test_who_is_put_out_is_shown_exactly_why_and_by_whom() -> None:
    one = replace(ADA, attributes={"hand": "up"})
    info = views.last_word(one, LeaveReason.KEPT_OUT, "Dee")
    assert dict(info.attributes) == {"hand": "up", "polyroom.left": "kept_out", "polyroom.left_by": "Dee"}
    assert dict(views.last_word(ADA, LeaveReason.MAX_DURATION, "").attributes) == {"polyroom.left": "max_duration"}
    assert views.leave_request(LeaveReason.KEPT_OUT).reason == models.DisconnectReason.PARTICIPANT_REMOVED


@pytest.mark.parametrize("kind", ParticipantKind)
def test_what_a_participant_is_is_shown_in_livekits_words(kind: ParticipantKind) -> None:
    one = replace(ADA, kind=kind, room_id=ROOM)
    info = views.participant_info(Member(one), {})
    assert info.kind == models.ParticipantInfo.Kind.Value(kind.name)
    assert info.permission.recorder is (kind is ParticipantKind.EGRESS)
    assert info.permission.agent is (kind is ParticipantKind.AGENT)
