"""`/active-rooms`, to act on. Source: the document's "Active Rooms", the vendor's "Update a peer", "Remove peers", "End
active room".
"""

from fastapi import Request, Response
from starlette.responses import JSONResponse

from polyroom.dialects.common.documents import takes
from polyroom.dialects.common.routing import resource
from polyroom.dialects.hms.active_rooms import found_peer, live_room
from polyroom.dialects.hms.answers import Done, Peer, answers
from polyroom.dialects.hms.bodies import EndRoom, PeerUpdate, RemovePeers
from polyroom.dialects.hms.desk import Desk, desk_of
from polyroom.dialects.hms.errors import ApiError
from polyroom.dialects.hms.reading import read_body
from polyroom.dialects.hms.views import peer_fields
from polyroom.domain.errors import NotFound
from polyroom.domain.session import Participant
from polyroom.services.moderation import in_active_room
from polyroom.services.sessions import Attendant
from polyroom.services.unset import UNSET

router = resource("Active Rooms")


@router.post(
    "/active-rooms/{room_id}/peers/{peer_id}",
    operation_id="updatePeer",
    summary="Update a peer",
    response_class=Response,
    responses=answers(Peer, "The peer and what it publishes", 400, 403, 404, 413),
    openapi_extra=takes(PeerUpdate, {"name": "Ada", "role": "guest", "metadata": '{"seat":7}'}),
)
async def update_peer(request: Request, room_id: str, peer_id: str) -> Response:
    """Change a peer's name, role or metadata while it is in; its client follows at once."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    body = await read_body(request, PeerUpdate, sdk=desk.is_sdk)
    one = found_peer(await live_room(desk, account, room_id), peer_id).participant
    if body.role is not None and body.role != one.role:
        await _change_role(desk, room_id, one, body.role)
    if body.given("name") is not UNSET or body.given("metadata") is not UNSET:
        await desk.people.change(one.id, name=body.given("name"), metadata=body.given("metadata"))
    return JSONResponse(peer_fields(found_peer(await live_room(desk, account, room_id), peer_id)))


@router.post(
    "/active-rooms/{room_id}/remove-peers",
    operation_id="removePeers",
    summary="Remove peers",
    response_class=Response,
    responses=answers(Done, "They are out", 400, 404, 413),
    openapi_extra=takes(RemovePeers, {"role": "guest", "reason": "class dismissed"}),
)
async def remove_peers(request: Request, room_id: str) -> Response:
    """Put one peer out, or all of a role; `peer_id` goes before `role`."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    body = await read_body(request, RemovePeers, sdk=desk.is_sdk)
    peer_id, role = body.peer_id and body.peer_id.lower(), body.role

    def meant(one: Attendant) -> bool:
        return str(one.participant.id) == peer_id if peer_id else one.participant.role == role

    removed = await desk.moderation.remove(in_active_room(account.id, room_id), meant, said=body.reason or "")
    if peer_id and not removed.attendants:
        raise NotFound("peer")
    return _done(desk, "peer remove request submitted")


@router.post(
    "/active-rooms/{room_id}/end-room",
    operation_id="endActiveRoom",
    summary="End an active room",
    response_class=Response,
    responses=answers(Done, "The session is over", 400, 404, 413),
    openapi_extra=takes(EndRoom, {"reason": "class dismissed", "lock": False}, required=False),
)
async def end_room(request: Request, room_id: str) -> Response:
    """End the running session: everybody is out. With `lock` the room is disabled, so that nobody comes back."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    body = await read_body(request, EndRoom, sdk=desk.is_sdk, empty=True)
    where = in_active_room(account.id, room_id)
    await desk.moderation.end(where, lock=bool(body.lock), said=body.reason or "")
    return _done(desk, "session is ending")


async def _change_role(desk: Desk, room_id: str, one: Participant, role: str) -> None:
    """First of the changes, since it alone may be refused."""
    try:
        await desk.people.change_role(one.account_id, room_id, one.id, role)
    except NotFound as error:
        if error.noun != "role":
            raise
        raise ApiError(400, "Invalid body param: role is unknown", ["role is none of the room's template"]) from None


def _done(desk: Desk, message: str) -> Response:
    """The document's answer is an empty object, the vendor's has a message."""
    return JSONResponse({"message": message} if desk.is_sdk else {})
