"""`/rooms/{room_id}/videos`: what was uploaded into a video room. Source: Rooms document, "Stream Video"."""

from fastapi import Request, Response

from polyroom.dialects.common.routing import resource
from polyroom.dialects.streamwise import answers
from polyroom.dialects.streamwise.desk import desk_of
from polyroom.dialects.streamwise.documents import FILTER, PAGING
from polyroom.dialects.streamwise.documents import answers as described
from polyroom.dialects.streamwise.paging import arranged
from polyroom.dialects.streamwise.query import kept_fields, shown
from polyroom.dialects.streamwise.schemas import RoomVideoAnswer, RoomVideoList
from polyroom.dialects.streamwise.views import video_fields

router = resource("Room videos")

_SORTABLE = {name: name for name in ("id", "file_name", "status", "created_at", "updated_at")}


@router.get(
    "/rooms/{room_id}/videos",
    operation_id="listRoomVideos",
    summary="List a room's videos",
    response_class=Response,
    responses=described(200, RoomVideoList, "The videos"),
    openapi_extra={"parameters": [*PAGING, FILTER]},
)
async def list_videos(request: Request, room_id: str) -> Response:
    """The video that is shown, those that are on their way, and the last one that failed; latest first."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    room, found = await desk.videos.list(account.id, room_id)
    fields = [video_fields(one.video, room.streamwise_id, one.offset, one.progress) for one in found]
    items, pages = arranged(request, fields, _SORTABLE)
    return answers.many(items, pagination=pages)


@router.get(
    "/rooms/{room_id}/videos/{video_id}",
    operation_id="getRoomVideo",
    summary="Fetch a video",
    response_class=Response,
    responses=described(200, RoomVideoAnswer, "The video"),
    openapi_extra={"parameters": [FILTER]},
)
async def get_video(request: Request, room_id: str, video_id: str) -> Response:
    """One video, with how far it is."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    room, one = await desk.videos.get(account.id, room_id, video_id)
    fields = video_fields(one.video, room.streamwise_id, one.offset, one.progress)
    return answers.one(shown(fields, kept_fields(request.query_params)))


@router.delete(
    "/rooms/{room_id}/videos/{video_id}",
    operation_id="deleteRoomVideo",
    summary="Delete a video",
    status_code=204,
    response_class=Response,
    responses=described(204, None, "The video is gone"),
)
async def delete_video(request: Request, room_id: str, video_id: str) -> Response:
    """Delete a video with its files; whoever watches it sees what their player has loaded, and no more."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    await desk.videos.remove(account.id, room_id, video_id)
    return answers.nothing()
