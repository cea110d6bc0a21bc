"""The built pages and their files."""

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from polyroom.site.headers import PAGE_HEADERS

Endpoint = Callable[[Request], Awaitable[Response]]

STATIC = Path(__file__).parent / "static"
"""Where web/ builds to."""

HOME_PAGE = "home.html"
MEETING_PAGE = "meeting.html"
CONSOLE_PAGE = "console.html"

_FOREVER = "public, max-age=31536000, immutable"

_NOT_BUILT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>polyroom</title>
<h1>The pages are not built</h1><p>Run <code>make serve</code> in the project's folder; it builds them.</p></html>"""

_ICON = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7"
fill="#1f5eff"/><rect x="6" y="10" width="13" height="12" rx="3" fill="#fff"/><path d="M21 14l6-4v12l-6-4z"
fill="#fff"/></svg>"""


def page(folder: Path, name: str, headers: Mapping[str, str] = PAGE_HEADERS) -> Endpoint:
    """An endpoint that answers with one built page, or says that it is not built."""

    async def endpoint(_request: Request) -> Response:
        path = folder / name
        if not path.is_file():
            return HTMLResponse(_NOT_BUILT, 503, headers=headers)
        return FileResponse(path, media_type="text/html", headers=headers)

    return endpoint


async def icon(_request: Request) -> Response:
    """The icon browsers ask for by themselves."""
    headers = PAGE_HEADERS | {"cache-control": "public, max-age=86400"}
    return Response(_ICON, media_type="image/svg+xml", headers=headers)


class Assets(StaticFiles):
    """The pages' files. What has a hash in its name, which is all below assets/, never changes."""

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder, check_dir=False)

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers.update(PAGE_HEADERS)
        if path.startswith("assets/") and response.status_code in {200, 206, 304}:
            response.headers["cache-control"] = _FOREVER
        return response
