"""`/rooms/{room_id}/uploads`: resumable uploads into video rooms, by tus 1.0.0.

The account's bearer may upload, and so may whoever has a moderator's room token, as the bearer of the request: browsers
send the file themselves, so these paths answer any origin.
"""

import asyncio
import functools
from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import UUID

from fastapi import Request, Response
from starlette.requests import ClientDisconnect

from polyroom.dialects.common.bearer import bearer_token
from polyroom.dialects.common.routing import resource
from polyroom.dialects.streamwise import answers, tus
from polyroom.dialects.streamwise.auth import unauthenticated
from polyroom.dialects.streamwise.desk import Desk, desk_of
from polyroom.dialects.streamwise.documents import TUS_CREATION, TUS_PIECE, TUS_VERSION
from polyroom.dialects.streamwise.documents import answers as described
from polyroom.dialects.streamwise.errors import ApiError, from_domain
from polyroom.dialects.streamwise.schemas import RoomVideoAnswer
from polyroom.dialects.streamwise.views import video_fields
from polyroom.domain.errors import AdmissionExpired, AdmissionRefused, DomainError, Invalid, NotAllowed, TooManyAttempts
from polyroom.services.ports.videos import Busy, ChecksumDiffers, NoSpace, OffsetDiffers, TooLong
from polyroom.services.uploads import TooManyUploads, Upload

router = resource("Uploads")

Handler = Callable[..., Awaitable[Response]]

_SILENCE = 30.0
"""Seconds a sender may say nothing before the request is over; the upload is gone on with by another."""

_BAD_CHECKSUM = 460
_TOO_LARGE = "The file is too large."


def _speaks_tus(handler: Handler) -> Handler:
    """Every answer, refusals too, has the protocol's headers and those that let any origin read it."""

    @functools.wraps(handler)
    async def answer(request: Request, **ids: str) -> Response:
        try:
            response = await handler(request, **ids)
        except ApiError as error:
            response = error.response()
        except DomainError as error:
            response = _refused(error).response()
        except ClientDisconnect:
            response = Response(status_code=400)
        except TimeoutError:
            response = ApiError(408, "Nothing came for too long. The upload can be gone on with.").response()
        response.headers.update({**tus.CORS, "Tus-Resumable": tus.VERSION})
        return response

    return answer


_REFUSALS: dict[type[DomainError], tuple[int, str]] = {
    Busy: (423, "Somebody sends to this upload already."),
    ChecksumDiffers: (_BAD_CHECKSUM, "The checksum differs. Nothing of the request was kept."),
    TooLong: (413, _TOO_LARGE),
    NoSpace: (507, "There is not enough room on the disk."),
    TooManyUploads: (429, "The room has too many unfinished uploads."),
    NotAllowed: (403, "This action is unauthorized."),
}


def _refused(error: DomainError) -> ApiError:
    match error:
        case OffsetDiffers(offset=offset):
            return ApiError(409, f"The upload goes on at {offset}.", headers={"Upload-Offset": str(offset)})
        case Invalid(field="bytes", rule="too_large"):
            return ApiError(413, _TOO_LARGE)
        case TooManyAttempts(retry_after=seconds):
            return ApiError(429, "Too Many Attempts.", headers={"Retry-After": str(seconds)})
        case AdmissionRefused() | AdmissionExpired():
            return unauthenticated()
    known = _REFUSALS.get(type(error))
    return ApiError(*known) if known else from_domain(error)


async def _sender(request: Request, desk: Desk, room_id: str) -> UUID:
    """The account that uploads. Raises ApiError, and what UploadService.sender raises."""
    try:
        return (await desk.callers.of(request)).id
    except ApiError:
        token = bearer_token(request)
        if not token:
            raise
        address = request.client.host if request.client else ""
        return await desk.uploads.sender(room_id, token, address)


@router.options("/rooms/{room_id}/uploads", include_in_schema=False)
@router.options("/rooms/{room_id}/uploads/{upload_id}", include_in_schema=False)
@_speaks_tus
async def say_abilities(request: Request, room_id: str, upload_id: str = "") -> Response:
    """What can be done here."""
    return Response(status_code=204, headers=tus.abilities(desk_of(request).uploads.most_bytes))


@router.post(
    "/rooms/{room_id}/uploads",
    operation_id="createRoomUpload",
    summary="Begin an upload",
    status_code=201,
    response_class=Response,
    responses=described(201, RoomVideoAnswer, "The upload; Location is its address", upload=True),
    openapi_extra=TUS_CREATION,
)
@_speaks_tus
async def create_upload(request: Request, room_id: str) -> Response:
    """Announce a file for a video room. `Upload-Metadata` may have `filename`, and `sha256` of the whole file. A body
    is taken as the first piece.
    """
    desk = desk_of(request)
    account_id = await _sender(request, desk, room_id)
    tus.check_version(request, needed=True)
    wish = tus.wish_of(request)
    begins = "content-type" in request.headers
    checksum = tus.checksum_of(request)
    if begins:
        tus.check_content(request)
    upload = await desk.uploads.create(account_id, room_id, wish)
    short_id = upload.video.short_id
    if begins:
        upload = await desk.uploads.receive(
            account_id, room_id, short_id, offset=0, chunks=_chunks(request), checksum=checksum
        )
    response = _answer(room_id, upload, 201)
    response.headers["Location"] = f"{request.scope['path'].rstrip('/')}/{short_id}"
    return response


@router.get(
    "/rooms/{room_id}/uploads/{upload_id}",
    operation_id="getRoomUpload",
    summary="Where an upload is",
    response_class=Response,
    responses=described(200, RoomVideoAnswer, "The upload; Upload-Offset is where it goes on", upload=True),
    openapi_extra={"parameters": TUS_VERSION},
)
@_speaks_tus
async def get_upload(request: Request, room_id: str, upload_id: str) -> Response:
    """HEAD, as tus asks, or GET."""
    desk = desk_of(request)
    account_id = await _sender(request, desk, room_id)
    tus.check_version(request, needed=False)
    return _answer(room_id, await desk.uploads.get(account_id, room_id, upload_id))


@router.patch(
    "/rooms/{room_id}/uploads/{upload_id}",
    operation_id="sendRoomUpload",
    summary="Send a piece",
    status_code=204,
    response_class=Response,
    responses=described(204, None, "Upload-Offset is where it goes on", upload=True),
    openapi_extra=TUS_PIECE,
)
@_speaks_tus
async def send_piece(request: Request, room_id: str, upload_id: str) -> Response:
    """The next bytes, from `Upload-Offset` on. What arrives is kept when the connection breaks, but where there is an
    `Upload-Checksum`. With the last byte the video waits to be made ready.
    """
    desk = desk_of(request)
    account_id = await _sender(request, desk, room_id)
    tus.check_version(request, needed=True)
    tus.check_content(request)
    offset, checksum = tus.number(request, "Upload-Offset"), tus.checksum_of(request)
    upload = await desk.uploads.receive(
        account_id, room_id, upload_id, offset=offset, chunks=_chunks(request), checksum=checksum
    )
    return Response(status_code=204, headers=tus.described(upload))


@router.delete(
    "/rooms/{room_id}/uploads/{upload_id}",
    operation_id="deleteRoomUpload",
    summary="Give an upload up",
    status_code=204,
    response_class=Response,
    responses=described(204, None, "The upload is gone", upload=True),
    openapi_extra={"parameters": TUS_VERSION},
)
@_speaks_tus
async def delete_upload(request: Request, room_id: str, upload_id: str) -> Response:
    """Forget an upload, and what was made of it."""
    desk = desk_of(request)
    account_id = await _sender(request, desk, room_id)
    tus.check_version(request, needed=True)
    await desk.videos.remove(account_id, room_id, upload_id)
    return answers.nothing()


_OVERRIDES: dict[str, Handler] = {"PATCH": send_piece, "DELETE": delete_upload, "HEAD": get_upload}


@router.post("/rooms/{room_id}/uploads/{upload_id}", include_in_schema=False)
async def overridden(request: Request, room_id: str, upload_id: str) -> Response:
    """For clients that can only POST: `X-HTTP-Method-Override` says what is meant."""
    meant = _OVERRIDES.get(request.headers.get("x-http-method-override", ""))
    if meant is None:
        raise ApiError(405, "X-HTTP-Method-Override must be PATCH, DELETE or HEAD.", headers={"Allow": "PATCH"})
    return await meant(request, room_id=room_id, upload_id=upload_id)


async def _chunks(request: Request) -> AsyncIterator[bytes]:
    """The body as it comes. Raises TimeoutError after a long silence, ClientDisconnect."""
    stream = request.stream()
    while True:
        async with asyncio.timeout(_SILENCE):
            chunk = await anext(stream, None)
        if chunk is None:
            return
        yield chunk


def _answer(room_id: str, upload: Upload, status: int = 200) -> Response:
    response = answers.one(video_fields(upload.video, room_id, received=upload.offset), status)
    response.headers.update(tus.described(upload))
    return response
