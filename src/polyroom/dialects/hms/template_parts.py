"""Settings, destinations and recordings of a template. Source: the document's "Policy"; Configure recordings."""

from typing import Any

from fastapi import Request, Response
from starlette.responses import JSONResponse

from polyroom.dialects.common.documents import takes
from polyroom.dialects.common.routing import resource
from polyroom.dialects.hms.answers import answers
from polyroom.dialects.hms.desk import desk_of
from polyroom.dialects.hms.reading import read_body, read_list
from polyroom.dialects.hms.recording_configs import RecordingConfig, Recordings
from polyroom.dialects.hms.roles import destinations_fields, settings_fields
from polyroom.dialects.hms.template_changes import with_destinations, with_recordings, with_settings
from polyroom.dialects.hms.template_settings import Destinations, Settings

router = resource("Policy")

_SETTINGS = {"region": "eu", "roomState": {"messageInterval": 5, "enabled": True}}
_DESTINATIONS = {"hlsDestinations": {"main": {"name": "main", "layers": [{"width": 1280, "height": 720}]}}}
_RECORDING = {"name": "default", "role": "host", "trackRecording": {"enabled": True}}
_LIST = {"type": "array", "maxItems": 1, "items": {"$ref": "#/components/schemas/RecordingConfig"}}


@router.get(
    "/templates/{template_id}/settings",
    operation_id="retrieveSettings",
    summary="Retrieve settings",
    response_class=Response,
    responses=answers(dict[str, Any], "The settings; credentials as asterisks", 404),
)
async def retrieve_settings(request: Request, template_id: str) -> Response:
    """A template's settings."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    return JSONResponse(settings_fields(await desk.templates.get(account.id, template_id)))


@router.post(
    "/templates/{template_id}/settings",
    operation_id="updateSettings",
    summary="Update settings",
    response_class=Response,
    responses=answers(dict[str, Any], "The settings; credentials as asterisks", 400, 404, 413),
    openapi_extra=takes(Settings, _SETTINGS),
)
async def update_settings(request: Request, template_id: str) -> Response:
    """Change settings. A part that is given replaces the one that was there, the others stay."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    body = await read_body(request, Settings, sdk=desk.is_sdk)
    return JSONResponse(settings_fields(await desk.templates.change(account.id, template_id, with_settings(body))))


@router.get(
    "/templates/{template_id}/destinations",
    operation_id="retrieveDestinations",
    summary="Retrieve destinations",
    response_class=Response,
    responses=answers(dict[str, Any], "The destinations by kind and name", 404),
)
async def retrieve_destinations(request: Request, template_id: str) -> Response:
    """A template's destinations."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    return JSONResponse(destinations_fields(await desk.templates.get(account.id, template_id)))


@router.post(
    "/templates/{template_id}/destinations",
    operation_id="updateDestinations",
    summary="Update destinations",
    response_class=Response,
    responses=answers(dict[str, Any], "The destinations by kind and name", 400, 404, 413),
    openapi_extra=takes(Destinations, _DESTINATIONS),
)
async def update_destinations(request: Request, template_id: str) -> Response:
    """Change destinations. A kind that is given replaces the one that was there, the others stay."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    body = await read_body(request, Destinations, sdk=desk.is_sdk)
    changed = await desk.templates.change(account.id, template_id, with_destinations(body))
    return JSONResponse(destinations_fields(changed))


@router.get(
    "/templates/{template_id}/recordings",
    operation_id="retrieveRecordings",
    summary="Retrieve how rooms are recorded",
    response_class=Response,
    responses=answers(list[RecordingConfig], "One way of recording, or none", 404),
)
async def retrieve_recordings(request: Request, template_id: str) -> Response:
    """How a template's rooms are recorded."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    found = await desk.templates.get(account.id, template_id)
    return JSONResponse(found.hms.get("recordings", []))


@router.post(
    "/templates/{template_id}/recordings",
    operation_id="configureRecordings",
    summary="Configure how rooms are recorded",
    response_class=Response,
    responses=answers(list[RecordingConfig], "One way of recording, or none", 400, 404, 413),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": _LIST, "example": [_RECORDING]}},
        }
    },
)
async def configure_recordings(request: Request, template_id: str) -> Response:
    """Set how a template's rooms are recorded; the body is an array of at most one way."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    body = await read_list(request, Recordings, "recordings", sdk=desk.is_sdk)
    changed = await desk.templates.change(account.id, template_id, with_recordings(body))
    return JSONResponse(changed.hms["recordings"])
