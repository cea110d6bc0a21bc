"""Every path of this part, in one list."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from starlette.routing import BaseRoute, Mount, Route

from polyroom.services.entrance import Entrance
from polyroom.site.broadcast import Broadcasting
from polyroom.site.documents import Documents
from polyroom.site.headers import CONSOLE_HEADERS
from polyroom.site.health import Check, Health
from polyroom.site.history import History
from polyroom.site.hosting import Hosting
from polyroom.site.meet import Desk
from polyroom.site.metrics import Metrics
from polyroom.site.pages import CONSOLE_PAGE, HOME_PAGE, MEETING_PAGE, STATIC, Assets, icon, page
from polyroom.site.polls import Polls


def site_routes(
    *,
    entrance: Entrance,
    history: History,
    hosting: Hosting,
    polls: Polls,
    broadcasting: Broadcasting,
    base_url: str,
    public_url: str | None,
    metrics: Metrics,
    checks: Mapping[str, Check],
    documents: Mapping[str, Callable[[], Mapping[str, Any]]],
    console: Sequence[BaseRoute],
    recorded: Sequence[BaseRoute] = (),
    watching: Sequence[BaseRoute] = (),
    pages: Path = STATIC,
) -> list[BaseRoute]:
    """The pages, the way in, health, numbers and API pages.

    Args:
        entrance: the admission desk.
        history: the chat so far.
        hosting: what those in charge do.
        polls: polls for people inside.
        broadcasting: what people inside let out.
        base_url: what links start with.
        public_url: the configured public address, None when there is none.
        metrics: the numbers `/metrics` shows.
        checks: the parts `/readyz` asks, by name.
        documents: makers of the OpenAPI documents by the dialects' public names.
        console: the routes of the console's API.
        recorded: the route of signed links to files.
        watching: what players of videos ask for.
        pages: the folder of the built pages.
    """
    meeting = page(pages, MEETING_PAGE)
    console_page = page(pages, CONSOLE_PAGE, CONSOLE_HEADERS)
    return [
        Route("/", page(pages, HOME_PAGE)),
        # The page asks the lobby itself: an unknown room and a wrong slug are told there, in words.
        Route("/rooms/{room_id}", meeting),
        Route("/rooms/{room_id}/{slug}", meeting),
        *Desk(entrance, public_url, base_url).routes(),
        *history.routes(),
        *hosting.routes(),
        *recorded,
        *watching,
        *polls.routes(),
        *broadcasting.routes(),
        *console,
        # What is shown below it is the page's own business.
        Route("/console", console_page),
        Route("/console/{rest:path}", console_page),
        *Health(metrics, checks).routes(),
        *Documents(documents).routes(),
        Route("/favicon.ico", icon),
        Mount("/static", Assets(pages)),
    ]
