"""100ms: rooms, templates, room codes and active rooms at `/100ms/v2` and `/100ms/sdk/v2`.

Source: the public OpenAPI document, and where it differs the vendor's own documentation and packages.
"""

from polyroom.dialects.hms.admission import HmsVerifier
from polyroom.dialects.hms.app import hms_app
from polyroom.dialects.hms.edition import Edition
from polyroom.dialects.hms.events import HmsFormatter
from polyroom.dialects.hms.ingest import HmsIngest, HmsStreamKeys
from polyroom.dialects.hms.recording_wishes import wishes_of as hms_wishes

__all__ = ["Edition", "HmsFormatter", "HmsIngest", "HmsStreamKeys", "HmsVerifier", "hms_app", "hms_wishes"]
