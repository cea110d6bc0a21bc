"""Data messages between clients: who they are from is the server's word, who they are for the sender's."""

from collections.abc import Iterable
from uuid import UUID

from google.protobuf.message import DecodeError
from livekit.protocol import models

from polyroom.domain.session import Participant
from polyroom.services.presence import Member
from polyroom.signalling.livekit.sids import participant_sid


def readdress(
    payload: bytes, reliable: bool, sender: Participant, members: Iterable[Member]
) -> tuple[bytes, list[UUID]] | None:
    """The message as receivers get it and who they are; None for bytes that are no data packet.

    The sender's identity is stamped over whatever the client claimed, in the packet and in a user packet's copies; a
    hidden sender has none.
    """
    sid, identity = ("", "") if sender.hidden else (participant_sid(sender.id), sender.identity)
    packet = models.DataPacket()
    try:
        packet.ParseFromString(payload)
    except DecodeError:
        return None
    identities = set(packet.destination_identities)
    sids: set[str] = set()
    if packet.WhichOneof("value") == "user":
        identities.update(packet.user.destination_identities)
        sids.update(packet.user.destination_sids)
        packet.user.participant_sid = sid
        packet.user.participant_identity = identity
    packet.kind = models.DataPacket.RELIABLE if reliable else models.DataPacket.LOSSY
    packet.participant_sid = sid
    packet.participant_identity = identity
    receivers = [
        member.participant.id
        for member in members
        if member.participant.id != sender.id and _is_meant(member.participant, identities, sids)
    ]
    return packet.SerializeToString(), receivers


def _is_meant(one: Participant, identities: set[str], sids: set[str]) -> bool:
    if not identities and not sids:
        return True
    return one.identity in identities or participant_sid(one.id) in sids
