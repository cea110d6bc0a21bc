"""Phenix' room API and edge tokens, at `/pcast`. Source: the vendor's "Room API" and "Using EdgeAuth" documents."""

from polyroom.dialects.phenix.admission import PhenixVerifier
from polyroom.dialects.phenix.app import phenix_app
from polyroom.dialects.phenix.events import PhenixFormatter
from polyroom.dialects.phenix.ingest import PhenixStreamKeys
from polyroom.dialects.phenix.watching import watch_judge

__all__ = ["PhenixFormatter", "PhenixStreamKeys", "PhenixVerifier", "phenix_app", "watch_judge"]
