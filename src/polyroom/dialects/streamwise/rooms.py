"""`/rooms`. Source: Rooms document, "Room Management"."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from fastapi import Request, Response

from polyroom.dialects.common.documents import takes
from polyroom.dialects.common.routing import resource
from polyroom.dialects.streamwise import answers
from polyroom.dialects.streamwise.body import read_body
from polyroom.dialects.streamwise.desk import Desk, desk_of
from polyroom.dialects.streamwise.destinations import split_destinations
from polyroom.dialects.streamwise.documents import FILTER, INCLUDE, PAGING, SEARCH
from polyroom.dialects.streamwise.documents import answers as described
from polyroom.dialects.streamwise.paging import PageAsked, page_asked, pagination
from polyroom.dialects.streamwise.query import ROOM_FIELDS, conditions, included, kept_fields, order, shown
from polyroom.dialects.streamwise.schemas import RoomAnswer, RoomCreate, RoomList, RoomUpdate
from polyroom.dialects.streamwise.values import RoomState
from polyroom.dialects.streamwise.views import Fields, code_fields, room_fields, token_fields
from polyroom.domain.account import Account, Dialect
from polyroom.domain.features import CAPACITY_FEATURE
from polyroom.domain.room import slugify
from polyroom.services.ports.store import RoomSearch
from polyroom.services.room_changes import NewRoom, RoomChange
from polyroom.services.rooms import RoomDetails
from polyroom.services.unset import UNSET, Unset

router = resource("Rooms")

_RESERVED_SLUGS = frozenset({"status", "tokens", "access-codes", "videos", "uploads"})
_HIGHEST_CAPACITY = 2**31 - 1
_PART = 500


@router.post(
    "/rooms",
    operation_id="createRoom",
    summary="Create a room",
    status_code=201,
    response_class=Response,
    responses=described(201, RoomAnswer, "The room", body=True),
    openapi_extra=takes(RoomCreate, {"room_name": "Business Meeting", "room_type": "meet"}),
)
async def create_room(request: Request) -> Response:
    """Make a room; without a subscription it gets the default one of its type."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    body = await read_body(request, RoomCreate)
    overrides, capacity = _split_features(body.room_features or {})
    settings, secrets = split_destinations(body.room_settings or {})
    new = NewRoom(
        title=body.room_name,
        slug=free_slug(body.slug or body.room_name),
        kind=body.room_type,
        subscription=body.subscription_id,
        enabled=body.status is not RoomState.INACTIVE,
        is_public=bool(body.is_public),
        capacity=None if isinstance(capacity, Unset) else capacity,
        feature_overrides=overrides,
        settings=settings,
        metadata=body.room_metadata or {},
        secrets=secrets,
    )
    return await _answer(request, desk, account, await desk.rooms.create(account.id, new), 201)


@router.get(
    "/rooms",
    operation_id="listRooms",
    summary="List rooms",
    response_class=Response,
    responses=described(200, RoomList, "A page of rooms"),
    openapi_extra={"parameters": [*PAGING, SEARCH, FILTER, INCLUDE]},
)
async def list_rooms(request: Request) -> Response:
    """A page of the account's rooms, oldest first unless asked otherwise."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    page, query = page_asked(request), request.query_params
    order_by, descending = order(query, ROOM_FIELDS, "created_at")
    any_of = conditions(query)
    if not page.limit or page.limit > _PART:
        return await _streamed(request, desk, account, page, RoomSearch(any_of, order_by, descending))
    found = await desk.rooms.search(account.id, RoomSearch(any_of, order_by, descending, page.offset, page.limit))
    items = await _shown(request, desk, account, found.items)
    return answers.many(items, answers.ROOM_INCLUDES, pagination(request, page, found.total, len(items)))


@router.get(
    "/rooms/{room_id}",
    operation_id="getRoom",
    summary="Fetch a room",
    response_class=Response,
    responses=described(200, RoomAnswer, "The room"),
    openapi_extra={"parameters": [FILTER, INCLUDE]},
)
async def get_room(request: Request, room_id: str) -> Response:
    """One room by its id, uuid or ulid."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    return await _answer(request, desk, account, await desk.rooms.get(account.id, room_id))


@router.patch(
    "/rooms/{room_id}",
    operation_id="updateRoom",
    summary="Edit a room",
    response_class=Response,
    responses=described(200, RoomAnswer, "The room", body=True),
    openapi_extra=takes(RoomUpdate, {"room_name": "Board meeting", "room_settings": {"description": "Monthly"}}),
)
async def update_room(request: Request, room_id: str) -> Response:
    """Change a room; people are put out when it becomes inactive."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    body = await read_body(request, RoomUpdate)
    given = body.given
    features, metadata, state, slug = (given(f) for f in ("room_features", "room_metadata", "status", "slug"))
    overrides, capacity = _split_features({} if features is UNSET else features)
    settings: Mapping[str, Any] | Unset = given("room_settings")
    secrets: Mapping[str, Any] = {}
    if not isinstance(settings, Unset) and settings:
        known = (await desk.rooms.get(account.id, room_id)).room
        settings, secrets = split_destinations(settings, known.settings)
    change = RoomChange(
        title=given("room_name"),
        slug=slug if slug is UNSET else free_slug(slug),
        kind=given("room_type"),
        subscription=given("subscription_id"),
        enabled=state if state is UNSET else state is RoomState.ACTIVE,
        is_public=given("is_public"),
        capacity=capacity,
        feature_overrides=overrides,
        settings=settings,
        secrets=secrets,
        metadata={} if metadata is None else metadata,
        put_out=True,
    )
    return await _answer(request, desk, account, await desk.rooms.update(account.id, room_id, change))


@router.delete(
    "/rooms/{room_id}",
    operation_id="deleteRoom",
    summary="Delete a room",
    status_code=204,
    response_class=Response,
    responses=described(204, None, "The room is gone"),
)
async def delete_room(request: Request, room_id: str) -> Response:
    """Delete a room with its tokens and codes; people are put out."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    await desk.rooms.delete(account.id, room_id)
    return answers.nothing()


def free_slug(text: str) -> str:
    """A slug that is none of the API's own words behind `/rooms/{room_id}/`."""
    slug = slugify(text)
    return f"{slug}-room" if slug in _RESERVED_SLUGS else slug


def _split_features(features: Mapping[str, Any]) -> tuple[dict[str, Any], int | Unset | None]:
    """The overrides without the one that is the room's capacity, and that; of another type it is ignored."""
    overrides = dict(features)
    wanted = overrides.pop(CAPACITY_FEATURE, UNSET)
    if wanted is None:
        return overrides, None
    if isinstance(wanted, int) and not isinstance(wanted, bool) and wanted > 0:
        return overrides, min(wanted, _HIGHEST_CAPACITY)
    return overrides, UNSET


async def _answer(request: Request, desk: Desk, account: Account, details: RoomDetails, status: int = 200) -> Response:
    items = await _shown(request, desk, account, [details])
    return answers.one(items[0], status, answers.ROOM_INCLUDES)


async def _shown(request: Request, desk: Desk, account: Account, rooms: Sequence[RoomDetails]) -> list[Fields]:
    query, url = request.query_params, desk.public_url()
    kept, asked = kept_fields(query), included(query)
    if not asked:
        return [shown(room_fields(one, account, url, desk.ingest.fields(one.room)), kept) for one in rooms]
    tokens, codes = await desk.admissions.of_rooms([one.room.id for one in rooms], Dialect.STREAMWISE)
    items = []
    for one in rooms:
        more: dict[str, list[Fields]] = {}
        if "tokens" in asked:
            more["tokens"] = [token_fields(one.room, token, url) for token in tokens[one.room.id]]
        if "access_codes" in asked:
            more["access_codes"] = [code_fields(code) for code in codes[one.room.id]]
        items.append(shown(room_fields(one, account, url, desk.ingest.fields(one.room)), kept, more))
    return items


async def _streamed(request: Request, desk: Desk, account: Account, page: PageAsked, search: RoomSearch) -> Response:
    """All rooms, or a page too long to hold, part by part."""
    end = page.offset + page.limit if page.limit else None

    def part(done: int, after: UUID | None) -> RoomSearch:
        length = _PART if end is None else min(_PART, end - done)
        return replace(search, offset=0 if after else page.offset, limit=length, after=after)

    done = page.offset
    first = await desk.rooms.search(account.id, part(done, None))

    async def parts() -> AsyncIterator[list[Fields]]:
        nonlocal done
        found = first
        while found.items:
            yield await _shown(request, desk, account, found.items)
            done += len(found.items)
            if len(found.items) < _PART or (end is not None and done >= end):
                return
            found = await desk.rooms.search(account.id, part(done, found.items[-1].room.id))

    meta: Fields = {"include": list(answers.ROOM_INCLUDES), "custom": []}
    if page.limit:
        count = max(0, min(page.limit, first.total - page.offset))
        meta["pagination"] = pagination(request, page, first.total, count)
    return answers.streamed(parts(), meta)
