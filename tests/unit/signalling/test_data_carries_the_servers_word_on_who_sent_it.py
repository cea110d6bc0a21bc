from hypothesis import given
from hypothesis import strategies as st
from livekit.protocol import models
from tests.unit.signalling.people import participant

from polyroom.services.presence import Member
from polyroom.signalling.livekit.data import read_packet, receivers_of, stamped
from polyroom.signalling.livekit.sids import participant_sid

ADA, BO, CY = (participant(name) for name in ("ada", "bo", "cy"))
MEMBERS = [Member(one) for one in (ADA, BO, CY)]


def sent(packet: models.DataPacket, reliable: bool = True) -> tuple[models.DataPacket, list[object]]:
    read = read_packet(packet.SerializeToString())
    assert read is not None
    receivers = receivers_of(read, ADA, MEMBERS)
    return models.DataPacket.FromString(stamped(read, reliable, ADA)), list(receivers)


def test_a_forged_sender_is_overwritten_everywhere() -> None:
    forged = models.DataPacket(
        participant_identity="bo",
        participant_sid="PA_bo",
        user=models.UserPacket(participant_identity="bo", participant_sid="PA_bo", payload=b"x"),
    )
    packet, receivers = sent(forged)
    assert packet.participant_identity == packet.user.participant_identity == "ada"
    assert packet.participant_sid == packet.user.participant_sid == participant_sid(ADA.id)
    assert receivers == [BO.id, CY.id]


def test_the_sequence_is_kept_and_the_kind_follows_the_channel() -> None:
    packet, _ = sent(models.DataPacket(sequence=7, kind=models.DataPacket.RELIABLE), reliable=False)
    assert (packet.sequence, packet.kind) == (7, models.DataPacket.LOSSY)


def test_destinations_by_identity_and_by_sid() -> None:
    assert sent(models.DataPacket(destination_identities=["cy", "nobody"]))[1] == [CY.id]
    by_sid = models.UserPacket(destination_sids=[participant_sid(BO.id)])
    assert sent(models.DataPacket(user=by_sid))[1] == [BO.id]


@given(st.binary(max_size=300))
def test_any_bytes_are_a_packet_or_none(payload: bytes) -> None:
    found = read_packet(payload)
    assert found is None or stamped(found, True, ADA)
