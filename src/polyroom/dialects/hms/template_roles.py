"""Roles of templates. Source: the document's "Policy", the vendor's "Create/update a role" and its siblings."""

from typing import Any

from fastapi import Request, Response
from starlette.responses import JSONResponse

from polyroom.dialects.common.documents import takes
from polyroom.dialects.common.routing import resource
from polyroom.dialects.hms.answers import Role, answers
from polyroom.dialects.hms.desk import desk_of
from polyroom.dialects.hms.parts import check_role_name
from polyroom.dialects.hms.reading import read_body
from polyroom.dialects.hms.role_bodies import RoleBody
from polyroom.dialects.hms.roles import role_fields
from polyroom.dialects.hms.template_changes import with_role, without_role
from polyroom.domain.errors import NotFound
from polyroom.domain.roles import Template

router = resource("Policy")

_EXAMPLE = {"publishParams": {"allowed": ["audio"]}, "subscribeParams": {"subscribeToRoles": ["host"]}, "priority": 2}


@router.get(
    "/templates/{template_id}/roles/{role_name}",
    operation_id="retrieveRole",
    summary="Retrieve a role",
    response_class=Response,
    responses=answers(Role, "The role", 404),
)
async def retrieve_role(request: Request, template_id: str, role_name: str) -> Response:
    """One role of a template."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    return _answer(await desk.templates.get(account.id, template_id), role_name, sdk=desk.is_sdk)


@router.post(
    "/templates/{template_id}/roles/{role_name}",
    operation_id="upsertRole",
    summary="Create or update a role",
    response_class=Response,
    responses=answers(Role, "The role", 400, 404, 413),
    openapi_extra=takes(RoleBody, _EXAMPLE),
)
async def upsert_role(request: Request, template_id: str, role_name: str) -> Response:
    """Make a role or change one; a `name` in the body renames it. It holds for whoever comes in from then on."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    body = await read_body(request, RoleBody, sdk=desk.is_sdk)
    edit = with_role(check_role_name(role_name), body, sdk=desk.is_sdk)
    template = await desk.templates.change(account.id, template_id, edit)
    return _answer(template, body.name or role_name, sdk=desk.is_sdk)


@router.delete(
    "/templates/{template_id}/roles/{role_name}",
    operation_id="deleteRole",
    summary="Delete a role",
    response_class=Response,
    responses=answers(dict[str, Any], "It is gone; at /100ms/sdk/v2 without a body and with 204", 400, 404),
)
async def delete_role(request: Request, template_id: str, role_name: str) -> Response:
    """Delete a role. Nobody comes in with it any more; people inside keep what they have.

    The last role of a template stays, and the default template keeps roles for people of every API.
    """
    desk = desk_of(request)
    account = await desk.callers.of(request)
    await desk.templates.change(account.id, template_id, without_role(role_name))
    return Response(status_code=204) if desk.is_sdk else JSONResponse({})


def _answer(template: Template, name: str, *, sdk: bool) -> Response:
    role = template.role(name)
    if role is None:
        raise NotFound("role")
    return JSONResponse(role_fields(role, template.roles, sdk=sdk))
