"""Live streams on the disk: CMAF segments that grow by parts, for HLS and DASH alike (`wire/live_index.py`)."""

from polyroom.egress.packaging.writer import PackageWriter, Rendition, add_metadata

__all__ = ["PackageWriter", "Rendition", "add_metadata"]
