"""Things to put into a store."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from polyroom.domain.account import Account, ApiKey, Dialect, Subscription
from polyroom.domain.admission import AccessCode, Admission
from polyroom.domain.events import Event, EventType
from polyroom.domain.message import Audience, Message
from polyroom.domain.recording import AssetKind, Layout, Recording, RecordingAsset, RecordingKind
from polyroom.domain.roles import DEFAULT_ROLES, RoleClass, Source, Template
from polyroom.domain.room import Room, RoomKind
from polyroom.domain.session import Participant, Session, Track, TrackKind
from polyroom.services.ports.store import RoomSearch, Store, Transaction
from polyroom.system import SystemIds

NOW = datetime(2026, 11, 24, 2, 30, 15, 123456, tzinfo=UTC)
IDS = SystemIds()
uuid = IDS.uuid


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def make_account(**more: Any) -> Account:
    fields = {
        "id": uuid(),
        "name": "Zoë's 学校",
        "hms_customer_id": IDS.hex24(),
        "streamwise_customer_id": IDS.base62(16),
        "streamwise_account_id": IDS.base62(16),
        "phenix_application_id": IDS.base62(20),
        "is_default": False,
        "created_at": NOW,
    }
    return Account(**fields | more)


def make_key(account: Account, dialect: Dialect, **more: Any) -> ApiKey:
    fields = {
        "id": uuid(),
        "account_id": account.id,
        "dialect": dialect,
        "public_id": IDS.base62(20),
        "secret": IDS.base62(43),
        "extra": {"private_key": "s3cr3t-☃"},
        "created_at": NOW,
    }
    return ApiKey(**fields | more)


def make_subscription(account: Account, kind: RoomKind = RoomKind.MEET, **more: Any) -> Subscription:
    features = {"max_participants": 7, "recording": True, "bitrate": 2.5, "plan": "größer", "none": None}
    fields = {
        "id": uuid(),
        "account_id": account.id,
        "streamwise_id": IDS.base62(16),
        "kind": kind,
        "features": features,
        "is_default": True,
        "created_at": NOW,
    }
    return Subscription(**fields | more)


def make_template(account: Account, **more: Any) -> Template:
    fields = {
        "id": uuid(),
        "account_id": account.id,
        "hms_id": IDS.hex24(),
        "name": "default",
        "roles": DEFAULT_ROLES,
        "is_default": True,
        "created_at": NOW,
        "updated_at": NOW,
    }
    return Template(**fields | more)


@dataclass(frozen=True)
class Tenant:
    """An account with what its rooms need, all of it stored."""

    account: Account
    template: Template
    subscription: Subscription

    @property
    def id(self) -> UUID:
        return self.account.id

    def room(self, title: str = "Room", **more: Any) -> Room:
        room_id = more.pop("id", None) or uuid()
        fields = {
            "id": room_id,
            "account_id": self.account.id,
            "hms_id": IDS.hex24(),
            "phenix_id": f"eu#{self.account.id}#room.{IDS.base62(12)}",
            "streamwise_id": IDS.base62(16),
            "title": title,
            "description": "",
            "template_id": self.template.id,
            "subscription_id": self.subscription.id,
            "kind": RoomKind.MEET,
            "slug": "room",
            "enabled": True,
            "is_public": False,
            "capacity": None,
            "feature_overrides": {},
            "settings": {},
            "metadata": {},
            "created_at": NOW,
            "updated_at": NOW,
        }
        return Room(**fields | more)


async def make_tenant(store: Store, **more: Any) -> Tenant:
    account = make_account(**more)
    tenant = Tenant(account, make_template(account), make_subscription(account))

    def unit(tx: Transaction) -> None:
        tx.accounts.add(account)
        tx.templates.add(tenant.template)
        tx.accounts.add_subscription(tenant.subscription)

    await store.write(unit)
    return tenant


def make_admission(room: Room, **more: Any) -> Admission:
    fields = {
        "id": uuid(),
        "short_id": IDS.base62(16),
        "account_id": room.account_id,
        "room_id": room.id,
        "dialect": Dialect.STREAMWISE,
        "label": "guest",
        "token": IDS.base62(32),
        "automatic": False,
        "expires_at": None,
        "last_usage": None,
        "created_at": NOW,
    }
    return Admission(**fields | more)


def make_code(room: Room, code: str, **more: Any) -> AccessCode:
    fields = {
        "id": uuid(),
        "short_id": IDS.base62(16),
        "account_id": room.account_id,
        "room_id": room.id,
        "label": "attendee",
        "code": code,
        "expires_at": None,
        "last_usage": None,
        "created_at": NOW,
    }
    return AccessCode(**fields | more)


def make_session(room: Room, **more: Any) -> Session:
    session_id = more.pop("id", None) or uuid()
    return Session(session_id, IDS.hex24(), room.account_id, room.id, **{"started_at": NOW} | more)


def make_participant(session: Session, identity: str = "ada", **more: Any) -> Participant:
    fields = {
        "id": uuid(),
        "account_id": session.account_id,
        "room_id": session.room_id,
        "session_id": session.id,
        "server_id": UUID(int=1),
        "identity": identity,
        "name": "Ada 👩‍🚀",
        "dialect": Dialect.STREAMWISE,
        "label": "guest",
        "role": "host",
        "role_class": RoleClass.MODERATOR,
        "publish": frozenset({Source.AUDIO, Source.SCREEN}),
        "metadata": '{"x": "ß"}',
        "attributes": {"hand": "up"},
        "admission_id": None,
        "access_code_id": None,
        "joined_at": NOW,
    }
    return Participant(**fields | more)


def make_track(owner: Participant, **more: Any) -> Track:
    fields = {
        "id": uuid(),
        "account_id": owner.account_id,
        "room_id": owner.room_id,
        "session_id": owner.session_id,
        "participant_id": owner.id,
        "kind": TrackKind.VIDEO,
        "source": "camera",
        "name": "cam",
        "mime": "video/vp8",
        "muted": False,
        "started_at": NOW,
    }
    return Track(**fields | more)


def make_event(room: Room, kind: EventType = EventType.ROOM_UPDATED, **more: Any) -> Event:
    return Event(more.pop("id", None) or uuid(), room.account_id, room.id, kind, NOW, **more)


def make_message(room: Room, **more: Any) -> Message:
    fields = {
        "id": uuid(),
        "account_id": room.account_id,
        "room_id": room.id,
        "session_id": None,
        "sender_id": None,
        "sender_identity": "",
        "sender_session": "",
        "sender_name": "Zoë",
        "sender_role": "Moderator",
        "sender_updated": 0,
        "client_id": "",
        "kind": "chat",
        "mime_type": "text/plain",
        "text": "Grüße aus 北京 🎉\nzweite Zeile",
        "tags": (),
        "audience": Audience.EVERYONE,
        "audience_role": "",
        "recipients": (),
        "sent_at": NOW,
    }
    return Message(**fields | more)


def add(room: Room) -> Any:
    """A unit that stores a room."""
    return lambda tx: tx.rooms.add(room)


async def total(store: Store, tenant: Tenant) -> int:
    """How many rooms the account has, as counted and as listed."""
    page = await store.read(lambda tx: tx.rooms.search(tenant.id, RoomSearch(limit=None)))
    assert len(page.items) == page.total
    return page.total


def raw_of(tx: Transaction) -> Any:
    """SQLAlchemy's connection under a unit."""
    return tx.rooms._connection  # type: ignore[attr-defined]


def data_of(tmp_path: Path) -> Path:
    return tmp_path / "data"


def make_recording(room: Room, **more: Any) -> Recording:
    fields = {
        "id": uuid(),
        "hms_id": IDS.hex24(),
        "account_id": room.account_id,
        "room_id": room.id,
        "session_id": uuid(),
        "kind": RecordingKind.COMPOSITE,
        "layout": Layout.SIDEBAR,
        "width": 1280,
        "height": 720,
        "settings": {"meeting_url": "https://ü.example", "resolution": {"width": 1280}},
        "started_by": "peer",
        "created_at": NOW,
        "updated_at": NOW,
    }
    return Recording(**fields | more)


def make_asset(recording: Recording, **more: Any) -> RecordingAsset:
    fields = {
        "id": uuid(),
        "hms_id": IDS.hex24(),
        "account_id": recording.account_id,
        "room_id": recording.room_id,
        "session_id": recording.session_id,
        "recording_id": recording.id,
        "kind": AssetKind.COMPOSITE,
        "path": "a/b.mp4",
        "bytes": 2**40,
        "milliseconds": 90_000,
        "width": 1280,
        "height": 720,
        "sha256": "0" * 64,
        "created_at": NOW,
    }
    return RecordingAsset(**fields | more)
