"""`/templates`. Source: the document's "Policy", the vendor's "List all templates" and its siblings."""

from fastapi import Request, Response
from starlette.responses import JSONResponse

from polyroom.dialects.common.documents import takes
from polyroom.dialects.common.routing import resource
from polyroom.dialects.hms.answers import LIMIT, START, Template, TemplateList, answers, filters
from polyroom.dialects.hms.desk import desk_of
from polyroom.dialects.hms.query import Asked
from polyroom.dialects.hms.reading import read_body
from polyroom.dialects.hms.roles import template_fields
from polyroom.dialects.hms.template_bodies import TemplateBody
from polyroom.dialects.hms.template_changes import made, updated

router = resource("Policy")

_EXAMPLE = {"name": "webinar", "roles": {"speaker": {"priority": 1}, "listener": {"publishParams": {"allowed": []}}}}


@router.get(
    "/templates",
    operation_id="listTemplates",
    summary="List templates",
    response_class=Response,
    responses=answers(TemplateList, "A page of templates", 400),
    openapi_extra=filters(LIMIT, START),
)
async def list_templates(request: Request) -> Response:
    """A page of the account's templates, latest first."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    asked = Asked(request)
    limit = asked.limit()
    found = await desk.templates.page(account.id, asked.text("start"), limit)
    data = [template_fields(one, account, sdk=desk.is_sdk) for one in found]
    return JSONResponse({"limit": limit, "data": data, "last": data[-1]["id"] if data else ""})


@router.get(
    "/templates/{template_id}",
    operation_id="retrieveTemplate",
    summary="Retrieve a template",
    response_class=Response,
    responses=answers(Template, "The template", 404),
)
async def retrieve_template(request: Request, template_id: str) -> Response:
    """One template with its roles."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    found = await desk.templates.get(account.id, template_id)
    return JSONResponse(template_fields(found, account, sdk=desk.is_sdk))


@router.post(
    "/templates",
    operation_id="createTemplate",
    summary="Create a template",
    response_class=Response,
    responses=answers(Template, "The template", 400, 413),
    openapi_extra=takes(TemplateBody, _EXAMPLE),
)
async def create_template(request: Request) -> Response:
    """Make a template; empty roles have the vendor's defaults. The template that has the name is overwritten."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    body = await read_body(request, TemplateBody, sdk=desk.is_sdk)
    template = await desk.templates.put(account.id, body.name, made(body))
    return JSONResponse(template_fields(template, account, sdk=desk.is_sdk))


@router.post(
    "/templates/{template_id}",
    operation_id="updateTemplate",
    summary="Update a template",
    response_class=Response,
    responses=answers(Template, "The template", 400, 404, 413),
    openapi_extra=takes(TemplateBody, _EXAMPLE),
)
async def update_template(request: Request, template_id: str) -> Response:
    """Change a template, for whoever comes in from then on. What is given replaces what was there.

    What is not stays here; at /100ms/sdk/v2 settings and destinations are as new.
    """
    desk = desk_of(request)
    account = await desk.callers.of(request)
    body = await read_body(request, TemplateBody, sdk=desk.is_sdk)
    template = await desk.templates.change(account.id, template_id, updated(body, sdk=desk.is_sdk))
    return JSONResponse(template_fields(template, account, sdk=desk.is_sdk))
