"""`/active-rooms`, to read. Source: the document's "Active Rooms", the vendor's "Active room object" and siblings."""

from fastapi import Request, Response
from starlette.responses import JSONResponse

from polyroom.dialects.common.documents import parameter
from polyroom.dialects.common.routing import resource
from polyroom.dialects.hms.answers import ActiveRoom, Peer, answers, filters
from polyroom.dialects.hms.desk import Desk, desk_of
from polyroom.dialects.hms.query import Asked
from polyroom.dialects.hms.views import active_room_fields, peer_fields, vendors_active_room_fields
from polyroom.domain.account import Account
from polyroom.domain.errors import NotFound
from polyroom.services.sessions import Attendant, LiveRoom

router = resource("Active Rooms")


@router.get(
    "/active-rooms/{room_id}",
    operation_id="retrieveActiveRoom",
    summary="Retrieve an active room",
    response_class=Response,
    responses=answers(ActiveRoom, "The room and who is in it", 404),
)
async def retrieve_active_room(request: Request, room_id: str) -> Response:
    """A room somebody is in; an empty one is not found."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    live = await live_room(desk, account, room_id)
    assert live.session is not None
    details = await desk.rooms.get(account.id, str(live.room.id), names=True)
    if desk.is_sdk:
        return JSONResponse(vendors_active_room_fields(details, live.session, live.attendants, account))
    recorded = await desk.recorded.runs_in(live.room.id)
    streamed = await desk.streamed.runs_in(live.room.id) or bool(await desk.restreamed.of_room(live.room.id))
    fields = active_room_fields(details, live.session, live.attendants, recorded=recorded, streamed=streamed)
    return JSONResponse(fields)


@router.get(
    "/active-rooms/{room_id}/peers",
    operation_id="listPeers",
    summary="List peers",
    response_class=Response,
    responses=answers(dict[str, Peer], "Peers by their ids; at /100ms/sdk/v2 under `peers`, without tracks", 404),
    openapi_extra=filters(
        parameter("user_id", "string", "Peers with that id of the application's own.", "student-3461"),
        parameter("role", "string", "Peers with that role.", "host"),
    ),
)
async def list_peers(request: Request, room_id: str) -> Response:
    """Who is in the room."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    asked = Asked(request)
    user_id, role = asked.text("user_id"), asked.text("role")
    peers = {
        str(one.participant.id): peer_fields(one, tracks=not desk.is_sdk)
        for one in (await live_room(desk, account, room_id)).attendants
        if user_id in {None, one.participant.user_id} and role in {None, one.participant.role}
    }
    return JSONResponse({"peers": peers} if desk.is_sdk else peers)


@router.get(
    "/active-rooms/{room_id}/peers/{peer_id}",
    operation_id="retrievePeer",
    summary="Retrieve a peer",
    response_class=Response,
    responses=answers(Peer, "The peer and what it publishes", 404),
)
async def retrieve_peer(request: Request, room_id: str, peer_id: str) -> Response:
    """One peer with its tracks."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    return JSONResponse(peer_fields(found_peer(await live_room(desk, account, room_id), peer_id)))


async def live_room(desk: Desk, account: Account, room_id: str) -> LiveRoom:
    """A room somebody is in; NotFound that names "room" or "active session"."""
    live = await desk.sessions.live(account.id, room_id)
    if live.session is None:
        raise NotFound("active session")
    return live


def found_peer(live: LiveRoom, peer_id: str) -> Attendant:
    """Somebody visible in the room; NotFound("peer")."""
    found = next((one for one in live.attendants if str(one.participant.id) == peer_id.lower()), None)
    if found is None:
        raise NotFound("peer")
    return found
