"""What bodies ask of templates and roles, in our words.

In the document's edition what an update does not name stays as it is. In the vendor's an update overwrites the whole,
as its documentation says; only roles stay where none are given, since without any nobody could come in.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from pydantic.alias_generators import to_camel

from polyroom.dialects.hms.errors import wrong_field
from polyroom.dialects.hms.parts import Part
from polyroom.dialects.hms.recording_configs import Recordings
from polyroom.dialects.hms.role_bodies import RoleBody
from polyroom.dialects.hms.roles import role_fields
from polyroom.dialects.hms.sealing import Fields, sealed_addresses, sealed_values
from polyroom.dialects.hms.template_bodies import TemplateBody
from polyroom.dialects.hms.template_settings import Destinations, Recording, Settings
from polyroom.dialects.hms.values import MASK
from polyroom.domain.errors import NotFound
from polyroom.domain.roles import DEFAULT_ROLES, Permissions, Role, Source, Template

Change = tuple[Template, Mapping[str, Any]]
Edit = Callable[[Template], Change]


def made(body: TemplateBody) -> Edit:
    """A new template, or the one of that name overwritten."""
    return lambda old: _whole(replace(old, roles=_roles(body) or DEFAULT_ROLES), body, fresh=True)


def updated(body: TemplateBody, *, sdk: bool) -> Edit:
    """An update of a template."""

    def edit(old: Template) -> Change:
        roles = _roles(body)
        new = replace(old, name=body.name or old.name, roles=old.roles if roles is None else roles)
        return _whole(new, body, fresh=sdk)

    return edit


def with_settings(body: Settings) -> Edit:
    """An update of the settings alone."""
    return lambda old: _with_settings(old, body, fresh=False)


def with_destinations(body: Destinations) -> Edit:
    """An update of the destinations alone."""
    return lambda old: _with_destinations(old, body, fresh=False)


def with_recordings(body: Recordings) -> Edit:
    """Another way of recording, instead of the one there was."""

    def edit(old: Template) -> Change:
        for number, one in enumerate(body.recordings):
            if old.role(one.role) is None:
                raise wrong_field(f"{number}.role is no role of this template")
        shown = [_dumped(one) for one in body.recordings]
        return replace(old, hms={**old.hms, "recordings": shown}), {}

    return edit


def with_role(name: str, body: RoleBody, *, sdk: bool) -> Edit:
    """One role made or changed; a name in the body renames it."""

    def edit(old: Template) -> Change:
        before = old.role(name)
        called = body.name or name
        if called != name and before is None:
            raise wrong_field("name is not the one in the path, and there is no role to be renamed")
        if called != name and old.role(called) is not None:
            raise wrong_field("name is taken by another role")
        asked = body if sdk or before is None else _overlaid(before, body)
        role = role_of(called, asked)
        others = [one for one in old.roles if one.name != name]
        return replace(old, roles=(*others, role)), {}

    return edit


def without_role(name: str) -> Edit:
    """One role less. Raises NotFound("role")."""

    def edit(old: Template) -> Change:
        if old.role(name) is None:
            raise NotFound("role")
        return replace(old, roles=tuple(one for one in old.roles if one.name != name)), {}

    return edit


def role_of(name: str, body: RoleBody) -> Role:
    """A role as the body says."""
    publish, subscribe = body.publish_params, body.subscribe_params
    receives = subscribe.subscribe_to_roles
    return Role(
        name=name,
        priority=body.priority,
        publish=frozenset(Source(one) for one in publish.allowed if one != "simulcast"),
        permissions=Permissions(**body.permissions.model_dump()),
        subscribe_to=None if receives is None else tuple(dict.fromkeys(receives)),
        max_peers=body.max_peer_count,
        max_subscribe_bitrate=subscribe.max_subs_bit_rate,
        hms={
            "publishParams": {name: value for name, value in _dumped(publish).items() if name != "allowed"},
            "subscribeDegradation": _dumped(subscribe.subscribe_degradation),
        },
    )


def _roles(body: TemplateBody) -> tuple[Role, ...] | None:
    if body.roles is None:
        return None
    for name, role in body.roles.items():
        if role.name not in {None, name}:
            raise wrong_field(f"roles.{name}.name is not the name it is given under")
    return tuple(role_of(name, role) for name, role in body.roles.items())


def _overlaid(role: Role, body: RoleBody) -> RoleBody:
    """The role as it is, changed where the body says something."""
    fields = role_fields(role, (), sdk=False)
    if role.subscribe_to is None:
        del fields["subscribeParams"]["subscribeToRoles"]
    return RoleBody.model_validate(_merged(fields, body) | {"name": role.name})


def _merged(old: Mapping[str, Any], body: Part) -> Fields:
    new = dict(old)
    for name in body.model_fields_set:
        field, value = to_camel(name), getattr(body, name)
        known = old.get(field)
        if isinstance(value, Part):
            new[field] = _merged(known if isinstance(known, dict) else {}, value)
        else:
            new[field] = value
    return new


def _whole(old: Template, body: TemplateBody, *, fresh: bool) -> Change:
    if fresh and body.settings is None:
        old, secrets = _with_settings(old, Settings(), fresh=True)
    elif body.settings is not None:
        old, secrets = _with_settings(old, body.settings, fresh=fresh)
    else:
        secrets = {}
    if fresh or body.destinations is not None:
        old, addresses = _with_destinations(old, body.destinations or Destinations(), fresh=fresh)
        secrets = {**secrets, **addresses}
    return old, secrets


def _with_destinations(old: Template, body: Destinations, *, fresh: bool) -> Change:
    had = old.hms.get("destinations", {})
    given, secrets = _given(body), Fields()
    if fresh or "rtmpDestinations" in given:
        given, secrets = sealed_addresses(given, had)
    return replace(old, hms={**old.hms, "destinations": {**({} if fresh else had), **given}}), secrets


def _with_settings(old: Template, body: Settings, *, fresh: bool) -> Change:
    had = old.hms.get("settings", {})
    given = _given(body)
    secrets: Fields = {}
    if "recording" in given:
        given["recording"], secrets = _sealed(body.recording, had.get("recording", {}))
    elif fresh:
        secrets = dict.fromkeys(("hms.upload.key", "hms.upload.secret"))
    settings = {**({} if fresh else had), **given}
    return replace(old, hms={**old.hms, "settings": settings}), secrets


def _sealed(recording: Recording, had: Mapping[str, Any]) -> tuple[Fields, Fields]:
    shown = _dumped(recording)
    credentials = recording.upload.credentials if recording.upload is not None else None
    if credentials is None:
        return shown, dict.fromkeys(("hms.upload.key", "hms.upload.secret"))
    given = {"key": credentials.key, "secret": credentials.secret_key}
    known = given.keys() if had.get("upload", {}).get("credentials") else ()
    secrets = sealed_values("hms.upload", given, dict.fromkeys(known, MASK), "recording.upload.credentials")
    shown["upload"]["credentials"] = {"key": MASK, "secretKey": MASK}
    return shown, secrets


def _given(body: Part) -> Fields:
    """What the body says itself, without what is as by default."""
    said = {to_camel(name) for name in body.model_fields_set}
    return {name: value for name, value in _dumped(body).items() if name in said}


def _dumped(part: Part) -> Fields:
    fields: Fields = part.model_dump(by_alias=True, exclude_none=True)
    return fields
