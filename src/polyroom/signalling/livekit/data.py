"""Data messages between clients: who they are from is the server's word, who they are for the sender's."""

from collections.abc import Iterable
from uuid import UUID

from google.protobuf.message import DecodeError
from livekit.protocol import models

from polyroom.domain.session import Participant
from polyroom.services.presence import Member
from polyroom.signalling.livekit.sids import participant_sid


def read_packet(payload: bytes) -> models.DataPacket | None:
    """The packet; None for bytes that are none."""
    packet = models.DataPacket()
    try:
        packet.ParseFromString(payload)
    except DecodeError:
        return None
    return packet


def stamped(packet: models.DataPacket, reliable: bool, sender: Participant) -> bytes:
    """The packet as receivers get it.

    The sender's identity is stamped over whatever the client claimed, in the packet and in a user packet's copies; a
    hidden sender has none.
    """
    sid, identity = ("", "") if sender.hidden else (participant_sid(sender.id), sender.identity)
    if packet.WhichOneof("value") == "user":
        packet.user.participant_sid = sid
        packet.user.participant_identity = identity
    packet.kind = models.DataPacket.RELIABLE if reliable else models.DataPacket.LOSSY
    packet.participant_sid = sid
    packet.participant_identity = identity
    return packet.SerializeToString()


OWN_TOPICS = "polyroom."


def is_reserved(packet: models.DataPacket) -> bool:
    """Whether only the server may send it: what clients take for its word."""
    return packet.WhichOneof("value") == "user" and packet.user.topic.startswith(OWN_TOPICS)


def destinations(packet: models.DataPacket) -> tuple[set[str], set[str]]:
    """Identities and short ids of those it is for; both empty where it is for everyone."""
    identities = set(packet.destination_identities)
    if packet.WhichOneof("value") != "user":
        return identities, set()
    return identities | set(packet.user.destination_identities), set(packet.user.destination_sids)


def receivers_of(packet: models.DataPacket, sender: Participant, members: Iterable[Member]) -> list[UUID]:
    """Those of the members it is for; the sender is none of them."""
    identities, sids = destinations(packet)
    return [
        member.participant.id
        for member in members
        if member.participant.id != sender.id and _is_meant(member.participant, identities, sids)
    ]


def _is_meant(one: Participant, identities: set[str], sids: set[str]) -> bool:
    if not identities and not sids:
        return True
    return one.identity in identities or participant_sid(one.id) in sids
