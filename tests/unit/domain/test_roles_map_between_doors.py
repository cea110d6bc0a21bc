"""DESIGN section 1a, "Roles"."""

import pytest

from polyroom.domain.roles import DEFAULT_ROLES, Permissions, Role, RoleClass, Source, role_for

ALL = frozenset(Source)


@pytest.mark.parametrize(
    ("dialect", "label", "meeting", "name"),
    [
        ("streamwise", "moderator", True, "host"),
        ("streamwise", "attendee", True, "guest"),
        ("streamwise", "guest", True, "guest"),
        ("streamwise", "guest", False, "viewer"),
        ("phenix", "Audience", True, "viewer"),
        ("phenix", "Presenter", True, "guest"),
        ("telnyx", "participant", True, "guest"),
        ("livekit", "admin", True, "host"),
        ("hms", "viewer", True, "viewer"),
    ],
)
def test_labels_find_their_role(dialect: str, label: str, meeting: bool, name: str) -> None:
    role = role_for(dialect, label, room_is_meeting=meeting, roles=DEFAULT_ROLES)
    assert role is not None
    assert role.name == name


def test_unknown_labels_find_nothing() -> None:
    assert role_for("hms", "boss", room_is_meeting=True, roles=DEFAULT_ROLES) is None
    assert role_for("streamwise", "admin", room_is_meeting=True, roles=DEFAULT_ROLES) is None


def test_a_template_without_viewers_lends_a_role_with_publishing_off() -> None:
    roles = (Role("teacher", 1, ALL, Permissions(remove_others=True)), Role("pupil", 2, ALL))
    role = role_for("phenix", "Audience", room_is_meeting=True, roles=roles)
    assert role is not None
    assert (role.name, role.publish, role.role_class) == ("pupil", frozenset(), RoleClass.VIEWER)


def test_the_first_by_priority_wins() -> None:
    roles = (Role("second", 2, ALL), Role("first", 1, ALL))
    role = role_for("telnyx", "participant", room_is_meeting=True, roles=roles)
    assert role is not None
    assert role.name == "first"
