"""Templates, their roles, settings, destinations and recordings, made and changed."""

from typing import Any

import pytest
from tests.dialects.hms.world import Json, World, done, refused

from polyroom.domain.errors import AdmissionRefused, RoleFull

USUAL = {
    "endRoom": False,
    "removeOthers": False,
    "mute": False,
    "unmute": False,
    "changeRole": False,
    "sendRoomState": False,
    "pollRead": False,
    "pollWrite": False,
    "browserRecording": True,
    "rtmpStreaming": True,
    "hlsStreaming": True,
}
UPLOAD = {
    "type": "s3",
    "location": "bucket",
    "prefix": "all",
    "options": {"region": "eu"},
    "credentials": {"key": "AK", "secretKey": "very secret"},
}
MASKED = {"key": "********", "secretKey": "********"}


async def template(world: World, **fields: Any) -> Json:
    return done(await world.api.post("/templates", json={"name": "class", **fields}))


async def default_of(world: World) -> str:
    room = await world.room()
    return str(room["template_id"])


async def test_empty_roles_get_the_vendors_defaults(world: World) -> None:
    made = done(await world.sdk.post("/templates", json={"name": "t", "roles": {"host": {}, "guest": None}}))
    assert list(made["roles"]) == ["guest", "host"]
    assert made["roles"]["host"] == {
        "name": "host",
        "publishParams": {
            "allowed": ["audio", "video", "screen"],
            "audio": {"bitRate": 32, "codec": "opus"},
            "video": {"bitRate": 256, "codec": "vp8", "frameRate": 25, "width": 320, "height": 180},
            "screen": {"bitRate": 1024, "codec": "vp8", "frameRate": 10, "width": 1280, "height": 720},
            "simulcast": {"video": {}, "screen": {}},
        },
        "subscribeParams": {
            "subscribeToRoles": ["guest", "host"],
            "maxSubsBitRate": 3200,
            "subscribeDegradation": {
                "packetLossThreshold": 50,
                "degradeGracePeriodSeconds": 1,
                "recoverGracePeriodSeconds": 4,
            },
        },
        "permissions": USUAL,
        "priority": 5,
        "maxPeerCount": 0,
    }
    assert done(await world.sdk.get(f"/templates/{made['id']}")) == made
    assert made["customerId"] == made["customer_id"]


async def test_a_role_is_kept_whole(world: World) -> None:
    role = {
        "name": "stage",
        "publishParams": {
            "allowed": ["audio", "video"],
            "audio": {"bitRate": 64, "codec": "opus"},
            "video": {"bitRate": 900, "codec": "h264", "frameRate": 24, "width": 640, "height": 360},
            "screen": {"bitRate": 2000, "codec": "vp9", "frameRate": 5, "width": 1920, "height": 1080},
            "simulcast": {
                "video": {
                    "layers": [
                        {"rid": "f", "scaleResolutionDownBy": 1, "maxBitrate": 700, "maxFramerate": 25},
                        {"rid": "q", "scaleResolutionDownBy": 2.5, "maxBitrate": 100, "maxFramerate": 15},
                    ]
                },
                "screen": {},
            },
        },
        "subscribeParams": {
            "subscribeToRoles": ["stage", "not made yet"],
            "maxSubsBitRate": 1200,
            "subscribeDegradation": {
                "packetLossThreshold": 25,
                "degradeGracePeriodSeconds": 2,
                "recoverGracePeriodSeconds": 3,
            },
        },
        "permissions": {**USUAL, "pollWrite": True, "sendMessage": False},
        "priority": 2,
        "maxPeerCount": 7,
    }
    made = await template(world, roles={"stage": role})
    assert made["roles"]["stage"] == role
    assert done(await world.api.post(f"/templates/{made['id']}/roles/stage", json=role)) == role
    assert "sendMessage" not in done(await world.sdk.get(f"/templates/{made['id']}/roles/stage"))["permissions"]


async def test_an_existing_name_is_overwritten(world: World) -> None:
    first = await template(world, roles={"a": {}}, settings={"region": "us"})
    again = await template(world, roles={"b": {}})
    assert (again["id"], list(again["roles"]), again["settings"]["region"]) == (first["id"], ["b"], "auto")
    assert again["updated_at"] > first["updated_at"] and again["created_at"] == first["created_at"]
    nameless = done(await world.api.post("/templates", json={}))
    assert nameless["name"] == nameless["id"] and list(nameless["roles"]) == ["host", "guest", "viewer"]


async def test_an_update_keeps_what_it_does_not_name_and_the_vendors_starts_anew(world: World) -> None:
    made = await template(
        world, roles={"a": {}}, settings={"region": "us"}, destinations={"rtmpDestinations": {"x": {}}}
    )
    renamed = done(await world.api.post(f"/templates/{made['id']}", json={"name": "other"}))
    assert {**renamed, "name": "class", "updated_at": made["updated_at"]} == made
    anew = done(await world.sdk.post(f"/templates/{made['id']}", json={"roles": {"b": {}}}))
    assert (anew["settings"]["region"], anew["name"], list(anew["roles"])) == ("auto", "other", ["b"])
    assert not any(anew["destinations"].values())
    await template(world)
    answer = refused(await world.api.post(f"/templates/{made['id']}", json={"name": "class"}), 400)
    assert answer["message"] == "Invalid body param: name is taken"


async def test_a_role_is_changed_in_part_here_and_as_a_whole_by_the_vendors_packages(world: World) -> None:
    made = await template(world, roles={"a": {"priority": 1, "permissions": {"mute": True}}})
    path = f"/templates/{made['id']}/roles/a"
    changed = done(await world.api.post(path, json={"publishParams": {"allowed": ["audio"], "video": {"bitRate": 9}}}))
    assert changed["publishParams"]["allowed"] == ["audio"]
    assert changed["publishParams"]["video"] == {**made["roles"]["a"]["publishParams"]["video"], "bitRate": 9}
    assert (changed["priority"], changed["permissions"]["mute"]) == (1, True)
    assert changed["subscribeParams"]["subscribeToRoles"] == ["a"]
    whole = done(await world.sdk.post(path, json={"publish_params": {"allowed": ["screen"]}}))
    assert (whole["publishParams"]["allowed"], whole["priority"]) == (["screen"], 5)
    assert whole["permissions"] == USUAL


async def test_roles_are_made_renamed_and_deleted(world: World) -> None:
    made = await template(world, roles={"a": {}})
    roles = f"/templates/{made['id']}/roles"
    assert done(await world.api.post(f"{roles}/b", json={}))["name"] == "b"
    assert done(await world.api.post(f"{roles}/b", json={"name": "c"}))["name"] == "c"
    refused(await world.api.get(f"{roles}/b"), 404)
    refused(await world.api.post(f"{roles}/c", json={"name": "a"}), 400)
    refused(await world.api.post(f"{roles}/nobody", json={"name": "d"}), 400)
    assert done(await world.api.delete(f"{roles}/c")) == {}
    refused(await world.api.delete(f"{roles}/c"), 404)
    await world.api.post(f"{roles}/d", json={})
    gone = await world.sdk.delete(f"{roles}/d")
    assert (gone.status_code, gone.content) == (204, b"")
    answer = refused(await world.api.delete(f"{roles}/a"), 400)
    assert answer["message"] == "Invalid body param: roles must leave at least one role"
    refused(await world.api.post(f"/templates/{made['id']}", json={"roles": {}}), 400)
    refused(await world.api.delete("/templates/nothing/roles/a"), 404)


async def test_the_default_template_keeps_what_people_of_every_api_stand_on(world: World) -> None:
    path = f"/templates/{await default_of(world)}"
    before = done(await world.api.get(path))
    assert "people of every API" in refused(await world.api.delete(f"{path}/roles/host"), 400)["message"]
    refused(await world.api.delete(f"{path}/roles/guest"), 400)
    refused(await world.api.post(f"{path}/roles/host", json={"permissions": {"removeOthers": False}}), 400)
    refused(await world.api.post("/templates", json={"name": "default", "roles": {"a": {}}}), 400)
    assert done(await world.api.get(path)) == before
    assert done(await world.api.delete(f"{path}/roles/viewer")) == {}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"publishParams": {"allowed": ["smell"]}}, "publishParams.allowed.0 must be 'audio', 'video', 'screen'"),
        ({"publishParams": []}, "publishParams must be an object"),
        ({"publishParams": {"audio": {"bitRate": "much"}}}, "publishParams.audio.bitRate must be an integer"),
        ({"publishParams": {"video": {"width": -1}}}, "publishParams.video.width less than 0"),
        (
            {"publishParams": {"simulcast": {"video": {"layers": [{"rid": "z"}]}}}},
            "layers.0.rid must be 'f', 'h' or 'q'",
        ),
        ({"publishParams": {"simulcast": {"video": {"layers": [{"rid": "f"}]}}}}, "scaleResolutionDownBy is required"),
        (
            {"publishParams": {"simulcast": {"video": {"layers": [{"rid": "q", "scaleResolutionDownBy": 1}] * 2}}}},
            "publishParams.simulcast.video must go down",
        ),
        ({"subscribeParams": {"subscribeToRoles": "host"}}, "subscribeParams.subscribeToRoles must be an array"),
        ({"subscribeParams": {"subscribeToRoles": [""]}}, "subscribeToRoles.0 must not be empty"),
        ({"permissions": {"mute": 1}}, "permissions.mute must be a boolean"),
        ({"priority": 1.5}, "priority must be an integer"),
        ({"maxPeerCount": -2}, "maxPeerCount less than -1"),
        ({"maxPeerCount": 10**30}, "maxPeerCount greater than 2147483647"),
        ({"name": "a/b"}, "name has a character"),
        ({"name": "x" * 65}, "name is longer than 64 characters"),
    ],
)
async def test_a_wrong_field_is_named_and_nothing_is_done(world: World, body: Json, message: str) -> None:
    made = await template(world, roles={"a": {}})
    for path, sent in ((f"/templates/{made['id']}/roles/a", body), ("/templates", {"name": "n", "roles": {"a": body}})):
        answer = refused(await world.api.post(path, json=sent), 400)
        assert message in answer["message"]
    assert done(await world.api.get(f"/templates/{made['id']}")) == made
    assert len(done(await world.api.get("/templates"))["data"]) == 2


@pytest.mark.parametrize(
    "body",
    [
        {"publishParams": {"audio": {"bitRate": 15}}},
        {"publishParams": {"video": {"frameRate": 31}}},
        {"publishParams": {"screen": {"bitRate": 499}}},
        {"subscribeParams": {"subscribeDegradation": {"packetLossThreshold": 0}}},
        {"priority": 6},
    ],
)
async def test_limits_of_the_vendors_own_pages_hold_in_its_edition_only(world: World, body: Json) -> None:
    made = await template(world, roles={"a": {}})
    refused(await world.sdk.post(f"/templates/{made['id']}/roles/a", json=body), 400)
    done(await world.api.post(f"/templates/{made['id']}/roles/a", json=body))


async def test_settings_are_kept_part_by_part_and_credentials_never_shown(world: World) -> None:
    path = f"/templates/{(await template(world))['id']}/settings"
    usual = {
        "region": "auto",
        "recording": None,
        "roomState": {"messageInterval": 5, "sendPeerList": False, "stopRoomStateOnJoin": True, "enabled": False},
        "retry": {},
    }
    assert done(await world.api.get(path)) == usual
    shown = done(await world.api.post(path, json={"recording": {"enabled": True, "upload": UPLOAD}}))
    assert shown == {**usual, "recording": {"enabled": True, "upload": {**UPLOAD, "credentials": MASKED}}}
    kept = done(await world.api.post(path, json={"region": "eu", "roomState": {"messageInterval": 10}}))
    assert (kept["region"], kept["recording"]) == ("eu", shown["recording"])
    assert done(await world.api.post(path, json=kept)) == kept
    assert "very secret" not in (await world.api.get("/templates")).text
    assert await secrets_of(world, path) == {"hms.upload.key": "AK", "hms.upload.secret": "very secret"}
    done(await world.api.post(path, json={"recording": {}}))
    assert await secrets_of(world, path) == {}
    refused(await world.api.post(path, json=kept), 400)
    refused(await world.api.post(path, json={"region": "mars"}), 400)
    refused(await world.sdk.post(path, json={"roomState": {"messageInterval": 7}}), 400)
    refused(await world.sdk.post(path, json={"recording": {"upload": {"type": "s3"}}}), 400)


async def secrets_of(world: World, path: str) -> dict[str, Any]:
    hms_id = path.split("/")[2]

    def unit(tx: Any) -> dict[str, Any]:
        return dict(tx.templates.secrets(tx.templates.by_hms_id(world.house.mine.id, hms_id).id))

    return await world.house.store.read(unit)


async def test_destinations_are_kept_kind_by_kind(world: World) -> None:
    path = f"/templates/{(await template(world))['id']}/destinations"
    hls = {
        "main": {
            "name": "main",
            "maxDuration": 60,
            "layers": [{"width": 1280, "height": 720, "videoBitrate": 1100, "audioBitrate": 32}],
            "playlistType": "event",
            "numPlaylistSegments": 12,
            "recording": {"hlsVod": True, "thumbnails": {"enabled": True, "offsets": [2], "fps": 60}},
        }
    }
    rtmp = {"tube": {"name": "tube", "rtmpUrls": ["rtmp://example.com/live/key"], "recordingEnabled": True}}
    summary = {"enabled": True, "temperature": 0.5, "sections": [{"title": "Agenda", "format": "bullets"}]}
    spoken = {"all": {"name": "all", "role": "host", "outputModes": ["txt"], "summary": summary}}
    done(await world.api.post(path, json={"hlsDestinations": hls, "transcriptions": spoken}))
    shown = done(await world.api.post(path, json={"rtmpDestinations": rtmp}))
    hidden = {"tube": {**rtmp["tube"], "rtmpUrls": ["rtmp://example.com/live/****"]}}
    assert (shown["hlsDestinations"], shown["rtmpDestinations"], shown["transcriptions"]) == (hls, hidden, spoken)
    assert done(await world.api.get(path)) == shown
    refused(await world.api.post(path, json={"hlsDestinations": {"x": {"playlistType": "vod"}}}), 400)
    refused(await world.api.post(path, json={"rtmpDestinations": {"x": {"rtmpUrls": ["u"] * 6}}}), 400)
    refused(await world.api.post(path, json={"hlsDestinations": {str(one): {} for one in range(21)}}), 400)


async def test_keys_of_rtmp_destinations_are_sealed_and_stay_where_what_is_shown_comes_back(world: World) -> None:
    made = await template(world)
    path = f"/templates/{made['id']}/destinations"
    urls = ["rtmp://example.com/live/sesame-1", "no address: sesame-2"]
    hidden = ["rtmp://example.com/live/****", "********"]

    async def put(*addresses: str) -> list[str]:
        body = {"rtmpDestinations": {"tube": {"rtmpUrls": addresses}}}
        shown: list[str] = done(await world.api.post(path, json=body))["rtmpDestinations"]["tube"]["rtmpUrls"]
        return shown

    assert await put(*urls) == hidden
    assert await secrets_of(world, path) == {"hms.rtmp.0.tube": urls[0], "hms.rtmp.1.tube": urls[1]}
    assert await put(*hidden) == hidden
    assert await put(hidden[0], urls[0]) == [hidden[0]] * 2
    assert await secrets_of(world, path) == {"hms.rtmp.0.tube": urls[0], "hms.rtmp.1.tube": urls[0]}
    assert "sesame" not in (await world.api.get(f"/templates/{made['id']}")).text
    answer = await world.api.post(path, json={"rtmpDestinations": {"other": {"rtmpUrls": hidden[:1]}}})
    assert "rtmpUrls" in refused(answer, 400)["message"]
    done(await world.api.post(path, json={"rtmpDestinations": {}}))
    assert await secrets_of(world, path) == {}


async def test_recordings_are_one_way_of_a_role_that_is_there(world: World) -> None:
    path = f"/templates/{(await template(world))['id']}/recordings"
    way = {
        "name": "default",
        "role": "host",
        "maxDuration": 1800,
        "compositeRecording": {"browserComposite": {"autoStart": True, "width": 1920}},
        "trackRecording": {"enabled": True},
    }
    assert (await world.sdk.get(path)).json() == []
    assert (await world.sdk.post(path, json=[way])).json() == [way]
    assert (await world.api.get(path)).json() == [way]
    refused(await world.sdk.post(path, json=[{**way, "role": "nobody"}]), 400)
    refused(await world.sdk.post(path, json=[way, way]), 400)
    refused(await world.sdk.post(path, json=way), 400)
    refused(await world.sdk.post(path, content=b"["), 400)


async def test_what_grows_too_large_is_refused(world: World) -> None:
    names = [f"{number:064}" for number in range(100)]
    role = {"subscribeParams": {"subscribeToRoles": names}}
    refused(await world.api.post("/templates", json={"name": "n", "roles": dict.fromkeys(names[:30], role)}), 400)
    refused(await world.api.post("/templates", json={"name": "n", "roles": {str(one): {} for one in range(101)}}), 400)


async def test_as_many_may_be_in_with_a_role_as_it_says(world: World) -> None:
    made = await template(world, roles={"host": {}, "seat": {"maxPeerCount": 1}, "nobody": {"maxPeerCount": -1}})
    room = await world.room(template_id=made["id"])
    codes = await world.codes(room)
    first = await world.enter(room, codes["seat"])
    with pytest.raises(RoleFull):
        await world.enter(room, codes["seat"])
    with pytest.raises(RoleFull):
        await world.enter(room, codes["nobody"])
    host = await world.enter(room, codes["host"])
    people = world.house.people
    with pytest.raises(RoleFull):
        await people.change_role(world.house.mine.id, room["id"], host.participant.id, "seat")
    await world.house.leave(first)
    changed = await people.change_role(world.house.mine.id, room["id"], host.participant.id, "seat")
    assert (changed.role, changed.label) == ("seat", "host")


async def test_a_deleted_role_lets_nobody_in_and_leaves_people_as_they_are(world: World) -> None:
    made = await template(world, roles={"host": {}, "guest": {"permissions": {"mute": True}}})
    room = await world.room(template_id=made["id"])
    codes = await world.codes(room)
    inside = await world.enter(room, codes["guest"])
    done(await world.api.delete(f"/templates/{made['id']}/roles/guest"))
    with pytest.raises(AdmissionRefused):
        await world.enter(room, codes["guest"])
    still = await world.house.store.read(lambda tx: tx.sessions.participant(inside.participant.id))
    assert still is not None and still.left_at is None and still.permissions.mute
