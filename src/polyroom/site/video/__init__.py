"""The origin of live streams: HLS with low-latency parts and low-delay DASH at `/video/{application}/{stream}/…`."""

from polyroom.site.video.origin import Origin

__all__ = ["Origin"]
