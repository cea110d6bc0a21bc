"""`/templates`, to read. Source: the document's "Policy", the vendor's "List all templates" and its siblings."""

from fastapi import Request, Response
from starlette.responses import JSONResponse

from polyroom.dialects.common.routing import resource
from polyroom.dialects.hms.answers import LIMIT, START, Role, Template, TemplateList, answers, filters
from polyroom.dialects.hms.desk import desk_of
from polyroom.dialects.hms.query import Asked
from polyroom.dialects.hms.roles import role_fields, template_fields
from polyroom.domain.errors import NotFound

router = resource("Policy")


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
    template = await desk.templates.get(account.id, template_id)
    role = next((one for one in template.roles if one.name == role_name), None)
    if role is None:
        raise NotFound("role")
    return JSONResponse(role_fields(role, template.roles))
