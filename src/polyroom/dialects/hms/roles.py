"""Templates and their roles as the vendor shows them. Source: Create template, "roles object".

A role of ours says who may publish what and do what; bit rates and sizes are the vendor's stock values.
"""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from polyroom.dialects.hms.times import in_milliseconds
from polyroom.domain.account import Account
from polyroom.domain.roles import Permissions, Role, Source, Template

Fields = dict[str, Any]

_LAYERS = [("f", 1, 700), ("h", 2, 350), ("q", 4, 100)]
_TWINS = {"customerId": "customer_id", "appId": "app_id", "createdAt": "created_at", "updatedAt": "updated_at"}


def template_fields(template: Template, account: Account, *, sdk: bool) -> Fields:
    """A template: in the document's names, for the vendor's packages in both spellings."""
    settings: Fields = {
        "region": "auto",
        "recording": None,
        "roomState": {"messageInterval": 5, "sendPeerList": False, "stopRoomStateOnJoin": True, "enabled": False},
        "retry": {},
    }
    plain: Fields = {
        "id": template.hms_id,
        "name": template.name,
        "customer_id": account.hms_customer_id,
        "roles": {role.name: role_fields(role, template.roles) for role in ordered(template.roles)},
        "settings": settings,
        "destinations": {},
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


def role_fields(role: Role, all_roles: Sequence[Role]) -> Fields:
    """A role of a template with these roles."""
    allowed = [source.value for source in (Source.AUDIO, Source.VIDEO, Source.SCREEN) if source in role.publish]
    return {
        "name": role.name,
        "publishParams": {
            "allowed": allowed,
            "audio": {"bitRate": 32, "codec": "opus"},
            "video": {"bitRate": 300, "codec": "vp8", "frameRate": 30, "width": 480, "height": 360},
            "screen": {"bitRate": 1024, "codec": "vp8", "frameRate": 10, "width": 1920, "height": 1080},
            "simulcast": {"video": {"layers": [_layer(*layer) for layer in _LAYERS]}, "screen": {}},
        },
        "subscribeParams": {
            "subscribeToRoles": [one.name for one in ordered(all_roles) if one.publish],
            "maxSubsBitRate": 3200,
            "subscribeDegradation": {
                "packetLossThreshold": 25,
                "degradeGracePeriodSeconds": 1,
                "recoverGracePeriodSeconds": 4,
            },
        },
        "permissions": {_camel(one.name): getattr(role.permissions, one.name) for one in fields(Permissions)},
        "priority": role.priority,
        "maxPeerCount": 0,
    }


def ordered(roles: Sequence[Role]) -> list[Role]:
    """Highest first."""
    return sorted(roles, key=lambda role: (role.priority, role.name))


def _layer(rid: str, scale: int, bitrate: int) -> Fields:
    return {"rid": rid, "scaleResolutionDownBy": scale, "maxBitrate": bitrate, "maxFramerate": 25}


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(other.capitalize() for other in others)
