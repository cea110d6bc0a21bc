"""`/active-rooms`, to read: the document's shapes and the vendor's."""

import pytest
from tests.dialects.hms.world import World, app_token, done, refused

from polyroom.domain.account import Dialect
from polyroom.domain.session import TrackKind
from polyroom.services.ports.admission import Credential


async def test_a_room_nobody_is_in_is_not_active(world: World) -> None:
    room = await world.room()
    code = (await world.codes(room))["host"]
    paths = [f"/active-rooms/{room['id']}{path}" for path in ("", "/peers", "/peers/x")]
    for client in (world.api, world.sdk):
        for path in paths:
            refused(await client.get(path), 404)
    await world.house.leave(await world.enter(room, code))
    refused(await world.api.get(paths[0]), 404)


async def test_the_document_has_peers_and_their_tracks_in_the_room(world: World) -> None:
    room = await world.room(name="class")
    joined = await world.enter(room, app_token(world.key, room, "guest", user_id="student-1"), name="Ada")
    video = await world.house.publish(joined, TrackKind.VIDEO)
    audio = await world.house.publish(joined, TrackKind.AUDIO, muted=True)
    active = done(await world.api.get(f"/active-rooms/{room['id']}"))
    peer_id, session = str(joined.participant.id), joined.participant.session_id
    hms_session = (await world.house.sessions.get(world.house.mine.id, session)).session.hms_id
    peer = active["peers"][peer_id]
    assert active == {
        "id": room["id"],
        "name": "class",
        "session_id": hms_session,
        "recording": {"running": False},
        "streaming": {"running": False},
        "peers": {peer_id: peer},
    }
    tracks = peer.pop("tracks")
    assert peer == {
        "id": peer_id,
        "name": "Ada",
        "user_id": "student-1",
        "metadata": "",
        "role": "guest",
        "joined_at": peer["joined_at"],
    }
    assert set(tracks) == {str(video.id), str(audio.id)}
    shown = tracks[str(audio.id)]
    assert shown == {
        "id": str(audio.id),
        "stream_id": shown["stream_id"],
        "mute": True,
        "type": "audio",
        "source": "regular",
        "started_at": shown["started_at"],
        "description": "",
    }
    assert tracks[str(video.id)]["stream_id"] == shown["stream_id"]
    peers = done(await world.api.get(f"/active-rooms/{room['id']}/peers"))
    assert peers == {peer_id: {**peer, "tracks": tracks}}
    one = f"/active-rooms/{room['id']}/peers/{peer_id.upper()}"
    assert done(await world.api.get(one)) == done(await world.sdk.get(one)) == peers[peer_id]


async def test_the_vendors_packages_find_their_own_shapes(world: World) -> None:
    room = await world.room(name="class")
    code = (await world.codes(room))["host"]
    joined = [await world.enter(room, code) for _ in range(2)]
    ids = [str(one.participant.id) for one in joined]
    active = done(await world.sdk.get(f"/active-rooms/{room['id']}"))
    assert (active["id"], active["name"]) == (room["id"], "class")
    assert active["customer_id"] == world.house.mine.hms_customer_id
    assert set(active) == {"id", "name", "customer_id", "session"}
    assert set(active["session"]) == {"id", "created_at", "peers"}
    assert (active["session"]["peers"], len(active["session"]["id"])) == (ids, 24)
    peers = done(await world.sdk.get(f"/active-rooms/{room['id']}/peers"))
    assert list(peers) == ["peers"]
    assert list(peers["peers"]) == ids
    assert all("tracks" not in one for one in peers["peers"].values())


async def test_peers_are_filtered_by_user_and_role(world: World) -> None:
    room = await world.room()
    for role, user in (("host", "u1"), ("guest", "u1"), ("guest", "u2")):
        await world.enter(room, app_token(world.key, room, role, user_id=user))

    async def count(query: str) -> int:
        return len(done(await world.sdk.get(f"/active-rooms/{room['id']}/peers?{query}"))["peers"])

    assert await count("") == 3
    assert await count("role=guest") == 2
    assert await count("user_id=u1") == 2
    assert await count("user_id=u1&role=guest") == 1
    assert await count("user_id=nobody") == await count("role=nobody") == await count("role=%00") == 0


async def test_people_of_another_door_show_with_the_role_theirs_stands_for(world: World) -> None:
    room = await world.room()
    house = world.house
    _, token = await house.admissions.create(house.mine.id, room["id"], Dialect.STREAMWISE, "moderator", None)
    ticket = (await house.entrance.ticket(room["id"], Credential(token=token.token), None, "Bo", "here")).ticket
    await house.people.join(ticket)
    (peer,) = done(await world.api.get(f"/active-rooms/{room['id']}/peers")).values()
    assert (peer["name"], peer["role"], peer["user_id"]) == ("Bo", "host", "")


@pytest.mark.parametrize("peer", ["x", "00000000-0000-7000-8000-000000000000", "%00", "💥"])
async def test_a_peer_who_is_not_in_is_404(world: World, peer: str) -> None:
    room, another = await world.room(), await world.room()
    code = (await world.codes(room))["host"]
    joined = await world.enter(room, code)
    refused(await world.api.get(f"/active-rooms/{room['id']}/peers/{peer}"), 404)
    await world.enter(another, (await world.codes(another))["host"])
    refused(await world.api.get(f"/active-rooms/{another['id']}/peers/{joined.participant.id}"), 404)
    refused(await world.other.get(f"/active-rooms/{room['id']}"), 404)
    refused(await world.other.get(f"/active-rooms/{room['id']}/peers/{joined.participant.id}"), 404)
