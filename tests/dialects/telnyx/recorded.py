"""Sessions with recordings of single people, made as a room that records itself makes them."""

from tests.dialects.telnyx.world import Json, World

from polyroom.domain.recording import Recording, RecordingKind
from polyroom.services.participants import Joined
from polyroom.services.recordings import RecordingWish

AUDIO, VIDEO = RecordingKind.PARTICIPANT_AUDIO, RecordingKind.PARTICIPANT_VIDEO


async def record(world: World, joined: Joined, kind: RecordingKind) -> Recording:
    """Begin to record somebody."""
    one = joined.participant
    return await world.recordings.start(one.account_id, one.room_id, RecordingWish(kind, participant_id=one.id))


async def end(world: World, recording: Recording) -> None:
    """End one; its file is there."""
    await world.recordings.stop(recording.account_id, recording.id)
    await world.recordings.finished(recording.id)


async def session_with(world: World, room: Json, *names: str) -> tuple[str, list[Recording]]:
    """A session that is over, with sound and pictures of each; its id and the recordings."""
    inside = [await world.enter(room, name) for name in names]
    made = [await record(world, one, kind) for one in inside for kind in (AUDIO, VIDEO)]
    for one in made:
        await end(world, one)
    for joined in inside:
        await world.house.leave(joined)
    return str(inside[0].participant.session_id), made
