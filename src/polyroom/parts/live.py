"""What live streams need beside their use cases, put together. Part of the composition root."""

from polyroom.config import Settings
from polyroom.core import Core
from polyroom.dialects.phenix import watch_judge
from polyroom.services.live_leftovers import LiveLeftovers
from polyroom.services.stream_lookup import LiveStreamLookup
from polyroom.site.video import Origin


def live_origin(settings: Settings, core: Core) -> Origin:
    """Serves the streams; workers' news reach it from now on."""
    lookup = LiveStreamLookup(core.store, core.broadcaster, watch_judge(core.clock.now))
    origin = Origin(lookup, base_url=settings.base_url, now=core.clock.now)
    core.broadcaster.serve(origin.heard)
    core.on_demand.viewers = lambda stream_id: origin.audience(stream_id).now
    return origin


def live_leftovers(core: Core) -> LiveLeftovers:
    """Deletes streams that are over."""
    return LiveLeftovers(core.store, core.clock, core.broadcaster)
