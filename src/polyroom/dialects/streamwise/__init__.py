"""The StreamWise VPaaS rooms API. Source: the vendor's documents "Rooms", "API Resources" and "Authentication"."""

from polyroom.dialects.streamwise.admission import StreamwiseVerifier
from polyroom.dialects.streamwise.app import streamwise_app

__all__ = ["StreamwiseVerifier", "streamwise_app"]
