"""What the server shows to people and to machines that watch it: the pages, the way into a room, health, metrics.

The pages themselves are TypeScript (web/), built into `static/` here. This part neither knows a dialect nor a socket
that carries media; the composition root hands it what it needs.
"""

from polyroom.site.access import AccessLog, route_of
from polyroom.site.broadcast import Broadcasting
from polyroom.site.history import History
from polyroom.site.hosting import Hosting
from polyroom.site.metrics import Metrics
from polyroom.site.polls import Polls
from polyroom.site.recorded import Recorded
from polyroom.site.routes import site_routes
from polyroom.site.tickets import TicketDesk
from polyroom.site.watching import Watching

__all__ = [
    "AccessLog",
    "Broadcasting",
    "History",
    "Hosting",
    "Metrics",
    "Polls",
    "Recorded",
    "TicketDesk",
    "Watching",
    "route_of",
    "site_routes",
]
