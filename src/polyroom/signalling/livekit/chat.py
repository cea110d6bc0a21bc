"""Chat on its way to clients: what people said as their own packets, once it is kept; all else as a text stream.

An attribute `polyroom.name` says what an application calls the sender of its message, and `polyroom.audience` that a
message is not for everyone: `people`, or `role` with its name in `polyroom.role`.
"""

from collections.abc import Iterator
from uuid import UUID

from livekit.protocol import models

from polyroom.domain.errors import NotAllowed
from polyroom.domain.message import CHAT, Audience, Message
from polyroom.domain.session import Participant
from polyroom.services.message_parts import Words
from polyroom.services.messages import MessageService
from polyroom.services.ports.clock import Ids
from polyroom.services.ports.feed import MessageSent, Notice
from polyroom.signalling.livekit.chat_reading import CHAT_TOPIC, Draft
from polyroom.signalling.livekit.data import destinations, stamped
from polyroom.signalling.livekit.hub import Hub
from polyroom.signalling.livekit.sending import DataSender
from polyroom.signalling.livekit.sids import participant_sid
from polyroom.signalling.livekit.telling import refused

_OURS = "polyroom."
_CHUNK = 15_000


class Chat:
    """The chat of this process's clients. One encoding per message, whatever the number of receivers."""

    def __init__(self, hub: Hub, messages: MessageService, media: DataSender, ids: Ids) -> None:
        self._hub = hub
        self._messages = messages
        self._media = media
        self._ids = ids
        self._drafts: dict[UUID, tuple[Participant, Draft]] = {}

    async def say(self, sender: Participant, draft: Draft) -> None:
        """Keep what a client said; it goes on to the others with the notice of that.

        What the room's features forbid goes nowhere, and its sender is told.
        """
        message_id = self._ids.uuid()
        identities, sids = destinations(draft.packets[0])
        if sids:
            people = (member.participant for member in self._hub.members(sender.room_id).values())
            identities |= {one.identity for one in people if participant_sid(one.id) in sids}
            # short ids of people who are gone make a message for nobody, not for everyone
            identities = identities or {sender.identity}
        words = Words(draft.text, mime_type=draft.mime_type, client_id=draft.client_id)
        self._drafts[message_id] = sender, draft
        try:
            await self._messages.say(sender.id, message_id, words, identities)
        except NotAllowed:
            self._media.send_data([sender.id], True, refused(draft.client_id))
        finally:
            self._drafts.pop(message_id, None)

    def hear(self, notice: Notice) -> None:
        """The feed's listener."""
        if not isinstance(notice, MessageSent):
            return
        message = notice.message
        people = (member.participant for member in self._hub.members(message.room_id).values())
        receivers = [one.id for one in people if one.id != message.sender_id and message.is_for(one)]
        if not receivers:
            return
        drafted = self._drafts.get(message.id)
        for packet in _own_packets(message, *drafted) if drafted else _packets(message):
            self._media.send_data(receivers, True, packet)


def _own_packets(message: Message, sender: Participant, draft: Draft) -> Iterator[bytes]:
    for packet in draft.packets:
        # receivers drop what comes behind a higher number, and other data of the sender did not wait
        packet.sequence = 0
        if packet.WhichOneof("value") == "stream_header":
            attributes = packet.stream_header.attributes
            for name in [name for name in attributes if name.startswith(_OURS)]:
                del attributes[name]
            attributes.update(_marks(message))
        yield stamped(packet, True, sender)


def _packets(message: Message) -> Iterator[bytes]:
    raw = message.text.encode()
    attributes = _marks(message)
    if message.sender_name:
        attributes[f"{_OURS}name"] = message.sender_name
    header = models.DataStream.Header(
        stream_id=message.shown_id,
        timestamp=int(message.sent_at.timestamp() * 1000),
        topic=_topic(message),
        mime_type=message.mime_type,
        total_length=len(raw),
        text_header=models.DataStream.TextHeader(),
        attributes=attributes,
    )
    yield _packet(message, stream_header=header)
    for index, content in enumerate(_chunks(raw)):
        chunk = models.DataStream.Chunk(stream_id=message.shown_id, chunk_index=index, content=content)
        yield _packet(message, stream_chunk=chunk)
    yield _packet(message, stream_trailer=models.DataStream.Trailer(stream_id=message.shown_id))


def _packet(
    message: Message,
    *,
    stream_header: models.DataStream.Header | None = None,
    stream_chunk: models.DataStream.Chunk | None = None,
    stream_trailer: models.DataStream.Trailer | None = None,
) -> bytes:
    return models.DataPacket(
        kind=models.DataPacket.RELIABLE,
        participant_identity=message.sender_identity,
        participant_sid=participant_sid(message.sender_id) if message.sender_identity and message.sender_id else "",
        stream_header=stream_header,
        stream_chunk=stream_chunk,
        stream_trailer=stream_trailer,
    ).SerializeToString()


def _chunks(raw: bytes) -> Iterator[bytes]:
    """Pieces that end between two characters."""
    start = 0
    while start < len(raw):
        end = min(start + _CHUNK, len(raw))
        while end < len(raw) and raw[end] & 0xC0 == 0x80:
            end -= 1
        yield raw[start:end]
        start = end


def _topic(message: Message) -> str:
    """People read chat; what is for programs has a topic of its own."""
    if message.kind != CHAT:
        return message.kind
    return CHAT_TOPIC if message.mime_type.lower().startswith("text/") else message.mime_type


def _marks(message: Message) -> dict[str, str]:
    if message.audience is Audience.EVERYONE:
        return {}
    marks = {f"{_OURS}audience": message.audience.value}
    return marks | ({f"{_OURS}role": message.audience_role} if message.audience is Audience.ROLE else {})
