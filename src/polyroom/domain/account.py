"""Tenants, their keys, and their StreamWise subscriptions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from polyroom.domain.features import Feature
from polyroom.domain.room import RoomKind


class Dialect(StrEnum):
    """The doors. A key, an admission and a participant's label belong to one of them."""

    HMS = "hms"
    TELNYX = "telnyx"
    PHENIX = "phenix"
    STREAMWISE = "streamwise"
    LIVEKIT = "livekit"


@dataclass(frozen=True, slots=True)
class Account:
    """A tenant: owns rooms and keys. The further ids are what the dialects show of it."""

    id: UUID
    name: str
    hms_customer_id: str
    streamwise_customer_id: str
    streamwise_account_id: str
    phenix_application_id: str
    is_default: bool
    created_at: datetime
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ApiKey:
    """One credential of a dialect.

    `public_id` is the part callers may see (access key, application id, API key); `secret` the part they prove. A pure
    bearer token (Telnyx, StreamWise) has its token as `secret` and a made-up public id.
    """

    id: UUID
    account_id: UUID
    dialect: Dialect
    public_id: str
    secret: str
    extra: Mapping[str, str]
    created_at: datetime
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a StreamWise customer may use for one room type; one per account and type is the default."""

    id: UUID
    account_id: UUID
    streamwise_id: str
    kind: RoomKind
    features: Mapping[str, Feature]
    is_default: bool
    created_at: datetime
