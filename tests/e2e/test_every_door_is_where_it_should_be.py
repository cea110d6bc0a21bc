"""The mounts of one real server: prefixes, a vendor's own host name, pages, CORS."""

from pathlib import Path

import httpx
from tests.support.rooms import make_room, make_token
from tests.support.server import ServerProcess, running_server


def test_streamwise_answers_at_all_its_prefixes(server: ServerProcess) -> None:
    with server.streamwise() as api:
        room = make_room(api)
        token = api.headers["authorization"]
    for prefix in ("/streamwise", "/streamwise/v1", "/streamwise/api/v1"):
        answer = httpx.get(f"{server.url}{prefix}/rooms/{room['id']}", headers={"authorization": token})
        assert (answer.status_code, answer.json()["id"]) == (200, room["id"])
        page = httpx.get(f"{server.url}{prefix}/rooms?limit=1", headers={"authorization": token}).json()
        assert page["meta"]["pagination"]["links"] == {} or prefix in page["meta"]["pagination"]["links"]["next"]


def test_a_vendors_own_host_name_serves_its_own_paths(tmp_path: Path) -> None:
    with running_server(tmp_path / "data", "--hosts", "streamwise=api.example.test") as server:
        with server.streamwise() as api:
            room = make_room(api)
            headers = {"authorization": api.headers["authorization"], "host": "api.example.test"}
        for prefix in ("", "/v1", "/api/v1"):
            answer = httpx.get(f"{server.url}{prefix}/rooms/{room['id']}/status", headers=headers)
            assert (answer.status_code, answer.json()["status"]) == (200, "inactive"), prefix


def test_management_answers_no_other_origin_and_the_door_answers_all(server: ServerProcess) -> None:
    origin = {"origin": "https://elsewhere.example"}
    with server.streamwise() as api:
        room = make_room(api)
        token = make_token(api, room)["token"]
        assert "access-control-allow-origin" not in api.get("/rooms", headers=origin).headers
    answer = httpx.post(f"{server.url}/meet/lobby", json={"room": room["id"], "token": token}, headers=origin)
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, "*")
    assert "access-control-allow-credentials" not in answer.headers


def test_any_form_of_a_rooms_id_opens_its_page(server: ServerProcess) -> None:
    with server.streamwise() as api:
        room = make_room(api)
        token = make_token(api, room)["token"]
    for form in (room["id"], room["uuid"], room["ulid"], room["ulid"].upper()):
        page = httpx.get(f"{server.url}/rooms/{form}/anything?token={token}")
        assert page.status_code == 200
        assert page.headers["referrer-policy"] == "no-referrer"
        answer = httpx.post(f"{server.url}/meet/lobby", json={"room": form, "token": token})
        assert answer.json()["room"]["id"] == room["id"]
    assert token not in server.log()
