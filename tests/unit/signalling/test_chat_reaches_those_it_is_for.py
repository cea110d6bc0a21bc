"""Chat on its way to clients: whom it reaches, in which packets, and what nobody can forge."""

import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from livekit.protocol import models
from tests.unit.signalling.people import NOW, ROOM, participant

from polyroom.domain.errors import NotAllowed, NotFound
from polyroom.domain.message import Audience, Message
from polyroom.domain.session import Participant
from polyroom.services.message_parts import Words
from polyroom.services.ports.feed import MessageSent, ParticipantJoined
from polyroom.services.presence import Presence
from polyroom.signalling.livekit import Chat, Hub
from polyroom.signalling.livekit.chat_reading import Draft
from polyroom.signalling.livekit.sids import participant_sid
from polyroom.system import SystemIds

ADA, BO, CY = (participant(name) for name in ("ada", "bo", "cy"))
HOST = replace(participant("dee"), role="host")


def message(**more: Any) -> Message:
    nothing = dict.fromkeys(("sender_identity", "sender_session", "sender_name", "sender_role", "client_id"), "")
    fields = {
        **nothing,
        "id": uuid4(),
        "account_id": ADA.account_id,
        "room_id": ROOM,
        "session_id": None,
        "sender_id": None,
        "sender_updated": 0,
        "kind": "chat",
        "mime_type": "text/plain",
        "text": "Hello",
        "tags": (),
        "audience": Audience.EVERYONE,
        "audience_role": "",
        "recipients": (),
        "sent_at": NOW,
    }
    return Message(**fields | more)


class Room:
    """Four people, the messages kept, and the packets that went out; `refusal` is what keeping raises."""

    def __init__(self, *people: Participant, refusal: Exception | None = None) -> None:
        self.refusal = refusal
        self.sent: list[tuple[list[UUID], models.DataPacket]] = []
        self.kept: list[Message] = []
        presence = Presence()
        for one in people or (ADA, BO, CY, HOST):
            presence.apply(ParticipantJoined(one))
        self.people = {one.id: one for one in people or (ADA, BO, CY, HOST)}
        self.chat = Chat(Hub(presence), self, self, SystemIds())  # type: ignore[arg-type]

    async def say(
        self, participant_id: UUID, message_id: UUID, words: Words, identities: Collection[str] = ()
    ) -> Message:
        if self.refusal:
            raise self.refusal
        one = self.people[participant_id]
        kept = message(
            id=message_id,
            sender_id=one.id,
            sender_identity="" if one.hidden else one.identity,
            text=words.text,
            client_id=words.client_id,
            audience=Audience.PEOPLE if identities else Audience.EVERYONE,
            recipients=tuple(identities),
        )
        self.kept.append(kept)
        self.chat.hear(MessageSent(kept))
        return kept

    def send_data(self, participants: Sequence[UUID], reliable: bool, payload: bytes) -> None:
        assert reliable
        self.sent.append((list(participants), models.DataPacket.FromString(payload)))

    def receivers(self) -> list[str]:
        found = {tuple(ids) for ids, _ in self.sent}
        assert len(found) <= 1
        return [self.people[one].identity for ids in found for one in ids]


def draft(*packets: models.DataPacket) -> Draft:
    return Draft("s", "Hello", "text/plain", list(packets))


def header(**more: Any) -> models.DataPacket:
    return models.DataPacket(stream_header=models.DataStream.Header(stream_id="s", topic="lk.chat"), **more)


async def test_what_somebody_said_goes_on_in_its_own_packets_with_the_servers_word_on_them() -> None:
    room = Room()
    first = header(sequence=7, participant_identity="bo")
    first.stream_header.attributes.update({"polyroom.name": "The Boss", "theirs": "kept"})
    chunk = models.DataPacket(stream_chunk=models.DataStream.Chunk(stream_id="s", content=b"Hello"), sequence=8)
    await room.chat.say(ADA, draft(first, chunk))
    assert room.receivers() == ["bo", "cy", "dee"]
    for _, packet in room.sent:
        assert (packet.participant_identity, packet.participant_sid) == ("ada", participant_sid(ADA.id))
        assert packet.sequence == 0
    assert dict(room.sent[0][1].stream_header.attributes) == {"theirs": "kept"}
    assert room.sent[1][1].stream_chunk.content == b"Hello"


async def test_a_private_message_reaches_those_it_names_and_says_so() -> None:
    room = Room()
    await room.chat.say(ADA, draft(header(destination_identities=["bo", "nobody"])))
    assert room.receivers() == ["bo"]
    assert dict(room.sent[0][1].stream_header.attributes) == {"polyroom.audience": "people"}


@pytest.mark.parametrize(("sid", "receivers"), [(participant_sid(CY.id), ["cy"]), ("PA_gone", [])])
async def test_short_ids_name_people_and_one_of_nobody_makes_nothing_public(sid: str, receivers: list[str]) -> None:
    room = Room()
    user = models.UserPacket(topic="lk-chat-topic", destination_sids=[sid])
    await room.chat.say(ADA, draft(models.DataPacket(user=user)))
    assert room.receivers() == receivers


async def test_what_could_not_be_kept_reaches_nobody() -> None:
    room = Room(refusal=NotFound("participant"))
    with pytest.raises(NotFound):
        await room.chat.say(ADA, draft(header()))
    assert room.sent == []


async def test_the_sender_of_what_the_room_does_not_allow_is_told_and_nobody_else() -> None:
    room = Room(refusal=NotAllowed("send_message"))
    await room.chat.say(ADA, draft(header()))
    ((receivers, packet),) = room.sent
    assert receivers == [ADA.id]
    assert json.loads(packet.user.payload) == {"event": "message_refused", "id": "s"}


async def test_a_hidden_ones_message_bears_no_name() -> None:
    ghost = replace(participant("ghost"), hidden=True)
    room = Room(ADA, ghost)
    await room.chat.say(ghost, draft(header()))
    ((_, packet),) = room.sent
    assert (packet.participant_identity, packet.participant_sid) == ("", "")
    assert room.receivers() == ["ada"]


def test_an_applications_message_is_a_text_stream_with_the_name_it_gave() -> None:
    room = Room()
    said = message(text="ü" * 8001, sender_name="News")
    room.chat.hear(MessageSent(said))
    first, *chunks, last = [packet for _, packet in room.sent]
    head = first.stream_header
    assert (head.stream_id, head.topic, head.total_length) == (str(said.id), "lk.chat", 16_002)
    assert head.timestamp == int(NOW.timestamp() * 1000)
    assert dict(head.attributes) == {"polyroom.name": "News"}
    contents = [packet.stream_chunk.content for packet in chunks]
    assert "".join(content.decode() for content in contents) == said.text
    assert [packet.stream_chunk.chunk_index for packet in chunks] == [0, 1]
    assert last.stream_trailer.stream_id == str(said.id)
    assert room.receivers() == ["ada", "bo", "cy", "dee"]


def test_another_processs_message_reaches_those_it_is_for_under_its_senders_id() -> None:
    room = Room(BO, CY)
    said = message(sender_id=ADA.id, sender_identity="ada", sender_name="Ada", client_id="mine", recipients=("cy",))
    room.chat.hear(MessageSent(replace(said, audience=Audience.PEOPLE)))
    packet = room.sent[0][1]
    assert (packet.participant_identity, packet.stream_header.stream_id) == ("ada", "mine")
    assert room.receivers() == ["cy"]


def test_a_roles_message_reaches_that_role_alone() -> None:
    room = Room()
    room.chat.hear(MessageSent(message(audience=Audience.ROLE, audience_role="host")))
    assert room.receivers() == ["dee"]
    marks = {"polyroom.audience": "role", "polyroom.role": "host"}
    assert dict(room.sent[0][1].stream_header.attributes) == marks
    room.chat.hear(MessageSent(message(audience=Audience.ROLE, audience_role="nobody")))
    assert len(room.sent) == 3


@pytest.mark.parametrize(
    ("fields", "topic"),
    [
        ({}, "lk.chat"),
        ({"mime_type": "text/markdown"}, "lk.chat"),
        ({"mime_type": "application/json"}, "application/json"),
        ({"kind": "PIN"}, "PIN"),
    ],
)
def test_people_read_chat_and_programs_have_topics_of_their_own(fields: dict[str, str], topic: str) -> None:
    room = Room()
    room.chat.hear(MessageSent(message(**fields)))
    assert room.sent[0][1].stream_header.topic == topic
