"""Templates and their roles as the vendor shows them. Source: Create template, "roles object".

Bit rates and sizes of a role that was not made through this API are the vendor's stock values.
"""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from polyroom.dialects.hms.sealing import hidden_address
from polyroom.dialects.hms.times import in_milliseconds
from polyroom.domain.account import Account
from polyroom.domain.roles import Permissions, Role, Source, Template

Fields = dict[str, Any]

_DEGRADATION = {"packetLossThreshold": 25, "degradeGracePeriodSeconds": 1, "recoverGracePeriodSeconds": 4}
_LAYERS = [("f", 1, 700), ("h", 2, 350), ("q", 4, 100)]
_TWINS = {"customerId": "customer_id", "appId": "app_id", "createdAt": "created_at", "updatedAt": "updated_at"}


def template_fields(template: Template, account: Account, *, sdk: bool) -> Fields:
    """A template: in the document's names, for the vendor's packages in both spellings."""
    plain: Fields = {
        "id": template.hms_id,
        "name": template.name,
        "customer_id": account.hms_customer_id,
        "roles": {role.name: role_fields(role, template.roles, sdk=sdk) for role in ordered(template.roles)},
        "settings": settings_fields(template),
        "destinations": destinations_fields(template),
        "created_at": in_milliseconds(template.created_at),
        "updated_at": in_milliseconds(template.updated_at),
    }
    if not sdk:
        return plain
    plain |= {
        "app_id": account.hms_customer_id,
        "default": template.is_default,
        "customer": account.hms_customer_id,
        "_id": template.hms_id,
        "plugins": {},
    }
    return plain | {camel: plain[snake] for camel, snake in _TWINS.items()}


def settings_fields(template: Template) -> Fields:
    """A template's settings, whole."""
    usual: Fields = {
        "region": "auto",
        "recording": None,
        "roomState": {"messageInterval": 5, "sendPeerList": False, "stopRoomStateOnJoin": True, "enabled": False},
    }
    return {**usual, **template.hms.get("settings", {}), "retry": {}}


def destinations_fields(template: Template) -> Fields:
    """A template's destinations, those of each kind by their names."""
    destinations: Fields = dict(template.hms.get("destinations", {}))
    if "rtmpDestinations" in destinations:
        rtmp = destinations["rtmpDestinations"]
        destinations["rtmpDestinations"] = {
            name: {**one, **({"rtmpUrls": [*map(hidden_address, one["rtmpUrls"])]} if "rtmpUrls" in one else {})}
            for name, one in rtmp.items()
        }
    return destinations


def role_fields(role: Role, all_roles: Sequence[Role], *, sdk: bool) -> Fields:
    """A role of a template with these roles. The vendor's own pages know no permission to send messages."""
    allowed = [source.value for source in (Source.AUDIO, Source.VIDEO, Source.SCREEN) if source in role.publish]
    receives = [one.name for one in ordered(all_roles) if one.publish]
    if role.subscribe_to is not None:
        receives = list(role.subscribe_to)
    return {
        "name": role.name,
        "publishParams": {"allowed": allowed, **(role.hms.get("publishParams") or _stock_params())},
        "subscribeParams": {
            "subscribeToRoles": receives,
            "maxSubsBitRate": role.max_subscribe_bitrate,
            "subscribeDegradation": role.hms.get("subscribeDegradation", _DEGRADATION),
        },
        "permissions": {
            _camel(one.name): getattr(role.permissions, one.name)
            for one in fields(Permissions)
            if not (sdk and one.name == "send_message")
        },
        "priority": role.priority,
        "maxPeerCount": role.max_peers,
    }


def _stock_params() -> Fields:
    return {
        "audio": {"bitRate": 32, "codec": "opus"},
        "video": {"bitRate": 300, "codec": "vp8", "frameRate": 30, "width": 480, "height": 360},
        "screen": {"bitRate": 1024, "codec": "vp8", "frameRate": 10, "width": 1920, "height": 1080},
        "simulcast": {"video": {"layers": [_layer(*layer) for layer in _LAYERS]}, "screen": {}},
    }


def ordered(roles: Sequence[Role]) -> list[Role]:
    """Highest first."""
    return sorted(roles, key=lambda role: (role.priority, role.name))


def _layer(rid: str, scale: int, bitrate: int) -> Fields:
    return {"rid": rid, "scaleResolutionDownBy": scale, "maxBitrate": bitrate, "maxFramerate": 25}


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(other.capitalize() for other in others)
