"""The StreamWise VPaaS rooms API. Source: the vendor's documents "Rooms", "API Resources" and "Authentication"."""

from polyroom.dialects.streamwise.admission import StreamwiseVerifier
from polyroom.dialects.streamwise.app import streamwise_app
from polyroom.dialects.streamwise.ingest import StreamwiseIngest, StreamwiseStreamKeys
from polyroom.dialects.streamwise.recording_wishes import wishes_of as streamwise_wishes

__all__ = ["StreamwiseIngest", "StreamwiseStreamKeys", "StreamwiseVerifier", "streamwise_app", "streamwise_wishes"]
